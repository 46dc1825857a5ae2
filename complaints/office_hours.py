"""Office hours as people write them: hours of a day, weekdays, and the week they make."""

from datetime import time
from itertools import pairwise
from typing import NamedTuple

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE_DAYS = "mon-fri"  # D1
OFFICE_HOURS = ("09:00-12:00", "13:00-18:00")  # D1
MIDNIGHT_MINUTES = 24 * 60


class Opening(NamedTuple):
    """Office hours on one day: minutes after local midnight; *closes* exclusive, 1440 is 24:00."""

    opens: int
    closes: int


Openings = tuple[Opening, ...]
Week = tuple[Openings, ...]  # seven, Monday first


def parse_opening(text: str) -> Opening:
    """
    Read office hours such as ``09:00-12:00``; the end may be ``24:00``.

    Raises:
        ValueError: not two times of day, or the end is not after the start.
    """
    try:
        opens, closes = (_minutes(part) for part in text.strip().split("-"))
    except ValueError:
        raise ValueError(f"{text!r} are no office hours; write them as 09:00-12:00.") from None
    if not opens < closes:
        raise ValueError(f"{text!r} ends before it starts; split hours over midnight: 22:00-24:00 and 00:00-06:00.")
    return Opening(opens, closes)


def _minutes(text: str) -> int:
    if text.strip() == "24:00":
        return MIDNIGHT_MINUTES
    at = time.fromisoformat(text.strip())
    return at.hour * 60 + at.minute


def parse_hours(hours: str | tuple[str, ...] | list[str]) -> Openings:
    """
    Read one or several office hours of a day, in order of time.

    Raises:
        ValueError: one cannot be read, two overlap, or there is none.
    """
    texts = hours.split(",") if isinstance(hours, str) else hours
    openings = tuple(sorted(parse_opening(text) for text in texts))
    if not openings:
        raise ValueError("There are no office hours; write at least one, such as 09:00-12:00.")
    for before, after in pairwise(openings):
        if after.opens < before.closes:
            raise ValueError(f"Office hours overlap in {', '.join(texts)}; let each begin after the one before it.")
    return openings


def parse_days(text: str) -> frozenset[int]:
    """
    Read weekdays such as ``mon-fri``, ``mon-wed, sat`` or ``sun-thu``; Monday is 0.

    Raises:
        ValueError: a day has no such name.
    """
    found: set[int] = set()
    for part in text.lower().split(","):
        ends = [name.strip() for name in part.split("-")]
        if len(ends) > 2 or not set(ends) <= set(WEEKDAYS):
            raise ValueError(f"{text!r} are no weekdays; write mon-fri, mon-sat or a list such as mon, wed, fri.")
        start, end = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        found.update(day % 7 for day in range(start, end + 1 if end >= start else end + 8))
    return frozenset(found)


def week_of(days: str = OFFICE_DAYS, hours: str | tuple[str, ...] | list[str] = OFFICE_HOURS) -> Week:
    """Return a week with the same *hours* on each of *days*. Source of the defaults: D1."""
    open_days, openings = parse_days(days), parse_hours(hours)
    return tuple(openings if day in open_days else () for day in range(7))
