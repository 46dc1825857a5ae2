"""What lists, clocks and counts need of a case, as rows: computed from its state, written where they changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, update

from complaints.case import Case, CaseFile, Deadline, LedgerLine, Visit
from complaints.facts import plain_texts
from storage.codec import Past, dump, load, part_to_json, past_of
from storage.tables import case_fields, case_files, case_past, deadlines, open_seats
from storage.wire import Params, Sql, Wire, insert_into, insert_new, upsert

Rows = dict[tuple[Any, ...], tuple[Any, ...]]


def seat_rows(case: Case, visits: Iterable[Visit] | None = None) -> Rows:
    """Return (visit, seat) -> (stage, role, member, due_at) of the seats that wait for an answer (in *visits*)."""
    found: Rows = {}
    for visit in case.visits.values() if visits is None else visits:
        if visit.ended is not None:
            continue
        deadline = case.deadline_of(visit.id)
        due_at = deadline.due_at if deadline else None
        for state in visit.seats:
            seat = state.seat
            if state.answer is None:
                found[(visit.id, seat.id)] = (visit.stage, seat.role or seat.unit, seat.member, due_at)
    return found


def deadline_rows(case: Case, clocks: Iterable[Deadline] | None = None) -> Rows:
    """Return (number,) -> (next_at, due_at, clock, visit) of the deadlines with a step to come (among *clocks*)."""
    found: Rows = {}
    for deadline in case.deadlines.values() if clocks is None else clocks:
        next_at = deadline.next_at
        if next_at is not None:
            found[(deadline.id,)] = (next_at, deadline.due_at, deadline.clock, deadline.visit)
    return found


def file_rows(case: Case) -> Rows:
    """Return (file,) -> (name's word id, size, sha256, state) of the files of a case."""
    return {
        (file.id,): (str(file.name.get("$words", "")), file.size, file.sha256, _file_state(case, file))
        for file in case.files.values()
    }


def _file_state(case: Case, file: CaseFile) -> str:
    if case.erased:
        return "erased"
    if file.sha256 is not None:
        return "stored"
    return "given" if file.missed is None else "missed"


def field_rows(fields: Mapping[str, Any]) -> Rows:
    """Return (field, value) of the plain values; never words of a person."""
    return {
        (name, text): ()
        for name, value in fields.items()
        for text in (value if name.startswith(LEDGER) else plain_texts(value))
    }


def values_of(case: Case) -> Mapping[str, Any]:
    """Return what of a case is kept for counts: its fields, and its lines of ledgers."""
    if not case.ledger:
        return case.fields
    found: dict[str, Any] = dict(case.fields)
    for line in case.ledger:
        found.setdefault(ledger_field(case.policy, line.entry), []).append(ledger_text(line))
    return found


LEDGER = "ledger:"


def ledger_field(policy: str, entry: str) -> str:
    """Return the name under which the lines of a ledger are kept; no field of a policy can have it."""
    return f"{LEDGER}{policy}:{entry}"


def ledger_text(line: LedgerLine) -> str:
    """Return a line of a ledger as text, without the log in which it stands and its entry."""
    plain = [line.kind, line.who, line.case_id, line.amount, line.at, line.seq, line.month]
    return dump(plain)


def read_ledger_text(log: str, entry: str, text: str) -> LedgerLine:
    """Return the line that `ledger_text` wrote."""
    kind, who, case_id, amount, at, seq, month = load(text)
    return LedgerLine(
        log=log, entry=entry, kind=kind, who=who, case_id=case_id, amount=amount, at=at, seq=seq, month=month
    )


def line_values(case: Case) -> tuple[Any, ...]:
    """Return the values of `LINE`: what a case's row shows beside its state."""
    clock = case.clock("case")
    due_at = clock.due_at if clock is not None and clock.ended is None else None
    return (
        case.number, case.old_number, case.status, case.owner, case.opened_at, case.closed_at, case.finished_at,
        due_at, case.outcome, case.bundle,
    )  # fmt: skip


LINE = (
    "number",
    "old_number",
    "status",
    "owner",
    "opened_at",
    "closed_at",
    "finished_at",
    "due_at",
    "outcome",
    "bundle",
)
_LINE_INSTANTS = frozenset({"opened_at", "closed_at", "finished_at", "due_at"})


def line_params(wire: Wire, values: tuple[Any, ...]) -> dict[str, Any]:
    return {n: wire.instant(v) if n in _LINE_INSTANTS else v for n, v in zip(LINE, values, strict=True)}


def search_text(case: Case, rows: Rows) -> str:
    """Return what a search looks through: names of the case and its plain values, case-folded."""
    names = (case.number, case.old_number, case.id)
    return "\n".join(
        [n for n in names if n] + [value for name, value in rows if not name.startswith(LEDGER)]
    ).casefold()


# --- writing what changed --------------------------------------------------------------------------------


def write_parts(wire: Wire, case: Case, old: Case | None) -> None:
    """Write what changed among the visits and deadlines of *case* since *old*: they are frozen, so a change is another object."""
    clocks, clocks_before = _changed(case.deadlines, old.deadlines if old else {})
    visits, visits_before = _changed(case.visits, old.visits if old else {})
    of_visits = {d.visit for d in (*clocks, *clocks_before)} | {v.id for v in (*visits, *visits_before)}
    touched = [v for v in case.visits.values() if v.id in of_visits]
    if old is not None:
        touched_before = [v for v in old.visits.values() if v.id in of_visits]
        write_seats(wire, case.id, seat_rows(old, touched_before), seat_rows(case, touched))
        write_deadlines(wire, case.id, deadline_rows(old, clocks_before), deadline_rows(case, clocks))
    else:
        write_seats(wire, case.id, {}, seat_rows(case, touched))
        write_deadlines(wire, case.id, {}, deadline_rows(case, clocks))
    write_past(wire, case.id, past_of(visits_before, clocks_before), past_of(visits, clocks))


Part = TypeVar("Part")


def _changed(new: Mapping[int, Part], old: Mapping[int, Part]) -> tuple[list[Part], list[Part]]:
    """Return the parts that are new or other than before, and those that they take the place of, or that are gone."""
    come = [part for number, part in new.items() if old.get(number) is not part]
    gone = [part for number, part in old.items() if new.get(number) is not part]
    return come, gone


_DELETE_SEAT = Sql(
    delete(open_seats).where(
        open_seats.c.case_id == bindparam("case_id"),
        open_seats.c.visit == bindparam("visit"),
        open_seats.c.seat == bindparam("seat"),
    )
)
_INSERT_SEAT = insert_into(open_seats)
_DELETE_DEADLINE = Sql(
    delete(deadlines).where(deadlines.c.case_id == bindparam("case_id"), deadlines.c.number == bindparam("number"))
)
_INSERT_DEADLINE = insert_into(deadlines)
_UPDATE_DEADLINE = Sql(
    update(deadlines)
    .where(deadlines.c.case_id == bindparam("of_case"), deadlines.c.number == bindparam("of_number"))
    .values(next_at=bindparam("next_at"), due_at=bindparam("due_at"))
)
_DELETE_FIELD = Sql(
    delete(case_fields).where(
        case_fields.c.case_id == bindparam("case_id"),
        case_fields.c.field == bindparam("field"),
        case_fields.c.value == bindparam("value"),
    )
)
_INSERT_FIELD = insert_new(case_fields)


def write_seats(wire: Wire, case_id: str, old: Rows, new: Rows) -> None:
    if old == new:
        return
    gone = [k for k, v in old.items() if new.get(k) != v]
    come = [k for k, v in new.items() if old.get(k) != v]
    wire.many(_DELETE_SEAT, [{"case_id": case_id, "visit": v, "seat": s} for v, s in gone])
    wire.many(_INSERT_SEAT, [_seat(wire, case_id, key, new[key]) for key in come])


def _seat(wire: Wire, case_id: str, key: tuple[Any, ...], row: tuple[Any, ...]) -> Params:
    stage, role, member, due_at = row
    return {
        "case_id": case_id,
        "visit": key[0],
        "seat": key[1],
        "stage": stage,
        "role": role,
        "member": member,
        "due_at": wire.instant(due_at),
    }


def write_deadlines(wire: Wire, case_id: str, old: Rows, new: Rows) -> None:
    gone = [k for k in old if k not in new]
    moved = [k for k, v in new.items() if k in old and old[k] != v]
    come = [k for k in new if k not in old]
    wire.many(_DELETE_DEADLINE, [{"case_id": case_id, "number": n} for (n,) in gone])
    wire.many(
        _UPDATE_DEADLINE,
        [
            {
                "of_case": case_id,
                "of_number": k[0],
                "next_at": wire.instant(new[k][0]),
                "due_at": wire.instant(new[k][1]),
            }
            for k in moved
        ],
    )
    wire.many(
        _INSERT_DEADLINE,
        [
            {
                "case_id": case_id,
                "number": k[0],
                "next_at": wire.instant(new[k][0]),
                "due_at": wire.instant(new[k][1]),
                "clock": new[k][2],
                "visit": new[k][3],
            }
            for k in come
        ],
    )


# What is operational (upload, shared) stays as it is.
_PUT_FILE = upsert(case_files, ("case_id", "file", "name", "size", "sha256", "state"))
_DELETE_FILE = Sql(
    delete(case_files).where(case_files.c.case_id == bindparam("case_id"), case_files.c.file == bindparam("file"))
)


def write_files(wire: Wire, case_id: str, old: Rows, new: Rows) -> None:
    if old == new:
        return
    wire.many(_DELETE_FILE, [{"case_id": case_id, "file": f} for (f,) in old if (f,) not in new])
    wire.many(
        _PUT_FILE,
        [
            {"case_id": case_id, "file": k[0], "name": v[0], "size": v[1], "sha256": v[2], "state": v[3]}
            for k, v in new.items()
            if old.get(k) != v
        ],
    )


_PUT_PAST = upsert(case_past)
_DELETE_PAST = Sql(
    delete(case_past).where(
        case_past.c.case_id == bindparam("case_id"),
        case_past.c.part == bindparam("part"),
        case_past.c.number == bindparam("number"),
    )
)


def write_past(wire: Wire, case_id: str, old: Past, new: Past) -> None:
    gone = [key for key in old if key not in new]
    come = [(key, part) for key, part in new.items() if old.get(key) is not part]
    wire.many(_DELETE_PAST, [{"case_id": case_id, "part": p, "number": n} for p, n in gone])
    wire.many(
        _PUT_PAST,
        [{"case_id": case_id, "part": k[0], "number": k[1], "body": part_to_json(v)} for k, v in come],
    )


def write_fields(wire: Wire, case_id: str, old: Rows, new: Rows) -> None:
    wire.many(_DELETE_FIELD, [{"case_id": case_id, "field": f, "value": v} for f, v in old if (f, v) not in new])
    wire.many(_INSERT_FIELD, [{"case_id": case_id, "field": f, "value": v} for f, v in new if (f, v) not in old])
