"""How each event changes a case: the log, folded one event at a time; and what an event means to triggers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC
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
    CaseFile,
    Deadline,
    Hold,
    LedgerLine,
    Link,
    Question,
    SeatState,
    Turn,
    Visit,
)


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
    if recorded.actor not in case.people and recorded.actor.isupper():
        case.people = (*case.people, recorded.actor)
    return case


def happenings(recorded: e.Recorded, case: Case) -> tuple[str, ...]:
    """Name what an event means to triggers (`upon:`), clocks and rules, after it was taken into *case*."""
    event = recorded.event
    match event:
        case e.VisitOpened():
            return (f"{event.stage} opened",)
        case e.VisitDone():
            stage = case.visits[event.visit].stage
            ended = f"{stage} done" if event.target != "back" else f"{stage} returned"
            return tuple(dict.fromkeys((f"{stage} {event.decision}", ended)))  # a decision may be called "done" itself
        case e.ExtensionRuled(granted=True):
            return (f"{case.visits[event.visit].stage} extended",)
        case e.FieldsSet():
            return tuple(f"{name} set" for name in event.fields)
        case e.LinkedCaseEnded():
            return tuple(f"{name} set" for name in event.taken)
        case e.CaseOpened():
            return ("case opened",)
        case e.CaseNumbered():
            return ("case numbered",)
        case e.CaseClosed():
            return ("case closed",)
        case e.OutcomeTold():
            return ("case told",)
        case e.CaseFinished():
            return ("case finished",)
        case e.CaseReopened():
            return ("case reopened",)
        case e.StepFired():
            overdue = _overdue(case, case.deadlines[event.deadline])
            return (overdue,) if case.happened.get(overdue) == recorded.at else ()
        case e.WaitingBegun():
            return ("waiting begun",)
        case e.WaitingEnded():
            return ("waiting ended",)
        case e.BranchOpened():
            return (f"{event.route} begun",)
        case _:
            return ()


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
    case.fields = {**case.fields, **fields}
    for name in fields:
        case.happened[f"{name} set"] = rec.at


def _fields(case: Case, event: e.FieldsSet, rec: e.Recorded) -> None:
    _set(case, event.fields, rec)
    if event.reason is not None:
        case.facts_version += 1
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
        case.happened[_overdue(case, old)] = case.happened[f"deadline {old.id} overdue"] = rec.at
    steps = tuple(s for s in old.steps if s.id != event.step) + event.next_steps
    case.deadlines[event.deadline] = replace(old, steps=steps, turns=_turns(old, event.next_steps))
    if event.as_ == "escalation":
        for visit in _owing(case, old):
            case.visits[visit.id] = replace(visit, escalated_at=rec.at)


def _overdue(case: Case, deadline: Deadline) -> str:
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
        visit, extension_asked=None, extended=visit.extended or event.granted, escalated_at=None
    )


def _escalation_answered(case: Case, event: e.EscalationAnswered, _: e.Recorded) -> None:
    case.visits[event.visit] = replace(case.visits[event.visit], escalated_at=None)


def _urged(case: Case, event: e.Urged, rec: e.Recorded) -> None:
    case.urges[str(event.visit)] = rec.at


def _file_added(case: Case, event: e.FileAdded, rec: e.Recorded) -> None:
    if event.instead_of is not None:
        case.files.pop(event.instead_of, None)
    case.files[event.file] = CaseFile(
        id=event.file,
        name=event.name,
        mimetype=event.mimetype,
        size=event.size,
        by=rec.actor,
        field=event.field,
        visit=event.visit,
    )


def _file_stored(case: Case, event: e.FileStored, _: e.Recorded) -> None:
    case.files[event.file] = replace(case.files[event.file], sha256=event.sha256, size=event.size, missed=None)


def _file_missed(case: Case, event: e.FileMissed, _: e.Recorded) -> None:
    case.files[event.file] = replace(case.files[event.file], missed=event.why)


def _erased(case: Case, event: e.WordsErased, _: e.Recorded) -> None:
    case.erased = True


def _copies(case: Case, event: e.CopiesSent, _: e.Recorded) -> None:
    case.copies = event.to


def _amount(case: Case, event: e.AmountComputed, _: e.Recorded) -> None:
    case.amounts = {**case.amounts, event.entry: event.amount}
    case.reckonings = {**case.reckonings, event.entry: digest_of(event)}


def digest_of(event: e.AmountComputed) -> str:
    """Return a short digest of an amount with its parts and inputs: the same for the same reckoning."""
    plain = json.dumps([event.amount, event.parts, event.beyond, event.inputs], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def _to_archive(case: Case, event: e.CaseToArchive, _: e.Recorded) -> None:
    case.archive_by, case.keep_until = event.by, event.keep_until


def _figures(case: Case, event: e.FiguresTaken, _: e.Recorded) -> None:
    case.figures = event.figures


def _owed(case: Case, event: e.LedgerOwed, rec: e.Recorded) -> None:
    since = {x.who: x.at for x in case.ledger if x.entry == event.entry and x.kind == "owed"}
    kept = tuple(x for x in case.ledger if x.entry != event.entry or x.kind != "owed")
    lines = tuple(
        LedgerLine(
            log=case.id,
            entry=event.entry,
            kind="owed",
            who=who,
            case_id=case.id,
            amount=amount,
            at=since.get(who, rec.at.astimezone(UTC).isoformat()),
            seq=rec.seq,
        )
        for who, amount in event.debts.items()
    )
    case.ledger = (*kept, *lines)


def _taken(case: Case, event: e.LedgerTaken, rec: e.Recorded) -> None:
    lines = tuple(
        LedgerLine(
            log=case.id,
            entry=event.entry,
            kind="paid",
            who=part["who"],
            case_id=part["case"],
            amount=part["amount"],
            at=rec.at.astimezone(UTC).isoformat(),
            seq=rec.seq,
            month=event.month,
        )
        for part in event.taken
    )
    case.ledger = (*case.ledger, *lines)


def _lifted(case: Case, event: e.HoldLifted, _: e.Recorded) -> None:
    case.holds = tuple(hold for hold in case.holds if hold.rule != event.rule)


def _held(case: Case, event: e.HoldSet, rec: e.Recorded) -> None:
    hold = Hold(
        rule=event.rule,
        set_at=rec.at,
        acts=event.acts,
        required=event.required,
        until=event.until,
        source=event.source,
    )
    case.holds = (*(h for h in case.holds if h.rule != event.rule), hold)


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
    e.FileAdded: _file_added,
    e.FileStored: _file_stored,
    e.FileMissed: _file_missed,
    e.WordsErased: _erased,
    e.CopiesSent: _copies,
    e.AmountComputed: _amount,
    e.CaseToArchive: _to_archive,
    e.LedgerOwed: _owed,
    e.LedgerTaken: _taken,
    e.HoldSet: _held,
    e.HoldLifted: _lifted,
    e.CallLogged: _call,
    e.FiguresTaken: _figures,
}
