"""The centre of auto-dealer-dcrc: what its people fill in, and cases at the stages that its tests begin with."""

from __future__ import annotations

from typing import Any

from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk

ID = "auto-dealer-dcrc"
HANDLER = person("service_dept", 2)
WALK = Walk(
    policy=ID,
    reporter="UFRONT",
    form={
        "customer": "C-0417", "anonymous": False, "contact": "138", "channel": "phone", "addressed_to": "department",
        "matter": "waiting", "complaint": "Two hours", "wants": "apology",
    },
    steps={
        "anonymous_gate": (head("dcrc"), "investigate_it", {}),
        "transfer": (person("dcrc"), "transfer_it", {"department": "service", "difficulty": "ordinary", "quality_accident": False}),
        "name_handler": (head("service_dept"), "name_it", {"handler": HANDLER}),
        "handle": (HANDLER, "report_it", {"result": "Apologised", "analysis": "Too few people"}),
        "review": (person("dcrc"), "accept", {"established": True, "reply_words": "We are sorry", "rectification_needed": False}),
        "confirm_invalid": (head("dcrc"), "confirm", {}),
        "reply": (person("dcrc", 2), "told", {"answer_given": "We are sorry"}),
        "close_entry": (person("dcrc"), "enter", {}),
        "rectify": (HANDLER, "rectified", {"rectification_report": "Two more people"}),
        "verify_next_month": (person("dcrc"), "verified", {"effective": True, "customer_perception": "Half an hour"}),
        "rectify_again": (HANDLER, "rectified", {"second_report": "Three more"}),
        "rectification_ruling": (person("general_manager"), "rule_on_it", {"ruling_reason": "New rota"}),
        "answer_query": (HANDLER, "answer_it", {"query_answer": "Tomorrow"}),
        "carry_order": (HANDLER, "carried_out", {"order_result": "Done"}),
        "answer_supervision": (head("service_dept"), "answer_it", {"supervision_answer": "I see to it"}),
        "accountability": (person("dcrc"), "fixed", {"investigation": "The rota", "responsible_persons": "The foreman"}),
        "accountability_ruling": (person("general_manager"), "confirm", {}),
        "callback": (person("dcrc"), "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
take, logged, at, closed = WALK.take, WALK.logged, WALK.at, WALK.closed
RECTIFY: dict[str, Any] = {
    "rectification_needed": True,
    "rectification_opinion": "Plan better",
    "rectify_by": "2026-11-20",
}


def rectified() -> PolicyDesk:
    desk = closed(**RECTIFY)
    WALK.called(desk)
    take(desk, "rectify")
    return desk
