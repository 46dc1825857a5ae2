"""A late stage as the general manager sees it: what was done to help, what is still to come, how much is in reserve."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from complaints import events as e
from complaints.case import Case, Deadline, Visit
from complaints.clocks import CASE_CLOCK
from complaints.facts import Facts
from complaints.limits import Unit, counted_text, elapsed, limit_text, parse_limit
from complaints.policy import Policy
from complaints.policy_flow import all_stages, in_days, promised, stage_limits
from complaints.policy_model import Rung
from complaints.routes import main_branch
from complaints.views import EscalationFacts, HistoryLine, Look, Source
from complaints.views_route import LATER, progress
from complaints.views_visit import stage_deadline, visit_view
from complaints.views_words import source_facts

HALF = Decimal("0.5")
MOST_HISTORY = 8
_ABOUT = {
    "reminder_slip": "催辦單 催办单 催促 逾期 reminder slip overdue",
    "inquiry_slip": "洽辦單 洽办单 追查 逾期原因 inquiry slip",
    "escalation": "逾期反應 逾期反应 呈報 上报 escalation general manager",
}
_WORKING = (Unit.WORKING_DAYS, Unit.WORKING_HOURS)


def escalation_view(case: Case, visit: Visit, look: Look, deadline: int | None = None) -> EscalationFacts:
    """
    Return a late stage with its history, as it was when it was brought before the general manager.

    *deadline*: the clock that climbed; without it the stage's own. Needs the case's log in *look*.
    """
    clock = case.deadlines.get(deadline or 0) or stage_deadline(case, visit)
    mine = [r for r in look.log if _is_about(r.event, visit, clock)]
    fired = [r.at for r in mine if isinstance(r.event, e.StepFired) and r.event.as_ == "escalation"]
    fired_at = fired[-1] if fired else (visit.escalated_at or visit.opened_at)
    rest, reserve = reserve_of(case, visit, look, fired_at)
    answer = next((r for r in reversed(mine) if isinstance(r.event, e.EscalationAnswered) and r.at >= fired_at), None)
    return EscalationFacts(
        visit=visit_view(case, visit, look),
        fired_at=fired_at,
        late=_late(look, clock, fired_at),
        history=tuple(_history(mine, fired_at))[-MOST_HISTORY:],
        asked_extension=any(isinstance(r.event, e.ExtensionAsked) for r in mine),
        words_in_thread=sum(1 for r in look.log if isinstance(r.event, e.NoteAdded) and r.at >= visit.opened_at),
        rest_days=rest,
        reserve_days=reserve,
        again_at=_again(clock),
        general_manager=look.people.holders(look.people.general_manager, look.world.now),
        of_case=clock is not None and clock.clock == CASE_CLOCK,
        sources=_sources(case, look, clock),
        answer=answer.event.how if answer and isinstance(answer.event, e.EscalationAnswered) else None,
        answered_by=answer.actor if answer else None,
        answered_at=answer.at if answer else None,
        meeting_at=answer.event.meeting_at if answer and isinstance(answer.event, e.EscalationAnswered) else None,
    )


def _is_about(event: e.Event, visit: Visit, clock: Deadline | None) -> bool:
    if isinstance(event, e.StepFired):
        return clock is not None and event.deadline == clock.id
    return getattr(event, "visit", None) == visit.id


def _late(look: Look, clock: Deadline | None, at: datetime) -> str:
    """Return the lateness in working days; in hours where it is less than one."""
    if clock is None:
        return ""
    calendar = look.world.calendar()
    days = math.floor(elapsed(Unit.WORKING_DAYS, clock.due_at, at, calendar) + Decimal("0.01"))
    if days >= 1:
        return counted_text(days, "working day", look.language)
    hours = max(1, math.ceil(elapsed(Unit.CLOCK_HOURS, clock.due_at, at, calendar)))
    return counted_text(hours, "hour", look.language)


# --- history -----------------------------------------------------------------------------------------------


def _history(mine: list[e.Recorded], fired_at: datetime) -> list[HistoryLine]:
    """Return what happened before it was brought up this time, and since; repeated escalations are one line."""
    lines = [line for r in mine if (line := _line(r)) is not None]
    earlier = [line for line in lines if line.kind == "escalation" and line.at < fired_at]
    found = [line for line in lines if line.kind != "escalation"]
    if earlier:
        found.append(replace(earlier[-1], times=len(earlier)))
    return sorted(found, key=lambda line: line.at)


def _line(recorded: e.Recorded) -> HistoryLine | None:
    at, by = recorded.at, recorded.actor
    match recorded.event:
        case e.VisitOpened():
            return HistoryLine(kind="opened", at=at, by=by)
        case e.StepFired(as_=as_, told=told) if as_ in ("reminder", "reminder_slip", "escalation"):
            return HistoryLine(kind=as_, at=at, people=told)
        case e.Urged():
            return HistoryLine(kind="urged", at=at, by=by)
        case e.ExtensionAsked():
            return HistoryLine(kind="extension_asked", at=at, by=by)
        case e.ExtensionRuled(granted=granted):
            return HistoryLine(kind="extension_granted" if granted else "extension_refused", at=at, by=by)
        case e.HandedOver():
            return HistoryLine(kind="handed_over", at=at, by=by)
        case e.WaitingBegun():
            return HistoryLine(kind="waiting", at=at, by=by)
        case _:
            return None


def _again(clock: Deadline | None) -> datetime | None:
    """Return when it comes again: the next escalation of the ladder."""
    steps = [s.at for s in clock.steps if s.as_ == "escalation"] if clock is not None and clock.ended is None else []
    return min(steps, default=None)


# --- reserve -----------------------------------------------------------------------------------------------


def reserve_of(case: Case, visit: Visit, look: Look, at: datetime) -> tuple[Decimal | None, Decimal | None]:
    """
    Return how many days the stages after this one may take, and what is left of the promise beyond them.

    Counted from *at* in the promise's own unit, halves rounded down; negative: the promise is short by that much.
    """
    promise = case.clock(CASE_CLOCK)
    if promise is None or promise.ended is not None or case.branches[visit.branch].follow_up:
        return None, None
    policy = look.world.policy(case)
    limits = stage_limits(policy, Facts(case, look.world))
    inside = _inside(case, look)
    rest = sum((in_days(limits[s]) for s in inside), Decimal(0))
    unit = parse_limit(promise.limit).unit
    days = elapsed(
        Unit.WORKING_DAYS if unit in _WORKING else Unit.CALENDAR_DAYS, at, promise.due_at, look.world.calendar()
    )
    return _half(rest), _half(days - rest)


def _inside(case: Case, look: Look) -> tuple[str, ...]:
    """Return the stages still to come that the promise measures."""
    policy = look.world.policy(case)
    branch = main_branch(case)
    route = branch.route if branch is not None else None
    measured = set(all_stages(promised(policy, route))) if route in policy.routes else set()
    stops, _, _ = progress(case, look)
    return tuple(s.stage for s in stops if s.state == LATER and s.stage in measured)


def _half(days: Decimal) -> Decimal:
    """Round down to half days, towards less reserve."""
    return Decimal(math.floor(days / HALF)) * HALF


# --- sources -----------------------------------------------------------------------------------------------


def _sources(case: Case, look: Look, clock: Deadline | None) -> tuple[Source, ...]:
    """Return where the rung that climbed comes from."""
    policy = look.world.policy(case)
    rungs: tuple[Rung, ...] = policy.ladder(clock.ladder if clock else None)
    rung = next((r for r in rungs if r.as_ == "escalation"), None)
    found = _rung_source(policy, rung, look.language) if rung is not None else None
    return (found,) if found is not None else ()


def rung_source(case: Case, look: Look, deadline: Deadline | None, as_: str) -> Source | None:
    """Return where a step of the ladder comes from: the slip's clause, the reminder's default."""
    policy = look.world.policy(case)
    rung = next((r for r in policy.ladder(deadline.ladder if deadline else None) if r.as_ == as_), None)
    return _rung_source(policy, rung, look.language) if rung is not None else None


def _rung_source(policy: Policy, rung: Rung, language: str) -> Source | None:
    after = limit_text(rung.after, language) if rung.after is not None else ""
    return source_facts(policy, rung.source, "rule", language, limit=after, about=_ABOUT.get(rung.as_, ""))
