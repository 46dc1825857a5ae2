"""Limits: how long a regulation gives, when that runs out, and how much of it is used."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple

from complaints.office_hours import MIDNIGHT_MINUTES
from complaints.workdays import LANGUAGES, ONE_DAY, WorkCalendar

ONE_HOUR = timedelta(hours=1)
MOST_YEARS = 100
Roll = Literal["next_working_day"]


class Unit(StrEnum):
    """What a limit is counted in. Hours may be fractions; everything else is whole."""

    CALENDAR_DAYS = "calendar_days"
    WORKING_DAYS = "working_days"
    WORKING_HOURS = "working_hours"
    CLOCK_HOURS = "clock_hours"
    MONTHS = "months"
    YEARS = "years"
    SAME_DAY = "same_day"
    NEXT_DAY_AT = "next_day_at"
    THIS_MONTH_DAY = "this_month_day"
    NEXT_MONTH_DAY = "next_month_day"
    NONE = "none"


WORKING_UNITS = (Unit.WORKING_DAYS, Unit.WORKING_HOURS, Unit.SAME_DAY)
MONTH_DAYS = {Unit.THIS_MONTH_DAY: "this", Unit.NEXT_MONTH_DAY: "next"}
"""Units that name a day of a month, with the word for the month in a policy."""
MOMENTS = (Unit.NEXT_DAY_AT, *MONTH_DAYS)
"""Units that name the moment by which, and count nothing."""
DAY_UNITS = (Unit.CALENDAR_DAYS, Unit.WORKING_DAYS, Unit.MONTHS, Unit.YEARS)
MOST = {
    Unit.CALENDAR_DAYS: MOST_YEARS * 366,
    Unit.WORKING_DAYS: MOST_YEARS * 366,
    Unit.WORKING_HOURS: MOST_YEARS * 366 * 24,
    Unit.CLOCK_HOURS: MOST_YEARS * 366 * 24,
    Unit.MONTHS: MOST_YEARS * 12,
    Unit.YEARS: MOST_YEARS,
}


class NoLimit(ValueError):
    """A limit of `none` never runs out, so nobody may ask when."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """
    How long a regulation gives, in its own unit.

    *amount*: above zero; 1 for `same_day`, `next_day_at` and a day of a month, 0 for `none`. *to_the_hour*: a limit in
    days, months or years keeps the hour at which it started. *at_time*: local, only for `next_day_at`; *on_day*: 1 to 31,
    only for a day of a month.
    """

    amount: Decimal | int
    unit: Unit
    to_the_hour: bool = False
    at_time: time | None = None
    on_day: int | None = None

    def __str__(self) -> str:
        """Return the words that `parse_limit` reads as this limit."""
        return limit_words(self)


class Due(NamedTuple):
    """When a limit runs out: aware UTC, the last instant that is in time; and what it was computed from."""

    at: datetime
    provisional: bool
    calendar_version: str


# Reading and writing

NO_LIMIT = Limit(amount=0, unit=Unit.NONE)
SAME_DAY = Limit(amount=1, unit=Unit.SAME_DAY)
AT_ONCE = Limit(amount=2, unit=Unit.WORKING_HOURS)  # D3: 立即, 马上
IN_TIME = Limit(amount=1, unit=Unit.WORKING_DAYS)  # D3: 及时, 尽快

VALID_FORMS = (
    "13 days, 2 working days, 6 working hours, 24 hours, 30 minutes, 1 month, 1 year, same day, "
    "next day 12:00, day 25 of this month, day 5 of next month, at once, in time or none; "
    "' to the hour' may follow days, months and years"
)
_FIXED = {"none": NO_LIMIT, "same day": SAME_DAY, "at once": AT_ONCE, "in time": IN_TIME}
_UNITS = {
    "day": Unit.CALENDAR_DAYS,
    "working day": Unit.WORKING_DAYS,
    "working hour": Unit.WORKING_HOURS,
    "hour": Unit.CLOCK_HOURS,
    "minute": Unit.CLOCK_HOURS,
    "month": Unit.MONTHS,
    "year": Unit.YEARS,
}
_COUNTED = re.compile(
    r"(\d{1,9}(?:\.\d{1,4})?) (working day|working hour|day|hour|minute|month|year)s?( to the hour)?",
    re.ASCII,
)
_NEXT_DAY = re.compile(r"next day ([0-2]?\d:[0-5]\d)", re.ASCII)
_MONTH_DAY = re.compile(r"day (\d{1,2}) of (this|next) month", re.ASCII)


def parse_limit(text: str) -> Limit:
    """
    Read a limit as policies write it: ``2 working days to the hour``, ``next day 12:00``, ``at once``.

    Raises:
        ValueError: none of the valid forms, which the message names.

    Source: D3 for ``at once`` (2 working hours) and ``in time`` (1 working day).
    """
    return _read_limit(str(text))


@lru_cache(1024)  # a clock keeps its limit as words and reads them at every step
def _read_limit(text: str) -> Limit:
    words = " ".join(text.lower().split())
    if words in _FIXED:
        return _FIXED[words]
    try:
        limit = _next_day(words) or _month_day(words) or _counted(words)
    except ValueError:
        limit = None
    if limit is None:
        raise ValueError(f"{text!r} is no limit; write {VALID_FORMS}.")
    return limit


def _next_day(words: str) -> Limit | None:
    found = _NEXT_DAY.fullmatch(words)
    if found is None:
        return None
    return Limit(amount=1, unit=Unit.NEXT_DAY_AT, at_time=time.fromisoformat(found[1].zfill(5)))


def _month_day(words: str) -> Limit | None:
    found = _MONTH_DAY.fullmatch(words)
    if found is None or not 1 <= int(found[1]) <= 31:
        return None
    unit = Unit.THIS_MONTH_DAY if found[2] == MONTH_DAYS[Unit.THIS_MONTH_DAY] else Unit.NEXT_MONTH_DAY
    return Limit(amount=1, unit=unit, on_day=int(found[1]))


def _counted(words: str) -> Limit | None:
    found = _COUNTED.fullmatch(words)
    if found is None:
        return None
    number, unit, keeps_hour = Decimal(found[1]), _UNITS[found[2]], found[3] is not None
    amount = number / 60 if found[2] == "minute" else number
    fits = number == number.to_integral_value() if unit in DAY_UNITS else not keeps_hour
    if not fits or not 0 < amount <= MOST[unit]:
        return None
    return Limit(amount=_tidy(amount), unit=unit, to_the_hour=keeps_hour)


def _tidy(amount: Decimal) -> Decimal | int:
    return int(amount) if amount == amount.to_integral_value() else amount.normalize()


@lru_cache(1024)
def limit_words(limit: Limit) -> str:
    """Return the words of the policy format for *limit*, which `parse_limit` reads back."""
    match limit.unit:
        case Unit.NONE:
            return "none"
        case Unit.SAME_DAY:
            return "same day"
        case Unit.NEXT_DAY_AT:
            return f"next day {_clock(limit)}"
        case Unit.THIS_MONTH_DAY | Unit.NEXT_MONTH_DAY:
            return f"day {limit.on_day} of {MONTH_DAYS[limit.unit]} month"
        case _:
            amount, word = _shown(limit)
            keeps_hour = " to the hour" if limit.to_the_hour else ""
            return f"{amount} {word}{'' if amount == 1 else 's'}{keeps_hour}"


_TEXTS = {
    "en": ("the same day", "by {} the next day", "no limit", "{}, to the hour"),
    "zh-Hans": ("当天", "次日 {} 前", "不限期", "{}（精确到小时）"),
    "zh-Hant": ("當天", "次日 {} 前", "不限期", "{}（精確到小時）"),
}
_MONTH_DAY_TEXTS = {
    "en": ("by day {} of the month, of the next one if it is past", "by day {} of the next month"),
    "zh-Hans": ("当月 {} 日前（含当日，已过则次月）", "次月 {} 日前（含当日）"),
    "zh-Hant": ("當月 {} 日前（含當日，已過則次月）", "次月 {} 日前（含當日）"),
}
_COUNTERS = {
    "day": ("天", "天"),
    "working day": ("个工作日", "個工作日"),
    "working hour": ("个工作小时", "個工作小時"),
    "hour": ("小时", "小時"),
    "minute": ("分钟", "分鐘"),
    "month": ("个月", "個月"),
    "year": ("年", "年"),
}


def limit_text(limit: Limit, language: str) -> str:
    """
    Return *limit* in plain words: ``2 working days``, ``2 个工作日``, ``次日 12:00 前``.

    Raises:
        ValueError: *language* is none of en, zh-Hans, zh-Hant.
    """
    if language not in LANGUAGES:
        raise ValueError(f"There are no texts in {language!r}; choose one of {', '.join(LANGUAGES)}.")
    same_day, next_day, none, to_the_hour = _TEXTS[language]
    match limit.unit:
        case Unit.NONE:
            return none
        case Unit.SAME_DAY:
            return same_day
        case Unit.NEXT_DAY_AT:
            return next_day.format(_clock(limit))
        case Unit.THIS_MONTH_DAY | Unit.NEXT_MONTH_DAY:
            return _MONTH_DAY_TEXTS[language][limit.unit is Unit.NEXT_MONTH_DAY].format(limit.on_day)
        case _:
            text = counted_text(*_shown(limit), language)
            return to_the_hour.format(text) if limit.to_the_hour else text


def counted_text(amount: Decimal | int, word: str, language: str) -> str:
    """Return *amount* with its counter; *word* is the English one: day, working day, hour, minute …"""
    if language == "en":
        return f"{amount} {word}{'' if amount == 1 else 's'}"
    return f"{amount} {_COUNTERS[word][LANGUAGES.index(language) - 1]}"


def _clock(limit: Limit) -> str:
    return (limit.at_time or time(0)).strftime("%H:%M")


def _shown(limit: Limit) -> tuple[Decimal | int, str]:
    """Return the amount and the word of it: minutes where the hours are not whole."""
    words = {unit: word for word, unit in _UNITS.items() if word != "minute"}
    amount = _tidy(Decimal(limit.amount))
    if limit.unit is Unit.CLOCK_HOURS and not isinstance(amount, int):
        return _tidy(round(amount * 60, 4)), "minute"
    return amount, words[limit.unit]


# When it runs out


def due_at(limit: Limit, start: datetime, calendar: WorkCalendar, roll: Roll | None = None) -> Due:
    """
    Return when *limit* runs out if it starts at *start*; that instant itself is still in time.

    Days begin the day after *start* and end with their last day: calendar days at 24:00 local, holiday or
    not, working days at closing time; the day of *start* never counts, also when it began after closing or
    on a holiday. Months and years end on the same date, or the last of a shorter month, at 24:00. Hours run
    around the clock, working hours only in office hours. `to the hour` keeps the hour instead: working days
    then run all 24 hours of working days, from the next one's 00:00 if *start* is on none. `same day` ends
    at closing time; started after closing or on a free day, at that of the next working day. `next day
    12:00` is the next calendar day. `day 5 of next month` ends at 24:00 of that day of the month after that of *start*,
    or of the last of a shorter one; `day 25 of this month` at 24:00 of that day of the month of *start*, also when it begins
    on that very day, and of the month after it where that day is past. *roll*: a last day in calendar days, months, years,
    `next day` or of a month that is not a working day moves to the next one. *start*: aware, any zone. Result: aware UTC.

    Raises:
        NoLimit: the limit is `none`.
        NoWorkingTime: the calendar has no working time for more than a year.

    Source: D2; home-furnishing-group 2 「如星期五上午10:00……最迟回复时间为下个星期一上午10:00」 for `to the
    hour`, Sunday's start is our default there; the readings of `same day`, of 次日, and of a day of this
        month that is past are our default.
    """
    if start.tzinfo is None:
        raise ValueError("The start of a limit needs a time zone.")
    at = _due_instant(limit, start, calendar)
    if roll is not None and limit.unit not in (*WORKING_UNITS, Unit.CLOCK_HOURS):
        at = _rolled(at, calendar)
    uses_calendar = roll is not None or limit.unit in WORKING_UNITS
    provisional = uses_calendar and calendar.is_provisional(calendar.last_day(at))
    return Due(at, provisional, calendar.version)


def _due_instant(limit: Limit, start: datetime, calendar: WorkCalendar) -> datetime:
    local = calendar.local(start)
    first = local.date()
    match limit.unit:
        case Unit.CLOCK_HOURS:
            return start.astimezone(UTC) + hours(limit.amount)
        case Unit.WORKING_HOURS:
            return calendar.add_working(start, hours(limit.amount))
        case Unit.WORKING_DAYS if limit.to_the_hour:
            return _working_days_later(int(limit.amount), local, calendar)
        case Unit.WORKING_DAYS:
            return calendar.closing(calendar.nth_working_day_after(first, int(limit.amount)))
        case Unit.SAME_DAY:
            return _closing_after(start, calendar)
        case Unit.NEXT_DAY_AT:
            return calendar.wall(first + ONE_DAY, limit.at_time or time(0))
        case Unit.NEXT_MONTH_DAY:
            return calendar.at(day_of_month(first, limit.on_day or 1, 1), MIDNIGHT_MINUTES)
        case Unit.THIS_MONTH_DAY:
            day = day_of_month(first, limit.on_day or 1, 0)
            last = day if day >= first else day_of_month(first, limit.on_day or 1, 1)
            return calendar.at(last, MIDNIGHT_MINUTES)
        case Unit.CALENDAR_DAYS | Unit.MONTHS | Unit.YEARS:
            last = last_date(limit, first)
            return calendar.wall(last, local.time()) if limit.to_the_hour else calendar.at(last, MIDNIGHT_MINUTES)
        case Unit.NONE:
            raise NoLimit("There is no limit here, so nothing falls due.")


def hours(amount: Decimal | int) -> timedelta:
    """Return *amount* hours, to the microsecond."""
    return timedelta(microseconds=int((Decimal(amount) * 3_600_000_000).to_integral_value()))


def last_date(limit: Limit, first: date) -> date:
    """Return the last date of a limit in calendar days, months or years whose day zero is *first*."""
    if limit.unit is Unit.CALENDAR_DAYS:
        return first + timedelta(days=int(limit.amount))
    return months_later(first, int(limit.amount) * (12 if limit.unit is Unit.YEARS else 1))


def months_later(first: date, months: int) -> date:
    """Return the same day of the month *months* later, or the last one of a shorter month."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


