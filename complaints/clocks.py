"""Clocks of a case: they start, move, stop, and fire their steps; the rows that the tick claims follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from complaints import events as e
from complaints.authority import source_of
from complaints.case import Deadline, Visit
from complaints.draft import Draft
from complaints.facts import Facts, typed
from complaints.ladder import GENTLE, after_due, moved_steps, next_turn_step, rung_steps, steps_ahead
from complaints.limits import Due, Limit, Roll, Unit, due_at, limit_words, moved_due, parse_limit
from complaints.office_hours import MIDNIGHT_MINUTES
from complaints.policy_checks import stage_limits
from complaints.policy_defaults import CASE_LIMIT, STAGE_LIMIT
from complaints.policy_model import CalendarRule, ClockDef, Extension, Rung
from complaints.policy_parts import LimitRef
from complaints.workdays import WorkCalendar

CASE_CLOCK = "case"
STAGE_CLOCK = "stage"


def open_stage_clock(
    draft: Draft, visit: Visit, *, due: datetime | None = None, starts_at: datetime | None = None
) -> None:
    """Start the clock of a stage's visit: its own limit, or its share of the case limit (D4)."""
    stage = draft.stage(visit)
    start = starts_at or draft.world.now
    limit = _limit_from(draft, stage.limit, start, draft.case.branches[visit.branch].bound)
    source, ours = _limit_source(draft, visit)
    if limit is None:
        limit, source, ours = given_limit(draft, visit.stage), "D4", True
    if limit.unit is Unit.NONE:
        return
    calendar = stage_calendar(draft, visit)
    agreed = _agreed(draft, stage.replaced_by, calendar)
    computed = due_at(limit, start, calendar, _roll(stage.calendar))
    due = due or agreed or computed.at
    _set(draft, STAGE_CLOCK, visit.id, start, due, limit, computed.provisional, calendar, stage.ladder, source, ours)


def _limit_from(
    draft: Draft, ref: LimitRef | None, start: datetime, bound: Mapping[str, object] | None = None
) -> Limit | None:
    """Return the limit that *ref* gives for a clock that starts at *start*: a table may ask for `start.time`, local."""
    if ref is None or ref.fixed is not None:
        return draft.policy.limit(ref, draft.facts)
    at = {"start": draft.world.calendar().local(start)} if ref.table is not None else {}
    return draft.policy.limit(ref, Facts(draft.case, draft.world, bound={**(bound or {}), **at}))


def _limit_source(draft: Draft, visit: Visit) -> tuple[str | None, bool]:
    stage = draft.stage(visit)
    own = stage.limit.source if stage.limit is not None else None
    if own is not None:
        return str(own), own.kind != "clause"
    return source_of(stage), False


def given_limit(draft: Draft, stage: str) -> Limit:
    """Return the limit that D4 gives a stage without one."""
    limits = stage_limits(draft.policy, draft.facts)
    return limits.get(stage) or STAGE_LIMIT


def stage_calendar(draft: Draft, visit: Visit) -> WorkCalendar:
    """Return the calendar of the role that acts, with the stage's own week where the policy names one."""
    role = next((s.seat.role for s in visit.seats if s.seat.role), None)
    plan = draft.world.people.roles.get(role or "")
    return _own_week(draft.world.calendar(plan.calendar if plan else None), draft.stage(visit).calendar)


def _own_week(calendar: WorkCalendar, rule: CalendarRule | None) -> WorkCalendar:
    if rule is None or (rule.days is None and rule.hours is None):
        return calendar
    return calendar.with_week(days=rule.days, hours=rule.hours)


def _roll(rule: CalendarRule | None) -> Roll | None:
    return rule.roll if rule is not None else None


def _agreed(draft: Draft, field: str | None, calendar: WorkCalendar) -> datetime | None:
    """Return the end of the day (or the instant) that was agreed in *field*, if it was."""
    value = draft.case.fields.get(field or "")
    if field is None or value is None:
        return None
    kind = draft.policy.fields[field].type
    at = typed(value, kind)
    if isinstance(at, datetime):
        return at
    return calendar.at(at, MIDNIGHT_MINUTES)


