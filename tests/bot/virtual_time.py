"""Machine time that jumps: it stands while anything is under way, and moves to the next sleeper when nothing is."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 1, tzinfo=UTC)


class VirtualMachine:
    """A `bot.times.Machine`. *is_busy* tells whether something real (a socket) is still under way."""

    def __init__(self, is_busy: Callable[[], bool] = lambda: False) -> None:
        self.is_busy = is_busy
        self._seconds = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds - 1000.0)

    def monotonic(self) -> float:
        return self._seconds

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._seconds + seconds, next(self._count), awake))
        await awake

    async def until(self, done: Callable[[], bool], at_most: float = 3600.0) -> float:
        """Let time pass until *done*; return the seconds that it took."""
        start = self._seconds
        while not done():
            await self._settle()
            if done():
                break
            assert self._seconds - start < at_most, f"not done after {at_most} s"
            self._jump()
        return self._seconds - start

    async def pass_(self, seconds: float) -> None:
        """Let *seconds* pass."""
        end = asyncio.ensure_future(self.sleep(seconds))
        await asyncio.sleep(0)
        await self.until(end.done)

    def _jump(self) -> None:
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        assert self._sleepers, "nobody waits for time to pass: this would hang"
        self._seconds = max(self._seconds, self._sleepers[0][0])
        while self._sleepers and self._sleepers[0][0] <= self._seconds:
            _, _, awake = heapq.heappop(self._sleepers)
            if not awake.done():
                awake.set_result(None)

    async def _settle(self) -> None:
        quiet = 0
        ready = asyncio.get_running_loop()._ready
        while quiet < 3:
            await asyncio.sleep(0)
            quiet = quiet + 1 if not ready and not self.is_busy() else 0
