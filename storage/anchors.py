"""
The daily anchor: the desk's log vouches for the heads of all case logs.

Each anchor covers the heads that moved since the one before:
    digest = sha256(digest of the anchor before + newline + the lines `log seq hash`, by log, each ended by a newline)
Who rewrites a case's log with all its hashes would have to rewrite the desk's log too.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, select, text

from complaints.events import HeadsAnchored
from storage import log_book
from storage.chain import Break
from storage.engine import Engines
from storage.record import StoredRecord, Transaction
from storage.tables import DESK, anchored, cases, events
from storage.wire import Sql, insert_into, read_wire

Head = tuple[str, int, str]
Digest = Any  # hashlib names no type for what sha256 returns

ROWS_AT_ONCE = 2000
"""Heads read and written at once: clicks never wait long behind an anchor, and a million of them are never in memory."""

_ANCHORS = 7_263_513
"""The number that says "anchor" among PostgreSQL's advisory locks."""

_last = select(func.max(anchored.c.seq)).where(anchored.c.log_id == cases.c.id).correlate(cases).scalar_subquery()
_MOVED = Sql(
    select(cases.c.id, cases.c.seq, cases.c.head_hash)
    .where(cases.c.id > bindparam("after"), func.coalesce(_last, 0) < cases.c.seq)
    .order_by(cases.c.id)
    .limit(bindparam("most"))
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
        """Anchor what moved since the last anchor and return the event; None if nothing did, or another bot is at it."""
        with self._alone() as is_ours:
            return self._make(at, actor) if is_ours else None

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Keep other bots from anchoring meanwhile, and say whether that could be had; on SQLite there is only one."""
        if self._engines.is_sqlite:
            yield True
            return
        with self._engines.write.begin() as core:
            yield bool(core.scalar(text(f"SELECT pg_try_advisory_xact_lock({_ANCHORS})")))

    def _make(self, at: datetime, actor: str) -> HeadsAnchored | None:
        before = self._made()
        number = len(before) + 1
        self._record.now(lambda tx: tx.wire.run(_CLEAR, {"first": number}))  # of one that a crash cut short
        digest, logs = _begun(before[-1].digest if before else ""), 0
        for moved in self._moved():
            rows = [{"anchor": number, "log_id": log_id, "seq": seq, "hash": head} for log_id, seq, head in moved]
            self._record.now(partial(_insert, rows))
            _take_in(digest, moved)
            logs += len(moved)
        if not logs:
            return None
        event = HeadsAnchored(digest=digest.hexdigest(), logs=logs)
        self._record.now(lambda tx: tx.record_desk([event], actor=actor, at=at))
        return event

    def _moved(self) -> Iterator[list[Head]]:
        """Yield the heads that moved since they were anchored last, some at a time, by log."""
        after = ""
        while True:
            with read_wire(self._engines) as wire:
                found = [(r[0], r[1], r[2]) for r in wire.rows(_MOVED, {"after": after, "most": ROWS_AT_ONCE})]
            if not found:
                return
            yield found
            after = found[-1][0]

    def first_break(self) -> Break | None:
        """Return the first anchored event that is no longer as it was anchored, or the first anchor that is not."""
        digest = ""
        with read_wire(self._engines) as wire:
            for number, event in enumerate(self._made(), start=1):
                rows = wire.rows(_OF_ANCHOR, {"anchor": number})
                own = _begun(digest)
                _take_in(own, [(r[0], r[1], r[2]) for r in rows])
                digest = own.hexdigest()
                if digest != event.digest:
                    return Break(log_id=DESK, seq=number, why=f"anchor {number} does not match its heads")
                for log_id, seq, then, now in rows:
                    if then != now:
                        return Break(log_id=log_id, seq=seq, why=f"it was anchored otherwise (anchor {number})")
        return None

    def _made(self) -> list[HeadsAnchored]:
        with read_wire(self._engines) as wire:
            return [r.event for r in log_book.read(wire, DESK) if isinstance(r.event, HeadsAnchored)]


def _insert(rows: list[dict[str, Any]], tx: Transaction) -> int:
    return tx.wire.many(_INSERT, rows)


def _begun(before: str) -> Digest:
    return sha256(f"{before}\n".encode())


def _take_in(digest: Digest, heads: list[Head]) -> None:
    for log_id, seq, head in heads:
        digest.update(f"{log_id} {seq} {head}\n".encode())
