"""客户投诉处理程序: visit within two working days, type to department, approval, reply, improvement by the date set."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.our_defaults import keeping, repeats
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.who_may import decisions_by_stage

ID = "sales-visit-first"
COMPLAINT: dict[str, Any] = {
    "customer": "C-0417", "anonymous": False, "channel": "phone", "subject": "goods", "object": "Pump P4",
    "content": "It leaks", "true_cause": "Seal too hard", "calmed": True, "items_confirmed": True,
}  # fmt: skip
CONDUCT = {"complaint_type": "service_conduct", "cause_class": "conduct", "complained_unit": "hotline"}
MISUSE = {"cause_class": "improper_use"}


class Sales(PolicyDesk):
    __test__ = False
    usual = {
        "site_visit": {"visited_on": "2026-11-02", "visit_finding": "Leak at the seal", "cause_class": "quality_problem"},
        "classify": {"valid": True, "complaint_type": "product_quality"},
        "defect_analysis": {"defect_cause": "Hard seal", "repair": "New seal", "improvement_report": "Softer rubber", "complained_unit": "workshop"},
        "department_response": {"response": "He was rude", "proposed_improvement": "Training this week"},
        "submit": {"proposal": "Repair free of charge", "amount": "300"},
        "approval": {"approved_reply": "We repair it", "improvement_due": "2026-11-20"},
        "reply_customer": {"answer_given": "We repair it", "reply_channel": "by_phone"},
        "improvement": {"improvement_done": "Softer rubber"},
        "supervise": {"effect": "No leak in 20 pumps"},
    }  # fmt: skip

    def __init__(self, now: str = "2026-11-02 09:30") -> None:
        super().__init__(ID, now, departments=("workshop", "hotline"))

    def complain(self, case_id: str = "case1", **changes: Any) -> None:
        given = {n: v for n, v in {**COMPLAINT, **changes}.items() if v is not None}
        self.log(actor="UREPORTER", case_id=case_id, **given)


def a_case(stage: str = "site_visit", **changes: Any) -> Sales:
    desk = Sales()
    desk.complain(**{n: v for n, v in changes.items() if n in COMPLAINT})
    if "complaint_type" in changes and stage != "site_visit":
        desk.go("site_visit", cause_class=changes["cause_class"])
        changes = {n: v for n, v in changes.items() if n != "cause_class"}
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in COMPLAINT})


def both(*roles: str) -> set[str]:
    return {person(role, number) for role in roles for number in (1, 2)}


# --- the route --------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.2", "4.1", "4.2", "4.3", "4.4", "4.5", "5.1")
@pytest.mark.capabilities("RT-01", "CL-01", "CL-02", "CC-12", "GA-11")
def test_a_quality_complaint_goes_through_visit_inspection_and_approval_to_the_reply() -> None:
    """4.1–4.5: the salesperson visits, after-sales classifies and submits, inspection traces, the vice president approves."""
    desk = a_case()
    seen = []
    while (here := desk.open_stages()) and desk.case().status == "open":
        seen.append((here[0], desk.roles(here[0])))
        desk.go(here[0])
    assert seen == [
        ("site_visit", ["salesperson"]),
        ("classify", ["after_sales"]),
        ("defect_analysis", ["quality_inspection"]),
        ("submit", ["after_sales"]),
        ("approval", ["marketing_vp"]),
        ("reply_customer", ["salesperson"]),
    ]
    assert (desk.case().outcome, desk.case().number) == ("established", "202611-001")
    assert set(desk.open_stages()) == {"improvement", "callback"}


@pytest.mark.clauses(ID, "3.2", "4.5", "5.1")
@pytest.mark.capabilities("CL-01", "CL-02")
@pytest.mark.parametrize("kind", ["service_conduct", "sales_work"])
def test_a_complaint_of_conduct_goes_to_the_department_complained_of(kind: str) -> None:
    """3.2 「不同类型的投诉纳入不同的职能部门处理」."""
    desk = a_case("department_response", **{**CONDUCT, "complaint_type": kind})
    assert desk.roles("department_response") == ["hotline"]
    desk.go("department_response")
    assert desk.open_stages() == ["submit"]


@pytest.mark.clauses(ID, "4.2")
@pytest.mark.capabilities("CL-12")
def test_improper_use_is_explained_and_nothing_is_improved() -> None:
    """4.2 「包括产品质量问题和使用不当的责任界定」: it goes straight to the submission; no date is asked."""
    desk = a_case("submit", **MISUSE)
    desk.to("closed", improvement_due=None)
    assert (desk.case().outcome, desk.open_stages()) == ("used_improperly", ["callback"])


@pytest.mark.clauses(ID, "5.2.1", "5.2.2", "2.1")
@pytest.mark.capabilities("IN-01", "IN-05")
@pytest.mark.parametrize("missing", sorted(COMPLAINT))
def test_every_item_of_the_feedback_form_is_filled(missing: str) -> None:
    """5.2.2 「按照《客户投诉登记反馈表》栏目要求,逐一登记并确认投诉事项」."""
    with pytest.raises(FieldErrors) as refused:
        Sales().complain(**{missing: None})
    assert missing in refused.value.errors


@pytest.mark.clauses(ID, "5.2.2", "4.1")
@pytest.mark.capabilities("IN-05")
@pytest.mark.parametrize("confirmed", ["calmed", "items_confirmed"])
def test_the_form_waits_until_the_customer_is_calm_and_has_confirmed_it(confirmed: str) -> None:
    """5.2.2 「安慰投诉客户的情绪,使之情绪稳定后……逐一登记并确认」; the words stand on the form."""
    with pytest.raises(FieldErrors) as refused:
        Sales().complain(**{confirmed: False})
    assert set(refused.value.errors) == {confirmed}
    assert "耐心、细致地听取" in bundle(ID).policy.label("content", "zh-Hans", aspect="hint")


@pytest.mark.clauses(ID, "5.2.2", "2.1")
@pytest.mark.capabilities("IN-01")
@pytest.mark.parametrize("channel", ["oral", "phone", "fax"])
@pytest.mark.parametrize("subject", ["goods", "market", "relations", "service"])
def test_a_complaint_comes_orally_by_telephone_or_fax_on_product_market_relations_or_service(
    channel: str, subject: str
) -> None:
    """2.1 「产品、市场、客情维护与客户服务」; 5.2.2 「口头、电话或传真」."""
    desk = Sales()
    desk.complain(channel=channel, subject=subject)
    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["complaint_register"]


@pytest.mark.parametrize(
    ("stage", "case", "changes", "missing"),
    [
        ("site_visit", {}, {"visited_on": None, "visit_finding": None, "cause_class": None}, {"visited_on", "visit_finding", "cause_class"}),
        ("classify", {}, {"valid": None, "complaint_type": None}, {"valid"}),
        ("classify", {}, {"complaint_type": None}, {"complaint_type"}),
        ("classify", {}, {"complaint_type": "sales_work"}, {"complained_unit"}),
        ("classify", {}, {"valid": False, "complaint_type": None}, {"invalid_reason"}),
        ("defect_analysis", {}, {"defect_cause": None, "repair": None, "improvement_report": None, "complained_unit": None},
         {"defect_cause", "repair", "improvement_report", "complained_unit"}),
        ("department_response", CONDUCT, {"response": None, "proposed_improvement": None}, {"response", "proposed_improvement"}),
        ("submit", {}, {"proposal": None, "amount": None}, {"proposal", "amount"}),
        ("approval", {}, {"approved_reply": None, "improvement_due": None}, {"approved_reply", "improvement_due"}),
        ("reply_customer", {}, {"answer_given": None, "reply_channel": None}, {"answer_given", "reply_channel"}),
        ("improvement", {}, {"improvement_done": None}, {"improvement_done"}),
    ],
)  # fmt: skip
@pytest.mark.clauses(ID, "4.2", "4.3", "4.4", "4.5")
def test_a_stage_is_refused_without_what_it_must_say(
    stage: str, case: dict[str, Any], changes: dict[str, Any], missing: set[str]
) -> None:
    desk = a_case("closed" if stage == "improvement" else stage, **case)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, **changes)
    assert set(refused.value.errors) == missing


@pytest.mark.parametrize(
    ("stage", "field", "value"),
    [("site_visit", "visited_on", "2026-11-03"), ("approval", "improvement_due", "2026-11-01")],
)
def test_a_visit_lies_in_the_past_and_an_improvement_in_the_future(stage: str, field: str, value: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        a_case(stage).go(stage, **{field: value})
    assert set(refused.value.errors) == {field}


# --- time ---------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.2")
@pytest.mark.capabilities("DL-01", "DL-02", "CC-12")
@pytest.mark.parametrize(
    ("taken", "due"), [("2026-11-02 09:30", "2026-11-04 18:00"), ("2026-11-06 17:00", "2026-11-10 18:00")]
)
def test_the_salesperson_visits_within_two_working_days(taken: str, due: str) -> None:
    """4.2 「销售员负责在2个工作日内对投诉客户的现场拜访和咨询」; Friday's ends on Tuesday."""
    desk = Sales(taken)
    desk.complain()
    assert desk.due("site_visit") == local(due)


