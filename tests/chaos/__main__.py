"""`python -m tests.chaos`: kills, faults and replicas under load; the audit's figures as JSON on the last line."""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.campaign import run_kills
from tests.chaos.seams import SABOTAGES


def main() -> int:
    given = _arguments()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    folder = Path(given.folder or tempfile.mkdtemp(prefix="redress-chaos-"))
    result = run_kills(
        folder, seed=seed, kills=given.kills, db=given.db, sabotage=given.sabotage, http=given.http,
        faults=given.faults,
        replicas=given.replicas,
        tell=lambda line: print(line, flush=True),
    )  # fmt: skip
    for line in result.findings.lines():
        print(line)
    print("left:", result.left)
    if result.is_clean and given.folder is None:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"database, history and the bots' log are in {folder}")
    print(json.dumps(result.as_json()))
    return 0 if result.is_clean else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--seed", type=int, help="of an earlier run, to play it again")
    parser.add_argument("--faults", choices=("kill", "slack", "replicas", "storage", "desk", "all"), default="kill")
    parser.add_argument("--replicas", type=int, default=1, help="bots at once, on PostgreSQL; 4 for --faults replicas")
    parser.add_argument("--http", action="store_true", help="signed HTTP instead of Socket Mode")
    parser.add_argument("--sabotage", choices=SABOTAGES, help="break one safeguard, to see the audit find it")
    parser.add_argument("--folder", help="where the run keeps its files; kept afterwards")
    given = parser.parse_args()
    if given.faults == "replicas" or given.replicas > 1:
        given.db, given.replicas = "postgresql", max(given.replicas, 2) if given.replicas > 1 else 4
    return given


if __name__ == "__main__":
    sys.exit(main())
