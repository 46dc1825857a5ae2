"""The lane of one conversation: what is sent was prepared."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from bot.lanes import Lane
from bot.outage import Gate
from bot.times import SystemMachine


@dataclass
class Slow:
    """A refresh that takes a moment to draw. *told* hears what was done with it."""

    told: list[str]
    name: str
    drawing: asyncio.Event = field(default_factory=asyncio.Event)
    key: str = "card 1"
    is_claimed: bool = False
    rank: tuple[int, int] = (0, 1)
    ids: dict[str, object] = field(default_factory=dict)
    is_drawn: bool = False

    async def prepare(self) -> bool:
        await self.drawing.wait()
        self.is_drawn = True
        return True

    def wait(self) -> float:
        return 0.0

    def take(self) -> None: ...

    async def send(self) -> None:
        self.told.append(f"{self.name} sent, drawn: {self.is_drawn}")

    async def give_back(self) -> None: ...


async def _yes() -> bool:
    return True


async def test_a_job_that_takes_the_place_of_one_being_prepared_is_prepared_itself() -> None:
    machine, told = SystemMachine(), list[str]()
    lane = Lane("C1", gate=Gate(machine, _yes), machine=machine, freed=lambda: None)
    old, new = Slow(told, "old"), Slow(told, "new")
    jobs: list[Any] = [old, new]
    lane.push(jobs[0])
    await asyncio.sleep(0)

    lane.push(jobs[1])
    old.drawing.set()
    await asyncio.sleep(0.01)
    new.drawing.set()
    async with asyncio.timeout(60):
        while not told:
            await asyncio.sleep(0.01)
    await lane.stop()

    assert told == ["new sent, drawn: True"]


@dataclass
class Turnless(Slow):
    """Of which nobody can say when its turn is."""

    key: str = "card 2"
    rank: tuple[int, int] = (0, 0)

    async def prepare(self) -> bool:
        return True

    def wait(self) -> float:
        raise OSError("no machine time")


async def test_a_job_with_which_the_lane_cannot_go_on_stops_no_other() -> None:
    machine, told, freed = SystemMachine(), list[str](), list[int]()
    lane = Lane("C1", gate=Gate(machine, _yes), machine=machine, freed=lambda: freed.append(1))
    other = Slow(told, "other")
    other.drawing.set()
    jobs: list[Any] = [Turnless(told, "turnless"), other]
    for job in jobs:
        lane.push(job)

    async with asyncio.timeout(60):
        while not (told and lane.is_idle):
            await asyncio.sleep(0.01)
    await lane.stop()

    assert (told, len(freed)) == (["other sent, drawn: True"], 1)