@pytest.mark.clauses(ID, "4.2")
@pytest.mark.capabilities("DL-22")
def test_a_late_visit_goes_to_after_sales_then_the_vice_president_then_the_general_manager() -> None:
    """Our default of section 5."""
    desk = a_case()
    desk.at("2026-11-06 10:00")
    assert desk.steps(desk.stage_clock("site_visit")) == {
        "reminder": (local("2026-11-04 13:18"), both("salesperson")),
        "reminder_slip": (local("2026-11-04 18:00"), {*both("salesperson", "after_sales"), head("salesperson")}),
        "notice": (local("2026-11-05 14:00"), both("marketing_vp")),
        "escalation": (local("2026-11-05 18:00"), both("general_manager")),
    }


@pytest.mark.parametrize(
    ("stage", "case", "due"),
    [
        ("classify", {}, "2026-11-03 18:00"),
        ("defect_analysis", {}, "2026-11-03 18:00"),
        ("department_response", CONDUCT, "2026-11-03 18:00"),
        ("submit", {}, "2026-11-03 18:00"),
        ("approval", {}, "2026-11-03 18:00"),
        ("reply_customer", {}, "2026-11-03 18:00"),
        ("callback", {}, "2026-11-05 24:00"),
    ],
)
def test_stages_without_a_limit_get_ours_and_the_case_ten_working_days(
    stage: str, case: dict[str, Any], due: str
) -> None:
    """D4, D6."""
    desk = a_case("closed" if stage == "callback" else stage, **case)
    assert desk.due(stage) == local(due)
    assert desk.promise().due_at == local("2026-11-16 18:00")


