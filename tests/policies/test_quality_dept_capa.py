"""quality-dept-capa: once the cause is known, a measure goes into the process, its effect is confirmed, the standard changed and tracked."""

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

ID = "quality-dept-capa"
CAUSE: dict[str, Any] = {
    "product": "Cable", "what_happened": "Box of 48 instead of 50", "cause_code": "short_quantity", "cause": "No scale",
    "process_unit": "packing", "supplier_involved": False, "major_accident": False, "emergency": False,
}  # fmt: skip
USUAL: dict[str, dict[str, Any]] = {
    "cause_found": CAUSE,
    "special_analysis": {"analysis_minutes": "All heads were there"},
    "corrective_measure": {"accident_handling": "Two sent after", "measure": "Weigh each box", "measure_owner": "UPACKING1", "measure_due": "2026-11-13"},
    "implemented": {"implemented_on": "2026-11-02", "implementation": "Scale on line 2"},
    "supplier_measure": {"supplier_measure_text": "Counts twice", "supplier_due": "2026-11-20"},
    "supplier_tracked": {"supplier_done": True},
    "effect_confirmed": {"effective": True, "effect_evidence": "None short in 200"},
    "measure_ruling": {"ruling_reason": "Buy a counter"},
    "standardised": {"standard_updated": "WI-12", "instruction": "wi12.pdf"},
    "periodic_tracking": {"still_effective": True, "instruction_audited": True, "tracking": "None short"},
}  # fmt: skip
SUPPLIER = {"supplier_involved": True, "supplier_name": "Carton Ltd"}


def begun(**changes: Any) -> WalkDesk:
    """Log what is known of a complaint; Quality and Commercial then report its cause."""
    desk = WalkDesk(ID, departments=("packing",))
    desk.log(person("quality"), **{n: v for n, v in {**CAUSE, **changes}.items() if v is not None})
    return desk


def at_stage(stage: str, slip: dict[str, Any] | None = None, **changes: Any) -> WalkDesk:
    return begun(**(slip or {})).walk(stage, USUAL, **changes)


# --- the way ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "十二", "十二1", "十二2", "十二3", "五12", "五14", "八1", "八3", "十b")
@pytest.mark.capabilities("OS-09", "RT-13", "GA-11")
@pytest.mark.parametrize(
    ("slip", "route"),
    [
        ({}, "corrective_measure implemented effect_confirmed standardised periodic_tracking"),
        ({"major_accident": True}, "special_analysis corrective_measure implemented effect_confirmed standardised periodic_tracking"),
        (SUPPLIER, "corrective_measure implemented supplier_measure supplier_tracked effect_confirmed standardised periodic_tracking"),
    ],
)  # fmt: skip
def test_a_known_cause_leads_to_a_standard(slip: Any, route: str) -> None:
    """十二: measure, process, effect, standard, tracking; a major accident is analysed first, a supplier measures too."""
    desk = begun(**slip).walk("finished", USUAL)
    assert [v.stage for v in desk.case().visits.values()] == ["cause_found", *route.split()]
    assert (desk.case().outcome, desk.case().number) == ("standard_kept", "202611-001")
    assert bundle(ID).policy.policy.kind == "sub_procedure"


MANDATORY = [
    *(("cause_found", f, {}, {}) for f in CAUSE),
    ("cause_found", "supplier_name", {"supplier_involved": True}, {}),
    ("special_analysis", "analysis_minutes", {"major_accident": True}, {}),
    *(("corrective_measure", f, {}, {}) for f in USUAL["corrective_measure"]),
    *(("implemented", f, {}, {}) for f in USUAL["implemented"]),
    *(("supplier_measure", f, SUPPLIER, {}) for f in USUAL["supplier_measure"]),
    ("supplier_tracked", "supplier_done", SUPPLIER, {}),
    *(("effect_confirmed", f, {}, {}) for f in USUAL["effect_confirmed"]),
    ("measure_ruling", "ruling_reason", {}, {"effective": False}),
    *(("standardised", f, {}, {}) for f in USUAL["standardised"]),
    *(("periodic_tracking", f, {}, {}) for f in USUAL["periodic_tracking"]),
]


@pytest.mark.clauses(ID, "十二1", "十二2", "十二3", "八1", "八3", "十b", "十c", "五14")
@pytest.mark.capabilities("CL-11", "RT-17")
@pytest.mark.parametrize(("stage", "field", "slip", "later"), MANDATORY)
def test_the_case_does_not_move_on_without_what_is_asked(stage: str, field: str, slip: Any, later: Any) -> None:
    """八3 「除進行質量事故處理外,還需要作出行動改善措施」: both; 八1: the standard itself; 十c the usual causes."""
    if stage == "cause_found":
        with pytest.raises(FieldErrors) as refused:
            begun(**{**slip, field: None})
    else:
        desk = at_stage(stage, slip, **later)
        usual = {n: later.get(n, v) for n, v in USUAL[stage].items()}
        with pytest.raises(FieldErrors) as refused:
            desk.play(stage, **{**usual, field: None})
    assert set(refused.value.errors) == {field}


