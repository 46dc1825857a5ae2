"""auto-dealer-dcrc: the centre transfers, reviews and supervises; responsibility is investigated; effect seen next month."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.choosing import Choosing, fitting
from complaints.refusals import NotAllowedHere, NotAuthorized
from handlers.cards.refs import Ref
from tests.handlers.talk import Talk
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "auto-dealer-dcrc"
HANDLER = person("service_dept", 2)
DCRC = {person("dcrc"), person("dcrc", 2)}
WALK = Walk(
    policy=ID,
    reporter="UFRONT",
    form={
        "customer": "C-0417", "anonymous": False, "contact": "138", "channel": "phone", "addressed_to": "department",
        "matter": "waiting", "complaint": "Two hours", "wants": "apology",
    },
    steps={
        "anonymous_gate": (head("dcrc"), "investigate_it", {}),
        "transfer": (person("dcrc"), "transfer_it", {"department": "service", "difficulty": "ordinary", "quality_accident": False}),
        "name_handler": (head("service_dept"), "name_it", {"handler": HANDLER}),
        "handle": (HANDLER, "report_it", {"result": "Apologised", "analysis": "Too few people"}),
        "review": (person("dcrc"), "accept", {"established": True, "reply_words": "We are sorry", "rectification_needed": False}),
        "confirm_invalid": (head("dcrc"), "confirm", {}),
        "reply": (person("dcrc", 2), "told", {"answer_given": "We are sorry"}),
        "close_entry": (person("dcrc"), "enter", {}),
        "rectify": (HANDLER, "rectified", {"rectification_report": "Two more people"}),
        "verify_next_month": (person("dcrc"), "verified", {"effective": True, "customer_perception": "Half an hour"}),
        "rectify_again": (HANDLER, "rectified", {"second_report": "Three more"}),
        "rectification_ruling": (person("general_manager"), "rule_on_it", {"ruling_reason": "New rota"}),
        "answer_query": (HANDLER, "answer_it", {"query_answer": "Tomorrow"}),
        "carry_order": (HANDLER, "carried_out", {"order_result": "Done"}),
        "answer_supervision": (head("service_dept"), "answer_it", {"supervision_answer": "I see to it"}),
        "accountability": (person("dcrc"), "fixed", {"investigation": "The rota", "responsible_persons": "The foreman"}),
        "accountability_ruling": (person("general_manager"), "confirm", {}),
        "callback": (person("dcrc"), "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
take, logged, at, closed = WALK.take, WALK.logged, WALK.at, WALK.closed
NOBODY: dict[str, Any] = {"anonymous": True, "contact": None}
INVALID: dict[str, Any] = {"established": False, "invalid_reason": "He came late"}
RECTIFY: dict[str, Any] = {
    "rectification_needed": True,
    "rectification_opinion": "Plan better",
    "rectify_by": "2026-11-20",
}
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


def rectified() -> PolicyDesk:
    desk = closed(**RECTIFY)
    WALK.called(desk)
    take(desk, "rectify")
    return desk


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
