"""The company of after-sales-integrated: its desk, and cases at the stages that its tests begin with."""

from __future__ import annotations

from typing import Any

from complaints import commands as cmd
from tests.support.policy_desk import PolicyDesk

ID = "after-sales-integrated"
DATA = {"order_no": "SO-1", "part_no": "P-4", "quantity": "10", "shipped_on": "2026-10-26"}
QUALITY: dict[str, Any] = {
    "kind": "complaint", "customer": "C-0417", "anonymous": False, "channel": "telephone", "complaint_type": "quality_abnormality",
    "product": "Valve", "content": "It leaks", "demand": "New valves", "injury": False, "amount": "500",
}  # fmt: skip
HUMAN = QUALITY | {"complaint_type": "human_factor"}
SUGGESTION = {n: QUALITY[n] for n in ("customer", "anonymous", "channel", "product", "content")} | {
    "kind": "suggestion"
}
SERIOUS = {"amount": "20000"}
NOT_OURS = {
    "our_fault": False,
    "liable_unit": None,
    "method": None,
    "production_unit": None,
    "production_people": None,
    "production_date": None,
}
ENTRY = {**QUALITY, **DATA}
SHOWN = (("appraisal", cmd.GivenFile(id="F-APPRAISAL", name="appraisal.pdf")),)


class Integrated(PolicyDesk):
    __test__ = False
    usual = {
        "supply_data": DATA,
        "review": {"valid": True},
        "analyse": {
            "quality_confirmed": True, "cause": "Seal", "our_fault": True, "liable_unit": "works", "method": "New seal",
            "production_unit": "Line 2", "production_people": "Shift B", "production_date": "2026-10-01",
        },
        "explain": {"explanation": "Wrong medium", "possible_causes": "Acid", "next_steps": "Test another seal"},
        "record_light": {"informed_units": ["works", "store"], "attention": "Seals", "implement_due": "2026-11-12"},
        "propose_measure": {"product_measure": "Harder seal"},
        "agree_solution": {"solution": "New valves", "settlement": "exchange", "implement_due": "2026-11-20"},
        "agree_customer": {"customer_agrees": True, "customer_position": "Fine"},
        "solution_ruling": {"ruling_reason": "Money back"},
        "implement": {"implemented": "Exchanged"},
        "track": {"answer_given": "Exchanged"},
        "progress_message": {"progress": "The parts are ordered"},
        "improve": {"improvement": "Test every seal", "improvement_due": "2026-12-10"},
        "check_effect": {"effective": True, "effect_evidence": "No leak"},
        "improvement_ruling": {"ruling_reason": "New supplier"},
        "return_slip": {"return_reason": "Leaks"},
        "pass_suggestion": {"suggestion_units": ["works", "store"]},
        "answer_suggestion": {"suggestion_answer": "We do it"},
    }  # fmt: skip

    def __init__(self, now: str = "2026-11-02 09:30") -> None:
        super().__init__(ID, now, departments=("works", "store"))

    def hear(self, case_id: str = "case1", **fields: Any) -> None:
        self.log(actor="UREPORTER", case_id=case_id, **{n: v for n, v in fields.items() if v is not None})

    def go(
        self, stage: str, decision: str | None = None, case_id: str = "case1", files: Any = (), **changes: Any
    ) -> None:
        if stage == "analyse" and self.case(case_id).fields.get("complaint_type") != "quality_abnormality":
            changes = (
                dict.fromkeys(("quality_confirmed", "production_unit", "production_people", "production_date"))
                | changes
            )
        super().go(stage, decision, case_id, files or (SHOWN if stage == "explain" else ()), **changes)


def a_case(first: dict[str, Any], stage: str, **changes: Any) -> Integrated:
    desk = Integrated()
    desk.hear(**first | {n: v for n, v in changes.items() if n in ENTRY})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in ENTRY})
