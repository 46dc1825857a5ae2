"""A clock that its policy lets pause stands still: nothing of its ladder fires, and it is due later by that time."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from tests.complaints.test_policy import small
from tests.support.company import local
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

SALES, QUALITY, LAB = person("sales"), person("quality"), person("lab")
FORM = {"market": "domestic", "amount": "100", "established": True}


def policy(*pauses: str) -> dict[str, Any]:
    """The small policy, due at 24:00 on the fourth day; a laboratory outside tests before the decision."""
    raw = small()
    raw["roles"]["lab"] = {"kind": "outside"}
    raw["stages"]["test"] = {"who": "lab", "limit": "10 days"}
    raw["routes"]["main"]["path"] = ["intake", "test", "decide"]
    raw["clocks"] = {"case": {"starts": "intake done", "stops": "case closed", "limit": "4 days"}}
    if pauses:
        raw["clocks"]["case"]["pauses"] = [{"while": p, "source": "D20"} for p in pauses]
    return raw


def desk_of(*pauses: str) -> MadeDesk:
    """A desk with one case whose promise began on Monday and whose test is under way."""
    desk = MadeDesk(policy(*pauses))
    desk.log(SALES)
    desk.decide(SALES, "intake", **FORM)
    return desk


def at_decide(*pauses: str) -> MadeDesk:
    desk = desk_of(*pauses)
    desk.decide(LAB, "test")
    return desk


def fired(desk: MadeDesk) -> list[str]:
    """Return what fired of the promise, in order."""
    promise = desk.promise().id
    return [x.as_ for x in desk.happened(e.StepFired) if x.deadline == promise]


def wait(desk: MadeDesk, until: str) -> None:
    desk.act(cmd.WaitForCustomer, QUALITY, visit=desk.visit("decide"), reason="x", until=local(until))


def test_nothing_fires_while_the_clock_stands_and_the_card_says_until_when_it_would_be_due() -> None:
    desk = at_decide("waiting_for_customer")
    desk.at("2026-11-03 09:30")
    wait(desk, "2026-11-20 09:30")

    desk.at("2026-11-19 12:00")

    assert fired(desk) == []
    assert desk.promise().due_at == local("2026-11-24 00:00")


def test_it_goes_on_with_what_was_left_when_the_customer_answers_early() -> None:
    desk = at_decide("waiting_for_customer")
    desk.at("2026-11-03 09:30")
    wait(desk, "2026-11-20 09:30")
    desk.at("2026-11-10 09:30")
    desk.act(cmd.EndWaiting, QUALITY, visit=desk.visit("decide"))

    assert desk.promise().due_at == local("2026-11-14 00:00")
    desk.at("2026-11-16 12:00")
    assert fired(desk)[:2] == ["reminder", "reminder_slip"]


def test_a_decision_ends_the_waiting_and_the_time_waited_does_not_count() -> None:
    desk = at_decide("waiting_for_customer")
    desk.at("2026-11-03 09:30")
    wait(desk, "2026-11-20 09:30")
    desk.at("2026-11-12 09:30")

    desk.decide(QUALITY, "decide")

    assert desk.case().status == "finished"
    assert desk.promise().in_time is True


def test_two_who_wait_at_once_are_waited_for_once() -> None:
    desk = desk_of("waiting_for_outside", "waiting_for_customer")
    desk.at("2026-11-04 09:30")
    desk.act(cmd.WaitForCustomer, LAB, visit=desk.visit("test"), reason="x", until=local("2026-11-05 09:30"))
    desk.at("2026-11-07 09:30")

    desk.decide(LAB, "test")

    assert desk.promise().due_at == local("2026-11-12 00:00")  # five days, Monday to Saturday 09:30, not six


def test_a_turn_outside_stands_from_its_beginning_and_fires_nothing() -> None:
    desk = desk_of("waiting_for_outside")
    desk.at("2026-11-11 09:30")
    assert fired(desk) == []

    desk.decide(LAB, "test")

    assert desk.promise().due_at == local("2026-11-16 00:00")


@pytest.mark.parametrize("act", ["decide", "withdraw"])
def test_every_step_of_a_standing_clock_ends_once(act: str) -> None:
    desk = desk_of("waiting_for_outside")
    desk.at("2026-11-11 09:30")
    if act == "decide":
        desk.decide(LAB, "test")
        desk.decide(QUALITY, "decide")
    else:
        desk.act(cmd.Withdraw, SALES, reason="Solved")

    assert desk.promise().next_at is None
    assert desk.promise().steps == ()


def test_without_a_clause_waiting_stops_no_clock() -> None:
    """D20."""
    desk = at_decide()
    wait(desk, "2026-11-20 09:30")
    desk.at("2026-11-10 12:00")

    assert fired(desk)[:3] == ["reminder", "reminder_slip", "escalation"]
    assert desk.promise().due_at == local("2026-11-07 00:00")
