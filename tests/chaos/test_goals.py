"""Goals 15 to 20 in small: each can be tried, a row says honestly how far it got."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chaos.bots import Nursery
from tests.chaos.goals import downtime, outage, repeated
from tests.chaos.goals.rows import Asked, Row, Size, table
from tests.chaos.stage import open_stage
from tests.support.postgres import NoPostgres
from tests.support.programs import skipped_without

pytestmark = pytest.mark.slow

ROW = Row(
    goal=19, what="power loss", tried=1_000, unit="losses", size=Size(floor=100, ambition=1_000), measured={"lost": 0},
    floor="0, N=100", ambition="0, N=1,000", is_good=True, is_best=True, seconds=1.0, seed=1,
)  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (ROW, "ambition"),
        (replace(ROW, tried=999), "floor"),
        (replace(ROW, is_best=False), "floor"),
        (replace(ROW, tried=99), "nothing wrong, too few"),
        (replace(ROW, is_good=False, is_best=False), "below"),
        (replace(ROW, tried=99, is_good=False, is_best=False), "below"),
    ],
)
def test_a_row_reaches_only_what_was_tried_often_enough(row: Row, reached: str) -> None:
    assert row.reached == reached
    assert reached in table([row])


def test_deadlines_of_a_downtime_fire_once_and_say_that_they_are_late(tmp_path: Path, nursery: Nursery) -> None:
    asked = Asked(folder=tmp_path, seed=1, share=0.005)
    with open_stage(asked.place("down"), nursery=nursery) as stage:
        row = downtime.after(stage, timedelta(days=3), asked)

    assert row.is_best, row
    stage_and_case = 2
    assert (row.tried, row.measured["fired / due"], row.measured["not marked late"]) == (5 * stage_and_case, 1.0, 0)
    assert row.more["superseded"] > 0


def test_after_an_outage_the_outbox_catches_up_at_slacks_pace(tmp_path: Path) -> None:
    for name in outage.OUTAGES:
        row = asyncio.run(outage._catching_up(name, 120, Asked(folder=tmp_path / name, seed=1)))

        assert row.is_good, row
        assert (row.measured["missing"], row.measured["doubled"]) == (0, 0)


def test_what_is_delivered_four_times_to_two_bots_counts_once_and_is_told(tmp_path: Path) -> None:
    with skipped_without(NoPostgres):
        [row] = repeated.run(Asked(folder=tmp_path, seed=1, share=0.02))

    assert row.is_best, row
