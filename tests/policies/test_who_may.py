"""
Who may do what, in every regulation: one table of actor, act and state, asked of the procedure itself.

A rehearsal leads made-up cases through each shipped policy. At every stage that one reaches, everybody is asked whether
he may decide it; at a few states of each policy everybody is let try every act there is. What may come of it stands in the
table `MAY`, and who somebody is (whose turn it is, who logged it, …) is found out here anew, not by the code under test.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints.authority import standing
from complaints.case import FINISHED, OPEN, WITHDRAWN, Case, SeatState, Visit, copy_case
from complaints.evolution import evolve
from complaints.lifecycle import ACTS, decide
from complaints.memory import MemoryRecord
from complaints.people import Absence, Deputy, DeskPlan, RoleHolders
from complaints.policy import LoadedPolicy
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, Recused, Refusal, StaleCard, UnknownCase
from complaints.rehearsal import Assumptions, rehearsal_plan
from complaints.restricted import restricted_to
from complaints.seats import waiting_seats
from complaints.simulation import rehearse
from complaints.stages import stage_def
from complaints.world import World
from tests.support.company import a_calendar, local
from tests.support.desks import SHIPPED, bundle, kind_of
from tests.support.each import each

START = local("2026-11-02 09:30")
CASES, TIMES, STATES = 3, 1, 2
"""Cases of each rehearsal; how often one stage is asked about; states of a policy at which every act is tried."""

ROUTED = [name for name in SHIPPED if kind_of(name) != "library"]
"""The regulations with a way of their own; the others are annexes and libraries, whose cases grow out of theirs."""

DEPUTY, STRANGER = "UDEPUTY", "USTRANGER"


# --- the states ---------------------------------------------------------------------------------------------------


@cache
def played(policy: str) -> tuple[LoadedPolicy, MemoryRecord, DeskPlan]:
    loaded, record, calendar = bundle(policy), MemoryRecord(), a_calendar("CN")
    rehearse(loaded, Assumptions(cases=CASES), calendar, START, record)
    plan = rehearsal_plan(loaded, str(calendar.timezone))
    able = {m: None for role in plan.roles.values() for m in (*role.members, str(role.head), DEPUTY)}
    needed = {role.needs: able for one in loaded for role in one.roles.values() if role.needs}
    return loaded, record, replace(plan, qualifications=needed)


def states(policy: str) -> Iterator[tuple[Case, datetime]]:
    """Go through what the cases looked like after each act, and when. A case must not be changed."""
    for log in played(policy)[1].logs.values():
        case = None
        for number, recorded in enumerate(log):
            case = evolve(case, recorded)
            if number + 1 == len(log) or log[number + 1].at > recorded.at:
                yield case, recorded.at


def world_at(policy: str, now: datetime, **people: Any) -> World:
    loaded, record, plan = played(policy)
    return World(
        now=now, bundle=loaded, people=replace(plan, **people), calendars={"main": a_calendar("CN")},
        serial=lambda series, period: 1, count=lambda query: 0, load=record.load,
    )  # fmt: skip


def turns(case: Case, visit: Visit, world: World) -> list[SeatState]:
    return waiting_seats(visit, stage_def(world.policy(case), visit.stage).seats)


def everybody(plan: DeskPlan) -> set[str]:
    members = {m for role in plan.roles.values() for m in (*role.members, role.head) if m}
    return members | {plan.officer, DEPUTY, STRANGER}


# --- who decides a stage --------------------------------------------------------------------------------------------


def people_of(seat: SeatState, plan: DeskPlan, top: str) -> set[str]:
    """Return who a seat belongs to in a desk where everybody is there: read off the seat, role by role."""
    if seat.seat.member is not None:
        return {seat.seat.member}
    role = plan.roles[seat.seat.role or top]
    return {str(role.head)} if seat.seat.head and role.head else set(role.members)


def is_own_form(member: str, case: Case, visit: Visit, world: World) -> bool:
    """Say whether the form that the case began with is to be done again by who logged it."""
    intake = world.policy(case).intake
    is_main = any(s.seat.kind == "main" for s in turns(case, visit, world)) if visit.is_open else False
    return intake is not None and visit.stage in intake.stages and member == case.reporter and is_main


def answer(case: Case, visit: Visit, member: str, world: World) -> str:
    """Return "yes", or the kind of the refusal."""
    try:
        standing(case, visit, member, world)
    except Refusal as refusal:
        return type(refusal).__name__
    return "yes"


def instead(case: Case, visit: Visit, world: World) -> bool:
    """Say whether the top of the company may decide for a stage whose own people are all turned away."""
    members = world.people.roles[world.people.general_manager].members
    return any(outcome(case, cmd.Decide(actor=m, key="i", case_id=case.id, visit=visit.id, decision="", instead=True), world) == "may" for m in members)  # fmt: skip


def open_stages(policy: str) -> Iterator[tuple[Case, Visit, datetime]]:
    """Go through the open visits, each stage at most `TIMES` times."""
    seen: dict[tuple[str, str], int] = {}
    for case, at in states(policy):
        for visit in case.open_visits:
            key = (case.policy, visit.stage)
            if seen.get(key, 0) < TIMES:
                seen[key] = seen.get(key, 0) + 1
                yield case, visit, at


@pytest.mark.parametrize("policy", each(ROUTED))
def test_only_whose_turn_it_is_decides_and_somebody_always_may(policy: str) -> None:
    """GA-12: exactly one owner. Of those in the waiting seats only a clause's `not` or recusal turns somebody away."""
    for case, visit, at in open_stages(policy):
        world = world_at(policy, at)
        plan, top = world.people, world.people.general_manager
        waiting = set().union(*(people_of(seat, plan, top) for seat in turns(case, visit, world)))
        if is_own_form(case.reporter, case, visit, world):
            waiting.add(case.reporter)
        answers = {member: answer(case, visit, member, world) for member in everybody(plan) | waiting}

        where = (policy, case.id, visit.stage)
        assert {m for m, said in answers.items() if said == "yes"} <= waiting, where
        assert {answers[m] for m in waiting} <= {"yes", "Recused"}, where
        assert {said for m, said in answers.items() if m not in waiting} <= {"NotAuthorized"}, where
        assert "yes" in answers.values() or instead(case, visit, world), where


