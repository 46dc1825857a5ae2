"""Shifts of the desk: when each begins and ends. Without any in the desk file the working day is the only shift."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from complaints.workdays import WorkCalendar


def shift_of(shifts: Sequence[str], now: datetime, calendar: WorkCalendar) -> str | None:
    """
    Return the name of the shift that runs at *now* (`2026-11-20.2`: the second that began that day), or None.

    *shifts*: local times at which one begins, in order; they run around the clock, every day. Without them it is the
    working day (`2026-11-20`), from its opening on.
    """
    today = calendar.local(now).date()
    if not shifts:
        opening = calendar.intervals(today)
        return today.isoformat() if calendar.is_working_day(today) and opening and now >= opening[0][0] else None
    begun = [n for n, at in enumerate(shifts, start=1) if calendar.wall(today, time.fromisoformat(at)) <= now]
    if begun:
        return f"{today.isoformat()}.{begun[-1]}"
    return f"{(today - timedelta(days=1)).isoformat()}.{len(shifts)}"


def shift_end(shifts: Sequence[str], now: datetime, calendar: WorkCalendar) -> datetime:
    """Return when the shift that runs at *now* ends: when the next one begins; without shifts the working day closes."""
    today = calendar.local(now).date()
    if not shifts:
        return calendar.closing(today) if calendar.is_working_day(today) else calendar.next_working_instant(now)
    begins = [calendar.wall(day, time.fromisoformat(at)) for day in (today, today + timedelta(days=1)) for at in shifts]
    return next(at for at in begins if at > now)
