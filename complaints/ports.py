"""What the procedure needs from outside, and what the edges offer one another, as protocols and plain values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from complaints.case import Case, LedgerLine
from complaints.events import Event, Recorded
from complaints.lives import Life
from complaints.notices import Notice
from complaints.overrides import Override
from complaints.register_lines import RegisterLine

T = TypeVar("T")


class Clock(Protocol):
    """Procedure time: decides deadlines, quiet hours and dates (DESIGN §4)."""

    def now(self) -> datetime:
        """Return now as an aware UTC instant."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseCount:
    """
    Count earlier cases: same values in *same* (field id to plain value), opened after *since* (aware UTC,
    inclusive), without *leave_out*. *different*: count distinct values of that field, those of *also* among them.
    *total*: sum that field. *where*: only cases whose values (field id to texts) pass; it looks at the fields *reads*.
    """

    policy: str | None
    same: Mapping[str, Any]
    since: datetime
    leave_out: str | None = None
    different: str | None = None
    also: tuple[str, ...] = ()
    total: str | None = None
    where: Callable[[Mapping[str, tuple[str, ...]]], bool] | None = None
    reads: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """
    The outcome of a submitted command: the case as it stands, what happened, and whether it was a repeat; *changed*: of a
    form that held something else when it was recorded.
    """

    case: Case | None
    events: tuple[Recorded, ...] = ()
    repeated: bool = False
    changed: bool = False
    note: Mapping[str, Any] = field(default_factory=dict)


class Tx(Protocol):
    """
    One transaction on the record. Everything asked through it is consistent; everything recorded through it is
    committed together or not at all.
    """

    def load(self, case_id: str) -> Case | None:
        """Return the case, locked against other writers until the commit, or None."""

    def done_before(self, key: str) -> str | None:
        """Return the case id under which an act of that key was recorded, or None."""

    def contents_of(self, key: str) -> str | None:
        """Return the digest of the form by which the act of that key came; None without a form, or when it is erased."""

    def in_force(self, policy: str) -> str | None:
        """Return the bundle hash of the policy version in force, or None."""

    def next_serial(self, series: str, period: str) -> int:
        """Draw the next serial of a series in a period, from 1, without gaps: it is given back on rollback."""

    def count_cases(self, query: CaseCount) -> int | Decimal:
        """Count earlier cases, or total a field of theirs exactly."""

    def words_of(self, case_id: str) -> Mapping[str, str]:
        """Return word id to text of the words of a case that are still there."""

    def find_cases(self, query: CaseCount) -> Sequence[str]:
        """Return the ids of the cases that *query* narrows to (by its `same` and `since` alone), the oldest first."""

    def namesake(self, field: str, name: str) -> str | None:
        """Return the id of the words under which the customer outside the register is counted whom a case that is not
        erased names in *field* by exactly that *name*; None where there is none."""

    def ledger(self, policy: str, entry: str) -> Sequence[LedgerLine]:
        """Return the lines of a ledger of that policy, out of all logs but those of void and merged cases."""

    def record(
        self,
        case: Case,
        recorded: Sequence[Recorded],
        notices: Sequence[Notice],
        *,
        key: str | None,
        words: Mapping[str, str],
        contents: str | None = None,
    ) -> None:
        """
        Append *recorded* to the case's log, keep *case* as its state after them, and put *notices* out.

        *words*: word id to text, for the `$words` references in the events. *key*: the act's key; unique. *contents*: the
        digest of the form by which it came.

        Raises:
            CaseMoved: somebody recorded on this case since it was loaded.
        """

    def record_desk(
        self,
        events: Sequence[Event],
        *,
        actor: str,
        at: datetime,
        notices: Sequence[Notice] = (),
        key: str | None = None,
    ) -> None:
        """Append events to the desk's own log."""

    def overrides(self) -> tuple[Override, ...]:
        """Return what was set in Slack over the desk file and not withdrawn, the desk's log locked as by `load`."""

    def due_deadlines(self, now: datetime, limit: int) -> list[tuple[str, int]]:
        """
        Return up to *limit* (case id, deadline) whose next step is due at *now*, the longest due first, claimed
        for this transaction (rows claimed by another one are passed over).
        """

    def together(self, case_ids: Sequence[str]) -> AbstractContextManager[None]:
        """
        Read cases that this transaction has claimed at once; what is recorded inside the block may be written at its
        end, so that an error of one case may come from there.
        """


