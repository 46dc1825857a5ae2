"""A desk whose people play whole stages: everybody whose turn it is answers, as the stage is usually filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from complaints.authority import standing
from complaints.case import SeatState
from complaints.commands import GivenFile
from complaints.decisions import main_decision
from complaints.refusals import NotAuthorized, Recused
from complaints.seats import waiting_seats
from complaints.stages import stage_def
from tests.support.policy_desk import PolicyDesk, head, person


class WalkDesk(PolicyDesk):
    """A desk for any shipped policy that walks a case along its route: `WalkDesk("hospital").walk("reply", USUAL)`."""

    __test__ = False

    def play(self, stage: str, decision: str | None = None, case_id: str = "case1", **fields: Any) -> Any:
        """Let everybody whose turn it is answer the open visit of *stage* until it is over; the main seat fills."""
        policy = self.bundle("").of(self.case(case_id).policy)
        definition = stage_def(policy, stage)
        visit, told = self.open_visit(stage, case_id).id, None
        while self.case(case_id).visits[visit].is_open:
            seat = waiting_seats(self.case(case_id).visits[visit], definition.seats)[0]
            actor = next(a for a in _candidates(seat) if self._seat_of(a, stage, case_id) == seat.seat.id)
            if seat.seat.kind not in ("main", "final"):
                told = self.decide(actor, stage, case_id=case_id)
                continue
            filed = {n: v for n, v in fields.items() if n in policy.fields and policy.fields[n].type == "file"}
            given = {n: v for n, v in fields.items() if n not in filed and v is not None}
            files = tuple((n, GivenFile(id=f"F-{n}-{case_id}", name=str(v))) for n, v in filed.items() if v is not None)
            told = self.decide(
                actor, stage, decision or main_decision(definition), case_id, files=files,
                reason=given.pop("reason", None), **given,
            )  # fmt: skip
        return told

    def walk(self, stage: str, usual: Mapping[str, Mapping[str, Any]], case_id: str = "case1", **changes: Any) -> Any:
        """
        Play open stages as they are *usually* filled (stage to fields, in the order of the route) until *stage* is open.

        A change goes to the stage that usually fills that field; None leaves it out. `decision` among the usual
        fields is the decision taken.
        """
        for _ in range(60):
            here = next((s for s in usual if s in self.open_stages(case_id)), None)
            if stage in self.open_stages(case_id) or here is None:
                break
            given = {n: changes.get(n, v) for n, v in usual[here].items()}
            self.play(here, given.pop("decision", None), case_id, **given)
        assert stage in (*self.open_stages(case_id), self.case(case_id).status), (stage, self.open_stages(case_id))
        return self

    def seated(self, stage: str) -> tuple[str, str]:
        """Return which roles may decide the open visit of *stage* now and which after them; `head of ROLE` for heads."""
        case_id = next(c for c in reversed(self.record.cases) if stage in self.open_stages(c))
        people = {role: person(role, 2) for role in self.plan.roles}
        people |= {f"head of {role}": head(role) for role in self.plan.roles} | {"somebody else": "UNOBODY"}
        answers = {name: self._seat_of(member, stage, case_id) for name, member in people.items()}
        now = sorted(name for name, answer in answers.items() if isinstance(answer, int))
        later = sorted(name for name, answer in answers.items() if answer == "not_your_turn")
        return ", ".join(now), ", ".join(later)

    def _seat_of(self, member: str, stage: str, case_id: str) -> int | str:
        """Return the seat that *member* may answer now, or the reason of the refusal."""
        world = self.desk.world(self.record, self.bundle(""), self.clock.now())
        try:
            return standing(self.case(case_id), self.open_visit(stage, case_id), member, world).seat.seat.id
        except (NotAuthorized, Recused) as refused:
            return refused.reason


def _candidates(state: SeatState) -> tuple[str, ...]:
    seat = state.seat
    if seat.member is not None:
        return (seat.member,)
    role = seat.role or "general_manager"
    return (head(role),) if seat.head else (person(role, 1), person(role, 2))
