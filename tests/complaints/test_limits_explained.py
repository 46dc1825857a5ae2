"""How was this computed: the explanation agrees with the due time, and reads well."""

from datetime import UTC, date, datetime
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from complaints.explain import SpanKind, explain, explain_text
from complaints.limits import Unit, due_at, moved_due, parse_limit
from complaints.workdays import Closure, WorkCalendar
from tests.complaints.test_limits import CALENDARS, DESK, INSTANTS, LIMITS, at, typhoon
from tests.support.company import closed_at

NATIONAL_DAY = {"en": "National Day", "zh-Hans": "国庆节", "zh-Hant": "國慶節"}
IN_LIEU = {"en": "National Day (observed)", "zh-Hans": "国庆节（补假）", "zh-Hant": "國慶節（補假）"}
MAKEUP = {"en": "make-up working day", "zh-Hans": "调休上班", "zh-Hant": "調休上班"}
MAINLAND = WorkCalendar(
    timezone=ZoneInfo("Asia/Shanghai"),
    holidays={date(2026, 10, day): NATIONAL_DAY if day < 5 else IN_LIEU for day in range(1, 8)},
    makeup_days={date(2026, 10, 10): MAKEUP},
)


@settings(max_examples=150, deadline=None)
@given(LIMITS, INSTANTS, CALENDARS)
def test_the_explanation_agrees_with_the_due_time(limit, start, calendar):
    """No gaps from start to due; what counts is the limit; the last that counts ends when it is due."""
    spans = explain(limit, start, calendar)
    due = due_at(limit, start, calendar).at

    assert spans[0].start == start
    assert all(a.end == b.start for a, b in pairwise(spans))
    assert [span.end for span in spans if span.kind is SpanKind.COUNTED][-1] == due
    if limit.unit is not Unit.SAME_DAY:
        assert sum(span.counted for span in spans) == Fraction(limit.amount)


@settings(max_examples=50, deadline=None)
@given(LIMITS, INSTANTS)
def test_a_rolled_explanation_ends_with_the_due_time(limit, start):
    spans = explain(limit, start, DESK, roll="next_working_day")

    assert spans[-1].end == due_at(limit, start, DESK, roll="next_working_day").at
    assert all(a.end == b.start for a, b in pairwise(spans))


@settings(max_examples=50, deadline=None)
@given(LIMITS, INSTANTS)
def test_a_moved_limit_is_explained_with_both_calendars(limit, start):
    change = datetime(2026, 8, 12, 7, tzinfo=UTC)
    new = typhoon("2026-08-12")
    moved = moved_due(limit, start, change, DESK, new)
    if due_at(limit, start, DESK).at <= change:
        return

    spans = explain(limit, start, new.following(DESK, change))

    assert spans[-1].end == moved.at


@settings(max_examples=60, deadline=None)
@given(LIMITS, INSTANTS, CALENDARS)
def test_every_explanation_has_words(limit, start, calendar):
    for language in ("en", "zh-Hans", "zh-Hant"):
        lines = explain_text(explain(limit, start, calendar), language)
        assert lines
        assert all(line and "{" not in line for line in lines)


def test_a_week_of_national_day_and_a_make_up_saturday_by_the_day():
    spans = explain(parse_limit("8 working days"), at("2026-09-28T16:00", MAINLAND.timezone), MAINLAND)

    assert explain_text(spans, "zh-Hant") == (
        "9/28（一）起算日，不計",
        "9/29–9/30，計 2 個工作日",
        "10/1–10/7 國慶節，不計",
        "10/8–10/9，計 2 個工作日",
        "10/10（六）調休上班，計 1 個工作日",
        "10/11（日）週末，不計",
        "10/12–10/14，計 3 個工作日",
    )
    assert explain_text(spans, "en")[2:5] == (
        "Thu 1 Oct–Wed 7 Oct, National Day: not counted",
        "Thu 8 Oct–Fri 9 Oct: counts 2 working days",
        "Sat 10 Oct, make-up working day: counts 1 working day",
    )


def test_a_make_up_saturday_by_the_hour_with_lunch_and_a_closure():
    closed = closed_at(
        MAINLAND,
        Closure(
            since=at("2026-10-10T14:00", MAINLAND.timezone),
            until=at("2026-10-10T15:00", MAINLAND.timezone),
            why={"en": "drill", "zh-Hans": "演习", "zh-Hant": "演習"},
        ),
    )

    spans = explain(parse_limit("9 working hours"), at("2026-10-09T16:00", MAINLAND.timezone), closed)

    assert explain_text(spans, "zh-Hans") == (
        "10/9（五）16:00–18:00，计 2 小时",
        "10/10（六）09:00–18:00 调休上班，计 7 小时（不计休息 12:00–13:00、演习 14:00–15:00）",
    )


