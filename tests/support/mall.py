"""The mall of furniture-mall-tenant: its desk, and cases at the stages that its tests begin with."""

from __future__ import annotations

from typing import Any

from tests.support.policy_desk import PolicyDesk, person

ID = "furniture-mall-tenant"
QUALITY: dict[str, Any] = {
    "kind": "complaint", "tenant_name": "Oak House", "contract_no": "K-7", "customer": "C-0417", "anonymous": False,
    "complainant": "buyer", "channel": "telephone", "subject": "quality", "product": "Wardrobe", "content": "The door hangs",
}  # fmt: skip
STAFF = QUALITY | {"subject": "staff_conduct"}
CONTRACT: dict[str, Any] = {
    "kind": "contract", "tenant_name": "Oak House", "contract_no": "K-7", "anonymous": False, "contract_end": "2027-01-31", "deposit": "5000",
}  # fmt: skip


class Mall(PolicyDesk):
    __test__ = False
    usual = {
        "check": {"valid": True},
        "staff_measure": {"severe": False, "employee": "Mr Wu", "staff_action": "punished"},
        "notify_tenant": {"notice_text": "Please answer today"},
        "tenant_solution": {"tenant_answered": True, "solution": "New hinge", "settlement": "repair"},
        "advance_compensation": {"advance": False},
        "settle": {"established": True, "answer_given": "A new hinge comes"},
        "feed_back": {"feedback": "The customer is content"},
        "claim_rest": {"claim_result": "Paid"},
        "sanction_ruling": {"ruling_reason": "Third time"},
        "renewal_check": {"ruling_reason": "Two complaints"},
    }  # fmt: skip

    def __init__(self, now: str = "2026-11-02 09:30") -> None:
        super().__init__(ID, now)

    def register(self, case_id: str = "case1", **fields: Any) -> None:
        self.log(actor="UREPORTER", case_id=case_id, **{n: v for n, v in fields.items() if v is not None})


def a_case(first: dict[str, Any], stage: str, case_id: str = "case1", desk: Mall | None = None, **changes: Any) -> Mall:
    desk = desk or Mall()
    desk.register(case_id, **first | {n: v for n, v in changes.items() if n in QUALITY | CONTRACT})
    return desk.to(stage, case_id, **{n: v for n, v in changes.items() if n not in QUALITY | CONTRACT})


def both(*roles: str) -> set[str]:
    return {person(role, number) for role in roles for number in (1, 2)}
