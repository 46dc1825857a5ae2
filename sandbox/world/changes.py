"""The feed of changes, so that a page, a test or a harness can wait instead of polling."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

KEPT = 2_000


class Changes:
    """A numbered list of what changed; readers wait for a number higher than the last one they know."""

    def __init__(self) -> None:
        self.seq = 0
        self.recent: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self, kind: str, **what: Any) -> None:
        self.seq += 1
        self.recent.append({"seq": self.seq, "kind": kind, **what})
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    def after(self, seq: int) -> list[dict[str, Any]]:
        if seq >= self.seq:
            return []
        return [change for change in self.recent if change["seq"] > seq]

    async def wait_after(self, seq: int, seconds: float) -> list[dict[str, Any]]:
        """Return the changes after *seq*, waiting up to *seconds* of real time for the first of them."""
        if self.seq <= seq:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(waiter)
            await asyncio.wait({waiter}, timeout=seconds)
            self._waiting.discard(waiter)
        return self.after(seq)
