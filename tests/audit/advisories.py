"""
Advisories in OSV's format, read from a folder, and which versions they affect. Asks no network.

Source: the OSV schema, "Evaluation" (https://ossf.github.io/osv-schema/): a version is affected that an advisory lists or that lies
in one of its ranges. Order of versions: PEP 440, by `packaging`. Commits (ranges of type GIT) say nothing about a release.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, canonicalize_version
from packaging.version import InvalidVersion, Version

# Every value as it is written: the version 3.10 is no number. libyaml's reader is ten times as fast, where PyYAML has it.
AS_WRITTEN = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
EARLIEST = Version("0.dev0")


class NotAnAdvisory(ValueError):
    """This file is no advisory in OSV's format, or names a version that has no place in the order of versions."""


@dataclass(frozen=True, kw_only=True)
class Range:
    """*events*: (kind, version), earliest first; *below*: of them one must be above the version, where there are any."""

    events: tuple[tuple[str, Version], ...]
    below: tuple[Version, ...] = ()

    def holds(self, version: Version) -> bool:
        if self.below and version >= max(self.below):
            return False
        affected = False
        for kind, at in self.events:
            if kind == "introduced" and version >= at:
                affected = True
            elif (kind == "fixed" and version >= at) or (kind == "last_affected" and version > at):
                affected = False
        return affected


@dataclass(frozen=True, kw_only=True)
class Advisory:
    """What is known against one package. *versions*: those it lists, in their normal form; one that PEP 440 doesn't know as it is."""

    id: str
    package: str
    aliases: tuple[str, ...] = ()
    ranges: tuple[Range, ...] = ()
    versions: frozenset[str] = frozenset()
    withdrawn: bool = False

    def affects(self, version: str) -> bool:
        if self.withdrawn:
            return False
        return canonicalize_version(version) in self.versions or any(r.holds(Version(version)) for r in self.ranges)

    def mended_in(self, version: str) -> str | None:
        """Return the first release after *version* that it names as mended; None when there is none."""
        fixed = {at for r in self.ranges for kind, at in r.events if kind == "fixed" and at > Version(version)}
        return str(min(fixed)) if fixed else None

    def __str__(self) -> str:
        return f"{self.id} ({', '.join(self.aliases)})" if self.aliases else self.id


@dataclass
class Read:
    """What a database says. *unreadable*: its files of our packages that could not be understood, each with the reason."""

    advisories: list[Advisory] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    files: int = 0
    newest: str = ""


def read(database: Path, packages: Iterable[str]) -> Read:
    """
    Return what *database* says of *packages*.

    *database*: a checkout of the Python packaging advisory database (`vulns/<package>/*.yaml`), or OSV's export for PyPI,
    unpacked (`*.json` in one folder). `newest`: the day of the latest change in it, of any package. A file of a name that the
    database gives for the time until an advisory has its number (`PYSEC-0000-…`) is passed over.

    Raises:
        FileNotFoundError: there is no advisory there.
    """
    wanted, found, latest = {canonicalize_name(p) for p in packages}, Read(), set[str]()
    for file in files_of(database):
        text = file.read_text("utf-8")
        latest.update(re.findall(r"""(?:^|[{,])\s*"?modified"?:\s*["']?(\d{4}-\d\d-\d\d)""", text, re.M)[:1])
        found.files += 1
        if file.parent.parent.name == "vulns" and canonicalize_name(file.parent.name) not in wanted:
            continue
        try:
            found.advisories += understood(text, file.suffix, wanted)
        except NotAnAdvisory as why:
            found.unreadable.append(f"{file.relative_to(database)}: {why}")
    if not found.files:
        raise FileNotFoundError(f"{database} holds no advisories: neither vulns/<package>/*.yaml nor *.json")
    found.newest = max(latest, default="")
    return found


def files_of(database: Path) -> Iterator[Path]:
    there = (database / "vulns").glob("*/*") if (database / "vulns").is_dir() else database.glob("*.json")
    for file in sorted(there):
        if file.suffix in {".yaml", ".yml", ".json"} and not file.name.startswith("PYSEC-0000-"):
            yield file


def understood(text: str, suffix: str, wanted: Collection[str]) -> list[Advisory]:
    """Return what one file says of each of the packages *wanted* (normal names); raises NotAnAdvisory."""
    try:
        written = json.loads(text) if suffix == ".json" else yaml.load(text, AS_WRITTEN)
        about = [one for one in written["affected"] if one.get("package", {}).get("ecosystem") == "PyPI"]
        return [advisory(written, one) for one in about if canonicalize_name(one["package"]["name"]) in wanted]
    except (yaml.YAMLError, json.JSONDecodeError) as broken:
        raise NotAnAdvisory(f"cannot be read ({type(broken).__name__})") from broken
    except InvalidVersion as odd:
        raise NotAnAdvisory(str(odd)) from odd
    except (KeyError, TypeError, AttributeError) as missing:
        raise NotAnAdvisory(f"is not in OSV's format ({missing})") from missing


def advisory(written: Mapping[str, Any], one: Mapping[str, Any]) -> Advisory:
    ranges = tuple(a_range(r["events"]) for r in one.get("ranges", ()) if r["type"] != "GIT")
    versions = frozenset(canonicalize_version(v) for v in one.get("versions", ()))
    if not ranges and not versions:
        raise NotAnAdvisory(f"names no release of {one['package']['name']}")
    return Advisory(
        id=written["id"],
        package=canonicalize_name(one["package"]["name"]),
        aliases=tuple(written.get("aliases", ())),
        ranges=ranges,
        versions=versions,
        withdrawn=bool(written.get("withdrawn")),
    )


def a_range(events: Iterable[Mapping[str, str]]) -> Range:
    said = [(kind, EARLIEST if at == "0" else Version(at)) for event in events for kind, at in event.items()]
    return Range(
        events=tuple(sorted((e for e in said if e[0] != "limit"), key=lambda e: e[1])),
        below=tuple(at for kind, at in said if kind == "limit"),
    )


def lowest_permitted(project: Mapping[str, Any]) -> dict[str, str]:
    """
    Return for each direct dependency the lowest version that *project* (a read pyproject.toml) lets in, "0" without a bound.

    For use, for tests and for building. What a dependency itself depends on has no bound of ours and isn't named.
    """
    told = project["project"]
    lines = [*project["build-system"]["requires"], *told["dependencies"]]
    lines += [line for extra in told.get("optional-dependencies", {}).values() for line in extra]
    lowest = {}
    for needed in map(Requirement, lines):
        bounds = [Version(s.version) for s in needed.specifier if s.operator in {">=", "==", "~=", ">"}]
        lowest[canonicalize_name(needed.name)] = str(max(bounds, default=Version("0")))
    return lowest
