"""Acts on a visit: hand over, add a signer, ask, take back, urge."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from complaints import case as c
from complaints import commands as cmd
from complaints import events as e
from complaints.authority import (
    is_registry,
    not_qualified,
    refuse_own_judgement,
    require_of_case,
    standing,
    still_stands,
)
from complaints.case import Deadline, Visit
from complaints.clocks import (
    end_clocks_of_visit,
)
from complaints.decisions import the_visit
from complaints.draft import Draft
from complaints.people import is_member_id
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, Recused, StaleCard
from complaints.restricted import is_top
from complaints.routes import (
    drop_branch,
    find_step,
    open_visit,
    path_of,
)
from complaints.seats import role_at, waiting_seats


def required(text: str, field: str = "reason") -> str:
    if not text.strip():
        raise FieldErrors({field: ("missing", {"field": field})})
    return text.strip()


def _refuse_nobody(member: str) -> None:
    """Refuse what is no person's id: a card for a channel's id would be shown there, also that of a restricted case."""
    if not is_member_id(member):
        raise FieldErrors({"member": ("missing", {"field": "member"})})


def _refuse_recused(draft: Draft, visit: Visit, member: str) -> None:
    """Refuse who may not judge here: he would be sent the card, and the stage would wait for an answer that he can't give."""
    try:
        refuse_own_judgement(draft.case, visit, draft.stage(visit), member, draft.world)
    except Recused:
        raise FieldErrors({"member": ("may_not_judge", {"field": "member"})}) from None


def hand_over(draft: Draft, command: cmd.HandOver) -> None:
    """Give the seat to somebody else (轉交); the general manager may reassign to a person or a role (RT-10)."""
    visit = the_visit(draft.case, command.visit)
    is_gm = is_top(command.actor, draft.case, draft.world)
    place = standing(draft.case, visit, command.actor, draft.world, instead=is_gm and visit.escalated_at is not None)
    seat = place.seat.seat
    if command.member is None and command.role is None:
        raise FieldErrors({"member": ("missing", {"field": "member"})})
    if command.member is not None:
        _refuse_nobody(command.member)
        _refuse_recused(draft, visit, command.member)
    if command.member is not None and not is_gm:
        _refuse_outsider(draft, visit, command.member)
    if command.role is not None and not is_gm:
        raise NotAuthorized("only_general_manager", source="D5", stage=visit.stage)
    if command.role is not None and command.role not in draft.world.people.roles:
        raise FieldErrors({"role": ("no_such_unit", {"value": command.role})})
    role = role_at(command.role, draft.case, draft.world, draft.facts) if command.role is not None else None
    if command.member is not None:
        refuse_unqualified(draft, command.member, role or seat.role)
    draft.emit(
        e.HandedOver(
            visit=visit.id,
            seat=seat.id,
            member=command.member,
            role=role,
            by_general_manager=is_gm,
            reason=draft.words_or_none(command.reason.strip()),
        )
    )
    if is_gm and visit.escalated_at is not None:
        draft.emit(e.EscalationAnswered(visit=visit.id, how="reassign"))


def refuse_unqualified(draft: Draft, member: str, role: str | None) -> None:
    """Only who has what the role needs may be assigned to it (GA-04)."""
    lacking = draft.world.people.lacks(member, role or "", draft.world.now)
    if lacking is not None:
        raise not_qualified(member, role or "", lacking, draft.world)


def _refuse_outsider(draft: Draft, visit: Visit, member: str) -> None:
    """A handover stays within the department: the route, not a person, decides which department acts."""
    known = _department(draft, visit)
    if known is not None and member not in known:
        roles = tuple(s.seat.role for s in visit.seats if s.seat.role)
        raise NotAllowedHere("not_in_department", source=None, member=member, roles=roles)


def _department(draft: Draft, visit: Visit) -> set[str] | None:
    """Return who works in the departments of the visit's seats, or stands in there now; None where no seat is a department's."""
    roles = [s.seat.role for s in visit.seats if s.seat.role]
    plans = [draft.world.people.roles[r] for r in roles if r in draft.world.people.roles]
    known = {m for p in plans for m in (*p.members, p.head) if m} | {
        d.member for p in plans for d in p.deputies if d.is_on(draft.world.now)
    }
    return known if plans else None


