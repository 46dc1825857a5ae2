"""Messages that did not arrive, or nobody knows: what the desk officer sees and can do about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update

from complaints.events import MessageFound
from complaints.people import is_member_id
from complaints.ports import OutboxRow
from complaints.refusals import FieldErrors
from storage import notice_book, posted_cards
from storage.engine import Engines
from storage.outbox import COLUMNS, as_row
from storage.record import StoredRecord, Transaction
from storage.tables import outbox
from storage.wire import Sql, Wire, read_wire

_TROUBLED_COLUMNS = (outbox.c.id, outbox.c.kind, outbox.c.dest, outbox.c.case_id, outbox.c.state, outbox.c.error)
_TROUBLED = Sql(
    select(*_TROUBLED_COLUMNS, outbox.c.sent_from)
    .where(outbox.c.state.in_(["uncertain", "failed"]))
    .order_by(outbox.c.id)
    .limit(bindparam("limit"))
)
_AGAIN = Sql(
    update(outbox)
    .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "failed")
    .values(
        state="pending",
        attempts=0,
        sent_from=None,
        next_attempt_at=None,
        not_before=None,
        error=None,
        dest=func.coalesce(bindparam("to", type_=outbox.c.dest.type), outbox.c.dest),
    )
)
# As a row whose courier died: whoever claims it looks it up by its key before anything is posted.
_LOOK_AGAIN = Sql(
    update(outbox)
    .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "uncertain")
    .values(state="sending", attempts=0, lease_until=outbox.c.sent_from, error=None)
)
_FOUND = Sql(
    update(outbox)
    .where(outbox.c.id == bindparam("of_id"), outbox.c.state == "uncertain")
    .values(state="sent", channel=bindparam("in_channel"), ts=bindparam("at_ts"), sent_at=bindparam("at"), error=None)
)
_IN_HIS_MESSAGES = Sql(
    select(outbox.c.id)
    .where(outbox.c.dest == bindparam("to"), outbox.c.channel == bindparam("in_channel"), outbox.c.state == "sent")
    .limit(1)
)
_ROW = Sql(select(*COLUMNS).where(outbox.c.id == bindparam("of_id")))
# One question for each state: each has a small index, all rows together have none.
_BACKLOG = {
    state: Sql(select(func.count(), func.min(outbox.c.created_at)).where(*condition))
    for state, condition in (
        ("pending", (outbox.c.state == "pending", outbox.c.not_before.is_(None))),
        ("deferred", (outbox.c.state == "pending", outbox.c.not_before.is_not(None))),
        ("sending", (outbox.c.state == "sending",)),
        ("uncertain", (outbox.c.state.in_(["uncertain", "failed"]), outbox.c.state == "uncertain")),
        ("failed", (outbox.c.state.in_(["uncertain", "failed"]), outbox.c.state == "failed")),
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Troubled:
    """A message that is `failed` or `uncertain`, and why."""

    id: int
    kind: str
    to: str
    case_id: str | None
    state: str
    error: str | None
    sent_from: datetime | None


class Trouble:
    """The desk officer's side of delivery. Its writes wait for their commit, as the outbox's do."""

    def __init__(self, record: StoredRecord, engines: Engines) -> None:
        self._record = record
        self._engines = engines

    def all(self, limit: int = 100) -> list[Troubled]:
        """Return the messages in trouble, the oldest first."""
        with read_wire(self._engines) as wire:
            return [
                Troubled(
                    id=r[0], kind=r[1], to=r[2], case_id=r[3], state=r[4], error=r[5], sent_from=wire.aware(r[6])
                )
                for r in wire.rows(_TROUBLED, {"limit": limit})
            ]  # fmt: skip

    def send_again(self, message: int, *, to: str | None = None) -> bool:
        """
        Send it again, the channel was repaired, or *to* another one; False if it is in no trouble.

        One in doubt is looked up once more first, where it was sent: it may be there, and nobody is to read it twice.
        """
        done = self._record.now(lambda tx: self._queue(tx, message, to))
        return done == 1

    @staticmethod
    def _queue(tx: Transaction, message: int, to: str | None) -> int:
        done = tx.wire.run(_AGAIN, {"of_id": message, "to": to}) or tx.wire.run(_LOOK_AGAIN, {"of_id": message})
        tx.messages += done
        return done

    def is_there(self, message: int, *, place: tuple[str, str] | None, actor: str, at: datetime, now: datetime) -> bool:
        """
        Settle an uncertain message: *actor* found it, and says so in the desk's log at *at* (procedure time).

        With its *place* (channel, ts) a live card goes on being rewritten. False: it is not uncertain (any more).
        *now*: machine time.

        Raises:
            FieldErrors: at that place stands another message of ours, or it is no conversation in which the reader got a message
                before: a card that goes on being rewritten elsewhere would show there what is for him alone.
        """

        def work(tx: Transaction) -> bool:
            wire, found = tx.wire, tx.wire.row(_ROW, {"of_id": message})
            row = as_row(wire, found) if found is not None else None
            if row is None or row.state != "uncertain":
                return False
            channel, ts = place or (None, None)
            if place is not None and posted_cards.is_taken(wire, *place):
                raise FieldErrors({"link": ("link_of_another", {})})
            if channel is not None and is_member_id(row.to) and not self._is_his(wire, row.to, channel):
                raise FieldErrors({"link": ("link_elsewhere", {})})
            wire.run(_FOUND, {"of_id": message, "in_channel": channel, "at_ts": ts, "at": wire.instant(now)})
            notice_book.cover(wire, message, now)
            if channel is not None and ts is not None:
                posted_cards.keep(wire, row, channel=channel, ts=ts, digest="", shown_seq=0)
                tx.moved = True
            tx.record_desk([MessageFound(message=message, to=row.to, case_id=row.case_id)], actor=actor, at=at)
            return True

        return self._record.now(work)

    @staticmethod
    def _is_his(wire: Wire, member: str, channel: str) -> bool:
        return wire.row(_IN_HIS_MESSAGES, {"to": member, "in_channel": channel}) is not None

    def address_of(self, message: int) -> str | None:
        """Return to whom an uncertain message goes; None if it is not uncertain."""
        found = self._in_state(message, "uncertain")
        return found.to if found is not None else None

    def failed(self, message: int) -> OutboxRow | None:
        """Return a message that did not arrive; None if it is none."""
        return self._in_state(message, "failed")

    def _in_state(self, message: int, state: str) -> OutboxRow | None:
        with read_wire(self._engines) as wire:
            row = wire.row(_ROW, {"of_id": message})
            found = as_row(wire, row) if row is not None else None
        return found if found is not None and found.state == state else None

    def cards_behind(self, limit: int = 1_000) -> tuple[int, list[tuple[int, int, str]]]:
        """Return how many posted cards show an older state than the record has; of the first *limit* (card, state shown, channel)."""
        with read_wire(self._engines) as wire:
            return posted_cards.behind(wire, limit)

    def backlog(self) -> dict[str, tuple[int, datetime | None]]:
        """
        Return, for each state but sent, how many messages there are (if any) and the oldest one's age.

        `deferred` messages wait for a moment in procedure time (or did), `pending` ones only for the courier.
        """
        found = {}
        with read_wire(self._engines) as wire:
            for state, question in _BACKLOG.items():
                row = wire.row(question, {})
                if row and row[0]:
                    found[state] = (int(row[0]), wire.aware(row[1]))
        return found
