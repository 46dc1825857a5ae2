"""Where a notice goes: the channel of a role or its people, the heads and superiors of those who owe an answer."""

from __future__ import annotations

from collections.abc import Iterable

from complaints import events as e
from complaints.authority import registry_of
from complaints.case import Case, Deadline, SeatState, Visit
from complaints.draft import Draft
from complaints.policy_parts import Who, parse_who
from complaints.restricted import keepers_of, restricted_to
from complaints.seats import (
    Holder,
    department_of,
    holder_of,
    holders_of,
    people_of,
    people_of_seat,
    stand_ins_of,
    waiting_seats,
)
from complaints.stages import stage_def
from complaints.world import World


def destinations(draft: Draft, seat: e.Seat) -> tuple[str, ...]:
    """Return where a seat's card goes: the role's channel, or the people themselves where there is none, or where
    the case is restricted (restricted cases never go to a channel, DESIGN §8); and to who stands in now."""
    return tuple(dict.fromkeys((*addresses_of_holder(draft, holder_of(seat)), *stand_ins_of(seat, draft.world))))


def addresses_of(draft: Draft, visit: Visit) -> tuple[str, ...]:
    """Return where the card of a visit goes now: to whose turn it is or was; who comes later gets it then."""
    turn = waiting_seats(visit, stage_def(draft.policy, visit.stage).seats)
    return addresses_of_seats(draft, [s for s in visit.seats if s.answer is not None or s in turn])


def addresses_of_seats(draft: Draft, seats: Iterable[SeatState]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(d for s in seats for d in destinations(draft, s.seat)))


def is_others_turn(to: str, case: Case, visit: Visit, world: World) -> bool:
    """Say whether a visit waits for others than those to whom its card went at *to*: these have answered, or wait for
    a signer put before them, or for an answer that was taken back."""
    if not visit.is_open or len(visit.seats) < 2:
        return False
    draft = Draft(world=world, actor="", case=case)
    turn = waiting_seats(visit, draft.stage(visit).seats)
    theirs = [s for s in visit.seats if to in destinations(draft, s.seat)]
    return bool(theirs) and not any(s in turn for s in theirs)


def addresses_of_holder(draft: Draft, holder: Holder) -> tuple[str, ...]:
    role, member, head = holder
    if member is not None or head or is_restricted(draft):
        return people_of(holder, draft.world)
    channel = draft.world.people.channel(role or "")
    return (channel,) if channel else people_of(holder, draft.world)


def is_restricted(draft: Draft) -> bool:
    return restricted_to(draft.case, draft.world) is not None


def registry_channel(draft: Draft) -> str | None:
    """Return the channel of the case's home thread: the registry role's, or the desk's fallback."""
    registry = registry_of(draft.case, draft.world)
    return (draft.world.people.channel(registry) if registry else None) or draft.world.people.fallback_channel


def home_of(draft: Draft) -> str | None:
    if not is_restricted(draft):
        return registry_channel(draft)
    keepers = keepers_of(draft.case, draft.world)
    return keepers[0] if keepers else draft.case.reporter


def owners(draft: Draft, visit: Visit) -> tuple[str, ...]:
    """Return the people who owe the answer of a visit now."""
    turn = waiting_seats(visit, stage_def(draft.policy, visit.stage).seats)
    found = [m for s in turn for m in people_of_seat(s.seat, draft.world)]
    return tuple(dict.fromkeys(found))


def open_owners(draft: Draft, deadline: Deadline) -> list[Visit]:
    """Return the visits that a clock is about: its own; with a clock of the case those that hold it, else all open."""
    if deadline.visit is not None:
        return [draft.case.visits[deadline.visit]]
    holding = [v for v in draft.case.open_visits if not draft.case.branches[v.branch].follow_up]
    return holding or draft.case.open_visits


def debtors(draft: Draft, deadline: Deadline) -> list[Holder]:
    """Return who owes a clock of the case by the policy (`owed_by`); empty where it is whoever has the case now."""
    clock = draft.policy.clocks.get(deadline.clock) if deadline.visit is None else None
    if clock is None or clock.owed_by is None or clock.owed_by.kind == "owner":
        return []
    return holders_of(clock.owed_by, draft.case, draft.world, draft.facts)


def people_to_tell(draft: Draft, deadline: Deadline, step: e.Step) -> tuple[str, ...]:
    """
    Return the members whom a step tells, each once.

    An escalation that would reach nobody, for the department has no head, is the general manager's: the end of every chain
    (D14).
    """
    found: list[str] = []
    for words in step.tell:
        found += _people(draft, deadline, parse_who(words))
    if not found and step.as_ == "escalation":
        found += draft.world.people.holders(draft.world.people.general_manager, draft.world.now)
    return tuple(dict.fromkeys(found))


def _people(draft: Draft, deadline: Deadline, who: Who) -> list[str]:
    visits, owed_by = open_owners(draft, deadline), debtors(draft, deadline)
    if who.kind == "owner":
        return [m for h in owed_by for m in people_of(h, draft.world)] or [m for v in visits for m in owners(draft, v)]
    if who.kind == "head_of" and isinstance(who.arg, Who) and who.arg.kind == "owner":
        chiefs = heads_of(draft, owed_by) if owed_by else [m for v in visits for m in heads(draft, v)]
        return [m for chief in chiefs for m in people_of((None, chief, False), draft.world)]
    if who.kind == "superior_of" and isinstance(who.arg, Who) and who.arg.kind == "owner":
        return [m for v in visits for m in superiors(draft, v)]
    holders = holders_of(who, draft.case, draft.world, draft.facts)
    return [m for h in holders for m in people_of(h, draft.world)]


def heads(draft: Draft, visit: Visit) -> list[str]:
    """Return the heads of the departments that sit at a visit; of a named person, the head of his department."""
    return heads_of(draft, [holder_of(s.seat) for s in visit.seats])


def heads_of(draft: Draft, holders: Iterable[Holder]) -> list[str]:
    """Return the heads of *holders*, each once: two of a department have one head."""
    roles = [role or department_of(member or "", draft.world) or "" for role, member, _ in holders]
    plans = [draft.world.people.roles.get(role) for role in roles]
    return list(dict.fromkeys(p.head for p in plans if p is not None and p.head))


def superiors(draft: Draft, visit: Visit) -> list[str]:
    """Return who stands above the departments whose turn it is at a visit (RT-29)."""
    people, now = draft.world.people, draft.world.now
    turn = waiting_seats(visit, stage_def(draft.policy, visit.stage).seats)
    roles = dict.fromkeys(people.superior(s.seat.role or "") for s in turn)
    return [m for role in roles for m in people.holders(role, now)]
