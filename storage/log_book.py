"""The logs: events appended to their chain, and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from complaints.events import Recorded
from complaints.refusals import CaseMoved
from storage import chain, words
from storage.codec import event_from_json, event_to_json, kind_of
from storage.tables import acts, events
from storage.types import to_text
from storage.wire import Params, Sql, Wire, among, insert_into, insert_new

_INSERT = insert_into(events)
_INSERT_ACT = insert_new(acts)
_ACT = Sql(select(acts.c.log_id).where(acts.c.key == bindparam("key")))
_CONTENTS = Sql(select(acts.c.contents).where(acts.c.key == bindparam("key")))
_ACTS = Sql(among(acts.c.key, "keys", acts.c.key, acts.c.log_id))
_EVENTS = Sql(
    select(events.c.seq, events.c.at, events.c.actor, events.c.kind, events.c.body)
    .where(events.c.log_id == bindparam("log_id"), events.c.seq > bindparam("after"))
    .order_by(events.c.seq)
)


@dataclass(frozen=True, slots=True)
class Chained:
    """Events with their place in the chain, ready to be written; *head* is the log's hash after them."""

    rows: list[Params]
    head: str


def chained(wire: Wire, log_id: str, before: str, recorded: Sequence[Recorded], texts: Mapping[str, str]) -> Chained:
    """Chain events to a log whose head hash is *before*, and keep their words."""
    bodies = [event_to_json(r.event) for r in recorded]
    digests = words.keep(wire, log_id, bodies, texts)
    rows: list[Params] = []
    head = before
    for rec, body, digest in zip(recorded, bodies, digests, strict=True):
        kind = kind_of(rec.event)
        head = chain.link(head, chain.line(log_id, rec.seq, to_text(rec.at), rec.actor, kind, body, digest))
        rows.append(
            {
                "log_id": log_id,
                "seq": rec.seq,
                "at": wire.instant(rec.at),
                "actor": rec.actor,
                "kind": kind,
                "body": body,
                "digests": digest,
                "hash": head,
            }
        )
    return Chained(rows, head)


def append(wire: Wire, events_: Chained) -> None:
    wire.many(_INSERT, events_.rows)


def read(wire: Wire, log_id: str, after: int = 0) -> list[Recorded]:
    """Return the events of a log behind *after*. Raises: UnknownEvent, BrokenEvent."""
    found = []
    for seq, at, actor, kind, body in wire.rows(_EVENTS, {"log_id": log_id, "after": after}):
        instant = wire.aware(at)
        assert instant is not None
        found.append(Recorded(seq=seq, at=instant, actor=actor, event=event_from_json(kind, body)))
    return found


def done_before(wire: Wire, key: str) -> str | None:
    """Return the log under which an act of that key was recorded, or None."""
    row = wire.row(_ACT, {"key": key})
    return row[0] if row else None


def done_before_of(wire: Wire, keys: Sequence[str]) -> dict[str, str | None]:
    """Return what `done_before` says of each of *keys*, with one question."""
    wanted = {"keys": wire.listed(keys)}
    return {**dict.fromkeys(keys), **{row[0]: row[1] for row in wire.rows(_ACTS, wanted)}}


def contents_of(wire: Wire, key: str) -> str | None:
    """Return the digest of the form by which the act of that key came, or None."""
    row = wire.row(_CONTENTS, {"key": key})
    return row[0] if row else None


def keep_act(wire: Wire, key: str, log_id: str, seq: int, at: datetime, contents: str | None = None) -> None:
    """Keep the key of an act. Raises: CaseMoved if it was recorded meanwhile."""
    wire.writes(key)
    params = {"key": key, "log_id": log_id, "seq": seq, "at": wire.instant(at), "contents": contents}
    wire.must(_INSERT_ACT, params, CaseMoved(f"act {key} was recorded meanwhile"))
