"""The conversation: what people click and type, and what they are shown."""

from __future__ import annotations

from slack_bolt.async_app import AsyncApp

from handlers.conversation import Conversation
from handlers.listeners import Listeners
from handlers.table import TABLE


def register(app: AsyncApp, conversation: Conversation) -> None:
    """Make *app* answer with *conversation*: one listener for each kind of payload."""
    Listeners(conversation, TABLE).register(app)
