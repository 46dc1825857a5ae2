"""The circuit-board regulation after a decision: objection, improvement, punishment, callback, and who judges."""

from __future__ import annotations

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized, Recused
from tests.support.company import local
from tests.support.pcb import FIELDS, PcbDesk, a_case

ID = "pcb-manufacturer"

# --- objection of a department (九)12 --------------------------------------------------------------------------------------------------


def object_to(desk: PcbDesk, who: str = "UPROD") -> None:
    desk.act(cmd.BeginRoute, who, route="objection", fields={"objection_reason": "It was the supplier"})


@pytest.mark.clauses(ID, "(九)12")
@pytest.mark.parametrize("who", ["USALES2", "UQUAL1", "UPQA", "UPROD", "UMGR", "URND", "UACC", "UWH", "USVC"])
def test_every_department_may_object_to_the_decision(who: str) -> None:
    """(九)12 「各部門對客戶投訴處理決議有異議時得以簽呈專案呈報處理」; D12: decided by the general manager."""
    desk = a_case("closed")
    object_to(desk, who)
    assert desk.roles("objection_ruling") == ["general_manager"]
    assert desk.due("objection_ruling") == local("2026-11-04 18:00")  # two working days (D4)


def test_an_objection_needs_a_decision_a_reason_and_a_department() -> None:
    """D12: reason mandatory; there is nothing to object to before the final decision."""
    desk = a_case("final_decision")
    with pytest.raises(NotAllowedHere):
        object_to(desk)
    desk.to("closed")
    with pytest.raises(FieldErrors) as refused:
        desk.act(cmd.BeginRoute, "UPROD", route="objection")
    assert set(refused.value.errors) == {"objection_reason"}
    for stranger in ("UHR", "UNOBODY"):
        with pytest.raises(NotAuthorized):
            object_to(desk, stranger)


@pytest.mark.clauses(ID, "(九)12")
@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_an_objection_is_possible_for_five_working_days(when: str, allowed: bool) -> None:
    """D12: within 5 working days of the decision (Monday the 2nd: till closing time of Monday the 9th)."""
    desk = a_case("closed")
    desk.clock.at = local(when)
    if allowed:
        object_to(desk)
        return
    with pytest.raises(NotAllowedHere) as refused:
        object_to(desk)
    assert refused.value.reason == "time_is_over"
    assert refused.value.source == "(九)12"


def test_only_one_objection_is_open_at_a_time() -> None:
    desk = a_case("closed")
    object_to(desk)
    with pytest.raises(NotAllowedHere) as refused:
        object_to(desk, "UQUAL1")
    assert refused.value.reason == "route_open_already"


@pytest.mark.clauses(ID, "(九)12")
@pytest.mark.capabilities("RT-18")
def test_a_dismissed_objection_changes_nothing() -> None:
    """D12: the ruling of the general manager is final."""
    desk = a_case("closed", own_quality_problem=False)
    object_to(desk)
    desk.decide("UGM", "objection_ruling", "dismiss", ruling_reason="The samples show it")
    assert (desk.case().status, desk.open_stages()) == ("closed", ["execution"])


@pytest.mark.clauses(ID, "(九)12")
def test_a_granted_objection_reopens_at_the_second_opinion() -> None:
    """(九)12, D12: the decision is taken anew; what followed from the first closing is given up, the second closes once."""
    desk = a_case("closed")
    assert set(desk.open_stages()) == {"execution", "improvement_plan"}
    object_to(desk)
    desk.decide("UGM", "objection_ruling", "grant", ruling_reason="Ask the supplier")

    assert (desk.case().status, desk.case().outcome) == ("open", None)
    assert desk.open_stages() == ["consolidated_opinion_2"]
    desk.to("closed", own_quality_problem=False)
    assert desk.open_stages() == ["execution"]
    assert len(desk.happened(e.CaseClosed)) == 2


@pytest.mark.clauses(ID, "(九)12")
def test_an_objection_granted_before_the_case_closes_leaves_no_second_way_open() -> None:
    """(九)12: upon the final decision, which comes before the closing."""
    desk = a_case("closing")
    object_to(desk)
    assert set(desk.open_stages()) == {"closing", "objection_ruling"}
    desk.decide("UGM", "objection_ruling", "grant", ruling_reason="Ask the supplier")

    assert desk.open_stages() == ["consolidated_opinion_2"]
    assert not desk.happened(e.CaseReopened)


