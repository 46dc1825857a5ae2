"""`python -m tests.mutation.table FILE > docs/mutations.md`: the results of a mutation run as a document."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tests.mutation.__main__ import KINDS

HEAD = """# Do the tests notice a wrong policy file?

`python -m tests.mutation --jobs 1 --json mutations.json` changes each policy file, one thing at a time, and runs the tests that look
at this policy against each change until one fails. What it changes: limits; people who decide, are told or keep something;
conditions and their borders; amounts; and other things that a test should notice (where a decision leads, what a stage asks, a rule,
a rung, a form). What the reader refuses cannot come into force and is not counted. `--again` tries only what nobody noticed before.
This table: `python -m tests.mutation.table mutations.json > docs/mutations.md`.

The tests of a policy are its own module and those that ask the same of every policy: `test_borders`, `test_defaults`,
`test_duties`, `test_papers` and `test_sentences` in `tests/policies`. Every number below is *noticed of tried*.
"""


def document(results: list[dict[str, Any]]) -> str:
    """Return the document of the results: a row for each policy, what was left, and why the rest changes nothing."""
    rows = [_row(result) for result in sorted(results, key=lambda r: r["policy"])]
    total = [[sum(r["kinds"][kind][n] for r in results) for n in (0, 1)] for kind in KINDS]
    killed, tried = sum(r["killed"] for r in results), sum(r["tried"] for r in results)
    explained = sum(len(r["explained"]) for r in results)
    lines = [
        HEAD,
        f"{killed} of {tried} changes are noticed ({100 * killed / tried:.2f} %); {explained} change nothing, as said below.\n",
        f"| Policy | {' | '.join(KINDS)} | all | explained | left |",
        f"| --- |{' --- |' * (len(KINDS) + 3)}",
        *rows,
        f"| **all** | {' | '.join(f'{k} / {t}' for t, k in total)} | {killed} / {tried} | {explained} | {sum(len(r['survivors']) for r in results)} |",
        "",
        "## Changes that change nothing\n",
        *_listed(results, lambda r: [f"`{change}`: {why}" for change, why in r["explained"].items()]),
        "",
        "## Changes that nobody noticed\n",
        *(_listed(results, lambda r: [f"`{change}`" for change in r["survivors"]]) or ["None."]),
    ]
    return "\n".join(lines) + "\n"


def _row(result: dict[str, Any]) -> str:
    kinds = " | ".join(
        "–" if not (counts := result["kinds"][kind])[0] else f"{counts[1]} / {counts[0]}" for kind in KINDS
    )
    return (
        f"| {result['policy']}{' (a sample)' if result.get('sampled') else ''} | {kinds} | {result['killed']} / {result['tried']} | "
        f"{len(result['explained'])} | {len(result['survivors'])} |"
    )


def _listed(results: list[dict[str, Any]], what: Any) -> list[str]:
    return [
        f"- {result['policy']}, {line}"
        for result in sorted(results, key=lambda r: r["policy"])
        for line in what(result)
    ]


if __name__ == "__main__":
    print(document(json.loads(Path(sys.argv[1]).read_text("utf-8"))), end="")
