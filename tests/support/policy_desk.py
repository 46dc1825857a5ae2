"""A desk for any shipped policy: two people and a head for every role that the policy names, so that a walk needs no company of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from complaints import commands as cmd
from complaints import events as e
from complaints.authority import standing
from complaints.case import Deadline, Visit
from complaints.decisions import main_decision
from complaints.people import DeskPlan, RoleHolders
from complaints.policy import LoadedPolicy
from complaints.refusals import NotAuthorized, Recused
from complaints.seats import waiting_seats
from complaints.world import World
from tests.support.company import OFFICER, a_calendar
from tests.support.desks import TestDesk, bundle

COUNTRY = "CN"


def person(role: str, number: int = 1) -> str:
    """Return the member id of a role's first or second holder: `UQUALITY1`."""
    return f"U{role.upper().replace('_', '')}{number}"


def head(role: str) -> str:
    """Return the member id of the head of the department behind a role."""
    return f"U{role.upper().replace('_', '')}HEAD"


def plan_of(loaded: LoadedPolicy, departments: tuple[str, ...] = (), **changes: Any) -> DeskPlan:
    """
    Return a desk in which every role of the policy and its annexes has two members, a head and a channel.

    *departments*: the company's other departments, which a regulation only means ("the department responsible").
    """
    names = dict.fromkeys(role for policy in loaded for role in (*policy.roles, policy.policy.top)) | dict.fromkeys(
        departments
    )
    roles = {
        role: RoleHolders(
            id=role,
            labels={"en": role, "zh-Hans": role, "zh-Hant": role},
            channel=f"C{role.upper().replace('_', '')}",
            members=(person(role, 1), person(role, 2)),
            head=head(role),
        )
        for role in names
    }
    parts: dict[str, Any] = {
        "name": "Test desk",
        "language": "zh-Hans",
        "timezone": "Asia/Shanghai",
        "officer": OFFICER,
        "fallback_channel": "CFALLBACK",
        "policies": tuple(policy.id for policy in loaded),
        "roles": roles,
        "qualifications": {
            role.needs: dict.fromkeys((person(name, 1), person(name, 2)))
            for policy in loaded
            for name, role in policy.roles.items()
            if role.needs
        },
    }
    return DeskPlan(**{**parts, **changes})


