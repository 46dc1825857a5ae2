"""A case as its cards show it: the matter, the route, the promise, whose turn it is."""

from __future__ import annotations

from dataclasses import replace

from complaints.case import Case, Visit
from complaints.clocks import CASE_CLOCK
from complaints.duties import held_for
from complaints.events import Seat
from complaints.facts import Facts
from complaints.hiding import is_hidden_from, knows_the_matter
from complaints.holds import REPLY, lock_on
from complaints.ledger import PAID
from complaints.policy import Policy
from complaints.reply import is_reply_open
from complaints.restricted import known_case
from complaints.seats import holders_of, waiting_seats
from complaints.stages import stage_def
from complaints.views import Archive, Booking, CaseFacts, Look, Source, Team, Turn
from complaints.views_holds import locks_of
from complaints.views_matter import customer_of, files_of, main_fields, matter_of, sample_of, thing_of
from complaints.views_reply import replier_name
from complaints.views_route import follow_ups, progress
from complaints.views_words import (
    MONTHS,
    due_of,
    is_chinese,
    limit_words_of,
    money_text,
    read_source,
    regulation_of,
    role_name,
    source_facts,
    team_of,
    value_text,
)


def case_view(case: Case, look: Look) -> CaseFacts:
    """Return everything that cards say of the case itself."""
    policy, language = look.world.policy(case), look.language
    matter, words = matter_of(look, policy, case)
    route, place, of = progress(case, look)
    promise = case.clock(CASE_CLOCK)
    reply = reply_state(case, policy)
    return CaseFacts(
        case_id=case.id,
        seq=case.seq,
        facts_version=case.facts_version,
        language=language,
        zone=look.zone,
        kind=case.kind,
        number=case.number or case.old_number,
        what=name_of_kind(case, look, policy) or nameless(case, look, policy),
        parent=parent_number(case, look),
        part=thing_of(look, policy, case),
        policy=regulation_of(policy, look),
        several=look.is_of_several,
        status=case.status,
        outcome=policy.label(case.outcome, language) if case.outcome else None,
        matter=matter,
        quote=words,
        customer=customer_of(look, policy, case),
        market=_market(case, look, policy),
        fields=main_fields(look, policy, case),
        sample=sample_of(look, policy, case),
        files=files_of(case),
        reporter=case.reporter,
        reporter_role=_reporter_role(look, policy),
        route=route,
        after=tuple(follow_ups(case, policy, language)),
        place=place,
        of=of,
        promise=due_of(look, promise, policy) if promise is not None and promise.ended is None else None,
        promise_source=_promise_source(case, policy, language),
        turns=tuple(turn_of(look, policy, case, v) for v in nearest_first(case)),
        reply=reply,
        reply_channels=tuple(policy.label(name, language) for name in policy.reply.channels),
        may_say=_may_say(case, policy, language),
        reply_source=_reply_source(case, policy, language),
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        finished_at=case.finished_at,
        erased=case.erased,
        locks=locks_of(case, policy, language),
        archive=Archive(by=role_name(look.people, policy, case.archive_by, language), until=case.keep_until)
        if case.archive_by
        else None,
        booked=_booked(case, look, policy),
        promise_team=_promise_team(case, look, policy),
        reply_by=replier_name(policy, Facts(case, look.world), look.people, language) if reply else "",
    )


def reply_state(case: Case, policy: Policy) -> str | None:
    """Return `locked` or `open` for the answer to the customer, None where nothing locks it, or it is answered."""
    locks = bool(policy.reply.until) or any(REPLY in hold.acts for hold in case.holds)
    if case.kind != "complaint" or not locks or case.is_over or case.told_at is not None:
        return None
    return "open" if is_reply_open(case, policy) else "locked"


def _reply_source(case: Case, policy: Policy, language: str) -> Source | None:
    """Return the clause that locks the reply: a rule's while it holds, else that of the reply itself."""
    hold = lock_on(REPLY, case, policy)
    source = read_source(hold.source) if hold is not None else policy.reply.source
    return source_facts(policy, source, "reply", language)


def name_of_kind(case: Case, look: Look, policy: Policy) -> str:
    """
    Return the name of a duty with its period, of a sub-procedure with its complaint's number; "" for a complaint.

    A sub-procedure is called by its own regulation, or by its route where it is one of the complaint's regulation.
    """
    language = look.language
    if case.duty is not None:
        parts = (
            policy.label(case.duty, language),
            _branch_of(case, look, policy),
            period_text(case.period or "", language),
        )
        return " ".join(p for p in parts if p)
    if case.kind == "complaint":
        return ""
    parent = look.world.load(case.parent) if case.parent is not None else None
    first = next(iter(case.branches.values()), None)
    is_own_route = parent is not None and first is not None and parent.policy == case.policy
    name = policy.label(first.route if first is not None and is_own_route else policy.id, language)
    return " ".join(p for p in (name, parent_number(case, look) or "") if p)


def _branch_of(case: Case, look: Look, policy: Policy) -> str:
    """Return the name of the branch for which a duty is done; "" where its role is held once."""
    duty = policy.duties.get(case.duty or "")
    held = held_for(duty, policy) if duty is not None else None
    at = case.fields.get(held[0]) if held is not None else None
    if held is None or not isinstance(at, str):
        return ""
    people = look.world.people
    return people.unit_label(at, look.language) if at in people.units else policy.label(at, look.language, of=held[0])


