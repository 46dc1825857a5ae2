"""Policy files on disk: strict YAML, findings with file and line, bundles known by their content."""

from __future__ import annotations

import time
from decimal import Decimal
from pathlib import Path

import pytest

from complaints.policy_findings import PolicyRefused
from storage.policy_files import examine_file, examine_text, load_bundle, load_policy, policy_files, read_bundle
from storage.yaml_files import read_yaml

POLICIES = Path(__file__).parents[2] / "policies"
SMALL = """\
policy: {id: small, label: "1", text: t, in_force_by: boss, top: boss}
roles: {boss: {}, sales: {}}
fields: {amount: money}
stages:
  intake: {who: sales, fill: [amount], limit: at once}
  decide: {who: boss, limit: 2 days}
routes:
  main: {closes: decide, path: [intake, decide]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "small.yml").write_text(SMALL, "utf-8")
    return tmp_path


@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.yml")), ids=lambda path: path.stem)
def test_every_shipped_policy_is_right(path: Path) -> None:
    """No errors and no warnings; notes only say which defaults and waivers are used."""
    policy, findings = examine_file(path)

    assert policy is not None
    assert [str(finding) for finding in findings if finding.severity != "note"] == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("yes", "yes"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("18:00", "18:00"),
        ("2026-11-21", "2026-11-21"),
        ("1.10", Decimal("1.10")),
        ("10000", 10000),
        ("010", 10),
        ("0x10", "0x10"),
        ("1e5", "1e5"),
        (".inf", ".inf"),
        ("1_000", "1_000"),
        ("~", None),
        ('"true"', "true"),
        ("'10'", "10"),
        ("2 %", "2 %"),
        ("(九)4", "(九)4"),
    ],
)
def test_only_the_core_of_yaml_is_understood(text: str, value: object) -> None:
    data = read_yaml(f"key: {text}\n").data["key"]

    assert data == value
    assert type(data) is type(value)


def test_keys_are_always_text() -> None:
    assert list(read_yaml("{true: 1, 1.1: 2, 2.2.1: 3, on: 4}").data) == ["true", "1.1", "2.2.1", "on"]


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 'the key "a" stands twice, first in line 1'),
        ("a: &x 1\nb: *x\n", 1, "the anchor &x is refused"),
        ("a: 1\nb:\n  <<: {c: 1}\n", 3, "the merge key << is refused"),
        ("a: !!python/object:os.system x\n", 1, "the tag"),
        ("a: !!binary aGk=\n", 1, "the tag"),
        ("a: 1\n---\nb: 2\n", 2, "a second document"),
        ("a: [1, 2\n", 2, "this is not YAML"),
        ("a: 1\n\tb: 2\n", 2, "this is not YAML"),
        ("? [a, b]\n: 1\n", 1, "a key must be plain text"),
        ("a: " + "[" * 60 + "]" * 60, 1, "nested deeper than 40"),
        ("a: " + "{b: " * 60 + "}" * 60, 1, "nested deeper than 40"),
        ("x: [" + "1," * 70_000 + "]", 1, "more than 60000 entries"),
        ('a: 1\nb: "x\\0"\n', 2, "the control character U+0000"),
        ('"a\\a": 1\n', 1, "the control character U+0007"),
        ("a: 1\nb: \x00\n", 2, "U+0000 stands here, which no text file holds; take it out"),
        ('a: ["\u200b", x]\n', 1, "nothing of this text can be seen (U+200B); write words"),
    ],
)
def test_what_is_dangerous_or_unclear_is_refused_with_its_line(text: str, line: int, part: str) -> None:
    wrong = read_yaml(text).wrong

    assert any(found_line == line and part in words for found_line, _, words in wrong), wrong


def test_a_billion_laughs_cost_nothing() -> None:
    layers = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    layers += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    begun = time.process_time()

    wrong = read_yaml("\n".join(layers)).wrong

    assert any("alias" in words for _, _, words in wrong)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"a: \xe9\n", b"x" * (513 * 1024)])
def test_bytes_that_are_no_text_or_too_many_are_refused(raw: bytes) -> None:
    policy, findings = examine_text(raw, "x.yml")

    assert policy is None
    assert [f.severity for f in findings] == ["error"]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "null\n", "just words\n", "[1, 2]\n", "--- \n"])
def test_an_empty_or_strange_file_is_refused_without_a_fault(text: str) -> None:
    policy, findings = examine_text(text, "x.yml")

    assert policy is None
    assert findings


def test_a_finding_names_file_line_and_path(folder: Path) -> None:
    path = folder / "small.yml"
    path.write_text(SMALL.replace("{who: boss, limit", "{who: bos, limit"), "utf-8")

    with pytest.raises(PolicyRefused) as refused:
        load_policy(path)

    assert (
        str(refused.value)
        == f'{path}:6  stages.decide.who: "bos" is not a role. Did you mean boss? Roles: boss, sales.'
    )


def test_all_findings_of_a_file_come_at_once(folder: Path) -> None:
    text = SMALL.replace("fill: [amount]", "fill: [amont]").replace("path: [intake, decide]", "path: [intake, decid]")
    _, findings = examine_text(text + "roles: {x: {}}\n", "small.yml")

    assert [finding.line for finding in findings if finding.severity == "error"] == [9, 5, 8, 8]


def test_a_file_is_called_as_its_policy(folder: Path) -> None:
    (folder / "other.yml").write_text(SMALL, "utf-8")

    with pytest.raises(PolicyRefused, match="Use one name for both"):
        load_policy(folder / "other.yml")


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    policy, findings = examine_file(tmp_path / "none.yml")

    assert policy is None
    assert "cannot be read" in findings[0].text


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(folder: Path) -> None:
    plain = load_bundle(folder, "small")
    (folder / "small.yml").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())

    assert load_bundle(folder, "small").digest == plain.digest


def test_a_bundle_is_known_by_its_content_and_that_of_its_annexes(tmp_path: Path) -> None:
    main = SMALL.replace("top: boss", "top: boss, annexes: [annex]")
    annex = SMALL.replace("id: small", "id: annex")
    texts = {"small": main, "annex": annex}
    first = read_bundle(texts, "small")

    assert set(first.annexes) == {"annex"}
    assert first.label == "1"
    assert len(first.digest) == 64
    assert read_bundle(dict(reversed(texts.items())), "small").digest == first.digest
    assert read_bundle({**texts, "annex": annex + "# word\n"}, "small").digest != first.digest
    assert read_bundle({**texts, "unused": "x"}, "small").digest == first.digest
    assert read_bundle(first.texts, "small").digest == first.digest


def test_an_annex_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyRefused, match='there is no policy "annex"'):
        read_bundle({"small": SMALL.replace("top: boss", "top: boss, annexes: [annex]")}, "small")


def test_a_field_that_the_annex_does_not_have_is_named() -> None:
    main = SMALL.replace("top: boss", "top: boss, annexes: [annex]").replace(
        "path: [intake, decide]", "path: [intake, decide, {run: annex, give: [amount]}]"
    )
    annex = SMALL.replace("id: small", "id: annex").replace("amount", "sum_of_loss")

    with pytest.raises(PolicyRefused, match="annex has no field amount"):
        read_bundle({"small": main, "annex": annex}, "small")


def test_the_shipped_policies_load_as_a_bundle() -> None:
    bundle = load_bundle(POLICIES, "pcb-manufacturer")

    assert list(bundle.annexes) == ["pcb-admin-penalty", "pcb-economic-penalty"]
    assert set(policy_files(POLICIES)) >= {"pcb-manufacturer", *bundle.annexes}


@pytest.mark.parametrize("spoilt", ["small", "annex"])
@pytest.mark.parametrize("how", ["utf-16", "gb18030", "gone"])
def test_each_file_of_a_bundle_that_can_not_be_read_is_named(folder: Path, spoilt: str, how: str) -> None:
    """Notepad saves Unicode as UTF-16, and a link may lead nowhere: the bot did not start because of one such file."""
    (folder / "annex.yml").write_text(SMALL.replace("id: small", "id: annex"), "utf-8")
    (folder / "small.yml").write_text(SMALL.replace("top: boss", "top: boss, annexes: [annex]"), "utf-8")
    file = folder / f"{spoilt}.yml"
    text = file.read_text("utf-8").replace("text: t", "text: 辦法")
    file.unlink()
    if how == "gone":
        file.symlink_to(folder / "nowhere.yml")
    else:
        file.write_bytes(text.encode(how))

    with pytest.raises(PolicyRefused) as refused:
        load_bundle(folder, "small")

    [said] = str(refused.value).splitlines()
    assert f"{spoilt}.yml" in said
    assert ("cannot be read" if how == "gone" else "the file is not UTF-8; save it as UTF-8") in said


def test_a_library_that_is_no_text_is_a_finding(folder: Path) -> None:
    (folder / "small.yml").write_text(SMALL.replace("top: boss", "top: boss, includes: [norms]"), "utf-8")
    (folder / "norms.yml").write_bytes("policy: {text: 辦法}".encode("utf-16"))

    policy, findings = examine_file(folder / "small.yml")

    assert policy is None
    assert [finding.text for finding in findings] == ["the file is not UTF-8; save it as UTF-8"]


def test_a_version_with_a_name_that_no_database_finds_it_by_is_refused() -> None:
    """PostgreSQL puts no longer one into an index: the bot did not start."""
    text = SMALL.replace('label: "1"', f"label: {'x' * 501}")

    with pytest.raises(PolicyRefused, match="a name of 501 characters"):
        read_bundle({"small": text}, "small")
