"""What a rehearsal assumes, the people who play in it, and what came of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import fmean

from complaints.people import DeskPlan, RoleHolders
from complaints.policy import LoadedPolicy

LONGEST_START = 20
MEMBERS = 4  # two who test anew, and neither of those who tested before


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """
    What is assumed. *per_day*: complaints that arrive on a working day; *hours*: working hours that a person takes for
    a card, the median of a log-normal with *spread*; *straight*: the share of decisions that lead straight on.
    """

    cases: int = 100
    per_day: float = 5.0
    hours: float = 3.0
    spread: float = 0.8
    straight: float = 0.85
    seed: int = 1


@dataclass
class StageFigures:
    """What happened at a stage: visits done, those late, and the working hours from its opening to its end."""

    done: int = 0
    late: int = 0
    hours: list[float] = field(default_factory=list)


@dataclass
class Rehearsal:
    """What came of it. *stuck*: cases that nobody could move any more, and why; *late_promises* of *promises* kept or not."""

    policy: str
    label: str
    assumptions: Assumptions
    opened: int = 0
    closed: int = 0
    finished: int = 0
    promises: int = 0
    late_promises: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    notices: Counter[str] = field(default_factory=Counter)
    stages: dict[str, StageFigures] = field(default_factory=lambda: defaultdict(StageFigures))
    cards: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    days: float = 0.0
    stuck: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def on_time(self) -> float | None:
        """Return the share of promises that were kept, or None when the policy makes none."""
        return 1 - self.late_promises / self.promises if self.promises else None

    def bottlenecks(self, most: int = 3) -> list[tuple[str, float]]:
        """Return the stages that hold cases up longest: stage, mean working hours."""
        waits = [(stage, fmean(f.hours)) for stage, f in self.stages.items() if f.hours]
        return sorted(waits, key=lambda pair: -pair[1])[:most]


def _starts(roles: Iterable[str]) -> dict[str, str]:
    """Return for each role what the ids of its people begin with: ids as Slack writes them, or no form could name them."""
    found: dict[str, str] = {}
    for number, role in enumerate(roles):
        letters = f"U{role.upper().replace('_', '')[:LONGEST_START]}"
        found[role] = letters if letters not in found.values() else f"{letters}{number}X"
    return found


def rehearsal_plan(loaded: LoadedPolicy, timezone: str) -> DeskPlan:
    """Return a desk in which four people hold each role, with a head of their own who signs."""
    names = dict.fromkeys(role for policy in loaded for role in (*policy.roles, policy.policy.top))
    roles = {
        role: RoleHolders(
            id=role,
            labels={"en": role},
            channel=f"C{role}".upper(),
            members=tuple(f"{start}{number}" for number in range(1, MEMBERS + 1)),
            head=f"{start}HEAD",
        )
        for role, start in _starts(names).items()
    }
    return DeskPlan(
        name="rehearsal",
        language="en",
        timezone=timezone,
        officer="UOFFICER",
        fallback_channel="C0",
        policies=tuple(policy.id for policy in loaded),
        roles=roles,
        general_manager=loaded.policy.policy.top,
    )
