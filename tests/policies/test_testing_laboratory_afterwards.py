"""After the re-test: the reply, satisfied or again, nonconformity, compensation, objection."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints.refusals import FieldErrors, NotAllowedHere
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.laboratory import ANSWER, DATA, ID, SURVEY, USUAL, at, at_stage, case_with
from tests.support.policy_desk import head, person

# --- reply ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2.2.5", "3.1", "3.2")
@pytest.mark.capabilities("OS-01", "CC-02")
@pytest.mark.parametrize(
    ("slip", "later", "outcome", "who"),
    [
        ({}, {}, "founded", "room"),
        ({}, {"reasonable": False}, "unfounded", "room"),
        (SURVEY, {}, "founded", "office"),
        ({}, {"difficult": True}, "founded", "office"),
        (DATA, {}, "report_corrected", "business_office"),
        (DATA, {"report_wrong": False}, "report_stands", "business_office"),
    ],
)
def test_the_handling_department_answers_in_writing(slip: Any, later: Any, outcome: str, who: str) -> None:
    """3.1, 3.2 「以書面形式」: founded or not, by who handled it; nothing before that."""
    stage = "tell_applicant" if slip == DATA else "tell_customer"
    desk = at_stage(stage, slip, **later)
    assert desk.roles(stage) == [who]
    desk.play(stage, **ANSWER)
    assert desk.case().outcome == outcome
    assert desk.roles("feedback") == [who]
    reply = bundle(ID).policy.reply
    assert (reply.channels, str(reply.by)) == (("letter",), "by handler")
    assert reply.written_when is not None


@pytest.mark.parametrize("stage", ["dept_handle", "conclude", "reissue"])
def test_nothing_is_answered_before_it_is_concluded(stage: str) -> None:
    assert not at(stage).may_reply()


# --- satisfied or again ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4")
@pytest.mark.capabilities("RT-11", "CC-17")
def test_the_department_investigates_again_until_the_customer_is_satisfied() -> None:
    """4 「責任部門應重新對該投訴進行調查處理,直至客戶滿意為止」; after two rounds the head of the station decides (ours)."""
    desk = at_stage("feedback")
    dissatisfied = {**USUAL["feedback"], "satisfied": False}
    for _ in range(2):
        desk.play("feedback", **dissatisfied)
        assert desk.open_stages() == ["look_again"]
        desk.play("look_again", **USUAL["look_again"])
        desk.play("tell_again", **ANSWER)
        assert desk.open_stages() == ["feedback"]
    desk.play("feedback", **dissatisfied)
    assert desk.open_stages() == ["top_decision"]
    desk.play("top_decision", ruling_reason="We did what we could")
    desk.play("tell_ruling", **ANSWER)
    assert desk.case().status == "finished"


@pytest.mark.parametrize("rounds", [0, 1, 2])
def test_a_satisfied_customer_ends_the_rounds(rounds: int) -> None:
    desk = at_stage("feedback")
    for _ in range(rounds):
        desk.play("feedback", **{**USUAL["feedback"], "satisfied": False})
        desk.play("look_again", **USUAL["look_again"])
        desk.play("tell_again", **ANSWER)
    desk.play("feedback", **USUAL["feedback"])
    assert desk.case().status == "finished"


# --- nonconformity, compensation, objection --------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "5")
@pytest.mark.capabilities("OS-09", "RT-16")
def test_nonconforming_work_opens_a_case_that_ends_when_the_correction_works() -> None:
    """5 「應執行〈不符合監測工作控制程序〉和〈糾正措施程序〉」."""
    desk = at_stage("effect_check", nonconforming=True)
    child = case_with(desk, "effect_check")
    for _ in range(2):
        desk.play("effect_check", case_id=child, effective=False)
        desk.play("correct", case_id=child, corrective_action="Again")
    desk.play("effect_check", case_id=child, effective=False)
    assert desk.open_stages(child) == ["correction_ruling"]
    desk.play("correction_ruling", case_id=child, ruling_reason="New meter")
    desk.play("close_nonconformity", case_id=child)
    assert (desk.case(child).status, desk.case(child).outcome) == ("finished", "corrected")


def test_an_effective_correction_is_closed_at_once() -> None:
    desk = at_stage("close_nonconformity", nonconforming=True)
    assert len(desk.record.cases) == 2
    assert [v.stage for v in desk.case(case_with(desk, "close_nonconformity")).visits.values()][:3] == [
        "contain",
        "correct",
        "effect_check",
    ]


@pytest.mark.clauses(ID, "6")
@pytest.mark.capabilities("OS-02")
@pytest.mark.parametrize(
    ("amount", "role"),
    [("1000", "quality_head"), ("1000.01", "deputy_head"), ("10000", "deputy_head"), ("10000.01", "general_manager")],
)
def test_compensation_is_negotiated_and_approved_by_amount(amount: str, role: str) -> None:
    """6 「給客戶造成經濟損失,應與客戶協商賠償事宜」; D11."""
    desk = at_stage("approve_compensation", caused_loss=True, compensation=amount)
    assert desk.roles("approve_compensation") == [role]


@pytest.mark.parametrize(("flag", "route"), [("caused_loss", "negotiate"), ("nonconforming", "contain")])
def test_without_a_loss_or_a_nonconformity_nothing_follows(flag: str, route: str) -> None:
    desk = at_stage("feedback", **{flag: False})
    assert all(route not in desk.open_stages(c) for c in desk.record.cases)


@pytest.mark.parametrize("who", [person("room"), head("room"), person("business_office")])
def test_the_department_may_object_within_five_working_days(who: str) -> None:
    """D12."""
    desk = at_stage("feedback")
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, who, route="objection", fields={})
    desk.clock.at = local("2026-11-09 18:01")
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.BeginRoute, who, route="objection", fields={"objection_reason": "x"})
    desk.clock.at = local("2026-11-09 18:00")
    desk.act(cmd.BeginRoute, who, route="objection", fields={"objection_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.play("objection_ruling", "grant")
    desk.play("objection_ruling", "grant", ruling_reason="They are right")
    assert "accept" in desk.open_stages()
