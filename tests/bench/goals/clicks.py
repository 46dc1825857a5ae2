"""Goals 1 to 7: a signed press of a button, verified, authorized, decided, durably committed, acknowledged."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from tests.bench import flushes
from tests.bench.bot_data import REGISTER, Press, bot_data
from tests.bench.clicking import WARM_UP, Target, an_anchor, the_bot
from tests.bench.dispatching import dispatch_cost
from tests.bench.figures import Figure, not_measured
from tests.bench.figures import Target as Limit
from tests.bench.heaps import FIREABLE
from tests.bench.load import Answers
from tests.bench.machine import cores, pin
from tests.bench.made_up import START
from tests.bench.servers import InstantSlack
from tests.bench.setup import Bench
from tests.bench.sweeping import DUE_AT

Buttons = Sequence[Press]
FLUSH_US = 5_000


def run(bench: Bench) -> Iterator[Figure]:
    with _pinned():
        if bench.wants(1, 2, 3):
            yield from plain_clicks(bench)
        if bench.wants(4):
            yield from beside_a_sweep(bench)
        if bench.wants(5, 6):
            yield from flushed(bench)
        if bench.wants(7):
            yield from listeners(bench)


@contextmanager
def _pinned() -> Iterator[None]:
    """Keep the load on the last core; servers get the first."""
    before = os.sched_getaffinity(0)
    pin(cores()[1])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _counts(bench: Bench) -> dict[int, int]:
    return {1: bench.scaled(400, 150), 16: bench.scaled(2_000, 500), 64: bench.scaled(2_000, 500)}


@contextmanager
def waiting_cases(folder: Path, count: int, *, heavy: int = 0, overdue: int = 0) -> Iterator[tuple[Path, Buttons]]:
    """
    Lend a data folder with cases that wait for one click each.

    *heavy*: so many of them, at the end, wait for the registry. *overdue*: others whose deadlines are to be fired.
    """
    data, opened = folder / "data", DUE_AT if overdue else START
    with bot_data(data, START) as made:
        if overdue:
            made.clones(made.template("template-due", START, REGISTER), "due", overdue, tables=FIREABLE)
        buttons = made.clones(made.template("template-wait", opened), "click", count)
        if heavy:
            buttons += made.clones(made.template("template-register", opened, REGISTER), "heavy", heavy)
        made.set_clock(opened + timedelta(minutes=5))
    yield data, buttons


# --- 1, 2, 3 -----------------------------------------------------------------------------------------------------


def plain_clicks(bench: Bench) -> Iterator[Figure]:
    """The bot against the apps to compare with, one after the other in each round."""
    counts = _counts(bench)
    needed, heavy = WARM_UP + bench.runs * sum(counts.values()), bench.runs * counts[16]
    bench.say(f"goals 1-3: {needed + heavy:,} cases that wait for a click")
    with bench.place("clicks") as folder, InstantSlack() as slack, ExitStack() as stack:
        data, buttons = stack.enter_context(waiting_cases(folder, needed, heavy=heavy))
        anchors = [an_anchor(kind, folder) for kind in ("bolt", "core", "bare")]
        bot, bolt, core, bare = (stack.enter_context(s) for s in (the_bot(data, slack.url, buttons), *anchors))
        for number in range(bench.runs):
            bench.say(f"goals 1-3: round {number + 1} of {bench.runs}")
            for level, count in counts.items():
                for server in (bolt, bot, core, bare):
                    server.measure(count, level)
        bench.say("goal 1: the registry's decision")
        registry = [bot.click(counts[16], 16).per_second for _ in range(bench.runs)]
    yield from _rates(bot, bolt, core, bare)
    yield Figure(
        goal="1", what="a heavy click (9 events, 2 clocks, a number drawn), 16 in flight", unit="req/s", runs=registry,
        reference=statistics.median(bolt.rates(16)), against="bare Bolt",
    )  # fmt: skip
    yield from _latencies(bot, bolt)


def _rates(bot: Target, bolt: Target, core: Target, bare: Target) -> Iterator[Figure]:
    anchor = statistics.median(bolt.rates(16))
    limit = Limit(floor=0.35, ambition=0.50)
    yield Figure(
        goal="1", what="full click (approval: 6 events, 1 clock), 16 in flight, SQLite FULL", unit="req/s", runs=bot.rates(16), reference=anchor,
        against="bare Bolt", target=limit,
    )  # fmt: skip
    for what, server in (("a plain transaction through Core", core), ("the same on sqlite3, shared commits", bare)):
        yield Figure(goal="1", what=f"to compare: Bolt and {what}", unit="req/s", runs=server.rates(16),
                     reference=anchor, against="bare Bolt")  # fmt: skip
    for level in (1, 64):
        yield Figure(goal="1", what=f"full click, {level} in flight", unit="req/s", runs=bot.rates(level),
                     reference=statistics.median(bolt.rates(level)), against="bare Bolt")  # fmt: skip


def _latencies(bot: Target, bolt: Target) -> Iterator[Figure]:
    yield Figure(
        goal="2", what="p50 of a lone click", unit="ms", runs=bot.ms(1, 0.5),
        reference=statistics.median(bolt.ms(1, 0.5)), against="bare Bolt",
        target=Limit(floor=4.0, ambition=2.5, less=True),
    )  # fmt: skip
    late = bot.ms(16, 0.99)
    yield Figure(
        goal="3", what="p99 at 16 in flight, against p50", unit="ms", runs=late,
        reference=statistics.median(bot.ms(16, 0.5)), against="p50", target=Limit(floor=3.0, ambition=2.0, less=True),
    )  # fmt: skip
    yield Figure(goal="3", what="p99 at 16 in flight", unit="ms", runs=late,
                 target=Limit(floor=50, ambition=25, less=True, unit="ms"))  # fmt: skip


# --- 4 -------------------------------------------------------------------------------------------------------------


def beside_a_sweep(bench: Bench) -> Iterator[Figure]:
    """Clicks while the tick works off a heap that is overdue, the outbox is sent and the log is copied."""
    overdue, count = bench.scaled(100_000, 10_000), bench.scaled(5_000, 1_000)
    bench.say(f"goal 4: {overdue:,} overdue deadlines")
    with bench.place("sweep") as folder, InstantSlack() as slack, ExitStack() as stack:
        data, buttons = stack.enter_context(waiting_cases(folder, WARM_UP + count, overdue=overdue))
        bot = stack.enter_context(the_bot(data, slack.url, buttons))
        bench.say("goal 4: clicking")
        before = _fired(bot)
        answers = bot.click(count, 16)
        fired, posted = _fired(bot) - before, slack.calls
    note = (
        f"{count:,} clicks in {answers.seconds:.0f} s; meanwhile {fired:,} of {overdue:,} deadlines fired; "
        f"{posted:,} calls to Slack"
    )
    if fired < 100:
        note += "; the sweep was over too early for this figure to mean much"
    yield Figure(goal="4", what="p99 at 16 in flight beside a sweep", unit="ms", runs=[answers.ms(0.99)],
                 target=Limit(floor=250, ambition=100, less=True, unit="ms"), note=note)  # fmt: skip
    yield Figure(goal="4", what="the slowest of them", unit="ms", runs=[answers.ms(1.0)],
                 target=Limit(floor=1000, ambition=1000, less=True, unit="ms"))  # fmt: skip


def _fired(bot: Target) -> int:
    return bot.asked("SELECT count(*) FROM events WHERE kind = 'StepFired'")


# --- 5 and 6 -------------------------------------------------------------------------------------------------------


def flushed(bench: Bench) -> Iterator[Figure]:
    """Clicks on a disk whose flush takes 5 ms; flushes counted on the disk as it is."""
    with bench.place("flushes") as folder, InstantSlack() as slack:
        library = flushes.build(folder)
        if library is None:
            yield not_measured("5, 6", "flushes", flushes.MISSING)
            return
        count, runs = bench.scaled(1_500, 400), bench.runs
        with waiting_cases(folder, 2 * WARM_UP + runs * (2 * count + count // 5)) as (data, buttons):
            mine = WARM_UP + runs * count
            if bench.wants(5):
                bench.say("goal 5: every flush takes 5 ms")
                slow = library.environment(FLUSH_US)
                with the_bot(data, slack.url, buttons[:mine], environment=slow) as bot:
                    yield _slow_disk([bot.click(count, 16) for _ in range(runs)])
            if bench.wants(6):
                bench.say("goal 6: counting flushes")
                with the_bot(data, slack.url, buttons[mine:], environment=library.environment()) as bot:
                    yield from _counted(bot, library, count, runs)


def _slow_disk(found: Sequence[Answers]) -> Figure:
    rate = statistics.median(a.per_second for a in found)
    return Figure(
        goal="5", what="p99 at 16 in flight, every flush 5 ms", unit="ms", runs=[a.ms(0.99) for a in found],
        target=Limit(floor=100, ambition=40, less=True, unit="ms"), note=f"{rate:,.0f} clicks per second",
    )  # fmt: skip


def _counted(bot: Target, library: flushes.Flushes, count: int, runs: int) -> Iterator[Figure]:
    for level, clicks, limit in ((1, count // 5, 1.02), (16, count, 0.3)):
        found = []
        for _ in range(runs):
            before = library.count
            bot.click(clicks, level)
            found.append((library.count - before) / clicks)
        yield Figure(
            goal="6", what=f"flushes per click, {level} in flight", unit="", runs=found,
            target=Limit(floor=1.05, ambition=limit, less=True), note="the courier's and the tick's are among them",
        )  # fmt: skip


# --- 7 -------------------------------------------------------------------------------------------------------------


def listeners(bench: Bench) -> Iterator[Figure]:
    """Dispatch within the process, nothing done: all our listeners against one."""
    count = bench.scaled(2_000, 400)
    bench.say("goal 7: dispatch")
    for what in ("click", "message"):
        one, every = dispatch_cost(what, count, bench.runs)
        yield Figure(
            goal="7", what=f"dispatch of a {what}, every listener registered", unit="µs", runs=every,
            reference=statistics.median(one), against="one listener", target=Limit(floor=1.5, ambition=1.2, less=True),
        )  # fmt: skip
