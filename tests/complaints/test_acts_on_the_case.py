"""Acts on the case as a whole: withdrawing, voiding, merging, correcting, notes, late clicks, answers to an escalation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.people import Deputy
from complaints.refusals import (
    FactsChanged,
    FieldErrors,
    NotAllowedHere,
    NotAuthorized,
    Recused,
    StaleCard,
    UnknownCase,
)
from tests.complaints.test_policy import small
from tests.support.company import local
from tests.support.made_desk import MadeDesk
from tests.support.pcb import FIELDS, MAIN_ROUTE, PcbDesk, a_case
from tests.support.policy_desk import person

STRAIGHT = [s for s in MAIN_ROUTE if s not in ("rnd_opinion", "confirm_not_established")]
DECIDERS = {"approval_1": "UDGM", "final_decision": "UDGM"}


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
    desk.act(
        cmd.RuleExtension, "UGM", visit=desk.visit("quality_analysis"), granted=True, until=local("2026-11-06 24:00"),
        reason="The lab is full",
    )  # fmt: skip
    assert [x.how for x in desk.happened(e.EscalationAnswered)] == ["extend"]


def test_he_calls_a_meeting() -> None:
    desk = escalated()
    with pytest.raises(NotAuthorized):
        desk.act(cmd.CallMeeting, "UDGM", visit=desk.visit("quality_analysis"), at=local("2026-11-06 10:00"))
    with pytest.raises(FieldErrors):
        desk.act(cmd.CallMeeting, "UGM", visit=desk.visit("quality_analysis"), at=local("2026-11-05 10:00"))
    desk.act(cmd.CallMeeting, "UGM", visit=desk.visit("quality_analysis"), at=local("2026-11-06 10:00"))
    assert {n.to for n in desk.told("meeting")} == {"UQUAL1", "UQUAL2", "UQHEAD", "UGMO1", "UGMO2", "USALES1"}


def test_who_only_looked_while_it_was_his_turn_may_not_look_when_his_days_are_over() -> None:
    """Who acted is of the case for good; a look is recorded and gives nobody a right."""
    desk = a_case("quality_analysis")
    now, plan = desk.clock.at, desk.settings.people
    days = tuple(Deputy(member=who, from_at=now, until_at=now + timedelta(hours=2)) for who in ("ULOOKS", "UASKS"))
    desk.settings.people = replace(plan, roles={**plan.roles, "quality": replace(plan.roles["quality"], deputies=days)})
    desk.act(cmd.ShowMasked, "ULOOKS", what="contact")
    desk.act(cmd.ShowMasked, "UASKS", what="contact")
    desk.act(cmd.AskReporter, "UASKS", visit=desk.visit("quality_analysis"), words="Which lot?")
    desk.settings.people = plan

    with pytest.raises(NotAuthorized):
        desk.act(cmd.ShowMasked, "ULOOKS", what="contact")
    desk.act(cmd.ShowMasked, "UASKS", what="contact")


def test_an_escalation_of_the_case_clock_can_be_answered_too() -> None:
    """(十)1, D5: the promise is owed by whoever has the case."""
    desk = a_case("quality_analysis")
    desk.at("2026-11-14 12:00")
    desk.decide("UQUAL1", "quality_analysis", **FIELDS["quality_analysis"])
    desk.at("2026-11-16 18:00")
    assert any(n.facts["clock"] == "case" for n in desk.told("escalation"))

    desk.act(cmd.HandOver, "UGM", visit=desk.visit("production_analysis"), role="rnd", reason="Production is closed")
    assert desk.roles("production_analysis") == ["rnd"]


@pytest.mark.parametrize(
    ("field", "value", "may"), [("amount", "5000", False), ("market", "foreign", False), ("remark", "urgent", True)]
)
def test_who_corrected_what_the_way_goes_by_does_not_approve_it(field: str, value: str, may: bool) -> None:
    """Nobody approves what he proposed: the registry lowers an amount until it is its own to approve. A colleague may."""
    raw = small()
    raw["policy"]["registry"] = "quality"
    raw["fields"]["remark"] = "text"
    raw["stages"]["check"] = {"who": "sales", "limit": "1 day"}
    raw["stages"]["intake"]["may_fill"] = ["remark"]
    raw["routes"]["main"]["path"] = ["intake", "check", "decide"]
    raw["intake"] = {"stages": ["intake"], "pages": [["market", "amount", "established", "remark"]]}
    desk = MadeDesk(raw)
    amender, colleague = person("quality"), person("quality", 2)
    desk.log(person("sales"), market="domestic", amount="5001", established=True, remark="?")
    desk.act(cmd.Amend, amender, fields={field: value}, reason="misread")
    desk.decide(person("sales", 2), "check")

    if not may:
        with pytest.raises(Recused) as refused:
            desk.decide(amender, "decide")
        assert refused.value.reason == "self_approval"
    desk.decide(amender if may else colleague, "decide")
    assert desk.open_stages() == []
