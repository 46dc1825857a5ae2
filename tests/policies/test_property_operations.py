"""property-operations: on the spot or to the superior in two hours, remote in one hour, callback in three days."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import events as e
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.operations import FORM, ID, REMOTE, REPORTER, SOLVED, at, closed, logged, objected, take
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.who_may import decisions, may_decide, named, refused_fields

# --- 4.2.1 on the spot ---------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.2.1")
@pytest.mark.capabilities("IN-01", "IN-04", "RT-01", "RT-02")
@pytest.mark.parametrize("channel", ["work_site", "service_office"])
def test_what_is_solved_on_the_spot_is_reported_to_the_superior_and_recorded(channel: str) -> None:
    """4.2.1 「当场可以解决的须当场处理,并向上级汇报」: no opinion, no handling; straight to the record."""
    desk = at("on_site", channel=channel)
    assert desk.roles("on_site") == [REPORTER]

    take(desk, "on_site", **SOLVED)

    assert desk.open_stages() == ["record"]
    assert [(n.to, n.facts["as"]) for n in desk.told("rule")] == [(head("responsible_dept"), "notice")]


@pytest.mark.clauses(ID, "4.2.1")
@pytest.mark.capabilities("RT-29", "IN-04")
def test_what_is_not_solved_goes_to_the_superior_who_says_how_it_is_handled() -> None:
    """4.2.1 「不能当场处理的,两小时内通知上级领导,由上级领导给出处理意见进行处理」."""
    desk = at("on_site")
    take(desk, "on_site")
    assert (desk.open_stages(), may_decide(desk, "superior_opinion")) == (
        ["superior_opinion"],
        {"head of responsible_dept"},
    )
    assert desk.due("superior_opinion") == local("2026-11-03 18:00")

    take(desk, "superior_opinion")
    assert (desk.open_stages(), desk.roles("handle")) == (["handle"], ["responsible_dept"])
    assert not desk.told("rule")


@pytest.mark.clauses(ID, "4.2.1")
@pytest.mark.capabilities("DL-01", "DL-02", "DL-08", "DL-22")
def test_the_superior_hears_within_two_hours_of_the_complaint_by_the_clock() -> None:
    """4.2.1 「两小时内通知上级领导」, counted from when it was raised: Sunday 22:30 gives 00:30."""
    desk = PolicyDesk(ID, now="2026-11-01 22:40")
    desk.log(REPORTER, **{**FORM, "received_at": "2026-11-01T22:30:00+08:00"})
    clock = desk.case().clock("tell_superior")
    assert clock is not None
    assert clock.due_at == local("2026-11-02 00:30")
    assert desk.case().clock("tell_reception") is None

    desk.at("2026-11-02 00:30")
    take(desk, "on_site")
    assert desk.case().clock("tell_superior").in_time is True


@pytest.mark.clauses(ID, "4.2.1")
@pytest.mark.capabilities("DL-08", "DL-22")
def test_two_hours_missed_climb_to_the_general_manager() -> None:
    """D5: the slip goes to the person and the head at the due time, one working day later the general manager hears."""
    desk = at("on_site")
    desk.at("2026-11-02 11:30")
    assert {n.to for n in desk.told("reminder_slip")} >= {REPORTER, head("responsible_dept")}
    assert not desk.told("escalation")
    desk.at("2026-11-03 17:59")
    assert not desk.told("escalation")
    desk.at("2026-11-03 18:00")
    assert person("general_manager") in {n.to for n in desk.told("escalation")}
    take(desk, "on_site")
    assert desk.case().clock("tell_superior").in_time is False


@pytest.mark.clauses(ID, "4.2.1")
@pytest.mark.capabilities("CC-06")
def test_the_person_first_apologises_and_thanks() -> None:
    """4.2.1 「当事人需先向客户致歉,对客户的意见表示感谢」."""
    desk = at("on_site")
    assert refused_fields(lambda: take(desk, "on_site", thanked=False)) == {"thanked"}
    assert bundle(ID).policy.reply.apology == "always"


# --- 4.2.3 by letter, telephone, e-mail -----------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.2.3", "3.1")
@pytest.mark.capabilities("IN-01", "RT-02", "RD-13")
@pytest.mark.parametrize("channel", ["letter", "phone", "email"])
def test_a_remote_complaint_is_classified_and_passed_on_by_reception_the_same_day(channel: str) -> None:
    """4.2.3 「由前台接待员将内容记录在《投诉处理记录表》上,并根据投诉内容进行分类传达」."""
    desk = logged(channel=channel)
    assert (desk.open_stages(), desk.roles("classify"), desk.due("classify")) == (
        ["classify"],
        ["reception"],
        local("2026-11-02 18:00"),
    )
    take(desk, "classify", liable_unit="operations")
    assert (desk.open_stages(), desk.roles("handle")) == (["handle"], ["operations"])


@pytest.mark.clauses(ID, "4.2.3")
@pytest.mark.capabilities("DL-01", "DL-08")
@pytest.mark.parametrize(("noted", "in_time"), [("2026-11-02 10:30", True), ("2026-11-02 10:31", False)])
def test_reception_is_told_within_one_hour_of_the_receipt(noted: str, in_time: bool) -> None:
    """4.2.3 「信息接收人员须在1小时内将投诉内容告知前台接待员」."""
    desk = PolicyDesk(ID, now=noted)
    desk.log(REPORTER, **{**FORM, **REMOTE})
    clock = desk.case().clock("tell_reception")
    assert clock is not None
    assert (clock.due_at, clock.in_time) == (local("2026-11-02 10:30"), in_time)
    assert desk.case().clock("tell_superior") is None


# --- 4.2.4 hard, or to the company, the group, an authority -------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.2.4")
@pytest.mark.capabilities("IN-02", "RT-29", "DL-09")
@pytest.mark.parametrize(
    "changes", [{"difficult": True}, {"origin": "company"}, {"origin": "group"}, {"origin": "authority"}, {"origin": "group", "channel": "phone"}]
)  # fmt: skip
def test_hard_complaints_go_to_the_head_of_the_department_at_once(changes: dict[str, Any]) -> None:
    """4.2.4 「处理难度较大的、直接到公司、集团或政府有关部门等的投诉必须立即上报部门负责人,由部门负责人提出处理意见」."""
    desk = logged(**changes)
    assert (desk.open_stages(), may_decide(desk, "superior_opinion")) == (
        ["superior_opinion"],
        {"head of responsible_dept"},
    )
    assert [(n.to, n.facts["as"]) for n in desk.told("rule")] == [(head("responsible_dept"), "notice")]
    assert desk.case().clock("tell_superior") is None
    assert desk.case().clock("tell_reception") is None

    take(desk, "superior_opinion")
    take(desk, "handle")
    assert desk.roles("record") == ["reception"]


# --- types 4.1, validity 2 --------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.1")
@pytest.mark.capabilities("CL-01", "CL-12")
@pytest.mark.parametrize(
    ("kind", "stage"), [("own_service", "handle"), ("construction", "forward"), ("outside", "forward")]
)
@pytest.mark.parametrize("way", [{}, REMOTE, {"difficult": True}])
def test_types_two_and_three_are_forwarded_and_chased(kind: str, stage: str, way: dict[str, Any]) -> None:
    """4.1: construction and third parties; our default: forwarded within one working day, the answer is mandatory."""
    desk = at("classify" if way == REMOTE else "superior_opinion", **way)
    take(desk, desk.open_stages()[0], kind=kind)
    assert desk.open_stages() == [stage]
    if stage == "forward":
        assert desk.due("forward") == local("2026-11-03 18:00")
        assert refused_fields(lambda: take(desk, "forward", third_party="")) == {"third_party"}
        take(desk, "forward")
        assert refused_fields(lambda: take(desk, "handle")) == {"third_party_answer"}
        take(desk, "handle", third_party_answer="They mend it")
        assert desk.open_stages() == ["record"]


@pytest.mark.clauses(ID, "2")
@pytest.mark.capabilities("CL-03")
@pytest.mark.parametrize("way", [{}, REMOTE, {"difficult": True}])
def test_only_valid_complaints_are_handled_and_the_head_of_reception_confirms_the_others(way: dict[str, Any]) -> None:
    """2 「适用于……有效投诉处理」; D17: reason, the head confirms, the customer is told politely."""
    first = "classify" if way == REMOTE else "superior_opinion" if way else "on_site"
    desk = at(first, **way)
    assert refused_fields(lambda: take(desk, first, is_valid=False)) == {"invalid_reason"}
    take(desk, first, is_valid=False, invalid_reason="Not our house")
    assert (desk.open_stages(), may_decide(desk, "confirm_invalid")) == (["confirm_invalid"], {"head of reception"})
    assert desk.due("confirm_invalid") == local("2026-11-03 18:00")

    take(desk, "confirm_invalid")
    assert (desk.case().status, desk.case().outcome, desk.open_stages()) == ("closed", "not_valid", ["explain_invalid"])
    assert desk.due("explain_invalid") == local("2026-11-03 18:00")
    assert refused_fields(lambda: take(desk, "explain_invalid", explanation="")) == {"explanation"}
    take(desk, "explain_invalid")
    assert desk.case().status == "finished"
    assert desk.happened(e.OutcomeTold)


@pytest.mark.clauses(ID, "2")
def test_the_head_of_reception_may_find_it_valid_with_a_reason() -> None:
    """D17: who confirms may also see it otherwise; then it is handled."""
    desk = at("classify", **REMOTE)
    take(desk, "classify", is_valid=False, invalid_reason="Not our house")
    other = lambda **more: desk.decide(head("reception"), "confirm_invalid", "see_it_otherwise", **more)
    assert refused_fields(other) == {"reason"}
    other(reason="It is our house")
    assert desk.open_stages() == ["handle"]


# --- handling, record, closing --------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.2.2", "3.2", "form")
@pytest.mark.capabilities("RD-13", "RD-01", "RD-04", "RD-09")
def test_the_handled_case_is_entered_the_same_day_with_course_result_and_analysis() -> None:
    """4.2.2 「处理的具体过程、结果、分析及时报前台接待员,前台接待员应当天记录在《投诉处理记录表》中」."""
    desk = at("handle", **REMOTE)
    assert desk.due("handle") == local("2026-11-04 18:00")  # two working days (D4)
    assert refused_fields(lambda: take(desk, "handle", process="", result="", analysis="")) == {
        "process",
        "result",
        "analysis",
    }
    desk.clock.at = local("2026-11-03 15:00")
    take(desk, "handle")
    assert (desk.roles("record"), desk.due("record")) == (["reception"], local("2026-11-03 18:00"))
    assert desk.happened(e.OutcomeTold)  # 「相关责任人要给予处理并回复」

    take(desk, "record")
    [row] = [x for x in desk.happened(e.RegisterEntered) if x.register == "complaint_record"]
    assert set(row.row) == {"number", "customer", "channel", "kind", "liable_unit", "process", "result", "analysis"}
    assert (desk.case().status, desk.case().outcome, desk.case().number) == ("closed", "handled", "202611-001")
    papers = bundle(ID).policy.papers
    assert papers.registers["complaint_record"].kept_by == "reception"
    assert "zz98/8.3-QP10-F1" in bundle(ID).policy.label("record_form", "zh-Hans")
    assert {"number", "process", "result", "analysis", "effect_seen"} <= set(papers.forms["record_form"].fill)
    assert (papers.archive_by, str(papers.keep)) == ("operations", "3 years")  # 3.3 「负责所有投诉记录的归档」, D8


def test_the_case_promises_ten_working_days_from_the_report() -> None:
    """D4: the text has no limit for the whole case."""
    desk = logged()
    assert desk.promise().due_at == local("2026-11-16 18:00")
    assert closed().promise().ended == "stopped"


@pytest.mark.parametrize("missing", sorted(FORM))
def test_the_form_of_a_complaint_is_complete(missing: str) -> None:
    """4.2.3 「将投诉内容告知」: what reception must know, and from when the hours run."""
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


@pytest.mark.parametrize("missing", ["kind", "is_valid", "solved_at_once", "thanked"])
def test_the_report_from_the_spot_is_complete(missing: str) -> None:
    desk = at("on_site")
    assert refused_fields(lambda: take(desk, "on_site", **{missing: None})) == {missing}


@pytest.mark.parametrize("missing", ["process", "result", "analysis"])
def test_what_was_solved_on_the_spot_is_described(missing: str) -> None:
    """4.2.2 「处理的具体过程、结果、分析」."""
    desk = at("on_site")
    assert refused_fields(lambda: take(desk, "on_site", **{**SOLVED, missing: None})) == {missing}


@pytest.mark.parametrize(
    ("stage", "way", "missing"),
    [("superior_opinion", {}, m) for m in ("handling_opinion", "liable_unit", "kind", "is_valid")]
    + [("classify", REMOTE, m) for m in ("kind", "is_valid", "liable_unit")],
)  # fmt: skip
def test_who_passes_it_on_says_to_whom_and_how(stage: str, way: dict[str, Any], missing: str) -> None:
    desk = at(stage, **({"difficult": True} if stage == "superior_opinion" else way))
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


# --- who may, stage by stage ---------------------------------------------------------------------------------------------------------


TABLE: dict[str, tuple[str, str]] = {  # stage: who may decide it (everybody else is refused); what may be decided
    "report": ("reporter", "send return"),
    "anonymous_gate": ("head of reception", "investigate_it record_only return"),
    "on_site": ("reporter", "report_it return"),
    "classify": ("reception", "pass_on return"),
    "superior_opinion": ("head of responsible_dept", "instruct return"),
    "confirm_invalid": ("head of reception", "confirm see_it_otherwise return"),
    "forward": ("responsible_dept, reporter", "forwarded return"),
    "handle": ("responsible_dept, reporter", "handled return"),
    "record": ("reception", "enter return"),
    "explain_invalid": ("reception", "told return"),
    "callback": ("operations", "satisfied unreached dissatisfied return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "report":
            desk = at("classify", **REMOTE)
            desk.decide(person("reception"), "classify", "return", reason="Which flat?")
            return desk
        case "anonymous_gate":
            return logged(anonymous=True, contact=None)
        case "confirm_invalid" | "explain_invalid":
            desk = at("classify", **REMOTE)
            take(desk, "classify", is_valid=False, invalid_reason="x")
            if stage == "explain_invalid":
                take(desk, "confirm_invalid")
            return desk
        case "forward":
            return at("forward", kind="outside", **REMOTE)
        case "callback":
            return closed(**SOLVED)
        case "objection_ruling":
            return objected()
        case "classify":
            return at(stage, **REMOTE)
        case _:
            return at(stage)


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    desk = waiting_at(stage)
    assert may_decide(desk, stage) == named(TABLE[stage][0])
    assert decisions(desk, stage) == TABLE[stage][1]


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(bundle(ID).policy.stages)
