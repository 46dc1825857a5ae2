"""A desk for a policy that a test writes itself, so that one rule can be shown on two or three stages."""

from __future__ import annotations

from typing import Any

from complaints.policy import LoadedPolicy
from complaints.policy_checks import check_policy
from complaints.policy_reading import examine_policy, read_policy
from tests.support.company import a_calendar
from tests.support.desks import TestDesk
from tests.support.policy_desk import COUNTRY, plan_of


def made(raw: dict[str, Any]) -> LoadedPolicy:
    """Return a policy of the test's own as a bundle."""
    policy = read_policy(raw)
    return LoadedPolicy(policy=policy, annexes={}, digest=f"made:{id(raw)}", label="1", texts={})


def findings(raw: dict[str, Any], *severities: str) -> str:
    """Return what the check says about *raw*: errors, or the severities named."""
    policy, wrong = examine_policy(raw)
    found = [*wrong, *(check_policy(policy) if policy is not None else [])]
    return "\n".join(str(f) for f in found if f.severity in (severities or ("error",)))


class MadeDesk(TestDesk):
    """A desk that runs *raw*: roles are held by `person(role)`, the clock stands at Monday 2 November 2026, 09:30."""

    __test__ = False

    def __init__(self, raw: dict[str, Any], now: str = "2026-11-02 09:30", **plan: Any) -> None:
        loaded = made(raw)
        super().__init__(
            policy=loaded.id, now=now, loaded=loaded, plan=plan_of(loaded, **plan), calendar=a_calendar(COUNTRY)
        )
