"""An outbox, a renderer and a reader in memory, with the rules that the real ones keep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from bot.rendering import Card, Nothing, NotReady
from complaints.notices import Notice, Priority
from complaints.ports import NONE_IN_HAND, OutboxRow, StaleCard

P = ParamSpec("P")
T = TypeVar("T")


async def inline(work: Callable[P, T], /, *args: P.args, **more: P.kwargs) -> T:
    """Run a blocking call at once, in the loop."""
    return work(*args, **more)


@dataclass
class Kept:
    """A row as the database has it."""

    row: OutboxRow
    state: str = "pending"
    next_at: datetime | None = None
    not_before: datetime | None = None
    lease_until: datetime | None = None
    error: str | None = None
    address: tuple[str, str] | None = None


class FakeOutbox:
    """Claims, leases and outcomes as `storage.outbox` has them."""

    def __init__(self, lease_seconds: float = 60.0) -> None:
        self.lease = timedelta(seconds=lease_seconds)
        self.kept: dict[int, Kept] = {}
        self.stale: dict[int, StaleCard] = {}
        self.gone: set[int] = set()
        self.refreshes: list[int] = []
        self.card_pauses: dict[int, datetime] = {}
        self.now: Callable[[], datetime] = lambda: datetime.max.replace(tzinfo=UTC)
        self.instead: list[tuple[Notice, ...]] = []
        self.doubts: tuple[Notice, ...] = ()

    def add(
        self, to: str, *, kind: str = "approval", priority: Priority = Priority.CARD, thread: str | None = None,
        facts: Mapping[str, Any] | None = None, not_before: datetime | None = None, case_id: str | None = None,
    ) -> int:  # fmt: skip
        number = len(self.kept) + 1
        row = OutboxRow(
            id=number, key=f"key-{number}", action="post", kind=kind, to=to, case_id=case_id or f"case-{number}", visit=1,
            deadline=None, thread=thread, priority=int(priority), live=False, facts=facts or {}, attempts=0,
            sent_from=None, state="pending",
        )  # fmt: skip
        self.kept[number] = Kept(row=row, not_before=not_before)
        return number

    def add_stale(self, channel: str, ts: str, *, clicked: bool = False, digest: str = "old") -> int:
        number = len(self.stale) + 1
        self.stale[number] = StaleCard(
            id=number, message=number, case_id=f"case-{number}", visit=1, deadline=None, kind="approval", to=channel,
            channel=channel, ts=ts, shown_digest=digest, shown_seq=1, wanted_seq=2, facts={}, clicked=clicked,
        )  # fmt: skip
        return number

    def states(self) -> Counter[str]:
        return Counter(k.state for k in self.kept.values())

    # --- the port -----------------------------------------------------------------------------------------

    def claim(
        self, now: datetime, procedure_now: datetime, limit: int, *, busy: Collection[str] = (), each: int = 1_000
    ) -> list[OutboxRow]:  # fmt: skip
        taken: list[OutboxRow] = []
        counts: Counter[str] = Counter()
        for kept in sorted(self.kept.values(), key=lambda k: (k.row.priority, k.row.id)):
            row = kept.row
            is_paced = kept.state == "pending" and (row.to in busy or counts[row.to] >= each)
            if len(taken) == limit or is_paced:
                continue
            if not self._is_free(kept, now, procedure_now):
                continue
            taken.append(replace(row, state=kept.state))
            kept.row = replace(row, attempts=row.attempts + 1, sent_from=row.sent_from or now)
            kept.state, kept.lease_until = "sending", now + self.lease
            counts[row.to] += 1
        return taken

    @staticmethod
    def _is_free(kept: Kept, now: datetime, procedure_now: datetime) -> bool:
        if kept.state == "sending":
            until = kept.lease_until
            return until is not None and (until < now or until > now + timedelta(hours=2))
        ready = kept.next_at is None or kept.next_at <= now
        return kept.state == "pending" and ready and (kept.not_before is None or kept.not_before <= procedure_now)

    def is_to_come(self, row: OutboxRow, kinds: Collection[str]) -> bool:
        rows = (k for k in self.kept.values() if k.state in ("pending", "sending", "uncertain"))
        return any(k.row.case_id == row.case_id and k.row.kind in kinds and k.row.id != row.id for k in rows)

    def posted(
        self, row: OutboxRow, *, channel: str, ts: str, digest: str, shown_seq: int, now: datetime
    ) -> None:  # fmt: skip
        assert self.kept[row.id].state == "sending"
        self.kept[row.id].state, self.kept[row.id].address = "sent", (channel, ts)

    def retry(self, row: OutboxRow, *, at: datetime, error: str, counts: bool = True) -> None:
        kept = self.kept[row.id]
        kept.state, kept.next_at, kept.error = "pending", at, error
        if not counts:
            kept.row = replace(kept.row, attempts=row.attempts, sent_from=row.sent_from)

    def uncertain(self, row: OutboxRow, *, error: str, told: Sequence[Notice] = ()) -> None:
        self.kept[row.id].state, self.kept[row.id].error = "uncertain", error
        self.doubts += told

    def failed(self, row: OutboxRow, *, error: str, instead: Sequence[Notice] = ()) -> None:
        self.kept[row.id].state, self.kept[row.id].error = "failed", error
        self.instead.append(tuple(instead))
        for notice in instead:
            self.add(notice.to, kind=notice.kind, priority=notice.priority, facts=notice.facts)

    def nothing(self, row: OutboxRow, *, why: str) -> None:
        self.kept[row.id].state, self.kept[row.id].error = "nothing", why

    def stale_cards(self, limit: int, now: datetime, *, in_hand: Mapping[int, bool] = NONE_IN_HAND) -> list[StaleCard]:
        found = (c for c in self.stale.values() if self.card_pauses.get(c.id, now) <= now)
        first = sorted(found, key=lambda c: (not c.clicked, c.id))[:limit]
        return [c for c in first if c.id not in in_hand or (c.clicked and not in_hand[c.id])]

    def refresh_later(self, card: StaleCard, *, at: datetime, error: str) -> None:
        self.card_pauses[card.id] = at

    def refreshed(self, card: StaleCard, *, digest: str, gone: bool = False) -> None:
        self.stale.pop(card.id, None)
        self.refreshes.append(card.id)
        if gone:
            self.gone.add(card.id)


class FakeRenderer:
    """Writes the row's number as text; `odd` says otherwise for single rows (an exception is raised)."""

    def __init__(self) -> None:
        self.odd: dict[int, Any] = {}

    def render(self, row: OutboxRow) -> Card | NotReady | Nothing:
        drawn: Card | NotReady | Nothing = self._or_odd(
            row.id, Card(text=f"row {row.id}", blocks=(), digest=f"d{row.id}", shown_seq=1)
        )
        return drawn

    def refresh(self, card: StaleCard) -> Card | Nothing:
        drawn: Card | Nothing = self._or_odd(
            -card.id, Card(text=f"card {card.id}", blocks=(), digest="new", shown_seq=2)
        )
        return drawn

    def _or_odd(self, number: int, usual: Card) -> Any:  # whatever the test wants drawn
        odd: Any = self.odd.get(number, usual)
        if isinstance(odd, Exception):
            raise odd
        return odd


class FakeReader:
    """Knows where cards are posted."""

    def __init__(self) -> None:
        self.cards: dict[tuple[str, str], tuple[str, str]] = {}

    def card(self, case_id: str, kind: str, visit: int | None = None, to: str | None = None) -> tuple[str, str] | None:
        return self.cards.get((case_id, kind))
