"""After the decision: improvement, goods that come back, duties, and what our defaults add."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.integrated import HUMAN, ID, NOT_OURS, QUALITY, SERIOUS, SUGGESTION, Integrated, a_case
from tests.support.our_defaults import keeping, objects_within_five_working_days, repeats
from tests.support.policy_desk import head, person, walked

# --- improvement, goods, duties -------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二2 implement", "二3 general")
@pytest.mark.capabilities("OS-09")
@pytest.mark.parametrize("case", [{}, SERIOUS])
def test_engineering_prevents_recurrence_and_general_management_confirms_the_effect(case: dict[str, Any]) -> None:
    """「工程技术部应拟定改善方法避免同类问题再次发生」; 「执行成果的督促及效果确认」."""
    desk = a_case(QUALITY, "closed", **case)
    assert (desk.may_act("improve"), desk.due("improve")) == ({"engineering"}, local("2026-11-09 18:00"))
    with pytest.raises(FieldErrors) as refused:
        desk.go("improve", improvement=None, improvement_due=None)
    assert set(refused.value.errors) == {"improvement", "improvement_due"}
    with pytest.raises(FieldErrors):
        desk.go("improve", improvement_due="2026-11-01")
    for _ in range(4):
        desk.go("improve")
        assert (desk.may_act("check_effect"), desk.due("check_effect")) == ({"general"}, local("2026-12-10 24:00"))
        with pytest.raises(FieldErrors) as silent:
            desk.go("check_effect", effective=None, effect_evidence=None)
        assert set(silent.value.errors) == {"effective", "effect_evidence"}
        desk.go("check_effect", effective=False)
    desk.go("improve")
    desk.go("check_effect", effective=False)
    assert (desk.may_act("improvement_ruling"), desk.due("improvement_ruling")) == (
        {"general_manager"},
        local("2026-11-04 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("improvement_ruling", ruling_reason=None)
    desk.go("improvement_ruling")


def test_an_effective_improvement_ends_there_and_a_foreign_cause_needs_none() -> None:
    desk = a_case(QUALITY, "closed")
    desk.go("improve")
    desk.go("check_effect")
    assert not {"improve", "check_effect"} & set(desk.open_stages())
    assert "improve" not in a_case(QUALITY, "closed", **NOT_OURS).open_stages()


@pytest.mark.parametrize(("came", "booked"), [("10", "10"), ("8", "8"), ("10.5", "10.5"), ("10.6", None)])
def test_goods_come_back_with_a_slip_and_are_booked_within_the_tolerance(came: str, booked: str | None) -> None:
    """Our default: as in the circuit-board maker's regulation."""
    desk = a_case(QUALITY, "implement", **SERIOUS, settlement="goods_return", approved_quantity="10")
    with pytest.raises(FieldErrors):
        desk.go("return_slip", return_reason=None)
    desk.decide(person("marketing"), "return_slip", "issue", return_reason="Leaks")
    assert (desk.may_act("return_slip"), desk.due("return_slip")) == ({"general_manager"}, local("2026-11-03 18:00"))
    desk.decide(person("general_manager"), "return_slip")
    assert (desk.may_act("goods_receipt"), desk.due("goods_receipt")) == ({"inspection"}, local("2026-12-02 24:00"))
    with pytest.raises(FieldErrors):
        desk.go("goods_receipt")
    desk.go("goods_receipt", received_quantity=came)
    if booked:
        assert desk.case().amounts["goods_booking"] == booked
        assert "excess_ruling" not in desk.open_stages()
    else:
        assert (desk.may_act("excess_ruling"), desk.due("excess_ruling")) == (
            {"general_manager"},
            local("2026-11-04 18:00"),
        )
        with pytest.raises(FieldErrors):
            desk.go("excess_ruling")
    assert bundle(ID).policy.papers.forms["return_form"].copies == 4
    assert bundle(ID).policy.money["goods_booking"].needs == ("approve_solution",)


def test_without_a_return_no_slip_is_issued_and_a_quantity_is_more_than_none() -> None:
    assert "return_slip" not in a_case(QUALITY, "implement", **SERIOUS).open_stages()
    with pytest.raises(FieldErrors) as refused:
        a_case(QUALITY, "agree_solution", **SERIOUS).go(
            "agree_solution", settlement="goods_return", approved_quantity="0"
        )
    assert set(refused.value.errors) == {"approved_quantity"}


@pytest.mark.clauses(ID, "一 owner", "一 visits", "一 surveys")
@pytest.mark.capabilities("CC-15")
def test_key_customers_are_visited_surveys_held_and_causes_summed_up() -> None:
    """一 「对重点客户的回访与沟通」, 「开展客户满意度、忠诚度调查」, 「认真分析总结造成客户投诉的原因」; quarterly is ours."""
    duties = bundle(ID).policy.duties
    assert {
        n: (d.every, d.by, str(d.who), [f.name for f in d.fill], [str(w) for w in d.send_to]) for n, d in duties.items()
    } == {
        "monthly_statistics": (
            "month",
            "10th",
            "general",
            ["cause_summary"],
            ["marketing", "engineering", "general_manager"],
        ),
        "key_customer_visits": ("quarter", "28th", "general", ["visits"], ["marketing"]),
        "satisfaction_survey": (
            "year",
            "28th",
            "general",
            ["survey_result"],
            ["marketing", "engineering", "general_manager"],
        ),
    }
    assert {"cause", "by_type", "closed_in_time", "repeats", "callback_score"} <= set(
        duties["monthly_statistics"].contents
    )


