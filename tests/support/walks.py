"""The straight way through a policy, from which the tests of a regulation leave where they look at something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from complaints import commands as cmd
from complaints.policy import Policy
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, person


@dataclass(frozen=True, kw_only=True)
class Walk:
    """
    A policy, who logs its complaints, the filled form, and of each stage who decides what with which fields.

    Fields given by name to `at` go into the form or into the stage that fills them.
    """

    policy: str
    reporter: str
    form: dict[str, Any]
    steps: dict[str, tuple[str, str, dict[str, Any]]]

    @property
    def file(self) -> Policy:
        return bundle(self.policy).policy

    def logged(self, now: str = "2026-11-02 09:30", case_id: str = "case1", **changes: Any) -> PolicyDesk:
        desk = PolicyDesk(self.policy, now=now)
        desk.log(self.reporter, case_id, **{**self.form, **changes})
        return desk

    def take(
        self, desk: PolicyDesk, stage: str, decision: str | None = None, *, case_id: str = "case1", **fields: Any
    ) -> None:
        """Let the right person decide the stage, in the usual way but for *decision* and *fields*."""
        who, usual, filled = self.steps[stage]
        desk.decide(who, stage, decision or usual, case_id, **{**filled, **fields})

    def on(self, desk: PolicyDesk, until: str, case_id: str = "case1", **changes: Any) -> PolicyDesk:
        """Go on until a stage is open, or the case is closed (`until="closed"`)."""
        while until not in desk.open_stages(case_id):
            if until == "closed" and desk.case(case_id).closed_at is not None:
                break
            now = desk.open_stages(case_id)[0]
            filled = self.file.stages[now].filled
            self.take(desk, now, case_id=case_id, **{n: v for n, v in changes.items() if n in filled})
        return desk

    def at(self, stage: str, **changes: Any) -> PolicyDesk:
        """Return a desk whose case waits at *stage*."""
        desk = self.logged(**{n: v for n, v in changes.items() if n in self.form})
        return self.on(desk, stage, **{n: v for n, v in changes.items() if n not in self.form})

    def closed(self, **changes: Any) -> PolicyDesk:
        return self.at("closed", **changes)

    def called(self, desk: PolicyDesk, result: str = "reached", *, by: str = "", **fields: Any) -> None:
        """Log a call to the customer; a call that reached them is answered as in `steps["callback"]`."""
        who, _, usual = self.steps["callback"]
        desk.call(result, actor=by or who, **({**usual, **fields} if result == "reached" else {}))

    def object(self, desk: PolicyDesk, who: str, route: str = "objection", **fields: Any) -> None:
        """Begin a route by hand: by default an objection with its reason."""
        desk.act(cmd.BeginRoute, who, route=route, fields=fields or {"objection_reason": "It was the supplier"})

    def rule(self, desk: PolicyDesk, decision: str, **fields: Any) -> None:
        """Let the general manager rule on the objection."""
        desk.decide(person("general_manager"), "objection_ruling", decision, **{"ruling_reason": "So be it", **fields})
