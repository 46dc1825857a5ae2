"""Who writes: one thread that shares commits on SQLite, a small pool on PostgreSQL. Both are first come, first served."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Protocol, TypeVar

import psycopg.errors
from sqlalchemy import Engine

from complaints.refusals import CaseMoved
from storage.gathering import Ahead, GatheringWire
from storage.wire import Wire

T = TypeVar("T")

SHARED_COMMIT = 32
"""The most works that share one commit (PERFORMANCE §1.4)."""

TRIES = 6
"""How often a work is called when other writers were faster (PostgreSQL)."""


class Unit(Protocol):
    """What a work is given (a `Tx`), as far as the writers know it."""

    def committed(self) -> None:
        """The commit is durable."""


class ConnectionLost(RuntimeError):
    """The connection broke before anything was committed; the works can be called again on a new one."""


class Stopped(RuntimeError):
    """The record was closed; nothing more is written."""


@dataclass(slots=True)
class Job:
    """A work on its way through the queue. *asks*: the case and the key of the act that it looks up first."""

    work: Callable[[Any], Any]
    asks: tuple[str, str] | None = None
    future: Future[Any] = field(default_factory=Future)
    unit: Any = None
    result: Any = None
    error: BaseException | None = None


def _settle(job: Job) -> None:
    if job.error is not None:
        job.future.set_exception(job.error)
    else:
        job.future.set_result(job.result)


class Writers:
    """A queue and the threads that serve it; `_serve` says how."""

    def __init__(
        self, engine: Engine, unit: Callable[[Wire], Unit], after: Callable[[list[Any]], None], threads: int
    ) -> None:
        self._engine = engine
        self._unit = unit
        self._after = after
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._stopped = False
        self.commits = 0
        self._threads = [Thread(target=self._run, name=f"record-{i}", daemon=True) for i in range(threads)]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[Any], T], asks: tuple[str, str] | None = None) -> Future[T]:
        """Queue *work*; the future is done when its commit is durable."""
        if self._stopped:
            raise Stopped("the record is closed")
        job = Job(work, asks)
        self._queue.put(job)
        return job.future

    def close(self) -> None:
        """Finish what is queued, then stop."""
        self._stopped = True
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def _run(self) -> None:
        wire: Wire | None = None
        while (job := self._queue.get()) is not None:
            jobs = [job, *self._waiting()]
            live = [j for j in jobs if j.future.set_running_or_notify_cancel()]
            if live:
                wire = self._guarded(wire, live)
        if wire is not None:
            wire.core.close()

    def _guarded(self, wire: Wire | None, jobs: list[Job]) -> Wire | None:
        """Serve *jobs* and return the connection if it is still good."""
        for last_chance in (False, True):
            try:
                wire = wire or Wire(self._engine.connect())
                self._serve(wire, jobs)
                break
            except BaseException as error:
                wire = _given_up(wire)
                if isinstance(error, ConnectionLost) and not last_chance:
                    continue
                for job in jobs:  # nothing of this batch was committed
                    job.error = job.error or (error if len(jobs) == 1 else _own(error))
                break
        for job in jobs:
            _settle(job)
        self._after([job.unit for job in jobs if job.error is None])
        return wire

    def _waiting(self) -> list[Job]:
        return []

    def _serve(self, wire: Wire, jobs: list[Job]) -> None:
        raise NotImplementedError


def _own(error: BaseException) -> BaseException:
    """
    Return *error* as one waiter's own.

    An exception gathers the frames of all who raise it. If works of one commit had one between them, a waiter that clears the
    frames of what failed, as APScheduler does, would end the coroutines of the others in the middle of an `await`: without a
    word, and their tasks would wait for ever.
    """
    try:
        own = copy.copy(error)
    except Exception:
        own = RuntimeError(f"{type(error).__name__}: {error}")
    own.__cause__, own.__suppress_context__ = error.__cause__, True
    return own.with_traceback(error.__traceback__)


def _given_up(wire: Wire | None) -> Wire | None:
    """Roll back; return the connection if it can be used again, else throw it away."""
    if wire is None:
        return None
    try:
        wire.rollback()
    except Exception:
        wire.core.invalidate()
        wire.core.close()
        return None
    if getattr(wire.raw, "closed", False):
        wire.core.invalidate()
        wire.core.close()
        return None
    return wire


class OneWriter(Writers):
    """
    SQLite: one thread takes what waits, up to `SHARED_COMMIT` works, and commits them together.

    A work that fails takes nothing else with it. Most that fail (refusals) have written nothing; if one has, all is
    rolled back and the works are called again, each in a savepoint of its own.
    """

    def __init__(
        self, engine: Engine, unit: Callable[[Wire], Unit], after: Callable[[list[Any]], None],
        ahead: Callable[[Wire, Sequence[tuple[str, str]]], Ahead],
    ) -> None:  # fmt: skip
        self._ahead = ahead  # before the thread starts
        super().__init__(engine, unit, after, threads=1)

    def _waiting(self) -> list[Job]:
        found: list[Job] = []
        while len(found) < SHARED_COMMIT - 1:
            try:
                job = self._queue.get_nowait()
            except Empty:
                break
            if job is None:
                self._queue.put(None)
                break
            found.append(job)
        return found

    def _serve(self, wire: Wire, jobs: list[Job]) -> None:
        wire.begin()
        if not self._together(wire, jobs):
            wire.rollback()
            if len(jobs) == 1:
                return
            wire.begin()
            self._apart(wire, jobs)
        if any(job.error is None for job in jobs):
            wire.commit()
            self.commits += 1
        else:
            wire.rollback()

    def _together(self, wire: Wire, jobs: list[Job]) -> bool:
        """Attempt all *jobs*, and write what they want written kind by kind; False as soon as one failed that had written."""
        asked = [job.asks for job in jobs if job.asks is not None]
        gathering = GatheringWire(wire, self._ahead(wire, asked) if len(asked) > 1 else None)
        for job in jobs:
            before, pending = wire.raw.total_changes, gathering.pending
            self._attempt(gathering, job)
            if job.error is not None and (
                (wire.raw.total_changes, gathering.pending) != (before, pending) or not wire.raw.in_transaction
            ):
                return False
        try:
            gathering.send()
        except Exception:
            if len(jobs) == 1:
                raise
            return False  # whose it was shows when each is written by itself
        return True

    def _apart(self, wire: Wire, jobs: list[Job]) -> None:
        for job in jobs:
            wire.raw.execute("SAVEPOINT work")
            self._attempt(wire, job)
            if job.error is not None:
                if not wire.raw.in_transaction:  # a full disk: SQLite itself rolled everything back
                    raise job.error
                wire.raw.execute("ROLLBACK TO work")
            wire.raw.execute("RELEASE work")

    def _attempt(self, wire: Wire, job: Job) -> None:
        job.unit, job.error = self._unit(wire), None
        try:
            job.result = job.work(job.unit)
        except Exception as error:
            job.error = error


_AGAIN = (
    CaseMoved, psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected,
    psycopg.errors.UniqueViolation,  # of two that log the same complaint at once one finds its words there already
)  # fmt: skip


class WriterPool(Writers):
    """PostgreSQL: a transaction for each work; one that lost a race is called again."""

    def _serve(self, wire: Wire, jobs: list[Job]) -> None:
        (job,) = jobs
        for attempt in range(1, TRIES + 1):
            job.unit = self._unit(wire)
            try:
                job.result = job.work(job.unit)
            except _AGAIN:
                wire.rollback()
                if attempt == TRIES:
                    raise
                time.sleep(random.uniform(0, 0.004) * attempt)
                continue
            except Exception as error:
                if wire.raw.closed:
                    raise ConnectionLost(str(error)) from error
                raise
            wire.commit()
            self.commits += 1
            return
