"""A record in memory, for rehearsals and tests: the same port as the database, one work after the other, nothing durable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec.json import encode

from complaints.case import MERGED, VOID, Case, LedgerLine, copy_case
from complaints.counting import tally
from complaints.events import Event, Recorded
from complaints.facts import counted_as, plain_texts
from complaints.notices import Notice
from complaints.overrides import Override, standing
from complaints.ports import DESK_LOG, CaseCount


@dataclass
class FrozenClock:
    """Procedure time that stands still until it is moved."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@dataclass
class MemoryRecord:
    """
    Cases, logs, notices, acts and serials. A work that raises leaves nothing behind. *changed*: the cases that the
    last work recorded on.
    """

    cases: dict[str, Case] = field(default_factory=dict)
    logs: dict[str, list[Recorded]] = field(default_factory=dict)
    desk_log: list[Recorded] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    acts: dict[str, str] = field(default_factory=dict)
    contents: dict[str, str | None] = field(default_factory=dict)
    serials: Counter[tuple[str, str]] = field(default_factory=Counter)
    policies: dict[str, str] = field(default_factory=dict)
    changed: tuple[str, ...] = ()

    def submit(self, work: Callable[[Any], Any], *, case: str | None = None, key: str | None = None) -> Future[Any]:
        """Run *work* at once; the future is done when it comes back."""
        done: Future[Any] = Future()
        tx = MemoryTx(self)
        try:
            result = work(tx)
        except Exception as error:
            done.set_exception(error)
        else:
            tx.commit()
            done.set_result(result)
        return done

    def load(self, case_id: str) -> Case | None:
        """Return a copy of a case as it stands."""
        return MemoryTx(self).load(case_id)

    def done_before(self, key: str) -> str | None:
        return self.acts.get(key)

    def in_force(self, policy: str) -> str | None:
        return self.policies.get(policy)

    def overrides(self) -> tuple[Override, ...]:
        """Return what is set over the desk file."""
        return standing(self.desk_log)

    def count_cases(self, query: CaseCount) -> int | Decimal:
        return MemoryTx(self).count_cases(query)

    def find_cases(self, query: CaseCount) -> list[str]:
        return MemoryTx(self).find_cases(query)

    def words_of(self, case_id: str) -> dict[str, str]:
        return self.words

    def namesake(self, field: str, name: str) -> str | None:
        return MemoryTx(self).namesake(field, name)

    def ledger(self, policy: str, entry: str) -> list[LedgerLine]:
        return MemoryTx(self).ledger(policy, entry)

    def next_serial(self, series: str, period: str) -> int:
        """Return the serial that the next work would draw."""
        return self.serials[series, period] + 1

    def due_deadlines(self, now: datetime, limit: int) -> list[tuple[str, int]]:
        """Return what is due, as the database does: the longest due first, of one instant by due time and number."""
        due = [
            (d.next_at, d.due_at, case.number or "", case.id, d.id)
            for case in self.cases.values()
            for d in case.deadlines.values()
            if d.next_at is not None and d.next_at <= now
        ]
        return [(case_id, number) for *_, case_id, number in sorted(due)[:limit]]


