"""The branches of pcb-manufacturer beside the straight way: no loss, survey, third party, authority, refusal, not established."""

from __future__ import annotations

from decimal import Decimal

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors, NotAuthorized
from tests.support.company import local
from tests.support.pcb import FIELDS, PcbDesk, a_case

ID = "pcb-manufacturer"

# --- no loss (三) ----------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(三)")
@pytest.mark.capabilities("IN-08")
def test_without_a_loss_an_abnormality_slip_is_enough() -> None:
    """(三) 「如未造成損失時業務部或有關單位前往處理時,應填報異常處理單反應有關單位改善」: no case number, no clock."""
    desk = PcbDesk()
    desk.log(customer="C-0417", what_happened="Scratched box", loss_caused=False)
    assert desk.open_stages() == ["abnormality_slip"]
    assert desk.roles("abnormality_slip") == ["sales"]

    with pytest.raises(FieldErrors) as refused:
        desk.decide("USALES1", "abnormality_slip", "send")
    assert set(refused.value.errors) == {"abnormality", "liable_unit"}

    desk.decide("USALES1", "abnormality_slip", "send", abnormality="The box is too soft", liable_unit="fg_warehouse")
    case = desk.case()
    assert (case.status, case.outcome, case.number, case.clock("case")) == ("finished", "no_case", None, None)
    assert [(n.to, n.facts["as"]) for n in desk.told("rule")] == [("UWH", "notice")]
    assert not desk.told("copy")


# --- joint survey (九)2, (九)3 --------------------------------------------------------------------------------------------


def surveyed(survey_by: str = "quality") -> PcbDesk:
    desk = PcbDesk()
    desk.complain(survey_needed=True)
    desk.decide("UQUAL1", "survey_call", "answer", survey_by=survey_by)
    return desk


@pytest.mark.clauses(ID, "(九)2")
@pytest.mark.capabilities("IN-22")
def test_a_survey_happens_before_the_form() -> None:
    """(九)2 「業務部門在未填立客戶抱怨處理單前……業務人員應立即反應質量管理部人員(或制造部品保組) 會同制造部門人員共同前往處理」."""
    desk = PcbDesk()
    desk.complain(survey_needed=True)
    assert desk.open_stages() == ["survey_call"]
    assert (desk.roles("survey_call"), desk.due("survey_call")) == (["quality"], local("2026-11-02 11:30"))

    desk.decide("UQUAL1", "survey_call", "answer", survey_by="quality")
    assert (desk.open_stages(), desk.roles("joint_survey")) == (["joint_survey"], ["sales", "quality", "production"])


@pytest.mark.clauses(ID, "(九)2")
def test_product_qa_may_go_instead_of_quality() -> None:
    """(九)2 「(或制造部品保組)」."""
    assert surveyed("prod_qa").roles("joint_survey") == ["sales", "prod_qa", "production"]


@pytest.mark.clauses(ID, "(九)2")
def test_only_the_general_manager_names_a_substitute() -> None:
    """(九)2 「若質量管理部人員無法及時前往時由總經理指派有關人員前往處理」; section 11, 5."""
    desk = surveyed("nobody")
    assert desk.open_stages() == ["name_surveyor"]

    for other in ("UQUAL1", "UDGM", "UGMO1", "USMGR", "USALES1"):
        with pytest.raises(NotAuthorized):
            desk.decide(other, "name_surveyor", "name", surveyor="URND")
    desk.decide("UGM", "name_surveyor", "name", surveyor="URND")

    assert desk.roles("joint_survey") == ["sales", "URND", "production"]


@pytest.mark.clauses(ID, "(九)2")
def test_all_three_must_report_before_the_survey_is_over() -> None:
    """(九)2 「共同前往處理」: the survey is joint, so each of the three reports."""
    desk = surveyed()
    desk.decide("USALES1", "joint_survey", "report", survey_finding="Black pads on all panels")
    assert desk.open_stages() == ["joint_survey"]
    desk.decide("UPROD", "joint_survey")
    assert desk.open_stages() == ["joint_survey"]
    with pytest.raises(NotAuthorized):
        desk.decide("UPROD", "joint_survey")
    desk.decide("UQUAL2", "joint_survey")

    assert desk.open_stages() == ["survey_report"]