def day_of_month(first: date, day: int, later: int) -> date:
    """Return that day of the month that lies *later* months after the one of *first*, or the last one of a shorter month."""
    year, month = divmod(first.year * 12 + first.month - 1 + later, 12)
    return date(year, month + 1, min(day, monthrange(year, month + 1)[1]))


def _working_days_later(days: int, local: datetime, calendar: WorkCalendar) -> datetime:
    """Return *local* some working days later at the same hour; a free day starts at the next one's 00:00."""
    first, clock = local.date(), local.time()
    if not calendar.is_working_day(first):
        first, clock = calendar.nth_working_day_after(first, 1), time(0)
    if clock == time(0):
        return calendar.at(calendar.nth_working_day_after(first, days - 1), MIDNIGHT_MINUTES)
    return calendar.wall(calendar.nth_working_day_after(first, days), clock)


def _closing_after(start: datetime, calendar: WorkCalendar) -> datetime:
    today = calendar.local(start).date()
    if calendar.is_working_day(today) and start < calendar.closing(today):
        return calendar.closing(today)
    return calendar.closing(calendar.nth_working_day_after(today, 1))


def _rolled(at: datetime, calendar: WorkCalendar) -> datetime:
    last = calendar.last_day(at)
    rolled = calendar.first_working_day_from(last)
    return at if rolled == last else at_same_clock(at, last, rolled, calendar)


