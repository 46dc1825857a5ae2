"""Rules that several regulations share are laid into each of them, and hold there as if it had written them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.office import parse_bundle
from complaints.events import StepFired
from complaints.policy_findings import PolicyRefused
from complaints.refusals import FieldErrors
from storage.policy_files import examine_file, load_bundle
from tests.support import desks
from tests.support.desks import TestDesk
from tests.support.policy_desk import person, plan_of

OWN = """\
policy: {id: own, label: "2.0", text: t, in_force_by: boss, top: boss}
roles: {boss: {}, sales: {}}
fields: {amount: money}
intake: {stages: [take], pages: [[amount]]}
stages:
  take: {who: sales, fill: [amount], limit: at once}
  decide: {who: boss, limit: 2 days, tells: true}
routes:
  main: {closes: decide, path: [take, decide]}
clauses: {"1": 「amounts」}
"""
SHARED = """\
policy: {id: norms, label: "7", text: n, kind: library, in_force_by: press, top: press, publish: [hotline]}
roles: {press: {}, boss: {kind: outside}}
fields: {media: {type: yes_no, source: N1}, source: {type: text}}
intake: {stages: [ask], pages: [[media], [source]]}
stages:
  ask: {who: press, fill: [media], may_fill: [source]}
clocks:
  golden: {starts: case opened, stops: case told, limit: 4 hours, when: media, source: N1}
rules:
  - {upon: case opened, when: media, tell: [press], as: notice, source: N1}
texts: {hotline: ["Call 1", "拨 1", "撥 1"]}
clauses: {"N1": 「黄金4小时」}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own.yml").write_text(OWN, "utf-8")
    (tmp_path / "norms.yml").write_text(SHARED, "utf-8")
    return tmp_path


@pytest.fixture
def desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> TestDesk:
    """A desk that runs `own` with the library along."""
    loaded = load_bundle(folder, "own", {"norms": folder / "norms.yml"})
    monkeypatch.setattr(desks, "bundle", lambda *names: loaded)
    return TestDesk(policy="own", plan=plan_of(loaded))


def test_a_library_alone_is_right(folder: Path) -> None:
    policy, findings = examine_file(folder / "norms.yml")

    assert policy is not None
    assert [str(f) for f in findings if f.severity == "error"] == []


def test_the_form_asks_what_the_library_asks_for_behind_the_policys_own_pages(desk: TestDesk) -> None:
    policy = desk.bundle("").policy

    assert policy.intake is not None
    assert policy.intake.pages == (("amount",), ("media",), ("source",))
    with pytest.raises(FieldErrors) as refused:
        desk.log(person("sales"), amount="5")
    assert set(refused.value.errors) == {"media"}


def test_a_rule_and_a_clock_of_the_library_hold_for_a_case_of_the_policy(desk: TestDesk) -> None:
    case = desk.log(person("sales"), amount="5", media="yes")

    golden = case.clock("golden")
    assert golden is not None
    assert (golden.due_at - case.opened_at).total_seconds() == 4 * 3600
    assert {n.to for n in desk.told("rule")} == {person("press", 1), person("press", 2)}
    assert desk.bundle("").policy.source_text(desk.bundle("").policy.clocks["golden"].source) == "「黄金4小时」"


def test_the_librarys_clock_stops_as_the_policys_do(desk: TestDesk) -> None:
    desk.log(person("sales"), amount="5", media="yes")
    desk.decide(person("boss"), "decide")

    golden = desk.case().clock("golden")
    assert golden is not None
    assert golden.ended is not None
    assert [f for f in desk.happened(StepFired) if f.deadline == golden.id] == []


def test_without_its_condition_nothing_of_it_starts(desk: TestDesk) -> None:
    case = desk.log(person("sales"), amount="5", media="no")

    assert case.clock("golden") is None
    assert desk.told("rule") == []


def test_the_policys_own_entry_goes_before_the_librarys(desk: TestDesk) -> None:
    policy = desk.bundle("").policy

    assert policy.roles["boss"].kind == "inside"
    assert "press" in policy.roles
    assert policy.policy.publish == ("hotline",)
    assert list(policy.stages) == ["take", "decide"]


def test_a_policy_may_include_a_library_itself_and_both_ways_are_one_bundle(folder: Path) -> None:
    along = load_bundle(folder, "own", {"norms": folder / "norms.yml"})
    (folder / "own.yml").write_text(OWN.replace("top: boss", "top: boss, includes: [norms]"), "utf-8")

    included = load_bundle(folder, "own")

    assert set(included.policy.fields) == set(along.policy.fields) == {"amount", "media", "source"}
    assert included.label == along.label == "2.0 + norms 7"
    assert [str(f) for f in examine_file(folder / "own.yml")[1] if f.severity == "error"] == []


def test_a_replica_reads_the_same_bundle_from_the_record(folder: Path) -> None:
    loaded = load_bundle(folder, "own", {"norms": folder / "norms.yml"})

    read = parse_bundle(loaded.texts)

    assert (read.id, read.digest, read.label) == ("own", loaded.digest, loaded.label)
    assert "media" in read.policy.fields
    assert parse_bundle(dict(reversed(loaded.texts.items()))).digest == loaded.digest


def test_a_changed_library_is_another_bundle(folder: Path) -> None:
    before = load_bundle(folder, "own", {"norms": folder / "norms.yml"})
    (folder / "norms.yml").write_text(SHARED.replace("4 hours", "5 hours").replace('"7"', '"8"'), "utf-8")

    after = load_bundle(folder, "own", {"norms": folder / "norms.yml"})

    assert after.digest != before.digest
    assert after.label == "2.0 + norms 8"


def test_one_clause_id_for_two_clauses_is_refused(folder: Path) -> None:
    (folder / "norms.yml").write_text(SHARED.replace("N1", "1"), "utf-8")

    with pytest.raises(PolicyRefused, match="has other words under the clause id 1"):
        load_bundle(folder, "own", {"norms": folder / "norms.yml"})


@pytest.mark.parametrize(
    ("added", "about"),
    [
        ("repeat: {same: [source], within: 1 month, source: D9}", "repeat"),
        ("reply: {apology: always}", "reply"),
        ("papers: {keep: 3 years, keep_source: D8}", "papers.keep"),
    ],
)
def test_what_each_regulation_says_for_itself_is_refused_in_a_library(folder: Path, added: str, about: str) -> None:
    (folder / "norms.yml").write_text(SHARED + added + "\n", "utf-8")

    findings = examine_file(folder / "norms.yml")[1]

    assert [f.path for f in findings if f.severity == "error"] == [about]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("kind: library, ", ""), "norms is no library"),
        (("id: norms", "id: norms"), None),
    ],
)
def test_what_is_included_must_be_a_library(folder: Path, change: tuple[str, str], said: str | None) -> None:
    (folder / "norms.yml").write_text(SHARED.replace(*change), "utf-8")

    if said is None:
        load_bundle(folder, "own", {"norms": folder / "norms.yml"})
        return
    with pytest.raises(PolicyRefused, match=said):
        load_bundle(folder, "own", {"norms": folder / "norms.yml"})


def test_a_library_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "own.yml").write_text(OWN.replace("top: boss", "top: boss, includes: [norm]"), "utf-8")

    with pytest.raises(PolicyRefused, match='there is no policy "norm"'):
        load_bundle(folder, "own")
    assert 'no library "norm"' in " ".join(f.text for f in examine_file(folder / "own.yml")[1])