@pytest.mark.clauses(ID, "(九)12")
def test_a_reopened_case_may_go_back_to_any_stage_that_was_done() -> None:
    """D18, also after (九)12."""
    desk = a_case("closed")
    object_to(desk)
    desk.decide("UGM", "objection_ruling", "grant", ruling_reason="Ask the supplier")
    desk.decide("UGMO1", "consolidated_opinion_2", "return", reason="Analyse anew", to_stage="quality_analysis")
    assert desk.open_stages() == ["quality_analysis"]


@pytest.mark.clauses(ID, "(九)12")
def test_an_objection_after_the_last_follow_up_makes_the_case_unfinished_again() -> None:
    """(九)12: five working days, whatever else is done by then (DESIGN 8: finished when no follow-up is open)."""
    desk = a_case("closed", own_quality_problem=False, settlement="nothing", approved_quantity=None)
    desk.pass_stage("execution")
    desk.call("reached", solved=True, score="4")
    assert desk.case().status == "finished"

    object_to(desk)
    assert desk.case().status == "closed"
    desk.decide("UGM", "objection_ruling", "dismiss", ruling_reason="No")
    assert desk.case().status == "finished"


# --- improvement (九)7, (七)3 ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(九)7")
@pytest.mark.parametrize(
    ("ours", "negligence", "tracked"), [(True, False, True), (True, True, False), (False, None, False)]
)
def test_improvement_is_tracked_if_it_is_our_quality_problem_and_no_human_negligence(
    ours: bool, negligence: bool | None, tracked: bool
) -> None:
    """(九)7 「若屬我方質量問題應另擬定處理方式,改善方法是否需列入追蹤(人為疏忽免列案追蹤)」."""
    desk = a_case("closed", own_quality_problem=ours, human_negligence=negligence)
    assert ("improvement_plan" in desk.open_stages()) is tracked


def plan(desk: PcbDesk) -> None:
    desk.decide("UPROD", "improvement_plan")
    desk.decide(
        "UGMO1", "improvement_plan", "plan", corrective_action="Change the bath weekly", action_due="2026-11-20"
    )


@pytest.mark.clauses(ID, "(七)3", "(七)4")
def test_the_unit_agrees_to_the_plan_first_and_the_office_checks_on_its_date() -> None:
    """(七)3(5) 「客戶投訴改善案的提出、洽辦、執行成果的督促及效果確認」: the office leads."""
    desk = a_case("closed")
    assert desk.roles("improvement_plan") == ["gm_office", "production"]
    with pytest.raises(NotAuthorized):
        desk.decide("UGMO1", "improvement_plan", "plan", corrective_action="x", action_due="2026-11-20")

    plan(desk)
    assert "improvement_check" in desk.open_stages()
    assert desk.due("improvement_check") == local("2026-11-20 24:00")


@pytest.mark.clauses(ID, "(七)3")
def test_three_plans_without_effect_go_to_the_general_manager() -> None:
    """(七)3(5) 「效果確認」; our default: three plans without effect go to the top."""
    desk = a_case("closed")
    for _ in range(3):
        plan(desk)
        with pytest.raises(FieldErrors) as refused:
            desk.decide("UGMO1", "improvement_check", "confirm")
        assert set(refused.value.errors) == {"effective", "effect_evidence"}
        desk.decide("UGMO1", "improvement_check", "confirm", effective=False, effect_evidence="Again 3 boards")
    assert "improvement_ruling" in desk.open_stages()
    assert "improvement_plan" not in desk.open_stages()

    desk.decide("UGM", "improvement_ruling", "rule", ruling_reason="Buy a new line")
    assert desk.open_stages() == ["execution"]


def test_an_effective_measure_ends_the_tracking() -> None:
    desk = a_case("closed")
    plan(desk)
    desk.decide("UGMO1", "improvement_check", "confirm", effective=False, effect_evidence="Again 3 boards")
    plan(desk)
    desk.decide("UGMO1", "improvement_check", "confirm", effective=True, effect_evidence="None in 20 000")
    assert desk.open_stages() == ["execution"]


