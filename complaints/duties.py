"""Duties that come back: which periodic tasks begin now, each once for its period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from complaints.commands import CLOCK, OpenCase
from complaints.people import DeskPlan
from complaints.periods import period_of
from complaints.policy import Policy
from complaints.policy_model import Duty
from complaints.shifts import shift_of
from complaints.workdays import WorkCalendar


@dataclass(frozen=True, kw_only=True, slots=True)
class DueDuty:
    """
    A duty of a policy for one period (`2026-11`, `2026-W47`, `2026-11-20`, `2026-Q4`, `2026`). *at*: for which branch,
    store … where its role is held for each (the field and its value), else None.
    """

    policy: str
    duty: str
    period: str
    at: tuple[str, str] | None = None

    @property
    def case_id(self) -> str:
        """The id of the task: the same for the same period and branch, so that it opens once."""
        return ".".join(("duty", self.policy, self.duty, self.period, *(self.at[1:] if self.at else ())))


def due_duties(
    policy: Policy,
    now: datetime,
    calendar: WorkCalendar,
    shifts: Sequence[str] = (),
    people: DeskPlan | None = None,
) -> Iterator[DueDuty]:
    """
    Return the duties whose period has begun: from the opening of its first working day on; where a duty's role is held
    for each branch, one for each that *people* names holders of (RT-26).

    A daily duty is not due on days off; one of every shift begins with each of *shifts* (see `shifts`). *now*: aware.
    Source: DL-16, RD-07; the hour is our default.
    """
    today = calendar.local(now).date()
    for name, duty in policy.duties.items():
        if duty.every == "shift":
            shift = shift_of(shifts, now, calendar)
            if shift is not None:
                yield from _for_each(policy, name, shift, people)
        elif duty.every is not None and _has_begun(duty, today, now, calendar):
            yield from _for_each(policy, name, period_of(duty.every, today).name, people)


def _for_each(policy: Policy, name: str, period: str, people: DeskPlan | None) -> Iterator[DueDuty]:
    held = held_for(policy.duties[name], policy)
    values = people.values_of(held[1]) if people is not None and held is not None else ()
    for at in [(held[0], value) for value in values] if held is not None and values else [None]:
        yield DueDuty(policy=policy.id, duty=name, period=period, at=at)


def held_for(duty: Duty, policy: Policy) -> tuple[str, str] | None:
    """Return the field for each of whose values the role of a duty is held, and that role; None where it is held once."""
    for role in duty.who.roles():
        field = policy.roles[role].per if role in policy.roles else None
        if field is not None:
            return field, role
    return None


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
        fields=dict([due.at]) if due.at is not None else {},
        via="clock",
        kind="duty",
        duty=due.duty,
        period=due.period,
        language=language,
        bundle=bundle,
        figures=figures,
    )
