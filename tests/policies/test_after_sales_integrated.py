"""售后服务和质量投诉处理制度（综合管理部）: three causes alike, light or serious, evidence shown, progress told, recurrence prevented."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors, NotAuthorized
from tests.support.company import local
from tests.support.integrated import DATA, HUMAN, ID, NOT_OURS, QUALITY, SERIOUS, SUGGESTION, Integrated, a_case
from tests.support.policy_desk import person, walked
from tests.support.who_may import decisions_by_stage


def both(*roles: str) -> set[str]:
    return {person(role, number) for role in roles for number in (1, 2)}


# --- the routes (二2) -------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二2 confirm", "二2 analyse", "二2 light", "二3 general", "一 owner")
@pytest.mark.capabilities("RT-01", "RT-02", "CL-19", "OS-01", "GA-11")
def test_a_light_complaint_is_filed_fed_back_carried_out_and_told() -> None:
    """「情节较轻的质量投诉,登记备案,及时反馈给相关部门并引起高度重视」."""
    desk = a_case(QUALITY, "supply_data")
    assert walked(desk) == ["supply_data", "review", "analyse", "record_light", "implement", "track", "close_case"]
    assert (desk.case().outcome, desk.case().number) == ("light_settled", "202611-001")
    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["complaint_register", "light_complaints"]
    told = {n.to for n in desk.told("rule")}
    assert both("works", "store", "marketing", "engineering") <= told


@pytest.mark.clauses(ID, "二2 serious")
@pytest.mark.capabilities("RT-02", "RT-05", "CC-10", "OS-01")
def test_a_serious_complaint_needs_measure_solution_customer_and_the_approval_of_the_departments() -> None:
    """「由工程技术部提出产品解决措施,综合管理部与市场营销部共同商议解决办法,并与客户协商最终解决办法,报各部门审批」."""
    desk = a_case(QUALITY, "propose_measure", **SERIOUS)
    assert desk.roles("propose_measure") == ["engineering"]
    desk.go("propose_measure")
    assert desk.roles("agree_solution") == ["general", "marketing"]
    desk.go("agree_solution")
    assert desk.roles("agree_customer") == ["general"]
    desk.go("agree_customer")
    assert desk.roles("approve_solution") == ["engineering", "marketing", "inspection", "design"]
    assert walked(desk) == ["approve_solution", "implement", "track", "close_case"]
    assert desk.case().outcome == "serious_settled"


@pytest.mark.clauses(ID, "二2 serious")
@pytest.mark.capabilities("CC-10")
def test_what_the_customer_refuses_is_agreed_anew_and_the_fifth_refusal_goes_to_the_general_manager() -> None:
    desk = a_case(QUALITY, "agree_customer", **SERIOUS)
    for _ in range(4):
        desk.go("agree_customer", customer_agrees=False)
        assert desk.open_stages() == ["agree_solution"]
        desk.go("agree_solution")
    desk.go("agree_customer", customer_agrees=False)
    assert (desk.may_act("solution_ruling"), desk.due("solution_ruling")) == (
        {"general_manager"},
        local("2026-11-04 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("solution_ruling", ruling_reason=None)
    desk.go("solution_ruling")
    assert desk.open_stages() == ["approve_solution"]


@pytest.mark.clauses(ID, "二2 not ours")
@pytest.mark.capabilities("CC-07", "IN-07", "OS-01", "CL-12")
def test_what_is_not_our_fault_is_explained_with_the_appraisal_shown() -> None:
    """「认真向客户解释,并出示我方鉴定结果及依据,协同客户分析可能的原因,并与客户商讨后续解决问题办法」."""
    desk = a_case(QUALITY, "explain", **NOT_OURS)
    with pytest.raises(FieldErrors) as refused:
        desk.decide(person("general"), "explain", "explained")
    assert set(refused.value.errors) == {"explanation", "appraisal", "possible_causes", "next_steps"}
    desk.go("explain")
    desk.go("close_case")
    assert (desk.case().outcome, desk.open_stages()) == ("not_our_fault", ["callback"])


@pytest.mark.clauses(ID, "二1", "二2 analyse")
@pytest.mark.capabilities("CL-01", "CL-12", "RT-02")
@pytest.mark.parametrize("kind", ["human_factor", "other_cause"])
def test_the_three_causes_are_treated_alike(kind: str) -> None:
    """「对人为因素和其他原因造成的投诉,……与产品质量问题同等对待、处理」: only the data of the product are not asked."""
    desk = a_case(HUMAN, "review", complaint_type=kind)
    assert walked(desk) == ["review", "analyse", "record_light", "implement", "track", "close_case"]
    desk = a_case(HUMAN, "propose_measure", complaint_type=kind, **SERIOUS)
    assert desk.open_stages() == ["propose_measure"]


@pytest.mark.clauses(ID, "二2 analyse", "二3 engineering", "二3 trace")
@pytest.mark.capabilities("RT-05")
def test_inspection_design_and_engineering_analyse_with_the_department() -> None:
    """「会同质检人员、设计人员及工程技术部相关人员共同分析造成投诉原因及责任归属」."""
    desk = a_case(QUALITY, "analyse")
    assert desk.roles("analyse") == ["general", "inspection", "design", "engineering"]
    with pytest.raises(NotAuthorized) as early:
        desk.decide(person("general"), "analyse", **desk.usual["analyse"])
    assert early.value.reason == "not_your_turn"
    with pytest.raises(FieldErrors) as refused:
        desk.go("analyse", **dict.fromkeys(desk.usual["analyse"]))
    assert set(refused.value.errors) == {"quality_confirmed", "cause", "our_fault"}
    with pytest.raises(FieldErrors) as ours:
        desk.decide(person("general"), "analyse", quality_confirmed=True, cause="Seal", our_fault=True)
    assert set(ours.value.errors) == {
        "liable_unit",
        "method",
        "production_unit",
        "production_people",
        "production_date",
    }
    desk = a_case(HUMAN, "analyse")
    with pytest.raises(FieldErrors) as human:
        desk.go("analyse", liable_unit=None, method=None)
    assert set(human.value.errors) == {"liable_unit", "method"}


SEVERITY = [({"amount": "10000"}, False), ({"amount": "10000.01"}, True), ({"injury": True}, True), ({}, False)]


@pytest.mark.clauses(ID, "二2 serious", "二2 light")
@pytest.mark.capabilities("CL-19")
@pytest.mark.parametrize(("changes", "serious"), SEVERITY)
def test_serious_is_more_than_ten_thousand_an_injury_or_a_repeat(changes: dict[str, Any], serious: bool) -> None:
    """Our criterion; the text has none."""
    stage = "propose_measure" if serious else "record_light"
    assert a_case(QUALITY, stage, **changes).open_stages() == [stage]


@pytest.mark.clauses(ID, "二2 serious")
@pytest.mark.parametrize(("product", "serious"), [("Valve", True), ("Pump", False)])
def test_the_second_complaint_on_the_same_product_within_three_months_is_serious(product: str, serious: bool) -> None:
    desk = Integrated("2026-08-10 09:30")
    desk.hear("case0", **QUALITY | {"shipped_on": "2026-08-01"})
    desk.clock.at = local("2026-11-02 09:30")
    desk.hear(**QUALITY | {"product": product})
    stage = "propose_measure" if serious else "record_light"
    desk.to(stage)
    assert desk.open_stages() == [stage]


@pytest.mark.clauses(ID, "一 suggestions")
@pytest.mark.capabilities("IN-19")
def test_suggestions_are_collected_and_answered_by_the_departments() -> None:
    """一 「通过各种渠道收集对公司发展有益的意见及建议」."""
    desk = a_case(SUGGESTION, "pass_suggestion")
    assert (desk.may_act("pass_suggestion"), desk.due("pass_suggestion")) == ({"general"}, local("2026-11-03 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("pass_suggestion", suggestion_units=None)
    desk.go("pass_suggestion")
    assert (desk.roles("answer_suggestion"), desk.due("answer_suggestion")) == (
        ["works", "store"],
        local("2026-11-09 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("answer_suggestion", suggestion_answer=None)
    desk.decide(person("works"), "answer_suggestion", "answered", suggestion_answer="We do it")
    assert desk.open_stages() == ["answer_suggestion"]  # each department that it is for answers
    desk.go("answer_suggestion")
    assert (desk.case().outcome, desk.case().status) == ("suggestion_taken", "finished")
    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["suggestions"]


# --- what must be filled ----------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二2 confirm", "二1")
@pytest.mark.capabilities("IN-05", "CL-01")
@pytest.mark.parametrize("missing", sorted(QUALITY))
def test_a_complaint_is_taken_down_in_detail(missing: str) -> None:
    """「首先向客户了解具体投诉内容,做详细记录,建立客户投诉登记表……客户要求,进行详细登记」."""
    with pytest.raises(FieldErrors) as refused:
        Integrated().hear(**QUALITY | {missing: None})
    assert missing in refused.value.errors


@pytest.mark.clauses(ID, "二3 marketing", "二2 confirm")
@pytest.mark.capabilities("IN-05")
@pytest.mark.parametrize("missing", sorted(DATA))
def test_marketing_supplies_the_order_part_quantity_and_shipping_date_of_a_quality_complaint(missing: str) -> None:
    """「提供客户投诉产品的订单编号、料号、数量、交运日期」: at once; what is known already is not asked again."""
    desk = a_case(QUALITY, "supply_data")
    assert (desk.may_act("supply_data"), desk.due("supply_data")) == ({"marketing"}, local("2026-11-02 11:30"))
    with pytest.raises(FieldErrors) as refused:
        desk.go("supply_data", **{missing: None})
    assert set(refused.value.errors) == {missing}
    known = a_case(QUALITY, "supply_data", **{missing: DATA[missing]})
    known.go("supply_data", **{missing: None})


@pytest.mark.parametrize(("field", "value"), [("quantity", "0"), ("shipped_on", "2026-11-03")])
def test_impossible_quantities_and_days_are_refused(field: str, value: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        Integrated().hear(**QUALITY | {field: value})
    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize(
    ("stage", "case", "changes", "missing"),
    [
        ("review", {}, {"valid": None}, {"valid"}),
        ("review", {}, {"valid": False}, {"invalid_reason"}),
        ("record_light", {}, {"informed_units": None, "attention": None, "implement_due": None}, {"informed_units", "attention", "implement_due"}),
        ("record_light", {}, {"implement_due": "2026-11-01"}, {"implement_due"}),
        ("propose_measure", SERIOUS, {"product_measure": None}, {"product_measure"}),
        ("agree_solution", SERIOUS, {"solution": None, "settlement": None, "implement_due": None}, {"solution", "settlement", "implement_due"}),
        ("agree_solution", SERIOUS, {"settlement": "goods_return"}, {"approved_quantity"}),
        ("agree_customer", SERIOUS, {"customer_agrees": None, "customer_position": None}, {"customer_agrees", "customer_position"}),
        ("implement", {}, {"implemented": None}, {"implemented"}),
        ("track", {}, {"answer_given": None}, {"answer_given"}),
    ],
)  # fmt: skip
@pytest.mark.clauses(ID, "二2 light", "二2 serious", "二2 implement")
def test_a_stage_is_refused_without_what_it_must_say(
    stage: str, case: dict[str, Any], changes: dict[str, Any], missing: set[str]
) -> None:
    desk = a_case(QUALITY, stage, **case)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, **changes)
    assert set(refused.value.errors) == missing


# --- time -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "stage", "case", "due"),
    [
        (QUALITY, "review", {}, "2026-11-02 11:30"),
        (QUALITY, "analyse", {}, "2026-11-05 18:00"),
        (QUALITY, "explain", NOT_OURS, "2026-11-03 18:00"),
        (QUALITY, "record_light", {}, "2026-11-03 18:00"),
        (QUALITY, "propose_measure", SERIOUS, "2026-11-03 18:00"),
        (QUALITY, "agree_solution", SERIOUS, "2026-11-03 18:00"),
        (QUALITY, "agree_customer", SERIOUS, "2026-11-03 18:00"),
        (QUALITY, "approve_solution", SERIOUS, "2026-11-03 18:00"),
        (QUALITY, "implement", {}, "2026-11-12 24:00"),
        (QUALITY, "implement", SERIOUS, "2026-11-20 24:00"),
        (QUALITY, "track", {}, "2026-11-03 18:00"),
        (QUALITY, "close_case", {}, "2026-11-02 18:00"),
    ],
)
def test_every_stage_has_our_time_and_the_implementation_the_day_of_the_plan(
    first: dict[str, Any], stage: str, case: dict[str, Any], due: str
) -> None:
    """Section 5: confirm 1, analyse 3, plan 2, approval 1 working day."""
    desk = a_case(first, stage, **case)
    assert desk.due(stage) == local(due)
    assert desk.promise().due_at == local("2026-11-16 18:00")


def test_the_ten_days_end_with_the_plan_and_not_with_its_execution() -> None:
    assert a_case(QUALITY, "implement").promise().ended == "stopped"
    assert a_case(QUALITY, "implement", **SERIOUS).promise().ended == "stopped"
    assert a_case(QUALITY, "explain", **NOT_OURS).promise().ended is None


@pytest.mark.clauses(ID, "二2 implement")
@pytest.mark.capabilities("CC-08")
def test_the_customer_hears_of_the_progress_every_three_working_days_until_it_is_done() -> None:
    """「及时向客户反馈投诉解决进程……并全程跟踪落实情况」; three working days are ours."""
    desk = a_case(QUALITY, "implement")
    assert (desk.may_act("progress_message"), desk.due("progress_message")) == ({"general"}, local("2026-11-05 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("progress_message", progress=None)
    desk.clock.at = local("2026-11-05 10:00")
    desk.go("progress_message")
    assert desk.due("progress_message") == local("2026-11-10 18:00")
    desk.go("implement")
    desk.go("progress_message")
    assert "progress_message" not in desk.open_stages()


@pytest.mark.capabilities("DL-22")
@pytest.mark.clauses(ID, "一 owner")
def test_lateness_climbs_from_owner_and_head_to_the_general_manager() -> None:
    """D5."""
    desk = a_case(QUALITY, "analyse")
    desk.at("2026-11-10 10:00")
    steps = desk.steps(desk.stage_clock("analyse"))
    owners = both("inspection", "design", "engineering")
    assert steps["reminder_slip"][0] == local("2026-11-05 18:00")
    assert owners <= steps["reminder_slip"][1]
    assert steps["escalation"] == (local("2026-11-06 18:00"), both("general_manager"))


# --- who may --------------------------------------------------------------------------------------------------------------------------


WHO_MAY: dict[str, tuple[dict[str, Any], dict[str, Any], set[str], str]] = {
    "supply_data": (QUALITY, {}, {"marketing"}, "supplied"),
    "review": (HUMAN, {}, {"general"}, "review"),
    "analyse": (QUALITY, {}, {"inspection", "design", "engineering"}, "approve"),
    "explain": (QUALITY, NOT_OURS, {"general"}, "explained"),
    "record_light": (QUALITY, {}, {"general"}, "feed_back"),
    "propose_measure": (QUALITY, SERIOUS, {"engineering"}, "propose"),
    "agree_solution": (QUALITY, SERIOUS, {"general", "marketing"}, "agree"),
    "agree_customer": (QUALITY, SERIOUS, {"general"}, "reported"),
    "approve_solution": (QUALITY, SERIOUS, {"engineering", "marketing", "inspection", "design"}, "approve"),
    "implement": (QUALITY, {}, {"works"}, "implemented"),
    "track": (QUALITY, {}, {"general"}, "settled"),
    "close_case": (QUALITY, {}, {"general"}, "close"),
    "pass_suggestion": (SUGGESTION, {}, {"general"}, "passed_on"),
    "answer_suggestion": (SUGGESTION, {}, {"works", "store"}, "answered"),
}


ELSEWHERE = {
    "confirm": "register", "anonymous_check": "investigate file", "confirm_invalid": "confirm", "tell_invalid": "told",
    "solution_ruling": "rule", "progress_message": "told", "improve": "plan", "check_effect": "checked", "improvement_ruling": "rule",
    "return_slip": "issue", "goods_receipt": "receive", "excess_ruling": "rule", "objection_ruling": "dismiss grant",
    "callback": "satisfied unreached dissatisfied",
}  # fmt: skip


@pytest.mark.clauses(ID, "二3 general", "二3 marketing", "二3 engineering", "二2 serious")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide(stage: str) -> None:
    """Everybody who is not named is refused."""
    first, changes, who, _ = WHO_MAY[stage]
    assert a_case(first, stage, **changes).may_act(stage) == who


def test_what_may_be_decided_at_every_stage() -> None:
    """A return is open to every decider (D18)."""
    wanted = ELSEWHERE | {stage: row[3] for stage, row in WHO_MAY.items()}
    assert decisions_by_stage(ID) == {stage: f"{said} return" for stage, said in wanted.items()}


def test_general_management_registers_within_a_working_day() -> None:
    desk = a_case(QUALITY, "supply_data")
    desk.decide(person("marketing"), "supply_data", "return", reason="Which valve?", to_stage="confirm")
    assert (desk.may_act("confirm"), desk.due("confirm")) == ({"general", "reporter"}, local("2026-11-03 18:00"))