# --- punishment (九)7, (十二) -------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "(九)7", "(十二)2")
@pytest.mark.parametrize(
    ("punishment", "annexes"),
    [
        ("no_punishment", []),
        ("administrative", ["pcb-admin-penalty"]),
        ("economic", ["pcb-economic-penalty"]),
        ("both_punishments", ["pcb-admin-penalty", "pcb-economic-penalty"]),
    ],
)
def test_punishments_are_cases_of_their_own_under_the_annexes(punishment: str, annexes: list[str]) -> None:
    """(九)7 「依罰扣標準辦理,若涉及行政處分則依客戶投訴行政處理原則辦理」."""
    desk = a_case("closed", punishment=punishment)

    found = [desk.case(c) for c in desk.others()]
    assert [c.policy for c in found] == annexes
    assert all((c.kind, c.parent, c.number) == ("sub", "case1", None) for c in found)
    assert all(c.fields["occurred_unit"] == "production" for c in found)


@pytest.mark.clauses(ID, "(十二)2")
def test_a_punishment_does_not_hold_the_complaint() -> None:
    """(十二)2: the penalty notice has its own way; the customer's case is finished without it."""
    desk = a_case("closed", punishment="economic", human_negligence=True, settlement="nothing", approved_quantity=None)
    desk.pass_stage("execution")
    desk.call("reached", solved=True, score="4")
    assert desk.case().status == "finished"


@pytest.mark.clauses(ID, "(十二)2")
@pytest.mark.capabilities("LP-14", "GA-05")
def test_a_penalty_is_told_to_people_and_never_to_a_channel() -> None:
    """DESIGN 8: restricted cases go to named people; (十二)2 「復印三份,一份自存,一份會計單位查核,一份送罰扣部門」."""
    desk = a_case("closed", punishment="economic")
    case_id = desk.others()[0]
    members = [{"person": "UPROD1", "points": "25", "bonus": "30000"}]
    desk.decide(
        "UGMO1", "attribute", "attribute", case_id, attributed_to="person", liable_unit="production", at_fault=True
    )
    desk.decide("UACC", "compute", "compute", case_id, loss="12000", members=members)
    desk.decide("UGMO1", "penalty_notice", "issue", case_id, notice_text="Deducted with the bonus of November")
    desk.decide("UGM", "approval", "approve", case_id)

    told = [n for n in desk.record.notices if n.case_id == case_id]
    assert {n.to for n in told if not n.to.startswith("U")} == set()
    copies = [(n.facts["role"], n.to) for n in told if n.kind == "copy"]
    assert copies == [("gm_office", "UGMOHEAD"), ("accounting", "UACC"), ("production", "UPHEAD")]


# --- callback D6 ---------------------------------------------------------------------------------------------------------------------------


def told(**changes: object) -> PcbDesk:
    desk = a_case("closed", own_quality_problem=False, settlement="nothing", approved_quantity=None, **changes)
    desk.pass_stage("execution")
    return desk


def test_the_customer_is_called_back_within_three_days_of_being_told() -> None:
    """D6: 3 calendar days after the outcome was told."""
    desk = told()
    assert (desk.roles("callback"), desk.due("callback")) == (["gm_office"], local("2026-11-05 24:00"))


@pytest.mark.clauses(ID, "(九)9")
@pytest.mark.parametrize(("solved", "score", "content"), [(True, "3", True), (True, "2", False), (False, "5", False)])
def test_not_solved_or_two_and_less_begins_a_linked_form(solved: bool, score: str, content: bool) -> None:
    """D6, section 12: "Customer dissatisfied at the callback: as (九)9, a linked new form through the whole route"."""
    desk = told()
    desk.call("reached", solved=solved, score=score)

    assert desk.case().status == "finished"
    assert len(desk.others()) == (0 if content else 1)
    assert bool([n for n in desk.told("rule") if n.to == "USMGR"]) is not content


def test_what_the_customer_wants_besides_is_kept_once_with_the_call() -> None:
    """The answers are looked at twice, for the decision that follows from them and for the record; words are kept once."""
    desk = told()
    before = set(desk.record.words)

    desk.call("reached", solved=True, score="5", wish="A thicker plating")

    fresh = set(desk.record.words) - before
    assert {desk.record.words[word] for word in fresh} == {"A thicker plating"}
    assert {desk.case().fields["wish"]["$words"]} == fresh


@pytest.mark.parametrize("score", ["0", "6", "well"])
def test_the_score_is_from_one_to_five(score: str) -> None:
    with pytest.raises(FieldErrors) as refused:
        told().call("reached", solved=True, score=score)
    assert set(refused.value.errors) == {"score"}


