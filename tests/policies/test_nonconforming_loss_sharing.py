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
from tests.support.policy_desk import head, person
from tests.support.walk_desk import WalkDesk

ID = "nonconforming-loss-sharing"
SIX = ("market", "quality", "process", "finance", "commercial", "production")
SLIP: dict[str, Any] = {
    "inspection": "failed",
    "disposition": "scrap",
    "product": "other",
    "batch_no": "B-118",
    "quantity": "500",
    "failing_items": "Viscosity 3 200 instead of 5 000",
    "produced_on": "2026-10-20",
}
FEEDBACK: dict[str, Any] = {
    "inspection": "passed",
    "product": "other",
    "batch_no": "B-090",
    "quantity": "500",
    "produced_on": "2026-08-10",
    "complained_on": "2026-10-29",
    "problem": "Does not stick on beech",
    "problem_confirmed": True,
}
USUAL: dict[str, dict[str, Any]] = {
    "material_list": {"materials": [{"material": "VAE", "quantity": "300"}]},
    "agree_price": {"normal_price": "5000", "reduced_price": "3500"},
    "ship": {"customer": "C-0417", "shipped_quantity": "500", "shipped_on": "2026-11-02"},
    "invoice": {"invoice_no": "I-1", "revenue": "3500"},
    "after_sale": {
        "invoice_no": "I-1",
        "revenue": "10000",
        "salesperson": "USALES9",
        "cost": "no_cost",
        "customer_complaint": "Foams",
    },
    "settle_cost": {
        "settlement": "We pay freight and fine",
        "expenses": [{"kind": "fine", "value": "800"}, {"kind": "freight", "value": "200.50"}],
    },
    "compute": {"material_values": [{"material": "VAE", "value": "3000"}], "vouchers": "vouchers.pdf"},
    "confirm": {"cause": "Wrong dosing", "responsible": [{"person": "UA", "share": "60%"}, {"person": "UB", "share": "40%"}]},
    "check_customer": {"customer": "C-0417", "customer_quantity": "200"},
    "audit": {
        "scrap_slip": "scrap.pdf",
        "vouchers": "claim.pdf",
        "expenses": [{"kind": "scrap", "value": "1000"}, {"kind": "freight", "value": "200.02"}],
    },
    "market_sign": {},
    "six_sign": {
        "department_shares": [
            *({"unit": unit, "share": "0.16"} for unit in SIX[:5]),
            {"unit": "production", "share": "0.2"},
        ]
    },
    "gm_approval": {},
    "deduct": {"monthly_wages": [{"person": "UA", "wage": "6000"}, {"person": "UB", "wage": "9000"}], "vouchers_checked": True},
    "book_expense": {"vouchers_checked": True},
    "write_down": {},
    "scrap_goods": {},
    "answer_customer": {"reply_channel": "phone", "answer_given": "We take it back"},
}  # fmt: skip


def begun(**changes: Any) -> WalkDesk:
    desk = WalkDesk(ID)
    slip = FEEDBACK if changes.get("inspection") == "passed" else SLIP
    desk.log(person("quality"), **{n: v for n, v in {**slip, **changes}.items() if v is not None})
    return desk


def at_stage(stage: str, slip: dict[str, Any], **changes: Any) -> WalkDesk:
    return begun(**slip).walk(stage, USUAL, **changes)


def opened(desk: WalkDesk) -> list[str]:
    """Return the stages in the order in which they had their turn."""
    return [v.stage for v in desk.case().visits.values()]


def parts(desk: WalkDesk, entry: str) -> dict[str, str]:
    [*_, last] = [x for x in desk.happened(e.AmountComputed) if x.entry == entry]
    return {p["who"]: p["amount"] for p in (last.parts or {}).get("parts", ())}


OUTSIDE = {"inspection": "passed", "complained_on": "2026-10-30"}
INSIDE = {"inspection": "passed"}

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

