"""A small regulation with measures, and cases told as logs: "opened, closed, reopened"."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

from complaints import events as e
from complaints.case import Case
from complaints.evolution import evolve
from complaints.lives import Life, life_of
from complaints.periods import Period, parse_period
from complaints.policy import LoadedPolicy, Policy
from complaints.policy_reading import read_policy
from complaints.statistics import Report, Reporting
from complaints.world import World
from tests.support.company import a_calendar, a_plan, local

RAW: dict[str, Any] = {
    "policy": {"id": "small", "label": "1", "text": "t", "in_force_by": "general_manager"},
    "roles": {"sales": {}, "quality": {}, "general_manager": {}},
    "fields": {
        "market": {"type": "choice", "of": ["domestic", "foreign"]},
        "amount": "money",
        "solved": "yes_no",
        "stars": "number",
        "liable_unit": "unit",
    },
    "stages": {
        "intake": {"who": "sales", "fill": ["market", "amount"], "limit": "at once"},
        "judge": {"who": "quality", "fill": ["liable_unit"], "limit": "2 days"},
        "call": {
            "who": "sales", "fill": ["solved", "stars"], "limit": "3 days",
            "attempts": {"times": 3, "gap": "1 working day"},
        },
    },
    "routes": {"main": {"closes": "judge", "path": ["intake", "judge", "call"]}},
    "intake": {"stages": ["intake"], "pages": [["market", "amount"]]},
    "repeat": {"same": ["market"], "within": "3 months", "source": "D9"},
}  # fmt: skip


def policy_with(**measures: dict[str, Any]) -> Policy:
    """Return the small regulation with these measures; each is `of: cases` with source D15 unless it says so."""
    raw = copy.deepcopy(RAW)
    raw["measures"] = {name: {"of": "cases", "source": "D15", **one} for name, one in measures.items()}
    return read_policy(raw)


def world_of(policy: Policy, now: str) -> World:
    return World(
        now=local(now), bundle=LoadedPolicy(policy, {}, "d", "1", {}), people=a_plan(), calendars={"main": a_calendar()},
        serial=lambda series, period: 1, count=lambda query: 0, load=lambda case_id: None,
    )  # fmt: skip


def a_case(case_id: str, *told: tuple[str, e.Event], opened: str, actor: str = "USALES1", **fields: Any) -> Life:
    """Return what a log adds up to: opened at a local time with *fields*, then each (local time, event)."""
    first = e.CaseOpened(
        case_id=case_id, policy="small", bundle="d", kind="complaint", via="command", reporter="USALES1"
    )
    log: Sequence[tuple[str, e.Event]] = [(opened, first), (opened, e.FieldsSet(fields=fields)), *told]
    case: Case | None = None
    for seq, (at, event) in enumerate(log, start=1):
        case = evolve(case, e.Recorded(seq=seq, at=local(at), actor=actor, event=event))
    assert case is not None
    return life_of(case)


def closed(at: str, outcome: str = "upheld") -> tuple[str, e.Event]:
    return at, e.CaseClosed(outcome=outcome)


def reopened(at: str) -> tuple[str, e.Event]:
    return at, e.CaseReopened(stage="judge", why="call dissatisfied")


def promise(at: str, due: str) -> tuple[str, e.Event]:
    """The case's own clock began at *at* and runs out at *due*."""
    return at, clock(1, "case", None, at, due)


def clock(number: int, name: str, visit: int | None, at: str, due: str) -> e.DeadlineSet:
    return e.DeadlineSet(
        deadline=number, clock=name, visit=visit, starts_at=local(at), due_at=local(due), limit="13 days",
        provisional=False, calendar_version="v", steps=(),
    )  # fmt: skip


def kept(at: str, *, in_time: bool, number: int = 1) -> tuple[str, e.Event]:
    """The clock stopped at *at*."""
    return at, e.DeadlineEnded(deadline=number, why="stopped", in_time=in_time)


def visit(number: int, stage: str, role: str, at: str, due: str | None = None) -> list[tuple[str, e.Event]]:
    """A stage got its turn at *at*, with a limit or without."""
    found: list[tuple[str, e.Event]] = []
    if number == 1:
        found.append((at, e.BranchOpened(branch=1, route="main")))
    seats = (e.Seat(id=1, role=role),)
    found.append((at, e.VisitOpened(visit=number, branch=1, stage=stage, round=1, seats=seats)))
    if due is not None:
        found.append((at, clock(100 + number, "stage", number, at, due)))
    return found


def done(number: int, at: str, decision: str = "approve") -> tuple[str, e.Event]:
    return at, e.VisitDone(visit=number, decision=decision, target="next")


def called(number: int, at: str, result: str, attempt: int = 1) -> tuple[str, e.Event]:
    return at, e.CallLogged(visit=number, attempt=attempt, result=result)


def report_of(
    lives: Iterable[Life], policy: Policy, period: Period, world: World, repeats: frozenset[str] = frozenset()
) -> Report:
    """Return the report of *period* over these cases."""
    reporting = Reporting(policy, period, world, repeats)
    for life in lives:
        reporting.take(life)
    return reporting.report()


def report(policy: Policy, cases: Sequence[Life], period: str = "2026-10", now: str = "2026-11-02 09:00") -> Report:
    """Return the report of a period as it is drawn at *now*."""
    return report_of(cases, policy, parse_period(period), world_of(policy, now))
