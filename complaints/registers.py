"""The lines of a register: what is written down when one is entered, and who may read it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from complaints.case import Case, Visit
from complaints.clocks import CASE_CLOCK
from complaints.draft import Draft
from complaints.hiding import is_hidden_from
from complaints.lives import life_of
from complaints.policy_model import Register
from complaints.register_lines import RegisterLine
from complaints.restricted import restricted_to
from complaints.seats import people_of
from complaints.statistics_rows import days_between
from complaints.world import World

# --- entering -----------------------------------------------------------------------------------------------


def register_row(draft: Draft, register: Register, happening: str) -> dict[str, Any]:
    """Return what stands in the columns now: fields, amounts, and what the case knows of itself."""
    return {column: _cell(draft, column, happening) for column in register.columns}


def _cell(draft: Draft, column: str, happening: str) -> Any:
    case, policy = draft.case, draft.policy
    if column in case.fields:
        return case.fields[column]
    if column in policy.fields or column in policy.tables:
        symbol = policy.symbols.get(column)
        return _as_plain(symbol.get(draft.facts)) if symbol is not None else None
    if column in case.amounts:
        return case.amounts[column]
    known = _KNOWN.get(column)
    return known(draft, happening) if known is not None else None


def _as_plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, tuple):
        return [_as_plain(v) for v in value]
    return value if value is None or isinstance(value, bool | str | int | list | dict) else str(value)


def _day(draft: Draft, at: datetime | None) -> str | None:
    return None if at is None else draft.world.calendar().local(at).date().isoformat()


def _stage(draft: Draft, happening: str) -> str | None:
    stage = happening.rpartition(" ")[0]
    if stage in draft.policy.stages:
        return stage
    return next((v.stage for v in draft.case.open_visits), None)


def _late_visit(draft: Draft, happening: str) -> Visit | None:
    """Return the visit that is or was late: of the stage that happened, else the last one."""
    late = [v for v in draft.case.visits.values() if _late_by(draft, v) is not None]
    stage = _stage(draft, happening)
    return next((v for v in reversed(late) if v.stage == stage), late[-1] if late else None)


def _late_by(draft: Draft, visit: Visit) -> Decimal | None:
    """Return how many days around the clock a visit was or is late, None where it is not."""
    limits = [d for d in draft.case.deadlines.values() if d.visit == visit.id and d.clock == "stage"]
    if not limits or (visit.ended_at or draft.world.now) < limits[-1].due_at or visit.in_time:
        return None
    return days_between(limits[-1].due_at, visit.ended_at or draft.world.now)


def _late_days(draft: Draft, happening: str) -> str | None:
    visit = _late_visit(draft, happening)
    late = _late_by(draft, visit) if visit is not None else None
    if late is None:
        clock = draft.case.clock(CASE_CLOCK)
        ended = draft.case.closed_at or draft.world.now
        late = days_between(clock.due_at, ended) if clock is not None and ended > clock.due_at else None
    return None if late is None else f"{late:f}"


def _late_unit(draft: Draft, happening: str) -> str | None:
    visit = _late_visit(draft, happening)
    if visit is None:
        return None
    return next(s.unit for s in life_of(draft.case).stints if s.id == visit.id)


def _late_stage(draft: Draft, happening: str) -> str | None:
    visit = _late_visit(draft, happening)
    return visit.stage if visit is not None else None


_KNOWN: dict[str, Any] = {
    "number": lambda draft, _: draft.case.number or draft.case.old_number,
    "opened_on": lambda draft, _: _day(draft, draft.case.opened_at),
    "closed_on": lambda draft, _: _day(draft, draft.case.closed_at),
    "reporter": lambda draft, _: draft.case.reporter,
    "owner": lambda draft, _: draft.case.owner or draft.case.reporter,
    "outcome": lambda draft, _: draft.case.outcome,
    "stage": _stage,
    "late_by": _late_days,
    "late_unit": _late_unit,
    "late_stage": _late_stage,
}


# --- reading ------------------------------------------------------------------------------------------------


def may_read(member: str, line: RegisterLine, case: Case, world: World) -> bool:
    """
    Tell whether *member* may see a line: who works under the regulation, keeps the register, or runs the desk; of a
    restricted case only its own people.
    """
    allowed = restricted_to(case, world)
    if allowed is not None:
        return member in allowed
    people, policy = world.people, world.policy(case)
    if member in (people.officer, case.reporter) or people.is_general_manager(member, world.now):
        return True
    return any(member in people_of((role, None, False), world) for role in policy.roles)


def is_keeper(member: str, register: Register, world: World) -> bool:
    """Say whether *member* holds the role that keeps the register now: its lines are his to read whole."""
    return member in people_of((register.kept_by, None, False), world)


def shown_columns(member: str, register: Register, case: Case, world: World, *, full: bool) -> tuple[str, ...]:
    """Return the columns that *member* may see: no personal words and no customer without need, none that the policy
    hides from him in this case. *full*: he sees the case whole, or keeps the register."""
    found, policy = [], world.policy(case)
    for column in register.columns:
        definition = policy.fields.get(column)
        if definition is not None:
            hidden = is_hidden_from(member, column, case, world)
            if hidden or (not full and (definition.personal or definition.type == "customer")):
                continue
        found.append(column)
    return tuple(found)
