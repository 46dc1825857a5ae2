"""employee-suggestions: registered, forwarded, analysed, the proposer signs an opinion before the decision; rewards."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "employee-suggestions"
PROPOSER, CLERK = "UWORKER", "UCLERK"
OFFICE, GROUP = person("company_office"), person("group_admin")
WALK = Walk(
    policy=ID,
    reporter=CLERK,
    form={
        "anonymous": False, "proposer": PROPOSER, "handed_in_at": "company_office_desk", "concerns": "company_matter",
        "company": "company_office", "subject": "cost", "title": "Less light", "proposal": "Switch it off at noon",
        "benefit": "10000", "several_companies": False,
    },
    steps={
        "register_company": (OFFICE, "register_it", {"registered_as": "Cost 7"}),
        "hand_to_group": (OFFICE, "handed_on", {}),
        "register_group": (GROUP, "register_it", {"registered_as": "Cost 8"}),
        "forward": (GROUP, "forward_it", {"slip_words": "Please look", "company": "company_office"}),
        "analyse": (OFFICE, "propose", {"analysis": "It saves", "opinion": "Do it"}),
        "proposer_opinion": (PROPOSER, "sign", {"proposer_agrees": True, "proposer_words": "Good"}),
        "group_opinion": (GROUP, "submit_it", {"office_opinion": "Worth it"}),
        "approve_proposal": (person("group_admin", 2), "decide_it", {"adopted": True}),
        "give_feedback": (OFFICE, "told", {"feedback": "We do it"}),
        "plan": (OFFICE, "plan_it", {"timetable": "By Friday", "implement_by": "2026-11-20"}),
        "implement": (OFFICE, "report_it", {"result": "Switched off"}),
        "check_execution": (GROUP, "checked", {"executed": True, "check_words": "Dark at noon"}),
        "propose_reward": (GROUP, "propose_it", {"reward_kind": "bonus", "reward_amount": "500", "for_promotion": True}),
        "approve_reward": (person("general_manager"), "approve", {}),
        "give_reward": (GROUP, "given", {"reward_given_on": "2026-11-02"}),
        "callback": (GROUP, "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
take, logged, at = WALK.take, WALK.logged, WALK.at
NOBODY: dict[str, Any] = {"anonymous": True, "proposer": None}
GROUP_MATTER: dict[str, Any] = {"concerns": "group_matter", "company": None}
MAJOR: dict[str, Any] = {"benefit": "10000.01"}


def decided(**changes: Any) -> PolicyDesk:
    desk = at("approve_proposal", **changes)
    take(desk, "approve_proposal")
    return desk


def executed(until: str, **changes: Any) -> PolicyDesk:
    desk = decided(**changes)
    for stage in ("give_feedback", "plan", "implement", "check_execution", "propose_reward", "approve_reward"):
        if until in desk.open_stages():
            break
        if stage in desk.open_stages():
            take(desk, stage)
    return desk


# --- who registers and who analyses -------------------------------------------------------------------------------------------

WAYS = [  # handed in at, concerns, the way to the analysis
    ("company_office_desk", {}, [("register_company", "company_office")], "company_office"),
    ("suggestion_box", {}, [("register_company", "company_office")], "company_office"),
    ("company_office_desk", GROUP_MATTER, [("hand_to_group", "company_office"), ("register_group", "group_admin")], "group_admin"),
    ("suggestion_box", GROUP_MATTER, [("hand_to_group", "company_office"), ("register_group", "group_admin")], "group_admin"),
    ("group_office", {}, [("register_group", "group_admin"), ("forward", "group_admin")], "company_office"),
    ("group_office", GROUP_MATTER, [("register_group", "group_admin")], "group_admin"),
]  # fmt: skip


@pytest.mark.clauses(ID, "程序1", "程序2", "程序3", "意见箱")
@pytest.mark.capabilities("IN-13", "IN-19", "RT-01", "RT-26")
@pytest.mark.parametrize(("place", "concerns", "way", "analyst"), WAYS)
def test_what_it_concerns_and_where_it_was_handed_in_decide_the_way(
    place: str, concerns: dict[str, Any], way: list[tuple[str, str]], analyst: str
) -> None:
    """程序 「各公司员工提案由各公司办公室统一负责处理,涉及集团发展方面的建议、提案交集团行政办公室进行登记、分类」."""
    desk = logged(handed_in_at=place, **concerns)
    for stage, role in way:
        assert (desk.open_stages(), desk.roles(stage), desk.due(stage)) == ([stage], [role], local("2026-11-03 18:00"))
        take(desk, stage)
    assert (desk.open_stages(), desk.roles("analyse"), desk.due("analyse")) == (
        ["analyse"],
        [analyst],
        local("2026-11-16 18:00"),
    )
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["proposals"]
    assert desk.case().number == "202611-001"


@pytest.mark.clauses(ID, "程序2")
def test_the_group_forwards_the_original_with_a_processing_slip() -> None:
    """程序 「集团办公室将提案原稿附提案处理单转交有关公司」."""
    desk = at("forward", handed_in_at="group_office")
    assert refused_fields(lambda: take(desk, "forward", slip_words=None)) == {"slip_words"}
    take(desk, "forward")
    assert [(c.of, c.to) for c in desk.happened(e.CopiesSent)] == [("processing_slip", ("company_office",))]
    assert {n.to for n in desk.told("rule")} == {OFFICE, person("company_office", 2)}


@pytest.mark.clauses(ID, "程序1", "程序2")
def test_the_group_may_find_that_it_concerns_one_company_and_says_which() -> None:
    """程序1 「登记、分类」: then it is forwarded like every company's matter."""
    desk = at("register_group", handed_in_at="group_office", **GROUP_MATTER)
    take(desk, "register_group", concerns="company_matter")
    assert desk.open_stages() == ["forward"]
    assert refused_fields(lambda: take(desk, "forward", company=None)) == {"company"}
    take(desk, "forward")
    assert desk.roles("analyse") == ["company_office"]


