"""Restricted cases (GA-05): only named people know of one, at every step and in every notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import commands as cmd
from complaints.people import Absence
from complaints.refusals import FieldErrors, NotAuthorized, UnknownCase
from tests.support.desks import TestDesk
from tests.support.group import STORES, stores_desk

RULE = 'access: [{to: [branch_head], when: inside, source: "1"}], registry: clerk'
TEXT = (
    STORES.replace("registry: clerk", RULE)
    .replace("  what: {type", "  inside: yes_no\n  what: {type")
    .replace("may_fill: [store]", "may_fill: [store, inside]")
    .replace("pages: [[store, what]]", "pages: [[store, what, inside]]")
)


def restricted_desk() -> TestDesk:
    """A complaint about the staff of store 1: only the head of the branch keeps it, the store's manager handles it."""
    desk = stores_desk(text=TEXT)
    desk.log("UCLERK2", what="rude", store="store1", inside=True)
    return desk


@pytest.fixture
def desk() -> TestDesk:
    return restricted_desk()


def addressees(desk: TestDesk) -> set[str]:
    return {n.to for n in desk.record.notices}


def test_nothing_is_told_to_a_channel_or_to_people_who_are_not_named(desk):
    assert addressees(desk) == {"UCLERK2", "UNORTH", "UONE"}
    assert [n.to for n in desk.told("home")] == ["UNORTH"]
    assert [n.to for n in desk.told("approval")] == ["UONE"]


@pytest.mark.parametrize("stranger", ["UCLERK1", "UGM", "UOFFICER", "UTWO", "USOUTH"])
def test_a_stranger_gets_the_answer_of_a_case_that_is_not_there(desk, stranger):
    for act, more in (
        (cmd.AddNote, {"words": "who?"}),
        (cmd.Urge, {"visit": desk.visit("handle"), "words": ""}),
        (cmd.Void, {"reason": "x"}),
        (cmd.Amend, {"fields": {"what": "x"}, "reason": "x"}),
    ):
        with pytest.raises(UnknownCase):
            desk.act(act, stranger, **more)
    with pytest.raises(UnknownCase):
        desk.decide(stranger, "handle", "done", finding="x")


def test_who_has_the_turn_may_act_and_then_knows_no_more_of_it(desk):
    desk.decide("UONE", "handle", "done", finding="true")

    with pytest.raises(UnknownCase):
        desk.act(cmd.AddNote, "UONE", words="what now?")
    desk.decide("UNORTH", "review")


def test_lateness_climbs_to_who_keeps_the_case_not_to_the_general_manager(desk):
    desk.at("2026-11-09 12:00")

    assert {n.to for n in desk.told("escalation")} == {"UNORTH"}
    assert {str(n.merge).split(":")[1] for n in desk.record.notices if n.merge} <= addressees(desk)
    assert addressees(desk) == {"UCLERK2", "UNORTH", "UONE"}
    desk.decide("UNORTH", "handle", "done", instead=True, reason="late", finding="true")


def test_more_time_is_granted_by_who_keeps_it(desk):
    until = desk.due("handle").replace(day=4)
    desk.act(cmd.AskExtension, "UONE", visit=desk.visit("handle"), until=until, reason="ill")

    assert {n.to for n in desk.told("extension")} == {"UNORTH"}
    with pytest.raises(UnknownCase):
        desk.act(cmd.RuleExtension, "UGM", visit=desk.visit("handle"), granted=True, until=until, reason="")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.RuleExtension, "UONE", visit=desk.visit("handle"), granted=True, until=until, reason="")
    desk.act(cmd.RuleExtension, "UNORTH", visit=desk.visit("handle"), granted=True, until=until, reason="")
    assert desk.due("handle") == until


def test_a_rule_tells_nobody_outside_either():
    rule = '\nrules: [{upon: register done, tell: [tester, general_manager], as: notice, source: "1"}]\n'
    desk = stores_desk(text=TEXT + rule)
    desk.log("UCLERK2", what="rude", store="store1", inside=True)

    assert [n.to for n in desk.told("rule")] == ["UNORTH"]


def test_a_case_that_is_not_inside_stays_open_to_the_company():
    desk = stores_desk(text=TEXT)
    desk.log("UCLERK2", what="leak", store="store1", inside=False)

    assert "CSTORE1" in addressees(desk)
    desk.decide("UONE", "handle", "done", finding="pipe")
    assert [n.to for n in desk.told("approval")] == ["CSTORE1", "CNORTH"]


def test_a_case_that_becomes_restricted_goes_on_with_named_people():
    desk = stores_desk(text=TEXT)
    desk.log("UCLERK2", what="leak", store="store1", inside=False)
    before = len(desk.record.notices)
    desk.act(cmd.Amend, "UCLERK2", fields={"inside": True}, reason="it was about the staff")

    told = desk.record.notices[before:]
    assert {(n.kind, n.to) for n in told} >= {("home", "UNORTH"), ("approval", "UONE")}
    assert all(n.to in {"UNORTH", "UONE", "UCLERK2"} for n in told)
    with pytest.raises(UnknownCase):
        desk.act(cmd.AddNote, "UCLERK1", words="who?")


