"""What the courier's jobs share: the outbox, the renderer, Slack, and the two ways to wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.direct_messages import DirectMessages
from bot.fallbacks import Fallback, is_member
from bot.outage import Gate
from bot.pacing import Bucket, Pacer
from bot.rendering import Card, Renderer
from bot.slack_errors import MISSING_SCOPE, TOKEN, Ambiguous, Permanent, RateLimited, SlackError, Unreachable
from bot.slack_out import SlackOut
from bot.threads import Blocking
from bot.times import Machine
from complaints.ports import Outbox, OutboxRow, Reader

log = structlog.get_logger(__name__)

LEASE_SECONDS = 60.0
LOOK_BACK = timedelta(days=1)
TOKEN_PAUSE_SECONDS = 60.0
VISIT_CARDS = ("approval", "callback", "card")
HOME_CARD = "home"
CASE_CARDS = (HOME_CARD, "reporter")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a message goes."""

    channel: str
    thread_ts: str | None = None


@dataclass
class Figures:
    """What was done since the start, for the metrics."""

    posted: int = 0
    refreshed: int = 0
    gone: int = 0
    found: int = 0
    limited: int = 0
    ambiguous: int = 0
    unreachable: int = 0
    uncertain: int = 0
    undelivered: int = 0
    faults: int = 0


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The courier's surroundings. *call* runs blocking functions; *updates* is what `chat.update` may use."""

    outbox: Outbox
    renderer: Renderer
    reader: Reader
    slack: SlackOut
    fallback: Fallback
    pacer: Pacer
    updates: Bucket
    dms: DirectMessages
    gate: Gate
    machine: Machine
    call: Blocking
    lease_seconds: float = LEASE_SECONDS
    figures: Figures = field(default_factory=Figures)
    pauses: dict[int, float] = field(default_factory=dict)
    """Cards that could not be refreshed, with the length of their last pause."""

    def conversation(self, address: str) -> str:
        """Return the channel behind *address* as far as it is known: a member's direct message channel."""
        return self.slack.known_dm(address) or address if is_member(address) else address

    async def place_of(self, row: OutboxRow) -> Place | None:
        """
        Return where *row* goes, or None while its parent card is still to be posted. Where no such card comes any more (it
        could not be delivered, or never was one for this reader), the row stands by itself. Raises a `SlackError`.
        """
        if row.thread is not None:
            parent = await self.parent(row)
            if parent is None and await self._comes(row):
                return None
            parent = parent or await self.parent(row)  # it may have been posted meanwhile
            if parent is not None:
                return Place(channel=parent[0], thread_ts=parent[1])
        if is_member(row.to):
            return Place(channel=await self.dms.open(row.to))
        return Place(channel=row.to)

    async def _comes(self, row: OutboxRow) -> bool:
        kinds = (str(row.thread),) if row.thread in CASE_CARDS else VISIT_CARDS
        return row.case_id is not None and await self.call(self.outbox.is_to_come, row, kinds)

    async def parent(self, row: OutboxRow) -> tuple[str, str] | None:
        """Return (channel, ts) of the card under which *row* goes, or None while that is not posted."""
        if row.case_id is None:
            return None
        if row.thread in CASE_CARDS:
            return await self.call(self.reader.card, row.case_id, row.thread)
        for kind in VISIT_CARDS:
            found = await self.call(self.reader.card, row.case_id, kind, row.visit, row.to)
            if found is not None:
                return found
        return None

    async def look_up(self, row: OutboxRow, place: Place, since: datetime, after: float) -> str | None:
        """
        Return the ts of the message of *row*, or None when it is not there. Raises a `SlackError`.

        *since*: when it was first tried. If that lies ahead, the clock was wrong then, and a day is looked through.
        """
        now = self.machine.now()
        since = since if since <= now else now - LOOK_BACK
        ts = await self.slack.find(place.channel, row.key, since, place.thread_ts, after=after)
        self.gate.answered()
        self.figures.found += ts is not None
        return ts

    async def shown(self, row: OutboxRow, channel: str, ts: str, card: Card) -> None:
        """Record that the message of *row* stands at *channel*, *ts*."""
        await self.call(
            self.outbox.posted, row, channel=channel, ts=ts, digest=card.digest,
            shown_seq=card.shown_seq, now=self.machine.now(),
        )  # fmt: skip
        self.figures.posted += 1

    async def unreadable(self, row: OutboxRow, error: Permanent) -> None:
        """
        The message of *row* can't be looked up. While Slack refuses the token itself that is no answer about the message, and
        nobody could be told: it is left to the next claim. A permission that is missing is the desk officer's to know.
        """
        if error.kind != TOKEN or error.error == MISSING_SCOPE:
            await self.uncertain(row, error)
            return
        log.warning("could not look it up, left to the next claim", row=row.id, case=row.case_id, error=error.error)
        self.note(error, row.to)

    async def uncertain(self, row: OutboxRow, error: Permanent) -> None:
        """Record that nobody can tell whether the message of *row* is shown."""
        log.error("nobody can tell whether it was shown", row=row.id, case=row.case_id, to=row.to, error=error.error)
        self.figures.uncertain += 1
        await self.call(self.outbox.uncertain, row, error=error.error, told=self.fallback.doubt(row))

    def later(self, seconds: float) -> datetime:
        return self.machine.now() + timedelta(seconds=seconds)

    def note(self, error: SlackError, channel: str, *, update: bool = False) -> None:
        """Take an error into the pacing and the gate."""
        match error:
            case RateLimited():
                self.figures.limited += 1
                self.gate.answered()
                if update:
                    self.updates.pause(self.machine.monotonic(), error.retry_after)
                else:
                    self.pacer.pause(channel, error.retry_after)
            case Unreachable():
                self.figures.unreachable += 1
                self.gate.failed(str(error))
            case Ambiguous():
                self.figures.ambiguous += 1
                self.gate.failed(str(error))
            case Permanent(kind=kind):
                self.gate.answered()
                if kind == TOKEN:
                    self.gate.block(error.error, TOKEN_PAUSE_SECONDS)
