"""The end of a bot is bounded, whatever hangs."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from bot.playground import ROOT

HANGS = """
import concurrent.futures, time, types
from bot.commands import run

def hang():
    concurrent.futures.ThreadPoolExecutor(1).submit(time.sleep, 60)

class App:
    async def run(self):
        self.on_ending()
        if {inside}:
            hang()

def made(office, on_ending):
    App.on_ending = staticmethod(on_ending)
    return App()

run.LAST_SECONDS, run._app = 0.5, made
run.load_settings = lambda: types.SimpleNamespace(refuse_unless_it_can_run=lambda: None, log_level="INFO")
run.open_office = lambda settings: types.SimpleNamespace(close=lambda: time.sleep(60) if {closing} else time.sleep(0))
run.run(standalone_mode=False)
"""


@pytest.mark.parametrize(("closing", "inside"), [(True, False), (False, True)], ids=["the record", "a thread of ours"])
def test_a_bot_whose_end_hangs_ends_all_the_same_and_says_so(closing: bool, inside: bool) -> None:
    """A thread that hangs is waited for when the interpreter ends, after everything of ours is over."""
    code = HANGS.format(closing=closing, inside=inside)

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )

    assert done.returncode == 1
    assert "something hung at the end" in done.stderr


def test_one_whose_end_hangs_nowhere_ends_in_order() -> None:
    code = HANGS.format(closing=False, inside=False)

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=50, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_one_that_ends_already_is_not_cut_short_by_being_told_once_more(number: signal.Signals) -> None:
    """Who is impatient presses Ctrl-C again: the record is closed in order all the same."""
    code = HANGS.format(closing=False, inside=False).replace(
        "time.sleep(0)", "(print('closing', flush=True), time.sleep(1))"
    )
    code = code.replace("LAST_SECONDS, run._app = 0.5", "LAST_SECONDS, run._app = 30.0")

    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as ending:
        assert ending.stdout is not None
        assert ending.stdout.readline() == "closing\n"
        ending.send_signal(number)

        assert ending.wait(50) == 0