@pytest.mark.clauses(ID, "范围", "慎重", "全体")
@pytest.mark.capabilities("IN-19")
def test_everybody_may_propose_in_eight_kinds() -> None:
    """范围; 全体 「全体员工」; 慎重 「不论形式如何,不论收益大小,集团均采取慎重态度处理」."""
    kinds = WALK.file.fields["subject"].choices
    assert len(kinds) == 8
    assert logged(subject=kinds[0]).open_stages() == ["register_company"]
    assert "慎重" in WALK.file.label("subject", "zh-Hans", aspect="hint")


@pytest.mark.parametrize("missing", sorted(WALK.form))
def test_the_form_is_complete(missing: str) -> None:
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


MUST = [
    ("register_company", {}, "registered_as"), ("register_group", GROUP_MATTER, "registered_as"),
    ("analyse", {}, "analysis"), ("analyse", {}, "opinion"), ("proposer_opinion", {}, "proposer_agrees"),
    ("proposer_opinion", {}, "proposer_words"), ("group_opinion", MAJOR, "office_opinion"), ("approve_proposal", {}, "adopted"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "way", "missing"), MUST)
def test_each_stage_fills_what_it_must(stage: str, way: dict[str, Any], missing: str) -> None:
    desk = at(stage, **way)
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


# --- the proposer's opinion --------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "程序5", "征求")
@pytest.mark.capabilities("RT-23")
@pytest.mark.parametrize("agrees", [True, False])
def test_the_proposer_signs_an_opinion_before_anything_is_decided(agrees: bool) -> None:
    """程序 「征求提案人意见,并由提案人对处理意见签署意见」; 征求 「必须征求提案人的意见」."""
    desk = at("proposer_opinion")
    assert (desk.roles("proposer_opinion"), desk.due("proposer_opinion")) == ([PROPOSER], local("2026-11-05 18:00"))
    assert "approve_proposal" not in desk.open_stages()
    with pytest.raises(NotAuthorized):
        desk.decide(OFFICE, "proposer_opinion", "sign", proposer_agrees=True, proposer_words="x")
    take(desk, "proposer_opinion", proposer_agrees=agrees)
    assert desk.open_stages() == ["approve_proposal"]
    assert (GROUP in {n.to for n in desk.told("rule")}) is not agrees


