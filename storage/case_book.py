"""Cases: loaded whole from one row, recorded as events, state and the rows that changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import bindparam, select, update

from complaints.case import Case, copy_case
from complaints.commands import CLOCK
from complaints.events import Recorded
from complaints.refusals import CaseMoved
from storage import projections as p
from storage.chain import GENESIS
from storage.codec import case_from_json, case_to_json
from storage.tables import case_past, cases
from storage.wire import Sql, Wire, among, insert_new

REMEMBERED = 512
"""Cases kept decoded in memory; each is checked against the head of its log before it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A case as the database has it after event *seq*: what the next record is compared with. Nobody changes *case*."""

    seq: int = 0
    head: str = GENESIS
    case: Case | None = None


NOTHING = Known()


class Memory:
    """The cases used last, decoded; the head hash of each proves whether it still is what the database has."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._cases: OrderedDict[str, tuple[Case, str]] = OrderedDict()
        self._size = size
        self._lock = Lock()

    def get(self, case_id: str) -> tuple[Case, str] | None:
        """Return the case and the head hash of its log."""
        with self._lock:
            found = self._cases.get(case_id)
            if found is not None:
                self._cases.move_to_end(case_id)
            return found

    def put(self, case: Case, head: str) -> None:
        """Keep *case*, which nobody may change from now on."""
        with self._lock:
            self._cases[case.id] = (case, head)
            self._cases.move_to_end(case.id)
            if len(self._cases) > self._size:
                self._cases.popitem(last=False)

    def __contains__(self, case_id: str) -> bool:
        return case_id in self._cases

    def forget(self) -> None:
        with self._lock:
            self._cases.clear()


def _by_id(*columns: Any, lock: bool = False) -> Sql:
    asked = select(*columns).where(cases.c.id == bindparam("id"))
    return Sql(asked.with_for_update() if lock else asked)


_STATE = _by_id(cases.c.head_hash, cases.c.state)
_STATE_LOCKED = _by_id(cases.c.head_hash, cases.c.state, lock=True)
_HEAD = _by_id(cases.c.head_hash)
_HEAD_LOCKED = _by_id(cases.c.head_hash, lock=True)


_PAST = Sql(select(case_past.c.part, case_past.c.body).where(case_past.c.case_id == bindparam("id")))


def load(wire: Wire, memory: Memory, case_id: str, *, lock: bool) -> tuple[Case, Known] | None:
    """Return the case and what is known of it; *lock* keeps other writers off until the commit (PostgreSQL)."""
    asked = {"id": case_id}
    kept = memory.get(case_id)
    if kept is not None:
        row = wire.row(_HEAD_LOCKED if lock else _HEAD, asked)
        if row is None:
            return None
        if row[0] == kept[1]:
            return _to_work_on(*kept)
    row = wire.row(_STATE_LOCKED if lock else _STATE, asked)
    if row is None:
        return None
    case = case_from_json(row[1], wire.rows(_PAST, asked))
    if not lock:  # a writer keeps what it records
        memory.put(case, row[0])
    return _to_work_on(case, row[0])


def _to_work_on(case: Case, head: str) -> tuple[Case, Known]:
    return copy_case(case), Known(seq=case.seq, head=head, case=case)


_STATES = Sql(among(cases.c.id, "ids", cases.c.id, cases.c.head_hash, cases.c.state))
_PASTS = Sql(among(case_past.c.case_id, "ids", case_past.c.case_id, case_past.c.part, case_past.c.body))


class CasesAhead:
    """Cases that are locked already, read with two questions: `load` for many. Each is decoded when it is taken."""

    def __init__(self, wire: Wire, memory: Memory, case_ids: Sequence[str]) -> None:
        wanted = {"ids": wire.listed(case_ids)}
        self._memory = memory
        self._past: dict[str, list[Sequence[str]]] = {}
        for case_id, part, body in wire.rows(_PASTS, wanted):
            self._past.setdefault(case_id, []).append((part, body))
        self._states = {case_id: (head, state) for case_id, head, state in wire.rows(_STATES, wanted)}

    def take(self, case_id: str) -> tuple[Case, Known] | None:
        """Return a case, once; None for one that is unknown, taken or written since."""
        row = self._states.pop(case_id, None)
        if row is None:
            return None
        head, state = row
        kept = self._memory.get(case_id)
        if kept is not None and kept[1] == head:
            return _to_work_on(*kept)
        return _to_work_on(case_from_json(state, self._past.get(case_id, ())), head)

    def forget(self, case_id: str) -> None:
        self._states.pop(case_id, None)


_INSERT = insert_new(cases)
_MOVE = Sql(
    update(cases)
    .where(cases.c.id == bindparam("of_case"), cases.c.seq == bindparam("base"))
    .values(seq=bindparam("seq"), head_hash=bindparam("head_hash"), state=bindparam("state"))
)
_MOVE_ALL = Sql(
    update(cases)
    .where(cases.c.id == bindparam("of_case"), cases.c.seq == bindparam("base"))
    .values({n: bindparam(n) for n in (*p.LINE, "search", "seq", "head_hash", "state")})
)


def save(wire: Wire, case: Case, before: Known, head: str) -> Known:
    """
    Write the case's row and the rows that changed, and return what is known now.

    Raises:
        CaseMoved: the row is no longer as *before* says.
    """
    old = before.case
    assert case is not old, "a case that was written is read again before it is changed"
    values, old_values = p.values_of(case), p.values_of(old) if old is not None else {}
    fields = p.field_rows(values) if values != old_values else None
    _save_row(wire, case, before, head, fields)
    p.write_parts(wire, case, old)
    if fields is not None:
        p.write_fields(wire, case.id, p.field_rows(old_values), fields)
    if case.files or (old is not None and old.files):
        p.write_files(wire, case.id, p.file_rows(old) if old is not None else {}, p.file_rows(case))
    return Known(seq=case.seq, head=head, case=case)


def _save_row(wire: Wire, case: Case, before: Known, head: str, fields: p.Rows | None) -> None:
    """*fields*: the values for lists and counts if they changed."""
    moved, line = CaseMoved(case.id), p.line_values(case)
    row: dict[str, Any] = {"seq": case.seq, "head_hash": head, "state": case_to_json(case)}
    same_line = before.case is not None and fields is None and line == p.line_values(before.case)
    if not same_line:
        searched = p.field_rows(p.values_of(case)) if fields is None else fields
        row |= p.line_params(wire, line) | {"search": p.search_text(case, searched)}
    if before.seq:
        wire.must(_MOVE if same_line else _MOVE_ALL, row | {"of_case": case.id, "base": before.seq}, moved)
    else:
        wire.must(_INSERT, row | _constant(case), moved)


def _constant(case: Case) -> dict[str, Any]:
    return {
        "id": case.id, "policy": case.policy, "kind": case.kind,
        "reporter": case.reporter, "parent": case.parent,
    }  # fmt: skip


def acted_on(recorded: Sequence[Recorded]) -> int | None:
    """Return the visit that somebody acted on, the last if several: its card is refreshed first."""
    visits = (getattr(r.event, "visit", None) for r in reversed(recorded) if r.actor != CLOCK)
    return next((v for v in visits if v is not None), None)
