"""重点3 to 8: who answers for it, rectification and its effect, meetings, checks, precedence."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.choosing import Choosing, fitting
from tests.support.company import local
from tests.support.dealer import HANDLER, ID, RECTIFY, WALK, at, closed, logged, rectified, take
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk
from tests.support.who_may import refused_fields

# --- accountability (重点5) ----------------------------------------------------------------------------------------------------------


TRIGGERS = [
    ({}, {}, False),
    ({"addressed_to": "media", "department_knew": True}, {}, True),
    ({"addressed_to": "group", "department_knew": False}, {}, True),
    ({"addressed_to": "general_manager_self", "department_knew": False}, {}, True),
    ({"addressed_to": "authority", "department_knew": False}, {}, True),
    ({"addressed_to": "group", "department_knew": True}, {}, False),
    ({}, {"difficulty": "major"}, True),
    ({}, {"difficulty": "difficult"}, False),
    ({}, {"quality_accident": True}, True),
]


@pytest.mark.clauses(ID, "重点5")
@pytest.mark.capabilities("IN-02", "CL-18")
@pytest.mark.parametrize(("form", "found", "investigated"), TRIGGERS)
def test_bypass_major_accident_and_media_are_investigated_for_responsibility(
    form: dict[str, Any], found: dict[str, Any], investigated: bool
) -> None:
    """重点5 「对重复投诉、越级投诉、重大客户投诉、服务质量事故和服务问题媒体曝光事件进行调查,落实责任,进行查究」."""
    desk = logged(**form)
    take(desk, "transfer", **found)
    assert ("accountability" in desk.open_stages()) is investigated
    assert "name_handler" in desk.open_stages()  # in parallel


@pytest.mark.clauses(ID, "重点5")
@pytest.mark.capabilities("CL-08")
def test_the_second_complaint_about_the_same_within_three_months_is_investigated() -> None:
    """重点5 重复投诉; D9: three months."""
    desk = PolicyDesk(ID, now="2026-08-01 23:59")
    desk.log("UFRONT", "too_old", **WALK.form)
    desk.clock.at = local("2026-11-02 09:30")
    desk.log("UFRONT", "other", **{**WALK.form, "matter": "price"})
    desk.log("UFRONT", "case1", **WALK.form)
    take(desk, "transfer")
    assert "accountability" not in desk.open_stages()
    desk.log("UFRONT", "again", **WALK.form)
    take(desk, "transfer", case_id="again")
    assert "accountability" in desk.open_stages("again")
    repeat = WALK.file.repeat
    assert repeat is not None
    assert (repeat.same, str(repeat.within)) == (("customer", "matter"), "3 months")


@pytest.mark.clauses(ID, "重点5")
def test_the_responsibility_is_fixed_and_confirmed() -> None:
    """Our default: five working days; amounts are lost, so proposals are only recorded."""
    desk = at("transfer")
    take(desk, "transfer", difficulty="major")
    assert (desk.roles("accountability"), desk.due("accountability")) == (["dcrc"], local("2026-11-09 18:00"))
    for missing in ("investigation", "responsible_persons"):
        assert refused_fields(lambda name=missing: take(desk, "accountability", **{name: None})) == {missing}
    take(desk, "accountability", assessment_proposal="Two points")
    [entry] = [x for x in desk.happened(e.RegisterEntered) if x.register == "accountabilities"]
    assert entry.row["responsible_persons"] == "The foreman"
    assert (desk.roles("accountability_ruling"), desk.due("accountability_ruling")) == (
        ["general_manager"],
        local("2026-11-04 18:00"),
    )
    take(desk, "accountability_ruling")
    assert desk.open_stages() == ["name_handler"]


# --- rectification (重点7, 重点8) -------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "八2", "八3", "重点7")
@pytest.mark.capabilities("OS-09", "OS-17", "DL-07")
def test_the_department_rectifies_by_the_date_that_was_set() -> None:
    """重点7 「落实责任处室,限期整改」; 八 「向责任部门提出整改意见」, 「将各部门提交投诉整改报告及分析进行汇总」."""
    desk = at("review")
    for missing in ("rectification_opinion", "rectify_by"):
        assert refused_fields(lambda name=missing: take(desk, "review", **{**RECTIFY, name: None})) == {missing}
    assert refused_fields(lambda: take(desk, "review", **{**RECTIFY, "rectify_by": "2026-11-01"})) == {"rectify_by"}
    desk = closed(**RECTIFY)
    assert (desk.roles("rectify"), desk.due("rectify")) == ([HANDLER], local("2026-11-20 24:00"))
    assert refused_fields(lambda: take(desk, "rectify", rectification_report=None)) == {"rectification_report"}
    take(desk, "rectify")
    assert "rectifications" in [x.register for x in desk.happened(e.RegisterEntered)]
    assert "rectify" not in closed().open_stages()


@pytest.mark.clauses(ID, "重点8")
@pytest.mark.capabilities("DL-18", "OS-09")
def test_the_effect_is_verified_a_month_later_by_what_customers_perceive() -> None:
    """重点8 「通过次月的服务质量检查,以客户感知为标准,检验整改效果的真实情况」."""
    desk = rectified()
    desk.at("2026-12-02 23:59")
    assert "verify_next_month" not in desk.open_stages()
    desk.at("2026-12-02 24:00")
    assert (desk.roles("verify_next_month"), desk.due("verify_next_month")) == (["dcrc"], local("2027-01-03 24:00"))
    for missing in ("effective", "customer_perception"):
        assert refused_fields(lambda name=missing: take(desk, "verify_next_month", **{name: None})) == {missing}
    take(desk, "verify_next_month")
    assert desk.open_stages() == []


@pytest.mark.clauses(ID, "重点8")
@pytest.mark.capabilities("OS-09")
def test_what_is_not_effective_is_rectified_and_verified_again_and_then_ruled_on() -> None:
    """Route of the catalogue: fail goes back to the rectification; our default: three times, then the general manager."""
    desk = rectified()
    desk.at("2026-12-03 09:00")
    for _ in range(3):
        assert refused_fields(lambda: take(desk, "verify_next_month", effective=False)) == {"again_by"}
        assert refused_fields(lambda: take(desk, "verify_next_month", effective=False, again_by="2026-12-01")) == {
            "again_by"
        }
        take(desk, "verify_next_month", effective=False, again_by="2026-12-20")
        assert (desk.roles("rectify_again"), desk.due("rectify_again")) == ([HANDLER], local("2026-12-20 24:00"))
        assert refused_fields(lambda: take(desk, "rectify_again", second_report=None)) == {"second_report"}
        take(desk, "rectify_again")
    assert (desk.roles("rectification_ruling"), desk.due("rectification_ruling")) == (
        ["general_manager"],
        local("2026-12-07 18:00"),
    )
    assert refused_fields(lambda: take(desk, "rectification_ruling", ruling_reason=None)) == {"ruling_reason"}
    take(desk, "rectification_ruling")
    assert desk.open_stages() == []


# --- meeting, checks, precedence (三, 重点3 to 7) --------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "重点4", "重点7")
@pytest.mark.capabilities("SR-10")
def test_the_analysis_meeting_has_an_agenda_and_minutes() -> None:
    """重点4 「负责分析会的组织召开……对各项工作的进展执行情况,及指标完成情况进行监督」."""
    duty = WALK.file.duties["analysis_meeting"]
    assert (duty.every, duty.by, str(duty.who)) == ("month", "10th", "dcrc")
    assert [str(w) for w in duty.with_] == ["head of sales_dept", "head of service_dept", "head of other_dept"]
    assert [f.name for f in duty.fill] == ["items", "minutes"]
    assert {"counts", "rectify_by", "handled_in_time", "rectified_effectively", "repeats"} <= set(duty.contents)
    assert [str(w) for w in duty.send_to] == ["sales_dept", "service_dept", "other_dept", "general_manager"]


@pytest.mark.clauses(ID, "重点3", "重点6")
@pytest.mark.capabilities("IN-21")
def test_what_checks_and_calls_find_becomes_a_case_and_the_result_a_circular() -> None:
    """重点3 「组织客户满意度测评、服务质量明查暗访,并进行通报」, 重点6 「发现服务质量存在的问题」."""
    duty = WALK.file.duties["service_checks"]
    assert (duty.every, duty.by, str(duty.who), duty.opens) == ("month", "last working day", "dcrc", "main")
    assert [f.name for f in duty.fill] == ["found", "circular"]
    assert set(WALK.file.fields["found"].columns) == {"customer", "matter", "complaint"}
    assert [str(w) for w in duty.send_to] == ["sales_dept", "service_dept", "other_dept", "general_manager"]
    assert {"satisfaction_call", "inspection"} <= set(WALK.file.fields["channel"].choices)


@pytest.mark.clauses(ID, "三")
@pytest.mark.capabilities("GA-02", "GA-11")
def test_where_both_fit_this_procedure_wins_over_the_earlier_rules() -> None:
    """三 「如与原相关投诉管理制度有冲突,以本办法为准」."""
    new = WALK.file
    old = bundle("property-operations").policy.model_copy(deep=True)
    object.__setattr__(old, "policy", old.policy.model_copy(update={"id": "auto-dealer-earlier"}))
    assert fitting([old, new], Choosing(), {new.id: {}, "auto-dealer-earlier": {}}) == [new]
