"""Who may: one table of actor, act and state, asked at the click and again at the submit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from complaints import case as c
from complaints import events as e
from complaints.case import Case, SeatState, Visit
from complaints.facts import Facts
from complaints.people import Capacity
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_model import StageDef
from complaints.refusals import NotAllowedHere, NotAuthorized, Recused, StaleCard
from complaints.restricted import is_top
from complaints.seats import is_excluded, people_of_seat, role_at, stand_ins_of, waiting_seats
from complaints.stages import stage_def
from complaints.world import World

RECUSAL = "our default (recusal): the unit blamed may not be the sole judge"
SELF = "our default: nobody approves what he reported or proposed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """That *seat* is the actor's to answer now, and in which capacity."""

    seat: SeatState
    capacity: Capacity


def capacity_for(seat: e.Seat, actor: str, world: World) -> Capacity | None:
    """Return in which capacity *actor* may answer *seat*, or None. Who stands in by the policy does so before the
    chain of D14, and instead of it; a deputy that the desk names always may."""
    own = _own_capacity(seat, actor, world)
    stand_ins = stand_ins_of(seat, world)
    if not stand_ins or (own is not None and own.kind in ("member", "deputy")):
        return own
    if actor not in stand_ins:
        return None
    return Capacity(kind="stand_in", on_behalf_of=seat.member or seat.role)


def _own_capacity(seat: e.Seat, actor: str, world: World) -> Capacity | None:
    if seat.member is not None:
        return world.people.capacity_for_member(actor, seat.member, seat.role, world.now)
    if seat.head and seat.role and (chief := world.people.head(seat.role)):
        return world.people.capacity_for_member(actor, chief, None, world.now)
    return world.people.capacity(actor, seat.role or world.people.general_manager, world.now)


def _capacity(case: Case, visit: Visit, seat: e.Seat, actor: str, world: World) -> Capacity | None:
    """Return the actor's capacity for a seat; who logged the case may always do its own form again."""
    found, intake = capacity_for(seat, actor, world), world.policy(case).intake
    if intake is None or visit.stage not in intake.stages or actor != case.reporter or seat.kind != "main":
        return found
    return found if found is not None and found.kind == "member" else Capacity(kind="reporter")


def still_stands(case: Case, visit: Visit, answered: SeatState, actor: str, world: World) -> bool:
    """Say whether *actor* could still answer the seat that he answered: no deputy whose days are over, nobody who left."""
    if _capacity(case, visit, answered.seat, actor, world) is not None:
        return True
    return answered.answer is not None and answered.answer.capacity == "general_manager" and is_top(actor, case, world)


def standing(case: Case, visit: Visit, actor: str, world: World, *, instead: bool = False) -> Standing:
    """
    Return the seat that *actor* may answer now.

    *instead*: the general manager decides for the owner of a late stage.

    Raises:
        StaleCard: the visit is over.
        NotAuthorized: no seat is the actor's, or it is not that seat's turn yet.
        Recused: the actor's unit is blamed and nobody else judges (see `RECUSAL`), or he judges his own proposal.
    """
    stage = stage_def(world.policy(case), visit.stage)
    if not visit.is_open:
        raise StaleCard(
            stage=visit.stage,
            by=visit.decided_by,
            at=visit.ended_at,
            how=visit.ended,
            decision=visit.decision,
        )
    turn = waiting_seats(visit, stage.seats)
    if instead:
        return _instead(case, visit, actor, turn, world)
    mine = [(s, cap) for s in visit.seats if (cap := _capacity(case, visit, s.seat, actor, world))]
    ready = [(s, cap) for s, cap in mine if s in turn]
    if not ready:
        raise _not_now(case, visit, actor, mine, turn, stage, world)
    refuse_own_judgement(case, visit, stage, actor, world)
    seat, capacity = ready[0]
    return Standing(seat=seat, capacity=capacity)


