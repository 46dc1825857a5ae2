"""What a person may do with a case beyond the buttons of its card: only what the procedure would take (DESIGN §3)."""

from __future__ import annotations

from collections.abc import Iterator

from complaints import case as c
from complaints.acts import has_somebody_to_hand_to, may_take_back
from complaints.acts_time import LONGEST_WAIT
from complaints.authority import is_of_case, is_registry, standing
from complaints.case import Case, Visit
from complaints.clocks import longest_extension
from complaints.decisions import RETURN, decisions_of, main_decision
from complaints.draft import Draft
from complaints.extensions import may_ask_more
from complaints.refusals import Refusal
from complaints.restricted import is_top
from complaints.routes import earlier_stages
from complaints.stages import stage_def
from complaints.triggers import may_begin
from complaints.views import Act, Look
from complaints.world import World


def acts_for(case: Case, visit: Visit | None, actor: str, look: Look) -> tuple[Act, ...]:
    """Return the rows of More… for *actor*: of people, of time, of looking; what is not allowed is absent."""
    draft = Draft(world=look.world, actor=actor, case=case)
    if not is_of_case(actor, case, look.world):
        return tuple(_routes(draft, look))
    found = [
        *_ruling(draft, visit),
        *_deciding(draft, visit, look),
        *_time(draft, visit, look),
        *_of_case(draft, look),
        *_routes(draft, look),
        *_looking(draft, visit),
    ]
    return tuple({act.id: act for act in found}.values())


def may_decide(case: Case, visit: Visit, actor: str, look: Look) -> bool:
    """Say whether a seat of the visit is the actor's to answer now."""
    try:
        standing(case, visit, actor, look.world)
    except Refusal:
        return False
    return True


def _ruling(draft: Draft, visit: Visit | None) -> Iterator[Act]:
    """The four decisions on a late stage that was brought before the general manager (D5), as on the escalation card."""
    if visit is not None and visit.is_open and may_rule(draft.case, visit, draft.actor, draft.world):
        yield from (Act(id=name) for name in ("gm_decide", "gm_reassign", "gm_extend", "gm_meeting"))


def may_rule(case: Case, visit: Visit, actor: str, world: World) -> bool:
    """Say whether the stage waits for this person as the last rung of the ladder."""
    return visit.escalated_at is not None and is_top(actor, case, world)


def _deciding(draft: Draft, visit: Visit | None, look: Look) -> Iterator[Act]:
    if visit is None or not visit.is_open or not may_decide(draft.case, visit, draft.actor, look):
        return
    stage = stage_def(draft.policy, visit.stage)
    main = main_decision(stage)
    yield Act(id="main", label=draft.policy.label(visit.stage, look.language, aspect="button"))
    for decision, target in decisions_of(stage).items():
        if decision == main or (decision != RETURN and target.kind == "back"):
            continue
        if decision == RETURN:
            stages = earlier_stages(draft, visit)
            if stages:
                yield Act(id="return", facts={"stages": tuple(stages)})
            continue
        label = draft.policy.label(decision, look.language, of=visit.stage)
        yield Act(id=f"decide:{decision}", label=label, facts={"target": str(target)})
    if draft.case.kind == "complaint":
        yield Act(id="ask", facts={"to": draft.case.reporter})
    yield Act(id="add_signer")
    if has_somebody_to_hand_to(draft, visit):
        yield Act(id="hand_over")


def _time(draft: Draft, visit: Visit | None, look: Look) -> Iterator[Act]:
    if visit is None or not visit.is_open or not may_decide(draft.case, visit, draft.actor, look):
        return
    if visit.waiting_until is not None:
        yield Act(id="end_waiting", facts={"until": visit.waiting_until})
    elif draft.case.kind == "complaint":
        stops = [n for n, k in draft.policy.clocks.items() if any(p.while_ == "waiting_for_customer" for p in k.pauses)]
        yield Act(id="wait", facts={"stops": tuple(stops), "at_most": look.world.now + LONGEST_WAIT})
    most = longest_extension(draft, visit)
    if most is not None and may_ask_more(stage_def(draft.policy, visit.stage), visit):
        yield Act(id="extend", facts={"until": most})


def _of_case(draft: Draft, look: Look) -> Iterator[Act]:
    case, actor = draft.case, draft.actor
    keeps = is_registry(actor, case, look.world)
    for visit in case.visits.values():
        if may_take_back(draft, visit, actor):
            name = draft.policy.label(visit.stage, look.language, aspect="short")
            yield Act(id="take_back", label=name, facts={"visit": visit.id})
    if case.status == c.OPEN and (actor == case.reporter or keeps):
        yield Act(id="amend")
        yield Act(id="withdraw")
        yield Act(id="merge")
    if keeps and not case.is_over:
        yield Act(id="void")


def _routes(draft: Draft, look: Look) -> Iterator[Act]:
    """Routes begun by hand: also by somebody who has had no part in the case, as who is sanctioned appeals (LP-17)."""
    for route in draft.policy.routes:
        if may_begin(draft, route) is not None:
            yield Act(id=f"route:{route}", label=draft.policy.label(route, look.language))


def _looking(draft: Draft, visit: Visit | None) -> Iterator[Act]:
    if visit is not None and draft.case.deadline_of(visit.id) is not None:
        yield Act(id="limit", facts={"visit": visit.id})
    if draft.case.kind == "complaint":
        yield Act(id="contact")
    yield Act(id="history")
