"""The other acts of a card: hand over, add a signer, ask, wait, extend, take back, urge, correct, withdraw, merge."""

from __future__ import annotations

from datetime import timedelta

from complaints import case as c
from complaints import commands as cmd
from complaints import events as e
from complaints.authority import (
    is_approval,
    is_of_case,
    is_registry,
    require_of_case,
    require_open,
    source_of,
    standing,
)
from complaints.case import Visit
from complaints.clocks import (
    end_clocks_of_visit,
    end_deadline,
    longest_extension,
    move_deadline,
    recompute,
    restart_changed_limits,
)
from complaints.decisions import add_files, decide_stage, give_up, main_decision, the_visit
from complaints.draft import Draft
from complaints.facts import Facts
from complaints.forms import take_fields
from complaints.ladder import next_turn
from complaints.limits import due_at
from complaints.policy_index import index_of
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, StaleCard
from complaints.routes import (
    advance,
    drop_branch,
    find_step,
    finish_if_over,
    open_branch,
    open_visit,
    path_of,
    return_to,
)
from complaints.seats import holders_of, people_of
from complaints.triggers import may_begin

LONGEST_WAIT = timedelta(days=366)


def _required(text: str, field: str = "reason") -> str:
    if not text.strip():
        raise FieldErrors({field: ("missing", {"field": field})})
    return text.strip()


def hand_over(draft: Draft, command: cmd.HandOver) -> None:
    """Give the seat to somebody else (轉交); the general manager may reassign to a person or a role (RT-10)."""
    visit = the_visit(draft.case, command.visit)
    is_gm = draft.world.people.is_general_manager(command.actor, draft.world.now)
    place = standing(draft.case, visit, command.actor, draft.world, instead=is_gm and visit.escalated_at is not None)
    seat = place.seat.seat
    if command.member is None and command.role is None:
        raise FieldErrors({"member": ("missing", {"field": "member"})})
    if command.member is not None and not is_gm:
        _refuse_outsider(draft, visit, command.member)
    if command.role is not None and not is_gm:
        raise NotAuthorized("only_general_manager", source="D5", stage=visit.stage)
    if command.role is not None and command.role not in draft.world.people.roles:
        raise FieldErrors({"role": ("no_such_unit", {"value": command.role})})
    draft.emit(
        e.HandedOver(
            visit=visit.id,
            seat=seat.id,
            member=command.member,
            role=command.role,
            by_general_manager=is_gm,
            reason=draft.words_or_none(command.reason.strip()),
        )
    )
    if is_gm and visit.escalated_at is not None:
        draft.emit(e.EscalationAnswered(visit=visit.id, how="reassign"))


def _refuse_outsider(draft: Draft, visit: Visit, member: str) -> None:
    """A handover stays within the department: the route, not a person, decides which department acts."""
    roles = [s.seat.role for s in visit.seats if s.seat.role]
    plans = [draft.world.people.roles[r] for r in roles if r in draft.world.people.roles]
    known = {m for p in plans for m in (*p.members, p.head)} | {d.member for p in plans for d in p.deputies}
    if plans and member not in known:
        raise NotAllowedHere("not_in_department", source=None, member=member, roles=tuple(roles))


def add_signer(draft: Draft, command: cmd.AddSigner) -> None:
    """Add a signer before, after or beside (加簽); the limit does not move (DESIGN §8)."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    if command.place not in ("before", "after", "beside"):
        raise FieldErrors({"place": ("not_a_choice", {"choices": ["before", "after", "beside"]})})
    if any(s.seat.member == command.member and s.answer is None for s in visit.seats):
        raise NotAllowedHere("already_signer", source=None, member=command.member)
    seat = e.Seat(id=len(visit.seats) + 1, member=command.member, kind="added", place=command.place)
    draft.emit(e.SeatAdded(visit=visit.id, seat=seat, reason=draft.words_or_none(command.reason.strip())))


def ask_reporter(draft: Draft, command: cmd.AskReporter) -> None:
    """Ask the reporter; the limit goes on."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    words = _required(command.words, "words")
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
    draft.emit(e.QuestionAnswered(question=question.id, words=draft.keep_words(_required(command.words, "words"))))


