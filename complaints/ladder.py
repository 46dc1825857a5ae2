"""The rungs of a ladder as instants: when is reminded, urged by slip, and taken to the general manager."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache

from msgspec.structs import replace

from complaints import events as e
from complaints.case import Deadline
from complaints.limits import Limit, Unit, at_same_clock, due_at, months_later, share_until
from complaints.people import QuietHours
from complaints.policy_model import Rung
from complaints.quiet import Quiet, next_allowed, sending_time
from complaints.workdays import WorkCalendar
from complaints.world import World

GENTLE = frozenset({"reminder", "first_tomorrow"})  # these keep quiet hours and are merged
QUIET_TOO = frozenset({"reminder_slip", "notice", "inquiry_slip"})  # these wait for the next allowed hour
LAST_MINUTE = timedelta(minutes=1)


def rung_steps(
    rungs: tuple[Rung, ...], limit: Limit, starts_at: datetime, due: datetime, calendar: WorkCalendar, world: World
) -> tuple[e.Step, ...]:
    """
    Return the steps of a ladder for a clock, in their order; `every` rungs give their first turn only.

    Source: D5 (80 %, due, one working day later, then daily), or the policy's own ladder.
    """
    found: list[e.Step] = []
    after: datetime | None = None
    for number, rung in enumerate(rungs):
        at = _rung_at(rung, limit, starts_at, due, calendar, after)
        if at is None:
            continue
        if rung.after is not None:
            after = at
        found.append(_step(rung, number, 1, at, limit, starts_at, due, calendar, world))
    return tuple(sorted(found, key=lambda s: s.at))


def _rung_at(
    rung: Rung, limit: Limit, starts_at: datetime, due: datetime, calendar: WorkCalendar, after: datetime | None
) -> datetime | None:
    if rung.percent == 100:
        return due
    if rung.percent is not None:
        if due <= starts_at:
            return None  # the agreed date is over already: there is nothing left to remind of
        return starts_at + _share(limit, starts_at, due, calendar, rung.percent)
    if rung.before is not None:
        return max(starts_at, before_due(rung.before, due, calendar))
    if rung.after is not None:
        return after_due(rung.after, due, calendar)
    if rung.every is not None:
        return next_turn(rung.every, after or due, calendar)
    return None


def _share(limit: Limit, starts_at: datetime, due: datetime, calendar: WorkCalendar, percent: int) -> timedelta:
    """Return how much after *starts_at* the share lies; a due time that was set by a date is divided plainly."""
    share = Decimal(percent) / 100
    if limit.unit is not Unit.NONE and due_at(limit, starts_at, calendar).at == due:
        return share_until(limit, starts_at, due, calendar, share) - starts_at
    return (due - starts_at) * percent / 100


def after_due(limit: Limit, due: datetime, calendar: WorkCalendar) -> datetime:
    """Return *limit* after a due time; the end of a day (24:00) still belongs to that day."""
    return (
        due_at(limit, due - LAST_MINUTE, calendar).at
        if _is_midnight(due, calendar)
        else due_at(limit, due, calendar).at
    )


def before_due(limit: Limit, due: datetime, calendar: WorkCalendar) -> datetime:
    """Return the instant that lies *limit* before *due*: for days the same time on that day, plain time for hours, working time else."""
    if limit.unit in (Unit.WORKING_DAYS, Unit.WORKING_HOURS):
        back = (
            due - timedelta(days=int(limit.amount) * 3 + 10)
            if limit.unit is Unit.WORKING_DAYS
            else due - timedelta(days=10)
        )
        day = calendar.full_day_length if limit.unit is Unit.WORKING_DAYS else timedelta(hours=1)
        wanted = day * float(limit.amount)
        total = calendar.working_between(back, due)
        return calendar.add_working(back, max(total - wanted, timedelta()))
    if limit.unit is Unit.CLOCK_HOURS:
        return due - (due_at(limit, due, calendar).at - due)
    last = calendar.last_day(due)
    return at_same_clock(due, last, _days_from(last, limit, -1), calendar)


def _days_from(day: date, limit: Limit, sign: int) -> date:
    """Return the day that lies a limit in days, months or years after *day*, or before it (*sign* -1)."""
    months = {Unit.MONTHS: 1, Unit.YEARS: 12}.get(limit.unit)
    if months is not None:
        return months_later(day, sign * int(limit.amount) * months)
    return day + timedelta(days=sign * int(limit.amount))


def next_turn(limit: Limit, last: datetime, calendar: WorkCalendar) -> datetime:
    """
    Return when a repeated rung comes again after *last*: hours exactly; days at the opening of the next day
    (of the next working day where the rung counts working days). Source: D5 "then daily"; the hour is our default.
    """
    if limit.unit in (Unit.CLOCK_HOURS, Unit.WORKING_HOURS):
        return due_at(limit, last, calendar).at
    day = calendar.last_day(last)
    turn = _turn_after(limit, day, calendar)
    # Where a day opens at midnight, the turn before began at the very instant that ended the day before it.
    return turn if turn > last else _turn_after(limit, day + timedelta(days=1), calendar)


def _turn_after(limit: Limit, day: date, calendar: WorkCalendar) -> datetime:
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.intervals(calendar.nth_working_day_after(day, int(limit.amount)))[0][0]
    return calendar.wall(_days_from(day, limit, 1), time(9))


def _is_midnight(at: datetime, calendar: WorkCalendar) -> bool:
    return calendar.local(at).time() == time(0)


def _step(
    rung: Rung,
    number: int,
    turn: int,
    at: datetime,
    limit: Limit,
    starts_at: datetime,
    due: datetime,
    calendar: WorkCalendar,
    world: World,
) -> e.Step:
    return e.Step(
        id=f"{number}.{turn}",
        at=at.astimezone(UTC),
        send_at=sending(rung.as_, limit, at, starts_at, due, calendar, world),
        as_=rung.as_,
        tell=rung.told,
        rung=number,
    )


def sending(
    as_: str, limit: Limit, at: datetime, starts_at: datetime, due: datetime, calendar: WorkCalendar, world: World
) -> datetime:
    """
    Return when a step is sent: reminders at the next half working day before the due time, else at the last allowed
    minute before it (also when that is earlier than the step), slips at the next allowed hour, escalations and limits
    in clock hours at once. Source: DESIGN 4; FEATURES 2.12 for the halves.
    """
    if as_ == "escalation" or limit.unit is Unit.CLOCK_HOURS:
        return at.astimezone(UTC)
    quiet = quiet_of(world)
    if as_ in QUIET_TOO:
        return next_allowed(at, calendar, quiet)
    slot = half_day_slot(at, calendar)
    if slot < due:
        return slot
    return sending_time(at, due, calendar, quiet, not_before=starts_at)


def half_day_slot(at: datetime, calendar: WorkCalendar) -> datetime:
    """Return the next start of a half working day at or after *at*, aware UTC: one merged reminder each."""
    day = calendar.local(at).date()
    while True:
        for start, _ in calendar.intervals(day):
            if start >= at:
                return start.astimezone(UTC)
        day = calendar.nth_working_day_after(day, 1)


def quiet_of(world: World) -> Quiet:
    """Return when this desk sends no reminders."""
    return _quiet(world.people.quiet)


@lru_cache(16)
def _quiet(hours: QuietHours) -> Quiet:
    return Quiet(since=time.fromisoformat(hours.until), until=time.fromisoformat(hours.from_))


def moved_steps(
    deadline: Deadline, rungs: tuple[Rung, ...], limit: Limit, due: datetime, calendar: WorkCalendar, world: World
) -> tuple[e.Step, ...]:
    """
    Return the steps still to come when *deadline* moves to *due*: those that wait keep their ids; a rung that is over
    comes again, under a new id, only where its new instant lies ahead.
    """
    waiting = {s.rung: s.id for s in deadline.steps}
    found = []
    for step in rung_steps(rungs, limit, deadline.starts_at, due, calendar, world):
        if step.at <= world.now and rungs[step.rung].every is not None:
            step = next_turn_step(rungs[step.rung], step, limit, world, calendar)
        if step.rung in waiting:
            found.append(replace(step, id=waiting[step.rung]))
        elif step.at > world.now:
            found.append(replace(step, id=f"{step.rung}.{deadline.turns + 1}"))
    return tuple(sorted(found, key=lambda s: s.at))


def steps_ahead(
    steps: tuple[e.Step, ...], rungs: tuple[Rung, ...], limit: Limit, calendar: WorkCalendar, world: World
) -> tuple[e.Step, ...]:
    """Return the steps of a clock that began in the past: nothing from before now fires, repeated rungs go on."""
    ahead = [s for s in steps if s.at > world.now]
    for step in steps:
        if step.at <= world.now and rungs[step.rung].every is not None:
            ahead.append(next_turn_step(rungs[step.rung], step, limit, world, calendar))
    return tuple(sorted(ahead, key=lambda s: s.at))


def next_turn_step(rung: Rung, fired: e.Step, limit: Limit, world: World, calendar: WorkCalendar) -> e.Step:
    """Return the next turn of an `every` rung that has just fired (its turns are counted from 1)."""
    assert rung.every is not None
    turn = int(fired.id.split(".")[1]) + 1
    at = fired.at
    while True:
        at = next_turn(rung.every, at, calendar)
        if at > world.now:
            break
    return e.Step(
        id=f"{fired.rung}.{turn}",
        at=at.astimezone(UTC),
        as_=rung.as_,
        tell=fired.tell,
        rung=fired.rung,
        send_at=sending(rung.as_, limit, at, fired.at, datetime.max.replace(tzinfo=UTC), calendar, world),
    )
