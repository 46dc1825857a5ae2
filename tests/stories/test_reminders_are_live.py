"""A reminder in a direct message tells what became of its items: a decided one reads done and has no button."""

from __future__ import annotations

import pytest

from sandbox.client import Shown
from sandbox.tour.scene import Scene
from sandbox.tour.story import PRODUCTION, QUALITY, log_and_register, quality_names

pytestmark = pytest.mark.slow
DONE = "✓"


def rows_done(message: Shown) -> int:
    return message.now().words.count(DONE)


def test_a_decided_item_of_a_merged_reminder_reads_done_and_the_last_one_ends_it(scene: Scene) -> None:
    log_and_register(scene)
    first = scene.case
    log_and_register(scene)
    second = scene.case

    scene.to("2026-11-04T15:30:00+08:00")
    reminder = scene.see("reminded once of both", QUALITY, "2 件")
    assert len([b for b in reminder.blocks if b.get("accessory")]) == 2

    scene.case = first
    quality_names(scene)
    scene.until(lambda: rows_done(reminder) == 1, "the first item to read done")
    assert len([b for b in reminder.now().blocks if b.get("accessory")]) == 1

    scene.case = second
    quality_names(scene)
    scene.until(lambda: rows_done(reminder) >= 2, "the second item to read done")
    assert [b for b in reminder.now().blocks if b.get("accessory")] == []
    assert scene.card(PRODUCTION)
