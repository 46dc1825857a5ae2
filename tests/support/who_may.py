"""Who may decide a stage, asked of everybody at the desk; and which fields a refused form misses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from complaints.authority import standing
from complaints.case import Case, Visit
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors, NotAuthorized, Recused
from complaints.restricted import keepers_of
from complaints.world import World
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person


def may_decide(desk: PolicyDesk, stage: str, case_id: str = "case1") -> set[str]:
    """Return who may decide the open visit now: roles, `head of ROLE`, `reporter`; whoever is not in it is refused."""
    case, visit = desk.case(case_id), desk.open_visit(stage, case_id)
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    people = {role: person(role, 2) for role in desk.plan.roles}
    people |= {f"head of {role}": head(role) for role in desk.plan.roles}
    people |= {"reporter": case.reporter, "somebody else": "UNOBODY"}
    return {words for words, member in people.items() if _may(case, visit, member, world)}


def _may(case: Case, visit: Visit, member: str, world: World) -> bool:
    try:
        standing(case, visit, member, world)
    except (NotAuthorized, Recused):
        return False
    return True


def named(words: str) -> set[str]:
    """Return the people of a row of a table, written `reception, head of quality`."""
    return {word.strip() for word in words.split(",") if word.strip()}


def decisions(desk: PolicyDesk, stage: str) -> str:
    """Return what may be decided at a stage, in the order of its buttons."""
    return " ".join(decisions_of(desk.bundle("").policy.stages[stage]))


def decisions_by_stage(policy: str) -> dict[str, str]:
    """Return what may be decided at each stage of a shipped policy, in the order of its buttons."""
    return {name: " ".join(decisions_of(stage)) for name, stage in bundle(policy).policy.stages.items()}


def refused_fields(act: Callable[[], Any]) -> set[str]:
    """Return the fields for which *act* is refused; an act that is taken fails the test."""
    with pytest.raises(FieldErrors) as refused:
        act()
    return set(refused.value.errors)


def slips(desk: PolicyDesk, kind: str = "reminder_slip") -> set[str]:
    """Return who got a message of the ladder, in person or as a copy."""
    found = desk.told(kind)
    return {n.to for n in found} | {member for n in found for member in n.facts.get("copy", ())}


def keepers(desk: PolicyDesk, case_id: str = "case1") -> set[str]:
    """Return the roles that a restricted case is open to by its policy."""
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    kept = keepers_of(desk.case(case_id), world) or ()
    return {role for role in desk.plan.roles if person(role, 2) in kept}
