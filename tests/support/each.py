"""Tests of every regulation: `make check` plays a few chosen ones and `POLICY=id make check` that one too, `make test` all."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import pytest

CHOSEN = frozenset({"pcb-manufacturer", "construction-quality-inspection", "hospital", os.environ.get("POLICY", "")})
"""The sample's; the largest; one with grades, restricted cases and parallel branches."""


def each(found: Iterable[Any], name: Callable[[Any], str] = str) -> list[Any]:
    """Return the parameters of a test, those of regulations that are not chosen marked as slow. *name*: the policy's id."""
    return [pytest.param(x, id=name(x), marks=marks_of(name(x))) for x in found]


def marks_of(policy: str) -> tuple[Any, ...]:
    return () if policy in CHOSEN else (pytest.mark.slow,)
