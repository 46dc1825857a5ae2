"""Working time: one company's working days and office hours, and the sums over them."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from complaints.office_hours import (
    MIDNIGHT_MINUTES,
    Openings,
    Week,
    parse_days,
    parse_hours,
    week_of,
)

Text = str | Mapping[str, str]  # one wording, or one per language: en, zh-Hans, zh-Hant

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
LONGEST_REST_DAYS = 400  # so long without a working day is a mistake in the calendar, not a holiday
ONE_DAY = timedelta(days=1)


class NoWorkingTime(ValueError):
    """The calendar has no working time for more than a year, so nothing can fall due in it."""


class DayKind(StrEnum):
    WORKDAY = "workday"
    MAKEUP = "makeup"
    SPECIAL = "special"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSURE = "closure"


@dataclass(frozen=True, kw_only=True)
class Closure:
    """
    A time in which the company does not work.

    Dates: both inclusive, in the calendar's zone. Instants: aware, *until* exclusive.
    """

    since: date | datetime
    until: date | datetime
    why: Text


@dataclass(frozen=True, kw_only=True)
class SpecialHours:
    """The hours of one date, whatever its weekday or holiday says: a half-day, an extra working day."""

    openings: Openings
    why: Text


class Piece(NamedTuple):
    """A stretch of one day, aware UTC, *end* exclusive, and why it is closed."""

    start: datetime
    end: datetime
    why: Text = ""


class Day(NamedTuple):
    """One local day, worked out: bounds and openings in aware UTC, ends exclusive."""

    on: date
    start: datetime
    end: datetime
    kind: DayKind
    name: Text
    openings: tuple[Piece, ...]
    closed: tuple[Piece, ...]  # office hours that a closure took away
    counts: bool  # is a working day for limits in days
    worked: timedelta


class Past(NamedTuple):
    """The calendar that was in force before *until* (aware UTC, exclusive)."""

    calendar: "WorkCalendar"
    until: datetime


def wording(text: Text, language: str) -> str:
    """Return *text* in *language*, else in English, else in whatever language it has."""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


@dataclass(frozen=True, kw_only=True, eq=False)
class WorkCalendar:
    """
    A company's working days and office hours.

    For each date the first that speaks wins: *special_hours*, *makeup_days* (hours of a full day),
    *holidays*, *week*; then *closures* are taken out. Holidays after
    *announced_through* are a guess (None: none is). All instants come in aware, any zone, and go out
    aware UTC. Source: D1, our default.
    """

    timezone: ZoneInfo
    week: Week = field(default_factory=week_of)
    holidays: Mapping[date, Text] = field(default_factory=lambda: MappingProxyType({}))
    makeup_days: Mapping[date, Text] = field(default_factory=lambda: MappingProxyType({}))
    special_hours: Mapping[date, SpecialHours] = field(default_factory=lambda: MappingProxyType({}))
    closures: tuple[Closure, ...] = ()
    announced_through: date | None = None
    whole_days: bool = False
    past: Past | None = None
    _days: dict[date, Day] = field(default_factory=dict, init=False, repr=False)
    _derived: dict[object, "WorkCalendar"] = field(default_factory=dict, init=False, repr=False)

    # What kind of day

    def day(self, on: date) -> Day:
        """Return the local day *on* with everything worked out; kept for the next question."""
        found = self._days.get(on)
        if found is None:
            found = self._days[on] = self._spliced_day(on)
        return found

    def is_working_day(self, on: date) -> bool:
        """
        Say whether *on* counts in limits of working days.

        A day that a closure takes away altogether, or cuts short at its end, does not count: it never
        comes to its closing time. One that only begins late counts. Source: our default.
        """
        return self.day(on).counts

    def intervals(self, on: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the working intervals of the local day *on*, aware UTC, ends exclusive."""
        return tuple((piece.start, piece.end) for piece in self.day(on).openings)

    def closing(self, on: date) -> datetime:
        """
        Return the closing time of the working day *on*, aware UTC.

        Raises:
            ValueError: *on* is not a working day.
        """
        day = self.day(on)
        if not day.counts:
            raise ValueError(f"{on.isoformat()} is not a working day, so it has no closing time.")
        return day.openings[-1].end

    def is_provisional(self, on: date) -> bool:
        """Say whether the holidays of *on* are not announced yet, so that working time there is a guess."""
        return self.announced_through is not None and on > self.announced_through

    # Local time

    def local(self, at: datetime) -> datetime:
        """Return *at* in the calendar's zone."""
        return at.astimezone(self.timezone)

    def at(self, on: date, minutes: int) -> datetime:
        """Return the instant *minutes* after local midnight on the wall, aware UTC; 1440 is 24:00."""
        if minutes >= MIDNIGHT_MINUTES:
            return self.wall(on + ONE_DAY, time(0))
        return self.wall(on, time(minutes // 60, minutes % 60))

    def wall(self, on: date, clock: time) -> datetime:
        """
        Return the instant at which the wall shows *clock* on *on*, aware UTC.

        A time that summer time leaps over is as much later; one that comes twice is the first.
        Source: our default.
        """
        return datetime.combine(on, clock.replace(fold=0), tzinfo=self.timezone).astimezone(UTC)

    def last_day(self, at: datetime) -> date:
        """Return the local date that *at* closes: midnight belongs to the day before, as its 24:00."""
        return self.local(at - timedelta(microseconds=1)).date()

    # Sums

    def nth_working_day_after(self, on: date, n: int) -> date:
        """
        Return the *n*-th working day after *on*, which does not count itself; 0 is *on*.

        Raises:
            NoWorkingTime: there is none for more than a year.
        """
        rest = 0
        while n > 0:
            on += ONE_DAY
            if self.day(on).counts:
                n, rest = n - 1, 0
            elif (rest := rest + 1) > LONGEST_REST_DAYS:
                raise NoWorkingTime(f"There is no working day in the {LONGEST_REST_DAYS} days before {on}.")
        return on

    def first_working_day_from(self, on: date) -> date:
        """Return *on* if it is a working day, else the next one."""
        return on if self.is_working_day(on) else self.nth_working_day_after(on, 1)

    def next_working_instant(self, at: datetime) -> datetime:
        """Return *at* if it lies in working time, else when work begins next."""
        for day in self._days_from(at):
            for piece in day.openings:
                if at < piece.end:
                    return max(at, piece.start).astimezone(UTC)
        raise AssertionError("unreachable")

    def add_working(self, start: datetime, length: timedelta) -> datetime:
        """
        Return the first instant at which *length* of working time has passed since *start*.

        Nothing to add gives *start* itself. A sum that ends with a working day gives its closing time,
        not the next morning.
        """
        left = length
        if left <= timedelta():
            return start.astimezone(UTC)
        for day in self._days_from(start):
            if day.start >= start and day.worked < left:
                left -= day.worked
                continue
            for piece in day.openings:
                here = piece.end - max(piece.start, start)
                if here >= left:
                    return (max(piece.start, start) + left).astimezone(UTC)
                left -= max(here, timedelta())
        raise AssertionError("unreachable")

    def working_between(self, a: datetime, b: datetime) -> timedelta:
        """Return the working time from *a* to *b*, to the microsecond; negative if b < a."""
        if b < a:
            return -self.working_between(b, a)
        total, on, last = timedelta(), self.local(a).date(), self.local(b).date()
        while on <= last:
            day = self.day(on)
            if a <= day.start and day.end <= b:
                total += day.worked
            else:
                total += sum((max(min(p.end, b) - max(p.start, a), timedelta()) for p in day.openings), timedelta())
            on += ONE_DAY
        return total

    def working_minutes_between(self, a: datetime, b: datetime) -> int:
        """Return the whole working minutes from *a* to *b*, begun ones not counted; negative if b < a."""
        return int(self.working_between(a, b) / timedelta(minutes=1))

    # The same calendar with one thing changed

    def with_week(
        self, days: str | None = None, hours: str | tuple[str, ...] | list[str] | None = None
    ) -> "WorkCalendar":
        """
        Return this calendar for one clock with its own week, such as ``mon-sat`` and ``08:30-17:30``.

        Without *hours* a day keeps what it has, and a new day gets a full day's. Without *days* they stay.

        Raises:
            ValueError: days or hours cannot be read.
        """
        key = ("week", days, hours if isinstance(hours, str | None) else tuple(hours))
        if key not in self._derived:
            self._derived[key] = self._changed(week=self._week_with(days, hours))
        return self._derived[key]

    def around_the_clock(self) -> "WorkCalendar":
        """Return this calendar with the whole 24 hours of each working day, for limits that keep the hour."""
        if "around" not in self._derived:
            self._derived["around"] = self._changed(whole_days=True)
        return self._derived["around"]

    def following(self, past: "WorkCalendar", until: datetime) -> "WorkCalendar":
        """
        Return *past* before *until*, and this calendar from then on: what is used is not rewritten.

        Days before the one of *until* are those of *past*; whether that day itself counts is asked of
        this one.
        """
        return replace(self, past=Past(past, until.astimezone(UTC)))

    @cached_property
    def full_day(self) -> Openings:
        """
        Monday's hours, or the longest day's where Monday is free: what a make-up day works.

        Source: our default.
        """
        return self.week[0] or max(self.week, key=lambda openings: sum(o.closes - o.opens for o in openings))

    @cached_property
    def full_day_length(self) -> timedelta:
        """The working time of a full day, on the wall."""
        return timedelta(minutes=sum(opening.closes - opening.opens for opening in self.full_day))

    @cached_property
    def version(self) -> str:
        """The first 16 digits of the SHA-256 of what the calendar says: same days and hours, same version."""
        return hashlib.sha256(json.dumps(self._content(), sort_keys=True).encode()).hexdigest()[:16]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, WorkCalendar) and self.version == other.version

    def __hash__(self) -> int:
        return hash(self.version)

    # Inside

    def _changed(self, **changes: object) -> "WorkCalendar":
        """Return a copy with *changes*, in the past too."""
        past = self.past and Past(self.past.calendar._changed(**changes), self.past.until)
        return replace(self, past=past, **changes)  # type: ignore[arg-type]  # the caller names fields

    def _week_with(self, days: str | None, hours: str | tuple[str, ...] | list[str] | None) -> Week:
        open_days = parse_days(days) if days else {day for day in range(7) if self.week[day]}
        openings = parse_hours(hours) if hours else None
        return tuple((openings or self.week[day] or self.full_day) if day in open_days else () for day in range(7))

    def _days_from(self, at: datetime) -> Iterator[Day]:
        on, rest = self.local(at).date(), 0
        while rest <= LONGEST_REST_DAYS:
            day = self.day(on)
            rest = 0 if day.openings else rest + 1
            yield day
            on += ONE_DAY
        raise NoWorkingTime(f"There is no working time in the {LONGEST_REST_DAYS} days before {on}.")

    def _plan(self, on: date) -> tuple[DayKind, Openings, Text]:
        if special := self.special_hours.get(on):
            return DayKind.SPECIAL, special.openings, special.why
        if on in self.makeup_days:
            return DayKind.MAKEUP, self.full_day, self.makeup_days[on]
        if on in self.holidays:
            return DayKind.HOLIDAY, (), self.holidays[on]
        openings = self.week[on.weekday()]
        return (DayKind.WORKDAY if openings else DayKind.WEEKEND), openings, ""

    def _own_day(self, on: date) -> Day:
        kind, openings, name = self._plan(on)
        start, end = self.at(on, 0), self.at(on, MIDNIGHT_MINUTES)
        planned = [Piece(self.at(on, o.opens), self.at(on, o.closes)) for o in openings]
        planned = [piece for piece in planned if piece.start < piece.end]
        pieces, closed = self._without_closures(on, planned)
        counts = bool(pieces) and pieces[-1].end == planned[-1].end
        if planned and not counts:
            kind, name = DayKind.CLOSURE, closed[-1].why
        if self.whole_days:
            pieces, closed = ([Piece(start, end)] if counts else []), []
        return _day(on, start, end, kind, name, pieces, closed, counts)

    def _without_closures(self, on: date, pieces: list[Piece]) -> tuple[list[Piece], list[Piece]]:
        closed: list[Piece] = []
        for closure in self.closures:
            if not pieces:
                continue
            since, until = self._bounds(closure)
            closed += [Piece(max(p.start, since), min(p.end, until), closure.why) for p in pieces]
            before = [Piece(p.start, min(p.end, since)) for p in pieces]
            after = [Piece(max(p.start, until), p.end) for p in pieces]
            pieces = sorted(p for p in before + after if p.start < p.end)
        return pieces, sorted((p for p in closed if p.start < p.end), key=lambda p: p.start)

    def _bounds(self, closure: Closure) -> tuple[datetime, datetime]:
        since, until = closure.since, closure.until
        return (
            since if isinstance(since, datetime) else self.at(since, 0),
            until if isinstance(until, datetime) else self.at(until, MIDNIGHT_MINUTES),
        )

    def _spliced_day(self, on: date) -> Day:
        if self.past is None:
            return self._own_day(on)
        calendar, until = self.past
        cut = calendar.local(until).date()
        if on < cut - ONE_DAY:
            return calendar.day(on)
        own = self._own_day(on)
        if on > cut + ONE_DAY:
            return own
        old = calendar.day(on)
        pieces = [p._replace(end=min(p.end, until)) for p in old.openings]
        pieces += [p._replace(start=max(p.start, until)) for p in own.openings]
        closed = [p._replace(end=min(p.end, until)) for p in old.closed]
        closed += [p._replace(start=max(p.start, until)) for p in own.closed]
        ruling = old if on < cut else own
        return _day(on, own.start, own.end, ruling.kind, ruling.name, _joined(pieces), _joined(closed), ruling.counts)

    def _content(self) -> list[object]:
        return [
            self.timezone.key,
            self.week,
            _plain(self.holidays),
            _plain(self.makeup_days),
            {on.isoformat(): [hours.openings, _words(hours.why)] for on, hours in self.special_hours.items()},
            [[c.since.isoformat(), c.until.isoformat(), _words(c.why)] for c in self.closures],
            str(self.announced_through),
            self.whole_days,
            [self.past.calendar.version, self.past.until.isoformat()] if self.past else None,
        ]


def _day(
    on: date,
    start: datetime,
    end: datetime,
    kind: DayKind,
    name: Text,
    pieces: list[Piece],
    closed: list[Piece],
    counts: bool,
) -> Day:
    worked = sum((piece.end - piece.start for piece in pieces), timedelta())
    return Day(on, start, end, kind, name, tuple(pieces), tuple(closed), counts, worked)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Return *pieces* in order without empty ones, those that touch and have one reason made one."""
    out: list[Piece] = []
    for piece in sorted((p for p in pieces if p.start < p.end), key=lambda p: p.start):
        if out and out[-1].end == piece.start and out[-1].why == piece.why:
            out[-1] = out[-1]._replace(end=piece.end)
        else:
            out.append(piece)
    return out


def _plain(days: Mapping[date, Text]) -> dict[str, object]:
    return {on.isoformat(): _words(name) for on, name in days.items()}


def _words(text: Text) -> object:
    return text if isinstance(text, str) else dict(text)
