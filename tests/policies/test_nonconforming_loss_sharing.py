"""nonconforming-loss-sharing: the disposition, the cost and the 80 or 100 days pick the route and who pays."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.losses import ID, INSIDE, OUTSIDE, TABLE, USUAL, at_stage, begun, told
from tests.support.policy_desk import head, person
from tests.support.walk_desk import WalkDesk


def opened(desk: WalkDesk) -> list[str]:
    """Return the stages in the order in which they had their turn."""
    return [v.stage for v in desk.case().visits.values()]


# --- which route -------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "一", "一1", "一2", "一3", "三", "三R1", "三R2", "三R3a", "三R3", "三R4", "三F1", "三F2")
@pytest.mark.capabilities("RT-01", "RT-02", "CL-14")
@pytest.mark.parametrize(
    ("slip", "later", "route"),
    [
        ({}, {}, "material_list compute confirm gm_approval deduct"),
        ({"disposition": "discount_sale"}, {}, "agree_price ship invoice compute confirm gm_approval deduct"),
        ({"disposition": "normal_sale"}, {}, "ship after_sale compute confirm gm_approval deduct"),
        ({"disposition": "normal_sale"}, {"cost": "with_cost"},
         "ship after_sale settle_cost compute confirm gm_approval answer_customer deduct"),
        ({"disposition": "normal_sale"}, {"cost": "scrapped_at_customer"},
         "ship after_sale material_list compute confirm gm_approval answer_customer deduct"),
        (OUTSIDE, {}, "check_customer audit market_sign gm_approval answer_customer book_expense write_down scrap_goods"),
        (INSIDE, {}, "check_customer audit six_sign gm_approval answer_customer deduct write_down scrap_goods"),
    ],
)  # fmt: skip
def test_disposition_cost_and_period_pick_the_route(slip: dict[str, Any], later: dict[str, Any], route: str) -> None:
    """三, the charts R1 to R5, department after department."""
    desk = begun(**slip).walk("gm_approval", USUAL, **later)
    desk.play("gm_approval")
    for stage in ("deduct", "book_expense", "write_down", "scrap_goods"):
        if stage in desk.open_stages():
            desk.play(stage, **USUAL[stage])
    assert opened(desk) == ["judge", *route.split()]


@pytest.mark.clauses(ID, "二1")
@pytest.mark.capabilities("IN-18", "CL-13")
@pytest.mark.parametrize(
    ("product", "complained_on", "stage"),
    [
        ("other", "2026-10-29", "six_sign"),  # 80 days after 10 August
        ("other", "2026-10-30", "market_sign"),
        ("other", "2026-08-10", "six_sign"),
        ("white_latex", "2026-11-18", "six_sign"),  # 100 days
        ("white_latex", "2026-11-19", "market_sign"),
    ],
)
def test_the_quality_period_is_80_days_and_100_for_white_latex(product: str, complained_on: str, stage: str) -> None:
    """二1 「质保期为从生产日期算起80天,白胶放宽期限为100天。」"""
    desk = at_stage(stage, {"inspection": "passed", "product": product, "complained_on": complained_on})
    assert desk.open_stages() == [stage]


# --- people and times ---------------------------------------------------------------------------------------------------


@cache
def at(stage: str) -> WalkDesk:
    """Return a desk whose case waits at *stage*; it is only looked at."""
    slip, later = TABLE[stage][3:]
    if stage == "judge":
        desk = at_stage("material_list", {})
        desk.decide(person("process"), "material_list", "return", reason="Which batch?")
        return desk
    if stage in ("finance_ruling", "objection_ruling"):
        desk = at_stage("deduct", slip)
        if stage == "finance_ruling":
            fields = {"finance_fault": "not_executed", "finance_loss": "900"}
            desk.act(cmd.BeginRoute, person("quality"), route="finance_liability", fields=fields)
        else:
            desk.act(cmd.BeginRoute, "UA", route="objection", fields={"objection_reason": "I was on leave"})
        return desk
    if stage == "callback":
        return told()
    return at_stage(stage, slip, **later)


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_and_what(stage: str) -> None:
    """Section 3 and the charts of section 4; everybody else is refused."""
    now, later, decisions = TABLE[stage][:3]
    assert at(stage).seated(stage) == (now, later)
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions


def test_the_table_names_every_stage() -> None:
    assert set(TABLE) == set(bundle(ID).policy.stages)


@pytest.mark.clauses(ID, "四")
@pytest.mark.parametrize(
    "stage", [s for s in TABLE if s not in ("after_sale", "callback", "finance_ruling", "objection_ruling")]
)
def test_every_department_passes_the_slip_on_within_one_working_day(stage: str) -> None:
    """四 「流程中涉及的部门按要求的内容填写并及时传递到下一个部门。」; in time is one working day (D3)."""
    assert at(stage).due(stage) == local("2026-11-03 18:00")


@pytest.mark.parametrize(
    ("stage", "due"),
    [
        ("after_sale", "2026-12-02 24:00"),
        ("callback", "2026-11-05 24:00"),
        ("finance_ruling", "2026-11-04 18:00"),
        ("objection_ruling", "2026-11-04 18:00"),
    ],
)
def test_the_other_limits_are_ours(stage: str, due: str) -> None:
    """A month to see how the goods are used; D6 for the callback; D4 for rulings."""
    assert at(stage).due(stage) == local(due)


def test_a_case_has_ten_working_days_and_goods_shipped_as_normal_none() -> None:
    """D4; the sale of 一3 is followed for a month."""
    assert at("material_list").promise().due_at == local("2026-11-16 18:00")
    assert at("after_sale").case().clock("case") is None


@pytest.mark.capabilities("DL-22")
def test_a_late_department_is_reminded_urged_and_reported_to_the_general_manager() -> None:
    """D5: at 80 %, when due, one working day later, then every working day."""
    desk = at_stage("material_list", {})
    desk.at("2026-11-05 18:00")
    steps = [(x.as_, x.told) for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("material_list").id]
    assert [as_ for as_, _ in steps] == ["reminder", "reminder_slip", "escalation", "escalation"]
    assert head("process") in steps[1][1]
    assert set(steps[2][1]) == {person("general_manager", 1), person("general_manager", 2)}


# --- what must be filled ------------------------------------------------------------------------------------------------------


MANDATORY: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    *(("judge", f, {}, {}) for f in ("inspection", "batch_no", "quantity", "product", "produced_on", "disposition", "failing_items")),
    *(("judge", f, INSIDE, {}) for f in ("problem", "complained_on", "problem_confirmed")),
    ("judge", "no_fault_reason", {**INSIDE, "problem_confirmed": False}, {}),
    ("material_list", "materials", {}, {}),
    *(("agree_price", f, {"disposition": "discount_sale"}, {}) for f in ("normal_price", "reduced_price")),
    *(("ship", f, {"disposition": "discount_sale"}, {}) for f in ("customer", "shipped_quantity", "shipped_on")),
    *(("invoice", f, {"disposition": "discount_sale"}, {}) for f in ("invoice_no", "revenue")),
    *(("after_sale", f, {"disposition": "normal_sale"}, {}) for f in ("invoice_no", "revenue", "salesperson", "cost")),
    *(("after_sale", "customer_complaint", {"disposition": "normal_sale"}, {"cost": c}) for c in ("with_cost", "scrapped_at_customer")),
    *(("settle_cost", f, {"disposition": "normal_sale"}, {"cost": "with_cost"}) for f in ("settlement", "expenses")),
    ("compute", "material_values", {}, {}),
    ("compute", "material_values", {"disposition": "normal_sale"}, {"cost": "scrapped_at_customer"}),
    ("compute", "vouchers", {"disposition": "normal_sale"}, {"cost": "with_cost"}),
    *(("confirm", f, {}, {}) for f in ("cause", "responsible")),
    *(("check_customer", f, OUTSIDE, {}) for f in ("customer", "customer_quantity")),
    *(("audit", f, OUTSIDE, {}) for f in ("scrap_slip", "vouchers", "expenses")),
    ("six_sign", "department_shares", INSIDE, {}),
    *(("deduct", f, {}, {}) for f in ("monthly_wages", "vouchers_checked")),
    ("book_expense", "vouchers_checked", OUTSIDE, {}),
    *(("answer_customer", f, OUTSIDE, {}) for f in ("reply_channel", "answer_given")),
]  # fmt: skip


@pytest.mark.clauses(ID, "四", "一1", "三R1", "三R2", "三R3", "三R4", "五")
@pytest.mark.capabilities("RD-11")
@pytest.mark.parametrize(("stage", "field", "slip", "later"), MANDATORY)
def test_a_stage_without_its_content_is_refused(
    stage: str, field: str, slip: dict[str, Any], later: dict[str, Any]
) -> None:
    """四 「按要求的内容填写」: the columns of the charts are mandatory."""
    if stage == "judge":
        with pytest.raises(FieldErrors) as refused:
            begun(**slip, **{field: None})
    else:
        desk = at_stage(stage, slip, **later)
        usual = {n: later.get(n, v) for n, v in USUAL[stage].items()}
        with pytest.raises(FieldErrors) as refused:
            desk.play(stage, **{**usual, field: None})
    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize(
    ("stage", "slip", "wrong"),
    [
        ("ship", {"disposition": "discount_sale"}, {"shipped_quantity": "501"}),
        ("ship", {"disposition": "discount_sale"}, {"shipped_on": "2026-11-03"}),
        ("agree_price", {"disposition": "discount_sale"}, {"reduced_price": "5000"}),
        ("confirm", {}, {"responsible": [{"person": "UA", "share": "60%"}, {"person": "UB", "share": "39.9%"}]}),
        ("confirm", {}, {"responsible": [{"person": "UA", "share": "100.1%"}]}),
    ],
)
def test_what_cannot_be_is_refused(stage: str, slip: dict[str, Any], wrong: dict[str, Any]) -> None:
    """More shipped than there is, a day to come, a price that is not reduced, shares that do not make 100 %."""
    desk = at_stage(stage, slip)
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**USUAL[stage], **wrong})
    assert set(refused.value.errors) == set(wrong)


@pytest.mark.parametrize(
    ("inspection", "wrong"),
    [("failed", {"quantity": "0"}), ("failed", {"produced_on": "2026-11-03"}), ("passed", {"complained_on": "2026-08-09"})],
)  # fmt: skip
def test_a_slip_with_impossible_figures_is_refused(inspection: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(FieldErrors) as refused:
        begun(inspection=inspection, **wrong)
    assert set(refused.value.errors) == set(wrong)


# --- joint stages -----------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "一2")
@pytest.mark.capabilities("RT-05")
def test_a_reduced_price_needs_every_assessed_department() -> None:
    """一2 「降价幅度由参与考核的所有部门会同市场部商定」: unanimous; one that does not agree sends it back."""
    desk = at_stage("agree_price", {"disposition": "discount_sale"})
    desk.decide(person("market"), "agree_price", "agree", **USUAL["agree_price"])
    for role in ("quality", "process", "finance", "commercial"):
        desk.decide(person(role), "agree_price")
        assert desk.open_stages() == ["agree_price"]
    desk.decide(person("production"), "agree_price")
    assert desk.open_stages() == ["ship"]

    desk = at_stage("agree_price", {"disposition": "discount_sale"})
    with pytest.raises(NotAllowedHere):  # nobody decides alone here, as he does for the cost
        desk.decide(person("finance"), "agree_price", "disagree", reason="Too cheap")
    desk.decide(person("finance"), "agree_price", "return", reason="Too cheap")
    assert desk.open_stages() == ["judge"]


@pytest.mark.clauses(ID, "一3B", "三R3")
@pytest.mark.capabilities("DL-12", "RT-05")
def test_departments_that_disagree_on_the_cost_leave_it_to_the_general_manager() -> None:
    """一3B 「先有考核规定中涉及的各部门会同商讨,意见不统一的,上报……」: he decides alone."""
    desk = at_stage("settle_cost", {"disposition": "normal_sale"}, cost="with_cost")
    desk.decide(person("quality"), "settle_cost", "settle", **USUAL["settle_cost"])
    desk.decide(person("market"), "settle_cost", "disagree", reason="The customer stored it wrongly")
    assert desk.seated("settle_cost")[0] == "general_manager"
    with pytest.raises(NotAuthorized):
        desk.decide(person("finance"), "settle_cost")

    desk.decide(person("general_manager"), "settle_cost", "settle", expenses=[{"kind": "fine", "value": "500"}])
    assert desk.open_stages() == ["compute"]
    assert desk.walk("gm_approval", USUAL, expenses=[]).case().amounts["cost_loss"] == "500.00"


@pytest.mark.clauses(ID, "三R4")
@pytest.mark.capabilities("RT-04")
@pytest.mark.parametrize(
    ("slip", "three"),
    [(OUTSIDE, ["book_expense", "write_down", "scrap_goods"]), (INSIDE, ["deduct", "write_down", "scrap_goods"])],
)
def test_after_the_approval_three_departments_carry_it_out_side_by_side(slip: dict[str, Any], three: list[str]) -> None:
    """三R4 「→总经理审批→财务部列入市场费用」「→商务部冲减账务」「→仓库报废」; inside the period without the market expense."""
    desk = at_stage("gm_approval", slip)
    desk.play("gm_approval")
    assert [s for s in desk.open_stages() if s != "answer_customer"] == three
    for stage in reversed(three):
        desk.play(stage, **USUAL[stage])
    assert desk.open_stages() == ["answer_customer"]


# --- papers -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "三F1", "三F2")
@pytest.mark.capabilities("RT-16", "OS-10", "GA-11")
def test_number_forms_retention_and_statistics() -> None:
    """D7, D8, D15; 不合格产品跟踪单 and 质量反馈跟踪单; a file of its own that other regulations may run."""
    desk = begun()
    assert desk.case().number == "202611-001"
    policy = bundle(ID).policy
    assert policy.policy.kind == "sub_procedure"
    assert {"batch_no", "materials", "wages", "responsible"} <= set(policy.papers.forms["tracking_slip"].fill)
    assert {"problem", "customer", "age_days", "six_share"} <= set(policy.papers.forms["feedback_slip"].fill)
    assert str(policy.papers.keep) == "3 years"
    duty = policy.duties["monthly_statistics"]
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "quality",
        ["general_manager"],
    )
    assert {"disposition", "outcome", "closed_in_time", "callback_score"} <= set(duty.contents)


def test_a_batch_that_comes_again_within_three_months_is_offered_as_a_repeat() -> None:
    """D9."""
    repeat = bundle(ID).policy.repeat
    assert repeat is not None
    assert (repeat.same, str(repeat.within)) == (("customer", "batch_no"), "3 months")
