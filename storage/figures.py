"""The cases that a report counts, read in chunks; and what makes two of them the same matter."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from msgspec import Struct
from msgspec.json import Decoder
from sqlalchemy import and_, bindparam, or_, select

from complaints.case import OPEN, Call, CaseFile, Turn
from complaints.lives import Life, Promise, Stint
from storage.codec import listed
from storage.counts import NOT_COUNTED
from storage.tables import case_fields, case_past, cases
from storage.wire import Sql, Wire, among

CHUNK = 500
Spans = Sequence[tuple[datetime, datetime]]
Past = Sequence[tuple[str, str]]


def lives(wire: Wire, policy: str, kinds: Collection[str], spans: Spans) -> Iterator[Life]:
    """
    Return the cases that had begun before the end of a span and were not over before its beginning.

    Their ids are found at once and the cases read in chunks by them: to look for each next chunk would be to go through
    all cases for each.
    """
    lived = [
        and_(
            cases.c.opened_at < bindparam(f"end{n}"),
            or_(cases.c.finished_at.is_(None), cases.c.finished_at >= bindparam(f"begin{n}")),
        )
        for n in range(len(spans))
    ]
    asked = select(cases.c.id).where(
        cases.c.policy == bindparam("policy"), cases.c.kind.in_(list(kinds)), cases.c.status.not_in(NOT_COUNTED),
        or_(*lived),
    )  # fmt: skip
    wanted: dict[str, Any] = {"policy": policy}
    for n, (begin, end) in enumerate(spans):
        wanted |= {f"begin{n}": wire.instant(begin), f"end{n}": wire.instant(end)}
    ids = sorted(str(row[0]) for row in wire.rows(Sql(asked), wanted))
    for start in range(0, len(ids), CHUNK):
        these = wire.listed(ids[start : start + CHUNK])
        past = _past_of(wire, these)
        for case_id, state in sorted((r[0], r[1]) for r in wire.rows(_STATES, {"ids": these})):
            yield _life(state, past.get(case_id, ()))


_STATES = Sql(among(cases.c.id, "ids", cases.c.id, cases.c.state))
_PAST = Sql(
    among(
        case_past.c.case_id, "ids", case_past.c.case_id, case_past.c.part, case_past.c.body,
        where=or_(
            case_past.c.part == "visit",
            case_past.c.body.contains('"clock":"case"'),
            case_past.c.body.contains('"in_time":false'),
        ),
    )
)  # fmt: skip


def _past_of(wire: Wire, ids: Any) -> dict[str, list[tuple[str, str]]]:
    """Return the visits that are over, the cases' own clocks and what was late, of those cases (`Wire.listed`)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for case_id, part, body in wire.rows(_PAST, {"ids": ids}):
        found.setdefault(case_id, []).append((part, body))
    return found


# --- from the stored JSON: what figures need of it, the rest is passed over ---------------------------------


class _Seat(Struct, gc=False):
    role: str | None = None
    member: str | None = None
    unit: str | None = None


class _SeatState(Struct, gc=False):
    seat: _Seat


class _Visit(Struct, gc=False):
    id: int
    stage: str
    opened_at: datetime
    seats: tuple[_SeatState, ...]
    ended: str | None = None
    ended_at: datetime | None = None
    decision: str | None = None
    decided_by: str | None = None
    in_time: bool | None = None
    extended: bool = False
    calls: tuple[Call, ...] = ()
    reassigned: bool = False


class _Deadline(Struct, gc=False):
    id: int
    clock: str
    visit: int | None
    due_at: datetime
    ended: str | None = None
    in_time: bool | None = None


class _Case(Struct, gc=False):
    id: str
    policy: str
    reporter: str
    opened_at: datetime
    status: str = OPEN
    owner: str | None = None
    number: str | None = None
    old_number: str | None = None
    outcome: str | None = None
    finished_at: datetime | None = None
    fields: dict[str, Any] = {}
    amounts: dict[str, str] = {}
    files: dict[str, CaseFile] = {}
    visits: dict[int, _Visit] = {}
    deadlines: dict[int, _Deadline] = {}
    turns: tuple[Turn, ...] = ()


_CASE, _VISITS, _DEADLINES = Decoder(_Case), Decoder(list[_Visit]), Decoder(list[_Deadline])


def _life(state: str, past: Past) -> Life:
    case = _CASE.decode(state)
    visits = [*_VISITS.decode(listed(past, "visit")), *case.visits.values()]
    deadlines = [*_DEADLINES.decode(listed(past, "deadline")), *case.deadlines.values()]
    visits.sort(key=_number)
    deadlines.sort(key=_number, reverse=True)
    limits = {d.visit: d.due_at for d in deadlines if d.clock == "stage"}
    promise = next((d for d in deadlines if d.clock == "case"), None)
    return Life(
        id=case.id,
        name=case.number or case.old_number or case.id,
        policy=case.policy,
        status=case.status,
        person=case.owner or case.reporter,
        opened_at=case.opened_at,
        finished_at=case.finished_at,
        outcome=case.outcome,
        turns=case.turns,
        fields=case.fields,
        amounts=case.amounts,
        files=case.files,
        promise=Promise(promise.due_at, promise.ended is not None, promise.in_time) if promise else None,
        stints=tuple([_stint(visit, limits.get(visit.id)) for visit in visits]),
    )


_number = attrgetter("id")


def _stint(visit: _Visit, due_at: datetime | None) -> Stint:
    person, unit = visit.decided_by, None
    for state in visit.seats:
        person = person or state.seat.member
        unit = unit or state.seat.role or state.seat.unit
    return Stint(
        visit.id,
        visit.stage,
        visit.opened_at,
        visit.ended,
        visit.ended_at,
        visit.decision,
        person,
        unit,
        visit.in_time,
        visit.extended,
        visit.reassigned,
        visit.calls,
        due_at,
    )


# --- repeats -----------------------------------------------------------------------------------------------


def matters(
    wire: Wire, policy: str, same: Sequence[str], until: datetime
) -> list[tuple[datetime, str, tuple[str, ...]]]:
    """Return the cases with their values of *same*, those without one left out; a list counts as one text."""
    asked = (
        select(cases.c.id, cases.c.opened_at, case_fields.c.field, case_fields.c.value)
        .join(case_fields, case_fields.c.case_id == cases.c.id)
        .where(cases.c.policy == bindparam("policy"), cases.c.status.not_in(NOT_COUNTED))
        .where(cases.c.opened_at < bindparam("until"), case_fields.c.field.in_(list(same)))
        .order_by(cases.c.id, case_fields.c.field, case_fields.c.value)
    )
    values: dict[tuple[str, Any], dict[str, str]] = {}
    for case_id, opened_at, field, value in wire.rows(Sql(asked), {"policy": policy, "until": wire.instant(until)}):
        known = values.setdefault((case_id, opened_at), {})
        known[field] = f"{known[field]}\n{value}" if field in known else str(value)
    whole = ((id_, wire.aware(at), v) for (id_, at), v in values.items() if len(v) == len(same))
    return [(at, id_, tuple(v[n] for n in same)) for id_, at, v in whole if at is not None]
