"""investment-promotion: first contact owns, three reasons not to accept, delays explained, refusals reported upward."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.commands import GivenFile
from complaints.facts import Facts
from complaints.refusals import NotAllowedHere, NotAuthorized, Refusal
from tests.support.company import local
from tests.support.policy_desk import PolicyDesk, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "investment-promotion"
FIRST, HANDLER = "UFRONT", person("office", 2)
WALK = Walk(
    policy=ID,
    reporter=FIRST,
    form={
        "customer": "Sunrise Ltd", "anonymous": False, "contact": "138", "channel": "visit", "category": "fees",
        "complaint": "Charged twice", "scope": "own",
    },
    steps={
        "explain_scope": (FIRST, "explained", {"explanation": "Ask the tax office"}),
        "assign": (person("leader"), "assign_it", {"handler": HANDLER, "handler_contact": "Li, 8321"}),
        "introduce": (FIRST, "introduced", {"investor_told_who": True}),
        "take_over": (HANDLER, "take_it", {}),
        "admissibility": (FIRST, "check", {"material_true": True, "in_proceedings": False}),
        "confirm_inadmissible": (person("leader"), "confirm", {}),
        "classify": (FIRST, "classify_it", {"complex": False, "major": False, "beyond_authority": False}),
        "handle": (FIRST, "handled", {"solution": "Paid back"}),
        "leader_approval": (person("leader"), "approve", {"instruction": "Meet on Friday"}),
        "coordinate": (FIRST, "agreed", {"joint_solution": "One bill"}),
        "report_up": (person("leader"), "report_it", {"report_words": "They refuse", "reported_on": "2026-11-02"}),
        "refer_up": (FIRST, "referred", {"superior_name": "The city", "superior_reported_on": "2026-11-02", "investor_told_up": True}),
        "reply": (FIRST, "told", {"answer": "Paid back"}),
        "tell_delay": (FIRST, "told", {"delay_told": "A week more"}),
        "explain_refusal": (FIRST, "told", {"explanation": "It is in court"}),
        "callback": (person("office"), "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
take, logged, at, closed = WALK.take, WALK.logged, WALK.at, WALK.closed
OTHER: dict[str, Any] = {
    "scope": "other_person",
    "handler": HANDLER,
    "handler_contact": "Li, 8321",
    "investor_told_who": True,
}
NOBODY: dict[str, Any] = {"anonymous": True, "contact": None}


def joint(desk: PolicyDesk, *units: str, **fields: Any) -> None:
    """Let the departments answer, then the one who leads."""
    for unit in units:
        desk.decide(person(unit), "coordinate")
    take(desk, "coordinate", **fields)


# --- first contact (首问负责制) --------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "首问1", "首问3", "投诉2")
@pytest.mark.capabilities("IN-01", "IN-03", "GA-12")
@pytest.mark.parametrize("channel", ["letter", "phone", "visit"])
def test_whoever_was_asked_first_owns_it_to_the_end(channel: str) -> None:
    """首问 「首位接待来访者或接听电话咨询、办事的工作人员」; 「属于职责范围内的……应当在限定时限内办结」."""
    desk = logged(channel=channel)
    for stage in ("admissibility", "classify", "handle", "reply"):
        assert (desk.open_stages(), desk.roles(stage)) == ([stage], [FIRST])
        with pytest.raises(NotAuthorized):
            desk.decide(HANDLER, stage, WALK.steps[stage][1])
        take(desk, stage)
    assert (desk.case().outcome, desk.case().number) == ("settled", "202611-001")


@pytest.mark.clauses(ID, "首问4")
@pytest.mark.capabilities("IN-03", "GA-12", "CC-09", "IN-13")
def test_another_persons_matter_is_handed_over_and_the_investor_told_who() -> None:
    """首问4 「将经办人的姓名或单位名称、联系电话等告知投资商」: it stays the first contact's until the other has taken it."""
    for missing in ("handler", "handler_contact", "investor_told_who"):
        assert refused_fields(lambda name=missing: logged(**{**OTHER, name: None})) == {missing}
    assert refused_fields(lambda: logged(**{**OTHER, "investor_told_who": False})) == {"investor_told_who"}
    desk = logged(**OTHER)
    assert (desk.roles("take_over"), desk.due("take_over")) == ([HANDLER], local("2026-11-02 11:30"))
    assert desk.case().owner == FIRST
    take(desk, "take_over")
    assert desk.roles("admissibility") == [HANDLER]

    back = logged(**OTHER)
    assert refused_fields(lambda: take(back, "take_over", "return")) == {"reason"}
    take(back, "take_over", "return", reason="Not mine")
    assert (back.open_stages(), back.roles("first_contact_stage")) == (["first_contact_stage"], [FIRST])


