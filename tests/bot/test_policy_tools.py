"""The tools for the owner of a regulation: a first draft, what a version changes, moving open cases, a rehearsal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import cli
from bot.commands.common import opened
from bot.in_force import put_in_force, shelve_policies
from bot.policy_template import parse_stage
from complaints.refusals import NotAuthorized
from handlers.cards.refs import UnknownRef
from storage.policy_files import examine_file

ROOT = Path(__file__).resolve().parents[2]
Redress = Callable[..., Result]


@pytest.fixture
def redress(own_data: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Redress:
    """Return the command line on a data folder and a policy folder of the test's own."""
    policies = tmp_path / "policies"
    policies.mkdir()
    for path in (ROOT / "policies").glob("pcb-*.yml"):
        (policies / path.name).write_text(path.read_text("utf-8"), "utf-8")
    monkeypatch.setenv("REDRESS_POLICIES", str(policies))
    return lambda *words, **more: CliRunner().invoke(cli, list(words), **more)


def imported(redress: Redress, tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("old_number,stage,received_at,reporter\nP-1,quality_analysis,2026-10-30,ULIN\n", "utf-8")
    assert redress("case", "import", str(file)).exit_code == 0


def new_version(tmp_path: Path, *pairs: tuple[str, str]) -> Path:
    path = tmp_path / "policies" / "pcb-manufacturer.yml"
    text = path.read_text("utf-8").replace('label: "2026-1"', 'label: "2026-2"')
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, "utf-8")
    return path


LIMIT = ("domestic: 2 days, foreign: 3 days", "domestic: 1 day, foreign: 3 days")


def test_a_changed_limit_is_said_with_the_open_cases_that_stand_there(redress: Redress, tmp_path: Path) -> None:
    imported(redress, tmp_path)
    new_version(tmp_path, LIMIT)

    done = redress("policy", "diff", "pcb-manufacturer", "--language", "zh-Hant", "--json")
    found = json.loads(done.stdout)

    changed = {c["path"]: (c["was"], c["now"]) for c in found["changes"]}
    assert changed["stages.quality_analysis.limit.domestic"] == ("2 days", "1 day")
    assert set(changed) == {
        "policy.label",
        "stages.quality_analysis.limit.domestic",
        "stages.production_analysis.limit.domestic",
    }
    assert [(c["name"], c["changed"]) for c in found["open_cases"]] == [("P-1", ["quality_analysis"])]
    assert "品管分析" in redress("policy", "diff", "pcb-manufacturer", "--language", "zh-Hant").stdout


def test_open_cases_move_to_the_version_in_force_once_and_a_dry_run_changes_nothing(
    redress: Redress, tmp_path: Path
) -> None:
    imported(redress, tmp_path)
    new_version(tmp_path, LIMIT)
    approve("pcb-manufacturer")
    before = shown(redress)

    tried = redress("policy", "migrate", "pcb-manufacturer", "--reason", "shorter", "--dry-run")
    assert tried.stdout == "P-1: would move\n"
    assert shown(redress) == before

    assert redress("policy", "migrate", "pcb-manufacturer", "--reason", "shorter").stdout == "P-1: moved\n"
    after = shown(redress)
    assert after["case"]["bundle"] != before["case"]["bundle"]
    assert [e["event"] for e in after["log"]].count("VersionChanged") == 1
    assert redress("case", "verify").exit_code == 0
    assert redress("db", "check").exit_code == 0
    again = redress("policy", "migrate", "pcb-manufacturer", "--reason", "shorter")
    assert again.stdout == "No open case runs on another version.\n"


def test_a_case_that_can_not_move_stays_and_the_command_says_why(redress: Redress, tmp_path: Path) -> None:
    imported(redress, tmp_path)
    new_version(tmp_path, ("quality_analysis", "quality_check"))
    approve("pcb-manufacturer")

    refused = redress("policy", "migrate", "pcb-manufacturer", "--reason", "renamed")
    assert refused.exit_code == 1
    assert refused.stdout.startswith("P-1: The new version has no such stage. Say with --map what ")

    mapped = redress(
        "policy", "migrate", "pcb-manufacturer", "--reason", "renamed", "--map", "quality_analysis=quality_check"
    )
    assert mapped.stdout == "P-1: moved\n"
    assert redress("policy", "migrate", "pcb-manufacturer", "--reason", "x", "--map", "nonsense").exit_code == 2


def approve(policy: str) -> None:
    """Let the role that the policy names put the file's version in force, as the button in Slack does."""
    with opened() as office:
        plan = office.watched.plan()
        shelve_policies(office.store, plan, office.settings.policies, office.desk.clock.now())
        version = office.store.shelf.versions(policy)[0]
        role = office.store.shelf.bundle(version.bundle).policy.policy.in_force_by
        actor = plan.holders(role, office.desk.clock.now())[0]
        put_in_force(office.store, policy, version.bundle, plan, actor, office.desk.clock.now())


