"""Makes an outbox that hands out rows in bulk answer for single addresses (`delivery.PacedOutbox`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Protocol

from bot.delivery import LEASE_SECONDS
from bot.doubts import SENDING
from complaints.notices import Notice
from complaints.ports import Outbox, OutboxRow, StaleCard

MOST_HELD = 500


class BulkOutbox(Outbox, Protocol):
    """What `storage.outbox.StoredOutbox` offers beyond the port."""

    def renew(self, rows: Sequence[OutboxRow], now: datetime) -> None: ...
    def refresh_later(self, card: StaleCard, *, at: datetime, error: str) -> None: ...


class HeldOutbox:
    """
    Claims what there is, holds up to *most* rows in hand, and gives out those whose address has a turn.

    New rows are claimed at each look, so that an urgent one is in hand at once. Held rows keep their lease: it is
    renewed so early that a row given out has `LEASE_SECONDS` left.
    """

    def __init__(self, outbox: BulkOutbox, lease: timedelta, most: int = MOST_HELD) -> None:
        self._outbox, self._lease, self._most = outbox, lease, most
        self._held: dict[int, OutboxRow] = {}
        self._until: dict[int, datetime] = {}
        self._lock = Lock()
        self.posted, self.retry, self.uncertain = outbox.posted, outbox.retry, outbox.uncertain
        self.failed, self.stale_cards, self.refreshed = outbox.failed, outbox.stale_cards, outbox.refreshed
        self.refresh_later = outbox.refresh_later

    def claim(
        self, now: datetime, procedure_now: datetime, limit: int, *, busy: Collection[str] = (), each: int = 1_000
    ) -> list[OutboxRow]:
        with self._lock:
            self._take(now, procedure_now)
            self._renew(now)
            return self._give(limit, busy, each)

    def nothing(self, row: OutboxRow, *, why: str) -> None:
        no_notice: Notice | None = None
        self._outbox.failed(row, error=f"nothing to tell: {why}", instead=no_notice)

    def give_back(self, now: datetime) -> None:
        """Leave all rows in hand to the next process; those in doubt are left to their lease."""
        with self._lock:
            for row in (r for r in self._held.values() if r.state != SENDING):
                self._outbox.retry(row, at=now, error="given back", counts=False)
            self._held.clear()
            self._until.clear()

    def _take(self, now: datetime, procedure_now: datetime) -> None:
        room = self._most - len(self._held)
        for row in self._outbox.claim(now, procedure_now, room) if room > 0 else ():
            self._held[row.id], self._until[row.id] = row, now + self._lease

    def _renew(self, now: datetime) -> None:
        soon = now + timedelta(seconds=LEASE_SECONDS)
        short = [self._held[i] for i, until in self._until.items() if until < soon]
        if short:
            self._outbox.renew(short, now)
            self._until.update({row.id: now + self._lease for row in short})

    def _give(self, limit: int, busy: Collection[str], each: int) -> list[OutboxRow]:
        given: list[OutboxRow] = []
        counts: Counter[str] = Counter()
        for row in sorted(self._held.values(), key=lambda r: (r.priority, r.id)):
            if len(given) == limit:
                break
            if row.state == SENDING:
                given.append(row)
            elif row.to not in busy and counts[row.to] < each:
                counts[row.to] += 1
                given.append(row)
        for row in given:
            del self._held[row.id], self._until[row.id]
        return given