@pytest.mark.clauses(ID, "十c")
@pytest.mark.parametrize(
    "code", ["wrong_packing", "short_quantity", "material", "process_fault", "design_fault", "other_cause"]
)
def test_each_cause_has_its_code(code: str) -> None:
    """十 「客戶投訴也較多是因為包裝錯,數量少等情況」."""
    assert begun(cause_code=code).case().fields["cause_code"] == code


@pytest.mark.clauses(ID, "十二2", "十二3", "十b")
@pytest.mark.parametrize(
    ("stage", "slip", "wrong"),
    [
        ("implemented", {}, {"implemented_on": "2026-11-03"}),
        ("supplier_tracked", SUPPLIER, {"supplier_done": False}),
        ("periodic_tracking", {}, {"instruction_audited": False}),
    ],
)
def test_what_is_not_so_is_refused(stage: str, slip: Any, wrong: dict[str, Any]) -> None:
    """十二3 「包括對作業指示等標準化管理的審核」; a supplier's measure is tracked until it is done."""
    desk = at_stage(stage, slip)
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**USUAL[stage], **wrong})
    assert set(refused.value.errors) == set(wrong)


# --- effect ----------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "十二2")
@pytest.mark.capabilities("RT-11", "OS-09")
def test_a_measure_without_effect_is_set_anew_and_after_three_the_general_manager_decides() -> None:
    """十二 「將改善措施落實到工序上實施,并確認效果」; three rounds are ours."""
    desk = at_stage("effect_confirmed")
    for _ in range(2):
        desk.play("effect_confirmed", effective=False, effect_evidence="Three short")
        assert desk.open_stages() == ["corrective_measure"]
        with pytest.raises(FieldErrors) as refused:
            desk.play("corrective_measure")
        assert set(refused.value.errors) == set(USUAL["corrective_measure"])
        desk.play("corrective_measure", **USUAL["corrective_measure"])
        desk.play("implemented", **USUAL["implemented"])
    desk.play("effect_confirmed", effective=False, effect_evidence="Three short")
    assert desk.open_stages() == ["measure_ruling"]
    desk.play("measure_ruling", ruling_reason="Buy a counter")
    assert desk.open_stages() == ["standardised"]


@pytest.mark.clauses(ID, "十二3")
@pytest.mark.capabilities("RT-17")
def test_a_measure_that_loses_its_effect_is_set_anew() -> None:
    """十二3 「品質部定期跟蹤投訴改善效果」: the case closes only when tracking finds it effective."""
    desk = at_stage("periodic_tracking")
    with pytest.raises(FieldErrors):
        desk.play(
            "periodic_tracking", "lost_effect", still_effective=False, instruction_audited=True, tracking="Short again"
        )
    desk.play(
        "periodic_tracking",
        "lost_effect",
        reason="Short again",
        still_effective=False,
        instruction_audited=True,
        tracking="x",
    )
    assert (desk.open_stages(), desk.case().status) == (["corrective_measure"], "open")
    assert (
        bundle(ID).policy.stages["periodic_tracking"].suggest["lost_effect"].evaluate({"still_effective": False})
        is True
    )


# --- people, times, who is told --------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[str, str, str, str, dict[str, Any], dict[str, Any]]] = {
    "special_analysis": ("commercial, packing", "quality", "report return", "2026-11-05 18:00", {"major_accident": True}, {}),
    "corrective_measure": ("packing", "quality", "plan return", "2026-11-05 18:00", {}, {}),
    "implemented": ("packing", "", "report return", "2026-11-13 24:00", {}, {}),
    "supplier_measure": ("purchasing", "", "report return", "2026-11-05 18:00", SUPPLIER, {}),
    "supplier_tracked": ("purchasing", "", "report return", "2026-11-20 24:00", SUPPLIER, {}),
    "effect_confirmed": ("quality", "", "confirm return", "2026-12-02 24:00", {}, {}),
    "measure_ruling": ("general_manager", "", "rule return", "2026-11-04 18:00", {}, {"effective": False}),
    "standardised": ("quality", "", "standardise return", "2026-11-09 18:00", {}, {}),
    "periodic_tracking": ("quality", "", "close lost_effect return", "2027-01-31 24:00", {}, {}),
    "objection_ruling": ("general_manager", "", "dismiss grant return", "2026-11-04 18:00", {}, {}),
}  # fmt: skip


@cache
def at(stage: str) -> WalkDesk:
    if stage == "objection_ruling":
        desk = at_stage("implemented")
        desk.act(cmd.BeginRoute, person("packing"), route="objection", fields={"objection_reason": "x"})
        return desk
    return at_stage(stage, TABLE[stage][4], **TABLE[stage][5])


@pytest.mark.clauses(ID, "五12", "十二1", "十二2", "十二3", "八1", "十b")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what_and_until_when(stage: str) -> None:
    """五12: Quality leads; the process carries it out; 3 working days, 30 and 90 days are ours."""
    now, later, decisions, due, *_ = TABLE[stage]
    assert at(stage).seated(stage) == (now, later)
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions
    assert at(stage).due(stage) == local(due)


