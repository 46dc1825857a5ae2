"""Pacing: a message a second in each channel, a budget for each method, and a ceiling that is learned."""

from __future__ import annotations

import pytest

from bot.pacing import Bucket, MethodPaces, Pacer
from tests.bot.virtual_time import VirtualMachine


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_each_channel_has_its_own_second() -> None:
    seconds = Seconds()
    pacer = Pacer(seconds)

    pacer.take("C1")
    assert pacer.wait("C1") == pytest.approx(1.01)
    assert pacer.wait("C2") == 0
    seconds.now += 1.01
    assert pacer.wait("C1") == pytest.approx(0)


def test_a_429_pauses_its_channel_only() -> None:
    pacer = Pacer(Seconds())

    pacer.take("C2")
    pacer.pause("C1", 30)

    assert pacer.wait("C1") == 30
    assert pacer.wait("C2") < 1.1


def test_undeserved_429s_while_others_get_through_teach_a_ceiling_that_is_tried_higher_again() -> None:
    seconds = Seconds()
    pacer = Pacer(seconds)
    for _ in range(100):
        pacer.got_through()
        seconds.now += 0.1

    pacer.pause("C0", 1)
    pacer.pause("C1", 1)
    pacer.take("C40")
    assert pacer.wait("C41") == pytest.approx(2 / 9, rel=0.1)

    for _ in range(20):
        seconds.now += 10
        pacer.wait("C41")
    pacer.take("C40")
    assert pacer.wait("C41") == 0


def test_while_nothing_gets_through_there_is_no_ceiling_to_learn() -> None:
    seconds = Seconds()
    pacer = Pacer(seconds)
    for number in range(600):
        pacer.pause(f"C{number % 12}", 10)
        seconds.now += 1

    seconds.now += 10
    pacer.take("C1")
    assert pacer.wait("C2") == 0


def test_a_bucket_gives_its_burst_then_its_rate_and_keeps_a_reserve() -> None:
    bucket = Bucket(size=3, per_second=1.0)

    assert bucket.wait(0.0, reserve=2) == 0
    for _ in range(3):
        assert bucket.wait(0.0) == 0
        bucket.take(0.0)
    assert bucket.wait(0.0) == pytest.approx(1)
    assert bucket.wait(1.0) == 0
    assert bucket.wait(1.0, reserve=1) == pytest.approx(1)
    bucket.pause(1.0, 10)
    assert bucket.wait(1.0) == 10


async def test_callers_of_a_method_wait_for_their_turn() -> None:
    machine = VirtualMachine()
    paces = MethodPaces(machine)

    async def all_of_them() -> None:
        for _ in range(70):
            await paces.turn("conversations.open")

    import asyncio

    task = asyncio.ensure_future(all_of_them())
    took = await machine.until(task.done)

    assert took == pytest.approx(50 / (50 / 60), rel=0.05)
