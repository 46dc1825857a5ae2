"""Rows in doubt: a process died while it sent them, or could not find out. They are looked up, never sent as they are."""

from __future__ import annotations

import asyncio

import structlog

from bot.delivery import Delivery
from bot.rendering import Card
from bot.slack_errors import Permanent, SlackError
from complaints.ports import OutboxRow

log = structlog.get_logger(__name__)

SENDING = "sending"
AT_ONCE = 8
FOUND_AGAIN = Card(text="", blocks=(), digest="", shown_seq=0)
"""Nobody knows how a message looked that was found again; if it is a live card, it is drawn anew."""


class Doubts:
    """
    Settles rows in doubt beside the lanes: found is posted, not found is pending again.

    What can't be settled now is left to its lease: it comes again as a row in doubt.
    """

    def __init__(self, delivery: Delivery) -> None:
        self._d = delivery
        self._room = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def take(self, row: OutboxRow) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(row, self._d.machine.monotonic()))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _guarded(self, row: OutboxRow, claimed: float) -> None:
        async with self._room:
            try:
                await self._settle(row, claimed)
            except SlackError as error:
                ids = {"row": row.id, "case": row.case_id, "to": row.to}
                log.warning("could not look it up, left to the next claim", error=str(error), **ids)
            except Exception as error:
                self._d.figures.faults += 1
                log.error("could not settle a row in doubt", exc_info=error, row=row.id, case=row.case_id)

    async def _settle(self, row: OutboxRow, claimed: float) -> None:
        """Its last sender had a lease that ran out before *claimed* (monotonic): any look since then will do."""
        try:
            place = await self._d.place_of(row)
            ts = None  # without a place it can't have been sent
            if place is not None:
                ts = await self._d.look_up(row, place, row.sent_from or self._d.machine.now(), claimed)
        except Permanent as error:
            await self._d.unreadable(row, error)
            return
        if place is not None and ts is not None:
            await self._d.shown(row, place.channel, ts, FOUND_AGAIN)
        else:
            await self._d.call(
                self._d.outbox.retry, row, at=self._d.machine.now(), error="not shown by its last sender", counts=True
            )
