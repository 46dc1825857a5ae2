"""A maker of measuring instruments: its people walk a fault, a letter or a complaint from stage to stage."""

from __future__ import annotations

from typing import Any

from complaints import commands as cmd
from tests.support.policy_desk import PolicyDesk, person

INSTRUMENT = "instrument-after-sales"
ENGINEER, SECOND, STAFF = "UENGINEER1", "UENGINEER2", "UREPORTER"
FAULT: dict[str, Any] = {
    "kind": "fault", "customer": "C-0417", "anonymous": False, "channel": "phone", "reported_to": "to_service",
    "reported_on": "2026-11-02", "about": "goods", "by_office": False, "content": "No reading", "model": "QX-3",
    "serial_no": "18-204", "address": "Harbour road 3", "contact": "Ms Li 5550", "distance_km": "100", "supplier_needed": False,
}  # fmt: skip
COMPLAINT = {
    n: FAULT[n]
    for n in ("customer", "anonymous", "channel", "reported_to", "reported_on", "about", "by_office", "content")
} | {"kind": "complaint"}
ENQUIRY = COMPLAINT | {"kind": "enquiry", "unclear": False}
SIGNED = {"files": (("user_signature", cmd.GivenFile(id="F-SLIP", name="slip.pdf")),)}
COST = {
    "own_staff": True,
    "travel_cost": "400",
    "repair_cost": "120",
    "parts_cost": "80.50",
    "transport_cost": "30",
    "bearing_unit": "production",
}
FAR = {"distance_km": "100.1"}
PARTS = {
    "parts_needed": True,
    "parts": [{"part": "Cell", "quantity": "1", "reason": "Corroded"}],
    "old_parts_back": True,
}
PAID = {"sold_on": "2024-01-05", "charge": "260"}
LARGER = {"larger_problem": True, "own_proposal": "Change the whole head", "user_demand": "By Friday"}
WORN = {"cause_class": "not_quality"}
DISPUTE = {"cause_class": "dispute", "coordinator": "ULAWYER"}


class Service(PolicyDesk):
    __test__ = False
    usual = {
        "answer_user": {"answer_given": "An engineer comes on Thursday", "reply_channel": "by_phone"},
        "contact_supplier": {"supplier_answer": "New cell on its way"},
        "dispatch_ticket": {"engineers": [{"person": ENGINEER}]},
        "analyse_fault": {"solution_class": "on_site_repair"},
        "arrive": {"arrived_at": "2026-11-02T15:00:00+08:00"},
        "diagnose": {
            "running_hours": "900", "usage": "Daily", "before_and_after": "Humid", "sold_on": "2026-05-04", "opened_before": False,
            "true_cause": "Cell", "cause_class": "own_quality", "parts_needed": False, "larger_problem": False,
        },
        "leader_decision": {"leader_instruction": "Do it"},
        "issue_parts": {"parts_issued": True},
        "execute": {"work_done": "Cell cleaned", "user_instructed": True},
        "customer_sign": {"satisfied": True},
        "solved_check": {"problem_solved": True},
        "escalate_event": {"fault_confirmed": "The board too"},
        "unsolved_ruling": {"leader_instruction": "New instrument"},
        "report_approval": {"supplier_claim": False, "mailed": False},
        "cost_review": COST,
        "knowledge_entry": {"knowledge": "Clean the cell"},
        "clarify": {"clarification": "He means the QX-3"},
        "answer_enquiry": {"answer_given": "See page 4", "reply_channel": "by_letter"},
        "written_contact": {"contact_text": "We come", "contact_result": "Agreed"},
        "accept": {"first_answer": "We look into it"},
        "tell_refusal": {"refusal_told": "Not our make, sorry"},
        "analyse_complaint": {"cause": "Glue", "countermeasure": "Other glue", "cause_class": "own_quality", "special": False},
        "special_analysis": {"special_finding": "Firmware"},
        "coordinate": {"contract_clause": "12.3", "settlement_text": "Half each"},
        "help_customer": {"explained": "Wrong solvent", "repair_done": "New seal", "operator_trained": True},
        "agree_handling": {"agreed_handling": "Exchange", "settlement": "exchange"},
        "liability": {"liable_unit": "production", "liable_person": "Shift 2", "decision_text": "Exchange", "service_fault": False},
        "complaint_cost": COST,
        "reply_customer": {"answer_given": "We exchange it", "reply_channel": "by_phone"},
        "feedback": {"feedback_text": "Exchanged, glue changed"},
        "second_claim": {"claim_result": "Paid"},
        "recover_cost": {"recovered": "500", "recovery_text": "Agreed"},
        "misconduct_ruling": {"proven": True, "ruling_reason": "Two witnesses"},
    }  # fmt: skip

    def __init__(self, now: str = "2026-11-02 09:30", **plan: Any) -> None:
        super().__init__(INSTRUMENT, now, **plan)

    def report(self, case_id: str = "case1", **fields: Any) -> None:
        self.log(actor=STAFF, case_id=case_id, **{n: v for n, v in fields.items() if v is not None})

    def go(
        self, stage: str, decision: str | None = None, case_id: str = "case1", files: Any = (), **changes: Any
    ) -> None:
        super().go(stage, decision, case_id, files or (SIGNED["files"] if stage == "customer_sign" else ()), **changes)


def a_case(first: dict[str, Any], stage: str, **changes: Any) -> Service:
    desk = Service()
    desk.report(**first | {n: v for n, v in changes.items() if n in FAULT})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in FAULT})


def both(*roles: str) -> set[str]:
    return {person(role, number) for role in roles for number in (1, 2)}
