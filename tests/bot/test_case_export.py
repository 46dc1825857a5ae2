"""`redress case export --format 8d`: a page of one case, on record; what can not be written is said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bot.test_cli import Redress, redress
from tests.bot.test_report_command import with_cases

__all__ = ["redress", "with_cases"]


def test_a_case_is_printed_as_an_8d_report_and_only_one_at_a_time(with_cases: Redress, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    code, page, _ = with_cases("case", "export", "P-2026-001", "--format", "8d", "--language", "en")
    with_cases("case", "export", "P-2026-001", "--format", "8d", "--language", "zh-Hant", "--output", str(file))

    assert code == 0
    assert "8D report P-2026-001" in page
    assert "Nothing recorded" in page
    assert "8D 報告 P-2026-001" in file.read_text("utf-8")
    log = json.loads(with_cases("case", "show", "P-2026-001", "--json")[1])["log"]
    assert [x["facts"]["form"] for x in log if x["event"] == "CaseExported"] == ["8d", "8d"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("P-2026-001", "P-2026-002", "--format", "8d"), 2, "A file of this format holds one case"),
        (("--all", "--format", "8d"), 2, "A file of this format holds one case"),
        (("K999", "--format", "8d"), 1, "There is no case “K999”."),
        (("P-2026-001", "--format", "8D-PDF"), 2, "'8D-PDF' is not one of"),
        (("P-2026-001", "--format", "8d", "--personal"), 2, "Say why names and contacts are needed"),
        (("P-2026-001", "--format", "8d", "--as", "USOMEBODY"), 1, ""),
    ],
)
def test_an_8d_report_that_can_not_be_written_is_refused_in_a_sentence(
    with_cases: Redress, words: tuple[str, ...], code: int, said: str
) -> None:
    found, out, wrong = with_cases("case", "export", *words)

    assert (found, out) == (code, "")
    assert said in wrong
    assert wrong.strip()
    assert "Traceback" not in wrong
