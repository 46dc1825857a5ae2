"""The record (`ports.Record`, `ports.Tx`): the one place where state is written."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from complaints.case import Case, LedgerLine, copy_case
from complaints.commands import CLOCK
from complaints.events import Event, PolicyPutInForce, Recorded
from complaints.notices import Notice
from complaints.overrides import Override
from complaints.ports import CaseCount
from complaints.refusals import CaseMoved
from storage import case_book, counts, deadline_book, desk_log, erasure, log_book, notice_book, posted_cards
from storage.case_book import CasesAhead
from storage.engine import Engines
from storage.gathering import Ahead, GatheringWire
from storage.tables import DESK, serials
from storage.wire import Sql, Wire
from storage.words import texts_of
from storage.writers import OneWriter, WriterPool, Writers

T = TypeVar("T")
log = logging.getLogger(__name__)


def _draw(dialect: str) -> Any:
    base: Any = (postgresql if dialect == "postgresql" else sqlite).insert(serials)
    base = base.values(series=bindparam("series"), period=bindparam("period"), last=1)
    drawn = base.on_conflict_do_update(index_elements=["series", "period"], set_={"last": serials.c.last + 1})
    return drawn.returning(serials.c.last)


_DRAW = Sql(_draw)


class Transaction:
    """One transaction (`ports.Tx`). *wire* is there for what else is kept in the same database."""

    def __init__(self, wire: Wire, memory: case_book.Memory) -> None:
        self.wire = wire
        self.messages = 0
        self.moved = False
        self._memory = memory
        self._known: dict[str, case_book.Known] = {}
        self._recorded: dict[str, tuple[Case, str]] = {}

    # --- asking -------------------------------------------------------------------------------------------

    def load(self, case_id: str) -> Case | None:
        ahead = self.wire.ahead
        found = (ahead.cases.take(case_id) if ahead else None) or self._read(case_id)
        if found is None:
            return None
        case, self._known[case_id] = found
        return case

    def _read(self, case_id: str) -> tuple[Case, case_book.Known] | None:
        return case_book.load(self.wire.beside(case_id), self._memory, case_id, lock=True)

    def done_before(self, key: str) -> str | None:
        ahead = self.wire.ahead
        if ahead and key in ahead.acts:
            return ahead.acts[key]
        return log_book.done_before(self.wire.beside(key), key)

    def contents_of(self, key: str) -> str | None:
        """As the port says; asked of repeats only, so nothing is read ahead for it."""
        return log_book.contents_of(self.wire.beside(key), key)

    def in_force(self, policy: str) -> str | None:
        """As the port says; complaints under one policy are logged one after the other, so that each sees the earlier ones."""
        return desk_log.in_force(self.wire, policy, lock=True)

    def is_overtaken(self, policy: str, bundle: str) -> bool:
        """Say whether the version of *policy* in force was proposed after *bundle*."""
        return desk_log.is_overtaken(self.wire, policy, bundle)

    def next_serial(self, series: str, period: str) -> int:
        row = self.wire.row(_DRAW, {"series": series, "period": period})
        assert row is not None
        return int(row[0])

    def ledger(self, policy: str, entry: str) -> Sequence[LedgerLine]:
        return counts.ledger(self.wire, policy, entry)

    def count_cases(self, query: CaseCount) -> int | Decimal:
        return counts.count_cases(self.wire, query)

    def words_of(self, case_id: str) -> dict[str, str]:
        return texts_of(self.wire, case_id)

    def find_cases(self, query: CaseCount) -> list[str]:
        return counts.find_cases(self.wire, query)

    def namesake(self, field: str, name: str) -> str | None:
        return counts.namesake(self.wire, field, name)

    def overrides(self) -> tuple[Override, ...]:
        return desk_log.overrides(self.wire, lock=True)

    def hold_desk(self) -> None:
        """Keep other writers off the desk's log until the commit: what was looked up about the desk stays true."""
        desk_log.hold(self.wire)

    def due_deadlines(self, now: datetime, limit: int) -> list[tuple[str, int]]:
        return deadline_book.due(self.wire, now, limit)

    # --- recording ----------------------------------------------------------------------------------------

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

        Raises:
            CaseMoved: somebody recorded on this case, or an act of this key, since it was loaded.
            StrayWords: *words* that no event names.
        """
        wire, before, last = self.wire, self._before(case, recorded), recorded[-1]
        wire.writes(case.id)
        made = log_book.chained(wire, case.id, before.head, recorded, words)
        after = case_book.save(wire, case, before, made.head)
        log_book.append(wire, made)
        if key is not None:
            log_book.keep_act(wire, key, case.id, last.seq, last.at, contents)
        posted_cards.case_moved(wire, case.id, case.seq, case_book.acted_on(recorded))
        self.put_out(notices, last.at)
        erasure.follow(wire, case.id, recorded)
        self._known[case.id] = after
        if last.actor != CLOCK or case.id in self._memory:  # who was reminded may take days to press something
            self._recorded[case.id] = (copy_case(case), after.head)
        self.moved = True

    def _before(self, case: Case, recorded: Sequence[Recorded]) -> case_book.Known:
        """Return the case as it was before *recorded*. Raises: CaseMoved."""
        if not recorded or recorded[-1].seq != case.seq:
            raise ValueError(f"case {case.id} is at {case.seq}, which is not where its new events end")
        base = recorded[0].seq - 1
        if base == 0:
            return case_book.NOTHING
        before = self._known.get(case.id)
        if before is None and self.load(case.id) is not None:
            before = self._known[case.id]
        if before is None or before.seq != base:
            raise CaseMoved(case.id)
        return before

    def record_desk(
        self,
        events: Sequence[Event],
        *,
        actor: str,
        at: datetime,
        notices: Sequence[Notice] = (),
        key: str | None = None,
        words: Mapping[str, str] | None = None,
    ) -> None:
        """Append events to the desk's own log. Raises: CaseMoved (as `record`)."""
        recorded = desk_log.append(self.wire, events, actor=actor, at=at, texts=words or {})
        if any(isinstance(event, PolicyPutInForce) for event in events):
            posted_cards.desk_moved(self.wire, recorded[-1].seq)
            self.moved = True
        if key is not None:
            log_book.keep_act(self.wire, key, DESK, recorded[-1].seq, at)
        self.put_out(notices, at)

    def people_changed(self, case_id: str) -> None:
        """Let the cards of a case be looked at again: other people answer for it than before."""
        self.moved = bool(posted_cards.people_changed(self.wire, case_id)) or self.moved

    def readers_changed(self, readers: Sequence[str]) -> None:
        """Let the messages to *readers* (members, channels) be looked at again: they stand for other roles than before."""
        self.moved = bool(posted_cards.readers_changed(self.wire, readers)) or self.moved

    def addressed(self, case_id: str, visit: int, kind: str) -> frozenset[str]:
        """Return who was told of a visit by notices of that kind."""
        return notice_book.addressed(self.wire, case_id, visit, kind)

    def was_told(self, notice: str) -> bool:
        """Return whether a notice of that id, about no case, was ever put out."""
        return notice_book.was_told(self.wire, notice)

    def put_out(self, notices: Sequence[Notice], at: datetime) -> None:
        """Put notices out; those of no record too (a fallback message, a word to the desk officer)."""
        if not notices:
            return
        told = [(notice, at, self) for notice in notices]
        if isinstance(self.wire, GatheringWire):
            self.wire.afterwards(_tell, *told)
        else:
            _tell(self.wire, told)

    # --- many cases at once -------------------------------------------------------------------------------

    @contextmanager
    def together(self, case_ids: Sequence[str]) -> Iterator[None]:
        """Read *case_ids* with one question and write what is recorded on them kind by kind, by the end of the block."""
        given, straight = self.wire, self.wire.settled()
        given.ahead = None  # what others of this commit will ask for may be written here
        self.wire = gathering = GatheringWire(straight, Ahead(CasesAhead(straight, self._memory, case_ids), {}))
        try:
            yield
            gathering.send()
        finally:
            self.wire = given

    # --- after the commit ---------------------------------------------------------------------------------

    def committed(self) -> None:
        for case, head in self._recorded.values():
            self._memory.put(case, head)


