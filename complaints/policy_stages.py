"""Stages: who acts, what is filled, what may be decided, and until when."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from complaints.policy_parts import (
    LimitText,
    LimitWords,
    Part,
    ShortPart,
    Source,
    Target,
    TargetWords,
    WhoWords,
)
from complaints.policy_terms import (
    ALWAYS,
    DEFAULT_DECISIONS,
    Id,
    Names,
    People,
    When,
    as_tuple,
    one_or_many,
)


class CalendarRule(Part):
    """Working days and hours of one clock, where they differ from the desk's; `roll` moves an end on a holiday."""

    days: Annotated[str, Field(pattern=r"^(mon|tue|wed|thu|fri|sat|sun)-(mon|tue|wed|thu|fri|sat|sun)$")] | None = None
    hours: Annotated[str, Field(pattern=r"^\d\d:\d\d-\d\d:\d\d$")] | None = None
    roll: Literal["next_working_day"] | None = None


class Fill(ShortPart):
    """A field that a stage fills; mandatory always, or only `when`."""

    name: Id
    when: When | None = None

    @classmethod
    def short_key(cls) -> str:
        return "name"


def _fills(raw: Any) -> Any:
    """`[a, {b: condition}]` becomes fills with names."""
    return [
        {"name": next(iter(item)), "when": next(iter(item.values()))}
        if isinstance(item, dict) and len(item) == 1 and "name" not in item
        else item
        for item in as_tuple(raw)
    ]


Fills = Annotated[tuple[Fill, ...], BeforeValidator(_fills), one_or_many({"type": ["string", "object"]})]


class Recusal(Part):
    """Lifts the rule that the unit blamed is not the sole judge; the clause says why."""

    waived: Source


class CopyFrom(Part):
    """Offers the decision of an earlier stage again with one click, when nothing in `same` has changed since."""

    stage: Id
    when: When = Field(default_factory=lambda: ALWAYS)
    same: Names = ()
    source: Source | None = None


class Attempts(Part):
    """How often a callback is tried, how far apart, and which decision follows when nobody answers."""

    times: Annotated[int, Field(ge=1, le=20)]
    gap: LimitText
    else_: Annotated[Id | None, Field(validation_alias="else")] = None


class Extension(Part):
    """Who may lengthen a limit, how often and by how much (D21 unless said)."""

    by: People
    times: Annotated[int, Field(ge=0)] = 1
    at_most: LimitText | None = None
    moves_case: bool = False
    reason: bool = True
    source: Source | None = None


class Pause(Part):
    """Waiting that stops a clock: which waiting, and the clause that says so."""

    while_: Annotated[Literal["waiting_for_customer", "waiting_for_outside"], Field(validation_alias="while")]
    source: Source


class StageDef(Part):
    """One turn in a case: who acts, what must be filled, what may be decided, and until when."""

    who: WhoWords
    with_: Annotated[People, Field(validation_alias="with")] = ()
    seats: Literal["all", "each", "any", "lead", "in turn"] | Annotated[int, Field(ge=1, le=20)] = "all"
    disagree: WhoWords | None = None
    not_: Annotated[People, Field(validation_alias="not")] = ()
    absent: WhoWords | None = None
    recusal: Recusal | None = None
    fill: Fills = ()
    may_fill: Names = ()
    decide: dict[Id, TargetWords] = {}
    suggest: dict[Id, When] = {}
    reason: Names = ()
    limit: LimitWords | None = None
    replaced_by: Id | None = None
    calendar: CalendarRule | None = None
    extension: Extension | None = None
    ladder: Id | None = None
    needs: Names = ()
    copy_from: CopyFrom | None = None
    sign: People = ()
    sample: Annotated[str, Field(pattern=r"^\d{1,3} ?%$")] | None = None
    attempts: Attempts | None = None
    checklist: Names = ()
    tells: bool = False
    source: Source | None = None

    @cached_property
    def decisions(self) -> dict[str, Target]:
        """Return what may be decided; unsaid: approve leads on, return leads back (D18)."""
        return dict(self.decide or DEFAULT_DECISIONS)

    @cached_property
    def all_decisions(self) -> dict[str, Target]:
        """Return what may be decided, with the return to an earlier stage, which is always among it (D18)."""
        own = dict(self.decide) or {"approve": DEFAULT_DECISIONS["approve"]}
        return {**own, "return": own.get("return", DEFAULT_DECISIONS["return"])}

    @cached_property
    def main_decision(self) -> str:
        """Return the stage's main act: the first decision that leads on."""
        found = self.all_decisions
        return next((d for d, t in found.items() if t.kind == "next"), next(iter(found)))

    @cached_property
    def filled(self) -> tuple[str, ...]:
        """Return every field that this stage may write, mandatory ones first."""
        return tuple(fill.name for fill in self.fill) + self.may_fill

    @property
    def sample_percent(self) -> int:
        """Return the share of cases that get this stage, in percent."""
        return int(self.sample.rstrip("% ")) if self.sample else 100
