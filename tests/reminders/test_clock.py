"""One interval job runs the tick; a failing run is reported and the next one comes."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.jobstores.memory import MemoryJobStore

from reminders.clock import TickClock


def test_the_tick_runs_at_once_and_again_after_an_error(caplog: pytest.LogCaptureFixture) -> None:
    runs, third = [], threading.Event()

    def tick() -> None:
        runs.append(threading.current_thread())
        if len(runs) == 2:
            raise RuntimeError("bug")
        if len(runs) >= 3:
            third.set()

    clock = TickClock(tick, seconds=0.01)
    with caplog.at_level(logging.ERROR):
        clock.start()
        assert third.wait(60)
        clock.stop()

    assert clock.errors == 1
    assert "the tick failed: RuntimeError" in caplog.text
    assert all(t is not threading.main_thread() for t in runs)


async def test_a_tick_that_fails_ends_no_coroutine_whose_frame_its_error_names() -> None:
    """APScheduler clears the frames of what failed; a coroutine that waits is over then, and its task waits for ever."""
    error, caught, ticked, goes_on = OSError("disk I/O error"), asyncio.Event(), threading.Event(), list[str]()

    async def waiting() -> None:
        try:
            raise error
        except OSError:
            caught.set()
        await asyncio.to_thread(ticked.wait, 60)
        await asyncio.sleep(0.01)
        goes_on.append("yes")

    def tick() -> None:
        if ticked.is_set():
            return
        try:
            raise error
        finally:
            threading.Timer(0.1, ticked.set).start()

    task = asyncio.create_task(waiting())
    await caught.wait()
    clock = TickClock(tick, seconds=60)
    clock.start()
    await asyncio.wait_for(task, 60)
    await asyncio.to_thread(clock.stop)

    assert (goes_on, clock.errors) == (["yes"], 1)


def test_at_the_end_the_running_tick_is_told_and_waited_for() -> None:
    begun, ended = threading.Event(), threading.Event()
    clock: TickClock

    def tick() -> None:
        begun.set()
        while not clock.is_stopping():
            pass
        ended.set()

    clock = TickClock(tick, seconds=60)
    clock.start()
    assert begun.wait(60)
    clock.stop()

    assert ended.is_set()


def test_a_late_tick_is_made_up_once_and_never_dropped() -> None:
    """APScheduler's own defaults leave out what is more than a second late, and then run each missed one."""
    clock = TickClock(lambda: None, seconds=60)
    clock.start()
    job = clock._scheduler.get_job("tick")
    clock.stop()

    assert (job.misfire_grace_time, job.coalesce, job.max_instances) == (None, True, 1)


def test_the_scheduler_keeps_nothing_that_could_be_lost_or_run_twice() -> None:
    """PITFALLS 18, 19: one job in memory; what is due are rows, no pickled functions."""
    clock = TickClock(lambda: None, seconds=60)
    clock.start()
    try:
        jobs = clock._scheduler.get_jobs()
        stores = clock._scheduler._jobstores
        assert [(job.id, job.trigger.interval.total_seconds()) for job in jobs] == [("tick", 60.0)]
        assert [type(store) for store in stores.values()] == [MemoryJobStore]
    finally:
        clock.stop()


def test_a_machine_clock_that_is_set_back_does_not_stop_the_tick() -> None:
    """APScheduler's next run then lies an hour ahead, and it would sleep until then."""
    runs, again = [], threading.Event()

    def tick() -> None:
        runs.append(1)
        if len(runs) > 1:
            again.set()

    clock = TickClock(tick, seconds=0.05)
    clock.start()
    clock._scheduler.modify_job("tick", next_run_time=datetime.now(UTC) + timedelta(hours=1))
    runs.clear()

    assert again.wait(30)
    clock.stop()


def test_it_knows_when_a_run_last_came_to_its_end_and_how_the_last_one_failed() -> None:
    fails = [False]

    def tick() -> None:
        if fails[0]:
            raise OSError("the disk")

    clock = TickClock(tick, seconds=0.01, monotonic=lambda: 7.0)
    assert (clock.last_at, clock.failure) == (None, None)
    clock.start()
    _until(lambda: clock.last_at == 7.0)
    fails[0] = True
    _until(lambda: isinstance(clock.failure, OSError))
    fails[0] = False
    _until(lambda: clock.failure is None)
    clock.stop()


def _until(look: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not look():
        assert time.monotonic() < ends
        time.sleep(0.005)
