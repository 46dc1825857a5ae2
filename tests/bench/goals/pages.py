"""Goal 24: App Home for somebody with much to do, the month's report, and reading many policies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bot.reporting import bundle_in_force, report_for, world_for_figures
from complaints.periods import period_of
from storage.policy_files import load_bundle, policy_files
from storage.tables import case_fields, case_past
from tests.bench.bot_data import REGISTER, REGISTRAR, bot_data
from tests.bench.clicking import the_bot
from tests.bench.cloning import LIGHT
from tests.bench.figures import Figure, Target
from tests.bench.load import fire
from tests.bench.made_up import POLICY, START
from tests.bench.servers import InstantSlack
from tests.bench.setup import Bench, timed
from tests.bench.slack_requests import home_opened
from tests.support.desks import POLICIES

REPORTED = (*LIGHT, case_past, case_fields)
"""What a report reads of a case."""
OPEN_ITEMS = 500
MANY_POLICIES = 42
MILLISECONDS = 1e3


def run(bench: Bench) -> Iterator[Figure]:
    bench.say("goal 24: App Home")
    with bench.place("home") as folder:
        yield home(folder, 3 * bench.runs)
    bench.say("goal 24: the month's report")
    with bench.place("report") as folder:
        yield month(folder, bench.scaled(100_000, 5_000))
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


def month(folder: Path, count: int) -> Figure:
    """Draw the report of the month in which all the cases were logged, each half way through its route."""
    now = START + timedelta(days=20)
    with bot_data(folder, START) as made:
        made.clones(made.template("template-wait", START), "month", count, tables=REPORTED)
        made.set_clock(now)
        bundle, policy = bundle_in_force(made.office, POLICY)
        period = period_of("month", world_for_figures(made.office, bundle, now).calendar().local(now).date())
        seconds = timed(lambda: report_for(made.office, bundle, policy, period, now))
    return Figure(
        goal="24", what=f"month's report over {count:,} cases", unit="s", runs=[seconds],
        target=Target(floor=20, ambition=5, less=True, unit="s"), note="from the record to the figures, text not counted",
    )  # fmt: skip


def _read_policies() -> None:
    ids = list(policy_files(POLICIES))
    for number in range(MANY_POLICIES):
        load_bundle(POLICIES, ids[number % len(ids)])
