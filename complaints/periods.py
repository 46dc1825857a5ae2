"""Periods of reports and duties: days, weeks, months, quarters and years, by their names (`2026-11`, `2026-W47`, `2026-Q4`)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from complaints.office_hours import MIDNIGHT_MINUTES
from complaints.workdays import WorkCalendar

KINDS = ("day", "week", "month", "quarter", "year")
_FORMS = {
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
    "week": re.compile(r"(\d{4})-W(\d{1,2})"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "year": re.compile(r"(\d{4})"),
}


class UnknownPeriod(ValueError):
    """A text that names no period."""

    def __init__(self, text: str) -> None:
        super().__init__(f"“{text}” is no period; write 2026, 2026-Q4, 2026-11, 2026-W47 or 2026-11-20")


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A period: its *kind*, its *name*, and its days from *first* (inclusive) to *after* (exclusive)."""

    kind: str
    name: str
    first: date
    after: date

    def instants(self, calendar: WorkCalendar) -> tuple[datetime, datetime]:
        """Return its beginning (inclusive) and end (exclusive) as midnights of the calendar's zone, aware UTC."""
        begin, end = (calendar.at(d - timedelta(days=1), MIDNIGHT_MINUTES) for d in (self.first, self.after))
        return begin, end


def period_of(kind: str, day: date) -> Period:
    """Return the period of that kind in which *day* lies; a shift is reported with its day."""
    match kind:
        case "day" | "shift":
            return Period(kind="day", name=day.isoformat(), first=day, after=day + timedelta(days=1))
        case "week":
            year, week, weekday = day.isocalendar()
            first = day - timedelta(days=weekday - 1)
            return Period(kind=kind, name=f"{year}-W{week:02d}", first=first, after=first + timedelta(days=7))
        case "month":
            return Period(kind=kind, name=f"{day:%Y-%m}", first=day.replace(day=1), after=_months_on(day, 1))
        case "quarter":
            first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
            name = f"{day.year}-Q{(day.month + 2) // 3}"
            return Period(kind=kind, name=name, first=first, after=_months_on(first, 3))
        case "year":
            first = day.replace(month=1, day=1)
            return Period(kind=kind, name=f"{day.year}", first=first, after=_months_on(first, 12))
        case _:
            raise ValueError(f"nobody knows periods of every {kind}")


def parse_period(text: str) -> Period:
    """
    Return the period that *text* names.

    Raises:
        UnknownPeriod: it names none.
    """
    for kind, form in _FORMS.items():
        found = form.fullmatch(text.strip().upper())
        if found is not None:
            try:
                return _named(kind, [int(n) for n in found.groups()])
            except ValueError:
                break
    raise UnknownPeriod(text[:40])


def _named(kind: str, numbers: list[int]) -> Period:
    match kind:
        case "day":
            return period_of(kind, date(*numbers))
        case "week":
            return period_of(kind, date.fromisocalendar(numbers[0], numbers[1], 1))
        case "quarter":
            return period_of(kind, date(numbers[0], numbers[1] * 3, 1))
        case _:
            return period_of(kind, date(numbers[0], numbers[1] if kind == "month" else 1, 1))


def previous(period: Period) -> Period:
    """Return the period of the same kind that ends where this one begins."""
    return period_of(period.kind, period.first - timedelta(days=1))


def year_before(period: Period) -> Period:
    """Return the same period of the year before: its month or quarter, the week or day of the same number."""
    if period.kind == "week":
        year, week, _ = period.first.isocalendar()
        return _named("week", [year - 1, min(week, 52)])
    day = min(period.first.day, 28) if period.first.month == 2 else period.first.day
    return period_of(period.kind, period.first.replace(year=period.first.year - 1, day=day))


def _months_on(day: date, months: int) -> date:
    month = day.month - 1 + months
    return date(day.year + month // 12, month % 12 + 1, 1)