@pytest.mark.clauses(ID, "4.5")
@pytest.mark.capabilities("DL-07", "OS-09")
def test_the_improvement_is_due_on_the_date_of_the_approval() -> None:
    """4.5 「被投诉部门负责投诉内容的限期改进」."""
    desk = a_case("closed", improvement_due="2026-11-12")
    assert (desk.roles("improvement"), desk.due("improvement")) == (["workshop"], local("2026-11-12 24:00"))
    desk = a_case("closed", **CONDUCT)
    assert (desk.roles("improvement"), desk.due("improvement")) == (["hotline"], local("2026-11-20 24:00"))


@pytest.mark.clauses(ID, "4.4")
@pytest.mark.capabilities("OS-09")
def test_quality_inspection_supervises_until_the_improvement_is_in_effect() -> None:
    """4.4 「负责监督落实」: what is not in effect gets a new date."""
    desk = a_case("closed")
    desk.go("improvement")
    assert (desk.roles("supervise"), desk.due("supervise")) == (["quality_inspection"], local("2026-11-04 18:00"))
    with pytest.raises(FieldErrors) as refused:
        desk.go("supervise", "not_effective")
    assert set(refused.value.errors) == {"improvement_due"}
    desk.go("supervise", "not_effective", improvement_due="2026-12-01")
    assert desk.due("improvement") == local("2026-12-01 24:00")
    desk.go("improvement")
    with pytest.raises(FieldErrors):
        desk.go("supervise", effect=None)
    desk.go("supervise")
    assert "improvement" not in desk.open_stages()


