"""Looking through a conversation for messages of ours by the keys that they carry."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.slack_errors import Ambiguous

EVENT_TYPE = "redress_message"
MOST_PAGES = 50
KEPT_SECONDS = 60.0
ReadPage = Callable[[str, str | None, float, str | None], Awaitable[Any]]
Where = tuple[str, str | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """Key to ts of our messages since *oldest* (Slack's seconds). *began*: monotonic seconds."""

    began: float
    oldest: float
    found: dict[str, str]


class Looks:
    """
    Reads conversations back to an instant. Rows that ask at the same time share a look: after a crash many rows of
    one channel are in doubt, and fifty look-ups a minute is all that Slack allows.
    """

    def __init__(self, read_page: ReadPage, monotonic: Callable[[], float]) -> None:
        self._read_page, self._monotonic = read_page, monotonic
        self._last: dict[Where, Look] = {}
        self._locks: dict[Where, asyncio.Lock] = {}

    async def find(
        self, channel: str, key: str, oldest: float, thread_ts: str | None, after: float | None
    ) -> str | None:
        """Return the ts under which *key* stands, or None when it certainly stands nowhere since *oldest*."""
        where = (channel, thread_ts)
        async with self._locks.setdefault(where, asyncio.Lock()):
            last = self._last.get(where)
            if last is None or after is None or last.began < after or last.oldest > oldest:
                last = await self._look(channel, thread_ts, oldest)
                self._keep(where, last)
        return last.found.get(key)

    def _keep(self, where: Where, look: Look) -> None:
        now = self._monotonic()
        self._last = {w: seen for w, seen in self._last.items() if now - seen.began < KEPT_SECONDS}
        self._locks = {w: lock for w, lock in self._locks.items() if w in self._last or lock.locked()}
        self._last[where] = look

    async def _look(self, channel: str, thread_ts: str | None, oldest: float) -> Look:
        began, found = self._monotonic(), dict[str, str]()
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._read_page(channel, thread_ts, oldest, cursor)
            messages = page.get("messages")
            if not isinstance(messages, list):
                raise Ambiguous("answer without messages")
            found |= {key: str(m["ts"]) for m in messages if (key := _key_of(m)) is not None}
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor or (thread_ts is None and _is_before(messages, oldest)):
                return Look(began=began, oldest=oldest, found=found)
        raise Ambiguous("too many messages to look through")


def _key_of(message: Any) -> str | None:
    metadata = message.get("metadata") if isinstance(message, dict) else None
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT_TYPE:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return key if isinstance(key, str) else None


def _is_before(messages: list[Any], oldest: float) -> bool:
    """Tell whether the page reached back beyond *oldest* (pages of a channel run from the newest back)."""
    return bool(messages) and float(messages[-1].get("ts", 0)) < oldest
