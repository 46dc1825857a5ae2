"""Calendars of the desk file: holidays, make-up days, closures, and messages about mistakes."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
import yaml

from complaints.explain import explain, explain_text
from complaints.limits import due_at, parse_limit
from complaints.workdays import wording
from storage.calendars import (
    TIMEZONES,
    CalendarFile,
    CalendarRefused,
    announced_through,
    load_calendar,
    read_calendar,
)

DAY = timedelta(days=1)
MAINLAND = load_calendar(read_calendar({"country": "CN"}))
TAIWAN = load_calendar(read_calendar({"country": "TW"}))


def calendar(**entry):
    return load_calendar(read_calendar({"country": "TW", **entry}))


def at(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def all_days(first: date, last: date):
    return (first + n * DAY for n in range((last - first).days + 1))


# Golden: the country's days


def test_every_mainland_day_from_2004_to_2026_agrees_with_an_independent_package():
    """The one exception, 2005-12-31, is known: the packages read the notice of 2006 differently."""
    different = [
        day
        for day in all_days(date(2004, 1, 1), date(2026, 12, 31))
        if MAINLAND.is_working_day(day) != chinese_calendar.is_workday(day)
    ]

    assert different == [date(2005, 12, 31)]


def test_a_mainland_saturday_within_a_holiday_is_free_even_where_saturdays_count():
    """The notices give whole stretches; the other package names the weekend days in them too."""
    six_days = MAINLAND.with_week("mon-sat")
    joined_on_paper_only = {date(2024, 6, 8)}  # 「6月10日放假，与周末连休」: we read it as free

    different = {
        day
        for day in all_days(date(2019, 1, 1), date(2026, 12, 31))
        if day.weekday() == 5
        and six_days.is_working_day(day) is (chinese_calendar.get_holiday_detail(day)[1] is not None)
        and not chinese_calendar.is_workday(day)
    }

    assert different == joined_on_paper_only
    assert not six_days.is_working_day(date(2026, 2, 21))


def test_ten_working_hours_reach_into_the_make_up_saturday():
    start = at("2026-02-13T16:00")
    limit = parse_limit("10 working hours")

    assert due_at(limit, start, MAINLAND).at == at("2026-02-14T18:00")
    assert explain_text(explain(limit, start, MAINLAND), "zh-Hant") == (
        "2/13（五）16:00–18:00，計 2 小時",
        "2/14（六）09:00–18:00 調休上班，計 8 小時（不計休息 12:00–13:00）",
    )


def test_the_taiwanese_make_up_saturday_of_2025_is_worked():
    assert TAIWAN.is_working_day(date(2025, 2, 8))
    assert not TAIWAN.is_working_day(date(2025, 1, 27))
    assert wording(TAIWAN.makeup_days[date(2025, 2, 8)], "zh-Hant") == "補班"


@pytest.mark.parametrize(
    ("country", "day", "names"),
    [
        (MAINLAND, date(2026, 10, 1), ("National Day", "国庆节", "國慶節")),
        (
            MAINLAND,
            date(2026, 10, 7),
            ("National Day (day off in lieu)", "国庆节（调休）", "國慶節（調整放假）"),
        ),
        (TAIWAN, date(2025, 10, 10), ("National Day", "国庆日", "國慶日")),
    ],
)
def test_holidays_have_names_in_three_languages(country, day, names):
    assert tuple(wording(country.holidays[day], language) for language in ("en", "zh-Hans", "zh-Hant")) == names


def test_a_country_without_chinese_names_speaks_english():
    japan = load_calendar(read_calendar({"country": "JP"}))

    assert wording(japan.holidays[date(2026, 1, 1)], "zh-Hant") == "New Year's Day"


@pytest.mark.parametrize("country", sorted(TIMEZONES))
def test_countries_with_a_zone_of_their_own_load_without_naming_it(country):
    loaded = load_calendar(read_calendar({"country": country}))
    weekdays_off = [day for day in all_days(date(2026, 1, 1), date(2026, 12, 31)) if day in loaded.holidays]

    assert len(weekdays_off) > 5
    assert loaded.timezone.key == TIMEZONES[country]


def test_a_subdivision_adds_its_own_holidays():
    bavaria = load_calendar(read_calendar({"country": "DE", "subdivision": "BY"}))

    assert not bavaria.is_working_day(date(2026, 1, 6))


# The horizon


def test_2027_is_provisional_on_the_mainland():
    loaded_on_28_december = due_at(parse_limit("10 working days"), at("2026-12-28T10:00"), MAINLAND)

    assert loaded_on_28_december.provisional
    assert MAINLAND.announced_through == date(2026, 12, 31)


def test_the_horizon_can_be_set_when_the_notice_is_out():
    told = load_calendar(read_calendar({"country": "CN", "announced_through": "2027-12-31"}))

    assert not due_at(parse_limit("10 working days"), at("2026-12-28T10:00"), told).provisional


def test_holidays_fixed_by_law_are_never_provisional():
    assert announced_through("US") is None
    assert not calendar(announced_through="always").is_provisional(date(2045, 1, 1))


# What the desk file says


def test_the_desk_file_wins_over_the_country():
    desk = calendar(
        extra_working_days=["2026-10-10", {"on": "2026-03-07", "hours": "09:00-12:00", "why": "盤點"}],
        extra_holidays=["2026-05-04", {"from": "2026-07-01", "to": "2026-07-03", "why": "員工旅遊"}],
        half_days=[{"on": "2026-02-13", "hours": "09:00-12:00", "why": "尾牙"}],
    )

    assert desk.is_working_day(date(2026, 10, 10))
    assert desk.closing(date(2026, 3, 7)) == at("2026-03-07T12:00", "Asia/Taipei")
    assert not desk.is_working_day(date(2026, 5, 4))
    assert not any(desk.is_working_day(date(2026, 7, day)) for day in (1, 2, 3))
    assert desk.closing(date(2026, 2, 13)) == at("2026-02-13T12:00", "Asia/Taipei")


def test_an_extra_holiday_wins_over_a_make_up_day_of_the_country():
    desk = load_calendar(read_calendar({"country": "CN", "extra_holidays": ["2026-02-14"]}))

    assert not desk.is_working_day(date(2026, 2, 14))


def test_closures_are_days_or_times():
    desk = calendar(
        closures=[
            {"on": "2026-08-12", "why": "颱風假"},
            {"from": "2026-08-13 10:00", "to": "2026-08-13T11:00+08:00", "why": "演習"},
            {"from": "2026-08-20", "to": "2026-08-21"},
        ]
    )
    drill_day = date(2026, 8, 13)

    assert not desk.is_working_day(date(2026, 8, 12))
    assert desk.day(drill_day).worked == timedelta(hours=7)
    assert not desk.is_working_day(date(2026, 8, 21))


@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.BaseLoader])
def test_the_example_of_the_manual_loads_whether_yaml_reads_dates_or_not(loader):
    """Bare `on` is true and a bare date is a date to YAML 1.1; both are understood."""
    manual = Path(__file__).parents[2].joinpath("docs", "time.md").read_text(encoding="utf-8")
    example = manual.split("```yaml\n")[1].split("```")[0]

    entry = yaml.load(example, loader)["calendars"]["taipei"]
    desk = load_calendar(read_calendar(entry))

    assert not desk.is_working_day(date(2026, 8, 12))
    assert desk.is_working_day(date(2026, 10, 17))
    assert desk.day(date(2026, 9, 1)).worked == timedelta(hours=6)


def test_hours_may_differ_by_day():
    desk = calendar(hours={"mon-fri": ["09:00-12:00", "13:00-18:00"], "sat": "09:00-12:00"})

    assert desk.closing(date(2026, 3, 7)) == at("2026-03-07T12:00", "Asia/Taipei")
    assert not desk.is_working_day(date(2026, 3, 8))


def test_an_entry_survives_being_stored():
    spec = read_calendar(
        {
            "country": "TW",
            "closures": [{"from": "2026-08-13 10:00", "to": "2026-08-13 11:00"}, {"on": "2026-08-14"}],
            "announced_through": "always",
        }
    )

    again = CalendarFile.model_validate(spec.model_dump(mode="json", by_alias=True))

    assert again == spec
    assert load_calendar(again).version == load_calendar(spec).version


# Mistakes


@pytest.mark.parametrize(
    ("entry", "sentences"),
    [
        ({}, ["country: this is missing."]),
        ({"country": "XX"}, ["country: there are no holidays for 'XX'; write a code such as TW, CN"]),
        ({"country": "US"}, [": say the 'timezone' of US, for example America/New_York."]),
        (
            {"country": "TW", "subdivision": "Q"},
            [": TW has no subdivision 'Q'; valid are none; leave it out."],
        ),
        ({"country": "TW", "timezone": "Mars/X"}, ["timezone: 'Mars/X' is no time zone; write one such as"]),
        ({"country": "TW", "colour": 1}, ["colour: there is no such key here."]),
        (
            {"country": "TW", "hours": "9-18"},
            ["hours: '9-18' are no office hours; write them as 09:00-12:00."],
        ),
        ({"country": "TW", "hours": {"mon-fri": 9}}, ["hours: 9 are no office hours"]),
        ({"country": "TW", "days": "mo-fr"}, ["days: 'mo-fr' are no weekdays; write mon-fri"]),
        (
            {"country": "TW", "half_days": [{"on": "2026-13-01", "hours": "09:00-12:00"}]},
            ["half_days.0.on: '2026-13-01' is no date"],
        ),
        ({"country": "TW", "half_days": [{"on": "2026-12-01"}]}, ["half_days.0.hours: this is missing."]),
        (
            {"country": "TW", "closures": [{"why": "x"}]},
            ["closures.0: say either 'on' (one day) or both 'from' and 'to'."],
        ),
        (
            {"country": "TW", "closures": [{"from": "2026-08-12", "to": "2026-08-10"}]},
            [": closures.0: 'to' 2026-08-10 is before 'from' 2026-08-12."],
        ),
        ({"country": "TW", "closures": [{"on": "soon"}]}, ["closures.0.on: 'soon' is no date"]),
        ({"country": "TW", "closures": ["soon"]}, ["closures.0.on: 'soon' is no date"]),
        ({"country": "TW", "closures": [5]}, ["closures.0.on: 5 is no date"]),
        (
            {"country": "TW", "closures": [{"from": "2026-08-12", "to": "9999-12-31"}]},
            [": closures.0: write days of the years 1900 to 2999."],
        ),
        (
            {"country": "TW", "extra_holidays": [{"from": "1900-01-01", "to": "2999-12-31"}]},
            [": extra_holidays.0: it lasts more than a year, and no limit could be computed"],
        ),
        ({"country": "TW", "announced_through": "soon"}, ["announced_through: 'soon' is no date"]),
        (
            {"country": "TW", "days": "mon", "hours": {"mon": "09:00-12:00"}},
            [": 'hours' already say their days; leave out 'days'."],
        ),
        (
            {"country": "TW", "extra_holidays": ["2026-10-12"], "extra_working_days": ["2026-10-12"]},
            [": 2026-10-12 is both a holiday and a working day"],
        ),
        ({"country": "XX", "days": "mo", "colour": 1}, ["country: ", "days: ", "colour: "]),
    ],
)
def test_each_mistake_gets_one_sentence_with_its_place(entry, sentences):
    with pytest.raises(CalendarRefused) as refused:
        read_calendar(entry, "calendars.taipei")

    assert len(refused.value.problems) == len(sentences)
    for problem, sentence in zip(refused.value.problems, sentences, strict=True):
        assert problem.startswith("calendars.taipei")
        assert sentence in problem


@pytest.mark.parametrize("entry", ["TW", None, [], 5])
def test_an_entry_that_is_no_mapping_is_refused(entry):
    with pytest.raises(CalendarRefused):
        read_calendar(entry)


@pytest.mark.parametrize("hours", [[], {}, [1], {"mon": {}}, None, [["09:00-12:00"]]])
def test_strange_office_hours_are_refused(hours):
    with pytest.raises(CalendarRefused):
        read_calendar({"country": "TW", "hours": hours})
