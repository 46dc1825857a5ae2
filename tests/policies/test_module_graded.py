"""module-graded: a valid complaint or a demand; eight factors give the grade, repeats add up; an early warning when a kind grows."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import head, person
from tests.support.walk_desk import WalkDesk

ID = "module-graded"
COMPLAINT: dict[str, Any] = {
    "customer": "C-0417", "module_type": "M-400", "quantity": "10", "defect_code": "D7", "what_happened": "Browning", "demand": "New modules",
}  # fmt: skip
FACTORS = ("litigation", "group_risk", "safety_hazard", "media_or_brand", "other_major")
USUAL: dict[str, dict[str, Any]] = {
    "nature": {"kind": "product_quality", "responsible_unit": "cells", "improper_reason": "Wants a discount"},
    "demand_answer": {"demand_reply": "Please find the manual"},
    "tell_demand": {"reply_channel": "mail", "answer_given": "The manual is on its way"},
    "grading": {
        "module_value": "1000", "correction_cost": "500", "commercial_cost": "100", **dict.fromkeys(FACTORS, False), "defect_degree": "degree_3",
    },
    "handle": {"cause": "Laminate", "measure": "Replace", "actual_cost": "900"},
    "quality_review": {},
    "approval": {},
    "reply": {"reply_channel": "phone", "answer_given": "Replaced"},
}  # fmt: skip


def begun(**changes: Any) -> WalkDesk:
    desk = WalkDesk(ID, departments=("cells",))
    desk.log(person("customer_service"), **{n: v for n, v in {**COMPLAINT, **changes}.items() if v is not None})
    return desk


def at_stage(stage: str, slip: dict[str, Any] | None = None, **changes: Any) -> WalkDesk:
    return begun(**(slip or {})).walk(stage, USUAL, **changes)


# --- complaint or demand ------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2.2", "2.2.1", "2.2.2", "2.1.1")
@pytest.mark.capabilities("CL-01", "CL-03", "IN-19", "GA-11")
@pytest.mark.parametrize(
    ("kind", "next_stage"),
    [
        ("product_quality", "grading"),
        ("service_quality", "grading"),
        ("help_wanted", "demand_answer"),
        ("inquiry", "demand_answer"),
        ("venting", "demand_answer"),
        ("improper", "demand_answer"),
    ],
)
def test_a_broken_promise_is_a_complaint_and_all_else_a_demand(kind: str, next_stage: str) -> None:
    """2.2 「有效投诉与需求(沟通性)投诉」; 2.2.2 「包括无效投诉、非正当客户需求」."""
    desk = at_stage("nature")
    desk.play("nature", **{**USUAL["nature"], "kind": kind})
    assert desk.open_stages() == [next_stage]


@pytest.mark.clauses(ID, "2.2.1", "2.2.2")
@pytest.mark.parametrize(
    ("kind", "route", "outcome"),
    [
        ("product_quality", "grading handle quality_review approval reply callback", "settled"),
        ("inquiry", "demand_answer tell_demand demand_callback", "demand_answered"),
    ],
)
def test_each_goes_its_own_way(kind: str, route: str, outcome: str) -> None:
    desk = begun()
    for stage, fields in USUAL.items():
        if stage in desk.open_stages():
            desk.play(stage, **{**fields, **({"kind": kind} if stage == "nature" else {})})
    assert [v.stage for v in desk.case().visits.values()] == ["intake", "nature", *route.split()]
    assert (desk.case().outcome, desk.case().status, desk.case().number) == (outcome, "closed", "202611-001")


@pytest.mark.clauses(ID, "2.2.2")
def test_a_demand_may_turn_out_to_be_a_complaint() -> None:
    """Ours: the department says why, the head of customer service determines anew."""
    desk = at_stage("demand_answer", kind="inquiry")
    with pytest.raises(FieldErrors):
        desk.play("demand_answer", "valid_after_all")
    desk.play("demand_answer", "valid_after_all", reason="The leaflet is wrong")
    assert desk.seated("nature") == ("head of customer_service", "")
    desk.play("nature", **USUAL["nature"])
    assert desk.open_stages() == ["grading"]


# --- eight factors ------------------------------------------------------------------------------------------------------------------

GRADES = [
    ({}, {}, "grade_3"),
    *(({}, {factor: True}, "grade_1") for factor in FACTORS),
    # A: value, correction and expense together
    ({}, {"module_value": "99999.99", "correction_cost": "0", "commercial_cost": "0"}, "grade_2"),
    ({}, {"module_value": "50000", "correction_cost": "30000", "commercial_cost": "20000"}, "grade_1"),
    ({}, {"module_value": "9000", "correction_cost": "500", "commercial_cost": "499.99"}, "grade_3"),
    ({}, {"module_value": "9000", "correction_cost": "500", "commercial_cost": "500"}, "grade_2"),
    # B: degree and number
    ({"quantity": "49"}, {"defect_degree": "degree_1"}, "grade_2"),
    ({"quantity": "50"}, {"defect_degree": "degree_1"}, "grade_1"),
    ({"quantity": "49"}, {"defect_degree": "degree_2"}, "grade_3"),
    ({"quantity": "50"}, {"defect_degree": "degree_2"}, "grade_2"),
    ({"quantity": "5000"}, {"defect_degree": "degree_3"}, "grade_3"),
]
LIMITS = {"grade_1": "2026-11-04 18:00", "grade_2": "2026-11-05 18:00", "grade_3": "2026-11-09 18:00"}
APPROVERS = {"grade_1": ["general_manager"], "grade_2": ["deputy_gm"], "grade_3": ["quality"]}


@pytest.mark.clauses(ID, "3.1.1A", "3.1.1B", "3.1.1C", "3.1.1E", "3.1.1F", "3.1.1J", "3.1.1H", "备注")
@pytest.mark.capabilities("CL-17", "CL-18")
@pytest.mark.parametrize(("slip", "given", "grade"), GRADES)
def test_the_factors_give_the_grade_its_limit_and_its_approver(slip: Any, given: Any, grade: str) -> None:
    """3.1.1 A to H; the limits are ours (100 000, 10 000, 50 modules), the highest wins (D13)."""
    desk = at_stage("handle", slip, **given)
    assert desk.due("handle") == local(LIMITS[grade])
    assert desk.walk("approval", USUAL).roles("approval") == APPROVERS[grade]
    told = {n.to for n in desk.told("rule")}
    chiefs = {person("general_manager", 1), person("general_manager", 2), head("cells")}
    assert told == (chiefs if grade == "grade_1" else set())


def second(first: dict[str, Any], now: str = "2026-11-02 09:30", **slip: Any) -> WalkDesk:
    """Return a desk with a graded complaint and, at *now*, a second one at its handling."""
    desk = at_stage("handle", {"quantity": slip.pop("first_quantity", "10")}, **first)
    desk.clock.at = local(now)
    desk.log(person("customer_service"), "case2", **{**COMPLAINT, **slip})
    return desk


@pytest.mark.clauses(ID, "3.1.1D")
@pytest.mark.capabilities("CL-10")
@pytest.mark.parametrize(
    ("first", "slip", "now", "grade"),
    [
        ({"module_value": "7800"}, {}, "2026-11-02 09:30", "grade_2"),  # 8 400 + 1 600 = 10 000
        ({"module_value": "7799.99"}, {}, "2026-11-02 09:30", "grade_3"),
        ({"module_value": "97800"}, {}, "2026-11-02 09:30", "grade_1"),
        ({"module_value": "7800"}, {"defect_code": "D8"}, "2026-11-02 09:30", "grade_3"),
        ({"module_value": "7800"}, {"customer": "C-0333"}, "2026-11-02 09:30", "grade_3"),
        ({"module_value": "7800"}, {}, "2027-11-01 09:30", "grade_2"),
        ({"module_value": "7800"}, {}, "2027-11-03 09:30", "grade_3"),
        ({"correction_cost": "7300"}, {}, "2026-11-02 09:30", "grade_2"),
        ({"commercial_cost": "6900"}, {}, "2026-11-02 09:30", "grade_2"),
    ],
)
def test_repeats_of_the_same_defect_add_up_their_cost(first: Any, slip: Any, now: str, grade: str) -> None:
    """3.1.1D 「重复发生的、累积影响到的费用或数量达到A、B其中一项条件」: same customer and code, 12 months (ours)."""
    desk = second(first, now, **slip)
    desk.walk("handle", USUAL, "case2").play("handle", case_id="case2", **USUAL["handle"])
    assert desk.walk("approval", USUAL, "case2").roles("approval", "case2") == APPROVERS[grade]


@pytest.mark.clauses(ID, "3.1.1D")
@pytest.mark.capabilities("CL-10")
@pytest.mark.parametrize(("first_quantity", "grade"), [("39", "grade_3"), ("40", "grade_2")])
def test_repeats_of_the_same_defect_add_up_their_modules(first_quantity: str, grade: str) -> None:
    desk = second({"defect_degree": "degree_2"}, first_quantity=first_quantity)
    assert (
        desk.walk("approval", USUAL, "case2", defect_degree="degree_2").roles("approval", "case2") == APPROVERS[grade]
    )


def test_a_service_complaint_has_no_degree_of_defect() -> None:
    desk = at_stage("grading", kind="service_quality")
    desk.play("grading", **{**USUAL["grading"], "defect_degree": None})
    assert desk.walk("approval", USUAL).roles("approval") == ["quality"]


# --- early warning --------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "目的")
@pytest.mark.capabilities("SR-06")
@pytest.mark.parametrize(
    ("before", "now", "warned"),
    [
        (0, 1, False),
        (0, 9, False),
        (3, 1, False),
        (3, 2, True),
        (6, 3, False),
        (6, 4, True),
        (4, 2, False),
        (4, 3, True),
    ],
)
def test_a_kind_that_doubles_its_average_of_three_months_warns(before: int, now: int, warned: bool) -> None:
    """目的 「服务质量预警作用」: this month against the average of the three before (ours)."""
    desk = WalkDesk(ID, now="2026-09-14 09:30", departments=("cells",))
    for number in range(before):
        desk.log(person("customer_service"), f"old{number}", **COMPLAINT)
        desk.play("nature", case_id=f"old{number}", **USUAL["nature"])
    desk.clock.at = local("2026-11-02 09:30")
    for number in range(now):
        already = len(desk.told("rule"))
        desk.log(person("customer_service"), f"new{number}", **COMPLAINT)
        desk.play("nature", case_id=f"new{number}", **USUAL["nature"])
    told = {n.to for n in desk.told("rule")[already:]}
    assert told == ({person(r, n) for r in ("quality", "general_manager") for n in (1, 2)} if warned else set())


# --- people, times, what is filled ---------------------------------------------------------------------------------------------------------

ONE_DAY = "2026-11-03 18:00"
TABLE: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "nature": ("head of customer_service", "determine return", ONE_DAY, {}),
    "demand_answer": ("cells", "answered valid_after_all return", "2026-11-04 18:00", {"kind": "venting"}),
    "tell_demand": ("customer_service", "told return", "2026-11-02 18:00", {"kind": "venting"}),
    "grading": ("quality", "grade return", ONE_DAY, {}),
    "handle": ("cells", "propose return", "2026-11-09 18:00", {}),
    "quality_review": ("quality", "accept return", ONE_DAY, {}),
    "approval": ("head of quality", "approve return", ONE_DAY, {}),
    "reply": ("customer_service", "told return", ONE_DAY, {}),
    "callback": ("customer_service", "satisfied unreached dissatisfied return", "2026-11-05 24:00", {}),
    "demand_callback": ("customer_service", "satisfied unreached dissatisfied return", "2026-11-05 24:00", {"kind": "venting"}),
    "objection_ruling": ("general_manager", "dismiss grant return", "2026-11-04 18:00", {}),
}  # fmt: skip


def fresh(stage: str, **changes: Any) -> WalkDesk:
    later = {**TABLE[stage][3], **changes}
    if stage == "objection_ruling":
        desk = at_stage("reply", **later)
        desk.act(cmd.BeginRoute, person("cells"), route="objection", fields={"objection_reason": "x"})
    elif stage in ("callback", "demand_callback"):
        before = {"callback": "reply", "demand_callback": "tell_demand"}[stage]
        desk = at_stage(before, **later)
        desk.play(before, **USUAL[before])
    else:
        desk = at_stage(stage, **later)
    return desk


@cache
def at(stage: str) -> WalkDesk:
    return fresh(stage)


@pytest.mark.clauses(ID, "2.2", "2.2.2", "3.1.1A")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what_and_until_when(stage: str) -> None:
    """The route of section 3 is ours; everybody else is refused."""
    now, decisions, due, _ = TABLE[stage]
    assert at(stage).seated(stage) == (now, "")
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions
    assert at(stage).due(stage) == local(due)


def test_the_table_is_complete_with_the_intake() -> None:
    assert set(TABLE) | {"intake"} == set(bundle(ID).policy.stages)
    desk = at_stage("nature")
    desk.decide(head("customer_service"), "nature", "return", reason="Which module?")
    assert (desk.seated("intake")[0], desk.due("intake")) == ("customer_service", local("2026-11-02 11:30"))
    assert list(decisions_of(bundle(ID).policy.stages["intake"])) == ["send", "return"]
    assert desk.promise().due_at == local("2026-11-16 18:00")
    assert fresh("demand_callback").promise().ended == "stopped"


MANDATORY = [
    *(("intake", f, {}) for f in COMPLAINT),
    *(("nature", f, {}) for f in ("kind", "responsible_unit")),
    ("nature", "improper_reason", {"kind": "improper"}),
    *((s, f, {"kind": "inquiry"}) for s in ("demand_answer", "tell_demand") for f in USUAL[s]),
    *(("grading", f, {}) for f in USUAL["grading"]),
    *(("handle", f, {}) for f in USUAL["handle"]),
    *(("reply", f, {}) for f in USUAL["reply"]),
]


@pytest.mark.clauses(ID, "2.1.1", "2.2", "3.1.1A", "3.1.1B", "3.1.1C")
@pytest.mark.parametrize(("stage", "field", "later"), MANDATORY)
def test_what_is_asked_is_mandatory(stage: str, field: str, later: dict[str, Any]) -> None:
    """Every factor is answered before there is a grade; D17: why a demand is improper."""
    if stage == "intake":
        with pytest.raises(FieldErrors) as refused:
            begun(**{field: None})
    else:
        desk = at_stage(stage, **later)
        usual = {n: later.get(n, v) for n, v in USUAL[stage].items()}
        with pytest.raises(FieldErrors) as refused:
            desk.play(stage, **{**usual, field: None})
    assert set(refused.value.errors) == {field}
    with pytest.raises(FieldErrors):
        begun(quantity="0")


@pytest.mark.capabilities("DL-22")
def test_a_late_handling_is_urged_and_goes_to_the_general_manager() -> None:
    """D5."""
    desk = at_stage("handle", litigation=True)
    desk.at("2026-11-05 18:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("handle").id]
    assert [x.as_ for x in fired] == ["reminder", "reminder_slip", "escalation"]
    assert set(fired[-1].told) == {person("general_manager", 1), person("general_manager", 2)}


# --- reply, callback, objection ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "open_"),
    [("grading", False), ("approval", False), ("reply", True), ("demand_answer", False), ("tell_demand", True)],
)
def test_the_reply_waits_for_the_approval(stage: str, open_: bool) -> None:
    assert at(stage).may_reply() is open_


@pytest.mark.parametrize(
    ("factors", "after"),
    [({}, "grade_2"), ({"defect_degree": "degree_1"}, "grade_1"), ({"litigation": True}, "grade_1")],
)
def test_a_customer_who_is_not_content_raises_the_grade_by_one_and_reopens_the_handling(
    factors: Any, after: str
) -> None:
    """D6: reopened at the investigating stage, grade raised by one, the head informed."""
    desk = fresh("callback", **factors)
    desk.call("reached", person("customer_service"), solved=False, score="3")
    assert desk.open_stages() == ["handle"]
    assert desk.due("handle") == local(LIMITS[after])
    assert [n.to for n in desk.told("rule")][-1] == head("cells")
    assert desk.walk("approval", USUAL).roles("approval") == APPROVERS[after]


@pytest.mark.parametrize("stage", ["callback", "demand_callback"])
@pytest.mark.parametrize(("solved", "score", "again"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_two_and_below_or_unsolved_reopens(stage: str, solved: bool, score: str, again: bool) -> None:
    desk = fresh(stage)
    fields = {"solved": solved, "score": score}
    desk.act(
        cmd.LogCall, person("customer_service"), visit=desk.visit(stage), result="reached", fields=fields, again_at=None
    )
    assert desk.open_stages() == ([{"callback": "handle", "demand_callback": "nature"}[stage]] if again else [])
    assert not again or [n.to for n in desk.told("rule")][-1] == head("cells")


@pytest.mark.parametrize("stage", ["callback", "demand_callback"])
def test_three_calls_without_an_answer_end_the_callback(stage: str) -> None:
    desk = fresh(stage)
    for day in ("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00"):
        desk.clock.at = local(day)
        assert desk.open_stages() == [stage]
        desk.act(
            cmd.LogCall,
            person("customer_service"),
            visit=desk.visit(stage),
            result="no_answer",
            fields={},
            again_at=None,
        )
    assert desk.case().status == "finished"


@pytest.mark.parametrize("who", [person("cells"), head("cells")])
@pytest.mark.parametrize(("decision", "again"), [("dismiss", False), ("grant", True)])
def test_the_department_may_object_within_five_working_days(who: str, decision: str, again: bool) -> None:
    """D12."""
    desk = at_stage("reply")
    for fields, at_ in (({}, "2026-11-02 10:00"), ({"objection_reason": "x"}, "2026-11-09 18:01")):
        desk.clock.at = local(at_)
        with pytest.raises((FieldErrors, NotAllowedHere)):
            desk.act(cmd.BeginRoute, who, route="objection", fields=fields)
    desk.clock.at = local("2026-11-09 18:00")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("quality"), route="objection", fields={"objection_reason": "x"})
    desk.act(cmd.BeginRoute, who, route="objection", fields={"objection_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.play("objection_ruling", decision)
    desk.play("objection_ruling", decision, ruling_reason="x")
    assert ("grading" in desk.open_stages()) is again


@pytest.mark.clauses(ID, "目的", "2.2.2")
def test_registers_statistics_and_retention() -> None:
    """目的 「通过科学、系统的投诉/需求统计分析」: by kind and grade, against last month; D7 to D9, D15."""
    assert [x.register for x in at("handle").happened(e.RegisterEntered)] == ["complaints_register"]
    assert [x.register for x in at("demand_callback").happened(e.RegisterEntered)] == ["demands_register"]
    policy = bundle(ID).policy
    assert {r.kept_by for r in policy.papers.registers.values()} == {"customer_service"}
    assert str(policy.papers.keep) == "3 years"
    assert (policy.repeat.same, str(policy.repeat.within)) == (("customer", "defect_code"), "3 months")
    duty = policy.duties["monthly_statistics"]
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "customer_service",
        ["general_manager", "quality"],
    )
    assert {"kind", "grade", "by_kind", "valid_share", "callback_score"} <= set(duty.contents)
    assert [(policy.measures[n].per, policy.measures[n].compare) for n in ("by_kind", "valid_share")] == [
        ("kind", "last month"),
        (None, "last month"),
    ]
