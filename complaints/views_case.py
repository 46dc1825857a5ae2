"""A case as its cards show it: the matter, the route, the promise, whose turn it is."""

from __future__ import annotations

from collections.abc import Iterator

from complaints import case as c
from complaints.case import Branch, Case, Visit
from complaints.clocks import CASE_CLOCK
from complaints.decisions import is_reply_open
from complaints.draft import Draft
from complaints.policy import Policy
from complaints.policy_flow import all_stages
from complaints.policy_model import Do, Step, Together
from complaints.routes import path_of
from complaints.seats import waiting_seats
from complaints.stages import stage_def
from complaints.views import CaseFacts, Look, Source, Stop, Team, Turn
from complaints.views_matter import customer_of, files_of, main_fields, matter_of, sample_of, thing_of
from complaints.views_words import (
    due_of,
    limit_words_of,
    read_source,
    role_name,
    source_facts,
    team_of,
    value_text,
)

DONE, NOW, LATER = "done", "now", "later"


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
        what=name_of_kind(case, policy, language) or nameless(case, look, policy),
        part=thing_of(look, policy, case),
        policy=policy.policy.text,
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
        reply_source=source_facts(policy, policy.reply.source, "reply", language),
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        finished_at=case.finished_at,
        erased=case.erased,
    )


def reply_state(case: Case, policy: Policy) -> str | None:
    """Return `locked` or `open` for the answer to the customer, None where nothing locks it, or it is answered."""
    if case.kind != "complaint" or not policy.reply.until or case.is_over or case.told_at is not None:
        return None
    return "open" if is_reply_open(case, policy) else "locked"


def name_of_kind(case: Case, policy: Policy, language: str) -> str:
    """Return the name of a duty with its period, or of a sub-procedure; "" for a complaint."""
    if case.duty is not None:
        return " ".join(p for p in (policy.label(case.duty, language), case.period or "") if p)
    return "" if case.kind == "complaint" else policy.label(policy.id, language)


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
    return value_text(look, policy, str(name), value) if value is not None else None


def _reporter_role(look: Look, policy: Policy) -> str | None:
    stages = policy.intake.stages if policy.intake else ()
    who = policy.stages[stages[0]].who if stages else None
    return role_name(look.people, policy, str(who.arg), look.language) if who and who.kind == "role" else None


def _promise_source(case: Case, policy: Policy, language: str) -> Source | None:
    promise = case.clock(CASE_CLOCK)
    if promise is None or promise.ended is not None:
        return None
    return source_facts(policy, read_source(promise.source), "case", language, limit_words_of(promise, language))


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
    """Return who is asked now: the seats whose turn it is; once the visit is over, the main seats."""
    turn = waiting_seats(visit, stage_def(policy, visit.stage).seats) if visit.is_open else []
    seats = [s.seat for s in turn] or [s.seat for s in visit.seats if s.seat.kind == "main"]
    return team_of(look, policy, seats)


def nearest_first(case: Case) -> list[Visit]:
    """Return the open visits, the one whose limit ends first at the head."""

    def due(visit: Visit) -> tuple[bool, float, int]:
        deadline = case.deadline_of(visit.id)
        return deadline is None, deadline.due_at.timestamp() if deadline else 0.0, visit.id

    return sorted(case.open_visits, key=due)


# --- the route ---------------------------------------------------------------------------------------------


def progress(case: Case, look: Look) -> tuple[tuple[Stop, ...], int | None, int | None]:
    """
    Return the stages of the main route that apply, and the place "stage n of m" (None where none is open there).

    Counted from the stage that gives the number; stages whose condition is not known yet are left out.
    """
    branch = _main_branch(case)
    if branch is None:
        return (), None, None
    draft = Draft(world=look.world, actor="", case=case)
    stops = tuple(_stops(draft, look, branch))
    counted = _from_number(draft.policy, stops)
    open_at = next((n for n, stop in enumerate(counted, start=1) if stop.state == NOW), None)
    return counted if case.number or case.old_number else stops, open_at, len(counted) if open_at else None


def route_of_visit(case: Case, look: Look, visit: Visit) -> tuple[Stop, ...]:
    """Return the stages of the route on which *visit* stands: a follow-up's own ones."""
    branch = case.branches.get(visit.branch)
    while branch is not None and branch.parent is not None:
        branch = case.branches[branch.parent]
    draft = Draft(world=look.world, actor="", case=case)
    return tuple(_stops(draft, look, branch)) if branch is not None else ()


def follow_ups(case: Case, policy: Policy, language: str) -> Iterator[Stop]:
    """Return the stages of follow-ups that began: done or under way."""
    for visit in case.visits.values():
        branch = case.branches.get(visit.branch)
        if branch is None or not branch.follow_up or visit.ended not in (None, "done"):
            continue
        state = NOW if visit.is_open else DONE
        label = policy.label(visit.stage, language, aspect="short")
        yield Stop(stage=visit.stage, label=label, state=state, by=visit.decided_by, at=visit.ended_at)


def _main_branch(case: Case) -> Branch | None:
    return next((b for b in case.branches.values() if not b.follow_up and b.parent is None), None)


def _from_number(policy: Policy, stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    """Return the stages from the one that draws the number; all where none does."""
    number = policy.papers.number
    first = next((n for n, stop in enumerate(stops) if number is not None and stop.stage == number.at), 0)
    return stops[first:]


def _stops(draft: Draft, look: Look, branch: Branch) -> Iterator[Stop]:
    latest = {v.stage: v for v in draft.case.visits.values()}
    facts = draft.facts_of(branch)
    for place, step in enumerate(path_of(draft, branch)):
        for stage in all_stages([step]):
            state = _state(draft.case, branch, place, step, latest.get(stage), facts)
            if state is not None:
                yield _stop(draft, look, stage, state, latest.get(stage))


def _state(case: Case, branch: Branch, place: int, step: Step, visit: Visit | None, facts: object) -> str | None:
    """Return done, now or later for a stage of a path; None when it does not apply, or nobody knows yet."""
    if visit is not None and visit.is_open:
        return NOW
    done = visit is not None and visit.ended == "done"
    is_over = branch.ended is not None or (case.status != c.OPEN and not branch.follow_up)
    if is_over or place < branch.step or (place == branch.step and isinstance(step, Together) and done):
        return DONE if done else None
    when = step.when if isinstance(step, Do | Together) else None
    return LATER if when is None or when.evaluate(facts) is True else None  # type: ignore[arg-type]


def _stop(draft: Draft, look: Look, stage: str, state: str, visit: Visit | None) -> Stop:
    done = visit if state == DONE else None
    return Stop(
        stage=stage,
        label=draft.policy.label(stage, look.language, aspect="short"),
        state=state,
        by=done.decided_by if done else None,
        at=done.ended_at if done else None,
    )
