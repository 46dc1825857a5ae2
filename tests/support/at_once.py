"""
People who act on two complaints, at the same moment or one after the other, and what must be true afterwards.

`AtOnce` is a hypothesis machine: rules draw acts, `_now` lets them happen together on the desks of `bench`. Some order of them
must explain, by the second hand of `ideal_case`, every answer and what stands afterwards; and the log, the acts kept and the
deadlines must be in order by formulas of their own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import wraps
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

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
from tests.support.ideal_case import Act, Answer, IdealCase, IdealDesk, Turn, orders
from tests.support.made_desk import MadeDesk, made
from tests.support.meeting import Meeting, MeetingDesk
from tests.support.policy_desk import COUNTRY, head, person, plan_of

TOGETHER = 4
"""The most acts that happen at once."""
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


def acting(room: int = 1, **drawn: Any) -> Callable[[Callable[..., None]], Any]:
    """Return a rule that plans up to *room* acts, if there is room for them."""

    def planning(plan: Callable[..., None]) -> Any:
        @wraps(plan)
        def planned(self: AtOnce, **given: Any) -> None:
            self.planned += room
            plan(self, **given)

        return precondition(lambda self: self.planned + room <= TOGETHER)(rule(**drawn)(planned))

    return planning


def _one_of(found: Sequence[str], which: int) -> str:
    return found[which % len(found)]


class AtOnce(RuleBasedStateMachine):
    """Acts drawn, done at once, and explained."""

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

    # --- what is drawn ------------------------------------------------------------------------------------

    def _add(self, name: str, actor: str = "", case: int = 0, **more: Any) -> None:
        key = f"{self.ids[case]}:k{next(self.numbers)}"
        self.acts.append(Act(name=name, actor=actor, key=key, case=case, now=self.clock.at, more=more))

    def _case(self, number: int = 0) -> Case:
        found = self.bench.case(self.ids[number])
        assert found is not None
        return found

    def _visit(self, back: int) -> int:
        """Return the latest visit, or one before it."""
        return max(len(self._case().visits) - back, 1)

    # What is drawn must not hang on what came of earlier acts, which other runs may see otherwise: so numbers are drawn, and
    # looked up; an act for which there is no place uses up its room all the same.
    nobody_acts = precondition(lambda self: self.planned == 0)
    somebody_acts = precondition(lambda self: self.planned > 0)
    people = st.sampled_from(PEOPLE)
    back = st.sampled_from((0, 0, 0, 0, 0, 1))
    which = st.integers(0, 999)

    def _turn(self, which: int, back: int) -> tuple[int, str]:
        """Return a visit and somebody who acts on it: mostly one whose seat it is."""
        visit = self._visit(back)
        seats = [s.seat for s in self._case().visits[visit].seats]
        theirs = [m for s in seats for m in ([s.member] if s.member else [person(str(s.role)), person(str(s.role), 2)])]
        return visit, _one_of((*theirs, *theirs, *theirs, *PEOPLE), which)

    @acting(which=which, back=back, how=st.sampled_from(("", "", "", "return", "return", "invalid", "approve")), filled=st.sampled_from((True, True, True, False)))  # fmt: skip
    def decide(self, which: int, back: int, how: str, filled: bool) -> None:
        self._decide(which, back, how, filled)

    def _decide(self, which: int, back: int, how: str, filled: bool) -> None:
        visit, actor = self._turn(which, back)
        case = self._case()
        fields = FILLED.get(case.visits[visit].stage, {}) if filled and how in ("", "approve") else {}
        self._add("decide", actor, visit=visit, decision=how, fields=fields, facts_seen=case.facts_version)

    @acting(which=which, back=back)
    def approve(self, which: int, back: int) -> None:
        self._decide(which, back, "", True)

    @acting(which=which, result=st.sampled_from(("reached", "declined")), solved=st.booleans())
    def call(self, which: int, result: str, solved: bool) -> None:
        visit, actor = self._turn(which, 0)
        answers = {"solved": solved, "score": "5" if solved else "1"} if result == "reached" else {}
        self._add("call", actor, visit=visit, result=result, fields=answers)

    @acting(which=which, back=st.sampled_from((0, 1, 1, 1, 2)))
    def take_back(self, which: int, back: int) -> None:
        visit = self._visit(back)
        by = self._case().visits[visit].decided_by or REPORTER
        self._add("take_back", _one_of((*(by,) * 20, *PEOPLE), which), visit=visit)

    @acting(which=which, back=back, member=people)
    def hand_over(self, which: int, back: int, member: str) -> None:
        visit, actor = self._turn(which, back)
        if actor != BOSS:  # he may reassign, but only what has climbed to him
            self._add("hand_over", actor, visit=visit, member=member)

    @acting(which=which, back=back, member=people, place=st.sampled_from(("before", "after", "beside")))
    def add_signer(self, which: int, back: int, member: str, place: str) -> None:
        visit, actor = self._turn(which, back)
        self._add("add_signer", actor, visit=visit, member=member, place=place)

    @acting(which=which, back=back)
    def ask(self, which: int, back: int) -> None:
        visit, actor = self._turn(which, back)
        self._add("ask", actor, visit=visit)

    @acting(actor=st.sampled_from((REPORTER, *PEOPLE)))
    def answer_question(self, actor: str) -> None:
        self._add("answer_question", actor, question=max(len(self._case().questions), 1))

    @acting(which=which, back=back, hours=st.sampled_from((1, 30)))
    def wait(self, which: int, back: int, hours: int) -> None:
        visit, actor = self._turn(which, back)
        self._add("wait", actor, visit=visit, until=self.clock.at + timedelta(hours=hours))

    @acting(back=back)
    def end_waiting(self, back: int) -> None:
        self._add("end_waiting", REPORTER, visit=self._visit(back))

    def _more_time(self, visit: int) -> datetime:
        clock = self._case().deadline_of(visit)
        return (clock.due_at if clock else self.clock.at) + timedelta(minutes=1)

    def _may_have_more(self, visit: int) -> bool:
        return self._case().visits[visit].stage in ("handle", "confirm")  # "same day" has no more than the day

    @acting(which=which, back=back)
    def ask_more(self, which: int, back: int) -> None:
        visit, actor = self._turn(which, back)
        if self._may_have_more(visit):
            self._add("ask_more", actor, visit=visit, until=self._more_time(visit))

    @acting(back=back, actor=st.sampled_from((BOSS, BOSS, REPORTER)), granted=st.booleans())
    def grant(self, back: int, actor: str, granted: bool) -> None:
        visit = self._visit(back)
        if self._may_have_more(visit):
            self._add("grant", actor, visit=visit, granted=granted, until=self._more_time(visit))

    @acting(back=back, actor=st.sampled_from((BOSS, REPORTER)))
    def meet(self, back: int, actor: str) -> None:
        self._add("meet", actor, visit=self._visit(back))

    @acting(back=back)
    def urge(self, back: int) -> None:
        self._add("urge", REPORTER, visit=self._visit(back))

    @acting(actor=people)
    def amend(self, actor: str) -> None:
        self._add("amend", actor, number=next(self.numbers))

    @acting()
    def note(self) -> None:
        self._add("note", REPORTER)

    @acting(act=st.sampled_from(("withdraw", "void", "merge")), actor=st.sampled_from((REPORTER, person("department"))), case=st.sampled_from((0, 1, 1)), sure=st.integers(0, 3))  # fmt: skip
    def give_up(self, act: str, actor: str, case: int, sure: int) -> None:
        if case == 1 or sure == 0:  # else most complaints would end before anything came of them
            self._add(act, actor, case)

    @acting(room=2, sure=st.integers(0, 3))
    def merge_each_into_the_other(self, sure: int) -> None:
        if sure == 0:
            self._add("merge", REPORTER, 0)
            self._add("merge", REPORTER, 1)

    @acting()
    def tick(self) -> None:
        self._add("tick")

    @acting(here=st.booleans())
    def people_change(self, here: bool) -> None:
        """Somebody leaves the department, or comes back."""
        members = {person("department"), *([LEAVES] if here else [])}
        self._add("people", role="department", members=members)

    @acting(closed=st.booleans())
    def calendar_changes(self, closed: bool) -> None:
        """The company closes for two days, or opens after all; open deadlines are moved, as the tick's chore does."""
        self._add("calendar", closed=closed)

    @nobody_acts
    @rule(to_the_next_deadline=st.booleans(), ticks=st.booleans())
    def time_passes(self, to_the_next_deadline: bool, ticks: bool) -> None:
        """Go on by a minute, or to the very instant at which something is due."""
        due = [d.next_at for n in (0, 1) for d in self._case(n).deadlines.values() if d.next_at is not None]
        at = max(min(due), self.clock.at) if to_the_next_deadline and due else self.clock.at
        self.clock.at = at if at > self.clock.at else self.clock.at + timedelta(minutes=1)
        if ticks:
            self._add("tick")
            self._now(False)

    # --- what happens -------------------------------------------------------------------------------------

    @somebody_acts
    @rule(queued=st.booleans(), twice=st.booleans())
    def now(self, queued: bool, twice: bool) -> None:
        """
        Let it all happen at once.

        *queued*: behind a work that holds the writer, so that on SQLite they share a commit. *twice*: somebody pressed twice.
        """
        pressed = [act for act in self.acts if act.name not in NOBODYS]
        if twice and pressed:
            self.acts.append(pressed[-1])
        self._now(queued)

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

    # --- how far it goes ----------------------------------------------------------------------------------

    @initialize(far=st.sampled_from((0, 1, 1, 2, 2, 3, 4, 5)), solved=st.booleans())
    def has_gone(self, far: int, solved: bool) -> None:
        """Begin anywhere along the way, also in the callback or after it."""
        for _ in range(far):
            self._goes_on(solved)

    def _goes_on(self, solved: bool) -> None:
        """Let whose turn it is do what leads on."""
        turn = self.ideal.cases[0].turns[-1]
        if turn.ended is None:
            self._usual(turn.id, self._whose(turn)[0], solved)
            self._now(False)

    def _whose(self, turn: Turn) -> list[str]:
        here = self.ideal.cases[0].members
        return [m for p in turn.whose() for m in ([p.member] if p.member else sorted(here[str(p.role)]))]

    def _shown(self) -> int:
        """Return the facts that the card shows which somebody presses now."""
        return self.ideal.cases[0].corrected

    def _usual(self, visit: int, actor: str, solved: bool = True) -> None:
        stage = self.ideal.cases[0].turns[visit - 1].stage
        if stage == "callback":
            self._add(
                "call", actor, visit=visit, result="reached", fields={"solved": solved, "score": "5" if solved else "1"}
            )
        else:
            self._add("decide", actor, visit=visit, decision="", fields=FILLED.get(stage, {}), facts_seen=self._shown())

    @acting(room=2, which=which, also=st.sampled_from(("return", "invalid", "usual", "take_back", "hand_over", "amend", "withdraw", "void", "merge", "wait", "both wait", "tick", "people", "grant")), first=st.booleans())  # fmt: skip
    def two_at_one_stage(self, which: int, also: str, first: bool) -> None:
        """Somebody does what leads on, and somebody else, at the same stage, what does not go with it."""
        turn = self.ideal.cases[0].turns[-1]
        if turn.ended is not None:
            return
        actor, other = (_one_of(self._whose(turn), n) for n in (which, which // 3))
        if first and also != "both wait":
            self._usual(turn.id, actor)
        match also:
            case "return" | "invalid":
                self._add("decide", other, visit=turn.id, decision=also, fields={}, facts_seen=self._shown())
            case "usual":
                self._usual(turn.id, other)
            case "take_back":
                before = [t for t in self.ideal.cases[0].turns if t.by is not None]
                self._add("take_back", str(before[-1].by), visit=before[-1].id)
            case "hand_over":
                self._add("hand_over", other, visit=turn.id, member=_one_of(self._whose(turn), which // 7))
            case "amend":
                self._add("amend", REPORTER, number=next(self.numbers))
            case "wait":
                self._add("wait", other, visit=turn.id, until=self.clock.at + timedelta(hours=1 if first else 30))
            case "both wait":
                self._add("wait", actor, visit=turn.id, until=self.clock.at + timedelta(minutes=5))
                self._add("wait", other, visit=turn.id, until=self.clock.at + timedelta(minutes=9))
                return
            case "people":
                self._add("people", role="department", members={person("department")})
            case "grant" if self._may_have_more(turn.id):
                self._add("grant", BOSS, visit=turn.id, granted=True, until=self._more_time(turn.id))
            case "tick":
                self._add("tick")
            case "withdraw" | "void" | "merge":
                self._add(also, REPORTER)
        if not first:
            self._usual(turn.id, actor)

    # --- what happens -------------------------------------------------------------------------------------

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

    # Each name is drawn as often as each other: what brings people together has several.
    two_there, two_again, two_more = two_at_one_stage, two_at_one_stage, two_at_one_stage
    later, much_later, afterwards = time_passes, time_passes, time_passes
    now_too, now_then, now_also = now, now, now

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
