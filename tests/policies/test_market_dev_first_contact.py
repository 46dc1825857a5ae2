"""客戶投訴管理制度（篇二）: the first contact answers, five working days or the agreed day, compensation and appeal."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.market import ANYBODY, CUSTOMERS_CAUSE, FIELDS, ID, UNCLEAR, Market, a_case, late, sanctioned
from tests.support.policy_desk import head, person

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
    task = desk.begin_duty("holiday_roster", "2026-11")
    assert desk.due("holiday_roster", task) == local("2026-11-05 24:00")
    with pytest.raises(FieldErrors) as refused:
        desk.decide(person("administration"), "holiday_roster", case_id=task)
    assert set(refused.value.errors) == {"roster"}
    desk.decide(
        person("administration"), "holiday_roster", case_id=task, roster=[{"day": "2026-11-07", "person": ANYBODY}]
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
