"""What the courier asks of whoever draws the cards."""

from __future__ import annotations

from typing import Protocol

from complaints.ports import OutboxRow, StaleCard
from handlers.render import Card, Nothing, NotReady

__all__ = ["Card", "NotReady", "Nothing", "Renderer"]


class Renderer(Protocol):
    """Draws cards from recorded state. Both functions may read the record; they run in a thread."""

    def render(self, row: OutboxRow) -> Card | NotReady | Nothing:
        """Draw the message of an outbox row."""

    def refresh(self, card: StaleCard) -> Card | Nothing:
        """Draw a posted card again; `Nothing` leaves it as it is."""
