"""Heaps of open cases: many whose deadlines lie ahead, and some whose reminder slip is due."""

from __future__ import annotations

from functools import partial

from storage.tables import case_fields, case_past
from tests.bench.cloning import LIGHT, WHOLE, clone
from tests.bench.made_up import START, MadeUp
from tests.bench.sweeping import LATER

AHEAD, DUE = "ahead", "due"
AT_ONCE = 50_000
"""Cases written in one transaction."""
FIREABLE = (*LIGHT, case_past, case_fields)
"""What a deadline needs to be decided on; logs and notices of the past stay away."""


def heap_ahead(made: MadeUp, count: int, *, whole: bool = False) -> list[str]:
    """Add *count* open cases with nothing due before `LATER`; return their ids."""
    made.at(LATER)
    made.open("template-ahead")
    made.at(START)
    return _clones(made, "template-ahead", AHEAD, count, whole=whole)


def heap_due(made: MadeUp, count: int) -> list[str]:
    """Add *count* open cases whose reminder slip is due at `DUE_AT`; return their ids."""
    made.at(START)
    made.open("template-due")
    return _clones(made, "template-due", DUE, count, whole=False)


def _clones(made: MadeUp, template: str, prefix: str, count: int, *, whole: bool) -> list[str]:
    tables = WHOLE if whole else FIREABLE if prefix == DUE else LIGHT
    ids: list[str] = []
    for first in range(0, count, AT_ONCE):
        size = min(AT_ONCE, count - first)
        ids += made.sql(partial(clone, template=template, prefix=prefix, count=size, tables=tables, first=first))
    if not made.store.engines.is_sqlite:
        made.vacuum()
    return ids
