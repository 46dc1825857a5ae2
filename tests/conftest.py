"""The order of the tests: those that wait for processes first, or one worker would end with them alone."""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
WAITING = (HERE / "stories", HERE / "chaos")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring the stories and the fault harness to the front; a file stays together."""
    items.sort(key=lambda item: not any(folder in item.path.parents for folder in WAITING))
