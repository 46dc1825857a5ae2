"""How was this computed: which time counted towards a limit, which was skipped, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import groupby
from zoneinfo import ZoneInfo

from complaints.limits import DAY_UNITS, MOMENTS, Limit, Roll, Unit, counted_text, due_at
from complaints.workdays import LANGUAGES, ONE_DAY, Day, DayKind, Text, WorkCalendar, wording

HOUR_UNITS = (Unit.WORKING_HOURS, Unit.CLOCK_HOURS)


class SpanKind(StrEnum):
    COUNTED = "counted"
    TRIGGER_DAY = "trigger_day"  # day zero: periods begin the day after (D2)
    BREAK = "break"
    OUTSIDE = "outside"  # before opening and after closing
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    CLOSURE = "closure"
    ROLLED = "rolled"  # the working day to which a last day moved


@dataclass(frozen=True, kw_only=True)
class Span:
    """
    A stretch of time between the start of a limit and its end, and how much of the limit it used.

    *start* inclusive, *end* exclusive, aware UTC; *counted* in *unit*, 0 where skipped. *name*: the holiday,
    the reason of the closure, what the make-up day or half-day is called. *to_the_hour*: days counted by the
    hour.
    """

    kind: SpanKind
    start: datetime
    end: datetime
    counted: Fraction
    unit: Unit
    timezone: ZoneInfo
    name: Text = ""
    to_the_hour: bool = False


_SKIPPED = {
    DayKind.WEEKEND: SpanKind.WEEKEND,
    DayKind.HOLIDAY: SpanKind.HOLIDAY,
    DayKind.CLOSURE: SpanKind.CLOSURE,
}


def explain(limit: Limit, start: datetime, calendar: WorkCalendar, roll: Roll | None = None) -> tuple[Span, ...]:
    """
    Return the spans from *start* to the due time, in order and without gaps.

    What they count adds up to the limit (`same day`: to the working hours left), and the last that counts, or
    the day it rolled to, ends with `due_at`.

    Raises:
        NoLimit: the limit is `none`.
    """
    due = due_at(limit, start, calendar, roll).at
    begin = start.astimezone(UTC)
    match limit.unit:
        case Unit.WORKING_HOURS | Unit.SAME_DAY:
            spans = _by_the_hour(begin, due, calendar, Unit.WORKING_HOURS)
        case Unit.WORKING_DAYS if limit.to_the_hour:
            spans = _by_the_hour(begin, due, calendar.around_the_clock(), Unit.WORKING_DAYS)
        case Unit.WORKING_DAYS:
            spans = _by_the_day(begin, due, calendar)
        case _:
            spans = _plain_time(limit, begin, due, calendar)
    return tuple(_merged(span for span in spans if span.start < span.end))


def _by_the_hour(start: datetime, due: datetime, calendar: WorkCalendar, unit: Unit) -> Iterator[Span]:
    """Yield each stretch of each day, counted where work goes on."""
    for day in _days(start, due, calendar):
        for kind, begin, end, name in _stretches(day):
            begin, end = max(begin, start), min(end, due)
            counts = kind is SpanKind.COUNTED and begin < end
            yield Span(
                kind=kind,
                start=begin,
                end=end,
                counted=_amount(begin, end, unit, calendar) if counts else Fraction(0),
                unit=unit,
                timezone=calendar.timezone,
                name=name,
                to_the_hour=unit is Unit.WORKING_DAYS,
            )


def _stretches(day: Day) -> Iterator[tuple[SpanKind, datetime, datetime, Text]]:
    if not day.openings:
        yield _why_not(day), day.start, day.end, _name_of(day)
        return
    own_name = day.name if day.kind in (DayKind.MAKEUP, DayKind.SPECIAL) else ""
    pieces = [(SpanKind.COUNTED, piece.start, piece.end, own_name) for piece in day.openings]
    pieces += [(SpanKind.CLOSURE, piece.start, piece.end, piece.why) for piece in day.closed]
    at, gap = day.start, SpanKind.OUTSIDE
    for kind, start, end, name in sorted(pieces, key=lambda piece: piece[1]):
        yield gap, at, start, ""
        yield kind, max(at, start), end, name
        at, gap = max(at, end), SpanKind.BREAK
    yield SpanKind.OUTSIDE, at, day.end, ""


def _by_the_day(start: datetime, due: datetime, calendar: WorkCalendar) -> Iterator[Span]:
    """Yield each day whole: the day of *start* as day zero, working days as one each."""
    trigger = calendar.local(start).date()
    for day in _days(start, due, calendar):
        kind = SpanKind.TRIGGER_DAY
        if day.on > trigger:
            kind = SpanKind.COUNTED if day.counts else _why_not(day)
        yield Span(
            kind=kind,
            start=max(day.start, start),
            end=min(day.end, due),
            counted=Fraction(kind is SpanKind.COUNTED),
            unit=Unit.WORKING_DAYS,
            timezone=calendar.timezone,
            name="" if kind is SpanKind.TRIGGER_DAY else day.name if day.counts else _name_of(day),
        )


def _plain_time(limit: Limit, start: datetime, due: datetime, calendar: WorkCalendar) -> Iterator[Span]:
    """Yield plain time, holidays and all; then, if the last day rolled, the free days up to the new one."""
    nominal = due_at(limit, start, calendar).at
    keeps_hour = limit.to_the_hour or limit.unit is Unit.CLOCK_HOURS
    zero_ends = calendar.day(calendar.local(start).date()).end
    first = start if keeps_hour or nominal <= zero_ends else zero_ends  # it may begin on the day that it names
    zero = Span(
        kind=SpanKind.TRIGGER_DAY,
        start=start,
        end=first,
        counted=Fraction(0),
        unit=limit.unit,
        timezone=calendar.timezone,
        to_the_hour=limit.to_the_hour,
    )
    yield zero
    yield replace(zero, kind=SpanKind.COUNTED, start=first, end=nominal, counted=Fraction(limit.amount))
    for day in _days(nominal, due, calendar):
        kind = SpanKind.ROLLED if day.counts else _why_not(day)
        begin, end = max(day.start, nominal), min(day.end, due)
        yield replace(zero, kind=kind, start=begin, end=end, name="" if day.counts else _name_of(day))


def _days(start: datetime, end: datetime, calendar: WorkCalendar) -> Iterator[Day]:
    on, last = calendar.local(start).date(), calendar.last_day(end)
    while on <= last:
        yield calendar.day(on)
        on += ONE_DAY


def _why_not(day: Day) -> SpanKind:
    return _SKIPPED.get(day.kind, SpanKind.CLOSURE)


def _name_of(day: Day) -> Text:
    return day.closed[-1].why if day.closed else day.name


def _amount(start: datetime, end: datetime, unit: Unit, calendar: WorkCalendar) -> Fraction:
    """Return the time from *start* to *end* in hours, or in days of 24 hours on the wall."""
    tick = timedelta(microseconds=1)
    if unit is Unit.WORKING_HOURS:
        return Fraction((end - start) // tick, 3_600_000_000)
    wall = [calendar.local(at).replace(tzinfo=None) for at in (start, end)]
    return Fraction((wall[1] - wall[0]) // tick, 86_400_000_000)


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Yield *spans*, whole days of one kind and name made one."""
    open_span: Span | None = None
    for span in spans:
        if open_span is not None and _is_same(open_span, span):
            open_span = replace(open_span, end=span.end, counted=open_span.counted + span.counted)
            continue
        if open_span is not None:
            yield open_span
        open_span = span
    if open_span is not None:
        yield open_span


