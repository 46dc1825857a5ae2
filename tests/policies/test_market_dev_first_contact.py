"""客戶投訴管理制度（篇二）: the first contact answers, five working days or the agreed day, compensation and appeal."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person

ID = "market-dev-first-contact"
ANYBODY = "UREPORTER"
COMPLAINT: dict[str, Any] = {
    "customer": "C-0417", "anonymous": False, "channel": "phone", "origin": "direct", "subject": "product",
    "content": "The pump leaks", "customer_reason": "New since May", "demand": "Repair it", "solvable_alone": False,
}  # fmt: skip
FIELDS: dict[str, dict[str, Any]] = {
    "register": {"valid": True, "convened": ["sales", "workshop"]},
    "joint_analysis": {"cause": "Seal", "liability": "company_side", "plan": "New seal", "responsible_unit": "workshop"},
    "unclear_ruling": {"ruled_liability": "company_side", "ruling_reason": "Our drawing", "responsible_unit": "workshop"},
    "customer_cause": {"explanation": "Ran dry", "assistance": "Showed how", "reply_channel": "by_phone"},
    "company_cause": {"answer_given": "Seal changed", "solution": "Seal", "reply_channel": "by_phone", "customer_satisfied": True},
    "register_result": {"final_result": "Repaired"},
    "handling_opinion": {"handling_opinion_text": "Handled well", "employee_at_fault": False},
    "late_reason": {"good_reason": False, "reason_finding": "Forgotten"},
}  # fmt: skip
FAULT: dict[str, Any] = {
    "employee_at_fault": True, "fault_kind": "over_promise", "employee": "USELLER", "company_loss": "5000",
    "customer_loss_paid": "20000", "commission_paid": "640", "assessment_pay": "3500",
    "deductions": [{"person": "USELLER", "deduction": "200"}],
}  # fmt: skip
LATE = {
    "late_persons": ["first_contact_person", "handler"],
    "deductions": [{"person": ANYBODY, "deduction": "100"}, {"person": "UWORKSHOP1", "deduction": "80.50"}],
    "criticism": "Two days late",
}


class Market(PolicyDesk):
    """The company at work; a test names only what differs from the usual case."""

    __test__ = False
    usual = FIELDS

    def __init__(self, now: str = "2026-11-02 09:30", **plan: Any) -> None:
        super().__init__(ID, now, departments=("sales", "workshop"), **plan)

    def complain(self, case_id: str = "case1", **changes: Any) -> None:
        given = {n: v for n, v in {**COMPLAINT, **changes}.items() if v is not None}
        self.log(actor=ANYBODY, case_id=case_id, **given)


def a_case(stage: str = "register", **changes: Any) -> Market:
    desk = Market()
    first = {*COMPLAINT, "agreed_on", "agreed_with", "agreed_at"}
    desk.complain(**{n: v for n, v in changes.items() if n in first})
    return desk.to(stage, **{n: v for n, v in changes.items() if n not in first})


CUSTOMERS_CAUSE = {"liability": "customer_side", "responsible_unit": None, "explaining_unit": "sales"}
UNCLEAR = {"liability": "unclear", "responsible_unit": None, "submit_to": "deputy_gm"}
AGREED = {"agreed_with": "Ms Li", "agreed_at": "2026-11-02T10:00:00+08:00"}


def both(role: str) -> set[str]:
    return {person(role, 1), person(role, 2)}


def sanctioned(**changes: Any) -> Market:
    """A closed case whose opinion finds an employee at fault."""
    desk = a_case("closed")
    desk.go("handling_opinion", **{**FAULT, **changes})
    return desk


def late(**changes: Any) -> Market:
    """A closed case that missed its five working days, at the judgement of the reason."""
    desk = a_case("register", **changes)
    desk.at("2026-11-10 09:30")
    return desk.to("closed")


# --- the main route --------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(四)1", "(四)3", "(四)4b", "(四)6", "(三)1", "(三)2", "(三)3", "(三)5")
@pytest.mark.capabilities("IN-03", "RT-05", "GA-11", "OS-01", "CL-12")
def test_a_complaint_goes_from_the_first_contact_to_the_registered_result() -> None:
    """(四)1–6: first contact, registration, joint analysis, answer by the department responsible, registered result."""
    desk = Market()
    desk.complain()
    case = desk.case()
    assert (case.number, case.reporter, desk.roles("register")) == ("202611-001", ANYBODY, ["market_dev"])
    desk.go("register")
    assert desk.roles("joint_analysis") == ["market_dev", "sales", "workshop"]
    desk.go("joint_analysis")
    assert desk.roles("company_cause") == ["workshop"]
    desk.go("company_cause")
    assert desk.roles("register_result") == ["market_dev"]
    desk.go("register_result")
    assert (desk.case().status, desk.case().outcome) == ("closed", "company_caused")
    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["complaint_register", "result_register"]
    assert desk.happened(e.RegisterEntered)[0].row["customer"] == "C-0417"


@pytest.mark.clauses(ID, "(四)3")
@pytest.mark.capabilities("RT-05")
def test_market_development_concludes_only_after_the_departments_it_called() -> None:
    """(四)3 「市場發展部根據客戶投訴內容召集相關部門人員分析原因,判定責任歸屬,制定處理方案」."""
    desk = a_case("joint_analysis")
    with pytest.raises(NotAuthorized) as early:
        desk.decide(person("market_dev"), "joint_analysis", **FIELDS["joint_analysis"])
    assert early.value.reason == "not_your_turn"
    desk.decide(person("sales"), "joint_analysis")
    desk.decide(person("workshop"), "joint_analysis")
    desk.decide(person("market_dev"), "joint_analysis", **FIELDS["joint_analysis"])
    assert desk.open_stages() == ["company_cause"]


@pytest.mark.clauses(ID, "(四)2")
@pytest.mark.capabilities("IN-04")
def test_what_the_first_contact_can_solve_is_solved_at_once() -> None:
    """(四)2 「對能夠獨立解決的客戶投訴問題,應立即予以解釋、解決」: two working hours (D3)."""
    desk = Market()
    desk.complain(solvable_alone=True)
    assert (desk.may_act("self_solve"), desk.due("self_solve")) == ({"reporter"}, local("2026-11-02 11:30"))
    with pytest.raises(FieldErrors) as refused:
        desk.decide(ANYBODY, "self_solve", "settled")
    assert set(refused.value.errors) == {"explanation"}

    desk.decide(ANYBODY, "self_solve", "settled", explanation="Turn the valve")

    assert (desk.case().outcome, desk.open_stages()) == ("solved_at_once", ["callback"])
    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["solved_at_once_register"]


@pytest.mark.clauses(ID, "(四)2")
def test_what_the_first_contact_could_not_solve_after_all_is_passed_on() -> None:
    desk = Market()
    desk.complain(solvable_alone=True)
    desk.decide(ANYBODY, "self_solve", "pass_on", explanation="It did not help")
    assert desk.open_stages() == ["register"]


@pytest.mark.clauses(ID, "(四)4a")
@pytest.mark.capabilities("CL-12", "OS-01")
def test_the_customers_own_cause_is_explained_and_the_customer_is_helped() -> None:
    """(四)4 「對屬于客戶自身原因的,公司由市場發展部或相關部門予以解釋,協助客戶解決問題」."""
    desk = a_case("customer_cause", **CUSTOMERS_CAUSE)
    assert desk.roles("customer_cause") == ["sales"]
    desk.go("customer_cause")
    desk.go("register_result")
    assert desk.case().outcome == "customer_caused"

    assert a_case("customer_cause", **{**CUSTOMERS_CAUSE, "explaining_unit": "market_dev"}).roles("customer_cause") == [
        "market_dev"
    ]


@pytest.mark.clauses(ID, "(四)4b")
@pytest.mark.capabilities("RT-11", "CC-17")
def test_a_company_cause_is_handled_until_the_customer_is_satisfied() -> None:
    """(四)4 「給予答復、解決問題,直到客戶滿意」."""
    desk = a_case("company_cause")
    for _ in range(4):
        desk.go("company_cause", customer_satisfied=False)
        assert (desk.open_stages(), desk.roles("company_cause")) == (["company_cause"], ["workshop"])
    desk.go("company_cause", customer_satisfied=True)
    assert desk.open_stages() == ["register_result"]


@pytest.mark.capabilities("RT-11")
def test_five_answers_without_success_go_to_the_general_manager() -> None:
    """Our default: the loop has an end."""
    desk = a_case("company_cause")
    for _ in range(5):
        desk.go("company_cause", customer_satisfied=False)
    assert desk.roles("satisfaction_ruling") == ["general_manager"]
    with pytest.raises(FieldErrors):
        desk.go("satisfaction_ruling", "rule")
    desk.go("satisfaction_ruling", "rule", ruling_reason="Money back")
    assert desk.open_stages() == ["register_result"]


@pytest.mark.clauses(ID, "(四)X")
@pytest.mark.capabilities("RT-12", "DL-12")
@pytest.mark.parametrize("top", ["deputy_gm", "general_manager"])
@pytest.mark.parametrize(
    ("ruled", "unit", "stage"),
    [("customer_side", "explaining_unit", "customer_cause"), ("company_side", "responsible_unit", "company_cause")],
)
def test_an_unclear_responsibility_is_decided_by_the_deputy_or_the_general_manager(
    top: str, ruled: str, unit: str, stage: str
) -> None:
    """(四)X 「責任難以明確的……由市場發展部提交公司分管副總或總經理處理」."""
    desk = a_case("unclear_ruling", **{**UNCLEAR, "submit_to": top})
    assert desk.may_act("unclear_ruling") == {top}
    with pytest.raises(FieldErrors) as refused:
        desk.go("unclear_ruling", ruled_liability=ruled, responsible_unit=None, ruling_reason=None)
    assert set(refused.value.errors) == {unit, "ruling_reason"}

    desk.go("unclear_ruling", **{"ruled_liability": ruled, "responsible_unit": None, unit: "sales"})

    assert (desk.open_stages(), desk.roles(stage)) == ([stage], ["sales"])


# --- what must be written down -----------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(四)1", "(一)")
@pytest.mark.capabilities("IN-01", "IN-02")
@pytest.mark.parametrize(
    "missing",
    ["customer", "channel", "origin", "subject", "content", "customer_reason", "demand", "solvable_alone", "anonymous"],
)
def test_the_first_contact_writes_down_content_reason_and_demand(missing: str) -> None:
    """(四)1 「必須對客戶投訴進行記錄,了解客戶投訴內容、理由及要求」; (一) 「通過信函、傳真、電話、E-MAIL等方式直接或……間接」."""
    with pytest.raises(FieldErrors) as refused:
        Market().complain(**{missing: None})
    assert missing in refused.value.errors


@pytest.mark.clauses(ID, "(一)")
@pytest.mark.capabilities("IN-01", "IN-02")
@pytest.mark.parametrize("channel", ["letter", "fax", "phone", "email"])
def test_a_complaint_comes_by_any_way_directly_or_through_an_association(channel: str) -> None:
    """(一) 「通過信函、傳真、電話、E-MAIL等方式直接或通過消協等機構間接」."""
    desk = Market()
    desk.complain(channel=channel, origin="indirect", through_body="Consumer association")
    assert desk.open_stages() == ["register"]


@pytest.mark.parametrize(
    ("stage", "changes", "missing"),
    [
        ("register", {"convened": None}, {"convened"}),
        ("register", {"valid": False, "convened": None}, {"invalid_reason"}),
        ("joint_analysis", {"cause": None, "plan": None, "responsible_unit": None}, {"cause", "plan", "responsible_unit"}),
        ("joint_analysis", {"liability": None}, {"liability"}),
        ("joint_analysis", {"liability": "customer_side"}, {"explaining_unit"}),
        ("joint_analysis", {"liability": "unclear"}, {"submit_to"}),
        ("company_cause", {"answer_given": None, "solution": None, "reply_channel": None, "customer_satisfied": None},
         {"answer_given", "solution", "reply_channel", "customer_satisfied"}),
        ("register_result", {"final_result": None}, {"final_result"}),
    ],
)  # fmt: skip
@pytest.mark.clauses(ID, "(三)3", "(四)4b", "(四)6")
def test_a_stage_is_refused_without_what_it_must_say(stage: str, changes: dict[str, Any], missing: set[str]) -> None:
    with pytest.raises(FieldErrors) as refused:
        a_case(stage).go(stage, **changes)
    assert set(refused.value.errors) == missing


@pytest.mark.clauses(ID, "(四)4a")
def test_an_explanation_says_what_was_explained_how_the_customer_was_helped_and_by_which_way() -> None:
    with pytest.raises(FieldErrors) as refused:
        a_case("customer_cause", **CUSTOMERS_CAUSE).go(
            "customer_cause", explanation=None, assistance=None, reply_channel=None
        )
    assert set(refused.value.errors) == {"explanation", "assistance", "reply_channel"}


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


# --- advice, callback, defaults -------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(三)6")
@pytest.mark.capabilities("OS-17")
def test_market_development_advises_departments_and_each_answers() -> None:
    """(三)6 「對公司相關部門提出改進產品、服務的建議」."""
    desk = a_case("register_result")
    desk.go("register_result", advice="Better seals", advised_units=["workshop", "sales"])
    assert (desk.roles("take_advice"), desk.due("take_advice")) == (["workshop", "sales"], local("2026-11-09 18:00"))
    with pytest.raises(FieldErrors):
        desk.decide(person("workshop"), "take_advice", "answer")
    desk.decide(person("workshop"), "take_advice", "answer", advice_answer="From June")
    desk.decide(person("sales"), "take_advice", "answer")
    assert "take_advice" not in desk.open_stages()
    assert "take_advice" not in a_case("closed").open_stages()


@pytest.mark.capabilities("CC-17")
def test_the_customer_is_called_back_within_three_days_and_dissatisfaction_reopens_the_analysis() -> None:
    """D6."""
    desk = a_case("closed")
    assert (desk.roles("callback"), desk.due("callback")) == (["market_dev"], local("2026-11-05 24:00"))
    with pytest.raises(FieldErrors) as refused:
        desk.call("reached", actor=person("market_dev"))
    assert set(refused.value.errors) == {"solved", "score"}
    desk.call("reached", actor=person("market_dev"), solved=True, score="2")
    assert "joint_analysis" in desk.open_stages()
    assert head("market_dev") in {n.to for n in desk.told("rule")}


@pytest.mark.parametrize(
    ("answers", "again"), [({"solved": True, "score": "3"}, False), ({"solved": False, "score": "5"}, True)]
)
def test_only_what_is_not_solved_or_scored_two_and_below_reopens(answers: dict[str, Any], again: bool) -> None:
    desk = a_case("closed")
    desk.call("reached", actor=person("market_dev"), **answers)
    assert ("joint_analysis" in desk.open_stages()) is again


def test_three_calls_a_working_day_apart_and_nobody_answers() -> None:
    desk = a_case("closed")
    for day in ("2026-11-03 10:00", "2026-11-04 10:00", "2026-11-05 10:00"):
        desk.clock.at = local(day)
        assert "callback" in desk.open_stages()
        desk.call("no_answer", actor=person("market_dev"))
    assert "callback" not in desk.open_stages()


def test_an_anonymous_complaint_is_recorded_and_the_head_decides() -> None:
    """D10: no reply, no callback."""
    desk = Market()
    desk.complain(customer=None, anonymous=True)
    assert desk.may_act("anonymous_check") == {"head of market_dev"}
    desk.decide(head("market_dev"), "anonymous_check", "investigate")
    desk.to("joint_analysis").go("joint_analysis")
    assert desk.open_stages() == ["register_result"]
    desk.go("register_result")
    assert "callback" not in desk.open_stages()

    desk = Market()
    desk.complain(customer=None, anonymous=True)
    with pytest.raises(FieldErrors):
        desk.decide(head("market_dev"), "anonymous_check", "file")
    desk.decide(head("market_dev"), "anonymous_check", "file", reason="No facts")
    assert (desk.case().status, desk.case().outcome) == ("finished", "recorded_only")


def test_what_is_not_accepted_is_confirmed_by_the_head_and_told_politely() -> None:
    """D17."""
    desk = a_case("register")
    desk.go("register", valid=False, convened=None, invalid_reason="Not our product")
    assert (desk.may_act("confirm_invalid"), desk.due("confirm_invalid")) == (
        {"head of market_dev"},
        local("2026-11-03 18:00"),
    )
    desk.decide(head("market_dev"), "confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.may_act("tell_invalid")) == ("not_accepted", {"reporter"})
    with pytest.raises(FieldErrors):
        desk.decide(ANYBODY, "tell_invalid", "told")
    desk.decide(ANYBODY, "tell_invalid", "told", invalid_told="Sorry, it is not ours")
    assert desk.case().status == "finished"


def test_the_customer_is_answered_after_the_decision_not_before() -> None:
    assert not a_case("joint_analysis").may_reply()
    assert not a_case("unclear_ruling", **UNCLEAR).may_reply()
    assert a_case("company_cause").may_reply()
    assert a_case("customer_cause", **CUSTOMERS_CAUSE).may_reply()


def test_a_return_needs_a_reason_and_starts_the_stage_anew() -> None:
    """D18."""
    desk = a_case("company_cause")
    with pytest.raises(FieldErrors):
        desk.decide(person("workshop"), "company_cause", "return")
    desk.decide(person("workshop"), "company_cause", "return", reason="Not our part", to_stage="joint_analysis")
    assert desk.open_stages() == ["joint_analysis"]


def test_numbers_restart_every_month_and_records_are_kept_three_years() -> None:
    """D7, D8, D9."""
    desk = Market("2026-11-30 10:00")
    desk.complain("case1")
    desk.complain("case2")
    desk.clock.at = local("2026-12-01 10:00")
    desk.complain("case3")
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]
    policy = bundle(ID).policy
    assert (str(policy.papers.keep.amount), policy.papers.archive_by) == ("3", "market_dev")
    assert (policy.repeat.same, policy.repeat.within.amount) == (("customer", "subject"), 3)


@pytest.mark.clauses(ID, "(七)")
@pytest.mark.capabilities("IN-20", "GA-07")
def test_the_duties_of_the_month_are_the_statistics_and_the_roster_of_the_holidays() -> None:
    """(七) 「節假日值班制度」; D15."""
    duties = bundle(ID).policy.duties
    assert {n: (d.every, d.by, str(d.who), [str(w) for w in d.send_to]) for n, d in duties.items()} == {
        "monthly_statistics": ("month", "10th", "market_dev", ["general_manager"]),
        "holiday_roster": ("month", "5th", "administration", ["market_dev"]),
    }
    desk = Market("2026-11-02 09:30")
    desk.submit(
        cmd.OpenCase(
            actor="clock",
            key="d1",
            case_id="d1",
            policy=ID,
            fields={},
            kind="duty",
            via="clock",
            duty="holiday_roster",
            period="2026-11",
        )
    )
    assert desk.due("holiday_roster", "d1") == local("2026-11-05 24:00")
    with pytest.raises(FieldErrors) as refused:
        desk.decide(person("administration"), "holiday_roster", case_id="d1")
    assert set(refused.value.errors) == {"roster"}
    desk.decide(
        person("administration"), "holiday_roster", case_id="d1", roster=[{"day": "2026-11-07", "person": ANYBODY}]
    )


# --- who may (四) -----------------------------------------------------------------------------------------------------------

WHO_MAY = {  # stage: how a case gets there, who acts now, what may be decided
    "first_contact": (None, set(), "accept"),
    "anonymous_check": (None, set(), "investigate file"),
    "self_solve": (None, set(), "settled pass_on"),
    "register": (lambda: a_case("register"), {"market_dev"}, "register"),
    "confirm_invalid": (None, set(), "confirm"),
    "tell_invalid": (None, set(), "told"),
    "joint_analysis": (lambda: a_case("joint_analysis"), {"sales", "workshop"}, "approve"),
    "unclear_ruling": (lambda: a_case("unclear_ruling", **UNCLEAR), {"deputy_gm"}, "rule"),
    "customer_cause": (lambda: a_case("customer_cause", **CUSTOMERS_CAUSE), {"sales"}, "explained"),
    "company_cause": (lambda: a_case("company_cause"), {"workshop"}, "answered"),
    "satisfaction_ruling": (None, set(), "rule"),
    "register_result": (lambda: a_case("register_result"), {"market_dev"}, "close"),
    "late_reason": (late, {"head of market_dev"}, "judge"),
    "handling_opinion": (lambda: a_case("closed"), {"general_manager"}, "give_opinion"),
    "sanction_approval": (sanctioned, {"general_manager"}, "approve"),
    "agree_instalments": (None, set(), "agree"),
    "appeal_ruling": (None, set(), "dismiss grant"),
    "execute_sanction": (None, set(), "executed"),
    "take_advice": (None, set(), "answer"),
    "callback": (lambda: a_case("closed"), {"market_dev"}, "satisfied unreached dissatisfied"),
}


@pytest.mark.clauses(ID, "(四)1", "(四)3", "(四)4a", "(四)4b", "(四)7", "(四)X")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide_what(stage: str) -> None:
    """Everybody who is not named is refused; a return is open to every decider (D18)."""
    build, who, decisions = WHO_MAY[stage]
    assert list(decisions_of(bundle(ID).policy.stages[stage])) == [*decisions.split(), "return"]
    if build is not None:
        assert build().may_act(stage) == who


def test_the_table_of_who_may_is_complete() -> None:
    assert set(WHO_MAY) == set(bundle(ID).policy.stages)
