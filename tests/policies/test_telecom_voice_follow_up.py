"""语音投诉处理员岗位职责: call-outs until satisfied, mass events of a day, handover every shift, the reports and five figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.duty_figures import wants_figures
from complaints.refusals import FieldErrors, Refusal
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import person
from tests.support.voice import ANSWERS, CLERK, PARTNER, UNHAPPY, Voice, a_case

ID = "telecom-voice-desk"


# --- until satisfied ----------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二4")
@pytest.mark.capabilities("CC-17")
def test_a_dissatisfied_customer_is_followed_up_until_satisfied() -> None:
    """二4 「要求每件投诉要有完整的跟踪记录,并最综达到客户满意」."""
    desk = a_case("call_out")
    desk.out(**UNHAPPY)
    assert desk.open_stages() == ["follow_up"]
    desk.go("follow_up")
    assert (desk.registers()[-1], desk.open_stages()) == ("tracking_list", ["call_out"])
    desk.out(**ANSWERS)
    assert desk.open_stages() == ["feed_back"]


@pytest.mark.clauses(ID, "二4")
def test_the_department_may_be_asked_again() -> None:
    desk = a_case("call_out", **PARTNER)
    desk.out(**UNHAPPY)
    desk.go("follow_up", "ask_partner")
    assert desk.open_stages() == ["oral_reply"]


@pytest.mark.clauses(ID, "二4")
@pytest.mark.capabilities("DL-06")
@pytest.mark.parametrize(
    "state", ["not_solvable_now", "appointment", "unsolved", "solved_in_days", "dissatisfied_still"]
)
def test_each_state_of_the_tracking_record_names_the_day_of_the_next_call(state: str) -> None:
    """二4 「暂时无法解决、预约、未解决、几天后解决、对投诉结果不满意」: the customer is called on that day, not before it."""
    desk = a_case("call_out")
    desk.out(**UNHAPPY)
    assert desk.due("follow_up") == local("2026-11-04 18:00")
    with pytest.raises(FieldErrors) as refused:
        desk.go("follow_up", follow_state=state, call_again_on=None)
    assert set(refused.value.errors) == {"call_again_on"}

    desk.go("follow_up", follow_state=state, call_again_on="2026-11-05")

    assert (desk.open_stages(), desk.due("call_out")) == (["call_out"], local("2026-11-05 24:00"))
    assert desk.happened(e.RegisterEntered)[-1].row["call_again_on"] == "2026-11-05"


@pytest.mark.clauses(ID, "二4")
@pytest.mark.capabilities("DL-06", "CC-17")
def test_every_round_names_a_day_of_its_own() -> None:
    """二4 「要求每件投诉要有完整的跟踪记录」: the day of the last round does not stand for this one."""
    desk = a_case("call_out")
    desk.out(**UNHAPPY)
    desk.go("follow_up", call_again_on="2026-11-05")
    desk.at("2026-11-05 10:00")
    desk.out(**UNHAPPY)
    assert desk.due("follow_up") == local("2026-11-09 18:00")
    with pytest.raises(FieldErrors):
        desk.go("follow_up", call_again_on=None)
    desk.go("follow_up", call_again_on="2026-11-10")
    assert desk.due("call_out") == local("2026-11-10 24:00")


def test_after_nine_calls_the_duty_manager_decides() -> None:
    desk = a_case("call_out")
    rounds = 0
    while desk.open_stages() == ["call_out"]:
        desk.out(**UNHAPPY)
        desk.go("follow_up")
        rounds += 1
    assert (rounds, desk.open_stages()) == (10, ["manager_decides"])
    assert desk.may_act("manager_decides") == {"duty_manager"}
    assert desk.due("manager_decides") == local("2026-11-03 18:00")
    desk.go("manager_decides")
    assert desk.open_stages() == ["feed_back"]


# --- mass events -----------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二7", "二11")
@pytest.mark.capabilities("DL-09")
@pytest.mark.parametrize(("before", "emergency", "told"), [(0, False, False), (0, True, True), (3, False, False), (4, False, True)])  # fmt: skip
def test_emergencies_and_mass_events_go_to_the_analyst_the_same_day(before: int, emergency: bool, told: bool) -> None:
    """二7 「有突发性事件、疑难问题及时汇报……由统计分析员登记」; five tickets of one matter are ours."""
    desk = Voice()
    for n in range(before):
        desk.ticket(f"other{n}")
    desk.ticket(emergency=emergency)
    heard = {n.to for n in desk.told("rule") if n.case_id == "case1"}
    assert ({person("analyst", 1), person("duty_manager", 1)} <= heard) is told
    assert ("analyst_registers" in desk.open_stages()) is told
    if told:
        assert desk.due("analyst_registers") == local("2026-11-02 18:00")
        assert desk.may_act("analyst_registers") == {"analyst"}
        with pytest.raises(FieldErrors):
            desk.go("analyst_registers", event_cause=None)
        desk.go("analyst_registers")


@pytest.mark.clauses(ID, "二7")
@pytest.mark.parametrize(("matter", "now"), [("Calls drop", "2026-11-03 00:00"), ("No tone", "2026-11-02 09:30")])
def test_tickets_of_yesterday_or_of_another_matter_make_no_mass_event(matter: str, now: str) -> None:
    """二7 「要求每天上报」: five tickets of one matter in a day; what came yesterday was reported yesterday."""
    desk = Voice()
    for n in range(4):
        desk.ticket(f"other{n}", matter=matter)
    desk.at(now)
    desk.ticket()
    assert desk.open_stages() == ["sign_for"]


# --- duties -----------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二5", "一4", "二12")
@pytest.mark.capabilities("RD-07")
def test_each_shift_hands_over_what_is_open_and_the_next_acknowledges_it() -> None:
    """二5 「要求填写好当班人、交班人、遗留件数」."""
    desk = Voice(shifts=("08:00", "16:00"))
    case_id = desk.begin_duty("handover", "2026-11-02.1")
    sheet = {"on_duty": person("clerk", 2), "handing_over": CLERK, "left_open": "3"}
    assert desk.due("handover", case_id) == local("2026-11-02 16:00")
    for missing in sheet:
        with pytest.raises(FieldErrors):
            desk.decide(CLERK, "handover", case_id=case_id, **{n: v for n, v in sheet.items() if n != missing})
    desk.decide(CLERK, "handover", case_id=case_id, **sheet)
    with pytest.raises(Refusal):
        desk.decide(CLERK, "handover", case_id=case_id)
    desk.decide(person("clerk", 2), "handover", case_id=case_id)
    assert desk.case(case_id).status == "finished"
    assert bundle(ID).policy.duties["handover"].from_ == "open cases"


@pytest.mark.clauses(ID, "一6", "二6", "二7", "一7")
@pytest.mark.capabilities("DL-16", "SR-02", "SR-12")
@pytest.mark.parametrize(
    ("name", "period", "who", "due", "fields", "sent", "figures"),
    [
        ("daily_summary", "2026-11-02", "clerk", "2026-11-02 18:00", {"summary": "Quiet"}, {"CANALYST", "CDUTYMANAGER"}, True),
        ("emergencies", "2026-11-02", "analyst", "2026-11-02 18:00", {}, {"CDUTYMANAGER", "CBRANCHMANAGER"}, False),
        ("hot_topics", "2026-W45", "clerk", "2026-11-06 24:00", {"hot_topic": "Drops", "partner_contacts": "Network"}, {"CANALYST", "CDUTYMANAGER"}, True),
        ("monthly_assessment", "2026-11", "duty_manager", "2026-11-10 24:00", {}, {"CBRANCHMANAGER", "CCLERK"}, True),
    ],
)  # fmt: skip
def test_the_reports_of_the_day_the_week_and_the_month(
    name: str, period: str, who: str, due: str, fields: dict[str, Any], sent: set[str], figures: bool
) -> None:
    """一6 「每天……汇总分析」, 二6 「每周上报所负责类别投诉热点通报」, 二7 「每天上报统计分析员」."""
    desk = Voice()
    case_id = desk.begin_duty(name, period)
    assert desk.due(name, case_id) == local(due)
    for missing in fields:
        with pytest.raises(FieldErrors):
            desk.decide(person(who), name, case_id=case_id, **{n: v for n, v in fields.items() if n != missing})
    desk.decide(person(who), name, case_id=case_id, **fields)
    assert {n.to for n in desk.told("duty") if n.case_id == case_id} == sent
    policy = bundle(ID).policy
    assert wants_figures(policy.duties[name], policy) is figures


# --- the five figures -------------------------------------------------------------------------------------------------------


def closed(desk: Voice, case_id: str, *, calls: int = 1, **judged: Any) -> None:
    desk.ticket(case_id, matter=f"Matter {case_id}")
    desk.to("call_out", case_id, **judged)
    for _ in range(calls - 1):
        desk.out(case_id=case_id, **UNHAPPY)
        desk.go("follow_up", case_id=case_id)
    desk.out(case_id=case_id, **ANSWERS)
    desk.go("feed_back", case_id=case_id)


@pytest.mark.clauses(ID, "一7", "一8")
@pytest.mark.capabilities("SR-03", "LP-18", "SR-09", "CL-08")
def test_the_five_figures_of_the_competition() -> None:
    """一7 「处理及时率、延时率、重派率、重复投诉率、客户满意度」; targets are ours."""
    desk = Voice()
    closed(desk, "c1")
    closed(desk, "c2", calls=2)
    closed(desk, "c3", handling="wrong_category")
    closed(desk, "c4", **PARTNER)

    found = desk.drawn(repeats=frozenset({"c2"}))

    assert {f.measure: (f.amount.value, str(f.target), f.reached) for f in found.figures[:5]} == {
        "timely": (Decimal("100.0"), "≥ 90 %", True),
        "delayed": (Decimal("0.0"), "≤ 10 %", True),
        "re_dispatched": (Decimal("25.0"), "≤ 5 %", False),
        "repeated": (Decimal("25.0"), "≤ 5 %", False),
        "satisfaction": (Decimal("80.0"), "≥ 85 %", False),  # four of five call-outs that reached somebody
    }
    assert dict(found.figure("satisfaction").groups)[CLERK].of == 5
    assert [(n, a.value) for n, a in found.figure("partner_in_time").groups] == [("network", Decimal("100.0"))]
    volume = found.figure("volume")  # 一8: how much of it is the desk's own category
    assert (volume.amount.hit, volume.amount.of, [n for n, _ in volume.groups]) == (3, 4, ["coverage", "voice"])


@pytest.mark.clauses(ID, "一7")
@pytest.mark.capabilities("SR-03", "DL-13")
def test_an_extension_makes_a_delayed_ticket() -> None:
    desk = a_case("handle_own")
    desk.act(cmd.AskExtension, CLERK, visit=desk.visit("handle_own"), until=local("2026-11-05 18:00"), reason="Part")
    desk.act(cmd.RuleExtension, person("duty_manager"), visit=desk.visit("handle_own"), granted=True, reason="Agreed")
    desk.go("handle_own")
    desk.out(**ANSWERS)
    desk.go("feed_back")
    assert desk.drawn().figure("delayed").amount.value == Decimal("100.0")
