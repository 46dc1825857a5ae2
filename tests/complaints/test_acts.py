"""The acts beside deciding: return, hand over, add a signer, ask, wait, extend, take back, urge, correct, end, merge."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FactsChanged, FieldErrors, NotAllowedHere, NotAuthorized, StaleCard, UnknownCase
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


# --- taking back -------------------------------------------------------------------------------------------------------------------------------------


def test_a_decision_is_taken_back_before_the_next_one_acts() -> None:
    desk = a_case("quality_analysis")
    due, visit = desk.due("quality_analysis"), desk.visit("quality_analysis")
    desk.clock.at += timedelta(hours=2)
    desk.pass_stage("quality_analysis")
    desk.take_back("UQUAL1", visit)

    assert desk.open_stages() == ["quality_analysis"]
    assert desk.due("quality_analysis") == due
    desk.pass_stage("quality_analysis", liable_unit="rnd")
    assert desk.open_stages() == ["production_analysis"]


def test_it_is_too_late_once_the_next_one_acted() -> None:
    desk = a_case("quality_analysis")
    visit = desk.visit("quality_analysis")
    desk.pass_stage("quality_analysis")
    desk.pass_stage("production_analysis")
    with pytest.raises(NotAllowedHere) as refused:
        desk.take_back("UQUAL1", visit)
    assert refused.value.reason == "too_late_to_take_back"


def test_nobody_takes_back_what_another_decided() -> None:
    desk = a_case("production_analysis")
    for other in ("UQUAL2", "UGM", "USALES1"):
        with pytest.raises(NotAuthorized):
            desk.take_back(other, desk.visit("quality_analysis"))


def test_a_registration_is_not_taken_back_since_the_number_is_used() -> None:
    """(八), DESIGN 8: numbers have no gaps."""
    desk = a_case("quality_analysis")
    with pytest.raises(NotAllowedHere):
        desk.take_back("UGMO1", desk.visit("register"))


def test_a_closing_is_not_taken_back() -> None:
    desk = a_case("closed")
    with pytest.raises(NotAllowedHere):
        desk.take_back("UGMO1", desk.visit("closing"))


def test_what_waits_for_a_signature_is_taken_back_until_it_is_signed() -> None:
    """(九)5: before the head has read it, sales may correct what it reported."""
    desk = a_case("customer_negotiation")
    desk.decide("USALES1", "customer_negotiation", "report", **FIELDS["customer_negotiation"])
    with pytest.raises(NotAuthorized):
        desk.take_back("USMGR", desk.visit("customer_negotiation"))
    desk.take_back("USALES1", desk.visit("customer_negotiation"))

    with pytest.raises(NotAuthorized):
        desk.decide("USMGR", "customer_negotiation")
    desk.pass_stage("customer_negotiation", offer_accepted=False)
    assert desk.case().fields["offer_accepted"] is False


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


# --- ending otherwise ----------------------------------------------------------------------------------------------------------------------------------------


def test_the_reporter_withdraws_with_a_reason_while_the_case_is_open() -> None:
    desk = a_case("quality_analysis")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.Withdraw, "UQUAL1", reason="x")
    with pytest.raises(FieldErrors):
        desk.act(cmd.Withdraw, "USALES1", reason=" ")
    desk.act(cmd.Withdraw, "USALES1", reason="The customer found the boards")

    assert (desk.case().status, desk.open_stages()) == ("withdrawn", [])
    assert all(d.ended == "withdrawn" for d in desk.case().deadlines.values() if d.id > 3)
    with pytest.raises(StaleCard):
        desk.decide("UQUAL1", "quality_analysis", **FIELDS["quality_analysis"])


def test_a_closed_case_is_not_withdrawn_or_corrected() -> None:
    desk = a_case("closed")
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.Withdraw, "USALES1", reason="x")
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.Amend, "USALES1", fields={"quantity": "2500"}, reason="x")


def test_the_registry_voids_and_the_number_stays_used() -> None:
    """DESIGN 8: "Its number stays used"."""
    desk = a_case("quality_analysis")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.Void, "USALES1", reason="x")
    desk.act(cmd.Void, "UGMO1", reason="A test")
    assert (desk.case().status, desk.case().number) == ("void", "261101")
    desk.complain("case2")
    desk.pass_stage("register", "case2")
    assert desk.case("case2").number == "261102"


def test_a_voided_case_knows_no_objection() -> None:
    desk = a_case("closing")
    desk.act(cmd.Void, "UGMO1", reason="A test")
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.BeginRoute, "UPROD", route="objection", fields={"objection_reason": "x"})
    assert desk.open_stages() == []


def test_a_case_is_merged_into_another_open_one() -> None:
    desk = a_case("quality_analysis")
    desk.complain("case2")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.Merge, "UQUAL1", "case2", into="case1", reason="Same")
    for wrong in ("case2", "nowhere"):
        with pytest.raises(FieldErrors):
            desk.act(cmd.Merge, "UGMO1", "case2", into=wrong, reason="Same")
    desk.act(cmd.Merge, "UGMO1", "case2", into="case1", reason="Same boards")
    assert (desk.case("case2").status, desk.open_stages("case2")) == ("merged", [])
    assert [(x.other, x.link) for x in desk.case("case2").links] == [("case1", "merged")]
    assert desk.open_stages() == ["quality_analysis"]


# --- correcting ---------------------------------------------------------------------------------------------------------------------------------------------------


def amend(desk: PcbDesk, actor: str = "USALES1", reason: str = "Counted again", **fields: object) -> None:
    desk.act(cmd.Amend, actor, fields=fields, reason=reason)


def test_an_intake_field_is_corrected_with_a_reason_until_the_close() -> None:
    desk = a_case("approval_1")
    with pytest.raises(NotAuthorized):
        amend(desk, "UQUAL1", defective_quantity="200")
    with pytest.raises(FieldErrors):
        amend(desk, reason=" ", defective_quantity="200")
    with pytest.raises(FieldErrors) as refused:
        amend(desk, amount="1")
    assert refused.value.errors["amount"][0] == "not_asked"
    with pytest.raises(FieldErrors) as refused:
        amend(desk, defective_quantity="186")
    assert refused.value.errors["defective_quantity"][0] == "unchanged"
    amend(desk, defective_quantity="200")

    [change] = [s for s in desk.happened(e.FieldsSet) if s.reason]
    assert (change.fields, change.before) == ({"defective_quantity": "200"}, {"defective_quantity": "186"})
    assert desk.open_stages() == ["approval_1"]


def test_a_card_that_shows_older_facts_is_refused() -> None:
    desk = a_case("approval_1")
    seen = desk.case().facts_version
    amend(desk, defective_quantity="200")
    command = cmd.Decide(
        actor="UDGM", key="old", case_id="case1", visit=desk.visit("approval_1"), decision="approve", facts_seen=seen
    )
    with pytest.raises(FactsChanged):
        desk.submit(command)


def test_a_changed_decision_field_asks_those_again_who_decided_on_it() -> None:
    """DESIGN 8: "a changed decision field asks those again who decided on it"."""
    desk = a_case("closing")
    amend(desk, market="foreign")
    assert desk.open_stages() == ["approval_1"]
    assert desk.open_visit("approval_1").round == 2


def test_a_corrected_market_gives_the_limits_of_that_market() -> None:
    """(十)1 「國內13天國外17天」: from the same acceptance; the stage's own limit too (section 12)."""
    desk = a_case("quality_analysis")
    desk.clock.at = local("2026-11-03 10:00")
    amend(desk, market="foreign")

    assert (desk.promise().starts_at, desk.promise().due_at) == (local("2026-11-02 09:30"), local("2026-11-19 24:00"))
    running = desk.case().deadline_of(desk.visit("quality_analysis"))
    assert running is not None
    assert running.due_at == local("2026-11-05 24:00")


