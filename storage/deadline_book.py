"""Deadlines whose next step is due: an indexed sweep, claimed row by row on PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from storage.tables import cases, deadlines
from storage.wire import Sql, Wire


def _due(dialect: str) -> Any:
    asked = select(deadlines.c.case_id, deadlines.c.number, deadlines.c.next_at, deadlines.c.due_at, cases.c.number)
    asked = asked.join(cases, cases.c.id == deadlines.c.case_id)
    if dialect == "postgresql":
        # Both rows, so that whoever records on the case is passed over, and nobody waits for anybody.
        asked = asked.with_for_update(of=[deadlines, cases], skip_locked=True)
    return asked.where(deadlines.c.next_at <= bindparam("now")).order_by(deadlines.c.next_at).limit(bindparam("limit"))


_DUE = Sql(_due)
_OVERDUE = Sql(select(func.count(), func.min(deadlines.c.next_at)).where(deadlines.c.next_at <= bindparam("before")))


def due(wire: Wire, now: datetime, limit: int) -> list[tuple[str, int]]:
    """
    Return up to *limit* (case id, deadline) whose next step is due at *now*, the longest due first; of one instant those
    whose limit ran out first, then by the number of their case.

    PostgreSQL: claimed for this transaction, rows of other sweeps and of cases being recorded on are passed over.
    SQLite: there is one writer, so whoever asks in a transaction is alone.
    """
    found = wire.rows(_DUE, {"now": wire.instant(now), "limit": limit})
    # Sorted here: the database would look up the number of everything that is due at one instant, and not only of these.
    return [(r[0], r[1]) for r in sorted(found, key=lambda r: (r[2], r[3], r[4] or "", r[0], r[1]))]


def not_fired(wire: Wire, before: datetime) -> tuple[int, datetime | None]:
    """Return how many deadlines should have been looked at by *before* and were not, and since when."""
    row = wire.row(_OVERDUE, {"before": wire.instant(before)})
    return (int(row[0]), wire.aware(row[1])) if row else (0, None)
