"""Coverage counts clauses by the marks of the tests and the sources of the policy files."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from bot.cli import cli
from bot.coverage import DOCUMENT, Coverage, coverage, document

POLICY = """
policy: {id: tiny, label: "1", text: 小規定, in_force_by: manager}
roles: {manager: {}}
fields: {what: {type: text, source: "1"}}
stages:
  report: {who: manager, fill: [what], decide: {send: next}, source: "1"}
routes: {main: {path: [report], closes: report}}
clauses: {"1": 「先报告」, "2": 「要有礼貌」, "3": 「三天内」}
for_people: {"2": how to behave}
"""
TEST = """
import pytest
ID = "tiny"

@pytest.mark.clauses(ID, "1")
@pytest.mark.capabilities("IN-01")
def test_the_first() -> None: ...
"""


def a_checkout(folder: Path) -> Coverage:
    for name, text in {
        "policies/tiny.yml": POLICY,
        "tests/policies/test_tiny.py": TEST,
        "docs/policies.md": "| IN-01 | Channel recorded | `fields` |\n| IN-02 | Origin | table |\n",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return coverage(folder)


def test_a_clause_is_covered_by_a_key_and_a_test_or_is_for_people(tmp_path: Path) -> None:
    found = a_checkout(tmp_path)

    one, two, three = found.regulations[0].clauses
    assert (one.keys, one.tests) == (("fields.what", "stages.report"), ("policies/test_tiny.py::test_the_first",))
    assert (two.for_people, two.is_open) == ("how to behave", False)
    assert (three.keys, three.tests, three.is_open) == ((), (), True)


def test_a_mark_may_name_a_row_of_clauses_with_a_star(tmp_path: Path) -> None:
    a_checkout(tmp_path)
    marks = '@pytest.mark.clauses(ID, *ROW)\ndef test_a(): ...\n@pytest.mark.clauses(ID, *["3"], *made())\ndef test_b(): ...\n'
    (tmp_path / "tests/policies/test_rows.py").write_text(f'ID = "tiny"\nROW = ("1", "3")\n{marks}', "utf-8")

    one, _, three = coverage(tmp_path).regulations[0].clauses

    assert one.tests == ("policies/test_rows.py::test_a", "policies/test_tiny.py::test_the_first")
    assert three.tests == ("policies/test_rows.py::test_a", "policies/test_rows.py::test_b")


def test_a_mark_may_name_what_its_module_takes_over_from_another(tmp_path: Path) -> None:
    a_checkout(tmp_path)
    (tmp_path / "tests/support").mkdir()
    (tmp_path / "tests/support/small.py").write_text('ID = "tiny"\n', "utf-8")
    taken = "from tests.support.small import ID as SMALL\n"
    marks = '@pytest.mark.clauses(SMALL, "3")\ndef test_a(): ...\n'
    (tmp_path / "tests/policies/test_small.py").write_text(taken + marks, "utf-8")

    assert coverage(tmp_path).regulations[0].clauses[2].tests == ("policies/test_small.py::test_a",)


def test_the_source_of_a_limit_is_a_key_of_its_clause(tmp_path: Path) -> None:
    a_checkout(tmp_path)
    file = tmp_path / "policies/tiny.yml"
    file.write_text(
        file.read_text("utf-8").replace(
            'source: "1"}\nroutes', 'limit: {is: 3 days, source: "3"}, source: "1"}\nroutes'
        ),
        "utf-8",
    )

    assert coverage(tmp_path).regulations[0].clauses[2].keys == ("stages.report.limit",)


def test_the_counts_say_what_is_open(tmp_path: Path) -> None:
    counts = a_checkout(tmp_path).counts()

    assert counts["clauses"] == 3
    assert (counts["clauses_for_people"], counts["clauses_with_test"], counts["clauses_open"]) == (1, 1, 1)
    assert (counts["regulations_covered"], counts["capabilities_with_test"]) == (0, 1)


def test_the_document_names_key_and_test(tmp_path: Path) -> None:
    text = document(a_checkout(tmp_path))

    assert "| 1 | 「先报告」 | `fields.what`, `stages.report` | [the first](../tests/policies/test_tiny.py) |" in text
    assert "| 2 | 「要有礼貌」 | *for people: how to behave* |  |" in text
    assert "| [`tiny`](#tiny) | 小規定 | 3 | 1 | 1 | 3 |" in text


def test_the_command_prints_the_counts() -> None:
    done = CliRunner().invoke(cli, ["policy", "coverage", "--json"])

    assert done.exit_code == 0
    assert json.loads(done.stdout)["capabilities"] == 186


def test_no_clause_of_the_shipped_regulations_is_open() -> None:
    found = coverage()

    assert {
        r.id: [c.id for c in r.clauses if c.is_open] for r in found.regulations if any(c.is_open for c in r.clauses)
    } == {}


def test_the_document_is_up_to_date() -> None:
    """Write it anew with: .venv/bin/python -m bot.coverage"""
    assert DOCUMENT.read_text("utf-8") == document(coverage())
