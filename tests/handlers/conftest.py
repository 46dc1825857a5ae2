"""Tests in front of the real app are held to what they say that they show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.handlers import strict_slack


@pytest.fixture(autouse=True)
def witness(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold a test to its mark `shows`: each of these views did stand before somebody."""
    marked = {name for mark in request.node.iter_markers("shows") for name in mark.args}
    seen: set[str] = set()
    check = strict_slack.check_view

    def look(view: dict[str, Any], surface: str) -> None:
        seen.add(f"form.{view.get('callback_id')}")
        check(view, surface)

    if marked:
        monkeypatch.setattr(strict_slack, "check_view", look)
    yield
    assert marked - seen == set(), "marked as shown, and nobody saw them"
