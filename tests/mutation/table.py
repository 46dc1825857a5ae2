"""`python -m tests.mutation.table FILE > docs/mutations.md`: the results of a mutation run as a document."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.mutation.__main__ import KINDS

Results = list[dict[str, Any]]
HEAD = """# Do the tests notice a wrong policy file?

`nice python -m tests.mutation --jobs 1 --json mutations.json` changes each policy file, one thing at a time, and runs the tests that
look at this policy against each change until one fails. What it changes: limits; people who decide, are told or keep something;
conditions and their borders; amounts; and other things that a test should notice (where a decision leads, what a stage asks, a rule, a
rung, a form). What the reader refuses cannot come into force and is not tried. `--sample 40` draws some changes of each policy;
`--again` tries only what nobody noticed before, unless the file has changed.
This page: `python -m tests.mutation.table mutations.json > docs/mutations.md`.

The tests of a policy are its own modules and those that ask the same of every policy: `test_borders`, `test_defaults`, `test_duties`,
`test_papers` and `test_sentences` in `tests/policies`. Changes without effect stand in `tests/mutation/equivalents.yml`, with reasons.
Tests were written for what nobody noticed, and it was tried again; where it was not tried again yet, the row says so.
"""


def document(results: Results) -> str:
    """Return the document of the results: a row for each policy, what was left, and why the rest changes nothing."""
    results = sorted(results, key=lambda r: r["policy"])
    killed, tried = (sum(r[key] for r in results) for key in ("killed", "tried"))
    left, explained = (sum(len(r[key]) for r in results) for key in ("survivors", "explained"))
    lines = [
        HEAD,
        f"**{killed} of {tried} changes tried are noticed ({100 * killed / tried:.2f} %)**; {explained} change nothing, {left} are left.",
        "",
        *_of_kinds([r for r in results if r.get("kinds")]),
        "",
        "| Policy | run | changes | tried | noticed | without effect | left |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        *map(_row, results),
        "",
        "## Changes without effect",
        "",
        *_listed(results, lambda r: [f"`{change}`: {why}." for change, why in r["explained"].items()]),
        "",
        "## Changes that nobody noticed",
        "",
        *(_listed(results, lambda r: [f"`{change}`" for change in r["survivors"]]) or ["None."]),
    ]
    return "\n".join(lines) + "\n"


def _row(result: dict[str, Any]) -> str:
    how = "sample" if result.get("sampled") else "whole"
    how += "" if result.get("again", True) else ", what was left has a test now, not tried again yet"
    numbers = (result["changes"], result["tried"], result["killed"], len(result["explained"]), len(result["survivors"]))
    return f"| {result['policy']} | {how} | {' | '.join(map(str, numbers))} |"


def _of_kinds(results: Results) -> list[str]:
    """Return the kinds of change of the policies whose results tell them apart."""
    counts = {kind: [sum(r["kinds"][kind][n] for r in results) for n in (0, 1)] for kind in KINDS}
    cells = " | ".join(f"{killed} of {tried}" for tried, killed in counts.values())
    return [
        f"| Kind of change ({len(results)} policies) | {' | '.join(KINDS)} |",
        f"| --- |{' --- |' * len(KINDS)}",
        f"| noticed | {cells} |",
    ]


def _listed(results: Results, lines: Callable[[dict[str, Any]], list[str]]) -> list[str]:
    return [f"- {result['policy']}, {line}" for result in results for line in lines(result)]


if __name__ == "__main__":
    print(document(json.loads(Path(sys.argv[1]).read_text("utf-8"))), end="")
