"""Goal 19: the database cut back to its last flush, again and again."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.goals.rows import Asked, Row, Size, stopwatch
from tests.chaos.power import lose_power

SIZE = Size(floor=100, ambition=1_000)


def run(asked: Asked) -> Iterator[Row]:
    with stopwatch() as seconds:
        found = lose_power(asked.place("power"), asked.tries(SIZE), asked.seed, tell=asked.tell)
    for line in (*found.lost, *found.broken):
        asked.tell(line)
    is_good = not found.lost and not found.broken
    yield Row(
        goal=19, what="power loss, SQLite", tried=found.losses, unit="losses", size=SIZE,
        measured={"acknowledged lost": len(found.lost), "databases not whole": len(found.broken)},
        floor="0, N=100", ambition="0, N=1,000", is_good=is_good, is_best=is_good, seconds=seconds(), seed=asked.seed,
        more={"acknowledged": found.acknowledged},
    )  # fmt: skip
