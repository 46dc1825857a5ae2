"""construction-quality-accident: three severities with their planners and approvers, reports in 48 or 24 hours, four closing conditions."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import person
from tests.support.walk_desk import WalkDesk

ID = "construction-quality-accident"
ACCIDENT: dict[str, Any] = {
    "entry": "accident", "project_name": "School", "place": "Axis 3", "description": "Crack", "occurred_at": "2026-11-02T08:00:00+08:00",
    "estimated_loss": "20000", "preliminary_cause": "Early removal of props", "responsible_unit": "project",
    "responsible_persons": [{"person": "UFOREMAN"}], "supervised": True, "affects_quality": False, "affects_structure": False,
    "casualties": False,
}  # fmt: skip
NOTICE: dict[str, Any] = {
    "entry": "notice", "project_name": "School", "place": "Axis 3", "description": "Honeycombs", "notice_no": "N-4", "notice_major": False,
}  # fmt: skip
FOUR = ("cause_clear", "people_instructed", "prevention_exists", "responsible_dealt_with")
USUAL: dict[str, dict[str, Any]] = {
    "issue_notice": {},
    "rectification_plan": {"plan": "Cut out and refill", "plan_due": "2026-11-20"},
    "chief_review": {},
    "notice_approval": {},
    "rectify": {"done_as_planned": True, "implementation": "Refilled"},
    "notice_closing": {"acceptance": "Good"},
    "stop_work": {"work_stopped": True, "scene_protected": True, "scene_record": "Photos"},
    "external_report": {"report_file": "report.pdf", "reported_to": ["to_station"]},
    "written_report": {"written_notice": "notice.pdf"},
    "verify": {"verification": "Confirmed"},
    "joint_analysis": {
        "analysis": "Overload", "prevention": "Props stay 14 days", "plan": "Steel frame", "plan_due": "2026-11-25", "detailed_report": "full.pdf",
    },
    "group_opinion_in": {"group_opinion": "opinion.pdf"},
    "technical_head_report": {"technical_report": "tech.pdf"},
    "treatment_plan": {"plan": "Inject", "plan_due": "2026-11-20", "analysis": "Shrinkage", "prevention": "Curing"},
    "plan_approval": {},
    "treat": {"done_as_planned": True, "implementation": "Injected"},
    "accept": {"acceptance": "Good"},
    "outside_acceptance": {"experts_signed": "e.pdf", "station_signed": "s.pdf"},
    "resume_work": {},
    "closing": dict.fromkeys(FOUR, True),
}  # fmt: skip
SLIGHT: dict[str, Any] = {"supervised": False}
MEDIUM: dict[str, Any] = {"supervised": False, "affects_quality": True}
MAJOR: dict[str, Any] = {"supervised": False, "affects_structure": True}


def begun(**changes: Any) -> WalkDesk:
    desk = WalkDesk(ID)
    base = NOTICE if changes.get("entry") == "notice" else ACCIDENT
    desk.log("USITE1", **{n: v for n, v in {**base, **changes}.items() if v is not None})
    return desk


def at_stage(stage: str, slip: dict[str, Any] | None = None, **changes: Any) -> WalkDesk:
    return begun(**(slip or {})).walk(stage, USUAL, **changes)


NOTICED = {"entry": "notice"}
BIG_NOTICE = {"entry": "notice", "notice_major": True}

# --- routes ---------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "一", "二1", "二2", "二3", "二5", "二6", "二7", "二8")
@pytest.mark.capabilities("RT-01", "RT-02", "RT-03", "OS-09", "RT-16", "GA-11")
@pytest.mark.parametrize(
    ("slip", "route", "outcome"),
    [
        (NOTICED, "issue_notice rectification_plan notice_approval rectify notice_closing", "rectified"),
        (BIG_NOTICE, "issue_notice rectification_plan chief_review notice_approval rectify notice_closing", "rectified"),
        (SLIGHT, "treatment_plan plan_approval treat accept closing", "treated"),
        ({**SLIGHT, "supervised": True}, "external_report treatment_plan plan_approval treat accept closing", "treated"),
        (MEDIUM, "technical_head_report treatment_plan plan_approval treat accept closing", "treated"),
        (MAJOR, "stop_work external_report written_report verify joint_analysis group_opinion_in plan_approval treat "
         "outside_acceptance resume_work closing", "treated"),
    ],
)  # fmt: skip
def test_notice_and_severity_decide_the_route(slip: Any, route: str, outcome: str) -> None:
    """一 and 二1 to 二8; a major notice is reviewed by the chief engineer first."""
    desk = begun(**slip).walk("finished", USUAL)
    assert [v.stage for v in desk.case().visits.values()] == ["report", *route.split()]
    assert (desk.case().outcome, desk.case().number) == (outcome, "202611-001")


@pytest.mark.clauses(ID, "二1", "二2", "二3", "二6")
@pytest.mark.capabilities("CL-04")
@pytest.mark.parametrize(
    ("quality", "structure", "casualties", "stage"),
    [
        (False, False, False, "treatment_plan"),
        (True, False, False, "technical_head_report"),
        (True, True, False, "stop_work"),
        (False, True, False, "stop_work"),
        (False, False, True, "stop_work"),
    ],
)
def test_any_criterion_gives_the_severity_and_the_highest_wins(
    quality: bool, structure: bool, casualties: bool, stage: str
) -> None:
    """二1 一般不构成影响结构质量; 二2 对结构质量有影响; 二3 对结构有影响的重大质量事故; D13."""
    desk = begun(supervised=False, affects_quality=quality, affects_structure=structure, casualties=casualties)
    assert desk.open_stages() == [stage]


@pytest.mark.clauses(ID, "二1", "二2", "二3")
@pytest.mark.capabilities("RT-07", "DL-05")
@pytest.mark.parametrize(
    ("slip", "planner", "days", "approver"),
    [
        (SLIGHT, "technical_head", "2026-11-04 18:00", "engineering"),
        (MEDIUM, "engineering", "2026-11-09 18:00", "chief_engineer"),
    ],
)
def test_the_severity_decides_who_plans_until_when_and_who_approves(
    slip: Any, planner: str, days: str, approver: str
) -> None:
    """二1 「项目技术负责人……制订方案由公司工程部批准」, 二2 「由公司工程部……提出处理方案,经公司总工程师批准」."""
    desk = at_stage("treatment_plan", slip)
    assert (desk.roles("treatment_plan"), desk.due("treatment_plan")) == ([planner], local(days))
    assert desk.walk("plan_approval", USUAL).roles("plan_approval") == [approver]


# --- who, what, until when -----------------------------------------------------------------------------------------------------

IN_TWO, TODAY, IN_TIME = "2026-11-04 18:00", "2026-11-02 11:30", "2026-11-03 18:00"
TABLE: dict[str, tuple[str, str, str, str, dict[str, Any]]] = {
    "issue_notice": ("supervising_department", "", "issue return", IN_TIME, NOTICED),
    "rectification_plan": ("project", "", "submit return", IN_TWO, NOTICED),
    "chief_review": ("chief_engineer", "", "approve return", IN_TWO, BIG_NOTICE),
    "notice_approval": ("supervising_department", "", "approve return", IN_TWO, NOTICED),
    "rectify": ("project", "", "report return", "2026-11-20 24:00", NOTICED),
    "notice_closing": ("supervising_department", "", "close return", IN_TWO, NOTICED),
    "stop_work": ("site_head", "", "stop return", TODAY, MAJOR),
    "external_report": ("site_head", "", "report return", "", MAJOR),
    "written_report": ("project", "", "send return", TODAY, MAJOR),
    "technical_head_report": ("technical_head", "", "send return", IN_TWO, MEDIUM),
    "verify": ("engineering", "", "verify return", IN_TIME, MAJOR),
    "treatment_plan": ("technical_head", "", "submit return", IN_TWO, SLIGHT),
    "joint_analysis": ("engineering, project, quality_inspector", "chief_engineer", "submit return", "2026-11-09 18:00", MAJOR),
    "group_opinion_in": ("engineering", "", "received return", "2026-12-02 24:00", MAJOR),
    "plan_approval": ("chief_engineer", "", "approve return", IN_TWO, MAJOR),
    "treat": ("project", "", "report return", "2026-11-25 24:00", MAJOR),
    "accept": ("quality_inspector", "", "accept return", IN_TWO, MEDIUM),
    "outside_acceptance": ("quality_inspector", "", "accept return", "2026-12-02 24:00", MAJOR),
    "resume_work": ("site_head", "chief_engineer", "resume return", IN_TIME, MAJOR),
    "closing": ("engineering", "", "close return", IN_TWO, MAJOR),
    "bypass_ruling": ("general_manager", "", "rule return", IN_TWO, SLIGHT),
    "answer_customer": ("engineering", "", "told return", IN_TIME, {**SLIGHT, "customer": "C-0417"}),
    "callback": ("engineering", "", "satisfied unreached dissatisfied return", "2026-11-05 24:00", {**SLIGHT, "customer": "C-0417"}),
    "objection_ruling": ("general_manager", "", "dismiss grant return", IN_TWO, SLIGHT),
}  # fmt: skip


def fresh(stage: str) -> WalkDesk:
    slip = TABLE[stage][4]
    match stage:
        case "bypass_ruling":
            desk = begun(**slip)
            desk.act(
                cmd.BeginRoute, person("engineering"), route="self_handling", fields={"self_handled": "Plastered over"}
            )
        case "objection_ruling":
            desk = begun(**slip)
            desk.act(cmd.BeginRoute, person("project"), route="objection", fields={"objection_reason": "x"})
        case "callback":
            desk = fresh("answer_customer")
            desk.play("answer_customer", answer_given="It is safe")
        case _:
            desk = at_stage(stage, slip)
    return desk


@cache
def at(stage: str) -> WalkDesk:
    return fresh(stage)


@pytest.mark.clauses(ID, "一", "二1", "二2", "二3", "二6", "二7", "二8")
@pytest.mark.capabilities("RT-07")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what_and_until_when(stage: str) -> None:
    """The tables of sections 1 and 2; times inside the company are ours; everybody else is refused."""
    now, later, decisions, due, _ = TABLE[stage]
    assert at(stage).seated(stage) == (now, later)
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions
    if due:
        assert at(stage).due(stage) == local(due)


def test_the_table_is_complete_with_the_report_of_whoever_saw_it() -> None:
    assert set(TABLE) | {"report"} == set(bundle(ID).policy.stages)
    desk = at_stage("treatment_plan", SLIGHT)
    desk.decide(person("technical_head"), "treatment_plan", "return", reason="Which axis?")
    assert (desk.roles("report"), desk.due("report")) == (["USITE1"], local(TODAY))
    assert list(decisions_of(bundle(ID).policy.stages["report"])) == ["send", "return"]
    assert desk.case().clock("case") is None


MANDATORY = [
    *(("report", f, {}) for f in ACCIDENT),
    *(("report", f, NOTICED) for f in NOTICE),
    *(("rectification_plan", f, NOTICED) for f in USUAL["rectification_plan"]),
    *(("rectify", f, NOTICED) for f in USUAL["rectify"]),
    ("notice_closing", "acceptance", NOTICED),
    *(("stop_work", f, MAJOR) for f in USUAL["stop_work"]),
    *(("external_report", f, MAJOR) for f in USUAL["external_report"]),
    ("written_report", "written_notice", MAJOR),
    ("technical_head_report", "technical_report", MEDIUM),
    ("verify", "verification", MAJOR),
    *(("treatment_plan", f, MEDIUM) for f in USUAL["treatment_plan"]),
    *(("treatment_plan", f, SLIGHT) for f in ("plan", "plan_due")),
    *(("joint_analysis", f, MAJOR) for f in USUAL["joint_analysis"]),
    ("group_opinion_in", "group_opinion", MAJOR),
    *(("treat", f, SLIGHT) for f in USUAL["treat"]),
    ("accept", "acceptance", SLIGHT),
    *(("outside_acceptance", f, MAJOR) for f in USUAL["outside_acceptance"]),
    *(("closing", f, SLIGHT) for f in FOUR),
]


@pytest.mark.clauses(ID, "一", "二2", "二5", "二6", "二7", "二8", "四不放过")
@pytest.mark.capabilities("IN-05", "RD-05")
@pytest.mark.parametrize(("stage", "field", "slip"), MANDATORY)
def test_what_the_text_asks_is_mandatory(stage: str, field: str, slip: Any) -> None:
    """二5 「工程名称、事故出现部位、事故概述、估计经济损失数额、事故初步原因、事故责任单位、事故责任人等」."""
    if stage == "report":
        with pytest.raises(FieldErrors) as refused:
            begun(**{**slip, field: None})
        assert field in refused.value.errors
        return
    desk = at_stage(stage, slip)
    usual = {n: v for n, v in USUAL[stage].items() if slip is not SLIGHT or n not in ("analysis", "prevention")}
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**usual, field: None})
    assert set(refused.value.errors) == {field}


@pytest.mark.clauses(ID, "四不放过", "二6", "一")
@pytest.mark.capabilities("RT-17")
@pytest.mark.parametrize(
    ("stage", "field", "slip"),
    [
        *(("closing", f, SLIGHT) for f in FOUR),
        *(("stop_work", f, MAJOR) for f in ("work_stopped", "scene_protected")),
        ("rectify", "done_as_planned", NOTICED),
        ("treat", "done_as_planned", SLIGHT),
    ],
)
def test_none_of_the_conditions_may_be_missing(stage: str, field: str, slip: Any) -> None:
    """「原因未查清不放过、当事人和群众未受教育不放过、没有防范措施不放过、责任者和单位负责人未受处理不放过」."""
    desk = at_stage(stage, slip)
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**USUAL[stage], field: False})
    assert set(refused.value.errors) == {field}
    assert desk.case().status == "open"


# --- outside reports ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二5", "二6")
@pytest.mark.capabilities("DL-02", "DL-05", "DL-15")
@pytest.mark.parametrize(
    ("slip", "clock", "due", "who"),
    [
        ({}, "ordinary_report", "2026-11-04 08:00", "project"),
        ({"affects_quality": True}, "ordinary_report", "2026-11-04 08:00", "project"),
        (MAJOR, "major_report", "2026-11-03 08:00", "site_head"),
    ],
)
def test_the_report_is_due_48_or_24_hours_after_the_accident(slip: Any, clock: str, due: str, who: str) -> None:
    """二5 「在事故发生后48小时内书面报告质监站」, 二6 「现场负责人应在事故发生后 24 小时内」: around the clock, from the accident on."""
    desk = at_stage("external_report", slip)
    found = desk.case().clock(clock)
    assert found is not None
    assert (found.due_at, desk.roles("external_report")) == (local(due), [who])
    assert desk.case().clock({"ordinary_report": "major_report", "major_report": "ordinary_report"}[clock]) is None
    desk.play("external_report", **USUAL["external_report"])
    assert desk.case().clock(clock).ended == "stopped"
    assert [(x.of, x.to) for x in desk.happened(e.CopiesSent)] == [("accident_report", ("station", "engineering"))]


@pytest.mark.clauses(ID, "二5")
@pytest.mark.parametrize("slip", [SLIGHT, MEDIUM, NOTICED])
def test_an_unsupervised_project_owes_no_report(slip: Any) -> None:
    """二5 「受监工程项目」."""
    desk = begun(**slip)
    assert desk.case().clock("ordinary_report") is None
    assert desk.case().clock("major_report") is None


@pytest.mark.clauses(ID, "二6", "二5", "二7")
@pytest.mark.capabilities("DL-15")
@pytest.mark.parametrize(
    ("slip", "told"),
    [
        ({}, {"station"}),
        (MAJOR, {"station", "superior_department", "county_authority"}),
        ({**MAJOR, "casualties": True}, {"station", "superior_department", "county_authority", "labour_inspectorate", "prosecutor"}),
    ],
)  # fmt: skip
def test_who_gets_the_report(slip: Any, told: set[str]) -> None:
    """二6 「(若发生人员伤亡,则需要同时向劳动监察部门和检察机关)」."""
    desk = at_stage("external_report", slip)
    before = len(desk.told("rule"))
    desk.play("external_report", **USUAL["external_report"])
    assert {n.to for n in desk.told("rule")[before:]} == {person(r, n) for r in told for n in (1, 2)}
    assert all(bundle(ID).policy.roles[r].kind == "outside" for r in told)


@pytest.mark.clauses(ID, "二5", "二6")
@pytest.mark.capabilities("DL-22")
def test_the_general_manager_hears_twelve_hours_before_a_report_is_late_and_every_day_after() -> None:
    """Ours: alert 12 h before and at expiry."""
    desk = at_stage("external_report", MAJOR)
    clock = desk.case().clock("major_report")
    assert clock is not None
    assert [(s.at, s.as_) for s in clock.steps] == [
        (local("2026-11-02 20:00"), "reminder_slip"),
        (local("2026-11-03 08:00"), "escalation"),
        (local("2026-11-04 08:00"), "escalation"),
    ]
    desk.at("2026-11-04 09:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == clock.id]
    assert [person("general_manager") in x.told for x in fired] == [True, True, True]
    assert [person("site_head") in x.told for x in fired] == [True, True, False]


@pytest.mark.clauses(ID, "二3", "二6")
def test_who_hears_of_an_accident_at_once() -> None:
    ordinary = {n.to for n in begun(**SLIGHT).told("rule")}
    assert ordinary == {person(r, n) for r in ("engineering", "quality_inspector") for n in (1, 2)}
    major = {n.to for n in begun(**MAJOR).told("rule")}
    assert major - ordinary == {
        person(r, n) for r in ("chief_engineer", "general_manager", "site_head") for n in (1, 2)
    }
    assert not begun(**NOTICED).told("rule")


# --- stop and resume ------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二6", "二8", "二7")
@pytest.mark.capabilities("OS-13", "RT-21")
def test_work_resumes_only_after_both_signed_and_the_chief_engineer_agrees() -> None:
    """二8 「报经事故调查处理小组的专家和质监站检查验收签认后方准复工。」"""
    desk = at_stage("outside_acceptance", MAJOR)
    assert "resume_work" not in desk.open_stages()
    assert bundle(ID).policy.stages["resume_work"].needs == ("outside_acceptance",)
    desk.play("outside_acceptance", **USUAL["outside_acceptance"])
    assert {n.to for n in desk.told("rule")[-4:]} == {
        person(r, n) for r in ("site_head", "chief_engineer") for n in (1, 2)
    }
    desk.decide(person("site_head"), "resume_work", "resume")
    assert "resume_work" in desk.open_stages()
    desk.decide(person("chief_engineer"), "resume_work")
    assert desk.open_stages() == ["closing"]


@pytest.mark.clauses(ID, "一", "二1")
def test_nothing_is_executed_before_its_plan_is_approved() -> None:
    """一 「待方案批准后,严格按方案实施并整改」."""
    policy = bundle(ID).policy
    assert (policy.stages["rectify"].needs, policy.stages["treat"].needs) == (("notice_approval",), ("plan_approval",))


@pytest.mark.clauses(ID, "二7")
def test_the_station_gets_the_detailed_report_for_its_files() -> None:
    """二7 「事故发生单位必须提交详细的事故报告及处理意见给质监站存档备案。」"""
    told = [n.to for n in at("group_opinion_in").told("rule")]
    assert told[-2:] == [person("station", 1), person("station", 2)]
    assert told.count(person("station")) == 2  # the report within 24 hours before


@pytest.mark.capabilities("DL-22")
def test_a_late_plan_is_urged_and_goes_to_the_general_manager() -> None:
    """D5."""
    desk = at_stage("treatment_plan", SLIGHT)
    desk.at("2026-11-05 18:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("treatment_plan").id]
    assert [x.as_ for x in fired] == ["reminder", "reminder_slip", "escalation"]


# --- outside the procedure, client, objection ---------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二4")
@pytest.mark.capabilities("RT-15", "GA-06")
@pytest.mark.parametrize("role", ["engineering", "quality_inspector", "chief_engineer", "supervising_department"])
def test_handling_an_accident_on_ones_own_goes_to_the_general_manager(role: str) -> None:
    """二4 「项目部自行处理的视为故意犯罪行为,除按公司规定进行处罚外构成犯罪的追究法律责任。」"""
    desk = begun(**SLIGHT)
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("project"), route="self_handling", fields={"self_handled": "x"})
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, person(role), route="self_handling", fields={})
    desk.act(cmd.BeginRoute, person(role), route="self_handling", fields={"self_handled": "Plastered over"})
    for missing in ("penalty", "criminal"):
        with pytest.raises(FieldErrors) as refused:
            desk.play("bypass_ruling", **{"penalty": "Fine", "criminal": False, missing: None})
        assert set(refused.value.errors) == {missing}
    desk.play("bypass_ruling", penalty="Fine", criminal=False)
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["bypass_register"]


@pytest.mark.parametrize(("solved", "score", "again"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_client_who_complained_is_told_and_called(solved: bool, score: str, again: bool) -> None:
    """D6."""
    assert not at("treatment_plan").may_reply()
    with pytest.raises(FieldErrors):
        fresh("answer_customer").play("answer_customer")
    desk = fresh("callback")
    desk.call("reached", person("engineering"), solved=solved, score=score)
    assert ("report" in desk.open_stages()) is again


def test_three_calls_without_an_answer_end_the_callback() -> None:
    desk = fresh("callback")
    for day in ("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00"):
        desk.clock.at = local(day)
        assert desk.open_stages() == ["callback"]
        desk.call("no_answer", person("engineering"))
    assert desk.case().status == "finished"


@pytest.mark.parametrize("who", [person("project"), person("technical_head"), person("site_head"), "UFOREMAN"])
@pytest.mark.parametrize(("decision", "again"), [("dismiss", False), ("grant", True)])
def test_who_is_named_responsible_may_object_within_five_working_days(who: str, decision: str, again: bool) -> None:
    """D12."""
    desk = begun(**SLIGHT)
    for fields, at_ in (({}, "2026-11-02 10:00"), ({"objection_reason": "x"}, "2026-11-09 18:01")):
        desk.clock.at = local(at_)
        with pytest.raises((FieldErrors, NotAllowedHere)):
            desk.act(cmd.BeginRoute, who, route="objection", fields=fields)
    desk.clock.at = local("2026-11-09 18:00")
    desk.act(cmd.BeginRoute, who, route="objection", fields={"objection_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.play("objection_ruling", decision)
    desk.play("objection_ruling", decision, ruling_reason="x")
    assert ("report" in desk.open_stages()) is again


@pytest.mark.clauses(ID, "二5", "一")
def test_forms_retention_and_statistics() -> None:
    """The seven contents of the report; D7, D8, D9, D15."""
    policy = bundle(ID).policy
    seven = {
        "project_name",
        "place",
        "description",
        "estimated_loss",
        "preliminary_cause",
        "responsible_unit",
        "responsible_persons",
    }
    assert seven <= set(policy.papers.forms["accident_report"].fill)
    assert {"notice_no", "plan", "implementation"} <= set(policy.papers.forms["rectification_notice"].fill)
    assert [x.to for x in at("rectification_plan").happened(e.CopiesSent)] == [("project",)]
    assert str(policy.papers.keep) == "3 years"
    assert (policy.repeat.same, str(policy.repeat.within)) == (("project_name", "place"), "3 months")
    duty = policy.duties["monthly_statistics"]
    assert (duty.every, duty.by, str(duty.who)) == ("month", "10th", "engineering")
    assert [str(w) for w in duty.send_to] == ["general_manager", "chief_engineer"]
    assert {"severity", "estimated_loss", "reported_in_time"} <= set(duty.contents)