# --- defaults -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"solved": True, "score": "3"}, False),
        ({"solved": True, "score": "2"}, True),
        ({"solved": False, "score": "4"}, True),
    ],
)
def test_a_dissatisfied_customer_reopens_the_analysis(answers: dict[str, Any], again: bool) -> None:
    """D6."""
    desk = a_case(QUALITY, "closed", **NOT_OURS)
    assert (desk.may_act("callback"), desk.due("callback")) == ({"general"}, local("2026-11-05 24:00"))
    with pytest.raises(FieldErrors):
        desk.call("reached", actor=person("general"))
    desk.call("reached", actor=person("general"), **answers)
    assert (desk.open_stages() == ["analyse"]) is again
    assert (head("general") in {n.to for n in desk.told("rule")}) is again


def test_three_calls_are_enough_and_settled_cases_are_called_too() -> None:
    assert "callback" in a_case(QUALITY, "closed").open_stages()
    assert "callback" in a_case(QUALITY, "closed", **SERIOUS).open_stages()
    desk = a_case(QUALITY, "closed", **NOT_OURS)
    for day in ("03", "04", "05"):
        assert desk.open_stages() == ["callback"]
        desk.clock.at = local(f"2026-11-{day} 10:00")
        desk.call("no_answer", actor=person("general"))
    assert desk.case().status == "finished"


def test_an_anonymous_complaint_is_for_the_head_and_nobody_is_answered() -> None:
    """D10."""
    desk = a_case(HUMAN, "anonymous_check", anonymous=True, customer=None)
    assert (desk.may_act("anonymous_check"), desk.due("anonymous_check")) == (
        {"head of general"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.decide(head("general"), "anonymous_check", "file")
    assert walked(desk) == ["anonymous_check", "review", "analyse", "record_light", "implement", "close_case"]
    assert not {"callback", "progress_message"} & set(desk.open_stages())
    desk = a_case(HUMAN, "propose_measure", anonymous=True, customer=None, **SERIOUS)
    assert walked(desk) == ["propose_measure", "agree_solution", "approve_solution", "implement", "close_case"]
    desk = a_case(HUMAN, "analyse", anonymous=True, customer=None)
    desk.go("analyse", **NOT_OURS)
    assert desk.open_stages() == ["close_case"]
    desk = a_case(HUMAN, "anonymous_check", anonymous=True, customer=None)
    desk.go("anonymous_check", "file")
    assert desk.case().outcome == "recorded_only"


def test_what_is_not_accepted_is_confirmed_and_told() -> None:
    """D17."""
    desk = a_case(HUMAN, "review")
    desk.go("review", valid=False, invalid_reason="Another maker")
    assert (desk.may_act("confirm_invalid"), desk.due("confirm_invalid")) == (
        {"head of general"},
        local("2026-11-03 18:00"),
    )
    desk.go("confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.may_act("tell_invalid"), desk.due("tell_invalid")) == (
        "not_accepted",
        {"general"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("tell_invalid")
    desk.go("tell_invalid", invalid_told="Sorry")
    assert desk.case().status == "finished"
    assert "complaint_register" not in {r.register for r in desk.happened(e.RegisterEntered)}


@pytest.mark.clauses(ID, "二3 contact")
def test_general_management_alone_answers_and_not_before_the_finding() -> None:
    """「与客户接洽客户投诉的调查及妥善处理」."""
    assert not a_case(QUALITY, "analyse").may_reply()
    assert not a_case(QUALITY, "agree_solution", **SERIOUS).may_reply()
    assert a_case(QUALITY, "explain", **NOT_OURS).may_reply()
    assert a_case(QUALITY, "agree_customer", **SERIOUS).may_reply()
    assert a_case(QUALITY, "implement").may_reply()
    assert str(bundle(ID).policy.reply.by) == "general"


@pytest.mark.parametrize("who", ["general", "marketing", "engineering", "inspection", "design", "works"])
def test_a_department_objects_within_five_working_days(who: str) -> None:
    """D12."""
    assert "agree_solution" in objects_within_five_working_days(
        lambda: a_case(QUALITY, "implement", **SERIOUS), who, outsider="store"
    )


def test_numbers_repeats_and_retention_are_our_defaults() -> None:
    """D7, D8, D9."""
    desk = Integrated("2026-11-30 10:00")
    desk.hear("case1", **QUALITY)
    desk.hear("case2", **SUGGESTION)
    desk.clock.at = local("2026-12-01 10:00")
    desk.hear("case3", **HUMAN)
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]
    assert keeping(ID) == (3, "years", "general")
    assert repeats(ID) == (("customer", "product"), 3, "months")
