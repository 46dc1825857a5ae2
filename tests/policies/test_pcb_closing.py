"""(九)8 to 14: numbers, closing with its copies, and no reply before the decision."""

from __future__ import annotations

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.pcb import COMPLAINT, FIELDS, MAIN_ROUTE, PcbDesk, a_case
from tests.support.pcb_route import ID, INTAKE, MANDATORY

# --- numbers ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(八)", "(九)4")
def test_the_number_is_year_month_and_serial() -> None:
    """(八) 「年度(××)月份(××)流水編號(××)」, given at registration (九)4."""
    desk = a_case("register")
    assert desk.case().number is None

    desk.to("quality_analysis")

    assert desk.case().number == "261101"


@pytest.mark.clauses(ID, "(八)")
def test_the_serial_begins_anew_every_month() -> None:
    """(八) 「編號周期以年度月份為原則」: December 26 to January 27, by the local date, not by UTC."""
    desk = PcbDesk(now="2026-12-31 23:30")
    for case_id in ("last", "first", "second"):
        desk.complain(case_id)
    desk.pass_stage("register", "last")
    desk.clock.at = local("2027-01-01 00:10")
    desk.pass_stage("register", "first")
    desk.pass_stage("register", "second")

    assert [desk.case(c).number for c in ("last", "first", "second")] == ["261201", "270101", "270102"]


def test_the_hundredth_case_of_a_month_gets_a_third_digit() -> None:
    """Section 7, our default: more than 99 in a month, three digits."""
    desk = PcbDesk()
    desk.record.serials["pcb-manufacturer:YYMMNN", "2026-11"] = 98
    for case_id in ("a", "b"):
        desk.complain(case_id)
        desk.pass_stage("register", case_id)

    assert [desk.case(c).number for c in ("a", "b")] == ["261199", "2611100"]


def test_a_refused_registration_draws_no_number() -> None:
    """Numbers are drawn without gaps, in the transaction that registers (DESIGN 8)."""
    desk = a_case("register")
    with pytest.raises(NotAuthorized):
        desk.decide("USALES1", "register", "accept")
    desk.complain("case2")
    desk.pass_stage("register", "case2")

    assert desk.case("case2").number == "261101"


@pytest.mark.clauses(ID, "(九)4")
def test_registration_enters_the_tracking_register() -> None:
    """(九)4 「編列客戶投訴編號并登記于客戶抱怨案件登記追蹤表」."""
    desk = a_case("quality_analysis")

    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["tracking"]


@pytest.mark.clauses(ID, "(八)", "(九)4")
def test_a_case_that_comes_back_to_registration_keeps_its_number_and_its_line() -> None:
    """(八): one case, one number; (九)4: one line in the register."""
    desk = a_case("quality_analysis")
    desk.decide("UQUAL1", "quality_analysis", "return", reason="Wrong part number", to_stage="register")
    desk.to("quality_analysis")

    assert desk.case().number == "261101"
    assert len(desk.happened(e.RegisterEntered)) == 1


# --- closing ---------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(九)8")
@pytest.mark.capabilities("RD-02")
def test_five_copies_go_out_at_closing() -> None:
    """(九)8 「第一聯質量管理部存,第二聯制造部門存,第三聯送業務部門依批示辦理,第四聯送會計科存,第五聯由總經理室存」."""
    desk = a_case("closing")
    assert not desk.told("copy")

    desk.pass_stage("closing")

    assert [(n.facts["copy"], n.to) for n in desk.told("copy")] == [
        (1, "CQUALITY"), (2, "CPRODUCTION"), (3, "CSALES"), (4, "CACCOUNTING"), (5, "CGMOFFICE"),
    ]  # fmt: skip
    assert {n.facts["of"] for n in desk.told("copy")} == {"complaint_form"}


def test_a_closed_case_is_finished_only_when_nothing_follows_any_more() -> None:
    """DESIGN 8: closed and finished are two instants."""
    desk = a_case("closed", own_quality_problem=False, settlement="nothing", approved_quantity=None)
    assert (desk.case().status, desk.open_stages()) == ("closed", ["execution"])

    desk.clock.at = local("2026-11-03 10:00")
    desk.pass_stage("execution")
    assert (desk.case().status, desk.open_stages()) == ("closed", ["callback"])

    desk.clock.at = local("2026-11-05 10:00")
    desk.call("reached", solved=True, score="5")
    assert (desk.case().status, desk.open_stages()) == ("finished", [])
    assert desk.case().closed_at == local("2026-11-02 09:30")
    assert desk.case().finished_at == local("2026-11-05 10:00")


@pytest.mark.clauses(ID, "(十四)")
@pytest.mark.capabilities("DL-11")
def test_late_departments_are_asked_why_after_closing() -> None:
    """(十四) 「對于已結案的案件,應查核各部門處理時效,對于處理時效逾期案件,得開立洽辦單送有關部門追查逾期原因」."""
    desk = a_case("quality_analysis")
    desk.clock.at = local("2026-11-05 00:01")
    desk.to("production_analysis")
    desk.clock.at = local("2026-11-06 10:00")
    desk.to("gm_office_check")
    desk.clock.at = local("2026-11-09 09:00")
    desk.to("closed")

    slips = [v for v in desk.case().open_visits if v.stage == "explain_delay"]
    assert [s.seats[0].seat.role for s in slips] == ["quality", "gm_office"]
    assert desk.case().branches[slips[0].branch].bound["late_stage"] == "quality_analysis"

    with pytest.raises(NotAuthorized):
        desk.submit(desk.decision("UPROD", slips[0].id, "explain", delay_reason="Not us"))
    desk.submit(desk.decision("UQUAL2", slips[0].id, "explain", delay_reason="The microscope was away"))
    assert [v.id for v in desk.case().open_visits if v.stage == "explain_delay"] == [slips[1].id]


