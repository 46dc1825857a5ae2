"""Goal 15: SIGKILL at random and chosen points under load, on both databases, with one bot and with two."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.campaign import run_kills
from tests.chaos.goals.rows import Asked, Row, Size

SIZE = Size(floor=100, ambition=1_000)
RUNS = (("sqlite", 1), ("postgresql", 1), ("postgresql", 2))
"""On a SQLite file a second bot is refused, so there is no run with two."""


def run(asked: Asked) -> Iterator[Row]:
    for db, bots in RUNS:
        folder = asked.place(f"killed-{db}-{bots}")
        result = run_kills(
            folder, seed=asked.seed, kills=asked.tries(SIZE), db=db, replicas=bots, tell=asked.tell,
            faults="replicas" if bots > 1 else "kill",
        )  # fmt: skip
        for line in result.findings.lines():
            asked.tell(line)
        figures = result.findings.figures()
        acknowledged = figures.pop("acknowledged")
        yield Row(
            goal=15, what=f"kill -9, {db}, {bots} bot{'s' * (bots > 1)}", tried=result.kills, unit="kills", size=SIZE,
            measured={
                "clicks lost": figures["lost"], "applied twice": figures["applied twice"],
                "cards missing": figures["notices lost"], "cards doubled": figures["notices twice"],
            },
            floor="0 of each, N=100", ambition="0 of each, N=1,000", is_good=result.is_clean, is_best=result.is_clean,
            seconds=result.seconds, seed=asked.seed, more={"acknowledged": acknowledged, **figures, "points": dict(result.points)},
        )  # fmt: skip