def _is_same(a: Span, b: Span) -> bool:
    by_the_hour = a.kind is SpanKind.COUNTED and (a.unit in HOUR_UNITS or a.to_the_hour)
    return (a.kind, a.name) == (b.kind, b.name) and not by_the_hour


# In words

_WEEKDAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "zh-Hans": "一二三四五六日"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PHRASES = {
    "en": {
        "counted": "{when}{name}: counts {amount}{without}",
        "by": "{when}{name}: the last moment",
        "skipped": "{when}, {name}: not counted",
        "trigger_day": "{when}: day zero, not counted",
        "rolled": "moves to {when}, the next working day",
        "without": " (without {})",
        "break": "the break {}",
        "name": ", {}",
        "weekend": "weekend",
        "holiday": "public holiday",
        "closure": "closed",
        "and": ", ",
    },
    "zh-Hans": {
        "counted": "{when}{name}，计 {amount}{without}",
        "by": "{when}{name}截止",
        "skipped": "{when} {name}，不计",
        "trigger_day": "{when} 起算日，不计",
        "rolled": "顺延至 {when}（下一个工作日）",
        "without": "（不计{}）",
        "break": "休息 {}",
        "name": " {}",
        "weekend": "周末",
        "holiday": "节假日",
        "closure": "停工",
        "and": "、",
    },
    "zh-Hant": {
        "counted": "{when}{name}，計 {amount}{without}",
        "by": "{when}{name}截止",
        "skipped": "{when} {name}，不計",
        "trigger_day": "{when} 起算日，不計",
        "rolled": "順延至 {when}（下一個工作日）",
        "without": "（不計{}）",
        "break": "休息 {}",
        "name": " {}",
        "weekend": "週末",
        "holiday": "假日",
        "closure": "停班",
        "and": "、",
    },
}


def explain_text(spans: Iterable[Span], language: str) -> tuple[str, ...]:
    """
    Return one line for each day or run of days in *spans*: ``10/1–10/7 國慶節，不計``.

    Dates and times are local; a year is named where it is not that of the start. Nights are left out.

    Raises:
        ValueError: *language* is none of en, zh-Hans, zh-Hant.
    """
    if language not in LANGUAGES:
        raise ValueError(f"There are no texts in {language!r}; choose one of {', '.join(LANGUAGES)}.")
    shown = [span for span in spans if span.kind is not SpanKind.OUTSIDE]
    year = _local(shown[0].start, shown[0]).year if shown else 0
    lines = (_line(list(group), language, year) for _, group in groupby(shown, key=_line_key))
    return tuple(line.replace("） ", "）") for line in lines if line)


