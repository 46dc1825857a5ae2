"""auto-dealer-dcrc: the centre transfers, reviews and supervises; responsibility is investigated; effect seen next month."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import NotAllowedHere, NotAuthorized
from handlers.cards.refs import Ref
from tests.handlers.talk import Talk
from tests.support.company import local
from tests.support.dealer import HANDLER, ID, RECTIFY, WALK, at, closed, logged, rectified, take
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

DCRC = {person("dcrc"), person("dcrc", 2)}


NOBODY: dict[str, Any] = {"anonymous": True, "contact": None}


INVALID: dict[str, Any] = {"established": False, "invalid_reason": "He came late"}


BY_HAND: dict[str, dict[str, Any]] = {
    "query": {"query_words": "How far?"},
    "order": {"order_words": "Call him", "order_by": "2026-11-04"},
    "supervise": {"supervision_words": "Badly carried out"},
}


# --- transfer, handler, review (七, 八, 九) ------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二", "八1", "九1")
@pytest.mark.capabilities("CL-01", "CL-02")
@pytest.mark.parametrize(
    ("department", "role"), [("sales", "sales_dept"), ("service", "service_dept"), ("other", "other_dept")]
)
def test_the_centre_transfers_to_the_department_which_names_a_handler(department: str, role: str) -> None:
    """八(一) 「负责对投诉处理工单进行转派和协调处理」, 九(一) 「指派专人对……投诉单进行处理」."""
    desk = at("transfer")
    assert (desk.roles("transfer"), desk.due("transfer")) == (["dcrc"], local("2026-11-02 11:30"))
    take(desk, "transfer", department=department)
    assert (may_decide(desk, "name_handler"), desk.due("name_handler")) == (
        {f"head of {role}"},
        local("2026-11-02 11:30"),
    )
    desk.decide(head(role), "name_handler", "name_it", handler=person(role))
    assert desk.roles("handle") == [person(role)]
    with pytest.raises(NotAuthorized):
        desk.decide(person(role, 2), "handle", "report_it", result="x", analysis="x")
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["tickets"]
    assert desk.case().number == "202611-001"


def test_the_wrong_department_gives_it_back_with_a_reason() -> None:
    desk = at("name_handler")
    assert refused_fields(lambda: take(desk, "name_handler", "wrong_department", handler=None)) == {"reason"}
    take(desk, "name_handler", "wrong_department", reason="A matter of sales", handler=None)
    assert desk.open_stages() == ["transfer"]


@pytest.mark.clauses(ID, "八1", "八2")
@pytest.mark.parametrize(
    ("difficulty", "due", "tracked"),
    [("ordinary", "2026-11-04 18:00", False), ("key_case", "2026-11-09 18:00", False), ("difficult", "2026-11-09 18:00", True), ("major", "2026-11-09 18:00", True)],
)  # fmt: skip
def test_the_handler_reports_within_the_set_time_and_grave_cases_are_tracked(
    difficulty: str, due: str, tracked: bool
) -> None:
    """八 「在规定时间内将处理结果反馈至DCRC」 (our default: 2 or 5 days); 「重大疑难投诉问题的全程跟踪、监控、协调」."""
    desk = at("handle", difficulty=difficulty)
    assert desk.due("handle") == local(due)
    assert ("tracked" in [x.register for x in desk.happened(e.RegisterEntered)]) is tracked
    assert (person("general_manager") in {n.to for n in desk.told("rule")}) is tracked
    for missing in ("result", "analysis"):
        assert refused_fields(lambda name=missing: take(desk, "handle", **{name: None})) == {missing}


@pytest.mark.clauses(ID, "七", "八1")
@pytest.mark.capabilities("RT-10")
def test_the_centre_sends_back_a_result_that_is_not_good() -> None:
    """七 「对公司各部门投诉处理的过程、效果和质量进行监控和考核」."""
    desk = at("review")
    assert (desk.roles("review"), desk.due("review")) == (["dcrc"], local("2026-11-03 18:00"))
    assert refused_fields(lambda: desk.decide(person("dcrc"), "review", "return")) == {"reason"}
    desk.decide(person("dcrc"), "review", "return", reason="What did he say?")
    assert desk.open_stages() == ["handle"]
    assert {n.to for n in desk.told("rule")} == {head("service_dept")}


@pytest.mark.clauses(ID, "五")
@pytest.mark.capabilities("CC-05")
def test_the_outside_hears_one_voice_in_words_approved_by_the_centre() -> None:
    """五 「对外宣传口径统一」."""
    assert not at("review").may_reply()
    desk = at("reply")
    assert (desk.may_reply(), desk.roles("reply"), desk.due("reply")) == (True, ["dcrc"], local("2026-11-02 18:00"))
    assert desk.case().fields["reply_words"]
    assert str(WALK.file.reply.by) == "dcrc"
    assert refused_fields(lambda: take(desk, "reply", answer_given=None)) == {"answer_given"}
    take(desk, "reply")
    assert desk.happened(e.OutcomeTold)
    assert desk.promise().due_at == local("2026-11-16 18:00")  # ten working days (D4)
    take(desk, "close_entry")
    assert desk.case().outcome == "settled"


@pytest.mark.parametrize("missing", ["established", "reply_words", "rectification_needed"])
def test_the_review_says_everything(missing: str) -> None:
    desk = at("review")
    assert refused_fields(lambda: take(desk, "review", **{missing: None})) == {missing}


def test_what_does_not_stand_is_confirmed_by_the_head() -> None:
    """D17."""
    desk = at("review")
    assert refused_fields(lambda: take(desk, "review", established=False)) == {"invalid_reason"}
    take(desk, "review", **INVALID)
    assert (may_decide(desk, "confirm_invalid"), desk.due("confirm_invalid")) == (
        {"head of dcrc"},
        local("2026-11-03 18:00"),
    )
    take(desk, "confirm_invalid")
    assert desk.open_stages() == ["reply"]


# --- supervision (七, 重点2) ------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "七", "重点2")
@pytest.mark.capabilities("RT-14")
@pytest.mark.parametrize(
    ("route", "stage", "who", "due", "answer"),
    [
        ("query", "answer_query", HANDLER, "2026-11-03 18:00", "query_answer"),
        ("order", "carry_order", HANDLER, "2026-11-04 24:00", "order_result"),
        ("supervise", "answer_supervision", "head of service_dept", "2026-11-03 18:00", "supervision_answer"),
    ],
)
def test_the_centre_queries_orders_and_supervises(route: str, stage: str, who: str, due: str, answer: str) -> None:
    """七 「进行查询、交办和督办」; 重点2 「对业务和对各项服务改进措施执行落实不力的进行督办」."""
    desk = at("handle")
    with pytest.raises(NotAuthorized):
        WALK.object(desk, HANDLER, route, **BY_HAND[route])
    for missing in BY_HAND[route]:
        given = {**BY_HAND[route], missing: ""}
        assert refused_fields(lambda f=given: WALK.object(desk, person("dcrc"), route, **f)) == {missing}
    WALK.object(desk, person("dcrc"), route, **BY_HAND[route])
    if who == HANDLER:
        assert desk.roles(stage) == [who]
    else:
        assert may_decide(desk, stage) == {who}
    assert desk.due(stage) == local(due)
    assert refused_fields(lambda: take(desk, stage, **{answer: None})) == {answer}
    take(desk, stage)
    assert desk.open_stages() == ["handle"]


@pytest.mark.clauses(ID, "七", "重点2")
@pytest.mark.capabilities("DL-22", "RT-14")
def test_a_late_handler_is_supervised_at_once_and_the_general_manager_hears_the_next_day() -> None:
    """Our default: late gives a supervision order, the next day the general manager."""
    desk = at("handle")
    desk.at("2026-11-04 17:59")
    assert "answer_supervision" not in desk.open_stages()
    desk.at("2026-11-04 18:00")
    assert set(desk.open_stages()) == {"handle", "answer_supervision"}
    assert slips(desk) >= {HANDLER, head("service_dept")} | DCRC
    desk.at("2026-11-05 17:59")
    assert person("general_manager") not in slips(desk, "escalation")
    desk.at("2026-11-05 18:00")
    assert person("general_manager") in slips(desk, "escalation")
    assert [v.stage for v in desk.case().visits.values()].count("answer_supervision") == 1


def test_a_supervised_result_that_is_returned_and_late_again_is_supervised_again() -> None:
    desk = at("handle")
    desk.at("2026-11-04 18:00")
    take(desk, "answer_supervision")
    take(desk, "handle")
    desk.decide(person("dcrc"), "review", "return", reason="More")
    desk.at("2026-11-06 18:00")
    assert set(desk.open_stages()) == {"handle", "answer_supervision"}


# --- defaults --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", sorted(WALK.form))
def test_the_form_is_complete(missing: str) -> None:
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


def test_who_goes_past_the_department_is_asked_whether_it_knew() -> None:
    assert refused_fields(lambda: logged(addressed_to="media")) == {"department_knew"}


@pytest.mark.parametrize("missing", ["department", "difficulty", "quality_accident"])
def test_the_transfer_is_complete(missing: str) -> None:
    desk = at("transfer")
    assert refused_fields(lambda: take(desk, "transfer", **{missing: None})) == {missing}


def test_the_head_names_somebody() -> None:
    desk = at("name_handler")
    assert refused_fields(lambda: take(desk, "name_handler", handler=None)) == {"handler"}


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_a_dissatisfied_customer_goes_back_to_the_handler(answers: dict[str, Any], reopens: bool) -> None:
    """D6."""
    desk = closed()
    assert (desk.roles("callback"), desk.due("callback")) == (["dcrc"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    WALK.called(desk, **answers)
    assert desk.open_stages() == (["handle"] if reopens else [])
    assert ({n.to for n in desk.told("rule")} == {head("service_dept")}) is reopens


def test_anonymous_complaints_are_recorded_and_get_no_reply() -> None:
    """D10."""
    desk = logged(**NOBODY)
    assert (may_decide(desk, "anonymous_gate"), desk.due("anonymous_gate")) == (
        {"head of dcrc"},
        local("2026-11-03 18:00"),
    )
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    take(desk, "anonymous_gate", "record_only", reason="Nothing to go by")
    assert desk.case().outcome == "recorded_only"
    quiet = closed(**NOBODY)
    assert (quiet.open_stages(), quiet.happened(e.OutcomeTold)) == ([], [])


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_the_department_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12."""
    desk = closed()
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, person("service_dept"))
        return
    with pytest.raises(NotAuthorized):
        WALK.object(desk, person("sales_dept"))
    assert refused_fields(lambda: WALK.object(desk, person("service_dept"), objection_reason="")) == {
        "objection_reason"
    }
    WALK.object(desk, person("service_dept"))
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert desk.open_stages() == ["handle"]


