"""What tests of the outbox do: claim what waits, show it, count the notices that nothing covers yet."""

from __future__ import annotations

from sqlalchemy import text

from complaints.ports import OutboxRow
from storage.store import Store
from tests.storage import acts

NOW = acts.NOW
UNCOVERED = text(
    "SELECT count(*) FROM notices n JOIN outbox o ON o.id = n.message "
    "WHERE o.state IN ('pending', 'sending', 'uncertain', 'failed') AND n.covered_at IS NULL"
)


def uncovered(store: Store) -> int:
    """Return how many notices wait for their message."""
    with store.engines.read.connect() as core:
        return int(core.execute(UNCOVERED).scalar_one())


def claim(store: Store, at=NOW, limit: int = 50, procedure_at=NOW) -> list[OutboxRow]:
    return store.outbox.claim(at, procedure_at, limit)


def show(store: Store, row: OutboxRow, ts: str = "1.1", shown_seq: int = 6) -> None:
    store.outbox.posted(row, channel=row.to, ts=ts, digest="d", shown_seq=shown_seq, now=NOW)
