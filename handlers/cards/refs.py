"""What a button carries: which case and visit it belongs to, and which facts the card showed."""

from __future__ import annotations

from dataclasses import dataclass

VERSION = "1"
SEPARATOR = "|"


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
    try:
        return Ref(case=parts[1], visit=_number(parts[2]), facts=_number(parts[3]), more=parts[4])
    except ValueError as error:
        raise UnknownRef(text[:40]) from error


def _or_empty(number: int | None) -> str:
    return "" if number is None else str(number)


def _number(text: str) -> int | None:
    return int(text) if text else None
