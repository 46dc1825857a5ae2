"""The desk's own log: policies put in force, absences, closures, anchors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update

from complaints import events as e
from complaints.overrides import Override, standing
from complaints.refusals import CaseMoved
from storage import chain, log_book
from storage.codec import event_from_json
from storage.tables import DESK, logs, policies_in_force
from storage.tables import events as logged
from storage.wire import Sql, Wire, insert_new, upsert

_HEAD = Sql(select(logs.c.seq, logs.c.head_hash).where(logs.c.log_id == DESK).with_for_update())
_BEGIN = insert_new(logs)
_MOVE = Sql(
    update(logs)
    .where(logs.c.log_id == DESK, logs.c.seq == bindparam("base"))
    .values(seq=bindparam("new_seq"), head_hash=bindparam("head"))
)
_PUT_IN_FORCE = upsert(policies_in_force)
_SEQ = Sql(select(logs.c.seq).where(logs.c.log_id == bindparam("log_id")))
_OVERRIDES = Sql(
    select(logged.c.seq, logged.c.at, logged.c.actor, logged.c.kind, logged.c.body)
    .where(logged.c.log_id == bindparam("log_id"), logged.c.kind.in_(["OverrideSet", "OverrideWithdrawn"]))
    .order_by(logged.c.seq)
)
_PUTS = Sql(
    select(logged.c.at, logged.c.body)
    .where(logged.c.log_id == DESK, logged.c.kind == e.PolicyPutInForce.__name__)
    .order_by(logged.c.seq)
)
_PROPOSALS = Sql(
    select(logged.c.body)
    .where(logged.c.log_id == DESK, logged.c.kind == e.PolicyProposed.__name__)
    .order_by(logged.c.seq)
)
_IN_FORCE_NOW = select(policies_in_force.c.bundle).where(policies_in_force.c.policy == bindparam("policy"))
_IN_FORCE, _IN_FORCE_LOCKED = Sql(_IN_FORCE_NOW), Sql(_IN_FORCE_NOW.with_for_update())


def append(
    wire: Wire, events: Sequence[e.Event], *, actor: str, at: datetime, texts: Mapping[str, str]
) -> list[e.Recorded]:
    """Append events to the desk's log and return them in their places. Raises: CaseMoved (a race; call again)."""
    seq, before = _head(wire)
    recorded = [e.Recorded(seq=seq + i, at=at, actor=actor, event=event) for i, event in enumerate(events, start=1)]
    made = log_book.chained(wire, DESK, before, recorded, texts)
    if wire.run(_MOVE, {"base": seq, "new_seq": seq + len(recorded), "head": made.head}) != 1:
        raise CaseMoved(DESK)
    log_book.append(wire, made)
    for rec in recorded:
        take_in(wire, rec)
    return recorded


def _head(wire: Wire) -> tuple[int, str]:
    row = wire.row(_HEAD, {})
    if row is None:
        wire.run(_BEGIN, {"log_id": DESK, "seq": 0, "head_hash": chain.GENESIS})
        row = wire.row(_HEAD, {})
    assert row is not None
    return row[0], row[1]


def hold(wire: Wire) -> None:
    """Lock the desk's log until the commit."""
    _head(wire)


def take_in(wire: Wire, rec: e.Recorded) -> None:
    """Keep what follows from a desk event: the policy versions in force."""
    if isinstance(rec.event, e.PolicyPutInForce):
        wire.run(
            _PUT_IN_FORCE,
            {
                "policy": rec.event.policy,
                "label": rec.event.label,
                "bundle": rec.event.bundle,
                "since": wire.instant(rec.at),
            },
        )


def seq(wire: Wire) -> int:
    """Return the number of the last event of the desk's log."""
    row = wire.row(_SEQ, {"log_id": DESK})
    return int(row[0]) if row else 0


def overrides(wire: Wire, *, lock: bool = False) -> tuple[Override, ...]:
    """Return what was set in Slack over the desk file and not withdrawn; *lock* keeps other writers off the log."""
    if lock:
        hold(wire)
    found = []
    for seq, at, actor, kind, body in wire.rows(_OVERRIDES, {"log_id": DESK}):
        instant = wire.aware(at)
        assert instant is not None
        found.append(e.Recorded(seq=seq, at=instant, actor=actor, event=event_from_json(kind, body)))
    return standing(found)


def in_force(wire: Wire, policy: str, *, lock: bool = False) -> str | None:
    """Return the bundle of the policy version in force, or None; *lock* keeps other writers off it until the commit."""
    row = wire.row(_IN_FORCE_LOCKED if lock else _IN_FORCE, {"policy": policy})
    return row[0] if row else None


def is_overtaken(wire: Wire, policy: str, bundle: str) -> bool:
    """Say whether the version in force was proposed after *bundle*."""
    found = [event_from_json(e.PolicyProposed.__name__, body) for (body,) in wire.rows(_PROPOSALS, {})]
    order = [p.bundle for p in found if isinstance(p, e.PolicyProposed) and p.policy == policy]
    now = in_force(wire, policy)
    return now in order and bundle in order and order.index(bundle) < order.index(str(now))


def first_in_force(wire: Wire, policy: str) -> datetime | None:
    """Return when a version of a policy was put in force for the first time, or None."""
    for at, body in wire.rows(_PUTS, {}):
        event = event_from_json(e.PolicyPutInForce.__name__, body)
        if isinstance(event, e.PolicyPutInForce) and event.policy == policy:
            return wire.aware(at)
    return None