@pytest.mark.clauses(ID, "(九)3")
@pytest.mark.capabilities("IN-22")
def test_the_survey_report_is_due_three_days_after_and_goes_to_the_general_manager() -> None:
    """(九)3 「由質量管理部或有關人員于調查處理后三天內提出報告呈總經理批示」."""
    desk = surveyed("nobody")
    desk.decide("UGM", "name_surveyor", "name", surveyor="URND")
    desk.clock.at = local("2026-11-04 15:00")
    for who, decision in (("USALES1", "report"), ("URND", "approve"), ("UPROD", "approve")):
        desk.decide(who, "joint_survey", decision, **({"survey_finding": "Black pads"} if decision == "report" else {}))
    assert desk.roles("survey_report") == ["URND"]
    assert desk.due("survey_report") == local("2026-11-07 24:00")

    desk.decide("URND", "survey_report", "send", survey_report_text="Corrosion on the nickel")

    assert set(desk.open_stages()) == {"intake", "survey_instruction"}
    assert desk.roles("survey_instruction") == ["general_manager"]
    desk.decide("UGM", "survey_instruction", "instruct", survey_instruction_text="Settle it quickly")
    assert desk.open_stages() == ["intake"]


@pytest.mark.clauses(ID, "(九)2", "(九)1")
def test_after_the_survey_sales_fills_the_form() -> None:
    """(九)2: the form comes after the survey; (九)1: with all its fields."""
    desk = PcbDesk()
    desk.log(customer="C-0417", what_happened="Black pads", loss_caused=True, survey_needed=True)
    desk.decide("UQUAL1", "survey_call", "answer", survey_by="quality")
    for who, decision, fields in (
        ("USALES1", "report", {"survey_finding": "x"}),
        ("UQUAL1", "approve", {}),
        ("UPROD", "approve", {}),
    ):
        desk.decide(who, "joint_survey", decision, **fields)
    desk.decide("UQUAL1", "survey_report", "send", survey_report_text="x")

    with pytest.raises(FieldErrors) as refused:
        desk.decide("USALES1", "intake", "send", part_no="P4")
    assert {"order_no", "quantity", "demand", "defect_sample"} <= set(refused.value.errors)


# --- optional and joint stages (九)4, (九)13 ----------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(九)4")
def test_research_is_asked_only_when_the_abnormality_calls_for_it() -> None:
    """(九)4 「另依異常狀況送研發部提示意見」."""
    desk = a_case("manager_opinion", rnd_opinion_needed=False)
    desk.pass_stage("manager_opinion")
    assert desk.open_stages() == ["gm_office_check"]

    desk = a_case("manager_opinion", rnd_opinion_needed=True)
    desk.pass_stage("manager_opinion")
    assert desk.open_stages() == ["rnd_opinion"]


@pytest.mark.clauses(ID, "(九)4")
def test_the_managers_office_may_still_send_it_to_research() -> None:
    """(九)4: the manager's office instructs on the file, and may see what quality did not."""
    desk = a_case("manager_opinion", rnd_opinion_needed=False)
    desk.pass_stage("manager_opinion", rnd_opinion_needed=True)
    assert desk.open_stages() == ["rnd_opinion"]


@pytest.mark.clauses(ID, "(九)13")
def test_another_companys_part_is_settled_jointly_and_the_office_decides_last() -> None:
    """(九)13 「若涉及其他公司,原物料供應商等的責任時由總經理室會同有關單位共同處理」."""
    desk = a_case("production_analysis", third_party_involved=True)
    with pytest.raises(FieldErrors) as refused:
        desk.pass_stage("production_analysis")
    assert set(refused.value.errors) == {"third_party_name", "third_party_units"}
    desk.pass_stage(
        "production_analysis", third_party_name="Acme Laminates", third_party_units=["production", "quality"]
    )
    assert (desk.open_stages(), desk.roles("third_party")) == (["third_party"], ["gm_office", "production", "quality"])

    with pytest.raises(NotAuthorized) as early:
        desk.decide("UGMO1", "third_party", third_party_finding="Supplier pays")
    assert early.value.reason == "not_your_turn"
    desk.decide("UPROD", "third_party")
    desk.decide("UQUAL1", "third_party")
    desk.decide("UGMO1", "third_party", third_party_finding="Supplier pays half")
    assert desk.open_stages() == ["manager_opinion"]


