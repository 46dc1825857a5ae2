"""A calendar changes while a case is open: what is still to come moves, time already used never does (DESIGN 4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.workdays import Closure, WorkCalendar
from tests.complaints.test_policy import small
from tests.support.company import a_calendar, closed_at, local
from tests.support.desks import TestDesk
from tests.support.made_desk import MadeDesk
from tests.support.pcb import a_case
from tests.support.policy_desk import person

FORM = {
    "customer": "C-0417", "part_no": "P4", "what_happened": "black pads", "order_no": "SO1", "shipped_on": "2026-10-26",
    "quantity": "2400", "defective_quantity": "186", "wants": "exchange", "return_quantity": "186", "demand": "replace",
    "loss_caused": True, "survey_needed": False, "defect_sample": True, "sales_remark": "urgent",
}  # fmt: skip


def closed_on(*days: str) -> WorkCalendar:
    closures = tuple(
        Closure(since=date.fromisoformat(day), until=date.fromisoformat(day), why="typhoon") for day in days
    )
    return closed_at(a_calendar(), *closures)


def recompute(desk: TestDesk, new: WorkCalendar) -> None:
    old = a_calendar()
    desk.settings.calendars = lambda: {"main": new}
    desk.desk.past_calendars = lambda: (old, new)
    desk.submit(cmd.RecomputeDeadlines(actor=cmd.CLOCK, key=desk.key(), case_id="case1"))


@pytest.fixture
def desk() -> TestDesk:
    """Return a desk with a case that waits for its registration: 2 working hours from Monday 17:30."""
    desk = TestDesk(now="2026-11-02 17:30")
    desk.log(**FORM)
    return desk


def test_a_closed_day_to_come_moves_the_due_time(desk: TestDesk) -> None:
    """Half an hour was left of Monday, so an hour and a half stand on Tuesday; Tuesday closes, so on Wednesday."""
    before = desk.case().deadline_of(desk.visit("register"))
    recompute(desk, closed_on("2026-11-03"))
    after = desk.case().deadline_of(desk.visit("register"))

    assert before is not None
    assert after is not None
    assert (before.due_at, after.due_at) == (local("2026-11-03 10:30"), local("2026-11-04 10:30"))


def test_time_already_used_is_not_given_back(desk: TestDesk) -> None:
    """At 10:00 on Tuesday an hour and a half are used: a closure declared for that morning takes none of it back."""
    desk.clock.at = local("2026-11-03 10:00")
    recompute(desk, closed_on("2026-11-03"))
    after = desk.case().deadline_of(desk.visit("register"))

    assert after is not None
    assert after.due_at == local("2026-11-04 09:30")


def test_a_second_closure_moves_it_again_and_taking_both_back_moves_it_back(desk: TestDesk) -> None:
    """Tuesday closes, then Wednesday too, then both open again."""
    due = []
    for days in (("2026-11-03",), ("2026-11-03", "2026-11-04"), ()):
        change(desk, closed_on(*days))
        due.append(desk.case().deadline_of(desk.visit("register")).due_at)

    assert due == [local(f"2026-11-{day} 10:30") for day in ("04", "05", "03")]


def test_what_was_used_before_the_first_change_stays_used_after_the_second(desk: TestDesk) -> None:
    """At 10:00 on Tuesday an hour and a half are used. Tuesday closes for the rest of the day, then Wednesday."""
    desk.clock.at = local("2026-11-03 10:00")
    change(desk, closed_on("2026-11-03"))
    desk.clock.at = local("2026-11-03 11:00")
    change(desk, closed_on("2026-11-03", "2026-11-04"))

    assert desk.case().deadline_of(desk.visit("register")).due_at == local("2026-11-05 09:30")


def test_a_granted_extension_stays_as_it_was_granted(desk: TestDesk) -> None:
    desk.at("2026-11-03 09:30")
    visit = desk.visit("register")
    desk.act(cmd.AskExtension, "UGMO1", visit=visit, until=local("2026-11-03 12:00"), reason="sample")
    desk.act(cmd.RuleExtension, "UGM", visit=visit, granted=True, until=local("2026-11-03 12:00"), reason="")

    change(desk, closed_on("2026-11-03"))

    assert desk.case().deadline_of(visit).due_at == local("2026-11-03 12:00")


def test_a_limit_that_goes_on_since_a_decision_was_taken_back_follows_what_closed_meanwhile() -> None:
    """It had ended with the decision, so that the change passed it by: it would run out on a closed day, and never move again."""
    desk = a_case("gm_office_check")  # the same day
    visit = desk.visit("gm_office_check")
    desk.pass_stage("gm_office_check")
    change(desk, closed_on("2026-11-02"))
    desk.take_back("UGMO1", visit)

    assert desk.due("gm_office_check") == local("2026-11-03 18:00")


def test_more_time_that_was_granted_stays_granted_when_a_decision_is_taken_back() -> None:
    desk = a_case("quality_analysis")
    visit, until = desk.visit("quality_analysis"), desk.due("quality_analysis") + timedelta(hours=20)
    desk.act(cmd.RuleExtension, "UGM", visit=visit, granted=True, until=until, reason="sample")
    desk.pass_stage("quality_analysis")
    desk.take_back("UQUAL1", visit)
    assert desk.due("quality_analysis") == until

    change(desk, closed_on("2026-11-06"))

    assert desk.due("quality_analysis") == until


def test_nobody_is_reminded_again_when_a_limit_moves_whose_reminder_is_over() -> None:
    """Eight working days run out on Thursday the 12th; that day closes when the reminder, four fifths in, has come."""
    raw = small()
    raw["clocks"] = {"case": {"starts": "intake done", "stops": "case closed", "limit": "8 working days"}}
    desk = MadeDesk(raw)
    desk.log(person("sales"))
    desk.decide(person("sales"), "intake", market="domestic", amount="100", established=True)
    desk.at("2026-11-11 18:00")
    fired = [f.step for f in desk.happened(e.StepFired) if f.deadline == desk.promise().id]
    change(desk, closed_on("2026-11-12"))
    desk.at("2026-11-12 23:00")

    assert fired == ["0.1"]
    assert desk.promise().due_at == local("2026-11-13 18:00")
    assert [f.step for f in desk.happened(e.StepFired) if f.deadline == desk.promise().id] == fired


def change(desk: TestDesk, new: WorkCalendar) -> None:
    """Let the desk count by *new* from now on, as it does when the tick finds a changed calendar."""
    known = getattr(desk, "counted_with", (a_calendar(),))
    desk.counted_with = (*known, new)
    desk.settings.calendars = lambda: {"main": new}
    desk.desk.past_calendars = lambda: desk.counted_with
    desk.submit(cmd.RecomputeDeadlines(actor=cmd.CLOCK, key=desk.key(), case_id="case1"))


def test_calendar_days_do_not_move(desk: TestDesk) -> None:
    """The promise of 13 days runs over holidays and closures (D2)."""
    desk.decide("UGMO1", "register", "accept")
    promise = desk.case().clock("case")
    recompute(desk, closed_on("2026-11-03", "2026-11-04"))
    again = desk.case().clock("case")

    assert promise is not None
    assert again is not None
    assert promise.due_at == again.due_at


def test_what_did_not_move_leaves_no_trace(desk: TestDesk) -> None:
    recompute(desk, closed_on("2026-12-24"))

    assert desk.happened(e.DeadlineMoved) == []
