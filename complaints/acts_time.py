"""Acts about time: waiting for the customer, extension, a meeting that answers an escalation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from complaints import commands as cmd
from complaints import events as e
from complaints.acts import required
from complaints.authority import (
    require_of_case,
    source_of,
    standing,
)
from complaints.case import Visit
from complaints.clocks import (
    CASE_CLOCK,
    calendar_of,
    end_deadline,
    latest_due,
    longest_extension,
    move_deadline,
    recompute,
)
from complaints.decisions import the_visit
from complaints.draft import Draft
from complaints.extensions import granters, granters_by, may_have_more, wants_reason
from complaints.limits import at_same_clock
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, StaleCard
from complaints.restricted import is_top
from complaints.workdays import WorkCalendar

LONGEST_WAIT = timedelta(days=366)


def wait_for_customer(draft: Draft, command: cmd.WaitForCustomer) -> None:
    """Record that the customer is waited for; it stops a clock only where the policy says so (D20)."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    words = required(command.reason)
    if not draft.world.now < command.until <= draft.world.now + LONGEST_WAIT:
        raise FieldErrors({"until": ("not_in_future", {"field": "until"})})
    stops = tuple(
        name
        for name, clock in draft.policy.clocks.items()
        if any(p.while_ == "waiting_for_customer" for p in clock.pauses)
    )
    _end_clocks_of_waiting(draft, visit, "again")  # two colleagues may record it at once: the later word holds
    draft.emit(e.WaitingBegun(visit=visit.id, reason=draft.keep_words(words), until=command.until, stops=stops))
    step = e.Step(id="0.1", at=command.until, send_at=command.until, as_="waiting_over")
    draft.emit(
        e.DeadlineSet(
            deadline=draft.next_deadline(),
            clock="waiting",
            visit=visit.id,
            starts_at=draft.world.now,
            due_at=command.until,
            limit="none",
            provisional=False,
            steps=(step,),
            calendar_version=draft.world.calendar().version,
            source="D20",
        )
    )


def end_waiting(draft: Draft, command: cmd.EndWaiting) -> None:
    visit = the_visit(draft.case, command.visit)
    if visit.waiting_until is None:
        raise NotAllowedHere("not_waiting", source=None, case=draft.case.name)
    if command.actor != cmd.CLOCK:
        require_of_case(command.actor, draft.case, draft.world)
    finish_waiting(draft, visit, "answered")


def finish_waiting(draft: Draft, visit: Visit, why: str) -> None:
    """End the waiting; clocks that stood still go on (see `hold_or_let_go`)."""
    draft.emit(e.WaitingEnded(visit=visit.id, why=why))
    _end_clocks_of_waiting(draft, visit, why)


def _end_clocks_of_waiting(draft: Draft, visit: Visit, why: str) -> None:
    for deadline in [d for d in draft.case.deadlines.values() if d.ended is None]:
        if deadline.clock == "waiting" and deadline.visit == visit.id:
            end_deadline(draft, deadline, why)


