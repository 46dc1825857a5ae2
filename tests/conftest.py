"""
The order of the tests: those that wait for processes first, or one worker would end with them alone.

Faults are printed as the bot prints them, what and where: structlog's own way draws every local variable of every frame, which is the
whole desk, for a minute each.

And no looking for garbage among what stays to the end: modules, tests and regulations are a few million objects, and each
full collection would go through all of them.

And programs that tests start hear of a closed terminal, also where the tests are started so that they outlive theirs (nohup).
"""

from __future__ import annotations

import gc
import signal
from pathlib import Path

import pytest
import structlog

from bot.logs import tell_fault

HERE = Path(__file__).parent
WAITING = (HERE / "stories", HERE / "chaos")

_before, _drawn = structlog.get_config()["processors"][:-1], structlog.dev.ConsoleRenderer(colors=False)
structlog.configure(processors=[*_before, tell_fault, _drawn])
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda number, frame: None)  # as good as ignored here, and no child inherits it
gc.disable()  # until all tests are found; only what stays is made meanwhile


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the stories and the fault harness to the front; a file stays together."""
    waits = {path: any(folder in path.parents for folder in WAITING) for path in {item.path for item in items}}
    items.sort(key=lambda item: not waits[item.path])


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
