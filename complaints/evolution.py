"""How each event changes a case: the log, folded one event at a time; and what an event means to triggers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Any

from msgspec.structs import replace

from complaints import events as e
from complaints.case import (
    CLOSED,
    FINISHED,
    MERGED,
    OPEN,
    VOID,
    WITHDRAWN,
    Answer,
    Branch,
    Call,
    Case,
    Grade,
    Link,
    Question,
    SeatState,
    Turn,
    Visit,
    outdated,
)
from complaints.evolution_papers import PAPERS
from complaints.evolution_time import TIME, overdue_name

_LOOKS = (e.WordsShown, e.WordsWithheld, e.CaseExported)
"""Who only looked has not acted: it gives him no right in the case."""


def evolve(case: Case | None, recorded: e.Recorded) -> Case:
    """Take one recorded event into the case and return it; the case given is changed, not copied."""
    event, at = recorded.event, recorded.at
    if isinstance(event, e.CaseOpened):
        case = Case(
            id=event.case_id,
            policy=event.policy,
            bundle=event.bundle,
            kind=event.kind,
            via=event.via,
            reporter=event.reporter,
            owner=event.reporter,
            opened_at=at,
            parent=event.parent,
            link=event.link,
            language=event.language,
            duty=event.duty,
            period=event.period,
            people=(event.reporter,),
        )
        case.happened["case opened"] = at
    assert case is not None, "a log begins with CaseOpened"
    apply = _APPLY.get(type(event))
    if apply is not None:
        apply(case, event, recorded)
    case.seq = recorded.seq
    if recorded.actor not in case.people and recorded.actor.isupper() and not isinstance(event, _LOOKS):
        case.people = (*case.people, recorded.actor)
    return case


def happenings(recorded: e.Recorded, case: Case) -> tuple[str, ...]:
    """Name what an event means to triggers (`upon:`), clocks and rules, after it was taken into *case*."""
    means = _MEANS.get(type(recorded.event))
    if means is None or isinstance(means, tuple):
        return means or ()
    return means(recorded.event, recorded, case)


def _visit_means(event: e.VisitDone, _: e.Recorded, case: Case) -> tuple[str, ...]:
    stage = case.visits[event.visit].stage
    ended = f"{stage} done" if event.target != "back" else f"{stage} returned"
    return tuple(dict.fromkeys((f"{stage} {event.decision}", ended)))  # a decision may be called "done" itself


def _extension_means(event: e.ExtensionRuled, _: e.Recorded, case: Case) -> tuple[str, ...]:
    return (f"{case.visits[event.visit].stage} extended",) if event.granted else ()


def _step_means(event: e.StepFired, recorded: e.Recorded, case: Case) -> tuple[str, ...]:
    overdue = overdue_name(case, case.deadlines[event.deadline])
    return (overdue,) if case.happened.get(overdue) == recorded.at else ()


_MEANS: Mapping[type[e.Event], tuple[str, ...] | Callable[[Any, e.Recorded, Case], tuple[str, ...]]] = {
    e.CaseOpened: ("case opened",),
    e.CaseNumbered: ("case numbered",),
    e.CaseClosed: ("case closed",),
    e.OutcomeTold: ("case told",),
    e.CaseFinished: ("case finished",),
    e.CaseReopened: ("case reopened",),
    e.WaitingBegun: ("waiting begun",),
    e.WaitingEnded: ("waiting ended",),
    e.VisitOpened: lambda event, _, __: (f"{event.stage} opened",),
    e.VisitDone: _visit_means,
    e.ExtensionRuled: _extension_means,
    e.FieldsSet: lambda event, _, __: tuple(f"{name} set" for name in event.fields),
    e.GradeGiven: lambda event, _, __: (f"{event.field} set",),
    e.FieldsDropped: lambda event, _, __: tuple(f"{name} dropped" for name in event.fields),
    e.LinkedCaseEnded: lambda event, _, __: tuple(f"{name} set" for name in event.taken),
    e.StepFired: _step_means,
    e.BranchOpened: lambda event, _, __: (f"{event.route} begun",),
}


# --- how each event changes the case ---------------------------------------------------------------------


def _imported(case: Case, event: e.CaseImported, _: e.Recorded) -> None:
    case.old_number = event.old_number
    case.opened_at = event.received_at


def _version(case: Case, event: e.VersionChanged, _: e.Recorded) -> None:
    case.bundle = event.bundle
    for visit in case.open_visits:
        if visit.stage in event.stages:
            case.visits[visit.id] = replace(visit, stage=event.stages[visit.stage])
    for number, (path, step) in event.places.items():
        case.branches[int(number)] = replace(case.branches[int(number)], path=path, step=step)
    case.holds = tuple(
        replace(hold, rule=event.rules[str(hold.rule)]) for hold in case.holds if str(hold.rule) in event.rules
    )
    for deadline in [d for d in case.deadlines.values() if d.ended is None and d.clock.startswith("rule:")]:
        rule = event.rules.get(deadline.clock.removeprefix("rule:"))
        case.deadlines[deadline.id] = replace(deadline, clock=f"rule:{'gone' if rule is None else rule}")


def _numbered(case: Case, event: e.CaseNumbered, rec: e.Recorded) -> None:
    case.number, case.numbered_at = event.number, rec.at
    case.happened["case numbered"] = rec.at


def _set(case: Case, fields: Mapping[str, Any], rec: e.Recorded) -> None:
    changed = {name for name, value in fields.items() if case.fields.get(name) != value}
    case.fields = {**case.fields, **fields}
    for name in fields:
        case.happened[f"{name} set"] = rec.at
    for name, grade in case.grades.items():
        if name in fields:
            case.grades[name] = replace(grade, by_hand=True)
    _open_grades(case, changed)


def _dropped(case: Case, event: e.FieldsDropped, _: e.Recorded) -> None:
    kept = {name: value for name, value in case.fields.items() if name not in event.fields}
    case.fields = kept
    _open_grades(case, event.fields.keys())


def _open_grades(case: Case, changed: Set[str]) -> None:
    """Take away the grades, and what was counted for them, that read what *changed*."""
    for name, grade in case.grades.items():
        for given in outdated(grade, changed) - ({name} if grade.by_hand else set()):
            case.fields.pop(given, None)


def _graded(case: Case, event: e.GradeGiven, rec: e.Recorded) -> None:
    case.fields = {**case.fields, **event.counted, event.field: event.grade}
    case.grades[event.field] = Grade(value=event.grade, reads=event.reads)
    case.happened[f"{event.field} set"] = rec.at


def _fields(case: Case, event: e.FieldsSet, rec: e.Recorded) -> None:
    _set(case, event.fields, rec)
    if event.reason is not None:
        case.facts_version += 1
        case.amended.update(dict.fromkeys(event.fields, rec.actor))
    if event.visit is not None and event.visit in case.visits:
        visit = case.visits[event.visit]
        names = tuple(dict.fromkeys((*visit.filled, *event.fields)))
        case.visits[event.visit] = replace(visit, filled=names)


def _closed(case: Case, event: e.CaseClosed, rec: e.Recorded) -> None:
    case.status, case.outcome, case.closed_at = CLOSED, event.outcome, rec.at
    case.happened["case closed"] = rec.at
    _turn(case, "closed", rec)


def _turn(case: Case, what: str, rec: e.Recorded) -> None:
    case.turns = (*case.turns, Turn(what=what, at=rec.at))


def _told(case: Case, event: e.OutcomeTold, rec: e.Recorded) -> None:
    case.told_at = rec.at
    case.happened["case told"] = rec.at


def _finished(case: Case, event: e.CaseFinished, rec: e.Recorded) -> None:
    case.status, case.finished_at = FINISHED, rec.at


def _reopened(case: Case, event: e.CaseReopened, rec: e.Recorded) -> None:
    case.status, case.outcome, case.closed_at, case.finished_at = OPEN, None, None, None
    case.happened["case reopened"] = rec.at
    _turn(case, "reopened", rec)


def _ended(status: str) -> Any:
    def apply(case: Case, event: e.Event, rec: e.Recorded) -> None:
        case.status, case.outcome = status, case.outcome or status
        case.finished_at = rec.at
        if status == WITHDRAWN:
            _turn(case, "withdrawn", rec)

    return apply


def _linked(case: Case, event: e.CaseLinked, _: e.Recorded) -> None:
    case.links = (
        *case.links,
        Link(other=event.other, link=event.link, blocks=event.blocks, branch=event.branch),
    )
    if event.branch is not None and event.blocks == "stage":
        case.branches[event.branch] = replace(case.branches[event.branch], waits_for=event.other)


def _linked_ended(case: Case, event: e.LinkedCaseEnded, rec: e.Recorded) -> None:
    case.links = tuple(replace(x, ended=True) if x.other == event.other else x for x in case.links)
    _set(case, event.taken, rec)
    for number, branch in case.branches.items():
        if branch.waits_for == event.other:
            case.branches[number] = replace(branch, waits_for=None)


def _branch_opened(case: Case, event: e.BranchOpened, _: e.Recorded) -> None:
    case.branches[event.branch] = Branch(
        id=event.branch,
        route=event.route,
        path=event.path,
        follow_up=event.follow_up,
        parent=event.parent,
        bound=dict(event.bound or {}),
    )
    if event.follow_up and case.status == FINISHED:  # an objection can come after the last follow-up was done
        case.status, case.finished_at = CLOSED, None


def _branch_moved(case: Case, event: e.BranchMoved, _: e.Recorded) -> None:
    branch = case.branches[event.branch]
    back = event.step <= branch.step
    case.branches[event.branch] = replace(branch, step=event.step, rounds=branch.rounds + int(back))


def _branch_ended(case: Case, event: e.BranchEnded, _: e.Recorded) -> None:
    case.branches[event.branch] = replace(case.branches[event.branch], ended=event.how)


def _visit_opened(case: Case, event: e.VisitOpened, rec: e.Recorded) -> None:
    case.visits[event.visit] = Visit(
        id=event.visit,
        branch=event.branch,
        stage=event.stage,
        round=event.round,
        opened_at=rec.at,
        seats=tuple(SeatState(seat=s) for s in event.seats),
        source=event.source,
    )
    case.happened[f"{event.stage} opened"] = rec.at
    case.happened.pop(f"{event.stage} overdue", None)


def _seat_answered(case: Case, event: e.SeatAnswered, rec: e.Recorded) -> None:
    answer = Answer(
        decision=event.decision,
        by=rec.actor,
        at=rec.at,
        on_behalf_of=event.on_behalf_of,
        capacity=event.capacity,
    )
    _set_seat(case, event.visit, event.seat, lambda s: replace(s, answer=answer))


def _visit_done(case: Case, event: e.VisitDone, rec: e.Recorded) -> None:
    visit = case.visits[event.visit]
    deadline = case.deadline_of(event.visit)
    case.visits[event.visit] = replace(
        visit,
        ended="done",
        ended_at=rec.at,
        decision=event.decision,
        decided_by=rec.actor,
        in_time=deadline is None or rec.at <= deadline.due_at,
        waiting_until=None,
    )
    case.happened[f"{visit.stage} done"] = rec.at
    case.happened[f"{visit.stage} {event.decision}"] = rec.at


def _visit_dropped(case: Case, event: e.VisitDropped, rec: e.Recorded) -> None:
    visit = case.visits[event.visit]
    case.visits[event.visit] = replace(visit, ended=event.why, ended_at=rec.at, waiting_until=None)


def _taken_back(case: Case, event: e.DecisionTakenBack, rec: e.Recorded) -> None:
    if case.visits[event.visit].is_open:  # others are still to answer: only the seat is free again
        _set_seat(case, event.visit, event.seat, lambda s: replace(s, answer=None))
        for seat in event.later:
            _set_seat(case, event.visit, seat, lambda s: replace(s, has_card=True))
        return
    _visit_dropped(case, e.VisitDropped(visit=event.visit, why="taken_back"), rec)


def _seat_added(case: Case, event: e.SeatAdded, _: e.Recorded) -> None:
    visit = case.visits[event.visit]
    case.visits[event.visit] = replace(visit, seats=(*visit.seats, SeatState(seat=event.seat)))


def _handed_over(case: Case, event: e.HandedOver, _: e.Recorded) -> None:
    def move(state: SeatState) -> SeatState:
        seat = state.seat
        return replace(state, seat=replace(seat, member=event.member, role=event.role or seat.role, head=False))

    _set_seat(case, event.visit, event.seat, move)
    case.visits[event.visit] = replace(case.visits[event.visit], reassigned=True)


def _asked(case: Case, event: e.QuestionAsked, rec: e.Recorded) -> None:
    case.questions[event.question] = Question(
        id=event.question, visit=event.visit, by=rec.actor, to=event.to, words=event.words, at=rec.at
    )


def _answered(case: Case, event: e.QuestionAnswered, _: e.Recorded) -> None:
    case.questions[event.question] = replace(case.questions[event.question], answered=True)


def _call(case: Case, event: e.CallLogged, rec: e.Recorded) -> None:
    visit = case.visits[event.visit]
    calls = (*visit.calls, Call(at=rec.at, by=rec.actor, result=event.result))
    case.visits[event.visit] = replace(visit, attempts=event.attempt, again_at=event.again_at, calls=calls)


def _set_seat(case: Case, visit: int, seat: int, change: Any) -> None:
    old = case.visits[visit]
    seats = tuple(change(s) if s.seat.id == seat else s for s in old.seats)
    case.visits[visit] = replace(old, seats=seats)


_APPLY: dict[type[e.Event], Any] = {
    e.CaseImported: _imported,
    e.VersionChanged: _version,
    e.CaseNumbered: _numbered,
    e.FieldsSet: _fields,
    e.FieldsDropped: _dropped,
    e.GradeGiven: _graded,
    e.CaseClosed: _closed,
    e.OutcomeTold: _told,
    e.CaseFinished: _finished,
    e.CaseReopened: _reopened,
    e.CaseWithdrawn: _ended(WITHDRAWN),
    e.CaseVoided: _ended(VOID),
    e.CaseMerged: _ended(MERGED),
    e.CaseLinked: _linked,
    e.LinkedCaseEnded: _linked_ended,
    e.BranchOpened: _branch_opened,
    e.BranchMoved: _branch_moved,
    e.BranchEnded: _branch_ended,
    e.VisitOpened: _visit_opened,
    e.SeatAnswered: _seat_answered,
    e.VisitDone: _visit_done,
    e.VisitDropped: _visit_dropped,
    e.DecisionTakenBack: _taken_back,
    e.SeatAdded: _seat_added,
    e.HandedOver: _handed_over,
    e.QuestionAsked: _asked,
    e.QuestionAnswered: _answered,
    e.CallLogged: _call,
    **TIME,
    **PAPERS,
}
