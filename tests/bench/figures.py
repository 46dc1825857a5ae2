"""Figures: what was measured, against what, and how far it is from the floor and the ambition of its goal."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

MANY_RUNS = 20


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where it starts to be good and where it is meant to get. *less*: smaller is better."""

    floor: float
    ambition: float
    less: bool = False
    unit: str = ""

    def reached(self, value: float) -> str:
        """Return `ambition`, `floor` or `below`."""
        for name in ("ambition", "floor"):
            limit: float = getattr(self, name)
            if value <= limit if self.less else value >= limit:
                return name
        return "below"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """
    A line of the table.

    *runs*: the single measurements; the median counts. *reference*: what was measured in the same run to compare with,
    *against* names it. *target* judges the ratio if there is a reference and *absolute* is off, else the median.
    *load*: of the machine, over the last minute.
    """

    goal: str
    what: str
    unit: str
    runs: Sequence[float] = ()
    reference: float | None = None
    against: str = ""
    target: Target | None = None
    absolute: bool = False
    note: str = ""
    load: float | None = None

    @property
    def value(self) -> float | None:
        return statistics.median(self.runs) if self.runs else None

    @property
    def spread(self) -> tuple[float, float] | None:
        """Return the least and the most; of many runs the 5th and the 95th percentile."""
        if len(self.runs) < 2:
            return None
        if len(self.runs) < MANY_RUNS:
            return min(self.runs), max(self.runs)
        return percentile(self.runs, 0.05), percentile(self.runs, 0.95)

    @property
    def ratio(self) -> float | None:
        if self.value is None or not self.reference:
            return None
        return self.value / self.reference

    @property
    def reached(self) -> str:
        judged = self.value if self.absolute or self.reference is None else self.ratio
        return "" if judged is None or self.target is None else self.target.reached(judged)

    def as_json(self) -> dict[str, Any]:
        target = asdict(self.target) if self.target else None
        return {
            "goal": self.goal, "what": self.what, "unit": self.unit, "runs": [round(r, 6) for r in self.runs], "median": self.value,
            "spread": self.spread, "reference": self.reference, "against": self.against, "ratio": self.ratio, "target": target, "reached": self.reached,
            "note": self.note, "load": self.load,
        }  # fmt: skip


def not_measured(goal: str, what: str, why: str) -> Figure:
    return Figure(goal=goal, what=what, unit="", note=why)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of *values* that *share* (0 to 1) of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
