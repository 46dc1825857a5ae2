"""Goal 21: what a click costs at the desk, among few and among many cases, on a short and on a long one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence

from tests.bench.cloning import clone
from tests.bench.figures import Figure, Target
from tests.bench.heaps import heap_ahead
from tests.bench.made_up import START, MadeUp, new_made_up, waiting_visit
from tests.bench.setup import Bench

FEW = 1_000
LONG_EVENTS = 500
MICROSECONDS = 1e6


def run(bench: Bench) -> Iterator[Figure]:
    yield from many_cases(bench)
    yield from long_case(bench)


def clicks(made: MadeUp, ids: Sequence[str], visit: int) -> list[float]:
    """Decide on each of *ids* with one click, one after the other; return the µs of each, its commit included."""
    times = []
    for case_id in ids:
        began = time.perf_counter()
        made.do(made.decision(case_id, visit))
        times.append((time.perf_counter() - began) * MICROSECONDS)
    return times


def urges(made: MadeUp, ids: Sequence[str], visit: int) -> list[float]:
    """Urge each of *ids*, a click that records a single event; µs of each, its commit included."""
    times = []
    for case_id in ids:
        began = time.perf_counter()
        made.do(made.urging(case_id, visit))
        times.append((time.perf_counter() - began) * MICROSECONDS)
    return times


def many_cases(bench: Bench) -> Iterator[Figure]:
    """The clicked cases are spread over the whole heap, and none of them is in memory."""
    count = bench.scaled(600, 200)
    found: dict[int, list[float]] = {}
    for size in (FEW, max(FEW, bench.cases)):
        bench.say(f"goal 21: building {size:,} cases with their logs")
        with bench.place(f"scale-{size}") as folder:
            made = new_made_up(folder)
            ids = heap_ahead(made, size, whole=True)
            case = made.store.reader.case(ids[0])
            assert case is not None
            made.at(START)
            step = max(1, size // count)
            bench.say(f"goal 21: clicking among {size:,}")
            found[size] = clicks(made, ids[::step][:count], waiting_visit(case))
            made.store.close()
    many = max(FEW, bench.cases)
    yield Figure(
        goal="21", what=f"one-click decision among {many:,} cases", unit="µs", runs=found[many],
        reference=statistics.median(found[FEW]), against=f"among {FEW:,}",
        target=Target(floor=1.5, ambition=1.2, less=True),
    )  # fmt: skip


def long_case(bench: Bench) -> Iterator[Figure]:
    """Two heaps of one case each: as it was logged, and after hundreds of notes; read cold, then warm."""
    count = bench.scaled(400, 100)
    with bench.place("long") as folder:
        made = new_made_up(folder)
        short_case, long_one = made.open("template-short"), made.open("template-long")
        made.all(made.note("template-long", f"note {n}") for n in range(LONG_EVENTS - long_one.seq))
        visit = waiting_visit(short_case)
        events = made.store.reader.case("template-long")
        assert events is not None
        short: list[str] = made.sql(lambda core: clone(core, "template-short", "short", count))
        long: list[str] = made.sql(lambda core: clone(core, "template-long", "long", count))
        decided = [clicks(made, ids, visit) for ids in (short, long)]
        after = made.store.reader.case(short[0])
        assert after is not None
        urged = [urges(made, ids, waiting_visit(after)) for ids in (short, long)]
        made.store.close()
    for what, (few, many) in (("one-click decision", decided), ("urge", urged)):
        yield Figure(
            goal="21", what=f"{what} on a case of {events.seq} events", unit="µs", runs=many,
            reference=statistics.median(few), against=f"of {short_case.seq} events",
            target=Target(floor=2.0, ambition=1.5, less=True),
        )  # fmt: skip
