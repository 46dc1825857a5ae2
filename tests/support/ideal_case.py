"""
What should become of a case, worked out by a second hand: small, slow, and without a line of the program.

It knows one made-up regulation (that of the fault harness, with a decision that ends the case as unfounded), the people of the
tests, and every act of DESIGN §3. It says what a person hears and what stands afterwards. How it is recorded, told and
shown is no matter here.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

PATH = ("intake", "handle", "confirm", "answer")
SEATS = {
    "intake": (("reception", "main"),),
    "handle": (("department", "main"),),
    "confirm": (("head_office", "main"), ("department", "with")),
    "answer": (("reception", "main"),),
    "callback": (("callers", "main"),),
}
LEADS_ON = {"intake": "send", "handle": "approve", "confirm": "approve", "answer": "approve", "callback": "satisfied"}
DECISIONS = {
    "intake": {"send", "return"},
    "handle": {"approve", "return", "invalid"},
    "confirm": {"approve", "return"},
    "answer": {"approve", "return"},
    "callback": {"satisfied", "unreached", "dissatisfied", "return"},
}
ASKS = {"handle": "finding", "answer": "answer_given"}
BETWEEN_URGES = timedelta(hours=4)
Answer = tuple[str, str]


class Refused(Exception):
    """No, and why."""


@dataclass(kw_only=True)
class Act:
    """Something that somebody does, or that happens, at *now*. *case*: which of the two."""

    name: str
    now: datetime
    actor: str = ""
    key: str = ""
    case: int = 0
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Place:
    """A seat and what was said from it."""

    role: str | None
    member: str | None
    kind: str
    where: str = "beside"
    by: str | None = None
    said: str | None = None
    at: datetime | None = None


@dataclass
class Turn:
    """A stage's turn. *way*: the run along the path that it belongs to."""

    id: int
    way: int
    stage: str
    places: list[Place]
    ended: str | None = None
    by: str | None = None
    decision: str | None = None
    waits: datetime | None = None
    asked: bool = False
    extended: bool = False
    urged: datetime | None = None

    def whose(self) -> list[Place]:
        """Return who may speak now: who was put before, then all beside each other, then who comes after, one by one."""
        silent = [p for p in self.places if p.by is None]
        for where in ("before", "beside"):
            if found := [p for p in silent if p.where == where]:
                return found
        return silent[:1]