@pytest.mark.clauses(ID, "首问4")
@pytest.mark.capabilities("GA-12", "IN-03")
def test_an_unclear_matter_is_assigned_by_the_leader() -> None:
    """首问4 「事权管辖不明确的,应及时报请领导批办」; then the investor is told who handles it."""
    desk = logged(scope="unclear")
    assert (desk.roles("assign"), desk.due("assign")) == (["leader"], local("2026-11-02 11:30"))
    for missing in ("handler", "handler_contact"):
        assert refused_fields(lambda name=missing: take(desk, "assign", **{name: None})) == {missing}
    take(desk, "assign")
    assert (desk.roles("introduce"), desk.due("introduce")) == ([FIRST], local("2026-11-02 11:30"))
    assert refused_fields(lambda: take(desk, "introduce", investor_told_who=None)) == {"investor_told_who"}
    take(desk, "introduce")
    assert desk.roles("take_over") == [HANDLER]


@pytest.mark.clauses(ID, "首问5")
@pytest.mark.capabilities("IN-13", "OS-01")
@pytest.mark.parametrize("scope", ["not_ours", "confidential"])
def test_what_is_not_ours_or_confidential_is_explained(scope: str) -> None:
    """首问5 「对不属于本局职责范围的事项,首问责任人应予说明;属于保密范围的事项,按有关保密规定处理」."""
    desk = logged(scope=scope)
    assert (desk.roles("explain_scope"), desk.due("explain_scope")) == ([FIRST], local("2026-11-02 11:30"))
    assert refused_fields(lambda: take(desk, "explain_scope", explanation=None)) == {"explanation"}
    take(desk, "explain_scope")
    assert (desk.case().status, desk.case().outcome) == ("finished", "explained_outcome")
    with pytest.raises(NotAllowedHere):
        WALK.object(desk, FIRST)


@pytest.mark.clauses(ID, "首问6", "承诺")
def test_the_words_for_people_stand_where_they_act() -> None:
    """首问6 「文明礼貌、主动热情」; 承诺 「因故不能办结的要说明原因」."""
    assert "文明礼貌" in WALK.file.label("complaint", "zh-Hans", aspect="hint")
    assert "说明原因" in WALK.file.label("answer", "zh-Hans", aspect="hint")
    assert WALK.file.fields["category"].choices[:3] == ("approval_matter", "fees", "construction")


@pytest.mark.parametrize("missing", sorted(WALK.form))
def test_the_form_is_complete(missing: str) -> None:
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


# --- admissibility (投诉1) ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "投诉1")
@pytest.mark.capabilities("IN-09", "IN-11", "IN-12", "IN-14", "OS-01")
@pytest.mark.parametrize(
    ("form", "finding", "reason"),
    [
        (NOBODY, {}, "anonymous_complaint"),
        ({}, {"material_true": False}, "untrue_material"),
        ({}, {"in_proceedings": True}, "arbitration_or_court"),
    ],
)
def test_three_kinds_of_complaints_are_not_accepted(form: dict[str, Any], finding: dict[str, Any], reason: str) -> None:
    """投诉1 「1、匿名投诉;2、投诉人提供的材料不真实;3、投诉事项进入仲裁或司法程序的」; reason, the leader confirms (D17)."""
    desk = logged(**form)
    proof = (("proof", GivenFile(id="F-PROOF", name="proof.pdf")),) if "material_true" in finding else ()
    wanted = {"inadmissible_words"} | ({"proof"} if proof else set())
    assert refused_fields(lambda: take(desk, "admissibility", **finding)) == wanted
    filled = {**WALK.steps["admissibility"][2], **finding, "inadmissible_words": "See 1"}
    desk.decide(FIRST, "admissibility", "check", files=proof, **filled)
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    assert WALK.file.tables["not_admissible"].pick(Facts(desk.case(), world)) == (reason,)
    assert (may_decide(desk, "confirm_inadmissible"), desk.due("confirm_inadmissible")) == (
        {"leader"},
        local("2026-11-03 18:00"),
    )
    take(desk, "confirm_inadmissible")
    assert desk.case().outcome == "not_accepted"
    assert desk.open_stages() == ([] if form else ["explain_refusal"])
    if not form:
        assert desk.due("explain_refusal") == local("2026-11-03 18:00")
        assert refused_fields(lambda: take(desk, "explain_refusal", explanation=None)) == {"explanation"}
        take(desk, "explain_refusal")
        assert (desk.open_stages(), len(desk.happened(e.OutcomeTold))) == ([], 1)