@pytest.mark.clauses(ID, "四", "六", "重点1")
def test_records_are_kept_three_years_and_principles_stand_for_people() -> None:
    """D8; 四 「公平、公正、公开」, 六 and 重点1 no program can keep."""
    assert str(WALK.file.papers.keep) == "3 years"
    assert set(WALK.file.for_people) == {"四", "六", "重点1"}


# --- who may, stage by stage ------------------------------------------------------------------------------------------------------------------


TABLE: dict[str, tuple[str, str]] = {  # stage: who may decide it (everybody else is refused); what may be decided
    "report": ("reporter", "send return"),
    "anonymous_gate": ("head of dcrc", "investigate_it record_only return"),
    "transfer": ("dcrc", "transfer_it return"),
    "name_handler": ("head of service_dept", "name_it wrong_department return"),
    "handle": ("service_dept", "report_it return"),
    "review": ("dcrc", "accept return"),
    "confirm_invalid": ("head of dcrc", "confirm return"),
    "reply": ("dcrc", "told return"),
    "close_entry": ("dcrc", "enter return"),
    "rectify": ("service_dept", "rectified return"),
    "verify_next_month": ("dcrc", "verified return"),
    "rectify_again": ("service_dept", "rectified return"),
    "rectification_ruling": ("general_manager", "rule_on_it return"),
    "answer_query": ("service_dept", "answer_it return"),
    "carry_order": ("service_dept", "carried_out return"),
    "answer_supervision": ("head of service_dept", "answer_it return"),
    "accountability": ("dcrc", "fixed return"),
    "accountability_ruling": ("general_manager", "confirm return"),
    "callback": ("dcrc", "satisfied unreached dissatisfied return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "report":
            desk = at("transfer")
            desk.decide(person("dcrc"), "transfer", "return", reason="Which car?")
        case "anonymous_gate":
            desk = logged(**NOBODY)
        case "confirm_invalid":
            desk = at(stage, **INVALID)
        case "rectify":
            desk = closed(**RECTIFY)
        case "verify_next_month" | "rectify_again" | "rectification_ruling":
            desk = rectified()
            desk.at("2026-12-03 09:00")
            while stage not in desk.open_stages():
                now = desk.open_stages()[0]
                take(
                    desk, now, **({"effective": False, "again_by": "2026-12-20"} if now == "verify_next_month" else {})
                )
        case "answer_query" | "carry_order" | "answer_supervision":
            desk = at("handle")
            route = {"answer_query": "query", "carry_order": "order", "answer_supervision": "supervise"}[stage]
            desk.act(cmd.BeginRoute, person("dcrc"), route=route, fields=BY_HAND[route])
        case "accountability" | "accountability_ruling":
            desk = at("transfer")
            take(desk, "transfer", difficulty="major")
            if stage == "accountability_ruling":
                take(desk, "accountability")
        case "callback":
            desk = closed()
        case "objection_ruling":
            desk = closed()
            WALK.object(desk, HANDLER)
        case _:
            desk = at(stage)
    return desk


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    """From `handle` on only the handler that was named may for the department, here the second one."""
    desk = waiting_at(stage)
    assert may_decide(desk, stage) == named(TABLE[stage][0])
    assert decisions(desk, stage) == TABLE[stage][1]
    if stage in ("report", "close_entry"):
        assert desk.due(stage) == local("2026-11-02 11:30" if stage == "report" else "2026-11-02 18:00")


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)


async def test_a_case_without_number_is_not_called_by_how_to_reach_the_customer() -> None:
    """`contact` is the first short text of the form, but personal: it stood in headers, push texts and as erased in forms."""
    desk = logged(contact="138 0000 0000")
    clerk = Talk(desk).person(person("dcrc"))
    ref = Ref(case=desk.case().id, visit=desk.visit("transfer"), facts=desk.case().facts_version)

    await clerk.click("visit.main", ref)

    assert desk.case().number is None
    assert "New complaint, " in str(clerk.seen["blocks"][0])
    assert "138" not in str(clerk.seen)
    assert "erased" not in str(clerk.seen["blocks"][0])
