"""`redress demo` as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.playground import STOP_SECONDS

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def all_gone(pids: list[int]) -> bool:
    until = time.monotonic() + STOP_SECONDS
    while not all(map(is_gone, pids)) and time.monotonic() < until:
        time.sleep(0.1)
    return all(map(is_gone, pids))


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="no /proc on this system to find the children in")
@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_terminal_ends_everything_that_was_started(tmp_path: Path, told: signal.Signals) -> None:
    kept = {**os.environ, "TMPDIR": str(tmp_path)}
    demo = subprocess.Popen(
        [sys.executable, "-m", "bot", "demo"], cwd=ROOT, env=kept, stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout is not None
    assert "open at" in demo.stdout.readline()
    started = children_of(demo.pid)

    demo.send_signal(told)

    assert demo.wait(60) == 0
    assert len(started) == 2
    assert all_gone(started)
    assert list(tmp_path.iterdir()) == []
