"""The courier's renderer, from the conversation and the office."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from bot.office import Office
from bot.rendering import Card, Nothing, NotReady
from complaints.ports import OutboxRow, StaleCard
from handlers import render
from handlers.conversation import Conversation
from handlers.languages import Languages


@dataclass(frozen=True)
class DrawnCards:
    """Draws with the conversation's words and hands over what the courier knows."""

    cards: render.CardRenderer

    def render(self, row: OutboxRow) -> Card | NotReady | Nothing:
        """Draw the message of an outbox row."""
        return _as_courier_knows(self.cards.render(row))

    def refresh(self, card: StaleCard) -> Card | Nothing:
        """Draw a posted card again."""
        drawn = _as_courier_knows(self.cards.refresh(card))
        return Nothing(why=drawn.why) if isinstance(drawn, NotReady) else drawn


def make_renderer(talk: Conversation, office: Office) -> DrawnCards:
    """Return the renderer of a bot: names in the reader's language, links into the workspace."""
    return DrawnCards(
        render.CardRenderer(
            reader=office.store.reader, shelf=office.store.shelf, settings=office.watched, clock=office.clock,
            notices=office.store.outbox.notices, language_of=_language_of(talk.languages, asyncio.get_running_loop()),
            link=office.links,
        )
    )  # fmt: skip


def _language_of(languages: Languages, loop: asyncio.AbstractEventLoop) -> Callable[[str], str]:
    """Return what finds a reader's language from the courier's thread; a first message waits for Slack's answer."""

    def language_of(member: str) -> str:
        return asyncio.run_coroutine_threadsafe(languages.known(member), loop).result()

    return language_of


def _as_courier_knows(drawn: render.Card | render.NotReady | render.Nothing) -> Card | NotReady | Nothing:
    match drawn:
        case render.Card():
            return Card(
                text=drawn.text, blocks=drawn.blocks, digest=drawn.digest, shown_seq=drawn.shown_seq,
                broadcast=drawn.broadcast, is_last=drawn.is_last,
            )  # fmt: skip
        case render.NotReady():
            return NotReady(why=drawn.why, seconds=drawn.seconds)
        case _:
            return Nothing(why=drawn.why)