def test_the_leader_may_accept_it_with_a_reason() -> None:
    desk = at("confirm_inadmissible", in_proceedings=True, inadmissible_words="x")
    assert refused_fields(lambda: take(desk, "confirm_inadmissible", "accept_it")) == {"reason"}
    take(desk, "confirm_inadmissible", "accept_it", reason="Another matter")
    assert desk.open_stages() == ["classify"]


# --- ordinary, or for the leader (投诉2, 3) ----------------------------------------------------------------------------------------------

CLASSES = [  # complex, major, departments: to the leader?
    (False, False, [], False),
    (False, False, ["office"], False),
    (False, False, ["office", "leader"], True),
    (True, False, [], True),
    (False, True, [], True),
]


@pytest.mark.clauses(ID, "投诉2", "投诉3")
@pytest.mark.capabilities("CL-19", "RT-06")
@pytest.mark.parametrize(("complex_", "major", "departments", "to_leader"), CLASSES)
def test_complex_major_or_several_departments_go_to_the_leader(
    complex_: bool, major: bool, departments: list[str], to_leader: bool
) -> None:
    """投诉3 「情况复杂,涉及多个职能部门或重大的投诉案件,报经领导批准,协调组织解决」; our default: 3 or 10 working days."""
    desk = at("classify")
    assert desk.due("classify") == local("2026-11-02 18:00")
    take(desk, "classify", complex=complex_, major=major, departments=departments)
    assert desk.open_stages() == (["leader_approval"] if to_leader else ["handle"])
    assert desk.promise().due_at == local("2026-11-16 18:00" if to_leader else "2026-11-05 18:00")


@pytest.mark.clauses(ID, "投诉3")
@pytest.mark.capabilities("RT-06")
def test_the_leader_approves_and_the_departments_solve_it_together() -> None:
    """投诉3 「协调组织解决」: the one responsible leads, the departments answer first."""
    desk = at("leader_approval", complex=True, departments=["office", "leader"])
    assert (desk.roles("leader_approval"), desk.due("leader_approval")) == (["leader"], local("2026-11-03 18:00"))
    assert refused_fields(lambda: take(desk, "leader_approval", instruction=None)) == {"instruction"}
    take(desk, "leader_approval")
    assert (desk.roles("coordinate"), desk.due("coordinate")) == (
        [FIRST, "office", "leader"],
        local("2026-11-09 18:00"),
    )
    with pytest.raises(NotAuthorized):
        take(desk, "coordinate")
    desk.decide(person("office"), "coordinate")
    desk.decide(person("leader"), "coordinate")
    assert refused_fields(lambda: take(desk, "coordinate", joint_solution=None)) == {"joint_solution"}
    take(desk, "coordinate")
    assert desk.open_stages() == ["reply"]


MUST = [
    ("admissibility", "material_true"), ("admissibility", "in_proceedings"), ("classify", "complex"), ("classify", "major"),
    ("classify", "beyond_authority"), ("handle", "solution"), ("reply", "answer"),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "missing"), MUST)
def test_each_stage_fills_what_it_must(stage: str, missing: str) -> None:
    desk = at(stage)
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


@pytest.mark.parametrize(
    ("stage", "due"),
    [("admissibility", "2026-11-03 18:00"), ("handle", "2026-11-04 18:00"), ("reply", "2026-11-02 18:00")],
)
def test_limits_of_the_stages(stage: str, due: str) -> None:
    """投诉2 「及时了解处理」 is one working day (D3); the rest is ours."""
    assert at(stage).due(stage) == local(due)


