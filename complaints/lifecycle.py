"""The procedure decides: a command and a case in, a ruling out; nothing is read or written but through its arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from complaints import acts, acts_calls, acts_case, acts_time, acts_version
from complaints import commands as cmd
from complaints import events as e
from complaints.addresses import people_to_tell
from complaints.case import Case, Visit
from complaints.clocks import CASE_CLOCK, end_deadline, fire, hold_or_let_go, is_timer, repeated, start_clock
from complaints.commands import Command, OpenCase
from complaints.consequences import finish_visit
from complaints.counting import since as counted_since
from complaints.decisions import add_files, decide_stage, main_decision
from complaints.draft import Draft, Ruling
from complaints.facts import plain_texts
from complaints.forms import take_fields
from complaints.policy_model import Do
from complaints.ports import CaseCount
from complaints.refusals import FieldErrors, NotAllowedHere
from complaints.reply import is_reply_open
from complaints.restricted import keep_inside, move_inside, refuse_stranger, restricted_to
from complaints.routes import begin_main_route, find_step, open_branch, open_visit
from complaints.stages import duty_due
from complaints.telling import tell_all
from complaints.triggers import settle, timer_fired
from complaints.world import World


def decide(case: Case | None, command: Command, world: World) -> Ruling:
    """
    Return what *command* does to *case* (None: it begins with it).

    The case given is used up; the one in the ruling goes on.

    Raises:
        Refusal: the procedure says no; nothing happened.
    """
    draft = Draft(world=world, actor=command.actor)
    was_locked = case is not None and not is_reply_open(case, world.policy(case))
    was_open = case is not None and restricted_to(case, world) is None
    if case is None:
        _begin(draft, command)
    else:
        draft.case = case
        refuse_stranger(case, command.actor, world)
        ACTS[type(command)](draft, command)
    settle(draft)
    hold_or_let_go(draft)
    tell_all(draft, was_locked=was_locked)
    if was_open and restricted_to(draft.case, world) is not None:
        move_inside(draft)
    keep_inside(draft)
    return draft.ruling()


def _begin(draft: Draft, command: Command) -> None:
    match command:
        case OpenCase():
            open_case(draft, command)
        case cmd.ImportCase():
            import_case(draft, command)
        case _:
            raise NotAllowedHere("unknown_case", source=None)


# --- intake ------------------------------------------------------------------------------------------------------


def open_case(draft: Draft, command: OpenCase) -> None:
    """Log a complaint: open the case, fill its form, and send it on its way."""
    _emit_opened(draft, command)
    if command.kind == "duty":
        _open_duty(draft, command)
        return
    errors, fields = _first_fields(draft, command)
    if fields:
        draft.emit(e.FieldsSet(fields=fields))
    add_files(draft, None, command.files, asked=_asked_of_reporter(draft, command) or ())
    if command.note:
        draft.emit(e.NoteAdded(words=draft.keep_words(command.note)))
    if command.stage is not None:
        _begin_own_route(draft, command.stage)
    elif draft.policy.main_route(draft.facts) is not None:
        begin_main_route(draft)
    elif draft.policy.intake is not None and command.parent is None:  # what picks the route is asked on the form
        errors |= _missing_in(draft, draft.policy.intake.stages[0], {n for n, _ in command.files}) | errors
    if not errors and not draft.case.branches:
        begin_main_route(draft)
    _pass_intake(draft, command, errors)
    if errors:
        raise FieldErrors(errors)
    _link_repeat(draft, command)


def _link_repeat(draft: Draft, command: OpenCase) -> None:
    """Link a complaint to the first one of the same matter, where the policy reopens that (RD-06)."""
    repeat = draft.policy.repeat
    if repeat is None or repeat.reopens is None or command.parent is not None or draft.case.kind != "complaint":
        return
    same = {name: draft.case.fields.get(name) for name in repeat.same}
    if not all(plain_texts(value) for value in same.values()):
        return
    since = counted_since(repeat.within, draft.world.now, draft.world.calendar())
    query = CaseCount(policy=draft.case.policy, same=same, since=since, leave_out=draft.case.id)
    first = next(iter(draft.world.find(query)), None)
    if first is not None:
        draft.emit(e.CaseLinked(other=first, link="repeat"))
        draft.repeats.append(first)


def _emit_opened(draft: Draft, command: OpenCase) -> None:
    draft.emit(
        e.CaseOpened(
            case_id=command.case_id,
            policy=command.policy,
            bundle=draft.world.bundle.digest,
            kind=command.kind,
            via=command.via,
            reporter=command.actor,
            parent=command.parent,
            link=command.link,
            language=command.language,
            duty=command.duty,
            period=command.period,
        )
    )


def _begin_own_route(draft: Draft, route: str) -> None:
    open_branch(draft, route)


def _first_fields(draft: Draft, command: OpenCase) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what can't be taken and what can; a form with errors is checked to its end before it is refused."""
    allowed = _asked_of_reporter(draft, command)
    try:
        return {}, take_fields(draft, command.fields, allowed=allowed, with_files=[n for n, _ in command.files])
    except FieldErrors as wrong:
        good = {n: v for n, v in command.fields.items() if n not in wrong.errors}
        try:
            return dict(wrong.errors), take_fields(draft, good, allowed=allowed)
        except FieldErrors as more:
            return {**wrong.errors, **more.errors}, {}


