"""A property company with sites, branches and headquarters: its people walk a complaint from stage to stage."""

from __future__ import annotations

from typing import Any

from complaints import commands as cmd
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person

ESTATE = "property-hq-branches"
TAKER = person("project")
FORM: dict[str, Any] = {
    "site": "garden", "customer": "C-0417", "anonymous": False, "contact": "3-201", "channel": "owner_app",
    "received_at": "2026-11-02T09:30:00+08:00", "content": "environment", "system": "environment_system",
    "matter": "bins", "complaint": "Bins overflow",
}  # fmt: skip
FILL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "anonymous_gate": (head("project"), "investigate_it", {}),
    "classify": (person("project"), "classify_it", {"criteria": ["hardware"], "is_valid": True}),
    "confirm_invalid": (head("project"), "confirm", {}),
    "handle_project": (person("project"), "handled", {"method": "More bins", "result": "Clean"}),
    "reply": (person("project"), "told", {"answer": "We set up more bins"}),
    "record": (person("project"), "enter", {"in_software": True}),
}  # fmt: skip
CALL = {"callback_note": "Content", "solved": True, "score": "4"}
UNITS: dict[str, Any] = {
    "units": {"garden": "project", "lake": "project", "north": "branch"},
    "parents": {"garden": "north"},
}


def logged(**changes: Any) -> PolicyDesk:
    desk = PolicyDesk(ESTATE, **UNITS)
    desk.log(TAKER, **{**FORM, **changes})
    return desk


def take(desk: PolicyDesk, stage: str, **fields: Any) -> None:
    if stage == "handle_branch":
        desk.decide(person("branch"), stage, "handled", **{"method": "Fence", "result": "Safe", **fields})
        desk.decide(person("hq_quality"), stage, "approve")
        return
    if stage.startswith("callback"):
        called(desk, stage, **fields)
        return
    who, decision, filled = FILL[stage]
    desk.decide(who, stage, decision, **{**filled, **fields})


def called(desk: PolicyDesk, stage: str, result: str = "reached", **fields: Any) -> None:
    who = person("project") if stage == "callback_project" else person("hq_quality")
    filled = {**CALL, **fields} if result == "reached" else {}
    desk.act(cmd.LogCall, who, visit=desk.visit(stage), result=result, fields=filled, again_at=None)


def at(stage: str, **changes: Any) -> PolicyDesk:
    """Return a desk whose case waits at *stage*; *changes* go where their field is asked."""
    desk = logged(**{n: v for n, v in changes.items() if n in FORM})
    while stage not in desk.open_stages():
        now = desk.open_stages()[0]
        asked = bundle(ESTATE).policy.stages[now].filled
        take(desk, now, **{n: v for n, v in changes.items() if n not in FORM and n in asked})
    return desk


MAJOR: dict[str, Any] = {"criteria": ["our_harm"]}
IMPORTANT: dict[str, Any] = {"criteria": ["conduct"]}