def wait_for_customer(draft: Draft, command: cmd.WaitForCustomer) -> None:
    """Record that the customer is waited for; it stops a clock only where the policy says so (D20)."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    words = _required(command.reason)
    if not draft.world.now < command.until <= draft.world.now + LONGEST_WAIT:
        raise FieldErrors({"until": ("not_in_future", {"field": "until"})})
    stops = tuple(
        name
        for name, clock in draft.policy.clocks.items()
        if any(p.while_ == "waiting_for_customer" for p in clock.pauses)
    )
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
    """End the waiting; clocks that stood still go on, later by the time that was waited (lifted by the policy only)."""
    begun = draft.case.happened.get("waiting begun", draft.world.now)
    draft.emit(e.WaitingEnded(visit=visit.id, why=why))
    for deadline in [d for d in draft.case.deadlines.values() if d.ended is None]:
        clock = draft.policy.clocks.get(deadline.clock)
        if deadline.clock == "waiting" and deadline.visit == visit.id:
            end_deadline(draft, deadline, why)
        elif clock is not None and any(p.while_ == "waiting_for_customer" for p in clock.pauses):
            move_deadline(draft, deadline, deadline.due_at + (draft.world.now - begun), "waiting")


def ask_extension(draft: Draft, command: cmd.AskExtension) -> None:
    """Ask for more time: once per stage, at most the stage's own limit, the general manager decides (D21)."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    _refuse_extension(draft, visit)
    _check_until(draft, visit, command.until)
    draft.emit(
        e.ExtensionAsked(visit=visit.id, until=command.until, reason=draft.keep_words(_required(command.reason)))
    )


def _refuse_extension(draft: Draft, visit: Visit) -> None:
    rule = draft.stage(visit).extension
    if visit.extended and (rule is None or rule.times <= 1):
        deadline = draft.case.deadline_of(visit.id)
        raise NotAllowedHere(
            "extension_used", source="D21", until=deadline.due_at if deadline else None, stage=visit.stage
        )
    if draft.case.deadline_of(visit.id) is None:
        raise NotAllowedHere("no_limit", source="D21", stage=visit.stage)


def _check_until(draft: Draft, visit: Visit, until: object) -> None:
    deadline, most = draft.case.deadline_of(visit.id), longest_extension(draft, visit)
    assert deadline is not None
    if most is None or not deadline.due_at < until <= most:  # type: ignore[operator]
        raise FieldErrors({"until": ("extension_too_long", {"most": most, "due": deadline.due_at})})


def rule_extension(draft: Draft, command: cmd.RuleExtension) -> None:
    """Grant or refuse more time; it moves the stage's deadline, not the case's promise (D21)."""
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
    if (not command.granted or visit.extension_asked is None) and not command.reason.strip():
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
        if was_escalated:
            draft.emit(e.EscalationAnswered(visit=visit.id, how="extend"))


def _refuse_no_granter(draft: Draft, visit: Visit, actor: str) -> None:
    rule = draft.stage(visit).extension
    if rule is None:
        if not draft.world.people.is_general_manager(actor, draft.world.now):
            raise NotAuthorized("only_general_manager", source="D21", stage=visit.stage)
        return
    people = {
        m
        for who in rule.by
        for h in holders_of(who, draft.case, draft.world, draft.facts)
        for m in people_of(h, draft.world)
    }
    if actor not in people:
        raise NotAuthorized(source=source_of(rule), people=tuple(people), stage=visit.stage, role=None)


def call_meeting(draft: Draft, command: cmd.CallMeeting) -> None:
    """Answer an escalation by a meeting: who has the stage, the registry and the reporter are asked to come."""
    visit = the_visit(draft.case, command.visit)
    if not draft.world.people.is_general_manager(command.actor, draft.world.now):
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


