"""What the logs add up to, computed again: `check` compares it with what the tables say, `rebuild` writes it there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import DecodeError
from sqlalchemy import Connection, bindparam, delete, func, select, update

from complaints import events as e
from complaints.case import Case
from complaints.evolution import evolve
from storage import case_book, desk_log, log_book
from storage import projections as p
from storage.codec import event_from_json
from storage.engine import Engines
from storage.tables import (
    DESK,
    case_fields,
    case_files,
    case_past,
    cases,
    deadlines,
    events,
    logs,
    open_seats,
    policies_in_force,
    serials,
)
from storage.upgrade import at_once
from storage.wire import Sql, Wire, insert_into

Progress = Callable[[int, int], None]
"""Called with (cases done, cases in all)."""

_REBUILT = (case_past, case_fields, case_files, open_seats, deadlines, serials, policies_in_force, logs, cases)

_LOGS = Sql(
    select(events.c.log_id)
    .where(events.c.seq == 1, events.c.log_id != DESK, events.c.log_id > bindparam("after"))
    .order_by(events.c.log_id)
    .limit(1000)
)
_COUNT = Sql(select(func.count()).select_from(events).where(events.c.seq == 1, events.c.log_id != DESK))
_LAST = Sql(
    select(events.c.seq, events.c.hash)
    .where(events.c.log_id == bindparam("log_id"))
    .order_by(events.c.seq.desc())
    .limit(1)
)
_NUMBERED = Sql(select(events.c.body).where(events.c.kind == e.CaseNumbered.__name__))
_UPLOADS = Sql(
    select(case_files.c.case_id, case_files.c.file, case_files.c.upload, case_files.c.shared).where(
        (case_files.c.shared == 1) | case_files.c.upload.is_not(None)
    )
)
_KEEP_UPLOAD = Sql(
    update(case_files)
    .where(case_files.c.case_id == bindparam("in_case"), case_files.c.file == bindparam("of_file"))
    .values(upload=bindparam("up"), shared=bindparam("is_shared"))
)
_INSERT_SERIAL, _INSERT_LOG = insert_into(serials), insert_into(logs)


def rebuild(engines: Engines, progress: Progress = lambda done, of: None) -> int:
    """
    Write what the logs add up to, all or nothing, and return the number of cases.

    What is operational of a file (its upload, whether it is shared) is kept. The caller made sure that no bot works on the database (`Leases.refuse_while_alive`).
    """
    with at_once(engines.write) as core:
        return rebuild_on(core, progress)


def rebuild_on(core: Connection, progress: Progress = lambda done, of: None) -> int:
    """Do the same in the transaction of *core*."""
    wire = Wire(core)
    uploads = wire.rows(_UPLOADS, {})
    for table in _REBUILT:
        core.execute(delete(table))
    total = _number_of_cases(wire)
    for done, (case, head) in enumerate(_folded(wire), start=1):
        case_book.save(wire, case, case_book.NOTHING, head)
        progress(done, total)
    wire.many(_KEEP_UPLOAD, [{"in_case": r[0], "of_file": r[1], "up": r[2], "is_shared": r[3]} for r in uploads])
    _rebuild_desk(wire)
    wire.many(_INSERT_SERIAL, [{"series": s, "period": t, "last": n} for (s, t), n in _serials(wire).items()])
    return total


def _number_of_cases(wire: Wire) -> int:
    row = wire.row(_COUNT, {})
    return int(row[0]) if row else 0


def _folded(wire: Wire) -> Iterator[tuple[Case, str]]:
    """Yield each case as its log adds it up, with its head hash."""
    after = ""
    while rows := wire.rows(_LOGS, {"after": after}):
        for (log_id,) in rows:
            case: Case | None = None
            for recorded in log_book.read(wire, log_id):
                case = evolve(case, recorded)
            last = wire.row(_LAST, {"log_id": log_id})
            assert case is not None
            assert last is not None
            yield case, last[1]
        after = rows[-1][0]


def _rebuild_desk(wire: Wire) -> None:
    last = wire.row(_LAST, {"log_id": DESK})
    if last is None:
        return
    wire.run(_INSERT_LOG, {"log_id": DESK, "seq": last[0], "head_hash": last[1]})
    for recorded in log_book.read(wire, DESK):
        desk_log.take_in(wire, recorded)


def _serials(wire: Wire) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for (body,) in wire.rows(_NUMBERED, {}):
        event = event_from_json(e.CaseNumbered.__name__, body)
        assert isinstance(event, e.CaseNumbered)
        key = (event.series, event.period)
        found[key] = max(found.get(key, 0), event.serial)
    return found


# --- comparing -------------------------------------------------------------------------------------------

_LINE = Sql(select(*(cases.c[n] for n in p.LINE), cases.c.search).where(cases.c.id == bindparam("case_id")))
_SEATS = Sql(
    select(
        open_seats.c.visit, open_seats.c.seat, open_seats.c.stage, open_seats.c.role, open_seats.c.member,
        open_seats.c.due_at,
    ).where(open_seats.c.case_id == bindparam("case_id"))
)  # fmt: skip
_DEADLINES = Sql(
    select(deadlines.c.number, deadlines.c.next_at, deadlines.c.due_at, deadlines.c.clock, deadlines.c.visit).where(
        deadlines.c.case_id == bindparam("case_id")
    )
)
_FILES = Sql(
    select(case_files.c.file, case_files.c.name, case_files.c.size, case_files.c.sha256, case_files.c.state).where(
        case_files.c.case_id == bindparam("case_id")
    )
)
_FIELDS = Sql(select(case_fields.c.field, case_fields.c.value).where(case_fields.c.case_id == bindparam("case_id")))
_ALL_CASES = Sql(select(func.count()).select_from(cases))


def check(engines: Engines, progress: Progress = lambda done, of: None) -> list[str]:
    """Return what the tables say otherwise than the logs, one sentence each; nothing is changed."""
    found: list[str] = []
    with engines.read.connect() as core:
        wire = Wire(core)
        total = _number_of_cases(wire)
        for done, (case, head) in enumerate(_folded(wire), start=1):
            found += [f"case {case.name}: {what} differ from its log" for what in _differences(wire, case, head)]
            progress(done, total)
        rows = wire.row(_ALL_CASES, {})
        if rows and rows[0] != total:
            found.append(f"there are {rows[0]} cases but {total} case logs")
        found += _desk_differences(wire)
    return found


def _differences(wire: Wire, case: Case, head: str) -> Iterator[str]:
    """Name what differs; a fresh memory makes sure that the row itself is read."""
    asked = {"case_id": case.id}
    try:
        stored = case_book.load(wire, case_book.Memory(), case.id, lock=False)
    except DecodeError:
        stored = None
    if stored is None or stored[0] != case or stored[1].head != head:
        yield "the row with the state"
    line = wire.row(_LINE, asked)
    fields = p.field_rows(p.values_of(case))
    expected = (*p.line_params(wire, p.line_values(case)).values(), p.search_text(case, fields))
    if line is None or tuple(map(_plain, line)) != tuple(map(_plain, expected)):
        yield "the values for lists"
    seats = {(r[0], r[1]): (r[2], r[3], r[4], wire.aware(r[5])) for r in wire.rows(_SEATS, asked)}
    if seats != p.seat_rows(case):
        yield "the open seats"
    clocks = {(r[0],): (wire.aware(r[1]), wire.aware(r[2]), r[3], r[4]) for r in wire.rows(_DEADLINES, asked)}
    if clocks != p.deadline_rows(case):
        yield "the deadlines"
    if {(r[0], r[1]) for r in wire.rows(_FIELDS, asked)} != set(fields):
        yield "the values for counts"
    if {(r[0],): tuple(r[1:]) for r in wire.rows(_FILES, asked)} != p.file_rows(case):
        yield "the files"


def _plain(value: Any) -> Any:
    return value.timestamp() if hasattr(value, "timestamp") else value


_STORED_SERIALS = Sql(select(serials.c.series, serials.c.period, serials.c.last))
_STORED_FORCE = Sql(select(policies_in_force.c.policy, policies_in_force.c.bundle))


def _desk_differences(wire: Wire) -> Iterator[str]:
    stored = {(r[0], r[1]): r[2] for r in wire.rows(_STORED_SERIALS, {})}
    if stored != _serials(wire):
        yield "the serials differ from the numbers that were drawn"
    in_force: dict[str, str] = {}
    for recorded in log_book.read(wire, DESK):
        if isinstance(recorded.event, e.PolicyPutInForce):
            in_force[recorded.event.policy] = recorded.event.bundle
    if {r[0]: r[1] for r in wire.rows(_STORED_FORCE, {})} != in_force:
        yield "the policies in force differ from the desk's log"
