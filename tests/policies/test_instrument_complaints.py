"""售后服务和质量投诉处理制度（仪器仪表）: complaints by cause, misconduct, targets, our defaults, who may decide."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.instrument import (
    COMPLAINT,
    COST,
    DISPUTE,
    ENGINEER,
    ENQUIRY,
    FAR,
    FAULT,
    LARGER,
    PAID,
    WORN,
    Service,
    a_case,
    both,
)
from tests.support.our_defaults import keeping, repeats
from tests.support.policy_desk import head, person, walked
from tests.support.who_may import decisions_by_stage

ID = "instrument-after-sales"


# --- complaints (5 to 7) --------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "5.1", "6", "6 inspection", "6 finance", "7.2")
@pytest.mark.capabilities("RT-01", "RT-05", "RD-01", "OS-02")
def test_a_quality_complaint_is_analysed_agreed_judged_costed_answered_and_fed_back() -> None:
    """5.1, 6."""
    desk = a_case(COMPLAINT, "accept")
    assert walked(desk) == [
        "accept",
        "register_complaint",
        "analyse_complaint",
        "agree_handling",
        "liability",
        "complaint_cost",
        "reply_customer",
        "feedback",
    ]
    assert (desk.case().outcome, desk.case().number) == ("own_quality_case", "202611-001")
    roles = {v.stage: [s.seat.role for s in v.seats] for v in desk.case().visits.values()}
    assert roles["analyse_complaint"] == ["production", "technical_quality"]
    assert roles["agree_handling"] == ["production", "technical_quality", "sales"]
    assert (roles["liability"], roles["complaint_cost"], roles["feedback"]) == (
        ["inspection"],
        ["finance"],
        ["service_admin"],
    )
    assert "complaint_record" in {r.register for r in desk.happened(e.RegisterEntered)}
    told = {n.to for n in desk.told("rule")}
    assert both("direct_responsible", "production", "technical_quality", "sales", "general_manager") <= told


@pytest.mark.clauses(ID, "6")
@pytest.mark.capabilities("RT-28", "RT-05")
def test_a_special_abnormality_is_analysed_with_technical_development() -> None:
    """6 「特别异常问题要会同技术开发科进行分析」."""
    desk = a_case(COMPLAINT, "special_analysis", special=True)
    assert desk.roles("special_analysis") == ["production", "technical_quality", "tech_dev"]
    with pytest.raises(FieldErrors):
        desk.go("special_analysis", special_finding=None)
    desk.go("special_analysis")
    assert desk.open_stages() == ["agree_handling"]


@pytest.mark.clauses(ID, "5.2")
@pytest.mark.capabilities("CL-12", "OS-08")
def test_damage_by_use_is_explained_repaired_trained_and_its_cost_recovered() -> None:
    """5.2 「进行问题分析、解释,弥补、修复损坏部位,对客户操作人员进行操作指导和培训……费用由业务部门与客户商谈、追讨」."""
    desk = a_case(COMPLAINT, "help_customer", **WORN)
    assert desk.roles("help_customer") == ["sales", "service_engineer"]
    with pytest.raises(FieldErrors) as refused:
        desk.go("help_customer", explained=None, repair_done=None, operator_trained=None)
    assert set(refused.value.errors) == {"explained", "repair_done", "operator_trained"}
    with pytest.raises(FieldErrors):
        desk.go("help_customer", operator_trained=False)
    desk.to("closed")
    assert (desk.case().outcome, desk.may_act("recover_cost"), desk.due("recover_cost")) == (
        "not_quality_case",
        {"sales"},
        local("2026-12-02 24:00"),
    )
    with pytest.raises(FieldErrors) as silent:
        desk.go("recover_cost", recovered=None, recovery_text=None)
    assert set(silent.value.errors) == {"recovered", "recovery_text"}
    desk.go("recover_cost")
    assert desk.case().amounts["recovered_from_customer"] == "500.00"


@pytest.mark.clauses(ID, "7.3")
def test_a_dispute_is_settled_by_a_named_person_by_the_contract() -> None:
    """7.3 「遇有争议,按合同有关条款由专人负责协调」."""
    desk = a_case(COMPLAINT, "analyse_complaint")
    with pytest.raises(FieldErrors) as refused:
        desk.go("analyse_complaint", cause_class="dispute")
    assert set(refused.value.errors) == {"coordinator"}
    desk.go("analyse_complaint", **DISPUTE)
    assert desk.roles("coordinate") == ["ULAWYER"]
    with pytest.raises(FieldErrors) as silent:
        desk.go("coordinate", contract_clause=None, settlement_text=None)
    assert set(silent.value.errors) == {"contract_clause", "settlement_text"}
    desk.to("closed")
    assert desk.case().outcome == "dispute_settled"


@pytest.mark.clauses(ID, "7.1", "7.2")
@pytest.mark.capabilities("IN-09")
def test_the_person_directly_responsible_accepts_with_an_answer_or_refuses_with_a_reason() -> None:
    """7.1 「相关直属责任人具有最终决定是否受理、如何处理的权利」; 7.2 「在第一时间答复客户」."""
    desk = a_case(COMPLAINT, "accept")
    assert desk.may_act("accept") == {"direct_responsible"}
    with pytest.raises(FieldErrors) as refused:
        desk.go("accept", first_answer=None)
    assert set(refused.value.errors) == {"first_answer"}
    with pytest.raises(FieldErrors) as silent:
        desk.decide(person("direct_responsible"), "accept", "refuse")
    assert set(silent.value.errors) == {"reason"}
    desk.go("accept", "refuse", first_answer=None)
    assert (desk.case().outcome, desk.may_act("tell_refusal"), desk.due("tell_refusal")) == (
        "not_accepted",
        {"direct_responsible"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("tell_refusal", refusal_told=None)
    desk.go("tell_refusal")
    assert desk.case().status == "finished"


@pytest.mark.clauses(ID, "6", "6 inspection", "6 finance", "5.1", "7.2")
@pytest.mark.parametrize(
    ("stage", "missing"),
    [
        ("analyse_complaint", {"cause", "countermeasure", "cause_class", "special"}),
        ("agree_handling", {"agreed_handling", "settlement"}),
        ("liability", {"liable_unit", "liable_person", "decision_text", "service_fault"}),
        ("complaint_cost", set(COST)),
        ("reply_customer", {"answer_given", "reply_channel"}),
        ("feedback", {"feedback_text"}),
    ],
)
def test_a_step_of_the_complaint_is_refused_without_what_it_must_say(stage: str, missing: set[str]) -> None:
    desk = a_case(COMPLAINT, stage)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, **dict.fromkeys(missing))
    assert set(refused.value.errors) == missing
    if stage == "complaint_cost":
        with pytest.raises(FieldErrors):
            desk.go(stage, own_staff=False)


@pytest.mark.clauses(ID, "7.2")
def test_a_complaint_is_answered_after_the_decision_of_inspection() -> None:
    assert not a_case(COMPLAINT, "liability").may_reply()
    assert a_case(COMPLAINT, "complaint_cost").may_reply()
    assert not a_case(FAULT, "dispatch_ticket").may_reply()
    assert a_case(FAULT, "answer_user", **FAR).may_reply()
    assert a_case(ENQUIRY, "answer_enquiry").may_reply()


# --- misconduct, targets, duties ---------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.3.2", "3.3.4")
@pytest.mark.capabilities("LP-16")
@pytest.mark.parametrize("deed", ["signed_before_service", "signature_forged", "charged_without_consent", "extortion"])
def test_a_forged_signature_or_extortion_means_dismissal_at_once(deed: str) -> None:
    """3.3.2, 3.3.4 「一经发现,就地解聘」."""
    desk = a_case(FAULT, "solved_check")
    given = {"misconduct": deed, "offender": ENGINEER, "misconduct_evidence": "The user called"}
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("warehouse"), route="staff_measure", fields=given)
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, person("service_head"), route="staff_measure", fields={})
    desk.act(cmd.BeginRoute, person("service_head"), route="staff_measure", fields=given)
    assert (desk.may_act("misconduct_ruling"), desk.due("misconduct_ruling")) == (
        {"general_manager"},
        local("2026-11-02 11:30"),
    )
    with pytest.raises(FieldErrors) as refused:
        desk.go("misconduct_ruling", proven=None, ruling_reason=None)
    assert set(refused.value.errors) == {"proven", "ruling_reason"}
    desk.go("misconduct_ruling")
    policy = bundle(ID).policy
    assert policy.tables["measure"].pick({"proven": True}) == "dismissed_at_once"
    assert [r.row["offender"] for r in desk.happened(e.RegisterEntered) if r.register == "dismissals"] == [ENGINEER]
    assert {ENGINEER, *both("service_head")} <= {n.to for n in desk.told("rule")}


@pytest.mark.clauses(ID, "3.3.2")
def test_what_is_not_proven_has_no_consequence() -> None:
    desk = a_case(FAULT, "solved_check")
    given = {"misconduct": "extortion", "offender": ENGINEER, "misconduct_evidence": "Hearsay"}
    desk.act(cmd.BeginRoute, person("finance"), route="staff_measure", fields=given)
    desk.go("misconduct_ruling", proven=False)
    assert "dismissals" not in {r.register for r in desk.happened(e.RegisterEntered)}


@pytest.mark.clauses(ID, "3.2.1")
@pytest.mark.capabilities("SR-03", "SR-04")
def test_the_targets_are_90_85_and_below_3_percent() -> None:
    """3.2.1 「服务及时率≥90%;用户满意程度≥85%;用户抱怨率(确属服务责任的)<3%」."""
    measures = bundle(ID).policy.measures
    assert {n: str(m.target) for n, m in measures.items() if m.target} == {
        "service_in_time": "≥ 90 %",
        "users_satisfied": "≥ 85 %",
        "service_to_blame": "< 3 %",
    }
    assert str(measures["service_in_time"].where) == "kind is fault"
    assert (str(measures["users_satisfied"].hit), str(measures["service_to_blame"].hit)) == (
        "satisfied",
        "service_fault",
    )


@pytest.mark.clauses(ID, "2.2", "3.7.2", "3.7.5", "3.7.6")
@pytest.mark.capabilities("OS-15", "GA-04")
def test_parts_are_accounted_for_every_month_and_engineers_examined_every_quarter() -> None:
    """2.2 「服务人员定期进行考核」; 3.7.5 「每月及时处理更换后的旧件」; 3.7.6 「单独建帐」; 3.7.2 「一式二份」."""
    policy = bundle(ID).policy
    assert {
        n: (d.every, d.by, str(d.who), [f.name for f in d.fill], [str(w) for w in d.send_to])
        for n, d in policy.duties.items()
    } == {
        "monthly_statistics": ("month", "10th", "service_admin", [], ["service_head", "general_manager"]),
        "old_parts": ("month", "28th", "warehouse", ["old_parts_treated"], ["service_head"]),
        "station_account": ("month", "28th", "warehouse", ["station_stock"], ["finance"]),
        "parts_received": ("month", "28th", "warehouse", ["received_parts"], ["finance"]),
        "skills_exam": ("quarter", "28th", "service_head", ["examined"], ["service_admin"]),
    }
    assert policy.papers.forms["parts_receipt"].copies == 2


# --- defaults -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"solved": True, "score": "3"}, False),
        ({"solved": True, "score": "2"}, True),
        ({"solved": False, "score": "4"}, True),
    ],
)
def test_a_complaint_is_called_back_and_analysed_again_when_the_customer_is_not_satisfied(
    answers: dict[str, Any], again: bool
) -> None:
    """D6."""
    desk = a_case(COMPLAINT, "closed")
    assert (desk.may_act("callback"), desk.due("callback")) == ({"service_admin"}, local("2026-11-05 24:00"))
    with pytest.raises(FieldErrors):
        desk.call("reached", actor=person("service_admin"))
    desk.call("reached", actor=person("service_admin"), **answers)
    assert (desk.open_stages() == ["analyse_complaint"]) is again
    assert (head("service_admin") in {n.to for n in desk.told("rule")}) is again


def test_after_three_calls_the_callback_ends() -> None:
    desk = a_case(COMPLAINT, "closed")
    for day in ("03", "04", "05"):
        assert desk.open_stages() == ["callback"]
        desk.clock.at = local(f"2026-11-{day} 10:00")
        desk.call("no_answer", actor=person("service_admin"))
    assert desk.case().status == "finished"


def test_an_anonymous_complaint_is_decided_by_the_head_and_not_answered() -> None:
    """D10."""
    desk = Service()
    desk.report(**COMPLAINT | {"anonymous": True, "customer": None})
    assert (desk.may_act("anonymous_check"), desk.due("anonymous_check")) == (
        {"head of service_admin"},
        local("2026-11-03 18:00"),
    )
    desk.go("anonymous_check")
    desk.go("accept", first_answer=None)
    desk.to("closed")
    assert not {"reply_customer"} & {v.stage for v in desk.case().visits.values()}
    assert desk.open_stages() == []

    desk = Service()
    desk.report(**COMPLAINT | {"anonymous": True, "customer": None})
    with pytest.raises(FieldErrors):
        desk.decide(head("service_admin"), "anonymous_check", "file")
    desk.go("anonymous_check", "file")
    assert desk.case().outcome == "recorded_only"

    desk = Service()
    desk.report(**COMPLAINT | {"anonymous": True, "customer": None})
    desk.go("anonymous_check")
    desk.go("accept", "refuse", first_answer=None)
    assert desk.open_stages() == []


@pytest.mark.parametrize("who", ["production", "technical_quality", "sales", "tech_dev"])
def test_a_department_objects_to_the_decision_within_five_working_days(who: str) -> None:
    """D12."""
    desk = (
        a_case(COMPLAINT, "complaint_cost", liable_unit="inspection")
        if who == "production"
        else a_case(COMPLAINT, "complaint_cost")
    )
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("warehouse"), route="objection", fields={"objection_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, person(who), route="objection", fields={})
    desk.clock.at = local("2026-11-09 18:00")
    desk.act(cmd.BeginRoute, person(who), route="objection", fields={"objection_reason": "x"})
    assert (desk.may_act("objection_ruling"), desk.due("objection_ruling")) == (
        {"general_manager"},
        local("2026-11-11 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("objection_ruling", "dismiss")
    desk.go("objection_ruling", "grant", objection_ruling_text="Right")
    assert desk.open_stages() == ["liability"]


def test_the_unit_blamed_objects_and_nobody_later() -> None:
    desk = a_case(COMPLAINT, "complaint_cost", liable_unit="warehouse")
    desk.act(cmd.BeginRoute, person("warehouse"), route="objection", fields={"objection_reason": "x"})
    desk = a_case(COMPLAINT, "complaint_cost")
    desk.clock.at = local("2026-11-09 18:01")
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.BeginRoute, person("sales"), route="objection", fields={"objection_reason": "x"})


def test_numbers_repeats_and_retention_are_our_defaults() -> None:
    """D7, D8, D9."""
    desk = Service("2026-11-30 10:00")
    desk.report("case1", **ENQUIRY)
    desk.report("case2", **FAULT)
    desk.clock.at = local("2026-12-01 10:00")
    desk.report("case3", **COMPLAINT)
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]
    assert keeping(ID) == (3, "years", "service_admin")
    assert repeats(ID) == (("customer", "serial_no"), 3, "months")


# --- who may ---------------------------------------------------------------------------------------------------------------------------

ON_ITS_OWN: set[str] = set()  # only the engineers sent, who hold no role of their own here
WHO_MAY: dict[str, tuple[dict[str, Any], dict[str, Any], set[str], str]] = {
    "answer_user": (FAULT, FAR, {"service_group", "service_engineer"}, "answered"),
    "contact_supplier": (FAULT, {"supplier_needed": True}, {"service_group"}, "heard"),
    "dispatch_ticket": (FAULT, {}, {"service_admin"}, "dispatch"),
    "analyse_fault": (FAULT, {}, ON_ITS_OWN, "analysed"),
    "arrive": (FAULT, {}, ON_ITS_OWN, "arrived"),
    "diagnose": (FAULT, {}, ON_ITS_OWN, "diagnosed"),
    "leader_decision": (FAULT, LARGER, {"service_head"}, "instruct"),
    "consent_charge": (FAULT, PAID, {"service_head"}, "approve"),
    "requisition": (FAULT, {"parts_needed": True}, ON_ITS_OWN, "request"),
    "execute": (FAULT, {}, ON_ITS_OWN, "executed"),
    "customer_sign": (FAULT, {}, ON_ITS_OWN, "signed"),
    "solved_check": (FAULT, {}, {"service_admin"}, "checked"),
    "escalate_event": (FAULT, {"problem_solved": False}, {"service_engineer"}, "visit_again"),
    "report_approval": (FAULT, {}, {"service_head"}, "approve"),
    "cost_review": (FAULT, {}, {"finance"}, "review"),
    "knowledge_entry": (FAULT, {}, {"service_admin"}, "enter"),
    "clarify": (ENQUIRY | {"unclear": True}, {}, {"service_group"}, "clarified"),
    "answer_enquiry": (ENQUIRY, {}, {"service_group"}, "answered"),
    "accept": (COMPLAINT, {}, {"direct_responsible"}, "accept refuse"),
    "register_complaint": (COMPLAINT, {}, {"service_admin"}, "register"),
    "analyse_complaint": (COMPLAINT, {}, {"production", "technical_quality"}, "analysed"),
    "special_analysis": (COMPLAINT, {"special": True}, {"production", "technical_quality", "tech_dev"}, "analysed"),
    "coordinate": (COMPLAINT, DISPUTE, set(), "settled"),
    "help_customer": (COMPLAINT, WORN, {"sales", "service_engineer"}, "helped"),
    "agree_handling": (COMPLAINT, {}, {"production", "technical_quality", "sales"}, "agree"),
    "liability": (COMPLAINT, {}, {"inspection"}, "decide"),
    "complaint_cost": (COMPLAINT, {}, {"finance"}, "review"),
    "reply_customer": (COMPLAINT, {}, {"service_admin"}, "replied"),
    "feedback": (COMPLAINT, {}, {"service_admin"}, "fed_back"),
}
ELSEWHERE = {
    "intake": "register", "issue_parts": "issue", "unsolved_ruling": "rule", "written_contact": "contacted",
    "anonymous_check": "investigate file", "tell_refusal": "told", "write_off": "write_off", "second_claim": "claimed",
    "postage_slip": "write_off", "hand_in": "receive", "recover_cost": "recovered", "misconduct_ruling": "rule",
    "objection_ruling": "dismiss grant", "callback": "satisfied unreached dissatisfied",
}  # fmt: skip


@pytest.mark.clauses(ID, "5.1", "6", "6 inspection", "6 finance", "8.1")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide(stage: str) -> None:
    """Everybody who is not named is refused."""
    first, changes, who, _ = WHO_MAY[stage]
    assert a_case(first, stage, **changes).may_act(stage) == who


def test_what_may_be_decided_at_every_stage() -> None:
    """A return is open to every decider (D18)."""
    wanted = ELSEWHERE | {stage: row[3] for stage, row in WHO_MAY.items()}
    assert decisions_by_stage(ID) == {stage: f"{said} return" for stage, said in wanted.items()}


@pytest.mark.parametrize("who", ["service_group", "service_admin", "sales", "office_manager"])
def test_whoever_is_told_writes_the_report(who: str) -> None:
    desk = a_case(COMPLAINT, "accept")
    desk.decide(person("direct_responsible"), "accept", "return", reason="Which instrument?", to_stage="intake")
    assert who in desk.may_act("intake")
