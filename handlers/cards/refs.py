"""What a button carries: which case and visit it belongs to, and which facts the card showed."""

from __future__ import annotations

import re
from dataclasses import dataclass

VERSION = "1"
SEPARATOR = "|"
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ref:
    """
    The value of a button, also kept in a modal's private metadata. Ids only, never a word of a customer.

    *facts*: the facts version that the card showed; a decision on older facts is asked again. *more*: what this kind
    of button needs beyond that (a question's number, a stage, a route).
    """

    case: str
    visit: int | None = None
    facts: int | None = None
    more: str = ""

    def text(self) -> str:
        """Return the value as it stands in the button (DESIGN §6: part of the contract)."""
        parts = (VERSION, self.case, _or_empty(self.visit), _or_empty(self.facts), self.more)
        return SEPARATOR.join(parts)


class UnknownRef(ValueError):
    """A button of another version of the program: the card is drawn anew and the person asked to press again."""


def parse_ref(text: str) -> Ref:
    """
    Return what the button's value says.

    Raises:
        UnknownRef: it is not a value of this version.
    """
    parts = text.split(SEPARATOR, 4)
    if len(parts) != 5 or parts[0] != VERSION:
        raise UnknownRef(text[:40])
    visit, facts = number_of(parts[2]), number_of(parts[3])
    if (visit is None and parts[2]) or (facts is None and parts[3]):
        raise UnknownRef(text[:40])
    return Ref(case=parts[1], visit=visit, facts=facts, more=parts[4])


def _or_empty(number: int | None) -> str:
    return "" if number is None else str(number)


def number_of(text: str) -> int | None:
    """Return the number that one of our buttons carries; None for anything else (`isdigit` would take "²")."""
    return int(text) if _NUMBER.fullmatch(text) else None
