"""The independent check that deadlines are kept: whether one is due and nothing has fired for some minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

PATIENCE = timedelta(minutes=3)


class DueReader(Protocol):
    """Counts what is due, on a read connection and past the tick."""

    def not_fired(self, before: datetime) -> tuple[int, datetime | None]:
        """Return how many deadlines have a next step due at *before* (procedure time), and the earliest instant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overdue:
    """*count* deadlines are due and unfired; *stuck* when the earliest has been the same for too long."""

    count: int
    earliest: datetime | None
    stuck: bool


class Audit:
    """
    Compares looks at the earliest unfired deadline.

    The patience runs in machine time: when procedure time jumps, much is due at once and nothing is wrong.
    """

    def __init__(self, reader: DueReader, patience: timedelta = PATIENCE) -> None:
        self._reader, self._patience = reader, patience
        self._seen: tuple[datetime, datetime] | None = None

    def look(self, now: datetime, machine_now: datetime) -> Overdue:
        """Return what is overdue at *now* (procedure time)."""
        count, earliest = self._reader.not_fired(now)
        if earliest is None:
            self._seen = None
            return Overdue(count=0, earliest=None, stuck=False)
        if self._seen is None or self._seen[0] != earliest or machine_now < self._seen[1]:
            self._seen = (earliest, machine_now)
        return Overdue(count=count, earliest=earliest, stuck=machine_now - self._seen[1] >= self._patience)
