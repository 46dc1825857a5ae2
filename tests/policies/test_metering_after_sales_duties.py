"""4.4 to 4.6: improvement and its effect, and the duties of the year."""

from __future__ import annotations

from typing import Any

import pytest

from complaints.refusals import FieldErrors
from complaints.views import Look
from complaints.views_case import name_of_kind
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.metering import ID, PHONE, Metering, a_case
from tests.support.policy_desk import person

# --- improvement (4.6.4, 4.6.5) ---------------------------------------------------------------------------------------------------------


def improving() -> tuple[Metering, str]:
    """A case whose verification asks for a measure, and the id of the measure's own case."""
    desk = a_case(PHONE, "verify_result")
    desk.go("verify_result", improvement_needed=True)
    desk.go("close_service")
    return desk, desk.others()[0]


def test_a_measures_own_case_is_called_by_what_it_is_not_by_the_whole_regulation() -> None:
    desk, measure = improving()
    look = Look(world=desk.desk.world(desk.record, desk.bundle(""), desk.clock.now()), language="en")
    assert name_of_kind(desk.case(measure), look, look.world.policy(desk.case())) == f"Improvement {desk.case().number}"


@pytest.mark.clauses(ID, "4.6.4", "4.6.5")
@pytest.mark.capabilities("OS-09", "RT-11")
def test_a_measure_is_planned_agreed_carried_out_and_verified_until_it_is_effective() -> None:
    """4.6.5 「对实施效果进行验证,直至实施有效」; 4.6.4 「根据总经理意见制定相应的……措施」."""
    desk, measure = improving()
    assert desk.case(measure).status == "open"
    missing = {"measure", "measure_kind", "measure_units", "measure_due"}
    with pytest.raises(FieldErrors) as refused:
        desk.decide(person("quality_safety"), "plan_measure", "plan", measure)
    assert set(refused.value.errors) == missing
    for _ in range(4):
        desk.decide(person("quality_safety"), "plan_measure", "plan", measure, **desk.usual["plan_measure"])
        assert desk.may_act("plan_measure", measure) == {"general_manager"}
        desk.decide(person("general_manager"), "plan_measure", case_id=measure)
        assert (desk.roles("carry_out", measure), desk.due("carry_out", measure)) == (
            ["lab"],
            local("2026-12-01 24:00"),
        )
        desk.go("carry_out", case_id=measure)
        assert (desk.may_act("verify_effect", measure), desk.due("verify_effect", measure)) == (
            {"quality_safety"},
            local("2026-11-09 18:00"),
        )
        desk.go("verify_effect", case_id=measure, effective=False)
        assert desk.open_stages(measure) == ["plan_measure"]
    desk.go("plan_measure", case_id=measure, measure_units=["lab", "after_sales"])
    desk.decide(person("lab"), "carry_out", "carried_out", measure, carried_out="Changed")
    assert desk.open_stages(measure) == ["carry_out"]  # each department that it is for
    desk.go("carry_out", case_id=measure)
    desk.go("verify_effect", case_id=measure)
    desk.go("close_measure", case_id=measure)
    assert desk.case(measure).outcome == "measure_effective"


@pytest.mark.clauses(ID, "4.6.5")
def test_five_measures_without_effect_go_to_the_general_manager() -> None:
    desk, measure = improving()
    for _ in range(5):
        desk.go("plan_measure", case_id=measure)
        desk.go("carry_out", case_id=measure)
        desk.go("verify_effect", case_id=measure, effective=False)
    assert desk.may_act("measures_ruling", measure) == {"general_manager"}
    with pytest.raises(FieldErrors):
        desk.go("measures_ruling", case_id=measure, ruling_reason=None)
    desk.go("measures_ruling", case_id=measure)
    assert (desk.open_stages(measure), desk.due("close_measure", measure)) == (
        ["close_measure"],
        local("2026-11-02 18:00"),
    )


@pytest.mark.parametrize(
    ("stage", "changes", "missing"),
    [
        ("carry_out", {"carried_out": None}, {"carried_out"}),
        ("verify_effect", {"effective": None, "effect_evidence": None}, {"effective", "effect_evidence"}),
    ],
)
def test_a_measure_says_what_was_done_and_what_shows_it(stage: str, changes: dict[str, Any], missing: set[str]) -> None:
    desk, measure = improving()
    assert desk.due("plan_measure", measure) == local("2026-11-09 18:00")
    with pytest.raises(FieldErrors) as past:
        desk.go("plan_measure", case_id=measure, measure_due="2026-11-01")
    assert set(past.value.errors) == {"measure_due"}
    desk.go("plan_measure", case_id=measure)
    if stage == "verify_effect":
        desk.go("carry_out", case_id=measure)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, case_id=measure, **changes)
    assert set(refused.value.errors) == missing


# --- duties (4.4–4.6) ---------------------------------------------------------------------------------------------------------------------


