"""Who is told what by a ruling: events become notices, addressed to channels and people."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from complaints import events as e
from complaints.addresses import (
    addresses_of,
    addresses_of_holder,
    addresses_of_seats,
    debtors,
    destinations,
    heads,
    heads_of,
    home_of,
    is_restricted,
    open_owners,
    owners,
    superiors,
)
from complaints.authority import registry_of
from complaints.case import Deadline, SeatState, Visit
from complaints.clocks import calendar_of
from complaints.draft import Draft
from complaints.extensions import granters
from complaints.ladder import quiet_of
from complaints.limits import Unit, parse_limit
from complaints.notices import Priority
from complaints.policy_parts import Who
from complaints.quiet import next_allowed
from complaints.reply import is_reply_open, repliers
from complaints.seats import (
    holders_of,
    people_of,
    waiting_seats,
)
from complaints.stages import stage_def

SLIP_KINDS = ("reminder_slip", "inquiry_slip")


def tell_all(draft: Draft, *, was_locked: bool = False) -> None:
    """Add the notices of everything that this ruling recorded; *was_locked*: no reply was allowed before it."""
    for recorded in tuple(draft.events):
        teller = _TELL.get(type(recorded.event))
        if teller is not None:
            teller(draft, recorded.event)
    if was_locked and draft.case.kind == "complaint" and is_reply_open(draft.case, draft.policy):
        _reply_is_open(draft)


def _reply_is_open(draft: Draft) -> None:
    """Tell who replies that the customer may be answered: the reporter, or those whom the policy names instead."""
    holders = repliers(draft)
    if not holders or any(draft.case.reporter in people_of(h, draft.world) for h in holders):
        draft.tell("reply_open", draft.case.reporter, thread="reporter", priority=Priority.CARD)
        return
    for to in dict.fromkeys(t for holder in holders for t in addresses_of_holder(draft, holder)):
        draft.tell("reply_open", to, priority=Priority.CARD)


def card_kind(draft: Draft, visit: Visit) -> str:
    return "callback" if stage_def(draft.policy, visit.stage).attempts is not None else "approval"


# --- events ---------------------------------------------------------------------------------------------------------


def _opened(draft: Draft, event: e.CaseOpened) -> None:
    if event.kind == "duty":
        return
    draft.tell("home", home_of(draft), live=True)
    if event.kind == "complaint":
        draft.tell("reporter", event.reporter, live=True)


def _visit(draft: Draft, event: e.VisitOpened) -> None:
    visit = draft.case.visits[event.visit]
    if not visit.is_open:
        return
    for to in addresses_of(draft, visit):
        draft.tell(card_kind(draft, visit), to, visit=visit.id, live=True)
    if draft.case.duty is not None:
        _tell_of_duty(draft, visit, draft.policy.duties[draft.case.duty].with_)


def _tell_of_duty(draft: Draft, visit: Visit, people: Iterable[Who]) -> None:
    """Show a duty and its list to those who take part in it or whom its result is for: (九)10 「會同」, (十二)1 「送」."""
    facts, world = draft.facts, draft.world
    holders = [h for who in people for h in holders_of(who, draft.case, world, facts)]
    for to in dict.fromkeys(t for holder in holders for t in addresses_of_holder(draft, holder)):
        draft.tell("duty", to, visit=visit.id, live=True)


def _seat_added(draft: Draft, event: e.SeatAdded) -> None:
    if any(isinstance(r.event, e.VisitOpened) and r.event.visit == event.visit for r in draft.events):
        return
    visit = draft.case.visits[event.visit]
    turn = waiting_seats(visit, stage_def(draft.policy, visit.stage).seats) if visit.is_open else []
    if event.seat.id in [s.seat.id for s in turn]:
        for to in destinations(draft, event.seat):
            draft.tell("approval", to, visit=visit.id, live=True)


def _seat_answered(draft: Draft, event: e.SeatAnswered) -> None:
    """Bring the card to those whose turn this answer makes it; who had it before hears of the turn under that card."""
    visit = draft.case.visits[event.visit]
    answers = [r.event for r in draft.events if isinstance(r.event, e.SeatAnswered) and r.event.visit == visit.id]
    if not visit.is_open or event is not answers[-1]:
        return
    mode, answered = stage_def(draft.policy, visit.stage).seats, {a.seat for a in answers}
    had = addresses_of_seats(draft, _had_it(draft, visit, answered))
    for to in addresses_of_seats(draft, waiting_seats(visit, mode)):
        if to not in had:
            draft.tell(card_kind(draft, visit), to, visit=visit.id, live=True)
    waited = {s.seat.id for s in waiting_seats(replace(visit, seats=tuple(_before(visit, answered))), mode)}
    again = [s for s in waiting_seats(visit, mode) if s.seat.id not in waited | _seated(draft, visit)]
    for to in addresses_of_seats(draft, again):
        if to in had:
            draft.tell("turn", to, visit=visit.id, thread="visit", live=True, facts={"by": draft.actor})


def _before(visit: Visit, answered: set[int]) -> list[SeatState]:
    """Return the seats as they were before those of *answered* answered."""
    return [replace(s, answer=None) if s.seat.id in answered else s for s in visit.seats]


def _seated(draft: Draft, visit: Visit) -> set[int]:
    """Return who was added to the visit by this ruling: the card came with it."""
    return {r.event.seat.id for r in draft.events if isinstance(r.event, e.SeatAdded) and r.event.visit == visit.id}


def _had_it(draft: Draft, visit: Visit, answered: set[int]) -> list[SeatState]:
    """
    Return the seats that had the card before those of *answered* answered now.

    Who was told to wait for a signer put before him keeps his card, and so does whose turn was taken away when an answer
    before his was taken back; who was seated by this ruling got his with it.
    """
    mode = stage_def(draft.policy, visit.stage).seats
    earlier = _before(visit, answered)
    without = [s for s in earlier if s.seat.place != "before"]
    turns = [waiting_seats(replace(visit, seats=tuple(seats)), mode) for seats in (earlier, without)]
    had = {s.seat.id for turn in turns for s in turn} | _seated(draft, visit)
    return [s for s in visit.seats if s.answer is not None or s.has_card or s.seat.id in had]


def _handed(draft: Draft, event: e.HandedOver) -> None:
    seat = next(s.seat for s in draft.case.visits[event.visit].seats if s.seat.id == event.seat)
    for to in destinations(draft, seat):
        draft.tell("approval", to, visit=event.visit, live=True)


def _fired(draft: Draft, event: e.StepFired) -> None:
    deadline = draft.case.deadlines[event.deadline]
    facts = {"step": event.step, "late": event.late, "clock": deadline.clock, "due_at": deadline.due_at.isoformat()}
    visits = open_owners(draft, deadline)
    if event.as_ in SLIP_KINDS:
        _slip(draft, event, deadline, visits, facts)
        return
    for visit in visits[:1]:
        for member in event.told:
            if event.as_ == "escalation":
                _tell_of_clock(draft, event, member, visit, facts, priority=Priority.ESCALATION)
            else:
                later = _not_before(draft, deadline, before_due=True)
                _tell_of_clock(draft, event, member, visit, facts, merge=f"reminder:{member}", not_before=later)


def _tell_of_clock(
    draft: Draft,
    event: e.StepFired,
    to: str,
    visit: Visit,
    facts: dict[str, Any],
    *,
    priority: Priority = Priority.REMINDER,
    merge: str | None = None,
    not_before: datetime | None = None,
) -> None:
    """
    Tell *to* of a step of a clock; a slip and an escalation by their name, everything else as a reminder.

    A slip overtakes the same clock's earlier slips to the same reader that were never sent, an escalation such escalations:
    it says how late the stage is now, how often it was said and what comes next. It overtakes nothing of another kind: the
    slip (催辦單) is a writing of its own right (DL-10), and its button does the work while an escalation's rule on it.

    Source: DESIGN 4 (after an outage only the latest is sent); that an outage of Slack is one, too, is our default.
    """
    kind = event.as_ if event.as_ in (*SLIP_KINDS, "escalation") else "reminder"
    draft.tell(
        kind,
        to,
        visit=visit.id,
        deadline=event.deadline,
        priority=priority,
        merge=merge or f"{kind}:{to}:{draft.case.id}.{visit.id}.{event.deadline}",
        overtakes=merge is None,
        live=True,
        facts=facts,
        not_before=not_before,
    )


def _not_before(draft: Draft, deadline: Deadline, *, before_due: bool = False) -> datetime | None:
    """Return when a step that fired in quiet hours (after an outage) may be sent; None is at once."""
    now = draft.world.now
    if parse_limit(deadline.limit).unit is Unit.CLOCK_HOURS:
        return None
    allowed = next_allowed(now, calendar_of(draft, deadline), quiet_of(draft.world))
    return allowed if allowed > now and not (before_due and allowed >= deadline.due_at) else None


def _slip(draft: Draft, event: e.StepFired, deadline: Deadline, visits: list[Visit], facts: dict[str, Any]) -> None:
    """A reminder slip (催辦單) goes to the department in public, with a copy to its head."""
    later = [s.at for s in deadline.steps if s.as_ == "escalation"]
    owed_by = debtors(draft, deadline)
    facts = {
        **facts,
        "copy": heads_of(draft, owed_by) if owed_by else [m for v in visits for m in heads(draft, v)],
        "next": min(later).isoformat() if later else None,
    }
    for visit in visits[:1] if owed_by else visits:
        turn = waiting_seats(visit, stage_def(draft.policy, visit.stage).seats)
        own = [d for s in turn for d in destinations(draft, s.seat)]
        asked = dict.fromkeys([d for h in owed_by for d in addresses_of_holder(draft, h)] or own)
        for to in asked:
            _tell_of_clock(draft, event, to, visit, facts, not_before=_not_before(draft, deadline))
        roles = [h[0] for h in owed_by] or [s.seat.role for s in turn]
        for head in heads_of(draft, owed_by) if owed_by else heads(draft, visit):
            if head not in asked and all(draft.world.people.channel(role or "") is None for role in roles):
                _tell_of_clock(draft, event, head, visit, facts)
    _slip_to_others(draft, event, deadline, visits, facts)


def _slip_to_others(
    draft: Draft, event: e.StepFired, deadline: Deadline, visits: list[Visit], facts: dict[str, Any]
) -> None:
    """Tell whom a ladder names beside the owner and the head, such as a supervision office."""
    reached = {m for v in visits for m in owners(draft, v)} | set(facts["copy"])
    reached |= {m for h in debtors(draft, deadline) for m in people_of(h, draft.world)}
    for member in event.told if visits else ():
        if member not in reached:
            _tell_of_clock(draft, event, member, visits[0], facts, not_before=_not_before(draft, deadline))


def _asked(draft: Draft, event: e.QuestionAsked) -> None:
    draft.tell("question", event.to, visit=event.visit, live=True, facts={"question": event.question})


def _answered(draft: Draft, event: e.QuestionAnswered) -> None:
    question = draft.case.questions[event.question]
    facts = {"question": question.id, "answer": event.words}
    draft.tell("answer", question.by, visit=question.visit, live=True, facts=facts)


def _extension_asked(draft: Draft, event: e.ExtensionAsked) -> None:
    for member in granters(draft, draft.case.visits[event.visit]):
        draft.tell(
            "extension",
            member,
            visit=event.visit,
            live=True,
            facts={"until": event.until.isoformat(), "reason": event.reason},
        )


def _extension_ruled(draft: Draft, event: e.ExtensionRuled) -> None:
    facts = {
        "granted": event.granted,
        "until": event.until.isoformat() if event.until else None,
        "reason": event.reason,
    }
    for member in owners(draft, draft.case.visits[event.visit]):
        draft.tell("extension_ruled", member, visit=event.visit, live=True, facts=facts)


def _escalation_answered(draft: Draft, event: e.EscalationAnswered) -> None:
    if event.how != "meeting":
        return
    visit = draft.case.visits[event.visit]
    facts = {"at": event.meeting_at.isoformat() if event.meeting_at else None, "words": event.words}
    registry = registry_of(draft.case, draft.world)
    keepers: Iterable[str] = draft.world.people.holders(registry, draft.world.now) if registry else ()
    for member in dict.fromkeys((*owners(draft, visit), *heads(draft, visit), *keepers, draft.case.reporter)):
        draft.tell("meeting", member, visit=visit.id, facts=facts)


def _urged(draft: Draft, event: e.Urged) -> None:
    visit, facts = draft.case.visits[event.visit], {"by": draft.actor, "words": event.words}
    for member in owners(draft, visit):
        draft.tell("urge", member, visit=visit.id, priority=Priority.REMINDER, live=True, facts=facts)


def _copies(draft: Draft, event: e.CopiesSent) -> None:
    for number, role in enumerate(event.to, start=1):
        draft.tell(
            "copy",
            _copy_address(draft, role),
            facts={"of": event.of, "copy": number, "role": role, "copies": len(event.to)},
        )


def _copy_address(draft: Draft, role: str) -> str | None:
    """Return who keeps a copy: the department; of a restricted case its head, or who answers for it, in person."""
    people = draft.world.people
    if role not in people.roles:
        return role or None
    answering = next(iter(people.holders(role, draft.world.now)), None)
    if is_restricted(draft):
        return people.head(role) or answering or people.officer
    return people.channel(role) or answering


def _closed(draft: Draft, event: e.CaseClosed) -> None:
    if draft.case.kind == "complaint":
        draft.tell("closed", draft.case.reporter, thread="reporter", live=True, facts={"outcome": event.outcome})


def _finished(draft: Draft, event: e.CaseFinished) -> None:
    if draft.case.kind == "complaint":
        draft.tell("finished", draft.case.reporter, thread="reporter")
    elif draft.case.duty is not None:
        duty = draft.policy.duties[draft.case.duty]
        visit = next(reversed(draft.case.visits.values()))
        _tell_of_duty(draft, visit, [who for who in duty.send_to if who not in duty.with_])


def _to_archive(draft: Draft, event: e.CaseToArchive) -> None:
    for to in addresses_of_holder(draft, (event.by, None, False)):
        draft.tell("archive", to, facts={"by": event.by})


def _ended_early(kind: str) -> Callable[[Draft, Any], None]:
    def tell(draft: Draft, event: Any) -> None:
        draft.tell(
            "ended", home_of(draft), thread="home", facts={"how": kind, "reason": event.reason, "by": draft.actor}
        )
        if draft.actor != draft.case.reporter:
            draft.tell(
                "ended",
                draft.case.reporter,
                thread="reporter",
                facts={"how": kind, "reason": event.reason, "by": draft.actor},
            )

    return tell


def _missed(draft: Draft, event: e.FileMissed) -> None:
    file = draft.case.files[event.file]
    draft.tell("file_missed", file.by, facts={"file": event.file, "name": file.name})


def _rule(draft: Draft, event: e.RuleFired) -> None:
    rule = draft.policy.rules[event.rule]
    for who in rule.tell:
        if str(who) == "head of owner":
            people = [m for v in draft.case.open_visits for m in heads(draft, v)]
        elif str(who) == "superior of owner":
            people = [m for v in draft.case.open_visits for m in superiors(draft, v)]
        else:
            holders = holders_of(who, draft.case, draft.world, draft.facts)
            people = [m for h in holders for m in people_of(h, draft.world)]
        for member in dict.fromkeys(people):
            draft.tell("rule", member, facts={"rule": event.rule, "as": rule.as_}, priority=Priority.CARD)


_TELL: dict[type[e.Event], Callable[[Draft, Any], None]] = {
    e.CaseOpened: _opened,
    e.VisitOpened: _visit,
    e.SeatAdded: _seat_added,
    e.SeatAnswered: _seat_answered,
    e.HandedOver: _handed,
    e.StepFired: _fired,
    e.QuestionAsked: _asked,
    e.QuestionAnswered: _answered,
    e.ExtensionAsked: _extension_asked,
    e.ExtensionRuled: _extension_ruled,
    e.EscalationAnswered: _escalation_answered,
    e.Urged: _urged,
    e.CopiesSent: _copies,
    e.CaseClosed: _closed,
    e.CaseFinished: _finished,
    e.CaseToArchive: _to_archive,
    e.CaseWithdrawn: _ended_early("withdrawn"),
    e.CaseVoided: _ended_early("void"),
    e.CaseMerged: _ended_early("merged"),
    e.FileMissed: _missed,
    e.RuleFired: _rule,
}
