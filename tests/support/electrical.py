"""The company of electrical-equipment: its desk, and cases at the stages that its tests begin with."""

from __future__ import annotations

from typing import Any

from tests.support.policy_desk import PolicyDesk

ID = "electrical-equipment"
BASE: dict[str, Any] = {
    "customer": "C-0417", "anonymous": False, "channel": "phone", "region": "in_province", "reported_on": "2026-11-02",
    "product": "KYN28", "content": "The breaker does not close", "answerable": True, "wear_parts_needed": False,
}  # fmt: skip
QUALITY = BASE | {"kind": "quality_complaint", "quantity": "3"}
CLAIM = BASE | {"kind": "exchange_or_repair", "quantity": "3", "sold_on": "2026-05-04", "told_warranty": True}
TRAINING = BASE | {"kind": "training_request", "told_installation": True}
QUESTION = BASE | {"kind": "question"}
EVERY_FIELD = CLAIM | TRAINING


class Electrical(PolicyDesk):
    __test__ = False
    usual = {
        "report_up": {"instruction": "Ask the works"},
        "record": {"valid": True, "problem_analysis": "Spring too weak", "cause": "own_quality", "goods_back": False},
        "execute": {"measure": "Stronger spring"},
        "goods_check": {"returned_quantity": "3"},
        "verify_claim": {"verified_cause": "own_quality", "verification": "Spring broken", "settlement": "free_exchange", "claim_value": "900"},
        "reply": {"answer_given": "We exchange it", "reply_channel": "by_phone"},
        "answer": {"answer_given": "See page 12", "reply_channel": "by_letter"},
        "offer_training": {"training_cost": "2000", "customer_pays": True},
        "train": {"training_done": "Six people"},
        "supply_parts": {"parts_supplied": "20 springs"},
    }  # fmt: skip

    def __init__(self, now: str = "2026-11-02 09:30") -> None:
        super().__init__(ID, now)

    def enter(self, case_id: str = "case1", **fields: Any) -> None:
        self.log(actor="UREPORTER", case_id=case_id, **{n: v for n, v in fields.items() if v is not None})


def a_case(first: dict[str, Any], stage: str, **changes: Any) -> Electrical:
    desk = Electrical()
    desk.enter(**first | {n: v for n, v in changes.items() if n in EVERY_FIELD})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in EVERY_FIELD})
