"""Who may act at which stage of pcb-manufacturer: one complete table, written from section 4 of the regulation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import commands as cmd
from complaints.authority import standing
from complaints.decisions import decisions_of
from complaints.people import Absence, Capacity
from complaints.refusals import FieldErrors, NotAuthorized, Recused, Refusal
from tests.support.desks import bundle
from tests.support.pcb import FIELDS, PcbDesk, a_case
from tests.support.pcb_stages import at, looked_at

ID = "pcb-manufacturer"

PEOPLE = {
    "sales": "USALES2", "quality": "UQUAL2", "prod_qa": "UPQA", "production": "UPROD", "manager_office": "UMGR",
    "rnd": "URND", "gm_office": "UGMO2", "sales_manager": "USMGR", "deputy_gm": "UDGM", "general_manager": "UGM",
    "accounting": "UACC", "fg_warehouse": "UWH", "personnel": "UHR", "service": "USVC", "head of quality": "UQHEAD",
    "head of production": "UPHEAD", "head of gm_office": "UGMOHEAD", "somebody else": "UNOBODY",
}  # fmt: skip

# stage: who acts now; who acts after them; what may be decided ("sales_manager" is the head of sales here)
TABLE: dict[str, tuple[str, str, str]] = {
    "report": ("sales", "", "send return"),
    "abnormality_slip": ("sales", "", "send return"),
    "survey_call": ("quality", "", "answer return"),
    "name_surveyor": ("general_manager", "", "name return"),
    "joint_survey": ("sales, quality, production", "", "report return"),
    "survey_report": ("quality", "", "send return"),
    "intake": ("sales", "", "send return"),
    "survey_instruction": ("general_manager", "", "instruct return"),
    "register": ("gm_office", "", "accept return"),
    "quality_analysis": ("quality", "", "approve return"),
    "production_analysis": ("production", "", "approve return"),
    "third_party": ("quality, production", "gm_office", "approve return"),
    "manager_opinion": ("manager_office", "", "approve return"),
    "rnd_opinion": ("rnd", "", "approve return"),
    "gm_office_check": ("gm_office", "", "approve return"),
    "confirm_not_established": ("head of gm_office", "", "confirm return"),
    "sales_opinion": ("sales", "", "approve return"),
    "consolidated_opinion_1": ("gm_office", "", "approve return"),
    "approval_1": ("deputy_gm", "", "approve return"),
    "customer_negotiation": ("sales", "sales_manager", "report return"),
    "consolidated_opinion_2": ("gm_office", "head of gm_office", "approve return"),
    "final_decision": ("deputy_gm", "", "approve return"),
    "closing": ("gm_office", "", "close return"),
    "execution": ("sales", "", "accepted refused return"),
    "collect_receivable": ("sales", "", "collected customer_objects return"),
    "objection_memo": ("sales", "", "send return"),
    "superior_ruling": ("general_manager", "", "uphold_decision reopen return"),
    "objection_ruling": ("general_manager", "", "dismiss grant return"),
    "improvement_plan": ("production", "gm_office", "plan return"),
    "improvement_check": ("gm_office", "", "confirm return"),
    "improvement_ruling": ("general_manager", "", "rule return"),
    "explain_delay": ("quality", "", "explain return"),
    "callback": ("gm_office", "", "satisfied unreached dissatisfied return"),
    "allowance_slip": ("sales", "sales_manager, deputy_gm", "issue return"),
    "allowance_proof": ("sales", "", "send return"),
    "allowance_booking": ("accounting", "", "book return"),
    "return_slip": ("sales", "sales_manager", "issue return"),
    "goods_receipt": ("fg_warehouse", "", "receive return"),
    "excess_ruling": ("deputy_gm", "", "rule return"),
    "return_booking": ("accounting", "", "book return"),
    "return_proof": ("sales", "", "send return"),
    "receivable_adjustment": ("accounting", "", "book return"),
}


def answer(stage: str, person: str) -> str | None:
    """Return None if the person may decide the stage now, else the reason of the refusal."""
    desk = looked_at(stage)
    case_id = next(c for c in reversed(desk.record.cases) if stage in desk.open_stages(c))
    case = desk.case(case_id)
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    try:
        standing(case, desk.open_visit(stage, case_id), person, world)
    except (NotAuthorized, Recused) as refused:
        return refused.reason
    return None


def named(words: str) -> set[str]:
    return {word.strip() for word in words.split(",") if word.strip()}


@pytest.mark.clauses(ID, "(九)4", "(九)6")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide(stage: str) -> None:
    """Section 4, column "Actor"; section 3 for the roles. Everybody else is told whose it is."""
    now, later, _ = TABLE[stage]
    expected = {
        role: None if role in named(now) else "not_your_turn" if role in named(later) else "not_yours"
        for role in PEOPLE
    }
    assert {role: answer(stage, person) for role, person in PEOPLE.items()} == expected


@pytest.mark.parametrize("stage", TABLE)
def test_what_may_be_decided(stage: str) -> None:
    """Section 4, column "Condition, next"; a return to an earlier stage is open to every decider (D18)."""
    assert list(decisions_of(bundle("pcb-manufacturer").policy.stages[stage])) == TABLE[stage][2].split()


def test_the_table_is_complete() -> None:
    """STYLE 9: a change in the YAML shows as a change in the test."""
    assert list(bundle("pcb-manufacturer").policy.stages) != []
    assert set(TABLE) == set(bundle("pcb-manufacturer").policy.stages)


@pytest.mark.clauses(ID, "(十四)")
@pytest.mark.parametrize("stage", TABLE)
def test_the_general_manager_may_decide_instead_with_a_reason_and_nobody_else(stage: str) -> None:
    """D5: late stages climb to the general manager, who may decide for the owner; the reason is recorded."""
    desk = looked_at(stage)
    case_id = next(c for c in reversed(desk.record.cases) if stage in desk.open_stages(c))
    for person in ("UDGM", "UGMOHEAD", "UNOBODY"):
        with pytest.raises(NotAuthorized) as refused:
            desk.decide(person, stage, "return", case_id, reason="x", instead=True)
        assert refused.value.reason == "only_general_manager"
    with pytest.raises(FieldErrors) as missing:
        desk.decide("UGM", stage, TABLE[stage][2].split()[0], case_id, instead=True)
    assert "reason" in missing.value.errors


@pytest.mark.clauses(ID, "(九)5")
def test_a_signer_may_only_agree_or_return() -> None:
    """(九)5 「呈主管核閱」: the head reviews, he does not report in the place of sales."""
    desk = a_case("customer_negotiation")
    desk.decide("USALES1", "customer_negotiation", "report", offer_accepted=True, customer_position="Fine")
    with pytest.raises(Refusal) as refused:
        desk.decide("USMGR", "customer_negotiation", "report")
    assert refused.value.facts["allowed"] == ["approve", "return"]


@pytest.mark.clauses(ID, "(三)")
def test_who_logged_the_complaint_may_fill_its_form_whatever_his_department() -> None:
    """(三) 「業務部或有關單位」: anyone may report; the reporter's own form comes back to him."""
    desk = PcbDesk()
    desk.complain(actor="USVC")
    desk.decide("UGMO1", "register", "return", reason="Which order?")
    assert desk.open_stages() == ["intake"]
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    assert standing(desk.case(), desk.open_visit("intake"), "USVC", world).capacity == Capacity(kind="reporter")


