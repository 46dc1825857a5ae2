"""What the conversation asks of the record, answered out of memory: reads, drafts, messages in doubt."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from complaints.case import Case
from complaints.events import Recorded, RegisterEntered
from complaints.lives import Life, life_of
from complaints.ports import CaseLine, Customer, OpenSeat
from complaints.register_lines import RegisterLine
from complaints.statistics_rows import NOT_COUNTED
from tests.support.company import CUSTOMERS
from tests.support.pcb import PcbDesk


@dataclass
class MemoryReader:
    """The reader's port over the record in memory. *reads* names what was asked, in order."""

    desk: PcbDesk
    threads: dict[tuple[str, str], tuple[str, int | None]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    being_sent: set[str] = field(default_factory=set)

    def case(self, case_id: str) -> Case | None:
        self.reads.append("case")
        return self.desk.record.load(case_id)

    def find(self, name: str) -> str | None:
        self.reads.append("find")
        cases = self.desk.record.cases.values()
        return next((c.id for c in cases if name and name in (c.number, c.old_number, c.id)), None)

    def words(self, case_id: str) -> Mapping[str, str | None]:
        self.reads.append("words")
        return dict(self.desk.record.words)

    def log(self, case_id: str) -> list[Recorded]:
        self.reads.append("log")
        return list(self.desk.record.logs.get(case_id, ()))

    def open_seats(self, *, roles: Iterable[str], member: str) -> list[OpenSeat]:
        self.reads.append("open_seats")
        wanted = set(roles)
        return [s for s in self._seats() if s.member == member or (s.role in wanted and not s.member)]

    def late_seats(self, now: datetime) -> list[OpenSeat]:
        self.reads.append("late_seats")
        return [s for s in self._seats() if s.due_at is not None and s.due_at < now]

    def _seats(self) -> list[OpenSeat]:
        found = []
        for case in self.desk.record.cases.values():
            for visit in case.open_visits:
                deadline = case.deadline_of(visit.id)
                for seat in (state.seat for state in visit.seats if state.answer is None):
                    found.append(
                        OpenSeat(
                            case_id=case.id, visit=visit.id, seat=seat.id, stage=visit.stage, role=seat.role,
                            member=seat.member, due_at=deadline.due_at if deadline else None, bundle=case.bundle,
                        )
                    )  # fmt: skip
        return sorted(found, key=lambda s: (s.due_at is None, s.due_at or self.desk.clock.at))

    def lines(
        self, *, reporter: str | None = None, status: Iterable[str] | None = None, policy: str | None = None,
        text: str | None = None, same: Mapping[str, Any] | None = None, since: datetime | None = None, limit: int = 50,
    ) -> list[CaseLine]:  # fmt: skip
        self.reads.append("lines")
        wanted = set(status) if status is not None else None
        found = []
        for case in reversed(self.desk.record.cases.values()):
            fits = (
                (reporter is None or case.reporter == reporter)
                and (wanted is None or case.status in wanted)
                and all(case.fields.get(n) == v for n, v in (same or {}).items())
                and (since is None or case.opened_at >= since)
                and (text is None or text.casefold() in f"{case.number} {case.fields}".casefold())
            )
            if fits:
                found.append(_line(case))
        return found[:limit]

    def cases_of(self, policy: str, kinds: Any, *, what: str, begin: datetime, end: datetime) -> list[str]:
        return self.desk.cases_of(policy, kinds, what=what, begin=begin, end=end)

    def lives(self, policy: str, kinds: Any, spans: Any) -> list[Life]:
        self.reads.append("lives")
        found = self.desk.record.cases.values()
        return [life_of(c) for c in found if c.policy == policy and c.kind in kinds and c.status not in NOT_COUNTED]

    def matters(self, policy: str, same: Any, until: datetime) -> list[Any]:
        return []

    def register_lines(self, *, text: str | None = None, limit: int = 1000, **asked: Any) -> list[RegisterLine]:
        found = []
        for case_id, log in self.desk.record.logs.items():
            case = self.desk.record.cases[case_id]
            for r in log:
                if isinstance(r.event, RegisterEntered):
                    found.append(
                        RegisterLine(
                            case_id=case_id, name=case.name, policy=case.policy, register=r.event.register, at=r.at,
                            row=r.event.row, words=self.desk.record.words,
                        )
                    )  # fmt: skip
        wanted = (text or "").lower()
        return [x for x in found if any(wanted in (x.text(c) or "").lower() for c in x.row)][:limit]

    def customers(self, text: str, limit: int = 20) -> list[Customer]:
        self.reads.append("customers")
        folded = text.casefold()
        return [c for c in CUSTOMERS.values() if any(folded in n.casefold() for n in (c.code, *c.names.values()))]

    def customer(self, code: str) -> Customer | None:
        return CUSTOMERS.get(code)

    def card(self, case_id: str, kind: str, visit: int | None = None, to: str | None = None) -> tuple[str, str] | None:
        return None

    def case_of_thread(self, channel: str, thread_ts: str) -> tuple[str, int | None] | None:
        return self.threads.get((channel, thread_ts))

    def is_being_sent(self, to: Collection[str]) -> bool:
        return bool(self.being_sent.intersection(to))


def _line(case: Case) -> CaseLine:
    clock = case.clock("case")
    return CaseLine(
        case_id=case.id, name=case.name, policy=case.policy, kind=case.kind, status=case.status,
        reporter=case.reporter, opened_at=case.opened_at, closed_at=case.closed_at,
        due_at=clock.due_at if clock and clock.ended is None else None, outcome=case.outcome, fields=case.fields,
        stages=tuple(v.stage for v in case.open_visits),
    )  # fmt: skip


@dataclass
class MemoryDrafts:
    """Drafts that go through JSON, as a database would have it, and are gone after 24 hours."""

    kept: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)

    def keep(self, member: str, form: str, values: Mapping[str, Any], now: datetime) -> None:
        self.kept[member, form] = (json.dumps(dict(values)), now)

    def get(self, member: str, form: str, now: datetime) -> Mapping[str, Any] | None:
        found = self.kept.get((member, form))
        return json.loads(found[0]) if found and now - found[1] < timedelta(hours=24) else None

    def drop(self, member: str, form: str) -> None:
        self.kept.pop((member, form), None)


@dataclass
class Doubtful:
    """Messages that nobody can tell of: outbox row to address; *found*: what the officer said of them."""

    to: dict[int, str] = field(default_factory=dict)
    found: list[tuple[int, tuple[str, str] | None, str]] = field(default_factory=list)

    def send_again(self, message: int) -> bool:
        return self.to.pop(message, None) is not None

    def address_of(self, message: int) -> str | None:
        return self.to.get(message)

    def is_there(self, message: int, place: tuple[str, str] | None, actor: str, now: datetime) -> bool:
        self.found.append((message, place, actor))
        return self.to.pop(message, None) is not None