def test_a_forged_button_puts_nothing_in_force_and_is_no_fault(redress: Redress) -> None:
    """The digest of no version, and that of another regulation's."""
    with opened() as office:
        plan, now = office.watched.plan(), office.desk.clock.now()
        shelve_policies(office.store, plan, office.settings.policies, now)
        known = office.store.shelf.versions("pcb-manufacturer")[0].bundle
        for policy, digest in (("pcb-manufacturer", "abc"), ("pcb-admin-penalty", known), ("", "")):
            with pytest.raises(UnknownRef):
                put_in_force(office.store, policy, digest, plan, "UTSAI", now)


def test_no_version_chooses_who_approves_it(redress: Redress, tmp_path: Path) -> None:
    """The rule in force says who changes it: a text that names its own writer is not in force by his press."""
    imported(redress, tmp_path)
    new_version(tmp_path, ("in_force_by: general_manager", "in_force_by: gm_office"))
    with opened() as office:
        plan, now = office.watched.plan(), office.desk.clock.now()
        shelve_policies(office.store, plan, office.settings.policies, now)
        digest = office.store.shelf.versions("pcb-manufacturer")[0].bundle
        named, top = (plan.roles[role].members[0] for role in ("gm_office", "general_manager"))

        with pytest.raises(NotAuthorized) as refused:
            put_in_force(office.store, "pcb-manufacturer", digest, plan, named, now)
        assert refused.value.facts["role"] == "general_manager"
        put_in_force(office.store, "pcb-manufacturer", digest, plan, top, now)

        assert office.store.shelf.in_force("pcb-manufacturer") == digest


def shown(redress: Redress) -> Any:
    return json.loads(redress("case", "show", "P-1", "--json").stdout)


# --- a first draft ----------------------------------------------------------------------------------------------------


def test_enter_at_every_question_writes_a_policy_that_passes_the_check(redress: Redress, tmp_path: Path) -> None:
    path = tmp_path / "first-draft.yml"

    done = redress("policy", "new", "first-draft", "--output", str(path), input="\n" * 12)

    assert done.exit_code == 0, done.output
    assert [str(f) for f in examine_file(path)[1] if f.severity != "note"] == []


def test_what_is_answered_stands_in_the_file(redress: Redress, tmp_path: Path) -> None:
    path = tmp_path / "bakery.yml"
    answers = [
        "Rules of the bakery",
        "counter: shop: same day",
        "oops",
        "bake: baker: 2 days",
        "say: shop: 1 day",
        "",
        "5 days",
        "shop",
        "owner",
    ]

    done = redress("policy", "new", "bakery", "--output", str(path), input="\n".join(answers) + "\n")
    policy, findings = examine_file(path)

    assert done.exit_code == 0, done.output
    assert "“oops” is not a stage" in done.output
    assert policy is not None
    assert [f for f in findings if f.severity == "error"] == []
    assert [s.do for s in policy.routes["main"].path] == ["counter", "bake", "say"]
    assert str(policy.stages["bake"].who) == "baker"
    assert policy.policy.top == "owner"
    assert str(policy.stages["callback"].who) == "shop"


def test_a_file_that_is_there_is_not_written_over(redress: Redress, tmp_path: Path) -> None:
    path = tmp_path / "bakery.yml"
    path.write_text("mine", "utf-8")

    assert redress("policy", "new", "bakery", "--output", str(path)).exit_code == 2
    assert path.read_text("utf-8") == "mine"


@pytest.mark.parametrize("text", ["only", "a: b", "ä: b: 2 days", "a: b: some time", "a-b: c: 2 days"])
def test_a_stage_that_can_not_be_read_says_what_to_write(text: str) -> None:
    with pytest.raises(ValueError, match=r"write|use"):
        parse_stage(text)


# --- a rehearsal --------------------------------------------------------------------------------------------------------


def test_two_versions_are_set_side_by_side(redress: Redress, tmp_path: Path) -> None:
    strict = ROOT / "policies" / "property-operations.yml"
    loose = tmp_path / "property-operations.yml"
    loose.write_text(strict.read_text("utf-8").replace("2 hours", "20 hours"), "utf-8")

    done = redress("policy", "simulate", str(strict), "--versus", str(loose), "--cases", "10", "--json")
    first, second = json.loads(done.stdout)

    assert first["opened"] == second["opened"] == 10
    assert first["stuck"] == second["stuck"] == []
    assert sum(first["cards"].values()) > 10
    assert "escalations" in redress("policy", "simulate", str(strict), "--cases", "5").stdout


def test_a_library_is_not_played_for_itself(redress: Redress) -> None:
    done = redress("policy", "simulate", "supplementary-norms")
    assert (done.exit_code, "it is a library and has no cases of its own" in done.output) == (2, True)
