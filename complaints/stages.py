"""The definition of a stage by its name: one of the route's, or a duty of the policy seen as a stage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from complaints.duty_due import by_due, parse_by
from complaints.policy import Policy
from complaints.policy_model import Duty, Inform, StageDef
from complaints.policy_parts import Who, parse_target
from complaints.shifts import shift_end
from complaints.workdays import WorkCalendar

_DUTIES: dict[int, tuple[Duty, StageDef]] = {}
_INFORMS: dict[int, tuple[Inform, StageDef]] = {}
INFORM = "inform:"
TOLD = "told"


def stage_def(policy: Policy, name: str) -> StageDef:
    """Return the stage called *name*; a duty and a task to tell the customer are stages of their own."""
    found = policy.stages.get(name)
    if found is not None:
        return found
    if name in policy.duties:
        return duty_stage(policy.duties[name])
    return inform_stage(policy, next(inform for inform in policy.reply.inform if inform.what == name))


def inform_stage(policy: Policy, inform: Inform) -> StageDef:
    """Return a task to tell the customer something as a stage: by whom the policy says, else who replies, else the
    owner; nothing to fill, done when it was told."""
    kept = _INFORMS.get(id(inform))
    if kept is None or kept[0] is not inform:
        stage = StageDef(
            who=inform.by or policy.reply.by or Who("owner"),
            decide={TOLD: parse_target("next")},
            limit=inform.limit,
            ladder=inform.ladder,
            source=inform.source or policy.reply.source,
        )
        kept = _INFORMS[id(inform)] = (inform, stage)
    return kept[1]


def is_inform(policy: Policy, stage: str) -> bool:
    """Say whether a visit of *stage* only tells the customer something along the way."""
    return stage not in policy.stages and any(inform.what == stage for inform in policy.reply.inform)


def duty_stage(duty: Duty) -> StageDef:
    """Return a duty as a stage: who does it, with whom, what is filled, who approves."""
    kept = _DUTIES.get(id(duty))
    if kept is None or kept[0] is not duty:
        stage = StageDef.model_construct(
            who=duty.who,
            with_=(),
            seats="all",
            disagree=None,
            not_=(),
            absent=None,
            recusal=None,
            fill=duty.fill,
            may_fill=(),
            decide={},
            suggest={},
            reason=(),
            limit=None,
            replaced_by=None,
            calendar=None,
            extension=None,
            ladder=duty.ladder,
            needs=(),
            copy_from=None,
            sign=duty.approve,
            sample=None,
            attempts=None,
            checklist=(),
            tells=False,
            source=duty.source,
        )
        kept = _DUTIES[id(duty)] = (duty, stage)
    return kept[1]


def duty_due(duty: Duty, opened_at: datetime, calendar: WorkCalendar, shifts: Sequence[str] = ()) -> datetime | None:
    """
    Return when a duty is due by its `by`; a shift's ends with it: when the next one of *shifts* (local times) begins, or
    the working day closes. None when nothing is said. Aware UTC.
    """
    if duty.by is not None:
        return by_due(parse_by(duty.by), duty.every, opened_at, calendar)
    return shift_end(shifts, opened_at, calendar) if duty.every == "shift" else None
