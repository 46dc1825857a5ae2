"""`python -m tests.chaos.goals`: tries goals 15 to 20 and prints what was reached, as a table and as JSON on the last line."""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from tests.chaos.goals.rows import Asked, Row, table

MODULES = {15: "killed", 16: "lost_answers", 17: "repeated", 18: "downtime", 19: "powerless", 20: "outage"}


def main() -> int:
    given = _arguments()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}, {given.size:g} of the ambition's size, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC", flush=True)
    folder = Path(given.folder or tempfile.mkdtemp(prefix="redress-goals-"))
    rows: list[Row] = []
    for goal in given.goals:
        place = folder / str(goal)
        place.mkdir(parents=True)
        asked = Asked(folder=place, seed=seed, share=given.size, tell=lambda line: print(f"  {line}", flush=True))
        for row in import_module(f"tests.chaos.goals.{MODULES[goal]}").run(asked):
            rows.append(row)
            print(f"goal {goal}: {row.what}: {row.reached} (load {os.getloadavg()[0]:.1f})", flush=True)
    print(table(rows))
    is_clean = all(row.is_good for row in rows)
    if is_clean and given.folder is None:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"what the runs left is in {folder}")
    print(json.dumps([row.as_json() for row in rows]))
    return 0 if is_clean else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos GOALS=…", description=__doc__)
    parser.add_argument("--goals", type=_goals, default=sorted(MODULES), help="only these, such as 15,19")
    parser.add_argument("--size", type=float, default=1.0, help="part of the ambition's size, such as 0.1")
    parser.add_argument("--seed", type=int, help="of an earlier run")
    parser.add_argument("--folder", help="where the runs keep their files; kept afterwards")
    return parser.parse_args()


def _goals(text: str) -> list[int]:
    found = [int(part) if part.strip().isdigit() else 0 for part in text.split(",")]
    if wrong := [goal for goal in found if goal not in MODULES]:
        raise argparse.ArgumentTypeError(f"no such goal: {wrong[0] or text}; there are {', '.join(map(str, MODULES))}")
    return found


if __name__ == "__main__":
    sys.exit(main())
