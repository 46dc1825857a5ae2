"""A stage's turn as its card shows it: what is asked, of whom, until when; and afterwards who decided what."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from complaints.acts import may_take_back
from complaints.case import Case, Deadline, SeatState, Visit
from complaints.consequences import REFUSED
from complaints.decisions import APPROVE, decisions_of, main_decision
from complaints.draft import Draft
from complaints.events import HandedOver, SeatAnswered, WaitingBegun
from complaints.extensions import may_ask_more
from complaints.limits import MONTH_DAYS, Unit, counted_text, elapsed, parse_limit
from complaints.policy import Policy
from complaints.policy_model import StageDef
from complaints.policy_parts import Words
from complaints.restricted import known_case
from complaints.routes import earlier_stages
from complaints.seats import waiting_seats
from complaints.stages import is_inform, stage_def
from complaints.views import Begun, Concern, Decided, Look, Pair, Quote, SeatFacts, Source, Turn, VisitFacts
from complaints.views_case import case_view, nameless, team_now, turn_of
from complaints.views_holds import before_closing
from complaints.views_matter import intake_fields
from complaints.views_money import reckoned
from complaints.views_names import quote, words_quote
from complaints.views_reply import reply_rules
from complaints.views_words import about_stage, due_of, limit_words_of, pair, read_source, source_facts, team_of

HANDED_OVER = Words("Handed over", "转交", "轉交")
REASSIGNED = Words("Reassigned by the general manager", "总经理改派", "總經理改派")
MOST_FOUND = 4
FOUND_TYPES = frozenset({"choice", "choices", "unit", "units", "money", "number", "date", "person"})
RESULT_TYPES = FOUND_TYPES | {"yes_no"}


def visit_view(case: Case, visit: Visit, look: Look) -> VisitFacts:
    """Return everything that the card of a visit says."""
    policy, language = look.world.policy(case), look.language
    stage = stage_def(policy, visit.stage)
    draft = Draft(world=look.world, actor="", case=case)
    facts = case_view(case, look)
    deadline = stage_deadline(case, visit)
    main = main_decision(stage)
    found, finding = _found(look, policy, case, visit)
    return VisitFacts(
        case=facts,
        visit=visit.id,
        stage=visit.stage,
        label=policy.label(visit.stage, language, aspect="short"),
        ask=policy.label(visit.stage, language, aspect="ask"),
        doing=policy.label(visit.stage, language, aspect="doing"),
        done=policy.label(visit.stage, language, aspect="done"),
        button=_button(policy, visit, stage, main, language),
        round=visit.round,
        team=team_now(look, policy, visit),
        seats=_seats(look, policy, visit, stage),
        due=due_of(look, deadline, policy),
        sources=_sources(policy, visit.stage, stage, deadline if case.kind != "duty" else None, language),
        found=found,
        reckoned=reckoned(look, policy, case, visit, stage) if visit.is_open else (),
        quotes=tuple(
            q
            for q in (
                _why_again(look, policy, case, visit),
                _why_handed(look, policy, case, visit),
                facts.quote,
                _why_begun(look, policy, case, visit) or finding,
            )
            if q is not None
        ),
        main=main,
        fills=bool(stage.fill or stage.may_fill),
        can_return=bool(earlier_stages(draft, visit)) if visit.is_open else False,
        confirm=_confirm(draft, stage, look) if visit.is_open else None,
        waiting_until=visit.waiting_until,
        waiting_reason=_reason(look, policy, case, visit, WaitingBegun),
        extension_asked=visit.extension_asked,
        may_extend=visit.is_open and may_ask_more(stage, visit),
        is_callback=stage.attempts is not None,
        is_duty=case.kind == "duty",
        follow_up=case.branches[visit.branch].follow_up if visit.branch in case.branches else False,
        concern=_concern(look, policy, case, visit),
        before_closing=before_closing(case, visit, policy, language),
        reply_rules=reply_rules(stage, policy, draft.facts, look.people, language) if visit.is_open else None,
        informs=is_inform(policy, visit.stage),
        script=policy.label(visit.stage, language, aspect="hint") if is_inform(policy, visit.stage) else "",
        decided=None if visit.is_open else decided_view(case, visit, look),
    )


def stage_deadline(case: Case, visit: Visit) -> Deadline | None:
    """Return the stage clock of a visit, running or not."""
    return next((d for d in reversed(case.deadlines.values()) if d.visit == visit.id and d.clock == "stage"), None)


def _button(policy: Policy, visit: Visit, stage: StageDef, main: str, language: str) -> str:
    """Return the verb of the green button: the stage's own, else the decision's name; "" for a duty that has none: who
    does it reports it and approves nothing."""
    own = policy.label(visit.stage, language, aspect="button")
    if not own and main == APPROVE and visit.stage in policy.duties:
        return ""
    return own or policy.label(main, language, of=visit.stage)


def _seats(look: Look, policy: Policy, visit: Visit, stage: StageDef) -> tuple[SeatFacts, ...]:
    turn = waiting_seats(visit, stage.seats) if visit.is_open else []
    return tuple(_seat(look, policy, visit, s, s in turn) for s in visit.seats)


def _seat(look: Look, policy: Policy, visit: Visit, state: SeatState, is_turn: bool) -> SeatFacts:
    answer = state.answer
    return SeatFacts(
        team=team_of(look, policy, [state.seat]),
        kind=state.seat.kind,
        is_turn=is_turn,
        decision=policy.label(answer.decision, look.language, of=visit.stage) if answer else None,
        by=answer.by if answer else None,
        at=answer.at if answer else None,
        for_=answer.on_behalf_of if answer and answer.capacity != "member" else None,
    )


def _sources(
    policy: Policy, name: str, stage: StageDef, deadline: Deadline | None, language: str
) -> tuple[Source, ...]:
    about = about_stage(policy, name, str(stage.who.arg) if stage.who.kind == "role" else None)
    limit = limit_words_of(deadline, language) if deadline is not None else ""
    found = [source_facts(policy, stage.source, "stage", language, limit, about)]
    if deadline is not None and deadline.ours:
        found.append(source_facts(policy, read_source(deadline.source), "limit", language, limit))
    return tuple(s for s in found if s is not None)


def _reason(
    look: Look, policy: Policy, case: Case, visit: Visit, kind: type[WaitingBegun] | type[SeatAnswered]
) -> Quote | None:
    """Return the reason that was given last for what *kind* records of the visit."""
    for recorded in reversed(look.log):
        event = recorded.event
        if isinstance(event, kind) and event.visit == visit.id:
            return words_quote(look, policy, case, event.reason)
    return None


def _why_again(look: Look, policy: Policy, case: Case, visit: Visit) -> Quote | None:
    """Return why the case was sent back to this stage, in the words of who did it."""
    earlier = [v for v in case.visits.values() if v.id < visit.id and v.ended_at == visit.opened_at and v.decided_by]
    sent_back = next((v for v in reversed(earlier) if _how(policy, v) == "returned"), None)
    reason = _reason(look, policy, case, sent_back, SeatAnswered) if sent_back is not None else None
    if sent_back is None or reason is None:
        return None
    stage = policy.label(sent_back.stage, look.language, aspect="short")
    decision = policy.label(sent_back.decision or "", look.language, of=sent_back.stage)
    return replace(reason, label=f"{stage}: {decision}" if look.language == "en" else f"{stage}：{decision}")


def _why_handed(look: Look, policy: Policy, case: Case, visit: Visit) -> Quote | None:
    """Return why the stage was handed over or reassigned the last time, in the words of who did it."""
    given = (r.event for r in reversed(look.log) if isinstance(r.event, HandedOver) and r.event.visit == visit.id)
    event = next(given, None) if visit.is_open else None
    reason = words_quote(look, policy, case, event.reason) if event is not None else None
    if event is None or reason is None:
        return None
    label = REASSIGNED if event.by_general_manager else HANDED_OVER
    return replace(reason, label=label.in_language(look.language))


def _why_begun(look: Look, policy: Policy, case: Case, visit: Visit) -> Quote | None:
    """Return what was written by whoever began this route by hand: an objection, an appeal."""
    branch = case.branches.get(visit.branch)
    route = policy.routes.get(branch.route) if branch is not None else None
    if branch is None or route is None or route.opens is None or not route.opens.by_hand:
        return None
    label = policy.label(branch.route, look.language)
    names = [f.name for f in route.opens.fill if f.name in policy.fields and policy.fields[f.name].long]
    return next((q for n in names if (q := quote(look, policy, case, n, label)) is not None), None)


# --- what earlier stages found -----------------------------------------------------------------------------


def _found(look: Look, policy: Policy, case: Case, visit: Visit) -> tuple[tuple[Pair, ...], Quote | None]:
    """
    Return what the stages before entered that a decision needs (the newest first), and the last finding's words.

    Who signs what another one filled in sees that first.
    """
    before = [v for v in case.visits.values() if v.ended == "done" and v.id < visit.id]
    before += [visit] if visit.is_open and visit.filled else []
    form = set(intake_fields(policy))
    names = [n for v in reversed(before) for n in v.filled if n not in form]
    own = set(visit.filled)
    pairs = [
        p
        for n in dict.fromkeys(names)
        if (p := _shown(look, policy, case, n, RESULT_TYPES if n in own else FOUND_TYPES)) is not None
    ]
    return tuple(pairs[:MOST_FOUND]), next(_findings(look, policy, case, before, form), None)


def form_pairs(look: Look, policy: Policy, case: Case, form: str) -> tuple[Pair, ...]:
    """Return what was found and decided of what a form holds (amount, settlement, who is liable), without what the
    reporter filled in."""
    held = policy.papers.forms.get(form)
    names = [n for n in held.fill if n not in intake_fields(policy)] if held is not None else []
    pairs = (_shown(look, policy, case, n, FOUND_TYPES) for n in names)
    return tuple(p for p in pairs if p is not None)[:MOST_FOUND]


def _shown(look: Look, policy: Policy, case: Case, name: str, types: frozenset[str]) -> Pair | None:
    definition = policy.fields.get(name)
    return pair(look, policy, case, name) if definition is not None and definition.type in types else None


def _findings(look: Look, policy: Policy, case: Case, before: list[Visit], form: set[str]) -> Iterator[Quote]:
    for visit in reversed(before):
        name = _long_field(policy, visit, form)
        label = policy.label(visit.stage, look.language, aspect="short")
        if name and (words := quote(look, policy, case, name, label)) is not None:
            yield words


def _long_field(policy: Policy, visit: Visit, form: set[str]) -> str | None:
    """Return the text that a visit filled in as its finding, if any."""
    for name in visit.filled:
        definition = policy.fields.get(name)
        if definition is not None and definition.long and not definition.hidden_from and name not in form:
            return name
    return None


def _confirm(draft: Draft, stage: StageDef, look: Look) -> str | None:
    """Return the name of the stage whose decision can be given again in one click (`copy_from`), or None."""
    copy = stage.copy_from
    earlier = draft.case.last_visit(copy.stage) if copy else None
    if copy is None or earlier is None or earlier.ended_at is None or copy.when.evaluate(draft.facts) is not True:
        return None
    changed = [
        n for n in copy.same if (at := draft.case.happened.get(f"{n} set")) is not None and at > earlier.ended_at
    ]
    return None if changed else draft.policy.label(copy.stage, look.language, aspect="short")


def _concern(look: Look, policy: Policy, case: Case, visit: Visit) -> Concern | None:
    """Return the late stage that this one asks about (`each: late visit`)."""
    branch = case.branches.get(visit.branch)
    late = case.visits.get(int(branch.bound.get("late_visit") or 0)) if branch is not None else None
    deadline = stage_deadline(case, late) if late is not None else None
    if late is None or late.ended_at is None or deadline is None:
        return None
    label = policy.label(late.stage, look.language, aspect="short")
    return Concern(label=label, at=late.ended_at, due=deadline.due_at, late=late_text(look, deadline, late.ended_at))


# --- decided -----------------------------------------------------------------------------------------------


def decided_view(case: Case, visit: Visit, look: Look) -> Decided:
    """Return how a visit ended: by whom, when, in time or how late, with what result, and who has it next."""
    policy, language = look.world.policy(case), look.language
    answer = next((s.answer for s in reversed(visit.seats) if s.answer and s.answer.by == visit.decided_by), None)
    deadline = stage_deadline(case, visit)
    name = _long_field(policy, visit, set())
    return Decided(
        how=_how(policy, visit),
        by=visit.decided_by,
        at=visit.ended_at,
        decision=visit.decision,
        decision_label=policy.label(visit.decision, language, of=visit.stage) if visit.decision else "",
        for_=answer.on_behalf_of if answer and answer.capacity != "member" else None,
        in_time=visit.in_time if deadline is not None else None,
        late=_late(look, case, visit, deadline),
        reason=_reason(look, policy, case, visit, SeatAnswered),
        outcome=policy.label(case.outcome, language) if case.outcome and _closed_by(policy, case, visit) else None,
        results=_results(look, policy, case, visit),
        quote=quote(look, policy, case, name) if name else None,
        next=_next(look, policy, case, visit),
        begun=_begun(look, policy, case, visit),
        may_take_back=may_take_back(Draft(world=look.world, actor="", case=case), visit, visit.decided_by or ""),
    )


def _how(policy: Policy, visit: Visit) -> str:
    if visit.ended != "done":
        return str(visit.ended)
    target = decisions_of(stage_def(policy, visit.stage)).get(visit.decision or "")
    return "returned" if target is not None and target.kind == "back" else "done"


def _begun(look: Look, policy: Policy, case: Case, visit: Visit) -> Begun | None:
    """Return the complaint that this decision began: the first such decision began the first one, and so on."""
    if not _begins_another(policy, visit):
        return None
    earlier = sum(_begins_another(policy, v) for v in case.visits.values() if _order(v) < _order(visit))
    linked = [link.other for link in case.links if link.link == REFUSED]
    other = known_case(linked[earlier], look.reader, look.world) if earlier < len(linked) else None
    if other is None:
        return None
    waiting = other.open_visits
    return Begun(
        case_id=other.id,
        name=other.number or nameless(other, look, policy),
        turn=turn_of(look, policy, other, waiting[0]) if waiting else None,
    )


def _begins_another(policy: Policy, visit: Visit) -> bool:
    if visit.ended != "done" or visit.ended_at is None:
        return False
    target = decisions_of(stage_def(policy, visit.stage)).get(visit.decision or "")
    return target is not None and target.kind == "new_case"


def _order(visit: Visit) -> tuple[datetime, int]:
    return visit.ended_at or visit.opened_at, visit.id


def _closed_by(policy: Policy, case: Case, visit: Visit) -> bool:
    """Say whether the decision of *visit* closed the case; another may have been taken at the same instant."""
    if case.closed_at is None or case.closed_at != visit.ended_at or visit.ended != "done":
        return False
    target = decisions_of(stage_def(policy, visit.stage)).get(visit.decision or "")
    closing = {route.closes for route in policy.routes.values()}
    return case.kind == "duty" or visit.stage in closing or (target is not None and target.kind == "close_as")


def _late(look: Look, case: Case, visit: Visit, deadline: Deadline | None) -> str:
    if deadline is None or visit.in_time is not False or visit.ended_at is None:
        return ""
    return late_text(look, deadline, visit.ended_at)


def late_text(look: Look, deadline: Deadline, at: datetime) -> str:
    """Return how late *at* is in the limit's own unit, begun days counted whole: `1 day`, `1 個工作天`, `3 小時`."""
    calendar = look.world.calendar()
    unit = parse_limit(deadline.limit).unit
    if unit in (Unit.CALENDAR_DAYS, Unit.MONTHS, Unit.YEARS, *MONTH_DAYS, Unit.NONE):
        days = elapsed(Unit.CALENDAR_DAYS, deadline.due_at, at, calendar)
        return counted_text(max(1, math.ceil(days)), "day", look.language)
    days = elapsed(Unit.WORKING_DAYS, deadline.due_at, at, calendar)
    if days >= 1:
        return counted_text(math.ceil(days), "working day", look.language)
    hours = elapsed(Unit.CLOCK_HOURS, deadline.due_at, at, calendar)
    return counted_text(max(1, math.ceil(hours)), "hour", look.language)