@pytest.mark.clauses(ID, "征求")
@pytest.mark.capabilities("RT-23")
def test_the_departments_concerned_take_part_in_the_analysis() -> None:
    """征求 「提案所涉及的部门,在提出处理意见时」: the office leads."""
    desk = at("analyse")
    desk.decide(OFFICE, "analyse", "return", reason="Which lights?")
    take(desk, "register_company")
    world_roles = desk.roles("analyse")
    assert world_roles == ["company_office"]
    take(desk, "analyse", departments=["group_admin"])
    desk.decide(PROPOSER, "proposer_opinion", "return", reason="That is not what I said")
    assert desk.roles("analyse") == ["company_office", "group_admin"]
    with pytest.raises(NotAuthorized):
        take(desk, "analyse")
    desk.decide(GROUP, "analyse")
    take(desk, "analyse")
    assert desk.open_stages() == ["proposer_opinion"]


def test_an_anonymous_proposal_is_allowed_without_an_opinion() -> None:
    """Our default."""
    desk = at("approve_proposal", **NOBODY)
    assert "proposer_opinion" not in [v.stage for v in desk.case().visits.values()]
    take(desk, "approve_proposal")
    assert desk.open_stages() == ["plan"]
    for stage in ("plan", "implement", "check_execution"):
        take(desk, stage)
    assert desk.case().status == "finished"


# --- ordinary and major ---------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "职责1", "职责2")
@pytest.mark.capabilities("CL-19")
@pytest.mark.parametrize(
    ("form", "role"),
    [
        ({}, "group_admin"), ({"benefit": "0"}, "group_admin"), (MAJOR, "general_manager"),
        ({"several_companies": True}, "general_manager"),
    ],
)  # fmt: skip
def test_ordinary_proposals_are_decided_by_the_office_major_ones_by_the_general_manager(
    form: dict[str, Any], role: str
) -> None:
    """职责 「审议并确定一般提案的处理意见」, 「就重大提案提出处理意见并报总经理审批」; major: above 10 000 or several companies."""
    desk = at("proposer_opinion", **form)
    take(desk, "proposer_opinion")
    if role == "general_manager":
        assert (desk.roles("group_opinion"), desk.due("group_opinion")) == (["group_admin"], local("2026-11-04 18:00"))
        take(desk, "group_opinion")
    assert (may_decide(desk, "approve_proposal"), desk.due("approve_proposal")) == ({role}, local("2026-11-04 18:00"))
    assert desk.promise().due_at == local("2026-12-02 18:00")  # 22 working days, our default


@pytest.mark.clauses(ID, "职责1", "意见箱")
@pytest.mark.capabilities("CC-09")
@pytest.mark.parametrize(("adopted", "outcome"), [(True, "adopted_outcome"), (False, "not_adopted")])
def test_the_proposer_hears_whether_it_is_adopted(adopted: bool, outcome: str) -> None:
    """意见箱 「处理并及时反馈」; not adopted needs a reason (D17)."""
    desk = at("approve_proposal")
    assert not desk.may_reply()
    if not adopted:
        assert refused_fields(lambda: take(desk, "approve_proposal", adopted=False)) == {"not_adopted_reason"}
    take(desk, "approve_proposal", adopted=adopted, not_adopted_reason=None if adopted else "Too dark")
    assert desk.case().outcome == outcome
    assert set(desk.open_stages()) == ({"give_feedback", "plan"} if adopted else {"give_feedback"})
    assert (desk.roles("give_feedback"), desk.due("give_feedback")) == (["company_office"], local("2026-11-03 18:00"))
    assert refused_fields(lambda: take(desk, "give_feedback", feedback=None)) == {"feedback"}
    take(desk, "give_feedback")
    assert desk.happened(e.OutcomeTold)


# --- execution and reward -------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "程序6", "职责3")
@pytest.mark.capabilities("DL-07")
def test_the_departments_plan_carry_out_and_report_and_the_group_checks() -> None:
    """程序 「各部门提出时间表和落实计划,严格执行,并及时反映落实结果」, 职责 「监督下属公司对提案处理意见的执行情况」."""
    desk = executed("plan")
    assert (desk.roles("plan"), desk.due("plan")) == (["company_office"], local("2026-11-09 18:00"))
    for missing in ("timetable", "implement_by"):
        assert refused_fields(lambda name=missing: take(desk, "plan", **{name: None})) == {missing}
    assert refused_fields(lambda: take(desk, "plan", implement_by="2026-11-01")) == {"implement_by"}
    take(desk, "plan")
    assert (desk.roles("implement"), desk.due("implement")) == (["company_office"], local("2026-11-20 24:00"))
    assert refused_fields(lambda: take(desk, "implement", result=None)) == {"result"}
    take(desk, "implement")
    assert (desk.roles("check_execution"), desk.due("check_execution")) == (["group_admin"], local("2026-11-04 18:00"))
    for missing in ("executed", "check_words"):
        assert refused_fields(lambda name=missing: take(desk, "check_execution", **{name: None})) == {missing}


