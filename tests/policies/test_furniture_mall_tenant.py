"""聯營合同（家居廣場）: the tenant's answer on the same day, compensation first from the deposit, two complaints, the deposit after a year."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.mall import CONTRACT, ID, QUALITY, STAFF, Mall, a_case, both
from tests.support.our_defaults import keeping, objects_within_five_working_days, repeats
from tests.support.policy_desk import head, person
from tests.support.who_may import decisions_by_stage

SILENT = {"tenant_answered": False, "solution": None, "settlement": None}


PAY = {"advance": True, "advance_amount": "800", "rule_applied": "Article 9", "deposit_left": "5000"}


# --- the tenant's answer (四(一)2) ------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "四(一)2")
@pytest.mark.capabilities("RT-13", "GA-11", "OS-02", "IN-14")
def test_the_tenant_is_notified_answers_and_the_customer_is_told() -> None:
    """四(一)2 「乙方自接到甲方通知有關顧客投訴后,需在當天內答復解決方案」; the mall enters what the tenant says."""
    desk = Mall()
    desk.register(**QUALITY)
    seen = []
    while desk.case().status == "open":
        seen.append((desk.open_stages()[0], desk.roles(desk.open_stages()[0])))
        desk.go(desk.open_stages()[0])
    service = ["mall_service"]
    assert seen == [("check", service), ("notify_tenant", service), ("tenant_solution", service), ("settle", service)]
    assert (desk.case().outcome, desk.case().number, desk.open_stages()) == ("upheld", "202611-001", ["callback"])
    assert bundle(ID).policy.roles["tenant"].kind == "outside"
    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["complaints_of_tenants"]


@pytest.mark.clauses(ID, "四(一)2")
@pytest.mark.capabilities("DL-02", "RT-13")
@pytest.mark.parametrize(
    ("notified", "due"),
    [
        ("2026-11-02 09:30", "2026-11-02 24:00"),
        ("2026-11-02 18:00", "2026-11-02 24:00"),
        ("2026-11-02 18:01", "2026-11-03 12:00"),
        ("2026-11-07 15:00", "2026-11-07 24:00"),  # Saturday: the mall is open
    ],
)
def test_the_answer_is_owed_on_the_day_of_the_notice_and_by_noon_after_a_late_one(notified: str, due: str) -> None:
    """「當天內」; after 18:00 by noon of the next day (ours)."""
    desk = Mall(notified)
    a_case(QUALITY, "tenant_solution", desk=desk)
    clock = desk.case().clock("tenant_answer")
    assert clock is not None
    assert clock.due_at == local(due)


@pytest.mark.clauses(ID, "四(一)2")
@pytest.mark.capabilities("OS-07", "DL-22")
def test_a_tenant_who_answers_too_late_lets_the_mall_compensate_first() -> None:
    """「否則甲方有權……扣除乙方質量保證金先行賠償顧客」: also when the answer comes a minute late."""
    desk = a_case(QUALITY, "tenant_solution")
    desk.at("2026-11-03 08:30")
    assert both("mall_manager") <= {n.to for n in desk.told("rule")}
    desk.go("tenant_solution")
    assert (desk.may_act("advance_compensation"), desk.due("advance_compensation")) == (
        {"mall_manager"},
        local("2026-11-04 18:00"),
    )
    desk.at("2026-11-10 10:00")
    late = desk.steps(desk.stage_clock("advance_compensation"))
    assert late["escalation"][1] == both("general_manager")


@pytest.mark.clauses(ID, "四(一)2")
@pytest.mark.capabilities("OS-07")
def test_a_tenant_who_answers_in_time_is_not_charged_and_a_silent_one_may_be() -> None:
    desk = a_case(QUALITY, "tenant_solution")
    desk.go("tenant_solution")
    assert desk.open_stages() == ["settle"]
    desk = a_case(QUALITY, "advance_compensation", **SILENT)
    assert desk.open_stages() == ["advance_compensation"]
    desk.go("advance_compensation")
    assert desk.case().amounts == {}


@pytest.mark.clauses(ID, "四(一)2")
@pytest.mark.capabilities("OS-07")
@pytest.mark.parametrize(
    ("amount", "left", "debit", "rest"),
    [
        ("800", "5000", "800.00", "0.00"),
        ("5000", "5000", "5000.00", "0.00"),
        ("5000.01", "5000", "5000.00", "0.01"),
        ("900", "0", "0.00", "900.00"),
    ],
)
def test_the_deposit_is_debited_and_the_rest_is_claimed_from_the_tenant(
    amount: str, left: str, debit: str, rest: str
) -> None:
    """The deposit pays first; what it does not cover is claimed, and the general manager is told (ours)."""
    desk = a_case(QUALITY, "advance_compensation", **SILENT)
    with pytest.raises(FieldErrors) as refused:
        desk.go("advance_compensation", advance=True)
    assert set(refused.value.errors) == {"advance_amount", "rule_applied", "deposit_left"}
    desk.go("advance_compensation", **PAY | {"advance_amount": amount, "deposit_left": left})
    assert (desk.case().amounts["debit_of_deposit"], desk.case().amounts["claimed_from_tenant"]) == (debit, rest)
    assert "deposit_book" in {r.register for r in desk.happened(e.RegisterEntered)}
    claimed = rest != "0.00"
    assert ("claim_rest" in desk.open_stages()) is claimed
    assert (both("general_manager") <= {n.to for n in desk.told("rule")}) is claimed
    if claimed:
        assert (desk.may_act("claim_rest"), desk.due("claim_rest")) == ({"mall_manager"}, local("2026-12-02 24:00"))
        with pytest.raises(FieldErrors):
            desk.go("claim_rest", claim_result=None)
        desk.go("claim_rest")


def test_a_compensation_is_more_than_nothing_and_anonymous_people_get_none() -> None:
    desk = a_case(QUALITY, "advance_compensation", **SILENT)
    with pytest.raises(FieldErrors) as refused:
        desk.go("advance_compensation", **PAY | {"advance_amount": "0"})
    assert set(refused.value.errors) == {"advance_amount"}
    desk = a_case(QUALITY, "settle", anonymous=True, customer=None, **SILENT)
    assert desk.case().last_visit("advance_compensation") is None


# --- follow-up calls, what must be filled ----------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "四(一)5")
@pytest.mark.capabilities("CC-15")
def test_the_mall_calls_the_buyers_and_feeds_back_to_the_tenant() -> None:
    """四(一)5 「甲方負責為乙方售出的貨品進行電話跟蹤服務,并向乙方反饋信息」."""
    duty = bundle(ID).policy.duties["follow_up_calls"]
    assert (duty.every, duty.by, str(duty.who), [f.name for f in duty.fill], [str(w) for w in duty.send_to]) == (
        "week",
        "friday",
        "mall_service",
        ["calls"],
        ["mall_manager"],
    )
    desk = a_case(QUALITY, "closed")
    desk.call("reached", actor=person("mall_service"), solved=True, score="5")
    assert (desk.may_act("feed_back"), desk.due("feed_back")) == ({"mall_service"}, local("2026-11-03 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("feed_back", feedback=None)
    desk.go("feed_back")
    assert desk.case().status == "finished"


@pytest.mark.clauses(ID, "四(一)2")
@pytest.mark.capabilities("IN-05", "IN-14")
@pytest.mark.parametrize(
    ("first", "missing"),
    [(QUALITY, n) for n in sorted(QUALITY)]
    + [(CONTRACT, "contract_end"), (CONTRACT, "deposit"), (CONTRACT, "tenant_name"), (CONTRACT, "contract_no")],
)
def test_a_complaint_names_tenant_contract_customer_and_matter(first: dict[str, Any], missing: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        Mall().register(**first | {missing: None})
    assert missing in refused.value.errors


@pytest.mark.parametrize(
    ("stage", "changes", "missing"),
    [
        ("check", {"valid": None}, {"valid"}),
        ("check", {"valid": False}, {"invalid_reason"}),
        ("notify_tenant", {"notice_text": None}, {"notice_text"}),
        ("tenant_solution", {"tenant_answered": None, "solution": None, "settlement": None}, {"tenant_answered"}),
        ("tenant_solution", {"solution": None, "settlement": None}, {"solution", "settlement"}),
        ("settle", {"established": None, "answer_given": None}, {"established", "answer_given"}),
    ],
)
@pytest.mark.clauses(ID, "四(一)2")
@pytest.mark.capabilities("IN-05", "OS-02")
def test_a_stage_is_refused_without_what_it_must_say(stage: str, changes: dict[str, Any], missing: set[str]) -> None:
    desk = a_case(QUALITY, stage)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, **changes)
    assert set(refused.value.errors) == missing


def test_a_contract_ends_in_the_future_and_silence_names_the_decision() -> None:
    with pytest.raises(FieldErrors) as refused:
        Mall().register(**CONTRACT | {"contract_end": "2026-11-01"})
    assert set(refused.value.errors) == {"contract_end"}
    with pytest.raises(FieldErrors) as silent:
        a_case(QUALITY, "advance_compensation", **SILENT).go("advance_compensation", advance=None)
    assert set(silent.value.errors) == {"advance"}


# --- defaults --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "due"),
    [("check", "2026-11-02 11:30"), ("notify_tenant", "2026-11-02 11:30"), ("settle", "2026-11-03 18:00")],
)
def test_stages_have_our_times_and_a_case_ten_working_days(stage: str, due: str) -> None:
    """D4."""
    desk = a_case(QUALITY, stage)
    assert (desk.due(stage), desk.promise().due_at) == (local(due), local("2026-11-16 18:00"))


def test_a_contract_has_no_case_limit() -> None:
    assert a_case(CONTRACT, "renewal_check").case().clock("case") is None


@pytest.mark.parametrize(
    ("answers", "again"),
    [
        ({"solved": True, "score": "3"}, False),
        ({"solved": True, "score": "2"}, True),
        ({"solved": False, "score": "4"}, True),
    ],
)
def test_a_dissatisfied_customer_reopens_the_check(answers: dict[str, Any], again: bool) -> None:
    """D6."""
    desk = a_case(QUALITY, "closed")
    assert (desk.may_act("callback"), desk.due("callback")) == ({"mall_service"}, local("2026-11-05 24:00"))
    with pytest.raises(FieldErrors):
        desk.call("reached", actor=person("mall_service"))
    desk.call("reached", actor=person("mall_service"), **answers)
    assert ("check" in desk.open_stages()) is again
    assert (head("mall_service") in {n.to for n in desk.told("rule")}) is again


def test_three_calls_are_enough_and_unfounded_cases_are_called_too() -> None:
    desk = a_case(QUALITY, "closed", established=False)
    assert desk.case().outcome == "not_upheld"
    for day in ("03", "04", "05"):
        assert desk.open_stages() == ["callback"]
        desk.clock.at = local(f"2026-11-{day} 10:00")
        desk.call("no_answer", actor=person("mall_service"))
    assert "callback" not in desk.open_stages()


def test_an_anonymous_complaint_is_for_the_head() -> None:
    """D10."""
    desk = a_case(QUALITY, "anonymous_check", anonymous=True, customer=None)
    assert (desk.may_act("anonymous_check"), desk.due("anonymous_check")) == (
        {"head of mall_service"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.decide(head("mall_service"), "anonymous_check", "file")
    desk.go("anonymous_check", "file")
    assert desk.case().outcome == "recorded_only"
    assert a_case(QUALITY, "closed", anonymous=True, customer=None).open_stages() == []


def test_what_is_not_accepted_is_confirmed_and_told() -> None:
    """D17."""
    desk = a_case(QUALITY, "check")
    desk.go("check", valid=False, invalid_reason="Bought elsewhere")
    assert (desk.may_act("confirm_invalid"), desk.due("confirm_invalid")) == (
        {"head of mall_service"},
        local("2026-11-03 18:00"),
    )
    desk.go("confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.may_act("tell_invalid"), desk.due("tell_invalid")) == (
        "not_accepted",
        {"mall_service"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("tell_invalid")
    desk.go("tell_invalid", invalid_told="Sorry")
    assert desk.case().status == "finished"


def test_the_customer_is_answered_after_the_tenant_or_the_decision() -> None:
    assert not a_case(QUALITY, "tenant_solution").may_reply()
    assert a_case(QUALITY, "settle").may_reply()
    assert a_case(STAFF, "settle").may_reply()
    assert not a_case(STAFF, "staff_measure").may_reply()


@pytest.mark.parametrize("who", ["mall_service", "mall_manager"])
def test_a_department_objects_within_five_working_days(who: str) -> None:
    """D12."""
    assert objects_within_five_working_days(lambda: a_case(QUALITY, "closed"), who, outsider="general_manager") == [
        "settle"
    ]


def test_numbers_repeats_retention_and_statistics_are_our_defaults() -> None:
    """D7, D8, D9, D15."""
    desk = Mall("2026-11-30 10:00")
    desk.register("case1", **QUALITY)
    desk.register("case2", **CONTRACT)
    desk.clock.at = local("2026-12-01 10:00")
    desk.register("case3", **STAFF)
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]
    policy = bundle(ID).policy
    assert keeping(ID) == (3, "years", "mall_service")
    assert repeats(ID) == (("customer", "tenant_name", "product"), 3, "months")
    duty = policy.duties["monthly_statistics"]
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "mall_service",
        ["general_manager"],
    )


# --- who may -----------------------------------------------------------------------------------------------------------------------


WHO_MAY: dict[str, tuple[dict[str, Any], dict[str, Any], set[str], str]] = {
    "check": (QUALITY, {}, {"mall_service"}, "check"),
    "staff_measure": (STAFF, {}, {"mall_manager"}, "measure"),
    "notify_tenant": (QUALITY, {}, {"mall_service"}, "notified"),
    "tenant_solution": (QUALITY, {}, {"mall_service"}, "recorded"),
    "advance_compensation": (QUALITY, SILENT, {"mall_manager"}, "decide"),
    "settle": (QUALITY, {}, {"mall_service"}, "settle"),
    "renewal_check": (CONTRACT, {}, {"mall_manager"}, "ended renewed"),
}


ELSEWHERE = {
    "intake": "register", "anonymous_check": "investigate file", "confirm_invalid": "confirm", "tell_invalid": "told", "feed_back": "fed_back",
    "claim_rest": "claimed", "sanction_ruling": "impose refuse", "deposit_release": "released", "objection_ruling": "dismiss grant",
    "callback": "satisfied unreached dissatisfied",
}  # fmt: skip


@pytest.mark.clauses(ID, "四(一)2", "四(一)3", "四(一)5")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide(stage: str) -> None:
    """Everybody who is not named is refused; the tenant is outside and decides nothing."""
    first, changes, who, _ = WHO_MAY[stage]
    assert a_case(first, stage, **changes).may_act(stage) == who


def test_what_may_be_decided_at_every_stage() -> None:
    """A return is open to every decider (D18)."""
    wanted = ELSEWHERE | {stage: row[3] for stage, row in WHO_MAY.items()}
    assert decisions_by_stage(ID) == {stage: f"{said} return" for stage, said in wanted.items()}


def test_the_service_desk_registers_at_once() -> None:
    desk = a_case(QUALITY, "check")
    desk.decide(person("mall_service"), "check", "return", reason="Which tenant?", to_stage="intake")
    assert (desk.may_act("intake"), desk.due("intake")) == ({"mall_service", "reporter"}, local("2026-11-02 11:30"))