def ask_extension(draft: Draft, command: cmd.AskExtension) -> None:
    """Ask for more time: once per stage, at most the stage's own limit, the general manager decides (D21)."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    _refuse_extension(draft, visit)
    _check_until(draft, visit, command.until)
    reason = required(command.reason) if wants_reason(draft.stage(visit)) else command.reason.strip()
    draft.emit(e.ExtensionAsked(visit=visit.id, until=command.until, reason=draft.words_or_none(reason)))


def _refuse_extension(draft: Draft, visit: Visit) -> None:
    stage = draft.stage(visit)
    if not may_have_more(stage, visit):
        deadline, source = draft.case.deadline_of(visit.id), source_of(stage.extension) or "D21"
        raise NotAllowedHere(
            "extension_used", source=source, until=deadline.due_at if deadline else None, stage=visit.stage
        )
    if draft.case.deadline_of(visit.id) is None:
        raise NotAllowedHere("no_limit", source="D21", stage=visit.stage)


def _check_until(draft: Draft, visit: Visit, until: datetime) -> None:
    deadline, most = draft.case.deadline_of(visit.id), longest_extension(draft, visit)
    assert deadline is not None
    if most is None or not deadline.due_at < until <= most:
        raise FieldErrors({"until": ("extension_too_long", {"most": most, "due": deadline.due_at})})


def rule_extension(draft: Draft, command: cmd.RuleExtension) -> None:
    """Grant or refuse more time; it moves the stage's deadline, the case's promise only where the policy says so (D21)."""
    visit = the_visit(draft.case, command.visit)
    if not visit.is_open:
        raise StaleCard(
            stage=visit.stage, by=visit.decided_by, at=visit.ended_at, how=visit.ended, decision=visit.decision
        )
    _refuse_no_granter(draft, visit, command.actor)
    until = command.until or visit.extension_asked
    if command.granted:
        _refuse_extension(draft, visit)
        if until is None:
            raise FieldErrors({"until": ("missing", {"field": "until"})})
        _check_until(draft, visit, until)
    elif visit.extension_asked is None:
        raise StaleCard("extension_ruled", source="D21", case=draft.case.name)
    unasked = visit.extension_asked is None and wants_reason(draft.stage(visit))
    if (not command.granted or unasked) and not command.reason.strip():
        raise FieldErrors({"reason": ("missing", {"field": "reason"})})
    was_escalated = visit.escalated_at is not None
    draft.emit(
        e.ExtensionRuled(
            visit=visit.id,
            granted=command.granted,
            until=until if command.granted else None,
            reason=draft.words_or_none(command.reason.strip()),
        )
    )
    deadline = draft.case.deadline_of(visit.id)
    if command.granted and deadline is not None and until is not None:
        move_deadline(draft, deadline, until, "extension")
        _move_clocks(draft, visit, command.actor, _More(deadline.due_at, until, calendar_of(draft, deadline)))
        if was_escalated:
            draft.emit(e.EscalationAnswered(visit=visit.id, how="extend"))


class _More(NamedTuple):
    """By how much a stage was extended: from one due time to another, on its own calendar."""

    due: datetime
    until: datetime
    calendar: WorkCalendar

    def after(self, at: datetime, calendar: WorkCalendar) -> datetime:
        """Return *at* so much later: after whole days by the wall as many days at the same time, summer time or not."""
        due, until = self.calendar.local(self.due), self.calendar.local(self.until)
        if due.time() != until.time():
            return at + (self.until - self.due)
        last = calendar.last_day(at)
        return at_same_clock(at, last, last + (until.date() - due.date()), calendar)


def _move_clocks(draft: Draft, visit: Visit, actor: str, more: _More) -> None:
    """
    Let the case's promise move along where the policy says that an extension of this stage does (DESIGN 8), and every
    running clock that *actor* may lengthen by its own `extension`: so often as it says, each time by at most so much.
    """
    stage = draft.stage(visit).extension
    for deadline in [d for d in draft.case.deadlines.values() if d.visit is None and d.ended is None]:
        clock = draft.policy.clocks.get(deadline.clock)
        own = clock.extension if clock is not None else None
        until = more.after(deadline.due_at, calendar_of(draft, deadline))
        if deadline.clock == CASE_CLOCK and stage is not None and stage.moves_case:
            move_deadline(draft, deadline, until, "extension")
        elif own is not None and deadline.extensions < own.times and actor in granters_by(draft, own):
            most = latest_due(draft, deadline, own)
            move_deadline(draft, deadline, until if most is None else min(until, most), "extension")


def _refuse_no_granter(draft: Draft, visit: Visit, actor: str) -> None:
    rule = draft.stage(visit).extension
    if rule is None:
        if not is_top(actor, draft.case, draft.world):
            raise NotAuthorized("only_general_manager", source="D21", stage=visit.stage)
        return
    people = granters(draft, visit)
    if actor not in people:
        raise NotAuthorized(source=source_of(rule), people=people, stage=visit.stage, role=None)


def call_meeting(draft: Draft, command: cmd.CallMeeting) -> None:
    """Answer an escalation by a meeting: who has the stage, the registry and the reporter are asked to come."""
    visit = the_visit(draft.case, command.visit)
    if not is_top(command.actor, draft.case, draft.world):
        raise NotAuthorized("only_general_manager", source="D5", stage=visit.stage)
    if not visit.is_open:
        raise StaleCard(
            stage=visit.stage, by=visit.decided_by, at=visit.ended_at, how=visit.ended, decision=visit.decision
        )
    if command.at <= draft.world.now:
        raise FieldErrors({"at": ("not_in_future", {"field": "at"})})
    draft.emit(
        e.EscalationAnswered(
            visit=visit.id, how="meeting", meeting_at=command.at, words=draft.words_or_none(command.words.strip())
        )
    )


def recompute_deadlines(draft: Draft, command: cmd.RecomputeDeadlines) -> None:
    """Move open deadlines after a calendar changed; time already used stays used (DESIGN §4)."""
    recompute(draft, command.why)