# --- authority (section 12) ------------------------------------------------------------------------------------------------------

AUTHORITY = [
    ("0", "sales_manager"),
    ("10000", "sales_manager"),
    ("10000.01", "deputy_gm"),
    ("50000", "deputy_gm"),
    ("50000.01", "general_manager"),
    ("1,000,000", "general_manager"),
    ("10000.004", "sales_manager"),  # money has two decimals, half up (D16)
    ("10000.005", "deputy_gm"),
]


@pytest.mark.clauses(ID, "(九)4", "(九)6")
@pytest.mark.capabilities("RT-09")
@pytest.mark.parametrize(("amount", "role"), AUTHORITY)
def test_the_amount_decides_who_approves_in_both_rounds(amount: str, role: str) -> None:
    """(九)4 「依核決權限呈核」, (九)6 「依據核決權限分送業務部經理、副總經理或總經理核決」; D19: up to includes the number."""
    desk = a_case("approval_1", amount=amount)
    assert desk.roles("approval_1") == [role]

    desk.to("final_decision")
    assert desk.roles("final_decision") == [role]


@pytest.mark.clauses(ID, "(九)11")
@pytest.mark.parametrize(
    ("first", "decider", "raised", "passes_to"),
    [
        ("10000", "USMGR", "10000.01", "deputy_gm"),
        ("10000", "USMGR", "50000.01", "general_manager"),
        ("50000", "UDGM", "50000.01", "general_manager"),
        ("50000", "UDGM", "50000", None),
        ("50000", "UDGM", "9000", None),  # a higher authority may decide less
        ("60000", "UGM", "90000", None),
    ],
)
def test_an_amount_raised_beyond_ones_own_authority_passes_the_decision_on(
    first: str, decider: str, raised: str, passes_to: str | None
) -> None:
    """(九)11 「不得超越核決權限」: the visit goes to the right one, who decides with the new amount."""
    desk = a_case("approval_1", amount=first)
    desk.decide(decider, "approval_1", amount=raised, reason="The customer insists")

    assert list(desk.record.words.values())[-1] == "The customer insists"
    if passes_to is None:
        assert desk.open_stages() == ["customer_negotiation"]
        return
    assert (desk.open_stages(), desk.roles("approval_1")) == (["approval_1"], [passes_to])
    assert desk.happened(e.HandedOver)[-1].reason is not None
    assert [n.to for n in desk.told("approval")][-1] == f"C{passes_to.upper().replace('_', '')}"
    with pytest.raises(NotAuthorized):
        desk.decide(decider, "approval_1")
    desk.pass_stage("approval_1")
    assert desk.case().fields["amount"] == str(Decimal(raised).quantize(Decimal("0.01")))
    assert desk.open_stages() == ["customer_negotiation"]


@pytest.mark.clauses(ID, "(九)6")
@pytest.mark.capabilities("RT-09")
def test_an_accepted_offer_is_decided_a_second_time_with_one_click_by_the_same_approver() -> None:
    """Section 12: "if the customer accepts the approved offer unchanged, the second decision may be taken by the same
    approver with one click"."""
    desk = a_case("final_decision", offer_accepted=True)
    stage = desk.bundle("").policy.stages["final_decision"]
    assert stage.copy_from is not None
    assert (stage.copy_from.stage, stage.copy_from.same) == (
        "approval_1",
        ("amount", "settlement", "approved_quantity"),
    )

    desk.decide("UDGM", "final_decision")

    assert desk.case().visits[desk.visit("final_decision")].decided_by == "UDGM"
    assert desk.open_stages() == ["closing"]


