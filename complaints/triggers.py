"""What follows from what happened: clocks, numbers, registers, copies, rules and follow-ups, until all is quiet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from complaints import events as e
from complaints.authority import registry_of, source_of
from complaints.bookings import book
from complaints.clocks import move_to_date, start_clocks
from complaints.draft import Draft
from complaints.duty_cases import begin_duties
from complaints.evolution_papers import digest_of
from complaints.facts import Facts
from complaints.grades import give_grades
from complaints.holds import NUMBER, refuse_locked
from complaints.inform import begin_informs
from complaints.limits import due_at, limit_words
from complaints.money import Seen, compute
from complaints.policy_index import index_of
from complaints.policy_model import Money, Rule, Trigger
from complaints.refusals import NotAllowedHere
from complaints.registers import register_row
from complaints.retention import kept_until, source_of_keeping
from complaints.routes import open_branch, pass_on_seats
from complaints.seats import holders_of

MOST_ROUNDS = 200  # a policy whose rules set one another off for ever is stopped here


def settle(draft: Draft) -> None:
    """Work through what happened, and what happened because of it."""
    for _ in range(MOST_ROUNDS):
        if not draft.pending:
            return
        follow(draft, draft.pending.pop(0))
    raise RuntimeError(f"policy {draft.case.policy}: its rules set one another off without end")


def follow(draft: Draft, happening: str) -> None:
    give_grades(draft, happening)
    if happening.endswith((" done", " dropped")) and draft.policy.money:
        _compute_amounts(draft)
        book(draft, happening)
    if happening.endswith(" set"):
        move_to_date(draft, happening.removesuffix(" set"))
        pass_on_seats(draft, happening.removesuffix(" set"))
    if happening not in index_of(draft.policy).heard:
        return
    is_again = draft.case.number is not None and happening == _numbered_upon(draft)
    if draft.case.kind == "complaint" and not draft.case.is_over:
        _number(draft, happening)
    start_clocks(draft, happening)
    if not is_again:  # a case that comes back to its registration has its number and its line already
        _enter_registers(draft, happening)
    _send_copies(draft, happening)
    _archive(draft, happening)
    _fire_rules(draft, happening)
    begin_informs(draft, happening)
    _open_follow_ups(draft, happening)
    begin_duties(draft, happening)


# --- papers ----------------------------------------------------------------------------------------------------


def _number(draft: Draft, happening: str) -> None:
    rule = draft.policy.papers.number
    if rule is None or draft.case.number is not None or happening != _numbered_upon(draft):
        return
    refuse_locked(NUMBER, draft)
    local = draft.world.calendar().local(draft.world.now)
    period = {"month": f"{local:%Y-%m}", "year": f"{local:%Y}", "never": "all"}[rule.restart]
    series = f"{draft.case.policy}:{rule.pattern}"
    serial = draft.world.serial(series, period)
    if rule.overflow == "refuse" and serial >= 10 ** _digits(rule.pattern):
        raise NotAllowedHere("numbers_used_up", source=str(rule.source), case=draft.case.name)
    prefix = draft.world.people.prefixes.get(draft.case.policy, "")
    number = prefix + format_number(rule.pattern, local.year, local.month, local.day, serial)
    draft.emit(e.CaseNumbered(number=number, series=series, period=period, serial=serial, source=str(rule.source)))


def _numbered_upon(draft: Draft) -> str | None:
    rule = draft.policy.papers.number
    return f"{rule.at} done" if rule is not None else None


def format_number(pattern: str, year: int, month: int, day: int, serial: int) -> str:
    """
    Return a number by its pattern: YYYY or YY, MM, DD and as many N as digits; a serial that needs more digits
    gets them (pcb-manufacturer (八), our default for more than 99 in a month), unless `overflow: refuse`.
    """
    digits = _digits(pattern)
    text = pattern.removesuffix("N" * digits).replace("YYYY", f"{year:04d}").replace("YY", f"{year % 100:02d}")
    return text.replace("MM", f"{month:02d}").replace("DD", f"{day:02d}") + f"{serial:0{digits}d}"


def _digits(pattern: str) -> int:
    """Return how many N stand at the end: an N in front of them is a letter."""
    return len(pattern) - len(pattern.rstrip("N"))


def _enter_registers(draft: Draft, happening: str) -> None:
    for name, register in draft.policy.papers.registers.items():
        if str(register.upon) == happening and _is_so(register.when, draft.facts):
            row = register_row(draft, register, happening)
            draft.emit(e.RegisterEntered(register=name, row=row, source=source_of(register)))


def _send_copies(draft: Draft, happening: str) -> None:
    for copies in draft.policy.papers.copies:
        if str(copies.upon) == happening and _is_so(copies.when, draft.facts):
            roles = [
                h[0] or h[1] or "" for who in copies.to for h in holders_of(who, draft.case, draft.world, draft.facts)
            ]
            kept_back = tuple(role for role in roles if _stays_inside(draft, copies.of, role))
            to = tuple(role for role in roles if role not in kept_back)
            draft.emit(e.CopiesSent(of=copies.of, to=to, source=source_of(copies), kept_back=kept_back))


def _stays_inside(draft: Draft, form: str, role: str) -> bool:
    """Say whether this copy would leave the house although the form never does (CC-03)."""
    known = draft.policy.roles.get(role)
    return form in draft.policy.reply.never and known is not None and known.kind == "outside"


def _archive(draft: Draft, happening: str) -> None:
    """Record who puts a finished case away, and until when it is kept: `keep` after the closing (D8 unless said)."""
    papers = draft.policy.papers
    if happening != "case finished" or papers.archive_by is None or draft.case.kind == "duty":
        return
    calendar, closed_at = draft.world.calendar(), draft.case.closed_at or draft.world.now
    until = kept_until(papers, closed_at, calendar)
    draft.emit(e.CaseToArchive(by=papers.archive_by, keep_until=until, source=source_of_keeping(papers)))


def _is_so(when: Any, facts: Facts) -> bool:
    return when is None or when.evaluate(facts) is True


def _compute_amounts(draft: Draft) -> None:
    """Record what each calculator gives once all that it needs is known, out of what; and again when that changes."""
    for name, entry in draft.policy.money.items():
        seen = Seen(draft.facts)
        amount = compute(entry, draft.policy, seen) if entry.use != "ledger" else None
        if amount is None:
            if name in draft.case.amounts and _is_no_more(draft, entry):
                draft.emit(e.AmountDropped(entry=name, source=source_of(entry)))
            continue
        computed = e.AmountComputed(
            entry=name,
            amount=str(amount.total),
            parts={"parts": [dict(p) for p in amount.parts]} if amount.parts else {},
            beyond=amount.beyond,
            source=source_of(entry),
            inputs=seen.inputs,
        )
        if draft.case.reckonings.get(name) != digest_of(computed):
            draft.emit(computed)


def _is_no_more(draft: Draft, entry: Money) -> bool:
    """Say whether an amount that was computed does not stand any more; while its condition is unknown it does."""
    if entry.use == "ledger":
        return False
    is_off = entry.when is not None and entry.when.evaluate(draft.facts) is False
    return is_off or any(isinstance(recorded.event, e.FieldsDropped) for recorded in draft.events)


# --- rules and follow-ups ----------------------------------------------------------------------------------------


def _fire_rules(draft: Draft, happening: str) -> None:
    for number, rule in enumerate(draft.policy.rules):
        if str(rule.upon) != happening:
            continue
        if rule.after is not None:
            _set_timer(draft, f"rule:{number}", rule.after, source_of(rule))
        elif _is_so(rule.when, draft.facts):
            apply_rule(draft, number)
        elif any(hold.rule == number for hold in draft.case.holds):  # a complaint that turns out to be a mere demand
            draft.emit(e.HoldLifted(rule=number))


def _set_timer(draft: Draft, clock: str, after: Any, source: str | None) -> None:
    """Start a timer that fires a rule or opens a route later, if the condition holds then."""
    if any(d.clock == clock and d.ended is None for d in draft.case.deadlines.values()):
        return
    calendar = draft.world.calendar()
    due = due_at(after, draft.world.now, calendar)
    step = e.Step(id="0.1", at=due.at, send_at=due.at, as_="rule")
    draft.emit(
        e.DeadlineSet(
            deadline=draft.next_deadline(),
            clock=clock,
            visit=None,
            starts_at=draft.world.now,
            due_at=due.at,
            limit=limit_words(after),
            provisional=due.provisional,
            calendar_version=calendar.version,
            steps=(step,),
            source=source,
        )
    )


def timer_fired(draft: Draft, clock: str) -> None:
    """A timer ran out: apply its rule or open its route if its condition holds now."""
    kind, _, name = clock.partition(":")
    if kind == "rule":
        rule = draft.policy.rules[int(name)]
        if _is_so(rule.when, draft.facts):
            apply_rule(draft, int(name))
    elif kind == "route":
        trigger = draft.policy.routes[name].opens
        if trigger is not None and _is_so(trigger.when, draft.facts):
            _open_each(draft, name, trigger)


def apply_rule(draft: Draft, number: int) -> None:
    """Add what the rule adds; rules never take away, so their order does not matter."""
    rule = draft.policy.rules[number]
    draft.emit(e.RuleFired(rule=number, source=source_of(rule)))
    raised = _raised(draft, rule)
    if raised:
        draft.emit(e.FieldsSet(fields=raised))
    for route in rule.open:
        open_branch(draft, route, follow_up=True)
    _hold(draft, number, rule)
    if rule.enter is not None:
        register = draft.policy.papers.registers[rule.enter]
        row = register_row(draft, register, str(rule.upon))
        draft.emit(e.RegisterEntered(register=rule.enter, row=row, source=source_of(rule)))


def _hold(draft: Draft, number: int, rule: Rule) -> None:
    """Hold back what the rule locks and requires."""
    if rule.lock or rule.require:
        until = str(rule.until) if rule.until is not None else None
        draft.emit(e.HoldSet(rule=number, acts=rule.lock, required=rule.require, until=until, source=source_of(rule)))


def _raised(draft: Draft, rule: Rule) -> dict[str, str]:
    """Return the ordered fields that the rule raises to at least its level."""
    found = {}
    for field, least in rule.raise_.items():
        levels = draft.policy.fields[field].choices
        now = draft.facts.get(field)
        if now is None and field in draft.policy.tables:
            now = draft.policy.tables[field].pick(draft.facts)
        if now is None or levels.index(str(now)) < levels.index(least):
            found[field] = least
    return found


def _open_follow_ups(draft: Draft, happening: str) -> None:
    if draft.case.kind == "duty" or _is_part(draft):  # what follows from a complaint does not follow from a meeting
        return  # about complaints, nor from a procedure that is a part of one (RT-16)
    for name, route in draft.policy.routes.items():
        trigger = route.opens
        if trigger is None or trigger.by_hand or str(trigger.upon) != happening:
            continue
        if trigger.after is not None:
            _set_timer(draft, f"route:{name}", trigger.after, source_of(route))
        elif _is_so(trigger.when, draft.facts):
            _open_each(draft, name, trigger)


def _is_part(draft: Draft) -> bool:
    """Say whether the case is a route of its policy that runs as a case of its own, beside the complaint's."""
    first = next(iter(draft.case.branches.values()), None)
    return first is not None and first.route in draft.policy.routes and draft.policy.routes[first.route].own_case


