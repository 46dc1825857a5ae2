"""Reports in words: three languages, CSV that no spreadsheet runs, a page that shows hostile words as words."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from complaints import events as e
from complaints.lives import Life
from complaints.register_lines import RegisterLine
from complaints.statistics import Report
from handlers.register_texts import cell_text
from handlers.report_texts import (
    Reader,
    amount_text,
    before_text,
    report_csv,
    report_page,
    safe_cell,
    sheets,
    target_text,
    title_text,
)
from handlers.texts import LANGUAGES
from tests.support.company import a_plan
from tests.support.figures import a_case, closed, done, policy_with, promise, report, visit

POLICY = policy_with(
    in_time={"hit": "on_time", "per": "market", "target": "95 %", "compare": "last month", "round": "whole percent"},
    loss={"sum": "amount"},
)
EVIL = '=HYPERLINK("http://evil","<b>x</b>")'


def cases() -> list[Life]:
    log = [*visit(1, "judge", "quality", "2026-10-05 10:00", "2026-10-07 24:00"), done(1, "2026-10-09 10:00")]
    late = a_case("late", promise("2026-10-05 09:00", "2026-10-18 24:00"), *log, opened="2026-10-05 09:00", market=EVIL)
    return [late, a_case("c2", closed("2026-10-20 10:00"), opened="2026-10-05 09:00", market="foreign", amount="7")]


def drawn() -> Report:
    return report(POLICY, cases())


def reader(language: str = "en") -> Reader:
    return Reader(policy=POLICY, plan=a_plan(), language=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_report_is_written_in_three_languages_also_when_there_was_nothing(language: str) -> None:
    for found in (drawn(), report(POLICY, [])):
        page = report_page(found, reader(language))
        assert title_text(found, reader(language)) in page
        assert all(sheet.title for sheet in sheets(found, reader(language)))


def test_the_balance_says_that_it_comes_out() -> None:
    rows = next(iter(sheets(drawn(), reader()))).rows
    assert ("Received", "2") in rows
    assert any("it comes out" in row[1] for row in rows)


def test_a_figure_is_said_with_what_it_is_a_share_of_its_target_and_what_was_before() -> None:
    figure = report(POLICY, []).figure("in_time")
    one = replace(
        figure, amount=replace(figure.amount, value=Decimal("83"), hit=5, of=6), reached=False,
        before=replace(figure.amount, value=Decimal("100"), hit=2, of=2),
    )  # fmt: skip

    assert amount_text(one, one.amount, reader()) == "83 % (5 of 6)"
    assert target_text(one, reader("zh-Hant")) == "≥ 95 % 未達標"
    assert before_text(one, reader("zh-Hans")) == "上期：100%（2／2 件）"
    assert amount_text(figure, figure.amount, reader("zh-Hant")) == "沒有案件"


@pytest.mark.parametrize(
    ("language", "said"), [("en", "CNY 7"), ("zh-Hans", "人民币 7 元"), ("zh-Hant", "人民幣 7 元")]
)
def test_a_sum_of_money_names_its_currency(language: str, said: str) -> None:
    figure = drawn().figure("loss")

    assert amount_text(figure, figure.amount, reader(language)) == said
    assert said in report_page(drawn(), reader(language))


def test_an_amount_in_a_register_names_its_currency() -> None:
    line = RegisterLine(
        case_id="c2", name="2610-02", policy=POLICY.id, register="book", at=datetime(2026, 10, 20, tzinfo=UTC),
        row={"amount": "12000.00", "market": "foreign"}, words={},
    )  # fmt: skip

    assert cell_text(line, "amount", reader("zh-Hant")) == "人民幣 12,000 元"
    assert "CNY" not in cell_text(line, "market", reader())


def test_the_page_shows_peoples_words_and_runs_none() -> None:
    page = report_page(drawn(), reader())
    assert "<b>x</b>" not in page
    assert "&lt;b&gt;x&lt;/b&gt;" in page


def test_csv_is_one_table_in_which_no_cell_is_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(report_csv(drawn()))))

    assert {row["group"] for row in rows if row["section"] == "received by"} == {"–", f"'{EVIL}", "foreign"}
    assert [row["value"] for row in rows if row["item"] == "received"] == ["2"]
    assert not any(str(cell).startswith(("=", "+", "@")) for row in rows for cell in row.values())


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"), ("+86 1", "'+86 1"), ("-x", "'-x"), ("@a", "'@a"), ("\tx", "'\tx"), ("a=b", "a=b"),
        (Decimal("-5.0"), "-5.0"), (3, "3"), (None, ""), ("", ""),
    ],
)  # fmt: skip
def test_numbers_stay_numbers_and_words_stay_words(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


def test_open_cases_say_where_they_stand_and_that_they_are_late() -> None:
    title, rows = next((s.title, s.rows) for s in sheets(drawn(), reader()) if "open case" in s.title)
    assert title == "1 open case"
    assert rows[0][0] == "late"
    assert rows[0][4] == "late"


def test_a_withdrawn_case_is_no_open_case() -> None:
    gone = a_case("c1", ("2026-10-06 09:00", e.CaseWithdrawn(reason={})), opened="2026-10-05 09:00")
    assert report(POLICY, [gone]).open_cases == ()
