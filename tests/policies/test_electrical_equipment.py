"""质量投诉处理及服务管理制度（电气设备）: two or four days by province, one year of warranty, terms told before the order."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.electrical import CLAIM, ID, QUALITY, QUESTION, TRAINING, Electrical, a_case
from tests.support.policy_desk import head, person
from tests.support.who_may import decisions_by_stage


def both(*roles: str) -> set[str]:
    return {person(role, number) for role in roles for number in (1, 2)}


# --- the route (5.4) --------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "5.4.1", "5.3 1 form", "5.2.1")
@pytest.mark.capabilities("RT-02", "GA-11")
def test_a_quality_complaint_goes_from_the_feedback_slip_to_production_and_is_answered_by_quality() -> None:
    """5.4.1 「用《质量信息反馈单》的形式做好记录,进行质量问题分析,然后把分析结果反馈给生产部进行落实处理」."""
    desk = Electrical()
    desk.enter(**QUALITY)
    for stage, role in (("record", "quality"), ("execute", "production"), ("reply", "quality")):
        assert (desk.open_stages(), desk.roles(stage)) == ([stage], [role])
        desk.go(stage)
    assert (desk.case().outcome, desk.case().number) == ("quality_handled", "202611-001")
    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["contact_register", "customer_file"]
    assert "problem_analysis" in bundle(ID).policy.papers.forms["feedback_slip"].fill


@pytest.mark.clauses(ID, "5.4.2")
def test_returned_goods_are_counted_by_warehouse_sales_and_workshop() -> None:
    """5.4.2 「成品仓库(销售人员与相关生产车间)根据客户质量反馈的产品数量进行」."""
    desk = a_case(QUALITY, "goods_check", goods_back=True)
    assert desk.roles("goods_check") == ["warehouse", "sales", "production"]
    with pytest.raises(FieldErrors):
        desk.go("goods_check", returned_quantity=None)
    desk.go("goods_check")
    assert desk.open_stages() == ["reply"]


@pytest.mark.clauses(ID, "5.3 2")
@pytest.mark.capabilities("OS-02", "RT-02")
def test_a_demand_for_exchange_or_repair_is_verified_by_sales_quality_and_technicians() -> None:
    """5.3 2) 「由销售人员会同质检人员(技术人员进行协助)对产品进行检定、核实,做出合理处理」."""
    desk = a_case(CLAIM, "verify_claim")
    assert desk.roles("verify_claim") == ["sales", "quality", "technical"]
    missing = {"verified_cause", "verification", "settlement", "claim_value"}
    with pytest.raises(FieldErrors) as refused:
        desk.go("verify_claim", **dict.fromkeys(missing))
    assert set(refused.value.errors) == missing
    desk.to("closed")
    assert desk.case().outcome == "free_of_charge"


@pytest.mark.clauses(ID, "5.3 1 report")
@pytest.mark.parametrize(("first", "then"), [(QUALITY, "record"), (QUESTION, "answer")])
def test_what_cannot_be_answered_at_once_is_reported_to_the_head(first: dict[str, Any], then: str) -> None:
    """5.3 1) 「对有些不能及时回复和处理的问题及时汇报」."""
    desk = a_case(first, "report_up", answerable=False)
    assert (desk.may_act("report_up"), desk.due("report_up")) == ({"head of quality"}, local("2026-11-02 11:30"))
    with pytest.raises(FieldErrors):
        desk.go("report_up", instruction=None)
    desk.go("report_up")
    assert desk.open_stages() == [then]


@pytest.mark.clauses(ID, "5.1.5")
@pytest.mark.capabilities("OS-06", "RT-02")
def test_we_do_not_install_and_training_is_at_the_customers_cost() -> None:
    """5.1.5 「在承担相关费用的情况下,我公司可以考虑安排技术人员来进行现场培训」."""
    desk = a_case(TRAINING, "offer_training")
    for cost, wrong in ((None, "training_cost"), ("0", "training_cost")):
        with pytest.raises(FieldErrors) as refused:
            desk.go("offer_training", training_cost=cost)
        assert set(refused.value.errors) == {wrong}
    with pytest.raises(FieldErrors):
        desk.go("offer_training", customer_pays=None)
    desk.go("offer_training")
    assert (desk.case().outcome, desk.may_act("train"), desk.due("train")) == (
        "training_answered",
        {"technical"},
        local("2026-12-02 24:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("train", training_done=None)
    assert a_case(TRAINING, "closed", customer_pays=False).open_stages() == []


@pytest.mark.clauses(ID, "5.2.1")
def test_a_question_is_answered_in_time_and_kept_for_the_statistics() -> None:
    """5.2.1 「质量部对客户的来电、来函及时回复,并做好记录」."""
    desk = a_case(QUESTION, "answer")
    assert desk.due("answer") == local("2026-11-03 18:00")
    with pytest.raises(FieldErrors) as refused:
        desk.go("answer", answer_given=None, reply_channel=None)
    assert set(refused.value.errors) == {"answer_given", "reply_channel"}
    desk.go("answer")
    assert desk.case().outcome == "question_answered"
    assert "reply_slips" in {r.register for r in desk.happened(e.RegisterEntered)}


@pytest.mark.clauses(ID, "5.2.2")
def test_production_supplies_wear_parts_in_time() -> None:
    """5.2.2 「生产部负责给用户及时提供充足的易损配件」."""
    desk = a_case(QUALITY, "record", wear_parts_needed=True)
    assert (desk.may_act("supply_parts"), desk.due("supply_parts")) == ({"production"}, local("2026-11-03 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("supply_parts", parts_supplied=None)
    desk.go("supply_parts")
    assert a_case(QUALITY, "record").open_stages() == ["record"]


@pytest.mark.clauses(ID, "5.2.3")
@pytest.mark.capabilities("CL-12")
@pytest.mark.parametrize(
    ("cause", "told"), [("packing_transport", True), ("own_quality", False), ("user_cause", False)]
)
def test_packing_and_transport_are_productions_to_answer_for(cause: str, told: bool) -> None:
    """5.2.3 「生产部负责给客户产品的包装、运输质量提供保障」."""
    desk = a_case(QUALITY, "execute", cause=cause)
    assert (head("production") in {n.to for n in desk.told("rule")}) is told


# --- what must be filled -----------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "5.3 1 form")
@pytest.mark.capabilities("IN-01", "IN-05")
@pytest.mark.parametrize(
    ("first", "missing"),
    [(QUALITY, n) for n in sorted(QUALITY)] + [(CLAIM, "sold_on"), (CLAIM, "told_warranty"), (CLAIM, "quantity"), (TRAINING, "told_installation")],
)  # fmt: skip
def test_the_entry_names_customer_place_product_and_matter(first: dict[str, Any], missing: str) -> None:
    """5.3 1) 「用户来电、来函、来访登记表」."""
    with pytest.raises(FieldErrors) as refused:
        Electrical().enter(**first | {missing: None})
    assert missing in refused.value.errors


@pytest.mark.parametrize(
    ("field", "value"), [("reported_on", "2026-11-03"), ("sold_on", "2026-11-03"), ("quantity", "0")]
)
def test_impossible_days_and_quantities_are_refused(field: str, value: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        Electrical().enter(**CLAIM | {field: value})
    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize(
    ("stage", "changes", "missing"),
    [
        ("record", {"valid": None}, {"valid"}),
        ("record", {"problem_analysis": None, "cause": None, "goods_back": None}, {"problem_analysis", "cause", "goods_back"}),
        ("record", {"valid": False, "problem_analysis": None, "cause": None, "goods_back": None}, {"invalid_reason"}),
        ("execute", {"measure": None}, {"measure"}),
        ("reply", {"answer_given": None, "reply_channel": None}, {"answer_given", "reply_channel"}),
    ],
)  # fmt: skip
@pytest.mark.clauses(ID, "5.4.1", "5.2.1")
def test_a_stage_is_refused_without_what_it_must_say(stage: str, changes: dict[str, Any], missing: set[str]) -> None:
    desk = a_case(QUALITY, stage)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, **changes)
    assert set(refused.value.errors) == missing


# --- warranty (5.1.6) -----------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "5.1.6")
@pytest.mark.capabilities("IN-18", "CL-13", "OS-06", "OS-02", "CL-12")
@pytest.mark.parametrize(
    ("sold_on", "cause", "free"),
    [
        ("2025-11-02", "own_quality", True),  # the last day of the year
        ("2025-11-01", "own_quality", False),
        ("2026-10-01", "packing_transport", True),
        ("2026-10-01", "user_cause", False),
        ("2026-10-01", "installation", False),
    ],
)
@pytest.mark.parametrize("settlement", ["free_exchange", "free_repair"])
def test_free_exchange_or_repair_is_for_our_own_cause_within_a_year(
    sold_on: str, cause: str, free: bool, settlement: str
) -> None:
    """5.1.6 「保修期为1年……产品的自身质量原因……免费调换或保修,如因用户原因……有偿维修,不承担无偿维修或调换」."""
    desk = a_case(CLAIM, "verify_claim", sold_on=sold_on)
    if free:
        desk.go("verify_claim", verified_cause=cause, settlement=settlement)
        return
    with pytest.raises(FieldErrors) as refused:
        desk.go("verify_claim", verified_cause=cause, settlement=settlement)
    assert set(refused.value.errors) == {"settlement"}
    with pytest.raises(FieldErrors) as charge:
        desk.go("verify_claim", verified_cause=cause, settlement="paid_repair")
    assert set(charge.value.errors) == {"repair_charge"}
    desk.go("verify_claim", verified_cause=cause, settlement="paid_repair", repair_charge="150")
    desk.to("closed")
    assert desk.case().outcome == "at_customers_cost"


@pytest.mark.clauses(ID, "5.1.6 order", "5.1.5 order", "5.1.5", "5.1.6")
@pytest.mark.capabilities("GA-10")
@pytest.mark.parametrize(("first", "field"), [(CLAIM, "told_warranty"), (TRAINING, "told_installation")])
def test_the_terms_are_published_and_an_order_without_them_is_told_to_the_head_of_sales(
    first: dict[str, Any], field: str
) -> None:
    """5.1.5 「销售人员在客户下订单前,必须告知客户」; 5.1.6 「应向用户说明」."""
    desk = Electrical()
    desk.enter(**first | {field: False})
    assert {n.to for n in desk.told("rule")} == {head("sales")}
    desk = Electrical()
    desk.enter(**first)
    assert desk.told("rule") == []
    policy = bundle(ID).policy
    assert policy.policy.publish == ("warranty_terms", "installation_terms")
    assert "保修期一年" in policy.label("warranty_terms", "zh-Hans")
    assert "不负责安装" in policy.label("installation_terms", "zh-Hans")


@pytest.mark.parametrize(
    ("value", "who"),
    [
        ("1000", {"head of sales"}), ("1000.01", {"deputy_gm"}), ("10000", {"deputy_gm"}), ("10000.01", {"general_manager"}),
    ],
)  # fmt: skip
def test_the_value_of_a_claim_decides_who_approves(value: str, who: set[str]) -> None:
    """D11."""
    desk = a_case(CLAIM, "approve_claim", claim_value=value)
    assert desk.may_act("approve_claim") == who


# --- time (5.3) ------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "5.3 1 limit")
@pytest.mark.capabilities("CL-16", "DL-02", "DL-05")
@pytest.mark.parametrize(
    ("region", "day", "due"),
    [
        ("in_province", "2026-11-02", "2026-11-04 24:00"),
        ("outside", "2026-11-02", "2026-11-06 24:00"),
        ("foreign", "2026-11-02", "2026-11-09 24:00"),
        ("in_province", "2026-11-06", "2026-11-08 24:00"),  # calendar days: the weekend counts
    ],
)
def test_the_problem_is_handled_in_two_days_in_the_province_and_four_outside(region: str, day: str, due: str) -> None:
    """5.3 1) 「省内不超过二天,省外不超过四天」; abroad is ours."""
    desk = Electrical(f"{day} 09:30")
    desk.enter(**QUALITY | {"region": region})
    assert desk.promise().due_at == local(due)
    desk.to("reply")
    assert desk.promise().ended is None
    desk.go("reply")
    assert desk.promise().in_time is True


@pytest.mark.parametrize("first", [QUESTION, TRAINING])
def test_the_limit_ends_with_the_answer(first: dict[str, Any]) -> None:
    assert a_case(first, "closed").promise().ended == "stopped"


@pytest.mark.parametrize(
    ("stage", "case", "due"),
    [
        ("record", {}, "2026-11-02 11:30"),
        ("execute", {}, "2026-11-02 18:00"),
        ("execute", {"region": "outside"}, "2026-11-03 24:00"),
        ("execute", {"region": "foreign"}, "2026-11-04 24:00"),
        ("goods_check", {"goods_back": True}, "2026-11-02 11:30"),
        ("reply", {}, "2026-11-02 11:30"),
    ],
)
def test_the_stages_lie_within_the_days(stage: str, case: dict[str, Any], due: str) -> None:
    assert a_case(QUALITY, stage, **case).due(stage) == local(due)


@pytest.mark.parametrize(
    ("region", "due"),
    [("in_province", "2026-11-02 18:00"), ("outside", "2026-11-03 24:00"), ("foreign", "2026-11-04 24:00")],
)
def test_a_claim_is_verified_within_the_days(region: str, due: str) -> None:
    desk = a_case(CLAIM, "verify_claim", region=region)
    assert desk.due("verify_claim") == local(due)
    desk.go("verify_claim")
    assert desk.due("approve_claim") == local("2026-11-02 11:30")
    assert a_case(TRAINING, "offer_training").due("offer_training") == local("2026-11-03 18:00")


@pytest.mark.capabilities("DL-22")
@pytest.mark.clauses(ID, "5.3 1 limit")
def test_a_late_case_climbs_from_owner_and_head_to_the_general_manager() -> None:
    """D5."""
    desk = a_case(QUALITY, "execute", region="outside")
    desk.at("2026-11-12 10:00")
    owners = both("production")
    assert desk.steps(desk.promise()) == {
        "reminder": (local("2026-11-06 09:00"), owners),
        "reminder_slip": (local("2026-11-09 08:00"), {*owners, head("production")}),
        "escalation": (local("2026-11-09 18:00"), both("general_manager")),
    }


# --- who may ------------------------------------------------------------------------------------------------------------------------


WHO_MAY: dict[str, tuple[dict[str, Any], dict[str, Any], set[str], str]] = {
    "anonymous_check": (QUALITY, {"anonymous": True, "customer": None}, {"head of quality"}, "investigate file"),
    "report_up": (QUALITY, {"answerable": False}, {"head of quality"}, "instruct"),
    "record": (QUALITY, {}, {"quality"}, "pass_on"),
    "execute": (QUALITY, {}, {"production"}, "executed"),
    "goods_check": (QUALITY, {"goods_back": True}, {"warehouse", "sales", "production"}, "counted"),
    "verify_claim": (CLAIM, {}, {"sales", "quality", "technical"}, "verified"),
    "approve_claim": (CLAIM, {}, {"head of sales"}, "approve"),
    "reply": (QUALITY, {}, {"quality"}, "replied"),
    "answer": (QUESTION, {}, {"quality", "sales", "technical"}, "answered"),
    "offer_training": (TRAINING, {}, {"technical", "sales"}, "offered"),
}


ELSEWHERE = {
    "intake": "register", "confirm_invalid": "confirm", "tell_invalid": "told", "train": "trained", "supply_parts": "supplied",
    "objection_ruling": "dismiss grant", "callback": "satisfied unreached dissatisfied",
}  # fmt: skip


@pytest.mark.clauses(ID, "5.4.1", "5.4.2", "5.3 2", "5.2.1")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide(stage: str) -> None:
    """Everybody who is not named is refused."""
    first, changes, who, _ = WHO_MAY[stage]
    assert a_case(first, stage, **changes).may_act(stage) == who


def test_what_may_be_decided_at_every_stage() -> None:
    """A return is open to every decider (D18)."""
    wanted = ELSEWHERE | {stage: row[3] for stage, row in WHO_MAY.items()}
    assert decisions_by_stage(ID) == {stage: f"{said} return" for stage, said in wanted.items()}


@pytest.mark.parametrize("who", ["quality", "technical", "sales"])
def test_quality_technicians_and_sales_fill_the_entry(who: str) -> None:
    """5.3 1): technical and sales fill the entry, quality keeps it."""
    desk = a_case(QUALITY, "record")
    desk.decide(person("quality"), "record", "return", reason="Which model?", to_stage="intake")
    assert who in desk.may_act("intake")
