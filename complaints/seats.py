"""Who sits at a stage: people in the words of the regulation become seats; and whose turn it is among them."""

from __future__ import annotations

from collections.abc import Iterable

from complaints import events as e
from complaints.case import Case, SeatState, Visit
from complaints.facts import Facts
from complaints.people import is_member_id
from complaints.policy_model import StageDef
from complaints.policy_parts import Who
from complaints.world import World

Holder = tuple[str | None, str | None, bool]  # role, member, the head only


def holder_of(seat: e.Seat) -> Holder:
    """Return whom a seat stands for."""
    return seat.role, seat.member, seat.head


def holders_of(who: Who, case: Case, world: World, facts: Facts) -> list[Holder]:
    """
    Return who is meant by *who* in this case: roles (whose people are found at each act) and members.

    Empty when the case does not say yet (a field not filled).
    """
    match who.kind:
        case "role":
            return [(role, None, False) for role in roles_at(str(who.arg), case, world, facts)]
        case "reporter" | "first_contact" | "opener":
            return [(None, case.reporter, False)]
        case "owner":
            return [(None, case.owner or case.reporter, False)]
        case "actor_of":
            visit = case.last_visit(str(who.arg))
            return [(None, visit.decided_by, False)] if visit and visit.decided_by else []
        case "person_in":
            return [(None, member, False) for member in _persons(str(who.arg), case, world, facts)]
        case "unit_in":
            return [(world.people.unit_role(unit), None, False) for unit in _units(facts.get(str(who.arg)))]
        case "by_table":
            picked = world.policy(case).tables[str(who.arg)].pick(facts)
            return [h for one in _listed(picked) for h in holders_of(one, case, world, facts)]
        case "head_of":
            return [_head(h, world) for h in _inner(who, case, world, facts)]
        case "superior_of":
            return [_superior(h, world) for h in _inner(who, case, world, facts)]
        case _:
            raise ValueError(f"nobody knows people of kind {who.kind}")


def roles_at(role: str, case: Case, world: World, facts: Facts) -> tuple[str, ...]:
    """
    Return who holds *role* for this case: with `roles.per` the holders of the case's value, or of each of its values;
    while the case does not say, who holds the role for all (RT-26, GA-08).
    """
    definition = world.policy(case).roles.get(role)
    if definition is None or definition.per is None:
        return (role,)
    values = _units(facts.get(definition.per))
    return tuple(dict.fromkeys(world.people.at(role, str(value)) for value in values)) or (role,)


def role_at(role: str, case: Case, world: World, facts: Facts | None = None) -> str:
    """Return the one who holds *role* for this case, the first where there are several."""
    return roles_at(role, case, world, facts or Facts(case, world))[0]


def _listed(picked: object) -> list[Who]:
    """Return the people a table gave; a table of units gives unit ids."""
    if picked is None:
        return []
    found = list(picked) if isinstance(picked, tuple | list) else [picked]
    return [p if isinstance(p, Who) else Who("role", str(p)) for p in found]


def _inner(who: Who, case: Case, world: World, facts: Facts) -> list[Holder]:
    return holders_of(who.arg, case, world, facts) if isinstance(who.arg, Who) else []


def _persons(field: str, case: Case, world: World, facts: Facts) -> list[str]:
    """Return the member in a person field, or each member in the person columns of a field with lines. Who was written there
    by name only, or is a channel, is told nothing and asked for nothing: then who is meant is not known yet."""
    value = facts.get(field)
    if not isinstance(value, list | tuple):
        return [str(value)] if is_member_id(str(value)) else []
    columns = [n for n, kind in world.policy(case).fields[field].columns.items() if kind == "person"]
    return list(dict.fromkeys(m for line in value for n in columns if is_member_id(m := str(line.get(n) or ""))))


def _units(value: object) -> Iterable[str]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _head(holder: Holder, world: World) -> Holder:
    role, member, _ = holder
    if role is None and member is not None:
        role = department_of(member, world)
    return (role, None, True) if role else (world.people.general_manager, None, False)


def _superior(holder: Holder, world: World) -> Holder:
    role = holder[0] or department_of(holder[1] or "", world)
    return world.people.superior(role or ""), None, False


def department_of(member: str, world: World) -> str | None:
    """Return the role in which a member works: the first that names a head and has the member."""
    mine = [p for p in world.people.roles.values() if member in p.members]
    return next((p.id for p in mine if p.head), mine[0].id if mine else None)


def people_of(holder: Holder, world: World) -> tuple[str, ...]:
    """Return the members who answer for a holder now."""
    role, member, head = holder
    if member is not None:
        return world.people.member_holders(member, role, world.now)
    if head and role and (chief := world.people.head(role)):
        return world.people.member_holders(chief, None, world.now)
    return world.people.holders(role or world.people.general_manager, world.now)


