"""Delivery: what is to be sent, what was sent, what is uncertain. Machine time, except `not_before`."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Executable, and_, bindparam, case, func, or_, select, true, update

from complaints.notices import Notice
from complaints.ports import NONE_IN_HAND, OutboxRow, StaleCard
from storage import notice_book, posted_cards
from storage.codec import load
from storage.engine import Engines
from storage.record import StoredRecord, Transaction
from storage.tables import notices, outbox
from storage.wire import Row, Sql, Wire, read_wire

LEASE = timedelta(seconds=120)
"""How long a claimed row belongs to its courier; claim no more than can be sent in that time, or `renew`."""

FURTHEST = timedelta(hours=2)
"""No message is leased or put off for longer: what lies further ahead was written by a clock that was wrong, and counts as past."""

COLUMNS = (
    outbox.c.id, outbox.c.key, outbox.c.action, outbox.c.kind, outbox.c.dest, outbox.c.case_id, outbox.c.visit,
    outbox.c.deadline, outbox.c.thread, outbox.c.priority, outbox.c.live, outbox.c.facts, outbox.c.attempts,
    outbox.c.sent_from, outbox.c.state,
)  # fmt: skip
_WAITS = and_(outbox.c.state == "pending", outbox.c.not_before.is_(None))
_ABANDONED_NOW = and_(
    outbox.c.state == "sending",
    or_(outbox.c.lease_until < bindparam("now"), outbox.c.lease_until > bindparam("furthest")),
)
_DUE_LATER = and_(outbox.c.state == "pending", outbox.c.not_before <= bindparam("procedure_now"))


def _first_of_each_address() -> Sql:
    """
    Return a question for the first rows of each address: (id, priority, dest).

    It goes from address to address and looks at the first few rows of each, so that ten thousand messages for one
    channel cost no more than ten. PostgreSQL would ask anew for every row that was ever sent unless it is told to go
    from each address to its rows (LATERAL); SQLite knows no such word and needs none.
    """
    first = select(func.min(outbox.c.dest).label("dest")).where(_WAITS).cte("addresses", recursive=True)
    following = select(func.min(outbox.c.dest)).where(_WAITS, outbox.c.dest > first.c.dest).scalar_subquery()
    addresses = first.union_all(select(following).where(first.c.dest.is_not(None)))
    its = outbox.alias("its")
    heads = (
        select(its.c.id, its.c.priority, its.c.dest)
        .where(its.c.state == "pending", its.c.not_before.is_(None), its.c.dest == addresses.c.dest)
        .where(
            or_(
                its.c.next_attempt_at.is_(None),
                its.c.next_attempt_at <= bindparam("now"),
                its.c.next_attempt_at > bindparam("furthest"),
            )
        )
        .order_by(its.c.priority, its.c.id)
        .limit(bindparam("each"))
        .correlate(addresses)
    )

    def build(dialect: str) -> Executable:
        if dialect == "postgresql":
            found = heads.lateral("heads")
            return select(found).select_from(addresses.join(found, true())).order_by(found.c.priority, found.c.id)
        ids = heads.with_only_columns(its.c.id)
        rows = select(outbox.c.id, outbox.c.priority, outbox.c.dest).select_from(
            addresses.join(outbox, outbox.c.id.in_(ids))
        )
        return rows.order_by(outbox.c.priority, outbox.c.id)

    return Sql(build)


_FIRST = _first_of_each_address()
_PENDING = Sql(
    select(*COLUMNS)
    .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "pending")
    .with_for_update(skip_locked=True)
)
_ABANDONED = Sql(
    select(*COLUMNS)
    .where(_ABANDONED_NOW)
    .order_by(outbox.c.lease_until)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_MOST_LET_GO = 1_000
# What waited for the morning waits like everything else from then on; until then it costs an idle look nothing.
_LET_GO = Sql(
    update(outbox)
    .where(
        outbox.c.id.in_(
            select(outbox.c.id)
            .where(_DUE_LATER)
            .order_by(outbox.c.not_before)
            .limit(bindparam("limit"))
            .with_for_update(skip_locked=True)
        )
    )
    .values(not_before=None, created_at=bindparam("since"))
)
_ANY = tuple(Sql(select(outbox.c.id).where(condition).limit(1)) for condition in (_DUE_LATER, _ABANDONED_NOW))
_CLAIM = Sql(
    update(outbox)
    .where(outbox.c.id == bindparam("of_id"))
    .values(
        state="sending",
        attempts=outbox.c.attempts + 1,
        sent_from=func.coalesce(outbox.c.sent_from, bindparam("began", type_=outbox.c.sent_from.type)),
        lease_until=bindparam("lease_end"),
    )
)
_TO_COME = Sql(
    select(outbox.c.id)
    .where(
        outbox.c.case_id == bindparam("case_id"),
        outbox.c.kind == bindparam("kind"),
        or_(bindparam("any_visit") == 1, and_(outbox.c.visit == bindparam("visit"), outbox.c.dest == bindparam("to"))),
        outbox.c.state.in_(("pending", "sending", "uncertain")),
    )
    .limit(1)
)
_NOTICE_IDS = Sql(
    select(notices.c.id).where(notices.c.message == bindparam("message")).order_by(notices.c.created_at, notices.c.id)
)


def _ending(*, fenced: bool, **values: Any) -> Sql:
    """Return a statement that takes a row out of a courier's hands; *fenced*: only if it is still that courier's."""
    mine = [outbox.c.id == bindparam("of_id"), outbox.c.state != "sent"]
    if fenced:
        mine += [outbox.c.state == "sending", outbox.c.attempts == bindparam("claimed_as")]
    return Sql(update(outbox).where(*mine).values(lease_until=None, **values))


_SENT = _ending(
    fenced=False,
    state="sent",
    channel=bindparam("in_channel"),
    ts=bindparam("at_ts"),
    sent_at=bindparam("at"),
    error=None,
)
_RETRY = _ending(fenced=True, state="pending", next_attempt_at=bindparam("at"), error=bindparam("why"))
_NOT_TRIED = _ending(
    fenced=True,
    state="pending",
    next_attempt_at=bindparam("at"),
    error=bindparam("why"),
    attempts=outbox.c.attempts - 1,
    sent_from=case((outbox.c.attempts <= 1, None), else_=outbox.c.sent_from),
)
_GIVEN_UP = _ending(fenced=True, state=bindparam("new_state"), error=bindparam("why"))
_RENEW = Sql(
    update(outbox)
    .where(
        outbox.c.id == bindparam("of_id"),
        outbox.c.state == "sending",
        outbox.c.attempts == bindparam("claimed_as"),
    )
    .values(lease_until=bindparam("lease_end"))
)


class StoredOutbox:
    """
    The courier's side of the record (`ports.Outbox`).

    Each method waits for its commit in the writers' queue: call it in a thread (`asyncio.to_thread`), never on the event
    loop and never inside a work of the record. *looked_at*: when the courier last asked what there is to send (`time.monotonic`).
    """

    def __init__(self, record: StoredRecord, engines: Engines) -> None:
        self._record = record
        self._engines = engines
        self.looked_at: float | None = None

    def claim(
        self, now: datetime, procedure_now: datetime, limit: int, *, busy: Collection[str] = (), each: int = 1_000
    ) -> list[OutboxRow]:
        """
        Claim rows that may be sent, abandoned ones first, then by priority and age; of the others none to an address of
        *busy* and at most *each* to one.

        A row comes as it was before this claim: `attempts` and `sent_from` tell of earlier sends (0 and None for a row never
        tried), and `state` is `sending` for one whose courier died before it could say how the send ended.
        """
        self.looked_at = time.monotonic()
        turns = _Turns(limit, frozenset(busy), each)
        if not self._anything_to_claim(now, procedure_now, turns):
            return []
        return self._record.now(lambda tx: _claim(tx.wire, now, procedure_now, turns))

    def _anything_to_claim(self, now: datetime, procedure_now: datetime, turns: _Turns) -> bool:
        """Look on a read connection first, so that an idle courier never disturbs the writers."""
        with read_wire(self._engines) as wire:
            asked = {**_from(wire, now), "procedure_now": wire.instant(procedure_now)}
            return any(wire.row(look, asked) for look in _ANY) or bool(turns.ids(wire, now))

    def renew(self, rows: Sequence[OutboxRow], now: datetime) -> None:
        """Keep claimed rows for another lease: they still wait for their channel's turn."""
        self._record.now(
            lambda tx: tx.wire.many(_RENEW, [{**_mine(row), "lease_end": tx.wire.instant(now + LEASE)} for row in rows])
        )

    def is_to_come(self, row: OutboxRow, kinds: Collection[str]) -> bool:
        """
        Say whether a card of one of *kinds*, to whose thread *row* belongs, is still to be posted or may be shown: about the
        same visit and to the same address, if these are cards of a visit.
        """
        asked = {"case_id": row.case_id, "visit": row.visit, "to": row.to, "any_visit": int(row.thread != "visit")}
        with read_wire(self._engines) as wire:
            return any(wire.row(_TO_COME, {**asked, "kind": kind}) for kind in kinds)

    def posted(self, row: OutboxRow, *, channel: str, ts: str, digest: str, shown_seq: int, now: datetime) -> None:
        """The message is shown: mark it sent, cover its notices, keep the card's address. A repeat changes nothing."""

        def work(tx: Transaction) -> None:
            wire = tx.wire
            sent = {"of_id": row.id, "in_channel": channel, "at_ts": ts, "at": wire.instant(now)}
            if wire.run(_SENT, sent) == 1:
                notice_book.cover(wire, row.id, now)
                posted_cards.keep(wire, row, channel=channel, ts=ts, digest=digest, shown_seq=shown_seq)

        self._record.now(work)

    def retry(self, row: OutboxRow, *, at: datetime, error: str, counts: bool = True) -> None:
        """
        Try again at *at* (machine time); the claim must be this one.

        *counts* False (429, or given back unsent): this attempt did not happen.
        """

        def work(tx: Transaction) -> None:
            tx.wire.run(_RETRY if counts else _NOT_TRIED, {**_mine(row), "at": tx.wire.instant(at), "why": error})

        self._record.now(work)

    def uncertain(self, row: OutboxRow, *, error: str, told: Sequence[Notice] = ()) -> None:
        """Nobody can tell whether it was shown; the desk officer is *told* and decides, it is never re-posted blindly."""
        self._give_up(row, "uncertain", error, told)

    def failed(self, row: OutboxRow, *, error: str, instead: Sequence[Notice] = ()) -> None:
        """
        It can't be delivered there; *instead* (to the fallback, to the officer) is put out in the same transaction. What was
        put out already, when it was sent before, is not again.
        """
        self._give_up(row, "failed", error, instead)

    def _give_up(self, row: OutboxRow, state: str, why: str, notices: Sequence[Notice]) -> None:
        def work(tx: Transaction) -> None:
            given_up = tx.wire.run(_GIVEN_UP, {**_mine(row), "new_state": state, "why": why})
            if given_up:
                tx.put_out([n for n in notices if not notice_book.is_put_out(tx.wire, n)], datetime.now(UTC))

        self._record.now(work)

    def nothing(self, row: OutboxRow, *, why: str) -> None:
        """There was nothing to tell any more: the row is done, and why stands in its place."""
        self._record.now(lambda tx: tx.wire.run(_GIVEN_UP, {**_mine(row), "new_state": "nothing", "why": why}))

    def notices(self, message: int) -> tuple[Notice, ...]:
        """Return the notices that a message covers, the oldest first: what a merged reminder lists."""
        with read_wire(self._engines) as wire:
            return notice_book.of_message(wire, message)

    # --- cards --------------------------------------------------------------------------------------------

    def stale_cards(self, limit: int, now: datetime, *, in_hand: Mapping[int, bool] = NONE_IN_HAND) -> list[StaleCard]:
        """
        Return live cards whose case moved on since they were shown, clicked ones first: of the first *limit* those that are
        not *in_hand* as they are (card to whether it was clicked), and not those put off to after *now* (machine time).
        """
        with read_wire(self._engines) as wire:
            return posted_cards.stale(wire, limit, now, in_hand)

    def refreshed(self, card: StaleCard, *, digest: str, gone: bool = False) -> None:
        """The card shows `card.wanted_seq` now; *gone*: its message was deleted, or it will never change again."""
        self._record.now(lambda tx: posted_cards.refreshed(tx.wire, card, digest=digest, gone=gone))

    def refresh_later(self, card: StaleCard, *, at: datetime, error: str) -> None:
        """The card could not be rewritten; it stays stale and comes again at *at* (machine time) or when its case moves."""
        self._record.now(lambda tx: posted_cards.later(tx.wire, card, at=at, error=error))


