"""What a measure looks at: a case, a stage's turn or a call as one row, with the names that its conditions may use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from complaints.case import FINISHED, MERGED, OPEN, VOID, Call
from complaints.facts import Facts
from complaints.lives import Life, Stint
from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_model import FieldDef
from complaints.world import World

NOT_COUNTED = frozenset({VOID, MERGED})
"""A case that was none, or is another one: its number stays used, it leaves the figures (DESIGN §8)."""

ONE_SECOND, DAY_SECONDS = timedelta(seconds=1), 86_400
NOBODY = "–"


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """
    From *begin* (inclusive) to *end* (exclusive); the balance is struck at *until*: the end, or now while the period
    runs. All aware UTC.
    """

    begin: datetime
    end: datetime
    until: datetime

    def holds(self, at: datetime | None) -> bool:
        return at is not None and self.begin <= at < self.end


class LifeFacts(Facts):
    """
    The fields of a case for figures. What is counted from other cases is unknown here: it was true when it was counted,
    not when the figures are drawn.
    """

    @property
    def people(self) -> DeskPlan:
        """Return the people of the desk, and the tree of its units."""
        return self._world.people

    def _count(self, definition: FieldDef) -> Decimal | None:
        return None


class Days(NamedTuple):
    """A length that is counted in days when somebody asks for it: few measures do."""

    since: datetime
    until: datetime


class Row(Mapping[str, Any]):
    """A row of a measure: names of its own, and behind them the fields of its case."""

    __slots__ = ("base", "names", "policy")

    def __init__(self, names: Mapping[str, Any], base: LifeFacts, policy: Policy) -> None:
        self.names, self.base, self.policy = names, base, policy

    def __getitem__(self, name: str) -> Any:
        if name not in self.names:
            return self.base[name]
        found = self.names[name]
        return days_between(found.since, found.until) if type(found) is Days else found

    def get(self, name: str, default: Any = None) -> Any:
        return self[name] if name in self.names else self.base.get(name, default)

    def __iter__(self) -> Iterator[str]:
        yield from self.names
        yield from self.base

    def __len__(self) -> int:
        return len(self.names) + len(self.base)

    def number(self, name: str) -> Decimal | None:
        """Return a number of the row, None where it has none."""
        value = self.get(name)
        return value if isinstance(value, Decimal) else None

    def groups(self, per: str) -> tuple[str, ...]:
        """Return the groups to which the row belongs: each entry of a list, else the value itself; a unit's rows belong
        to those of the units above it too (RT-26)."""
        people = self.base.people
        if not people.parents:
            return self._groups(per)
        return tuple(dict.fromkeys(above for name in self._groups(per) for above in people.with_above(name)))

    def _groups(self, per: str) -> tuple[str, ...]:
        value = self.get(per)
        if value is None and per not in self.names and (symbol := self.policy.symbols.get(per)) is not None:
            value = symbol.get(self)
        if value is None or value == () or isinstance(value, dict):
            return (NOBODY,)
        if isinstance(value, tuple | list):
            return tuple(dict.fromkeys(str(v) for v in value))
        return ("yes" if value else "no",) if isinstance(value, bool) else (str(value),)


class Counted:
    """A case while it is counted: what several measures and spans ask of it is found out once."""

    def __init__(self, life: Life, policy: Policy, world: World, repeats: frozenset[str]) -> None:
        self.life, self.policy, self.world = life, policy, world
        self.facts = LifeFacts(life, world, policy=policy)
        self.closings = tuple(t.at for t in life.turns if t.what == "closed")
        self.is_repeat = life.id in repeats
        self._rows: dict[tuple[str, str, datetime, datetime], list[Row]] = {}
        self._stints: dict[tuple[int, datetime], dict[str, Any]] = {}

    @cached_property
    def common(self) -> dict[str, Any]:
        """Return what every row of the case knows."""
        return {
            "repeat": self.is_repeat,
            "reopened": any(t.what == "reopened" for t in self.life.turns),
            "month": self.world.calendar().local(self.life.opened_at).isoformat()[:7],
        }

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Return the units that are held liable."""
        found: dict[str, None] = {}
        for name in index_of(self.policy).blame_fields:
            value = self.life.fields.get(name)
            found |= dict.fromkeys([value] if isinstance(value, str) else [str(v) for v in value or ()])
        return tuple(found)

    @cached_property
    def score(self) -> Decimal | None:
        """Return the number that the callback asked for, None where it asks for none or has none yet."""
        name = score_field(self.policy)
        value = self.life.fields.get(name) if name else None
        try:
            return None if value is None or isinstance(value, dict) else Decimal(str(value))
        except ArithmeticError:
            return None

    # --- where it belongs ---------------------------------------------------------------------------------

    def is_open_at(self, at: datetime) -> bool:
        """Tell whether it was open just before *at*: begun, and neither closed nor withdrawn since it last went on."""
        if self.life.opened_at >= at:
            return False
        turns = [t.what for t in self.life.turns if t.at < at]
        return not turns or turns[-1] == "reopened"

    def closed_in(self, span: Span) -> bool:
        return any(span.holds(at) for at in self.closings)

    def finished_in(self, span: Span) -> bool:
        return self.life.status == FINISHED and span.holds(self.life.finished_at)

    def is_in(self, from_: str, span: Span) -> bool:
        if from_ == "received":
            return span.holds(self.life.opened_at)
        return self.is_open_at(span.until) if from_ == "open" else self.closed_in(span)

    # --- its rows -------------------------------------------------------------------------------------------

    def row(self, names: Mapping[str, Any]) -> Row:
        return Row(names, self.facts, self.policy)

    def rows(self, of: str, from_: str, span: Span) -> Sequence[Row]:
        """Return the rows that belong to the span; measures that ask for the same ones share them."""
        key = (of, from_, span.begin, span.until)
        found = self._rows.get(key)
        if found is None:
            found = self._rows[key] = list(self._rows_of(of, from_, span))
        return found

    def _rows_of(self, of: str, from_: str, span: Span) -> Iterator[Row]:
        match of:
            case "cases":
                if self.is_in(from_, span):
                    yield self.row(self.case_names(span))
            case "visits" | "duties":  # what is done of a duty is the one turn of a case of its own
                for stint in self.life.stints:
                    if _stint_is_in(stint, from_, span):
                        yield self.row(self.stint_names(stint, span))
            case "calls":
                for stint in self.life.stints:
                    for call in stint.calls:
                        if span.holds(call.at):
                            yield self.row(self.call_names(stint, call))
            case _:
                raise ValueError(f"nobody counts {of}")

    def in_time(self, span: Span) -> bool | None:
        """Tell whether the promise was kept; None while it still runs, or where there is none."""
        promise = self.life.promise
        if promise is None:
            return None
        return promise.in_time if promise.ended else _still(promise.due_at, span)

    @cached_property
    def is_extended(self) -> bool:
        return any(s.extended for s in self.life.stints)

    def case_names(self, span: Span) -> dict[str, Any]:
        """Return what a case's row knows beside its fields."""
        life, in_time = self.life, self.in_time(span)
        ended = max(self.closings, default=None)
        late_from = life.promise.due_at if life.promise is not None and in_time is False else None
        return self.common | {
            "person": life.person,
            "unit": self.units,
            "on_time": in_time,
            "late": None if in_time is None else not in_time,
            "extended": self.is_extended,
            "reassigned": any(s.reassigned for s in life.stints),
            "days": Days(life.opened_at, ended if ended and life.status != OPEN else span.until),
            "late_days": None if late_from is None else Days(late_from, ended or span.until),
            "score": self.score,
        }

    def stint_names(self, stint: Stint, span: Span) -> dict[str, Any]:
        """Return what a stage's row knows beside the fields of its case."""
        key = (stint.id, span.until)
        found = self._stints.get(key)
        if found is None:
            in_time, ended = is_in_time(stint, span), stint.ended_at or span.until
            is_late = stint.due_at is not None and in_time is False
            found = self._stints[key] = {
                **self.common,
                "stage": stint.stage,
                "person": stint.person,
                "unit": stint.unit,
                "decision": stint.decision,
                "on_time": in_time,
                "late": None if in_time is None else not in_time,
                "extended": stint.extended,
                "reassigned": stint.reassigned,
                "days": Days(stint.opened_at, ended),
                "late_days": Days(stint.due_at, ended) if is_late and stint.due_at is not None else None,
            }
        return found

    def call_names(self, stint: Stint, call: Call) -> dict[str, Any]:
        """Return what a call's row knows; the answers belong to the last call in which somebody was reached."""
        reached = [c for s in self.life.stints if s.stage == stint.stage for c in s.calls if c.result == "reached"]
        is_last = call is stint.calls[-1]
        return self.common | {
            "stage": stint.stage,
            "person": call.by,
            "unit": stint.unit,
            "reached": call.result == "reached",
            "decision": stint.decision if is_last else None,
            "score": self.score if reached and call is reached[-1] else None,
        }


