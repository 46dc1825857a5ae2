"""Restricted cases (GA-05): who alone may know of one, and that nothing about it is told to anybody else."""

from __future__ import annotations

from msgspec.structs import replace

from complaints.case import Case
from complaints.draft import Draft
from complaints.facts import Facts
from complaints.notices import Notice
from complaints.refusals import UnknownCase
from complaints.seats import holders_of, people_of, people_of_seat
from complaints.world import World

COPY = "copy"
"""Copies go to whom the regulation names for them, in person, and to nobody else; they are not turned away."""


def keepers_of(case: Case, world: World) -> tuple[str, ...] | None:
    """
    Return the members to whom the policy restricts a case, or None when it is open to the company.

    What began out of a restricted case is as restricted: its sub-procedures, a duty that it sets off, the new complaint of
    a customer who refused its outcome. Each of them names it.
    """
    access = world.policy(case).policy.access
    facts = Facts(case, world) if access else None
    rules = [rule for rule in access if rule.when.evaluate(facts) is True] if facts is not None else []
    if facts is None or not rules:
        parent = world.load(case.parent) if case.parent is not None else None
        return keepers_of(parent, world.around(parent)) if parent is not None else None
    holders = [h for rule in rules for who in rule.to for h in holders_of(who, case, world, facts)]
    return tuple(dict.fromkeys(m for holder in holders for m in people_of(holder, world)))


def restricted_to(case: Case, world: World) -> frozenset[str] | None:
    """
    Return the members who alone may know of a restricted case: those whom the policy names, the reporter, and whose
    turn it is, or who stands in for them; None when it is open to the company.
    """
    keepers = keepers_of(case, world)
    if keepers is None:
        return None
    seats = [s.seat for visit in case.open_visits for s in visit.seats]
    seated = {m for seat in seats for m in people_of_seat(seat, world)}
    return frozenset({*keepers, *seated, case.reporter})


def may_know(case: Case, member: str, world: World) -> bool:
    """Say whether *member* may know that the case exists."""
    allowed = restricted_to(case, world)
    return allowed is None or member in allowed


def known_case(case_id: str, reader: str | None, world: World) -> Case | None:
    """Return another case of which *reader* (a member, a channel, or None for anybody) may know, or None: a case that is
    open to the company names no restricted one."""
    other = world.load(case_id)
    return other if other is not None and may_know(other, reader or "", world.around(other)) else None


def refuse_stranger(case: Case, actor: str, world: World) -> None:
    """Refuse who may not even know that a restricted case exists; the answer is that of a case that isn't there."""
    if actor.isupper() and not may_know(case, actor, world):  # the clock and other parts of the desk are no strangers
        raise UnknownCase(name=case.id)  # never the number, which who guessed an id does not know


def is_top(actor: str, case: Case, world: World) -> bool:
    """Say whether lateness of the case climbs to *actor*: the general manager, of a restricted case those who keep it."""
    keepers = keepers_of(case, world)
    if keepers is not None and not any(
        m in keepers for m in world.people.holders(world.people.general_manager, world.now)
    ):
        return actor in keepers
    return world.people.is_general_manager(actor, world.now)


def keep_inside(draft: Draft) -> None:
    """Address every notice of a restricted case to people who may know of it: what was for others, and for channels,
    goes to those who keep it."""
    allowed = restricted_to(draft.case, draft.world)
    if allowed is None:
        return
    keepers = keepers_of(draft.case, draft.world) or (draft.case.reporter,)
    kept: dict[tuple[object, ...], Notice] = {}
    for notice in draft.notices:
        for to in (notice.to,) if notice.to in allowed or notice.kind == COPY else keepers:
            moved = notice if to == notice.to else _to(notice, to)
            kept.setdefault((moved.kind, moved.to, moved.visit, moved.deadline, moved.thread, _about(moved)), moved)
    draft.notices[:] = kept.values()


def _about(notice: Notice) -> str:
    """Return what tells two notices of a kind apart: the step, copy, rule or question that they are about."""
    return ",".join(str(notice.facts.get(key)) for key in ("step", "copy", "rule", "question"))


def _to(notice: Notice, to: str) -> Notice:
    merge = notice.merge.replace(f":{notice.to}", f":{to}", 1) if notice.merge else None
    return replace(notice, id=f"{notice.id}.{to}", to=to, merge=merge)


def move_inside(draft: Draft) -> None:
    """A case that was open and is restricted now begins anew with those who keep it: its thread, and the cards whose
    turn it is. What was posted before says no more than that named people have it (`handlers.render`)."""
    keepers = keepers_of(draft.case, draft.world)
    draft.tell("home", keepers[0] if keepers else None, live=True)
    for visit in draft.case.open_visits:
        for seat in [s.seat for s in visit.seats if s.answer is None]:
            for to in people_of_seat(seat, draft.world):
                draft.tell("approval", to, visit=visit.id, live=True)