class PolicyDesk(TestDesk):
    """
    A desk that runs one shipped policy: `PolicyDesk("hospital")`, Monday 2 November 2026, 09:30, China's calendar.

    It acts by the short calls of `TestDesk`; *plan* parts are given by name (`departments=`, `absences=`, `values=` …),
    *libraries* are laid into the policy as a desk file does that names them.
    """

    __test__ = False
    usual: Mapping[str, Mapping[str, Any]] = {}  # stage: what its people usually fill in; a test names what differs

    def __init__(
        self,
        policy: str,
        now: str = "2026-11-02 09:30",
        country: str = COUNTRY,
        libraries: tuple[str, ...] = (),
        **plan: Any,
    ) -> None:
        people = plan_of(bundle(policy, *libraries), **plan)
        super().__init__(policy=policy, now=now, libraries=libraries, plan=people, calendar=a_calendar(country))

    def may_act(self, stage: str, case_id: str = "case1") -> set[str]:
        """
        Return who may decide the open visit of *stage* now, of everybody there is: roles (their second holder, who has
        done nothing yet), `head of ROLE`, `reporter`, and `somebody else`.
        """
        people = {role: person(role, 2) for role in self.plan.roles}
        people |= {f"head of {role}": head(role) for role in self.plan.roles}
        people |= {"reporter": self.case(case_id).reporter, "somebody else": "UNOBODY"}
        world = self.desk.world(self.record, self.bundle(""), self.clock.now())
        return {name for name, member in people.items() if self._may(member, stage, case_id, world)}

    def _may(self, member: str, stage: str, case_id: str, world: World) -> bool:
        try:
            standing(self.case(case_id), self.open_visit(stage, case_id), member, world)
        except (NotAuthorized, Recused):
            return False
        return True

    def go(
        self, stage: str, decision: str | None = None, case_id: str = "case1", files: Any = (), **changes: Any
    ) -> None:
        """
        Let the people of *stage* decide it: whoever sits beside or signs agrees, the main seat takes *decision* (unsaid:
        the one that leads on) with the usual fields and *changes* (None leaves a field out).
        """
        definition = self.bundle("").policy.stages[stage]
        fields = {n: v for n, v in {**self.usual.get(stage, {}), **changes}.items() if v is not None}
        number = self.open_visit(stage, case_id).id
        while (visit := self.case(case_id).visits[number]).is_open:
            seat = waiting_seats(visit, definition.seats)[0].seat
            is_main = seat.kind in ("main", "final")
            said = (decision or main_decision(definition)) if is_main else "approve"
            reason = "As agreed" if said in definition.reason else None
            given = {"fields": fields, "files": files} if is_main else {}
            self.submit(
                cmd.Decide(
                    actor=seat.member or self._holder(seat, visit),
                    key=self.key(), case_id=case_id, visit=number, decision=said, reason=reason, **given,
                )
            )  # fmt: skip

    def _holder(self, seat: e.Seat, visit: Visit) -> str:
        """Return the head, or the first holder of the role who has not answered in this visit yet."""
        role = str(seat.role)
        answered = {s.answer.by for s in visit.seats if s.answer}
        return head(role) if seat.head else person(role, 2 if person(role) in answered else 1)

    def to(self, stage: str, case_id: str = "case1", **changes: Any) -> Self:
        """Take the case along its main route to *stage*, or `closed`; a change goes to the first stage that fills it."""
        policy = self.bundle("").policy
        while stage not in self.open_stages(case_id):
            case = self.case(case_id)
            here = next((v.stage for v in case.open_visits if not case.branches[v.branch].follow_up), None)
            if here is None:
                break
            own = {name: changes.pop(name) for name in policy.stages[here].filled if name in changes}
            self.go(here, case_id=case_id, **own)
        assert stage == "closed" or stage in self.open_stages(case_id), (stage, self.open_stages(case_id))
        assert not changes, f"nobody filled {', '.join(changes)}"
        return self

    def steps(self, clock: Deadline) -> dict[str, tuple[datetime, set[str]]]:
        """Return what a clock's ladder did so far: what it was told as, when first, and to whom."""
        found: dict[str, tuple[datetime, set[str]]] = {}
        for case_id, log in self.record.logs.items():
            mine = self.case(case_id).deadlines.get(clock.id)
            if mine is None or (mine.clock, mine.visit, mine.starts_at) != (clock.clock, clock.visit, clock.starts_at):
                continue
            for recorded in log:
                if isinstance(step := recorded.event, e.StepFired) and step.deadline == clock.id:
                    found.setdefault(step.as_, (recorded.at, set(step.told)))
        return found

    def pass_as(self, role: str, stage: str, decision: str = "approve", case_id: str = "case1", **more: Any) -> Any:
        """Let the first holder of *role* decide the open visit of *stage*."""
        return self.decide(person(role), stage, decision, case_id, **more)

    def figure(self, measure: str, period: str = "2026-11", now: str = "2026-12-01 09:00") -> str:
        """Return a figure of a period's report as drawn at *now*: `1 of 2`, a sum or an average as `12.5 from 2`."""
        found = self.drawn(period, now).figure(measure).amount
        return f"{found.hit} of {found.of}" if found.hit is not None else f"{found.value} from {found.of}"


def walked(desk: PolicyDesk) -> list[str]:
    """Walk a case along its main route until it closes and return the stages passed."""
    seen = []
    while desk.case().status == "open":
        case = desk.case()
        here = next(v.stage for v in case.open_visits if not case.branches[v.branch].follow_up)
        seen.append(here)
        desk.go(here)
    return seen
