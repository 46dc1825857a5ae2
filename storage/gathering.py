"""What the cases of one tick write, sent kind by kind and not case by case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from storage.wire import Params, Sql, Wire


class GatheringWire(Wire):
    """
    A wire that keeps what is to be written until something is read, and sends it with one call for each statement.

    Rows of a statement keep their order, statements come in the order in which they were first wanted. So a row must
    not be written by two different statements without a read between them: a case is read again before it is
    recorded on again. *also* is called at the end of each sending, for what is kept elsewhere.
    """

    def __init__(self, wire: Wire, also: Callable[[], None]) -> None:
        self._straight = wire
        self._also = also
        self._kept: dict[Sql, list[Params]] = {}
        self._musts: dict[Sql, Exception] = {}
        self.dialect, self.is_sqlite, self.raw = wire.dialect, wire.is_sqlite, wire.raw

    @property
    def core(self) -> Connection:  # type: ignore[override]  # who takes it may read
        self.send()
        return self._straight.core

    def many(self, sql: Sql, rows: Sequence[Params]) -> int:
        """Keep *rows*; how many they touch is known when they are sent, so 0 is returned."""
        if rows:
            self._kept.setdefault(sql, []).extend(rows)
        return 0

    def must(self, sql: Sql, params: Params, otherwise: Exception) -> None:
        """Run a statement that touches exactly one row; *otherwise* is raised when it is sent."""
        self._kept.setdefault(sql, []).append(params)
        self._musts.setdefault(sql, otherwise)

    def _run(self, sql: Sql, params: Params) -> Any:
        self.send()
        return self._straight._run(sql, params)

    def send(self) -> None:
        """Write what is kept. Raises: what `must` was given, if a statement touched another number of rows."""
        kept, self._kept = self._kept, {}
        for sql, rows in kept.items():
            touched = self._straight.many(sql, rows)
            if sql in self._musts and touched != len(rows):
                raise self._musts[sql]
        self._musts.clear()
        self._also()
