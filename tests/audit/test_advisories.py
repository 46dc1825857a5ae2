"""The audit without a network: advisories of a small database, made up, against versions."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.audit.__main__ import PYPROJECT, installed, main
from tests.audit.advisories import Advisory, lowest_permitted, read


def wrote(database: Path, package: str, number: str, affected: str, *, more: str = "") -> None:
    """Put one advisory into *database*; *affected*: what follows the package in `affected`, as YAML of one line."""
    folder = database / "vulns" / package
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number}.yaml").write_text(
        f"id: {number}\nmodified: 2026-10-01T08:00:00Z\naliases: [CVE-{number}]\n{more}"
        f"affected:\n- package: {{ecosystem: PyPI, name: {package}}}\n  {affected}\n"
    )


def the_one(database: Path, package: str = "tray") -> Advisory:
    [only] = read(database, [package]).advisories
    return only


def events(*said: str, kind: str = "ECOSYSTEM") -> str:
    return f"ranges: [{{type: {kind}, events: [{', '.join('{' + one + '}' for one in said)}]}}]"


@pytest.mark.parametrize(
    ("affected", "hit", "spared"),
    [
        # from the first release until the one that mends it, which is spared; its release candidate is not
        (events("introduced: '0'", "fixed: 3.10.0"), ["0.1", "3.9.9", "3.10.0rc1"], ["3.10.0", "3.10", "3.11"]),
        # the last that is affected is affected; the very next is not
        (events("introduced: '1.2'", "last_affected: '1.5'"), ["1.2", "1.5", "1.5.0"], ["1.1", "1.5.1", "1.5.post1"]),
        # numbers are compared, not letters
        (events("introduced: 2.9.0", "fixed: 2.10.0"), ["2.9.5"], ["2.10.0", "2.11.3", "2.2"]),
        # came back later; the events may stand in any order
        (events("fixed: '3.1'", "introduced: '3.0'", "introduced: '1.0'", "fixed: '1.4'"), ["1.3", "3.0.5"], ["2.0", "3.1"]),
        # never mended
        (events("introduced: '2.0'"), ["2.0", "99"], ["1.9"]),
        # not looked at above a limit
        (events("introduced: '0'", "limit: '2.0'"), ["1.9"], ["2.0", "2.1"]),
        # a list without a range; 2.0 is the same release as 2.0.0, and what PEP 440 does not know hurts nobody
        ("versions: ['2.0', 2004d]", ["2.0", "2.0.0"], ["2.0.1", "1.9"]),
        # a list and a range: either is enough
        (events("introduced: '5'", "fixed: '6'") + "\n  versions: ['1.0']", ["1.0", "5.5"], ["1.1", "6"]),
        # commits say nothing of releases
        (events("introduced: '0'", "fixed: abc123", kind="GIT") + "\n  versions: ['1.0']", ["1.0"], ["0.9", "1.1"]),
    ],
)  # fmt: skip
def test_a_version_is_affected_as_the_format_says(
    affected: str, hit: list[str], spared: list[str], tmp_path: Path
) -> None:
    wrote(tmp_path, "tray", "PYSEC-2026-1", affected)

    found = the_one(tmp_path)

    assert [v for v in hit if not found.affects(v)] == []
    assert [v for v in spared if found.affects(v)] == []


def test_what_was_withdrawn_affects_nothing(tmp_path: Path) -> None:
    wrote(tmp_path, "tray", "PYSEC-2026-1", events("introduced: '0'"), more="withdrawn: 2026-02-01T00:00:00Z\n")

    found = the_one(tmp_path)

    assert found.withdrawn
    assert not found.affects("1.0")


def test_the_release_to_go_to_is_the_first_that_mends_it_after_ours(tmp_path: Path) -> None:
    wrote(
        tmp_path,
        "tray",
        "PYSEC-2026-1",
        events("introduced: '1'", "fixed: 1.10.2", "introduced: '2'", "fixed: 2.0.9"),
    )

    found = the_one(tmp_path)

    assert [found.mended_in(v) for v in ("1.5", "2.0.1", "3")] == ["1.10.2", "2.0.9", None]


def test_a_package_is_found_under_each_way_to_spell_it_and_others_are_left_alone(tmp_path: Path) -> None:
    wrote(tmp_path, "Paper_Tray", "PYSEC-2026-1", events("introduced: '0'"))
    wrote(tmp_path, "stapler", "PYSEC-2026-2", events("introduced: '0'"))

    assert [a.id for a in read(tmp_path, ["paper-tray"]).advisories] == ["PYSEC-2026-1"]


def test_a_number_still_to_be_given_is_passed_over(tmp_path: Path) -> None:
    """The database renames `PYSEC-0000-…` when the number is there; in between both files are about the same thing."""
    wrote(tmp_path, "tray", "PYSEC-0000-CVE-1", events("introduced: '0'"))
    wrote(tmp_path, "tray", "PYSEC-2026-1", events("introduced: '0'"))

    assert the_one(tmp_path).id == "PYSEC-2026-1"


@pytest.mark.parametrize(
    "affected",
    [
        "ranges: [{type: ECOSYSTEM, events: [{introduced: '0'}, {fixed: next spring}]}]",
        "ranges: [{type: GIT, events: [{introduced: '0'}]}]",
        "ranges: [{type: ECOSYSTEM}]",
        "ranges: [",
    ],
)
def test_a_file_that_cannot_be_understood_is_named_never_taken_for_clean(affected: str, tmp_path: Path) -> None:
    wrote(tmp_path, "tray", "PYSEC-2026-1", affected)

    found = read(tmp_path, ["tray"])

    assert found.advisories == []
    assert [line.partition(":")[0] for line in found.unreadable] == ["vulns/tray/PYSEC-2026-1.yaml"]


def test_the_older_form_of_an_advisory_is_named_as_not_understood(tmp_path: Path) -> None:
    folder = tmp_path / "vulns" / "tray"
    folder.mkdir(parents=True)
    (folder / "PYSEC-2020-1.yaml").write_text("id: PYSEC-2020-1\npackage: {name: tray}\naffects: {ranges: []}\n")

    [line] = read(tmp_path, ["tray"]).unreadable

    assert "is not in OSV's format" in line


def test_an_export_of_json_files_in_one_folder_is_read_as_well_and_its_latest_day_told(tmp_path: Path) -> None:
    """Of somebody else's package nothing needs to be understood."""
    for number, package, day, releases in ((1, "tray", "2026-01-02", ["1.0"]), (2, "stapler", "2026-11-20", [])):
        told = {
            "id": f"GHSA-{number}",
            "modified": f"{day}T00:00:00Z",
            "affected": [
                {"package": {"ecosystem": "npm", "name": "tray"}, "versions": ["9"]},
                {"package": {"ecosystem": "PyPI", "name": package}, "versions": releases},
            ],
        }
        (tmp_path / f"GHSA-{number}.json").write_text(json.dumps(told))

    found = read(tmp_path, ["tray"])

    assert [(a.id, a.affects("1.0"), a.affects("9")) for a in found.advisories] == [("GHSA-1", True, False)]
    assert (found.newest, found.unreadable) == ("2026-11-20", [])


