"""What a measure looks at: a case, a stage's turn or a call as one row, with the names that its conditions may use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from complaints.case import FINISHED, MERGED, OPEN, VOID, Call, Case, Visit
from complaints.clocks import CASE_CLOCK
from complaints.facts import Facts
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_model import FieldDef
from complaints.world import World

NOT_COUNTED = frozenset({VOID, MERGED})
"""A case that was none, or is another one: its number stays used, it leaves the figures (DESIGN §8)."""

ONE_DAY = timedelta(days=1)
NOBODY = "–"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """From *begin* (inclusive) to *end* (exclusive), as known at *now*; all aware UTC."""

    begin: datetime
    end: datetime
    now: datetime

    @property
    def until(self) -> datetime:
        """The instant at which the balance is struck: the end, or now while the period runs."""
        return min(self.end, self.now)

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.begin <= at < self.end


class Row(Facts):
    """
    A row of a measure: the fields of its case with the names of the row. What is counted from other cases is unknown
    here: it was true when it was counted, not when the figures are drawn.
    """

    def __init__(self, case: Case, world: World, names: dict[str, Any]) -> None:
        super().__init__(case, world)
        self.case, self.names = case, names

    def _find(self, name: str) -> Any:
        return self.names[name] if name in self.names else super()._find(name)

    def _count(self, definition: FieldDef) -> Decimal | None:
        return None

    def number(self, name: str) -> Decimal | None:
        """Return a number of the row, None where it has none."""
        value = self.get(name)
        return value if isinstance(value, Decimal) else None

    def groups(self, per: str) -> tuple[str, ...]:
        """Return the groups to which the row belongs: each entry of a list, else the value itself."""
        value = self.get(per)
        if per in self._policy.tables and value is None:
            value = self._policy.tables[per].pick(self)
        if value is None or value == () or isinstance(value, dict):
            return (NOBODY,)
        if isinstance(value, tuple | list):
            return tuple(str(v) for v in value)
        return ("yes" if value else "no",) if isinstance(value, bool) else (str(value),)


def rows_of(of: str, from_: str, case: Case, span: Span, world: World, repeats: frozenset[str]) -> Iterator[Row]:
    """Return the rows of a case that belong to the span. *repeats*: ids of cases that are repeats."""
    if case.status in NOT_COUNTED:
        return
    common = _common(case, span, world, repeats)
    match of:
        case "cases":
            if _is_in(case, from_, span):
                yield Row(case, world, common | case_names(case, span, world))
        case "visits":
            for visit in case.visits.values():
                if _visit_is_in(visit, from_, span):
                    yield Row(case, world, common | visit_names(case, visit, span))
        case "calls":
            for visit, call in calls_of(case):
                if span.holds(call.at):
                    yield Row(case, world, common | call_names(case, visit, call, world))
        case _:
            raise ValueError(f"nobody counts {of}")


# --- which belong to a span --------------------------------------------------------------------------------


def closings(case: Case) -> tuple[datetime, ...]:
    """Return when the case closed, each time."""
    return tuple(t.at for t in case.turns if t.what == "closed")


def is_open_at(case: Case, at: datetime) -> bool:
    """Tell whether the case was open just before *at*: begun, and neither closed nor withdrawn since it last went on."""
    if case.opened_at >= at:
        return False
    turns = [t.what for t in case.turns if t.at < at]
    return not turns or turns[-1] == "reopened"


def _is_in(case: Case, from_: str, span: Span) -> bool:
    if from_ == "received":
        return span.holds(case.opened_at)
    if from_ == "open":
        return is_open_at(case, span.until)
    return any(span.holds(at) for at in closings(case))


def _visit_is_in(visit: Visit, from_: str, span: Span) -> bool:
    if visit.ended not in (None, "done"):
        return False
    if from_ == "received":
        return span.holds(visit.opened_at)
    if from_ == "open":
        return visit.opened_at < span.until and (visit.ended_at is None or visit.ended_at >= span.until)
    return span.holds(visit.ended_at)


def calls_of(case: Case) -> Iterator[tuple[Visit, Call]]:
    return ((visit, call) for visit in case.visits.values() for call in visit.calls)


# --- the names of a row --------------------------------------------------------------------------------------


def _common(case: Case, span: Span, world: World, repeats: frozenset[str]) -> dict[str, Any]:
    return {
        "repeat": case.id in repeats,
        "reopened": any(t.what == "reopened" for t in case.turns),
        "month": f"{world.calendar().local(case.opened_at):%Y-%m}",
    }


def case_names(case: Case, span: Span, world: World) -> dict[str, Any]:
    """Return what a case's row knows beside its fields. In time: against its promise; unknown while that still runs."""
    clock = case.clock(CASE_CLOCK)
    ended = max(closings(case), default=None)
    in_time = None if clock is None else clock.in_time if clock.ended else _still(clock.due_at, span)
    return {
        "person": case.owner or case.reporter,
        "unit": _units(case, world),
        "on_time": in_time,
        "late": None if in_time is None else not in_time,
        "extended": any(v.extended for v in case.visits.values()),
        "reassigned": any(v.reassigned for v in case.visits.values()),
        "days": days_between(case.opened_at, ended if ended and case.status != OPEN else span.until),
        "late_days": None if clock is None or in_time is not False else days_between(clock.due_at, ended or span.until),
        "score": score_of(case, world.policy(case)),
    }