def at_same_clock(at: datetime, last: date, other: date, calendar: WorkCalendar) -> datetime:
    """Return *at*, which ends the day *last*, moved to the day *other* at the same time, 24:00 included."""
    local = calendar.local(at)
    return calendar.at(other, MIDNIGHT_MINUTES) if local.date() != last else calendar.wall(other, local.time())


def moved_due(
    limit: Limit,
    start: datetime,
    used_until: datetime,
    old_calendar: WorkCalendar,
    new_calendar: WorkCalendar,
    roll: Roll | None = None,
) -> Due:
    """
    Return when *limit* runs out after the calendar changed at *used_until*: what is used stays used.

    Until then the old calendar counts, from then on the new one; what had run out by then stays as it was. In
    limits of days a day is used when it is over. `new_calendar.following(old_calendar, used_until)` is the
    calendar to explain it with. Source: DESIGN 4; the day of the change is our default.
    """
    old = due_at(limit, start, old_calendar, roll)
    if old.at <= used_until:
        return old
    spliced = new_calendar.following(old_calendar, used_until)
    return due_at(limit, start, spliced, roll)._replace(calendar_version=new_calendar.version)


# How much of it is used


def share_at(
    limit: Limit, start: datetime, calendar: WorkCalendar, share: Decimal, roll: Roll | None = None
) -> datetime:
    """
    Return the instant at which *share* (0 to 1) of *limit* has passed, aware UTC; 1 gives the due time.

    Measured in the limit's own unit: working units in working time from *start* to the due time (all 24 hours
    of working days if `to the hour`), all others in plain time. Source: D5, DESIGN 4; that days are divided
    into their time is our default.
    """
    return share_until(limit, start, due_at(limit, start, calendar, roll).at, calendar, share)


