"""Summer time begins and ends: limits run out at the right instant, shares are those of the time that passes, steps fire once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from complaints.events import DeadlineSet, StepFired, StepSuperseded
from complaints.ladder import before_due
from complaints.limits import due_at, parse_limit, share_at
from complaints.quiet import Quiet, next_allowed
from complaints.workdays import WorkCalendar, week_of
from tests.chaos.company import policy
from tests.support.desks import TestDesk
from tests.support.made_desk import made
from tests.support.policy_desk import person, plan_of

BERLIN = ZoneInfo("Europe/Berlin")
AROUND = WorkCalendar(timezone=BERLIN, week=week_of("mon-sun", "00:00-24:00"))
"""A desk that never closes, so that the hours that come twice or not at all are working hours."""
DAYTIME = WorkCalendar(timezone=BERLIN, week=week_of("mon-sun", "09:00-17:00"))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("limit", "start", "due"),
    [
        # 25 October 2026 has 25 hours: 02:00 to 03:00 comes twice
        ("24 hours", "2026-10-24T12:00+02:00", "2026-10-25T11:00+01:00"),
        ("90 minutes", "2026-10-25T02:00+02:00", "2026-10-25T02:30+01:00"),
        ("1 day", "2026-10-24T12:00+02:00", "2026-10-26T00:00+01:00"),
        ("1 day to the hour", "2026-10-24T12:00+02:00", "2026-10-25T12:00+01:00"),
        ("1 day to the hour", "2026-10-24T02:30+02:00", "2026-10-25T02:30+02:00"),
        ("1 month to the hour", "2026-09-25T02:30+02:00", "2026-10-25T02:30+02:00"),
        ("6 working hours", "2026-10-25T00:00+02:00", "2026-10-25T05:00+01:00"),
        ("25 working hours", "2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00"),
        ("1 working day to the hour", "2026-10-24T09:00+02:00", "2026-10-25T09:00+01:00"),
        ("same day", "2026-10-25T02:30+01:00", "2026-10-26T00:00+01:00"),
        ("next day 02:30", "2026-10-24T23:00+02:00", "2026-10-25T02:30+02:00"),
        # 28 March 2027 has 23 hours: 02:00 to 03:00 is left out
        ("24 hours", "2027-03-27T12:00+01:00", "2027-03-28T13:00+02:00"),
        ("1 day", "2027-03-27T12:00+01:00", "2027-03-29T00:00+02:00"),
        ("1 day to the hour", "2027-03-27T12:00+01:00", "2027-03-28T12:00+02:00"),
        ("next day 02:30", "2027-03-27T10:00+01:00", "2027-03-28T03:30+02:00"),
        ("6 working hours", "2027-03-28T00:00+01:00", "2027-03-28T07:00+02:00"),
        ("23 working hours", "2027-03-28T00:00+01:00", "2027-03-29T00:00+02:00"),
        ("same day", "2027-03-28T01:00+01:00", "2027-03-29T00:00+02:00"),
    ],
)
def test_a_limit_over_the_change_runs_out_at_the_right_instant(limit: str, start: str, due: str) -> None:
    assert due_at(parse_limit(limit), instant(start), AROUND).at == instant(due)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00", 25),
        ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", 1),
        ("2027-03-28T00:00+01:00", "2027-03-29T00:00+02:00", 23),
        ("2027-03-28T01:59+01:00", "2027-03-28T03:01+02:00", Decimal(2) / 60),
    ],
)
def test_working_time_is_what_the_clock_lets_pass(start: str, end: str, hours: float) -> None:
    assert AROUND.working_between(instant(start), instant(end)) == timedelta(hours=float(hours))


def test_a_share_of_a_limit_is_a_share_of_the_time_that_passes() -> None:
    start = instant("2026-10-24T17:00+02:00")

    at = share_at(parse_limit("1 day"), start, AROUND, Decimal("0.5"))

    assert at == instant("2026-10-25T08:00+01:00")  # half of the 32 hours until the day ends


def test_a_day_before_the_end_of_a_day_is_the_end_of_the_day_before() -> None:
    """The end of Sunday, that day of 25 or 23 hours, less a day."""
    for due, before in (
        ("2026-10-26T00:00+01:00", "2026-10-25T00:00+02:00"),
        ("2027-03-29T00:00+02:00", "2027-03-28T00:00+01:00"),
    ):
        assert before_due(parse_limit("1 day"), instant(due), AROUND) == instant(before)


def test_quiet_hours_end_when_the_wall_says_so() -> None:
    quiet = Quiet(free_days=False)
    for night, morning in (
        ("2026-10-25T02:30+01:00", "2026-10-25T08:00+01:00"),
        ("2027-03-28T01:30+01:00", "2027-03-28T08:00+02:00"),
    ):
        assert next_allowed(instant(night), DAYTIME, quiet) == instant(morning)


# --- the tick over the hour that comes twice, and the one that is left out ------------------------------------------


class BerlinDesk(TestDesk):
    """A desk in Berlin whose stages have hours around the clock."""

    __test__ = False

    def __init__(self, now: str) -> None:
        raw = policy()
        for stage, limit in (("handle", "3 working hours"), ("confirm", "2 hours")):
            raw["stages"][stage]["limit"]["is"] = limit
        loaded = made(raw)
        plan = plan_of(loaded, timezone="Europe/Berlin")
        super().__init__(policy=loaded.id, loaded=loaded, plan=plan, calendar=AROUND)
        self.clock.at = instant(now)


@pytest.mark.parametrize("began", ["2026-10-24T23:30+02:00", "2026-10-25T02:10+02:00", "2027-03-28T00:30+01:00"])
@pytest.mark.parametrize("minutes", [1, 7, 60])
def test_every_step_fires_once_with_the_first_tick_after_its_instant(began: str, minutes: int) -> None:
    desk = BerlinDesk(began)
    desk.log(person("reception"), customer="C-0001", what_happened="It broke")
    desk.clock.at += timedelta(minutes=10)
    desk.log(person("reception"), case_id="case2", customer="C-0001", what_happened="It broke too")
    desk.decide(person("department"), "handle", "approve", case_id="case2", finding="So it is")
    set_ = {
        (log, e.event.deadline, step.id): step.send_at
        for log in ("case1", "case2")
        for e in desk.record.logs[log]
        if isinstance(e.event, DeadlineSet)
        for step in e.event.steps
    }
    until = instant(began) + timedelta(hours=12)
    tick = timedelta(minutes=minutes)

    while desk.clock.at < until:
        desk.clock.at += tick
        desk.tick()

    ended = [
        ((log, e.event.deadline, e.event.step), e.at)
        for log in ("case1", "case2")
        for e in desk.record.logs[log]
        if isinstance(e.event, StepFired | StepSuperseded)
    ]
    of_first_turns = [(of, at) for of, at in ended if of in set_]
    assert len(of_first_turns) == len(dict(of_first_turns))
    assert {of for of, due in set_.items() if due <= desk.clock.at - tick} <= dict(of_first_turns).keys() | decided(
        desk
    )
    assert all(set_[of] <= at < set_[of] + tick for of, at in of_first_turns)


def decided(desk: BerlinDesk) -> set[tuple[str, int, str]]:
    """Return the steps that ended with their stage."""
    return {
        (log, number, step.id)
        for log in ("case1", "case2")
        for number, deadline in desk.case(log).deadlines.items()
        if deadline.ended is not None
        for e in desk.record.logs[log]
        if isinstance(e.event, DeadlineSet) and e.event.deadline == number
        for step in e.event.steps
    }
