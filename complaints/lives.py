"""What figures need of a case, and no more: its life from opening to closing, and each stage's turn in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

from complaints.case import Call, Case, CaseFile, Turn, Visit


class Promise(Struct, frozen=True, gc=False):
    """A clock: when it runs out, whether it stopped, and then whether in time."""

    due_at: datetime
    ended: bool
    in_time: bool | None


class Stint(Struct, frozen=True, gc=False):
    """A stage's turn. *unit*: role or unit of its first seat; *due_at*: known where it is open or was late."""

    id: int
    stage: str
    opened_at: datetime
    ended: str | None = None
    ended_at: datetime | None = None
    decision: str | None = None
    person: str | None = None
    unit: str | None = None
    in_time: bool | None = None
    extended: bool = False
    reassigned: bool = False
    calls: tuple[Call, ...] = ()
    due_at: datetime | None = None


class Life(Struct, frozen=True, gc=False):
    """A case for the figures. *fields*: plain values, of which nothing is changed."""

    id: str
    name: str
    policy: str
    status: str
    person: str
    opened_at: datetime
    finished_at: datetime | None
    outcome: str | None
    turns: tuple[Turn, ...]
    fields: dict[str, Any]
    amounts: dict[str, str]
    files: dict[str, CaseFile]
    promise: Promise | None
    stints: tuple[Stint, ...]


def life_of(case: Case) -> Life:
    """Return the life of a case as its log tells it."""
    clock = case.clock("case")
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
        promise=Promise(clock.due_at, clock.ended is not None, clock.in_time) if clock is not None else None,
        stints=tuple(_stint(case, visit) for visit in case.visits.values()),
    )


def _stint(case: Case, visit: Visit) -> Stint:
    limits = (d for d in case.deadlines.values() if d.visit == visit.id and d.clock == "stage")
    limit = next((d for d in limits if d.ended is None or d.in_time is False), None)
    seats = [s.seat for s in visit.seats]
    return Stint(
        id=visit.id,
        stage=visit.stage,
        opened_at=visit.opened_at,
        ended=visit.ended,
        ended_at=visit.ended_at,
        decision=visit.decision,
        person=visit.decided_by or next((s.member for s in seats if s.member), None),
        unit=next((s.role or s.unit for s in seats if s.role or s.unit), None),
        in_time=visit.in_time,
        extended=visit.extended,
        reassigned=visit.reassigned,
        calls=visit.calls,
        due_at=limit.due_at if limit is not None else None,
    )
