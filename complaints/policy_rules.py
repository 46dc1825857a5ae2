"""Clocks, ladders, rules, and how the customer is answered."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from complaints.limits import MOMENTS, Limit
from complaints.policy_parts import (
    LimitText,
    LimitWords,
    Part,
    Source,
    ThreeWords,
    Upon,
    WhoWords,
)
from complaints.policy_paths import Trigger
from complaints.policy_stages import CalendarRule, Extension, Pause
from complaints.policy_terms import (
    Id,
    Names,
    NoticeKind,
    People,
    Upons,
    When,
)

WRITTEN = frozenset({"letter", "letters", "written", "writing", "mail", "email", "fax", "sms"})


class ClockDef(Part):
    """A limit between two happenings; the clock called `case` is the promise on the card."""

    starts: Upons
    stops: Upons
    limit: LimitWords
    replaced_by: Id | None = None
    owed_by: WhoWords | None = None
    pauses: tuple[Pause, ...] = ()
    extension: Extension | None = None
    calendar: CalendarRule | None = None
    ladder: Id | None = None
    when: When | None = None
    examples: tuple[dict[str, Any], ...] = ()
    source: Source | None = None


class Rung(Part):
    """One step of a ladder: when, who is told, and as what."""

    at: str | None = None
    before: LimitText | None = None
    after: LimitText | None = None
    every: LimitText | None = None
    tell: People
    as_: Annotated[NoticeKind, Field(validation_alias="as")]
    until: Upon | None = None
    source: Source | None = None

    @field_validator("at")
    @classmethod
    def _at(cls, at: str | None) -> str | None:
        if at is None or at == "due":
            return at
        percent = at.rstrip("% ")
        if not at.endswith("%") or not percent.isdigit() or not 1 <= int(percent) <= 99:
            raise ValueError(f'"{at}" is not a point of a limit; write 80 % or due')
        return f"{int(percent)} %"

    @field_validator("before", "every")
    @classmethod
    def _length(cls, limit: Limit | None) -> Limit | None:
        if limit is not None and limit.unit in MOMENTS:
            raise ValueError(f'"{limit}" names a moment; write how long, such as 1 working day')
        return limit

    @cached_property
    def percent(self) -> int | None:
        """Return the share of the limit at which it fires, 100 for `due`."""
        if self.at is None:
            return None
        return 100 if self.at == "due" else int(self.at.rstrip("% "))

    @cached_property
    def told(self) -> tuple[str, ...]:
        """Return whom it tells, in words."""
        return tuple(str(who) for who in self.tell)


class Rule(Part):
    """Adds something when something happens: tells, raises, opens, requires, locks, enters; never takes away."""

    upon: Upon
    after: LimitText | None = None
    when: When | None = None
    each: str | None = None
    tell: People = ()
    as_: Annotated[NoticeKind, Field(validation_alias="as")] = "notice"
    raise_: Annotated[dict[Id, Id], Field(validation_alias="raise")] = {}
    open: Names = ()
    require: Names = ()
    lock: Names = ()
    until: Upon | None = None
    enter: Id | None = None
    source: Source

    @property
    def trigger(self) -> Trigger:
        """Return upon, after, when and each as a trigger."""
        return Trigger.model_construct(
            upon=self.upon, after=self.after, when=self.when, each=self.each, by=(), within=None, fill=()
        )


class Inform(Part):
    """What the customer is told along the way, and when: a small task for `by` with a limit and its ladder."""

    upon: Upon
    what: Id
    by: WhoWords | None = None
    when: When | None = None
    limit: LimitWords | None = None
    ladder: Id | None = None
    source: Source | None = None


class Reply(Part):
    """How the customer is answered: until when it is locked, by whom, how, and what never leaves the house."""

    until: Upons = ()
    by: WhoWords | None = None
    channels: Names = ()
    written: Names = ()
    written_when: When | None = None
    never: Names = ()
    apology: Literal["always", "when_liable"] | None = None
    liable_when: When | None = None
    may_say: ThreeWords | None = None
    inform: tuple[Inform, ...] = ()
    source: Source | None = None

    @property
    def written_channels(self) -> tuple[str, ...]:
        """Return the channels that leave something in writing: those named, else those whose id says so."""
        return self.written or tuple(name for name in self.channels if WRITTEN & set(name.split("_")))
