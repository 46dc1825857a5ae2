"""The cases that a report counts, read in chunks; and what makes two of them the same matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Connection, and_, or_, select

from complaints.case import OPEN, Call, CaseFile, Turn
from complaints.lives import Life, Promise, Stint
from storage.counts import NOT_COUNTED
from storage.tables import case_fields, case_past, cases

CHUNK = 500
Spans = Sequence[tuple[datetime, datetime]]


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
            yield _life(str(case_id), state, past.get(case_id, ()))


def _lived_in(begin: datetime, end: datetime) -> Any:
    return and_(cases.c.opened_at < end, or_(cases.c.finished_at.is_(None), cases.c.finished_at >= begin))


def _past_of(core: Connection, first: str, last: str) -> dict[str, list[str]]:
    """Return the visits that are over, the cases' own clocks and what was late, of the cases from *first* to *last*."""
    asked = select(case_past.c.case_id, case_past.c.body).where(
        case_past.c.case_id >= first,
        case_past.c.case_id <= last,
        or_(
            case_past.c.part == "visit",
            case_past.c.body.contains('"clock":"case"'),
            case_past.c.body.contains('"in_time":false'),
        ),
    )
    found: dict[str, list[str]] = defaultdict(list)
    for case_id, body in core.execute(asked):
        found[case_id].append(body)
    return found


# --- from the stored JSON, without building the whole case -------------------------------------------------


def _life(case_id: str, state: str, past: Sequence[str]) -> Life:
    made = from_json(state)
    over: list[dict[str, Any]] = from_json(f"[{','.join(past)}]") if past else []
    parts = [*over, *made.get("visits", {}).values(), *made.get("deadlines", {}).values()]
    clocks = sorted((p for p in parts if "clock" in p), key=_by_id)
    limits = {c["visit"]: c["due_at"] for c in reversed(clocks) if c["clock"] == "stage"}
    promise = next((c for c in reversed(clocks) if c["clock"] == "case"), None)
    return Life(
        id=case_id,
        name=made.get("number") or made.get("old_number") or case_id,
        policy=made["policy"],
        status=made.get("status", OPEN),
        person=made.get("owner") or made["reporter"],
        opened_at=_at(made["opened_at"]),
        finished_at=_at_or_none(made.get("finished_at")),
        outcome=made.get("outcome"),
        turns=tuple(Turn(what=t["what"], at=_at(t["at"])) for t in made.get("turns", ())),
        fields=made.get("fields", {}),
        amounts=made.get("amounts", {}),
        files={name: CaseFile(**file) for name, file in made.get("files", {}).items()},
        promise=Promise(_at(promise["due_at"]), "ended" in promise, promise.get("in_time")) if promise else None,
        stints=tuple(_stint(p, limits) for p in sorted((p for p in parts if "stage" in p), key=_by_id)),
    )


def _stint(visit: dict[str, Any], limits: dict[int, str]) -> Stint:
    seats = [s["seat"] for s in visit["seats"]]
    due_at = limits.get(visit["id"])
    return Stint(
        visit["id"],
        visit["stage"],
        _at(visit["opened_at"]),
        visit.get("ended"),
        _at_or_none(visit.get("ended_at")),
        visit.get("decision"),
        visit.get("decided_by") or next((s["member"] for s in seats if s.get("member")), None),
        next((s.get("role") or s.get("unit") for s in seats if s.get("role") or s.get("unit")), None),
        visit.get("in_time"),
        visit.get("extended", False),
        visit.get("reassigned", False),
        tuple(Call(at=_at(c["at"]), by=c["by"], result=c["result"]) for c in visit.get("calls", ())),
        _at(due_at) if due_at else None,
    )


def _by_id(part: dict[str, Any]) -> int:
    return int(part["id"])


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _at_or_none(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


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