# --- extension, refusal, beyond authority (投诉3 to 5) --------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "投诉3")
@pytest.mark.capabilities("DL-13", "CC-09")
@pytest.mark.parametrize(
    ("stage", "until", "too_long"),
    [("handle", "2026-11-09 24:00", "2026-11-10 00:01"), ("coordinate", "2026-11-14 24:00", "2026-11-15 00:01")],
)
def test_more_time_is_explained_to_the_leader_and_passed_on_to_the_investor(
    stage: str, until: str, too_long: str
) -> None:
    """投诉3 「因特殊原因需延期处理,应及时向领导说明情况,并转告投资商」; our default: once, at most five days."""
    desk = at(stage, complex=stage == "coordinate")
    visit = desk.visit(stage)
    ask = lambda when, reason: desk.act(cmd.AskExtension, FIRST, visit=visit, until=local(when), reason=reason)
    with pytest.raises(Refusal):
        ask(too_long, "The bank is closed")
    with pytest.raises(Refusal):
        ask(until, "")
    ask(until, "The bank is closed")
    with pytest.raises(Refusal):
        desk.act(cmd.RuleExtension, FIRST, visit=visit, granted=True)
    desk.act(cmd.RuleExtension, person("leader"), visit=visit, granted=True)
    assert desk.due(stage) == local(until)
    assert (desk.roles("tell_delay"), desk.due("tell_delay")) == ([FIRST], local("2026-11-03 18:00"))
    assert refused_fields(lambda: take(desk, "tell_delay", delay_told=None)) == {"delay_told"}
    take(desk, "tell_delay")
    with pytest.raises(Refusal):
        ask("2026-11-16 18:00", "Again")


@pytest.mark.clauses(ID, "投诉4")
@pytest.mark.capabilities("DL-19", "RT-29")
def test_a_department_that_refuses_or_delays_is_reported_to_the_city_with_the_heads_approval() -> None:
    """投诉4 「拒绝受理、拖延处理……经局领导批准,报请市投资环境保障领导小组处理」."""
    desk = at("coordinate", complex=True, departments=["office"])
    desk.decide(person("office"), "coordinate")
    assert refused_fields(lambda: take(desk, "coordinate", refusing=["office"])) == {"refusal_facts"}
    take(desk, "coordinate", refusing=["office"], refusal_facts="No answer for a week")
    [entry] = [x for x in desk.happened(e.RegisterEntered) if x.register == "non_cooperation"]
    assert entry.row["refusing"] == ["office"]
    assert (desk.roles("report_up"), desk.due("report_up")) == (
        ["leader", "general_manager"],
        local("2026-11-03 18:00"),
    )
    for missing in ("report_words", "reported_on"):
        assert refused_fields(lambda name=missing: take(desk, "report_up", **{name: None})) == {missing}
    assert refused_fields(lambda: take(desk, "report_up", reported_on="2026-11-03")) == {"reported_on"}
    take(desk, "report_up")
    assert desk.open_stages() == ["report_up"]
    desk.pass_as("general_manager", "report_up")
    assert desk.open_stages() == ["reply"]
    assert {n.to for n in desk.told("rule")} == {person(r, n) for r in ("general_manager", "office") for n in (1, 2)}


def test_nothing_is_reported_when_nobody_refuses() -> None:
    desk = at("coordinate", complex=True, departments=["office"])
    joint(desk, "office")
    assert desk.open_stages() == ["reply"]
    assert not [x for x in desk.happened(e.RegisterEntered) if x.register == "non_cooperation"]


@pytest.mark.clauses(ID, "投诉5")
@pytest.mark.capabilities("RT-29", "OS-01", "CC-09")
@pytest.mark.parametrize("complex_", [False, True])
def test_what_is_beyond_our_authority_is_referred_upward_and_the_investor_told(complex_: bool) -> None:
    """投诉5 「职权范围内不能解决的投诉,可向上级部门反映,并及时向投资商说明情况」."""
    desk = at("refer_up", beyond_authority=True, complex=complex_)
    assert (desk.roles("refer_up"), desk.due("refer_up")) == ([FIRST], local("2026-11-03 18:00"))
    for missing in ("superior_name", "superior_reported_on", "investor_told_up"):
        assert refused_fields(lambda name=missing: take(desk, "refer_up", **{name: None})) == {missing}
    assert refused_fields(lambda: take(desk, "refer_up", superior_reported_on="2026-11-03")) == {"superior_reported_on"}
    take(desk, "refer_up")
    assert desk.happened(e.OutcomeTold) == []
    take(desk, "reply")
    assert (desk.case().outcome, len(desk.happened(e.OutcomeTold))) == ("referred_up", 1)