def test_the_answers_decide_and_not_who_clicks() -> None:
    """D6: nobody records "satisfied" without a call."""
    desk = told()
    for decision in ("satisfied", "unreached", "dissatisfied"):
        with pytest.raises(NotAllowedHere):
            desk.decide("UGMO1", "callback", decision, solved=True, score="5")


def test_three_calls_on_different_working_days_without_an_answer_end_the_callback() -> None:
    """D6 with `attempts`: three times, a working day apart, then unreached."""
    desk = told()
    desk.clock.at = local("2026-11-03 10:00")
    desk.call("no_answer")
    assert desk.case().visits[desk.visit("callback")].again_at == local("2026-11-04 09:00")
    with pytest.raises(NotAllowedHere) as refused:
        desk.call("no_answer")
    assert refused.value.reason == "call_again_later"

    desk.clock.at = local("2026-11-04 09:00")
    desk.call("no_answer")
    desk.clock.at = local("2026-11-05 14:00")
    assert desk.open_stages() == ["callback"]
    desk.call("no_answer")
    visit = desk.case().visits[desk.visit("callback")]
    assert (visit.ended, visit.decision, visit.attempts) == ("done", "unreached", 3)
    assert desk.case().status == "finished"


def test_a_customer_may_ask_to_be_called_later() -> None:
    desk = told()
    with pytest.raises(FieldErrors):
        desk.call("later")
    desk.call("later", again_at=local("2026-11-04 15:00"))
    assert desk.open_stages() == ["callback"]


# --- who judges ------------------------------------------------------------------------------------------------------------------------------


def test_a_department_that_blames_itself_is_confirmed_by_the_office() -> None:
    """DESIGN 8: the unit blamed may not be the sole judge; quality names itself, the registry confirms."""
    desk = a_case("quality_analysis")
    desk.pass_stage("quality_analysis", liable_unit="quality")
    assert (desk.open_stages(), desk.roles("quality_analysis")) == (["quality_analysis"], ["quality", "gm_office"])

    with pytest.raises(NotAuthorized):
        desk.decide("UQUAL2", "quality_analysis")
    desk.decide("UGMO1", "quality_analysis")
    assert desk.open_stages() == ["production_analysis"]


@pytest.mark.clauses(ID, "(九)4")
def test_production_analyses_its_own_fault_because_the_text_says_so() -> None:
    """(九)4 「送生產單位分析異常原因并擬定處理對策」: recusal is waived there."""
    desk = a_case("production_analysis", liable_unit="production")
    assert desk.roles("production_analysis") == ["production"]
    desk.pass_stage("production_analysis")
    assert desk.open_stages() == ["manager_opinion"]


def test_when_the_office_is_blamed_the_general_manager_confirms_its_check() -> None:
    desk = a_case("gm_office_check", liable_unit="gm_office")
    assert desk.roles("gm_office_check") == ["gm_office", "general_manager"]


def test_the_manager_of_a_blamed_sales_department_does_not_approve_alone() -> None:
    """DESIGN 8: the sales manager heads the unit that is blamed, so the registry confirms."""
    desk = a_case("approval_1", liable_unit="sales", amount="5000")
    assert desk.roles("approval_1") == ["sales_manager", "gm_office"]


def test_nobody_approves_what_he_reported_or_proposed() -> None:
    """Our default; the general manager excepted, since nobody stands above."""
    desk = PcbDesk()
    desk.complain(actor="USMGR")
    desk.to("approval_1", amount="5000")
    with pytest.raises(Recused):
        desk.decide("USMGR", "approval_1")


def test_who_proposed_the_amount_does_not_approve_it() -> None:
    """Our default: the head who stood in for sales at the proposal does not sit at its approval."""
    desk = a_case("sales_opinion")
    desk.submit(
        cmd.HandOver(actor="USALES1", key="h", case_id="case1", visit=desk.visit("sales_opinion"), member="USMGR")
    )
    desk.decide("USMGR", "sales_opinion", **{**FIELDS["sales_opinion"], "amount": "5000"})
    desk.to("approval_1")
    with pytest.raises(Recused) as refused:
        desk.decide("USMGR", "approval_1")
    assert refused.value.reason == "self_approval"
