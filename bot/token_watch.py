"""Asks Slack now and then whether it still takes our token: a bot that has nothing to send would not notice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from bot.delivery import TOKEN_PAUSE_SECONDS
from bot.outage import Gate
from bot.slack_errors import TOKEN, Permanent, SlackError
from bot.times import Machine

log = structlog.get_logger(__name__)

EVERY_SECONDS = 30.0


@dataclass
class TokenWatch:
    """*ask* is a harmless call with the token (`auth.test`). A refusal closes the gate, so that health names it."""

    ask: Callable[[], Awaitable[object]]
    gate: Gate
    machine: Machine

    async def run(self) -> None:
        while True:
            await self.gate.wait()
            if await self.is_taken():
                await self.machine.sleep(EVERY_SECONDS)

    async def is_taken(self) -> bool:
        """Ask; a Slack that does not answer at all is no refusal (the way in and the courier notice that)."""
        try:
            await self.ask()
        except Permanent as error:
            if error.kind != TOKEN:
                return True
            self.gate.block(error.error, TOKEN_PAUSE_SECONDS)
            return False
        except SlackError:
            return True
        except Exception as error:
            log.error("the token could not be looked at", exc_info=error)
        return True