# --- notes, late and double clicks -----------------------------------------------------------------------------------------------------------------------------------


def test_words_in_the_thread_are_kept_apart_from_the_log() -> None:
    desk = a_case("quality_analysis")
    desk.act(cmd.AddNote, "UQUAL2", words="We had a bath change that night", channel="CPRODUCTION", ts="1.0")
    [note] = desk.happened(e.NoteAdded)
    assert desk.record.words[note.words["$words"]] == "We had a bath change that night"
    with pytest.raises(NotAuthorized):
        desk.act(cmd.AddNote, "UNOBODY", words="Hello")


def test_a_late_click_says_who_decided_and_when() -> None:
    desk = a_case("quality_analysis")
    visit = desk.visit("quality_analysis")
    desk.pass_stage("quality_analysis")
    with pytest.raises(StaleCard) as refused:
        desk.submit(desk.decision("UQUAL2", visit, **FIELDS["quality_analysis"]))
    assert (refused.value.facts["by"], refused.value.facts["at"]) == ("UQUAL1", desk.clock.at)


def test_a_second_click_of_the_same_key_changes_nothing() -> None:
    desk = a_case("quality_analysis")
    command = desk.decision("UQUAL1", desk.visit("quality_analysis"), **FIELDS["quality_analysis"])
    assert not desk.submit(command).repeated
    before = desk.case().seq

    assert desk.submit(command).repeated
    assert desk.case().seq == before