@pytest.mark.clauses(ID, "职责3")
def test_what_was_not_carried_out_reaches_the_general_manager_and_earns_nothing() -> None:
    desk = executed("check_execution")
    take(desk, "check_execution", executed=False)
    assert person("general_manager") in {n.to for n in desk.told("rule")}
    assert "propose_reward" not in desk.open_stages()


@pytest.mark.clauses(ID, "职责4", "奖励")
@pytest.mark.capabilities("LP-11")
def test_a_reward_is_proposed_approved_by_the_general_manager_and_then_given() -> None:
    """职责 「对提案者的奖励提出建议,报总经理审批后执行」; 奖励 「作为员工晋升的依据之一」."""
    desk = executed("propose_reward")
    assert (desk.roles("propose_reward"), desk.due("propose_reward")) == (["group_admin"], local("2026-11-04 18:00"))
    for missing in ("reward_kind", "reward_amount", "for_promotion"):
        assert missing in refused_fields(lambda name=missing: take(desk, "propose_reward", **{name: None}))
    take(desk, "propose_reward")
    assert (desk.roles("approve_reward"), desk.due("approve_reward")) == (
        ["general_manager"],
        local("2026-11-04 18:00"),
    )
    take(desk, "approve_reward", reward_amount="300")
    assert desk.due("give_reward") == local("2026-11-04 18:00")
    assert refused_fields(lambda: take(desk, "give_reward", reward_given_on="2026-11-03")) == {"reward_given_on"}
    take(desk, "give_reward")
    assert desk.case().amounts["proposal_reward"] == "300.00"
    [entry] = [x for x in desk.happened(e.RegisterEntered) if x.register == "rewards"]
    assert (entry.row["for_promotion"], entry.row["proposer"]) == (True, PROPOSER)


@pytest.mark.clauses(ID, "奖励")
@pytest.mark.parametrize(
    ("kind", "asks"), [("commendation", False), ("bonus", True), ("commendation_and_bonus", True), ("no_reward", False)]
)
def test_only_a_bonus_has_an_amount_and_no_reward_needs_no_approval(kind: str, asks: bool) -> None:
    desk = executed("propose_reward")
    if asks:
        assert refused_fields(lambda: take(desk, "propose_reward", reward_kind=kind, reward_amount=None)) == {
            "reward_amount"
        }
    take(desk, "propose_reward", reward_kind=kind, reward_amount="500" if asks else None)
    assert ("approve_reward" in desk.open_stages()) is (kind != "no_reward")


# --- boxes, branches, defaults ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "意见箱")
@pytest.mark.capabilities("IN-21", "DL-16")
def test_the_box_is_opened_every_week_and_each_item_becomes_a_case() -> None:
    """意见箱 「有专人负责定期开启、分类、登记、处理并及时反馈」; our default: weekly."""
    duty = WALK.file.duties["open_box"]
    assert (duty.every, duty.by, str(duty.who), duty.opens) == ("week", "friday", "company_office", "main")
    assert [f.name for f in duty.fill] == ["box_place", "box_items"]
    assert set(WALK.file.fields["box_items"].columns) == {"title", "proposal", "subject"}
    assert [str(w) for w in duty.send_to] == ["group_admin"]


@pytest.mark.clauses(ID, "分公司")
def test_each_branch_has_its_own_complaint_procedure() -> None:
    """分公司 「各地分公司还应着手建立自己的客户投诉接待制度」: not in this file; said so for people."""
    assert "分公司" in WALK.file.for_people


@pytest.mark.clauses(ID, "程序1")
@pytest.mark.capabilities("RT-26")
def test_the_office_is_that_of_the_company_concerned() -> None:
    """程序1 「各公司员工提案由各公司办公室统一负责处理」: one holder for each company."""
    assert WALK.file.roles["company_office"].per == "company"
    assert WALK.file.roles["group_admin"].per is None