@dataclass
class MemoryTx:
    """One transaction: what was recorded in it is seen by it, and by others only after the commit."""

    base: MemoryRecord
    cases: dict[str, Case] = field(default_factory=dict)
    recorded: list[tuple[str, Sequence[Recorded]]] = field(default_factory=list)
    desk_log: list[Recorded] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    acts: dict[str, str] = field(default_factory=dict)
    contents: dict[str, str | None] = field(default_factory=dict)
    drawn: Counter[tuple[str, str]] = field(default_factory=Counter)

    def load(self, case_id: str) -> Case | None:
        """Return a copy for the decision to use up."""
        case = self.cases.get(case_id) or self.base.cases.get(case_id)
        return None if case is None else copy_case(case)

    def done_before(self, key: str) -> str | None:
        return self.acts.get(key) or self.base.acts.get(key)

    def contents_of(self, key: str) -> str | None:
        return self.contents.get(key) or self.base.contents.get(key)

    def in_force(self, policy: str) -> str | None:
        return self.base.policies.get(policy)

    def ledger(self, policy: str, entry: str) -> list[LedgerLine]:
        found = {**self.base.cases, **self.cases}.values()
        mine = [case for case in found if case.policy == policy and case.status not in (VOID, MERGED)]
        return [line for case in mine for line in case.ledger if line.entry == entry]

    def next_serial(self, series: str, period: str) -> int:
        self.drawn[series, period] += 1
        return self.base.serials[series, period] + self.drawn[series, period]

    def count_cases(self, query: CaseCount) -> int | Decimal:
        """Count as the database does: void and merged cases never, each value of a list by itself."""
        found = [case.fields for case in {**self.base.cases, **self.cases}.values() if _is_counted(case, query)]
        return tally(query, ({name: plain_texts(value) for name, value in fields.items()} for fields in found))

    def words_of(self, case_id: str) -> dict[str, str]:
        """Return the words of all cases: their ids are different."""
        return {**self.base.words, **self.words}

    def namesake(self, field: str, name: str) -> str | None:
        """Return it as the database does: by the words that are still there."""
        words = self.words_of("")
        given = (case.fields.get(field) for case in {**self.base.cases, **self.cases}.values())
        return next((found for value in given if (found := counted_as(value, words, name)) is not None), None)

    def find_cases(self, query: CaseCount) -> list[str]:
        """Return the ids as the database does, the oldest first."""
        found = [case for case in {**self.base.cases, **self.cases}.values() if _is_counted(case, query)]
        return [case.id for case in sorted(found, key=lambda case: (case.opened_at, case.id))]

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
        said = encode([r.event for r in recorded]).decode() if words else ""
        stray = [word for word in words if f'"$words":"{word}"' not in said]
        assert not stray, f"no event names the words {stray}; the database refuses them"
        self.cases[case.id] = case
        self.recorded.append((case.id, recorded))
        self.notices.extend(notices)
        self.words.update(words)
        if key is not None:
            self.acts[key] = case.id
            self.contents[key] = contents

    def record_desk(
        self,
        events: Sequence[Event],
        *,
        actor: str,
        at: datetime,
        notices: Sequence[Notice] = (),
        key: str | None = None,
    ) -> None:
        first = len(self.base.desk_log) + len(self.desk_log) + 1
        self.desk_log += [Recorded(seq=n, at=at, actor=actor, event=e) for n, e in enumerate(events, start=first)]
        self.notices.extend(notices)
        if key is not None:
            self.acts[key] = DESK_LOG

    def overrides(self) -> tuple[Override, ...]:
        return standing([*self.base.desk_log, *self.desk_log])

    def due_deadlines(self, now: datetime, limit: int) -> list[tuple[str, int]]:
        return self.base.due_deadlines(now, limit)

    def together(self, case_ids: Sequence[str]) -> AbstractContextManager[None]:
        """Nothing is to be gained here: every case is in memory."""
        return nullcontext()

    def commit(self) -> None:
        self.base.cases.update(self.cases)
        for case_id, recorded in self.recorded:
            self.base.logs.setdefault(case_id, []).extend(recorded)
        self.base.desk_log.extend(self.desk_log)
        self.base.notices.extend(self.notices)
        self.base.words.update(self.words)
        self.base.acts.update(self.acts)
        self.base.contents.update(self.contents)
        self.base.serials.update(self.drawn)
        self.base.changed = tuple(self.cases)


def _is_counted(case: Case, query: CaseCount) -> bool:
    return (
        case.status not in (VOID, MERGED)
        and case.id != query.leave_out
        and query.policy in (None, case.policy)
        and case.opened_at >= query.since
        and all(
            set(plain_texts(value)) <= set(plain_texts(case.fields.get(name))) for name, value in query.same.items()
        )
    )
