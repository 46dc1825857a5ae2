"""A maker of kitchens and doors: its customer service and the persons responsible walk a ticket from stage to stage."""

from __future__ import annotations

from typing import Any

from tests.support.policy_desk import PolicyDesk

HOME = "home-furnishing-group"
COMPLAINT: dict[str, Any] = {
    "anonymous": False, "customer": "C-0417", "customer_kind": "dealer", "product_line": "cabinets", "channel": "hotline",
    "ticket_kind": "complaint_ticket", "times": "first", "matter": "Door 3", "content": "The door is warped",
}  # fmt: skip
SATISFIED = {"solved": True, "score": "5"}


class Home(PolicyDesk):
    __test__ = False
    usual = {
        "assign": {"valid": True},
        "reply_ticket": {"contacted": True, "reply_text": "We come on Monday"},
        "handle": {"solution": "New door"},
        "return_result": {"final_result": "New door fitted", "answer_channel": "by_phone"},
        "change_person": {"new_person": "UNEW", "handover_on": "2026-11-20"},
        "tell_invalid": {"invalid_told": "We sell no windows"},
        "objection_ruling": {"objection_ruling_text": "Dismissed"},
    }

    def __init__(self, now: str = "2026-11-02 09:30") -> None:
        super().__init__(HOME, now)

    def complain(self, case_id: str = "case1", **changes: Any) -> None:
        given = {n: v for n, v in {**COMPLAINT, **changes}.items() if v is not None}
        self.log(actor="UREPORTER", case_id=case_id, **given)


def a_case(stage: str = "assign", **changes: Any) -> Home:
    desk = Home()
    desk.complain(**{n: v for n, v in changes.items() if n in COMPLAINT})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in COMPLAINT})