def _instead(case: Case, visit: Visit, actor: str, turn: list[SeatState], world: World) -> Standing:
    if not is_top(actor, case, world):
        raise NotAuthorized("only_general_manager", source="D5", stage=visit.stage)
    refuse_own_judgement(case, visit, stage_def(world.policy(case), visit.stage), actor, world)
    main = [s for s in turn if s.seat.kind == "main"] or turn
    seat = main[0].seat
    return Standing(seat=main[0], capacity=Capacity(kind="general_manager", on_behalf_of=seat.member or seat.role))


def _not_now(
    case: Case,
    visit: Visit,
    actor: str,
    mine: list[tuple[SeatState, Capacity]],
    turn: list[SeatState],
    stage: StageDef,
    world: World,
) -> NotAuthorized:
    source = source_of(stage)
    people = tuple(m for s in turn for m in people_of_seat(s.seat, world))
    role = next((s.seat.role for s in turn if s.seat.role), None)
    facts = {"stage": visit.stage, "people": people, "role": role}
    if not mine and (lacking := _unqualified(actor, turn, world)):
        return lacking
    if not mine:
        return NotAuthorized(source=source, **facts)
    answered = [s.answer.by for s, _ in mine if s.answer is not None]
    if len(answered) == len(mine):
        if actor not in answered:
            return NotAuthorized("colleague_answered", source=source, by=answered[0], **facts)
        return NotAuthorized("you_answered", source=source, **facts)
    return NotAuthorized("not_your_turn", source=source, **facts)


def _unqualified(actor: str, turn: list[SeatState], world: World) -> NotAuthorized | None:
    """Return the refusal for somebody of the role who lacks the qualification that it needs (GA-04)."""
    for seat in turn:
        role = seat.seat.role or ""
        plan = world.people.roles.get(role)
        known = {*plan.members, plan.head, *(d.member for d in plan.deputies)} if plan else set()
        if actor in known and (lacking := world.people.lacks(actor, role, world.now)):
            return not_qualified(actor, role, lacking, world)
    return None


def not_qualified(member: str, role: str, lacking: tuple[str, datetime | None], world: World) -> NotAuthorized:
    policies = (world.bundle.policy, *world.bundle.annexes.values())
    base = world.people.base(role)
    source = next((source_of(p.roles[base]) for p in policies if base in p.roles and p.roles[base].needs), None)
    facts = {"member": member, "role": role, "people": world.people.holders(role, world.now)}
    if lacking[1] is not None:
        until = lacking[1] - timedelta(minutes=1)  # the end of a day is the day's own
        return NotAuthorized("qualification_ended", source=source, qualification=lacking[0], until=until, **facts)
    return NotAuthorized("not_qualified", source=source, qualification=lacking[0], **facts)


def source_of(part: object) -> str | None:
    """Return the source of a part of the policy as a card prints it, or None."""
    source = getattr(part, "source", None)
    if isinstance(source, tuple):
        source = source[0] if source else None
    return str(source) if source is not None else None


# --- recusal ---------------------------------------------------------------------------------------------


def blamed_units(case: Case, policy: Policy, facts: Facts, world: World) -> frozenset[str]:
    """Return the roles that answer for the units named as liable."""
    found: set[str] = set()
    for name in index_of(policy).blame_fields:
        value = facts.get(name)
        units = () if value is None else ((value,) if isinstance(value, str) else tuple(value))
        found |= {world.people.unit_role(str(u)) for u in units}
    return frozenset(found)


def is_sole_judge_blamed(visit: Visit, stage: StageDef, blamed: frozenset[str], policy: Policy, world: World) -> bool:
    """
    Say whether every seat of the visit belongs to a unit that is blamed, and no clause waives recusal.

    A signer whom somebody of the visit added is no other judge: the unit blamed would choose who looks on.
    """
    if stage.recusal is not None or not blamed or visit.stage not in index_of(policy).judging:
        return False
    seats = [s for s in visit.seats if s.seat.kind != "added"]
    return bool(seats) and all(_is_blamed(seat, blamed, world) for seat in seats)


