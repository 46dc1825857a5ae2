"""Power loss: what was acknowledged stands after the database is cut back to its last flush (WAL, synchronous=FULL)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.power import NoCompiler, lose_power
from tests.support.programs import skipped_without

pytestmark = pytest.mark.slow


def test_no_acknowledged_act_is_lost_with_the_power(tmp_path: Path) -> None:
    with skipped_without(NoCompiler):
        found = lose_power(tmp_path, times=3, seed=1)

    assert (found.lost, found.broken) == ([], [])
    assert found.acknowledged


def test_without_a_flush_at_each_commit_acknowledged_acts_are_found_lost(tmp_path: Path) -> None:
    with skipped_without(NoCompiler):
        found = lose_power(tmp_path, times=2, seed=1, synchronous="NORMAL")

    assert found.lost
