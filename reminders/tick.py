"""The tick: finds deadlines whose next step is due and hands each to the desk, until none is left."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from complaints.ports import Clock, Record, Told, Tx
from complaints.refusals import CaseMoved

log = logging.getLogger(__name__)

BATCH = 100
FIRST_BATCH = 8
WRITER_SECONDS = 0.025
"""How long one batch may hold the writer; clicks wait that long behind it."""
SET_ASIDE = timedelta(minutes=5)
BEAT = timedelta(seconds=10)
MOST_TIMES = 3
Due = tuple[str, int]
Chore = Callable[[datetime], object]


class DeadlineDesk(Protocol):
    """Decides on a due deadline inside the transaction that claimed it (`complaints.desk.Desk`)."""

    def reach(self, tx: Tx, case_id: str, deadline: int, now: datetime) -> Told: ...


class Heartbeat(Protocol):
    """Keeps the sign of life of a part of the program. *now*: machine time, aware UTC."""

    def beat(self, name: str, now: datetime, facts: Mapping[str, int]) -> Future[Any]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class TickReport:
    """What one run did. *fired*: deadlines handed over; *failed*: errors; *set_aside*: not tried for now."""

    fired: int = 0
    failed: int = 0
    batches: int = 0
    set_aside: int = 0


class _Failed(Exception):
    """A deadline could not be decided on; its batch is rolled back."""

    def __init__(self, due: Due) -> None:
        self.due = due
        super().__init__(f"case {due[0]} deadline {due[1]}")


class _Unclear(Exception):
    """What a batch wrote together was refused; nobody can tell which of its deadlines it was."""


@dataclass
class Tick:
    """
    One run after another over the due deadlines.

    Claim and decision are one transaction. Batches grow and shrink with the time they hold the writer. A deadline
    that fails takes its batch back; it is then set aside for five minutes (machine time), so that it can't hold up
    the others, and tried again. A batch is read and written together; when that fails, the next one is written case
    by case, which names the deadline. *chores* run once a tick, each guarded by itself (duties that begin, the daily
    anchor); *failing* names those that failed the last time.
    """

    desk: DeadlineDesk
    record: Record
    clock: Clock
    machine_now: Callable[[], datetime]
    heartbeat: Heartbeat | None = None
    chores: Sequence[tuple[str, Chore]] = ()
    batch: int = BATCH
    is_stopping: Callable[[], bool] = lambda: False
    aside: dict[Due, datetime] = field(default_factory=dict)
    failing: frozenset[str] = frozenset()
    _size: int = FIRST_BATCH
    _apart: bool = False
    _next_beat: datetime | None = None

    def run(self) -> TickReport:
        """Hand over all that is due now; procedure time is asked once."""
        now = self.clock.now()
        for name, chore in self.chores:
            self._guarded(name, chore, now)
        report = self._run(now)
        self._beat(report)
        return report

    def _beat(self, report: TickReport) -> None:
        """
        Leave a sign of life, at most every ten seconds while nothing happens: it is a write, and waited for. A tick that has
        nothing due would not notice that nothing can be recorded.
        """
        at = self.machine_now()
        is_early = self._next_beat is not None and self._next_beat - BEAT <= at < self._next_beat
        if self.heartbeat is None or (is_early and not report.fired and not report.failed):
            return
        facts = {"fired": report.fired, "failed": report.failed, "set_aside": report.set_aside}
        self.heartbeat.beat("tick", at, facts).result()
        self._next_beat = at + BEAT

    def _run(self, now: datetime) -> TickReport:
        self._take_up_again()
        times: Counter[Due] = Counter()
        fired = failed = batches = 0
        while not self.is_stopping():
            batches += 1
            try:
                done = self.record.submit(lambda tx: self._batch(tx, now)).result()
            except _Failed as error:
                failed += 1
                self._set_aside(error.due, error.__cause__)
                self._size = max(1, self._size // 4)
                self._apart = False
                continue
            except _Unclear as error:
                log.warning(
                    "a batch of deadlines is decided on again, case by case: %s", type(error.__cause__).__name__
                )
                self._apart = True
                continue
            fired += len(done)
            self._apart = False
            if not done:
                break
            times.update(done)
            for due in (d for d in done if times[d] >= MOST_TIMES):
                failed += 1
                self._set_aside(due, None)
        return TickReport(fired=fired, failed=failed, batches=batches, set_aside=len(self.aside))

    def _batch(self, tx: Tx, now: datetime) -> list[Due]:
        started, size = time.perf_counter(), self._size
        found = tx.due_deadlines(now, size + len(self.aside))
        due = [d for d in found if d not in self.aside][:size]
        if self._apart:
            self._reach(tx, due, now)
        else:
            self._reach_together(tx, due, now)
        self._fit(time.perf_counter() - started, len(due))
        return due

    def _reach_together(self, tx: Tx, due: Sequence[Due], now: datetime) -> None:
        try:
            with tx.together(list(dict.fromkeys(case_id for case_id, _ in due))):
                self._reach(tx, due, now)
        except CaseMoved:
            raise
        except Exception as error:  # also of a case: what others left to be written may have failed at its turn
            raise _Unclear from error

    def _reach(self, tx: Tx, due: Sequence[Due], now: datetime) -> None:
        for case_id, deadline in due:
            try:
                self.desk.reach(tx, case_id, deadline, now)
            except CaseMoved:
                raise
            except Exception as error:
                raise _Failed((case_id, deadline)) from error

    def _fit(self, seconds: float, handled: int) -> None:
        """Let the next batch take about as long as the writer may be held."""
        if handled == self._size and seconds < WRITER_SECONDS / 2:
            self._size = min(self.batch, self._size * 2)
        elif seconds > WRITER_SECONDS:
            self._size = max(1, self._size // 2)

    def _set_aside(self, due: Due, error: BaseException | None) -> None:
        self.aside[due] = self.machine_now() + SET_ASIDE
        why = type(error).__name__ if error is not None else "it stays due"
        log.error("deadline set aside", exc_info=error, extra={"case": due[0], "deadline": due[1], "why": why})

    def _take_up_again(self) -> None:
        now = self.machine_now()
        self.aside = {due: until for due, until in self.aside.items() if now < until <= now + SET_ASIDE}

    def _guarded(self, name: str, chore: Chore, now: datetime) -> None:
        try:
            chore(now)
        except Exception:
            self.failing |= {name}
            log.exception("chore failed: %s", name)
        else:
            self.failing -= {name}
