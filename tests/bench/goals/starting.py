"""Goal 23: from the start of the process to the first click that is recorded, and what the process holds then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import servers
from tests.bench.bot_data import CONFIRM, REGISTER, Press, bot_data
from tests.bench.cloning import LIGHT
from tests.bench.figures import Figure, Target
from tests.bench.load import fire
from tests.bench.machine import cores, resident_mib
from tests.bench.made_up import START
from tests.bench.servers import InstantSlack
from tests.bench.setup import Bench
from tests.bench.slack_requests import presses
from tests.bench.sweeping import LATER

CLICKS = 500


def run(bench: Bench) -> Iterator[Figure]:
    for size in (1_000, max(1_000, bench.cases)):
        bench.say(f"goal 23: a data folder with {size:,} cases")
        with bench.place(f"start-{size}") as folder, InstantSlack() as slack:
            values = _prepared(folder, size, bench.runs * (CLICKS + 1))
            found = []
            for number in range(bench.runs):
                bench.say(f"goal 23: start {number + 1} of {bench.runs}")
                mine = values[number * (CLICKS + 1) :][: CLICKS + 1]
                found.append(_start(folder, slack.url, mine))
        yield Figure(
            goal="23", what=f"start to the first click acknowledged, {size:,} cases", unit="s",
            runs=[f[0] for f in found], target=Target(floor=5, ambition=2, less=True, unit="s"),
        )  # fmt: skip
        yield Figure(
            goal="23", what=f"resident memory after {CLICKS} clicks, {size:,} cases", unit="MiB",
            runs=[f[1] for f in found], target=Target(floor=300, ambition=200, less=True, unit="MiB"),
        )  # fmt: skip


def _prepared(folder: Path, size: int, clicks: int) -> list[Press]:
    with bot_data(folder, START) as made:
        waiting = made.template("template-wait", START)
        ahead = made.template("template-ahead", LATER, REGISTER)
        values = made.clones(waiting, "click", clicks)
        made.clones(ahead, "ahead", size, tables=LIGHT)
        made.set_clock(START)
    return values


def _start(folder: Path, slack: str, values: list[Press]) -> tuple[float, float]:
    """Return the seconds from the start to the first acknowledged click, and MiB after more of them."""
    port = servers.free_port()
    given = servers.bot_environment(folder, port, slack, folder / "clock")
    first, *others = presses(CONFIRM, values, f"127.0.0.1:{port}")
    began = time.perf_counter()
    command, log = servers.bot_command(), folder / "bot.log"
    with servers.running(command, port, log, core=cores()[0], environment=given, ready="/readyz") as bot:
        fire(port, [first], 1).must_be_good()
        seconds = time.perf_counter() - began
        fire(port, others, 8).must_be_good()
        return seconds, resident_mib(bot.pid)