def visit_names(case: Case, visit: Visit, span: Span) -> dict[str, Any]:
    """Return what a visit's row knows beside the fields of its case."""
    deadline = next((d for d in case.deadlines.values() if d.visit == visit.id and d.clock == "stage"), None)
    in_time = visit.in_time if visit.ended else _still(deadline.due_at, span) if deadline else None
    ended = visit.ended_at or span.until
    return {
        "stage": visit.stage,
        "person": visit.decided_by or next((s.seat.member for s in visit.seats if s.seat.member), None),
        "unit": unit_of(visit),
        "decision": visit.decision,
        "on_time": in_time,
        "late": None if in_time is None else not in_time,
        "extended": visit.extended,
        "reassigned": visit.reassigned,
        "days": days_between(visit.opened_at, ended),
        "late_days": None if deadline is None or in_time is not False else days_between(deadline.due_at, ended),
    }


def call_names(case: Case, visit: Visit, call: Call, world: World) -> dict[str, Any]:
    """Return what a call's row knows; the answers belong to the last call in which somebody was reached."""
    policy, last = world.policy(case), _last_reached(case, visit.stage)
    known = last is None or call is last
    return {
        "stage": visit.stage,
        "person": call.by,
        "unit": unit_of(visit),
        "reached": call.result == "reached",
        "decision": visit.decision if call is (visit.calls[-1] if visit.calls else None) else None,
        "score": score_of(case, policy) if call.result == "reached" and known else None,
    }


def _last_reached(case: Case, stage: str) -> Call | None:
    calls = [call for visit, call in calls_of(case) if visit.stage == stage and call.result == "reached"]
    return calls[-1] if calls else None


def score_of(case: Case, policy: Policy) -> Decimal | None:
    """Return the number that the callback asked for, None where it asks for none or has none yet."""
    name = score_field(policy)
    value = case.fields.get(name) if name else None
    try:
        return None if value is None or isinstance(value, dict) else Decimal(str(value))
    except ArithmeticError:
        return None


def score_field(policy: Policy) -> str | None:
    """Return the first number that a stage with calls asks for."""
    asked = (n for stage in policy.stages.values() if stage.attempts is not None for n in stage.filled)
    return next((n for n in asked if policy.fields[n].type == "number" and not policy.fields[n].is_computed), None)


def unit_of(visit: Visit) -> str | None:
    """Return the department at whose stage it was: the role or unit of its first seat."""
    return next((s.seat.role or s.seat.unit for s in visit.seats if s.seat.role or s.seat.unit), None)


def _units(case: Case, world: World) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in index_of(world.policy(case)).blame_fields:
        value = case.fields.get(name)
        found |= dict.fromkeys([value] if isinstance(value, str) else [str(v) for v in value or ()])
    return tuple(found)


def _still(due_at: datetime, span: Span) -> bool | None:
    """Return no for what is open and overdue when the balance is struck, else unknown: it may yet be in time."""
    return False if due_at < span.until else None


def days_between(a: datetime, b: datetime) -> Decimal:
    """Return days around the clock with two places, not below zero."""
    days = Decimal(str(max(b - a, timedelta(0)) / ONE_DAY))
    return days.quantize(Decimal("0.01"))


def is_finished_in(case: Case, span: Span) -> bool:
    return case.status == FINISHED and span.holds(case.finished_at)