def _set(
    draft: Draft,
    clock: str,
    visit: int | None,
    start: datetime,
    due: datetime,
    limit: Limit,
    provisional: bool,
    calendar: WorkCalendar,
    ladder: str | None,
    source: str | None,
    ours: bool,
) -> None:
    rungs = draft.policy.ladder(ladder)
    steps = rung_steps(rungs, limit, start, due, calendar, draft.world)
    if start < draft.world.now:
        steps = steps_ahead(steps, rungs, limit, calendar, draft.world)
    draft.emit(
        e.DeadlineSet(
            deadline=draft.next_deadline(),
            clock=clock,
            visit=visit,
            starts_at=start,
            due_at=due,
            limit=limit_words(limit),
            provisional=provisional,
            calendar_version=calendar.version,
            steps=steps,
            ladder=ladder,
            source=source,
            ours=ours,
        )
    )


def start_clocks(draft: Draft, happening: str) -> None:
    """
    Start every clock of the policy that *happening* starts, and stop those that it stops.

    A clock that starts when an instant is filled runs from that instant: from when the customer called, not from when
    it was noted. Source: DESIGN 4 (a clock starts where its regulation says).
    """
    for name, clock in draft.policy.clocks.items():
        if happening in _names(clock.stops):
            stop_clock(draft, name, "stopped")
        if happening in _names(clock.starts) and draft.case.clock(name) is None:
            start_clock(draft, name, clock, _filled_instant(draft, happening))


def _filled_instant(draft: Draft, happening: str) -> datetime | None:
    """Return the instant that was filled in, at the latest now; None for every other happening."""
    field = draft.policy.fields.get(happening.removesuffix(" set"))
    if field is None or field.type != "instant":
        return None
    at = typed(draft.case.fields.get(happening.removesuffix(" set")), "instant")
    return min(at, draft.world.now) if isinstance(at, datetime) else None


def start_clock(draft: Draft, name: str, clock: ClockDef, starts_at: datetime | None = None) -> None:
    if clock.when is not None and not clock.when.evaluate(draft.facts):
        return
    start = starts_at or draft.world.now
    limit = _limit_from(draft, clock.limit, start) or CASE_LIMIT
    if limit.unit is Unit.NONE:
        return
    calendar = _own_week(draft.world.calendar(), clock.calendar)
    due = due_at(limit, start, calendar, _roll(clock.calendar))
    at = _agreed(draft, clock.replaced_by, calendar) or due.at
    ours = clock.source is not None and clock.source.kind != "clause"
    _set(draft, name, None, start, at, limit, due.provisional, calendar, clock.ladder, source_of(clock), ours)


def _names(happenings: tuple[object, ...]) -> frozenset[str]:
    return frozenset(str(h) for h in happenings)


def stop_clock(draft: Draft, name: str, why: str) -> None:
    for deadline in [d for d in draft.case.deadlines.values() if d.clock == name and d.ended is None]:
        end_deadline(draft, deadline, why)


def end_deadline(draft: Draft, deadline: Deadline, why: str) -> None:
    """Stop a running clock; its steps that were not reached are cancelled with it."""
    draft.emit(
        e.DeadlineEnded(
            deadline=deadline.id,
            why=why,
            in_time=draft.world.now <= deadline.due_at,
            cancelled=tuple(s.id for s in deadline.steps),
        )
    )


def end_clocks_of_visit(draft: Draft, visit: int, why: str) -> None:
    for deadline in [d for d in draft.case.deadlines.values() if d.visit == visit and d.ended is None]:
        end_deadline(draft, deadline, why)


