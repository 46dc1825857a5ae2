"""One lane for each conversation: what waits for it goes out one by one, the most urgent first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from bot.outage import Gate
from bot.times import Machine, is_cancelled, wait_until_set

log = structlog.get_logger(__name__)

MOST_IN_FLIGHT = 3
NOW_SECONDS = 0.0005
"""Waits below this are no waits: sleeping for less would turn in circles."""


class Job(Protocol):
    """
    Something to be sent to one conversation.

    *key*: the same for the same thing. *rank*: smaller goes first. *ids*: for the log. `prepare` tells
    whether it is still to be sent; `wait` says in how many seconds it may be; `take` notes that it goes now;
    `send` does it and records the outcome; `give_back` leaves it for later.
    """

    key: str
    is_claimed: bool
    rank: tuple[int, int]
    ids: dict[str, object]

    async def prepare(self) -> bool: ...
    def wait(self) -> float: ...
    def take(self) -> None: ...
    async def send(self) -> None: ...
    async def give_back(self) -> None: ...


class Lane:
    """Sends the jobs of one conversation. *freed* is called when it can take more than it told before."""

    def __init__(self, address: str, *, gate: Gate, machine: Machine, freed: Callable[[], None]) -> None:
        self.address = address
        self._gate, self._machine, self._freed = gate, machine, freed
        self._jobs: dict[str, Job] = {}
        self._ready: set[str] = set()
        self._flying: dict[asyncio.Task[None], Job] = {}
        self._changed = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int:
        return len(self._jobs)

    @property
    def rows_waiting(self) -> int:
        """How many claimed rows wait here; refreshes are not claimed."""
        return sum(1 for job in self._jobs.values() if job.is_claimed)

    @property
    def is_full(self) -> bool:
        return len(self._flying) >= MOST_IN_FLIGHT

    @property
    def is_idle(self) -> bool:
        return not self._jobs and not self._flying

    @property
    def jobs(self) -> list[Job]:
        """What waits or is in flight here."""
        return [*self._jobs.values(), *self._flying.values()]

    def is_sending(self, key: str) -> bool:
        return any(job.key == key for job in self._flying.values())

    def let_go(self, key: str) -> None:
        """Forget the job of that key that waits, if there is one: it was taken from us."""
        if (job := self._jobs.get(key)) is not None:
            self._drop(job)
            self._changed.set()

    def push(self, job: Job) -> None:
        """Add *job*; one of the same key that waits is replaced."""
        self._jobs[job.key] = job
        self._ready.discard(job.key)
        self._changed.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name=f"lane {self.address}")

    # --- one after the other ------------------------------------------------------------------------------

    async def _run(self) -> None:
        while self._jobs and not self._stopping:
            self._changed.clear()
            job = min(self._jobs.values(), key=lambda j: j.rank)
            try:
                await self._step(job)
            except (Exception, asyncio.CancelledError) as error:
                if is_cancelled(error):
                    raise
                log.error("could not go on with it, left to the next claim", exc_info=error, **job.ids)
                self._drop(job)
                self._freed()

    async def _step(self, job: Job) -> None:
        """Prepare *job*, or send it, or wait for its turn."""
        if job.key in self._ready:
            await self._send_or_wait(job)
        elif await job.prepare():
            if self._jobs.get(job.key) is job:  # else a newer one took its place meanwhile, and is not prepared yet
                self._ready.add(job.key)
        else:
            self._drop(job)
            self._freed()

    async def _send_or_wait(self, job: Job) -> None:
        """Send *job* if its turn has come; else wait for that, or for something more urgent."""
        if not self._gate.is_open:
            self._drop(job)
            await self._give_back(job)
        elif self.is_full:
            await self._changed.wait()
        elif (seconds := job.wait()) > NOW_SECONDS:
            await wait_until_set(self._changed, self._machine, seconds)
        else:
            self._drop(job)
            job.take()
            flight = asyncio.get_running_loop().create_task(self._send(job))
            self._flying[flight] = job
            flight.add_done_callback(self._landed)

    async def _send(self, job: Job) -> None:
        try:
            await job.send()
        except (Exception, asyncio.CancelledError) as error:
            if is_cancelled(error):
                raise
            log.error("could not send", exc_info=error, **job.ids)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        was_full = self.is_full
        self._flying.pop(flight, None)
        self._changed.set()
        if was_full:
            self._freed()

    def _drop(self, job: Job) -> None:
        self._ready.discard(job.key)
        if self._jobs.get(job.key) is job:
            del self._jobs[job.key]

    # --- the end ------------------------------------------------------------------------------------------

    async def stop(self) -> None:
        """Finish what is in flight and give back what is not."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.gather(*self._flying, return_exceptions=True)
        for job in self._jobs.values():
            await self._give_back(job)
        self._jobs.clear()

    async def _give_back(self, job: Job) -> None:
        try:
            await job.give_back()
        except Exception as error:
            log.error("could not give back", exc_info=error, **job.ids)
