"""Complaint rules of a film festival (docs/examples): a regulation of a kind that no shipped one resembles loads, is clean and runs."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from complaints import commands as cmd
from complaints.events import RegisterEntered
from complaints.facts import Facts
from complaints.policy import LoadedPolicy
from complaints.policy_checks import check_policy
from complaints.policy_papers import Numbering
from complaints.policy_show import policy_show
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from complaints.rehearsal import Assumptions
from complaints.simulation import rehearse
from complaints.triggers import format_number
from storage.policy_files import load_bundle
from tests.support.company import a_calendar, local
from tests.support.desks import TestDesk
from tests.support.policy_desk import PolicyDesk, person, plan_of

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
ID = "film-festival"
COMPLAINT: dict[str, Any] = {
    "visitor": "C-0417", "channel": "letter", "request": "complaint", "content": "projection", "screening": "Nosferatu, hall 2",
    "screened_on": "2026-10-30", "made_on": "2026-11-02", "what_happened": "No sound", "access_disabled": False,
}  # fmt: skip
OTHER = {name: value for name, value in COMPLAINT.items() if name not in ("content", "access_disabled")}


@cache
def the_policy() -> LoadedPolicy:
    return load_bundle(EXAMPLES, ID)


class Festival(PolicyDesk):
    __test__ = False
    usual = {
        "examine": {"copy_suspect": False},
        "opinion": {"opinion_text": "Worn at reel 3"},
        "handle": {"finding": "The amplifier failed", "price": "40"},
        "answer": {"answer_given": "We are sorry", "answer_by": "letter"},
        "tell_refusal": {"answer_given": "Too late", "answer_by": "letter"},
        "consider": {"finding": "A good thought"},
        "jury": {"protest_result": "upheld"},
        "director_ends": {"final_word": "This is our last word"},
    }  # fmt: skip

    def __init__(self, now: str = "2026-11-02 10:00") -> None:
        loaded = the_policy()
        TestDesk.__init__(self, policy=ID, now=now, loaded=loaded, plan=plan_of(loaded), calendar=a_calendar("CN"))

    def reached(self, *, solved: bool) -> None:
        fields = {"mark": 4, "solved": solved}
        self.act(cmd.LogCall, person("volunteers"), visit=self.visit("call"), result="reached", fields=fields)


def a_case(**changes: Any) -> Festival:
    desk = Festival()
    desk.log(actor=person("guest_relations"), **COMPLAINT | changes)
    return desk


def known(desk: Festival) -> Facts:
    return Facts(desk.case(), desk.desk.world(desk.record, the_policy(), desk.clock.now()))


def picked(desk: Festival, table: str) -> Any:
    return the_policy().policy.tables[table].pick(known(desk))


def computed(desk: Festival, field: str) -> Any:
    formula = the_policy().policy.fields[field].is_
    assert formula is not None
    return formula.value(known(desk))


def test_the_file_is_clean() -> None:
    assert [f for f in check_policy(the_policy().policy) if f.severity == "error"] == []


def test_ten_cases_are_rehearsed_and_none_gets_stuck() -> None:
    found = rehearse(the_policy(), Assumptions(cases=10), a_calendar("CN"), local("2026-11-02 09:00"))

    assert (found.opened, found.finished, found.stuck) == (10, 10, [])


@pytest.mark.parametrize(
    ("fields", "stage"),
    [(COMPLAINT, "admit"), (OTHER | {"request": "protest"}, "jury"), (OTHER | {"request": "suggestion"}, "consider")],
)
def test_the_request_picks_the_way(fields: dict[str, Any], stage: str) -> None:
    desk = Festival()
    case = desk.log(actor=person("guest_relations"), **fields)

    assert desk.open_stages() == [stage]
    assert case.number == "FF2026/0001"  # 2


def test_a_complaint_goes_its_whole_way() -> None:
    desk = a_case().to("examine")
    assert desk.roles("examine") == ["technical_director"]  # 4
    desk.to("handle")
    assert desk.due("handle") == local("2026-11-02 22:00")  # 5: 12 working hours of the festival's day from 10:00
    desk.to("approve")
    assert not desk.may_reply()  # 10
    desk.to("answer")
    assert desk.may_reply()
    desk.to("call")
    assert desk.case().outcome == "decided"
    desk.reached(solved=True)
    assert desk.open_stages() == []


@pytest.mark.parametrize(
    ("price", "paid", "role"),
    [("50", "50", "box_office"), ("51", "51", "house_manager"), ("500", "300", "house_manager"), ("502", "301", "festival_director"), ("1100", "600", "festival_director"), ("9000", "600", "festival_director")],
)  # fmt: skip
def test_compensation_has_two_tiers_and_a_cap_and_picks_who_approves(price: str, paid: str, role: str) -> None:
    desk = a_case().to("approve", price=price)

    assert desk.roles("approve") == [role]  # 9
    assert computed(desk, "compensation") == Decimal(paid)  # 8


def test_the_opinion_stops_the_limit_of_the_case() -> None:
    desk = a_case()
    before = desk.promise().due_at
    desk.to("opinion", copy_suspect=True)
    desk.at("2026-11-05 10:00")
    desk.to("handle")

    assert desk.promise().due_at - before == timedelta(days=3)  # 6


def test_what_somebody_inside_does_stops_nothing() -> None:
    desk = a_case().to("examine")
    before = desk.promise().due_at
    desk.at("2026-11-03 10:00")
    desk.to("handle")

    assert desk.promise().due_at == before


def test_a_late_complaint_is_refused_with_a_reason_and_told_in_writing() -> None:
    desk = a_case(screened_on="2026-10-18")
    assert picked(desk, "not_admissible") == ("too_late",)  # 3: 15 days
    desk.decide(person("house_manager"), "admit", "refuse", reason="15 days after the screening")

    assert (desk.case().outcome, desk.open_stages()) == ("not_admitted", ["tell_refusal"])
    with pytest.raises((FieldErrors, NotAllowedHere)):
        desk.decide(person("guest_relations"), "tell_refusal", answer_given="Too late", answer_by="telephone")
    desk.go("tell_refusal")


def test_fourteen_days_are_in_time() -> None:
    assert picked(a_case(screened_on="2026-10-19"), "not_admissible") == ()  # 3


def test_not_solved_is_handled_once_more_and_then_the_director_ends_it() -> None:
    desk = a_case().to("call")
    desk.reached(solved=False)
    assert desk.open_stages() == ["handle"]  # 11
    desk.to("call").reached(solved=False)

    assert desk.open_stages() == ["director_ends"]


def test_three_calls_without_an_answer_go_on_the_list() -> None:
    desk = a_case().to("call")
    for hour in ("11:00", "15:00", "19:00"):
        desk.at(f"2026-11-02 {hour}")
        desk.act(cmd.LogCall, person("volunteers"), visit=desk.visit("call"), result="no_answer")

    assert desk.open_stages() == []
    assert [e.register for e in desk.happened(RegisterEntered)] == ["unreached_visitors"]  # 11


def a_protest() -> Festival:
    desk = Festival()
    desk.log(actor=person("guest_relations"), **OTHER | {"request": "protest"})
    return desk


def test_a_jury_that_does_not_agree_leaves_it_to_the_director() -> None:
    desk = a_protest()
    desk.decide(person("technical_director"), "jury", "disagree", reason="The copy was sound")
    with pytest.raises(NotAuthorized):
        desk.decide(person("programme_director"), "jury", protest_result="upheld")

    desk.decide(person("festival_director"), "jury", protest_result="dismissed")

    assert desk.case().fields["protest_result"] == "dismissed"
    assert desk.open_stages() == ["answer"]


def more_time(desk: Festival, until: str, by: str = "festival_director", reason: str = "Abroad") -> None:
    moment = local(until)
    desk.act(cmd.RuleExtension, person(by), visit=desk.visit("jury"), granted=True, until=moment, reason=reason)


def test_the_director_alone_gives_the_jury_a_month_more_once_with_a_reason() -> None:
    desk = a_protest()
    with pytest.raises(NotAuthorized):
        more_time(desk, "2027-01-20 24:00", by="programme_director")
    with pytest.raises(FieldErrors) as without_reason:
        more_time(desk, "2027-01-20 24:00", reason=" ")
    assert set(without_reason.value.errors) == {"reason"}
    with pytest.raises(FieldErrors) as too_long:
        more_time(desk, "2027-02-03 24:00")
    assert set(too_long.value.errors) == {"until"}

    more_time(desk, "2027-02-02 24:00")

    assert desk.due("jury") == local("2027-02-02 24:00")
    with pytest.raises(NotAllowedHere):
        more_time(desk, "2027-02-20 24:00")


def test_the_jury_agrees_or_the_director_decides() -> None:
    desk = a_protest()
    assert desk.roles("jury") == ["programme_director", "technical_director", "guest_relations"]  # 7
    with pytest.raises(NotAuthorized):  # the head of guest relations, nobody else of it
        desk.decide(person("guest_relations"), "jury")
    assert desk.due("jury") == local("2027-01-02 24:00")
    desk.go("jury")

    assert desk.open_stages() == ["answer"]
    assert [e.register for e in desk.happened(RegisterEntered)] == ["protests"]  # 14


def test_access_is_urgent_and_told_at_once() -> None:
    desk = a_case(content="seats", access_disabled=True)
    assert picked(desk, "urgency") == "urgent"  # 13
    assert person("festival_director") in {n.to for n in desk.record.notices}
    assert person("festival_director") not in {n.to for n in a_case(content="seats").record.notices}
    desk.to("handle")

    assert desk.due("handle") == local("2026-11-02 13:00")


def test_the_ombudsperson_decides_an_appeal_within_ten_days() -> None:
    desk = a_case().to("call")
    desk.at("2026-11-12 10:00")
    desk.act(cmd.BeginRoute, person("guest_relations"), route="appeal_route", fields={"appeal_grounds": "Too little"})
    with pytest.raises(NotAuthorized):
        desk.decide(person("technical_director"), "appeal", "confirm", appeal_decision="No")

    assert "appeal" in desk.open_stages()  # 12


def test_the_owner_reads_every_clause_in_the_printed_policy() -> None:
    text = policy_show(the_policy())

    assert "if they disagree Festival director decides" in text  # 7
    assert "Festival director may extend it, at most 1 times and by 1 month" in text  # 7
    assert "stands still while somebody outside is waited for" in text  # 6
    assert "at most 3 attempts, 4 hours apart, then" in text  # 11
    assert "never by" in text  # 12
    assert "working days are Monday to Sunday; working hours are 10:00-22:00" in text  # 5
    assert "“Refuse” is proposed if any of" in text  # 3
    assert "with a reason: Refuse" in text  # 3
    assert "up to 100: 100 %; beyond: 50 %" in text  # 8
    assert "each line opens “Complaint”" in text  # 16
    assert "signed by Festival director" in text  # 15
    assert "a line is entered when “Jury” is done; columns: " in text  # 14


@pytest.mark.parametrize(
    ("pattern", "number"), [("FFYYYY/NNNN", "FF2026/0007"), ("ON-YYMM.NN", "ON-2611.07"), ("YYYYMM-NNN", "202611-007")]
)
def test_letters_of_a_number_stand_as_written(pattern: str, number: str) -> None:
    assert format_number(pattern, 2026, 11, 2, 7) == number


def test_a_wrong_pattern_of_a_number_says_how_to_write_one() -> None:
    raw = {"pattern": "ff #", "at": "enter", "source": "2"}

    with pytest.raises(ValueError, match=r"capital letters.*FF-YYYY/NNNN"):
        Numbering.model_validate(raw)