@pytest.mark.clauses(ID, "(九)5", "(九)6")
@pytest.mark.capabilities("CC-10")
def test_a_customer_who_wants_more_makes_the_second_round_go_to_who_may_grant_it() -> None:
    """(九)5 「並將處理結果填入表中」, (九)6: the office puts both sides into one opinion and the amount decides anew."""
    desk = a_case("consolidated_opinion_2", amount="9000", offer_accepted=False)
    assert desk.roles("approval_1") == ["sales_manager"]

    desk.decide("UGMO1", "consolidated_opinion_2", **{**FIELDS["consolidated_opinion_2"], "amount": "18000"})
    desk.decide("UGMOHEAD", "consolidated_opinion_2")

    assert desk.roles("final_decision") == ["deputy_gm"]


@pytest.mark.clauses(ID, "(九)5")
@pytest.mark.capabilities("CC-10")
def test_the_head_of_sales_reviews_what_was_negotiated() -> None:
    """(九)5 「將處理結果填入表中,呈主管核閱后送回總經理室」."""
    desk = a_case("customer_negotiation")
    with pytest.raises(NotAuthorized):
        desk.decide("USMGR", "customer_negotiation")
    desk.decide("USALES1", "customer_negotiation", "report", **FIELDS["customer_negotiation"])
    assert desk.open_stages() == ["customer_negotiation"]
    with pytest.raises(NotAuthorized):
        desk.decide("USALES2", "customer_negotiation")

    desk.decide("USMGR", "customer_negotiation")
    assert desk.open_stages() == ["consolidated_opinion_2"]


@pytest.mark.clauses(ID, "(九)7")
def test_the_head_of_the_office_instructs_on_the_second_opinion() -> None:
    """(九)7 「個人懲處種類呈主管批示后」."""
    desk = a_case("consolidated_opinion_2")
    desk.decide("UGMO1", "consolidated_opinion_2", **FIELDS["consolidated_opinion_2"])
    with pytest.raises(NotAuthorized):
        desk.decide("UGMO2", "consolidated_opinion_2")
    desk.decide("UGMOHEAD", "consolidated_opinion_2")
    assert desk.open_stages() == ["final_decision"]


# --- the customer does not accept (九)9 --------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(九)9")
def test_a_refused_decision_begins_a_new_form_with_the_old_one_attached() -> None:
    """(九)9 「若客戶未能接受時業務部門應再填一份新的客戶抱怨處理表附原抱怨表一并呈報處理」: own number, whole route again."""
    desk = a_case("closed", own_quality_problem=False)
    with pytest.raises(FieldErrors) as refused:
        desk.decide("USALES1", "execution", "refused", reply_channel="phone")
    assert set(refused.value.errors) == {"reason"}
    desk.decide("USALES1", "execution", "refused", reason="He wants his money back", reply_channel="phone")

    [new] = desk.others()
    child = desk.case(new)
    assert (child.parent, child.link, child.reporter) == ("case1", "refused", "USALES1")
    assert [(x.other, x.link) for x in desk.case().links] == [(new, "refused")]
    assert desk.case().status == "finished"
    assert child.fields["part_no"] == "P4-2208-B"
    assert "what_happened" not in child.fields  # the customer's words belong to the old case
    assert desk.open_stages(new) == ["report"]
    assert any(n.to == "UGMO1" for n in desk.told("rule"))

    desk.decide(
        "USALES1",
        "report",
        "send",
        new,
        what_happened="He does not accept the exchange",
        loss_caused=True,
        survey_needed=False,
    )
    desk.decide(
        "USALES1",
        "intake",
        "send",
        new,
        demand="12 000 back",
        defect_sample=True,
        sales_remark="Hard",
        wants="compensation",
    )
    for stage in ("register", "quality_analysis", "production_analysis", "manager_opinion", "gm_office_check"):
        desk.pass_stage(stage, new)
    assert desk.case(new).number == "261102"
    desk.to("closed", new)
    assert desk.case(new).status == "closed"


# --- not established (九)14 ----------------------------------------------------------------------------------------------------------


