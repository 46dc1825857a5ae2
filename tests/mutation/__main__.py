"""
`python -m tests.mutation [--policy ID]… [--only TEXT]… [--sample N] [--seed N] [--jobs N] [--json FILE]`: changes policy
files, one thing at a time, and sees whether the policy's tests notice. Prints the share of noticed changes, every change that nobody noticed, and
those that change nothing anybody could see (`equivalents.yml` says why).
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import storage.policy_files as files
import tests.support.policy_desk  # noqa: F401 - loaded once, before the children are born
from complaints.policy_library import is_library, with_library
from complaints.policy_reading import examine_policy
from storage.yaml_files import YamlText, read_yaml
from tests.mutation.likely import LikelyFirst
from tests.mutation.mutants import GONE, Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
EQUIVALENTS = Path(__file__).with_name("equivalents.yml")
SECONDS = 120
UNCHANGED = Mutant((), None, GONE)
"""The policy as it is: its tests must pass, or every change would seem to be noticed."""
_OPTIONS = ("-x", "-q", "--assert=plain", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:asyncio")


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
        setattr(files, "read_yaml", _changed(policy, mutant))  # noqa: B010 - what a module imports for itself
        code = int(pytest.main([*_OPTIONS, *map(str, modules)], plugins=[LikelyFirst(mutant)]))
    finally:
        os._exit(code)


@cache
def _read(policy: str) -> YamlText:
    return read_yaml((POLICIES / f"{policy}.yml").read_bytes())


def _changed(policy: str, mutant: Mutant) -> Any:
    """Return a reader of YAML that finds the changed policy where the policy's file stands."""
    text = (POLICIES / f"{policy}.yml").read_text("utf-8-sig")
    changed = replace(_read(policy), data=_data(policy, mutant))

    def read(raw: bytes | str) -> YamlText:
        said = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
        return changed if said == text else read_yaml(raw)

    return read


def _data(policy: str, mutant: Mutant) -> Any:
    data = _read(policy).data
    return copy.deepcopy(data) if mutant is UNCHANGED else mutant.apply(data)


def is_read(policy: str, mutant: Mutant, modules: list[Path]) -> bool:
    """Say whether the reader takes the changed file; what it refuses cannot come into force."""
    data = _data(policy, mutant)
    if is_library(data):
        data = with_library(_read(_host(policy, modules)).data, data)
    try:
        read, wrong = examine_policy(data)
    except Exception:  # a reader that breaks has noticed it too; the fuzz tests are about that
        return False
    return read is not None and not any(f.severity == "error" for f in wrong)


@cache
def _host_names() -> tuple[str, ...]:
    return tuple(p.stem for p in sorted(POLICIES.glob("*.yml")))


def _host(library: str, modules: list[Path]) -> str:
    """Return a policy into which the tests lay the library."""
    words = "".join(module.read_text("utf-8") for module in modules)
    return next(name for name in _host_names() if name != library and f'"{name}"' in words)


def try_policy(
    policy: str, sample: int | None, rng: random.Random, jobs: int, only: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what became of a policy's changes (*only*: those whose words say one of these); RuntimeError if its tests fail without any."""
    modules, everything = tests_of(policy), mutants(_read(policy).data)
    found = [m for m in everything if not only or any(words in str(m) for words in only)]
    found = rng.sample(found, sample) if sample is not None and len(found) > sample else found
    tried = [m for m in found if is_read(policy, m, modules)]
    if not survivors(policy, [UNCHANGED], modules, 1):
        raise RuntimeError(f"{policy}: its tests fail with the policy as it is; mend them before anything is changed.")
    reasons = explained(policy, everything)
    left = survivors(policy, tried, modules, jobs)
    return {
        "policy": policy,
        "refused": len(found) - len(tried),
        "tried": len(tried),
        "killed": len(tried) - len(left),
        "explained": {str(m): reasons[str(m)] for m in left if str(m) in reasons},
        "survivors": [str(m) for m in left if str(m) not in reasons],
    }


def explained(policy: str, everything: list[Mutant]) -> dict[str, str]:
    """
    Return the changes of a policy that change nothing, each with the reason: `equivalents.yml` names a change or a place.

    ValueError: an entry that names none.
    """
    entries = (read_yaml(EQUIVALENTS.read_bytes()).data or {}).get(policy, {})
    if strays := set(entries) - {name for m in everything for name in (m.place, str(m))}:
        raise ValueError(f"{EQUIVALENTS.name}, {policy}: no change stands at {', '.join(sorted(strays))}.")
    reasons = {str(m): entries.get(str(m), entries.get(m.place)) for m in everything}
    return {name: reason for name, reason in reasons.items() if reason}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--policy", action="append", help="a policy's id; again for more; unsaid: all")
    parser.add_argument(
        "--only", action="append", help="only changes whose words hold this, such as a place; again for more"
    )
    parser.add_argument("--sample", type=int, help="at most so many changes of each policy, drawn by --seed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write the result to this file too")
    options = parser.parse_args()
    rng, results = random.Random(options.seed), []
    for policy in options.policy or sorted(p.stem for p in POLICIES.glob("*.yml")):
        result = try_policy(policy, options.sample, rng, options.jobs, options.only or ())
        results.append(result)
        share = 100 * result["killed"] / (result["tried"] or 1)
        print(
            f"{policy}: {result['killed']} of {result['tried']} noticed ({share:.0f} %), "
            f"{len(result['explained'])} explained, {result['refused']} refused by the reader",
            flush=True,
        )
        for survivor in result["survivors"]:
            print(f"    not noticed: {survivor}", flush=True)
        for change, reason in result["explained"].items():
            print(f"    explained: {change} ({reason})", flush=True)
    if options.json:
        options.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")
    tried, killed = sum(r["tried"] for r in results), sum(r["killed"] for r in results)
    equal = sum(len(r["explained"]) for r in results)
    print(
        f"{killed} of {tried} changes noticed ({100 * killed / (tried or 1):.1f} %), {equal} explained, seed {options.seed}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
