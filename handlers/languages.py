"""Who reads which language, and who is a guest: remembered from `users.info`, filled in the background."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from slack_sdk.errors import SlackClientError

from handlers.payloads import whole
from handlers.texts import slack_locale

log = structlog.get_logger(__name__)

KEPT_SECONDS = 12 * 3600.0
MOST_PEOPLE = 20_000
WAIT_SECONDS = 0.8
SLACKBOT = "USLACKBOT"
"""An app's account of which `users.info` does not say so."""
MET_AT_ONCE, MEET_SECONDS, MEET_LATER_SECONDS = 40, 0.02, 0.7


class SlackCalls(Protocol):
    """The part of `slack_sdk.web.async_client.AsyncWebClient` that the conversation uses."""

    async def api_call(self, api_method: str, *, http_verb: str = "POST", **how: Any) -> Any: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """
    What Slack says about a person, and when (machine time, seconds) we asked. *is_guest*: a guest, of another workspace,
    or nobody that Slack knows here; *is_gone*: deactivated; *is_bot*: the account of an app.
    """

    language: str
    is_guest: bool
    asked_at: float
    name: str = ""
    is_gone: bool = False
    is_bot: bool = False


Home = tuple[str | None, str | None]  # our workspace, and our organisation where there is one


def _anywhere() -> Home:
    return None, None


@dataclass
class Languages:
    """
    A cache of people. An unknown person reads *default* at first; the answer of Slack is used from then on.

    *seconds*: the machine's clock; nothing here decides anything in the procedure. *home*: the workspace that we are
    installed in; nobody of another one belongs here, however the channel is shared.
    """

    slack: SlackCalls
    default: Callable[[], str]
    seconds: Callable[[], float] = time.monotonic
    home: Callable[[], Home] = _anywhere
    _known: dict[str, Known] = field(default_factory=dict)
    _asking: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def of(self, member: str) -> str:
        """Return the language that *member* reads, at once; ask Slack in the background when it is not known."""
        if self._age(member) > KEPT_SECONDS:
            self._ask(member)
        known = self._known.get(member)
        return known.language if known else self.default()

    async def meet(self, members: Iterable[str], sleep: Callable[[float], Awaitable[None]]) -> None:
        """Ask for people before they come, so that their first form is in their language; no faster than Slack allows."""
        for number, member in enumerate(members):
            self.of(member)
            await sleep(MEET_SECONDS if number < MET_AT_ONCE else MEET_LATER_SECONDS)

    async def known(self, member: str) -> str:
        """Return the language that *member* reads, waiting a moment for Slack's answer when it is not known."""
        self.of(member)
        if member not in self._known and (task := self._asking.get(member)) is not None:
            await asyncio.wait({task}, timeout=WAIT_SECONDS)
        return self.of(member)

    async def is_guest(self, member: str, *, wait: bool) -> bool:
        """Say whether *member* is a guest or from outside; *wait* a moment for Slack's answer, else say no."""
        known = await self.who(member, wait=wait)
        return known.is_guest if known else False

    async def who(self, member: str, *, wait: bool, within: float | None = None) -> Known | None:
        """
        Return what Slack says about *member*; *wait* a moment for its answer. None while it says nothing.

        *within*: what was heard longer ago (machine time, seconds) is asked again, and holds only where no answer comes; None:
        whatever is known holds.
        """
        self.of(member)
        if member in self._known and (within is None or self._age(member) <= within):
            return self._known[member]
        self._ask(member)
        if wait:
            await asyncio.wait({self._asking[member]}, timeout=WAIT_SECONDS)
        return self._known.get(member)

    def is_elsewhere(self, team: str | None) -> bool:
        """
        Say whether *team* is another workspace than ours.

        In an organisation people may carry another of its workspaces; who is of the organisation is asked of Slack.
        """
        ours, organisation = self.home()
        return None not in (ours, team) and organisation is None and team != ours

    def name(self, member: str) -> str:
        """Return the person's name where we know it, "" where not."""
        known = self._known.get(member)
        return known.name if known else ""

    def learn(
        self, member: str, *, locale: str | None, name: str = "",
        is_guest: bool = False, is_gone: bool = False, is_bot: bool = False,
    ) -> None:  # fmt: skip
        """Remember a person whom another part of the program has just read."""
        if len(self._known) >= MOST_PEOPLE:
            self._known.pop(next(iter(self._known)))
        language = slack_locale(locale) if locale else self.default()
        self._known[member] = Known(
            language=language, asked_at=self.seconds(), name=name, is_guest=is_guest, is_gone=is_gone, is_bot=is_bot
        )

    async def settle(self) -> None:
        """Wait for the questions under way (tests, shutdown)."""
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    def _age(self, member: str) -> float:
        """Return how long ago (seconds) Slack was heard about *member*; infinite for a stranger."""
        known = self._known.get(member)
        return self.seconds() - known.asked_at if known is not None else math.inf

    def _ask(self, member: str) -> None:
        if member not in self._asking:
            task = asyncio.get_running_loop().create_task(self._fetch(member))
            self._asking[member] = task
            task.add_done_callback(lambda _: self._asking.pop(member, None))

    async def _fetch(self, member: str) -> None:
        try:
            answer = await self.slack.api_call(
                "users.info", http_verb="GET", params={"user": member, "include_locale": "true"}
            )
        except (SlackClientError, OSError, TimeoutError) as error:
            if _says_nobody(error):
                self.learn(member, locale=None, is_guest=True)
            else:
                log.info("language not known yet", member=member, error=type(error).__name__)
            return
        user = answer["user"] or {}
        guest = any(user.get(k) for k in ("is_restricted", "is_ultra_restricted", "is_stranger"))
        name = whole(str(user.get("real_name") or user.get("name") or ""))
        self.learn(
            member, locale=user.get("locale"), is_guest=guest or self._is_foreign(user), name=name,
            is_gone=bool(user.get("deleted")), is_bot=bool(user.get("is_bot")) or member == SLACKBOT,
        )  # fmt: skip

    def _is_foreign(self, user: Mapping[str, Any]) -> bool:
        """
        Say whether Slack's *user* is of another workspace or organisation.

        `is_stranger` does not say it: it is false for people of other workspaces who share a channel with us.
        """
        ours, organisation = self.home()
        team = user.get("team_id")
        if None in (ours, team) or team == ours:
            return False
        return organisation is None or (user.get("enterprise_user") or {}).get("enterprise_id") != organisation


def _says_nobody(error: Exception) -> bool:
    """Say whether Slack knows nobody of that id here, or none that it shows us."""
    answer = getattr(getattr(error, "response", None), "data", getattr(error, "response", None))
    return isinstance(answer, dict) and answer.get("error") in ("user_not_found", "user_not_visible")
