"""
`python -m tests.mutation [--policy ID]… [--sample N] [--seed N] [--jobs N] [--json FILE]`: changes policy files, one thing at a
time, and sees whether the policy's tests notice. Prints the share of noticed changes and every change that nobody noticed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import storage.policy_files as files
import tests.support.policy_desk  # noqa: F401 - loaded once, before the children are born
from complaints.policy_reading import examine_policy
from storage.yaml_files import read_yaml
from tests.mutation.mutants import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
SECONDS = 120


def tests_of(policy: str) -> list[Path]:
    """Return the modules of tests/policies that walk a policy."""
    own = [p for p in sorted((ROOT / "tests" / "policies").glob("test_*.py")) if f'"{policy}"' in p.read_text("utf-8")]
    family = sorted((ROOT / "tests" / "policies").glob("test_pcb_*.py")) if policy == "pcb-manufacturer" else []
    return list(dict.fromkeys([*own, *family]))


def survivors(policy: str, tried: list[Mutant], modules: list[Path], jobs: int) -> list[Mutant]:
    """Run the tests against each change, *jobs* children at a time; return the changes that nobody noticed."""
    waiting, running, left = list(reversed(tried)), dict[int, tuple[Mutant, float]](), []
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            child = os.fork()
            if child == 0:
                _run(policy, mutant, modules)
            running[child] = (mutant, time.monotonic() + SECONDS)
        time.sleep(0.02)
        for child, (mutant, ends) in list(running.items()):
            if time.monotonic() > ends:  # a policy that makes the procedure go round for ever is noticed
                os.kill(child, 9)
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                del running[child]
                left += [mutant] if os.waitstatus_to_exitcode(status) == 0 else []
    return [m for m in tried if m in left]


def _run(policy: str, mutant: Mutant, modules: list[Path]) -> None:
    code = 70
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        files.examine_text = _changed(files.examine_text, policy, mutant)  # type: ignore[assignment]
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *map(str, modules)]))
    finally:
        os._exit(code)


def _changed(read: Any, policy: str, mutant: Mutant) -> Any:
    def examine_text(raw: bytes | str, name: str, *, checks: bool = True) -> Any:
        if Path(name).name != f"{policy}.yml":
            return read(raw, name, checks=checks)
        return examine_policy(mutant.apply(read_yaml(raw).data))

    return examine_text


def is_read(data: Any, mutant: Mutant) -> bool:
    """Say whether the reader takes the changed file; what it refuses cannot come into force."""
    try:
        policy, wrong = examine_policy(mutant.apply(data))
    except Exception:  # a reader that breaks has noticed it too; the fuzz tests are about that
        return False
    return policy is not None and not any(f.severity == "error" for f in wrong)


def try_policy(policy: str, sample: int | None, rng: random.Random, jobs: int) -> dict[str, Any]:
    data = read_yaml((POLICIES / f"{policy}.yml").read_bytes()).data
    found = mutants(data)
    if sample is not None and len(found) > sample:
        found = rng.sample(found, sample)
    modules = tests_of(policy)
    tried = [m for m in found if is_read(data, m)]
    left = survivors(policy, tried, modules, jobs)
    return {
        "policy": policy,
        "refused": len(found) - len(tried),
        "tried": len(tried),
        "killed": len(tried) - len(left),
        "survivors": [str(m) for m in left],
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--policy", action="append", help="a policy's id; again for more; unsaid: all")
    parser.add_argument("--sample", type=int, help="at most so many changes of each policy, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write the result to this file too")
    options = parser.parse_args()
    rng, results = random.Random(options.seed), []
    for policy in options.policy or sorted(p.stem for p in POLICIES.glob("*.yml")):
        result = try_policy(policy, options.sample, rng, options.jobs)
        results.append(result)
        share = 100 * result["killed"] / (result["tried"] or 1)
        print(
            f"{policy}: {result['killed']} of {result['tried']} noticed ({share:.0f} %), {result['refused']} refused by the reader",
            flush=True,
        )
        for survivor in result["survivors"]:
            print(f"    not noticed: {survivor}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    tried, killed = sum(r["tried"] for r in results), sum(r["killed"] for r in results)
    print(f"{killed} of {tried} changes noticed ({100 * killed / (tried or 1):.1f} %), seed {options.seed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
