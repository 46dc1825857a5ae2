"""The laboratory of testing-laboratory: its desk, and cases at the stages that its tests begin with."""

from __future__ import annotations

from functools import cache
from typing import Any

from complaints import commands as cmd
from tests.support.policy_desk import person
from tests.support.walk_desk import WalkDesk

ID = "testing-laboratory"
GENERAL: dict[str, Any] = {
    "kind": "general",
    "channel": "letter",
    "customer": "C-0417",
    "matter": "Nobody answers the telephone",
    "department_complained": "room",
}
APPEAL: dict[str, Any] = {
    **GENERAL,
    "kind": "data",
    "matter": "COD cannot be that high",
    "report_no": "R-77",
    "reported_on": "2026-10-23",
    "appealed_on": "2026-11-02",
    "appeal_basis": "Our own meter shows 40",
    "appeal": "appeal.pdf",
    "urgent": False,
    "first_testers": [{"person": "UOLD"}],
}
QUALIFIED = {f"authorised {role}": {person(role, 1): None, person(role, 2): None} for role in ("tester", "signatory")}
ANSWER = {"answer_given": "With regret", "letter_sent": "letter.pdf"}
USUAL: dict[str, dict[str, Any]] = {
    "late_appeal": {"decision": "allow_late", "reason": "The report lay at the post office"},
    "dept_handle": {
        "difficult": False, "difficulty": "Two rooms are concerned", "cause": "One line only", "measures": "A second line",
        "result": "Calls are answered", "reasonable": True, "caused_loss": False, "nonconforming": False,
    },
    "take_over": {"group_needed": False, "group_members": [{"person": "UEXPERT"}]},
    "team": {"truth": "True", "cause": "One line only", "measures": "A second line", "result": "Answered", "reasonable": True, "caused_loss": False, "nonconforming": False},
    "review_records": {"records_review": "In order", "preliminary_opinion": "Test again", "retest_needed": True, "sampling_fault": False},
    "approve_opinion": {},
    "code_sample": {"blind_code": "X-3", "sample_source": "original"},
    "retest": {"retest_result": "COD 41"},
    "conclude": {"report_wrong": True, "caused_loss": False, "nonconforming": False},
    "approve_correction": {},
    "reissue": {"original_recalled": True, "void_stamped": True, "corrected_report": "new.pdf", "change_mark": "g", "result": "COD 41"},
    "tell_customer": ANSWER,
    "tell_applicant": ANSWER,
    "tell_refusal": ANSWER,
    "look_again": {"truth": "x", "cause": "x", "measures": "x", "result": "x"},
    "tell_again": ANSWER,
    "top_decision": {"ruling_reason": "We did what we could"},
    "tell_ruling": ANSWER,
    "negotiate": {"compensation": "500", "customer_agrees": True},
    "approve_compensation": {},
    "contain": {"control": "The meter is locked"},
    "correct": {"corrective_action": "Calibrate monthly"},
    "effect_check": {"effective": True},
    "correction_ruling": {"ruling_reason": "New meter"},
    "close_nonconformity": {},
    "objection_ruling": {"decision": "dismiss", "ruling_reason": "No"},
    "feedback": {"satisfied": True, "customer_opinion": "Fine", "feedback_form": "form.pdf"},
}  # fmt: skip


def begun(**changes: Any) -> WalkDesk:
    desk = WalkDesk(ID, departments=("room",), qualifications=QUALIFIED)
    fields = {
        n: v for n, v in {**(APPEAL if changes.get("kind") == "data" else GENERAL), **changes}.items() if v is not None
    }
    files = (("appeal", cmd.GivenFile(id="F-1", name=str(fields.pop("appeal")))),) if "appeal" in fields else ()
    desk.submit(
        cmd.OpenCase(
            actor=person("business_office"), key=desk.key(), case_id="case1", policy=ID, fields=fields, files=files
        )
    )
    return desk


def at_stage(stage: str, slip: dict[str, Any] | None = None, **changes: Any) -> WalkDesk:
    """Walk the first case, and the re-test beside it, to *stage*."""
    desk = begun(**(slip or {}))
    for _ in range(20):
        for case_id in list(desk.record.cases):
            if stage in desk.open_stages(case_id):
                return desk
            here = next((s for s in USUAL if s in desk.open_stages(case_id)), None)
            if here is not None:
                given = {n: changes.get(n, v) for n, v in USUAL[here].items()}
                desk.play(here, given.pop("decision", None), case_id, **given)
    raise AssertionError((stage, [desk.open_stages(c) for c in desk.record.cases]))


def case_with(desk: WalkDesk, stage: str) -> str:
    return next(c for c in desk.record.cases if stage in desk.open_stages(c))


DATA = {"kind": "data"}
LATE = {"kind": "data", "reported_on": "2026-10-22"}
SURVEY = {"channel": "survey"}


HEAD = "head of room"
TABLE: dict[str, tuple[str, str, str, dict[str, Any], dict[str, Any]]] = {
    "late_appeal": ("quality_head", "", "allow_late refuse return", LATE, {}),
    "dept_handle": (HEAD, "", "hand_in return", {}, {}),
    "take_over": ("office", "", "organise return", {}, {"difficult": True}),
    "team": ("room", "office", "conclude return", {}, {"difficult": True}),
    "review_records": ("room", "business_office", "send return", DATA, {}),
    "approve_opinion": ("quality_head", "", "approve return", DATA, {}),
    "code_sample": ("business_office", "", "code return", DATA, {}),
    "retest": ("tester", "", "sign return", DATA, {}),
    "conclude": ("quality_head", "", "conclude return", DATA, {}),
    "approve_correction": ("signatory", "", "approve return", DATA, {}),
    "reissue": ("business_office", "", "reissue return", DATA, {}),
    "tell_customer": ("room", "", "sent return", {}, {}),
    "tell_applicant": ("business_office", "", "sent return", DATA, {}),
    "tell_refusal": ("business_office", "", "sent return", LATE, {"decision": "refuse"}),
    "feedback": ("room", "", "received return", {}, {}),
    "look_again": (HEAD, "", "hand_in return", {}, {"satisfied": False}),
    "tell_again": ("room", "", "sent return", {}, {"satisfied": False}),
    "top_decision": ("general_manager", "", "rule return", {}, {"satisfied": False}),
    "tell_ruling": ("room", "", "sent return", {}, {"satisfied": False}),
    "negotiate": ("room", "", "report return", {}, {"caused_loss": True}),
    "approve_compensation": ("quality_head", "", "approve return", {}, {"caused_loss": True}),
    "contain": ("quality_head", "", "order return", {}, {"nonconforming": True}),
    "correct": ("room", "", "report return", {}, {"nonconforming": True}),
    "effect_check": ("quality_head", "", "check return", {}, {"nonconforming": True}),
    "correction_ruling": ("general_manager", "", "rule return", {}, {"nonconforming": True, "effective": False}),
    "close_nonconformity": ("quality_head", "", "close return", {}, {"nonconforming": True}),
}  # fmt: skip


@cache
def at(stage: str) -> WalkDesk:
    """Return a desk with a case that waits at *stage*; it is only looked at."""
    return at_stage(stage, *TABLE[stage][3:4], **TABLE[stage][4])
