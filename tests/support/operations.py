"""Cases of property-operations at the stages that its tests begin with."""

from __future__ import annotations

from typing import Any

from complaints import commands as cmd
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person

ID = "property-operations"
REPORTER = person("responsible_dept", 1)  # somebody of the department takes the complaint
FORM: dict[str, Any] = {
    "customer": "Flat 3-201", "anonymous": False, "contact": "3-201", "channel": "work_site", "origin": "direct",
    "difficult": False, "received_at": "2026-11-02T09:30:00+08:00", "matter": "equipment", "complaint": "No light",
}  # fmt: skip
FILL: dict[str, tuple[str, str, dict[str, Any]]] = {  # stage: who, decision, what is filled
    "anonymous_gate": (head("reception"), "investigate_it", {}),
    "on_site": (REPORTER, "report_it", {"thanked": True, "kind": "own_service", "is_valid": True, "solved_at_once": False}),
    "classify": (person("reception"), "pass_on", {"kind": "own_service", "is_valid": True, "liable_unit": "responsible_dept"}),
    "superior_opinion": (head("responsible_dept"), "instruct", {"handling_opinion": "Mend it", "kind": "own_service", "is_valid": True, "liable_unit": "responsible_dept"}),
    "confirm_invalid": (head("reception"), "confirm", {}),
    "forward": (person("responsible_dept", 2), "forwarded", {"third_party": "The developer"}),
    "handle": (person("responsible_dept", 2), "handled", {"process": "Changed the lamp", "result": "Light", "analysis": "Old lamp"}),
    "record": (person("reception"), "enter", {}),
    "explain_invalid": (person("reception"), "told", {"explanation": "It is not ours"}),
}  # fmt: skip
CALL = {"callback_way": "phone", "customer_opinion": "Fine", "effect_seen": "Light is on", "solved": True, "score": "4"}


def logged(**changes: Any) -> PolicyDesk:
    desk = PolicyDesk(ID)
    desk.log(REPORTER, **{**FORM, **changes})
    return desk


def take(desk: PolicyDesk, stage: str, **fields: Any) -> None:
    who, decision, filled = FILL[stage]
    desk.decide(who, stage, decision, **{**filled, **fields})


def at(stage: str, **changes: Any) -> PolicyDesk:
    """Return a desk whose case waits at *stage*; *changes* go where their field is asked."""
    desk = logged(**{n: v for n, v in changes.items() if n in FORM})
    while stage not in desk.open_stages():
        now = desk.open_stages()[0]
        take(
            desk,
            now,
            **{n: v for n, v in changes.items() if n not in FORM and n in bundle(ID).policy.stages[now].filled},
        )
    return desk


def closed(**changes: Any) -> PolicyDesk:
    desk = at("record", **changes)
    take(desk, "record")
    return desk


REMOTE: dict[str, Any] = {"channel": "phone"}
SOLVED: dict[str, Any] = {"solved_at_once": True, "process": "Changed it", "result": "Light", "analysis": "Old lamp"}


def called(desk: PolicyDesk, result: str = "reached", **fields: Any) -> None:
    desk.call(result, actor=person("operations"), **({**CALL, **fields} if result == "reached" else {}))


def objected() -> PolicyDesk:
    desk = closed(**SOLVED)
    called(desk)
    desk.act(cmd.BeginRoute, REPORTER, route="objection", fields={"objection_reason": "x"})
    return desk
