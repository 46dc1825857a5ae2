"""Deadlines whose next step is due: an indexed sweep, claimed row by row on PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from storage.tables import cases, deadlines
from storage.wire import Sql, Wire


def _due(dialect: str) -> Any:
    asked = select(deadlines.c.case_id, deadlines.c.number)
    if dialect == "postgresql":
        # Both rows, so that whoever records on the case is passed over, and nobody waits for anybody.
        asked = asked.join(cases, cases.c.id == deadlines.c.case_id)
        asked = asked.with_for_update(of=[deadlines, cases], skip_locked=True)
    return asked.where(deadlines.c.next_at <= bindparam("now")).order_by(deadlines.c.next_at).limit(bindparam("limit"))


_DUE = Sql(_due)
_OVERDUE = Sql(select(func.count(), func.min(deadlines.c.next_at)).where(deadlines.c.next_at <= bindparam("before")))


def due(wire: Wire, now: datetime, limit: int) -> list[tuple[str, int]]:
    """
    Return up to *limit* (case id, deadline) whose next step is due at *now*, the longest due first.

    PostgreSQL: claimed for this transaction, rows of other sweeps and of cases being recorded on are passed over.
    SQLite: there is one writer, so whoever asks in a transaction is alone.
    """
    return [(r[0], r[1]) for r in wire.rows(_DUE, {"now": wire.instant(now), "limit": limit})]


def not_fired(wire: Wire, before: datetime) -> tuple[int, datetime | None]:
    """Return how many deadlines should have been looked at by *before* and were not, and since when."""
    row = wire.row(_OVERDUE, {"before": wire.instant(before)})
    return (int(row[0]), wire.aware(row[1])) if row else (0, None)
