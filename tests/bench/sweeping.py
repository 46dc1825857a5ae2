"""Claims of due deadlines: bare (claim, outbox row, next instant) and on the whole path through the procedure."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update

from complaints.notices import Notice, Priority
from reminders.tick import Tick, TickReport
from storage.record import StoredRecord
from storage.tables import deadlines
from storage.wire import Sql
from tests.bench.made_up import START, MadeUp

BATCH = 100
DUE_AT = START + timedelta(hours=2, minutes=30)
"""When the registry's reminder slip for a case opened at START is due, and nothing later."""
LATER = START + timedelta(days=40)

_MOVE = Sql(
    update(deadlines)
    .where(deadlines.c.case_id == bindparam("of_case"), deadlines.c.number == bindparam("of_number"))
    .values(next_at=bindparam("next_at"))
)


def claim_bare(tx: Any, now: datetime, next_at: datetime, size: int = BATCH) -> int:
    """Claim what is due, write an outbox row for each and move it to *next_at*: no case is read or decided on."""
    due = tx.due_deadlines(now, size)
    tx.put_out([_slip(case_id, number) for case_id, number in due], now)
    moved = tx.wire.instant(next_at)
    tx.wire.many(_MOVE, [{"of_case": c, "of_number": n, "next_at": moved} for c, n in due])
    return len(due)


def _slip(case_id: str, number: int) -> Notice:
    return Notice(
        id=secrets.token_hex(8), kind="reminder_slip", to="CQUALITY", case_id=case_id, deadline=number,
        priority=Priority.REMINDER, live=True, facts={"step": "1.1"},
    )  # fmt: skip


def bare_batches(record: StoredRecord, now: datetime, next_at: datetime, most: int) -> list[float]:
    """Claim *most* deadlines in batches; return the seconds of each full batch, its commit included."""
    times: list[float] = []
    for _ in range(most // BATCH):
        began = time.perf_counter()
        if record.submit(lambda tx: claim_bare(tx, now, next_at)).result() < BATCH:
            break
        times.append(time.perf_counter() - began)
    return times


def whole_batches(made: MadeUp, now: datetime, most: int) -> list[float]:
    """Hand *most* due deadlines to the desk in batches; return the seconds of each full batch, commit included."""

    def batch(tx: Any) -> int:
        due = tx.due_deadlines(now, BATCH)
        with tx.together([case_id for case_id, _ in due]):
            for case_id, number in due:
                made.desk.reach(tx, case_id, number, now)
        return len(due)

    times: list[float] = []
    for _ in range(most // BATCH):
        began = time.perf_counter()
        if made.store.record.submit(batch).result() < BATCH:
            break
        times.append(time.perf_counter() - began)
    return times


def a_tick(made: MadeUp, machine_now: Callable[[], datetime]) -> Tick:
    return Tick(desk=made.desk, record=made.store.record, clock=made.clock, machine_now=machine_now)


def sweep(made: MadeUp) -> tuple[TickReport, float]:
    """Run one tick over all that is due at the desk's clock; return what it did and its seconds."""
    tick = a_tick(made, made.clock.now)
    began = time.perf_counter()
    report = tick.run()
    return report, time.perf_counter() - began