class Record(Protocol):
    """The one place where state is written (one writer on SQLite, a pool on PostgreSQL)."""

    def submit(self, work: Callable[[Tx], T], *, case: str | None = None, key: str | None = None) -> Future[T]:
        """Run *work* in a transaction; the future is done only when the commit is durable, or with its exception.
        Work may be called again when another writer was faster (CaseMoved). *case* and *key* of an act: what *work* asks
        for first, so that works that share a commit can have it read together."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenSeat:
    """A seat that waits for an answer: what App Home and the merged reminder list. *bundle*: the version of the regulation
    under which its case runs."""

    case_id: str
    visit: int
    seat: int
    stage: str
    role: str | None
    member: str | None
    due_at: datetime | None
    bundle: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLine:
    """A case as a line of a list or register."""

    case_id: str
    name: str
    policy: str
    kind: str
    status: str
    reporter: str
    opened_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    outcome: str | None
    fields: Mapping[str, Any]
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer:
    """A line of the customer register. *names*: language to name; *values*: market, ratios and the like."""

    code: str
    names: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    contact: Mapping[str, str] = field(default_factory=dict)

    def name(self, language: str) -> str:
        return self.names.get(language) or next(iter(self.names.values()), self.code)


class Reader(Protocol):
    """Reads for the conversation, on a read connection, never in the writer's queue."""

    def case(self, case_id: str) -> Case | None: ...

    def find(self, name: str) -> str | None:
        """Return the case id for a number, an old number or a (short) id; None if there is none."""

    def words(self, case_id: str) -> Mapping[str, str | None]:
        """Return word id to text for a case; None where the words were erased."""

    def log(self, case_id: str) -> list[Recorded]: ...

    def open_seats(self, *, roles: Iterable[str], member: str) -> list[OpenSeat]:
        """Return the open seats of these roles or of this member, nearest due first."""

    def late_seats(self, now: datetime) -> list[OpenSeat]:
        """Return the open seats, whosever they are, whose limit ran out before *now*, the longest late first."""

    def lines(
        self,
        *,
        reporter: str | None = None,
        status: Iterable[str] | None = None,
        policy: str | None = None,
        text: str | None = None,
        same: Mapping[str, Any] | None = None,
        since: datetime | None = None,
        limit: int = 50,
    ) -> list[CaseLine]:
        """Return cases, the newest first. *text* searches number, customer and plain fields (never erased words)."""

    def cases_of(self, policy: str, kinds: Collection[str], *, what: str, begin: datetime, end: datetime) -> list[str]:
        """
        Return the ids of a policy's cases of these kinds, by number: *what* is closed or received (from *begin*, before *end*;
        aware UTC) or open. Void and merged ones are left out.
        """

    def lives(self, policy: str, kinds: Collection[str], spans: Sequence[tuple[datetime, datetime]]) -> Iterator[Life]:
        """
        Return the cases of these kinds that lived in one of the spans (begin inclusive, end exclusive, aware UTC), one
        after the other, with what figures need of them; void and merged ones are left out.
        """

    def matters(self, policy: str, same: Sequence[str], until: datetime) -> list[tuple[datetime, str, tuple[str, ...]]]:
        """Return (opened at, case id, values of *same*) of the cases before *until* that have a value for each."""

    def register_lines(
        self,
        *,
        policy: str | None = None,
        register: str | None = None,
        begin: datetime | None = None,
        end: datetime | None = None,
        text: str | None = None,
        limit: int = 1000,
    ) -> Sequence[RegisterLine]:
        """Return lines of registers, the newest first. *text* searches columns and the words that still stand there."""

    def customers(self, text: str, limit: int = 20) -> list[Customer]:
        """Return customers whose code, names or aliases match *text*, the best match first."""

    def customer(self, code: str) -> Customer | None: ...

    def card(self, case_id: str, kind: str, visit: int | None = None, to: str | None = None) -> tuple[str, str] | None:
        """Return (channel, ts) of the latest posted card (*to*: that was meant for them), or None while there is none."""

    def case_of_thread(self, channel: str, thread_ts: str) -> tuple[str, int | None] | None:
        """Return (case id, visit) for a thread of ours, or None."""

    def is_being_sent(self, to: Collection[str]) -> bool:
        """Say whether a message to one of *to* may stand there already though nobody has noted where."""


class Drafts(Protocol):
    """Form input kept from every submission and dispatched field, offered again for 24 hours."""

    def keep(self, member: str, form: str, values: Mapping[str, Any], now: datetime) -> None: ...
    def get(self, member: str, form: str, now: datetime) -> Mapping[str, Any] | None: ...
    def drop(self, member: str, form: str) -> None: ...


