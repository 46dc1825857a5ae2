"""Runs the tests first that are likely to notice a change: those whose source or parameters say the words at its place."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

import pytest

from tests.mutation.mutants import Mutant

LONG = 0.5  # seconds
_WORD = re.compile(r"\w{3,}")


def likely_first(items: Sequence[pytest.Item], mutant: Mutant, took: Mapping[str, float]) -> list[pytest.Item]:
    """
    Return the tests in the order in which they should run: the rarer a word that they share with the change, the sooner.

    *took*: seconds of each test by its id; among equals the short ones come first, and the longest wait in any case.
    """
    words = set(_WORD.findall(f"{mutant.place} {mutant.was}"))
    shared = [words & set(_WORD.findall(f"{item.name} {source_of(item)}")) for item in items]
    often = Counter(word for found in shared for word in found)

    def rank(at: int) -> tuple[bool, float, float]:
        seconds = took.get(items[at].nodeid, 0.0)
        return seconds > LONG, -sum(1 / often[word] for word in shared[at]), seconds

    return [items[at] for at in sorted(range(len(items)), key=rank)]


@cache
def source_of(item: pytest.Item) -> str:
    """Return the text of a test; "" where it has none of its own."""
    try:
        return inspect.getsource(getattr(item, "function"))  # noqa: B009 - only a test written as a function has one
    except (OSError, TypeError, AttributeError):
        return ""