def _stint_is_in(stint: Stint, from_: str, span: Span) -> bool:
    if stint.ended not in (None, "done"):
        return False
    if from_ == "received":
        return span.holds(stint.opened_at)
    if from_ == "open":
        return stint.opened_at < span.until and (stint.ended_at is None or stint.ended_at >= span.until)
    return span.holds(stint.ended_at)


def score_field(policy: Policy) -> str | None:
    """Return the first number that a stage with calls asks for."""
    asked = (n for stage in policy.stages.values() if stage.attempts is not None for n in stage.filled)
    return next((n for n in asked if policy.fields[n].type == "number" and not policy.fields[n].is_computed), None)


def is_in_time(stint: Stint, span: Span) -> bool | None:
    """Say whether a stage's turn was in time; None for one that is open and not overdue, or without a limit."""
    if stint.ended:
        return stint.in_time
    return _still(stint.due_at, span) if stint.due_at else None


def _still(due_at: datetime, span: Span) -> bool | None:
    """Return no for what is open and overdue when the balance is struck, else unknown: it may yet be in time."""
    return False if due_at < span.until else None


def days_between(a: datetime, b: datetime) -> Decimal:
    """Return days around the clock with two places, not below zero."""
    return Decimal(hundredths_between(a, b)).scaleb(-2)


def hundredths_between(a: datetime, b: datetime) -> int:
    """Return days around the clock in hundredths, not below zero."""
    seconds = max(b - a, timedelta(0)) // ONE_SECOND
    hundredths, rest = divmod(seconds * 100, DAY_SECONDS)
    hundredths += rest * 2 > DAY_SECONDS or (rest * 2 == DAY_SECONDS and hundredths % 2 == 1)  # half even
    return hundredths
