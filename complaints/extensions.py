"""More time for a stage: who may grant it, and whether it is asked for with a reason (D21 unless the policy says otherwise)."""

from __future__ import annotations

from complaints.case import Visit
from complaints.draft import Draft
from complaints.policy_model import Extension, StageDef
from complaints.seats import holders_of, people_of


def wants_reason(stage: StageDef) -> bool:
    """Say whether more time is asked for and granted with a reason: always, unless the policy says `reason: false`."""
    return stage.extension is None or stage.extension.reason


def may_have_more(stage: StageDef, visit: Visit) -> bool:
    """Say whether a stage may get more time again: as often as the policy says, else once (D21)."""
    return visit.extensions < (1 if stage.extension is None else stage.extension.times)


def may_ask_more(stage: StageDef, visit: Visit) -> bool:
    """Say whether more time may be asked for now: nothing that was asked waits for its answer, and there may be more."""
    return visit.extension_asked is None and may_have_more(stage, visit)


def granters(draft: Draft, visit: Visit) -> tuple[str, ...]:
    """Return the people who may grant more time: those whom the policy names, else who is general manager now."""
    rule, world = draft.stage(visit).extension, draft.world
    if rule is None:
        return world.people.holders(world.people.general_manager, world.now)
    return granters_by(draft, rule)


def granters_by(draft: Draft, rule: Extension) -> tuple[str, ...]:
    """Return the people whom the extension of a stage or a clock names."""
    found = [h for who in rule.by for h in holders_of(who, draft.case, draft.world, draft.facts)]
    return tuple(dict.fromkeys(member for holder in found for member in people_of(holder, draft.world)))
