"""Runs the tests first that are likely to notice a change: those whose source or parameters say the words at its place."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from typing import Any

import pytest

from tests.mutation.mutants import Mutant

_WORD = re.compile(r"\w{3,}")


class LikelyFirst:
    """A plugin of pytest; the rarer a shared word is among the tests, the more it counts."""

    def __init__(self, mutant: Mutant) -> None:
        self.words = set(_WORD.findall(f"{mutant.place} {mutant.was}"))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        shared = [self.words & set(_WORD.findall(f"{item.name} {_source(item.function)}")) for item in items]
        often = Counter(word for words in shared for word in words)
        weight = {id(item): sum(1 / often[word] for word in words) for item, words in zip(items, shared, strict=True)}
        items.sort(key=lambda item: -weight[id(item)])


def _source(function: Any) -> str:
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""
