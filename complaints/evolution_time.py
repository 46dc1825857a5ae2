"""How deadlines, their steps, waiting, extensions and urging change a case."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from complaints import events as e
from complaints.case import (
    Case,
    Deadline,
    Visit,
)


def _deadline_set(case: Case, event: e.DeadlineSet, _: e.Recorded) -> None:
    case.deadlines[event.deadline] = Deadline(
        id=event.deadline,
        clock=event.clock,
        visit=event.visit,
        starts_at=event.starts_at,
        due_at=event.due_at,
        limit=event.limit,
        provisional=event.provisional,
        calendar_version=event.calendar_version,
        steps=event.steps,
        ladder=event.ladder,
        source=event.source,
        ours=event.ours,
    )


def _deadline_moved(case: Case, event: e.DeadlineMoved, rec: e.Recorded) -> None:
    old = case.deadlines[event.deadline]
    by_calendar = event.why == "calendar"
    case.deadlines[event.deadline] = replace(
        old,
        due_at=event.due_at,
        provisional=event.provisional,
        calendar_version=event.calendar_version,
        steps=event.steps,
        first_due_at=old.first_due_at or old.held_due or old.due_at,
        turns=_turns(old, event.steps),
        granted=old.granted or not by_calendar,
        counted=(*old.counted, (old.calendar_version, rec.at)) if by_calendar else old.counted,
        held_at=None,
        held_due=None,
        extensions=old.extensions + (event.why == "extension" and old.visit is None),
    )


def _deadline_held(case: Case, event: e.DeadlineHeld, rec: e.Recorded) -> None:
    old = case.deadlines[event.deadline]
    case.deadlines[event.deadline] = replace(old, due_at=event.due_at, held_at=rec.at, held_due=old.due_at)


def _turns(deadline: Deadline, steps: tuple[e.Step, ...]) -> int:
    return max((deadline.turns, *(int(s.id.partition(".")[2]) for s in steps)))


def _deadline_ended(case: Case, event: e.DeadlineEnded, _: e.Recorded) -> None:
    old = case.deadlines[event.deadline]
    case.deadlines[event.deadline] = replace(old, ended=event.why, in_time=event.in_time, steps=())


def _step_fired(case: Case, event: e.StepFired, rec: e.Recorded) -> None:
    old = case.deadlines[event.deadline]
    fired = next((s for s in old.steps if s.id == event.step), None)
    if fired is not None and fired.at >= old.due_at and f"deadline {old.id} overdue" not in case.happened:
        case.happened[overdue_name(case, old)] = case.happened[f"deadline {old.id} overdue"] = rec.at
    steps = tuple(s for s in old.steps if s.id != event.step) + event.next_steps
    case.deadlines[event.deadline] = replace(old, steps=steps, turns=_turns(old, event.next_steps))
    if event.as_ == "escalation":
        for visit in _owing(case, old):
            case.visits[visit.id] = replace(visit, escalated_at=rec.at)


def overdue_name(case: Case, deadline: Deadline) -> str:
    """Return what it is called when a clock ran out: by its own name, a stage's limit by the stage."""
    visit = case.visits.get(deadline.visit or 0)
    return f"{visit.stage if visit is not None and deadline.clock == 'stage' else deadline.clock} overdue"


def _owing(case: Case, deadline: Deadline) -> list[Visit]:
    """Return the open visits that a clock is about: its own, or with a clock of the case all that hold it."""
    if deadline.visit is not None:
        return [v for v in case.open_visits if v.id == deadline.visit]
    return [v for v in case.open_visits if not case.branches[v.branch].follow_up]


def _step_superseded(case: Case, event: e.StepSuperseded, _: e.Recorded) -> None:
    old = case.deadlines[event.deadline]
    case.deadlines[event.deadline] = replace(old, steps=tuple(s for s in old.steps if s.id != event.step))


def _waiting_begun(case: Case, event: e.WaitingBegun, rec: e.Recorded) -> None:
    case.visits[event.visit] = replace(case.visits[event.visit], waiting_until=event.until)
    case.happened["waiting begun"] = rec.at


def _waiting_ended(case: Case, event: e.WaitingEnded, rec: e.Recorded) -> None:
    case.visits[event.visit] = replace(case.visits[event.visit], waiting_until=None)
    case.happened["waiting ended"] = rec.at


def _extension_asked(case: Case, event: e.ExtensionAsked, _: e.Recorded) -> None:
    case.visits[event.visit] = replace(case.visits[event.visit], extension_asked=event.until)


def _extension_ruled(case: Case, event: e.ExtensionRuled, _: e.Recorded) -> None:
    visit = case.visits[event.visit]
    case.visits[event.visit] = replace(
        visit,
        extension_asked=None,
        extended=visit.extended or event.granted,
        extended_again=visit.extended_again + (visit.extended and event.granted),
        escalated_at=None,
    )


def _escalation_answered(case: Case, event: e.EscalationAnswered, _: e.Recorded) -> None:
    case.visits[event.visit] = replace(case.visits[event.visit], escalated_at=None)


def _urged(case: Case, event: e.Urged, rec: e.Recorded) -> None:
    case.urges[str(event.visit)] = rec.at


TIME: dict[type[e.Event], Any] = {
    e.DeadlineSet: _deadline_set,
    e.DeadlineMoved: _deadline_moved,
    e.DeadlineHeld: _deadline_held,
    e.DeadlineEnded: _deadline_ended,
    e.StepFired: _step_fired,
    e.StepSuperseded: _step_superseded,
    e.WaitingBegun: _waiting_begun,
    e.WaitingEnded: _waiting_ended,
    e.ExtensionAsked: _extension_asked,
    e.ExtensionRuled: _extension_ruled,
    e.EscalationAnswered: _escalation_answered,
    e.Urged: _urged,
}
