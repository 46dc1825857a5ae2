"""What a condition may speak of: typed names, and the kinds of value that may be compared with one another."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Facts = Mapping[str, Any]
Getter = Callable[[Facts], Any]

NUMERIC = ("number", "money", "ratio")
LISTS = ("choices", "units", "lines", "list")
TEXTLIKE = ("text", "customer", "order", "person", "unit")
INSTANTS = ("date", "instant")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class ConditionError(ValueError):
    """A condition that cannot be read; the text says what is wrong and what would be right."""


@dataclass(frozen=True)
class Type:
    """The kind of a value; for a choice, also which choices there are, and whether they rise."""

    kind: str
    choices: tuple[str, ...] = ()
    rising: bool = False
    literal: bool = False

    def __str__(self) -> str:
        """Return the type as a message names it."""
        if self.kind == "yes_no":
            return "yes/no"
        return f"{self.kind} of {', '.join(self.choices)}" if self.choices else self.kind


YES_NO = Type("yes_no")
NUMBER = Type("number")
MONEY = Type("money")
RATIO = Type("ratio")
TEXT = Type("text")


@dataclass(frozen=True)
class Symbol:
    """A name that a condition may use, its type, how its value is found, and which fields it reads in the end."""

    name: str
    type: Type
    get: Getter
    kind: str = "field"
    reads: Callable[[], frozenset[str]] | None = None


class Symbols:
    """All names of a policy; a name that is not among them is refused with the nearest ones."""

    def __init__(self, symbols: Iterable[Symbol] = (), *, start: bool = False) -> None:
        """Hold *symbols*; *start* allows `start.time` and `start.weekday` (limit tables)."""
        self._of = {symbol.name: symbol for symbol in symbols}
        self.start = start

    def __contains__(self, name: str) -> bool:
        """Say whether *name* is known."""
        return name in self._of

    def get(self, name: str) -> Symbol | None:
        """Return the symbol called *name*, or None."""
        return self._of.get(name)

    def names(self) -> tuple[str, ...]:
        """Return every known name."""
        return tuple(self._of)

    def plus(self, symbols: Iterable[Symbol] = (), *, start: bool | None = None) -> Symbols:
        """Return these names and some more, which win over the ones here."""
        more = Symbols(self._of.values(), start=self.start if start is None else start)
        more._of |= {symbol.name: symbol for symbol in symbols}
        return more

    def unknown(self, name: str, kind: str | None = None) -> ConditionError:
        """Return the refusal of *name*: the nearest names, and the names of the kind that is wanted."""
        fitting = [s.name for s in self._of.values() if kind is None or s.type.kind == kind]
        message = f'"{name}" is not a field.{did_you_mean(name, self._of)}'
        if not fitting:
            return ConditionError(message)
        wanted = f"Fields of type {Type(kind)}" if kind else "Names"
        return ConditionError(f"{message} {wanted}: {shortened(fitting)}.")


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` Did you mean …?` for the known names nearest to *name*, or nothing."""
    near = difflib.get_close_matches(name, list(known), n=2, cutoff=0.6)
    return f" Did you mean {' or '.join(near)}?" if near else ""


def shortened(names: Iterable[str], most: int = 12) -> str:
    """Return the names in a row, cut after *most* of them."""
    listed = list(names)
    return ", ".join(listed[:most]) + (", …" if len(listed) > most else "")


def as_number(value: Any) -> Decimal | None:
    """Return a number as Decimal; None for what is not one (unknown)."""
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return Decimal(str(value))
    return None


def comparable(left: Type, right: Type) -> bool:
    """Say whether values of the two types may be compared."""
    if left.kind in NUMERIC and right.kind in NUMERIC:
        return left.kind == right.kind or "number" in (left.kind, right.kind)
    if left.kind in INSTANTS and right.kind in INSTANTS:
        return left.kind == right.kind
    if left.kind in TEXTLIKE and right.kind in TEXTLIKE:
        return left.kind == right.kind or left.literal or right.literal
    if left.kind == right.kind == "choice":
        return not left.choices or not right.choices or left.choices == right.choices
    if "time" in (left.kind, right.kind):
        return all(side.kind == "time" or (side.kind == "text" and side.literal) for side in (left, right))
    return left.kind == right.kind == "yes_no"
