"""Duties that come back: which periodic tasks begin now, each once for its period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from complaints.commands import CLOCK, OpenCase
from complaints.periods import period_of
from complaints.policy import Policy
from complaints.policy_model import Duty
from complaints.shifts import shift_of
from complaints.workdays import WorkCalendar


@dataclass(frozen=True, kw_only=True, slots=True)
class DueDuty:
    """A duty of a policy for one period (`2026-11`, `2026-W47`, `2026-11-20`, `2026-Q4`, `2026`)."""

    policy: str
    duty: str
    period: str

    @property
    def case_id(self) -> str:
        """The id of the task: the same for the same period, so that it opens once."""
        return f"duty.{self.policy}.{self.duty}.{self.period}"


def due_duties(policy: Policy, now: datetime, calendar: WorkCalendar, shifts: Sequence[str] = ()) -> Iterator[DueDuty]:
    """
    Return the duties whose period has begun: from the opening of its first working day on.

    A daily duty is not due on days off; one of every shift begins with each of *shifts* (see `shifts`). *now*: aware.
    Source: DL-16, RD-07; the hour is our default.
    """
    today = calendar.local(now).date()
    for name, duty in policy.duties.items():
        if duty.every == "shift":
            shift = shift_of(shifts, now, calendar)
            if shift is not None:
                yield DueDuty(policy=policy.id, duty=name, period=shift)
        elif duty.every is not None and _has_begun(duty, today, now, calendar):
            yield DueDuty(policy=policy.id, duty=name, period=period_of(duty.every, today).name)


def _has_begun(duty: Duty, today: date, now: datetime, calendar: WorkCalendar) -> bool:
    if duty.every == "day" and not calendar.is_working_day(today):
        return False
    first = calendar.first_working_day_from(period_of(str(duty.every), today).first)
    return first <= today and (first < today or now >= calendar.intervals(first)[0][0])


def open_duty(
    due: DueDuty, language: str, bundle: str | None = None, figures: dict[str, Any] | None = None
) -> OpenCase:
    """
    Return the command that begins the duty of a period; a second one finds it begun and changes nothing.

    *bundle*: of the policy in force that the duty's policy is, or is an annex of.
    """
    return OpenCase(
        actor=CLOCK,
        key=f"{due.case_id}:open",
        case_id=due.case_id,
        policy=due.policy,
        fields={},
        via="clock",
        kind="duty",
        duty=due.duty,
        period=due.period,
        language=language,
        bundle=bundle,
        figures=figures,
    )