def take_back(draft: Draft, command: cmd.TakeBack) -> None:
    """Take back one's own decision before the next one acts; the deadline stays where it was."""
    visit = the_visit(draft.case, command.visit)
    if visit.is_open and (seat := _last_answer(visit, command.actor)) is not None:
        draft.emit(e.DecisionTakenBack(visit=visit.id, seat=seat))
        return
    if visit.ended != "done" or visit.decided_by != command.actor:
        raise NotAuthorized("not_your_decision", source=None, stage=visit.stage, people=(visit.decided_by,))
    later = [v for v in draft.case.visits.values() if v.id > visit.id and v.branch == visit.branch]
    touched = [v for v in later if v.ended is not None or any(s.answer for s in v.seats)]
    branch = draft.case.branches[visit.branch]
    if touched or branch.ended is not None or draft.case.status != c.OPEN or _drew_number(draft, visit):
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


def _last_answer(visit: Visit, actor: str) -> int | None:
    """Return the seat of an open visit that *actor* answered last, if nobody answered after him."""
    answered = sorted((s for s in visit.seats if s.answer), key=lambda s: (s.answer.at, s.seat.id) if s.answer else ())
    return answered[-1].seat.id if answered and answered[-1].answer and answered[-1].answer.by == actor else None


def _drew_number(draft: Draft, visit: Visit) -> bool:
    """Say whether this decision gave the case its number, which can't be given back without a gap."""
    rule = draft.policy.papers.number
    return rule is not None and rule.at == visit.stage and draft.case.numbered_at == visit.ended_at


def _stand_again(draft: Draft, visit: Visit, old: object) -> None:
    steps = path_of(draft, draft.case.branches[visit.branch])
    at = find_step(steps, visit.stage)
    if at is not None:
        draft.emit(e.BranchMoved(branch=visit.branch, step=at))
    due = getattr(old, "due_at", None)
    open_visit(draft, visit.branch, visit.stage, due=due, starts_at=getattr(old, "starts_at", None))


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


def withdraw(draft: Draft, command: cmd.Withdraw) -> None:
    """Withdraw one's complaint while it is open; it stays in the log and leaves the route."""
    if command.actor != draft.case.reporter and not is_registry(command.actor, draft.case, draft.world):
        raise NotAuthorized("only_reporter", source=None, people=(draft.case.reporter,))
    require_open(draft.case)
    reason = draft.keep_words(_required(command.reason))
    give_up(draft, "withdrawn")
    draft.emit(e.CaseWithdrawn(reason=reason))


def amend(draft: Draft, command: cmd.Amend) -> None:
    """Correct fields with a reason until close; who decided on a changed decision field is asked again (DESIGN §8)."""
    if command.actor != draft.case.reporter and not is_registry(command.actor, draft.case, draft.world):
        raise NotAuthorized("only_reporter", source=None, people=(draft.case.reporter,))
    require_open(draft.case)
    reason = _required(command.reason)
    fields = dict(take_fields(draft, command.fields, allowed=_amendable(draft)).items())
    changed = {n: v for n, v in fields.items() if draft.case.fields.get(n) != v}
    if not changed:
        raise FieldErrors({next(iter(command.fields), "reason"): ("unchanged", {})})
    before = {n: draft.case.fields.get(n) for n in changed}
    draft.emit(e.FieldsSet(fields=changed, reason=draft.keep_words(reason), before=before))
    restart_changed_limits(draft)
    _ask_again(draft, set(changed))


def _amendable(draft: Draft) -> list[str]:
    intake = draft.policy.intake
    stages = intake.stages if intake else tuple(draft.policy.stages)[:1]
    return [n for s in stages for n in draft.policy.stages[s].filled]


def _ask_again(draft: Draft, changed: set[str]) -> None:
    """Return to the first authority that decided on what changed now."""
    if not changed & index_of(draft.policy).decision_fields:
        return
    done = [v for v in draft.case.visits.values() if v.ended == "done"]
    approvals = [v for v in done if is_approval(draft.stage(v), draft.policy)]
    open_main = [v for v in draft.case.open_visits if not draft.case.branches[v.branch].follow_up]
    if approvals and open_main:
        return_to(draft, open_main[0], approvals[0].stage, why="amended")


