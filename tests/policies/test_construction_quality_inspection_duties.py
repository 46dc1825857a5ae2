"""Inspections of the week, the meeting that hears them, and the rates that must be reached."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from complaints.duties import due_duties
from complaints.lives import life_of
from complaints.periods import parse_period
from complaints.refusals import FieldErrors
from complaints.statistics import Reporting
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import person
from tests.support.walk_desk import WalkDesk

ID = "construction-quality-inspection"

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
