"""A row: what was tried, what came of it, and how far that is from the floor and the ambition of its goal."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HEADS = ("goal", "what", "tried", "measured", "floor", "ambition", "reached", "seconds")


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many tries the floor and the ambition want. Fewer than the floor prove neither, however well they go."""

    floor: int
    ambition: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """*tried*: so many of *unit*. *is_good* and *is_best*: what was measured would do for the floor, for the ambition."""

    goal: int
    what: str
    tried: int
    unit: str
    size: Size
    measured: Mapping[str, float]
    floor: str
    ambition: str
    is_good: bool
    is_best: bool
    seconds: float
    seed: int
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reached(self) -> str:
        if not self.is_good:
            return "below"
        if self.is_best and self.tried >= self.size.ambition:
            return "ambition"
        return "floor" if self.tried >= self.size.floor else "nothing wrong, too few"

    def as_json(self) -> dict[str, Any]:
        return {
            "goal": self.goal, "what": self.what, "tried": self.tried, "unit": self.unit, "measured": dict(self.measured),
            "floor": self.floor, "ambition": self.ambition, "reached": self.reached, "seconds": round(self.seconds, 1),
            "seed": self.seed, "more": dict(self.more),
        }  # fmt: skip

    def cells(self) -> tuple[str, ...]:
        measured = ", ".join(f"{name} {value:g}" for name, value in self.measured.items())
        return (
            str(self.goal), self.what, f"{self.tried:,} {self.unit}", measured, self.floor, self.ambition, self.reached,
            f"{self.seconds:.0f}",
        )  # fmt: skip


@dataclass(kw_only=True)
class Asked:
    """What a goal is tried with. *share*: of the ambition's size. *tell* hears of progress."""

    folder: Path
    seed: int
    share: float = 1.0
    tell: Callable[[str], None] = lambda line: None

    def tries(self, size: Size) -> int:
        return max(1, round(self.share * size.ambition))

    @property
    def dice(self) -> random.Random:
        return random.Random(self.seed)

    def place(self, name: str) -> Path:
        """Return an empty folder."""
        found = self.folder / name
        found.mkdir(parents=True)
        return found


@contextmanager
def stopwatch() -> Iterator[Callable[[], float]]:
    began = time.monotonic()
    yield lambda: time.monotonic() - began


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a table in Markdown."""
    lines = [HEADS, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADS))]
    told = ["| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines]
    told.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return "\n".join(told)
