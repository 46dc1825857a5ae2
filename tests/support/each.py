"""Tests of every regulation: `make check` plays a few chosen ones and `POLICY=id make check` that one too, `make test` all."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from typing import Any

import pytest

NAMED = os.environ.get("POLICY", "")
CHOSEN = frozenset({"pcb-manufacturer", "construction-quality-inspection", "hospital", NAMED})
"""The sample's; the largest; one with grades, restricted cases and parallel branches."""

ONE = frozenset({"hospital", NAMED})
"""For what takes seconds on each regulation."""


def each(found: Iterable[Any], name: Callable[[Any], str] = str, chosen: Collection[str] = CHOSEN) -> list[Any]:
    """Return the parameters of a test, those of regulations that are not *chosen* marked as slow. *name*: the policy's id."""
    return [pytest.param(x, id=name(x), marks=marks_of(name(x), chosen)) for x in found]


def marks_of(policy: str, chosen: Collection[str] = CHOSEN) -> tuple[Any, ...]:
    return () if policy in chosen else (pytest.mark.slow,)