# --- approval, reply, notices ---------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.2", "4.5")
@pytest.mark.capabilities("RT-07")
@pytest.mark.parametrize(
    ("case", "amount", "also"),
    [
        ({}, "10000", False),
        ({}, "10000.01", True),
        (CONDUCT, "10000.01", False),
        ({}, "0", False),
    ],
)
def test_the_vice_president_approves_and_above_ten_thousand_for_quality_the_general_manager_too(
    case: dict[str, Any], amount: str, also: bool
) -> None:
    """3.2 「设置不同的处理权限」; 4.5; the amount is our default."""
    desk = a_case("approval", **case, amount=amount)
    assert desk.may_act("approval") == {"marketing_vp"}
    desk.go("approval")
    assert desk.open_stages() == (["gm_approval"] if also else ["reply_customer"])
    if also:
        assert (desk.may_act("gm_approval"), desk.due("gm_approval")) == (
            {"general_manager"},
            local("2026-11-03 18:00"),
        )


@pytest.mark.clauses(ID, "4.1")
@pytest.mark.capabilities("CC-01", "CC-04")
def test_only_the_approved_result_is_told_and_only_by_the_salesperson() -> None:
    """4.1 「将按照审批权限获得审批的处理结果向投诉客户回复、解释」."""
    assert not a_case("approval").may_reply()
    assert a_case("reply_customer").may_reply()
    assert a_case("reply_customer").may_act("reply_customer") == {"salesperson"}
    desk = a_case("reply_customer")
    desk.decide(person("salesperson"), "reply_customer", "return", reason="Wrong date", to_stage="approval")
    assert not desk.may_reply()


@pytest.mark.clauses(ID, "4.1")
@pytest.mark.capabilities("CC-01")
def test_a_large_quality_case_is_not_answered_before_the_general_manager_approved_it() -> None:
    desk = a_case("gm_approval", amount="20000")
    assert not desk.may_reply()
    desk.go("gm_approval")
    assert desk.may_reply()


@pytest.mark.clauses(ID, "4.6")
@pytest.mark.parametrize(("case", "times"), [({}, 3), (CONDUCT, 0)])
def test_every_quality_complaint_its_handling_and_its_improvement_is_made_known(
    case: dict[str, Any], times: int
) -> None:
    """4.6 「所有产质量问题投诉事件以及投诉质量问题的处理意见和改进措施的执行,都必须知会或申报管理者代表和总经理」."""
    desk = a_case("closed", **case)
    desk.go("improvement")
    assert [r.source for r in desk.happened(e.RuleFired)].count("4.6") == times
    told = [n.to for n in desk.told("rule")]
    assert {to: told.count(to) for to in both("mgmt_rep", "general_manager")} == dict.fromkeys(
        both("mgmt_rep", "general_manager"), times
    )


# --- our defaults -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"solved": True, "score": "3"}, False),
        ({"solved": True, "score": "2"}, True),
        ({"solved": False, "score": "5"}, True),
    ],
)
def test_a_dissatisfied_customer_is_visited_again(answers: dict[str, Any], again: bool) -> None:
    """D6."""
    desk = a_case("closed", **MISUSE, improvement_due=None)
    assert desk.may_act("callback") == {"after_sales"}
    desk.call("reached", actor=person("after_sales"), **answers)
    assert (desk.open_stages() == ["site_visit"]) is again
    assert (head("after_sales") in {n.to for n in desk.told("rule")}) is again


def test_a_callback_asks_both_questions_and_ends_after_three_calls() -> None:
    desk = a_case("closed", **MISUSE, improvement_due=None)
    with pytest.raises(FieldErrors) as refused:
        desk.call("reached", actor=person("after_sales"))
    assert set(refused.value.errors) == {"solved", "score"}
    for day in ("03", "04", "05"):
        assert desk.open_stages() == ["callback"]
        desk.clock.at = local(f"2026-11-{day} 10:00")
        desk.call("no_answer", actor=person("after_sales"))
    assert desk.case().status == "finished"


def test_an_anonymous_complaint_is_not_visited_answered_or_called() -> None:
    """D10."""
    desk = Sales()
    desk.complain(anonymous=True, customer=None)
    assert desk.may_act("anonymous_check") == {"head of after_sales"}
    with pytest.raises(FieldErrors):
        desk.decide(head("after_sales"), "anonymous_check", "file")
    desk.go("anonymous_check")
    assert desk.open_stages() == ["classify"]
    with pytest.raises(FieldErrors) as refused:
        desk.go("classify")
    assert set(refused.value.errors) == {"cause_class"}
    desk.go("classify", cause_class="quality_problem")
    desk.to("closed")
    assert "callback" not in desk.open_stages()

    desk = Sales()
    desk.complain(anonymous=True, customer=None)
    desk.go("anonymous_check", "file")
    assert desk.case().outcome == "recorded_only"


