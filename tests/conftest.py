"""
The order of the tests: those that wait for processes first, or one worker would end with them alone.

And no looking for garbage among what stays to the end: modules, tests and regulations are a few million objects, and each
full collection would go through all of them.
"""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

HERE = Path(__file__).parent
WAITING = (HERE / "stories", HERE / "chaos")

gc.disable()  # until all tests are found; only what stays is made meanwhile


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the stories and the fault harness to the front; a file stays together."""
    waits = {path: any(folder in path.parents for folder in WAITING) for path in {item.path for item in items}}
    items.sort(key=lambda item: not waits[item.path])


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
