"""The cases that a report counts, read in chunks; and what makes two of them the same matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from complaints.case import Visit
from complaints.lives import Life, Promise, Stint
from storage.codec import case_from_json
from storage.counts import NOT_COUNTED
from storage.tables import case_fields, case_past, cases

CHUNK = 500
Spans = Sequence[tuple[datetime, datetime]]
Past = Sequence[tuple[str, str]]


def lives(core: Connection, policy: str, kinds: Collection[str], spans: Spans) -> Iterator[Life]:
    """Return the cases that had begun before the end of a span and were not over before its beginning."""
    asked = select(cases.c.id, cases.c.state).where(
        cases.c.policy == policy,
        cases.c.kind.in_(list(kinds)),
        cases.c.status.not_in(NOT_COUNTED),
        or_(*(_lived_in(begin, end) for begin, end in spans)),
    )
    last = ""
    while True:
        rows = core.execute(asked.where(cases.c.id > last).order_by(cases.c.id).limit(CHUNK)).all()
        if not rows:
            return
        last = str(rows[-1][0])
        past = _past_of(core, str(rows[0][0]), last)
        for case_id, state in rows:
            yield _life(state, past.get(case_id, ()))


def _lived_in(begin: datetime, end: datetime) -> Any:
    return and_(cases.c.opened_at < end, or_(cases.c.finished_at.is_(None), cases.c.finished_at >= begin))


def _past_of(core: Connection, first: str, last: str) -> dict[str, list[tuple[str, str]]]:
    """Return the visits that are over, the cases' own clocks and what was late, of the cases from *first* to *last*."""
    asked = select(case_past.c.case_id, case_past.c.part, case_past.c.body).where(
        case_past.c.case_id >= first,
        case_past.c.case_id <= last,
        or_(
            case_past.c.part == "visit",
            case_past.c.body.contains('"clock":"case"'),
            case_past.c.body.contains('"in_time":false'),
        ),
    )
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for case_id, part, body in core.execute(asked):
        found[case_id].append((part, body))
    return found


# --- from the stored JSON ------------------------------------------------------------------------------------


def _life(state: str, past: Past) -> Life:
    case = case_from_json(state, past)
    deadlines = list(reversed(case.deadlines.values()))
    limits = {d.visit: d.due_at for d in deadlines if d.clock == "stage"}
    promise = next((d for d in deadlines if d.clock == "case"), None)
    return Life(
        id=case.id,
        name=case.name,
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
        stints=tuple(_stint(visit, limits.get(visit.id)) for visit in case.visits.values()),
    )


def _stint(visit: Visit, due_at: datetime | None) -> Stint:
    seats = [s.seat for s in visit.seats]
    return Stint(
        visit.id,
        visit.stage,
        visit.opened_at,
        visit.ended,
        visit.ended_at,
        visit.decision,
        visit.decided_by or next((s.member for s in seats if s.member), None),
        next((s.role or s.unit for s in seats if s.role or s.unit), None),
        visit.in_time,
        visit.extended,
        visit.reassigned,
        visit.calls,
        due_at,
    )


# --- repeats -----------------------------------------------------------------------------------------------


def matters(
    core: Connection, policy: str, same: Sequence[str], until: datetime
) -> list[tuple[datetime, str, tuple[str, ...]]]:
    """Return the cases with their values of *same*, those without one left out; a list counts as one text."""
    asked = (
        select(cases.c.id, cases.c.opened_at, case_fields.c.field, case_fields.c.value)
        .join(case_fields, case_fields.c.case_id == cases.c.id)
        .where(cases.c.policy == policy, cases.c.status.not_in(NOT_COUNTED), cases.c.opened_at < until)
        .where(case_fields.c.field.in_(list(same)))
        .order_by(cases.c.id, case_fields.c.field, case_fields.c.value)
    )
    values: dict[tuple[datetime, str], dict[str, str]] = defaultdict(dict)
    for case_id, opened_at, field, value in core.execute(asked):
        known = values[(opened_at, case_id)]
        known[field] = f"{known[field]}\n{value}" if field in known else str(value)
    return [(at, id_, tuple(v[n] for n in same)) for (at, id_), v in values.items() if all(n in v for n in same)]