TABLE: dict[str, tuple[str, str, str, dict[str, Any], dict[str, Any]]] = {
    "judge": ("quality", "", "judge return", {}, {}),
    "confirm_no_fault": ("head of quality", "", "confirm return", {**INSIDE, "problem_confirmed": False, "no_fault_reason": "Used on wet wood"}, {}),
    "material_list": ("process", "", "send return", {}, {}),
    "agree_price": ("commercial, finance, market, process, production, quality", "", "agree return", {"disposition": "discount_sale"}, {}),
    "ship": ("warehouse", "", "ship return", {"disposition": "discount_sale"}, {}),
    "invoice": ("commercial", "", "invoice return", {"disposition": "discount_sale"}, {}),
    "after_sale": ("commercial", "", "send return", {"disposition": "normal_sale"}, {}),
    "settle_cost": ("commercial, finance, market, process, production, quality", "", "settle return", {"disposition": "normal_sale"}, {"cost": "with_cost"}),
    "compute": ("finance", "", "compute return", {}, {}),
    "confirm": ("quality", "", "confirm return", {}, {}),
    "check_customer": ("commercial", "", "confirm return", INSIDE, {}),
    "audit": ("finance", "", "audit return", INSIDE, {}),
    "market_sign": ("market", "", "approve return", OUTSIDE, {}),
    "six_sign": ("commercial, finance, market, process, production, quality", "", "sign return", INSIDE, {}),
    "gm_approval": ("general_manager", "", "approve return", {}, {}),
    "deduct": ("finance", "", "execute return", {}, {}),
    "book_expense": ("finance", "", "book return", OUTSIDE, {}),
    "write_down": ("commercial", "", "write_down return", OUTSIDE, {}),
    "scrap_goods": ("warehouse", "", "scrap return", OUTSIDE, {}),
    "finance_ruling": ("general_manager", "", "rule return", {}, {}),
    "answer_customer": ("commercial", "", "told return", OUTSIDE, {}),
    "callback": ("commercial", "", "satisfied unreached dissatisfied return", OUTSIDE, {}),
    "objection_ruling": ("general_manager", "", "dismiss grant return", {}, {}),
}  # fmt: skip


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


def told() -> WalkDesk:
    desk = at_stage("answer_customer", OUTSIDE)
    desk.play("answer_customer", **USUAL["answer_customer"])
    return desk


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


# --- money -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "一1", "一2", "一3A", "一3AB", "一3B", "一3C")
@pytest.mark.capabilities("LP-01", "LP-02", "LP-11", "OS-02", "OS-08")
@pytest.mark.parametrize(
    ("slip", "later", "entry", "loss", "shares"),
    [
        ({}, {}, "material_loss", "3000.00", {"UA": "1800.00", "UB": "1200.00"}),
        ({"disposition": "discount_sale"}, {}, "concession", "1500.00", {"UA": "900.00", "UB": "600.00"}),
        ({"disposition": "normal_sale"}, {}, "reward", "200.00", {"UA": "120.00", "UB": "80.00"}),
        ({"disposition": "normal_sale"}, {"revenue": "333.33"}, "reward", "6.67", {"UA": "4.00", "UB": "2.67"}),
        ({"disposition": "normal_sale"}, {"cost": "with_cost"}, "cost_loss", "1000.50", {"UA": "600.30", "UB": "400.20"}),
        ({"disposition": "normal_sale"}, {"cost": "scrapped_at_customer"}, "material_loss", "3000.00", {"UA": "1800.00", "UB": "1200.00"}),
    ],
)  # fmt: skip
def test_the_loss_of_each_disposition_falls_on_the_responsible_persons(
    slip: dict[str, Any], later: dict[str, Any], entry: str, loss: str, shares: dict[str, str]
) -> None:
    """一1 material cost; 一2 price difference; 一3A 2 % of the revenue is the loss itself; 一3B the cost; 一3C as scrap."""
    desk = at_stage("gm_approval", slip, **later)
    amounts = desk.case().amounts
    assert (amounts[entry], amounts["wages"]) == (loss, loss)
    assert set(amounts) & {"material_loss", "concession", "reward", "cost_loss"} == {entry}
    assert parts(desk, "wages") == shares


