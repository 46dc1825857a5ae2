"""Sending one outbox row: at most one post for each claim, and exactly one outcome recorded."""

from __future__ import annotations

from datetime import datetime

import structlog

from bot.delivery import Delivery, Place
from bot.rendering import Card, Nothing, NotReady
from bot.slack_errors import MESSAGE, TOKEN, Ambiguous, NoDirectMessages, Permanent, RateLimited, SlackError
from bot.slack_out import TIMEOUT_SECONDS
from complaints.ports import OutboxRow

log = structlog.get_logger(__name__)

WAIT_OUT_SECONDS = 10.0
LONGEST_BACKOFF_SECONDS = 15.0
MOST_ATTEMPTS = 12
LAST_RESORT_SECONDS = 600.0
"""So long until the desk officer is tried again: what can be told to nobody else waits for him."""


def key_of(row: OutboxRow) -> str:
    return f"row {row.id}"


class MessageJob:
    """
    Posts the message of *row*.

    An ambiguous send is waited out and looked up; what can't be settled within the lease is left to it: the row
    is claimed again as one in doubt (`doubts`).
    """

    is_claimed = True

    def __init__(self, row: OutboxRow, delivery: Delivery, address: str) -> None:
        self.row, self._d, self._address = row, delivery, address
        self.key = key_of(row)
        self.rank = (row.priority * 10, row.id)
        self.ids: dict[str, object] = {"row": row.id, "case": row.case_id, "kind": row.kind, "to": row.to}
        self._claimed_at, self._claimed = delivery.machine.now(), delivery.machine.monotonic()
        self._place: Place | None = None
        self._card: Card | None = None

    # --- before its turn ----------------------------------------------------------------------------------

    async def prepare(self) -> bool:
        try:
            self._place = await self._d.place_of(self.row)
            if self._place is None:
                await self._postpone(2.0, "its parent card is not posted yet")
                return False
            return await self._draw()
        except SlackError as error:
            await self._failed(error)
            return False

    async def _draw(self) -> bool:
        shown = await self._d.call(self._d.renderer.render, self.row)
        match shown:
            case Card():
                self._card = shown
                return True
            case NotReady():
                await self._postpone(shown.seconds, shown.why)
            case Nothing():
                log.info("nothing to tell any more", why=shown.why, **self.ids)
                await self._d.call(self._d.outbox.nothing, self.row, why=shown.why)
        return False

    def wait(self) -> float:
        return self._d.pacer.wait(self._d.conversation(self._address))

    def take(self) -> None:
        self._d.pacer.take(self._d.conversation(self._address))

    # --- its turn -----------------------------------------------------------------------------------------

    async def send(self) -> None:
        assert self._place is not None
        assert self._card is not None
        if self._lease_left() < TIMEOUT_SECONDS + 2:
            log.info("lease too short to send, left to the next claim", **self.ids)
            return
        started, began, place = self._d.machine.now(), self._d.machine.monotonic(), self._place
        try:
            posted = await self._d.slack.post(
                place.channel, text=self._card.text, blocks=self._card.blocks, key=self.row.key,
                thread_ts=place.thread_ts, broadcast=self._card.broadcast,
            )  # fmt: skip
        except Ambiguous as error:
            self._d.note(error, self._address)
            await self._settle(place, started, began, error)
        except SlackError as error:
            await self._failed(error)
        else:
            self._d.gate.answered()
            self._d.pacer.got_through()
            await self._d.shown(self.row, posted.channel, posted.ts, self._card)

    async def _settle(self, place: Place, started: datetime, began: float, error: Ambiguous) -> None:
        """Find out whether an unanswered post was done, and record that."""
        log.info("no answer to a post, it will be looked up", error=str(error), **self.ids)
        await self._d.machine.sleep(WAIT_OUT_SECONDS - (self._d.machine.monotonic() - began))
        try:
            ts = await self._d.look_up(self.row, place, self.row.sent_from or started, self._d.machine.monotonic())
        except Permanent as unreadable:
            await self._d.unreadable(self.row, unreadable)
            return
        except SlackError as still:
            log.warning("could not look it up, left to the next claim", error=str(still), **self.ids)
            return
        if ts is not None:
            assert self._card is not None
            await self._d.shown(self.row, place.channel, ts, self._card)
        elif self._lease_left() > 0:
            await self._again(error)

    def _lease_left(self) -> float:
        """Return the seconds left of our claim, by what went further: the clock may be set back, the seconds stand while a machine sleeps."""
        by_the_clock = (self._d.machine.now() - self._claimed_at).total_seconds()
        return self._d.lease_seconds - max(by_the_clock, self._d.machine.monotonic() - self._claimed)

    # --- outcomes -----------------------------------------------------------------------------------------

    async def _failed(self, error: SlackError) -> None:
        self._d.note(error, self._d.conversation(self._address))
        match error:
            case RateLimited():
                await self._postpone(error.retry_after, str(error))
            case NoDirectMessages():
                await self._postpone(error.seconds, str(error))
            case Permanent(kind=kind) if kind != TOKEN:
                await self._undelivered(error)
            case Permanent():
                await self._postpone(1.0, error.error)
            case _:  # nothing was posted: opening the conversation failed, or no connection was made
                await self._postpone(min(LONGEST_BACKOFF_SECONDS, 2.0 * (self.row.attempts + 1)), str(error))

    async def _again(self, error: SlackError) -> None:
        if self.row.attempts >= MOST_ATTEMPTS:
            await self._undelivered(Permanent(str(error), MESSAGE))
            return
        await self._d.call(
            self._d.outbox.retry, self.row, at=self._d.later(2.0 * self.row.attempts), error=str(error), counts=True
        )

    async def _postpone(self, seconds: float, why: str) -> None:
        await self._d.call(self._d.outbox.retry, self.row, at=self._d.later(seconds), error=why, counts=False)

    async def _undelivered(self, error: Permanent) -> None:
        """Send it another way; without one it waits, unless Slack refuses the message itself."""
        instead = self._d.fallback(self.row, error)
        report = log.warning if instead else log.error
        report("not deliverable", error=error.error, instead=[n.to for n in instead], **self.ids)
        self._d.figures.undelivered += 1
        if not instead and error.kind != MESSAGE:
            await self._postpone(LAST_RESORT_SECONDS, error.error)
            return
        await self._d.call(self._d.outbox.failed, self.row, error=error.error, instead=instead)

    async def give_back(self) -> None:
        await self._postpone(0.0, "given back")