def _open_each(draft: Draft, route: str, trigger: Trigger) -> None:
    own_case = draft.policy.routes[route].own_case
    for bound in bindings(draft, trigger.each):
        if not own_case:
            open_branch(draft, route, follow_up=True, bound=bound)


def bindings(draft: Draft, each: str | None) -> Iterator[dict[str, Any] | None]:
    """Return what `each` binds, once for every run: late visits, units, persons or lines of a field."""
    if each is None:
        yield None
    elif each == "late visit":
        asked = {b.bound.get("late_visit") for b in draft.case.branches.values() if b.ended != "dropped"}
        late = [v for v in draft.case.visits.values() if v.ended == "done" and v.in_time is False]
        for visit in [v for v in late if v.id not in asked]:
            role = next((s.seat.role for s in visit.seats if s.seat.role), None)
            yield {
                "late_unit": role or registry_of(draft.case, draft.world),
                "late_stage": visit.stage,
                "late_visit": visit.id,
            }
    else:
        kind, _, field = each.partition(" in ")
        value = draft.case.fields.get(field) or ()
        for item in [value] if isinstance(value, str | dict) else list(value):
            yield {f"each_{kind}": item}


def may_begin(draft: Draft, route: str) -> Trigger | None:
    """Return the trigger of a route that people may begin by hand now, or None."""
    trigger = draft.policy.routes[route].opens if route in draft.policy.routes else None
    if trigger is None or not trigger.by_hand:
        return None
    upon = str(trigger.upon)
    if upon not in draft.case.happened or not _is_so(trigger.when, draft.facts):
        return None
    return trigger