@dataclass
class IdealCase:
    """One complaint."""

    reporter: str
    members: dict[str, set[str]]
    status: str = "open"
    corrected: int = 0
    turns: list[Turn] = field(default_factory=list)
    over: set[int] = field(default_factory=set)  # ways that are over
    ways: int = 1
    questions: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        sent = self._open(1, "intake")
        sent.ended, sent.by, sent.decision = "done", self.reporter, "send"
        sent.places[0].by, sent.places[0].said = self.reporter, "send"
        self._open(1, "handle")

    def _open(self, way: int, stage: str) -> Turn:
        turn = Turn(len(self.turns) + 1, way, stage, [Place(role, None, kind) for role, kind in SEATS[stage]])
        self.turns.append(turn)
        return turn

    # --- who may ------------------------------------------------------------------------------------------

    def _is_his(self, place: Place, turn: Turn, actor: str) -> bool:
        if turn.stage == "intake" and place.kind == "main" and actor == self.reporter:
            return True
        return actor == place.member if place.member else actor in self.members[place.role or ""]

    def _place(self, turn: Turn, actor: str) -> Place:
        if turn.ended:
            raise Refused("already_decided")
        his = [p for p in turn.places if self._is_his(p, turn, actor)]
        if not his:
            raise Refused("not_yours")
        if found := [p for p in his if p in turn.whose()]:
            return found[0]
        if any(p.by is None for p in his):
            raise Refused("not_your_turn")
        raise Refused("you_answered" if actor in [p.by for p in his] else "colleague_answered")

    def _keeps_register(self, actor: str) -> bool:
        return actor in self.members["reception"]

    def _refuse_unless_open(self) -> None:
        if self.status != "open":
            raise Refused("case_is_over")

    def _refuse_stranger(self, actor: str, otherwise: str) -> None:
        if actor != self.reporter and not self._keeps_register(actor):
            raise Refused(otherwise)

    # --- deciding -----------------------------------------------------------------------------------------

    def decide(self, act: Act) -> None:
        turn, decision = self.turns[act.more["visit"] - 1], act.more["decision"]
        place = self._place(turn, act.actor)
        if act.more["facts_seen"] not in (None, self.corrected):
            raise Refused("facts_changed")
        decision = decision or LEADS_ON[turn.stage]
        if decision not in (DECISIONS[turn.stage] if place.kind == "main" else {"approve", "return"}):
            raise Refused("not_allowed_here")
        if turn.stage == "callback" and decision != "return":
            raise Refused("call_first")
        back = self._before(turn)
        if decision == "return" and not back:
            raise Refused("no_such_stage_before")
        wanted = ASKS.get(turn.stage)
        if place.kind == "main" and decision in ("approve", "send") and wanted and wanted not in act.more["fields"]:
            raise Refused("field_errors")
        self._say(turn, place, act, decision)
        if decision == "return":
            self._end(turn, act.actor, "return")
            self._open(turn.way, back[-1])

    def _before(self, turn: Turn) -> list[str]:
        if turn.stage == "callback":
            return []
        done = {t.stage for t in self.turns if t.ended == "done"}
        return [stage for stage in PATH[: PATH.index(turn.stage)] if stage in done]

    def _say(self, turn: Turn, place: Place, act: Act, decision: str) -> None:
        place.by, place.said, place.at = act.actor, decision, act.now
        if decision == "return" or turn.whose():
            return
        decision = [p.said for p in turn.places if p.kind == "main"][-1] or ""
        self._end(turn, act.actor, decision)
        match decision:
            case "invalid":
                self._close(turn)
            case "dissatisfied":
                self.over.add(turn.way)
                self.status, self.ways = "open", self.ways + 1
                self._open(self.ways, "handle")
            case "satisfied" | "unreached":
                self.over.add(turn.way)
                self.status = "finished"
            case _ if turn.stage == PATH[-1]:
                self._close(turn)
            case _:
                self._open(turn.way, PATH[PATH.index(turn.stage) + 1])

    @staticmethod
    def _end(turn: Turn, by: str, decision: str) -> None:
        turn.ended, turn.by, turn.decision, turn.waits = "done", by, decision, None

    def _close(self, turn: Turn) -> None:
        self.over.add(turn.way)
        self.status, self.ways = "closed", self.ways + 1
        self._open(self.ways, "callback")

    def call(self, act: Act) -> None:
        turn = self.turns[act.more["visit"] - 1]
        place = self._place(turn, act.actor)
        if turn.stage != "callback":
            raise Refused("no_calls_here")
        said = {"reached": "satisfied" if act.more["fields"].get("solved") else "dissatisfied", "declined": "unreached"}
        decision = said[act.more["result"]]
        if place.kind != "main":
            raise Refused("not_allowed_here")
        self._say(turn, place, act, decision)

    def take_back(self, act: Act) -> None:
        turn = self.turns[act.more["visit"] - 1]
        said = sorted((p.at, n) for n, p in enumerate(turn.places) if p.by is not None and p.at is not None)
        last = turn.places[said[-1][1]] if not turn.ended and said else None
        is_last = last is not None and last.by == act.actor
        if not is_last and (turn.ended != "done" or turn.by != act.actor):
            decided = said if not turn.ended else turn.ended == "done"
            raise Refused("not_your_decision" if decided else "nothing_to_take_back")
        if not any(self._is_his(p, turn, act.actor) for p in turn.places if p.by == act.actor):
            raise Refused("no_longer_yours")
        if last is not None and is_last:
            last.by = last.said = last.at = None
            return
        later = [t for t in self.turns if t.way == turn.way and t.id > turn.id]
        gone_on = any(t.ended or any(p.by for p in t.places) for t in later)
        if gone_on or turn.way in self.over or self.status != "open" or turn.id == 1:  # the first drew the number
            raise Refused("too_late_to_take_back")
        for one in later:
            one.ended, one.waits = "taken_back", None
        turn.ended = "taken_back"
        self._open(turn.way, turn.stage)

    # --- the seat -----------------------------------------------------------------------------------------

    def hand_over(self, act: Act) -> None:
        turn, to = self.turns[act.more["visit"] - 1], act.more["member"]
        place = self._place(turn, act.actor)
        roles = [p.role for p in turn.places if p.role]
        is_free = act.actor in self.members["general_manager"]  # RT-10: he reassigns to whom he will
        if not is_free and not any(
            to in self.members[role] or to == f"U{role.upper().replace('_', '')}HEAD" for role in roles
        ):
            raise Refused("not_in_department")
        place.member = to

    def add_signer(self, act: Act) -> None:
        turn, whom = self.turns[act.more["visit"] - 1], act.more["member"]
        self._place(turn, act.actor)
        if any(p.member == whom and p.by is None for p in turn.places):
            raise Refused("already_signer")
        turn.places.append(Place(None, whom, "added", act.more["place"]))

    def ask(self, act: Act) -> None:
        self._place(self.turns[act.more["visit"] - 1], act.actor)
        self.questions.append(False)

    def answer_question(self, act: Act) -> None:
        number = act.more["question"]
        if number > len(self.questions) or self.questions[number - 1]:
            raise Refused("question_answered")
        self._refuse_stranger(act.actor, "question_not_yours")
        self.questions[number - 1] = True

    # --- time ---------------------------------------------------------------------------------------------

    def wait(self, act: Act) -> None:
        turn = self.turns[act.more["visit"] - 1]
        self._place(turn, act.actor)
        turn.waits = act.more["until"]

    def end_waiting(self, act: Act) -> None:
        turn = self.turns[act.more["visit"] - 1]
        if turn.waits is None:
            raise Refused("not_waiting")
        turn.waits = None

    def tick(self, now: datetime) -> None:
        for turn in self.turns:
            if turn.waits is not None and turn.waits <= now:
                turn.waits = None

    def ask_more(self, act: Act) -> None:
        turn = self.turns[act.more["visit"] - 1]
        self._place(turn, act.actor)
        if turn.extended:
            raise Refused("extension_used")
        turn.asked = True

    def grant(self, act: Act) -> None:
        turn = self.turns[act.more["visit"] - 1]
        if turn.ended:
            raise Refused("already_decided")
        if act.actor not in self.members["general_manager"]:
            raise Refused("only_general_manager")
        if act.more["granted"] and turn.extended:
            raise Refused("extension_used")
        if not act.more["granted"] and not turn.asked:
            raise Refused("extension_ruled")
        turn.asked, turn.extended = False, turn.extended or act.more["granted"]

    def meet(self, act: Act) -> None:
        if act.actor not in self.members["general_manager"]:
            raise Refused("only_general_manager")
        if self.turns[act.more["visit"] - 1].ended:
            raise Refused("already_decided")

    def urge(self, act: Act) -> None:
        turn = self.turns[act.more["visit"] - 1]
        if turn.ended:
            raise Refused("already_decided")
        if turn.urged is not None and act.now < turn.urged + BETWEEN_URGES:
            raise Refused("urged_already")
        turn.urged = act.now

    # --- the case -----------------------------------------------------------------------------------------

    def note(self, act: Act) -> None:
        pass

    def amend(self, act: Act) -> None:
        self._refuse_stranger(act.actor, "only_reporter")
        self._refuse_unless_open()
        self.corrected += 1

    def withdraw(self, act: Act) -> None:
        self._refuse_stranger(act.actor, "only_reporter")
        self._refuse_unless_open()
        self._give_up("withdrawn")

    def void(self, act: Act) -> None:
        if not self._keeps_register(act.actor):
            raise Refused("only_registry")
        if self.status not in ("open", "closed"):
            raise Refused("case_is_over")
        self._give_up("void")

    def merge(self, act: Act, into: IdealCase) -> None:
        self._refuse_stranger(act.actor, "only_registry")
        self._refuse_unless_open()
        if into.status not in ("open", "closed"):
            raise Refused("field_errors")
        self._give_up("merged")

    def _give_up(self, why: str) -> None:
        self.status = why
        for turn in self.turns:
            if turn.ended is None:
                turn.ended, turn.waits = why, None

    def seen(self) -> Any:
        """Return what can be compared with the program's case."""
        turns = [
            (
                t.id, t.stage, t.ended, t.by, t.decision, t.waits, t.asked, t.extended, t.urged is not None,
                tuple((p.role, p.member, p.kind, p.where, p.by, p.said) for p in t.places),
            )
            for t in self.turns
        ]  # fmt: skip
        return self.status, self.corrected, turns, self.questions


