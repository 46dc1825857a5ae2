"""Acts at a stage beside deciding: return, hand over, add a signer, ask, wait, extend, take back, urge."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.people import Deputy
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, StaleCard
from tests.support.company import local
from tests.support.pcb import FIELDS, MAIN_ROUTE, PcbDesk, a_case

STRAIGHT = [s for s in MAIN_ROUTE if s not in ("rnd_opinion", "confirm_not_established")]
DECIDERS = {"approval_1": "UDGM", "final_decision": "UDGM"}


def return_it(
    desk: PcbDesk, stage: str, to: str | None = None, actor: str | None = None, reason: str = "Look again"
) -> None:
    desk.decide(actor or desk.actor(stage), stage, "return", reason=reason, to_stage=to)


# --- returning (D18) ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "to"), [(s, t) for n, s in enumerate(STRAIGHT) for t in ["report", "intake", *STRAIGHT[:n]]]
)
def test_every_decider_may_return_to_every_earlier_stage(stage: str, to: str) -> None:
    """D18: "Every approver may return to an earlier stage with a reason; the stage clock restarts, the case clock goes on"."""
    desk = a_case(stage)
    promise = desk.case().clock("case")
    desk.clock.at += timedelta(hours=1)
    return_it(desk, stage, to)

    assert desk.open_stages() == [to]
    visit = desk.open_visit(to)
    assert visit.round == 2
    assert desk.stage_clock(to).starts_at == desk.clock.at
    assert desk.case().clock("case") == promise
    assert [v.decision for v in desk.case().visits.values() if v.stage == stage and v.ended == "done"][-1] == "return"


def test_a_return_needs_a_reason() -> None:
    """D18."""
    desk = a_case("approval_1")
    for reason in ("", "   "):
        with pytest.raises(FieldErrors) as refused:
            return_it(desk, "approval_1", "sales_opinion", reason=reason)
        assert set(refused.value.errors) == {"reason"}


@pytest.mark.parametrize("to", ["closing", "approval_1", "nowhere", "rnd_opinion"])
def test_a_return_goes_only_to_a_stage_that_was_done_before(to: str) -> None:
    desk = a_case("approval_1")
    with pytest.raises(NotAllowedHere) as refused:
        return_it(desk, "approval_1", to)
    assert refused.value.source == "D18"
    assert "rnd_opinion" not in refused.value.facts["possible"]


def test_an_unsaid_target_is_the_stage_before() -> None:
    desk = a_case("approval_1")
    return_it(desk, "approval_1")
    assert desk.open_stages() == ["consolidated_opinion_1"]


def test_after_a_return_the_whole_way_is_gone_again_and_each_stage_is_asked_anew() -> None:
    desk = a_case("gm_office_check")
    return_it(desk, "gm_office_check", "quality_analysis")
    with pytest.raises(FieldErrors) as refused:
        desk.decide("UQUAL1", "quality_analysis")
    assert set(refused.value.errors) == set(FIELDS["quality_analysis"])

    desk.pass_stage("quality_analysis", rnd_opinion_needed=True)
    desk.to("rnd_opinion")
    assert desk.open_visit("rnd_opinion").round == 1


def test_who_logged_a_returned_form_sends_it_again_as_its_reporter() -> None:
    """Somebody of no department logged it; the log does not call him a member of sales."""
    desk = PcbDesk()
    desk.complain(actor="UWH")
    return_it(desk, "register", to="intake")
    desk.decide("UWH", "intake", "send")

    intakes = [v for v in desk.case().visits.values() if v.stage == "intake"]
    assert [(s.answer.by, s.answer.capacity) for v in intakes for s in v.seats if s.answer] == [
        ("UWH", "reporter"), ("UWH", "reporter"),
    ]  # fmt: skip


def test_a_signer_may_return_too() -> None:
    """D18: every approver."""
    desk = a_case("customer_negotiation")
    desk.decide("USALES1", "customer_negotiation", "report", **FIELDS["customer_negotiation"])
    return_it(desk, "customer_negotiation", "approval_1", actor="USMGR")
    assert desk.open_stages() == ["approval_1"]


# --- handing over (轉交) -----------------------------------------------------------------------------------------------------


def test_a_seat_is_handed_over_within_the_department() -> None:
    desk = a_case("quality_analysis")
    desk.act(cmd.HandOver, "UQUAL1", visit=desk.visit("quality_analysis"), member="UQUAL2", reason="On leave")

    assert desk.roles("quality_analysis") == ["UQUAL2"]
    assert desk.told("approval")[-1].to == "UQUAL2"
    with pytest.raises(NotAuthorized):
        desk.pass_stage("quality_analysis")
    desk.decide("UQUAL2", "quality_analysis", **FIELDS["quality_analysis"])
    assert desk.open_stages() == ["production_analysis"]


def test_the_head_is_of_the_department() -> None:
    desk = a_case("quality_analysis")
    desk.act(cmd.HandOver, "UQUAL1", visit=desk.visit("quality_analysis"), member="UQHEAD")
    assert desk.roles("quality_analysis") == ["UQHEAD"]


@pytest.mark.parametrize("to", [{"member": "UPROD"}, {"role": "production"}])
def test_nobody_gives_his_stage_to_another_department(to: dict[str, str]) -> None:
    """The route, not a person, decides which department acts."""
    desk = a_case("quality_analysis")
    with pytest.raises((NotAllowedHere, NotAuthorized)):
        desk.act(cmd.HandOver, "UQUAL1", visit=desk.visit("quality_analysis"), **to)
    assert desk.roles("quality_analysis") == ["quality"]


def test_who_does_not_hold_the_seat_cannot_hand_it_over() -> None:
    desk = a_case("quality_analysis")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.HandOver, "UPROD", visit=desk.visit("quality_analysis"), member="UQUAL2")


@pytest.mark.parametrize(("days", "may"), [((-1, 1), True), ((-2, -1), False), ((1, 2), False)])
def test_a_stage_is_handed_to_a_deputy_only_in_his_days(days: tuple[int, int], may: bool) -> None:
    """Before and after them he is nobody of the department."""
    desk = a_case("quality_analysis")
    plan, begin, end = desk.settings.people, *(desk.clock.at + timedelta(days=d) for d in days)
    quality = replace(plan.roles["quality"], deputies=(Deputy(member="UDEPUTY", from_at=begin, until_at=end),))
    desk.settings.people = replace(plan, roles={**plan.roles, "quality": quality})
    visit = desk.visit("quality_analysis")

    if may:
        desk.act(cmd.HandOver, "UQUAL1", visit=visit, member="UDEPUTY")
    else:
        with pytest.raises(NotAllowedHere) as refused:
            desk.act(cmd.HandOver, "UQUAL1", visit=visit, member="UDEPUTY")
        assert refused.value.reason == "not_in_department"
    assert (desk.open_visit("quality_analysis").seats[0].seat.member == "UDEPUTY") == may


@pytest.mark.parametrize("act", [cmd.AddSigner, cmd.HandOver])
def test_nobody_is_given_a_stage_in_which_he_may_not_judge(act: type[cmd.CaseCommand]) -> None:
    """Who reported or proposed it could not answer (recusal), and the stage would wait for him."""
    desk = a_case("approval_1")
    before = len(desk.record.notices)
    more = {"place": "before"} if act is cmd.AddSigner else {}
    with pytest.raises(FieldErrors) as refused:
        desk.act(act, desk.actor("approval_1"), visit=desk.visit("approval_1"), member="USALES1", **more)

    assert refused.value.errors["member"][0] == "may_not_judge"
    assert len(desk.record.notices) == before


# --- adding a signer (加簽) --------------------------------------------------------------------------------------------------------


def add(desk: PcbDesk, stage: str, member: str, place: str, actor: str | None = None) -> None:
    desk.act(cmd.AddSigner, actor or desk.actor(stage), visit=desk.visit(stage), member=member, place=place)


def test_a_signer_before_comes_before_the_decider() -> None:
    desk = a_case("approval_1")
    due = desk.due("approval_1")
    add(desk, "approval_1", "UACC", "before")
    with pytest.raises(NotAuthorized) as refused:
        desk.pass_stage("approval_1")
    assert refused.value.reason == "not_your_turn"

    desk.decide("UACC", "approval_1")
    desk.decide("UDGM", "approval_1")
    assert desk.open_stages() == ["customer_negotiation"]
    assert desk.due("approval_1") == due


def test_a_signer_after_comes_after_the_decider() -> None:
    desk = a_case("approval_1")
    add(desk, "approval_1", "UACC", "after")
    with pytest.raises(NotAuthorized):
        desk.decide("UACC", "approval_1")
    desk.decide("UDGM", "approval_1")
    assert desk.open_stages() == ["approval_1"]
    desk.decide("UACC", "approval_1")
    assert desk.open_stages() == ["customer_negotiation"]


@pytest.mark.parametrize("order", [("UACC", "UDGM"), ("UDGM", "UACC")])
def test_a_signer_beside_signs_in_any_order(order: tuple[str, str]) -> None:
    desk = a_case("approval_1")
    add(desk, "approval_1", "UACC", "beside")
    desk.decide(order[0], "approval_1")
    assert desk.open_stages() == ["approval_1"]
    desk.decide(order[1], "approval_1")
    assert desk.open_stages() == ["customer_negotiation"]


def test_a_signer_may_return_the_case() -> None:
    desk = a_case("approval_1")
    add(desk, "approval_1", "UACC", "before")
    desk.decide("UACC", "approval_1", "return", reason="Too much", to_stage="sales_opinion")
    assert desk.open_stages() == ["sales_opinion"]


def test_the_same_signer_is_not_added_twice_and_only_by_who_decides() -> None:
    desk = a_case("approval_1")
    add(desk, "approval_1", "UACC", "beside")
    with pytest.raises(NotAllowedHere):
        add(desk, "approval_1", "UACC", "after")
    with pytest.raises(NotAuthorized):
        add(desk, "approval_1", "UWH", "after", actor="USALES1")
    with pytest.raises(FieldErrors):
        add(desk, "approval_1", "UWH", "above")


# --- asking ------------------------------------------------------------------------------------------------------------------------------


def test_the_reporter_is_asked_and_answers_while_the_limit_goes_on() -> None:
    desk = a_case("quality_analysis")
    due = desk.due("quality_analysis")
    desk.act(cmd.AskReporter, "UQUAL1", visit=desk.visit("quality_analysis"), words="Which lot?")
    assert [n.to for n in desk.told("question")] == ["USALES1"]

    with pytest.raises(NotAuthorized):
        desk.act(cmd.AnswerQuestion, "UPROD", question=1, words="Lot 7")
    with pytest.raises(FieldErrors):
        desk.act(cmd.AnswerQuestion, "USALES1", question=1, words=" ")
    desk.act(cmd.AnswerQuestion, "USALES1", question=1, words="Lot 7")
    assert [n.to for n in desk.told("answer")] == ["UQUAL1"]
    assert desk.due("quality_analysis") == due
    with pytest.raises(StaleCard):
        desk.act(cmd.AnswerQuestion, "USALES1", question=1, words="Lot 8")


# --- waiting for the customer (D20) ------------------------------------------------------------------------------------------------------


def wait(desk: PcbDesk, until: str, stage: str = "customer_negotiation") -> None:
    desk.act(cmd.WaitForCustomer, "USALES1", visit=desk.visit(stage), reason="He is travelling", until=local(until))


def test_waiting_for_the_customer_stops_no_clock() -> None:
    """D20, section 12: "Clock while waiting for the customer: not stated; it keeps running"."""
    desk = a_case("customer_negotiation")
    stage, promise = desk.due("customer_negotiation"), desk.promise().due_at
    wait(desk, "2026-11-05 12:00")
    assert desk.happened(e.WaitingBegun)[0].stops == ()

    desk.at("2026-11-05 12:00")
    assert (desk.due("customer_negotiation"), desk.promise().due_at) == (stage, promise)
    assert [w.why for w in desk.happened(e.WaitingEnded)] == ["date"]
    assert desk.told("reminder_slip")


def test_waiting_ends_when_the_customer_answers() -> None:
    desk = a_case("customer_negotiation")
    wait(desk, "2026-11-05 12:00")
    desk.act(cmd.EndWaiting, "USALES1", visit=desk.visit("customer_negotiation"))
    assert [w.why for w in desk.happened(e.WaitingEnded)] == ["answered"]
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.EndWaiting, "USALES1", visit=desk.visit("customer_negotiation"))


def test_of_two_dates_for_which_the_customer_is_waited_for_the_later_word_holds() -> None:
    """Two colleagues may have the form open at once; the first date must not end the waiting for the second."""
    desk = a_case("customer_negotiation")
    wait(desk, "2026-11-05 12:00")
    wait(desk, "2026-11-06 12:00")

    desk.at("2026-11-05 12:00")
    assert desk.open_visit("customer_negotiation").waiting_until == local("2026-11-06 12:00")
    desk.at("2026-11-06 12:00")
    assert desk.open_visit("customer_negotiation").waiting_until is None
    assert [w.why for w in desk.happened(e.WaitingEnded)] == ["date"]


@pytest.mark.parametrize("until", ["2026-11-02 09:30", "2026-11-01 12:00", "2028-01-01 12:00"])
def test_waiting_needs_a_date_ahead_within_a_year(until: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        wait(a_case("customer_negotiation"), until)
    assert set(refused.value.errors) == {"until"}


# --- extension (D21) ----------------------------------------------------------------------------------------------------------------------------


def ask(
    desk: PcbDesk, until: str, stage: str = "quality_analysis", actor: str = "UQUAL1", reason: str = "The lab is full"
) -> None:
    desk.act(cmd.AskExtension, actor, visit=desk.visit(stage), until=local(until), reason=reason)


def rule(desk: PcbDesk, granted: bool, stage: str = "quality_analysis", actor: str = "UGM", **more: object) -> None:
    desk.act(cmd.RuleExtension, actor, visit=desk.visit(stage), granted=granted, **more)


def test_the_general_manager_grants_more_time_for_the_stage_and_not_for_the_case() -> None:
    """D21: "it moves the stage deadline, not the case limit"."""
    desk = a_case("quality_analysis")
    ask(desk, "2026-11-06 24:00")
    assert [n.to for n in desk.told("extension")] == ["UGM"]
    for other in ("UDGM", "UGMO1", "UQUAL1"):
        with pytest.raises(NotAuthorized):
            rule(desk, True, actor=other)
    rule(desk, True)

    assert desk.due("quality_analysis") == local("2026-11-06 24:00")
    assert desk.promise().due_at == local("2026-11-15 24:00")


@pytest.mark.parametrize(
    ("until", "fits"),
    [("2026-11-04 24:00", False), ("2026-11-05 12:00", True), ("2026-11-06 24:00", True), ("2026-11-07 09:00", False)],
)
def test_an_extension_is_at_most_the_stages_own_limit(until: str, fits: bool) -> None:
    """D21: two days once more, from Wednesday 24:00 to Friday 24:00."""
    desk = a_case("quality_analysis")
    if fits:
        ask(desk, until)
        return
    with pytest.raises(FieldErrors) as refused:
        ask(desk, until)
    assert refused.value.errors["until"][1]["most"] == local("2026-11-06 24:00")


def test_a_stage_is_extended_only_once() -> None:
    """D21: "once per stage"."""
    desk = a_case("quality_analysis")
    ask(desk, "2026-11-05 24:00")
    rule(desk, True)
    with pytest.raises(NotAllowedHere) as refused:
        ask(desk, "2026-11-06 24:00")
    assert (refused.value.reason, refused.value.source) == ("extension_used", "D21")
    with pytest.raises(NotAllowedHere):
        rule(desk, True, until=local("2026-11-06 24:00"), reason="More")


def test_a_refusal_of_more_time_needs_a_reason_and_leaves_the_limit() -> None:
    desk = a_case("quality_analysis")
    ask(desk, "2026-11-05 24:00")
    with pytest.raises(FieldErrors):
        rule(desk, False)
    rule(desk, False, reason="It was promised")
    assert desk.due("quality_analysis") == local("2026-11-04 24:00")
    assert desk.told("extension_ruled")[-1].facts["granted"] is False


def test_the_general_managers_own_offer_of_time_needs_a_reason() -> None:
    """D21: "granted by the general manager, with reason"."""
    desk = a_case("quality_analysis")
    with pytest.raises(FieldErrors) as refused:
        rule(desk, True, until=local("2026-11-05 24:00"))
    assert set(refused.value.errors) == {"reason"}
    rule(desk, True, until=local("2026-11-05 24:00"), reason="The lab is full")
    assert desk.due("quality_analysis") == local("2026-11-05 24:00")


def test_after_an_extension_the_ladder_climbs_from_the_new_due_time() -> None:
    desk = a_case("quality_analysis")
    desk.at("2026-11-04 15:00")
    assert desk.told("reminder")
    ask(desk, "2026-11-06 24:00")
    rule(desk, True)
    desk.at("2026-11-06 20:00")
    assert not desk.told("reminder_slip")
    desk.at("2026-11-09 09:00")
    assert [n.to for n in desk.told("reminder_slip")] == ["CQUALITY"]


# --- urging (催辦) ---------------------------------------------------------------------------------------------------------------------------------------


def test_the_reporter_urges_with_a_gap() -> None:
    desk = a_case("quality_analysis")
    visit = desk.visit("quality_analysis")
    desk.act(cmd.Urge, "USALES1", visit=visit, words="The customer calls every hour")
    assert [n.to for n in desk.told("urge")] == ["UQUAL1", "UQUAL2"]

    desk.clock.at += timedelta(hours=3, minutes=59)
    with pytest.raises(NotAllowedHere) as refused:
        desk.act(cmd.Urge, "USALES1", visit=visit)
    assert refused.value.facts["again"] == local("2026-11-02 13:30")
    desk.clock.at += timedelta(minutes=1)
    desk.act(cmd.Urge, "USALES1", visit=visit)


def test_strangers_do_not_urge_and_nobody_urges_what_is_done() -> None:
    desk = a_case("production_analysis")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.Urge, "UNOBODY", visit=desk.visit("production_analysis"))
    with pytest.raises(StaleCard):
        desk.act(cmd.Urge, "USALES1", visit=desk.visit("quality_analysis"))