def _asked_of_reporter(draft: Draft, command: OpenCase) -> list[str] | None:
    """Return the fields of the intake form; None where the case is begun by another one, which gives what it gives."""
    intake = draft.policy.intake
    if intake is None or command.parent is not None:
        return None
    return [n for stage in intake.stages for n in draft.policy.stages[stage].filled]


def _pass_intake(draft: Draft, command: OpenCase, errors: dict[str, Any]) -> None:
    """Answer the stages that the form fills in one go; collect what they still miss."""
    if command.parent is not None or draft.policy.intake is None:
        return
    with_files = {n for n, _ in command.files}
    while visit := next((v for v in draft.case.open_visits if v.stage in draft.policy.intake.stages), None):
        missing = _missing(draft, visit, with_files)
        errors.update({n: p for n, p in missing.items() if n not in errors})
        if errors and missing:
            return
        _answer_intake(draft, visit, command.actor)


def _missing(draft: Draft, visit: Visit, with_files: set[str]) -> dict[str, Any]:
    return _missing_in(draft, visit.stage, with_files)


def _missing_in(draft: Draft, stage: str, with_files: set[str]) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    try:
        take_fields(draft, {}, mandatory=draft.policy.stages[stage].fill, with_files=with_files)
    except FieldErrors as wrong:
        errors = dict(wrong.errors)
    open_points = [n for n in draft.policy.stages[stage].checklist if not draft.case.fields.get(n)]
    return {**{n: ("checklist", {"field": n}) for n in open_points}, **errors}


def _answer_intake(draft: Draft, visit: Visit, actor: str) -> None:
    stage = draft.policy.stages[visit.stage]
    decision = main_decision(stage)
    seat = visit.seats[0].seat
    draft.emit(e.SeatAnswered(visit=visit.id, seat=seat.id, decision=decision, capacity="reporter"))
    finish_visit(draft, visit.id, decision)


# --- duties --------------------------------------------------------------------------------------------------------


def _open_duty(draft: Draft, command: OpenCase) -> None:
    """A periodic task: one visit of its own with the data that it is about (DL-16), for the branch that is given."""
    duty = draft.policy.duties[str(command.duty)]
    if command.fields:
        draft.emit(e.FieldsSet(fields=dict(command.fields)))
    draft.emit(e.BranchOpened(branch=1, route=f"duty:{command.duty}"))
    if command.figures:
        draft.emit(e.FiguresTaken(figures=command.figures))
    due = duty_due(duty, draft.world.now, draft.world.calendar(), draft.world.people.shifts)
    open_visit(draft, 1, str(command.duty), due=due)


# --- import ----------------------------------------------------------------------------------------------------------


