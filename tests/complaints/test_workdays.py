"""Working days and office hours: what counts, what does not, and the sums over them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.office_hours import parse_days, parse_hours, week_of
from complaints.workdays import Closure, NoWorkingTime, SpecialHours, WorkCalendar, wording
from tests.support.company import closed_at

TAIPEI = ZoneInfo("Asia/Taipei")
NEW_YORK = ZoneInfo("America/New_York")

FRI = date(2026, 3, 6)
MAKEUP_SAT = date(2026, 3, 7)
SUN = date(2026, 3, 8)
MON = date(2026, 3, 9)
HOLIDAY_TUE = date(2026, 3, 10)
WED = date(2026, 3, 11)
TYPHOON_THU = date(2026, 3, 12)
LAST_FRI = date(2026, 3, 13)

SPECIAL = SpecialHours(openings=parse_hours("09:00-12:00"), why="尾牙")
CALENDAR = WorkCalendar(
    timezone=TAIPEI,
    holidays={HOLIDAY_TUE: {"en": "Spring Day", "zh-Hant": "春日"}},
    makeup_days={MAKEUP_SAT: "補班"},
    special_hours={date(2026, 3, 20): SPECIAL},
    closures=(Closure(since=TYPHOON_THU, until=TYPHOON_THU, why="颱風假"),),
    announced_through=date(2026, 12, 31),
)


def local(on: date, clock: str, zone: ZoneInfo = TAIPEI) -> datetime:
    return datetime.combine(on, time.fromisoformat(clock), tzinfo=zone)


@pytest.mark.parametrize(
    ("on", "works", "why"),
    [
        (FRI, True, "an ordinary weekday"),
        (MAKEUP_SAT, True, "a make-up Saturday is worked"),
        (SUN, False, "Sunday"),
        (MON, True, "an ordinary weekday"),
        (HOLIDAY_TUE, False, "a public holiday"),
        (TYPHOON_THU, False, "the company is closed all day"),
        (date(2026, 3, 20), True, "a half-day has its own closing time"),
    ],
)
def test_a_day_is_a_working_day_or_not(on, works, why):
    assert CALENDAR.is_working_day(on) is works, why


def test_a_make_up_saturday_has_the_hours_of_monday():
    assert CALENDAR.intervals(MAKEUP_SAT) == (
        (local(MAKEUP_SAT, "09:00").astimezone(UTC), local(MAKEUP_SAT, "12:00").astimezone(UTC)),
        (local(MAKEUP_SAT, "13:00").astimezone(UTC), local(MAKEUP_SAT, "18:00").astimezone(UTC)),
    )


def test_a_half_day_closes_at_noon():
    assert CALENDAR.closing(date(2026, 3, 20)) == local(date(2026, 3, 20), "12:00")


def test_a_free_day_has_no_closing_time():
    with pytest.raises(ValueError, match="2026-03-08 is not a working day"):
        CALENDAR.closing(SUN)


def test_working_days_are_counted_from_the_day_after():
    assert CALENDAR.nth_working_day_after(FRI, 1) == MAKEUP_SAT
    assert CALENDAR.nth_working_day_after(FRI, 3) == WED
    assert CALENDAR.nth_working_day_after(FRI, 4) == LAST_FRI


def test_a_sum_ends_at_closing_time_and_not_the_next_morning():
    assert CALENDAR.add_working(local(FRI, "16:00"), timedelta(minutes=120)) == local(FRI, "18:00")
    assert CALENDAR.add_working(local(FRI, "16:00"), timedelta(minutes=121)) == local(MAKEUP_SAT, "09:01")


def test_lunch_is_not_worked():
    assert CALENDAR.add_working(local(FRI, "11:30"), timedelta(minutes=60)) == local(FRI, "13:30")
    assert CALENDAR.working_minutes_between(local(FRI, "11:30"), local(FRI, "13:30")) == 60


def test_work_begins_again_after_lunch_after_closing_and_after_holidays():
    assert CALENDAR.next_working_instant(local(FRI, "10:00")) == local(FRI, "10:00")
    assert CALENDAR.next_working_instant(local(FRI, "12:00")) == local(FRI, "13:00")
    assert CALENDAR.next_working_instant(local(MON, "18:00")) == local(WED, "09:00")


def test_a_closure_in_the_middle_of_a_day_takes_its_hours_and_not_the_day():
    closed = closed_at(CALENDAR, Closure(since=local(MON, "10:00"), until=local(MON, "15:00"), why="演習"))

    assert closed.is_working_day(MON)
    assert closed.working_minutes_between(local(MON, "00:00"), local(HOLIDAY_TUE, "00:00")) == 4 * 60


def test_a_day_that_a_closure_cuts_at_its_end_does_not_count_as_a_day_but_its_hours_do():
    closed = closed_at(CALENDAR, Closure(since=local(MON, "15:00"), until=local(MON, "20:00"), why="颱風"))

    assert not closed.is_working_day(MON)
    assert closed.working_minutes_between(local(MON, "00:00"), local(HOLIDAY_TUE, "00:00")) == 5 * 60


def test_one_clock_may_count_saturdays_and_have_its_own_hours():
    saturdays = CALENDAR.with_week("mon-sat", "08:30-17:30")
    plain_sat = date(2026, 3, 14)

    assert not CALENDAR.is_working_day(plain_sat)
    assert saturdays.closing(plain_sat) == local(plain_sat, "17:30")
    assert CALENDAR.with_week("mon-sat").closing(plain_sat) == local(plain_sat, "18:00")
    assert not saturdays.is_working_day(HOLIDAY_TUE)
    assert CALENDAR.with_week("mon-sat") is CALENDAR.with_week("mon-sat")


def test_the_version_follows_from_the_content():
    again = WorkCalendar(timezone=TAIPEI, holidays={FRI: "休"})

    assert again.version == WorkCalendar(timezone=TAIPEI, holidays={FRI: "休"}).version
    assert again == WorkCalendar(timezone=TAIPEI, holidays={FRI: "休"})
    assert again.version != WorkCalendar(timezone=TAIPEI, holidays={MON: "休"}).version
    assert again.version != again.with_week("mon-sat").version


def test_a_calendar_that_never_works_says_so_and_does_not_search_for_ever():
    closed = closed_at(CALENDAR, Closure(since=FRI, until=date(2046, 1, 1), why="歇業"))

    with pytest.raises(NoWorkingTime):
        closed.add_working(local(FRI, "10:00"), timedelta(minutes=10))
    with pytest.raises(NoWorkingTime):
        closed.nth_working_day_after(FRI, 1)


def test_days_after_the_announced_ones_are_provisional():
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2027, 1, 1))


def test_midnight_belongs_to_the_day_it_ends():
    assert CALENDAR.last_day(local(MON, "00:00")) == SUN
    assert CALENDAR.last_day(local(MON, "00:01")) == MON


@pytest.mark.parametrize(
    ("on", "hours_long", "what"),
    [(date(2026, 3, 8), 23, "clocks go forward"), (date(2026, 11, 1), 25, "clocks go back")],
)
def test_days_of_summer_time_have_the_hours_they_have(on, hours_long, what):
    always = WorkCalendar(timezone=NEW_YORK, week=week_of("mon-sun", "00:00-24:00"))

    assert always.day(on).worked == timedelta(hours=hours_long), what
    assert always.add_working(local(on, "00:00", NEW_YORK), timedelta(hours=hours_long)) == always.at(on, 1440)


def test_office_hours_that_summer_time_leaps_over_are_shorter():
    night = WorkCalendar(timezone=NEW_YORK, week=week_of("mon-sun", "01:00-05:00"))

    assert night.working_minutes_between(*night.intervals(date(2026, 3, 8))[0]) == 3 * 60
    assert night.working_minutes_between(*night.intervals(date(2026, 11, 1))[0]) == 5 * 60


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon-fri", {0, 1, 2, 3, 4}),
        ("Mon-Sat", {0, 1, 2, 3, 4, 5}),
        ("sun-thu", {6, 0, 1, 2, 3}),
        ("mon, wed", {0, 2}),
    ],
)
def test_weekdays_are_read(text, days):
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", "monday", "mon-", "mon-fry", "1-5"])
def test_other_weekdays_are_refused_with_an_example(text):
    with pytest.raises(ValueError, match="write mon-fri"):
        parse_days(text)


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ("9-18", "write them as 09:00-12:00"),
        ("18:00-09:00", "ends before it starts"),
        (["09:00-12:00", "11:00-18:00"], "overlap"),
        ([], "no office hours"),
    ],
)
def test_impossible_office_hours_are_refused(hours, message):
    with pytest.raises(ValueError, match=message):
        parse_hours(hours)


def test_a_name_falls_back_to_english():
    assert wording({"en": "Spring Day", "zh-Hant": "春日"}, "zh-Hant") == "春日"
    assert wording({"en": "Spring Day"}, "zh-Hans") == "Spring Day"
    assert wording("春日", "en") == "春日"


instants = st.datetimes(datetime(2026, 2, 1), datetime(2026, 4, 30), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis takes bounds without a zone
calendars = st.sampled_from(
    [
        CALENDAR,
        CALENDAR.with_week("mon-sat", "08:30-17:30"),
        CALENDAR.around_the_clock(),
        WorkCalendar(timezone=NEW_YORK, week=week_of("mon-sun", ("00:00-02:30", "06:00-24:00"))),
        CALENDAR.following(CALENDAR.with_week("mon-sun"), local(WED, "10:30")),
    ]
)


@settings(max_examples=80, deadline=None)
@given(calendars, instants, instants, instants)
def test_working_time_adds_up(calendar, a, b, c):
    """From a to c is from a to b and from b to c, in whatever order they stand."""
    whole = calendar.working_between(a, c)

    assert whole == calendar.working_between(a, b) + calendar.working_between(b, c)
    assert (whole >= timedelta()) or c < a


@settings(max_examples=80, deadline=None)
@given(calendars, instants, st.integers(1, 20_000), st.integers(0, 600))
def test_adding_and_measuring_agree(calendar, start, minutes, more):
    """What is added is what lies between; more added never comes earlier."""
    end = calendar.add_working(start, timedelta(minutes=minutes))

    assert calendar.working_between(start, end) == timedelta(minutes=minutes)
    assert calendar.add_working(start, timedelta(minutes=minutes + more)) >= end
    assert calendar.working_between(start, end - timedelta(seconds=1)) < timedelta(minutes=minutes)