def end_clocks_of_case(draft: Draft, why: str) -> None:
    """Stop what still runs for the whole case, as nobody could stop it any more; what only waits for an instant stays."""
    for deadline in [d for d in draft.case.deadlines.values() if d.visit is None and d.ended is None]:
        if not is_timer(deadline):
            end_deadline(draft, deadline, why)


def end_all_clocks(draft: Draft, why: str) -> None:
    for deadline in [d for d in draft.case.deadlines.values() if d.ended is None]:
        end_deadline(draft, deadline, why)


# --- moving ------------------------------------------------------------------------------------------------


def calendar_of(draft: Draft, deadline: Deadline) -> WorkCalendar:
    if deadline.visit is not None and deadline.visit in draft.case.visits:
        return stage_calendar(draft, draft.case.visits[deadline.visit])
    clock = draft.policy.clocks.get(deadline.clock)
    return _own_week(draft.world.calendar(), clock.calendar if clock else None)


def move_deadline(draft: Draft, deadline: Deadline, due: datetime, why: str, provisional: bool | None = None) -> None:
    """Move a running clock's due time; steps that are still to come are computed anew, fired ones stay fired."""
    calendar = calendar_of(draft, deadline)
    if is_timer(deadline):
        steps = tuple(replace(s, at=due, send_at=due) for s in deadline.steps)
    else:
        rungs, limit = draft.policy.ladder(deadline.ladder), parse_limit(deadline.limit)
        steps = moved_steps(deadline, rungs, limit, due, calendar, draft.world)
    draft.emit(
        e.DeadlineMoved(
            deadline=deadline.id,
            due_at=due,
            why=why,
            calendar_version=calendar.version,
            provisional=deadline.provisional if provisional is None else provisional,
            steps=steps,
        )
    )


def hold_or_let_go(draft: Draft) -> None:
    """
    Let the clocks stand that pause while the customer or somebody outside is waited for, and go on when nobody is: due
    later by the time that they stood. Source: the clause that each `pauses` names; without one no clock stands (D20).
    """
    pausing = {name: {p.while_ for p in clock.pauses} for name, clock in draft.policy.clocks.items() if clock.pauses}
    running = [d for d in draft.case.deadlines.values() if d.ended is None and d.clock in pausing]
    waits = _waits(draft) if running else {}
    now = draft.world.now
    for deadline in running:
        why = next((w for w in waits if w in pausing[deadline.clock]), None)
        if why is not None and deadline.held_at is None:
            expected = deadline.due_at + max(waits[why] - now, timedelta())
            draft.emit(e.DeadlineHeld(deadline=deadline.id, due_at=expected, why=why))
        elif why is None and deadline.held_at is not None and deadline.held_due is not None:
            move_deadline(draft, deadline, deadline.held_due + (now - deadline.held_at), "waiting")


def _waits(draft: Draft) -> dict[str, datetime]:
    """Return what is waited for now, and until when it should take: the customer, an open turn of an outside role."""
    found: dict[str, datetime] = {}
    for visit in draft.case.open_visits:
        if visit.waiting_until is not None:
            found["waiting_for_customer"] = max(visit.waiting_until, found.get("waiting_for_customer", draft.world.now))
        roles = [draft.policy.roles.get(role) for role in draft.stage(visit).who.roles()]
        if roles and all(role is not None and role.kind == "outside" for role in roles):
            deadline = draft.case.deadline_of(visit.id)
            due = deadline.due_at if deadline is not None else draft.world.now
            found["waiting_for_outside"] = max(due, found.get("waiting_for_outside", draft.world.now))
    return found


def is_timer(deadline: Deadline) -> bool:
    """Say whether it only waits for an instant (a rule, a route, a date of the customer's) and has no ladder."""
    return all(s.as_ in ("rule", "waiting_over") for s in deadline.steps) and bool(deadline.steps)


def longest_extension(draft: Draft, visit: Visit) -> datetime | None:
    """Return the latest due time that an extension may give: the stage's own limit once more (D21)."""
    deadline = draft.case.deadline_of(visit.id)
    return latest_due(draft, deadline, draft.stage(visit).extension) if deadline is not None else None


