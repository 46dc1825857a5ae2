"""What happened to time: deadlines and their steps, waiting, extensions, urging."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from complaints.events_base import Event, FieldValues


class Step(Struct, frozen=True, kw_only=True, gc=False):
    """A rung of a ladder with its computed instant. *send_at*: when it is sent (quiet hours); *as_*: reminder,
    reminder_slip, escalation, inquiry_slip, notice, rule, waiting_over."""

    id: str
    at: datetime
    send_at: datetime
    as_: str
    tell: tuple[str, ...] = ()
    rung: int = 0


class DeadlineSet(Event, frozen=True, kw_only=True):
    """A clock began to run. *clock*: `stage`, `case`, a clock of the policy, `rule`, `waiting`. *limit* is the
    text of the limit; *due_at* excludes nothing: the last instant in time."""

    deadline: int
    clock: str
    visit: int | None
    starts_at: datetime
    due_at: datetime
    limit: str
    provisional: bool
    calendar_version: str
    steps: tuple[Step, ...]
    ladder: str | None = None
    source: str | None = None
    ours: bool = False


class DeadlineMoved(Event, frozen=True, kw_only=True):
    """The due time moved. *why*: extension, calendar, replaced, restarted, waiting, taken_back. *steps*: all that are still to
    come; a step that waits keeps its id, a rung that was over comes again under a new one."""

    deadline: int
    due_at: datetime
    provisional: bool
    calendar_version: str
    steps: tuple[Step, ...]
    why: str


class DeadlineHeld(Event, frozen=True, kw_only=True):
    """The clock stands still, as its policy says: nothing of it fires. *due_at*: when it will be due if what it waits for
    ends when it should; `DeadlineMoved` tells when it goes on. *why*: waiting_for_customer or waiting_for_outside."""

    deadline: int
    due_at: datetime
    why: str


class DeadlineEnded(Event, frozen=True, kw_only=True):
    """The clock stopped; steps not reached are cancelled with it. *in_time*: stopped not later than due."""

    deadline: int
    why: str
    in_time: bool
    cancelled: tuple[str, ...] = ()


class StepFired(Event, frozen=True, kw_only=True):
    """A rung was reached and told. *after_outage*: it fired later than it should, with the next tick."""

    deadline: int
    step: str
    as_: str
    told: tuple[str, ...]
    late: bool = False
    next_steps: tuple[Step, ...] = ()


class StepSuperseded(Event, frozen=True, kw_only=True):
    """A later rung was due as well, so only that one was told."""

    deadline: int
    step: str
    by: str


class WaitingBegun(Event, frozen=True, kw_only=True):
    """The case waits for the customer. *stops*: clocks that stand still meanwhile (empty: none, D20)."""

    visit: int
    reason: FieldValues
    until: datetime
    stops: tuple[str, ...] = ()


class WaitingEnded(Event, frozen=True, kw_only=True):
    """The customer answered, or the date came."""

    visit: int
    why: str


class ExtensionAsked(Event, frozen=True, kw_only=True):
    """More time was asked for (D21); without a reason only where the policy wants none."""

    visit: int
    until: datetime
    reason: FieldValues | None


class ExtensionRuled(Event, frozen=True, kw_only=True):
    """The general manager granted or refused more time."""

    visit: int
    granted: bool
    until: datetime | None
    reason: FieldValues | None = None


class EscalationAnswered(Event, frozen=True, kw_only=True):
    """The general manager decided what happens: decide, reassign, extend, meeting."""

    visit: int
    how: str
    words: FieldValues | None = None
    meeting_at: datetime | None = None


class Urged(Event, frozen=True, kw_only=True):
    """Somebody urged (催辦)."""

    visit: int
    words: FieldValues | None = None
