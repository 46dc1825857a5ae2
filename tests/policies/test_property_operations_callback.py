"""4.3 the callback, and what our defaults add."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.operations import CALL, ID, REMOTE, REPORTER, SOLVED, at, called, closed, logged, objected, take
from tests.support.policy_desk import head, person
from tests.support.who_may import may_decide, refused_fields

# --- 4.3 callback -----------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.3", "3.3")
@pytest.mark.capabilities("CC-13", "CC-14", "DL-02")
@pytest.mark.parametrize("way", [{**SOLVED}, REMOTE, {"difficult": True}])
def test_operations_calls_back_within_three_days_by_telephone_or_visit(way: dict[str, Any]) -> None:
    """4.3 「由运营管理部在3天之内以电话或上门的形式进行回访」: asks the opinion on the handling and sees the effect."""
    desk = closed(**way)
    assert (desk.open_stages(), may_decide(desk, "callback")) == (["callback"], {"operations"})
    assert desk.due("callback") == local("2026-11-05 24:00")
    assert bundle(ID).policy.fields["callback_way"].choices == ("phone", "home_visit")
    called(desk)
    assert desk.case().status == "finished"
    [row] = [x for x in desk.happened(e.RegisterEntered) if x.register == "callback_record"]
    assert {"callback_way", "customer_opinion", "effect_seen"} <= set(row.row)


@pytest.mark.clauses(ID, "4.3")
@pytest.mark.parametrize("missing", sorted(CALL))
def test_the_callback_asks_everything(missing: str) -> None:
    """4.3 「征询客户对投诉的处理意见,检查处理的效果」; D6: solved, how satisfied."""
    desk = closed(**SOLVED)
    assert refused_fields(lambda: called(desk, **{missing: None})) == {missing}


@pytest.mark.clauses(ID, "4.3")
@pytest.mark.parametrize(
    ("solved", "score", "reopens"), [(True, "3", False), (True, "2", True), (False, "5", True), (True, "5", False)]
)
def test_a_dissatisfied_customer_reopens_the_case_at_the_superior(solved: bool, score: str, reopens: bool) -> None:
    """D6, our default here: not solved or 2 and below goes back to the superior."""
    desk = closed(**REMOTE)
    called(desk, solved=solved, score=score)
    assert desk.open_stages() == (["superior_opinion"] if reopens else [])
    if reopens:
        assert {n.to for n in desk.told("rule")} == {head("responsible_dept"), REPORTER, person("responsible_dept", 2)}
        take(desk, "superior_opinion")
        take(desk, "handle")
        take(desk, "record")
        assert desk.open_stages() == ["callback"]


@pytest.mark.parametrize("score", ["0", "6"])
def test_the_score_is_from_one_to_five(score: str) -> None:
    desk = closed(**REMOTE)
    assert refused_fields(lambda: called(desk, score=score)) == {"score"}


def test_three_calls_without_answer_end_the_callback() -> None:
    """D6: three attempts, one working day apart."""
    desk = closed(**REMOTE)
    called(desk, "no_answer")
    with pytest.raises(NotAllowedHere):
        called(desk, "no_answer")
    for day in ("03", "04"):
        desk.clock.at = local(f"2026-11-{day} 10:00")
        called(desk, "no_answer")
    assert (desk.case().status, desk.case().visits[desk.visit("callback")].decision) == ("finished", "unreached")


@pytest.mark.clauses(ID, "4.3")
@pytest.mark.capabilities("DL-22")
def test_an_overdue_callback_climbs_too() -> None:
    """D5: the same chain for an overdue callback."""
    desk = closed(**REMOTE)
    desk.at("2026-11-09 12:00")
    assert person("general_manager") in {n.to for n in desk.told("escalation")}


# --- defaults ----------------------------------------------------------------------------------------------------------------------


def test_the_head_of_reception_decides_on_anonymous_complaints() -> None:
    """D10: accepted and recorded, no callback; the intake head decides whether to investigate."""
    desk = logged(anonymous=True, contact=None)
    assert (desk.open_stages(), may_decide(desk, "anonymous_gate")) == (["anonymous_gate"], {"head of reception"})
    assert desk.due("anonymous_gate") == local("2026-11-03 18:00")
    only = lambda **more: desk.decide(head("reception"), "anonymous_gate", "record_only", **more)
    assert refused_fields(only) == {"reason"}
    only(reason="Nothing to go by")
    assert (desk.case().status, desk.case().outcome) == ("finished", "recorded_only")
    assert closed(anonymous=True, contact=None).open_stages() == []


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_the_department_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12: with a reason, decided by the general manager within two working days (D4), finally."""
    desk = closed(**SOLVED)
    desk.clock.at = local(when)
    object_ = lambda who, **fields: desk.act(cmd.BeginRoute, who, route="objection", fields=fields)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            object_(REPORTER, objection_reason="It was the supplier")
        return
    with pytest.raises(NotAuthorized):
        object_("UNOBODY", objection_reason="x")
    assert refused_fields(lambda: object_(REPORTER)) == {"objection_reason"}
    object_(REPORTER, objection_reason="It was the supplier")
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")


@pytest.mark.parametrize(("ruling", "stages"), [("dismiss", []), ("grant", ["superior_opinion"])])
def test_a_granted_objection_opens_the_case_again(ruling: str, stages: list[str]) -> None:
    """D12: the ruling has its reason; dismissed changes nothing, granted goes back to the superior."""
    desk = objected()
    assert refused_fields(lambda: desk.pass_as("general_manager", "objection_ruling", "dismiss")) == {"ruling_reason"}
    desk.pass_as("general_manager", "objection_ruling", ruling, ruling_reason="So be it")
    assert desk.open_stages() == stages


def test_a_return_goes_to_an_earlier_stage_with_a_reason() -> None:
    """D18."""
    desk = at("handle", **REMOTE)
    back = lambda **more: desk.decide(person("responsible_dept", 2), "handle", "return", **more)
    assert refused_fields(back) == {"reason"}
    back(reason="Not ours")
    assert desk.open_stages() == ["classify"]


@pytest.mark.capabilities("GA-11")
def test_monthly_statistics_and_repeats() -> None:
    """D15: by the 10th, by operations, to the general manager; D9: same customer and matter within three months."""
    policy = bundle(ID).policy
    duty = policy.duties["statistics"]
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "operations",
        ["general_manager"],
    )
    assert {"kind", "liable_unit", "late_by", "callback_score"} <= set(duty.contents)
    assert policy.repeat is not None
    assert (policy.repeat.same, str(policy.repeat.within)) == (("customer", "matter"), "3 months")