def _line_key(span: Span) -> tuple[object, ...]:
    """Return what spans of one line share: the day where hours count, else the kind."""
    if _is_within_a_day(span):
        return ("day", _local(span.start, span).date())
    return (span.kind, span.start if span.kind is SpanKind.COUNTED else None)


def _is_within_a_day(span: Span) -> bool:
    if span.kind is SpanKind.COUNTED:
        return span.unit in HOUR_UNITS or span.to_the_hour
    starts, ends = _local(span.start, span), _local(span.end, span)
    return span.kind is SpanKind.BREAK or (
        span.kind is SpanKind.CLOSURE and starts.date() == _last_date(span) and not starts.hour == ends.hour == 0
    )


def _line(group: list[Span], language: str, year: int) -> str:
    phrases, first = _PHRASES[language], group[0]
    counted = [span for span in group if span.kind is SpanKind.COUNTED]
    if counted:
        return _counted_line(group, counted, language, year)
    if first.kind in (SpanKind.TRIGGER_DAY, SpanKind.ROLLED):
        return phrases[first.kind].format(when=_day_text(_local(first.start, first).date(), language, year))
    named = [span for span in group if span.kind is not SpanKind.BREAK]
    if not named:
        return ""
    name = _names(named, language) or phrases[named[0].kind]
    return phrases["skipped"].format(when=_when(named[0], named[-1], language, year), name=name)


def _counted_line(group: list[Span], counted: list[Span], language: str, year: int) -> str:
    phrases, first, last = _PHRASES[language], counted[0], counted[-1]
    name = _names(counted, language)
    without = [
        _without(span, language)
        for span in group
        if span.kind is not SpanKind.COUNTED and first.start < span.start < last.end
    ]
    return phrases["by" if first.unit in MOMENTS else "counted"].format(
        when=_when(first, last, language, year),
        name=phrases["name"].format(name) if name else "",
        amount=_amount_text(sum((span.counted for span in counted), Fraction(0)), first, language),
        without=phrases["without"].format(phrases["and"].join(without)) if without else "",
    )


def _without(span: Span, language: str) -> str:
    hours = f"{_local(span.start, span):%H:%M}–{_end_time(span)}"
    if span.kind is SpanKind.BREAK:
        return _PHRASES[language]["break"].format(hours)
    return f"{wording(span.name, language) or _PHRASES[language]['closure']} {hours}"


def _names(spans: list[Span], language: str) -> str:
    """Return the names in *spans*, each once; one that only extends another, 國慶節（補假）, is not said."""
    names: list[str] = []
    for name in dict.fromkeys(wording(span.name, language) for span in spans):
        if name and not any(name.startswith(said) for said in names):
            names.append(name)
    return _PHRASES[language]["and"].join(names)


def _amount_text(amount: Fraction, span: Span, language: str) -> str:
    if span.unit in HOUR_UNITS or (span.to_the_hour and span.unit is Unit.WORKING_DAYS):
        minutes = round(amount * 60 * (1 if span.unit in HOUR_UNITS else 24))
        parts = [(minutes // 60, "hour"), (minutes % 60, "minute")]
        return " ".join(counted_text(n, word, language) for n, word in parts if n) or counted_text(
            0, "minute", language
        )
    words = dict(zip(DAY_UNITS, ("day", "working day", "month", "year"), strict=True))
    return counted_text(int(amount), words[span.unit], language) if span.unit in words else ""


def _when(first: Span, last: Span, language: str, year: int) -> str:
    """Return the days from *first* to *last*; the hours too where they matter."""
    since, until = _local(first.start, first).date(), _last_date(last)
    if first.unit in MOMENTS and first.kind is SpanKind.COUNTED:
        return f"{_day_text(until, language, year)} {_end_time(last)}"
    if not _is_within_a_day(first):
        if since == until:
            return _day_text(since, language, year)
        return f"{_day_text(since, language, year, short=True)}–{_day_text(until, language, year, short=True)}"
    end = _end_time(last) if since == until else f"{_day_text(until, language, year)} {_end_time(last)}"
    return f"{_day_text(since, language, year)} {_local(first.start, first):%H:%M}–{end}"


def _day_text(on: date, language: str, year: int, short: bool = False) -> str:
    if language == "en":
        text = f"{_WEEKDAYS['en'][on.weekday()]} {on.day} {_MONTHS[on.month - 1]}"
        return text if on.year == year else f"{text} {on.year}"
    text = f"{on.month}/{on.day}" if on.year == year else f"{on.year}/{on.month}/{on.day}"
    return text if short else f"{text}（{_WEEKDAYS['zh-Hans'][on.weekday()]}）"


def _local(at: datetime, span: Span) -> datetime:
    return at.astimezone(span.timezone)


def _last_date(span: Span) -> date:
    return _local(span.end - timedelta(microseconds=1), span).date()


def _end_time(span: Span) -> str:
    end = _local(span.end, span)
    return "24:00" if end.date() > _last_date(span) else f"{end:%H:%M}"
