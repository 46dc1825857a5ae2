"""The way to Slack: few calls, one try each, and narrow errors (`slack_errors`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.hosts import is_loopback
from bot.looks import EVENT_TYPE, Looks
from bot.pacing import MethodPaces
from bot.slack_errors import MESSAGE, Ambiguous, Permanent, RateLimited, read_error

T = TypeVar("T")

TIMEOUT_SECONDS = 10
LONGEST_TEXT = 40_000
LONGEST_UPDATE_TEXT = 4_000
MOST_BLOCKS = 50
PAGE = 100
CLOCK_SKEW = timedelta(seconds=60)


@dataclass(frozen=True, kw_only=True, slots=True)
class Posted:
    """Where a message stands."""

    channel: str
    ts: str


def make_client(token: str | None, api_url: str, session: aiohttp.ClientSession | None = None) -> AsyncWebClient:
    """
    Return a client that tries each call once.

    Retries are the courier's business: the SDK's own would show cards twice (PERFORMANCE §5). A Slack on this
    machine is never reached through a proxy.
    """
    client = AsyncWebClient(token=token, base_url=api_url, timeout=TIMEOUT_SECONDS, session=session, retry_handlers=[])
    if is_loopback(api_url):
        client.proxy = None
    return client


def make_session() -> aiohttp.ClientSession:
    """Return the session that all calls share; to be made in the running loop."""
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))


class SlackOut:
    """What the courier does in Slack. Each function raises a `SlackError` or has done its work."""

    def __init__(self, client: AsyncWebClient, paces: MethodPaces | None = None) -> None:
        self._client = client
        self._paces = paces or MethodPaces()
        self._dms: dict[str, str] = {}
        self._opening: dict[str, asyncio.Lock] = {}
        self._looks = Looks(self._page, self._paces.monotonic)

    async def post(
        self, channel: str, *, text: str, blocks: Sequence[Any], key: str, thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> Posted:  # fmt: skip
        """Post a message that carries *key*, so that it can be found again."""
        _refuse_too_long(text, LONGEST_TEXT, blocks)
        answer = await narrow(
            lambda: self._client.chat_postMessage(
                channel=channel, text=text, blocks=list(blocks) or None, thread_ts=thread_ts,
                reply_broadcast=True if broadcast and thread_ts else None,
                unfurl_links=False, unfurl_media=False,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
            )
        )  # fmt: skip
        return Posted(channel=_text(answer, "channel"), ts=_text(answer, "ts"))

    async def update(self, channel: str, ts: str, *, text: str, blocks: Sequence[Any]) -> None:
        """Rewrite a message. Its metadata is left out and so stays."""
        _refuse_too_long(text, LONGEST_UPDATE_TEXT, blocks)
        await narrow(lambda: self._client.chat_update(channel=channel, ts=ts, text=text, blocks=list(blocks)))

    async def ephemeral(
        self,
        channel: str,
        member: str,
        *,
        text: str,
        blocks: Sequence[Any] = (),
        thread_ts: str | None = None,
    ) -> None:
        """Show a message to one person only, while that person is there."""
        await narrow(
            lambda: self._client.chat_postEphemeral(
                channel=channel, user=member, text=text, blocks=list(blocks) or None, thread_ts=thread_ts
            )
        )

    async def open_dm(self, member: str) -> str:
        """Return the id of the direct message channel with *member*."""
        async with self._opening.setdefault(member, asyncio.Lock()):
            if member not in self._dms:
                answer = await self._paced("conversations.open", lambda: self._client.conversations_open(users=member))
                channel = answer.get("channel")
                if not isinstance(channel, dict) or not isinstance(channel.get("id"), str):
                    raise Ambiguous("answer without channel")
                self._dms[member] = channel["id"]
        return self._dms[member]

    def known_dm(self, member: str) -> str | None:
        return self._dms.get(member)

    async def find(
        self, channel: str, key: str, since: datetime, thread_ts: str | None = None, *, after: float | None = None
    ) -> str | None:
        """
        Return the ts of the message that carries *key*, or None when it is certainly not there.

        *since*: machine time of the first attempt; a minute more is looked through for clocks that differ. *after*:
        a look at the conversation that another row had since then (monotonic seconds) is good enough.
        """
        return await self._looks.find(channel, key, (since - CLOCK_SKEW).timestamp(), thread_ts, after)

    async def _page(self, channel: str, thread_ts: str | None, oldest: float, cursor: str | None) -> Any:
        """Read a page: of the channel from the newest back, of a thread from *oldest* on."""
        more: dict[str, Any] = {"channel": channel, "limit": PAGE, "cursor": cursor}
        more["include_all_metadata"] = True
        if thread_ts:
            return await self._paced(
                "conversations.replies",
                lambda: self._client.conversations_replies(ts=thread_ts, oldest=f"{oldest:.6f}", **more),
            )
        return await self._paced("conversations.history", lambda: self._client.conversations_history(**more))

    async def answers(self) -> bool:
        """Tell whether Slack answers at all (the probe after an outage)."""
        try:
            await narrow(self._client.api_test)
        except Permanent:
            return True
        except Exception:
            return False
        return True

    async def _paced(self, method: str, ask: Callable[[], Awaitable[T]]) -> T:
        await self._paces.turn(method)
        try:
            return await narrow(ask)
        except RateLimited as limited:
            self._paces.pause(method, limited.retry_after)
            raise


async def narrow(ask: Callable[[], Awaitable[T]]) -> T:
    """Await a call and turn what goes wrong on the way into a `SlackError`."""
    try:
        return await asyncio.wait_for(ask(), TIMEOUT_SECONDS + 1)
    except Exception as error:
        meant = read_error(error)
        if meant is None:
            raise
        raise meant from None


def _refuse_too_long(text: str, longest: int, blocks: Sequence[Any]) -> None:
    if len(text) > longest:
        raise Permanent("msg_too_long", MESSAGE)
    if len(blocks) > MOST_BLOCKS:
        raise Permanent("too_many_blocks", MESSAGE)
    if not text.strip():
        raise Permanent("no_text", MESSAGE)


def _text(answer: Any, name: str) -> str:
    """Return a text of an answer; a success without it is no success that one could build on."""
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise Ambiguous(f"answer without {name}")
    return value
