"""Who stands in for whom: members, deputies with dates, the head, the general manager (D14)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from complaints import commands as cmd
from complaints.people import Absence, Capacity, Deputy, DeskPlan
from complaints.refusals import NotAuthorized
from tests.support.company import a_plan, local
from tests.support.pcb import FIELDS, PcbDesk, a_case

NOW = local("2026-11-03 10:00")


def away(
    member: str, deputy: str | None = None, since: str = "2026-11-03 00:00", until: str = "2026-11-05 00:00"
) -> Absence:
    return Absence(member=member, from_at=local(since), until_at=local(until), deputy=deputy)


def plan_with(*absences: Absence, **roles: dict[str, Any]) -> DeskPlan:
    plan = a_plan()
    changed = {role: replace(plan.roles[role], **parts) for role, parts in roles.items()}
    return replace(plan, absences=absences, roles={**plan.roles, **changed})


CHAIN = [
    # who is away, who answers for the role then, in which capacity
    ((), ("UQUAL1", "UQUAL2"), "member"),
    ((away("UQUAL1"),), ("UQUAL2",), "member"),
    ((away("UQUAL1", "URND"), away("UQUAL2")), ("URND",), "deputy"),
    ((away("UQUAL1"), away("UQUAL2")), ("UQHEAD",), "head"),
    ((away("UQUAL1"), away("UQUAL2"), away("UQHEAD")), ("UGM",), "general_manager"),
    ((away("UQUAL1", "URND"), away("UQUAL2"), away("URND")), ("UQHEAD",), "head"),
    ((away("UQUAL1"), away("UQUAL2"), away("UQHEAD"), away("UGM")), ("UOFFICER",), "general_manager"),
]


@pytest.mark.parametrize(("absences", "holders", "capacity"), CHAIN)
def test_nobody_of_a_role_then_deputy_then_head_then_general_manager(
    absences: tuple[Absence, ...], holders: tuple[str, ...], capacity: str
) -> None:
    """D14: "No holder of a role: deputy, then department head, then general manager"."""
    plan = plan_with(*absences)
    assert plan.holders("quality", NOW) == holders
    assert {plan.capacity(h, "quality", NOW).kind for h in holders} == {capacity}


def test_who_answers_is_told_for_each_instant_and_each_plan() -> None:
    plan = plan_with(away("UQUAL1"))
    back = local("2026-11-05 00:00")

    answers = [plan.holders("quality", at) for at in (NOW, back, NOW)]

    assert answers == [("UQUAL2",), ("UQUAL1", "UQUAL2"), ("UQUAL2",)]
    assert replace(plan, absences=()).holders("quality", NOW) == ("UQUAL1", "UQUAL2")


def test_a_deputy_acts_between_his_dates_only() -> None:
    deputy = Deputy(member="URND", from_at=local("2026-11-02 00:00"), until_at=local("2026-11-04 00:00"))
    plan = plan_with(quality={"deputies": (deputy,)})
    assert plan.capacity("URND", "quality", NOW) == Capacity(kind="deputy", on_behalf_of="quality")
    assert plan.capacity("URND", "quality", local("2026-11-04 00:00")) is None
    assert plan.capacity("URND", "quality", local("2026-11-01 23:59")) is None


def test_the_head_acts_only_when_nobody_of_the_department_is_there() -> None:
    assert plan_with().capacity("UQHEAD", "quality", NOW) is None
    assert plan_with(away("UQUAL1"), away("UQUAL2")).capacity("UQHEAD", "quality", NOW) == Capacity(
        kind="head", on_behalf_of="quality"
    )


def test_who_is_away_does_not_act() -> None:
    assert plan_with(away("UQUAL1")).capacity("UQUAL1", "quality", NOW) is None
    assert replace(a_plan(), inactive=frozenset({"UQUAL1"})).capacity("UQUAL1", "quality", NOW) is None


NAMED = [
    ((), ("UQUAL1",), "member"),
    ((away("UQUAL1", "URND"),), ("URND",), "deputy"),
    ((away("UQUAL1"),), ("UQUAL2",), "fallback"),
    ((away("UQUAL1"), away("UQUAL2")), ("UQHEAD",), "head"),
    ((away("UQUAL1"), away("UQUAL2"), away("UQHEAD")), ("UGM",), "general_manager"),
]


@pytest.mark.parametrize(("absences", "holders", "capacity"), NAMED)
def test_a_person_who_was_named_is_stood_in_for_too(
    absences: tuple[Absence, ...], holders: tuple[str, ...], capacity: str
) -> None:
    """D14, for a seat that was handed over to one person: deputy, the role it came from, head, general manager."""
    plan = plan_with(*absences)
    assert plan.member_holders("UQUAL1", "quality", NOW) == holders
    found = plan.capacity_for_member(holders[0], "UQUAL1", "quality", NOW)
    assert found is not None
    assert found.kind == capacity


def test_a_head_who_must_sign_and_is_away_is_stood_in_for_by_the_general_manager() -> None:
    """(九)5 「呈主管核閱」, D14."""
    desk = a_case("customer_negotiation")
    desk.decide("USALES1", "customer_negotiation", "report", **FIELDS["customer_negotiation"])
    desk.settings.people = plan_with(away("USMGR", since="2026-11-01 00:00"))
    with pytest.raises(NotAuthorized):
        desk.decide("UDGM", "customer_negotiation")
    desk.decide("UGM", "customer_negotiation")

    answer = desk.case().visits[desk.visit("customer_negotiation")].seats[1].answer
    assert answer is not None
    assert (answer.by, answer.on_behalf_of) == ("UGM", "USMGR")


def test_a_deputy_decides_on_behalf_of_who_is_away() -> None:
    desk = PcbDesk(plan=plan_with(away("UPROD", "UWH", since="2026-11-01 00:00")))
    desk.complain()
    desk.to("production_analysis")
    desk.decide("UWH", "production_analysis", **FIELDS["production_analysis"])

    answer = desk.case().visits[desk.visit("production_analysis")].seats[0].answer
    assert answer is not None
    assert (answer.by, answer.capacity, answer.on_behalf_of) == ("UWH", "deputy", "UPROD")


def test_reminders_go_to_who_stands_in() -> None:
    desk = PcbDesk(plan=plan_with(away("UQUAL1"), away("UQUAL2")))
    desk.complain()
    desk.to("quality_analysis")
    desk.at("2026-11-04 14:00")
    assert [n.to for n in desk.told("reminder")] == ["UQHEAD"]


def test_a_substitute_who_falls_ill_is_replaced_by_the_general_manager() -> None:
    """(九)2: he alone names substitutes, so it falls back to him."""
    desk = PcbDesk()
    desk.complain(survey_needed=True)
    desk.decide("UQUAL1", "survey_call", "answer", survey_by="nobody")
    desk.decide("UGM", "name_surveyor", "name", surveyor="URND")
    desk.settings.people = plan_with(away("URND", since="2026-11-01 00:00"))
    desk.decide("UGM", "joint_survey")
    with pytest.raises(NotAuthorized):
        desk.decide("URND", "joint_survey")


def test_a_case_resolves_its_people_at_the_time_of_each_act() -> None:
    """DESIGN 2: people are resolved at the time of each act, not when the stage opened."""
    desk = a_case("quality_analysis")
    desk.settings.people = plan_with(quality={"members": ("UNEW",)})
    with pytest.raises(NotAuthorized):
        desk.pass_stage("quality_analysis")
    desk.decide("UNEW", "quality_analysis", **FIELDS["quality_analysis"])
    assert desk.open_stages() == ["production_analysis"]


def test_a_restricted_case_is_unknown_to_strangers() -> None:
    """The annexes: punishments are personal matters; who may not see one gets the answer of a case that isn't there."""
    desk = a_case("closed", punishment="economic")
    [annex] = desk.others()
    with pytest.raises(Exception, match="unknown_case"):
        desk.act(cmd.AddNote, "USALES1", annex, words="Who is it?")
    assert all(not n.to.startswith("C") for n in desk.record.notices if n.case_id == annex)
