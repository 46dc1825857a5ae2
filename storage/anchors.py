"""
The daily anchor: the desk's log vouches for the heads of all case logs.

Each anchor covers the heads that moved since the one before:
    digest = sha256(digest of the anchor before + newline + the lines `log seq hash`, by log, each ended by a newline)
Who rewrites a case's log with all its hashes would have to rewrite the desk's log too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from itertools import islice

from sqlalchemy import and_, bindparam, delete, func, select

from complaints.events import HeadsAnchored
from storage import log_book
from storage.chain import Break
from storage.engine import Engines
from storage.record import StoredRecord
from storage.tables import DESK, anchored, cases, events
from storage.wire import Params, Sql, insert_into, read_wire

ROWS_AT_ONCE = 2000
"""Rows in one work, so that clicks never wait long behind an anchor."""

_last = select(anchored.c.log_id, func.max(anchored.c.seq).label("seq")).group_by(anchored.c.log_id).subquery()
_MOVED = Sql(
    select(cases.c.id, cases.c.seq, cases.c.head_hash)
    .outerjoin(_last, _last.c.log_id == cases.c.id)
    .where(func.coalesce(_last.c.seq, 0) < cases.c.seq)
    .order_by(cases.c.id)
)
_INSERT = insert_into(anchored)
_CLEAR = Sql(delete(anchored).where(anchored.c.anchor >= bindparam("first")))
_OF_ANCHOR = Sql(
    select(anchored.c.log_id, anchored.c.seq, anchored.c.hash, events.c.hash)
    .outerjoin(events, and_(events.c.log_id == anchored.c.log_id, events.c.seq == anchored.c.seq))
    .where(anchored.c.anchor == bindparam("anchor"))
    .order_by(anchored.c.log_id)
)


class Anchors:
    """Makes and checks anchors. `make` blocks and takes a while with many cases: run it in a thread."""

    def __init__(self, record: StoredRecord, engines: Engines) -> None:
        self._record = record
        self._engines = engines

    def make(self, at: datetime, actor: str = "clock") -> HeadsAnchored | None:
        """Anchor what moved since the last anchor and return the event; None if nothing did."""
        before = self._made()
        number = len(before) + 1
        self._record.now(lambda tx: tx.wire.run(_CLEAR, {"first": number}))  # of one that a crash cut short
        with read_wire(self._engines) as wire:
            moved = [(r[0], r[1], r[2]) for r in wire.rows(_MOVED, {})]
        if not moved:
            return None
        rows: Iterator[Params] = (
            {"anchor": number, "log_id": log_id, "seq": seq, "hash": head} for log_id, seq, head in moved
        )
        while some := list(islice(rows, ROWS_AT_ONCE)):
            self._record.now(lambda tx, some=some: tx.wire.many(_INSERT, some))  # type: ignore[misc]  # a default argument has no type of its own
        event = HeadsAnchored(digest=_digest(before[-1].digest if before else "", moved), logs=len(moved))
        self._record.now(lambda tx: tx.record_desk([event], actor=actor, at=at))
        return event

    def first_break(self) -> Break | None:
        """Return the first anchored event that is no longer as it was anchored, or the first anchor that is not."""
        digest = ""
        with read_wire(self._engines) as wire:
            for number, event in enumerate(self._made(), start=1):
                rows = wire.rows(_OF_ANCHOR, {"anchor": number})
                digest = _digest(digest, [(r[0], r[1], r[2]) for r in rows])
                if digest != event.digest:
                    return Break(log_id=DESK, seq=number, why=f"anchor {number} does not match its heads")
                for log_id, seq, then, now in rows:
                    if then != now:
                        return Break(log_id=log_id, seq=seq, why=f"it was anchored otherwise (anchor {number})")
        return None

    def _made(self) -> list[HeadsAnchored]:
        with read_wire(self._engines) as wire:
            return [r.event for r in log_book.read(wire, DESK) if isinstance(r.event, HeadsAnchored)]


def _digest(before: str, heads: list[tuple[str, int, str]]) -> str:
    digest = sha256(f"{before}\n".encode())
    for log_id, seq, head in heads:
        digest.update(f"{log_id} {seq} {head}\n".encode())
    return digest.hexdigest()
