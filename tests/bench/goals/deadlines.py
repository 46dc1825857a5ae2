"""Goals 8 to 12 and 22: the deadline engine, bare (claim and outbox) and whole (with the procedure's decision)."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from storage.tables import deadlines
from tests.bench import children
from tests.bench.anchor_scheduler import firing_rate
from tests.bench.figures import Figure, Target, not_measured
from tests.bench.heaps import DUE, heap_ahead, heap_due
from tests.bench.made_up import START, MadeUp, new_made_up
from tests.bench.setup import Bench
from tests.bench.sweeping import BATCH, DUE_AT, LATER, bare_batches, whole_batches

SMALL = 10_000
MICROSECONDS = 1e6
KINDS = ("SQLite", "PostgreSQL")


def run(bench: Bench) -> Iterator[Figure]:
    for kind in KINDS:
        if kind == "PostgreSQL" and bench.postgres() is None:
            yield not_measured("8-12, 22", kind, bench.no_postgres)
            return
        if bench.wants(8, 9):
            yield from sizes(bench, kind)
        if bench.wants(10) and kind == "SQLite":
            yield from overdue_at_start(bench)
        if bench.wants(11) and kind == "PostgreSQL":
            yield from competing_claims(bench)
        if bench.wants(12):
            yield from with_a_snapshot_held(bench, kind)
        if bench.wants(22):
            yield whole_path(bench, kind)


@contextmanager
def desk(bench: Bench, kind: str, name: str, *, writers: int = 4) -> Iterator[MadeUp]:
    """Lend an empty desk on a database of that kind."""
    with bench.place(name) as folder:
        made = new_made_up(folder, url_of(bench, kind, folder), writers=writers)
        try:
            yield made
        finally:
            made.store.close()


def url_of(bench: Bench, kind: str, folder: Path) -> str:
    cluster = bench.postgres() if kind == "PostgreSQL" else None
    return cluster.new_database() if cluster else f"sqlite:///{folder / 'redress.sqlite3'}"


def _each(batches: Sequence[float]) -> list[float]:
    return [seconds / BATCH * MICROSECONDS for seconds in batches]


# --- 8 and 9 -----------------------------------------------------------------------------------------------------


def sizes(bench: Bench, kind: str) -> Iterator[Figure]:
    """Cost of a deadline among few and among many that are open; rate against APScheduler's."""
    due = bench.scaled(4_000, 1_000)
    bare, whole = {}, {}
    for open_ in (SMALL, max(bench.cases, SMALL)):
        bench.say(f"goals 8, 9: {kind}, {open_:,} open")
        with desk(bench, kind, f"sizes-{open_}") as made:
            heap_ahead(made, open_)
            heap_due(made, due)
            whole[open_] = _each(whole_batches(made, DUE_AT, due // 2))
            bare[open_] = _each(bare_batches(made.store.record, DUE_AT, LATER, due // 2))
    few, many = SMALL, max(bench.cases, SMALL)
    target = Target(floor=2.0, ambition=1.5, less=True)
    for what, found in (("claim + outbox", bare), ("whole path", whole)):
        yield Figure(goal="8", what=f"{what} of a deadline, {many:,} open, {kind}", unit="µs", runs=found[many], target=target,
                     reference=statistics.median(found[few]), against=f"{few:,} open")  # fmt: skip
    yield from _against_scheduler(bench, kind, many, bare[many], whole[many])


def _against_scheduler(
    bench: Bench, kind: str, many: int, bare: Sequence[float], whole: Sequence[float]
) -> Iterator[Figure]:
    if not bench.wants(9):
        return
    jobs = min(many, 100_000)
    bench.say(f"goal 9: APScheduler's job store with {jobs:,} jobs")
    with bench.place("scheduler") as folder:
        anchor = statistics.median(firing_rate(folder, jobs, bench.runs))
    for what, found in (("claim + outbox", bare), ("whole path", whole)):
        yield Figure(
            goal="9", what=f"{what}, {kind}, {many:,} open", unit="/s", runs=[MICROSECONDS / x for x in found],
            reference=anchor, against="APScheduler", target=Target(floor=10, ambition=20),
        )  # fmt: skip


# --- 10 ------------------------------------------------------------------------------------------------------------


def overdue_at_start(bench: Bench) -> Iterator[Figure]:
    """A process starts and finds everything overdue; another starts and finds nothing."""
    count = bench.scaled(100_000, 5_000)
    empty = _sweep_alone(bench, 0)
    bench.say(f"goal 10: {count:,} overdue at start")
    full = _sweep_alone(bench, count)
    seconds = (full["ended"] - full["began"]) * 100_000 / count
    scaled = "" if count == 100_000 else f"measured with {count:,} and multiplied; "
    yield Figure(
        goal="10", what="100,000 overdue at start: all decided and in the outbox", unit="s", runs=[seconds],
        target=Target(floor=15, ambition=5, less=True, unit="s"),
        note=f"{scaled}{full['fired']:,} fired, {full['failed']} failed; with the procedure's decision, one process",
    )  # fmt: skip
    yield Figure(
        goal="10", what="the same without the procedure (claim + outbox)", unit="s", runs=[_claim_alone(bench, count)],
        target=Target(floor=15, ambition=5, less=True, unit="s"),
    )  # fmt: skip
    yield Figure(
        goal="10", what="memory more than with 0 open", unit="MiB", runs=[full["after"] - empty["after"]],
        target=Target(floor=20, ambition=5, less=True, unit="MiB"), absolute=True,
        note=f"{empty['after']:.0f} MiB after a sweep over nothing, {full['after']:.0f} after all",
    )  # fmt: skip


def _sweep_alone(bench: Bench, count: int) -> dict[str, Any]:
    with bench.place(f"overdue-{count}") as folder:
        made = new_made_up(folder)
        if count:
            heap_due(made, count)
        made.store.close()
        return children.go_together([children.start("sweep", folder, "")])[0]


def _claim_alone(bench: Bench, count: int) -> float:
    with bench.place(f"claims-{count}") as folder:
        made = new_made_up(folder)
        heap_due(made, count)
        made.store.close()
        found = children.go_together([children.start("claim", folder, "")])[0]
    return float(found["ended"] - found["began"]) * 100_000 / count


# --- 11 ------------------------------------------------------------------------------------------------------------

_AGAIN = f"UPDATE deadlines SET next_at = :at WHERE case_id LIKE '{DUE}-%'"
_TWICE = "SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) n FROM notices WHERE case_id LIKE 'due-%' GROUP BY case_id) x WHERE n > 1"
_ONCE = "SELECT count(DISTINCT case_id) FROM notices WHERE case_id LIKE 'due-%'"


def competing_claims(bench: Bench) -> Iterator[Figure]:
    """Four processes claim the same heap; each deadline must leave exactly one notice."""
    due, runs = bench.scaled(40_000, 4_000), bench.scaled(10, 2)
    twice, missed, rates = 0, 0, []
    with desk(bench, "PostgreSQL", "competing") as made, bench.place("competing-files") as folder:
        heap_due(made, due)
        url = made.store.engines.write.url.render_as_string(hide_password=False)
        for number in range(runs):
            bench.say(f"goal 11: run {number + 1} of {runs}")
            made.sql(lambda core: core.execute(text(_AGAIN), {"at": START}))
            found = children.go_together([children.start("claim", folder, url) for _ in range(4)])
            seconds = max(f["ended"] for f in found) - min(f["began"] for f in found)
            rates.append(due / seconds)
            twice += int(made.sql(lambda core: core.execute(text(_TWICE)).scalar_one()))
            missed += due - int(made.sql(lambda core: core.execute(text(_ONCE)).scalar_one()))
            made.sql(lambda core: core.execute(text("TRUNCATE notices, outbox")))
    note = f"{runs} runs, {due:,} due, 4 processes, {statistics.median(rates):,.0f} claimed per second"
    none = Target(floor=0, ambition=0, less=True)
    yield Figure(goal="11", what="double claims, PostgreSQL", unit="", runs=[twice], target=none, note=note)
    yield Figure(goal="11", what="missed claims, PostgreSQL", unit="", runs=[missed], target=none)


# --- 12 ------------------------------------------------------------------------------------------------------------


def with_a_snapshot_held(bench: Bench, kind: str) -> Iterator[Figure]:
    """Somebody reads for a long time while 100,000 claims are made: do claims become slow?"""
    claims, heap = bench.scaled(100_000, 10_000), bench.scaled(10_000, 2_000)
    bench.say(f"goal 12: {kind}, {claims:,} claims beside a snapshot")
    with desk(bench, kind, "snapshot") as made:
        heap_ahead(made, bench.scaled(100_000, 10_000))
        heap_due(made, heap)
        with _snapshot(made):
            times: list[float] = []
            now = DUE_AT
            for _ in range(claims // heap):
                later = now + (LATER - DUE_AT) / 1000
                times += bare_batches(made.store.record, now, later, heap)
                now = later
    first, last = times[: len(times) // 20], times[-len(times) // 20 :]
    yield Figure(
        goal="12", what=f"claim + outbox after {claims:,} claims, snapshot held, {kind}", unit="µs", runs=_each(last),
        reference=statistics.median(_each(first)), against="the first ones",
        target=Target(floor=3.0, ambition=1.5, less=True),
    )  # fmt: skip


@contextmanager
def _snapshot(made: MadeUp) -> Iterator[None]:
    with made.store.engines.read.connect() as core:
        core.exec_driver_sql(
            "BEGIN" if made.store.engines.is_sqlite else "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ"
        )
        core.exec_driver_sql(f"SELECT count(*) FROM {deadlines.name}").fetchall()
        yield
        core.exec_driver_sql("ROLLBACK")


# --- 22 ------------------------------------------------------------------------------------------------------------


def whole_path(bench: Bench, kind: str) -> Figure:
    """Claim, decide, events, next deadline, outbox: one sweeper on SQLite, four processes on PostgreSQL."""
    workers = 1 if kind == "SQLite" else 4
    rates = []
    for number in range(bench.runs):
        bench.say(f"goal 22: {kind}, run {number + 1}")
        rates.append(_one_sweep(bench, kind, workers, bench.scaled(8_000, 2_000)))
    target = Target(floor=1000, ambition=2000) if kind == "SQLite" else Target(floor=1500, ambition=3000)
    return Figure(
        goal="22", what=f"whole path of a deadline, {kind}, {workers} worker{'s' * (workers > 1)}", unit="/s",
        runs=rates, target=target,
    )  # fmt: skip


def _one_sweep(bench: Bench, kind: str, workers: int, due: int) -> float:
    with bench.place(f"whole-{time.monotonic_ns()}") as folder:
        url = url_of(bench, kind, folder)
        made = new_made_up(folder, url)
        heap_due(made, due)
        made.store.close()
        found = children.go_together([children.start("sweep", folder, url) for _ in range(workers)])
    fired = sum(f["fired"] for f in found)
    return float(fired / (max(f["ended"] for f in found) - min(f["began"] for f in found)))
