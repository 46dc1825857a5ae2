"""Whether Slack lets us open direct messages: without the permission none goes out, and everything else still does."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from bot.slack_errors import MISSING_SCOPE, NoDirectMessages, Permanent
from bot.slack_out import SlackOut
from bot.times import Machine

log = structlog.get_logger(__name__)

AGAIN_SECONDS = 60.0
TO_MEND = "Slack does not let us open direct messages; install the app again from its manifest, then they go out by themselves"


@dataclass
class DirectMessages:
    """
    Opens direct messages. Once Slack refuses the permission itself it is asked again once a minute, by whoever comes first;
    *refused* is its error meanwhile. Conversations that are open already go on.
    """

    slack: SlackOut
    machine: Machine
    refused: str | None = None
    _next: float = 0.0

    def problems(self) -> list[str]:
        """Return what health says of it."""
        return [f"{self.refused}: {TO_MEND}"] if self.refused is not None else []

    async def open(self, member: str) -> str:
        """Return the channel with *member*. Raises a `SlackError`."""
        known = self.slack.known_dm(member)
        if known is not None:
            return known
        if self.refused is not None:
            if self.machine.monotonic() < self._next:
                raise NoDirectMessages(self.refused, self._next - self.machine.monotonic())
            self._next = self.machine.monotonic() + AGAIN_SECONDS
        try:
            channel = await self.slack.open_dm(member)
        except Permanent as error:
            if error.error != MISSING_SCOPE:
                raise
            self._shut(error.error)
            raise NoDirectMessages(error.error, AGAIN_SECONDS) from None
        if self.refused is not None:
            self.refused = None
            log.info("direct messages can be opened again")
        return channel

    def _shut(self, error: str) -> None:
        if self.refused is None:
            self.refused, self._next = error, self.machine.monotonic() + AGAIN_SECONDS
            log.warning("no direct messages for now: Slack does not let us open any", error=error)