def test_nobody_merges_into_a_case_that_they_may_not_know(desk):
    desk.log("UCLERK1", "case2", what="leak", store="store1", inside=False)

    with pytest.raises(FieldErrors) as refused:
        desk.act(cmd.Merge, "UCLERK1", "case2", into="case1", reason="same")
    assert set(refused.value.errors) == {"into"}


@pytest.mark.parametrize("nobody", ["CGENERAL", "<!channel>", "", "S0GROUP"])
def test_no_card_of_it_goes_to_a_channel_that_somebody_names_as_a_person(desk, nobody):
    for act, more in ((cmd.AddSigner, {"place": "before"}), (cmd.HandOver, {})):
        with pytest.raises(FieldErrors):
            desk.act(act, "UONE", visit=desk.visit("handle"), member=nobody, **more)

    assert addressees(desk) == {"UCLERK2", "UNORTH", "UONE"}


def with_a_witness(text: str) -> str:
    """Return the regulation with a person in the first form who handles the complaint together with the store's manager."""
    return (
        text.replace("  store: unit\n", "  store: unit\n  witness: person\n")
        .replace("may_fill: [store", "may_fill: [witness, store")
        .replace("handle: {who: store_manager,", "handle: {who: store_manager, with: [person in witness],")
        .replace("pages: [[store,", "pages: [[witness, store,")
    )


def test_who_is_named_in_the_form_is_asked():
    desk = stores_desk(text=with_a_witness(TEXT))
    desk.log("UCLERK2", what="rude", store="store1", inside=True, witness="UWITNESS")

    assert addressees(desk) == {"UCLERK2", "UNORTH", "UONE", "UWITNESS"}


@pytest.mark.parametrize("nobody", ["CGENERAL", "Mr Wang", "<!channel>", "uwitness"])
def test_who_is_no_person_gets_no_stage_by_a_form_nor_by_a_file_of_paper_cases(nobody):
    desk = stores_desk(text=with_a_witness(TEXT))
    fields = {"what": "rude", "store": "store1", "witness": nobody}
    with pytest.raises(FieldErrors) as refused:
        desk.log("UCLERK2", inside=True, **fields)
    assert refused.value.errors["witness"][0] == "no_member"

    paper = cmd.ImportCase(
        actor="import", key="paper", case_id="paper", policy="stores", old_number="7", received_at=desk.clock.at,
        clock_started_at=desk.clock.at, stage="handle", reporter="UCLERK2", fields=fields,
    )  # fmt: skip
    with pytest.raises(FieldErrors) as refused:
        desk.desk.submit(paper).result()
    assert set(refused.value.errors) == {"witness"}
    assert addressees(desk) == set()


def test_a_duty_that_it_sets_off_is_as_restricted_for_it_names_the_case():
    duty = '\nduties: {check_up: {upon: register done, by: 2 working days, who: clerk, source: "1"}}\n'
    desk = stores_desk(text=TEXT + duty)
    desk.log("UCLERK2", what="rude", store="store1", inside=True)
    (check_up,) = [c for c in desk.record.cases.values() if c.kind == "duty"]

    assert check_up.period == desk.case().name
    assert {n.to for n in desk.record.notices if n.case_id == check_up.id} == {"UCLERK1", "UCLERK2"}
    with pytest.raises(UnknownCase):
        desk.act(cmd.AddNote, "UGM", check_up.id, words="who?")


def test_the_new_complaint_of_who_refused_its_outcome_is_as_restricted_for_it_names_the_case(desk):
    fields = {"store": "store1", "what": "again"}
    desk.submit(
        cmd.OpenCase(
            actor="UCLERK2", key="again", case_id="case2", policy="stores", via="parent", parent="case1", link="refused",
            fields=fields,
        )
    )  # fmt: skip

    assert {n.to for n in desk.record.notices if n.case_id == "case2"} <= {"UCLERK1", "UCLERK2", "UNORTH"}
    with pytest.raises(UnknownCase):
        desk.act(cmd.AddNote, "UGM", "case2", words="who?")


def test_the_log_alone_adds_up_to_the_case(desk):
    desk.decide("UONE", "handle", "done", finding="true")
    desk.decide("UNORTH", "review")

    assert desk.rebuilt() == desk.case()


def test_who_stands_in_for_somebody_away_knows_of_it_and_acts():
    """The policy names him instead of the chain; unknown to him the stage would wait for nobody."""
    desk = stores_desk(text=TEXT.replace("handle: {who: store_manager,", "handle: {who: store_manager, absent: clerk,"))
    away = Absence(member="UONE", from_at=desk.clock.at, until_at=desk.clock.at + timedelta(days=9))
    desk.settings.people = replace(desk.plan, absences=(away,))
    desk.log("UCLERK2", what="rude", store="store1", inside=True)

    assert {n.to for n in desk.told("approval")} == {"UCLERK1", "UCLERK2", "UNORTH"}
    desk.decide("UCLERK1", "handle", "done", finding="true")
    with pytest.raises(UnknownCase):
        desk.act(cmd.AddNote, "UCLERK1", words="what now?")
