"""Goals 13 and 14: the real courier against a strict stub Slack on a socket, with machine time that jumps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.courier import Courier
from bot.fallbacks import DeskFallback
from bot.pacing import MethodPaces
from bot.slack_out import SlackOut, make_session
from complaints.notices import Priority
from tests.bench.figures import Figure, Target
from tests.bench.setup import Bench
from tests.bot.fake_outbox import FakeOutbox, FakeReader, FakeRenderer, inline
from tests.bot.stub_slack import StubSlack
from tests.bot.virtual_time import START, VirtualMachine
from tests.support.company import a_plan

QUEUED = 100


class _Now:
    def now(self) -> datetime:
        return START


@dataclass
class Post:
    """A courier, its outbox in memory and the stub it sends to."""

    machine: VirtualMachine
    slack: StubSlack
    client: Any
    outbox: FakeOutbox = field(default_factory=FakeOutbox)

    def courier(self) -> Courier:
        held: Any = self.outbox  # what the courier asks of an outbox, without leases
        reader: Any = FakeReader()
        return Courier(
            outbox=held, renderer=FakeRenderer(), reader=reader, slack=SlackOut(self.client, MethodPaces(self.machine)),
            fallback=DeskFallback(a_plan), clock=_Now(), machine=self.machine, call=inline,
        )  # fmt: skip


@asynccontextmanager
async def a_post() -> AsyncIterator[Post]:
    machine = VirtualMachine()
    slack = StubSlack(machine.monotonic)
    await slack.start()
    session = make_session()
    client = slack.client(session)
    machine.is_busy = lambda: client.flying > 0
    made = Post(machine=machine, slack=slack, client=client)
    made.outbox.now = machine.now
    try:
        yield made
    finally:
        await session.close()
        await slack.stop()


def run(bench: Bench) -> Iterator[Figure]:
    if bench.wants(13):
        bench.say("goal 13: the courier's pace")
        for cards, channels in ((60, 12), (1_000, 12), (300, 1)):
            yield from asyncio.run(pace(cards, channels))
    if bench.wants(14):
        bench.say("goal 14: a clicked card behind reminders")
        waits = [asyncio.run(clicked_card(after)) for after in (3, 10, 25, 50, 90)]
        yield Figure(
            goal="14", what=f"a clicked card's update behind {QUEUED} queued reminders", unit="s", runs=waits,
            target=Target(floor=2.2, ambition=1.1, less=True, unit="s"), note="clicked at five points of the queue",
        )  # fmt: skip


async def pace(cards: int, channels: int) -> list[Figure]:
    """Send *cards* over *channels*; the fullest channel says how fast it could be at best."""
    async with a_post() as post:
        for number in range(cards):
            post.outbox.add(f"C{number % channels}")
        courier = post.courier()
        courier.start()
        took = await post.machine.until(lambda: post.outbox.states()["sent"] >= cards)
        await courier.stop()
        best = float(-(-cards // channels) - 1)
        refused = post.slack.refused / cards
    what = f"{cards:,} cards over {channels} channel{'s' * (channels > 1)}"
    return [
        Figure(goal="13", what=f"minimum time / taken, {what}", unit="", runs=[best / took],
               target=Target(floor=0.90, ambition=0.97), note=f"{what}: {took:.1f} s, {best:.0f} s at best"),
        Figure(goal="13", what=f"429s per card, {what}", unit="", runs=[refused],
               target=Target(floor=0.05, ambition=0.0, less=True)),
    ]  # fmt: skip


async def clicked_card(after: int) -> float:
    """Return the seconds until a clicked card is rewritten when *after* of 100 reminders are out."""
    async with a_post() as post:
        card = post.outbox.add("C1")
        courier = post.courier()
        courier.start()
        await post.machine.until(lambda: post.outbox.states()["sent"] == 1)
        for _ in range(QUEUED):
            post.outbox.add("C1", kind="reminder", priority=Priority.REMINDER)
        courier.wake()
        await post.machine.until(lambda: len(post.slack.messages) == 1 + after)
        address = post.outbox.kept[card].address
        assert address is not None
        post.outbox.add_stale("C1", address[1], clicked=True)
        courier.wake()
        took = await post.machine.until(lambda: "card 1" in post.slack.texts())
        await courier.stop()
    return took