def test_what_is_not_accepted_is_confirmed_and_told() -> None:
    """D17."""
    desk = a_case("classify")
    desk.go("classify", valid=False, complaint_type=None, invalid_reason="Another maker's pump")
    assert desk.may_act("confirm_invalid") == {"head of after_sales"}
    desk.go("confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.may_act("tell_invalid")) == ("not_accepted", {"salesperson"})
    with pytest.raises(FieldErrors):
        desk.go("tell_invalid")
    desk.go("tell_invalid", invalid_told="Sorry")
    assert desk.case().status == "finished"


@pytest.mark.parametrize("who", ["salesperson", "after_sales", "quality_inspection", "workshop"])
def test_a_department_may_object_to_the_approval_within_five_working_days(who: str) -> None:
    """D12: decided by the general manager, finally."""
    desk = a_case("reply_customer")
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, person(who), route="objection", fields={})
    desk.clock.at = local("2026-11-09 18:00")
    desk.act(cmd.BeginRoute, person(who), route="objection", fields={"objection_reason": "Not our fault"})
    assert (desk.may_act("objection_ruling"), desk.due("objection_ruling")) == (
        {"general_manager"},
        local("2026-11-11 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("objection_ruling")
    desk.go("objection_ruling", "grant", objection_ruling_text="Right")
    assert desk.open_stages() == ["approval"]


def test_nobody_else_and_nobody_later_objects() -> None:
    desk = a_case("reply_customer")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("mgmt_rep"), route="objection", fields={"objection_reason": "x"})
    desk.clock.at = local("2026-11-09 18:01")
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.BeginRoute, person("workshop"), route="objection", fields={"objection_reason": "x"})


def test_numbers_restart_every_month_and_records_are_kept_three_years_by_after_sales() -> None:
    """D7, D8, D9, D15."""
    desk = Sales("2026-11-30 10:00")
    desk.complain("case1")
    desk.complain("case2")
    desk.clock.at = local("2026-12-01 10:00")
    desk.complain("case3")
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]
    policy = bundle(ID).policy
    assert keeping(ID) == (3, "years", "after_sales")
    assert repeats(ID) == (("customer", "object"), 3, "months")
    duty = policy.duties["monthly_statistics"]
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "after_sales",
        ["general_manager"],
    )


# --- who may ------------------------------------------------------------------------------------------------------------------

WHO_MAY: dict[str, tuple[dict[str, Any], set[str], str]] = {
    "site_visit": ({}, {"salesperson"}, "report"),
    "classify": ({}, {"after_sales"}, "pass_on"),
    "defect_analysis": ({}, {"quality_inspection"}, "submit"),
    "department_response": (CONDUCT, {"hotline"}, "answer"),
    "submit": ({}, {"after_sales"}, "submit"),
    "approval": ({}, {"marketing_vp"}, "approve"),
    "gm_approval": ({"amount": "20000"}, {"general_manager"}, "approve"),
    "reply_customer": ({}, {"salesperson"}, "replied"),
    "improvement": ({}, {"workshop"}, "done"),
    "callback": ({}, {"after_sales"}, "satisfied unreached dissatisfied"),
}
ELSEWHERE = {
    "intake": "register", "anonymous_check": "investigate file", "confirm_invalid": "confirm", "tell_invalid": "told",
    "supervise": "effective not_effective", "objection_ruling": "dismiss grant",
}  # fmt: skip


@pytest.mark.clauses(ID, "4.1", "4.2", "4.3", "4.4", "4.5")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide(stage: str) -> None:
    """Everybody who is not named is refused."""
    case, who, _ = WHO_MAY[stage]
    assert a_case("closed" if stage in ("improvement", "callback") else stage, **case).may_act(stage) == who


def test_what_may_be_decided_at_every_stage() -> None:
    """A return is open to every decider (D18)."""
    wanted = ELSEWHERE | {stage: decisions for stage, (_, _, decisions) in WHO_MAY.items()}
    assert decisions_by_stage(ID) == {stage: f"{said} return" for stage, said in wanted.items()}