def parent_number(case: Case, look: Look) -> str | None:
    """Return the number of the complaint out of which this case began, or whose matter it brings up again; None
    where the reader may not know of that one, nor in what the two are the same (the customer of a blind test)."""
    repeats = [
        link.other for link in case.links if link.link == "repeat" and knows_the_matter(look.reader, case, look.world)
    ]
    before = (case.parent, *repeats)
    first = next((found for one in before if one and (found := known_case(one, look.reader, look.world))), None)
    if first is None or first.opened_at > case.opened_at:  # the later complaint names the first one, not the other way
        return None
    return first.number or first.old_number


def period_text(period: str, language: str) -> str:
    """Return a month as people say it; other periods as they are."""
    if len(period) != len("2026-11"):
        return period
    year, _, month = period.partition("-")
    if not month.isdigit():
        return period
    return f"{year} 年 {int(month)} 月" if is_chinese(language) else f"{MONTHS[int(month) - 1]} {year}"


def nameless(case: Case, look: Look, policy: Policy) -> str:
    """Return what people call a case that has no number yet: customer and part."""
    customer = customer_of(look, policy, case)
    name = customer.name if customer else None
    return " ".join(p for p in (name or "", thing_of(look, policy, case)) if p)


def _market(case: Case, look: Look, policy: Policy) -> str | None:
    """Return the value on which the promise depends (domestic, foreign), for the line about it."""
    clock = policy.clocks.get(CASE_CLOCK)
    name = clock.limit.by if clock else None
    value = case.fields.get(name or "")
    if name is None or value is None or is_hidden_from(look.reader, name, case, look.world):
        return None
    return value_text(look, policy, case, name, value)


def _reporter_role(look: Look, policy: Policy) -> str | None:
    stages = policy.intake.stages if policy.intake else ()
    who = policy.stages[stages[0]].who if stages else None
    return role_name(look.people, policy, str(who.arg), look.language) if who and who.kind == "role" else None


def _promise_source(case: Case, policy: Policy, language: str) -> Source | None:
    promise = case.clock(CASE_CLOCK)
    if promise is None or promise.ended is not None:
        return None
    return source_facts(policy, read_source(promise.source), "case", language, limit_words_of(promise, language))


def _booked(case: Case, look: Look, policy: Policy) -> tuple[Booking, ...]:
    """Return what was taken with this case or duty, by ledger, month, person and case."""
    return tuple(
        Booking(
            ledger=policy.label(line.entry, look.language),
            month=period_text(line.month, look.language),
            who=line.who,
            case=_name_of(line.case_id, case, look),
            amount=money_text(line.amount, policy, look.language),
        )
        for line in case.ledger
        if line.kind == PAID
    )


def _name_of(case_id: str, case: Case, look: Look) -> str:
    other = case if case_id == case.id else known_case(case_id, look.reader, look.world)
    return other.name if other is not None else ""


def _promise_team(case: Case, look: Look, policy: Policy) -> Team | None:
    """Return who owes the promise, where the policy names somebody."""
    clock = policy.clocks.get(CASE_CLOCK)
    if clock is None or clock.owed_by is None or clock.owed_by.kind == "owner":
        return None
    holders = holders_of(clock.owed_by, case, look.world, Facts(case, look.world))
    return team_of(look, policy, [Seat(id=0, role=r, member=m, head=h) for r, m, h in holders]) if holders else None


def _may_say(case: Case, policy: Policy, language: str) -> str | None:
    words = policy.reply.may_say
    return words.in_language(language).replace("{number}", case.name) if words and case.number else None


# --- whose turn --------------------------------------------------------------------------------------------


def turn_of(look: Look, policy: Policy, case: Case, visit: Visit) -> Turn:
    """Return a visit as "who has it now": the stage, the seats whose turn it is, the limit."""
    return Turn(
        visit=visit.id,
        stage=visit.stage,
        label=policy.label(visit.stage, look.language, aspect="short"),
        team=team_now(look, policy, visit),
        due=due_of(look, case.deadline_of(visit.id), policy),
        doing=policy.label(visit.stage, look.language, aspect="doing"),
        ask=policy.label(visit.stage, look.language, aspect="ask"),
        waiting_until=visit.waiting_until,
    )


def team_now(look: Look, policy: Policy, visit: Visit) -> Team:
    """
    Return who is asked now: the seats whose turn it is; once the visit is over, the department whose it was and who answered.

    The department stands before the person: a signer of no role is shown under the department whose stage it is.
    """
    main = [s for s in visit.seats if s.seat.kind == "main"]
    if not visit.is_open:  # whoever holds the role today had nothing to do with it
        by = [s.answer.by for s in main if s.answer and s.answer.by.isupper()]
        return replace(team_of(look, policy, [s.seat for s in main]), people=tuple(dict.fromkeys(by)))
    turn = waiting_seats(visit, stage_def(policy, visit.stage).seats)
    team = team_of(look, policy, [s.seat for s in turn or main])
    if team.label is not None or not main:
        return team
    return replace(team, label=team_of(look, policy, [s.seat for s in main]).label)


def nearest_first(case: Case) -> list[Visit]:
    """Return the open visits, the one whose limit ends first at the head."""

    def due(visit: Visit) -> tuple[bool, float, int]:
        deadline = case.deadline_of(visit.id)
        return deadline is None, deadline.due_at.timestamp() if deadline else 0.0, visit.id

    return sorted(case.open_visits, key=due)