@pytest.mark.clauses(ID, "一1")
def test_one_person_may_bear_it_alone() -> None:
    """一1 「责任人承担或者共担」."""
    desk = at_stage("gm_approval", {}, responsible=[{"person": "UA", "share": "100%"}])
    assert parts(desk, "wages") == {"UA": "3000.00"}


@pytest.mark.clauses(ID, "一1", "五")
def test_at_most_a_fifth_of_a_monthly_wage_is_deducted() -> None:
    """「从工资中扣罚」 without a limit; 20 % of the wage is ours: 1 800 of 6 000 becomes 1 200, 1 200 of 9 000 stays."""
    desk = at_stage("deduct", {})
    desk.play("deduct", **USUAL["deduct"])
    assert parts(desk, "wage_deduction") == {"UA": "1200.00", "UB": "1200.00"}
    assert desk.case().amounts["wage_deduction"] == "2400.00"


@pytest.mark.clauses(ID, "二3")
@pytest.mark.capabilities("LP-12", "CL-12")
def test_outside_the_period_marketing_bears_all() -> None:
    """二3 「由市场部承担由此发生的费用及损失」."""
    desk = at_stage("gm_approval", OUTSIDE)
    assert parts(desk, "market_share") == {"market": "1200.02"}
    assert "six_share" not in desk.case().amounts
    assert "wages" not in desk.case().amounts


@pytest.mark.clauses(ID, "二2")
@pytest.mark.capabilities("LP-12", "CL-12")
def test_inside_the_period_six_departments_share_and_rounding_goes_to_the_largest() -> None:
    """二2 「市场部及参与考核的其他五个部门按比例承担」: five 16 %, one 20 % of 1 200.02."""
    desk = at_stage("gm_approval", INSIDE)
    assert parts(desk, "six_share") == {**dict.fromkeys(SIX[:5], "192.00"), "production": "240.02"}
    assert "market_share" not in desk.case().amounts


@pytest.mark.clauses(ID, "五")
@pytest.mark.capabilities("LP-13")
@pytest.mark.parametrize(("stage", "slip"), [("deduct", {}), ("book_expense", OUTSIDE)])
def test_finance_executes_only_what_the_general_manager_approved_after_checking_the_vouchers(
    stage: str, slip: dict[str, Any]
) -> None:
    """五 「财务部凭品管部上报经总经理批准的处理、处罚决定及比例或者额度,严格审核单据执行扣罚」."""
    desk = at_stage(stage, slip)
    assert bundle(ID).policy.stages[stage].needs == ("gm_approval",)
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**USUAL[stage], "vouchers_checked": False})
    assert set(refused.value.errors) == {"vouchers_checked"}
    desk.play(stage, **USUAL[stage])
    assert stage not in desk.open_stages()


@pytest.mark.clauses(ID, "五")
@pytest.mark.capabilities("LP-13")
@pytest.mark.parametrize(("bears", "share"), [(True, {"finance": "900.00"}), (False, None)])
def test_finance_itself_bears_what_it_computed_untruly_or_did_not_execute(
    bears: bool, share: dict[str, str] | None
) -> None:
    """五 「若审核及计算不真实,没有执行处理决定和意见,财务部必须负担由此造成的公司费用损失」: Quality reports, the GM rules."""
    desk = at_stage("deduct", {})
    fields = {"finance_fault": "untrue_computation", "finance_loss": "900"}
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("finance"), route="finance_liability", fields=fields)
    for missing in fields:
        rest = {n: v for n, v in fields.items() if n != missing}
        with pytest.raises(FieldErrors):
            desk.act(cmd.BeginRoute, person("quality"), route="finance_liability", fields=rest)
    desk.act(cmd.BeginRoute, person("quality"), route="finance_liability", fields=fields)
    ruling = {"finance_bears": bears, "ruling_reason": "Vouchers of another batch"}
    for missing in ruling:
        with pytest.raises(FieldErrors):
            desk.play("finance_ruling", **{**ruling, missing: None})
    desk.play("finance_ruling", **ruling)
    assert ("finance_share" in desk.case().amounts) is bears
    assert share is None or parts(desk, "finance_share") == share


