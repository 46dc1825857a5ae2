"""Blocking calls end for whoever waits for them, also when their thread does not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.threads import Threads, in_threads, where_waits


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Threads that hang in a test do so until its end."""
    made = threading.Event()
    yield made
    made.set()


async def test_a_call_that_does_not_end_fails_and_others_go_on_in_new_threads(gate: threading.Event) -> None:
    threads = Threads(2, "few", seconds=0.2)
    with structlog.testing.capture_logs() as logged:
        hung = [threads(gate.wait, 60), threads(gate.wait, 60)]
        assert [type(e) for e in await asyncio.gather(*hung, return_exceptions=True)] == [TimeoutError] * 2

        assert await asyncio.wait_for(threads(str, 7), 60) == "7"
    threads.end()

    (told,) = logged
    assert (told["event"], told["name"]) == ("threads hang and are given up", "few")
    assert len(told["where"]) == 2
    assert all("threading.py:" in where for where in told["where"])


async def test_a_call_that_says_itself_that_something_took_too_long_gives_no_thread_up() -> None:
    threads = Threads(1, "one", seconds=60)

    def late() -> None:
        raise TimeoutError("the pool is empty")

    with structlog.testing.capture_logs() as logged, pytest.raises(TimeoutError, match="the pool is empty"):
        await threads(late)
    threads.end()

    assert logged == []


@pytest.mark.parametrize("call", [in_threads(), Threads(1, "one", seconds=60)])
async def test_a_call_that_stops_an_iteration_fails_and_is_not_waited_for_for_ever(call: Any) -> None:
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(call(next, iter(())), 60)


async def test_where_a_task_waits_is_told_from_outside_in() -> None:
    async def inner() -> None:
        await asyncio.sleep(60)

    async def outer() -> None:
        await inner()

    task = asyncio.create_task(outer())
    await asyncio.sleep(0)

    places = [where.rsplit(":")[0] for where in where_waits(task)]
    task.cancel()

    assert places == ["bot/test_threads.py", "bot/test_threads.py", "asyncio/tasks.py"]