# --- defaults ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.capabilities("DL-22")
def test_a_late_answer_climbs_to_the_head_of_the_bureau() -> None:
    """D5."""
    desk = at("handle")
    desk.at("2026-11-05 09:00")
    assert FIRST in slips(desk)
    assert not desk.told("escalation")
    desk.at("2026-11-05 18:00")
    assert person("general_manager") in slips(desk, "escalation")


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_a_dissatisfied_investor_is_taken_up_again(answers: dict[str, Any], reopens: bool) -> None:
    """D6."""
    desk = closed()
    assert (desk.roles("callback"), desk.due("callback")) == (["office"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    WALK.called(desk, **answers)
    assert desk.open_stages() == (["classify"] if reopens else [])
    assert ({n.to for n in desk.told("rule")} == {person("leader"), person("leader", 2)}) is reopens


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_an_objection_is_possible_for_five_working_days(when: str, allowed: bool) -> None:
    """D12, for a refusal too: by the first contact for the investor, or by a department."""
    desk = at("explain_refusal", in_proceedings=True, inadmissible_words="x")
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, FIRST)
        return
    with pytest.raises(NotAuthorized):
        WALK.object(desk, person("leader"))
    assert refused_fields(lambda: WALK.object(desk, FIRST, objection_reason="")) == {"objection_reason"}
    WALK.object(desk, FIRST)
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert desk.open_stages() == ["admissibility"]


@pytest.mark.capabilities("GA-11")
def test_monthly_statistics_repeats_and_keeping() -> None:
    """D15, D9, D8."""
    duty, repeat, papers = WALK.file.duties["statistics"], WALK.file.repeat, WALK.file.papers
    assert (duty.every, duty.by, str(duty.who)) == ("month", "10th", "office")
    assert [str(w) for w in duty.send_to] == ["leader", "general_manager"]
    assert {"counts", "category", "outcome", "late_by", "extended_share"} <= set(duty.contents)
    assert repeat is not None
    assert (repeat.same, str(repeat.within), str(papers.keep)) == (("customer", "category"), "3 months", "3 years")


# --- who may, stage by stage ------------------------------------------------------------------------------------------------------------------------

COMPLEX: dict[str, Any] = {"complex": True, "departments": ["office"]}
TABLE: dict[str, tuple[str, str, dict[str, Any]]] = {  # stage: who may (everybody else is refused); what; how it gets there
    "first_contact_stage": ("reporter", "send return", {}),
    "explain_scope": ("reporter", "explained return", {"scope": "not_ours"}),
    "assign": ("leader", "assign_it return", {"scope": "unclear"}),
    "introduce": ("reporter", "introduced return", {"scope": "unclear"}),
    "take_over": ("office", "take_it return", {"scope": "unclear"}),
    "admissibility": ("reporter", "check return", {}),
    "confirm_inadmissible": ("leader", "confirm accept_it return", {"in_proceedings": True, "inadmissible_words": "x"}),
    "classify": ("reporter", "classify_it return", {}),
    "handle": ("reporter", "handled return", {}),
    "leader_approval": ("leader", "approve return", COMPLEX),
    "coordinate": ("office", "agreed return", COMPLEX),
    "report_up": ("leader", "report_it return", COMPLEX),
    "refer_up": ("reporter", "referred return", {"beyond_authority": True}),
    "reply": ("reporter", "told return", {}),
    "tell_delay": ("reporter", "told return", {}),
    "explain_refusal": ("reporter", "told return", {"in_proceedings": True, "inadmissible_words": "x"}),
    "callback": ("office", "satisfied unreached dissatisfied return", {}),
    "objection_ruling": ("general_manager", "dismiss grant return", {}),
}  # fmt: skip


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "first_contact_stage":
            desk = at("assign", scope="unclear")
            take(desk, "assign", "return", reason="Which fee?")
            return desk
        case "report_up":
            desk = at("coordinate", **COMPLEX)
            joint(desk, "office", refusing=["office"], refusal_facts="x")
            return desk
        case "tell_delay":
            desk = at("handle")
            desk.act(cmd.AskExtension, FIRST, visit=desk.visit("handle"), until=local("2026-11-06 18:00"), reason="x")
            desk.act(cmd.RuleExtension, person("leader"), visit=desk.visit("handle"), granted=True)
            return desk
        case "objection_ruling":
            desk = closed()
            WALK.object(desk, FIRST)
            return desk
        case _:
            return at(stage, **TABLE[stage][2])


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    """At `take_over` only the handler named may, here the second of the office."""
    desk = waiting_at(stage)
    assert may_decide(desk, stage) == named(TABLE[stage][0])
    assert decisions(desk, stage) == TABLE[stage][1]
    if stage == "first_contact_stage":
        assert desk.due(stage) == local("2026-11-02 11:30")


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)
