"""The whole life of a complaint through the running protocol, branch by branch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.playground import playground
from sandbox.tour.scene import Scene
from sandbox.tour.story import BRANCHES, START
from tests.chaos.bots import Nursery
from tests.stories.hurried import client_of, hurried

ROOT = Path(__file__).resolve().parents[2]
STEPS_OF_THE_MAIN_ROUTE = {
    "intake by modal",
    "registration",
    "decided cards show what was decided",
    "quality analysis",
    "reminder at 80 % of the limit",
    "reminder slip at the due time",
    "escalation to the general manager",
    "approval by authority (deputy GM)",
    "the customer's answer",
    "final decision, one click as approved",
    "closing",
    "copy to CQUALITY",
    "copy to CPRODUCTION",
    "copy to CSALES",
    "copy to CACCOUNTS",
    "copy to CREGISTRY",
    "callback overdue: escalated to the general manager",
    "callback done",
    "case finished",
}


def play(folder: Path, branch: str) -> dict[str, Any]:
    """Play one branch on a fresh desk, in the time that it takes, and return the printed transcript."""
    with playground(folder=folder, start_at=START) as place:
        command = [sys.executable, "-m", "sandbox.tour", "--url", place.url, "--branch", branch, "--json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
        found: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == 0, f"{found['problem']}\n{place.log_file.read_text()[-3000:]}"
        found["verify"] = json.loads(place.run_command("case", "verify", "--json"))
        return found


# The procedure of each branch is tests/policies/test_pcb_branches.py; its clicks are those of the main one.
TOURS = [pytest.param(b, marks=pytest.mark.tour if b != "main" else ()) for b in sorted(BRANCHES)]


@pytest.mark.slow
@pytest.mark.parametrize("branch", TOURS)
@pytest.mark.capabilities(
    "RT-01",
    "RT-05",
    "RT-07",
    "RT-09",
    "RT-13",
    "RT-25",
    "CC-02",
    "CC-10",
    "CC-17",
    "OS-02",
    "OS-03",
    "OS-04",
    "OS-05",
    "OS-09",
    "RD-06",
    "DL-11",
)
def test_every_step_of_the_branch_happens(tmp_path: Path, branch: str) -> None:
    found = play(tmp_path, branch)

    steps = {step["step"] for step in found["steps"]}
    assert branch != "main" or steps >= STEPS_OF_THE_MAIN_ROUTE


@pytest.mark.slow
def test_the_same_happens_over_signed_http(tmp_path: Path, nursery: Nursery) -> None:
    with hurried(nursery, folder=tmp_path, http=True, start_at=START) as place:
        scene = Scene(desk=client_of(place))
        BRANCHES["main"](scene)

    assert {line.step for line in scene.lines} >= STEPS_OF_THE_MAIN_ROUTE
