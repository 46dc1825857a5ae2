"""(五), (四)7, (六): five working days or the day agreed, lateness, opinions, penalties, compensation."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.market import ANYBODY, CUSTOMERS_CAUSE, ID, UNCLEAR, Market, a_case, late, sanctioned
from tests.support.policy_desk import head, person

LATE = {
    "late_persons": ["first_contact_person", "handler"],
    "deductions": [{"person": ANYBODY, "deduction": "100"}, {"person": "UWORKSHOP1", "deduction": "80.50"}],
    "criticism": "Two days late",
}


AGREED = {"agreed_with": "Ms Li", "agreed_at": "2026-11-02T10:00:00+08:00"}


def both(role: str) -> set[str]:
    return {person(role, 1), person(role, 2)}


# --- time (五) ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(五)")
@pytest.mark.capabilities("DL-01", "DL-02", "GA-07", "IN-20")
@pytest.mark.parametrize(
    ("logged", "due"),
    [
        ("2026-11-02 09:30", "2026-11-09 18:00"),  # Monday: five working days, the weekend does not count
        ("2026-11-07 10:00", "2026-11-13 18:00"),  # taken in on a Saturday by who has duty
        ("2026-09-29 10:00", "2026-10-12 18:00"),  # 1 to 7 October are holidays, Saturday 10 October is worked
    ],
)
def test_a_case_has_five_working_days_from_the_first_contact(logged: str, due: str) -> None:
    """(五) 「自“首問責任人”受理起5個工作日」."""
    desk = Market(logged)
    desk.complain()
    assert desk.promise().due_at == local(due)


@pytest.mark.clauses(ID, "(五)", "(四)4b")
@pytest.mark.capabilities("DL-06")
@pytest.mark.parametrize("day", ["2026-11-04", "2026-11-20"])
def test_the_day_agreed_with_the_customer_replaces_the_five_days_earlier_or_later(day: str) -> None:
    """(五) 「或客戶與公司協商確定的日期」; (四)4 「在客戶指定的期限內」."""
    desk = a_case("company_cause", agreed_on=day, **AGREED)
    assert desk.promise().due_at == local(f"{day} 24:00")
    assert desk.due("company_cause") == local(f"{day} 24:00")


@pytest.mark.clauses(ID, "(五)")
@pytest.mark.capabilities("DL-06")
@pytest.mark.parametrize("stage", ["register", "joint_analysis"])
def test_a_day_agreed_later_moves_the_promise(stage: str) -> None:
    desk = a_case(stage)
    assert desk.promise().due_at == local("2026-11-09 18:00")
    desk.go(stage, agreed_on="2026-11-12", **AGREED)
    assert desk.promise().due_at == local("2026-11-12 24:00")


@pytest.mark.capabilities("DL-06")
def test_an_agreed_day_counts_only_with_whom_and_when_and_not_in_the_past() -> None:
    """Our default: entered with the customer's name and the time of the agreement."""
    with pytest.raises(FieldErrors) as refused:
        Market().complain(agreed_on="2026-11-12")
    assert set(refused.value.errors) == {"agreed_with", "agreed_at"}
    with pytest.raises(FieldErrors) as past:
        Market().complain(agreed_on="2026-11-01", **AGREED)
    assert set(past.value.errors) == {"agreed_on"}


@pytest.mark.clauses(ID, "(五)")
def test_the_clock_stops_when_the_customer_is_satisfied_not_before() -> None:
    desk = a_case("company_cause")
    desk.go("company_cause", customer_satisfied=False)
    assert desk.promise().ended is None
    desk.go("company_cause", customer_satisfied=True)
    assert desk.promise().ended == "stopped"


@pytest.mark.parametrize(
    ("stage", "changes", "due"),
    [
        ("register", {}, "2026-11-03 18:00"),
        ("joint_analysis", {}, "2026-11-03 18:00"),
        ("unclear_ruling", UNCLEAR, "2026-11-03 18:00"),
        ("customer_cause", CUSTOMERS_CAUSE, "2026-11-03 18:00"),
        ("company_cause", {}, "2026-11-03 18:00"),
        ("register_result", {}, "2026-11-03 18:00"),
        ("handling_opinion", {}, "2026-11-04 18:00"),
    ],
)
def test_a_stage_without_a_limit_of_its_own_gets_its_share(stage: str, changes: dict[str, Any], due: str) -> None:
    """D4: five days in five stages; two working days after closing."""
    desk = a_case("closed" if stage == "handling_opinion" else stage, **changes)
    assert desk.due(stage) == local(due)


