"""Counting cases: from which instant on, by which of their values, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from complaints.ladder import before_due
from complaints.limits import Limit, Unit, hours, months_later
from complaints.ports import CaseCount
from complaints.workdays import WorkCalendar

Texts = Mapping[str, tuple[str, ...]]
"""A case's values as they are counted: field id to its texts, one for each entry of a list."""


def since(limit: Limit, now: datetime, calendar: WorkCalendar) -> datetime:
    """
    Return from when on something lies within *limit* before *now*, inclusive.

    Days, months and years reach back to the beginning of that day (three months before 31 May is the last of
    February), as their end is the end of a day; hours are counted exactly. *now*: aware. Result: aware UTC.
    """
    today = calendar.local(now).date()
    match limit.unit:
        case Unit.NONE:
            return datetime.min.replace(tzinfo=UTC)
        case Unit.CLOCK_HOURS:
            return (now - hours(limit.amount)).astimezone(UTC)
        case Unit.WORKING_HOURS:
            return before_due(limit, now, calendar).astimezone(UTC)
        case Unit.MONTHS | Unit.YEARS:
            months = int(limit.amount) * (12 if limit.unit is Unit.YEARS else 1)
            return calendar.at(months_later(today, -months), 0).astimezone(UTC)
        case Unit.WORKING_DAYS:
            day = calendar.local(before_due(limit, now, calendar)).date()
            return calendar.at(day, 0).astimezone(UTC)
        case _:
            days = int(limit.amount) if limit.unit is Unit.CALENDAR_DAYS else int(limit.unit is Unit.NEXT_DAY_AT)
            return calendar.at(today - timedelta(days=days), 0).astimezone(UTC)


def tally(query: CaseCount, cases: Iterable[Texts]) -> int | Decimal:
    """Return what *cases* give of *query*: their number, the total of a field, or how many different values; those
    that `where` leaves out never count."""
    counted = [texts for texts in cases if query.where is None or query.where(texts)]
    if query.total is not None:
        return total(text for texts in counted for text in texts.get(query.total, ()))
    if query.different is not None:
        return len({*query.also, *(text for texts in counted for text in texts.get(query.different, ()))})
    return len(counted)


def total(texts: Iterable[str]) -> int | Decimal:
    """Return the exact sum of what are numbers among *texts*."""
    found = Decimal(0)
    for text in texts:
        try:
            found += Decimal(text)
        except InvalidOperation:
            continue
    return int(found) if found == found.to_integral_value() else found
