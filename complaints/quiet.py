"""Quiet hours: when a reminder may be sent. The deadline itself never moves."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from complaints.office_hours import MIDNIGHT_MINUTES
from complaints.workdays import ONE_DAY, WorkCalendar

MOST_FREE_DAYS = 400


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """
    When no reminder is sent: from *since* to *until*, local, over midnight if it ends earlier than it begins.

    *free_days*: also the whole of every day that is not a working day. Source: DESIGN 4; the hours are our
    default.
    """

    since: time = time(20)
    until: time = time(8)
    free_days: bool = True


def next_allowed(at: datetime, calendar: WorkCalendar, quiet: Quiet | None) -> datetime:
    """
    Return *at* if a reminder may be sent then, else the next instant at which it may; aware UTC.

    Raises:
        NoWorkingTime: there is no working day for more than a year.
    """
    if quiet is None:
        return at.astimezone(UTC)
    on = calendar.local(at).date()
    while True:
        for start, end in _allowed(on, calendar, quiet):
            if at < end:
                return max(at, start).astimezone(UTC)
        on = calendar.nth_working_day_after(on, 1) if quiet.free_days else on + ONE_DAY


def previous_allowed(before: datetime, calendar: WorkCalendar, quiet: Quiet | None) -> datetime:
    """Return the last whole minute before *before* at which a reminder may be sent; aware UTC."""
    last = before.astimezone(UTC) - timedelta(minutes=1)
    if quiet is None:
        return last
    on = calendar.local(last).date()
    for _ in range(MOST_FREE_DAYS):
        for start, end in reversed(_allowed(on, calendar, quiet)):
            if start <= last:
                return min(last, end - timedelta(minutes=1))
        on -= ONE_DAY
    return last


def sending_time(
    at: datetime,
    due: datetime,
    calendar: WorkCalendar,
    quiet: Quiet | None,
    not_before: datetime | None = None,
) -> datetime:
    """
    Return when a reminder meant for *at* is sent so that it comes before *due*: the next allowed time, else
    the last allowed one before *due*, else (that is before *not_before*, the start of the limit) *at* itself.

    The deadline never moves. Limits in clock hours and escalations do not come here. Source: DESIGN 4.
    """
    allowed = next_allowed(at, calendar, quiet)
    if allowed < due or allowed == at:
        return allowed
    allowed = previous_allowed(due, calendar, quiet)
    return at.astimezone(UTC) if not_before is not None and allowed < not_before else allowed


@lru_cache(1024)  # a tick asks for the same day again and again
def _allowed(on: date, calendar: WorkCalendar, quiet: Quiet) -> tuple[tuple[datetime, datetime], ...]:
    """Return the allowed stretches of the day *on* in order, aware UTC, ends exclusive."""
    if quiet.free_days and not calendar.is_working_day(on):
        return ()
    start, end = calendar.at(on, 0), calendar.at(on, MIDNIGHT_MINUTES)
    since, until = calendar.wall(on, quiet.since), calendar.wall(on, quiet.until)
    stretches = [(start, since), (until, end)] if quiet.since <= quiet.until else [(until, since)]
    return tuple((first, last) for first, last in stretches if first < last)
