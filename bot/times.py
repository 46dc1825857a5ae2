"""The two times: the procedure's (deadlines and dates) and the machine's (pacing and leases)."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog

from complaints.ports import Clock

log = structlog.get_logger(__name__)


class SystemClock:
    """Procedure time as it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class UnreadableClock(Exception):
    """The clock file holds no ISO 8601 instant with a zone."""


class FileClock:
    """
    Procedure time as a file says it.

    The file is looked at on each use and read again when it changed. While it can't be read (somebody is
    writing it) the last good value stands.

    Raises:
        UnreadableClock: when it is made and the file holds no instant.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._warned: tuple[int, int] | None = None
        self._now = _instant(path)
        self._seen = self._stamp()

    def now(self) -> datetime:
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return self._now
        try:
            self._now, self._seen = _instant(self._path), stamp
        except UnreadableClock:
            if stamp != self._warned:
                log.warning("clock file unreadable, last good value stands", path=str(self._path))
            self._warned = stamp
        return self._now

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino


def _instant(path: Path) -> datetime:
    try:
        found = datetime.fromisoformat(path.read_text("utf-8").strip())
    except (OSError, ValueError) as error:
        raise UnreadableClock(f"{path} does not hold an ISO 8601 instant.") from error
    if found.tzinfo is None:
        raise UnreadableClock(f"{path} holds an instant without a zone; end it with Z or +08:00.")
    return found.astimezone(UTC)


def procedure_clock(file: Path | None) -> Clock:
    """Return the clock that decides deadlines: the file's where there is one."""
    return FileClock(file) if file is not None else SystemClock()


class Machine(Protocol):
    """Machine time, never the clock file."""

    def now(self) -> datetime:
        """Return now as an aware UTC instant."""

    def monotonic(self) -> float:
        """Return seconds that only go forward."""

    async def sleep(self, seconds: float) -> None: ...


class SystemMachine:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def is_cancelled(error: BaseException) -> bool:
    """Say whether *error* ends the task in which it was caught: not where what it waited for was cancelled by itself."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and (task is None or task.cancelling() > 0)


async def wait_until_set(event: asyncio.Event, machine: Machine, seconds: float) -> bool:
    """Wait for *event*, at most *seconds* of machine time; tell whether it was set."""
    if event.is_set() or seconds <= 0:
        await asyncio.sleep(0)
        return event.is_set()
    waiters = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(machine.sleep(seconds))]
    try:
        await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for waiter in waiters:
            waiter.cancel()
    return event.is_set()
