"""How a case of the circuit-board manufacturer comes to wait at each of its stages."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from complaints import commands as cmd
from tests.support.company import local
from tests.support.pcb import PROOF, SIGNED_CERTIFICATE, PcbDesk, a_case


def survey(until: str, by: str = "quality") -> PcbDesk:
    desk = PcbDesk()
    desk.log(customer="C-0417", what_happened="Black pads", loss_caused=True, survey_needed=True)
    if until == "survey_call":
        return desk
    desk.decide("UQUAL1", "survey_call", "answer", survey_by=by)
    if until in desk.open_stages():
        return desk
    desk.decide("USALES1", "joint_survey", "report", survey_finding="x")
    desk.decide("UQUAL1", "joint_survey")
    desk.decide("UPROD", "joint_survey")
    if until != "survey_report":
        desk.decide("UQUAL1", "survey_report", "send", survey_report_text="x")
    return desk


def told(until: str, settlement: str = "nothing", received: str = "", affected: bool = False) -> PcbDesk:
    quantity = "100" if settlement == "goods_return" else None
    desk = a_case("closed", own_quality_problem=False, settlement=settlement, approved_quantity=quantity)
    desk.pass_stage("execution", collection_affected=affected)
    steps: list[Callable[[], object]] = []
    if settlement == "allowance":
        steps = [
            lambda: desk.decide("USALES1", "allowance_slip", "issue", amount="12000", files=(SIGNED_CERTIFICATE,)),
            lambda: desk.decide("USMGR", "allowance_slip"),
            lambda: desk.decide("UDGM", "allowance_slip"),
            lambda: desk.decide("USALES1", "allowance_proof", "send", allowance_proof_kind="certificate_stamped", files=(PROOF,)),
        ]  # fmt: skip
    elif settlement == "goods_return":
        steps = [
            lambda: desk.decide("USALES1", "return_slip", "issue", return_reason="x", return_basis="x"),
            lambda: desk.decide("USMGR", "return_slip"),
            lambda: desk.decide("UWH", "goods_receipt", "receive", received_quantity=received, receipt_instruction="x"),
            lambda: desk.decide("UACC", "return_booking", "book", voucher_no="1"),
        ]
    for step in steps:
        if until in desk.open_stages():
            break
        step()
    return desk


def improved(until: str) -> PcbDesk:
    desk = a_case("closed")
    while until not in desk.open_stages():
        if "improvement_plan" in desk.open_stages():
            desk.decide("UPROD", "improvement_plan")
            desk.decide("UGMO1", "improvement_plan", "plan", corrective_action="x", action_due="2026-11-20")
        else:
            desk.decide("UGMO1", "improvement_check", "confirm", effective=False, effect_evidence="x")
    return desk


def not_established(until: str) -> PcbDesk:
    desk = a_case("confirm_not_established", established=False)
    if until == "confirm_not_established":
        return desk
    desk.decide("UGMOHEAD", "confirm_not_established", "confirm")
    if until != "collect_receivable":
        desk.decide("USALES1", "collect_receivable", "customer_objects")
    if until == "superior_ruling":
        desk.decide("USALES1", "objection_memo", "send", objection_reason="x")
    return desk


def no_loss() -> PcbDesk:
    desk = PcbDesk()
    desk.log(customer="C-0417", what_happened="Scratched box", loss_caused=False)
    return desk


def new_form() -> PcbDesk:
    desk = a_case("closed")
    desk.decide("USALES1", "execution", "refused", reason="x", reply_channel="phone")
    return desk


def third_party() -> PcbDesk:
    desk = a_case("production_analysis", third_party_involved=True)
    desk.pass_stage("production_analysis", third_party_name="Acme", third_party_units=["production", "quality"])
    return desk


def objected() -> PcbDesk:
    desk = a_case("closed")
    desk.act(cmd.BeginRoute, "UPROD", route="objection", fields={"objection_reason": "x"})
    return desk


def late() -> PcbDesk:
    desk = a_case("quality_analysis")
    desk.clock.at = local("2026-11-05 00:01")
    return desk.to("closed")


@cache
def looked_at(stage: str) -> PcbDesk:
    """Return a desk with a case that waits at *stage*; it is only looked at."""
    return at(stage)


def at(stage: str) -> PcbDesk:
    """Return a desk with a case that waits at *stage*, since Monday, 2 November 2026, 09:30."""
    match stage:
        case "report":
            return new_form()
        case "abnormality_slip":
            return no_loss()
        case "name_surveyor":
            return survey(stage, "nobody")
        case "survey_call" | "joint_survey" | "survey_report" | "intake" | "survey_instruction":
            return survey(stage)
        case "third_party":
            return third_party()
        case "confirm_not_established" | "collect_receivable" | "objection_memo" | "superior_ruling":
            return not_established(stage)
        case "objection_ruling":
            return objected()
        case "improvement_plan" | "improvement_check" | "improvement_ruling":
            return improved(stage)
        case "explain_delay":
            return late()
        case "execution":
            return a_case("closed")
        case "callback":
            return told(stage)
        case "allowance_slip" | "allowance_proof" | "allowance_booking":
            return told(stage, "allowance")
        case "return_slip" | "goods_receipt" | "return_booking" | "return_proof":
            return told(stage, "goods_return", received="100")
        case "excess_ruling":
            return told(stage, "goods_return", received="120")
        case "receivable_adjustment":
            return told(stage, affected=True)
        case _:
            return a_case(stage, rnd_opinion_needed=True)
