"""The house itself: who imports whom, what stands at the top, and that the papers tell the truth."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import cli
from storage.policy_files import load_bundle

ROOT = Path(__file__).resolve().parents[1]
TOP = {
    "pyproject.toml",
    "bot",
    "handlers",
    "storage",
    "reminders",
    "tests",
    "manifest.yml",
    "complaints",
    "policies",
    "sandbox",
}


def test_the_top_level_is_what_the_design_says() -> None:
    assert {entry.name for entry in ROOT.iterdir()} >= TOP | {"README.md", "CHANGELOG.md", "LICENSE", "Makefile", ".ci"}


def test_the_import_contracts_hold() -> None:
    """STYLE 3: the edges do not know one another, the procedure knows nobody, nobody knows the sandbox."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-3000:]


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"`?\.venv/bin/redress (\w+)", (ROOT / "README.md").read_text()))

    assert named
    assert named <= set(cli.commands), f"not there: {named - set(cli.commands)}"


@pytest.mark.parametrize("command", sorted(cli.commands))
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(cli, [command, "--help"])

    assert done.exit_code == 0
    assert len(done.output.splitlines()) > 3


def test_every_link_of_the_readme_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", (ROOT / "README.md").read_text())

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(file.name[:4]) for file in (ROOT / "docs" / "decisions").glob("*.md"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_the_sample_company_has_somebody_for_every_role_of_its_policies() -> None:
    desk = yaml.safe_load((ROOT / "sandbox" / "sample" / "desk.yml").read_text())
    workspace = yaml.safe_load((ROOT / "sandbox" / "sample" / "workspace.yml").read_text())
    people = {person["id"] for person in workspace["people"]}
    channels = {channel["id"] for channel in workspace["channels"]}
    for policy in desk["policies"]:
        assert set(load_bundle(ROOT / "policies", policy).policy.roles) <= set(desk["roles"])
    for name, role in desk["roles"].items():
        assert set(role["members"]) <= people, name
        assert role.get("channel") in channels | {None}, name


def test_the_decision_on_dependencies_names_each_with_its_licence() -> None:
    """docs/decisions/0005 is true: what is installed stands there with its reason, and nothing else does."""
    needed = {
        re.split(r"[\[>=<]", one)[0]
        for one in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    }
    rows = re.findall(r"^\| ([a-z][^|]*) \|", (ROOT / "docs/decisions/0005-dependencies.md").read_text("utf-8"), re.M)
    named = {name.strip() for row in rows for name in row.split(",")}

    assert needed == named


def test_each_threat_of_the_security_page_names_a_test_that_is_there() -> None:
    """docs/security.md: a threat without a test, or with one that was renamed, is no promise."""
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    rows = [row for row in text.splitlines() if row.startswith("| ") and not row.startswith(("| Threat", "| ---"))]
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for path, name in named:
            assert f"def {name}(" in (ROOT / path).read_text("utf-8"), (path, name)
    assert len(rows) >= 20


RUNS_CODE = re.compile(
    r"(?<![\w.])(?<!def )(eval|exec|compile|__import__)\(|\bpickle\b|\bmarshal\b|yaml\.(unsafe_)?load\(|shell=True|os\.system"
)


def test_nothing_of_ours_runs_code_that_comes_as_data() -> None:
    files = [
        f
        for package in ("complaints", "handlers", "storage", "reminders", "bot")
        for f in (ROOT / package).rglob("*.py")
    ]
    found = [
        (f.name, line.strip()) for f in files for line in f.read_text("utf-8").splitlines() if RUNS_CODE.search(line)
    ]
    assert found == []


def calls_in(words: str, *packages: str) -> set[str]:
    """Return the files of *packages* that match *words*."""
    files = [f for package in packages for f in (ROOT / package).rglob("*.py")]
    return {str(f.relative_to(ROOT)) for f in files if re.search(words, f.read_text("utf-8"))}


def test_slack_is_read_to_find_our_own_messages_and_to_look_after_the_desk_only() -> None:
    """PITFALLS 37: Slack is a display, never a source of state; a message is looked for by its random key."""
    ours = ("complaints", "handlers", "storage", "reminders", "bot")

    assert calls_in(r"\.conversations_(history|replies)\(", *ours) == {"bot/slack_out.py"}
    assert calls_in(r"\.conversations_(info|members|list)\(", *ours) == {"bot/checkup.py"}


def test_an_answer_address_is_used_where_the_person_waits_and_kept_nowhere() -> None:
    """PITFALLS 34: a `response_url` ends after half an hour and five uses; what comes later goes by channel and ts."""
    assert calls_in(r"\bresponse_url\b", "complaints", "storage", "reminders") == set()
    assert calls_in(r"\.response_url\b|\bresponse_url=", "handlers", "bot") == {
        "handlers/listeners.py",
        "handlers/turns.py",
    }


def test_each_known_pitfall_has_a_test_that_is_there() -> None:
    """docs/pitfalls.md: forty-eight pitfalls, each with the test that misses its cure."""
    text = (ROOT / "docs" / "pitfalls.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d, ]+) \|(.*)$", text, re.M)
    defined = {
        (f.stem, name)
        for f in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", f.read_text("utf-8"))
    }
    for numbers, row in rows:
        named = re.findall(r"`(test_\w+)::(test_\w+)`", row)
        assert named, numbers
        assert set(named) <= defined, numbers
    assert sorted(int(n) for numbers, _ in rows for n in numbers.split(",")) == list(range(1, 49))
