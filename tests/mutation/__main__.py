"""
`python -m tests.mutation [--policy ID]… [--only TEXT]… [--sample N] [--seed N] [--jobs N] [--json FILE] [--again]`: changes policy
files, one thing at a time, and sees whether the policy's tests notice. Prints the share of noticed changes, every change that nobody noticed, and
those that change nothing anybody could see (`equivalents.yml` says why). The file keeps the last result of each policy, written as they come;
`--again` tries only those that nobody noticed then, and counts what is noticed now; a policy file that has changed since is run whole.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import gc
import hashlib
import io
import json
import os
import random
import re
import resource
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
from tests.mutation.likely import likely_first, source_of
from tests.mutation.mutants import GONE, Mutant, mutants
from tests.support import desks
from tests.support.company import a_calendar

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ROOT / "policies"
EQUIVALENTS = Path(__file__).with_name("equivalents.yml")
SECONDS = 10
"""Processor time beyond three times what the tests need; a policy that makes the procedure go round for ever ends then, noticed."""
OF_ALL = ("test_borders.py", "test_defaults.py", "test_duties.py", "test_papers.py", "test_sentences.py")
KINDS = ("limit", "decider", "condition", "amount", "other")
UNCHANGED = Mutant((), None, GONE)
"""The policy as it is: its tests must pass, or every change would seem to be noticed."""
PASSED, FAILED, REFUSED, BROKEN = 0, 1, 3, 70
_OPTIONS = ("-q", "--assert=plain", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "-s")


def tests_of(policy: str) -> list[Path]:
    """Return the modules of tests/policies that walk a policy (they or what they build on name it), and those that ask of all."""
    folder, support = ROOT / "tests" / "policies", ROOT / "tests" / "support"
    begin = [
        p.stem for p in support.glob("*.py") if re.search(rf'^ID = "{policy}"$', p.read_text("utf-8"), re.MULTILINE)
    ]
    names = [f'"{policy}"', *(f"from tests.support.{name} import" for name in begin)]
    own = [p for p in sorted(folder.glob("test_*.py")) if any(name in p.read_text("utf-8") for name in names)]
    family = sorted(folder.glob("test_pcb_*.py")) if policy == "pcb-manufacturer" else []
    return list(dict.fromkeys([*own, *family, *(folder / name for name in OF_ALL)]))


class Run:
    """
    A plugin of pytest: collects a policy's tests once and runs them against each change in a child of its own, *jobs* at
    a time; `left` holds the changes that nobody noticed, `refused` those that the reader does not take.
    """

    def __init__(self, policy: str, tried: list[Mutant], modules: list[Path], jobs: int) -> None:
        self.policy, self.tried, self.modules, self.jobs = policy, tried, modules, jobs
        self.left: list[Mutant] = []
        self.refused: list[Mutant] = []
        self.took: dict[str, float] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if _policy_of(item) in (None, self.policy)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.took[report.nodeid] = self.took.get(report.nodeid, 0.0) + report.duration

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the children; the tests of the policy as it is go first, and say how long each takes."""
        for item in session.items:
            source_of(item)
        for country in ("CN", "TW"):  # what is read and remembered here need not be again in every child
            a_calendar(country)
        desks.bundle(self.policy)
        gc.collect()
        gc.freeze()
        if self._unchanged(session) != PASSED:
            raise RuntimeError(f"{self.policy}: its tests fail with the policy as it is; mend them first.")
        waiting, running = list(reversed(self.tried)), dict[int, Mutant]()
        while waiting or running:
            while waiting and len(running) < self.jobs:
                mutant = waiting.pop()
                if (child := os.fork()) == 0:
                    self._child(session, mutant)
                running[child] = mutant
            time.sleep(0.02)
            for child, mutant in list(running.items()):
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    del running[child]
                    self._ended(mutant, os.waitstatus_to_exitcode(status))
        return True

    def _ended(self, mutant: Mutant, code: int) -> None:
        if code == BROKEN:
            raise RuntimeError(f"{self.policy}: the run broke at {mutant}.")
        self.left += [mutant] if code == PASSED else []
        self.refused += [mutant] if code == REFUSED else []

    def _unchanged(self, session: pytest.Session) -> int:
        times, write = os.pipe()
        if (child := os.fork()) == 0:
            os.close(times)
            self._child(session, UNCHANGED, write)
        os.close(write)
        with os.fdopen(times) as told:
            said = told.read()
        self.took = json.loads(said) if said else {}
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    def _child(self, session: pytest.Session, mutant: Mutant, times: int | None = None) -> None:
        code = BROKEN
        gc.disable()  # it ends soon
        most = SECONDS + 3 * int(sum(self.took.values()))
        if mutant is not UNCHANGED:
            resource.setrlimit(resource.RLIMIT_CPU, (most, most))
        try:
            code = self._tested(session, mutant)
            if times is not None:
                os.write(times, json.dumps(self.took).encode())
        finally:
            os._exit(code)

    def _tested(self, session: pytest.Session, mutant: Mutant) -> int:
        data = _data(self.policy, mutant)
        found = examined(self.policy, data, self.modules)
        if found is None:
            return REFUSED
        setattr(files, "read_yaml", _changed(self.policy, data))  # noqa: B010 - what a module imports for itself
        if not is_library(data):
            setattr(files, "examine_policy", lambda raw: found if raw is data else examine_policy(raw))  # noqa: B010 - as above
        desks.bundle.cache_clear()  # a module may have read the policy while it was collected
        session.items = likely_first(session.items, mutant, self.took)
        for number, item in enumerate(session.items):
            following = session.items[number + 1] if number + 1 < len(session.items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return FAILED
        return PASSED


def _policy_of(item: pytest.Item) -> str | None:
    """Return which policy a test of every policy looks at."""
    call = getattr(item, "callspec", None)
    return call.params.get("policy") if call and item.path.name in OF_ALL else None


def run(policy: str, tried: list[Mutant], modules: list[Path], jobs: int) -> Run:
    """Return the run of a policy's tests against each change; RuntimeError if they fail without any."""
    plugin, out = Run(policy, tried, modules, jobs), io.StringIO()
    with contextlib.redirect_stdout(out):
        code = pytest.main([*_OPTIONS, *map(str, modules)], plugins=[plugin])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise RuntimeError(f"{policy}: the tests did not run.\n{out.getvalue()}")
    return plugin


@cache
def _read(policy: str) -> YamlText:
    return read_yaml((POLICIES / f"{policy}.yml").read_bytes())


def _digest(policy: str) -> str:
    return hashlib.sha256((POLICIES / f"{policy}.yml").read_bytes()).hexdigest()


def _changed(policy: str, data: Any) -> Any:
    """Return a reader of YAML that finds the changed data where the policy's file stands."""
    text = (POLICIES / f"{policy}.yml").read_text("utf-8-sig")
    changed = replace(_read(policy), data=data)

    def read(raw: bytes | str) -> YamlText:
        said = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
        return changed if said == text else read_yaml(raw)

    return read


def _data(policy: str, mutant: Mutant) -> Any:
    data = _read(policy).data
    return copy.deepcopy(data) if mutant is UNCHANGED else mutant.apply(data)


def examined(policy: str, data: Any, modules: list[Path]) -> tuple[Any, list[Any]] | None:
    """Return what the reader makes of the changed data; None: it refuses it, so that it cannot come into force."""
    if is_library(data):
        data = with_library(_read(_host(policy, modules)).data, data)
    try:
        read, wrong = examine_policy(data)
    except Exception:  # a reader that breaks has noticed it too; the fuzz tests are about that
        return None
    return None if read is None or any(f.severity == "error" for f in wrong) else (read, wrong)


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
    done = run(policy, found, modules, jobs)
    taken, left = [m for m in found if m not in done.refused], [m for m in found if m in done.left]
    is_sample = len(found) < len(everything)
    return {**_result(policy, everything, taken, left), "sampled": is_sample, "refused": len(done.refused)}


def try_again(before: dict[str, Any], jobs: int) -> dict[str, Any]:
    """Return an earlier result of all changes, with its survivors tried once more; ValueError: it was a sample, or of another file."""
    policy = before["policy"]
    if before.get("sampled"):
        raise ValueError(f"{policy}: only a whole result can be brought up to date.")
    if before.get("file", _digest(policy)) != _digest(policy):
        raise ValueError(f"{policy}: the file has changed since; run it whole.")
    modules, everything = tests_of(policy), mutants(_read(policy).data)
    taken = [m for m in everything if examined(policy, _data(policy, m), modules) is not None]
    found = [m for m in taken if str(m) in {*before["survivors"], *before["explained"]}]
    left = run(policy, found, modules, jobs).left if found else []
    return _result(policy, everything, taken, left)


def _result(policy: str, everything: list[Mutant], taken: list[Mutant], left: list[Mutant]) -> dict[str, Any]:
    """Return what became of the changes that the reader has *taken*, of which nobody noticed those *left*."""
    reasons = explained(policy, everything)
    kinds = {kind: [m for m in taken if m.kind == kind] for kind in KINDS}
    return {
        "policy": policy,
        "file": _digest(policy),
        "changes": len(everything),
        "tried": len(taken),
        "killed": len(taken) - len(left),
        "kinds": {kind: [len(those), sum(m not in left for m in those)] for kind, those in kinds.items()},
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


def _keep(path: Path, result: dict[str, Any]) -> None:
    """Write a policy's result into the file, in the place of an earlier one."""
    kept = {r["policy"]: r for r in json.loads(path.read_text("utf-8"))} if path.exists() else {}
    kept[result["policy"]] = result
    path.write_text(json.dumps(list(kept.values()), ensure_ascii=False, indent=1) + "\n", "utf-8")


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
    parser.add_argument("--again", action="store_true", help="only what nobody noticed in the result of the file")
    options = parser.parse_args()
    earlier = {r["policy"]: r for r in json.loads(options.json.read_text("utf-8"))} if options.again else {}
    results: list[dict[str, Any]] = []
    for policy in options.policy or sorted(p.stem for p in POLICIES.glob("*.yml")):
        rng = random.Random(f"{options.seed} {policy}")  # a policy's sample is the same, whichever others run
        if options.again:
            result = try_again(earlier[policy], options.jobs)
        else:
            result = try_policy(policy, options.sample, rng, options.jobs, options.only or ())
        results.append(result)
        if options.json:
            _keep(options.json, result)
        share = 100 * result["killed"] / (result["tried"] or 1)
        print(
            f"{policy}: {result['killed']} of {result['tried']} noticed ({share:.0f} %), "
            f"{len(result['explained'])} explained, {result['changes']} changes in all",
            flush=True,
        )
        for survivor in result["survivors"]:
            print(f"    not noticed: {survivor}", flush=True)
        for change, reason in result["explained"].items():
            print(f"    explained: {change} ({reason})", flush=True)
    tried, killed = sum(r["tried"] for r in results), sum(r["killed"] for r in results)
    equal = sum(len(r["explained"]) for r in results)
    print(
        f"{killed} of {tried} changes noticed ({100 * killed / (tried or 1):.1f} %), {equal} explained, seed {options.seed}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
