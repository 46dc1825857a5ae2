"""Runs of clicks: on the real bot, on the apps to compare it with, and on the bot in trouble."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tests.bench import servers
from tests.bench.bot_data import CONFIRM, Press
from tests.bench.load import Answers, fire
from tests.bench.machine import cores
from tests.bench.slack_requests import presses

READY = "/readyz"
WARM_UP = 100


@dataclass
class Target:
    """A server that clicks are sent to. *buttons*: who presses which, each used once."""

    port: int
    buttons: Iterator[Press]
    database: Path | None = None
    runs: dict[int, list[Answers]] = field(default_factory=dict)

    def click(self, count: int, in_flight: int) -> Answers:
        """Send *count* clicks. Raises: RuntimeError when one was not answered well, or not recorded."""
        requests = presses(CONFIRM, list(islice(self.buttons, count)), f"127.0.0.1:{self.port}")
        if len(requests) < count:
            raise RuntimeError("there are not enough cases that wait for a click")
        before = self.recorded()
        answers = fire(self.port, requests, in_flight).must_be_good()
        if self.database is not None and self.recorded() - before < count:
            raise RuntimeError(f"of {count} acknowledged clicks {self.recorded() - before} were recorded")
        return answers

    def recorded(self) -> int:
        """Return how many acts the bot's database has."""
        return self.asked("SELECT count(*) FROM acts")

    def asked(self, sql: str) -> int:
        """Return a number from the bot's database; 0 where there is none."""
        if self.database is None:
            return 0
        reading = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return int(reading.execute(sql).fetchone()[0])
        finally:
            reading.close()

    def measure(self, count: int, in_flight: int) -> None:
        self.runs.setdefault(in_flight, []).append(self.click(count, in_flight))

    def rates(self, in_flight: int) -> list[float]:
        return [a.per_second for a in self.runs[in_flight]]

    def ms(self, in_flight: int, share: float) -> list[float]:
        return [a.ms(share) for a in self.runs[in_flight]]


@contextmanager
def an_anchor(kind: str, folder: Path) -> Iterator[Target]:
    """Run one of the apps to compare with."""
    port = servers.free_port()
    place = folder / f"anchor-{kind}"
    place.mkdir(exist_ok=True)
    numbers = ((f"U{n}", str(n)) for n in range(1_000_000))
    with servers.running(servers.anchor(kind, port, place), port, folder / "anchor.log", core=cores()[0]):
        target = Target(port, numbers)
        target.click(WARM_UP, 4)
        yield target


@contextmanager
def the_bot(
    data: Path, slack: str, buttons: Sequence[Press], *, environment: Mapping[str, str] | None = None
) -> Iterator[Target]:
    """Run the bot on its data folder, and let it get warm."""
    port = servers.free_port()
    given = servers.bot_environment(data, port, slack, data / "clock") | dict(environment or {})
    with servers.running(
        servers.bot_command(), port, data / "bot.log", core=cores()[0], environment=given, ready=READY
    ):
        target = Target(port, iter(buttons), data / "redress.sqlite3")
        target.click(WARM_UP, 4)
        time.sleep(1.0)  # what the start left to do
        yield target