def latest_due(draft: Draft, deadline: Deadline, rule: Extension | None) -> datetime | None:
    """Return the latest due time to which a clock may be moved at once: by what its rule says, else its own limit."""
    limit = rule.at_most if rule is not None and rule.at_most is not None else parse_limit(deadline.limit)
    return after_due(limit, deadline.due_at, calendar_of(draft, deadline)) if limit.unit is not Unit.NONE else None


def recompute(draft: Draft, why: str) -> None:
    """
    Move what is still to come of every running deadline to the calendar of today; what is used stays used.

    A date that was agreed or granted stays as it was. Only deadlines that moved are recorded. Source: DESIGN 4.
    """
    for deadline in [d for d in draft.case.deadlines.values() if d.ended is None and d.limit != "none"]:
        due = _by_now(draft, deadline)
        if due is not None and (due.at != deadline.due_at or due.provisional != deadline.provisional):
            move_deadline(draft, deadline, due.at, why, due.provisional)


def stand_again(draft: Draft, visit: Visit, old: Deadline) -> None:
    """
    Start the clock of a stage anew where *old* stood when a decision that is taken back ended it: by the calendar of today,
    as if it had gone on. What was granted stays granted.
    """
    due = _by_now(draft, old)
    open_stage_clock(draft, visit, due=due.at if due else None if old.granted else old.due_at, starts_at=old.starts_at)
    new = draft.case.deadline_of(visit.id)
    if old.granted and new is not None:
        move_deadline(draft, new, old.due_at, "taken_back")


def _by_now(draft: Draft, deadline: Deadline) -> Due | None:
    """Return the due time by the calendar of today; None where it is counted by it, or was agreed or granted."""
    calendar = calendar_of(draft, deadline)
    if calendar.version == deadline.calendar_version or deadline.granted or _is_dated(draft, deadline, calendar):
        return None
    return _moved(draft, deadline, calendar)


def _moved(draft: Draft, deadline: Deadline, calendar: WorkCalendar) -> Due:
    """Return the due time by today's calendar from now on, and until now by those it was counted with."""
    limit, rule = parse_limit(deadline.limit), _rule_of(draft, deadline)
    old = _as_counted(draft, deadline, rule)
    if old is None:
        return due_at(limit, deadline.starts_at, calendar, _roll(rule))
    return moved_due(limit, deadline.starts_at, draft.world.now, old, calendar, _roll(rule))


def _as_counted(draft: Draft, deadline: Deadline, rule: CalendarRule | None) -> WorkCalendar | None:
    """Return the calendar that the deadline was counted with: each earlier one until the day it changed; None when
    this desk knows it no more."""
    known = {own.version: own for past in draft.world.past_calendars for own in (_own_week(past, rule),)}
    found = known.get(deadline.calendar_version)
    if found is None or any(version not in known for version, _ in deadline.counted):
        return found
    versions = [*(version for version, _ in deadline.counted), deadline.calendar_version]
    counted = known[versions[0]]
    for (_, until), version in zip(deadline.counted, versions[1:], strict=True):
        counted = known[version].following(counted, until)
    return counted


def _rule_of(draft: Draft, deadline: Deadline) -> CalendarRule | None:
    if deadline.visit is not None and deadline.visit in draft.case.visits:
        return draft.stage(draft.case.visits[deadline.visit]).calendar
    clock = draft.policy.clocks.get(deadline.clock)
    return clock.calendar if clock is not None else None


