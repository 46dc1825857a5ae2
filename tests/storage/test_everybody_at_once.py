"""
Every act of a case, the tick and a change of people at the same moment on real storage: some order explains it.

The acts meet inside their transactions (on PostgreSQL, through two records as two bots have them) or share a commit
(SQLite). What they should come to is worked out by a second hand (`tests/support/ideal_case.py`), not by the program.
"""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from complaints.events import PolicyPutInForce
from storage.store import Store
from tests.support.at_once import AtOnce
from tests.support.searching import steps
from tests.support.two_complaints import BOSS, REGULATION, START, Bench

pytestmark = pytest.mark.slow


def bench(stores: list[Store]) -> Bench:
    first = stores[0]
    return Bench(
        records=[s.record for s in stores], log=first.reader.log, case=first.reader.case,
        done_before=lambda key: first.record.now(lambda tx: tx.done_before(key)),
        together=True, meets=len(stores) > 1,
    )  # fmt: skip


def test_some_order_explains_what_everybody_did_at_once(stores: list[Store]) -> None:
    put = PolicyPutInForce(policy=REGULATION.id, label="1", bundle=REGULATION.digest, first=True)
    stores[0].record.now(lambda tx: tx.record_desk([put], actor=BOSS, at=START))

    class Stored(AtOnce):
        bench = bench(stores)

    run_state_machine_as_test(Stored, settings=steps(12, 30, shrunk=False))
