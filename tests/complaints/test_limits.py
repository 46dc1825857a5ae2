"""Limits: what is read, when it runs out, how much is used."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.limits import (
    AT_ONCE,
    IN_TIME,
    NO_LIMIT,
    Limit,
    NoLimit,
    Unit,
    between,
    due_at,
    elapsed,
    limit_text,
    moved_due,
    parse_limit,
    remaining,
    share_at,
)
from complaints.office_hours import parse_hours, week_of
from complaints.workdays import Closure, SpecialHours, WorkCalendar
from tests.support.company import closed_at

TAIPEI = ZoneInfo("Asia/Taipei")
NEW_YORK = ZoneInfo("America/New_York")
DESK = WorkCalendar(
    timezone=TAIPEI,
    holidays={date(2026, 4, 6): "清明節（補假）", date(2027, 1, 1): "元旦"},
    makeup_days={date(2026, 3, 14): "補班"},
    special_hours={date(2026, 3, 20): SpecialHours(openings=parse_hours("09:00-12:00"), why="尾牙")},
    announced_through=date(2026, 12, 31),
)
SIX_DAYS = DESK.with_week("mon-sat")


def at(text: str, zone: ZoneInfo = TAIPEI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def due(limit: str, start: str, calendar: WorkCalendar = DESK, roll=None) -> datetime:
    return due_at(parse_limit(limit), at(start, calendar.timezone), calendar, roll).at


# Reading and writing


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("13 days", Limit(amount=13, unit=Unit.CALENDAR_DAYS)),
        ("1 day", Limit(amount=1, unit=Unit.CALENDAR_DAYS)),
        ("2 working days", Limit(amount=2, unit=Unit.WORKING_DAYS)),
        ("2 working days to the hour", Limit(amount=2, unit=Unit.WORKING_DAYS, to_the_hour=True)),
        ("6 working hours", Limit(amount=6, unit=Unit.WORKING_HOURS)),
        ("24 hours", Limit(amount=24, unit=Unit.CLOCK_HOURS)),
        ("30 minutes", Limit(amount=Decimal("0.5"), unit=Unit.CLOCK_HOURS)),
        ("1 month", Limit(amount=1, unit=Unit.MONTHS)),
        ("1 year", Limit(amount=1, unit=Unit.YEARS)),
        ("same day", Limit(amount=1, unit=Unit.SAME_DAY)),
        ("next day 12:00", Limit(amount=1, unit=Unit.NEXT_DAY_AT, at_time=time(12))),
        ("day 5 of next month", Limit(amount=1, unit=Unit.NEXT_MONTH_DAY, on_day=5)),
        ("day 25 of this month", Limit(amount=1, unit=Unit.THIS_MONTH_DAY, on_day=25)),
        ("at once", Limit(amount=2, unit=Unit.WORKING_HOURS)),
        ("in time", Limit(amount=1, unit=Unit.WORKING_DAYS)),
        ("none", NO_LIMIT),
        ("  2  Working   Days ", Limit(amount=2, unit=Unit.WORKING_DAYS)),
    ],
)
def test_a_limit_is_read_and_written_back(text, limit):
    assert parse_limit(text) == limit
    assert parse_limit(str(limit)) == limit


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "13", "days", "0 days", "-1 days", "1.5 days", "2 weeks", "next day", "next day 25:00"),
        *(
            "24 hours to the hour",
            "same day to the hour",
            "99999999 days",
            "２ days",
            "1e3 days",
            "2 working",
        ),
        *("1 day 2 hours", "13 days; drop", "nan hours"),
        *("day 0 of next month", "day 32 of next month", "day 5", "day 5 of next month to the hour"),
        *("day 0 of this month", "day 32 of this month", "day 25 of the month", "day 25 of this month to the hour"),
    ],
)
def test_anything_else_is_refused_with_the_valid_forms(text):
    with pytest.raises(ValueError, match=r"is no limit; write 13 days, 2 working days.*none"):
        parse_limit(text)


@pytest.mark.parametrize(
    ("text", "en", "hans", "hant"),
    [
        ("13 days", "13 days", "13 天", "13 天"),
        ("1 working day", "1 working day", "1 个工作日", "1 個工作日"),
        ("6 working hours", "6 working hours", "6 个工作小时", "6 個工作小時"),
        ("20 minutes", "20 minutes", "20 分钟", "20 分鐘"),
        ("same day", "the same day", "当天", "當天"),
        ("next day 12:00", "by 12:00 the next day", "次日 12:00 前", "次日 12:00 前"),
        ("day 5 of next month", "by day 5 of the next month", "次月 5 日前（含当日）", "次月 5 日前（含當日）"),
        (
            "day 25 of this month",
            "by day 25 of the month, of the next one if it is past",
            "当月 25 日前（含当日，已过则次月）",
            "當月 25 日前（含當日，已過則次月）",
        ),
        ("none", "no limit", "不限期", "不限期"),
        (
            "2 working days to the hour",
            "2 working days, to the hour",
            "2 个工作日（精确到小时）",
            "2 個工作日（精確到小時）",
        ),
    ],
)
def test_a_limit_in_words(text, en, hans, hant):
    limit = parse_limit(text)

    assert [limit_text(limit, language) for language in ("en", "zh-Hans", "zh-Hant")] == [en, hans, hant]


def test_a_language_without_texts_is_refused():
    with pytest.raises(ValueError, match="choose one of en, zh-Hans, zh-Hant"):
        limit_text(AT_ONCE, "fr")


# When it runs out


@pytest.mark.parametrize(
    ("rule", "limit", "start", "ends"),
    [
        ("days begin the day after and end at 24:00", "13 days", "2026-03-02T10:00", "2026-03-16T00:00"),
        ("holiday or not: the last day is a Sunday", "6 days", "2026-03-02T10:00", "2026-03-09T00:00"),
        ("begun at midnight, that day is day zero", "1 day", "2026-03-02T00:00", "2026-03-04T00:00"),
        ("begun a minute before midnight", "1 day", "2026-03-01T23:59", "2026-03-03T00:00"),
        ("over the year's end", "3 days", "2026-12-30T10:00", "2027-01-03T00:00"),
        ("working days end at closing time", "2 working days", "2026-03-02T10:00", "2026-03-04T18:00"),
        (
            "begun after closing, the next day is the first",
            "1 working day",
            "2026-03-02T22:00",
            "2026-03-03T18:00",
        ),
        ("begun on Sunday", "1 working day", "2026-03-08T11:00", "2026-03-09T18:00"),
        ("begun on a holiday", "1 working day", "2026-04-06T11:00", "2026-04-07T18:00"),
        ("a make-up Saturday counts", "1 working day", "2026-03-13T10:00", "2026-03-14T18:00"),
        ("a holiday does not count", "1 working day", "2026-04-03T10:00", "2026-04-07T18:00"),
        (
            "a half-day counts and ends at its own closing",
            "1 working day",
            "2026-03-19T10:00",
            "2026-03-20T12:00",
        ),
        ("hours run around the clock", "24 hours", "2026-03-07T10:15", "2026-03-08T10:15"),
        ("minutes too", "30 minutes", "2026-03-07T23:45", "2026-03-08T00:15"),
        ("working hours leave out lunch", "6 working hours", "2026-03-02T09:00", "2026-03-02T16:00"),
        ("working hours go on the next morning", "6 working hours", "2026-03-02T16:00", "2026-03-03T14:00"),
        (
            "called after closing, hours begin at opening",
            "6 working hours",
            "2026-03-02T20:00",
            "2026-03-03T16:00",
        ),
        ("at once is 2 working hours", "at once", "2026-03-02T11:30", "2026-03-02T14:30"),
        ("in time is 1 working day", "in time", "2026-03-02T11:30", "2026-03-03T18:00"),
        ("a month ends on its date", "1 month", "2026-03-15T10:00", "2026-04-16T00:00"),
        ("a shorter month has a last day", "1 month", "2026-01-31T10:00", "2026-03-01T00:00"),
        ("the last of a month of 30 days", "1 month", "2026-03-31T10:00", "2026-05-01T00:00"),
        ("over the year's end by months", "3 months", "2026-11-30T10:00", "2027-03-01T00:00"),
        ("29 February comes back as 28", "1 year", "2028-02-29T10:00", "2029-03-01T00:00"),
        ("same day ends at closing time", "same day", "2026-03-02T10:00", "2026-03-02T18:00"),
        ("same day begun after closing", "same day", "2026-03-02T18:00", "2026-03-03T18:00"),
        ("same day begun on Sunday", "same day", "2026-03-08T10:00", "2026-03-09T18:00"),
        ("next day is the next calendar day", "next day 12:00", "2026-03-06T19:00", "2026-03-07T12:00"),
        ("a day of next month", "day 5 of next month", "2026-03-06T19:00", "2026-04-06T00:00"),
        ("from the first of a month", "day 5 of next month", "2026-04-01T00:00", "2026-05-06T00:00"),
        ("over the year's end", "day 5 of next month", "2026-12-31T23:59", "2027-01-06T00:00"),
        ("a day that the month has not", "day 31 of next month", "2026-01-15T10:00", "2026-03-01T00:00"),
        ("a day of this month", "day 25 of this month", "2026-03-06T19:00", "2026-03-26T00:00"),
        ("begun on that very day", "day 25 of this month", "2026-03-25T23:59", "2026-03-26T00:00"),
        ("past: the next month's (our default)", "day 25 of this month", "2026-03-26T00:00", "2026-04-26T00:00"),
        ("past, over the year's end", "day 25 of this month", "2026-12-31T10:00", "2027-01-26T00:00"),
        ("a day that this month has not", "day 31 of this month", "2026-02-10T10:00", "2026-03-01T00:00"),
        ("past, and the next month has it not", "day 30 of this month", "2026-01-31T10:00", "2026-03-01T00:00"),
        ("days to the hour", "3 days to the hour", "2026-03-02T10:20", "2026-03-05T10:20"),
        ("a month to the hour", "1 month to the hour", "2026-01-31T10:20", "2026-02-28T10:20"),
    ],
)
def test_a_limit_runs_out(rule, limit, start, ends):
    assert due(limit, start) == at(ends), rule


@pytest.mark.parametrize(
    ("start", "ends"),
    [
        ("2026-03-06T10:00", "2026-03-09T10:00"),  # the text's own example: Friday to Monday
        ("2026-03-05T10:00", "2026-03-07T10:00"),
        ("2026-03-07T15:00", "2026-03-10T15:00"),
        ("2026-03-08T11:00", "2026-03-11T00:00"),  # Sunday starts Monday 00:00: Tuesday 24:00
        ("2026-03-09T00:00", "2026-03-11T00:00"),
        ("2026-04-03T10:00", "2026-04-07T10:00"),  # over a Sunday and a holiday Monday: Sat, Tue
    ],
)
def test_two_working_days_to_the_hour_with_saturday_counted(start, ends):
    """home-furnishing-group 2: 「如星期五上午10:00……最迟回复时间为下个星期一上午10:00」."""
    assert due("2 working days to the hour", start, SIX_DAYS) == at(ends)


def test_a_week_of_working_days_from_sunday_ends_with_saturday_and_not_on_monday():
    assert due("6 working days to the hour", "2026-03-08T11:00", SIX_DAYS) == at("2026-03-15T00:00")


def test_a_last_day_that_is_free_moves_only_where_the_policy_says_so():
    assert due("5 days", "2026-03-02T10:00", roll="next_working_day") == at("2026-03-10T00:00")
    assert due("4 days", "2026-03-02T10:00", roll="next_working_day") == at("2026-03-07T00:00")
    assert due("next day 12:00", "2026-03-06T19:00", roll="next_working_day") == at("2026-03-09T12:00")
    assert due("day 5 of next month", "2026-03-06T19:00", roll="next_working_day") == at("2026-04-08T00:00")
    assert due("day 8 of this month", "2026-03-08T10:00", roll="next_working_day") == at("2026-03-10T00:00")
    assert due("5 days to the hour", "2026-03-02T10:00", roll="next_working_day") == at("2026-03-09T10:00")


def test_no_limit_has_no_due_time():
    with pytest.raises(NoLimit):
        due_at(NO_LIMIT, at("2026-03-02T10:00"), DESK)


def test_a_start_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        due_at(AT_ONCE, datetime(2026, 3, 2, 10), DESK)  # noqa: DTZ001 - a naive instant is what is refused


@pytest.mark.parametrize(
    ("limit", "start", "provisional"),
    [
        ("3 working days", "2026-12-28T10:00", False),  # ends on 31 December
        ("4 working days", "2026-12-28T10:00", True),
        ("30 days", "2026-12-28T10:00", False),  # calendar days ask no calendar
        ("8 working hours", "2026-12-31T17:00", True),
        ("same day", "2026-12-31T19:00", True),
    ],
)
def test_working_time_beyond_the_announced_holidays_is_provisional(limit, start, provisional):
    assert due_at(parse_limit(limit), at(start), DESK).provisional is provisional


@pytest.mark.parametrize(
    ("limit", "start", "ends"),
    [
        ("1 day", "2026-03-07T10:00", "2026-03-09T00:00"),  # the day of 23 hours ends at midnight
        ("1 day", "2026-10-31T10:00", "2026-11-02T00:00"),  # the day of 25 hours too
        ("2 days to the hour", "2026-03-07T10:00", "2026-03-09T10:00"),
        ("24 hours", "2026-03-07T10:00", "2026-03-08T11:00"),
        ("24 hours", "2026-10-31T10:00", "2026-11-01T09:00"),
        ("1 working day", "2026-03-06T10:00", "2026-03-09T18:00"),
        ("10 working hours", "2026-10-30T16:00", "2026-11-02T18:00"),
    ],
)
def test_summer_time_keeps_the_wall_for_days_and_the_length_for_hours(limit, start, ends):
    new_york = WorkCalendar(timezone=NEW_YORK)

    assert due(limit, start, new_york) == at(ends, NEW_YORK)


# The calendar changes


def typhoon(on: str, calendar: WorkCalendar = DESK) -> WorkCalendar:
    day = date.fromisoformat(on)
    return closed_at(calendar, Closure(since=day, until=day, why="颱風假"))


def moved(limit: str, start: str, now: str, new: WorkCalendar) -> datetime:
    return moved_due(parse_limit(limit), at(start), at(now), DESK, new).at


@pytest.mark.parametrize(
    ("rule", "limit", "start", "now", "closed", "ends"),
    [
        ("a day to come", "2 working days", "02T10:00", "03T09:00", "04", "05T18:00"),
        ("today is not used yet", "2 working days", "02T10:00", "04T15:00", "04", "05T18:00"),
        ("yesterday is used", "2 working days", "02T10:00", "04T08:00", "03", "04T18:00"),
        ("hours used today stay used", "6 working hours", "02T10:00", "02T15:00", "02", "03T11:00"),
        ("calendar days do not care", "3 days", "02T10:00", "03T09:00", "04", "06T00:00"),
        ("what has run out stays", "1 working day", "02T10:00", "05T09:00", "03", "03T18:00"),
        ("closed an hour after it ran out", "1 working day", "02T10:00", "03T19:00", "03", "03T18:00"),
        ("same day", "same day", "02T10:00", "02T11:00", "02", "03T18:00"),
    ],
)
def test_a_changed_calendar_moves_only_the_rest(rule, limit, start, now, closed, ends):
    new = typhoon(f"2026-03-{closed}")

    assert moved(limit, f"2026-03-{start}", f"2026-03-{now}", new) == at(f"2026-03-{ends}"), rule


def test_a_moved_deadline_names_the_new_calendar():
    new = typhoon("2026-03-04")

    result = moved_due(IN_TIME, at("2026-03-03T10:00"), at("2026-03-03T11:00"), DESK, new)

    assert result.calendar_version == new.version


def test_two_closures_one_after_the_other_keep_what_was_used_before_each():
    """6 working hours from 10:00: 2 used by noon, then closed; one the next day, then closed again."""
    limit, start = parse_limit("6 working hours"), at("2026-03-02T10:00")
    first = typhoon("2026-03-02").following(DESK, at("2026-03-02T12:30"))
    assert due_at(limit, start, first).at == at("2026-03-03T14:00")

    second = moved_due(limit, start, at("2026-03-03T10:00"), first, typhoon("2026-03-03", typhoon("2026-03-02")))

    assert second.at == at("2026-03-04T12:00")


# How much of it is used


@pytest.mark.parametrize(
    ("limit", "start", "reminder"),
    [
        ("10 hours", "2026-03-02T10:00", "2026-03-02T18:00"),
        ("10 working hours", "2026-03-02T09:00", "2026-03-02T18:00"),  # 8 of 10
        ("1 working day", "2026-03-02T16:00", "2026-03-03T16:00"),  # 2 + 8 hours: after 8 of 10
        ("4 days to the hour", "2026-03-02T10:00", "2026-03-05T14:48"),
        ("same day", "2026-03-02T13:00", "2026-03-02T17:00"),
    ],
)
def test_eighty_percent_is_of_the_limits_own_unit(limit, start, reminder):
    assert share_at(parse_limit(limit), at(start), DESK, Decimal("0.8")) == at(reminder)


def test_eighty_percent_of_two_working_days_to_the_hour_runs_around_the_clock_on_working_days():
    """38.4 of 48 hours: Friday 14, Saturday 24, and 0.4 of Monday."""
    limit = parse_limit("2 working days to the hour")

    assert share_at(limit, at("2026-03-06T10:00"), SIX_DAYS, Decimal("0.8")) == at("2026-03-09T00:24")


@pytest.mark.parametrize(
    ("unit", "a", "b", "amount"),
    [
        (Unit.CLOCK_HOURS, "2026-03-02T10:00", "2026-03-02T11:30", "1.5"),
        (Unit.CALENDAR_DAYS, "2026-03-02T10:00", "2026-03-03T22:00", "1.5"),
        (Unit.WORKING_HOURS, "2026-03-02T11:00", "2026-03-02T14:00", "2"),
        (Unit.WORKING_DAYS, "2026-03-02T09:00", "2026-03-03T14:00", "1.5"),
        (Unit.MONTHS, "2026-01-31T00:00", "2026-02-28T00:00", "1"),
        (Unit.MONTHS, "2026-03-01T00:00", "2026-04-16T00:00", "1.5"),
        (Unit.YEARS, "2026-01-01T00:00", "2027-07-01T00:00", "1.5"),
        (Unit.WORKING_HOURS, "2026-03-02T14:00", "2026-03-02T11:00", "-2"),
    ],
)
def test_elapsed_time_in_each_unit(unit, a, b, amount):
    assert elapsed(unit, at(a), at(b), DESK) == Decimal(amount)


def test_what_is_left_is_negative_when_late():
    assert remaining(Unit.WORKING_HOURS, at("2026-03-02T16:00"), at("2026-03-03T10:00"), DESK) == 3
    assert remaining(Unit.WORKING_HOURS, at("2026-03-03T10:00"), at("2026-03-02T18:00"), DESK) == -1


def test_minutes_between_are_working_minutes():
    friday_closing = at("2026-03-06T18:00")

    assert between(friday_closing, at("2026-03-08T12:00"), DESK) == 0
    assert between(friday_closing, at("2026-03-09T14:00"), DESK) == 240


# What holds for every limit

LIMITS = st.sampled_from(
    [
        parse_limit(text)
        for text in (
            *(
                "1 day",
                "13 days",
                "3 days to the hour",
                "1 working day",
                "10 working days",
                "6 working hours",
            ),
            *("2 working days to the hour", "30 minutes", "24 hours", "1 month", "1 year", "same day"),
            *("next day 12:00", "1 month to the hour", "day 5 of next month", "day 31 of next month"),
            *("day 1 of this month", "day 25 of this month", "day 30 of this month", "day 31 of this month"),
        )
    ]
)
INSTANTS = st.datetimes(datetime(2026, 2, 1), datetime(2026, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis takes bounds without a zone
CALENDARS = st.sampled_from(
    [
        DESK,
        SIX_DAYS,
        typhoon("2026-03-04"),
        WorkCalendar(timezone=NEW_YORK, week=week_of("mon-sun", ("00:00-02:30", "06:00-24:00"))),
    ]
)


@settings(max_examples=120, deadline=None)
@given(LIMITS, INSTANTS, st.timedeltas(timedelta(), timedelta(days=9)), CALENDARS)
def test_what_starts_later_never_ends_earlier_and_a_share_lies_between(limit, start, later, calendar):
    """Months to the hour apart: from 30 and 31 March, both end on 30 April, each at its own hour."""
    end = due_at(limit, start, calendar).at

    assert end > start
    assert due_at(limit, start + later, calendar).at >= end or limit == parse_limit("1 month to the hour")
    assert start <= share_at(limit, start, calendar, Decimal("0.8")) <= end
    assert share_at(limit, start, calendar, Decimal(1)) == end


@settings(max_examples=60, deadline=None)
@given(LIMITS, INSTANTS, st.timedeltas(timedelta(), timedelta(days=20)))
def test_a_calendar_that_did_not_change_moves_nothing(limit, start, used):
    assert moved_due(limit, start, start + used, DESK, DESK).at == due_at(limit, start, DESK).at
