"""售后服务和质量投诉处理制度（仪器仪表）: two engineers at a user's, who is told when they are late or leave, joint analyses, what is told."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import main_decision
from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.instrument import (
    COMPLAINT,
    COST,
    ENGINEER,
    ENQUIRY,
    FAR,
    FAULT,
    PAID,
    SECOND,
    SIGNED,
    WORN,
    Service,
    a_case,
    both,
)
from tests.support.policy_desk import person

ID = "instrument-after-sales"
TWO = {"engineers": [{"person": ENGINEER}, {"person": SECOND}], "in_charge": SECOND}


# --- two engineers --------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.4 departure", "4", "3.6.3")
@pytest.mark.capabilities("RT-05")
def test_of_two_engineers_either_reports_each_step() -> None:
    """3.4 「二人以上外出,应指定一人临时负责」: they go together, and what one of them enters is entered."""
    desk = a_case(FAULT, "analyse_fault", **TWO)
    by = {"analyse_fault": SECOND, "arrive": ENGINEER, "diagnose": SECOND, "execute": ENGINEER, "customer_sign": SECOND}
    for stage, who in by.items():
        assert desk.roles(stage) == [ENGINEER, SECOND]
        files = SIGNED["files"] if stage == "customer_sign" else ()
        desk.decide(who, stage, main_decision(desk.bundle("").policy.stages[stage]), files=files, **desk.usual[stage])
        assert stage not in desk.open_stages()

    desk.to("closed", mailed=True)
    desk.decide(SECOND, "postage_slip", "write_off", postage="18")
    desk.decide(person("service_head"), "postage_slip")
    assert desk.case().status == "finished"


@pytest.mark.parametrize("nobody", ["王小明", "<!channel>", "CGENERAL", ""])
def test_an_engineer_who_is_no_member_is_refused_at_the_lines(nobody: str) -> None:
    """He would be waited for in vain, or his colleague would go alone, and nobody was told that he has no stage."""
    desk = a_case(FAULT, "dispatch_ticket")
    with pytest.raises(FieldErrors) as refused:
        desk.go("dispatch_ticket", engineers=[{"person": ENGINEER}, {"person": nobody}], in_charge=ENGINEER)
    assert refused.value.errors == {"engineers": ("no_member_in_line", {"value": nobody or "–"})}


@pytest.mark.clauses(ID, "3.2.2")
def test_whoever_reaches_the_user_first_answers() -> None:
    """3.2.2 「应在12小时内给予用户答复」: one answer, by the group or the engineer."""
    desk = a_case(FAULT, "answer_user", **FAR)
    desk.decide(person("service_engineer"), "answer_user", "answered", **desk.usual["answer_user"])
    assert desk.open_stages() == ["dispatch_ticket"]


@pytest.mark.clauses(ID, "3.5 order")
def test_a_report_that_is_asked_back_is_completed_by_one_at_once() -> None:
    """3.5 「按来电来函的时间顺序填写……处理记录」; D3, ours: two working hours."""
    desk = a_case(COMPLAINT, "accept")
    desk.decide(person("direct_responsible"), "accept", "return", reason="Which instrument?", to_stage="intake")
    assert desk.due("intake") == local("2026-11-02 11:30")
    desk.decide(person("sales"), "intake", "register", content="The QX-3, no reading")
    assert desk.open_stages() == ["accept"]


# --- lateness of the service ------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.2.2", "3.2.3")
@pytest.mark.capabilities("DL-08", "DL-22")
@pytest.mark.parametrize(
    ("stage", "case", "due", "climbs"),
    [
        ("answer_user", FAR, "2026-11-02 21:30", "2026-11-03 09:30"),
        ("arrive", {}, "2026-11-03 09:30", "2026-11-03 21:30"),
        ("written_contact", {"reported_to": "to_sales"}, "2026-11-02 21:30", "2026-11-03 09:30"),
    ],
)
def test_a_service_that_is_late_goes_to_its_head_and_twelve_hours_later_to_the_general_manager(
    stage: str, case: dict[str, Any], due: str, climbs: str
) -> None:
    """3.2.2, 3.2.3; section 9: service head at expiry, general manager 12 h later, then every working day (D5)."""
    desk = a_case(FAULT, "dispatch_ticket" if stage == "written_contact" else stage, **case)
    running = desk.stage_clock(stage)
    assert running.due_at == local(due)
    desk.at("2026-11-06 12:00")

    steps = desk.steps(running)
    assert steps["reminder_slip"][0] == local(due)
    assert steps["reminder_slip"][1] >= both("service_head")
    assert steps["escalation"] == (local(climbs), both("general_manager"))
    fired = [r for r in desk.record.logs["case1"] if isinstance(r.event, e.StepFired)]
    days = [
        desk.calendar.local(r.at).day for r in fired if (r.event.deadline, r.event.as_) == (running.id, "escalation")
    ]
    assert days == [3, 4, 5, 6]


# --- what is told ------------------------------------------------------------------------------------------------------------


def told_by_rule(desk: Service, as_: str = "notice") -> set[str]:
    return {n.to for n in desk.told("rule") if n.facts["as"] == as_}


@pytest.mark.clauses(ID, "3.4 leaving", "8.1")
@pytest.mark.parametrize(("office", "leader"), [(False, "service_head"), (True, "office_manager")])
def test_before_they_leave_the_leader_in_charge_hears_of_it(office: bool, leader: str) -> None:
    """3.4 「处理结束离开前简要向单位汇报处理结果,并请示有否其他任务和安排」."""
    desk = a_case(FAULT, "customer_sign", by_office=office)
    assert told_by_rule(desk) == set()
    desk.go("customer_sign")
    assert told_by_rule(desk) == both(leader)


@pytest.mark.clauses(ID, "3.3.4")
@pytest.mark.capabilities("OS-06")
@pytest.mark.parametrize(("diagnosed", "charged"), [(PAID, True), (PAID | {"charge": "0.01"}, True), (PAID | {"charge": "0"}, False), ({}, False)])  # fmt: skip
def test_every_charge_needs_consent_and_finance_hears_when_it_is_due(diagnosed: dict[str, Any], charged: bool) -> None:
    """3.3.4 「有偿服务需经领导同意,回公司后如数上缴」: however small."""
    desk = a_case(FAULT, "execute", **diagnosed)
    assert (desk.case().last_visit("consent_charge") is not None) is charged
    desk.go("execute")
    assert told_by_rule(desk) == (both("finance") if charged else set())


@pytest.mark.clauses(ID, "3.3.2", "3.3.4")
@pytest.mark.capabilities("LP-16")
@pytest.mark.parametrize("who", ["service_head", "office_manager", "service_admin", "finance"])
def test_whoever_finds_misconduct_reports_it_and_the_dismissal_goes_to_him_and_his_head(who: str) -> None:
    """3.3.2 「一经发现,就地解聘」."""
    desk = a_case(FAULT, "solved_check")
    given = {"misconduct": "extortion", "offender": ENGINEER, "misconduct_evidence": "The user called"}
    desk.act(cmd.BeginRoute, person(who), route="staff_measure", fields=given)
    desk.go("misconduct_ruling")
    assert told_by_rule(desk, "decision") == {ENGINEER, *both("service_head")}


@pytest.mark.clauses(ID, "7.2", "3.5 archive", "3.5 unclear")
def test_answers_are_told_by_the_channel_that_was_used() -> None:
    """7.2 「在第一时间答复客户」, 3.5 「复电、复函应及时存档」; only what is unclear is clarified first."""
    letter = Service()
    letter.report(**ENQUIRY)
    assert letter.open_stages() == ["answer_enquiry"]
    letter.go("answer_enquiry")
    complaint = a_case(COMPLAINT, "reply_customer")
    assert complaint.happened(e.OutcomeTold) == []
    complaint.go("reply_customer")
    assert [x.channel for desk in (letter, complaint) for x in desk.happened(e.OutcomeTold)] == [
        "by_letter",
        "by_phone",
    ]


# --- joint analyses, costs -----------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "6", "5.2")
@pytest.mark.capabilities("RT-05", "RT-28")
@pytest.mark.parametrize(
    ("stage", "case", "others"),
    [
        ("analyse_complaint", {}, ["technical_quality"]),
        ("special_analysis", {"special": True}, ["technical_quality", "tech_dev"]),
        ("help_customer", WORN, ["service_engineer"]),
    ],
)
def test_an_analysis_is_over_when_each_has_signed_it(stage: str, case: dict[str, Any], others: list[str]) -> None:
    """6 「生产部门和技术质量服务部门负责分析」, 「会同技术开发科」; 5.2 「业务部门配合售后服务人员」."""
    desk = a_case(COMPLAINT, stage, **case)
    first = str(desk.roles(stage)[0])
    desk.decide(person(first), stage, main_decision(desk.bundle("").policy.stages[stage]), **desk.usual[stage])
    for other in others:
        assert desk.open_stages() == [stage]
        desk.decide(person(other), stage)
    assert stage not in desk.open_stages()


@pytest.mark.clauses(ID, "6 finance")
@pytest.mark.parametrize(("first", "stage"), [(FAULT, "cost_review"), (COMPLAINT, "complaint_cost")])
def test_finance_allots_the_cost_even_to_itself(first: dict[str, Any], stage: str) -> None:
    """6 「公司财务部负责审核售后服务工作发生费用及落实摊销部门」: nobody has to confirm it."""
    desk = a_case(first, stage)
    desk.decide(person("finance"), stage, "review", **COST | {"bearing_unit": "finance"})
    assert stage not in desk.open_stages()


@pytest.mark.clauses(ID, "3.2.1")
@pytest.mark.capabilities("SR-03")
def test_satisfied_users_are_counted_of_those_who_were_asked() -> None:
    """3.2.1 「用户满意程度≥85%」, of the slips that came back: letters and complaints have none."""
    desk = Service()
    for number, (first, satisfied) in enumerate(((FAULT, True), (FAULT, True), (FAULT, False), (ENQUIRY, None)), 1):
        name = f"case{number}"
        desk.report(name, **first)
        desk.to("closed", name, **({} if satisfied is None else {"satisfied": satisfied}))
    assert desk.figure("users_satisfied") == "2 of 3"