def _mine(row: OutboxRow) -> dict[str, Any]:
    return {"of_id": row.id, "claimed_as": row.attempts + 1}


def _from(wire: Wire, now: datetime) -> dict[str, Any]:
    """Return between which instants something still lies ahead."""
    return {"now": wire.instant(now), "furthest": wire.instant(now + FURTHEST)}


@dataclass(frozen=True, slots=True)
class _Turns:
    """What a courier has a turn for: at most *each* for an address, none for one of *busy*, *limit* in all."""

    limit: int
    busy: frozenset[str]
    each: int

    def ids(self, wire: Wire, now: datetime) -> list[int]:
        """Return the rows that may be sent, the most urgent first."""
        found = wire.rows(_FIRST, {**_from(wire, now), "each": self.each})
        return [row[0] for row in found if row[2] not in self.busy][: self.limit]


def _claim(wire: Wire, now: datetime, procedure_now: datetime, turns: _Turns) -> list[OutboxRow]:
    asked = {**_from(wire, now), "limit": turns.limit}
    found = wire.rows(_ABANDONED, asked)
    let_go = {"procedure_now": wire.instant(procedure_now), "since": wire.instant(now), "limit": _MOST_LET_GO}
    wire.run(_LET_GO, let_go)
    for row_id in turns.ids(wire, now)[: turns.limit - len(found)]:
        found += wire.rows(_PENDING, {"of_id": row_id})
    began, end = asked["now"], wire.instant(now + LEASE)
    wire.many(_CLAIM, [{"of_id": row[0], "began": began, "lease_end": end} for row in found])
    return [as_row(wire, row) for row in found]


def as_row(wire: Wire, row: Row) -> OutboxRow:
    """Return a row of `COLUMNS` with the ids of its notices."""
    covered = wire.rows(_NOTICE_IDS, {"message": row[0]})
    return OutboxRow(
        id=row[0], key=row[1], action=row[2], kind=row[3], to=row[4], case_id=row[5], visit=row[6],
        deadline=row[7], thread=row[8], priority=row[9], live=bool(row[10]), facts=load(row[11]), attempts=row[12],
        sent_from=wire.aware(row[13]), state=row[14], notices=tuple(r[0] for r in covered),
    )  # fmt: skip