DESK_LOG = "desk"
"""The desk's own log, beside those of the cases."""


# --- the courier's side ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxRow:
    """
    A message to send. *key* travels in its metadata. *action*: post or refresh. *thread*: home, visit or None.
    *attempts* counts sends begun; *sent_from*: machine time of the first attempt (aware UTC) once there was one.
    """

    id: int
    key: str
    action: str
    kind: str
    to: str
    case_id: str | None
    visit: int | None
    deadline: int | None
    thread: str | None
    priority: int
    live: bool
    facts: Mapping[str, Any]
    attempts: int
    sent_from: datetime | None
    state: str
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StaleCard:
    """
    A posted card that shows an older state than the record has. *to*: whom it was addressed to; *message*: the outbox
    row that it was. *wanted_seq*: where its case is now; for a merged card, how often one of its cases moved. *shown_seq*: where
    its case was when it was drawn last; less than that when it is to be drawn again for another reason.
    """

    id: int
    message: int
    case_id: str
    visit: int | None
    deadline: int | None
    kind: str
    to: str
    channel: str
    ts: str
    shown_digest: str | None
    shown_seq: int
    wanted_seq: int
    facts: Mapping[str, Any]
    clicked: bool = False


NONE_IN_HAND: Mapping[int, bool] = {}


class Outbox(Protocol):
    """Delivery state: what is to be sent, what was sent, what is uncertain. Machine time throughout."""

    def claim(
        self, now: datetime, procedure_now: datetime, limit: int, *, busy: Collection[str] = (), each: int = 1_000
    ) -> list[OutboxRow]:
        """
        Claim pending rows (by priority, then age) whose `not_before` (procedure time) and next attempt (machine time)
        have come: none to one of *busy*, and at most *each* for one address.

        A row whose lease ran out (a dead courier's) is claimed again, as `sending`, whatever is busy: it is looked up
        before anything is sent. A row comes as it was before this claim: *attempts* and *sent_from* tell of earlier
        sends.
        """

    def renew(self, rows: Sequence[OutboxRow], now: datetime) -> None:
        """Keep claimed rows for another lease."""

    def notices(self, message: int) -> Sequence[Notice]:
        """Return the notices that a message covers, the oldest first."""

    def is_to_come(self, row: OutboxRow, kinds: Collection[str]) -> bool:
        """
        Say whether a card of one of *kinds*, to whose thread *row* belongs, is still to be posted or may be shown: about the
        same visit and to the same address, if these are cards of a visit.
        """

    def posted(self, row: OutboxRow, *, channel: str, ts: str, digest: str, shown_seq: int, now: datetime) -> None:
        """The message is shown: mark sent, cover its notices, keep the card's address."""

    def retry(self, row: OutboxRow, *, at: datetime, error: str, counts: bool = True) -> None:
        """Try again at *at* (machine time); *counts* False for 429 (not a failed attempt)."""

    def uncertain(self, row: OutboxRow, *, error: str, told: Sequence[Notice] = ()) -> None:
        """
        Nobody can tell whether it was shown; the desk officer decides, it is never re-posted blindly. *told*: notices
        for him, put out in the same transaction.
        """

    def failed(self, row: OutboxRow, *, error: str, instead: Sequence[Notice] = ()) -> None:
        """It can't be delivered there; *instead* (to the fallback, to the officer) is put out in the same transaction."""

    def nothing(self, row: OutboxRow, *, why: str) -> None:
        """There was nothing to tell any more: the row is done and its notices are dropped with the reason."""

    def stale_cards(self, limit: int, now: datetime, *, in_hand: Mapping[int, bool] = NONE_IN_HAND) -> list[StaleCard]:
        """
        Return live cards whose case moved on since they were shown, clicked ones first; none put off to after *now*
        (machine time).

        *in_hand*: cards that the courier has already, each with whether it was clicked then; they are left out, unless they
        were clicked since.
        """

    def refreshed(self, card: StaleCard, *, digest: str, gone: bool = False) -> None:
        """The card shows the present state; *gone*: its message was deleted, or it will never change again."""

    def refresh_later(self, card: StaleCard, *, at: datetime, error: str) -> None:
        """The card could not be rewritten; it comes again at *at* (machine time) or when its case moves."""


# --- files --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingFile:
    """
    A file of a case to be fetched or shared. *sha256*: of its stored bytes; *upload*: Slack's id of an upload that was
    begun.
    """

    case_id: str
    file: str
    name: str
    size: int
    sha256: str | None = None
    upload: str | None = None