def test_no_inquiry_slip_when_everybody_was_in_time() -> None:
    assert "explain_delay" not in a_case("closed").open_stages()


@pytest.mark.clauses(ID, "(十四)")
def test_a_stage_that_was_late_and_then_returned_the_case_is_late_all_the_same() -> None:
    """(十四): every department's time is checked, whatever it decided."""
    desk = a_case("production_analysis")
    desk.clock.at = local("2026-11-09 10:00")
    desk.decide("UPROD", "production_analysis", "return", reason="Which panel?", to_stage="quality_analysis")
    desk.to("closed")

    slips = [v for v in desk.case().open_visits if v.stage == "explain_delay"]
    assert [s.seats[0].seat.role for s in slips] == ["production"]


# --- the reply lock -----------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(九)11")
def test_the_customer_may_be_answered_only_after_the_approval() -> None:
    """(九)11 「業務部門不得超越核決權限與客戶做任何處理的答復協議或承認」: who may answer is told once, when it opens."""
    desk = a_case("approval_1")
    assert not desk.told("reply_open")

    desk.pass_stage("approval_1")

    assert [n.to for n in desk.told("reply_open")] == ["USALES1"]


@pytest.mark.clauses(ID, "(九)11")
@pytest.mark.parametrize("stage", [s for s in MAIN_ROUTE[: MAIN_ROUTE.index("customer_negotiation")] if s not in ("rnd_opinion", "confirm_not_established")])  # fmt: skip
def test_the_reply_is_locked_at_every_stage_before(stage: str) -> None:
    """(九)11."""
    assert not a_case(stage).may_reply()


@pytest.mark.clauses(ID, "(九)11")
@pytest.mark.parametrize(
    "stage", ["customer_negotiation", "consolidated_opinion_2", "final_decision", "closing", "closed"]
)
def test_the_reply_is_open_at_every_stage_after(stage: str) -> None:
    """(九)11."""
    assert a_case(stage).may_reply()


@pytest.mark.clauses(ID, "(九)11")
def test_an_approval_that_was_taken_back_locks_the_reply_again() -> None:
    """(九)11: without an approval in force sales may admit nothing."""
    desk = a_case("approval_1")
    visit = desk.visit("approval_1")
    desk.pass_stage("approval_1")
    desk.take_back("UDGM", visit)

    assert not desk.may_reply()


@pytest.mark.clauses(ID, "(九)11")
def test_a_case_that_was_returned_behind_its_approval_locks_the_reply_again() -> None:
    """(九)11; D18: the approval of the earlier round does not cover the new one."""
    desk = a_case("consolidated_opinion_2")
    desk.decide("UGMO1", "consolidated_opinion_2", "return", reason="Wrong amount", to_stage="sales_opinion")
    assert not desk.may_reply()

    desk.to("customer_negotiation")
    assert desk.may_reply()


@pytest.mark.clauses(ID, "(九)11")
def test_the_outcome_is_told_by_letter_or_telephone() -> None:
    """(九)11 「據以書信或電話轉答客戶(不得將客戶抱怨處理表影印送客戶)」."""
    desk = a_case("closed")
    with pytest.raises(FieldErrors) as refused:
        desk.pass_stage("execution", reply_channel="email")
    assert refused.value.errors["reply_channel"][0] == "not_a_choice"

    desk.pass_stage("execution", reply_channel="letter")
    assert [t.channel for t in desk.happened(e.OutcomeTold)] == ["letter"]
    assert desk.case().told_at == desk.clock.at


@pytest.mark.clauses(ID, "(九)11")
def test_a_refusal_of_the_customer_too_says_how_he_was_told() -> None:
    """(九)11: 「以書信或電話轉答客戶」, whatever the customer then says."""
    desk = a_case("closed")

    with pytest.raises(FieldErrors) as refused:
        desk.decide("USALES1", "execution", "refused", reason="Wants money back")

    assert set(refused.value.errors) == {"reply_channel"}


@pytest.mark.clauses(ID, "(九)11")
@pytest.mark.capabilities("CC-03")
def test_the_form_is_never_among_what_goes_to_the_customer() -> None:
    """Section 11, 2: the internal form is never handed to the customer."""
    desk = a_case("closed")
    policy = desk.bundle("").policy

    assert policy.reply.never == ("complaint_form",)
    assert policy.reply.channels == ("letter", "phone")
    assert all(n.to.startswith("C") or n.to.startswith("U") for n in desk.record.notices)


def test_closing_refuses_what_is_no_decision_of_it() -> None:
    desk = a_case("closing")
    with pytest.raises(NotAllowedHere) as refused:
        desk.decide("UGMO1", "closing", "approve")
    assert refused.value.facts["allowed"] == ["close", "return"]


def test_the_usual_complaint_fills_what_the_regulation_asks() -> None:
    """The helper of these tests is itself complete: it fills every mandatory field of section 4."""
    for stage, names in MANDATORY.items():
        assert set(names) <= set(FIELDS[stage]), stage
    assert set(INTAKE) <= set(COMPLAINT)
