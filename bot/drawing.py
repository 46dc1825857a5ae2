"""The courier's renderer, from the conversation and the office."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.office import Office
from handlers.conversation import Conversation
from handlers.languages import Languages
from handlers.render import CardRenderer


def make_renderer(talk: Conversation, office: Office) -> CardRenderer:
    """Return the renderer of a bot: names in the reader's language, links into the workspace."""
    return CardRenderer(
        reader=office.store.reader, shelf=office.store.shelf, settings=office.watched, clock=office.clock,
        notices=office.store.outbox.notices, language_of=_language_of(talk.languages, asyncio.get_running_loop()),
        link=office.links,
    )  # fmt: skip


def _language_of(languages: Languages, loop: asyncio.AbstractEventLoop) -> Callable[[str], str]:
    """Return what finds a reader's language from the courier's thread; a first message waits for Slack's answer."""

    def language_of(member: str) -> str:
        return asyncio.run_coroutine_threadsafe(languages.known(member), loop).result()

    return language_of