DUTIES = {
    "return_visits": ("quarter", "20th", "after_sales", [], ["visits"], [], ["marketing_planning"], "service"),
    "visit_feedback": ("quarter", "28th", "marketing_planning", [], ["visit_findings"], [], ["after_sales", "quality_safety"], None),
    "quarterly_summary": ("quarter", "10th", "marketing_planning", [], ["quarter_summary", "improvement_opinion"], [], ["quality_safety", "general_manager", "gm_assistant"], None),
    "weekly_visit_report": ("week", "friday", "general_manager", [], ["week_report"], [], ["marketing_planning", "quality_safety", "gm_assistant"], None),
    "department_feedback": ("month", "10th", "after_sales", [], ["feedback_lines"], [], ["marketing_planning"], None),
    "market_survey": ("year", "28th", "general_manager", ["marketing_planning"], ["survey_report"], [], ["marketing_planning", "quality_safety"], None),
    "annual_report": ("year", "10th", "marketing_planning", [], ["satisfaction_report"], [], ["quality_safety", "general_manager", "gm_assistant"], None),
    "opinion_analysis": ("year", "20th", "general_manager", ["marketing_planning", "after_sales", "quality_safety"], ["degree_met", "opinion_trend", "to_improve"], [], ["quality_safety"], None),
    "analysis": ("year", "28th", "quality_safety", [], ["analysis_report", "measures_planned"], ["general_manager"], ["general_manager", "gm_assistant", "marketing_planning", "after_sales"], "improvement"),
}  # fmt: skip


@pytest.mark.clauses(
    ID, "4.4.1", "4.4.2", "4.5.3.2", "4.5.3.3", "4.5.3.4", "4.5.3.6", "4.6.1", "4.6.2", "4.6.3", "4.6.4", "4.6.6"
)
@pytest.mark.capabilities("DL-16", "SR-02", "RD-12", "SR-11")
@pytest.mark.parametrize("name", DUTIES)
def test_visits_summaries_surveys_and_reports_come_back_and_go_to_whom_they_must(name: str) -> None:
    """4.4.1 regular visits; 4.5.3.3 weekly; 4.6.1 quarterly; 4.6.2 yearly; 4.6.6 general manager, assistant, departments."""
    duty = bundle(ID).policy.duties[name]
    people = [[str(w) for w in who] for who in (duty.with_, duty.approve, duty.send_to)]
    assert (
        duty.every,
        duty.by,
        str(duty.who),
        people[0],
        [f.name for f in duty.fill],
        people[1],
        people[2],
        duty.opens,
    ) == DUTIES[name]
    assert set(bundle(ID).policy.duties) == set(DUTIES)


@pytest.mark.clauses(ID, "4.6.1", "4.6.2")
@pytest.mark.capabilities("SR-03", "SR-02")
def test_the_satisfaction_rate_is_satisfied_slips_of_those_returned() -> None:
    """4.6.1 「按季度汇总分析,计算出顾客满意率」; 85 % is ours."""
    policy = bundle(ID).policy
    rate = policy.measures["satisfaction_rate"]
    assert (str(rate.where), str(rate.hit), str(rate.target)) == ("known(satisfied)", "satisfied", "≥ 85 %")
    for name in ("quarterly_summary", "annual_report"):
        assert "satisfaction_rate" in policy.duties[name].contents
        assert policy.duties[name].from_ == "cases closed last period"
    assert {str(policy.measures[n].where) for n in ("telephone_in_time", "visits_in_time")} == {
        "stage is telephone",
        "stage is arrive",
    }


@pytest.mark.clauses(ID, "4.4.1", "4.4.2")
@pytest.mark.capabilities("CC-14", "CC-15", "IN-21")
def test_a_return_visit_asks_for_use_and_suggestions_and_begins_a_case_for_each() -> None:
    """4.4.1 「对公司的主要顾客进行回访,以便及时了解……使用情况,改进的建议和意见」."""
    assert set(bundle(ID).policy.fields["visits"].columns) == {
        "customer",
        "main_customer",
        "state_of_use",
        "suggestion",
    }
    desk = Metering()
    task = desk.begin_duty("return_visits", "2026-Q4")
    with pytest.raises(FieldErrors):
        desk.decide(person("after_sales"), "return_visits", case_id=task)
    visits = [{"customer": "C-0417", "main_customer": True, "state_of_use": "Daily", "suggestion": "A louder bell"}]
    desk.decide(person("after_sales"), "return_visits", case_id=task, visits=visits)
    begun = [c for c in desk.record.cases.values() if c.kind == "complaint"]
    assert [(c.fields["customer"], [v.stage for v in c.open_visits]) for c in begun] == [("C-0417", ["register"])]


@pytest.mark.clauses(ID, "4.6.4")
@pytest.mark.capabilities("OS-09")
def test_the_yearly_analysis_is_agreed_by_the_general_manager_and_begins_its_measures() -> None:
    """4.6.4 「形成《顾客满意程度分析报告》,报送总经理」."""
    desk = Metering()
    task = desk.begin_duty("analysis", "2026")
    lines = [
        {"measure": "Other fuse", "measure_due": "2026-12-20"},
        {"measure": "Faster parts", "measure_due": "2026-12-20"},
    ]
    desk.decide(person("quality_safety"), "analysis", case_id=task, analysis_report="See there", measures_planned=lines)
    desk.decide(person("general_manager"), "analysis", case_id=task)
    begun = [c for c in desk.record.cases.values() if c.kind == "sub"]
    assert [(c.fields["measure"], [v.stage for v in c.open_visits]) for c in begun] == [
        ("Other fuse", ["plan_measure"]),
        ("Faster parts", ["plan_measure"]),
    ]
