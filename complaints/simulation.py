"""
A rehearsal of a policy: made-up cases on a fake clock, people who take their time, and what comes of the limits.

Everything is decided by the real procedure through the one door; only people, arrival and what they fill in are made up. The same
seed gives the same rehearsal, so that two versions of a policy can be set side by side.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from complaints import case as c
from complaints import commands as cmd
from complaints import events as e
from complaints.case import Case, SeatState, Visit
from complaints.decisions import RETURN, decisions_of
from complaints.desk import Desk
from complaints.made_up import WORDS, MakeUp
from complaints.memory import FrozenClock, MemoryRecord
from complaints.people import DeskPlan
from complaints.policy import LoadedPolicy, Policy
from complaints.ports import Customer, Told
from complaints.refusals import FieldErrors, NotAuthorized, Recused, Refusal, StaleCard
from complaints.rehearsal import Assumptions, Rehearsal, rehearsal_plan
from complaints.seats import people_of, waiting_seats
from complaints.stages import stage_def
from complaints.workdays import WorkCalendar
from complaints.world import World

MOST_TRIES = 40
LATER = timedelta(hours=2)
MOST_WAITS = 12
LONGEST = timedelta(days=3 * 366)


def rehearse(
    loaded: LoadedPolicy,
    assumptions: Assumptions,
    calendar: WorkCalendar,
    start: datetime,
    record: MemoryRecord | None = None,
) -> Rehearsal:
    """
    Return what comes of *assumptions* under this policy; *start*: aware, the first complaint comes after it.

    *record*: where it is kept, for who wants to look at the cases themselves.
    """
    return _Rehearsing(loaded, assumptions, calendar, start, record or MemoryRecord()).run()


Event = tuple[datetime, int, Callable[[], None]]


class _Rehearsing:
    """The state of a rehearsal: a heap of what comes next, people with their queues, a desk in memory."""

    def __init__(
        self,
        loaded: LoadedPolicy,
        assumptions: Assumptions,
        calendar: WorkCalendar,
        start: datetime,
        record: MemoryRecord,
    ) -> None:
        self.loaded, self.policy, self.assumed, self.calendar = loaded, loaded.policy, assumptions, calendar
        self.start, self.rng = start, random.Random(assumptions.seed)
        self.people, self.clock = rehearsal_plan(loaded, str(calendar.timezone)), FrozenClock(start)
        self.record = record
        self.record.policies.update((p.id, loaded.digest) for p in loaded)
        self.desk = Desk(record=self.record, shelf=self, settings=self, clock=self.clock, customer=self._customer)
        members = [m for role in self.people.roles.values() for m in role.members]
        self.make_up = MakeUp(rng=self.rng, units=list(self.people.roles), people=members, fields=self.policy.fields)
        self.register: dict[str, Customer] = {}
        self.heap: list[Event] = []
        self.turn = 0
        self.free: dict[str, datetime] = {}
        self.asked: set[tuple[str, int, int]] = set()
        self.watched: set[tuple[str, int, datetime]] = set()
        self.waits: Counter[tuple[str, int]] = Counter()
        self.found = Rehearsal(policy=loaded.id, label=loaded.label, assumptions=assumptions)

    # what the desk asks for

    def bundle(self, digest: str) -> LoadedPolicy:
        return self.loaded

    def plan(self) -> DeskPlan:
        return self.people

    def calendars(self) -> Mapping[str, WorkCalendar]:
        return {self.people.default_calendar: self.calendar}

    def _customer(self, code: str) -> Customer | None:
        """Know a few customers, of whom the register says what the policy takes from it."""
        if code not in self.make_up.customers:
            return None
        if code not in self.register:
            taken = {n: d.from_.partition(".")[2] for n, d in self.policy.fields.items() if d.from_ is not None}
            values = {key: str(self.make_up.value(self.policy.fields[n], self.start)) for n, key in taken.items()}
            self.register[code] = Customer(code=code, names={"en": code}, values=values)
        return self.register[code]

    # the run

    def run(self) -> Rehearsal:
        at = self.start
        for number in range(1, self.assumed.cases + 1):
            gap = self.rng.expovariate(self.assumed.per_day) * self.calendar.full_day_length.total_seconds()
            at = self.calendar.add_working(at, timedelta(seconds=gap))
            self._later(at, partial(self._arrives, f"case{number}"))
        while self.heap and self.heap[0][0] < self.start + LONGEST:
            now, _, act = heapq.heappop(self.heap)
            self.clock.at = max(now, self.clock.at)
            act()
        return self._counted()

    def _later(self, at: datetime, act: Callable[[], None]) -> None:
        self.turn += 1
        heapq.heappush(self.heap, (at, self.turn, act))

    def _submit(self, command: cmd.CaseCommand) -> Told:
        told: Told = self.desk.submit(command).result()
        self._after()
        return told

    def _after(self) -> None:
        for case_id in self.record.changed:
            self._watch(self.record.cases[case_id])

    def _watch(self, case: Case) -> None:
        """Put what the case waits for now before its people, and its next steps before the clock."""
        for deadline in case.deadlines.values():
            if deadline.next_at is not None and (case.id, deadline.id, deadline.next_at) not in self.watched:
                self.watched.add((case.id, deadline.id, deadline.next_at))
                self._later(deadline.next_at, partial(self._tick, case.id, deadline.id))
        for visit in case.open_visits:
            for state in waiting_seats(visit, stage_def(self._policy(case), visit.stage).seats):
                self._ask(case, visit, state)

    def _tick(self, case_id: str, deadline: int) -> None:
        now = self.clock.at
        told = self.record.submit(lambda tx: self.desk.reach(tx, case_id, deadline, now)).result()
        self.found.notices.update(r.event.as_ for r in told.events if isinstance(r.event, e.StepFired))
        self._after()

    def _policy(self, case: Case) -> Policy:
        return self.loaded.of(case.policy)

    def _world(self) -> World:
        return self.desk.world(self.record, self.loaded, self.clock.at)  # type: ignore[arg-type]  # it only reads

    # people

    def _ask(self, case: Case, visit: Visit, state: SeatState) -> None:
        """Give the card to whoever of its people is free first; each does one card after the other."""
        if not self._first_asked(case.id, visit.id, state.seat.id):
            return
        people = people_of((state.seat.role, state.seat.member, state.seat.head), self._world())
        person = min(people, key=lambda p: self.free.get(p, self.start))
        took = timedelta(hours=self.rng.lognormvariate(0, self.assumed.spread) * self.assumed.hours)
        begins = max(self.clock.at, self.free.get(person, self.start))
        ends = self.calendar.add_working(begins, took)
        self.free[person] = ends
        self.found.cards[person] += 1
        self.found.busy[person] += round(took.total_seconds())
        self._later(ends, lambda: self._acts(case.id, visit.id, state.seat.id, person))

    def _first_asked(self, *card: Any) -> bool:
        """Remember that a card lies before somebody; say whether it lay there not yet."""
        is_new = card not in self.asked
        self.asked.add(card)
        return is_new

    def _arrives(self, case_id: str) -> None:
        stages = self.policy.intake.stages if self.policy.intake is not None else ()
        asked = [n for s in stages for n in self.policy.stages[s].filled]
        opener = self._opener()
        fields = {n: self._value(n, self.policy) for n in asked or self._first_fields()}
        files, problem = self._files(fields, self.policy), ""
        for _ in range(MOST_TRIES):
            given = {n: v for n, v in fields.items() if v is not None}
            try:
                self._submit(cmd.OpenCase(actor=opener, key=case_id, case_id=case_id, policy=self.policy.id, fields=given, files=files))  # fmt: skip
            except FieldErrors as wrong:
                fields, problem = self._mended(fields, wrong, self.policy), str(wrong)
                files = self._files([*fields, *wrong.errors], self.policy)
            except Refusal as refusal:
                self.found.stuck.append((case_id, "opening", str(refusal)))
                return
            else:
                return
        self.found.stuck.append((case_id, "opening", problem))

    def _opener(self) -> str:
        route = self.policy.routes[self.policy.main_routes()[0]]
        first = next((s.stage for s in route.path if hasattr(s, "stage")), None)
        who = self.policy.stages[first].who if first else None
        roles = who.roles() if who is not None else ()
        return self.people.roles[roles[0]].members[0] if roles else "REPORTER"

    def _first_fields(self) -> list[str]:
        route = self.policy.routes[self.policy.main_routes()[0]]
        first = next((s.stage for s in route.path if hasattr(s, "stage")), None)
        return list(self.policy.stages[first].filled) if first else []

    def _value(self, name: str, policy: Policy) -> Any:
        definition = policy.fields[name]
        return (
            None
            if definition.is_computed and definition.from_ is None
            else self.make_up.value(definition, self.clock.at)
        )

    def _files(self, fields: Iterable[str], policy: Policy) -> tuple[tuple[str, cmd.GivenFile], ...]:
        wanted = [n for n in fields if n in policy.fields and policy.fields[n].type in ("file", "sample")]
        self.turn += 1
        return tuple((n, cmd.GivenFile(id=f"F{self.turn}_{n}", name=f"{n}.pdf")) for n in wanted)

    def _mended(self, fields: Mapping[str, Any], wrong: FieldErrors, policy: Policy) -> dict[str, Any]:
        """Draw the values anew that were refused; what is not asked is left out, what is missing is filled in."""
        mended = dict(fields)
        for name, (reason, facts) in wrong.errors.items():
            if reason == "not_asked" or name not in policy.fields:
                mended.pop(name, None)
                continue
            mended[name] = True if reason == "checklist" else self._value(name, policy)
            for other in sorted(set(facts.get("values", {})) & set(fields)):
                mended[other] = self._value(other, policy)
        return mended

    def _acts(self, case_id: str, number: int, seat: int, person: str) -> None:
        case = self.record.cases[case_id]
        visit = case.visits[number]
        self.asked.discard((case_id, number, seat))
        state = self._seat(case, visit, seat)
        if state is None:
            return
        why = ""
        for actor in self._actors(state, person):
            for decision in self._decisions(case, visit, state):
                try:
                    return self._decide(case_id, visit, actor, decision)
                except StaleCard:
                    return
                except (NotAuthorized, Recused) as refusal:
                    why = why or str(refusal)
                    break
                except Refusal as refusal:
                    why = why or str(refusal)
        self._try_later(case_id, visit, state, person, why)

    def _seat(self, case: Case, visit: Visit, seat: int) -> SeatState | None:
        """Return the seat that is answered now: the one asked, or another of the same role if a colleague took that."""
        if visit.ended is not None:
            return None
        asked = next(s.seat for s in visit.seats if s.seat.id == seat)
        waiting = waiting_seats(visit, stage_def(self._policy(case), visit.stage).seats)
        alike = [s for s in waiting if (s.seat.role, s.seat.member) == (asked.role, asked.member)]
        return next((s for s in alike if s.seat.id == seat), alike[0] if alike else None)

    def _try_later(self, case_id: str, visit: Visit, state: SeatState, person: str, why: str) -> None:
        """Come back to a card that cannot be decided yet; at last the top decides instead, as after an escalation."""
        self.waits[case_id, visit.id] += 1
        self._first_asked(case_id, visit.id, state.seat.id)
        if self.waits[case_id, visit.id] <= MOST_WAITS:
            at = self.calendar.add_working(self.clock.at, LATER * self.waits[case_id, visit.id])
            self._later(at, lambda: self._acts(case_id, visit.id, state.seat.id, person))
            return
        for decision in self._decisions(self.record.cases[case_id], visit, state):
            with suppress(Refusal):
                return self._decide(case_id, visit, self._top()[0], decision, instead=True)
        self.found.stuck.append((case_id, visit.stage, why))

    def _top(self) -> list[str]:
        role = self.people.roles[self.people.general_manager]
        return [*role.members, str(role.head)]

    def _actors(self, state: SeatState, person: str) -> list[str]:
        others = people_of((state.seat.role, state.seat.member, state.seat.head), self._world())
        return list(dict.fromkeys([person, *others, *self._top()]))

    def _decisions(self, case: Case, visit: Visit, state: SeatState) -> Iterator[str]:
        """Go through what may be decided, the likely first: straight on, another way, back."""
        if state.seat.kind not in ("main", "final"):
            yield from ("approve",)
            return
        own = decisions_of(stage_def(self._policy(case), visit.stage))
        straight = [d for d, t in own.items() if t.kind != "back"]
        if self.rng.random() > self.assumed.straight:
            self.rng.shuffle(straight)
        if self.rng.random() > self.assumed.straight and visit.round < 3:
            yield RETURN
        yield from straight

    def _decide(self, case_id: str, visit: Visit, actor: str, decision: str, *, instead: bool = False) -> None:
        policy = self._policy(self.record.cases[case_id])
        stage = stage_def(policy, visit.stage)
        fields: dict[str, Any] = {}
        files: tuple[tuple[str, cmd.GivenFile], ...] = ()
        if decision != RETURN:
            fields = {n: self._value(n, policy) for n in stage.filled if n in policy.fields}
            files = self._files(fields, policy)
        last: Refusal | None = None
        for _ in range(MOST_TRIES):
            self.turn += 1
            given = {n: v for n, v in fields.items() if v is not None}
            common: dict[str, Any] = {"actor": actor, "key": f"k{self.turn}", "case_id": case_id, "visit": visit.id}
            command: cmd.CaseCommand = cmd.Decide(
                **common, decision=decision, fields=given, reason=WORDS, files=files, instead=instead
            )
            if stage.attempts is not None and decision != RETURN and not instead:
                result = "reached" if self.rng.random() < self.assumed.straight else "no_answer"
                command = cmd.LogCall(**common, result=result, fields=given if result == "reached" else {})
            try:
                told = self._submit(command)
            except FieldErrors as wrong:
                last, fields = wrong, self._mended(fields, wrong, policy)
                files = self._files([*fields, *wrong.errors], policy)
                continue
            if isinstance(command, cmd.LogCall) and told.case is not None and told.case.visits[visit.id].ended is None:
                self._call_again(case_id, told.case.visits[visit.id], actor)
            return
        assert last is not None
        raise last

    def _call_again(self, case_id: str, visit: Visit, actor: str) -> None:
        again = max(visit.again_at or self.clock.at, self.clock.at + LATER)
        seat = next((s.seat.id for s in visit.seats if s.answer is None), None)
        if seat is not None and self._first_asked(case_id, visit.id, seat):
            self._later(again, lambda: self._acts(case_id, visit.id, seat, actor))

    # counting

    def _counted(self) -> Rehearsal:
        found = self.found
        stuck = {case_id for case_id, _, _ in found.stuck}
        for case in self.record.cases.values():
            if case.kind == "duty":
                continue
            if case.kind == "complaint":
                self._count_complaint(case)
            for visit in case.visits.values():
                self._count_visit(visit)
            if case.status in (c.OPEN, c.CLOSED) and case.id not in stuck:
                where = ", ".join(v.stage for v in case.open_visits)
                found.stuck.append((case.id, where, "still open at the end"))
        found.days = self.calendar.working_between(self.start, self.clock.at) / self.calendar.full_day_length
        return found

    def _count_complaint(self, case: Case) -> None:
        """Count a complaint; a procedure of its own that it began counts with its stages only."""
        found = self.found
        found.opened += 1
        found.closed += case.closed_at is not None
        found.finished += case.status == c.FINISHED
        found.outcomes[case.outcome or "open"] += 1
        for deadline in case.deadlines.values():
            if deadline.clock == "case" and deadline.ended in ("stopped", "done"):
                found.promises += 1
                found.late_promises += deadline.in_time is False

    def _count_visit(self, visit: Visit) -> None:
        if visit.ended != "done" or visit.ended_at is None:
            return
        figures = self.found.stages[visit.stage]
        figures.done += 1
        figures.late += visit.in_time is False
        figures.hours.append(self.calendar.working_between(visit.opened_at, visit.ended_at).total_seconds() / 3600)
