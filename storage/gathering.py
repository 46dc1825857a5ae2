"""What several works of one commit write, or the cases of one tick: sent kind by kind and not case by case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from storage.case_book import CasesAhead
from storage.wire import Params, Sql, Wire


@dataclass(frozen=True, slots=True)
class Ahead:
    """What works will ask for first, read for all of them at once. *acts*: a key to the log it was recorded in, or None."""

    cases: CasesAhead
    acts: dict[str, str | None]

    def forget(self, name: str) -> None:
        """Forget a case or the key of an act: it is being written."""
        self.cases.forget(name)
        self.acts.pop(name, None)


class GatheringWire(Wire):
    """
    A wire that keeps what is to be written until something is read, and sends it with one call for each statement.

    Rows of a statement keep their order, statements come in the order in which they were first wanted. So a row must
    not be written by two different statements without a read between them: a case is read again before it is
    recorded on again. *pending* counts what is kept.
    """

    def __init__(self, wire: Wire, ahead: Ahead | None = None) -> None:
        self.ahead: Ahead | None = ahead
        self._straight = wire
        self._kept: dict[Sql, list[Params]] = {}
        self._musts: dict[Sql, Exception] = {}
        self._names: set[str] = set()
        self._afterwards: dict[Callable[[Wire, list[Any]], None], list[Any]] = {}
        self.pending = 0
        self.dialect, self.is_sqlite, self.raw = wire.dialect, wire.is_sqlite, wire.raw

    @property
    def core(self) -> Connection:  # type: ignore[override]  # who takes it may read
        return self.settled().core

    def many(self, sql: Sql, rows: Sequence[Params]) -> int:
        """Keep *rows*; how many they touch is known when they are sent, so 0 is returned."""
        if rows:
            self._kept.setdefault(sql, []).extend(rows)
            self.pending += len(rows)
        return 0

    def must(self, sql: Sql, params: Params, otherwise: Exception) -> None:
        """Run a statement that touches exactly one row; *otherwise* is raised when it is sent."""
        self._kept.setdefault(sql, []).append(params)
        self._musts.setdefault(sql, otherwise)
        self.pending += 1

    def writes(self, name: str) -> None:
        self._names.add(name)
        if self.ahead is not None:
            self.ahead.forget(name)

    def beside(self, name: str) -> Wire:
        return self if name in self._names else self._straight

    def afterwards(self, work: Callable[[Wire, list[Any]], None], *items: Any) -> None:
        """Let *work* write what can't be kept: at the end of the next sending it gets the items of all who want it."""
        self._afterwards.setdefault(work, []).extend(items)
        self.pending += len(items)

    def settled(self) -> Wire:
        self.send()
        return self._straight

    def _run(self, sql: Sql, params: Params) -> Any:
        return self.settled()._run(sql, params)

    def send(self) -> None:
        """Write what is kept. Raises: what `must` was given, if a statement touched another number of rows."""
        if not self.pending:
            return
        kept, self._kept, self.pending = self._kept, {}, 0
        afterwards, self._afterwards = self._afterwards, {}
        self._names.clear()
        for sql, rows in kept.items():
            touched = self._straight.many(sql, rows)
            if sql in self._musts and touched != len(rows):
                raise self._musts[sql]
        self._musts.clear()
        for work, items in afterwards.items():
            work(self._straight, items)
