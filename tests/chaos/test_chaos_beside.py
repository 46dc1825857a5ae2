"""The fault harness in short, by other faults: the office changes, a bot stands still."""

from __future__ import annotations

import os
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.playground import free_port
from tests.chaos.audit import Audit
from tests.chaos.bots import Nursery
from tests.chaos.campaign import run_kills
from tests.chaos.findings import Event
from tests.chaos.history import History
from tests.chaos.seams import POINTS
from tests.chaos.stage import open_stage

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [6, 11], ids=["through the day of 25 hours", "through the day of 23 hours"])
def test_a_bot_killed_while_its_desk_and_its_regulation_change_loses_and_doubles_nothing(
    tmp_path: Path, nursery: Nursery, seed: int
) -> None:
    result = run_kills(tmp_path, nursery=nursery, seed=seed, kills=10, points=POINTS, faults="desk")

    assert result.is_clean, result.told()
    assert {
        "night",
        "other regulation",
        "other people",
        "day closed",
        "desk broken",
        "deputy",
        "away",
        "other channel",
    } <= set(result.weather), result.told()
    with closing(sqlite3.connect(tmp_path / "redress.sqlite3")) as core:
        kinds = dict(core.execute("SELECT kind, count(*) FROM events GROUP BY kind").fetchall())
    assert kinds["PolicyPutInForce"] > 1, kinds
    assert kinds["CalendarChanged"] > 1, kinds


def test_a_version_in_force_twice_and_a_case_of_one_that_never_was_are_found(tmp_path: Path) -> None:
    bodies = [("PolicyPutInForce", "new"), ("PolicyPutInForce", "new"), ("CaseOpened", "new"), ("CaseOpened", "old")]
    audit = Audit(
        url="sqlite://", history=History(tmp_path / "history"), state={}, deliveries=(), now=datetime.now(UTC), drawn={}
    )
    audit._events = [
        Event(log="desk", seq=n, at="", actor="", kind=kind, body={"bundle": bundle}, words=frozenset())
        for n, (kind, bundle) in enumerate(bodies)
    ]

    audit._versions()

    assert (len(audit.found.twice), len(audit.found.broken)) == (1, 1)


def test_one_bot_works_on_a_sqlite_file_and_one_that_stood_still_gives_way(tmp_path: Path, nursery: Nursery) -> None:
    with open_stage(tmp_path, nursery=nursery) as stage:
        first = stage.start()
        assert first.wait_ready()

        refused = stage.start(port=free_port())
        assert not refused.wait_ready()
        assert refused.how == 1
        assert "already works on this SQLite file" in stage.log.read_text()

        os.kill(first.pid, signal.SIGSTOP)  # a paused machine: its lease runs out
        stage.advance(40)
        second = stage.start(port=free_port())
        assert second.wait_ready()
        os.kill(first.pid, signal.SIGCONT)
        assert first.ended.wait(60)
        assert first.how == 1
        assert "another bot took over" in stage.log.read_text()
        assert second.is_ready()
        assert second.end() == 0