@pytest.mark.capabilities("DL-22")
def test_a_late_analysis_climbs_to_the_general_manager() -> None:
    """D5."""
    desk = at("analyse")
    desk.at("2026-11-17 09:00")
    assert head("company_office") in slips(desk)
    assert not desk.told("escalation")
    desk.at("2026-11-17 18:00")
    assert person("general_manager") in slips(desk, "escalation")


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_a_proposer_who_is_not_content_is_analysed_again(answers: dict[str, Any], reopens: bool) -> None:
    """D6, three days after the feedback."""
    desk = decided(**{})
    take(desk, "give_feedback")
    assert (desk.roles("callback"), desk.due("callback")) == (["group_admin"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    WALK.called(desk, **answers)
    assert ("analyse" in desk.open_stages()) is reopens
    assert (head("company_office") in {n.to for n in desk.told("rule")}) is reopens


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_the_proposer_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12."""
    desk = decided()
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, PROPOSER)
        return
    with pytest.raises(NotAuthorized):
        WALK.object(desk, CLERK)
    assert refused_fields(lambda: WALK.object(desk, PROPOSER, objection_reason="")) == {"objection_reason"}
    WALK.object(desk, PROPOSER)
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert "analyse" in desk.open_stages()


@pytest.mark.capabilities("GA-11")
def test_monthly_statistics_repeats_and_keeping() -> None:
    """D15, D9, D8."""
    duty, repeat, papers = WALK.file.duties["statistics"], WALK.file.repeat, WALK.file.papers
    assert (duty.every, duty.by, str(duty.who)) == ("month", "10th", "group_admin")
    assert [str(w) for w in duty.send_to] == ["general_manager"]
    assert {"counts", "subject", "outcome", "late_by", "adopted_share"} <= set(duty.contents)
    assert repeat is not None
    assert (repeat.same, str(repeat.within), str(papers.keep)) == (("subject", "title"), "3 months", "3 years")


# --- who may, stage by stage ----------------------------------------------------------------------------------------------------------------

TABLE: dict[
    str, tuple[str, str, dict[str, Any]]
] = {  # stage: who may (everybody else is refused); what; how it gets there
    "submit": ("reporter", "send return", {}),
    "register_company": ("company_office", "register_it return", {}),
    "hand_to_group": ("company_office", "handed_on return", GROUP_MATTER),
    "register_group": ("group_admin", "register_it return", GROUP_MATTER),
    "forward": ("group_admin", "forward_it return", {"handed_in_at": "group_office"}),
    "analyse": ("company_office", "propose return", {}),
    "proposer_opinion": (PROPOSER, "sign return", {}),
    "group_opinion": ("group_admin", "submit_it return", MAJOR),
    "approve_proposal": ("group_admin", "decide_it return", {}),
    "give_feedback": ("company_office", "told return", {}),
    "plan": ("company_office", "plan_it return", {}),
    "implement": ("company_office", "report_it return", {}),
    "check_execution": ("group_admin", "checked return", {}),
    "propose_reward": ("group_admin", "propose_it return", {}),
    "approve_reward": ("general_manager", "approve return", {}),
    "give_reward": ("group_admin", "given return", {}),
    "callback": ("group_admin", "satisfied unreached dissatisfied return", {}),
    "objection_ruling": ("general_manager", "dismiss grant return", {}),
}


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "submit":
            desk = logged()
            take(desk, "register_company", "return", reason="Which lights?")
        case "give_feedback":
            desk = decided()
        case "plan" | "implement" | "check_execution" | "propose_reward" | "approve_reward" | "give_reward":
            desk = executed(stage)
        case "callback":
            desk = decided()
            take(desk, "give_feedback")
        case "objection_ruling":
            desk = decided()
            WALK.object(desk, PROPOSER)
        case _:
            desk = at(stage, **TABLE[stage][2])
    return desk


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    desk = waiting_at(stage)
    who, what, _ = TABLE[stage]
    if who == PROPOSER:
        assert (may_decide(desk, stage), desk.roles(stage)) == (set(), [PROPOSER])
    else:
        assert may_decide(desk, stage) == named(who)
    assert decisions(desk, stage) == what
    if stage == "submit":
        assert desk.due(stage) == local("2026-11-02 11:30")


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)