def test_the_lowest_version_that_may_be_installed_is_the_bound_of_the_project() -> None:
    project = {
        "build-system": {"requires": ["builder>=75"]},
        "project": {
            "dependencies": ["Paper.Tray[fast]>=3.14.5,<4", "exact==2.0", "close~=1.4"],
            "optional-dependencies": {"dev": ["free"]},
        },
    }

    assert lowest_permitted(project) == {
        "builder": "75",
        "paper-tray": "3.14.5",
        "exact": "2.0",
        "close": "1.4",
        "free": "0",
    }


def test_of_a_package_that_is_there_twice_the_one_that_is_imported_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place, number in (("outer", "1.0"), ("inner", "2.0")):
        told = tmp_path / place / f"paper_tray-{number}.dist-info" / "METADATA"
        told.parent.mkdir(parents=True)
        told.write_text(f"Metadata-Version: 2.1\nName: Paper_Tray\nVersion: {number}\n")
        monkeypatch.syspath_prepend(tmp_path / place)

    assert installed()["paper-tray"] == "2.0"


def test_the_command_names_what_is_installed_and_affected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrote(tmp_path, "pluggy", "PYSEC-2026-1", events("introduced: '0'"))

    code = main(["--database", str(tmp_path)])

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert f"pluggy {version('pluggy')}: PYSEC-2026-1 (CVE-PYSEC-2026-1), mended in no release" in lines
    assert json.loads(lines[-1])["affect what is installed"] == 1
    assert json.loads(lines[-1])["database changed last"] == "2026-10-01"


def test_the_command_names_a_lower_bound_that_lets_in_what_is_affected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Installed is newer; whoever installs elsewhere may get the older one."""
    wrote(tmp_path, "aiohttp", "PYSEC-2026-1", events("introduced: '0'", f"last_affected: {lowest('aiohttp')}"))

    code = main(["--database", str(tmp_path)])

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert any(line.startswith(f"permitted: aiohttp {lowest('aiohttp')}: PYSEC-2026-1") for line in lines)


def lowest(package: str) -> str:
    return lowest_permitted(tomllib.loads(PYPROJECT.read_text("utf-8")))[package]


def test_the_command_is_content_when_nothing_is_known_against_ours_and_says_how_much_it_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrote(tmp_path, "pluggy", "PYSEC-2020-1", events("introduced: '0'", "fixed: '0.1'"))

    code = main(["--database", str(tmp_path)])

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert code == 0
    assert (told["advisories of ours"], told["affect what is installed"], told["files"]) == (1, 0, 1)


def test_the_command_does_not_pass_what_it_could_not_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrote(tmp_path, "pluggy", "PYSEC-2026-1", "ranges: [")

    assert main(["--database", str(tmp_path)]) == 3
    assert "vulns/pluggy/PYSEC-2026-1.yaml" in capsys.readouterr().out


def test_a_folder_without_advisories_is_an_error_and_not_a_clean_bill(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--database", str(tmp_path)]) == 2
    assert "holds no advisories" in capsys.readouterr().err