@pytest.mark.clauses(ID, "五12")
def test_commercial_assists_when_quality_reports_the_cause() -> None:
    """五12 「配合商務進行客戶投訴處理,主導異常原因分析」."""
    assert set(TABLE) | {"cause_found"} == set(bundle(ID).policy.stages)
    desk = at_stage("corrective_measure")
    desk.decide(person("packing"), "corrective_measure", "return", reason="Another cause")
    assert desk.seated("cause_found") == ("commercial", "quality")
    assert desk.due("cause_found") == local("2026-11-05 18:00")
    assert list(decisions_of(bundle(ID).policy.stages["cause_found"])) == ["report", "return"]
    assert desk.case().clock("case") is None


@pytest.mark.clauses(ID, "十二1", "五14", "十b", "八1")
@pytest.mark.capabilities("RT-13")
@pytest.mark.parametrize(
    ("slip", "roles"),
    [({}, ()), ({"emergency": True}, ("general_manager",)), (SUPPLIER, ("purchasing", "supplier"))],
)
def test_who_hears_of_the_cause(slip: Any, roles: tuple[str, ...]) -> None:
    """五14 「特殊應急情況向上層匯報」; suppliers hear of it through purchasing."""
    told = {n.to for n in at_stage("corrective_measure", slip).told("rule")} if slip != {"x": 1} else set()
    assert told == {person(r, n) for r in ("packing", "commercial", *roles) for n in (1, 2)}
    assert bundle(ID).policy.roles["supplier"].kind == "outside"


@pytest.mark.clauses(ID, "八1")
def test_the_process_hears_of_the_new_standard() -> None:
    assert [n.to for n in at("periodic_tracking").told("rule")][-2:] == [person("packing", 1), person("packing", 2)]


@pytest.mark.capabilities("DL-22")
def test_a_late_measure_is_urged_and_goes_to_the_general_manager() -> None:
    """D5."""
    desk = at_stage("corrective_measure")
    desk.at("2026-11-06 18:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("corrective_measure").id]
    assert [x.as_ for x in fired] == ["reminder", "reminder_slip", "escalation"]
    assert set(fired[-1].told) == {person("general_manager", 1), person("general_manager", 2)}


@pytest.mark.parametrize("role", ["packing", "commercial", "purchasing"])
@pytest.mark.parametrize(("decision", "again"), [("dismiss", False), ("grant", True)])
def test_the_departments_may_object_within_five_working_days(role: str, decision: str, again: bool) -> None:
    """D12."""
    desk = at_stage("implemented")
    objection_ruled(desk, role, decision)
    assert ("corrective_measure" in desk.open_stages()) is again


# --- reports ----------------------------------------------------------------------------------------------------------------------

REPORTS = {
    # duty: every, by, filled, sent to
    "weekly_report": ("week", "Monday", ["week_summary", "pictures_shown"], ["production", "commercial"]),
    "monthly_report": (
        "month",
        "10th",
        ["month_summary", "pictures_shown"],
        ["production", "commercial", "general_manager"],
    ),
    "quarterly_report": ("quarter", "10th", ["quarter_summary"], ["general_manager"]),
    "yearly_report": ("year", "10th", ["year_summary"], ["general_manager"]),
    "quality_meeting": ("month", "10th", ["supplier_points", "meeting_minutes"], ["purchasing", "supplier"]),
}


@pytest.mark.clauses(ID, "五13", "五14", "七4", "十2", "十b")
@pytest.mark.capabilities("SR-02", "DL-16")
@pytest.mark.parametrize("duty", REPORTS)
def test_quality_reports_by_week_month_quarter_and_year(duty: str) -> None:
    """七4 「質量周報和月報」, 五13 「年、季、月度」, 十2 「(周小月大匯總)」, 十 「定期召開品質會議……傳達供應商」."""
    found = bundle(ID).policy.duties[duty]
    filled, sent = [f.name for f in found.fill], [str(w) for w in found.send_to]
    assert (found.every, found.by, filled, sent) == REPORTS[duty]
    assert str(found.who) == "quality"
    assert set(bundle(ID).policy.duties) == set(REPORTS)
    wanted = {"supplier_name", "supplier_done"} if duty == "quality_meeting" else {"by_cause", "by_process"}
    assert wanted <= set(found.contents)


@pytest.mark.clauses(ID, "十2", "十二2")
def test_registers_retention_and_repeats() -> None:
    """十2 pictures of what customers complained of; D7, D8, D9."""
    desk = at_stage("implemented")
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["measures_register"]
    desk = at_stage("implemented", {"customer": "C-0417"})
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["picture_wall", "measures_register"]
    policy = bundle(ID).policy
    assert {r.kept_by for r in policy.papers.registers.values()} == {"quality"}
    assert str(policy.papers.keep) == "3 years"
    assert (policy.repeat.same, str(policy.repeat.within)) == (("product", "cause_code"), "3 months")
