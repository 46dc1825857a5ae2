"""Reads for the conversation (`ports.Reader`), on connections of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, or_, select

from complaints.case import OPEN, Case
from complaints.events import Recorded
from complaints.lives import Life
from complaints.overrides import Override
from complaints.ports import CaseLine, Customer, OpenSeat
from complaints.register_lines import RegisterLine
from storage import (
    case_book,
    customers,
    desk_log,
    figures,
    lines,
    log_book,
    posted_cards,
    register_lines,
    words,
)
from storage.counts import NOT_COUNTED
from storage.engine import Engines
from storage.tables import cases, open_seats, outbox
from storage.wire import Sql, read_wire

SHORTEST_ID = 4
"""Characters of an id that are enough to find a case, if no other begins with them."""

_BY_NAME = Sql(
    select(cases.c.id)
    .where(
        or_(
            cases.c.number == bindparam("name"),
            cases.c.old_number == bindparam("name"),
            cases.c.id == bindparam("name"),
        )
    )
    .order_by((cases.c.number == bindparam("name")).desc(), cases.c.opened_at.desc())
    .limit(1)
)
_BEING_SENT = Sql(select(outbox.c.dest).where(outbox.c.state == "sending"))
_BY_START = Sql(select(cases.c.id).where(cases.c.id >= bindparam("start"), cases.c.id < bindparam("end")).limit(2))


class StoredReader:
    """Reads on a read connection, never in the writers' queue; each sees what was committed before it."""

    def __init__(self, engines: Engines, memory: case_book.Memory) -> None:
        self._engines = engines
        self._memory = memory

    def case(self, case_id: str) -> Case | None:
        """Return the case, by one indexed read."""
        with read_wire(self._engines) as wire:
            found = case_book.load(wire, self._memory, case_id, lock=False)
        return found[0] if found else None

    def find(self, name: str) -> str | None:
        """Return the case id for a number, an old number, an id or the beginning of one; None if there is none."""
        name = name.strip()
        with read_wire(self._engines) as wire:
            for spelling in dict.fromkeys((name, name.upper())):
                row = wire.row(_BY_NAME, {"name": spelling})
                if row is not None:
                    return str(row[0])
            if len(name) < SHORTEST_ID:
                return None
            rows = wire.rows(_BY_START, {"start": name, "end": name + "\U0010ffff"})
        return str(rows[0][0]) if len(rows) == 1 else None

    def words(self, case_id: str) -> Mapping[str, str | None]:
        """Return word id to text for a case; None where the words were erased."""
        with read_wire(self._engines) as wire:
            return words.known_of(wire, case_id)

    def log(self, case_id: str) -> list[Recorded]:
        with read_wire(self._engines) as wire:
            return log_book.read(wire, case_id)

    def desk_seq(self) -> int:
        """Return how many events the desk's log has."""
        with read_wire(self._engines) as wire:
            return desk_log.seq(wire)

    def overrides(self) -> tuple[Override, ...]:
        """Return what was set in Slack over the desk file and not withdrawn, in the order in which it was set."""
        with read_wire(self._engines) as wire:
            return desk_log.overrides(wire)

    def open_seats(self, *, roles: Iterable[str], member: str) -> list[OpenSeat]:
        """Return the open seats of these roles or of this member, nearest due first, those without a limit last; of
        what is due at the same time the lower number."""
        seats = open_seats.c
        return self._seats(or_(seats.member == member, seats.role.in_(list(roles)) & seats.member.is_(None)))

    def naming(self, member: str) -> list[str]:
        """Return the ids of the open cases whose state names *member*; it names whoever acted on them."""
        named = cases.c.state.contains(f'"{member}"', autoescape=True)
        with self._engines.read.connect() as core:
            return list(core.scalars(select(cases.c.id).where(cases.c.status == OPEN, named).order_by(cases.c.id)))

    def late_seats(self, now: datetime) -> list[OpenSeat]:
        """Return the open seats, whosever they are, whose limit ran out before *now*, the longest late first."""
        return self._seats(open_seats.c.due_at < now)

    def _seats(self, which: ColumnElement[bool]) -> list[OpenSeat]:
        seats = open_seats.c
        asked = (
            select(
                seats.case_id,
                seats.visit,
                seats.seat,
                seats.stage,
                seats.role,
                seats.member,
                seats.due_at,
                cases.c.bundle,
            )
            .join(cases, cases.c.id == seats.case_id)
            .where(which)
            .order_by(
                seats.due_at.is_(None),
                seats.due_at,
                cases.c.number,
                cases.c.opened_at,
                seats.case_id,
                seats.visit,
                seats.seat,
            )
        )
        with self._engines.read.connect() as core:
            return [OpenSeat(**row) for row in core.execute(asked).mappings()]

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
        case_ids: Iterable[str] | None = None,
    ) -> list[CaseLine]:
        """
        Return cases, the newest first. *text* searches names, customer and plain fields (never words).

        *same*: these values in these fields; void and merged cases are left out then.
        """
        question = lines.Question(
            reporter=reporter, status=status, policy=policy, text=text, same=same or {}, since=since, limit=limit,
            case_ids=case_ids,
        )  # fmt: skip
        with self._engines.read.connect() as core:
            return lines.ask(core, question)

    def cases_of(self, policy: str, kinds: Collection[str], *, what: str, begin: datetime, end: datetime) -> list[str]:
        """Return the ids of a policy's cases that are open, or were closed or received in a span, by number."""
        asked = select(cases.c.id).where(cases.c.policy == policy, cases.c.kind.in_(list(kinds)))
        asked = asked.where(cases.c.status.not_in(NOT_COUNTED))
        column = cases.c.closed_at if what == "closed" else cases.c.opened_at
        asked = asked.where(cases.c.status == OPEN if what == "open" else (column >= begin) & (column < end))
        with self._engines.read.connect() as core:
            return [str(row[0]) for row in core.execute(asked.order_by(cases.c.number, cases.c.id))]

    def lives(self, policy: str, kinds: Collection[str], spans: Sequence[tuple[datetime, datetime]]) -> Iterator[Life]:
        """Return the cases that lived in one of the spans, void and merged ones left out."""
        with read_wire(self._engines) as wire:
            yield from figures.lives(wire, policy, kinds, spans)

    def matters(self, policy: str, same: Sequence[str], until: datetime) -> list[tuple[datetime, str, tuple[str, ...]]]:
        """Return (opened at, case id, values of *same*) of the cases before *until* that have a value for each."""
        with read_wire(self._engines) as wire:
            return figures.matters(wire, policy, same, until)

    def register_lines(
        self,
        *,
        policy: str | None = None,
        register: str | None = None,
        begin: datetime | None = None,
        end: datetime | None = None,
        text: str | None = None,
        limit: int = 1000,
    ) -> list[RegisterLine]:
        """Return lines of registers, the newest first; *text* is looked for in columns and words."""
        question = register_lines.LineQuestion(
            policy=policy, register=register, begin=begin, end=end, text=text, limit=limit
        )
        with self._engines.read.connect() as core:
            return register_lines.ask(core, question)

    def customers(self, text: str, limit: int = 20) -> list[Customer]:
        """Return customers whose code, names or aliases match *text*, the best match first."""
        with self._engines.read.connect() as core:
            return customers.matching(core, text, limit)

    def customer(self, code: str) -> Customer | None:
        with self._engines.read.connect() as core:
            return customers.by_code(core, code)

    def card(self, case_id: str, kind: str, visit: int | None = None, to: str | None = None) -> tuple[str, str] | None:
        """Return (channel, ts) of the latest posted card (*to*: that was meant for them), or None while there is none."""
        with read_wire(self._engines) as wire:
            return posted_cards.address(wire, case_id, kind, visit, to)

    def case_of_thread(self, channel: str, thread_ts: str) -> tuple[str, int | None] | None:
        """Return (case id, visit) for a thread of ours, or None."""
        with read_wire(self._engines) as wire:
            return posted_cards.of_thread(wire, channel, thread_ts)

    def is_being_sent(self, to: Collection[str]) -> bool:
        """Say whether a message to one of *to* may stand there already though nobody has noted where."""
        with read_wire(self._engines) as wire:
            return any(row[0] in to for row in wire.rows(_BEING_SENT, {}))
