"""Procedure time comes from a file where there is one; machine time never does."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.times import FileClock, SystemClock, SystemMachine, UnreadableClock, procedure_clock, wait_until_set


def written(path: Path, text: str, stamp: int) -> Path:
    path.write_text(text, "utf-8")
    os.utime(path, ns=(stamp, stamp))
    return path


def test_the_file_is_read_again_when_it_changed(tmp_path: Path) -> None:
    clock = FileClock(written(tmp_path / "clock", "2026-03-02T09:00:00+08:00\n", 1))

    assert clock.now() == datetime(2026, 3, 2, 1, tzinfo=UTC)
    written(tmp_path / "clock", "2026-03-03T01:00:00Z", 2)
    assert clock.now() == datetime(2026, 3, 3, 1, tzinfo=UTC)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-03-02T09:00:00", "\x00"])
def test_while_the_file_is_unreadable_the_last_good_value_stands(tmp_path: Path, text: str) -> None:
    clock = FileClock(written(tmp_path / "clock", "2026-03-02T09:00:00Z", 1))

    written(tmp_path / "clock", text, 2)
    assert clock.now() == datetime(2026, 3, 2, 9, tzinfo=UTC)
    (tmp_path / "clock").unlink()
    assert clock.now() == datetime(2026, 3, 2, 9, tzinfo=UTC)
    written(tmp_path / "clock", "2026-03-02T10:00:00Z", 3)
    assert clock.now() == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_a_clock_file_that_never_was_good_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(UnreadableClock, match="does not hold"):
        FileClock(tmp_path / "missing")
    with pytest.raises(UnreadableClock, match="without a zone"):
        FileClock(written(tmp_path / "clock", "2026-03-02T09:00:00", 1))


def test_without_a_file_the_procedure_runs_on_real_time() -> None:
    assert isinstance(procedure_clock(None), SystemClock)
    assert SystemClock().now().tzinfo is UTC


async def test_waiting_ends_with_the_event_or_with_the_time() -> None:
    event = asyncio.Event()

    assert not await wait_until_set(event, SystemMachine(), 0.001)
    event.set()
    assert await wait_until_set(event, SystemMachine(), 1000)