def people_of_seat(seat: e.Seat, world: World) -> tuple[str, ...]:
    """Return the members who answer for a seat now: its own, else who stands in by the policy, else the chain of D14."""
    stand_ins = stand_ins_of(seat, world)
    return stand_ins or people_of(holder_of(seat), world)


def stand_ins_of(seat: e.Seat, world: World) -> tuple[str, ...]:
    """Return who stands in for a seat of whose own nobody is there (`absent` of the stage); empty when not needed."""
    if seat.absent is None or _is_attended(seat, world):
        return ()
    if seat.absent in world.people.roles:
        return world.people.holders(seat.absent, world.now)
    return (seat.absent,) if world.people.is_here(seat.absent, world.now) else ()


def _is_attended(seat: e.Seat, world: World) -> bool:
    member = seat.member or (world.people.head(seat.role) if seat.head and seat.role else None)
    if member is not None:
        return world.people.is_here(member, world.now)
    return world.people.is_held(seat.role or world.people.general_manager, world.now)


def _stand_in(stage: StageDef, case: Case, world: World, facts: Facts) -> str | None:
    """Return the role or member that `absent` names in this case."""
    found = holders_of(stage.absent, case, world, facts) if stage.absent is not None else []
    role, member, head = found[0] if found else (None, None, False)
    return member or (world.people.head(role) if head and role else None) or role


def seats_for(stage: StageDef, case: Case, world: World, facts: Facts) -> tuple[e.Seat, ...]:
    """Return the seats of a stage that opens now, in their order of acting."""
    seats: list[e.Seat] = []
    stand_in = _stand_in(stage, case, world, facts)

    def add(holder: Holder, kind: str, place: str = "beside", absent: str | None = None) -> None:
        role, member, head = holder
        seats.append(
            e.Seat(id=len(seats) + 1, role=role, member=member, head=head, kind=kind, place=place, absent=absent)
        )

    main = holders_of(stage.who, case, world, facts) or [(world.people.general_manager, None, False)]
    main = list(dict.fromkeys(_allowed(h, stage, case, world, facts) for h in main))
    wanted = stage.seats if isinstance(stage.seats, int) else 1
    for holder in main:
        for _ in range(max(wanted, 1) if len(main) == 1 else 1):
            add(holder, "main", absent=stand_in)
    for who in stage.with_:
        for holder in holders_of(who, case, world, facts):
            add(holder, "main" if stage.seats == "any" else "with")  # whoever comes first decides for all
    for who in stage.sign:
        for holder in holders_of(who, case, world, facts):
            add(holder, "sign", "after")
    return tuple(seats)


def _allowed(holder: Holder, stage: StageDef, case: Case, world: World, facts: Facts) -> Holder:
    """Return who sits instead of a holder all of whose people the stage excludes: the end of the chain of D14."""
    people = people_of(holder, world) if stage.not_ else ()
    if people and all(is_excluded(member, stage, case, world, facts) for member in people):
        return world.people.general_manager, None, False
    return holder


def is_excluded(member: str, stage: StageDef, case: Case, world: World, facts: Facts) -> bool:
    """Say whether `not` of the stage means *member*: the person named, or one who works in the unit named or heads it."""
    excluded = (h for who in stage.not_ for h in holders_of(who, case, world, facts))
    return any(member == m if m is not None else role in world.people.unit_of(member) for role, m, _ in excluded)


# --- whose turn ------------------------------------------------------------------------------------------


def waiting_seats(visit: Visit, mode: object) -> list[SeatState]:
    """Return the seats that may answer now: added ones before first, those after last, in turn one by one."""
    unanswered = [s for s in visit.seats if s.answer is None]
    if final := [s for s in visit.seats if s.seat.kind == "final"]:
        return [s for s in final if s.answer is None]
    first = [s for s in unanswered if s.seat.place == "before"]
    if first:
        return first
    beside = [s for s in unanswered if s.seat.place == "beside"]
    if mode == "in turn" and beside:
        return beside[:1] + [s for s in beside[1:] if s.seat.kind == "added"]
    if mode == "lead" and (others := [s for s in beside if s.seat.kind != "main"]):
        return others
    if beside and not (mode == "any" and any(s.answer and s.seat.kind in ("main", "with") for s in visit.seats)):
        return beside
    return [s for s in unanswered if s.seat.place == "after"][:1]


def is_complete(visit: Visit, mode: object) -> bool:
    """Say whether everybody who must answer has answered."""
    return not waiting_seats(visit, mode)


def joint_decision(visit: Visit) -> str:
    """Return the visit's decision: the last main seat's, the others only agreed."""
    final = [s.answer for s in visit.seats if s.seat.kind == "final" and s.answer]
    main = final or [s.answer for s in visit.seats if s.seat.kind == "main" and s.answer]
    return (main or [s.answer for s in visit.seats if s.answer])[-1].decision
