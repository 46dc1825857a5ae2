"""Run the benchmarks: `python -m tests.bench [--goals 1,2] [--json FILE] [--cases N] [--quick]`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from tests.bench import report
from tests.bench.figures import Figure, not_measured
from tests.bench.machine import described
from tests.bench.setup import Bench

GROUPS: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("clicks", (1, 2, 3, 4, 5, 6, 7)),
    ("deadlines", (8, 9, 10, 11, 12, 22)),
    ("delivery", (13, 14)),
    ("scale", (21,)),
    ("starting", (23,)),
    ("pages", (24,)),
)
GOALS = tuple(goal for _, goals in GROUPS for goal in goals)


def main() -> int:
    asked = _arguments()
    load = [os.getloadavg()]
    figures, broken = _measured(asked)
    load.append(os.getloadavg())
    machine = described() | {"load": {"before": load[0], "after": load[1]}, "cases": asked.cases, "quick": asked.quick}
    print(_headline(machine))
    print(report.table(figures))
    if asked.json:
        report.write_json(asked.json, machine, figures)
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description="Measures the performance goals.")
    parser.add_argument("--goals", type=_goals, default=frozenset(), help="only these, such as 1,2,22")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--cases", type=int, default=100_000, metavar="N", help="how many are many (default 100000)")
    parser.add_argument("--quick", action="store_true", help="fewer runs on less data: to look at, not to quote")
    parser.add_argument("--folder", type=Path, help="where to work (default: a temporary folder)")
    return parser.parse_args()


def _goals(text: str) -> frozenset[int]:
    found = frozenset(int(part) for part in text.split(",") if part.strip().isdigit())
    wrong = [
        part for part in text.split(",") if part.strip() and (not part.strip().isdigit() or int(part) not in GOALS)
    ]
    if wrong:
        raise argparse.ArgumentTypeError(f"no such goal: {', '.join(wrong)}; there are {', '.join(map(str, GOALS))}")
    return found


def _measured(asked: argparse.Namespace) -> tuple[list[Figure], bool]:
    figures: list[Figure] = []
    broken = False
    with tempfile.TemporaryDirectory(prefix="redress-bench-", dir=asked.folder) as folder:
        bench = Bench(folder=Path(folder), cases=asked.cases, quick=asked.quick, only=asked.goals)
        with bench.stack:
            for name, goals in GROUPS:
                if bench.wants(*goals):
                    found, failed = _group(bench, name, goals)
                    figures += found
                    broken = broken or failed
    return sorted(figures, key=_in_order), broken


def _group(bench: Bench, name: str, goals: Iterable[int]) -> tuple[list[Figure], bool]:
    """Measure a group; what breaks is said and does not stop the others."""
    run: Callable[[Bench], Iterable[Figure]] = import_module(f"tests.bench.goals.{name}").run
    found: list[Figure] = []
    try:
        for figure in run(bench):
            found.append(replace(figure, load=os.getloadavg()[0]))
            bench.say(f"goal {figure.goal}: {figure.what}: {report.number(figure.value or 0, figure.unit)}")
    except Exception as error:
        traceback.print_exc(file=sys.stderr)
        words = f"broke off: {type(error).__name__}: {error}"
        return [*found, not_measured(",".join(map(str, goals)), name, words)], True
    return found, False


def _in_order(figure: Figure) -> tuple[int, str]:
    digits = "".join(c if c.isdigit() else " " for c in figure.goal).split()
    return (int(digits[0]) if digits else 99, figure.goal)


def _headline(machine: dict[str, object]) -> str:
    load = machine["load"]
    assert isinstance(load, dict)
    before, after = (f"{load[x][0]:.1f}" for x in ("before", "after"))
    return (
        f"{machine['at']}, {machine['cores']} cores ({machine['processor']}), Python {machine['python']}, "
        f"SQLite {machine['sqlite']}; load {before} before, {after} after; {machine['cases']:,} cases"
        f"{', quick' if machine['quick'] else ''}\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