def _is_blamed(state: SeatState, blamed: frozenset[str], world: World) -> bool:
    """Say whether a seat is of a blamed unit: by its role, or because who answered, or all who may now, work there or head it."""
    seat, answer = state.seat, state.answer
    if seat.role in blamed:
        return True
    if seat.role == world.people.general_manager:
        return False  # nobody stands above who could confirm
    people = (answer.by,) if answer is not None else people_of_seat(seat, world)
    return bool(people) and all(world.people.unit_of(member) & blamed for member in people)


def refuse_own_judgement(case: Case, visit: Visit, stage: StageDef, actor: str, world: World) -> None:
    """Refuse a person whom `not` excludes, who approves his own proposal, or who already sits in this visit."""
    if is_excluded(actor, stage, case, world, Facts(case, world)):
        raise Recused("excluded_person", source=source_of(stage), stage=visit.stage)
    if (
        visit.stage in index_of(world.policy(case)).approving
        and actor in proposers(case, visit, world)
        and not is_top(actor, case, world)
    ):
        raise Recused("self_approval", source=SELF, stage=visit.stage)
    answered = {s.answer.by for s in visit.seats if s.answer and s.seat.kind in ("main", "sign")}
    if actor in answered and (isinstance(stage.seats, int) or stage.sign):
        raise Recused("second_person", source=source_of(stage), stage=visit.stage)


def proposers(case: Case, visit: Visit, world: World) -> frozenset[str]:
    """Return who reported the case or corrected what the way through it goes by, who decided the stage just before, and who
    filled in what is approved here."""
    policy = world.policy(case)
    before = [v for v in case.visits.values() if v.id < visit.id and v.ended == "done" and v.branch == visit.branch]
    approved = set(stage_def(policy, visit.stage).filled)
    approving = index_of(policy).approving
    filled = [v for v in before if approved & set(v.filled) and v.stage not in approving]
    amended = {by for name, by in case.amended.items() if name in index_of(policy).decision_fields}
    answered = {s.answer.by for v in (*before[-1:], *filled) for s in v.seats if s.answer is not None}
    return frozenset({case.reporter} | amended | answered)


# --- access and further rights -----------------------------------------------------------------------------


def registry_of(case: Case, world: World) -> str | None:
    """Return the role that keeps the register of this case, if the policy names one."""
    registry = world.policy(case).policy.registry
    return role_at(registry, case, world) if registry is not None else None


def is_registry(actor: str, case: Case, world: World) -> bool:
    """Say whether the actor keeps the register (or is the desk officer)."""
    registry = registry_of(case, world)
    return actor == world.people.officer or (registry is not None and world.people.has_role(actor, registry, world.now))


def is_of_case(actor: str, case: Case, world: World) -> bool:
    """
    Say whether the actor has anything to do with the case: reporter, acted on it, may answer a seat, head of a
    department that has or had one, registry, GM.
    """
    if actor == case.reporter or actor in case.people or is_registry(actor, case, world):
        return True
    if world.people.is_general_manager(actor, world.now):
        return True
    seats = [s.seat for v in case.visits.values() for s in v.seats]
    heads = {world.people.head(seat.role) for seat in seats if seat.role}
    return actor in heads or any(capacity_for(seat, actor, world) for seat in seats)


def require_of_case(actor: str, case: Case, world: World) -> None:
    if not is_of_case(actor, case, world):
        raise NotAuthorized("not_of_case", source=None, case=case.name)


def sees_all(actor: str, case: Case, world: World) -> bool:
    """Say whether the actor may see the customer's whole name: reporter, registry, and to whom lateness climbs."""
    return actor == case.reporter or is_registry(actor, case, world) or is_top(actor, case, world)


def require_full(actor: str, case: Case, world: World) -> None:
    """Refuse personal data to who sees it masked."""
    if not sees_all(actor, case, world):
        raise NotAuthorized("no_need_of_names", source=None, case=case.name)


def require_open(case: Case) -> None:
    """Refuse what is only possible before the case closes."""
    if case.status != c.OPEN:
        raise NotAllowedHere("case_is_over", source=None, case=case.name, status=case.status)