def void(draft: Draft, command: cmd.Void) -> None:
    """Declare it no case: the number stays used, it leaves the statistics."""
    if not is_registry(command.actor, draft.case, draft.world):
        raise NotAuthorized("only_registry", source=None, people=())
    if draft.case.is_over:
        require_open(draft.case)
    reason = draft.keep_words(_required(command.reason))
    give_up(draft, "void")
    draft.emit(e.CaseVoided(reason=reason))


def merge(draft: Draft, command: cmd.Merge) -> None:
    """Declare it the same matter as another open case, which goes on."""
    if not is_registry(command.actor, draft.case, draft.world) and command.actor != draft.case.reporter:
        raise NotAuthorized("only_registry", source=None, people=())
    require_open(draft.case)
    other = draft.world.load(command.into) if command.into != draft.case.id else None
    if other is None or other.is_over or other.kind != "complaint" or not is_of_case(command.actor, other, draft.world):
        raise FieldErrors({"into": ("no_such_case", {"value": command.into})})
    reason = draft.keep_words(_required(command.reason))
    give_up(draft, "merged")
    draft.emit(e.CaseLinked(other=other.id, link="merged"))
    draft.emit(e.CaseMerged(into=other.id, reason=reason))


def add_note(draft: Draft, command: cmd.AddNote) -> None:
    """Keep what was typed in a thread; files dropped there come onto the case."""
    require_of_case(command.actor, draft.case, draft.world)
    if command.words.strip():
        draft.emit(
            e.NoteAdded(
                words=draft.keep_words(command.words), channel=command.channel, ts=command.ts, visit=command.visit
            )
        )
    missed = draft.case.files.get(command.instead_of or "")
    if missed is not None and missed.missed is not None:
        again = [(missed.field or "", f) for f in command.files]
        add_files(draft, missed.visit, again, instead_of=missed.id)
    else:
        add_files(draft, command.visit, [("", f) for f in command.files])


def store_file(draft: Draft, command: cmd.StoreFile) -> None:
    file = draft.case.files.get(command.file)
    if file is None or file.sha256 is not None:
        return
    if command.sha256 is None:
        draft.emit(e.FileMissed(file=command.file, why=command.why))
    else:
        draft.emit(e.FileStored(file=command.file, sha256=command.sha256, size=command.size))


def log_call(draft: Draft, command: cmd.LogCall) -> None:
    """Record an attempt to call the customer; what was answered decides what follows (CC-13 to CC-18, D6)."""
    visit = the_visit(draft.case, command.visit)
    standing(draft.case, visit, command.actor, draft.world)
    attempts = draft.stage(visit).attempts
    if attempts is None:
        raise NotAllowedHere("no_calls_here", source=source_of(draft.stage(visit)), stage=visit.stage)
    if command.result not in ("reached", "no_answer", "later", "declined"):
        raise FieldErrors({"result": ("not_a_choice", {"choices": ["reached", "no_answer", "later", "declined"]})})
    again = command.again_at
    if command.result == "later" and (again is None or again <= draft.world.now):
        raise FieldErrors({"again_at": ("not_in_future", {"field": "again_at"})})
    if command.result == "no_answer":
        if visit.again_at is not None and draft.world.now < visit.again_at:
            raise NotAllowedHere(
                "call_again_later", source=source_of(draft.stage(visit)), again=visit.again_at, stage=visit.stage
            )
        again = next_turn(attempts.gap, draft.world.now, draft.world.calendar())
    draft.emit(
        e.CallLogged(
            visit=visit.id,
            attempt=visit.attempts + 1,
            result=command.result,
            again_at=again,
            words=draft.words_or_none(command.words.strip()),
        )
    )
    decision = _call_decision(draft, draft.case.visits[visit.id], command)
    if decision is not None:
        decide_stage(
            draft,
            cmd.Decide(
                actor=command.actor,
                key=command.key,
                case_id=command.case_id,
                visit=visit.id,
                decision=decision,
                fields=command.fields if command.result == "reached" else {},
                facts_seen=command.facts_seen,
            ),
        )


