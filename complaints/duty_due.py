"""When a duty is due: the words of its `by`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from complaints.limits import Limit, due_at, parse_limit
from complaints.office_hours import MIDNIGHT_MINUTES
from complaints.periods import period_of
from complaints.workdays import WorkCalendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMES = {n: i for i, n in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))}
_NAMES |= {n: i for i, n in enumerate(WEEKDAYS)}
_ORDINAL = r"(\d{1,2})(?:st|nd|rd|th)"
_FORMS = {
    "nth_working_day": re.compile(rf"{_ORDINAL} working day"),
    "nth_day": re.compile(_ORDINAL),
    "last_working_day": re.compile(r"last working day"),
    "last_day": re.compile(r"last day"),
}
_CLOCK = re.compile(r"(?P<rest>.*?)\s*(?P<clock>\d{1,2}:\d{2})")


@dataclass(frozen=True, kw_only=True, slots=True)
class By:
    """
    A day within the period of a duty, and the local time of that day (None: its end). *kind*: nth_day, nth_working_day,
    last_day, last_working_day, weekday, same_day, or limit, which runs from the beginning of the duty.
    """

    kind: str
    number: int = 0
    clock: time | None = None
    limit: Limit | None = None


def parse_by(words: str) -> By:
    """
    Return what *words* mean: `10th`, `5th working day`, `last day`, `friday`, `18:00`, `friday 18:00`, `2 working days`.

    Raises:
        ValueError: they mean none of these.
    """
    text = " ".join(words.lower().split())
    clock, rest = _clock_of(text)
    if clock is not None and not rest:
        return By(kind="same_day", clock=clock)
    for kind, form in _FORMS.items():
        if (found := form.fullmatch(rest)) is not None:
            number = int(found.group(1)) if found.groups() else 0
            if found.groups() and not 1 <= number <= 31:
                break
            return By(kind=kind, number=number, clock=clock)
    if rest in _NAMES:
        return By(kind="weekday", number=_NAMES[rest], clock=clock)
    if clock is None:
        try:
            return By(kind="limit", limit=parse_limit(text))
        except ValueError:
            pass
    raise ValueError(
        f'"{words}" does not say when a duty is due; write 10th, 5th working day, last day, friday, 18:00, '
        "friday 18:00 or 2 working days"
    )


def _clock_of(text: str) -> tuple[time | None, str]:
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None, text
    hours, minutes = (int(n) for n in found["clock"].split(":"))
    return (time(hours, minutes), found["rest"]) if hours < 24 and minutes < 60 else (None, text)


def by_due(by: By, every: str | None, opened_at: datetime, calendar: WorkCalendar) -> datetime:
    """
    Return the instant at which a duty that began at *opened_at* is due: the last one in time, aware UTC.

    A day of the month is one of the period's first month; the 31st of a shorter month is its last day.
    """
    if by.limit is not None:
        return due_at(by.limit, opened_at, calendar).at
    today = calendar.local(opened_at).date()
    period = period_of(every or "month", today)
    day = _day(by, today, period.first, period.after, calendar)
    return calendar.wall(day, by.clock) if by.clock is not None else calendar.at(day, MIDNIGHT_MINUTES)


def _day(by: By, today: date, first: date, after: date, calendar: WorkCalendar) -> date:
    match by.kind:
        case "same_day":
            return today
        case "weekday":
            return today + timedelta(days=(by.number - today.weekday()) % 7)
        case "nth_day":
            month = period_of("month", first)
            return min(first.replace(day=1) + timedelta(days=by.number - 1), month.after - timedelta(days=1))
        case "nth_working_day":
            return calendar.nth_working_day_after(first - timedelta(days=1), by.number)
        case "last_working_day":
            day = after - timedelta(days=1)
            while not calendar.is_working_day(day) and day > first:
                day -= timedelta(days=1)
            return day
        case _:
            return after - timedelta(days=1)