def has_somebody_to_hand_to(draft: Draft, visit: Visit) -> bool:
    """Say whether there is anybody else to whom the draft's actor may hand his seat."""
    known = _department(draft, visit)
    return known is None or is_top(draft.actor, draft.case, draft.world) or bool(known - {draft.actor})


def add_signer(draft: Draft, command: cmd.AddSigner) -> None:
    """Add a signer before, after or beside (加簽); the limit does not move (DESIGN §8)."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    if command.place not in ("before", "after", "beside"):
        raise FieldErrors({"place": ("not_a_choice", {"choices": ["before", "after", "beside"]})})
    if any(s.seat.member == command.member and s.answer is None for s in visit.seats):
        raise NotAllowedHere("already_signer", source=None, member=command.member)
    _refuse_nobody(command.member)
    _refuse_recused(draft, visit, command.member)
    seat = e.Seat(id=len(visit.seats) + 1, member=command.member, kind="added", place=command.place)
    draft.emit(e.SeatAdded(visit=visit.id, seat=seat, reason=draft.words_or_none(command.reason.strip())))


def ask_reporter(draft: Draft, command: cmd.AskReporter) -> None:
    """Ask the reporter; the limit goes on."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    words = required(command.words, "words")
    number = len(draft.case.questions) + 1
    draft.emit(e.QuestionAsked(visit=visit.id, question=number, to=draft.case.reporter, words=draft.keep_words(words)))


def answer_question(draft: Draft, command: cmd.AnswerQuestion) -> None:
    question = draft.case.questions.get(command.question)
    if question is None or question.answered:
        raise StaleCard("question_answered", source=None, case=draft.case.name)
    if command.actor not in (question.to, draft.case.reporter) and not is_registry(
        command.actor, draft.case, draft.world
    ):
        raise NotAuthorized("question_not_yours", source=None, people=(question.to,))
    draft.emit(e.QuestionAnswered(question=question.id, words=draft.keep_words(required(command.words, "words"))))


def take_back(draft: Draft, command: cmd.TakeBack) -> None:
    """Take back one's own decision before the next one acts, by who may still decide there; the deadline stays where it was."""
    visit = the_visit(draft.case, command.visit)
    seat = _last_answer(visit, command.actor) if visit.is_open else None
    if seat is None and (visit.ended != "done" or visit.decided_by != command.actor):
        raise _not_yours_to_take_back(visit)
    if not _still_his(draft, visit, command.actor):
        raise NotAuthorized("no_longer_yours", source=None, stage=visit.stage, case=draft.case.name)
    if seat is not None:
        draft.emit(e.DecisionTakenBack(visit=visit.id, seat=seat, later=_turns_lost(draft, visit, seat)))
        return
    later = _later(draft, visit)
    if not _is_last_word(draft, visit):
        next_one = later[0] if later else None
        raise NotAllowedHere(
            "too_late_to_take_back", source=None, next=next_one.stage if next_one else None, case=draft.case.name
        )
    for child in [b.id for b in draft.case.branches.values() if b.parent == visit.branch and b.ended is None]:
        drop_branch(draft, child, "taken_back")
    for other in later:
        draft.emit(e.VisitDropped(visit=other.id, why="taken_back"))
        end_clocks_of_visit(draft, other.id, "taken_back")
    old = next((d for d in reversed(draft.case.deadlines.values()) if d.visit == visit.id and d.clock == "stage"), None)
    own = next(s.seat.id for s in visit.seats if s.answer and s.answer.by == command.actor)
    draft.emit(e.DecisionTakenBack(visit=visit.id, seat=own))
    _stand_again(draft, visit, old)