def test_the_same_case_is_not_opened_twice() -> None:
    desk = a_case("register")
    desk.complain(actor="USALES2")
    assert desk.case().reporter == "USALES1"


def test_an_act_on_no_case_is_refused() -> None:
    desk = a_case("register")
    with pytest.raises(UnknownCase):
        desk.act(cmd.Urge, "USALES1", "case9", visit=1)
    with pytest.raises(UnknownCase):
        desk.act(cmd.Urge, "USALES1", visit=99)


# --- the general manager answers an escalation ------------------------------------------------------------------------------------------------------------------------


def escalated() -> PcbDesk:
    desk = a_case("quality_analysis")
    desk.at("2026-11-05 18:00")
    assert desk.told("escalation")
    return desk


def test_he_decides_for_them_with_a_reason() -> None:
    desk = escalated()
    desk.decide("UGM", "quality_analysis", reason="Enough", instead=True, **FIELDS["quality_analysis"])
    visit = desk.case().visits[desk.visit("quality_analysis")]
    assert visit.seats[0].answer is not None
    assert (visit.decided_by, visit.seats[0].answer.capacity, visit.seats[0].answer.on_behalf_of) == (
        "UGM",
        "general_manager",
        "quality",
    )


@pytest.mark.parametrize(("to", "now_sits"), [({"member": "URND"}, "URND"), ({"role": "rnd"}, "rnd")])
def test_he_reassigns_it_to_anybody(to: dict[str, str], now_sits: str) -> None:
    desk = escalated()
    desk.act(cmd.HandOver, "UGM", visit=desk.visit("quality_analysis"), reason="Quality is overloaded", **to)
    assert desk.roles("quality_analysis") == [now_sits]
    assert desk.happened(e.EscalationAnswered)[0].how == "reassign"


def test_he_gives_time() -> None:
    desk = escalated()
    rule(desk, True, until=local("2026-11-06 24:00"), reason="The lab is full")
    assert [x.how for x in desk.happened(e.EscalationAnswered)] == ["extend"]


def test_he_calls_a_meeting() -> None:
    desk = escalated()
    with pytest.raises(NotAuthorized):
        desk.act(cmd.CallMeeting, "UDGM", visit=desk.visit("quality_analysis"), at=local("2026-11-06 10:00"))
    with pytest.raises(FieldErrors):
        desk.act(cmd.CallMeeting, "UGM", visit=desk.visit("quality_analysis"), at=local("2026-11-05 10:00"))
    desk.act(cmd.CallMeeting, "UGM", visit=desk.visit("quality_analysis"), at=local("2026-11-06 10:00"))
    assert {n.to for n in desk.told("meeting")} == {"UQUAL1", "UQUAL2", "UQHEAD", "UGMO1", "UGMO2", "USALES1"}


def test_an_escalation_of_the_case_clock_can_be_answered_too() -> None:
    """(十)1, D5: the promise is owed by whoever has the case."""
    desk = a_case("quality_analysis")
    desk.at("2026-11-14 12:00")
    desk.decide("UQUAL1", "quality_analysis", **FIELDS["quality_analysis"])
    desk.at("2026-11-16 18:00")
    assert any(n.facts["clock"] == "case" for n in desk.told("escalation"))

    desk.act(cmd.HandOver, "UGM", visit=desk.visit("production_analysis"), role="rnd", reason="Production is closed")
    assert desk.roles("production_analysis") == ["rnd"]
