"""Heartbeats: when the tick, the courier and other loops last did their work."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from storage import deadline_book
from storage.codec import dump, load
from storage.engine import Engines
from storage.record import StoredRecord
from storage.tables import heartbeats
from storage.wire import Sql, read_wire, upsert

GONE = "gone"
_BEAT = upsert(heartbeats)
_LAST = Sql(select(heartbeats.c.beat_at, heartbeats.c.facts).where(heartbeats.c.name == bindparam("name")))


class Heartbeats:
    """Machine time; *facts* say what the loop found (due, fired, behind)."""

    def __init__(self, record: StoredRecord, engines: Engines) -> None:
        self._record = record
        self._engines = engines

    def beat(self, name: str, now: datetime, facts: Mapping[str, Any] | None = None) -> Future[Any]:
        """Note that the loop *name* did its work: queued; the future is done when it is durable."""
        text = dump(dict(facts or {}))
        return self._record.submit(
            lambda tx: tx.wire.run(_BEAT, {"name": name, "beat_at": tx.wire.instant(now), "facts": text})
        )

    def last(self, name: str) -> tuple[datetime, dict[str, Any]] | None:
        """Return when the loop last did its work, and what it found; None if it never did."""
        with read_wire(self._engines) as wire:
            row = wire.row(_LAST, {"name": name})
            at = wire.aware(row[0]) if row else None
        return (at, load(row[1])) if row and at else None

    def gone(self) -> frozenset[str]:
        """Return the members whom Slack called deactivated when they were last looked at (`note_gone`)."""
        found = self.last(GONE)
        return frozenset(found[1]["members"]) if found else frozenset()

    def note_gone(self, members: Collection[str], now: datetime) -> None:
        """Note whom Slack calls deactivated, in place of whom it called so before; for every process of the desk."""
        text = dump({"members": sorted(members)})
        self._record.now(lambda tx: tx.wire.run(_BEAT, {"name": GONE, "beat_at": tx.wire.instant(now), "facts": text}))

    def overdue_and_not_fired(self, before: datetime) -> tuple[int, datetime | None]:
        """Return how many deadline steps should have been taken by *before* (procedure time) and were not, and since when."""
        with read_wire(self._engines) as wire:
            return deadline_book.not_fired(wire, before)
