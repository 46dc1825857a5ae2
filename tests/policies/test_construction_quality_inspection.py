"""construction-quality-inspection: every Saturday an inspection; nature before treatment; five ways of acceptance; a re-check."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.duties import due_duties
from complaints.lives import life_of
from complaints.periods import parse_period
from complaints.refusals import FieldErrors, NotAllowedHere
from complaints.statistics import Reporting
from tests.support.company import local
from tests.support.desks import bundle
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
    for fields, at_ in (({}, "2026-11-02 10:00"), ({"objection_reason": "x"}, "2026-11-09 18:01")):
        desk.clock.at = local(at_)
        with pytest.raises((FieldErrors, NotAllowedHere)):
            desk.act(cmd.BeginRoute, person(role), route="objection", fields=fields)
    desk.clock.at = local("2026-11-09 18:00")
    desk.act(cmd.BeginRoute, person(role), route="objection", fields={"objection_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.play("objection_ruling", decision)
    desk.play("objection_ruling", decision, ruling_reason="x")
    assert ("review_nature" in desk.open_stages()) is again


# --- inspection, meeting, targets ------------------------------------------------------------------------------------------------------------


def duty(name: str, period: str) -> tuple[WalkDesk, str]:
    desk = WalkDesk(ID)
    return desk, desk.begin_duty(name, period)


@pytest.mark.clauses(ID, "检1", "检2", "检3")
@pytest.mark.capabilities("IN-21", "DL-02", "DL-16")
def test_every_saturday_morning_the_works_are_inspected_and_each_defect_becomes_a_case() -> None:
    """检1 「每周的星期六上午,组织各部负责人进行质量检查。」"""
    desk, task = duty("saturday_inspection", "2026-W45")
    assert desk.due("saturday_inspection", task) == local("2026-11-07 12:00")
    line = {"project_name": "School", "place": "Axis 3", "defect": "Honeycombs"}
    given = {
        "inspection_record": "Walked all floors",
        "items_checked": "20",
        "items_passed": "20",
        "defects_found": [line, {**line, "place": "Axis 4"}],
    }
    for missing in given:
        with pytest.raises(FieldErrors) as refused:
            desk.play("saturday_inspection", case_id=task, **{**given, missing: None})
        assert set(refused.value.errors) == {missing}
    desk.decide(person("quality_inspector"), "saturday_inspection", case_id=task, **given)
    desk.decide(person("department_heads"), "saturday_inspection", case_id=task)
    opened = [c for c in desk.record.cases if c != task]
    assert [desk.case(c).fields["place"] for c in opened] == ["Axis 3", "Axis 4"]
    assert [desk.open_stages(c) for c in opened] == [["record"], ["record"]]


@pytest.mark.clauses(ID, "检1", "检2", "标1")
@pytest.mark.capabilities("DL-16", "SR-10")
def test_the_results_are_announced_in_the_weekly_meeting() -> None:
    """检2 「每周的检查结果在质量例会中予以通报。」"""
    desk = WalkDesk(ID)
    found = {d.duty: d.period for d in due_duties(bundle(ID).policy, local("2026-11-02 09:30"), desk.calendar)}
    assert found == {"saturday_inspection": "2026-W45", "quality_meeting": "2026-W45", "monthly_targets": "2026-11"}
    meeting, targets = (bundle(ID).policy.duties[n] for n in ("quality_meeting", "monthly_targets"))
    assert [str(w) for w in meeting.send_to] == ["project", "engineering", "department_heads"]
    assert (meeting.from_, [f.name for f in meeting.fill]) == ("open cases", ["meeting_minutes"])
    assert {"defect", "nature", "recheck_ok"} <= set(meeting.contents)
    assert (targets.every, targets.by, [str(w) for w in targets.send_to]) == (
        "month",
        "10th",
        ["general_manager", "chief_engineer"],
    )
    assert {"client_satisfaction", "passed_recheck"} <= set(targets.contents)
    desk, task = duty("quality_meeting", "2026-W45")
    assert desk.due("quality_meeting", task) == local("2026-11-02 24:00")
    assert desk.seated("quality_meeting")[0] == "quality_inspector"


TARGETS = [
    ("saturday_inspection", {"items_checked": "20", "items_passed": "20"}, None),
    ("saturday_inspection", {"items_checked": "20", "items_passed": "19"}, "chief_engineer"),
    (
        "monthly_targets",
        {"contracts_due": "3", "contracts_kept": "3", "items_handed_over": "10", "items_excellent": "9"},
        None,
    ),
    (
        "monthly_targets",
        {"contracts_due": "3", "contracts_kept": "2", "items_handed_over": "10", "items_excellent": "9"},
        "general_manager",
    ),
    (
        "monthly_targets",
        {"contracts_due": "3", "contracts_kept": "3", "items_handed_over": "100", "items_excellent": "89"},
        "general_manager",
    ),
]


@pytest.mark.clauses(ID, "标1", "标3", "标4")
@pytest.mark.capabilities("SR-04")
@pytest.mark.parametrize(("name", "given", "told"), TARGETS)
def test_a_target_that_is_missed_is_told(name: str, given: dict[str, Any], told: str | None) -> None:
    """标1 100 %, 标3 100 %, 标4 90 % 以上 (the number included, D19)."""
    desk, task = duty(name, "2026-W45" if name == "saturday_inspection" else "2026-11")
    extra = {"inspection_record": "x", "defects_found": [{"project_name": "S", "place": "1", "defect": "x"}]}
    desk.play(name, case_id=task, **given, **(extra if name == "saturday_inspection" else {}))
    assert {n.to for n in desk.told("rule")} == ({person(told, 1), person(told, 2)} if told else set())
    for more, than in (
        ("items_passed", "items_checked"),
        ("contracts_kept", "contracts_due"),
        ("items_excellent", "items_handed_over"),
    ):
        if more in given:
            other, again = duty(name, "2026-W45" if name == "saturday_inspection" else "2026-11")
            with pytest.raises(FieldErrors) as refused:
                other.play(
                    name,
                    case_id=again,
                    **{**given, **(extra if "items_passed" in given else {}), more: "101", than: "100"},
                )
            assert more in refused.value.errors
            with pytest.raises(FieldErrors) as refused:
                other.play(
                    name, case_id=again, **{**given, **(extra if "items_passed" in given else {}), more: "0", than: "0"}
                )
            assert than in refused.value.errors


RATES = [
    ("saturday_inspection", "items_passed_rate", [("20", "20"), ("10", "9")], "96.7", False),
    ("saturday_inspection", "items_passed_rate", [("20", "20"), ("10", "10")], "100", True),
    ("monthly_targets", "contracts_kept_rate", [("3", "2")], "66.7", False),
    ("monthly_targets", "contracts_kept_rate", [("3", "3")], "100", True),
    ("monthly_targets", "items_excellent_rate", [("10", "9")], "90", True),
    ("monthly_targets", "items_excellent_rate", [("100", "89")], "89", False),
]


@pytest.mark.clauses(ID, "标1", "标3", "标4")
@pytest.mark.capabilities("SR-04", "SR-03")
@pytest.mark.parametrize(("name", "rate", "filled", "value", "reached"), RATES)
def test_the_rates_of_the_month_are_counted_from_what_the_duties_fill(
    name: str, rate: str, filled: list[tuple[str, str]], value: str, reached: bool
) -> None:
    """标1 合格履约率100%, 标3 在建分项工程合格率100%, 标4 优良率90%以上: of all of the month together."""
    policy = bundle(ID).policy
    usual = {"contracts_due": "1", "contracts_kept": "1", "items_handed_over": "1", "items_excellent": "1"}
    seen = {"inspection_record": "x", "defects_found": [{"project_name": "S", "place": "1", "defect": "x"}]}
    measure = policy.measures[rate]
    done = []
    for whole, part in filled:
        desk, task = duty(name, "2026-W45" if name == "saturday_inspection" else "2026-11")
        desk.play(
            name,
            case_id=task,
            **(usual if name == "monthly_targets" else seen) | {str(measure.out_of): whole, str(measure.sum): part},
        )
        done.append(life_of(desk.case(task)))
    reporting = Reporting(
        policy, parse_period("2026-11"), desk.desk.world(desk.record, bundle(ID), local("2026-12-01 09:00"))
    )
    for life in done:
        reporting.take_duty(life)
    figure = reporting.report().figure(rate)

    assert (figure.amount.value, figure.reached) == (Decimal(value), reached)
    assert rate in policy.duties["monthly_targets"].contents


@pytest.mark.clauses(ID, "标2", "检3", "验6")
@pytest.mark.capabilities("SR-04")
def test_satisfaction_is_measured_by_the_callbacks_and_all_is_filed() -> None:
    """标2 「顾客满意率85%」: 4 and 5 of 5 count as satisfied (ours); D7, D8, D9."""
    policy = bundle(ID).policy
    measure, again = policy.measures["client_satisfaction"], policy.measures["passed_recheck"]
    assert (measure.of, again.of) == ("calls", "visits")
    assert [(m.target.side, m.target.number, m.target.percent) for m in (measure, again)] == [
        (">=", 85, True), (">=", 100, True),
    ]  # fmt: skip
    assert [measure.hit.evaluate({"score": score}) for score in (3, 4)] == [False, True]
    assert {r.kept_by for r in policy.papers.registers.values()} == {"quality_inspector"}
    assert {"nature", "treatment", "acceptance_basis", "rechecked"} <= set(policy.papers.forms["defect_record"].fill)
    assert str(policy.papers.keep) == "3 years"
    assert (policy.repeat.same, str(policy.repeat.within)) == (("project_name", "place"), "3 months")
