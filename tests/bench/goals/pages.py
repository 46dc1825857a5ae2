"""Goal 24: App Home for somebody with much to do, the month's report, and reading many policies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from storage.policy_files import load_bundle, policy_files
from tests.bench.bot_data import REGISTER, REGISTRAR, bot_data
from tests.bench.clicking import the_bot
from tests.bench.figures import Figure, Target, not_measured
from tests.bench.load import fire
from tests.bench.made_up import START
from tests.bench.servers import InstantSlack
from tests.bench.setup import Bench, timed
from tests.bench.slack_requests import home_opened
from tests.support.desks import POLICIES

OPEN_ITEMS = 500
MANY_POLICIES = 42
MILLISECONDS = 1e3


def run(bench: Bench) -> Iterator[Figure]:
    bench.say("goal 24: App Home")
    with bench.place("home") as folder:
        yield home(folder, 3 * bench.runs)
    yield not_measured("24", "month's report over 100,000 cases", "not built yet (later issue)")
    bench.say("goal 24: policies")
    yield Figure(
        goal="24", what=f"reading and checking {MANY_POLICIES} policies", unit="s",
        runs=[timed(_read_policies) for _ in range(bench.runs)],
        target=Target(floor=3, ambition=1, less=True, unit="s"),
        note=f"the {len(policy_files(POLICIES))} shipped ones in turn, each read from its text anew",
    )  # fmt: skip


def home(folder: Path, runs: int) -> Figure:
    """Time from the event's arrival to our call that publishes the page, Slack's own time left out."""
    with bot_data(folder, START) as made:
        case = made.template("template-wait", START, REGISTER)
        values = made.clones(case, "wait", OPEN_ITEMS + 100)
        made.set_clock(START)
    with InstantSlack() as slack, the_bot(folder, slack.url, values) as bot:  # its warm-up takes 100 of them
        times = []
        for _ in range(runs + 1):
            request = home_opened(REGISTRAR, f"127.0.0.1:{bot.port}")
            began = time.perf_counter()
            fire(bot.port, [request], 1).must_be_good()
            times.append((slack.await_call("views.publish", began) - began) * MILLISECONDS)
            time.sleep(0.2)
    return Figure(
        goal="24", what=f"App Home for a person with {OPEN_ITEMS} open items", unit="ms", runs=times[1:],
        target=Target(floor=500, ambition=150, less=True, unit="ms"),
        note=f"from the event to views.publish; the first one took {times[0]:.0f} ms",
    )  # fmt: skip


def _read_policies() -> None:
    ids = list(policy_files(POLICIES))
    for number in range(MANY_POLICIES):
        load_bundle(POLICIES, ids[number % len(ids)])
