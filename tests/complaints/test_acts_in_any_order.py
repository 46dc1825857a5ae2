"""Whatever people do, and in whatever order: what they hear and what becomes of the case is what a second hand works out."""

from __future__ import annotations

import pytest
from hypothesis.stateful import run_state_machine_as_test

from complaints.memory import MemoryRecord
from tests.support.at_once import AtOnce
from tests.support.searching import steps
from tests.support.two_complaints import REGULATION, Bench


@pytest.mark.slow
def test_the_second_hand_says_the_same_of_every_act() -> None:
    record = MemoryRecord(policies={REGULATION.id: REGULATION.digest})

    class InMemory(AtOnce):
        bench = Bench(
            records=[record], log=lambda name: record.logs[name], case=record.load, done_before=record.done_before,
            together=False, meets=False,
        )  # fmt: skip

    run_state_machine_as_test(InMemory, settings=steps(30, 50))