def share_until(limit: Limit, start: datetime, due: datetime, calendar: WorkCalendar, share: Decimal) -> datetime:
    """Return what `share_at` does where it is known already when *limit* runs out."""
    if limit.unit not in WORKING_UNITS:
        return start.astimezone(UTC) + part(due - start, share)
    clock = calendar.around_the_clock() if limit.to_the_hour else calendar
    return min(due, clock.add_working(start, part(clock.working_between(start, due), share)))


def part(length: timedelta, share: Decimal) -> timedelta:
    """Return *share* of *length*, to the microsecond."""
    return timedelta(microseconds=int(Decimal(length // timedelta(microseconds=1)) * share))


def between(a: datetime, b: datetime, calendar: WorkCalendar) -> int:
    """Return the whole working minutes from *a* to *b*; negative if *b* is earlier."""
    return calendar.working_minutes_between(a, b)


def elapsed(unit: Unit, a: datetime, b: datetime, calendar: WorkCalendar) -> Decimal:
    """
    Return how much time passed from *a* to *b*, in *unit*, with fractions; negative if *b* is earlier.

    Working days are working time in days of the calendar's full length. A month is counted by dates, its rest
    in parts of the month it lies in. `same_day` counts in working hours, `next_day_at` in hours, a day of a month in days.

    Raises:
        NoLimit: *unit* is `none`.
    """
    if b < a:
        return -elapsed(unit, b, a, calendar)
    match unit:
        case Unit.CLOCK_HOURS | Unit.NEXT_DAY_AT:
            return _ratio(b - a, ONE_HOUR)
        case Unit.CALENDAR_DAYS | Unit.THIS_MONTH_DAY | Unit.NEXT_MONTH_DAY:
            return _ratio(b - a, ONE_DAY)
        case Unit.WORKING_HOURS | Unit.SAME_DAY:
            return _ratio(calendar.working_between(a, b), ONE_HOUR)
        case Unit.WORKING_DAYS:
            return _ratio(calendar.working_between(a, b), calendar.full_day_length)
        case Unit.MONTHS:
            return _months(a, b, calendar)
        case Unit.YEARS:
            return _months(a, b, calendar) / 12
        case Unit.NONE:
            raise NoLimit("There is no limit here, so nothing is used of it.")


def remaining(unit: Unit, now: datetime, due: datetime, calendar: WorkCalendar) -> Decimal:
    """Return how much of *unit* is left at *now* until *due*; negative when late."""
    return elapsed(unit, now, due, calendar)


def _ratio(length: timedelta, unit: timedelta) -> Decimal:
    tick = timedelta(microseconds=1)
    return Decimal(length // tick) / Decimal(unit // tick)


def _months(a: datetime, b: datetime, calendar: WorkCalendar) -> Decimal:
    first, last = calendar.local(a), calendar.local(b)
    whole = (last.year - first.year) * 12 + last.month - first.month
    while whole and calendar.wall(months_later(first.date(), whole), first.time()) > b:
        whole -= 1
    since = calendar.wall(months_later(first.date(), whole), first.time())
    until = calendar.wall(months_later(first.date(), whole + 1), first.time())
    return whole + _ratio(b - since, until - since)
