"""Two clocks: the machine's, which limits run on, and the procedure's, in a file that the bot reads."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

RUN_STEP_SECONDS = 0.5

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = re.compile(
    r"\s*(-?\d+(?:\.\d+)?)\s*(seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|s|m|h|d|w)\b[\s,]*", re.I
)


def read_duration(words: str | int | float) -> timedelta:
    """
    Return the length that *words* means: seconds as a number, or "2 days", "1 hour 30 minutes", "90s".

    Raises:
        ValueError: the words are not a length of time.
    """
    if isinstance(words, int | float):
        return timedelta(seconds=words)
    parts = _DURATION.findall(words)
    if not parts or _DURATION.sub("", words).strip():
        raise ValueError(f"“{words}” is not a length of time; write it as “2 days” or as seconds")
    return timedelta(seconds=sum(float(number) * _UNITS[unit[0].lower()] for number, unit in parts))


class Timer:
    """One call that is due at an instant of the machine clock."""

    def __init__(self, clock: MachineClock, due: float, call: Callable[[], None]):
        self.clock, self.due, self.call = clock, due, call
        self.handle: asyncio.TimerHandle | None = None
        self.arm()

    def arm(self) -> None:
        if self.handle:
            self.handle.cancel()
        wait = max(0.0, self.due - self.clock.now())
        self.handle = asyncio.get_running_loop().call_later(wait, self._fire)

    def cancel(self) -> None:
        if self.handle:
            self.handle.cancel()
        self.clock.timers.discard(self)

    def _fire(self) -> None:
        self.clock.timers.discard(self)
        self.call()


class MachineClock:
    """
    The time that rate limits, triggers, acks and retries run on; it can be moved forward, never back.

    *file*: where to say by how many seconds it is ahead, for processes that follow it.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.ahead = 0.0
        self.timers: set[Timer] = set()

    def now(self) -> float:
        return time.time() + self.ahead

    def advance(self, seconds: float) -> None:
        """Move the clock forward and let everything that has become due happen."""
        if seconds < 0:
            raise ValueError("the machine clock only moves forward")
        self.ahead += seconds
        if self.file is not None:  # before anything is answered by the new time
            _put(self.file, f"{self.ahead:.3f}")
        for timer in list(self.timers):
            timer.arm()

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        timer = Timer(self, self.now() + seconds, call)
        self.timers.add(timer)
        return timer

    async def sleep(self, seconds: float) -> None:
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_later(seconds, lambda: None if awake.done() else awake.set_result(None))
        try:
            await awake
        finally:
            timer.cancel()

    async def within(self, seconds: float, answer: asyncio.Future[T]) -> T:
        """
        Return the result of *answer*.

        Raises:
            TimeoutError: it did not come within *seconds*; *answer* is then cancelled.
        """
        expired = False

        def expire() -> None:
            nonlocal expired
            expired = True
            answer.cancel()

        timer = self.call_later(seconds, expire)
        try:
            return await answer
        except asyncio.CancelledError:
            if expired:
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()


class ProcedureClock:
    """What the bot takes for now. The file is the truth; a running clock rewrites it each half second."""

    def __init__(self, path: Path | None, changed: Callable[[], None] = lambda: None):
        self.path, self.changed = path, changed
        self._instant = datetime.now(UTC).replace(microsecond=0)
        self._run: asyncio.Task[None] | None = None
        if path is not None:
            self._instant = self._stored() or self._instant
            self._write(self._instant)

    def now(self) -> datetime:
        if not self.running:
            self._instant = self._stored() or self._instant
        return self._instant

    @property
    def running(self) -> bool:
        return self._run is not None

    def set(self, instant: datetime) -> None:
        """Make *instant* (aware) the procedure's now."""
        if instant.tzinfo is None:
            raise ValueError("the procedure clock needs an instant with its zone, such as 2026-11-09T09:00:00+08:00")
        was_running = self.running
        self.run(False)
        self._write(instant)
        self.run(was_running)

    def advance(self, length: timedelta) -> None:
        self.set(self.now() + length)

    def run(self, on: bool) -> None:
        """Let the clock move with real time, or stop it."""
        if on == self.running:
            return
        if self._run:
            self._run.cancel()
            self._run = None
        else:
            self._run = asyncio.get_running_loop().create_task(self._keep_moving())

    async def _keep_moving(self) -> None:
        start, began = self._instant, time.monotonic()
        while True:
            await asyncio.sleep(RUN_STEP_SECONDS)
            self._write(start + timedelta(seconds=time.monotonic() - began), quiet=True)

    def _stored(self) -> datetime | None:
        try:
            stored = datetime.fromisoformat(self.path.read_text().strip()) if self.path else None
        except (OSError, ValueError):
            return None
        return stored if stored is None or stored.tzinfo else stored.replace(tzinfo=UTC)

    def _write(self, instant: datetime, *, quiet: bool = False) -> None:
        self._instant = instant
        if self.path is not None:
            _put(self.path, instant.isoformat())
        if not quiet:
            self.changed()


def _put(path: Path, text: str) -> None:
    """Replace the file in one step, so that a reader never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(dir=path.parent, prefix=".clock-")
    with os.fdopen(number, "w") as file:
        file.write(f"{text}\n")
    Path(name).replace(path)


def next_working_morning(now: datetime, hour: int = 9) -> datetime:
    """Return the next 09:00 from Monday to Friday in the zone of *now*; the sandbox knows no holidays."""
    morning = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    if morning <= now:
        morning += timedelta(days=1)
    while morning.weekday() >= 5:
        morning += timedelta(days=1)
    return morning
