"""A desk for any shipped policy: two people and a head for every role that the policy names, so that a walk needs no company of its own."""

from __future__ import annotations

from typing import Any

from complaints.people import DeskPlan, RoleHolders
from complaints.policy import LoadedPolicy
from tests.support.company import OFFICER, a_calendar
from tests.support.desks import TestDesk, bundle

COUNTRY = "CN"


def person(role: str, number: int = 1) -> str:
    """Return the member id of a role's first or second holder: `UQUALITY1`."""
    return f"U{role.upper().replace('_', '')}{number}"


def head(role: str) -> str:
    """Return the member id of the head of the department behind a role."""
    return f"U{role.upper().replace('_', '')}HEAD"


def plan_of(loaded: LoadedPolicy, **changes: Any) -> DeskPlan:
    """Return a desk in which every role of the policy and its annexes has two members, a head and a channel."""
    names = dict.fromkeys(role for policy in loaded for role in (*policy.roles, policy.policy.top))
    roles = {
        role: RoleHolders(
            id=role,
            labels={"en": role, "zh-Hans": role, "zh-Hant": role},
            channel=f"C{role.upper().replace('_', '')}",
            members=(person(role, 1), person(role, 2)),
            head=head(role),
        )
        for role in names
    }
    parts: dict[str, Any] = {
        "name": "Test desk",
        "language": "zh-Hans",
        "timezone": "Asia/Shanghai",
        "officer": OFFICER,
        "fallback_channel": "CFALLBACK",
        "policies": tuple(policy.id for policy in loaded),
        "roles": roles,
    }
    return DeskPlan(**{**parts, **changes})


class PolicyDesk(TestDesk):
    """
    A desk that runs one shipped policy: `PolicyDesk("hospital")`, Monday 2 November 2026, 09:30, China's calendar.

    It acts by the short calls of `TestDesk`; *plan* parts are given by name (`absences=`, `values=` …).
    """

    __test__ = False

    def __init__(self, policy: str, now: str = "2026-11-02 09:30", country: str = COUNTRY, **plan: Any) -> None:
        super().__init__(policy=policy, now=now, plan=plan_of(bundle(policy), **plan), calendar=a_calendar(country))

    def pass_as(self, role: str, stage: str, decision: str = "approve", case_id: str = "case1", **more: Any) -> Any:
        """Let the first holder of *role* decide the open visit of *stage*."""
        return self.decide(person(role), stage, decision, case_id, **more)
