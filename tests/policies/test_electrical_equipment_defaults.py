"""What our defaults add: statistics, papers kept up to date, callback, anonymous complaints, objections."""

from __future__ import annotations

from typing import Any

import pytest

from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.electrical import CLAIM, ID, QUALITY, QUESTION, TRAINING, Electrical, a_case
from tests.support.our_defaults import keeping, objects_within_five_working_days, repeats
from tests.support.policy_desk import head, person

# --- defaults -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "5.2.1")
def test_quality_counts_analyses_and_feeds_back_in_writing_every_month() -> None:
    """5.2.1 「对复函单进行统计、汇总、分析,及时向有关部门进行书面反馈」."""
    duty = bundle(ID).policy.duties["written_feedback"]
    assert (duty.every, duty.by, str(duty.who), [f.name for f in duty.fill]) == (
        "month",
        "10th",
        "quality",
        ["feedback_to_departments"],
    )
    assert [str(w) for w in duty.send_to] == ["production", "sales", "technical", "general_manager"]
    assert {"closed_in_time", "by_region", "repeats", "callback_score", "cause"} <= set(duty.contents)


@pytest.mark.clauses(ID, "5.1.1")
def test_the_technical_department_keeps_catalogue_samples_and_manuals_up_to_date() -> None:
    """5.1.1 「技术部门负责为用户编制并提供实用的详细的产品目录、产品样本和产品说明书」; every year is ours."""
    duty = bundle(ID).policy.duties["papers_for_users"]
    people = [str(w) for w in duty.send_to]
    assert (duty.every, duty.by, str(duty.who), people) == ("year", "28th", "technical", ["sales"])
    assert [f.name for f in duty.fill] == ["product_papers"]


@pytest.mark.parametrize("first", [QUALITY, CLAIM])
@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"solved": True, "score": "3"}, False),
        ({"solved": True, "score": "2"}, True),
        ({"solved": False, "score": "4"}, True),
    ],
)
def test_a_dissatisfied_customer_reopens_the_record(
    first: dict[str, Any], answers: dict[str, Any], again: bool
) -> None:
    """D6."""
    desk = a_case(first, "closed")
    assert (desk.may_act("callback"), desk.due("callback")) == ({"quality"}, local("2026-11-05 24:00"))
    with pytest.raises(FieldErrors):
        desk.call("reached", actor=person("quality"))
    desk.call("reached", actor=person("quality"), **answers)
    assert (desk.open_stages() == ["record"]) is again
    assert (head("quality") in {n.to for n in desk.told("rule")}) is again


def test_three_calls_are_enough_and_questions_are_not_called_back() -> None:
    assert a_case(QUESTION, "closed").open_stages() == []
    desk = a_case(QUALITY, "closed")
    for day in ("03", "04", "05"):
        assert desk.open_stages() == ["callback"]
        desk.clock.at = local(f"2026-11-{day} 10:00")
        desk.call("no_answer", actor=person("quality"))
    assert desk.case().status == "finished"


def test_an_anonymous_complaint_is_for_the_head_of_quality() -> None:
    """D10."""
    desk = a_case(QUALITY, "anonymous_check", anonymous=True, customer=None)
    assert (desk.may_act("anonymous_check"), desk.due("anonymous_check")) == (
        {"head of quality"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.decide(head("quality"), "anonymous_check", "file")
    desk.go("anonymous_check", "file")
    assert desk.case().outcome == "recorded_only"
    desk = a_case(QUALITY, "closed", anonymous=True, customer=None)
    assert desk.open_stages() == []


def test_what_is_not_accepted_is_confirmed_and_told() -> None:
    """D17."""
    desk = a_case(QUALITY, "record")
    desk.go("record", valid=False, problem_analysis=None, cause=None, goods_back=None, invalid_reason="Not our make")
    assert (desk.may_act("confirm_invalid"), desk.due("confirm_invalid")) == (
        {"head of quality"},
        local("2026-11-03 18:00"),
    )
    desk.go("confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.may_act("tell_invalid"), desk.due("tell_invalid")) == (
        "not_accepted",
        {"quality"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("tell_invalid")
    desk.go("tell_invalid", invalid_told="Sorry")
    assert desk.case().status == "finished"


def test_the_customer_is_answered_after_production_carried_it_out() -> None:
    assert not a_case(QUALITY, "execute").may_reply()
    assert a_case(QUALITY, "reply").may_reply()
    assert a_case(QUESTION, "answer").may_reply()
    assert a_case(TRAINING, "offer_training").may_reply()


@pytest.mark.parametrize("who", ["sales", "quality", "production", "technical"])
def test_a_department_objects_within_five_working_days(who: str) -> None:
    """D12."""
    assert objects_within_five_working_days(lambda: a_case(CLAIM, "reply"), who, outsider="warehouse") == ["record"]


def test_numbers_repeats_and_retention_are_our_defaults() -> None:
    """D7, D8, D9."""
    desk = Electrical("2026-11-30 10:00")
    desk.enter("case1", **QUALITY)
    desk.enter("case2", **QUESTION)
    desk.clock.at = local("2026-12-01 10:00")
    desk.enter("case3", **CLAIM)
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]
    assert keeping(ID) == (3, "years", "quality")
    assert repeats(ID) == (("customer", "product"), 3, "months")
