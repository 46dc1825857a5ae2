"""The courier goes on whatever goes wrong: errors, hangs, clocks that are set; and its end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
import structlog

from bot.courier import PATIENCE, WATCH_SECONDS, Courier
from bot.messages import MessageJob
from bot.pacing import MethodPaces
from bot.slack_out import SlackOut
from tests.bot.fake_outbox import FakeOutbox
from tests.bot.posting import Post, fail_once
from tests.bot.virtual_time import START


@pytest.mark.parametrize("error", [OSError("no machine time"), asyncio.CancelledError()])
@pytest.mark.parametrize("what", ["claim", "monotonic"])
async def test_whatever_goes_wrong_with_a_look_the_next_one_comes(
    post: Post, monkeypatch: pytest.MonkeyPatch, what: str, error: BaseException
) -> None:
    """Nobody else would notice that nothing is sent any more; what is cancelled there is not the courier."""
    post.outbox.add("C1")
    failing: Any = post.outbox if what == "claim" else post.machine
    works, calls = getattr(failing, what), [0]

    def fails_once(*args: Any, **more: Any) -> Any:
        calls[0] += 1
        if calls[0] == 2:
            raise error
        return works(*args, **more)

    monkeypatch.setattr(failing, what, fails_once)
    courier = post.courier()
    courier.start()
    await post.machine.pass_(5)
    post.outbox.add("C2")

    await post.machine.until(lambda: post.outbox.states()["sent"] == 2)
    await courier.stop()

    assert courier.figures.faults <= 1


async def test_a_machine_clock_that_is_set_back_a_day_holds_up_no_message(post: Post) -> None:
    """The clock is set right while a post is on its way that stays unanswered."""
    post.outbox.add("C1")
    right, lost = post.machine.now, fail_once("chat.postMessage", "lost")

    def fault(method: str, arguments: dict[str, Any]) -> str | None:
        if (found := lost(method, arguments)) is not None:
            post.machine.now = lambda: right() - timedelta(days=1)  # type: ignore[method-assign]  # the clock is set
        return found  # type: ignore[no-any-return]  # whatever the call returns

    post.slack.fault = fault
    courier = post.courier()
    courier.start()
    await post.machine.until(lambda: post.outbox.states()["sent"] == 1, at_most=60)
    await courier.stop()

    assert post.slack.texts() == ["row 1"]


class SlowSlack(SlackOut):
    """Takes five seconds over each post; the clock is *set* meanwhile."""

    def __init__(self, post: Post, hours: float) -> None:
        super().__init__(post.client, MethodPaces(post.machine))
        self.machine, self.right, self.hours = post.machine, post.machine.now, hours

    async def post(self, *args: Any, **more: Any) -> Any:
        await self.machine.sleep(0.5)
        self.machine.now = lambda: self.right() + timedelta(hours=self.hours)  # type: ignore[method-assign]  # the clock is set
        await self.machine.sleep(4.5)
        return await super().post(*args, **more)


@pytest.mark.parametrize("hours", [-24, 24], ids=["set back", "set forward"])
async def test_what_is_on_its_way_while_the_clock_is_set_is_not_taken_for_left_behind(post: Post, hours: float) -> None:
    """Its lease seems over: a look would come before the message, which would be posted twice."""
    post.outbox.add("C1")
    courier = post.courier(SlowSlack(post, hours))
    courier.start()
    await post.machine.until(lambda: post.outbox.states()["sent"] == 1, at_most=400)
    await post.machine.pass_(300)
    await courier.stop()

    assert post.slack.texts() == ["row 1"]


@pytest.mark.parametrize(
    ("clock", "seconds", "left"),
    [(20, 20, 40), (20 - 86_400, 20, 40), (600, 2, -540)],
    ids=["as it should be", "the clock was set back", "the machine slept"],
)
def test_a_claim_is_over_by_the_clock_or_by_the_seconds_whatever_went_further(
    clock: float, seconds: float, left: float
) -> None:
    at, passed = [START], [5.0]
    machine = SimpleNamespace(now=lambda: at[0], monotonic=lambda: passed[0])
    outbox = FakeOutbox()
    outbox.add("C1")
    job = MessageJob(outbox.kept[1].row, cast(Any, SimpleNamespace(machine=machine, lease_seconds=60.0)), "C1")

    at[0], passed[0] = START + timedelta(seconds=clock), 5.0 + seconds

    assert job._lease_left() == left


async def _never_ends(post: Post, courier: Courier, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hanging() -> Any:
        monkeypatch.undo()
        await asyncio.Event().wait()

    monkeypatch.setattr(courier, "_sweep", hanging)


async def _is_over(post: Post, courier: Courier, monkeypatch: pytest.MonkeyPatch) -> None:
    """End its coroutine where it waits, as whoever clears its frame does: its task hears nothing of it."""
    assert courier._task is not None
    courier._task.get_coro().close()


@pytest.mark.parametrize("stops", [_never_ends, _is_over])
async def test_a_courier_that_comes_to_no_end_begins_anew_and_says_where_it_hung(
    post: Post, monkeypatch: pytest.MonkeyPatch, stops: Any
) -> None:
    post.outbox.add("C1")
    courier = post.courier()
    courier.start()
    await post.machine.until(lambda: post.outbox.states()["sent"] == 1)
    await post.machine.pass_(WATCH_SECONDS * PATIENCE * 2)
    assert courier.figures.faults == 0

    await stops(post, courier, monkeypatch)
    post.outbox.add("C1")
    with structlog.testing.capture_logs() as logged:
        await post.machine.until(lambda: post.outbox.states()["sent"] == 2, at_most=WATCH_SECONDS * (PATIENCE + 2))
    await courier.stop()

    (told,) = [entry for entry in logged if entry["event"] == "the courier hangs and begins anew"]
    assert [where.partition(":")[0] for where in told["where"][:2]] == (
        ["bot/courier.py"] * 2 if stops is _never_ends else []
    )
    assert courier.figures.faults == 1


async def test_at_the_end_what_is_in_flight_is_finished_and_the_rest_stays_pending(post: Post) -> None:
    for _ in range(10):
        post.outbox.add("C1")
    courier = post.courier()
    courier.start()
    await post.machine.until(lambda: len(post.slack.messages) == 3)

    await courier.stop()

    assert post.outbox.states() == {"sent": 3, "pending": 7}
