"""The gate before Slack: closed while Slack does not answer, which a harmless call finds out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from bot.times import Machine

log = structlog.get_logger(__name__)

FAILURES_IN_A_ROW = 3
PROBE_SECONDS = 2.0


class Gate:
    """
    Open while Slack answers.

    Without it each row tried during an outage would become one whose fate has to be looked up, at fifty
    look-ups a minute. *opened_at*: since when it is open (`time.monotonic`).
    """

    def __init__(self, machine: Machine, probe: Callable[[], Awaitable[bool]]) -> None:
        self._machine, self._probe = machine, probe
        self._failures = 0
        self._open = asyncio.Event()
        self._open.set()
        self._watch: asyncio.Task[None] | None = None
        self.why: str | None = None
        self.opened_at = time.monotonic()

    @property
    def is_open(self) -> bool:
        return self._open.is_set()

    async def wait(self) -> None:
        await self._open.wait()

    def answered(self) -> None:
        """Note that Slack answered, whatever it said."""
        self._failures = 0

    def failed(self, why: str) -> None:
        """Note that a call got no answer; the third in a row closes the gate."""
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            self._close(why, PROBE_SECONDS)

    def block(self, why: str, seconds: float) -> None:
        """Close the gate for *seconds* at least (the token was refused)."""
        self._close(why, seconds)

    def _close(self, why: str, seconds: float) -> None:
        if self._watch is not None and not self._watch.done():
            return
        # First of all: nothing else opens the gate again.
        self._watch = asyncio.get_running_loop().create_task(self._reopen(seconds))
        self._open.clear()
        self.why = why
        log.warning("no more messages for now: Slack does not take them", error=why)

    async def _reopen(self, seconds: float) -> None:
        try:
            await self._machine.sleep(seconds)
            while not await self._probe():
                await self._machine.sleep(PROBE_SECONDS)
        finally:
            self._failures, self.why, self.opened_at = 0, None, time.monotonic()
            self._open.set()
        log.info("Slack answers again")

    async def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
