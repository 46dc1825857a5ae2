"""
Clause by clause: which key of the policy carries it, and which test would miss it. `python -m bot.coverage` writes docs/coverage.md.

Works on a checkout: the marks `@pytest.mark.clauses("policy", "clause", …)` and `@pytest.mark.capabilities("IN-01", …)` of the tests
are read as text, nothing of them is run; the capabilities are the table in docs/policies.md.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.marks import marked
from complaints.policy import Policy
from complaints.policy_findings import path_text
from complaints.policy_parts import SourceRef
from complaints.policy_symbols import walk
from storage.policy_files import load_policy, policy_files

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "coverage.md"
SHORT = 48
CATALOGUE = re.compile(r"^\| ([A-Z]{2}-\d\d) \| ([^|]+) \| ([^|]+) \|$", re.M)

MARKS = ("clauses", "capabilities")
Marks = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A clause of a regulation: its words, the keys that name it as their source, the tests that would miss it."""

    id: str
    words: str
    keys: tuple[str, ...]
    tests: tuple[str, ...]
    for_people: str | None

    @property
    def is_open(self) -> bool:
        """Say whether neither a program nor a reason covers it."""
        return self.for_people is None and not (self.keys and self.tests)


@dataclass(frozen=True, kw_only=True)
class Regulation:
    """A regulation with its clauses."""

    id: str
    text: str
    clauses: tuple[Clause, ...]

    @property
    def for_program(self) -> tuple[Clause, ...]:
        return tuple(c for c in self.clauses if c.for_people is None)


@dataclass(frozen=True, kw_only=True)
class Capability:
    """A capability of the catalogue: the key that carries it, and the tests that show it."""

    id: str
    name: str
    key: str
    tests: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """All regulations and all capabilities."""

    regulations: tuple[Regulation, ...]
    capabilities: tuple[Capability, ...]

    def counts(self) -> dict[str, int]:
        """Return the figures that the command prints."""
        clauses = [c for r in self.regulations for c in r.clauses]
        return {
            "regulations": len(self.regulations),
            "regulations_covered": sum(not any(c.is_open for c in r.clauses) for r in self.regulations),
            "clauses": len(clauses),
            "clauses_for_people": sum(c.for_people is not None for c in clauses),
            "clauses_with_key": sum(c.for_people is None and bool(c.keys) for c in clauses),
            "clauses_with_test": sum(c.for_people is None and bool(c.tests) for c in clauses),
            "clauses_open": sum(c.is_open for c in clauses),
            "capabilities": len(self.capabilities),
            "capabilities_with_test": sum(bool(c.tests) for c in self.capabilities),
        }


def coverage(root: Path = ROOT) -> Coverage:
    """Return what the checkout at *root* covers."""
    clauses, capabilities = _marks(root / "tests")
    regulations = tuple(_regulation(load_policy(p), clauses) for p in policy_files(root / "policies").values())
    rows = CATALOGUE.findall((root / "docs" / "policies.md").read_text("utf-8"))
    return Coverage(
        regulations=regulations,
        capabilities=tuple(
            Capability(id=id_, name=name.strip(), key=key.strip(), tests=capabilities.get(id_, ()))
            for id_, name, key in rows
        ),
    )


def _regulation(policy: Policy, marks: Marks) -> Regulation:
    keys = defaultdict[str, list[str]](list)
    for loc, part in walk(policy):
        if isinstance(part, SourceRef) and part.kind == "clause":
            keys[part.text].append(path_text(loc[:-1]) if loc[-1] in ("source", "waived") else path_text(loc))
    return Regulation(
        id=policy.id,
        text=policy.policy.text,
        clauses=tuple(
            Clause(
                id=clause,
                words=words,
                keys=tuple(dict.fromkeys(keys[clause])),
                tests=marks.get(f"{policy.id} {clause}", ()),
                for_people=policy.reason(policy.for_people[clause]) if clause in policy.for_people else None,
            )
            for clause, words in policy.clauses.items()
        ),
    )


# --- the marks of the tests -------------------------------------------------------------------------------------


def _marks(folder: Path) -> tuple[Marks, Marks]:
    """Return the tests that stand for each "policy clause", and for each capability."""
    clauses, capabilities = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
    for test, mark, words in marked(folder, MARKS):
        for word in words if mark == "capabilities" else [f"{words[0]} {c}" for c in words[1:]]:
            (capabilities if mark == "capabilities" else clauses)[word].append(test)
    return ({k: tuple(v) for k, v in clauses.items()}, {k: tuple(v) for k, v in capabilities.items()})


# --- the document -------------------------------------------------------------------------------------------------


def document(found: Coverage) -> str:
    """Return docs/coverage.md."""
    return "\n".join(_lines(found)) + "\n"


def _lines(found: Coverage) -> Iterator[str]:
    counts = found.counts()
    yield "# Coverage: each clause, the key that carries it, the test that would miss it"
    yield ""
    yield "Written by `python -m bot.coverage`; `redress policy coverage` prints the counts. A clause is *for people* when no program can keep it."
    yield ""
    yield f"**{counts['regulations_covered']} of {counts['regulations']} regulations** without an open clause · **{counts['capabilities_with_test']} of {counts['capabilities']} capabilities** shown by a test · {counts['clauses']} clauses, {counts['clauses_for_people']} of them for people, {counts['clauses_open']} open."
    yield ""
    yield from _summary(found)
    for regulation in found.regulations:
        yield from _chapter(regulation)
    yield from _capabilities(found)


def _summary(found: Coverage) -> Iterator[str]:
    yield "| Regulation | | Clauses | For people | With key and test | Open |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for r in found.regulations:
        is_open = [c.id for c in r.clauses if c.is_open]
        done = sum(not c.is_open for c in r.for_program)
        people = len(r.clauses) - len(r.for_program)
        yield f"| [`{r.id}`](#{r.id}) | {r.text} | {len(r.clauses)} | {people} | {done} | {', '.join(is_open)} |"


def _chapter(regulation: Regulation) -> Iterator[str]:
    yield from ("", f"## {regulation.id}", "", "| Clause | Words | Key | Test |", "| --- | --- | --- | --- |")
    for clause in regulation.clauses:
        words = clause.words if len(clause.words) <= SHORT else clause.words[: SHORT - 1] + "…"
        if clause.for_people is not None:
            key, tests = f"*for people: {clause.for_people}*", ""
        else:
            key, tests = _some([f"`{k}`" for k in clause.keys]), _some([_link(t) for t in clause.tests])
        yield f"| {_cell(clause.id)} | {_cell(words)} | {_cell(key)} | {_cell(tests)} |"


def _capabilities(found: Coverage) -> Iterator[str]:
    yield from ("", "## Capabilities", "", "| Id | Capability | Key | Test |", "| --- | --- | --- | --- |")
    for one in found.capabilities:
        yield f"| {one.id} | {one.name} | {one.key} | {_some([_link(t) for t in one.tests])} |"


def _link(test: str) -> str:
    path, _, name = test.partition("::")
    return f"[{name.removeprefix('test_').replace('_', ' ')}](../tests/{path})"


def _some(items: list[str], most: int = 3) -> str:
    more = f" +{len(items) - most}" if len(items) > most else ""
    return ", ".join(items[:most]) + more


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    DOCUMENT.write_text(document(coverage()), "utf-8")
