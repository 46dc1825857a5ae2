"""
Two complaints on desks that work side by side: what was planned happens, at the same moment or one after the other, and is explained.

Some order of the acts must explain, by the second hand of `ideal_case`, every answer and what stands afterwards; and the log, the
acts kept and the deadlines must be in order by formulas of their own. What is planned, `at_once` draws.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from complaints import commands as cmd
from complaints import events as e
from complaints.case import Case
from complaints.memory import FrozenClock
from complaints.people import DeskPlan
from complaints.policy import LoadedPolicy
from complaints.ports import Record
from complaints.refusals import Refusal
from complaints.workdays import Closure
from reminders.tick import Tick
from tests.chaos.company import policy
from tests.support.company import CUSTOMERS, a_calendar, closed_at
from tests.support.desks import Settings
from tests.support.ideal_and_real import as_it_is, audit_deadlines, command_of, unexplained
from tests.support.ideal_case import Act, Answer, IdealCase, IdealDesk, orders
from tests.support.made_desk import MadeDesk, made
from tests.support.meeting import Meeting, MeetingDesk
from tests.support.policy_desk import COUNTRY, head, person, plan_of

NOBODYS = ("tick", "people", "calendar")
_CASES = count(1)
TYPHOON = Closure(since=date(2026, 11, 3), until=date(2026, 11, 4), why="typhoon")
CALENDARS = {
    False: a_calendar(COUNTRY),
    True: closed_at(a_calendar(COUNTRY), TYPHOON),
}
OPENING = {"customer": "C-0417", "what_happened": "It broke"}
FILLED = {"handle": {"finding": "So it is"}, "answer": {"answer_given": "Sorry"}, "intake": OPENING}
REPORTER, BOSS = person("reception"), person("general_manager")
LEAVES = person("department", 2)
PEOPLE = (
    REPORTER, person("reception", 2), person("department"), LEAVES, head("department"), person("head_office"),
    person("head_office", 2), person("callers"), BOSS, "UNOBODY",
)  # fmt: skip
ROLES = ("reception", "department", "head_office", "callers", "general_manager")


def regulation() -> LoadedPolicy:
    """Return the regulation of the fault harness, with a decision that ends the case as unfounded."""
    raw = policy()
    raw["stages"]["handle"] |= {"decide": {"approve": "next", "return": "back", "invalid": "close as unfounded"}}
    raw["stages"]["handle"]["reason"] = ["invalid"]
    raw["texts"] |= {name: [name] * 3 for name in ("invalid", "unfounded")}
    return made(raw)


REGULATION = regulation()
START = MadeDesk(policy()).clock.at


class Shelf:
    """The one regulation."""

    def bundle(self, digest: str) -> LoadedPolicy:
        return REGULATION


@dataclass(kw_only=True)
class Bench:
    """Where it happens: the records that work side by side, and what is kept of a case."""

    records: Sequence[Record]
    log: Callable[[str], Sequence[e.Recorded]]
    case: Callable[[str], Case | None]
    done_before: Callable[[str], str | None]
    together: bool
    """Whether acts may happen at once; a record in memory takes them one by one."""
    meets: bool
    """Whether acts can meet inside their transactions; with one writer each would wait for ever."""


class TwoComplaints(RuleBasedStateMachine):
    """Plans acts (`_add`), and lets those planned happen together (`_now`)."""

    bench: Bench
    planned = 0

    def __init__(self) -> None:
        super().__init__()
        self.clock = FrozenClock(START)
        self.settings = Settings(plan_of(REGULATION), CALENDARS[False])
        self.desks = [
            MeetingDesk(
                record=r,
                shelf=Shelf(),
                settings=self.settings,
                clock=self.clock,
                customer=CUSTOMERS.get,
                past_calendars=lambda: tuple(CALENDARS.values()),
            )
            for r in self.bench.records
        ]
        self.numbers, self.acts = count(1), list[Act]()
        self._begin()

    def _begin(self) -> None:
        """Log two complaints, of which the second is only there to be merged."""
        number = next(_CASES)
        self.ids = (f"A{number}", f"B{number}")
        self.keys = dict[str, int]()
        self.settings.people = self._without(self.settings.people, {person("department"), LEAVES})
        members = {role: {person(role), person(role, 2)} for role in ROLES}
        for case_id in self.ids:
            self._log(case_id)
        self.ideal = IdealDesk([IdealCase(REPORTER, members), IdealCase(REPORTER, members)])
        assert self._seen() == self.ideal.seen()
        self.clock.at += timedelta(minutes=1)

    def _log(self, case_id: str) -> None:
        """Log a complaint, twice at once."""
        opened = cmd.OpenCase(
            actor=REPORTER, key=f"{case_id}:open", case_id=case_id, policy=REGULATION.id, fields=OPENING
        )
        told = self._at_once([lambda n=n: self._heard(n, opened) for n in range(2)], meeting=2)
        assert sorted(told) == [("done", ""), ("done", "again")]

    def _add(self, name: str, actor: str = "", case: int = 0, **more: Any) -> None:
        key = f"{self.ids[case]}:k{next(self.numbers)}"
        self.acts.append(Act(name=name, actor=actor, key=key, case=case, now=self.clock.at, more=more))

    def _case(self, number: int = 0) -> Case:
        found = self.bench.case(self.ids[number])
        assert found is not None
        return found

    # --- what happens -------------------------------------------------------------------------------------

    def _now(self, queued: bool) -> None:
        acts, self.acts, self.planned = self.acts, [], 0
        moves = any(act.name == "calendar" for act in acts)
        if moves:  # until when more time may be asked hangs on when it is due, which the second hand does not know
            acts = [act for act in acts if act.name not in ("ask_more", "grant")]
        if not acts:
            return
        if not self.bench.together:
            for act in acts:
                self._explain([act], [self._does(0, act)])
        else:
            work = [lambda n=n, act=act: self._does(n, act) for n, act in enumerate(acts)]
            meeting = sum(act.name not in NOBODYS for act in acts)
            self._explain(acts, self._at_once(work, queued=queued, meeting=meeting))
        if any(
            act.name == "tick" for act in acts
        ):  # what was being recorded on is passed over, and found the next time
            again = Act(name="tick", now=self.clock.at)
            self._explain([again], [self._does(0, again)])
            assert not [
                d for n in (0, 1) for d in self._case(n).deadlines.values() if d.next_at and d.next_at <= self.clock.at
            ]
        if moves:
            assert not any(self._recompute(0, case_id) for case_id in self.ids), "a deadline was left behind"
        self._audit()
        self.clock.at += timedelta(minutes=1)
        if self._case().is_over:
            self._begin()

    def _at_once(self, work: Sequence[Callable[[], Answer]], *, meeting: int, queued: bool = False) -> list[Answer]:
        """Let *work* begin together. *meeting*: how many acts meet inside their transactions."""
        if not self.bench.together:
            return [one() for one in work]
        together = Meeting(meeting) if self.bench.meets and meeting > 1 else None
        for desk in self.desks:
            desk.meeting = together
        begun, go = threading.Barrier(len(work)), threading.Event()
        held = [r.submit(lambda tx: go.wait(10)) for r in self.bench.records] if queued and not self.bench.meets else []

        def begins(one: Callable[[], Answer]) -> Answer:
            begun.wait(10)
            return one()

        with ThreadPoolExecutor(len(work)) as pool:
            futures = [pool.submit(begins, one) for one in work]
            if held:
                time.sleep(0.01)
            go.set()
            found = [future.result(60) for future in futures]
        for desk in self.desks:
            desk.meeting = None
        return found

    def _does(self, n: int, act: Act) -> Answer:
        desk = self.desks[n % len(self.desks)]
        match act.name:
            case "tick":
                report = Tick(desk=desk, record=desk.record, clock=self.clock, machine_now=lambda: START).run()
                assert not report.failed
                return "done", ""
            case "calendar":
                self.settings.calendar = CALENDARS[act.more["closed"]]
                for case_id in self.ids:
                    self._recompute(n, case_id)
                return "done", ""
            case "people":
                self.settings.people = self._without(self.settings.people, act.more["members"])
                return "done", ""
        return self._heard(n, command_of(act, self.ids))

    def _recompute(self, n: int, case_id: str) -> Any:
        key = f"{case_id}:calendar{next(self.numbers)}"
        moved = cmd.RecomputeDeadlines(actor=cmd.CLOCK, key=key, case_id=case_id)
        return self.desks[n % len(self.desks)].submit(moved).result(60).events

    @staticmethod
    def _without(plan: DeskPlan, members: set[str]) -> DeskPlan:
        role = replace(plan.roles["department"], members=tuple(sorted(members)))
        return replace(plan, roles={**plan.roles, "department": role})

    def _heard(self, n: int, command: cmd.CaseCommand) -> Answer:
        try:
            told = self.desks[n % len(self.desks)].submit(command).result(60)
        except Refusal as refusal:
            return "refused", refusal.reason
        return "done", "again" if told.repeated else ""

    # --- what must be true afterwards ---------------------------------------------------------------------

    def _explain(self, acts: list[Act], answers: list[Answer]) -> None:
        seen = self._seen()
        found = orders(self.ideal, acts, answers, seen)
        assert found is not None, unexplained(self.ideal, acts, answers, seen)
        self.ideal = found
        for act, answer in zip(acts, answers, strict=True):
            if act.key and act.name not in NOBODYS:
                self.keys[act.key] = self.keys.get(act.key, 0) or int(answer[0] == "done")

    def _seen(self) -> Any:
        return [as_it_is(self._case(n)) for n in (0, 1)]

    def _audit(self) -> None:
        for key, done in self.keys.items():
            assert (self.bench.done_before(key) is not None) == bool(done), key
        self.keys.clear()
        for n, case_id in enumerate(self.ids):
            log = self.bench.log(case_id)
            assert [r.seq for r in log] == list(range(1, self._case(n).seq + 1))
            audit_deadlines(log, self._case(n))

    def teardown(self) -> None:
        self._now(False)