def _tell(wire: Wire, told: list[tuple[Notice, datetime, Transaction]]) -> None:
    """Put out what transactions of one commit tell; whose messages are new is asked of the commit as a whole."""
    told[0][2].messages += notice_book.put_out(wire, [(notice, at) for notice, at, _ in told])


class StoredRecord:
    """The record (`ports.Record`) in a database: one writer thread on SQLite, a small pool on PostgreSQL."""

    def __init__(self, engines: Engines, memory: case_book.Memory, *, threads: int = 4) -> None:
        self._listeners: list[Callable[[int], None]] = []
        self._settled: list[Callable[[], None]] = []
        self._memory = memory
        self._writers: Writers
        if engines.is_sqlite:
            self._writers = OneWriter(engines.write, self._begin, self._after, self._read_ahead)
        else:
            self._writers = WriterPool(engines.write, self._begin, self._after, threads)

    def submit(self, work: Callable[[Any], T], *, case: str | None = None, key: str | None = None) -> Future[T]:
        """
        Run *work* in a transaction; the future is done when the commit is durable, or with work's exception.

        Work runs in a writer's thread and may be called again (PostgreSQL, when another writer was faster), so it
        must change nothing outside its `Tx`. *case* and *key* of an act: what it asks for first; works that share a commit
        have it read together.
        """
        return self._writers.submit(work, (case, key) if case and key else None)

    def now(self, work: Callable[[Transaction], T]) -> T:
        """Run *work* in a transaction and wait for its commit. Blocks: never on the event loop, never in a work."""
        return self._writers.submit(work).result()

    def on_commit(self, listener: Callable[[int], None]) -> None:
        """
        Call *listener* after each commit that left something to send, with the number of new messages (0: only cards
        went stale). It is called in a writer's thread and must return at once (`loop.call_soon_threadsafe`).
        """
        self._listeners.append(listener)

    def on_settled(self, listener: Callable[[], None]) -> None:
        """
        Call *listener* each time that futures are done, with a result or an exception: once for all works of a commit.

        It is called in a writer's thread and must return at once.
        """
        self._settled.append(listener)

    def close(self) -> None:
        """Finish what is queued and stop the writers."""
        self._writers.close()

    def commits(self) -> int:
        """Return how many commits were made (SQLite shares them among works)."""
        return self._writers.commits

    def forget(self) -> None:
        """Forget the cases held in memory; they are read from the database again."""
        self._memory.forget()

    def _begin(self, wire: Wire) -> Transaction:
        return Transaction(wire, self._memory)

    def _read_ahead(self, wire: Wire, asked: Sequence[tuple[str, str]]) -> Ahead:
        cases = CasesAhead(wire, self._memory, [case for case, _ in asked])
        return Ahead(cases, log_book.done_before_of(wire, [key for _, key in asked]))

    def _after(self, done: list[Transaction]) -> None:
        messages, moved = 0, False
        for tx in done:
            tx.committed()
            messages += tx.messages
            moved = moved or tx.moved
        for settled in self._settled:
            _guarded(settled)
        if messages or moved:
            for listener in self._listeners:
                _guarded(listener, messages)


def _guarded(listener: Callable[..., None], *told: int) -> None:
    try:
        listener(*told)
    except Exception:
        log.exception("a listener of the record failed")