def _not_yours_to_take_back(visit: Visit) -> NotAuthorized:
    """Return the refusal that names who could; where nobody decided, or a return or the clock did, nobody can."""
    answers = [s.answer for s in visit.seats if s.answer]
    last = max(answers, key=lambda a: a.at).by if answers else ""
    by = last if visit.is_open else visit.decided_by if visit.ended == "done" else ""
    if not is_member_id(by or ""):
        return NotAuthorized("nothing_to_take_back", source=None, stage=visit.stage)
    return NotAuthorized("not_your_decision", source=None, stage=visit.stage, people=(by,))


def may_take_back(draft: Draft, visit: Visit, actor: str) -> bool:
    """Say whether `take_back` would take *actor*'s own decision, or last answer, in *visit* back now."""
    if not _still_his(draft, visit, actor):
        return False
    if visit.is_open:
        return _last_answer(visit, actor) is not None
    return visit.ended == "done" and visit.decided_by == actor and _is_last_word(draft, visit)


def _still_his(draft: Draft, visit: Visit, actor: str) -> bool:
    """Say whether *actor* may still answer what he answered in *visit*."""
    answered = [s for s in visit.seats if s.answer is not None and s.answer.by == actor]
    return any(still_stands(draft.case, visit, s, actor, draft.world) for s in answered)


def _later(draft: Draft, visit: Visit) -> list[Visit]:
    return [v for v in draft.case.visits.values() if v.id > visit.id and v.branch == visit.branch]


def _is_last_word(draft: Draft, visit: Visit) -> bool:
    """Say whether nobody has acted after *visit* was decided, and nothing final came of it."""
    touched = any(v.ended is not None or any(s.answer for s in v.seats) for v in _later(draft, visit))
    branch = draft.case.branches.get(visit.branch)
    stands = branch is not None and branch.ended is None and draft.case.status == c.OPEN
    return stands and not touched and not _drew_number(draft, visit)


def _last_answer(visit: Visit, actor: str) -> int | None:
    """Return the seat of an open visit that *actor* answered last, if nobody answered after him."""
    answered = sorted((s for s in visit.seats if s.answer), key=lambda s: (s.answer.at, s.seat.id) if s.answer else ())
    return answered[-1].seat.id if answered and answered[-1].answer and answered[-1].answer.by == actor else None


def _turns_lost(draft: Draft, visit: Visit, seat: int) -> tuple[int, ...]:
    """Return the seats of an open visit whose turn it no longer is once the answer of *seat* is taken back."""
    mode = draft.stage(visit).seats
    without = replace(visit, seats=tuple(replace(s, answer=None) if s.seat.id == seat else s for s in visit.seats))
    again = {s.seat.id for s in waiting_seats(without, mode)}
    return tuple(s.seat.id for s in waiting_seats(visit, mode) if s.seat.id not in again)


def _drew_number(draft: Draft, visit: Visit) -> bool:
    """Say whether this decision gave the case its number, which can't be given back without a gap."""
    rule = draft.policy.papers.number
    return rule is not None and rule.at == visit.stage and draft.case.numbered_at == visit.ended_at


def _stand_again(draft: Draft, visit: Visit, old: Deadline | None) -> None:
    steps = path_of(draft, draft.case.branches[visit.branch])
    at = find_step(steps, visit.stage)
    if at is not None:
        draft.emit(e.BranchMoved(branch=visit.branch, step=at))
    open_visit(draft, visit.branch, visit.stage, stands=old)


def urge(draft: Draft, command: cmd.Urge) -> None:
    """Urge who has the case now (催辦): once per visit and gap, in office hours or not (the message waits)."""
    visit = the_visit(draft.case, command.visit)
    require_of_case(command.actor, draft.case, draft.world)
    if not visit.is_open:
        raise StaleCard(
            stage=visit.stage, by=visit.decided_by, at=visit.ended_at, how=visit.ended, decision=visit.decision
        )
    last = draft.case.urges.get(str(visit.id))
    gap = timedelta(hours=draft.world.people.urge_gap_hours)
    if last is not None and draft.world.now < last + gap:
        raise NotAllowedHere("urged_already", source=None, at=last, again=last + gap, stage=visit.stage)
    draft.emit(e.Urged(visit=visit.id, words=draft.words_or_none(command.words.strip())))
