"""The fault harness in short: no kill loses or doubles anything, and the audit finds what a broken safeguard lets through."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.bots import Nursery
from tests.chaos.campaign import run_kills
from tests.chaos.seams import MIGRATION, TICK

pytestmark = pytest.mark.slow


def test_a_bot_killed_at_each_chosen_point_loses_and_doubles_nothing(tmp_path: Path, nursery: Nursery) -> None:
    result = run_kills(tmp_path, nursery=nursery, seed=1, kills=16)

    assert result.is_clean, result.told()
    assert {MIGRATION, TICK} <= set(result.points), result.told()
    assert len(result.points) > 6, result.told()
    assert result.findings.acknowledged > 20, result.told()


def test_a_message_marked_as_sent_before_it_is_posted_is_found_lost(tmp_path: Path, nursery: Nursery) -> None:
    result = run_kills(tmp_path, nursery=nursery, seed=2, kills=3, depth=2, points=("before post",), sabotage="outbox")

    assert result.findings.notices_lost, result.told()


def test_a_doubtful_message_that_nobody_looks_up_is_found_twice(tmp_path: Path, nursery: Nursery) -> None:
    result = run_kills(tmp_path, nursery=nursery, seed=3, kills=3, depth=2, points=("after post",), sabotage="claim")

    assert result.findings.notices_twice, result.told()


def test_a_card_that_is_not_rewritten_is_found_stale(tmp_path: Path, nursery: Nursery) -> None:
    result = run_kills(tmp_path, nursery=nursery, seed=4, kills=4, depth=8, points=("before ack",), sabotage="healing")

    assert result.findings.stale, result.told()
