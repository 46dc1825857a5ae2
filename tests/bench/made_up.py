"""A desk on a real database with a made-up company, and cases in the states that the benchmarks need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from complaints import commands as cmd
from complaints.case import Case
from complaints.desk import Desk
from complaints.events import PolicyPutInForce
from complaints.policy import LoadedPolicy
from storage.store import Store, open_store
from tests.support.company import CUSTOMERS, OFFICER, a_calendar, a_plan, local
from tests.support.desks import FrozenClock, Settings, bundle

POLICY = "pcb-manufacturer"
START = local("2026-11-02 09:30")
REPORTER, REGISTRAR = "USALES1", "UGMO1"
ONE_CLICK = "accept"
"""The decision of the registry: it needs no field, so it is made with one click."""

FORM = {
    "customer": "C-0417", "part_no": "P4", "what_happened": "black pads on every panel of the lot", "order_no": "SO1",
    "shipped_on": "2026-10-26", "quantity": "2400", "defective_quantity": "186", "wants": "exchange",
    "return_quantity": "186", "demand": "replace", "loss_caused": True, "survey_needed": False,
    "defect_sample": True, "sales_remark": "urgent",
}  # fmt: skip


@dataclass
class MadeUp:
    """A store and the desk on it. *clock* stands until it is moved."""

    store: Store
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(START))
    acts: int = 0

    def __post_init__(self) -> None:
        self.settings = Settings(a_plan(), a_calendar())
        self.desk = Desk(
            record=self.store.record, shelf=_Shelf(), settings=self.settings, clock=self.clock, customer=CUSTOMERS.get
        )

    def put_in_force(self) -> None:
        """Let the shipped policy begin, as its approval would."""
        loaded = bundle(POLICY)
        event = PolicyPutInForce(policy=loaded.id, label=loaded.label, bundle=loaded.digest, first=True)
        self.store.record.submit(lambda tx: tx.record_desk([event], actor=OFFICER, at=self.clock.now())).result()

    # --- acts ---------------------------------------------------------------------------------------------

    def key(self) -> str:
        self.acts += 1
        return f"bench-{self.acts}"

    def opening(self, case_id: str) -> cmd.OpenCase:
        return cmd.OpenCase(actor=REPORTER, key=self.key(), case_id=case_id, policy=POLICY, fields=dict(FORM))

    def decision(self, case_id: str, visit: int) -> cmd.Decide:
        """Return the registry's one-click decision."""
        return cmd.Decide(actor=REGISTRAR, key=self.key(), case_id=case_id, visit=visit, decision=ONE_CLICK)

    def urging(self, case_id: str, visit: int) -> cmd.Urge:
        return cmd.Urge(actor=REPORTER, key=self.key(), case_id=case_id, visit=visit)

    def note(self, case_id: str, words: str) -> cmd.AddNote:
        return cmd.AddNote(actor=REPORTER, key=self.key(), case_id=case_id, words=words)

    def open(self, case_id: str) -> Case:
        """Log a complaint; it waits for the registry."""
        return self.do(self.opening(case_id))

    def open_accepted(self, case_id: str) -> Case:
        """Log a complaint and accept it; it waits for the first department."""
        return self.do(self.decision(case_id, waiting_visit(self.open(case_id))))

    def do(self, command: cmd.CaseCommand) -> Case:
        case = self.desk.submit(command).result().case
        assert case is not None
        return case

    def all(self, commands: Iterable[cmd.CaseCommand]) -> None:
        """Submit *commands* at once and wait for all of them."""
        for future in [self.desk.submit(c) for c in commands]:
            future.result()

    def at(self, now: datetime) -> None:
        self.clock.at = now

    def sql(self, work: Callable[[Any], Any]) -> Any:
        """Run *work* on a connection in a transaction of its own, past the record."""
        with self.store.engines.write.connect() as core, core.begin():
            return work(core)

    def vacuum(self) -> None:
        """Let the database take stock after much was added (PostgreSQL does so by itself some time later)."""
        with self.store.engines.read.connect() as core:
            core.exec_driver_sql("ANALYZE" if self.store.engines.is_sqlite else "VACUUM ANALYZE")


class _Shelf:
    def bundle(self, digest: str) -> LoadedPolicy:
        return bundle(POLICY)


def waiting_visit(case: Case) -> int:
    """Return the visit whose answer is waited for."""
    return next(v.id for v in case.open_visits)


def open_made_up(folder: Path, url: str | None = None, *, writers: int = 4) -> MadeUp:
    """Open a desk on a database (default: a SQLite file in *folder*)."""
    folder.mkdir(parents=True, exist_ok=True)
    address = url or f"sqlite:///{folder / 'redress.sqlite3'}"
    return MadeUp(open_store(address, folder, lambda texts: bundle(POLICY), writers=writers))


def new_made_up(folder: Path, url: str | None = None, *, writers: int = 4) -> MadeUp:
    """Open a desk on an empty database, with its policy in force."""
    made = open_made_up(folder, url, writers=writers)
    made.put_in_force()
    return made
