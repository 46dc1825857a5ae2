"""The company of market-dev-first-contact: its desk, and cases at the stages that its tests begin with."""

from __future__ import annotations

from typing import Any

from tests.support.policy_desk import PolicyDesk

ID = "market-dev-first-contact"
ANYBODY = "UREPORTER"
COMPLAINT: dict[str, Any] = {
    "customer": "C-0417", "anonymous": False, "channel": "phone", "origin": "direct", "subject": "product",
    "content": "The pump leaks", "customer_reason": "New since May", "demand": "Repair it", "solvable_alone": False,
}  # fmt: skip
FIELDS: dict[str, dict[str, Any]] = {
    "register": {"valid": True, "convened": ["sales", "workshop"]},
    "joint_analysis": {"cause": "Seal", "liability": "company_side", "plan": "New seal", "responsible_unit": "workshop"},
    "unclear_ruling": {"ruled_liability": "company_side", "ruling_reason": "Our drawing", "responsible_unit": "workshop"},
    "customer_cause": {"explanation": "Ran dry", "assistance": "Showed how", "reply_channel": "by_phone"},
    "company_cause": {"answer_given": "Seal changed", "solution": "Seal", "reply_channel": "by_phone", "customer_satisfied": True},
    "register_result": {"final_result": "Repaired"},
    "handling_opinion": {"handling_opinion_text": "Handled well", "employee_at_fault": False},
    "late_reason": {"good_reason": False, "reason_finding": "Forgotten"},
}  # fmt: skip
FAULT: dict[str, Any] = {
    "employee_at_fault": True, "fault_kind": "over_promise", "employee": "USELLER", "company_loss": "5000",
    "customer_loss_paid": "20000", "commission_paid": "640", "assessment_pay": "3500",
    "deductions": [{"person": "USELLER", "deduction": "200"}],
}  # fmt: skip


class Market(PolicyDesk):
    """The company at work; a test names only what differs from the usual case."""

    __test__ = False
    usual = FIELDS

    def __init__(self, now: str = "2026-11-02 09:30", **plan: Any) -> None:
        super().__init__(ID, now, departments=("sales", "workshop"), **plan)

    def complain(self, case_id: str = "case1", **changes: Any) -> None:
        given = {n: v for n, v in {**COMPLAINT, **changes}.items() if v is not None}
        self.log(actor=ANYBODY, case_id=case_id, **given)


def a_case(stage: str = "register", **changes: Any) -> Market:
    desk = Market()
    first = {*COMPLAINT, "agreed_on", "agreed_with", "agreed_at"}
    desk.complain(**{n: v for n, v in changes.items() if n in first})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in first})


CUSTOMERS_CAUSE = {"liability": "customer_side", "responsible_unit": None, "explaining_unit": "sales"}
UNCLEAR = {"liability": "unclear", "responsible_unit": None, "submit_to": "deputy_gm"}


def sanctioned(**changes: Any) -> Market:
    """A closed case whose opinion finds an employee at fault."""
    desk = a_case("closed")
    desk.go("handling_opinion", **{**FAULT, **changes})
    return desk


def late(**changes: Any) -> Market:
    """A closed case that missed its five working days, at the judgement of the reason."""
    desk = a_case("register", **changes)
    desk.at("2026-11-10 09:30")
    return desk.to("closed")
