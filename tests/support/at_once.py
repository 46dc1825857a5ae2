"""
What people, the clock and the office do on two complaints, drawn: a hypothesis machine whose rules plan acts and let them happen.

What happens to them then, and what must be true afterwards, is `two_complaints`' matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from tests.support.ideal_case import Turn
from tests.support.policy_desk import person
from tests.support.two_complaints import BOSS, FILLED, LEAVES, NOBODYS, PEOPLE, REPORTER, TwoComplaints

TOGETHER = 4
"""The most acts that happen at once."""


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


class AtOnce(TwoComplaints):
    """Acts drawn, done at once, and explained."""

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

    # --- that it happens -------------------------------------------------------------------------------------

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

    # Each name is drawn as often as each other: what brings people together has several.
    two_there, two_again, two_more = two_at_one_stage, two_at_one_stage, two_at_one_stage
    later, much_later, afterwards = time_passes, time_passes, time_passes
    now_too, now_then, now_also = now, now, now