def not_established(**fields: object) -> PcbDesk:
    desk = a_case("gm_office_check")
    desk.decide("UGMO1", "gm_office_check", established=False, not_established_reason="Within specification", **fields)
    return desk


@pytest.mark.clauses(ID, "(九)14")
def test_the_head_confirms_that_a_complaint_does_not_stand() -> None:
    """(九)14 「客戶投訴不成立時」; D17: reason mandatory, department head confirms."""
    desk = a_case("gm_office_check")
    with pytest.raises(FieldErrors) as refused:
        desk.decide("UGMO1", "gm_office_check", established=False)
    assert set(refused.value.errors) == {"not_established_reason"}

    desk = not_established()
    assert desk.open_stages() == ["confirm_not_established"]
    with pytest.raises(NotAuthorized):
        desk.decide("UGMO2", "confirm_not_established", "confirm")
    desk.decide("UGMOHEAD", "confirm_not_established", "confirm")
    assert (desk.case().status, desk.case().outcome) == ("closed", "not_established")
    assert desk.promise().ended == "stopped"
    assert set(desk.open_stages()) == {"execution", "collect_receivable"}


def test_the_head_may_see_it_otherwise() -> None:
    """D18: the confirmation may be returned; the office then checks again, and is asked anew."""
    desk = not_established()
    desk.decide("UGMOHEAD", "confirm_not_established", "return", reason="The photos show it")
    assert desk.open_stages() == ["gm_office_check"]
    with pytest.raises(FieldErrors):
        desk.decide("UGMO1", "gm_office_check")

    desk.decide("UGMO1", "gm_office_check", established=True)
    assert desk.open_stages() == ["sales_opinion"]


@pytest.mark.clauses(ID, "(九)14")
@pytest.mark.capabilities("OS-05")
def test_the_customer_of_a_complaint_that_does_not_stand_is_told_and_pays() -> None:
    """(九)14 「以規定收款期收回應收帳款」; D17: informed politely. No settlement follows."""
    desk = not_established(collection_due="2026-11-30")
    desk.decide("UGMOHEAD", "confirm_not_established", "confirm")
    assert desk.due("collect_receivable") == local("2026-11-30 24:00")

    desk.pass_stage("execution")
    desk.decide("USALES1", "collect_receivable", "collected")
    assert desk.open_stages() == ["callback"]


@pytest.mark.clauses(ID, "(九)14", "(九)7", "(十三)1")
def test_what_was_proposed_before_the_complaint_was_found_not_to_stand_is_not_carried_out() -> None:
    """Returned after a first round that settled, punished and tracked: not established ends all of that."""
    desk = a_case("final_decision", own_quality_problem=True, punishment="both_punishments", settlement="allowance")
    back = {"reason": "The photos are old", "to_stage": "gm_office_check"}
    desk.decide(desk.actor("final_decision"), "final_decision", "return", **back)
    desk.decide("UGMO1", "gm_office_check", established=False, not_established_reason="Within specification")
    desk.decide("UGMOHEAD", "confirm_not_established", "confirm")
    desk.pass_stage("execution")

    assert set(desk.open_stages()) == {"collect_receivable", "callback"}
    assert [x.link for x in desk.case().links] == []


@pytest.mark.clauses(ID, "(九)14")
def test_a_customer_who_objects_is_brought_before_the_superior_by_memorandum() -> None:
    """(九)14 「如客戶有異議時,再以簽呈呈報上級處理」."""
    desk = not_established()
    desk.decide("UGMOHEAD", "confirm_not_established", "confirm")
    desk.decide("USALES1", "collect_receivable", "customer_objects")
    assert desk.open_stages() == ["execution", "objection_memo"]
    with pytest.raises(FieldErrors):
        desk.decide("USALES1", "objection_memo", "send")
    desk.decide("USALES1", "objection_memo", "send", objection_reason="He has photographs")
    assert desk.roles("superior_ruling") == ["general_manager"]

    desk.decide("UGM", "superior_ruling", "reopen", ruling_reason="Look again")
    assert [desk.case(c).link for c in desk.others()] == ["refused"]
