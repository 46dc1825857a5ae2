"""The definition of a stage by its name: one of the route's, or a duty of the policy seen as a stage."""

from __future__ import annotations

from datetime import datetime

from complaints.policy import Policy
from complaints.policy_model import Duty, Inform, StageDef
from complaints.policy_parts import Who, parse_target
from complaints.workdays import MIDNIGHT_MINUTES, WorkCalendar

_DUTIES: dict[int, StageDef] = {}
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
    if id(duty) not in _DUTIES:
        _DUTIES[id(duty)] = StageDef.model_construct(
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
    return _DUTIES[id(duty)]


def duty_due(duty: Duty, opened_at: datetime, calendar: WorkCalendar) -> datetime | None:
    """
    Return when a duty is due: `10th` is the end of the 10th of the month, a weekday the end of that day of this
    week; None when it names none. Aware UTC.
    """
    if duty.by is None:
        return None
    local = calendar.local(opened_at)
    words = duty.by.lower().strip()
    digits = "".join(ch for ch in words if ch.isdigit())
    if digits:
        day = local.date().replace(day=min(int(digits), 28))
        return calendar.at(day, MIDNIGHT_MINUTES)
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    if words[:3] in names:
        ahead = (names.index(words[:3]) - local.weekday()) % 7
        return calendar.at(local.date().fromordinal(local.date().toordinal() + ahead), MIDNIGHT_MINUTES)
    return None
