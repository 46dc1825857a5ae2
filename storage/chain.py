"""
The hash chain of a log: each event's hash covers its line and the hash before it.

    hash = sha256(hash of the event before + newline + line), in lower-case hex; before the first stand 64 zeros
    line = {"actor":…,"at":…,"body":…,"digests":…,"kind":…,"log":…,"seq":…}

The line is compact JSON in UTF-8; `body` and `digests` stand in it byte for byte as the table keeps them. Words are not in
the chain: `digests` holds sha256(salt + text) of those that the event was the first to name.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring as _quoted

from sqlalchemy import bindparam, select

from storage.tables import cases, events, logs
from storage.types import to_text
from storage.wire import Row, Sql, Wire

GENESIS = "0" * 64


def line(log_id: str, seq: int, at: str, actor: str, kind: str, body: str, digests: str) -> str:
    """Return the line of an event, as it is hashed; *at* is written by `types.to_text`."""
    return (
        f'{{"actor":{_quoted(actor)},"at":"{at}","body":{body},"digests":{digests},'
        f'"kind":"{kind}","log":{_quoted(log_id)},"seq":{seq}}}'
    )


def link(before: str, text: str) -> str:
    """Return the hash of an event whose line is *text*, after the hash *before*."""
    return sha256(f"{before}\n{text}".encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """The first place where a log is not what it was: *seq* and what is wrong with it."""

    log_id: str
    seq: int
    why: str


_EVENTS = Sql(
    select(
        events.c.seq,
        events.c.at,
        events.c.actor,
        events.c.kind,
        events.c.body,
        events.c.digests,
        events.c.hash,
    )
    .where(events.c.log_id == bindparam("log_id"))
    .order_by(events.c.seq)
)
_CASE_HEAD = Sql(select(cases.c.seq, cases.c.head_hash).where(cases.c.id == bindparam("log_id")))
_DESK_HEAD = Sql(select(logs.c.seq, logs.c.head_hash).where(logs.c.log_id == bindparam("log_id")))


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """An event as it is hashed: with `line` and the hash before it anybody can compute *hash* again."""

    seq: int
    at: str
    actor: str
    kind: str
    body: str
    digests: str
    hash: str

    def follows(self, log_id: str, before: str) -> bool:
        """Say whether its hash is that of this event after the hash *before*."""
        text = line(log_id, self.seq, self.at, self.actor, self.kind, self.body, self.digests)
        return link(before, text) == self.hash


def links(wire: Wire, log_id: str) -> list[Link]:
    """Return all events of a log as they were hashed."""
    found = []
    for row in wire.rows(_EVENTS, {"log_id": log_id}):
        at = Wire.aware(row[1])
        assert at is not None
        found.append(
            Link(seq=row[0], at=to_text(at), actor=row[2], kind=row[3], body=row[4], digests=row[5], hash=row[6])
        )
    return found


def first_break(log_id: str, found: Iterable[Link], withheld: Container[int] = ()) -> int | None:
    """
    Return the number of the first event that does not follow the one before it, or None.

    *withheld*: the numbers of events of which only the hash is known; it is taken as it stands.
    """
    before = GENESIS
    for number, each in enumerate(found, start=1):
        if each.seq != number or not (number in withheld or each.follows(log_id, before)):
            return number
        before = each.hash
    return None


def verify(wire: Wire, log_id: str) -> Break | None:
    """Return the first broken link of a log, or None if every event is as it was recorded, up to the head."""
    head = wire.row(_CASE_HEAD, {"log_id": log_id}) or wire.row(_DESK_HEAD, {"log_id": log_id})
    seq, before = 0, GENESIS
    for row in wire.rows(_EVENTS, {"log_id": log_id}):
        seq += 1
        why = _fault(log_id, seq, before, row)
        if why:
            return Break(log_id=log_id, seq=seq, why=why)
        before = row[6]
    if head is None:
        return Break(log_id=log_id, seq=seq, why="the log has no head") if seq else None
    if (head[0], head[1]) != (seq, before):
        return Break(log_id=log_id, seq=seq + 1, why=f"the head says that there are {head[0]} events")
    return None


def _fault(log_id: str, seq: int, before: str, row: Row) -> str | None:
    if row[0] != seq:
        return f"event {seq} is missing"
    at = Wire.aware(row[1])
    assert at is not None
    text = line(log_id, seq, to_text(at), row[2], row[3], row[4], row[5])
    return None if link(before, text) == row[6] else "the event was changed after it was recorded"
