"""cosmetics-consumer: service, allergy, product; legal joins for association and court; a sanction is its own route."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import events as e
from tests.support.company import local
from tests.support.cosmetics import ALLERGY, DEALER, ID, LOCAL, NOBODY, PRODUCT, TAKER, WALK, at, letter, logged, take
from tests.support.policy_desk import PolicyDesk, person
from tests.support.who_may import decisions, may_decide, named, refused_fields

OLD = {**PRODUCT, "expires_on": "2026-11-01"}


# --- kinds and owners ----------------------------------------------------------------------------------------------------------


WAYS = [  # what is logged, the stages with their roles
    (DEALER, [("coordinate_dealer", "local_head"), ("close_entry", "market_management")]),
    ({"involved": "neither", "person_complained": None}, [("carry_through", "market_management"), ("close_entry", "market_management")]),
    ({}, [("hear_person", TAKER), ("settle", TAKER), ("close_entry", "market_management")]),
    (ALLERGY, [("explain_and_letter", "headquarters"), ("assign_local", "market_management"), ("guide", "marketing_centre"), ("local_talk", LOCAL), ("proposal", LOCAL), ("approval", "market_gm"), ("execute", LOCAL), ("close_entry", "market_management")]),
    (PRODUCT, [("explain_and_letter", "headquarters"), ("ask_technical", "marketing_centre"), ("technical_opinion", "technical_centre"), ("assign_local", "market_management"), ("local_talk", LOCAL), ("proposal", LOCAL), ("approval", "market_gm"), ("execute", LOCAL), ("close_entry", "market_management")]),
    (OLD, [("explain_and_letter", "headquarters"), ("confirm_out_of_life", "market_management"), ("close_entry", "market_management")]),
]  # fmt: skip


@pytest.mark.clauses(ID, "管理部门", "服务", "过敏", "产品", "定义")
@pytest.mark.capabilities("CL-01", "CL-02", "RT-01", "RT-05", "RT-28", "IN-01")
@pytest.mark.parametrize(("form", "stages"), WAYS)
def test_the_kind_decides_the_way_and_who_acts(form: dict[str, Any], stages: list[tuple[str, str]]) -> None:
    """服务 「由市场管理部负责处理」; 过敏 「营销中心进行指导」; 产品 「营销中心负责提请技术管理中心给予技术支持和解答」."""
    desk = logged(**form)
    for stage, who in stages:
        assert stage in desk.open_stages()
        assert desk.roles(stage) == [who]
        letter(desk) if stage == "explain_and_letter" else take(desk, stage)
    assert desk.case().closed_at is not None
    assert (desk.case().outcome, desk.case().number) == (
        "out_of_shelf_life" if form == OLD else "settled",
        "202611-001",
    )


@pytest.mark.clauses(ID, "产品")
@pytest.mark.capabilities("IN-18")
@pytest.mark.parametrize(("expires", "inside"), [("2026-11-01", False), ("2026-11-02", True), ("2026-11-03", True)])
def test_a_product_complaint_counts_within_the_shelf_life(expires: str, inside: bool) -> None:
    """产品 「在保质期限内出现产品变质、包装破损或内容物异常」; outside it the head confirms and explains (D17)."""
    desk = logged(**{**PRODUCT, "expires_on": expires})
    letter(desk)
    assert desk.open_stages() == (["ask_technical"] if inside else ["confirm_out_of_life"])
    if not inside:
        assert (may_decide(desk, "confirm_out_of_life"), desk.due("confirm_out_of_life")) == (
            {"head of market_management"},
            local("2026-11-03 18:00"),
        )
        assert refused_fields(lambda: take(desk, "confirm_out_of_life", out_of_life_reason=None)) == {
            "out_of_life_reason"
        }


@pytest.mark.clauses(ID, "重大")
@pytest.mark.capabilities("IN-02", "CL-18", "RT-27", "DL-09")
@pytest.mark.parametrize("origin", ["direct", "consumer_association", "court"])
@pytest.mark.parametrize("form", [{}, ALLERGY])
def test_association_and_court_bring_in_the_legal_department(origin: str, form: dict[str, Any]) -> None:
    """重大 「由营销中心牵头知会法律事务部,并由法律事务部提供司法指导」."""
    desk = logged(**form, origin=origin)
    if origin == "direct":
        assert "lead_major" not in desk.open_stages()
        return
    assert (desk.roles("lead_major"), desk.due("lead_major")) == (["marketing_centre"], local("2026-11-02 11:30"))
    assert person("general_manager") in {n.to for n in desk.told("rule")}
    assert refused_fields(lambda: take(desk, "lead_major", case_summary=None)) == {"case_summary"}
    take(desk, "lead_major")
    assert person("legal") in {n.to for n in desk.told("rule")}
    assert (desk.roles("legal_guidance"), desk.due("legal_guidance")) == (["legal"], local("2026-11-03 18:00"))
    assert refused_fields(lambda: take(desk, "legal_guidance", legal_guidance_text=None)) == {"legal_guidance_text"}
    take(desk, "legal_guidance")
    assert desk.open_stages() == (["explain_and_letter"] if form else ["hear_person"])


# --- service ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "服务1")
@pytest.mark.capabilities("RT-05")
@pytest.mark.parametrize("needed", [True, False])
def test_with_a_dealer_the_market_head_coordinates_and_market_management_helps_if_needed(needed: bool) -> None:
    """服务1 「市场负责人应及时进行协调和沟通,妥善处理,必要时由市场管理部负责落实」."""
    desk = at("coordinate_dealer", **DEALER)
    assert desk.due("coordinate_dealer") == local("2026-11-03 18:00")
    for missing in ("coordination", "mm_needed"):
        assert refused_fields(lambda name=missing: take(desk, "coordinate_dealer", **{name: None})) == {missing}
    take(desk, "coordinate_dealer", mm_needed=needed)
    assert desk.open_stages() == (["carry_through"] if needed else ["close_entry"])
    if needed:
        assert desk.due("carry_through") == local("2026-11-05 18:00")
        assert refused_fields(lambda: take(desk, "carry_through", settled_how=None)) == {"settled_how"}


@pytest.mark.clauses(ID, "服务2")
@pytest.mark.capabilities("OS-14", "RT-01")
def test_own_staff_is_heard_at_once_and_the_sanction_goes_its_own_way_afterwards() -> None:
    """服务2 「立即向被投诉人了解情况,并妥善处理。处理完毕后……通报……销售科……提出处理意见,报总经理批准后,由人力资源科负责处理」."""
    desk = at("hear_person")
    assert desk.due("hear_person") == local("2026-11-02 11:30")
    assert refused_fields(lambda: take(desk, "hear_person", persons_account=None)) == {"persons_account"}
    take(desk, "hear_person")
    assert desk.due("settle") == local("2026-11-03 18:00")
    assert refused_fields(lambda: take(desk, "settle", settled_how=None)) == {"settled_how"}
    assert "report_sales" not in desk.open_stages()
    take(desk, "settle")
    assert set(desk.open_stages()) == {"close_entry", "report_sales"}
    for stage, role, due, field in (
        ("report_sales", TAKER, "2026-11-03 18:00", "report_to_sales"),
        ("sanction_proposal", "sales_section", "2026-11-04 18:00", "sanction"),
        ("sanction_approval", "general_manager", "2026-11-03 18:00", ""),
        ("sanction_execution", "personnel", "2026-11-05 18:00", "sanction_done_on"),
    ):
        assert (desk.roles(stage), desk.due(stage)) == ([role], local(due))
        if field:
            assert refused_fields(lambda s=stage, f=field: take(desk, s, **{f: None})) == {field}
        take(desk, stage)
    assert desk.open_stages() == ["close_entry"]


@pytest.mark.clauses(ID, "服务2")
@pytest.mark.capabilities("OS-14")
def test_no_sanction_has_its_reason_and_ends_the_route() -> None:
    desk = WALK.on(at("report_sales"), "report_sales")
    take(desk, "report_sales")
    assert refused_fields(lambda: take(desk, "sanction_proposal", "no_sanction", sanction=None)) == {"reason"}
    take(desk, "sanction_proposal", "no_sanction", reason="He was right", sanction=None)
    assert desk.open_stages() == ["close_entry"]


def test_a_sanction_is_carried_out_in_the_past_only() -> None:
    desk = at("report_sales")
    for stage in ("report_sales", "sanction_proposal", "sanction_approval"):
        take(desk, stage)
    late = refused_fields(lambda: take(desk, "sanction_execution", sanction_done_on="2026-11-03"))
    assert late == {"sanction_done_on"}


# --- allergy and product -------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "过敏1")
@pytest.mark.capabilities("CL-02")
def test_headquarters_explains_and_writes_a_letter_to_market_management() -> None:
    """过敏1 「及时了解消费者意图,进行适当解释,并将有关信息整理,以书面函件形式反馈市场管理部」."""
    desk = at("explain_and_letter", **ALLERGY)
    assert desk.due("explain_and_letter") == local("2026-11-03 18:00")
    empty = refused_fields(lambda: desk.decide(person("headquarters"), "explain_and_letter", "send_letter"))
    assert empty == {"intent", "explanation", "letter_to_mm"}
    letter(desk)
    [sent] = desk.happened(e.CopiesSent)
    assert (sent.of, sent.to) == ("letter_form", ("market_management",))


@pytest.mark.clauses(ID, "过敏2")
@pytest.mark.capabilities("CC-01", "OS-02")
def test_the_market_head_talks_and_proposes_and_nothing_is_promised_before_the_approval() -> None:
    """过敏2 「立即安排当地市场负责人进行沟通,寻求妥善解决办法……经市场管理部总经理审批同意后,落实处理办法」."""
    desk = at("assign_local", **ALLERGY)
    assert desk.due("assign_local") == local("2026-11-02 11:30")
    assert refused_fields(lambda: take(desk, "assign_local", assigned_to=None)) == {"assigned_to"}
    take(desk, "assign_local")
    assert desk.due("guide") == local("2026-11-03 18:00")
    assert refused_fields(lambda: take(desk, "guide", guidance=None)) == {"guidance"}
    take(desk, "guide")
    assert desk.due("local_talk") == local("2026-11-03 18:00")
    assert refused_fields(lambda: take(desk, "local_talk", talk=None)) == {"talk"}
    take(desk, "local_talk")
    assert desk.due("proposal") == local("2026-11-04 18:00")
    for missing in ("settlement", "amount", "solution"):
        assert refused_fields(lambda name=missing: take(desk, "proposal", **{name: None})) == {missing}
    take(desk, "proposal")
    assert desk.due("approval") == local("2026-11-03 18:00")
    assert not desk.may_reply()
    take(desk, "approval")
    assert desk.may_reply()
    assert (desk.roles("execute"), desk.due("execute")) == ([LOCAL], local("2026-11-05 18:00"))
    assert refused_fields(lambda: take(desk, "execute", executed=None)) == {"executed"}
    take(desk, "execute")
    assert desk.happened(e.OutcomeTold)
    assert WALK.file.fields["settlement"].choices == (
        "refund",
        "exchange",
        "medical_costs",
        "compensation",
        "apology_only",
    )


@pytest.mark.clauses(ID, "产品")
@pytest.mark.capabilities("RT-28")
def test_the_technical_centre_gives_its_opinion_on_a_product() -> None:
    """产品; our default: two working days."""
    desk = at("ask_technical", **PRODUCT)
    assert desk.due("ask_technical") == local("2026-11-02 11:30")
    assert refused_fields(lambda: take(desk, "ask_technical", technical_question=None)) == {"technical_question"}
    take(desk, "ask_technical")
    assert desk.due("technical_opinion") == local("2026-11-04 18:00")
    assert refused_fields(lambda: take(desk, "technical_opinion", technical_opinion_text=None)) == {
        "technical_opinion_text"
    }


AUTHORITY = [
    ("1000", None), ("1000.01", "deputy_gm"), ("10000", "deputy_gm"), ("10000.01", "general_manager"),
]  # fmt: skip


@pytest.mark.clauses(ID, "过敏2")
@pytest.mark.parametrize(("amount", "second"), AUTHORITY)
def test_larger_amounts_need_a_second_approval(amount: str, second: str | None) -> None:
    """D11: the head to 1 000, the deputy to 10 000, the general manager above; after the head of the market department."""
    desk = at("approval", amount=amount, **ALLERGY)
    take(desk, "approval")
    if second is None:
        assert desk.open_stages() == ["execute"]
        return
    assert (desk.roles("higher_approval"), desk.due("higher_approval")) == ([second], local("2026-11-03 18:00"))
    desk.pass_as(second, "higher_approval")
    assert desk.open_stages() == ["execute"]


@pytest.mark.clauses(ID, "过敏")
@pytest.mark.capabilities("DL-09", "CL-18")
@pytest.mark.parametrize("injured", [True, False])
def test_an_injury_reaches_the_general_manager_at_once(injured: bool) -> None:
    """Our default."""
    told = {n.to for n in logged(**{**ALLERGY, "injured": injured}).told("rule")}
    assert (person("general_manager") in told) is injured


MUST = [
    ({}, "involved"), ({}, "person_complained"), (ALLERGY, "product_name"), (ALLERGY, "batch"), (ALLERGY, "injured"),
    (PRODUCT, "complained_on"), (PRODUCT, "expires_on"), (PRODUCT, "batch"), (PRODUCT, "product_name"),
    *(({}, name) for name in ("customer", "anonymous", "contact", "channel", "origin", "kind", "complaint")),
]  # fmt: skip


@pytest.mark.clauses(ID, "定义")
@pytest.mark.capabilities("IN-01")
@pytest.mark.parametrize(("form", "missing"), MUST)
def test_the_form_is_complete(form: dict[str, Any], missing: str) -> None:
    assert missing in refused_fields(lambda: logged(**{**form, missing: None}))


def test_the_day_of_the_complaint_is_not_in_the_future() -> None:
    assert refused_fields(lambda: logged(**{**PRODUCT, "complained_on": "2026-11-03"})) == {"complained_on"}


@pytest.mark.clauses(ID, "原则")
def test_the_principles_stand_where_the_complaint_is_taken() -> None:
    """原则 「合法、合情、合理、平等自愿的公平友好原则」."""
    assert "公平友好" in WALK.file.label("complaint", "zh-Hans", aspect="hint")


# --- who may, stage by stage --------------------------------------------------------------------------------------------------------------


TABLE: dict[str, tuple[str, str, dict[str, Any]]] = {  # stage: who may (everybody else is refused); what; how it gets there
    "report": ("reporter", "send return", {}),
    "anonymous_gate": ("head of market_management", "investigate_it record_only return", NOBODY),
    "lead_major": ("marketing_centre", "inform_legal return", {"origin": "court"}),
    "legal_guidance": ("legal", "guide return", {"origin": "court"}),
    "take_up_again": ("market_management", "take_up return", DEALER),
    "coordinate_dealer": ("local_head", "coordinated return", DEALER),
    "carry_through": ("market_management", "carried_through return", {"involved": "neither", "person_complained": None}),
    "hear_person": ("reporter", "heard return", {}),
    "settle": ("reporter", "settle_it return", {}),
    "explain_and_letter": ("headquarters", "send_letter return", ALLERGY),
    "confirm_out_of_life": ("head of market_management", "confirm return", OLD),
    "ask_technical": ("marketing_centre", "ask return", PRODUCT),
    "technical_opinion": ("technical_centre", "answer_it return", PRODUCT),
    "assign_local": ("market_management", "assign_it return", ALLERGY),
    "guide": ("marketing_centre", "guide_it return", ALLERGY),
    "local_talk": ("local_head", "talked return", ALLERGY),
    "proposal": ("local_head", "propose return", ALLERGY),
    "approval": ("market_gm", "approve return", ALLERGY),
    "higher_approval": ("deputy_gm", "approve return", {**ALLERGY, "amount": "2000"}),
    "execute": ("local_head", "executed_it return", ALLERGY),
    "close_entry": ("market_management", "enter return", ALLERGY),
    "report_sales": ("reporter", "report_it return", {}),
    "sanction_proposal": ("sales_section", "propose no_sanction return", {}),
    "sanction_approval": ("general_manager", "approve return", {}),
    "sanction_execution": ("personnel", "executed_sanction return", {}),
    "callback": ("market_management", "satisfied unreached dissatisfied return", DEALER),
    "objection_ruling": ("general_manager", "dismiss grant return", {}),
}  # fmt: skip


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "report":
            desk = at("coordinate_dealer", **DEALER)
            desk.decide(person("local_head"), "coordinate_dealer", "return", reason="Which shop?")
            return desk
        case "take_up_again":
            desk = at("callback", **DEALER)
            WALK.called(desk, solved=False)
            return desk
        case "sanction_proposal" | "sanction_approval" | "sanction_execution":
            desk = at("report_sales")
            for before in ("report_sales", "sanction_proposal", "sanction_approval"):
                if stage not in desk.open_stages():
                    take(desk, before)
            return desk
        case "objection_ruling":
            desk = at("closed")
            WALK.object(desk, person("sales_section"))
            return desk
        case _:
            return at(stage, **TABLE[stage][2])


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    """From `local_talk` on only the market head that was named may, here the second one."""
    desk = waiting_at(stage)
    assert may_decide(desk, stage) == named(TABLE[stage][0])
    assert decisions(desk, stage) == TABLE[stage][1]
    if stage in ("report", "close_entry"):
        assert desk.due(stage) == local("2026-11-02 11:30" if stage == "report" else "2026-11-02 18:00")


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)
