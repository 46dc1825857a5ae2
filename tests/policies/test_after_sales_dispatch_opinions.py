"""售后服務管理辦法: the card for every call, opinions on the service, contracts that end, reports and ratings."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.dispatch import (
    CALL,
    COMPLAINED,
    CONTRACT,
    OPINION,
    RATINGS,
    Dispatch,
    a_case,
    both,
    surveyed,
)
from tests.support.our_defaults import keeping, objects_within_five_working_days, repeats
from tests.support.policy_desk import head, person

ID = "after-sales-dispatch"


# --- the card (二十三)–(二十八) ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(二十四)", "(二十五)")
@pytest.mark.capabilities("CC-15", "CC-18", "CC-14")
def test_every_call_gets_a_card_without_sampling() -> None:
    """(二十四) 「當天客戶叫修調記簿于次日寄送服務部,以憑填寄客戶意見調查卡……不采抽查方式」."""
    for number in range(20):
        desk = Dispatch()
        desk.call_in(f"call{number}", **CALL)
        assert "send_register" in desk.open_stages(f"call{number}")
    desk = a_case(CALL, "dispatch")
    assert (desk.may_act("send_register"), desk.due("send_register")) == ({"clerk"}, local("2026-11-03 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("send_register", register_sent=False)
    desk.go("send_register")
    assert (desk.may_act("send_card"), desk.due("send_card")) == ({"service_dept"}, local("2026-11-03 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("send_card", card_sent=False)
    desk.go("send_card")
    assert (desk.may_act("card_back"), desk.due("card_back")) == ({"service_dept"}, local("2026-12-02 24:00"))
    assert "send_register" not in a_case(OPINION, "check_opinion").open_stages()


@pytest.mark.clauses(ID, "(二十五)")
@pytest.mark.capabilities("CC-14")
@pytest.mark.parametrize("rating", sorted(RATINGS))
def test_a_card_rates_attitude_skill_arrival_and_promises_in_four_steps(rating: str) -> None:
    """(二十五) 「態度、技術、到達時間及答應事情的辦理等四項……四個程度」."""
    for wrong in (None, "0", "5"):
        with pytest.raises(FieldErrors) as refused:
            surveyed(**{rating: wrong})
        assert set(refused.value.errors) == {rating}
    surveyed(**{rating: "1"})


def test_a_card_that_never_comes_back_rates_nobody() -> None:
    desk = surveyed(opinion_kind="no_card", **dict.fromkeys(RATINGS))
    assert not set(RATINGS) & set(desk.case().fields)


@pytest.mark.clauses(ID, "(二十三)", "(二十五)")
@pytest.mark.capabilities("SR-03", "LP-18")
@pytest.mark.parametrize(
    ("rating", "average"), [("attitude", "3.00"), ("skill", "2.50"), ("arrival", "2.00"), ("promises", "1.50")]
)
def test_the_ratings_of_a_technician_are_averaged_over_the_cards_that_came_back(rating: str, average: str) -> None:
    """(二十三) 「將品評資料作為技術員每月績效考核之一部分」: two cards say 4 3 2 1 and 2 2 2 2; the third never came."""
    desk = Dispatch()
    cards = (RATINGS, dict.fromkeys(RATINGS, "2"), None)
    for number, card in enumerate(cards, start=1):
        name = f"case{number}"
        desk.call_in(name, **CALL)
        desk.to("closed", name)
        for stage in ("send_register", "send_card"):
            desk.go(stage, case_id=name)
        missing = {"opinion_kind": "no_card", **dict.fromkeys(RATINGS)}
        desk.go("card_back", case_id=name, **(card or missing))
    assert desk.figure(f"{rating}_rating") == f"{average} from 2"


@pytest.mark.clauses(ID, "(二十三)", "(二十八)", "(二十六)")
@pytest.mark.capabilities("IN-21", "CC-12", "RT-07", "CL-19")
def test_a_complaint_on_a_card_is_visited_decided_and_answered() -> None:
    """(二十三), (二十八) 「對抱怨的客戶,無論其情節大小,均應由服務主任親自或專門派員前往處理」."""
    with pytest.raises(FieldErrors) as refused:
        surveyed(opinion_kind="complaint")
    assert set(refused.value.errors) == {"opinion_text", "claim_amount"}
    desk = surveyed(**COMPLAINED)
    assert (desk.may_act("visit_customer"), desk.due("visit_customer")) == ({"supervisor"}, local("2026-11-03 18:00"))
    assert both("supervisor") <= {n.to for n in desk.told("rule")}
    assert "opinions" in {r.register for r in desk.happened(e.RegisterEntered)}
    with pytest.raises(FieldErrors) as silent:
        desk.go("visit_customer", visitor=None, visit_result=None)
    assert set(silent.value.errors) == {"visitor", "visit_result"}
    desk.go("visit_customer")
    assert (desk.may_act("decide_opinion"), desk.due("decide_opinion")) == ({"service_dept"}, local("2026-11-04 18:00"))
    desk.go("decide_opinion")
    desk.go("inform_customer")
    assert "inform_customer" not in desk.open_stages()


@pytest.mark.clauses(ID, "(二十三)")
def test_a_suggestion_is_decided_without_a_visit_and_mere_ratings_end_there() -> None:
    desk = surveyed(**COMPLAINED | {"opinion_kind": "suggestion"})
    assert "decide_opinion" in desk.open_stages()
    desk = surveyed()
    assert desk.open_stages() == ["dispatch"]
    assert "opinions" not in {r.register for r in desk.happened(e.RegisterEntered)}


GRAVE = [({"flags": ["safety"]}, True), ({"flags": ["media"]}, True), ({"flags": ["group_of_customers"]}, True), ({"claim_amount": "10000"}, False), ({"claim_amount": "10000.01"}, True), ({}, False)]  # fmt: skip


@pytest.mark.clauses(ID, "(二十六)")
@pytest.mark.capabilities("DL-12", "DL-09", "CC-02", "CL-19", "RT-07")
@pytest.mark.parametrize(("opinion", "grave"), GRAVE)
def test_a_grave_opinion_goes_to_the_deputy_at_once_and_is_answered_by_letter(
    opinion: dict[str, Any], grave: bool
) -> None:
    """(二十六) 「其情節重大者,服務部應即提呈副總經理核閱或核轉,提前加以處理,并將處理情況函告該客戶」."""
    desk = a_case(OPINION, "decide_opinion", **opinion)
    assert desk.may_act("decide_opinion") == ({"deputy_gm"} if grave else {"service_dept"})
    assert desk.due("decide_opinion") == local("2026-11-02 11:30" if grave else "2026-11-04 18:00")
    assert (both("deputy_gm") <= {n.to for n in desk.told("rule")}) is grave
    with pytest.raises(FieldErrors):
        desk.go("decide_opinion", handling=None)
    desk.go("decide_opinion")
    assert desk.may_act("inform_customer") == {"service_dept"}
    if grave:
        with pytest.raises(FieldErrors) as refused:
            desk.go("inform_customer")
        assert "reply_channel" in refused.value.errors
    with pytest.raises(FieldErrors) as silent:
        desk.go("inform_customer", answer_given=None, reply_channel=None)
    assert set(silent.value.errors) == {"answer_given", "reply_channel"}
    desk.go("inform_customer", reply_channel="letter")
    assert desk.case().outcome == "opinion_answered"
    assert [x.channel for x in desk.happened(e.OutcomeTold)] == ["letter"]

    by_card = surveyed(**COMPLAINED | opinion)
    assert (both("deputy_gm") <= {n.to for n in by_card.told("rule")}) is grave


@pytest.mark.clauses(ID, "(二十六)", "(二十八)")
def test_an_opinion_told_directly_is_checked_visited_decided_and_answered() -> None:
    desk = a_case(OPINION, "check_opinion")
    assert (desk.may_act("check_opinion"), desk.due("check_opinion")) == ({"service_dept"}, local("2026-11-02 11:30"))
    desk.go("check_opinion", claim_amount="10000.01")  # more than the caller said first: the deputy's now
    assert desk.may_act("visit_customer") == {"supervisor"}
    desk.go("visit_customer")
    assert desk.may_act("decide_opinion") == {"deputy_gm"}
    assert desk.promise().due_at == local("2026-11-16 18:00")
    assert a_case(OPINION, "decide_opinion", opinion_kind="suggestion").case().last_visit("visit_customer") is None
    assert not desk.may_reply()
    desk.to("inform_customer")
    assert (desk.may_reply(), desk.due("inform_customer")) == (True, local("2026-11-03 18:00"))


@pytest.mark.clauses(ID, "(二十七)")
@pytest.mark.capabilities("DL-10")
def test_the_service_department_may_urge_at_any_time() -> None:
    """(二十七) 「隨時予以催辦」."""
    desk = a_case(CALL, "arrive")
    desk.act(cmd.Urge, person("service_dept", 2), visit=desk.visit("arrive"), words="The customer waits")
    assert len(desk.happened(e.Urged)) == 1


# --- contracts (二十) ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(二十)")
@pytest.mark.capabilities("DL-17", "IN-19")
def test_a_month_before_a_contract_ends_the_notice_is_sent_and_somebody_asks_for_the_renewal() -> None:
    """(二十) 「保養合同期滿前一個月……應填具保養到期通知書寄與客戶,并派員前往爭取續約」."""
    desk = a_case(CONTRACT, "renewal_notice")
    clock = desk.case().clock("contract")
    assert clock is not None
    assert (clock.due_at, desk.may_act("renewal_notice")) == (local("2027-03-15 24:00"), {"clerk"})
    running = [d.clock for d in desk.case().deadlines.values() if d.ended is None and d.clock != "case"]
    assert running == ["contract"]  # the step has no time of its own: the contract's end is what counts
    desk.at("2027-02-17 10:00")
    assert desk.steps(clock)["reminder"][1] == both("clerk", "supervisor")
    assert desk.steps(clock)["reminder"][0] >= local("2027-02-15 00:00")
    assert set(desk.steps(clock)) == {"reminder"}
    desk.at("2027-03-18 10:00")
    steps = desk.steps(desk.case().clock("contract"))
    assert (steps["reminder_slip"][1], steps["escalation"][1]) == (
        both("clerk", "supervisor", "service_dept"),
        both("general_manager"),
    )
    with pytest.raises(FieldErrors) as refused:
        desk.go("renewal_notice", notice_sent=None, renewal_visitor=None, renewed=None)
    assert set(refused.value.errors) == {"notice_sent", "renewal_visitor", "renewed"}
    with pytest.raises(FieldErrors):
        desk.go("renewal_notice", notice_sent=False)
    desk.go("renewal_notice")
    assert desk.case().outcome == "contract_renewed"
    desk = a_case(CONTRACT, "closed", renewed=False)
    assert desk.case().outcome == "contract_expired"


# --- duties, defaults ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(十五)", "(十六)", "(十七)", "(十八)", "(二十三)", "(六)D")
@pytest.mark.capabilities("DL-16", "LP-18")
def test_reports_are_daily_and_the_ratings_of_the_technicians_monthly() -> None:
    """(十五)–(十七), (二十三) 「將品評資料作為技術員每月績效考核之一部分」."""
    policy = bundle(ID).policy
    duties = {
        n: (
            d.every,
            d.by,
            str(d.who),
            [f.name for f in d.fill],
            [str(w) for w in d.approve],
            [str(w) for w in d.send_to],
        )
        for n, d in policy.duties.items()
    }
    assert duties == {
        "technician_report": ("day", None, "technician", ["day_work"], [], ["supervisor"]),
        "supervisor_report": ("day", None, "supervisor", ["day_work"], [], ["service_dept"]),
        "branch_report": ("day", None, "supervisor", ["day_work"], ["branch_manager"], ["service_dept"]),
        "undispatched_calls": ("day", None, "clerk", [], [], ["supervisor"]),
        "technician_ratings": (
            "month",
            "10th",
            "service_dept",
            [],
            [],
            ["supervisor", "branch_manager", "general_manager"],
        ),
    }
    assert policy.duties["undispatched_calls"].from_ == "open cases"
    ratings = {n: (str(m.average), m.per) for n, m in policy.measures.items() if n.endswith("_rating")}
    assert ratings == {f"{n}_rating": (n, "technician_sent") for n in RATINGS}
    assert {*ratings, "arrived_in_time", "repeats", "callback_score"} <= set(
        policy.duties["technician_ratings"].contents
    )


@pytest.mark.clauses(ID, "(十七)")
def test_the_branch_report_is_signed_by_the_manager_before_it_goes_on() -> None:
    """(十七) 「應先送請經理核閱簽章后,轉送服務部」."""
    desk = Dispatch()
    task = desk.begin_duty("branch_report", "2026-11-02")
    assert desk.may_act("branch_report", task) == {"supervisor"}
    with pytest.raises(FieldErrors):
        desk.decide(person("supervisor"), "branch_report", case_id=task)
    desk.decide(person("supervisor"), "branch_report", case_id=task, day_work=[{"kind": "A", "hours": "3"}])
    assert desk.may_act("branch_report", task) == {"branch_manager"}


@pytest.mark.clauses(ID, "in force", "scope")
@pytest.mark.capabilities("GA-01")
def test_the_general_manager_puts_it_in_force_and_the_service_department_keeps_it() -> None:
    """「本辦法呈請總經理核準公布后施行,修正時同」."""
    header = bundle(ID).policy.policy
    assert (header.in_force_by, header.registry, header.top) == ("general_manager", "service_dept", "general_manager")


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"solved": True, "score": "3"}, False),
        ({"solved": True, "score": "2"}, True),
        ({"solved": False, "score": "4"}, True),
    ],
)
def test_a_dissatisfied_customer_reopens_the_decision(answers: dict[str, Any], again: bool) -> None:
    """D6."""
    desk = a_case(OPINION, "closed")
    assert (desk.may_act("callback"), desk.due("callback")) == ({"service_dept"}, local("2026-11-05 24:00"))
    with pytest.raises(FieldErrors):
        desk.call("reached", actor=person("service_dept"))
    desk.call("reached", actor=person("service_dept"), **answers)
    assert (desk.open_stages() == ["decide_opinion"]) is again
    assert (head("service_dept") in {n.to for n in desk.told("rule")}) is again


def test_three_calls_are_enough() -> None:
    desk = a_case(OPINION, "closed")
    for day in ("03", "04", "05"):
        assert desk.open_stages() == ["callback"]
        desk.clock.at = local(f"2026-11-{day} 10:00")
        desk.call("no_answer", actor=person("service_dept"))
    assert desk.case().status == "finished"


def test_an_anonymous_opinion_is_for_the_head_and_not_visited() -> None:
    """D10."""
    desk = a_case(OPINION, "anonymous_check", anonymous=True, customer=None)
    assert desk.may_act("anonymous_check") == {"head of service_dept"}
    with pytest.raises(FieldErrors):
        desk.decide(head("service_dept"), "anonymous_check", "file")
    desk.go("anonymous_check")
    desk.go("check_opinion")
    assert desk.open_stages() == ["decide_opinion"]
    desk = a_case(OPINION, "anonymous_check", anonymous=True, customer=None)
    desk.go("anonymous_check", "file")
    assert desk.case().outcome == "recorded_only"


def test_what_is_not_accepted_is_confirmed_and_told() -> None:
    """D17."""
    desk = a_case(OPINION, "check_opinion")
    for left_out in ({"valid": None}, {"valid": False}):
        with pytest.raises(FieldErrors):
            desk.go("check_opinion", **left_out)
    desk.go("check_opinion", valid=False, invalid_reason="Another maker")
    assert (desk.may_act("confirm_invalid"), desk.due("confirm_invalid")) == (
        {"head of service_dept"},
        local("2026-11-03 18:00"),
    )
    desk.go("confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.may_act("tell_invalid"), desk.due("tell_invalid")) == (
        "not_accepted",
        {"service_dept"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors) as refused:
        desk.go("tell_invalid")
    assert set(refused.value.errors) == {"invalid_told", "reply_channel"}
    desk.go("tell_invalid", invalid_told="Sorry", reply_channel="phone_call")
    assert desk.case().status == "finished"


@pytest.mark.parametrize("who", ["clerk", "supervisor", "service_dept"])
def test_a_department_objects_within_five_working_days(who: str) -> None:
    """D12."""
    assert objects_within_five_working_days(lambda: a_case(OPINION, "inform_customer"), who, outsider="accountant") == [
        "decide_opinion"
    ]


def test_numbers_repeats_and_retention_are_our_defaults() -> None:
    """D7, D8, D9."""
    desk = Dispatch("2026-11-30 10:00")
    desk.call_in("case1", **CALL)
    desk.call_in("case2", **OPINION)
    desk.clock.at = local("2026-12-01 10:00")
    desk.call_in("case3", **CONTRACT)
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]
    assert keeping(ID) == (3, "years", "clerk")
    assert repeats(ID) == (("customer", "model"), 3, "months")
