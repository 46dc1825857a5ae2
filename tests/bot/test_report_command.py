"""`redress report`: figures and registers on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.test_cli import Redress, redress

__all__ = ["redress"]

PAPER = (
    "old_number,stage,received_at,clock_started_at,reporter,part_no\n"
    "P-2026-001,quality_analysis,2026-10-30,2026-11-02T09:00,ULIN,A-100\n"
    "P-2026-002,quality_analysis,2026-11-03,2026-11-03T09:00,ULIN,A-200\n"
)


@pytest.fixture
def with_cases(redress: Redress, tmp_path: Path) -> Redress:
    """A desk with two open paper cases: received in October and in November 2026."""
    (tmp_path / "cases.csv").write_text(PAPER, "utf-8")
    redress("case", "import", str(tmp_path / "cases.csv"))
    return redress


def test_a_month_is_printed_in_words_and_as_data(with_cases: Redress) -> None:
    code, text, _ = with_cases("report", "month", "--period", "2026-11", "--language", "en")
    data = json.loads(with_cases("report", "month", "--period", "2026-11", "--json")[1])

    assert code == 0
    assert "Nov 2026" in text
    assert "it comes out" in text
    assert "P-2026-001" in text
    assert (data["flow"]["open_before"], data["flow"]["received"], data["flow"]["open_after"]) == (1, 1, 2)
    assert data["period"]["name"] == "2026-11"


@pytest.mark.parametrize(("kind", "period"), [("year", "2026"), ("quarter", "2026-Q4"), ("week", "2026-W45"), ("day", "2026-11-03")])  # fmt: skip
def test_every_kind_of_period_is_reported(with_cases: Redress, kind: str, period: str) -> None:
    data = json.loads(with_cases("report", kind, "--period", period, "--format", "json")[1])
    assert data["flow"]["open_after"] == 2


def test_a_file_is_written_for_spreadsheets(with_cases: Redress, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    with_cases("report", "month", "--period", "2026-11", "--format", "csv", "--output", str(file))
    assert file.read_bytes().startswith(b"\xef\xbb\xbfsection,item,group")


def test_a_page_is_printed(with_cases: Redress) -> None:
    assert "<!doctype html>" in with_cases("report", "month", "--period", "2026-11", "--format", "html")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("month", "--period", "2026-13"), "“2026-13” is no period; write 2026, 2026-Q4"),
        (("month", "--period", "2026-Q4"), "redress report quarter --period 2026-Q4"),
        (("month", "--policy", "no-such"), "There is no policy “no-such” in force. In force: "),
    ],
)
def test_what_can_not_be_reported_is_said(with_cases: Redress, words: tuple[str, ...], said: str) -> None:
    code, _, error = with_cases("report", *words)
    assert code == 2
    assert said in error


def test_an_annex_has_its_own_report(with_cases: Redress) -> None:
    data = json.loads(
        with_cases("report", "month", "--period", "2026-11", "--policy", "pcb-admin-penalty", "--json")[1]
    )
    assert data["flow"]["received"] == 0


# --- registers ---------------------------------------------------------------------------------------------------


def test_a_register_is_printed_and_exported(with_cases: Redress, tmp_path: Path) -> None:
    """RD-03: the tracking register; no line yet, its columns are there."""
    file = tmp_path / "tracking.csv"

    text = with_cases("report", "register", "tracking", "--language", "en")[1]
    with_cases("report", "register", "tracking", "--language", "en", "--format", "csv", "--output", str(file))

    assert text.split()[:3] == ["entered", "case", "Number"]
    assert file.read_text("utf-8-sig").startswith("entered,case,Number,Customer")
    assert json.loads(with_cases("report", "register", "tracking", "--json")[1]) == []


def test_an_unknown_register_names_those_there_are(with_cases: Redress) -> None:
    code, _, error = with_cases("report", "register", "nothing")
    assert code == 2
    assert "pcb-manufacturer has no register “nothing”. Registers: tracking" in error
