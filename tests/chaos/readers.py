"""
Who must be told of what, and who may be: worked out from the log and the company, without a line of the program.

A notice says what happened (the last line of its act), of which kind it is and to whom it goes. Where people come and go during a run
it is enough that somebody of a role is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.company import STAND_IN, TOP, channels_of
from tests.chaos.findings import Event

REGISTRY = "reception"
CARDS = ("approval", "callback")
PLACES = ("before", "beside", "after")
Told = frozenset[tuple[str, str, int | None]]
Notice = tuple[str, str, str, str, int | None]


@dataclass
class Visit:
    """A stage's turn as the log tells it so far. *seats*: role and member of each; *ever*: of any that it once had."""

    stage: str
    seats: dict[int, tuple[str | None, str | None]] = field(default_factory=dict)
    places: dict[int, str] = field(default_factory=dict)
    ever: set[tuple[str | None, str | None]] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    is_over: bool = False

    def sit(self, seat: int, role: str | None, member: str | None, place: str | None = None) -> None:
        self.seats[seat] = (role, member)
        self.ever.add((role, member))
        self.places[seat] = place or self.places.get(seat, "beside")

    def turn(self) -> list[tuple[str | None, str | None]]:
        """Return whose turn it is for sure: who was put before the others goes first, who was put after them last."""
        waiting = [seat for seat in self.seats if seat not in self.answered]
        first = min((PLACES.index(self.places[seat]) for seat in waiting), default=0)
        return [self.seats[seat] for seat in waiting if self.places[seat] == PLACES[first]]