def test_to_the_hour_counts_all_hours_of_working_days():
    spans = explain(parse_limit("2 working days to the hour"), at("2026-03-07T15:00"), DESK.with_week("mon-sat"))

    assert explain_text(spans, "en") == (
        "Sat 7 Mar 15:00–24:00: counts 9 hours",
        "Sun 8 Mar, weekend: not counted",
        "Mon 9 Mar 00:00–24:00: counts 24 hours",
        "Tue 10 Mar 00:00–15:00: counts 15 hours",
    )


def test_calendar_days_count_holidays_and_say_where_they_rolled_to():
    spans = explain(parse_limit("5 days"), at("2026-09-28T16:00", MAINLAND.timezone), MAINLAND, "next_working_day")

    assert explain_text(spans, "zh-Hant") == (
        "9/28（一）起算日，不計",
        "9/29–10/3，計 5 天",
        "10/4–10/7 國慶節，不計",
        "順延至 10/8（四）（下一個工作日）",
    )


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ("Fri 6 Mar: day zero, not counted", "Sun 5 Apr 24:00: the last moment")),
        ("zh-Hans", ("3/6（五）起算日，不计", "4/5（日）24:00截止")),
        ("zh-Hant", ("3/6（五）起算日，不計", "4/5（日）24:00截止")),
    ],
)
def test_a_day_of_next_month_is_named_and_nothing_counted(language: str, lines: tuple[str, ...]):
    spans = explain(parse_limit("day 5 of next month"), at("2026-03-06T19:00"), DESK)

    assert explain_text(spans, language) == lines


@pytest.mark.parametrize(
    ("start", "language", "lines"),
    [
        ("2026-03-06T19:00", "en", ("Fri 6 Mar: day zero, not counted", "Wed 25 Mar 24:00: the last moment")),
        ("2026-03-25T10:00", "en", ("Wed 25 Mar 24:00: the last moment",)),
        ("2026-03-25T10:00", "zh-Hans", ("3/25（三）24:00截止",)),
        ("2026-03-26T10:00", "zh-Hant", ("3/26（四）起算日，不計", "4/25（六）24:00截止")),
    ],
)
def test_a_day_of_this_month_is_named_also_where_it_is_the_day_of_the_start(
    start: str, language: str, lines: tuple[str, ...]
):
    assert explain_text(explain(parse_limit("day 25 of this month"), at(start), DESK), language) == lines


def test_the_free_days_over_which_a_named_day_moves_are_whole_days():
    spans = explain(parse_limit("day 25 of this month"), at("2026-03-26T10:00"), DESK, roll="next_working_day")

    assert explain_text(spans, "en")[2:] == (
        "Sun 26 Apr, weekend: not counted",
        "moves to Mon 27 Apr, the next working day",
    )


def test_another_year_is_named():
    spans = explain(parse_limit("2 working days"), at("2026-12-31T16:00"), DESK)

    assert explain_text(spans, "zh-Hant") == (
        "12/31（四）起算日，不計",
        "2027/1/1（五）元旦，不計",
        "2027/1/2–2027/1/3 週末，不計",
        "2027/1/4–2027/1/5，計 2 個工作日",
    )


def test_a_day_that_a_closure_cut_short_names_it():
    cut = closed_at(DESK, Closure(since=at("2026-03-03T15:00"), until=at("2026-03-03T19:00"), why="颱風"))

    spans = explain(parse_limit("1 working day"), at("2026-03-02T10:00"), cut)

    assert explain_text(spans, "zh-Hant") == (
        "3/2（一）起算日，不計",
        "3/3（二）颱風，不計",
        "3/4（三），計 1 個工作日",
    )


def test_a_day_cut_short_does_not_count_to_the_hour_either():
    cut = closed_at(DESK, Closure(since=at("2026-03-03T15:00"), until=at("2026-03-03T19:00"), why="颱風"))

    spans = explain(parse_limit("1 working day to the hour"), at("2026-03-02T10:00"), cut)

    assert explain_text(spans, "zh-Hant") == (
        "3/2（一）10:00–24:00，計 14 小時",
        "3/3（二）颱風，不計",
        "3/4（三）00:00–10:00，計 10 小時",
    )


def test_a_language_without_texts_is_refused():
    with pytest.raises(ValueError, match="choose one of"):
        explain_text((), "fr")
