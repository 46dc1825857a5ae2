"""Notices put out: each is a row of its own, and covered by exactly one message of the outbox."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from complaints.notices import Notice, Priority
from storage.codec import dump, load
from storage.tables import notices, outbox
from storage.wire import Params, Sql, Wire, counting_up, insert_into

_INSERT_NOTICE = insert_into(notices)
_MESSAGE_COLUMNS = (
    "key", "action", "kind", "dest", "case_id", "visit", "deadline", "thread", "priority", "not_before",
    "merge_key", "live", "facts", "state", "created_at", "attempts", "next_attempt_at",
)  # fmt: skip
_INSERT_MESSAGE = counting_up(outbox, _MESSAGE_COLUMNS)
_WAITING = Sql(
    select(outbox.c.id, outbox.c.not_before, outbox.c.priority)
    .where(
        outbox.c.merge_key == bindparam("merge_key"),
        outbox.c.state == "pending",
        outbox.c.merge_key.is_not(None),
        outbox.c.attempts == 0,
    )
    .order_by(outbox.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_PULL = Sql(
    update(outbox)
    .where(outbox.c.id == bindparam("of_id"))
    .values(not_before=bindparam("not_before"), priority=bindparam("priority"))
)
_SAY = Sql(update(outbox).where(outbox.c.id == bindparam("of_id")).values(facts=bindparam("says")))
_COVER = Sql(update(notices).where(notices.c.message == bindparam("of_message")).values(covered_at=bindparam("at")))
_TOLD = Sql(select(notices.c.id).where(notices.c.case_id == bindparam("case_id"), notices.c.id == bindparam("notice")))
_ADDRESSED = Sql(
    select(notices.c.dest)
    .where(
        notices.c.case_id == bindparam("case_id"), notices.c.visit == bindparam("visit"),
        notices.c.kind == bindparam("kind"),
    )
    .distinct()
)  # fmt: skip
_OF_MESSAGE = Sql(
    select(
        notices.c.id, notices.c.kind, notices.c.dest, notices.c.case_id, notices.c.visit, notices.c.deadline, notices.c.facts,
    )
    .where(notices.c.message == bindparam("message"))
    .order_by(notices.c.created_at, notices.c.id)
)  # fmt: skip


MERGE_HOLD = timedelta(seconds=2)
"""How long a message that others may join waits (machine time): one tick tells a person of all that is due."""


def machine_now() -> datetime:
    """Return the machine's time, aware UTC: pacing and holding are no matter of the procedure's clock."""
    return datetime.now(UTC)


def addressed(wire: Wire, case_id: str, visit: int, kind: str) -> frozenset[str]:
    """Return who was told of a visit by notices of that kind."""
    return frozenset(str(r[0]) for r in wire.rows(_ADDRESSED, {"case_id": case_id, "visit": visit, "kind": kind}))


def put_out(wire: Wire, told: Sequence[tuple[Notice, datetime]]) -> int:
    """
    Keep notices, each with its procedure time, and see to it that each is covered; return how many new messages that took.

    A notice with a merge key joins a message of that key which still waits and was never tried. The message then goes out
    when the first of its notices may (`not_before` is pulled to the earlier) and as urgently as its most urgent one. A notice
    that overtakes those before it gives the message its own facts.

    How long a message waits is told in machine time.
    """
    now = machine_now()
    alone = [notice for notice, _ in told if not notice.merge]
    numbers = iter(wire.counted_up(_INSERT_MESSAGE, [_message(wire, n, now) for n in alone]) if alone else ())
    rows: list[Params] = []
    new = len(alone)
    for notice, at in told:
        message = _join(wire, notice) if notice.merge else next(numbers)
        if message is None:
            (message,) = wire.counted_up(_INSERT_MESSAGE, [_message(wire, notice, now)])
            new += 1
        rows.append(_row(notice, message, wire.instant(at)))
    wire.many(_INSERT_NOTICE, rows)
    return new


def _join(wire: Wire, notice: Notice) -> int | None:
    found = wire.row(_WAITING, {"merge_key": notice.merge})
    if found is None:
        return None
    own, new = wire.aware(found[1]), notice.not_before
    earlier = None if own is None or new is None else min(own, new)
    priority = min(found[2], int(notice.priority))
    if (earlier, priority) != (own, found[2]):
        wire.run(_PULL, {"of_id": found[0], "not_before": wire.instant(earlier), "priority": priority})
    if notice.overtakes:
        wire.run(_SAY, {"of_id": found[0], "says": dump(notice.facts)})
    return int(found[0])


def _message(wire: Wire, notice: Notice, now: datetime) -> Params:
    return {
        "key": secrets.token_hex(16), "action": "post", "kind": notice.kind, "dest": notice.to, "case_id": notice.case_id,
        "visit": notice.visit, "deadline": notice.deadline, "thread": notice.thread,
        "priority": int(notice.priority), "not_before": wire.instant(notice.not_before),
        "merge_key": notice.merge, "live": int(notice.live), "facts": dump(notice.facts), "state": "pending",
        "created_at": wire.instant(now), "attempts": 0,
        "next_attempt_at": wire.instant(now + MERGE_HOLD) if notice.merge and not notice.overtakes else None,
    }  # fmt: skip


def _row(notice: Notice, message: int, created: Any) -> Params:
    return {
        "id": notice.id, "case_id": notice.case_id or "", "kind": notice.kind, "dest": notice.to,
        "visit": notice.visit, "deadline": notice.deadline, "facts": dump(notice.facts),
        "created_at": created, "message": message, "covered_at": None,
    }  # fmt: skip


def was_told(wire: Wire, notice: str) -> bool:
    """Return whether the desk's own notice of that id was ever put out."""
    return wire.row(_TOLD, {"case_id": "", "notice": notice}) is not None


def is_put_out(wire: Wire, notice: Notice) -> bool:
    """Return whether that notice was put out before."""
    return wire.row(_TOLD, {"case_id": notice.case_id or "", "notice": notice.id}) is not None


def cover(wire: Wire, message: int, at: datetime) -> None:
    """Mark the notices of a message as covered: it is shown."""
    wire.run(_COVER, {"of_message": message, "at": wire.instant(at)})


def of_message(wire: Wire, message: int) -> tuple[Notice, ...]:
    """Return the notices that a message covers, the oldest first."""
    return tuple(
        Notice(
            id=r[0], kind=r[1], to=r[2], case_id=r[3] or None, visit=r[4], deadline=r[5], facts=load(r[6]),
            priority=Priority.CARD,
        )
        for r in wire.rows(_OF_MESSAGE, {"message": message})
    )  # fmt: skip
