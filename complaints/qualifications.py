"""Qualifications that end: who is to be told, and when (GA-04)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints.people import DeskPlan
from complaints.policy import Policy

SOON = timedelta(days=30)
"""How long before its end a qualification is spoken of for the first time (our default)."""
WARNINGS = (SOON, timedelta(days=7), timedelta(0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """
    A qualification that *member* needs for *role* ends, or ended, at *until* (aware, exclusive). *warning*: how long before
    the end this is said.
    """

    policy: str
    member: str
    role: str
    qualification: str
    until: datetime
    warning: timedelta

    @property
    def id(self) -> str:
        """The name of the notice: one for each warning of each end."""
        return f"qualification:{self.qualification}:{self.member}:{self.until:%Y%m%d}:{self.warning.days}"


def endings(policy: Policy, plan: DeskPlan, now: datetime) -> Iterator[Ending]:
    """Return what is to be said now: of each qualification that a role of *policy* needs and a member has, the latest
    warning that has come. One that ended long ago is not spoken of any more."""
    for name, role in policy.roles.items():
        known = plan.qualifications.get(role.needs or "", {})
        holders = [one for one in plan.roles.values() if name in (one.id, one.base)]
        for member in dict.fromkeys(m for one in holders for m in one.members):
            until = known.get(member)
            come = [w for w in WARNINGS if until is not None and until - w <= now < until + SOON]
            if role.needs is not None and until is not None and come:
                yield Ending(
                    policy=policy.id, member=member, role=name, qualification=role.needs, until=until, warning=min(come)
                )


def told(ending: Ending, plan: DeskPlan) -> tuple[str, ...]:
    """Return who hears of it: the member, the head of the role, and the desk officer, who keeps the list."""
    head = plan.head(ending.role)
    return tuple(dict.fromkeys(m for m in (ending.member, head, plan.officer) if m is not None))