@pytest.mark.clauses(ID, "(三)4", "(四)5", "(四)1")
@pytest.mark.capabilities("DL-10", "DL-22", "LP-09")
def test_market_development_supervises_and_lateness_climbs_to_the_general_manager() -> None:
    """(三)4 「對客戶投訴的處理進程進行督促」; the head of administration, who may be liable (六)1, is copied; D5."""
    desk = a_case("register")
    desk.at("2026-11-11 10:00")

    owners, top = both("market_dev"), both("general_manager")
    assert desk.steps(desk.promise()) == {
        "reminder": (local("2026-11-09 09:00"), owners),
        "reminder_slip": (
            local("2026-11-09 18:00"),
            {*owners, head("market_dev"), ANYBODY, head("administration")},
        ),
        "escalation": (local("2026-11-10 18:00"), top),
    }


@pytest.mark.clauses(ID, "(四)5")
@pytest.mark.capabilities("DL-10")
def test_market_development_may_urge_the_department_at_any_time() -> None:
    """(四)5 「市場發展部對客戶投訴的處理進程進行督促」."""
    desk = a_case("company_cause")
    desk.act(cmd.Urge, person("market_dev", 2), visit=desk.visit("company_cause"), words="The customer waits")
    assert len(desk.happened(e.Urged)) == 1


@pytest.mark.capabilities("DL-22")
def test_a_late_stage_is_told_to_owner_head_and_market_development_and_then_to_the_top() -> None:
    desk = a_case("company_cause")
    desk.at("2026-11-06 10:00")
    assert {as_: told for as_, (_, told) in desk.steps(desk.stage_clock("company_cause")).items()} == {
        "reminder": both("workshop"),
        "reminder_slip": {*both("workshop"), head("workshop"), *both("market_dev")},
        "escalation": both("general_manager"),
    }


@pytest.mark.clauses(ID, "(四)1")
@pytest.mark.capabilities("IN-03")
def test_the_first_contact_follows_the_case_to_its_end() -> None:
    """(四)1 「“首問責任人”必須關注、配合客戶投訴的處理進程」: told when the plan stands and when it closes."""
    desk = a_case("closed")
    assert [n.to for n in desk.told("rule")].count(ANYBODY) == 2


# --- opinion, penalties, compensation (四)7, (六) ---------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(四)7")
def test_the_superior_of_the_department_gives_an_opinion_on_every_handled_complaint() -> None:
    """(四)7 「由投訴處理部門上級主管或總經理提出投訴處理意見」; a department without a superior has the general manager."""
    desk = a_case("closed")
    assert desk.may_act("handling_opinion") == {"general_manager"}
    desk.go("handling_opinion")
    assert desk.open_stages() == ["callback"]
    assert a_case("closed", **CUSTOMERS_CAUSE).may_act("handling_opinion") == {"general_manager"}


@pytest.mark.clauses(ID, "(四)7")
@pytest.mark.parametrize(("changes", "unit"), [({}, "workshop"), (CUSTOMERS_CAUSE, "sales")])
def test_the_superior_is_that_of_the_department_that_handled_it(changes: dict[str, Any], unit: str) -> None:
    desk = Market()
    roles = dict(desk.plan.roles)
    from dataclasses import replace

    roles[unit] = replace(roles[unit], superior="deputy_gm")
    desk = Market(roles=roles)
    desk.complain()
    desk.to("closed", **changes)
    assert desk.may_act("handling_opinion") == {"deputy_gm"}


@pytest.mark.clauses(ID, "(四)7", "(六)1")
@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"handling_opinion_text": None, "employee_at_fault": None}, {"handling_opinion_text", "employee_at_fault"}),
        ({"employee_at_fault": True}, {"fault_kind", "employee", "company_loss", "customer_loss_paid", "commission_paid", "assessment_pay", "deductions"}),
    ],
)  # fmt: skip
def test_an_opinion_says_who_and_how_much(changes: dict[str, Any], missing: set[str]) -> None:
    with pytest.raises(FieldErrors) as refused:
        a_case("closed").go("handling_opinion", **changes)
    assert set(refused.value.errors) == missing


