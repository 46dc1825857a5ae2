"""欧派家居集团客户投诉处理管理制度: reply in two working days to the hour, callbacks, the table of posts, who may decide."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors, Refusal
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.home import COMPLAINT, SATISFIED, Home, a_case
from tests.support.policy_desk import head, person
from tests.support.who_may import decisions_by_stage

ID = "home-furnishing-group"


# --- the route ----------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2 scope", "3 line", "2 deadline", "6 final")
@pytest.mark.capabilities("DL-01", "RT-26", "GA-11")
def test_a_ticket_goes_from_the_line_to_the_person_responsible_and_back() -> None:
    """3 「发送《客户投诉处理单》给客户投诉处理责任人员」."""
    desk = a_case()
    seen = []
    while (here := desk.open_stages()) and desk.case().status == "open":
        seen.append((here[0], desk.roles(here[0])))
        desk.go(here[0])
    assert seen == [
        ("assign", ["cs_sub_dept"]),
        ("reply_ticket", ["responsible_person"]),
        ("handle", ["responsible_person"]),
        ("return_result", ["responsible_person"]),
    ]
    assert (desk.case().outcome, desk.case().number, desk.open_stages()) == ("handled", "202611-001", ["callback"])
    assert [x.channel for x in desk.happened(e.OutcomeTold)] == ["by_phone"]


@pytest.mark.clauses(ID, "3 line")
def test_a_ticket_that_is_asked_back_is_completed_by_the_line() -> None:
    """3: the seats of 分部客服线 write the form."""
    desk = a_case()
    desk.decide(person("cs_sub_dept"), "assign", "return", reason="Which door?", to_stage="intake")
    assert desk.may_act("intake") == {"cs_line", "reporter"}
    desk.decide(person("cs_line", 2), "intake", "send", content="The left door of the larder")
    assert desk.open_stages() == ["assign"]


@pytest.mark.clauses(ID, "2 deadline")
@pytest.mark.capabilities("DL-01", "DL-02", "DL-03", "GA-07")
@pytest.mark.parametrize(
    ("sent", "due"),
    [
        ("2026-11-06 10:00", "2026-11-09 10:00"),  # Fri -> Mon, the text's own example
        ("2026-11-05 10:00", "2026-11-07 10:00"),  # Thu -> Sat
        ("2026-11-07 15:00", "2026-11-10 15:00"),  # Sat -> Tue
        ("2026-11-08 11:00", "2026-11-10 24:00"),  # sent on a Sunday it starts on Monday 00:00 (our default)
        ("2026-11-02 09:30", "2026-11-04 09:30"),  # Mon -> Wed
        ("2026-09-30 10:00", "2026-10-09 10:00"),  # over the national holiday, which does not count
    ],
)
def test_the_reply_is_due_after_two_working_days_to_the_hour_with_saturday(sent: str, due: str) -> None:
    """2 「星期六需要计算在两个工作日内,如星期五上午10:00……最迟回复时间为下个星期一上午10:00」."""
    desk = Home(sent)
    desk.complain()
    desk.go("assign")
    assert desk.due("reply_ticket") == local(due)


@pytest.mark.clauses(ID, "2 deadline")
@pytest.mark.capabilities("DL-22")
def test_a_late_reply_climbs_to_the_head_and_the_general_manager() -> None:
    """D5: reminder at 80 %, slip when due, one working day later the general manager, then every working day."""
    desk = Home("2026-11-02 10:00")
    desk.complain()
    desk.go("assign")
    desk.at("2026-11-05 18:30")

    fired = [(f.as_, f.told) for f in desk.happened(e.StepFired) if f.deadline == desk.stage_clock("reply_ticket").id]

    assert [as_ for as_, _ in fired] == ["reminder", "reminder_slip", "escalation"]
    assert person("general_manager") in fired[2][1]
    slip = next(n for n in desk.told("reminder_slip") if n.visit == desk.visit("reply_ticket"))
    assert slip.facts["copy"] == [head("responsible_person")]


@pytest.mark.clauses(ID, "3 line", "2 customer", "2 tickets", "2 scope")
@pytest.mark.capabilities("IN-01", "IN-14")
@pytest.mark.parametrize("missing", sorted(COMPLAINT))
def test_every_item_of_the_handling_form_is_filled(missing: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        Home().complain(**{missing: None})
    assert missing in refused.value.errors


@pytest.mark.clauses(ID, "2 customer", "2 scope", "2 tickets", "3 line")
@pytest.mark.capabilities("IN-01", "IN-14")
@pytest.mark.parametrize(
    ("field", "choices"),
    [
        ("customer_kind", "dealer deposit_payer end_user"),
        ("product_line", "cabinets integrated bathroom doors"),
        ("channel", "hotline fax email web direct_callback post"),
        ("ticket_kind", "complaint_ticket after_sales_ticket"),
        ("times", "first second_or_more re_feedback"),
    ],
)
def test_the_form_offers_what_the_text_names(field: str, choices: str) -> None:
    """2 「公司代理商和已付订金或预约金的客户以及使用我们产品的终端用户」, 2 「橱柜、集成家居、卫浴及木门」."""
    for choice in choices.split():
        Home().complain(**{field: choice})
    with pytest.raises(FieldErrors):
        Home().complain(**{field: "something_else"})


@pytest.mark.parametrize(
    ("stage", "field"),
    [("assign", "valid"), ("reply_ticket", "contacted"), ("reply_ticket", "reply_text"), ("handle", "solution"),
     ("return_result", "final_result"), ("return_result", "answer_channel")],
)  # fmt: skip
@pytest.mark.clauses(ID, "6 contact", "6 final")
def test_what_each_stage_must_fill(stage: str, field: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        a_case(stage).go(stage, **{field: None})
    assert field in refused.value.errors


@pytest.mark.parametrize(
    ("stage", "due"),
    [("assign", "2026-11-02 11:30"), ("handle", "2026-11-04 18:00"), ("return_result", "2026-11-04 18:00")],
)
def test_the_limits_that_the_text_does_not_give(stage: str, due: str) -> None:
    """D3, D4."""
    assert a_case(stage).due(stage) == local(due)


def test_the_case_has_ten_working_days() -> None:
    """D4."""
    assert a_case().promise().due_at == local("2026-11-16 18:00")


def test_the_customer_is_answered_after_the_person_responsible_has_replied() -> None:
    desk = a_case("reply_ticket")
    assert not desk.may_reply()
    desk.go("reply_ticket")
    assert desk.may_reply()


# --- not accepted, anonymous, objection ------------------------------------------------------------------------------


def test_what_is_not_accepted_is_confirmed_by_the_head_and_told_politely() -> None:
    """D17."""
    desk = a_case()
    with pytest.raises(FieldErrors):
        desk.go("assign", valid=False)
    desk.go("assign", valid=False, invalid_reason="We sell no windows")
    assert desk.may_act("confirm_invalid") == {"head of cs_sub_dept"}
    assert desk.due("confirm_invalid") == local("2026-11-03 18:00")
    desk.go("confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.open_stages()) == ("not_accepted", ["tell_invalid"])
    assert desk.may_act("tell_invalid") == {"cs_line"}
    desk.go("tell_invalid")
    assert desk.case().status == "finished"


@pytest.mark.parametrize(("decision", "after"), [("investigate", ["assign"]), ("file", [])])
def test_an_anonymous_complaint_is_recorded_and_the_head_of_the_line_decides(decision: str, after: list[str]) -> None:
    """D10: no reply, no callback."""
    desk = Home()
    desk.complain(anonymous=True, customer=None)
    assert desk.may_act("anonymous_check") == {"head of cs_line"}
    with pytest.raises(FieldErrors) as refused:
        desk.decide(head("cs_line"), "anonymous_check", "file")
    assert set(refused.value.errors) == {"reason"}
    desk.decide(head("cs_line"), "anonymous_check", decision, reason="Nothing to look into")
    assert desk.open_stages() == after
    if decision == "investigate":
        assert desk.to("closed").open_stages() == []
    else:
        assert desk.case().outcome == "recorded_only"


@pytest.mark.parametrize("who", ["responsible_person", "dept_head"])
@pytest.mark.parametrize(("at", "allowed"), [("2026-11-09 17:59", True), ("2026-11-10 00:01", False)])
def test_an_objection_comes_within_five_working_days(at: str, allowed: bool, who: str) -> None:
    """D12: decided by the general manager, finally."""
    desk = a_case("closed")
    desk.at(at)
    begin = cmd.BeginRoute(
        actor=person(who), key="o", case_id="case1", route="objection",
        fields={"objection_reason": "Not our door"},
    )  # fmt: skip
    if not allowed:
        with pytest.raises(Refusal):
            desk.submit(begin)
        return
    desk.submit(begin)
    assert desk.may_act("objection_ruling") == {"general_manager"}
    desk.go("objection_ruling", "grant")
    assert desk.open_stages() == ["handle"]


# --- callback -------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2 multiple", "2 tickets")
@pytest.mark.capabilities("CL-08", "RD-06")
@pytest.mark.parametrize(
    ("answers", "again"),
    [(SATISFIED, False), ({"solved": True, "score": "3"}, False), ({"solved": True, "score": "2"}, True),
     ({"solved": False, "score": "5"}, True)],
)  # fmt: skip
def test_a_dissatisfied_customer_gets_a_new_linked_ticket_with_a_clock_of_its_own(
    answers: dict[str, Any], again: bool
) -> None:
    """2 「再次反馈的投诉单」; D6: not solved, or 2 and below."""
    desk = a_case("closed")
    assert desk.due("callback") == local("2026-11-05 24:00")
    desk.call("reached", person("cs_sub_dept"), **answers)
    assert len(desk.others()) == int(again)
    if again:
        linked = desk.case(desk.others()[0])
        assert (linked.parent, linked.fields["customer"]) == ("case1", "C-0417")
        assert linked.clock("case") is None  # its own begins with its own form


@pytest.mark.capabilities("CL-08")
@pytest.mark.parametrize(("result", "attempts"), [("no_answer", 3), ("declined", 1)])
def test_who_is_not_reached_is_left_after_three_attempts(result: str, attempts: int) -> None:
    desk = a_case("closed")
    for day in range(attempts):
        desk.at(f"2026-11-{2 + day:02d} 17:00")
        desk.call(result, person("cs_sub_dept"))
    assert desk.case().visits[desk.visit("callback")].decision == "unreached"


def test_the_head_hears_of_a_dissatisfied_customer() -> None:
    desk = a_case("closed")
    desk.call("reached", person("cs_sub_dept"), solved=False, score="1")
    assert [n.to for n in desk.told("rule")] == [head("cs_sub_dept")]


# --- the table of responsible posts -----------------------------------------------------------------------------------


def change(desk: Home, by: str = "responsible_person") -> None:
    desk.act(cmd.BeginRoute, person(by), route="new_person_in_charge", fields={})


@pytest.mark.clauses(ID, "4 change", "4 table")
@pytest.mark.capabilities("DL-20", "GA-03")
def test_a_change_of_person_is_approved_by_the_head_announced_and_entered_in_the_table() -> None:
    """4 「在变更工作交接前须经部门负责人批准后……向客户服务分部提出变更通知」, 「两个工作日内」."""
    desk = a_case("reply_ticket")
    change(desk)
    assert desk.may_act("change_person") == {"dept_head"}
    assert desk.due("change_person") == local("2026-11-04 18:00")
    desk.go("change_person")
    assert {n.to for n in desk.told("rule")} == {person(r, n) for r in ("cs_sub_dept", "cs_leader") for n in (1, 2)}
    assert desk.may_act("update_table") == {"cs_leader"}
    assert desk.due("update_table") == local("2026-11-04 18:00")
    desk.go("update_table")
    row = desk.happened(e.RegisterEntered)[-1]
    assert (row.register, row.row) == (
        "responsible_posts", {"product_line": "cabinets", "new_person": "UNEW", "handover_on": "2026-11-20"}
    )  # fmt: skip


@pytest.mark.clauses(ID, "4 change")
@pytest.mark.parametrize("who", ["responsible_person", "dept_head", "cs_sub_dept"])
def test_a_refused_change_leaves_the_table_as_it_is(who: str) -> None:
    """4 「在变更工作交接前须经部门负责人批准」: an earlier change of the same ticket stands and is not entered again."""
    desk = a_case("reply_ticket")
    change(desk, who)
    desk.go("change_person", "approve")
    desk.go("update_table")
    change(desk, who)
    with pytest.raises(FieldErrors) as refused:
        desk.decide(person("dept_head"), "change_person", "refuse")
    assert set(refused.value.errors) == {"reason"}

    desk.decide(person("dept_head"), "change_person", "refuse", reason="He is needed here")

    assert desk.open_stages() == ["reply_ticket"]
    entered = [r.row["new_person"] for r in desk.happened(e.RegisterEntered) if r.register == "responsible_posts"]
    assert entered == ["UNEW"]
    with pytest.raises(Refusal):
        change(desk, "gm_office")


@pytest.mark.clauses(ID, "4 change")
@pytest.mark.capabilities("DL-20")
@pytest.mark.parametrize(("day", "allowed"), [("2026-11-01", False), ("2026-11-02", True)])
def test_the_change_comes_before_the_handover(day: str, allowed: bool) -> None:
    desk = a_case("reply_ticket")
    change(desk)
    if allowed:
        desk.go("change_person", handover_on=day)
        return
    with pytest.raises(FieldErrors) as refused:
        desk.go("change_person", handover_on=day)
    assert "handover_on" in refused.value.errors


# --- papers and who may --------------------------------------------------------------------------------------------------


def test_the_summary_holds_a_line_for_each_ticket() -> None:
    """附表二."""
    [line] = a_case().happened(e.RegisterEntered)
    assert (line.register, line.row["number"], line.row["opened_on"]) == ("summary", "202611-001", "2026-11-02")


@pytest.mark.clauses(ID, "3 line")
def test_the_handling_form_shows_whose_complaint_it_is_and_what_became_of_it() -> None:
    """附表一《客户投诉处理单》: customer kind, product line, content, first / second / re-feedback, ticket kind; reply and result."""
    shown = bundle(ID).policy.papers.forms["handling_form"].fill
    asked = ("number", "customer", "customer_kind", "product_line", "channel", "ticket_kind", "times", "content")
    assert set(shown) == {*asked, "reply_text", "final_result"}


def test_numbers_restart_every_month_and_records_are_kept_three_years() -> None:
    """D7, D8, D9."""
    desk = Home("2026-11-30 10:00")
    desk.complain("case1")
    desk.clock.at = local("2026-12-01 10:00")
    desk.complain("case2")
    assert [desk.case(c).number for c in ("case1", "case2")] == ["202611-001", "202612-001"]
    policy = bundle(ID).policy
    assert (policy.papers.keep.amount, policy.papers.keep.unit) == (3, "years")
    assert (policy.repeat.same, policy.repeat.within.amount, policy.repeat.within.unit) == (("customer", "matter"), 3, "months")  # fmt: skip


WHO_MAY: dict[str, tuple[set[str], str]] = {
    "assign": ({"cs_sub_dept"}, "dispatch"),
    "reply_ticket": ({"responsible_person"}, "reply"),
    "handle": ({"responsible_person"}, "handled"),
    "return_result": ({"responsible_person"}, "returned"),
    "callback": ({"cs_sub_dept"}, "satisfied unreached dissatisfied"),
}
ELSEWHERE = {
    "intake": "send", "anonymous_check": "investigate file", "confirm_invalid": "confirm", "tell_invalid": "told",
    "objection_ruling": "dismiss grant", "change_person": "approve refuse", "update_table": "updated",
}  # fmt: skip


@pytest.mark.clauses(ID, "3 line", "2 deadline")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide(stage: str) -> None:
    """Everybody who is not named is refused."""
    assert a_case("closed" if stage == "callback" else stage).may_act(stage) == WHO_MAY[stage][0]


def test_what_may_be_decided_at_every_stage() -> None:
    """A return is open to every decider (D18)."""
    wanted = ELSEWHERE | {stage: decisions for stage, (_, decisions) in WHO_MAY.items()}
    assert decisions_by_stage(ID) == {stage: f"{said} return" for stage, said in wanted.items()}