@dataclass
class IdealDesk:
    """Two complaints of one customer, and the people who answer for them."""

    cases: list[IdealCase]
    done: set[str] = field(default_factory=set)

    def does(self, act: Act) -> Answer:
        """Let *act* happen and return what the person hears."""
        match act.name:
            case "tick":
                for one in self.cases:
                    one.tick(act.now)
            case "calendar":
                pass  # when something is due is no matter of his
            case "people":
                for one in self.cases:
                    one.members |= {act.more["role"]: act.more["members"]}
            case _:
                return self._told(act)
        return "done", ""

    def _told(self, act: Act) -> Answer:
        if act.key in self.done:
            return "done", "again"
        case = self.cases[act.case]
        try:
            if act.name == "merge":
                case.merge(act, self.cases[1 - act.case])
            else:
                getattr(case, act.name)(act)
        except Refused as no:
            return "refused", str(no)
        self.done.add(act.key)
        return "done", ""

    def seen(self) -> Any:
        return [case.seen() for case in self.cases]


def orders(desk: IdealDesk, acts: list[Act], answers: list[Answer], outcome: Any) -> IdealDesk | None:
    """Return the desk after *acts* in some order that gives *answers* and *outcome*; None if there is none."""
    if not acts:
        return desk if desk.seen() == outcome else None
    for n, act in enumerate(acts):
        tried = deepcopy(desk)
        if tried.does(act) == answers[n]:
            found = orders(tried, acts[:n] + acts[n + 1 :], answers[:n] + answers[n + 1 :], outcome)
            if found is not None:
                return found
    return None