@pytest.mark.parametrize("policy", each(ROUTED))
def test_deputies_act_between_their_dates_and_who_is_away_or_gone_does_not(policy: str) -> None:
    """D14: members, else deputies, else the head. A deputy of last week is nobody; neither is a deactivated member."""
    for case, visit, at in open_stages(policy):
        waiting = [s.seat for s in turns(case, visit, world_at(policy, at))]
        seat = next((s for s in waiting if s.role and s.member is None and not s.head), None)
        if seat is None or seat.absent is not None or len({s.role for s in waiting}) > 1:
            continue
        role = world_at(policy, at).people.roles[str(seat.role)]
        fresh = [m for m in role.members if m not in case.people]
        hour, where = timedelta(hours=1), (policy, visit.stage)

        def says(member: str, changes: dict[str, Any], case=case, visit=visit, at=at) -> str:
            return answer(case, visit, member, world_at(policy, at, **changes))

        for deputy, expected in (
            (Deputy(member=DEPUTY, from_at=at - hour, until_at=at + hour), "yes"),
            (Deputy(member=DEPUTY, from_at=at - hour, until_at=at), "NotAuthorized"),
            (Deputy(member=DEPUTY, from_at=at + hour), "NotAuthorized"),
        ):
            said = says(DEPUTY, {"roles": _with(policy, role, deputies=(deputy,))})
            assert said in (expected, "Recused" if expected == "yes" else expected), where
        if not fresh:
            continue
        away = Absence(member=fresh[0], from_at=at - hour, until_at=at + hour, deputy=DEPUTY)
        back = replace(away, until_at=at)
        assert says(fresh[0], {"absences": (away,)}) == "NotAuthorized", where
        assert says(DEPUTY, {"absences": (away,)}) in ("yes", "Recused"), where
        assert says(DEPUTY, {"absences": (back,)}) == "NotAuthorized", where
        assert says(fresh[0], {"inactive": frozenset(fresh[:1])}) == "NotAuthorized", where
        chief = says(str(role.head), {"inactive": frozenset(role.members)})
        assert chief in ("yes", "Recused"), where