def import_case(draft: Draft, command: cmd.ImportCase) -> None:
    """Take over an open paper case at its stage; nothing from before the import fires (DESIGN §8)."""
    draft.actor = command.reporter
    draft.emit(
        e.CaseOpened(
            case_id=command.case_id,
            policy=command.policy,
            bundle=draft.world.bundle.digest,
            kind="complaint",
            via="import",
            reporter=command.reporter,
        ),
        actor="import",
    )
    draft.emit(
        e.CaseImported(old_number=command.old_number, received_at=command.received_at, stage=command.stage),
        actor="import",
    )
    fields = take_fields(draft, command.fields)
    if fields:
        draft.emit(e.FieldsSet(fields=fields), actor="import")
    _stand_at(draft, command.stage)
    case_clock = draft.policy.clocks.get(CASE_CLOCK)
    if case_clock is not None and draft.case.clock(CASE_CLOCK) is None:
        start_clock(draft, CASE_CLOCK, case_clock, command.clock_started_at)


def _stand_at(draft: Draft, stage: str) -> None:
    route = draft.policy.main_route(draft.facts)
    steps = draft.policy.routes[route].path if route else ()
    at = find_step(steps, stage)
    if route is None or at is None:
        stages = [s.stage for s in steps if isinstance(s, Do)]
        raise FieldErrors({"stage": ("not_a_choice", {"value": stage, "choices": stages})})
    draft.emit(e.BranchOpened(branch=1, route=route), actor="import")
    draft.emit(e.BranchMoved(branch=1, step=at), actor="import")
    open_visit(draft, 1, stage)
    draft.pending.clear()


# --- the clock ---------------------------------------------------------------------------------------------------------


def deadline_reached(draft: Draft, command: cmd.DeadlineReached) -> None:
    """Fire what is due of a deadline; a tick that comes again finds nothing due and changes nothing."""
    deadline = draft.case.deadlines.get(command.deadline)
    if deadline is None or deadline.ended is not None:
        return
    step = fire(draft, deadline)
    if step is None:
        return
    if step.as_ == "rule":
        _fire_rung(draft, deadline.id, step)
        end_deadline(draft, draft.case.deadlines[deadline.id], "reached")
        timer_fired(draft, deadline.clock)
    elif step.as_ == "waiting_over":
        _fire_rung(draft, deadline.id, step)
        acts_time.finish_waiting(draft, draft.case.visits[deadline.visit or 0], "date")
    else:
        _fire_rung(draft, deadline.id, step)


def _fire_rung(draft: Draft, number: int, step: e.Step) -> None:
    deadline = draft.case.deadlines[number]
    late = (draft.world.now - step.send_at).total_seconds() > 3600
    draft.emit(
        e.StepFired(
            deadline=number,
            step=step.id,
            as_=step.as_,
            told=people_to_tell(draft, deadline, step),
            late=late,
            next_steps=() if is_timer(deadline) else repeated(draft, deadline, step),
        )
    )


Act = Callable[[Draft, Any], None]
ACTS: Mapping[type[Command], Act] = {
    cmd.Decide: decide_stage,
    cmd.HandOver: acts.hand_over,
    cmd.AddSigner: acts.add_signer,
    cmd.AskReporter: acts.ask_reporter,
    cmd.AnswerQuestion: acts.answer_question,
    cmd.WaitForCustomer: acts_time.wait_for_customer,
    cmd.EndWaiting: acts_time.end_waiting,
    cmd.AskExtension: acts_time.ask_extension,
    cmd.RuleExtension: acts_time.rule_extension,
    cmd.CallMeeting: acts_time.call_meeting,
    cmd.TakeBack: acts.take_back,
    cmd.Urge: acts.urge,
    cmd.Withdraw: acts_case.withdraw,
    cmd.Amend: acts_case.amend,
    cmd.ChangeVersion: acts_version.change_version,
    cmd.Void: acts_case.void,
    cmd.Merge: acts_case.merge,
    cmd.AddNote: acts_case.add_note,
    cmd.StoreFile: acts_case.store_file,
    cmd.LogCall: acts_calls.log_call,
    cmd.BeginRoute: acts_case.begin_route,
    cmd.ShowMasked: acts_case.show_masked,
    cmd.ExportCase: acts_case.export_case,
    cmd.EraseWords: acts_case.erase_words,
    cmd.LinkedCaseClosed: acts_case.linked_case_closed,
    cmd.RepeatCame: acts_case.repeat_came,
    cmd.RecomputeDeadlines: acts_time.recompute_deadlines,
    cmd.DeadlineReached: deadline_reached,
}
