"""The definition of a stage by its name: one of the route's, or a duty of the policy seen as a stage."""

from __future__ import annotations

from datetime import datetime

from complaints.policy import Policy
from complaints.policy_model import Duty, StageDef
from complaints.workdays import MIDNIGHT_MINUTES, WorkCalendar

_DUTIES: dict[int, StageDef] = {}


def stage_def(policy: Policy, name: str) -> StageDef:
    """Return the stage called *name*; a duty is a stage of its own with the same people, fields and source."""
    found = policy.stages.get(name)
    return found if found is not None else duty_stage(policy.duties[name])


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
