"""construction-quality-inspection: every Saturday an inspection; nature before treatment; five ways of acceptance; a re-check."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.our_defaults import objection_ruled
from tests.support.policy_desk import person
from tests.support.walk_desk import WalkDesk

ID = "construction-quality-inspection"

FOUND: dict[str, Any] = {
    "found_by": "saturday_inspection", "project_name": "School", "place": "Axis 3", "defect": "Honeycombs", "written_record": "record.pdf",
}  # fmt: skip


USUAL: dict[str, dict[str, Any]] = {
    "review_nature": {"site_review": "Poor vibration", "review_decides": True},
    "test_nature": {"test_result": "22 MPa", "test_report": "t.pdf", "test_decides": True},
    "special_study": {"study_by": "Institute", "study_plan": "Cores", "study_result": "Depth 8 cm"},
    "determine_nature": {"nature": "local_slight", "nature_basis": "Cover only"},
    "treatment_plan": {
        "standard_reached": True, "treatment": "trim_repair", "treatment_plan_text": "Mortar", "plan_due": "2026-11-20", "expert_meeting": "Held",
    },
    "plan_approval": {},
    "treat": {"treated": "Filled", "treatment_record": "r.pdf"},
    "accept": {
        "acceptance_basis": "meets_design", "lab_report": "lab.pdf", "designer_approval": "d.pdf", "negotiated_document": "n.pdf",
        "safe_to_use": True, "reaccepted": True,
    },
    "forbidden": {"decision": "redo", "reason": "Not safe"},
    "recheck": {"rechecked": "Sound", "recheck_ok": True},
    "recheck_ruling": {"ruling_reason": "Tear it down"},
    "closing": {},
}  # fmt: skip


LARGE = {"nature": "larger_accident", "treatment": "comprehensive"}


UNSAFE = {"acceptance_basis": "unsafe"}


def begun(**changes: Any) -> WalkDesk:
    desk = WalkDesk(ID)
    fields = {n: v for n, v in {**FOUND, **changes}.items() if v is not None}
    files = (
        (("written_record", cmd.GivenFile(id="F-1", name=str(fields.pop("written_record")))),)
        if "written_record" in fields
        else ()
    )
    desk.submit(cmd.OpenCase(actor="UFOREMAN", key=desk.key(), case_id="case1", policy=ID, fields=fields, files=files))
    return desk


def at_stage(stage: str, slip: dict[str, Any] | None = None, **changes: Any) -> WalkDesk:
    return begun(**(slip or {})).walk(stage, USUAL, **changes)


# --- nature ----------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "检3", "性1", "性2", "性3", "性4")
@pytest.mark.capabilities("RT-17", "OS-09", "GA-11")
@pytest.mark.parametrize(
    ("later", "extra"),
    [
        ({}, ""),
        ({"review_decides": False}, "test_nature"),
        ({"review_decides": False, "test_decides": False}, "test_nature special_study"),
    ],
)
def test_the_nature_is_found_by_review_then_tests_then_a_study(later: dict[str, Any], extra: str) -> None:
    """性3 「仅仅通过以上两种方法仍不能确定」; 性4 the nature comes before the treatment."""
    desk = begun().walk("finished", USUAL, **later)
    rest = "determine_nature treatment_plan plan_approval treat accept recheck closing"
    assert [v.stage for v in desk.case().visits.values()] == ["record", "review_nature", *extra.split(), *rest.split()]
    assert (desk.case().outcome, desk.case().number) == ("accepted", "202611-001")


NATURES = [
    # nature, a remedy reaches the standard -> treatments that may be chosen
    ("local_slight", True, {"trim_repair", "rework"}),
    ("local_slight", False, {"rework"}),
    ("serious_defect", True, {"rework"}),
    ("serious_defect", False, {"rework"}),
    ("larger_accident", True, {"rework", "comprehensive"}),
    ("larger_accident", False, {"rework", "comprehensive"}),
]


@pytest.mark.clauses(ID, "处1", "处2", "处3")
@pytest.mark.capabilities("CL-14")
@pytest.mark.parametrize(("nature", "reached", "allowed"), NATURES)
def test_the_nature_and_the_standard_decide_the_treatment(nature: str, reached: bool, allowed: set[str]) -> None:
    """处1 局部性的、轻微的; 处2 「对于补救后不能满足标准的工程必须返工」; 处3 较大的质量事故."""
    taken = set()
    for treatment in ("trim_repair", "rework", "comprehensive"):
        desk = at_stage("treatment_plan", nature=nature)
        try:
            desk.play(
                "treatment_plan", **{**USUAL["treatment_plan"], "standard_reached": reached, "treatment": treatment}
            )
        except FieldErrors as wrong:
            if set(wrong.errors) != {"treatment"}:
                raise
            continue
        taken.add(treatment)
    assert taken == allowed


@pytest.mark.clauses(ID, "处1", "处3")
@pytest.mark.parametrize(
    ("nature", "treatment", "due", "approver"),
    [
        ("local_slight", "trim_repair", "2026-11-04 18:00", "engineering"),
        ("serious_defect", "rework", "2026-11-09 18:00", "chief_engineer"),
        ("larger_accident", "comprehensive", "2026-11-09 18:00", "chief_engineer"),
    ],
)
def test_the_plan_follows_the_severity_as_for_accidents(nature: str, treatment: str, due: str, approver: str) -> None:
    """Ours, from construction-quality-accident."""
    desk = at_stage("treatment_plan", nature=nature)
    assert desk.due("treatment_plan") == local(due)
    assert desk.walk("plan_approval", USUAL, treatment=treatment).roles("plan_approval") == [approver]


# --- acceptance -----------------------------------------------------------------------------------------------------------------


GROUNDS = [
    # treatment -> grounds of acceptance that go with it
    ("trim_repair", {"nature": "local_slight"}, {"meets_design", "designer_approves", "by_document", "unsafe"}),
    ("comprehensive", {"nature": "larger_accident"}, {"meets_design", "designer_approves", "by_document", "unsafe"}),
    ("rework", {"nature": "serious_defect"}, {"redone", "unsafe"}),
]


@pytest.mark.clauses(ID, "验1", "验2", "验3", "验4", "验5")
@pytest.mark.capabilities("OS-16", "RT-21")
@pytest.mark.parametrize(("treatment", "later", "allowed"), GROUNDS)
def test_the_five_ways_of_acceptance(treatment: str, later: dict[str, Any], allowed: set[str]) -> None:
    """验1 redone → anew; 验2 laboratory; 验3 designer; 验4 document; 验5 「严禁验收」."""
    taken = set()
    for basis in bundle(ID).policy.fields["acceptance_basis"].choices:
        desk = at_stage("accept", treatment=treatment, **later)
        try:
            desk.play("accept", **{**USUAL["accept"], "acceptance_basis": basis})
        except FieldErrors as wrong:
            if set(wrong.errors) != {"acceptance_basis"}:
                raise
            continue
        taken.add(basis)
        assert desk.open_stages() == ["forbidden" if basis == "unsafe" else "recheck"]
    assert taken == allowed


@pytest.mark.clauses(ID, "验1", "验2", "验3", "验4")
@pytest.mark.parametrize(
    ("basis", "later", "needed"),
    [
        ("redone", {"nature": "serious_defect", "treatment": "rework"}, {"reaccepted"}),
        ("meets_design", {}, {"lab_report"}),
        ("designer_approves", {}, {"lab_report", "designer_approval", "safe_to_use"}),
        ("by_document", {}, {"negotiated_document", "safe_to_use"}),
        ("unsafe", {}, set()),
    ],
)
def test_each_ground_has_its_document(basis: str, later: dict[str, Any], needed: set[str]) -> None:
    desk = at_stage("accept", **later)
    if needed:
        with pytest.raises(FieldErrors) as refused:
            desk.play("accept", acceptance_basis=basis)
        assert set(refused.value.errors) == needed
    for yes in needed & {"reaccepted", "safe_to_use"}:
        with pytest.raises(FieldErrors) as refused:
            desk.play("accept", **{**USUAL["accept"], "acceptance_basis": basis, yes: False})
        assert set(refused.value.errors) == {yes}
    desk.play("accept", **{**{n: USUAL["accept"][n] for n in needed}, "acceptance_basis": basis})
    assert "accept" not in desk.open_stages()


@pytest.mark.clauses(ID, "验5")
@pytest.mark.capabilities("RT-10", "OS-16")
@pytest.mark.parametrize(
    ("decision", "stages", "outcome"), [("redo", ["treatment_plan"], None), ("forbid", [], "acceptance_forbidden")]
)
def test_what_is_not_safe_is_never_accepted(decision: str, stages: list[str], outcome: str | None) -> None:
    """验5 「仍不能满足安全使用要求的……严禁验收。」"""
    desk = at_stage("forbidden", **UNSAFE)
    with pytest.raises(FieldErrors):
        desk.play("forbidden", decision)
    desk.play("forbidden", decision, reason="Cracks again")
    assert (desk.open_stages(), desk.case().outcome) == (stages, outcome)


@pytest.mark.clauses(ID, "检3")
@pytest.mark.capabilities("RT-17", "OS-09", "RT-10")
def test_what_fails_its_re_check_is_treated_again() -> None:
    """检3 「对质量隐患要有处理后的复查记录」; four treatments are ours."""
    desk = at_stage("recheck")
    for _ in range(3):
        desk.play("recheck", rechecked="Loose", recheck_ok=False)
        assert desk.open_stages() == ["treatment_plan"]
        desk.walk("recheck", USUAL)
    desk.play("recheck", rechecked="Loose", recheck_ok=False)
    assert desk.open_stages() == ["recheck_ruling"]
    desk.play("recheck_ruling", ruling_reason="Tear it down")
    desk.play("closing")
    registers = [x.register for x in desk.happened(e.RegisterEntered)]
    assert registers == ["recheck_register"] * 4 + ["completion_file"]


# --- who, what, until when -----------------------------------------------------------------------------------------------------------


TABLE: dict[str, tuple[str, str, str, str, dict[str, Any], dict[str, Any]]] = {
    "review_nature": ("technical_head", "quality_inspector", "report return", "2026-11-04 18:00", {}, {}),
    "test_nature": ("quality_inspector", "", "report return", "2026-11-09 18:00", {}, {"review_decides": False}),
    "special_study": ("chief_engineer", "", "report return", "2026-11-16 18:00", {}, {"review_decides": False, "test_decides": False}),
    "determine_nature": ("quality_inspector", "", "determine return", "2026-11-03 18:00", {}, {}),
    "treatment_plan": ("technical_head", "", "submit return", "2026-11-04 18:00", {}, {}),
    "plan_approval": ("engineering", "", "approve return", "2026-11-04 18:00", {}, {}),
    "treat": ("project", "", "report return", "2026-11-20 24:00", {}, {}),
    "accept": ("quality_inspector", "", "report return", "2026-11-04 18:00", {}, {}),
    "forbidden": ("chief_engineer", "", "redo forbid return", "2026-11-04 18:00", {}, UNSAFE),
    "recheck": ("quality_inspector", "", "check return", "2026-11-09 24:00", {}, {}),
    "recheck_ruling": ("general_manager", "", "rule return", "2026-11-04 18:00", {}, {"recheck_ok": False}),
    "closing": ("quality_inspector", "", "close return", "2026-11-03 18:00", {}, {}),
    "answer_customer": ("project", "", "told return", "2026-11-03 18:00", {"customer": "C-0417"}, {}),
    "callback": ("project", "", "satisfied unreached dissatisfied return", "2026-11-05 24:00", {"customer": "C-0417"}, {}),
    "objection_ruling": ("general_manager", "", "dismiss grant return", "2026-11-04 18:00", {}, {}),
}  # fmt: skip


def fresh(stage: str) -> WalkDesk:
    if stage == "objection_ruling":
        desk = at_stage("treatment_plan")
        desk.act(cmd.BeginRoute, person("project"), route="objection", fields={"objection_reason": "x"})
        return desk
    if stage == "callback":
        desk = fresh("answer_customer")
        desk.play("answer_customer", answer_given="It is sound")
        return desk
    return at_stage(stage, TABLE[stage][4], **TABLE[stage][5])


@cache
def at(stage: str) -> WalkDesk:
    return fresh(stage)


@pytest.mark.clauses(ID, "检3", "性1", "性4", "处1")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what_and_until_when(stage: str) -> None:
    """People and times are ours, from construction-quality-accident; everybody else is refused."""
    now, later, decisions, due, *_ = TABLE[stage]
    assert at(stage).seated(stage) == (now, later)
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions
    assert at(stage).due(stage) == local(due)


def test_the_table_is_complete_with_the_record_of_whoever_found_it() -> None:
    assert set(TABLE) | {"record"} == set(bundle(ID).policy.stages)
    desk = at_stage("determine_nature")
    desk.decide(person("quality_inspector"), "determine_nature", "return", reason="Which axis?", to_stage="record")
    assert (desk.roles("record"), desk.due("record")) == (["UFOREMAN"], local("2026-11-02 18:00"))
    assert list(decisions_of(bundle(ID).policy.stages["record"])) == ["send", "return"]
    assert desk.case().clock("case") is None
    assert bundle(ID).policy.stages["treat"].needs == ("plan_approval",)


MANDATORY = [
    *(("record", f, {}) for f in FOUND),
    *(("review_nature", f, {}) for f in USUAL["review_nature"]),
    *(("test_nature", f, {"review_decides": False}) for f in USUAL["test_nature"]),
    *(("special_study", f, {"review_decides": False, "test_decides": False}) for f in USUAL["special_study"]),
    *(("determine_nature", f, {}) for f in USUAL["determine_nature"]),
    *(("treatment_plan", f, {}) for f in ("standard_reached", "treatment", "treatment_plan_text", "plan_due")),
    ("treatment_plan", "expert_meeting", LARGE),
    *(("treat", f, {}) for f in USUAL["treat"]),
    ("accept", "acceptance_basis", {}),
    *(("recheck", f, {}) for f in USUAL["recheck"]),
    ("recheck_ruling", "ruling_reason", {"recheck_ok": False}),
]


@pytest.mark.clauses(ID, "检3", "性1", "性2", "性3", "性4", "处1", "处3", "验6")
@pytest.mark.parametrize(("stage", "field", "later"), MANDATORY)
def test_what_the_text_asks_is_mandatory(stage: str, field: str, later: dict[str, Any]) -> None:
    """检3 「要做书面记录」, 验6 「所有的质量问题处理必须有相应的记录」."""
    if stage == "record":
        with pytest.raises(FieldErrors) as refused:
            begun(**{field: None})
    else:
        desk = at_stage(stage, **later)
        usual = {n: later.get(n, v) for n, v in USUAL[stage].items()}
        with pytest.raises(FieldErrors) as refused:
            desk.play(stage, **{**usual, field: None})
    assert field in refused.value.errors


@pytest.mark.clauses(ID, "检3", "处3")
def test_who_hears_of_a_defect_and_of_a_larger_accident() -> None:
    small = {n.to for n in at("treatment_plan").told("rule")}
    assert small == {person(r, n) for r in ("quality_inspector", "project") for n in (1, 2)}
    large = {n.to for n in at_stage("plan_approval", **LARGE).told("rule")}
    assert large - small == {person(r, n) for r in ("chief_engineer", "general_manager") for n in (1, 2)}


@pytest.mark.capabilities("DL-22")
def test_a_late_plan_is_urged_and_goes_to_the_general_manager() -> None:
    """D5."""
    desk = at_stage("treatment_plan")
    desk.at("2026-11-05 18:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("treatment_plan").id]
    assert [x.as_ for x in fired] == ["reminder", "reminder_slip", "escalation"]


# --- client, objection --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("solved", "score", "again"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_client_who_complained_is_told_and_called(solved: bool, score: str, again: bool) -> None:
    """D6."""
    assert not at("treat").may_reply()
    with pytest.raises(FieldErrors):
        fresh("answer_customer").play("answer_customer")
    desk = fresh("callback")
    desk.call("reached", person("project"), solved=solved, score=score)
    assert ("review_nature" in desk.open_stages()) is again


def test_three_calls_without_an_answer_end_the_callback() -> None:
    desk = fresh("callback")
    for day in ("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00"):
        desk.clock.at = local(day)
        assert desk.open_stages() == ["callback"]
        desk.call("no_answer", person("project"))
    assert desk.case().status == "finished"


@pytest.mark.parametrize("role", ["project", "technical_head", "engineering"])
@pytest.mark.parametrize(("decision", "again"), [("dismiss", False), ("grant", True)])
def test_the_departments_may_object_to_the_nature_within_five_working_days(
    role: str, decision: str, again: bool
) -> None:
    """D12."""
    desk = at_stage("treatment_plan")
    objection_ruled(desk, role, decision)
    assert ("review_nature" in desk.open_stages()) is again
