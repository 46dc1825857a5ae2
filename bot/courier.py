"""The courier: takes what the record wants told to Slack, at the pace Slack allows, each message once."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from bot.delivery import LEASE_SECONDS, Delivery, Figures
from bot.direct_messages import DirectMessages
from bot.doubts import SENDING, Doubts
from bot.fallbacks import Fallback
from bot.lanes import Lane
from bot.messages import MessageJob, key_of
from bot.outage import Gate
from bot.pacing import CHANNEL_SECONDS, UPDATES, MethodPaces, Pacer
from bot.refreshes import RefreshJob
from bot.rendering import Renderer
from bot.slack_out import SlackOut
from bot.threads import Blocking, Threads, where_waits
from bot.times import Machine, SystemMachine, is_cancelled, wait_until_set
from complaints.ports import Clock, Outbox, OutboxRow, Reader

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 1.0
LEAST_GAP_SECONDS, MOST_GAP_SECONDS = 0.05, 0.25
REST = 4
"""After each look at the outbox the courier rests so many times as long as it took: clicks go first when it is busy."""
AHEAD_SECONDS = 0.15
"""A row is claimed so long before its turn, no earlier: what is more urgent by then goes first."""
MOST_ROWS = 100
MOST_CARDS = 20
MOST_CARDS_LOOKED_AT = 100
"""Slack takes some fifty rewritings a minute: to have more of them in hand only costs those who click."""
THREADS = 8
WATCH_SECONDS, PATIENCE = 10.0, 18
"""So often it is looked whether the courier still comes to an end of its looks, and so often in a row it may not: longer than any of its waits."""


class Courier:
    """
    Sends outbox rows and refreshes stale cards (DESIGN §5).

    `wake()` may be called from any thread; without it the outbox is looked at every second. Each row and card
    is guarded by itself. *clock* is procedure time: it decides only whether a row's `not_before` has come.
    """

    def __init__(
        self, *, outbox: Outbox, renderer: Renderer, reader: Reader, slack: SlackOut, fallback: Fallback,
        clock: Clock, machine: Machine | None = None, call: Blocking | None = None,
        lease_seconds: float = LEASE_SECONDS, sweep_seconds: float = SWEEP_SECONDS,
    ) -> None:  # fmt: skip
        machine = machine or SystemMachine()
        self._threads = Threads(THREADS, "courier")
        self._d = Delivery(
            outbox=outbox, renderer=renderer, reader=reader, slack=slack, fallback=fallback, machine=machine,
            pacer=Pacer(machine.monotonic), updates=MethodPaces(machine).bucket(UPDATES),
            dms=DirectMessages(slack, machine), gate=Gate(machine, slack.answers), call=call or self._threads,
            lease_seconds=lease_seconds,
        )  # fmt: skip
        self._clock, self._sweep_seconds = clock, sweep_seconds
        self._lanes: dict[str, Lane] = {}
        self._hot: dict[str, str] = {}
        self._doubts = Doubts(self._d)
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._looks = 0
        self._stopping = False

    @property
    def figures(self) -> Figures:
        return self._d.figures

    @property
    def gate(self) -> Gate:
        return self._d.gate

    @property
    def dms(self) -> DirectMessages:
        return self._d.dms

    # --- starting, waking, stopping -----------------------------------------------------------------------

    def start(self) -> None:
        """Begin, in the running loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(), name="courier")
        self._watch = self._loop.create_task(self._look_after(), name="courier's watch")

    def wake(self) -> None:
        """Look at the outbox soon. Thread-safe; harmless before the start and after the end."""
        if self._loop is not None and not self._woken.is_set():  # it is cleared before each look
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._woken.set)

    async def stop(self, seconds: float = 15.0) -> None:
        """Take nothing more, finish what is in flight within *seconds*, give back the rest."""
        self._stopping = True
        self._woken.set()
        for task in (self._watch, self._task):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._d.gate.stop()
        await self._doubts.stop()
        ends = [asyncio.ensure_future(lane.stop()) for lane in self._lanes.values()]
        if ends:
            _, late = await asyncio.wait(ends, timeout=seconds)
            for end in late:
                end.cancel()
            if late:
                log.warning(
                    "messages still in flight at the end; they are looked up at the next start",
                    count=len(late),
                )
        self._threads.end()

    # --- the loop -----------------------------------------------------------------------------------------

    async def _run(self) -> None:
        """Look at the outbox again and again, whatever goes wrong: nobody else would notice that nothing is sent."""
        while not self._stopping:
            self._looks += 1
            try:
                await self._look()
            except (Exception, asyncio.CancelledError) as error:
                if is_cancelled(error):
                    raise
                self._d.figures.faults += 1
                log.error("sweep failed", exc_info=error)
                with contextlib.suppress(Exception):
                    await self._d.machine.sleep(self._sweep_seconds)
                await asyncio.sleep(0)

    async def _look_after(self) -> None:
        """Begin anew when the courier comes to no end of a look any more: a hang raises nothing that `_run` could catch."""
        seen, patience = -1, PATIENCE
        while not self._stopping:
            try:
                await self._d.machine.sleep(WATCH_SECONDS)
                seen, patience = (seen, patience - 1) if self._looks == seen else (self._looks, PATIENCE)
                if patience <= 0:
                    patience = PATIENCE
                    self._begin_anew()
            except (Exception, asyncio.CancelledError) as error:
                if is_cancelled(error):
                    raise
                log.error("could not look after the courier", exc_info=error)
                await asyncio.sleep(WATCH_SECONDS)

    def _begin_anew(self) -> None:
        hung = self._task
        self._task = asyncio.get_running_loop().create_task(self._run(), name="courier")
        self._d.figures.faults += 1
        if hung is not None:
            log.error("the courier hangs and begins anew", where=[*where_waits(hung), *self._threads.where()])
            hung.add_done_callback(lambda task: task.cancelled() or task.exception())  # maybe an error of asyncio's
            hung.cancel()

    async def _look(self) -> None:
        self._woken.clear()
        began = self._d.machine.monotonic()
        again = await self._sweep()
        rest = REST * (self._d.machine.monotonic() - began)
        await self._d.machine.sleep(min(max(rest, LEAST_GAP_SECONDS), MOST_GAP_SECONDS))
        if not again:
            await wait_until_set(self._woken, self._d.machine, self._until_next())

    async def _sweep(self) -> bool:
        """Take what there is a turn for; tell whether there may be more at once."""
        self._lanes = {a: lane for a, lane in self._lanes.items() if not lane.is_idle}
        if not self._d.gate.is_open:
            return False
        rows = await self._claim()
        await self._take_cards()
        return len(rows) >= MOST_ROWS

    async def _claim(self) -> list[OutboxRow]:
        busy = self._busy()
        rows = await self._d.call(
            self._d.outbox.claim, self._d.machine.now(), self._clock.now(), MOST_ROWS, busy=busy, each=1
        )
        self._hot = {to: at for to, at in self._hot.items() if to in busy}
        for row in rows:
            try:
                if row.state == SENDING:
                    self._take_doubt(row)
                else:
                    await self._take_row(row)
            except Exception as error:
                self._d.figures.faults += 1
                log.error("could not take a row", exc_info=error, row=row.id, case=row.case_id)
        return rows

    def _take_doubt(self, row: OutboxRow) -> None:
        """
        Look up a row that its sender left behind. If that is ourselves (the clock was set, and our lease seemed over), what
        waits is let go, and what is on its way tells by itself how it ended: a look now would come before it.
        """
        key = key_of(row)
        if any(lane.is_sending(key) for lane in self._lanes.values()):
            log.warning("a message on its way was taken for one left behind", row=row.id, case=row.case_id)
            return
        for lane in self._lanes.values():
            lane.let_go(key)
        self._doubts.take(row)

    def _busy(self) -> set[str]:
        """Return the addresses that have no turn soon: a row for them would only wait in hand."""
        places = {address: address for address in self._lanes} | self._hot
        return {to for to, address in places.items() if self._has_no_turn(address)}

    def _has_no_turn(self, address: str) -> bool:
        lane = self._lanes.get(address)
        if lane is not None and (lane.rows_waiting > 0 or lane.is_full):
            return True
        return self._d.pacer.wait(self._d.conversation(address)) > AHEAD_SECONDS

    async def _take_row(self, row: OutboxRow) -> None:
        parent = await self._d.parent(row) if row.thread is not None else None
        address = parent[0] if parent else row.to
        self._hot[row.to] = address
        self._lane(address).push(MessageJob(row, self._d, address))

    async def _take_cards(self) -> None:
        limit = min(MOST_CARDS_LOOKED_AT, MOST_CARDS + self._refreshes_waiting())
        for card in await self._d.call(
            self._d.outbox.stale_cards, limit, self._d.machine.now(), in_hand=self._in_hand()
        ):
            self._lane(card.channel).push(RefreshJob(card, self._d))

    def _in_hand(self) -> dict[int, bool]:
        """Return the cards that wait or are in flight, each with whether somebody clicked it."""
        found: dict[int, bool] = {}
        for lane in self._lanes.values():
            for job in lane.jobs:
                if isinstance(job, RefreshJob):
                    found[job.card.id] = job.card.clicked or found.get(job.card.id, False)
        return found

    def _refreshes_waiting(self) -> int:
        return sum(lane.waiting - lane.rows_waiting for lane in self._lanes.values())

    def _lane(self, address: str) -> Lane:
        if address not in self._lanes:
            self._lanes[address] = Lane(address, gate=self._d.gate, machine=self._d.machine, freed=self._woken.set)
        return self._lanes[address]

    def _until_next(self) -> float:
        """Return in how many seconds the first busy address has its turn again, at most a sweep's length."""
        if not self._d.gate.is_open:
            return self._sweep_seconds
        turns = [self._until_turn(address) for address in self._hot.values()]
        return max(0.0, min([self._sweep_seconds, *turns]))

    def _until_turn(self, address: str) -> float:
        """Return in how many seconds another row may be claimed for *address*."""
        wait = self._d.pacer.wait(self._d.conversation(address))
        lane = self._lanes.get(address)
        taken = lane is not None and lane.rows_waiting > 0
        return wait + (CHANNEL_SECONDS if taken else 0.0) - AHEAD_SECONDS