@pytest.mark.clauses(ID, "(六)2")
@pytest.mark.capabilities("LP-06")
@pytest.mark.parametrize(
    ("company", "customer", "compensation"),
    [
        ("8000", "0", "1600.00"),
        ("9999.99", "0", "2000.00"),  # 1999.998
        ("10000", "0", "2000.00"),
        ("10000.01", "0", "2000.00"),  # 2000.001
        ("10000.05", "0", "2000.01"),  # 2000.005, half up
        ("5000", "20000", "3500.00"),
        ("0", "25000", "3500.00"),
    ],
)
def test_the_employee_pays_a_fifth_up_to_ten_thousand_and_a_tenth_above(
    company: str, customer: str, compensation: str
) -> None:
    """(六)2 「10000元以內部分按20%……10000元以上部分按10%的比例進行賠償」: of both losses."""
    desk = sanctioned(company_loss=company, customer_loss_paid=customer)
    assert desk.case().amounts["compensation"] == compensation


@pytest.mark.clauses(ID, "(六)2")
@pytest.mark.capabilities("LP-07")
def test_the_commission_of_the_deal_is_taken_back_whole() -> None:
    """(六)2 「同時取消該筆業務的提成(已發放的予以扣回)」."""
    desk = sanctioned()
    assert (desk.case().amounts["commission_reclaimed"], desk.case().amounts["pay_deduction"]) == ("640.00", "200.00")


@pytest.mark.clauses(ID, "(六)2")
def test_without_a_fault_nobody_pays() -> None:
    desk = a_case("closed")
    desk.go("handling_opinion")
    assert not {"compensation", "commission_reclaimed", "pay_deduction"} & set(desk.case().amounts)


@pytest.mark.clauses(ID, "(六)3", "(四)7")
def test_a_sanction_is_approved_by_the_general_manager_and_deducted_in_the_month() -> None:
    """(六)3 「當月考核工資中予以相應扣除;賠償損失的一般在當月進行」; not before the time to appeal is over."""
    desk = sanctioned(company_loss="100", customer_loss_paid="0")
    assert (desk.may_act("sanction_approval"), desk.due("sanction_approval")) == (
        {"general_manager"},
        local("2026-11-04 18:00"),
    )
    desk.decide(person("general_manager", 2), "sanction_approval")
    assert {"USELLER"} <= {n.to for n in desk.told("rule")}
    desk.at("2026-11-09 17:59")
    assert "execute_sanction" not in desk.open_stages()
    desk.at("2026-11-09 18:00")
    assert (desk.roles("execute_sanction"), desk.due("execute_sanction")) == (
        ["administration"],
        local("2026-12-09 24:00"),
    )
    with pytest.raises(FieldErrors) as refused:
        desk.go("execute_sanction", "executed")
    assert set(refused.value.errors) == {"deducted_on", "commission_cancelled"}
    desk.go("execute_sanction", "executed", deducted_on="2026-11-30", commission_cancelled=True)


@pytest.mark.clauses(ID, "(六)3")
@pytest.mark.capabilities("LP-10")
@pytest.mark.parametrize(("pay", "agreed"), [("3500", False), ("3499.99", True), ("3500.01", False)])
def test_more_than_a_months_assessment_pay_is_paid_by_agreement(pay: str, agreed: bool) -> None:
    """(六)3 「金額較大的,由員工與公司協商支付期限及支付方式」; large = more than one month's assessment pay (ours)."""
    desk = sanctioned(assessment_pay=pay)
    desk.decide(person("general_manager", 2), "sanction_approval")
    assert ("agree_instalments" in desk.open_stages()) is agreed
    if not agreed:
        return
    assert desk.roles("agree_instalments") == ["administration", "USELLER"]
    assert desk.due("agree_instalments") == local("2026-11-09 18:00")
    with pytest.raises(FieldErrors) as refused:
        desk.go("agree_instalments", "agree")
    assert set(refused.value.errors) == {"instalments", "payment_way"}
    lines = [{"due_on": "2026-12-10", "instalment": "1750"}, {"due_on": "2027-01-10", "instalment": "1750"}]
    desk.go("agree_instalments", "agree", instalments=lines, payment_way="From wages")
    assert desk.case().amounts["instalments_agreed"] == "3500.00"


