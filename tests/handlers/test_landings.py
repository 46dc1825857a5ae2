"""Results of the writer's thread on the event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest

from complaints.refusals import Refusal
from handlers.landings import Landings


def in_a_thread(work) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


async def started(landings: Landings, futures: list[Future]) -> list[asyncio.Task]:
    tasks = [asyncio.create_task(landings.wait(f)) for f in futures]
    await asyncio.sleep(0)
    return tasks


async def test_a_result_comes_without_anybody_promising_to_call() -> None:
    future: Future[str] = Future()
    (task,) = await started(Landings(), [future])

    in_a_thread(lambda: future.set_result("told"))

    assert await asyncio.wait_for(task, 60) == "told"


async def test_results_of_a_commit_wait_for_its_one_call() -> None:
    landings, futures = Landings(), [Future() for _ in range(3)]
    landings.expect()
    tasks = await started(landings, futures)

    in_a_thread(lambda: [f.set_result(n) for n, f in enumerate(futures)])
    await asyncio.sleep(0.01)
    assert not any(t.done() for t in tasks)
    in_a_thread(landings.land)

    assert await asyncio.wait_for(asyncio.gather(*tasks), 60) == [0, 1, 2]


async def test_what_was_done_before_anybody_waited_needs_no_call() -> None:
    landings, future = Landings(), Future()
    landings.expect()
    future.set_result("told")
    landings.land()

    assert await asyncio.wait_for(landings.wait(future), 60) == "told"


async def test_a_refusal_is_raised_where_it_is_waited_for() -> None:
    future: Future[str] = Future()
    (task,) = await started(Landings(), [future])

    in_a_thread(lambda: future.set_exception(Refusal("no")))

    with pytest.raises(Refusal):
        await asyncio.wait_for(task, 60)


async def test_who_is_cancelled_disturbs_no_other() -> None:
    landings, futures = Landings(), [Future(), Future()]
    first, second = await started(landings, futures)

    first.cancel()
    await asyncio.sleep(0)
    in_a_thread(lambda: futures[1].set_result("told"))

    assert futures[0].cancelled()
    assert await asyncio.wait_for(second, 60) == "told"
