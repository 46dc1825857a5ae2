"""A desk in memory: the real procedure on the real policy, with a clock that the test moves."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from complaints import commands as cmd
from complaints.case import Case, Deadline, Visit, copy_case
from complaints.desk import Desk
from complaints.duties import DueDuty, open_duty
from complaints.evolution import evolve
from complaints.lives import life_of
from complaints.memory import FrozenClock, MemoryRecord
from complaints.notices import Notice
from complaints.people import DeskPlan
from complaints.periods import parse_period
from complaints.policy import LoadedPolicy
from complaints.ports import Told
from complaints.reply import is_reply_open
from complaints.statistics import Report
from complaints.workdays import WorkCalendar
from storage.policy_files import load_bundle
from tests.support.company import CUSTOMERS, a_calendar, a_plan, local
from tests.support.figures import report_of

POLICIES = Path(__file__).resolve().parents[2] / "policies"
SHIPPED = sorted(path.stem for path in POLICIES.glob("*.yml"))


@cache
def kind_of(policy: str) -> str:
    """Return the kind that the head of a shipped file says; while tests are collected no file is read whole."""
    said = re.search(
        r"^policy:$.*?^  kind: (\w+)", (POLICIES / f"{policy}.yml").read_text("utf-8").split("\nroles:")[0], re.M | re.S
    )
    return said[1] if said else "complaints"


@cache
def bundle(policy: str, *libraries: str) -> LoadedPolicy:
    """Return a shipped policy with its annexes and the libraries laid into it, read once."""
    return load_bundle(POLICIES, policy, {name: POLICIES / f"{name}.yml" for name in libraries})


def copied(record: MemoryRecord) -> MemoryRecord:
    """Return a record of its own with the same content."""
    return replace(
        record, cases={name: copy_case(case) for name, case in record.cases.items()},
        logs={name: [*log] for name, log in record.logs.items()}, desk_log=[*record.desk_log], notices=[*record.notices],
        words={**record.words}, acts={**record.acts}, serials=record.serials.copy(), policies={**record.policies},
    )  # fmt: skip


class Settings:
    """Desk settings that never change unless the test does."""

    def __init__(self, plan: DeskPlan, calendar: WorkCalendar):
        self.people, self.calendar = plan, calendar

    def plan(self) -> DeskPlan:
        return self.people

    def calendars(self) -> dict[str, Any]:
        return {"main": self.calendar}


@dataclass
class TestDesk:
    """A desk whose people act by short calls: `desk.decide("UQUAL1", stage, fields)`."""

    __test__ = False
    policy: str = "pcb-manufacturer"
    now: str = "2026-11-02 09:30"
    libraries: tuple[str, ...] = ()
    loaded: LoadedPolicy | None = None
    plan: DeskPlan = field(default_factory=a_plan)
    calendar: WorkCalendar = field(default_factory=a_calendar)
    record: MemoryRecord = field(default_factory=MemoryRecord)
    keys: int = 0

    def __post_init__(self) -> None:
        self.clock = FrozenClock(local(self.now))
        self.settings = Settings(self.plan, self.calendar)
        loaded = self.bundle("")
        for one in loaded:
            self.record.policies[one.id] = loaded.digest
        self.desk = Desk(
            record=self.record, shelf=self, settings=self.settings, clock=self.clock, customer=CUSTOMERS.get
        )

    def bundle(self, digest: str) -> LoadedPolicy:
        return self.loaded or bundle(self.policy, *self.libraries)

    # --- acting -------------------------------------------------------------------------------------------

    def at(self, text: str) -> None:
        """Move the clock to a local time, ticking at every deadline on the way."""
        wanted = local(text)
        while due := self._next_due(wanted):
            self.clock.at = max(due, self.clock.at)
            self.tick()
        self.clock.at = wanted

    def _next_due(self, until: datetime) -> datetime | None:
        times = [d.next_at for c in self.record.cases.values() for d in c.deadlines.values() if d.next_at]
        return min((t for t in times if t <= until), default=None)

    def tick(self) -> None:
        while due := self.record.due_deadlines(self.clock.at, 100):
            for case_id, number in due:
                self.record.submit(lambda tx, c=case_id, n=number: self.desk.reach(tx, c, n, self.clock.at)).result()

    def submit(self, command: cmd.CaseCommand) -> Told:
        return self.desk.submit(command).result()

    def key(self) -> str:
        self.keys += 1
        return f"k{self.keys}"

    def log(self, actor: str = "USALES1", case_id: str = "case1", policy: str | None = None, **fields: Any) -> Case:
        """Log a complaint and return the case."""
        told = self.submit(
            cmd.OpenCase(actor=actor, key=self.key(), case_id=case_id, policy=policy or self.policy, fields=fields)
        )
        assert told.case is not None
        return told.case

    def case(self, case_id: str = "case1") -> Case:
        return self.record.cases[case_id]

    def open_stages(self, case_id: str = "case1") -> list[str]:
        return [v.stage for v in self.case(case_id).open_visits]

    def visit(self, stage: str, case_id: str = "case1") -> int:
        return next(v.id for v in reversed(self.case(case_id).visits.values()) if v.stage == stage)

    def decide(
        self,
        actor: str,
        stage: str,
        decision: str = "approve",
        case_id: str = "case1",
        reason: str | None = None,
        to_stage: str | None = None,
        instead: bool = False,
        files: tuple[Any, ...] = (),
        **fields: Any,
    ) -> Told:
        return self.submit(
            cmd.Decide(
                actor=actor,
                key=self.key(),
                case_id=case_id,
                visit=self.visit(stage, case_id),
                decision=decision,
                fields=fields,
                reason=reason,
                to_stage=to_stage,
                instead=instead,
                files=files,
            )
        )

    def decision(
        self, actor: str, visit: int, decision: str = "approve", case_id: str = "case1", **fields: Any
    ) -> cmd.Decide:
        """Return the command that decides a visit known by its number."""
        return cmd.Decide(actor=actor, key=self.key(), case_id=case_id, visit=visit, decision=decision, fields=fields)

    def act(self, kind: type[cmd.CaseCommand], actor: str, case_id: str = "case1", **more: Any) -> Told:
        """Let somebody do one of the other acts: `desk.act(Urge, "USALES1", visit=3)`."""
        return self.submit(kind(actor=actor, key=self.key(), case_id=case_id, **more))

    def take_back(self, actor: str, visit: int, case_id: str = "case1") -> Told:
        return self.act(cmd.TakeBack, actor, case_id, visit=visit)

    def call(
        self, result: str, actor: str = "UGMO2", case_id: str = "case1", again_at: Any = None, **fields: Any
    ) -> Told:
        """Log one attempt to call the customer back."""
        visit = self.visit("callback", case_id)
        return self.act(cmd.LogCall, actor, case_id, visit=visit, result=result, fields=fields, again_at=again_at)

    def begin_duty(self, duty: str, period: str) -> str:
        """Begin a duty of the desk's policy for a period and return the id of its task."""
        due = DueDuty(policy=self.policy, duty=duty, period=period)
        self.submit(open_duty(due, "en"))
        return due.case_id

    # --- looking ------------------------------------------------------------------------------------------

    def cases_of(self, policy: str, kinds: Any, *, what: str, begin: datetime, end: datetime) -> list[str]:
        """Return cases as `ports.Reader` does."""
        found = [c for c in self.record.cases.values() if c.policy == policy and c.kind in kinds]
        if what == "open":
            return [c.id for c in found if c.status == "open"]
        at = {c.id: c.closed_at if what == "closed" else c.opened_at for c in found}
        return [
            c.id
            for c in found
            if c.status not in ("void", "merged") and (t := at[c.id]) is not None and begin <= t < end
        ]

    def told(self, kind: str) -> list[Notice]:
        """Return the notices of a kind, the oldest first."""
        return [n for n in self.record.notices if n.kind == kind]

    def happened(self, kind: type, case_id: str = "case1") -> list[Any]:
        """Return the events of a kind in the case's log."""
        return [r.event for r in self.record.logs[case_id] if isinstance(r.event, kind)]

    def open_visit(self, stage: str, case_id: str = "case1") -> Visit:
        return next(v for v in self.case(case_id).open_visits if v.stage == stage)

    def roles(self, stage: str, case_id: str = "case1") -> list[str | None]:
        """Return who sits at the latest visit of a stage: role ids, or member ids where a person is named."""
        seats = self.case(case_id).visits[self.visit(stage, case_id)].seats
        return [s.seat.member or s.seat.role for s in seats]

    def stage_clock(self, stage: str, case_id: str = "case1") -> Deadline:
        """Return the stage clock of the latest visit of a stage, running or not."""
        visit = self.visit(stage, case_id)
        return next(d for d in self.case(case_id).deadlines.values() if d.visit == visit and d.clock == "stage")

    def due(self, stage: str, case_id: str = "case1") -> datetime:
        return self.stage_clock(stage, case_id).due_at

    def promise(self, case_id: str = "case1") -> Deadline:
        """Return the case clock."""
        clock = self.case(case_id).clock("case")
        assert clock is not None
        return clock

    def rebuilt(self, case_id: str = "case1") -> Case:
        """Return the case as its log alone adds up to."""
        case = None
        for recorded in self.record.logs[case_id]:
            case = evolve(case, recorded)
        assert case is not None
        return case

    def drawn(
        self, period: str = "2026-11", now: str = "2026-12-01 09:00", repeats: frozenset[str] = frozenset()
    ) -> Report:
        """Return the report of a period as it is drawn at *now*."""
        self.clock.at = local(now)
        world = self.desk.world(self.record, self.bundle(""), self.clock.at)
        lives = [life_of(case) for case in self.record.cases.values() if case.kind == "complaint"]
        return report_of(lives, self.bundle("").policy, parse_period(period), world, repeats)

    def others(self) -> list[str]:
        """Return the ids of the cases that began out of the first one."""
        return [case_id for case_id in self.record.cases if case_id != "case1"]

    def may_reply(self, case_id: str = "case1") -> bool:
        """Say whether the customer may be answered now."""
        return is_reply_open(self.case(case_id), self.bundle("").policy)