def _with(policy: str, role: RoleHolders, **changes: Any) -> dict[str, RoleHolders]:
    return {**played(policy)[2].roles, role.id: replace(role, **changes)}


# --- every act ----------------------------------------------------------------------------------------------------------

TURN, OF_CASE, REPORTER, REGISTRY, TOP, TOP_HERE, GRANTS, OFFICER, DECIDED, PUTS_IN_FORCE, SEES_ALL = (
    "whose turn it is", "who has to do with the case", "who logged it", "who keeps the register", "the general manager",
    "the general manager, at his own stage or after an escalation", "who grants more time", "the desk officer",
    "who decided last", "who puts versions in force", "who sees the customer's whole name",
)  # fmt: skip

# act: (who may while the case is open, who may when it is withdrawn). Whoever is not named is refused.
MAY: dict[str, tuple[set[str], set[str]]] = {
    "Decide": ({TURN}, set()),
    "Decide return": ({TURN}, set()),
    "Decide instead": ({TOP}, set()),
    "HandOver": ({TURN, TOP_HERE}, set()),
    "HandOver to a role": ({TOP_HERE}, set()),
    "AddSigner": ({TURN}, set()),
    "AskReporter": ({TURN}, set()),
    "AnswerQuestion": (set(), set()),
    "WaitForCustomer": ({TURN}, set()),
    "EndWaiting": (set(), set()),
    "AskExtension": ({TURN}, set()),
    "RuleExtension": ({GRANTS}, set()),
    "CallMeeting": ({TOP}, set()),
    "TakeBack": ({DECIDED}, set()),
    "Urge": ({OF_CASE}, set()),
    "Withdraw": ({REPORTER, REGISTRY}, set()),
    "Amend": ({REPORTER, REGISTRY}, set()),
    "ChangeVersion": ({PUTS_IN_FORCE, OFFICER}, set()),
    "Void": ({REGISTRY}, set()),
    "Merge": ({REPORTER, REGISTRY}, set()),
    "AddNote": ({OF_CASE}, {OF_CASE}),
    "LogCall": ({TURN}, set()),
    "BeginRoute": (set(), set()),
    "ShowMasked": ({OF_CASE}, {OF_CASE}),
    "ExportCase": ({OF_CASE}, {OF_CASE}),
    "ExportCase with names": ({SEES_ALL}, {SEES_ALL}),
    "EraseWords": (set(), {OFFICER}),
}

BY_THE_PROGRAM = {"RepeatCame", "StoreFile", "RecomputeDeadlines", "LinkedCaseClosed", "DeadlineReached"}
"""Told by the clock, the calendars, the file fetcher and other cases: no click and no command makes them."""


