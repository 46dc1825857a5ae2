"""Walks a case along the main route, stage by stage, each decided by somebody who sits there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from complaints import commands as cmd
from complaints.case import Case
from complaints.decisions import main_decision
from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.seats import people_of, waiting_seats
from complaints.stages import stage_def
from complaints.workdays import WorkCalendar
from complaints.world import Bundle, World
from tests.support.pcb import FIELDS

MOST_STAGES = 30
Do = Callable[[cmd.CaseCommand], Case]


def walk(case: Case, until: str, do: Do, bundle: Bundle, plan: DeskPlan, calendar: WorkCalendar, now: datetime) -> Case:
    """Decide the main decision of each stage with plain answers until the case stands at *until*."""
    for step in range(MOST_STAGES):
        if until in {v.stage for v in case.open_visits}:
            return case
        case = do(_decision(case, step, bundle.policy, _world(bundle, plan, calendar, now)))
    raise RuntimeError(f"the case never came to {until}")


def who_decides(case: Case, bundle: Bundle, plan: DeskPlan, calendar: WorkCalendar, now: datetime) -> str:
    """Return somebody whose turn it is at the first open visit."""
    return _member(case, bundle.policy, _world(bundle, plan, calendar, now))


def _world(bundle: Bundle, plan: DeskPlan, calendar: WorkCalendar, now: datetime) -> World:
    return World(now=now, bundle=bundle, people=plan, calendars={plan.default_calendar: calendar},
                 serial=lambda series, period: 1, count=lambda query: 0, load=lambda case_id: None)  # fmt: skip


def _decision(case: Case, step: int, policy: Policy, world: World) -> cmd.Decide:
    visit = next(iter(case.open_visits))
    return cmd.Decide(
        actor=_member(case, policy, world), key=f"{case.id}:walk:{step}", case_id=case.id, visit=visit.id,
        decision=main_decision(policy.stages[visit.stage]), fields=dict(FIELDS.get(visit.stage, {})),
    )  # fmt: skip


def _member(case: Case, policy: Policy, world: World) -> str:
    visit = next(iter(case.open_visits))
    seat = waiting_seats(visit, stage_def(policy, visit.stage).seats)[0].seat
    return people_of((seat.role, seat.member, seat.head), world)[0]