@pytest.mark.clauses(ID, "(四)7")
@pytest.mark.capabilities("LP-17")
def test_who_is_sanctioned_may_appeal_to_the_general_manager_within_five_working_days() -> None:
    """(四)7 「被處罰人有異議的可向總經理申訴」; the time is D12's."""
    desk = sanctioned()
    desk.decide(person("general_manager", 2), "sanction_approval")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, ANYBODY, route="appeal", fields={"appeal_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, "USELLER", route="appeal", fields={})
    desk.clock.at = local("2026-11-09 18:00")
    desk.act(cmd.BeginRoute, "USELLER", route="appeal", fields={"appeal_reason": "It was my chief"})

    assert (desk.may_act("appeal_ruling"), desk.due("appeal_ruling")) == (
        {"general_manager"},
        local("2026-11-11 18:00"),
    )
    desk.tick()
    assert "execute_sanction" not in desk.open_stages()
    desk.go("appeal_ruling", "dismiss", appeal_ruling_text="It stands")
    assert "execute_sanction" in desk.open_stages()


@pytest.mark.clauses(ID, "(四)7")
@pytest.mark.capabilities("LP-17")
def test_an_appeal_that_is_granted_ends_the_sanction() -> None:
    desk = sanctioned()
    desk.decide(person("general_manager", 2), "sanction_approval")
    desk.act(cmd.BeginRoute, "USELLER", route="appeal", fields={"appeal_reason": "Not my deal"})
    with pytest.raises(FieldErrors) as refused:
        desk.go("appeal_ruling", "grant")
    assert set(refused.value.errors) == {"appeal_ruling_text"}
    desk.go("appeal_ruling", "grant", appeal_ruling_text="Right")
    desk.at("2026-12-20 09:00")
    assert "execute_sanction" not in desk.open_stages()


@pytest.mark.capabilities("LP-17")
def test_after_five_working_days_nobody_appeals() -> None:
    desk = sanctioned()
    desk.decide(person("general_manager", 2), "sanction_approval")
    desk.clock.at = local("2026-11-09 18:01")
    with pytest.raises(NotAllowedHere) as late_appeal:
        desk.act(cmd.BeginRoute, "USELLER", route="appeal", fields={"appeal_reason": "x"})
    assert late_appeal.value.reason == "time_is_over"


@pytest.mark.clauses(ID, "(六)1", "(四)1")
@pytest.mark.capabilities("LP-09")
def test_a_late_case_without_good_reason_costs_pay_and_is_criticised_by_name() -> None:
    """(六)1 「無合理理由而對客戶投訴未能按時解決……當月考核工資應予以相應扣除,并予以點名批評」; the reason is judged first (ours)."""
    desk = late()
    assert desk.may_act("late_reason") == {"head of market_dev"}
    with pytest.raises(FieldErrors) as silent:
        desk.go("late_reason", good_reason=None, reason_finding=None)
    assert set(silent.value.errors) == {"good_reason", "reason_finding"}
    desk.go("late_reason")
    with pytest.raises(FieldErrors) as refused:
        desk.go("handling_opinion")
    assert set(refused.value.errors) == {"late_persons", "deductions", "criticism"}

    desk.go("handling_opinion", **LATE)
    desk.decide(person("general_manager", 2), "sanction_approval")

    assert desk.case().amounts["pay_deduction"] == "180.50"
    desk.act(cmd.BeginRoute, "UWORKSHOP1", route="appeal", fields={"appeal_reason": "The part was late"})
    assert "appeal_ruling" in desk.open_stages()


@pytest.mark.clauses(ID, "(六)1")
def test_a_late_case_with_a_good_reason_costs_nothing() -> None:
    desk = late()
    desk.go("late_reason", good_reason=True)
    desk.go("handling_opinion")
    assert desk.open_stages() == ["callback"]


@pytest.mark.clauses(ID, "(四)1")
@pytest.mark.capabilities("IN-03", "LP-09")
def test_the_first_contact_is_jointly_liable_when_an_agreed_day_was_missed() -> None:
    """(四)1 「未能按客戶指定期限內解決客戶投訴的,“首問責任人”承擔連帶責任」."""
    desk = late(agreed_on="2026-11-05", **AGREED)
    desk.go("late_reason")
    with pytest.raises(FieldErrors) as refused:
        desk.go("handling_opinion", **{**LATE, "late_persons": ["handler"]})
    assert set(refused.value.errors) == {"late_persons"}
    desk.go("handling_opinion", **LATE)

    desk = late()
    desk.go("late_reason")
    desk.go("handling_opinion", **{**LATE, "late_persons": ["administration_head", "handlers_head"]})