# --- no fault, reply, callback, objection ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [INSIDE, OUTSIDE])
def test_what_is_no_quality_problem_closes_with_the_heads_confirmation_and_the_customer_is_told(
    period: dict[str, Any],
) -> None:
    """D17, inside and outside the period of 二1."""
    desk = at_stage("confirm_no_fault", {**TABLE["confirm_no_fault"][3], **period})
    desk.play("confirm_no_fault")
    assert (desk.case().status, desk.case().outcome, desk.open_stages()) == ("closed", "no_fault", ["answer_customer"])


@pytest.mark.parametrize(
    ("slip", "outcome"),
    [
        ({}, "scrapped"),
        ({"disposition": "discount_sale"}, "sold_at_discount"),
        ({"disposition": "normal_sale"}, "sold"),
        (OUTSIDE, "market_bears"),
        (INSIDE, "six_bear"),
    ],
)
def test_the_approval_fixes_the_outcome_and_opens_the_reply(slip: dict[str, Any], outcome: str) -> None:
    desk = at_stage("gm_approval", slip)
    assert not desk.may_reply()
    desk.play("gm_approval")
    assert (desk.case().status, desk.case().outcome, desk.may_reply()) == ("closed", outcome, True)


def test_a_scrapped_batch_has_no_customer_to_answer() -> None:
    desk = at_stage("deduct", {})
    assert desk.open_stages() == ["deduct"]
    desk.play("deduct", **USUAL["deduct"])
    assert desk.case().status == "finished"


@pytest.mark.parametrize(("solved", "score", "comes_back"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_customer_who_is_not_content_brings_the_case_back_to_quality(
    solved: bool, score: str, comes_back: bool
) -> None:
    """D6: not solved or a score up to 2."""
    desk = told()
    desk.call("reached", person("commercial"), solved=solved, score=score)
    assert ("judge" in desk.open_stages(), desk.case().status == "open") == (comes_back, comes_back)


def test_three_calls_without_an_answer_end_the_callback() -> None:
    desk = told()
    for day in ("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00"):
        desk.clock.at = local(day)
        assert "callback" in desk.open_stages()
        desk.call("no_answer", person("commercial"))
    assert "callback" not in desk.open_stages()


@pytest.mark.parametrize("who", [*(person(r) for r in (*SIX, "warehouse")), "UA"])
def test_who_is_charged_may_object_within_five_working_days(who: str) -> None:
    """D12: reason mandatory, the general manager decides."""
    desk = at_stage("deduct", {})
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, who, route="objection", fields={})
    desk.clock.at = local("2026-11-09 18:00")
    desk.act(cmd.BeginRoute, who, route="objection", fields={"objection_reason": "I was on leave"})
    assert desk.open_stages() == ["deduct", "objection_ruling"]


def test_an_objection_comes_too_late_after_five_working_days_and_never_from_others() -> None:
    desk = at_stage("deduct", {})
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, "UNOBODY", route="objection", fields={"objection_reason": "x"})
    desk.clock.at = local("2026-11-09 18:01")
    with pytest.raises(NotAllowedHere) as refused:
        desk.act(cmd.BeginRoute, "UA", route="objection", fields={"objection_reason": "x"})
    assert refused.value.reason == "time_is_over"


@pytest.mark.parametrize(("decision", "comes_back"), [("dismiss", False), ("grant", True)])
def test_a_granted_objection_reopens_the_case_at_quality(decision: str, comes_back: bool) -> None:
    desk = at_stage("deduct", {})
    desk.act(cmd.BeginRoute, "UA", route="objection", fields={"objection_reason": "I was on leave"})
    with pytest.raises(FieldErrors):
        desk.play("objection_ruling", decision)
    desk.play("objection_ruling", decision, ruling_reason="He was")
    assert ("judge" in desk.open_stages()) is comes_back
    assert ("deduct" in desk.open_stages()) is not comes_back


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