def restart_changed_limits(draft: Draft) -> None:
    """Replace every running clock whose limit is another one by the facts of now (13 days became 17); its start stays."""
    for deadline in [d for d in draft.case.deadlines.values() if d.ended is None and not is_timer(d)]:
        visit = draft.case.visits.get(deadline.visit or 0)
        clock = draft.policy.clocks.get(deadline.clock)
        if visit is not None:
            bound = draft.case.branches[visit.branch].bound
            limit = _limit_from(draft, draft.stage(visit).limit, deadline.starts_at, bound)
        else:
            limit = _limit_from(draft, clock.limit, deadline.starts_at) if clock is not None else None
        if limit is None or limit_words(limit) == deadline.limit:
            continue
        end_deadline(draft, deadline, "amended")
        if visit is not None:
            open_stage_clock(draft, visit, starts_at=deadline.starts_at)
        elif clock is not None:
            start_clock(draft, deadline.clock, clock, deadline.starts_at)


def move_to_date(draft: Draft, field: str) -> None:
    """Move every running clock that a date filled in *field* replaces; the date wins, earlier or later (DL-06)."""
    for deadline in [d for d in draft.case.deadlines.values() if d.ended is None and not is_timer(d)]:
        visit = draft.case.visits.get(deadline.visit or 0)
        if visit is not None and visit.stage in draft.policy.duties:
            continue
        rule = draft.stage(visit) if visit is not None else draft.policy.clocks.get(deadline.clock)
        if rule is None or rule.replaced_by != field:
            continue
        agreed = _agreed(draft, field, calendar_of(draft, deadline))
        if agreed is not None and agreed != deadline.due_at:
            move_deadline(draft, deadline, agreed, "replaced")


def _is_dated(draft: Draft, deadline: Deadline, calendar: WorkCalendar) -> bool:
    """Say whether a date gave the due time (agreed in a field, or a duty's day of the month): it stays that date."""
    visit = draft.case.visits.get(deadline.visit or 0)
    if visit is not None and visit.stage in draft.policy.duties:
        duty = draft.policy.duties[visit.stage]
        return duty.by is not None or duty.every == "shift"
    clock = draft.policy.clocks.get(deadline.clock)
    rule = draft.stage(visit) if visit is not None else clock
    return rule is not None and _agreed(draft, rule.replaced_by, calendar) is not None


# --- firing --------------------------------------------------------------------------------------------------


def due_steps(deadline: Deadline, now: datetime) -> list[e.Step]:
    """Return the steps whose sending time has come, in the order of their instants."""
    return sorted((s for s in deadline.steps if s.send_at <= now), key=lambda s: (s.at, s.rung))


def fire(draft: Draft, deadline: Deadline) -> e.Step | None:
    """
    Fire the latest step that is due and supersede the ones before it; None when nothing is due any more.

    Source: DESIGN 4 (each step ends in exactly one event; after an outage only the latest is sent).
    """
    due = due_steps(deadline, draft.world.now) if deadline.held_at is None else []
    if not due:
        return None
    last = due[-1]
    for step in due[:-1]:
        draft.emit(e.StepSuperseded(deadline=deadline.id, step=step.id, by=last.id))
    if (slip := _come_since(deadline, last, draft.world.now)) is not None:
        draft.emit(e.StepSuperseded(deadline=deadline.id, step=last.id, by=slip.id))
        return None
    return last


def _come_since(deadline: Deadline, step: e.Step, now: datetime) -> e.Step | None:
    """Return the step that has come meanwhile and only waits for an allowed hour: no reminder comes after the due time."""
    if step.as_ not in GENTLE:
        return None
    later = [s for s in deadline.steps if s.at <= now and s.send_at > now and (s.at, s.rung) > (step.at, step.rung)]
    return later[-1] if later else None


def repeated(draft: Draft, deadline: Deadline, step: e.Step) -> tuple[e.Step, ...]:
    """Return the next turn of the rung if it repeats."""
    rungs: tuple[Rung, ...] = draft.policy.ladder(deadline.ladder)
    if step.rung >= len(rungs) or rungs[step.rung].every is None:
        return ()
    limit = parse_limit(deadline.limit)
    return (next_turn_step(rungs[step.rung], step, limit, draft.world, calendar_of(draft, deadline)),)