class Readers:
    """
    Holds notices against what happened. *acts*: of each log, the last lines of its acts. *notices*: (id, case, kind, to, visit).
    *roles*: who may answer for each role, with its head. *come_and_go*: whether the desk file changes meanwhile.
    """

    def __init__(
        self, events: Iterable[Event], acts: Mapping[str, Collection[int]], notices: Iterable[Notice], roles: Mapping[str, Collection[str]],
        *, come_and_go: bool,
    ) -> None:  # fmt: skip
        self._events, self._acts, self._roles, self._come_and_go = list(events), acts, roles, come_and_go
        self._notices = list(notices)
        told: dict[str, set[tuple[str, str, int | None]]] = defaultdict(set)
        for id_, _, kind, to, visit in self._notices:
            told[id_.rpartition("-")[0]].add((kind, to, visit))
        self._told = {act: frozenset(each) for act, each in told.items()}
        self._visits: dict[tuple[str, int], Visit] = {}
        self._stages: dict[tuple[str, int], int] = {}
        self._reporters: dict[str, str] = {}
        self._askers: dict[tuple[str, int], str] = {}

    def lost(self) -> Iterator[str]:
        """Say of everything that happened who was not told of it."""
        of_act: list[Event] = []
        for event in self._events:
            if event.log == "desk":
                continue
            of_act.append(event)
            self._note(event)
            if event.seq in self._acts[event.log]:
                told = self._told.get(f"{event.log}-{event.seq}", frozenset())
                for each in of_act:
                    yield from self._untold(each, told)
                of_act.clear()

    def strangers(self) -> Iterator[str]:
        """Say of each notice that went to somebody whom it does not concern; ask it when all of the log is read (`lost`)."""
        for id_, case_id, kind, to, visit in self._notices:
            if not case_id or "." in id_:  # about the desk, or gone another way
                continue
            of = self._visits.get((case_id, visit or 0))
            if kind in CARDS and of is not None and to not in self._all_of(of):
                yield f"{kind} of {case_id} visit {visit} ({of.stage}) to {to}"
            if kind in ("escalation", "extension") and to not in self._roles[TOP]:
                yield f"{kind} of {case_id} to {to}"
            if kind in ("reporter", "closed", "finished") and to != self._reporters[case_id]:
                yield f"{kind} of {case_id} to {to}, who did not report it"
            if kind == "home" and to not in channels_of(REGISTRY):
                yield f"{kind} of {case_id} to {to}"

    # --- what happened --------------------------------------------------------------------------------------------

    def _note(self, event: Event) -> None:
        body = event.body
        match event.kind:
            case "CaseOpened":
                self._reporters[event.log] = body["reporter"]
            case "VisitOpened":
                visit = self._visits[event.log, body["visit"]] = Visit(stage=body["stage"])
                for seat in body["seats"]:
                    visit.sit(seat["id"], seat["role"], seat["member"], seat["place"])
            case "SeatAdded":
                seat = body["seat"]
                self._visits[event.log, body["visit"]].sit(seat["id"], seat["role"], seat["member"], seat["place"])
            case "HandedOver":
                self._visits[event.log, body["visit"]].sit(body["seat"], body["role"], body["member"])
            case "SeatAnswered":
                self._visits[event.log, body["visit"]].answered.add(body["seat"])
            case "VisitDone" | "VisitDropped":
                self._visits[event.log, body["visit"]].is_over = True
            case "DecisionTakenBack":
                self._visits[event.log, body["visit"]].answered.discard(body["seat"])
            case "DeadlineSet":
                self._stages[event.log, body["deadline"]] = body["visit"] or 0
            case "QuestionAsked":
                self._askers[event.log, body["question"]] = event.actor

    def _untold(self, event: Event, told: Told) -> Iterator[str]:
        for kinds, somebody in self._must(event):
            if not any(kind in kinds and to in somebody for kind, to, _ in told):
                yield f"{'/'.join(kinds)} to {'/'.join(sorted(somebody))}: {event}"

    def _must(self, event: Event) -> Iterator[tuple[tuple[str, ...], Collection[str]]]:
        """Yield (kinds, people or channels), one of each of which must be told of *event*."""
        body = event.body
        visit = self._visits.get((event.log, body.get("visit") or 0))
        match event.kind:
            case "CaseOpened":
                yield ("home",), channels_of(REGISTRY)
                yield ("reporter",), {body["reporter"]}
            case "VisitOpened" if visit is not None and not visit.is_over:
                for seat in body["seats"]:
                    yield CARDS, self._places(seat["role"], seat["member"])
            case "SeatAdded" if visit is not None and not visit.is_over:
                seat = (body["seat"]["role"], body["seat"]["member"])
                if seat in visit.turn():  # who waits for a signer put before gets it then
                    yield (*CARDS, "turn"), self._places(*seat)
            case "HandedOver" if visit is not None and not visit.is_over:
                yield CARDS, self._places(body["role"], body["member"])
            case "QuestionAsked":
                yield ("question",), {body["to"]}
            case "QuestionAnswered":
                yield ("answer",), {self._askers[event.log, body["question"]]}
            case "Urged" if visit is not None:
                yield ("urge",), self._all_of(visit)
            case "ExtensionAsked":
                yield from (((kind,), who) for kind, who in self._each("extension"))
            case "ExtensionRuled" if visit is not None:
                yield ("extension_ruled",), self._all_of(visit)
            case "StepFired" if body["told"]:
                yield from self._must_of_step(
                    event, self._visits.get((event.log, self._stages[event.log, body["deadline"]]))
                )
            case "CaseClosed":
                yield ("closed",), {self._reporters[event.log]}
            case "CaseFinished":
                yield ("finished",), {self._reporters[event.log]}
            case "CaseWithdrawn" | "CaseVoided" | "CaseMerged":
                yield ("ended",), {*channels_of(REGISTRY), self._reporters[event.log], *self._roles[REGISTRY]}

    def _must_of_step(self, event: Event, visit: Visit | None) -> Iterator[tuple[tuple[str, ...], Collection[str]]]:
        """Of a stage's own clock its owners are reminded and their departments get the slip; lateness climbs to the top."""
        waiting = visit.turn() if visit is not None else []
        match event.body["as_"]:
            case "escalation":
                yield from (((kind,), who) for kind, who in self._each("escalation"))
            case "reminder" if not self._come_and_go:
                owners = {m for role, member in waiting for m in ((member,) if member else self._members(role))}
                yield from ((("reminder",), {member}) for member in owners)
            case "reminder_slip":
                yield from ((("reminder_slip",), self._places(*seat)) for seat in waiting)

    def _members(self, role: str | None) -> set[str]:
        return {m for m in self._roles.get(role or "", ()) if not m.endswith("H")}

    def _each(self, kind: str) -> Iterator[tuple[str, Collection[str]]]:
        """Every general manager is told, but not the one above them, who only stands in."""
        members = self._members(TOP)
        yield from [(kind, members)] if self._come_and_go else [(kind, {m}) for m in members]

    def _places(self, role: str | None, member: str | None) -> Collection[str]:
        """Return where who sits there is told: in person, or who stands in for him; or in his department's channel."""
        if member is None:
            return channels_of(role) if role else ()
        return {member, STAND_IN} if self._come_and_go else {member}

    def _all_of(self, visit: Visit) -> set[str]:
        people = {m for role, member in visit.ever for m in ((member,) if member else self._roles.get(role or "", ()))}
        stand_ins = {STAND_IN} if self._come_and_go else set()
        return people | stand_ins | {p for seat in visit.ever for p in self._places(*seat)}


def several_turns(events: Iterable[Event]) -> Iterator[str]:
    """Say of each way of a case that it stands at two stages at once, which none does in this company, or at one when it is over."""
    open_: dict[tuple[str, Any], set[int]] = defaultdict(set)
    branches: dict[tuple[str, int], Any] = {}
    for event in events:
        visit = event.body.get("visit")
        match event.kind:
            case "VisitOpened":
                branches[event.log, visit] = event.body["branch"]
                stands = open_[event.log, event.body["branch"]]
                stands.add(visit)
                if len(stands) > 1:
                    yield f"stands at visits {sorted(stands)} at once: {event}"
            case "VisitDone" | "VisitDropped":
                open_[event.log, branches[event.log, visit]].discard(visit)
            case "CaseWithdrawn" | "CaseVoided" | "CaseMerged":
                left = [visits for (log, _), visits in open_.items() if log == event.log and visits]
                yield from (f"is over and still stands at {sorted(visits)}: {event}" for visits in left)
