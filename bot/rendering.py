"""What the courier asks of whoever draws the cards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from complaints.ports import OutboxRow, StaleCard


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """
    A message as it looks now.

    *text*: what notifications and screen readers get. *digest*: equal for equal looks. *shown_seq*: the last
    event of the case that was looked at. *broadcast*: show a reply in the channel as well (escalations). *is_last*:
    whatever happens, it will never look different.
    """

    text: str
    blocks: Sequence[Any]
    digest: str
    shown_seq: int = 0
    broadcast: bool = False
    is_last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NotReady:
    """It can't be drawn yet; try again after *seconds*."""

    why: str
    seconds: float = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Nothing:
    """There is nothing to tell any more."""

    why: str


class Renderer(Protocol):
    """Draws cards from recorded state. Both functions may read the record; they run in a thread."""

    def render(self, row: OutboxRow) -> Card | NotReady | Nothing:
        """Draw the message of an outbox row."""

    def refresh(self, card: StaleCard) -> Card | Nothing:
        """Draw a posted card again; `Nothing` leaves it as it is."""
