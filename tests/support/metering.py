"""The company of metering-after-sales: its desk, and cases at the stages that its tests begin with."""

from __future__ import annotations

from typing import Any

from complaints import commands as cmd
from tests.support.policy_desk import PolicyDesk

ID = "metering-after-sales"
BASE: dict[str, Any] = {
    "kind": "fault", "customer": "C-0417", "anonymous": False, "main_customer": True, "channel": "call", "info_class": "grievance",
    "info_source": "customer_feedback", "reported_on": "2026-11-02", "content": "The bench does not start",
}  # fmt: skip
PHONE = BASE | {"valid": True, "way": "by_telephone"}
VISIT = BASE | {"valid": True, "way": "on_site", "visit_at": "2026-11-04T14:00:00+08:00", "visit_set_by": "Ms Li"}
SIGNED = (("service_slip", cmd.GivenFile(id="F-SLIP", name="slip.pdf")),)
FORM = (("acceptance", cmd.GivenFile(id="F-FORM", name="form.pdf")),)


class Metering(PolicyDesk):
    __test__ = False
    usual = {
        "route_request": {"valid": True, "way": "by_telephone"},
        "telephone": {"answer_given": "Press reset"},
        "arrive": {"arrived_at": "2026-11-04T13:55:00+08:00"},
        "complete": {"commissioned_on": "2026-03-02", "work_done": "New fuse", "satisfied": True, "customer_problem": False},
        "return_docs": {"slip_handed_in": True, "service_record": "Fuse", "fault_note": "Overload"},
        "department_stage": {"department_answer": "Two weeks"},
        "pass_answer": {"answer_given": "Two weeks"},
        "verify_result": {"verification": "Works", "open_points": False, "improvement_needed": False},
        "hand_over_form": {"acceptance_opinion": "Good", "satisfied": True},
        "answer_problem": {"specific_answer": "We change the fuse type"},
        "plan_measure": {"measure": "Other fuse", "measure_kind": "corrective", "measure_units": ["lab"], "measure_due": "2026-12-01"},
        "carry_out": {"carried_out": "Changed"},
        "verify_effect": {"effective": True, "effect_evidence": "No failure"},
        "rounds_ruling": {"ruling_reason": "New bench"},
        "measures_ruling": {"ruling_reason": "New supplier"},
    }  # fmt: skip

    def __init__(self, now: str = "2026-11-02 09:30") -> None:
        super().__init__(ID, now, departments=("lab", "works"))

    def hear(self, case_id: str = "case1", **fields: Any) -> None:
        self.log(actor="UREPORTER", case_id=case_id, **{n: v for n, v in fields.items() if v is not None})

    def go(
        self, stage: str, decision: str | None = None, case_id: str = "case1", files: Any = (), **changes: Any
    ) -> None:
        if decision == "cannot_solve":
            changes = dict.fromkeys(("commissioned_on", "work_done", "satisfied", "customer_problem")) | changes
        given = {"complete": SIGNED, "hand_over_form": FORM}.get(stage, ()) if decision != "cannot_solve" else ()
        super().go(stage, decision, case_id, files or given, **changes)


def a_case(first: dict[str, Any], stage: str, **changes: Any) -> Metering:
    desk = Metering()
    desk.hear(**first | {n: v for n, v in changes.items() if n in VISIT})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in VISIT})
