"""When a reminder may go out: quiet hours, free days, and what comes before the due time all the same."""

from datetime import time

import pytest

from complaints.quiet import Quiet, next_allowed, previous_allowed, sending_time
from tests.complaints.test_limits import DESK, at

QUIET = Quiet(since=time(20), until=time(8))


@pytest.mark.parametrize(
    ("when", "allowed"),
    [
        ("2026-03-02T10:00", "2026-03-02T10:00"),
        ("2026-03-02T20:00", "2026-03-03T08:00"),
        ("2026-03-03T03:00", "2026-03-03T08:00"),
        ("2026-03-07T10:00", "2026-03-09T08:00"),
        ("2026-04-04T10:00", "2026-04-07T08:00"),
        ("2026-03-14T10:00", "2026-03-14T10:00"),  # a make-up Saturday
    ],
)
def test_a_reminder_waits_for_the_next_allowed_hour(when, allowed):
    assert next_allowed(at(when), DESK, QUIET) == at(allowed)


@pytest.mark.parametrize(
    ("before", "allowed"),
    [
        ("2026-03-02T10:00", "2026-03-02T09:59"),
        ("2026-03-03T00:00", "2026-03-02T19:59"),
        ("2026-03-03T08:00", "2026-03-02T19:59"),
        ("2026-03-09T00:00", "2026-03-06T19:59"),
    ],
)
def test_the_last_allowed_minute_before_an_instant(before, allowed):
    assert previous_allowed(at(before), DESK, QUIET) == at(allowed)


def test_a_reminder_comes_before_the_due_time_even_over_a_weekend():
    """80 % falls on Saturday, the limit ends on Sunday at 24:00: Friday evening is the last allowed time."""
    assert sending_time(at("2026-03-07T12:00"), at("2026-03-09T00:00"), DESK, QUIET) == at("2026-03-06T19:59")


def test_a_reminder_that_would_come_before_the_limit_began_goes_out_as_meant():
    when, due_time, started = at("2026-03-07T12:00"), at("2026-03-07T13:00"), at("2026-03-07T08:00")

    assert sending_time(when, due_time, DESK, QUIET, not_before=started) == when


def test_without_quiet_hours_a_reminder_goes_out_as_meant():
    assert next_allowed(at("2026-03-08T03:00"), DESK, None) == at("2026-03-08T03:00")


def test_quiet_hours_by_day_leave_the_evening():
    by_day = Quiet(since=time(12), until=time(13), free_days=False)

    assert next_allowed(at("2026-03-08T12:10"), DESK, by_day) == at("2026-03-08T13:00")
    assert previous_allowed(at("2026-03-08T12:30"), DESK, by_day) == at("2026-03-08T11:59")