def acts_at(case: Case, visit: Visit, now: datetime) -> dict[str, cmd.CaseCommand]:
    """Return one try of every act, with as little in it as can be."""
    base: dict[str, Any] = {"actor": "?", "key": "try", "case_id": case.id}
    here = {**base, "visit": visit.id}
    later = now + timedelta(days=1)
    return {
        "Decide": cmd.Decide(**here, decision=""),
        "Decide return": cmd.Decide(**here, decision="return"),
        "Decide instead": cmd.Decide(**here, decision="", instead=True),
        "HandOver": cmd.HandOver(**here),
        "HandOver to a role": cmd.HandOver(**here, role="no_such_role"),
        "AddSigner": cmd.AddSigner(**here, member=STRANGER, place=""),
        "AskReporter": cmd.AskReporter(**here, words=""),
        "AnswerQuestion": cmd.AnswerQuestion(**base, question=1, words=""),
        "WaitForCustomer": cmd.WaitForCustomer(**here, reason="", until=later),
        "EndWaiting": cmd.EndWaiting(**here),
        "AskExtension": cmd.AskExtension(**here, until=later, reason=""),
        "RuleExtension": cmd.RuleExtension(**here, granted=True, until=later),
        "CallMeeting": cmd.CallMeeting(**here, at=now),
        "TakeBack": cmd.TakeBack(**here),
        "Urge": cmd.Urge(**here),
        "Withdraw": cmd.Withdraw(**base, reason=""),
        "Amend": cmd.Amend(**base, fields={}, reason=""),
        "ChangeVersion": cmd.ChangeVersion(**base, bundle="", reason=""),
        "Void": cmd.Void(**base, reason=""),
        "Merge": cmd.Merge(**base, into="", reason=""),
        "AddNote": cmd.AddNote(**base, words=""),
        "LogCall": cmd.LogCall(**here, result=""),
        "BeginRoute": cmd.BeginRoute(**base, route=""),
        "ShowMasked": cmd.ShowMasked(**base),
        "ExportCase": cmd.ExportCase(**base, form="html"),
        "ExportCase with names": cmd.ExportCase(**base, form="html", personal=True),
        "EraseWords": cmd.EraseWords(**base, why="", words=()),
    }


def test_the_table_names_every_act_there_is() -> None:
    """A new act is refused by this test until somebody says who may."""
    assert {name.partition(" ")[0] for name in MAY} | BY_THE_PROGRAM == {act.__name__ for act in ACTS}


def relations(member: str, case: Case, visit: Visit, world: World) -> set[str]:
    """Return what somebody is in this state, read off the desk and the case."""
    plan, policy = world.people, world.policy(case)
    registry = policy.policy.registry
    seats = [s for v in case.visits.values() for s in v.seats]
    waits = turns(case, visit, world) if visit.is_open else []
    of_seats = {m for s in seats for m in people_of(s, plan, plan.general_manager)}
    heads = {str(plan.roles[s.seat.role].head) for s in seats if s.seat.role in plan.roles}
    is_registry = member == plan.officer or (registry is not None and member in plan.roles[registry].members)
    is_top = member in plan.roles[plan.general_manager].members
    of_case = {case.reporter, *case.people, *of_seats, *heads}
    is_of_case = member in of_case or is_registry or is_top
    is_turn = is_own_form(member, case, visit, world) or any(
        member in people_of(s, plan, plan.general_manager) for s in waits
    )
    answers = sorted((s.answer.at, s.seat.id, s.answer.by) for s in visit.seats if s.answer)
    last = answers[-1][2] if visit.is_open and answers else visit.decided_by
    in_force_by = plan.roles.get(policy.policy.in_force_by)
    rule = stage_def(policy, visit.stage).extension
    granters = [r for who in rule.by for r in who.roles()] if rule is not None else [plan.general_manager]
    grants = any(member in (*plan.roles[r].members, plan.roles[r].head if rule else "") for r in granters)
    allowed = restricted_to(case, world)
    if allowed is not None and member not in allowed:
        return set()  # GA-05: for whom it isn't there, nothing in it may be done
    return {
        name
        for name, holds in (
            (TURN, is_turn), (OF_CASE, is_of_case), (REPORTER, member == case.reporter), (REGISTRY, is_registry),
            (TOP, is_top), (TOP_HERE, is_top and (is_turn or visit.escalated_at is not None)), (GRANTS, grants),
            (OFFICER, member == plan.officer), (DECIDED, member == last and case.status == OPEN),
            (SEES_ALL, member == case.reporter or is_registry or is_top),
            (PUTS_IN_FORCE, in_force_by is not None and member in in_force_by.members),
        )
        if holds
    }  # fmt: skip