@pytest.mark.parametrize(
    ("stage", "decision", "fields"),
    [
        ("joint_survey", "report", {"survey_finding": "Black pads"}),
        ("third_party", "approve", {"third_party_finding": "The supplier pays"}),
        ("improvement_plan", "plan", {"corrective_action": "New bath", "action_due": "2026-11-20"}),
        ("customer_negotiation", "report", {"offer_accepted": True, "customer_position": "Fine"}),
    ],
)
def test_deciding_instead_settles_the_whole_stage(stage: str, decision: str, fields: dict[str, object]) -> None:
    """D5: the general manager decides the late stage, not one seat of it."""
    desk = at(stage)
    desk.decide("UGM", stage, decision, reason="Nobody moves", instead=True, **fields)

    visit = desk.case().visits[desk.visit(stage)]
    assert (visit.ended, visit.decision, visit.decided_by) == ("done", decision, "UGM")
    assert {s.answer.capacity for s in visit.seats if s.answer} == {"general_manager"}


def test_who_blames_his_own_unit_does_not_escape_by_adding_a_signer() -> None:
    """Recusal: the unit blamed would choose who looks on; the registry confirms all the same."""
    desk = a_case("quality_analysis")
    desk.act(cmd.AddSigner, "UQUAL1", visit=desk.visit("quality_analysis"), member="UPROD", place="before")
    desk.decide("UPROD", "quality_analysis")

    desk.decide("UQUAL1", "quality_analysis", **{**FIELDS["quality_analysis"], "liable_unit": "quality"})

    assert desk.open_stages() == ["quality_analysis"]
    assert desk.open_visit("quality_analysis").seats[-1].seat.kind == "recusal"


def test_who_stands_in_from_the_unit_that_is_blamed_does_not_judge_alone() -> None:
    """Recusal: quality is not to blame, but who answers for it today is of production, which is."""
    desk = a_case("quality_analysis")
    plan, now = desk.settings.people, desk.clock.at
    away = Absence(member="UQUAL1", from_at=now, until_at=now + timedelta(days=1), deputy="UPROD")
    desk.settings.people = replace(plan, absences=(away,))

    desk.decide("UPROD", "quality_analysis", **{**FIELDS["quality_analysis"], "liable_unit": "production"})

    assert desk.open_stages() == ["quality_analysis"]
    assert desk.open_visit("quality_analysis").seats[-1].seat.kind == "recusal"
