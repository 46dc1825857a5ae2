"""语音投诉处理员岗位职责: the ticket's life, who does not cooperate is written down, the reviewer stands in, who may decide."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors, NotAuthorized, Refusal, UnknownCase
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import person
from tests.support.voice import ANSWERS, CLERK, PARTNER, TICKET, UNHAPPY, Voice, a_case, away
from tests.support.who_may import decisions_by_stage, keepers

ID = "telecom-voice-desk"


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
        ("re_assign", "2026-11-02 08:00", "2026-11-02 10:00"),
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
    handled = {"handling": "wrong_category"} if stage == "re_assign" else PARTNER
    desk.to(stage, **(handled if stage not in ("sign_for", "judge") else {}))
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
    """二注 「尽量减少延时单的产生」: the ticket itself is delayed, so its own time goes along; D21."""
    desk = a_case(stage, **(PARTNER if stage == "partner_reply" else {}))
    who = person("network") if stage == "partner_reply" else CLERK
    desk.act(cmd.AskExtension, who, visit=desk.visit(stage), until=local("2026-11-05 18:00"), reason="Spare part")
    with pytest.raises(Refusal):
        desk.act(cmd.RuleExtension, CLERK, visit=desk.visit(stage), granted=True, reason="")
    desk.act(cmd.RuleExtension, person("duty_manager"), visit=desk.visit(stage), granted=True, reason="Agreed")
    assert desk.due(stage) == local("2026-11-05 18:00")
    assert desk.open_visit(stage).extended
    assert desk.promise().due_at == local("2026-11-17 18:00")  # a day later, as the stage


@pytest.mark.capabilities("DL-22", "DL-10")
def test_lateness_climbs_to_duty_manager_and_head_of_the_branch() -> None:
    """二注, D5."""
    desk = a_case("partner_reply", **PARTNER)
    desk.at("2026-11-05 18:30")
    told = desk.steps(desk.stage_clock("partner_reply"))
    assert list(told) == ["reminder", "reminder_slip", "escalation"]
    assert told["reminder"][1] == {person("network", 1), person("network", 2)}
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
    assert keepers(desk) == {"clerk", "reviewer", "duty_manager", "analyst", "branch_manager"}
    for role in ("reviewer", "duty_manager", "analyst", "branch_manager"):  # they see it, and are of no stage of it yet
        with pytest.raises(NotAuthorized):
            desk.act(cmd.AddNote, person(role), words="Seen")
    desk.to("oral_reply", **PARTNER)
    desk.act(
        cmd.AddNote, person("clerk", 2), words="The other clerk goes on with it"
    )  # while the department has its turn


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


# --- gaps, papers, who may -----------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "二12")
@pytest.mark.capabilities("RT-08")
@pytest.mark.parametrize(
    ("stage", "judged"),
    [
        ("sign_for", {}), ("judge", {}), ("re_assign", {"handling": "wrong_category"}), ("handle_own", {}),
        ("review_reply", PARTNER), ("call_out", {}), ("follow_up", {}), ("feed_back", {}),
    ],
)  # fmt: skip
def test_on_leave_the_reviewer_takes_over_what_the_clerk_has_open(stage: str, judged: dict[str, Any]) -> None:
    """二12 「休假时做好与复核人员的交班工作,做到事事有着落」."""
    desk = Voice(absences=away("2026-11-02 12:00"))
    desk.ticket()
    desk.to("call_out" if stage in ("follow_up", "feed_back") else stage, **judged)
    if stage in ("follow_up", "feed_back"):
        desk.out(**(UNHAPPY if stage == "follow_up" else ANSWERS))
    assert (desk.open_stages(), "reviewer" in desk.may_act(stage)) == ([stage], False)

    desk.at("2026-11-03 09:30")

    assert "reviewer" in desk.may_act(stage)


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
    for decision in ("dismiss", "grant"):
        with pytest.raises(FieldErrors) as refused:
            desk.go("objection_ruling", decision, objection_ruling_text=None)
        assert set(refused.value.errors) == {"objection_ruling_text"}


@pytest.mark.parametrize("decision", ["dismiss", "grant"])
def test_the_ruling_on_an_objection_ends_it_and_the_ticket_goes_on(decision: str) -> None:
    """D12: decided finally; the customer is called meanwhile."""
    desk = a_case("review_reply", **PARTNER)
    desk.go("review_reply", cooperated=False, non_cooperation="Silent")
    desk.act(cmd.BeginRoute, person("network"), route="objection", fields={"objection_reason": "We did answer"})
    desk.go("objection_ruling", decision)
    assert desk.open_stages() == ["call_out"]


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
    assert decisions_by_stage(ID) == {stage: f"{said} return" for stage, said in wanted.items()}
