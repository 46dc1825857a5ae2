"""Who bears what of a loss; no fault, reply, callback, objection."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.losses import ID, INSIDE, OUTSIDE, SIX, TABLE, USUAL, at_stage, told
from tests.support.policy_desk import person
from tests.support.walk_desk import WalkDesk


def parts(desk: WalkDesk, entry: str) -> dict[str, str]:
    [*_, last] = [x for x in desk.happened(e.AmountComputed) if x.entry == entry]
    return {p["who"]: p["amount"] for p in (last.parts or {}).get("parts", ())}


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