def _results(look: Look, policy: Policy, case: Case, visit: Visit) -> tuple[Pair, ...]:
    """Return what the stage entered, the units first: "Responsible: Production · Cause: surface finish"."""
    pairs = [p for n in visit.filled if (p := _shown(look, policy, case, n, RESULT_TYPES)) is not None]
    chosen = [p for p in pairs if policy.fields[p.name].type != "yes_no"] or pairs
    chosen.sort(key=lambda p: policy.fields[p.name].type not in ("unit", "units"))
    return tuple(chosen[:MOST_FOUND])


def _next(look: Look, policy: Policy, case: Case, visit: Visit) -> tuple[Turn, ...]:
    """Return the visits that this one's end opened, with the limit they began with: what was told stays as told."""
    after = [
        v
        for v in case.visits.values()
        if v.id > visit.id and v.opened_at == visit.ended_at and v.ended in (None, "done")
    ]
    own = [v for v in after if v.branch == visit.branch][:1]
    begun = [v for v in after if v.branch != visit.branch and _is_first(case, v)]
    return tuple(
        replace(turn_of(look, policy, case, v), due=due_of(look, stage_deadline(case, v), policy))
        for v in sorted([*own, *begun], key=lambda v: v.id)
    )


def _is_first(case: Case, visit: Visit) -> bool:
    return min(v.id for v in case.visits.values() if v.branch == visit.branch) == visit.id
