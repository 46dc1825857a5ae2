"""What an audit finds, and the lines of a log as it reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Findings:
    """What is wrong, by kind; each with enough to look it up."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    refused_but_done: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    hurried: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    notices_lost: list[str] = field(default_factory=list)
    notices_twice: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    wrong_limits: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, int]:
        """Return the counts under the names that the last line carries."""
        return {
            "acknowledged": self.acknowledged,
            "lost": len(self.lost),
            "applied twice": len(self.twice),
            "refused but applied": len(self.refused_but_done),
            "faults": len(self.faults),
            "hurried": len(self.hurried),
            "strangers told": len(self.strangers),
            "notices lost": len(self.notices_lost),
            "notices twice": len(self.notices_twice),
            "stale cards": len(self.stale),
            "deadlines missed": len(self.missed),
            "wrong limits": len(self.wrong_limits),
            "deadlines doubled": len(self.doubled),
            "broken chains": len(self.broken),
        }

    def lines(self) -> Iterator[str]:
        for name, found in vars(self).items():
            if isinstance(found, list):
                yield from (f"{name}: {each}" for each in found)


@dataclass(frozen=True, kw_only=True)
class Event:
    """A line of a log as it stands in the table."""

    log: str
    seq: int
    at: str
    actor: str
    kind: str
    body: dict[str, Any]
    words: frozenset[str]
