"""语音投诉处理员岗位职责: the ticket's life, call-outs until satisfied, handover every shift, five figures, who does not cooperate."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.duties import DueDuty, open_duty
from complaints.duty_figures import wants_figures
from complaints.lives import life_of
from complaints.people import Absence
from complaints.periods import parse_period
from complaints.refusals import FieldErrors, NotAuthorized, Refusal, UnknownCase
from complaints.statistics import Report, report_of
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, person

ID = "telecom-voice-desk"
TICKET: dict[str, Any] = {
    "ticket_no": "P-1", "anonymous": False, "customer": "C-0417", "category": "voice", "matter": "Calls drop",
    "content": "Every call drops", "about_staff": False, "emergency": False,
}  # fmt: skip
PARTNER = {"handling": "by_partner", "partner": "network"}
ANSWERS = {"customer_satisfied": True, "answered_by_text": False, "tracking": "All well"}
UNHAPPY = {**ANSWERS, "customer_satisfied": False}
CLERK = person("clerk")


class Voice(PolicyDesk):
    __test__ = False
    usual = {
        "judge": {"valid": True, "handling": "own"},
        "re_assign": {"category": "coverage", "partner": "network"},
        "handle_own": {"own_answer": "Line reset"},
        "oral_reply": {"oral_answer": "Mast was down", "oral_answer_at": "2026-11-02T10:00:00+08:00"},
        "partner_reply": {"written_answer": "Mast repaired"},
        "review_reply": {"verified": True, "cooperated": True},
        "follow_up": {"follow_state": "unsolved", "tracking": "Still drops"},
        "manager_decides": {"tracking": "Nothing more to do"},
        "feed_back": {"final_reply": "Mast repaired"},
        "analyst_registers": {"event_count": "5", "event_cause": "Mast down"},
        "objection_ruling": {"objection_ruling_text": "Dismissed"},
    }

    def __init__(self, now: str = "2026-11-02 09:30", **plan: Any) -> None:
        super().__init__(ID, now, departments=("network",), **plan)

    def ticket(self, case_id: str = "case1", **changes: Any) -> None:
        given = {n: v for n, v in {**TICKET, **changes}.items() if v is not None}
        self.log(actor="UREPORTER", case_id=case_id, **given)

    def out(self, result: str = "reached", case_id: str = "case1", **fields: Any) -> None:
        """Log a call-out."""
        self.act(cmd.LogCall, CLERK, case_id, visit=self.visit("call_out", case_id), result=result, fields=fields)

    def registers(self, case_id: str = "case1") -> list[str]:
        return [r.register for r in self.happened(e.RegisterEntered, case_id)]


def a_case(stage: str = "sign_for", **changes: Any) -> Voice:
    desk = Voice()
    desk.ticket(**{n: v for n, v in changes.items() if n in TICKET})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in TICKET})


# --- the life of a ticket -------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "一1", "二2", "一5")
@pytest.mark.capabilities("RT-22", "GA-11")
@pytest.mark.parametrize(
    ("judged", "stages"),
    [
        ({"handling": "own"}, ["handle_own"]),
        (PARTNER, ["oral_reply", "partner_reply", "review_reply"]),
        ({"handling": "wrong_category"}, ["re_assign", "oral_reply", "partner_reply", "review_reply"]),
    ],
)
def test_a_ticket_is_signed_for_handled_called_out_and_fed_back(judged: dict[str, Any], stages: list[str]) -> None:
    """一1 「签收、处理和反馈」, 二2 「依照工单实际情况进行判断」."""
    desk = a_case("judge")
    desk.go("judge", **judged)
    seen = []
    while (here := desk.open_stages()[0]) != "call_out":
        seen.append(here)
        desk.go(here)
    desk.out(**ANSWERS)
    assert (seen, desk.open_stages()) == (stages, ["feed_back"])
    desk.go("feed_back")
    assert (desk.case().outcome, desk.case().status, desk.case().number) == (
        "fed_back_closed",
        "finished",
        "202611-001",
    )


@pytest.mark.clauses(ID, "一2", "一5")
@pytest.mark.capabilities("RT-10")
def test_a_wrong_ticket_is_re_assigned_and_an_answer_that_is_not_true_goes_back() -> None:
    """一2 「负责对投诉工单回复的审核、查证。负责工单的转派」."""
    desk = a_case("review_reply", **PARTNER)
    assert desk.roles("oral_reply") == ["network"]
    with pytest.raises(FieldErrors) as refused:
        desk.go("review_reply", verified=False)
    assert "verified" in refused.value.errors
    desk.decide(CLERK, "review_reply", "return", reason="Not true", to_stage="partner_reply")
    assert desk.open_stages() == ["partner_reply"]


@pytest.mark.clauses(ID, "二注")
@pytest.mark.capabilities("DL-10")
def test_the_department_answers_by_word_of_mouth_first_and_is_urged() -> None:
    """二注 「多催促相关部门先口头回复」."""
    desk = a_case("oral_reply", **PARTNER)
    desk.act(cmd.Urge, CLERK, visit=desk.visit("oral_reply"), words="Please answer")
    assert {n.to for n in desk.told("urge")} == {person("network", 1), person("network", 2)}
    with pytest.raises(FieldErrors):
        desk.go("oral_reply", oral_answer=None)
    desk.go("oral_reply")
    assert desk.open_stages() == ["partner_reply"]


@pytest.mark.clauses(ID, "二1", "一1", "二2")
@pytest.mark.capabilities("DL-04")
@pytest.mark.parametrize(
    ("stage", "now", "due"),
    [
        ("sign_for", "2026-11-02 08:00", "2026-11-02 10:00"),
        ("sign_for", "2026-11-02 17:00", "2026-11-03 09:00"),
        ("judge", "2026-11-02 08:00", "2026-11-02 10:00"),
        ("oral_reply", "2026-11-02 08:00", "2026-11-02 12:00"),
        ("partner_reply", "2026-11-02 08:00", "2026-11-04 18:00"),
        ("review_reply", "2026-11-02 08:00", "2026-11-02 18:00"),
        ("call_out", "2026-11-02 08:00", "2026-11-03 18:00"),
    ],
)
def test_work_begins_at_eight(stage: str, now: str, due: str) -> None:
    """二1 「8:00钟正式进入工作」; the lengths are ours."""
    desk = Voice(now)
    desk.ticket()
    desk.to(stage, **(PARTNER if stage not in ("sign_for", "judge") else {}))
    assert desk.due(stage) == local(due)


def test_own_handling_feedback_and_the_case_have_limits_of_ours() -> None:
    """D4; 「tickets "on time" (limit not printed)」."""
    assert a_case("handle_own").due("handle_own") == local("2026-11-04 18:00")
    assert a_case().promise().due_at == local("2026-11-16 18:00")
    desk = a_case("call_out")
    desk.out(**ANSWERS)
    assert desk.due("feed_back") == local("2026-11-02 18:00")


@pytest.mark.clauses(ID, "二注")
@pytest.mark.capabilities("DL-13")
@pytest.mark.parametrize("stage", ["partner_reply", "handle_own"])
def test_more_time_is_granted_once_by_the_duty_manager_and_counts_as_delay(stage: str) -> None:
    """二注 「尽量减少延时单的产生」; D21."""
    desk = a_case(stage, **(PARTNER if stage == "partner_reply" else {}))
    who = person("network") if stage == "partner_reply" else CLERK
    desk.act(cmd.AskExtension, who, visit=desk.visit(stage), until=local("2026-11-05 18:00"), reason="Spare part")
    with pytest.raises(Refusal):
        desk.act(cmd.RuleExtension, CLERK, visit=desk.visit(stage), granted=True, reason="")
    desk.act(cmd.RuleExtension, person("duty_manager"), visit=desk.visit(stage), granted=True, reason="Agreed")
    assert desk.due(stage) == local("2026-11-05 18:00")
    assert desk.open_visit(stage).extended


@pytest.mark.capabilities("DL-22", "DL-10")
def test_lateness_climbs_to_duty_manager_and_head_of_the_branch() -> None:
    """二注, D5."""
    desk = a_case("partner_reply", **PARTNER)
    desk.at("2026-11-05 18:30")
    told = desk.steps(desk.stage_clock("partner_reply"))
    assert list(told) == ["reminder", "reminder_slip", "escalation"]
    assert person("duty_manager") in told["reminder_slip"][1]
    assert person("branch_manager") in told["escalation"][1]


# --- registers ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二8", "二注")
@pytest.mark.capabilities("DL-19", "RD-03")
@pytest.mark.parametrize(("cooperated", "entered"), [(True, []), (False, ["internal_violations"])])
def test_a_department_that_does_not_cooperate_is_written_down(cooperated: bool, entered: list[str]) -> None:
    """二8 「出现不配合情况请作好相关事项记录」."""
    desk = a_case("review_reply", **PARTNER)
    if not cooperated:
        with pytest.raises(FieldErrors):
            desk.go("review_reply", cooperated=False)
    desk.go("review_reply", cooperated=cooperated, non_cooperation=None if cooperated else "Did not answer the phone")
    assert desk.registers() == entered
    heard = set() if cooperated else {person("duty_manager", 1), person("duty_manager", 2)}
    assert {n.to for n in desk.told("rule")} == heard


@pytest.mark.clauses(ID, "二注", "二8")
@pytest.mark.capabilities("DL-19", "RD-03")
@pytest.mark.parametrize("stage", ["oral_reply", "partner_reply"])
def test_a_late_department_is_entered_with_its_reply_and_delay_time(stage: str) -> None:
    """二注 「详细登记其情况(包括回单时间、延误时间等)」."""
    desk = a_case(stage, **PARTNER)
    desk.at("2026-11-05 12:00")
    [line] = desk.happened(e.RegisterEntered)
    assert (line.register, line.row["partner"], line.row["late_stage"]) == ("internal_violations", "network", stage)
    assert Decimal(line.row["late_by"]) >= 0


@pytest.mark.clauses(ID, "二9")
@pytest.mark.capabilities("IN-17", "GA-05", "RD-03")
def test_a_ticket_about_our_staff_is_recorded_and_only_few_may_see_it() -> None:
    """二9 「转派单为公司内部人员投诉,请作好相关记录」."""
    desk = a_case(about_staff=True)
    assert desk.registers() == ["internal_violations"]
    assert {n.to for n in desk.told("rule")} == {person("duty_manager", 1), person("duty_manager", 2)}
    with pytest.raises(UnknownCase):
        desk.act(cmd.AddNote, person("network"), words="I want to know")
    desk.act(cmd.AddNote, CLERK, words="Recorded")
    for role in ("reviewer", "duty_manager", "analyst", "branch_manager"):  # they see it, and are of no stage of it yet
        with pytest.raises(NotAuthorized):
            desk.act(cmd.AddNote, person(role), words="Seen")


@pytest.mark.clauses(ID, "二3")
@pytest.mark.capabilities("CC-16", "RD-03")
@pytest.mark.parametrize(
    ("answers", "entered"),
    [(ANSWERS, []), (UNHAPPY, ["call_list"]), ({**ANSWERS, "answered_by_text": True}, ["call_list"])],
)
def test_dissatisfied_and_text_message_answers_are_listed_apart(answers: dict[str, Any], entered: list[str]) -> None:
    """二3 「客户不满意情况、未成功外呼或已短信回复的客户请单独列出」."""
    desk = a_case("call_out")
    desk.out(**answers)
    assert desk.registers() == entered


@pytest.mark.clauses(ID, "二3")
@pytest.mark.capabilities("CC-16")
def test_a_call_out_that_fails_three_times_is_listed_and_followed_up() -> None:
    desk = a_case("call_out")
    for at in ("10:00", "14:30", "19:00"):
        desk.at(f"2026-11-02 {at}")
        desk.out("no_answer")
    assert (desk.registers(), desk.open_stages()) == (["call_list"], ["follow_up"])


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
@pytest.mark.parametrize(
    ("state", "needs_date"),
    [("not_solvable_now", False), ("appointment", True), ("unsolved", False), ("solved_in_days", True), ("dissatisfied_still", False)],
)  # fmt: skip
def test_each_state_of_the_tracking_record_and_when_it_names_a_day(state: str, needs_date: bool) -> None:
    """二4 「暂时无法解决、预约、未解决、几天后解决、对投诉结果不满意」."""
    desk = a_case("call_out")
    desk.out(**UNHAPPY)
    assert desk.due("follow_up") == local("2026-11-04 18:00")
    if needs_date:
        with pytest.raises(FieldErrors):
            desk.go("follow_up", follow_state=state)
    desk.go("follow_up", follow_state=state, call_again_on="2026-11-05" if needs_date else None)
    assert desk.open_stages() == ["call_out"]


def test_after_nine_calls_the_duty_manager_decides() -> None:
    desk = a_case("call_out")
    rounds = 0
    while desk.open_stages() == ["call_out"]:
        desk.out(**UNHAPPY)
        desk.go("follow_up")
        rounds += 1
    assert (rounds, desk.open_stages()) == (10, ["manager_decides"])
    assert desk.may_act("manager_decides") == {"duty_manager"}
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
        with pytest.raises(FieldErrors):
            desk.go("analyst_registers", event_cause=None)
        desk.go("analyst_registers")


# --- duties -----------------------------------------------------------------------------------------------------------------


def duty(desk: Voice, name: str, period: str) -> str:
    desk.submit(open_duty(DueDuty(policy=ID, duty=name, period=period), "zh-Hans"))
    return f"duty.{ID}.{name}.{period}"


@pytest.mark.clauses(ID, "二5", "一4", "二12")
@pytest.mark.capabilities("RD-07")
def test_each_shift_hands_over_what_is_open_and_the_next_acknowledges_it() -> None:
    """二5 「要求填写好当班人、交班人、遗留件数」."""
    desk = Voice(shifts=("08:00", "16:00"))
    case_id = duty(desk, "handover", "2026-11-02.1")
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
    case_id = duty(desk, name, period)
    assert desk.due(name, case_id) == local(due)
    for missing in fields:
        with pytest.raises(FieldErrors):
            desk.decide(person(who), name, case_id=case_id, **{n: v for n, v in fields.items() if n != missing})
    desk.decide(person(who), name, case_id=case_id, **fields)
    assert {n.to for n in desk.told("duty") if n.case_id == case_id} == sent
    policy = bundle(ID).policy
    assert wants_figures(policy.duties[name], policy) is figures


# --- the five figures -------------------------------------------------------------------------------------------------------


def november(desk: Voice, repeats: frozenset[str] = frozenset()) -> Report:
    desk.clock.at = local("2026-12-01 09:00")
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.at)
    lives = [life_of(c) for c in desk.record.cases.values() if c.kind == "complaint"]
    return report_of(lives, bundle(ID).policy, parse_period("2026-11"), world, repeats)


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

    found = november(desk, frozenset({"c2"}))

    assert {f.measure: (f.amount.value, str(f.target), f.reached) for f in found.figures[:5]} == {
        "timely": (Decimal("100.0"), "≥ 90 %", True),
        "delayed": (Decimal("0.0"), "≤ 10 %", True),
        "re_dispatched": (Decimal("25.0"), "≤ 5 %", False),
        "repeated": (Decimal("25.0"), "≤ 5 %", False),
        "satisfaction": (Decimal("80.0"), "≥ 85 %", False),  # four of five call-outs that reached somebody
    }
    assert dict(found.figure("satisfaction").groups)[CLERK].of == 5
    assert [(n, a.value) for n, a in found.figure("partner_in_time").groups] == [("network", Decimal("100.0"))]
    assert [n for n, _ in found.figure("volume").groups] == ["coverage", "voice"]


@pytest.mark.clauses(ID, "一7")
@pytest.mark.capabilities("SR-03", "DL-13")
def test_an_extension_makes_a_delayed_ticket() -> None:
    desk = a_case("handle_own")
    desk.act(cmd.AskExtension, CLERK, visit=desk.visit("handle_own"), until=local("2026-11-05 18:00"), reason="Part")
    desk.act(cmd.RuleExtension, person("duty_manager"), visit=desk.visit("handle_own"), granted=True, reason="Agreed")
    desk.go("handle_own")
    desk.out(**ANSWERS)
    desk.go("feed_back")
    assert november(desk).figure("delayed").amount.value == Decimal("100.0")


# --- gaps, papers, who may -----------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二12")
@pytest.mark.capabilities("RT-08")
def test_on_leave_the_reviewer_takes_over() -> None:
    """二12 「休假时做好与复核人员的交班工作,做到事事有着落」."""
    away = tuple(
        Absence(member=person("clerk", n), from_at=local("2026-11-02 00:00"), until_at=local("2026-11-09 00:00"))
        for n in (1, 2)
    )
    desk = Voice(absences=away)
    desk.ticket()
    assert "reviewer" in desk.may_act("sign_for")


@pytest.mark.clauses(ID, "二12")
@pytest.mark.capabilities("RT-08")
def test_a_follow_up_whose_clerks_go_on_leave_is_the_reviewers() -> None:
    """二12."""
    away = tuple(
        Absence(member=person("clerk", n), from_at=local("2026-11-02 12:00"), until_at=local("2026-11-09 00:00"))
        for n in (1, 2)
    )
    desk = Voice(absences=away)
    desk.ticket()
    desk.to("call_out").out(**UNHAPPY)
    assert desk.open_stages() == ["follow_up"]
    desk.at("2026-11-03 09:30")
    assert "reviewer" in desk.may_act("follow_up")


@pytest.mark.parametrize("missing", sorted(TICKET))
@pytest.mark.clauses(ID, "一1")
def test_every_item_of_the_ticket_is_filled(missing: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        Voice().ticket(**{missing: None})
    assert missing in refused.value.errors


@pytest.mark.parametrize(
    ("stage", "field", "judged"),
    [("judge", "valid", {}), ("judge", "handling", {}), ("handle_own", "own_answer", {}),
     ("re_assign", "partner", {"handling": "wrong_category"}), ("oral_reply", "oral_answer_at", PARTNER), ("partner_reply", "written_answer", PARTNER),
     ("review_reply", "cooperated", PARTNER)],
)  # fmt: skip
def test_what_each_stage_must_fill(stage: str, field: str, judged: dict[str, Any]) -> None:
    desk = a_case(stage, **judged)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, **{field: None})
    assert field in refused.value.errors


def test_the_partner_is_named_where_it_handles_the_ticket() -> None:
    with pytest.raises(FieldErrors) as refused:
        a_case("judge").go("judge", handling="by_partner")
    assert "partner" in refused.value.errors


def test_what_is_no_complaint_is_confirmed_by_the_duty_manager() -> None:
    """D17."""
    desk = a_case("judge")
    desk.go("judge", valid=False, handling=None, invalid_reason="A question")
    assert desk.may_act("confirm_invalid") == {"duty_manager"}
    desk.go("confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.case().status) == ("not_accepted", "finished")


def test_an_anonymous_complainant_is_not_called() -> None:
    """D10."""
    desk = Voice()
    desk.ticket(anonymous=True, customer=None)
    assert desk.to("feed_back").open_stages() == ["feed_back"]


@pytest.mark.parametrize(("at", "allowed"), [("2026-11-09 17:59", True), ("2026-11-10 00:01", False)])
def test_a_department_objects_within_five_working_days(at: str, allowed: bool) -> None:
    """D12."""
    desk = a_case("review_reply", **PARTNER)
    desk.go("review_reply", cooperated=False, non_cooperation="Silent")
    desk.clock.at = local(at)
    begin = cmd.BeginRoute(
        actor=person("network"), key="o", case_id="case1", route="objection", fields={"objection_reason": "We did"}
    )
    if not allowed:
        with pytest.raises(Refusal):
            desk.submit(begin)
        return
    desk.submit(begin)
    assert desk.may_act("objection_ruling") == {"branch_manager"}


def test_numbers_repeats_and_retention() -> None:
    """D7, D8, D9."""
    desk = Voice("2026-11-30 10:00")
    desk.ticket("case1")
    desk.clock.at = local("2026-12-01 10:00")
    desk.ticket("case2")
    assert [desk.case(c).number for c in ("case1", "case2")] == ["202611-001", "202612-001"]
    policy = bundle(ID).policy
    assert (policy.papers.keep.amount, policy.papers.keep.unit) == (3, "years")
    assert (policy.repeat.same, policy.repeat.within.amount, policy.repeat.within.unit) == (("customer", "matter"), 3, "months")  # fmt: skip


WHO_MAY: dict[str, tuple[dict[str, Any], set[str], str]] = {
    "sign_for": ({}, {"clerk"}, "signed"),
    "judge": ({}, {"clerk"}, "judged"),
    "re_assign": ({"handling": "wrong_category"}, {"clerk"}, "passed_on"),
    "handle_own": ({}, {"clerk"}, "handled"),
    "oral_reply": (PARTNER, {"network"}, "answered"),
    "partner_reply": (PARTNER, {"network"}, "replied"),
    "review_reply": (PARTNER, {"clerk"}, "verified_now"),
    "call_out": ({}, {"clerk"}, "satisfied dissatisfied unreached"),
}
ELSEWHERE = {
    "ticket_in": "send", "confirm_invalid": "confirm", "follow_up": "call_again ask_partner", "manager_decides": "leave_it",
    "feed_back": "fed_back", "analyst_registers": "registered", "objection_ruling": "dismiss grant",
}  # fmt: skip


@pytest.mark.clauses(ID, "一1", "一2", "一5", "二11")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide(stage: str) -> None:
    """Everybody who is not named is refused."""
    case, who, _ = WHO_MAY[stage]
    assert a_case(stage, **case).may_act(stage) == who


def test_what_may_be_decided_at_every_stage() -> None:
    """A return is open to every decider (D18)."""
    wanted = ELSEWHERE | {stage: decisions for stage, (_, _, decisions) in WHO_MAY.items()}
    stages = bundle(ID).policy.stages
    assert {s: list(decisions_of(d)) for s, d in stages.items()} == {
        s: [*d.split(), "return"] for s, d in wanted.items()
    }
