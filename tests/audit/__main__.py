"""
`python -m tests.audit`: what is installed here, against what is known; the sum as JSON on the last line.

Three looks: do the versions fit one another (pip check), is anything known against one (pip-audit, which asks PyPI; and the list
of safety-db, as old as its release), and is there a newer one (pip list --outdated). A dependency of which PyPI tells nothing
counts as not audited, never as clean.

`--database PATH` asks no network: what is installed, and the lowest versions that pyproject.toml lets in, against the advisories
in PATH (`tests.audit.advisories.read`). It knows what PATH knows, no more; the day of its latest change stands in the sum.

Exit code 1: a conflict or a known vulnerability; 2: PATH holds no advisories; 3: something could not be audited.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
import venv
import zipfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.audit.advisories import Read, lowest_permitted, read

OURS = "redress"
PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@dataclass
class Audit:
    """*vulnerable*: what is known against a dependency; *silent*: those of which PyPI tells nothing; *newer*: name to release."""

    installed: dict[str, str]
    conflicts: list[str] = field(default_factory=list)
    vulnerable: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    newer: dict[str, str] = field(default_factory=dict)
    list_of: str = ""


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make audit", description="Dependencies against what is known of them.")
    parser.add_argument("--database", type=Path, metavar="PATH", help="a checkout of the advisory database; no network")
    database = parser.parse_args(words).database
    return without_network(database) if database else with_pypi()


def without_network(database: Path) -> int:
    """Hold what is installed, and what may be, against the advisories in *database*; return the exit code."""
    there, lowest = installed(), lowest_permitted(tomllib.loads(PYPROJECT.read_text("utf-8")))
    try:
        known = read(database, {*there, *lowest})
    except FileNotFoundError as missing:
        print(missing, file=sys.stderr)
        return 2
    fighting, now, allowed = conflicts(), against(known, there), against(known, lowest)
    for line in (*fighting, *now, *(f"permitted: {line}" for line in allowed), *known.unreadable):
        print(line)
    print(
        json.dumps({
            "at": f"{datetime.now(UTC):%Y-%m-%d}", "installed": len(there), "permitted lowest": len(lowest), "conflicts": len(fighting),
            "advisories of ours": len(known.advisories), "withdrawn": sum(a.withdrawn for a in known.advisories),
            "packages with any": len({a.package for a in known.advisories}), "affect what is installed": len(now),
            "affect what is permitted": len(allowed), "not understood": len(known.unreadable), "files": known.files,
            "database changed last": known.newest,
        })
    )  # fmt: skip
    if fighting or now or allowed:
        return 1
    return 3 if known.unreadable else 0


def against(known: Read, versions: dict[str, str]) -> list[str]:
    """Return a line for each advisory of *known* that affects one of *versions* (package to version)."""
    return [
        f"{a.package} {versions[a.package]}: {a}, mended in {a.mended_in(versions[a.package]) or 'no release'}"
        for a in known.advisories
        if a.package in versions and a.affects(versions[a.package])
    ]


def with_pypi() -> int:
    found = Audit(installed=installed())
    with tempfile.TemporaryDirectory(prefix="redress-audit-") as folder:
        found.conflicts = conflicts()
        ask_pypi(found, Path(folder))
        ask_list(found, Path(folder))
    found.newer = newer(found.installed)
    for line in (*found.conflicts, *found.vulnerable):
        print(line)
    for name, release in found.newer.items():
        print(f"{name} {found.installed[name]}: there is {release}")
    print(
        json.dumps({
            "at": f"{datetime.now(UTC):%Y-%m-%d}", "installed": len(found.installed), "conflicts": len(found.conflicts),
            "vulnerable": len(found.vulnerable), "asked PyPI": len(found.installed) - len(found.silent),
            "PyPI tells nothing": len(found.silent), "safety-db of": found.list_of, "newer": found.newer,
        })
    )  # fmt: skip
    if found.conflicts or found.vulnerable:
        return 1
    return 3 if found.silent else 0


def installed() -> dict[str, str]:
    """Return each package's version; where it is there twice, the one that is found first, since that one is imported."""
    found: dict[str, str] = {}
    for one in distributions():
        found.setdefault(canonicalize_name(one.metadata["Name"]), one.version)
    return {name: version for name, version in sorted(found.items()) if name != OURS}


def conflicts() -> list[str]:
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    return [] if done.returncode == 0 else done.stdout.splitlines()


def ask_pypi(found: Audit, folder: Path) -> None:
    """Let pip-audit, in a place of its own, ask PyPI for each dependency."""
    listed = folder / "installed.txt"
    listed.write_text("".join(f"{name}=={version}\n" for name, version in found.installed.items()))
    venv.create(folder / "tools", with_pip=True)
    tools = folder / "tools" / "bin"
    subprocess.run([tools / "python", "-m", "pip", "install", "--quiet", "pip-audit"], check=True, capture_output=True)
    command = [
        tools / "pip-audit",
        "-r",
        listed,
        "--no-deps",
        "--disable-pip",
        "--progress-spinner",
        "off",
        "-f",
        "json",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"] if done.stdout else []
    known = {canonicalize_name(d["name"]): d.get("vulns", ()) for d in told if "skip_reason" not in d}
    found.silent = [name for name in found.installed if name not in known]
    found.vulnerable += [
        f"{name} {found.installed[name]}: {v['id']}, mended in {', '.join(v['fix_versions']) or 'no release'}"
        for name, of_it in known.items() for v in of_it
    ]  # fmt: skip


def ask_list(found: Audit, folder: Path) -> None:
    """Look through the newest list that safety-db brings; its day says how old what it knows is."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "safety-db"]
    subprocess.run(command, check=True, capture_output=True)
    [wheel] = folder.glob("safety_db-*.whl")
    with zipfile.ZipFile(wheel) as content:
        listed: dict[str, Any] = json.loads(content.read("safety_db/insecure_full.json"))
    found.list_of = wheel.name.split("-")[1]
    for name, entries in listed.items():
        version = found.installed.get(canonicalize_name(name))
        for entry in entries if version and name != "$meta" else ():
            if any(version in SpecifierSet(spec) for spec in entry["specs"]):
                found.vulnerable.append(f"{name} {version}: {entry['id']} {entry.get('cve') or ''}".rstrip())


def newer(there: dict[str, str]) -> dict[str, str]:
    command = [sys.executable, "-m", "pip", "list", "--outdated", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told = {canonicalize_name(d["name"]): d["latest_version"] for d in json.loads(done.stdout)}
    return {name: release for name, release in sorted(told.items()) if name in there}


if __name__ == "__main__":
    sys.exit(main())