def _call_decision(draft: Draft, visit: Visit, command: cmd.LogCall) -> str | None:
    stage = draft.stage(visit)
    assert stage.attempts is not None
    if command.result == "reached":
        return suggested(draft, visit, command.fields)
    tried_out = visit.attempts >= stage.attempts.times
    if command.result == "declined" or (command.result == "no_answer" and tried_out):
        return stage.attempts.else_ or next(iter(stage.decide), "approve")
    return None


def suggested(draft: Draft, visit: Visit, fields: dict[str, object]) -> str:
    """Return the decision that the policy suggests for what was filled in: the answers decide, not the caller."""
    stage = draft.stage(visit)
    facts = Facts(draft.case, draft.world, more=take_fields(draft, fields, mandatory=stage.fill, allowed=stage.filled))
    return next((d for d, when in stage.suggest.items() if when.evaluate(facts) is True), main_decision(stage))


def begin_route(draft: Draft, command: cmd.BeginRoute) -> None:
    """Begin by hand a route that the policy opens to people: an objection, an appeal (RT-18, LP-17)."""
    if command.route not in draft.policy.routes:
        raise NotAllowedHere("no_such_route", source=None, route=command.route)
    route = draft.policy.routes[command.route]
    trigger = may_begin(draft, command.route)
    if trigger is None or draft.case.status in (c.WITHDRAWN, c.VOID, c.MERGED):
        raise NotAllowedHere("not_now", source=source_of(route), route=command.route)
    people = {
        m
        for who in trigger.by
        for h in holders_of(who, draft.case, draft.world, draft.facts)
        for m in people_of(h, draft.world)
    }
    if command.actor not in people:
        raise NotAuthorized(
            "route_not_yours", source=source_of(route), route=command.route, people=tuple(sorted(people))
        )
    if any(b.route == command.route and b.ended is None for b in draft.case.branches.values()):
        raise NotAllowedHere("route_open_already", source=source_of(route), route=command.route)
    began = draft.case.happened[str(trigger.upon)]
    if trigger.within is not None:
        end = due_at(trigger.within, began, draft.world.calendar()).at
        if draft.world.now > end:
            raise NotAllowedHere("time_is_over", source=source_of(route), route=command.route, began=began, end=end)
    fields = take_fields(draft, command.fields, mandatory=trigger.fill, allowed=[f.name for f in trigger.fill])
    if fields:
        draft.emit(e.FieldsSet(fields=fields))
    open_branch(draft, command.route, follow_up=True, by_hand=True)


def show_masked(draft: Draft, command: cmd.ShowMasked) -> None:
    """Record that somebody looked at contact data; only people of the case may."""
    require_of_case(command.actor, draft.case, draft.world)
    draft.emit(e.WordsShown(what=command.what))


def erase_words(draft: Draft, command: cmd.EraseWords) -> None:
    """Erase what people wrote in a case that is over; figures, dates and the chain stay (DESIGN 1)."""
    if command.actor != draft.world.people.officer:
        raise NotAuthorized("only_officer", source="D8", people=(draft.world.people.officer,))
    if not draft.case.is_over:
        raise NotAllowedHere("case_goes_on", source="D8", case=draft.case.name)
    draft.emit(e.WordsErased(words=command.words, why=_required(command.why)))


def linked_case_closed(draft: Draft, command: cmd.LinkedCaseClosed) -> None:
    """A sub-procedure is closed: take what it gives and let the branch that waited go on (RT-16)."""
    link = next((x for x in draft.case.links if x.other == command.other and not x.ended), None)
    if link is None:
        return
    draft.emit(e.LinkedCaseEnded(other=command.other, taken=command.taken))
    if link.blocks == "stage" and link.branch is not None and draft.case.branches[link.branch].ended is None:
        advance(draft, link.branch)
    finish_if_over(draft)


def recompute_deadlines(draft: Draft, command: cmd.RecomputeDeadlines) -> None:
    """Move open deadlines after a calendar changed; time already used stays used (DESIGN §4)."""
    recompute(draft, command.why)