def outcome(case: Case, command: cmd.CaseCommand, world: World) -> str:
    """Return "may" when the procedure takes the act or only misses words in it, "recused", "not now", or "no"."""
    try:
        decide(copy_case(case), command, world)
    except FieldErrors:
        return "may"
    except Recused:
        return "recused"
    except (NotAllowedHere, StaleCard):
        return "not now"
    except (NotAuthorized, UnknownCase):
        return "no"
    return "may"


def some_people(case: Case, visit: Visit, world: World) -> list[str]:
    """Return somebody of each sort there is, always the same."""
    sorts: dict[frozenset[str], list[str]] = {}
    for member in sorted(everybody(world.people) | {case.reporter}):
        sorts.setdefault(frozenset(relations(member, case, visit, world)), []).append(member)
    return [random.Random(1).choice(members) for members in sorts.values()]


def sampled(policy: str) -> list[tuple[Case, Visit, datetime]]:
    """Return a few open states, spread over the way, as they were then."""
    found = [(copy_case(c), v.id, at) for c, v, at in open_stages(policy) if c.status == OPEN]
    picked = [found[number * (len(found) - 1) // (STATES - 1)] for number in range(STATES)]
    return [(case, case.visits[number], at) for case, number, at in picked]


@pytest.mark.parametrize("policy", each(ROUTED))
def test_every_act_is_refused_to_whom_the_table_does_not_name(policy: str) -> None:
    for case, visit, at in sampled(policy):
        world = world_at(policy, at)
        for member in some_people(case, visit, world):
            is_one_of = relations(member, case, visit, world)
            for act, command in acts_at(case, visit, at).items():
                got = outcome(case, replace(command, actor=member), world)
                where = (policy, visit.stage, act, member, sorted(is_one_of))
                if (
                    is_one_of
                    and MAY[act][0] & {TOP, TOP_HERE, GRANTS, SEES_ALL}
                    and restricted_to(case, world) is not None
                ):
                    continue  # who keeps a restricted case stands where the general manager stands (test_restricted)
                if is_one_of & MAY[act][0]:
                    assert got != "no", where
                else:
                    assert got != "may", where


@pytest.mark.parametrize("policy", each(ROUTED))
def test_in_a_withdrawn_case_hardly_anything_may_be_done(policy: str) -> None:
    case, visit, at = sampled(policy)[0]
    world = world_at(policy, at)
    gone = decide(case, cmd.Withdraw(actor=case.reporter, key="w", case_id=case.id, reason="Sorted out"), world).case
    assert gone.status == WITHDRAWN
    for member in some_people(gone, gone.visits[visit.id], world):
        is_one_of = relations(member, gone, gone.visits[visit.id], world)
        for act, command in acts_at(gone, gone.visits[visit.id], at).items():
            if MAY[act][1] & {TOP, SEES_ALL} and restricted_to(gone, world) is not None:
                continue
            got = outcome(gone, replace(command, actor=member), world)
            where = (policy, act, member, sorted(is_one_of))
            assert (got == "may") is bool(is_one_of & MAY[act][1]), where


@pytest.mark.parametrize("policy", each(ROUTED))
def test_a_finished_case_is_not_decided_on_by_anybody(policy: str) -> None:
    finished = next((c for c in played(policy)[1].cases.values() if c.status == FINISHED), None)
    assert finished is not None, "no made-up case came to its end"
    at, visit = max(v.ended_at for v in finished.visits.values() if v.ended_at), next(iter(finished.visits.values()))
    world = world_at(policy, at)
    for member in some_people(finished, visit, world):
        for act in (
            "Decide",
            "Decide return",
            "Decide instead",
            "HandOver",
            "TakeBack",
            "Withdraw",
            "Amend",
            "LogCall",
        ):
            command = replace(acts_at(finished, visit, at)[act], actor=member)
            assert outcome(finished, command, world) != "may", (policy, act, member)
