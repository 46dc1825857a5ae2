"""Duties that come back open once for each period, on its first working day."""

import pytest

from complaints.duties import due_duties
from complaints.periods import period_of
from tests.support.company import a_calendar, local
from tests.support.desks import bundle


@pytest.mark.parametrize(
    ("every", "day", "period"),
    [
        ("day", "2026-11-20", "2026-11-20"),
        ("week", "2027-01-01", "2026-W53"),
        ("month", "2026-11-30", "2026-11"),
        ("quarter", "2026-10-01", "2026-Q4"),
        ("quarter", "2026-09-30", "2026-Q3"),
        ("year", "2026-12-31", "2026"),
    ],
)
def test_a_day_belongs_to_its_period(every: str, day: str, period: str) -> None:
    assert period_of(every, local(f"{day} 12:00").date()).name == period


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-01 10:00", []),  # the first is a Sunday
        ("2026-11-02 08:59", []),  # Monday, before office hours
        ("2026-11-02 09:00", ["2026-11", "2026-11"]),
        ("2026-11-30 23:00", ["2026-11", "2026-11"]),
    ],
)
def test_the_monthly_meeting_and_the_punishment_list_begin_on_the_first_working_day(
    now: str, expected: list[str]
) -> None:
    """pcb-manufacturer (九)10 and (十二)1: monthly, due by the 10th."""
    policy = bundle("pcb-manufacturer").policy

    found = list(due_duties(policy, local(now), a_calendar()))

    assert [d.period for d in found] == expected
    assert {d.duty for d in found} <= {"case_meeting", "punishment_list"}


def test_the_same_period_is_the_same_task() -> None:
    policy = bundle("pcb-manufacturer").policy

    first = {d.case_id for d in due_duties(policy, local("2026-11-02 09:00"), a_calendar())}
    later = {d.case_id for d in due_duties(policy, local("2026-11-09 15:00"), a_calendar())}

    assert first == later
