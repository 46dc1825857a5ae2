"""meat-recall: a message becomes a recall of level 1, 2 or 3, its plan is with the authority in 3, 5 or 7 days."""

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

ID = "meat-recall"
MESSAGE: dict[str, Any] = {
    "received_from": "dealer",
    "customer": "C-0417",
    "product": "Frozen beef",
    "batch_no": "B-7",
    "quantity": "800",
    "message": "Smells",
}
PLAN = (
    "plan_production",
    "plan_sellers",
    "plan_consumers",
    "plan_hazard",
    "plan_measures",
    "plan_effect",
    "plan_after",
)
USUAL: dict[str, dict[str, Any]] = {
    "written_feedback": {"written_message": "note.pdf"},
    "confirm": {
        "confirmed": True, "confirmation": "Sample tested", "harm": ["standard_violated"], "contaminated": True,
        "circulation": "wide", "effect": "big_effect", "hazard": "grave_hazard",
    },
    "ordinary_complaint": {},
    "recall_decision": {"recall": True, "recall_reason": "Salmonella"},
    "no_recall": {},
    "stop_notice": {"sellers_told": True, "consumers_told": True, "public_notice": "Evening paper"},
    "recall_plan": {**dict.fromkeys(PLAN, "x"), "plan_receipt": "receipt.pdf"},
    "isolate": {"isolated": True, "marked": True, "stored_at": "Cold store 3"},
    "market_recall": {"shops": [{"shop": "East", "sold": "10", "returned": "90"}], "progress": "90 back", "recalled_quantity": "700"},
    "supervise": {"recall_complete": True},
    "complete_anyway": {"ruling_reason": "The rest is eaten"},
    "analyse_cause": {"cause": "Broken cold chain", "harm_assessment": "None fell ill"},
    "recalled_goods": {"disposal": "destroyed", "disposal_record": "record.pdf"},
    "completion_report": {"completion": "700 of 800 kg destroyed"},
    "answer_customer": {"answer_given": "Recalled"},
}  # fmt: skip


def begun(**changes: Any) -> WalkDesk:
    desk = WalkDesk(ID)
    desk.log(person("sales"), **{n: v for n, v in {**MESSAGE, **changes}.items() if v is not None})
    return desk


def at_stage(stage: str, slip: dict[str, Any] | None = None, **changes: Any) -> WalkDesk:
    return begun(**(slip or {})).walk(stage, USUAL, **changes)


NOT_CONFIRMED = {"confirmed": False}

# --- route and people ----------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4", "4.1", "3.1", "3.2", "3.3", "3.4")
@pytest.mark.capabilities("RT-02", "RT-04", "RT-16", "GA-11")
@pytest.mark.parametrize(
    ("slip", "later", "route", "outcome"),
    [
        ({}, {}, "written_feedback confirm recall_decision recall_plan stop_notice market_recall isolate supervise "
         "analyse_cause recalled_goods completion_report answer_customer", "recalled"),
        ({"received_from": "consumer"}, {"confirmed": False}, "written_feedback confirm ordinary_complaint answer_customer", "ordinary_complaint"),
        ({"received_from": "authority", "customer": None}, {"recall": False}, "confirm recall_decision no_recall", "not_recalled"),
        ({"received_from": "internal", "customer": None}, {"recall": False}, "confirm recall_decision no_recall", "not_recalled"),
    ],
)  # fmt: skip
def test_the_recall_goes_through_its_four_steps(slip: Any, later: Any, route: str, outcome: str) -> None:
    """4 「召回程序1,接受质量信息,2信息确认,3实施召回,4,召回产品的处理」."""
    desk = begun(**slip)
    for _ in range(20):
        here = next((s for s in USUAL if s in desk.open_stages() and s != "answer_customer"), None)
        if here is None:
            break
        desk.play(here, **{n: later.get(n, v) for n, v in USUAL[here].items()})
    assert [v.stage for v in desk.case().visits.values()] == ["receive_info", *route.split()]
    assert desk.case().outcome == outcome
    assert bundle(ID).policy.policy.kind == "sub_procedure"


TABLE: dict[str, tuple[str, str, str, dict[str, Any], str]] = {
    "written_feedback": ("sales", "", "send return", {}, "2026-11-03 18:00"),
    "confirm": ("quality", "", "confirm return", {}, "2026-11-03 18:00"),
    "ordinary_complaint": ("head of quality", "", "confirm return", NOT_CONFIRMED, "2026-11-03 18:00"),
    "recall_decision": ("general_manager", "", "decide return", {}, "2026-11-02 11:30"),
    "no_recall": ("quality", "", "close return", {"recall": False}, "2026-11-03 18:00"),
    "recall_plan": ("quality", "", "submit return", {}, ""),
    "stop_notice": ("sales", "", "report return", {}, "2026-11-02 11:30"),
    "market_recall": ("sales", "", "report return", {}, "2026-11-04 24:00"),
    "isolate": ("production", "", "report return", {}, "2026-11-02 11:30"),
    "supervise": ("quality", "", "confirm return", {}, "2026-11-03 18:00"),
    "complete_anyway": ("general_manager", "", "rule return", {"recall_complete": False}, "2026-11-04 18:00"),
    "analyse_cause": ("production", "quality", "report return", {}, "2026-11-09 18:00"),
    "recalled_goods": ("production", "quality", "dispose return", {}, "2026-11-09 18:00"),
    "completion_report": ("quality", "", "close return", {}, "2026-11-04 18:00"),
    "answer_customer": ("sales", "", "told return", NOT_CONFIRMED, "2026-11-03 18:00"),
    "callback": ("sales", "", "satisfied unreached dissatisfied return", NOT_CONFIRMED, "2026-11-05 24:00"),
    "objection_ruling": ("general_manager", "", "dismiss grant return", {}, "2026-11-04 18:00"),
}  # fmt: skip


@cache
def at(stage: str) -> WalkDesk:
    later = TABLE[stage][3]
    if stage == "callback":
        desk = at_stage("answer_customer", **later)
        desk.play("answer_customer", **USUAL["answer_customer"])
        return desk
    if stage == "objection_ruling":
        desk = at_stage("recall_plan")
        desk.act(cmd.BeginRoute, person("production"), route="objection", fields={"objection_reason": "x"})
        return desk
    return at_stage(stage, **later)


@pytest.mark.clauses(ID, "3.1", "3.2", "3.3", "3.4", "4.1", "4.2")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what_and_until_when(stage: str) -> None:
    """3.1 to 3.4; at once = 2 working hours, in time = 1 working day (D3); everybody else is refused."""
    now, later, decisions, _, due = TABLE[stage]
    assert at(stage).seated(stage) == (now, later)
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions
    if due:
        assert at(stage).due(stage) == local(due)


def test_the_table_is_complete_and_whoever_hears_of_it_notes_the_message() -> None:
    assert set(TABLE) | {"receive_info"} == set(bundle(ID).policy.stages)
    desk = at_stage("confirm")
    desk.decide(person("quality"), "confirm", "return", reason="Which batch?", to_stage="receive_info")
    assert desk.seated("receive_info") == ("", "")
    assert desk.roles("receive_info") == [person("sales")]
    assert list(decisions_of(bundle(ID).policy.stages["receive_info"])) == ["send", "return"]
    assert desk.due("receive_info") == local("2026-11-03 18:00")


# --- the level and the days of the plan -------------------------------------------------------------------------------------

LEVELS = [
    # contaminated, circulation, effect, hazard, harm -> level
    (True, "wide", "big_effect", "slight_hazard", "labelling", "level_1"),
    (True, "wide", "slight_effect", "slight_hazard", "labelling", "level_2"),
    (True, "small", "big_effect", "slight_hazard", "labelling", "level_2"),
    (False, "wide", "big_effect", "moderate_hazard", "standard_violated", "level_2"),
    (False, "wide", "big_effect", "grave_hazard", "authority_finding", "level_2"),
    (False, "small", "slight_effect", "slight_hazard", "standard_violated", "level_2"),
    (False, "small", "slight_effect", "slight_hazard", "authority_finding", "level_2"),
    (False, "wide", "slight_effect", "slight_hazard", "standard_violated", "level_3"),
    (False, "small", "big_effect", "slight_hazard", "standard_violated", "level_3"),
    (False, "wide", "big_effect", "slight_hazard", "authority_finding", "level_3"),
    (False, "small", "slight_effect", "slight_hazard", "labelling", "level_3"),
    (False, "small", "slight_effect", "grave_hazard", "labelling", "level_3"),
]
DUE = {"level_1": "2026-11-05 24:00", "level_2": "2026-11-07 24:00", "level_3": "2026-11-09 24:00"}
PROGRESS = {"level_1": "2026-11-04 24:00", "level_2": "2026-11-09 24:00", "level_3": "2026-11-09 24:00"}


@pytest.mark.clauses(ID, "4.2", "4.2a", "4.2b", "4.2c", "2", "2.1", "2.2", "2.3")
@pytest.mark.capabilities("CL-04", "CL-17", "DL-01", "DL-02", "DL-05", "DL-15")
@pytest.mark.parametrize(("contaminated", "circulation", "effect", "hazard", "harm", "level"), LEVELS)
def test_the_level_gives_the_days_of_the_plan(
    contaminated: bool, circulation: str, effect: str, hazard: str, harm: str, level: str
) -> None:
    """4.2 「一级召回3日内,二级召回5日内,三级召回7日内,通过质量监督部门向省级质量监督部门提交食品召回计划;」; highest wins (D13)."""
    given = {
        "contaminated": contaminated,
        "circulation": circulation,
        "effect": effect,
        "hazard": hazard,
        "harm": [harm],
    }
    desk = at_stage("recall_decision", **given)
    clock = desk.case().clock("plan_due")
    assert clock is not None
    assert clock.due_at == local(DUE[level])
    desk.walk("market_recall", USUAL, **given)
    assert desk.case().clock("plan_due").ended == "stopped"
    assert desk.due("market_recall") == local(PROGRESS[level])  # every 2 days, every week (ours)


@pytest.mark.clauses(ID, "4.2")
@pytest.mark.capabilities("DL-22")
def test_a_late_plan_goes_to_the_general_manager_at_once_and_every_day() -> None:
    """Ours: no working day is waited for."""
    desk = at_stage("recall_plan")
    desk.at("2026-11-07 12:00")
    clock = desk.case().clock("plan_due")
    fired = [x for x in desk.happened(e.StepFired) if clock is not None and x.deadline == clock.id]
    assert [x.as_ for x in fired] == ["reminder", "escalation", "escalation", "escalation"]
    assert [head("quality") in x.told for x in fired] == [True, True, False, False]
    assert person("general_manager") not in fired[0].told
    assert all(person("general_manager") in x.told for x in fired[1:])


def test_what_is_not_confirmed_needs_no_plan() -> None:
    """D17: the head of Quality confirms, Sales hears of it."""
    desk = at_stage("ordinary_complaint", **NOT_CONFIRMED)
    assert desk.case().clock("plan_due") is None
    desk.play("ordinary_complaint")
    assert [n.to for n in desk.told("rule")][-2:] == [person("sales", 1), person("sales", 2)]


# --- what must be filled ---------------------------------------------------------------------------------------------------------

MANDATORY: list[tuple[str, str, dict[str, Any]]] = [
    *(("receive_info", f, {}) for f in MESSAGE),
    ("written_feedback", "written_message", {}),
    *(("confirm", f, {}) for f in USUAL["confirm"]),
    *(("recall_decision", f, {}) for f in USUAL["recall_decision"]),
    *(("recall_plan", f, {}) for f in USUAL["recall_plan"]),
    *(("stop_notice", f, {}) for f in USUAL["stop_notice"]),
    *(("market_recall", f, {}) for f in USUAL["market_recall"]),
    *(("isolate", f, {}) for f in USUAL["isolate"]),
    ("supervise", "recall_complete", {}),
    ("complete_anyway", "ruling_reason", {"recall_complete": False}),
    *(("analyse_cause", f, {}) for f in USUAL["analyse_cause"]),
    *(("recalled_goods", f, {}) for f in USUAL["recalled_goods"]),
    ("completion_report", "completion", {}),
    ("answer_customer", "answer_given", NOT_CONFIRMED),
]


@pytest.mark.clauses(ID, "4.1", "4.3", "4.3a", "4.3b", "4.3c", "4.3d", "4.3e", "4.3f", "4.3g", "3.2", "3.3", "3.4")
@pytest.mark.capabilities("RD-05")
@pytest.mark.parametrize(("stage", "field", "later"), MANDATORY)
def test_what_the_text_asks_is_mandatory(stage: str, field: str, later: dict[str, Any]) -> None:
    """4.3: seven contents of the plan; 4.1 「以书面反馈」; 3.2 progress in writing; 3.4 「隔离,标识和存放」."""
    if stage == "receive_info":
        with pytest.raises(FieldErrors) as refused:
            begun(**{field: None})
        assert field in refused.value.errors
        return
    desk = at_stage(stage, **later)
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**USUAL[stage], field: None})
    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize(
    ("stage", "wrong"),
    [
        *(("stop_notice", {f: False}) for f in ("sellers_told", "consumers_told")),
        *(("isolate", {f: False}) for f in ("isolated", "marked")),
        ("market_recall", {"recalled_quantity": "801"}),
        ("recalled_goods", {"disposal": "relabelled"}),
    ],
)
def test_what_is_not_done_or_cannot_be_is_refused(stage: str, wrong: dict[str, Any]) -> None:
    """Sellers and consumers are told, goods isolated and marked; contaminated meat is not relabelled (ours)."""
    desk = at_stage(stage)
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**USUAL[stage], **wrong})
    assert set(refused.value.errors) == set(wrong)


def test_meat_that_is_only_wrongly_labelled_may_be_relabelled() -> None:
    desk = at_stage("recalled_goods", contaminated=False)
    desk.play("recalled_goods", disposal="relabelled", disposal_record="r.pdf")
    assert desk.open_stages() == ["completion_report"]
    with pytest.raises(FieldErrors):
        begun(quantity="0")


# --- execution -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.2", "3.3", "3.4")
@pytest.mark.capabilities("OS-11", "RT-04")
def test_sales_recalls_and_production_isolates_side_by_side_until_quality_says_it_is_complete() -> None:
    """3.2 「定期将产品所在的市场召回进展情况以书面形式反馈到质检部」: again and again until complete."""
    desk = at_stage("market_recall")
    assert set(desk.open_stages()) == {"market_recall", "isolate"}
    for _ in range(3):
        desk.play("market_recall", **USUAL["market_recall"])
        assert desk.happened(e.CopiesSent)[-1].to == ("quality",)
        desk.play("supervise", recall_complete=False)
    desk.play("isolate", **USUAL["isolate"])
    desk.play("market_recall", **USUAL["market_recall"])
    assert desk.open_stages() == ["supervise"]
    desk.play("supervise", recall_complete=True)
    assert desk.open_stages() == ["analyse_cause"]


@pytest.mark.clauses(ID, "3.1")
def test_a_recall_that_does_not_end_goes_to_the_general_manager_after_eleven_reports() -> None:
    desk = at_stage("complete_anyway", recall_complete=False)
    assert len([v for v in desk.case().visits.values() if v.stage == "market_recall"]) == 11
    desk.play("complete_anyway", ruling_reason="The rest is eaten")
    assert desk.open_stages() == ["analyse_cause"]


@pytest.mark.clauses(ID, "3.1", "4.1", "4.3b", "4.2", "3.2")
@pytest.mark.capabilities("CC-19")
def test_who_is_told_along_the_way() -> None:
    """Quality of every message; the general manager of each confirmed one; dealers and the authority of the recall."""
    desk = at_stage("market_recall")
    desk.play("market_recall", **USUAL["market_recall"])
    told = [n.to for n in desk.told("rule") if n.to.endswith("1")]
    people = [
        "quality",
        "general_manager",
        "sales",
        "production",
        "dealers",
        "supervision",
        "sales",
        "production",
        "quality",
        "general_manager",
    ]
    assert told == [person(role) for role in people]
    assert [(x.of, x.to) for x in desk.happened(e.CopiesSent)] == [
        ("recall_plan_form", ("supervision", "general_manager")), ("progress_report", ("quality",)),
    ]  # fmt: skip
    assert bundle(ID).policy.roles["dealers"].kind == bundle(ID).policy.roles["supervision"].kind == "outside"


def test_without_a_recall_dealers_hear_nothing() -> None:
    assert person("dealers") not in [n.to for n in at_stage("no_recall", recall=False).told("rule")]


# --- reply, callback, objection, records -------------------------------------------------------------------------------------------------


def told() -> WalkDesk:
    desk = at_stage("answer_customer", **NOT_CONFIRMED)
    assert desk.may_reply()
    desk.play("answer_customer", **USUAL["answer_customer"])
    return desk


@pytest.mark.parametrize(("solved", "score", "again"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_customer_who_is_not_content_brings_it_back_to_the_confirmation(
    solved: bool, score: str, again: bool
) -> None:
    """D6."""
    desk = told()
    desk.call("reached", person("sales"), solved=solved, score=score)
    assert ("confirm" in desk.open_stages()) is again


def test_three_calls_without_an_answer_end_the_callback() -> None:
    desk = told()
    for day in ("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00"):
        desk.clock.at = local(day)
        assert desk.open_stages() == ["callback"]
        desk.call("no_answer", person("sales"))
    assert desk.case().status == "finished"


def test_nothing_is_answered_while_the_recall_runs_and_nobody_is_answered_after_an_authoritys_message() -> None:
    assert not at("recall_plan").may_reply()
    desk = at_stage("no_recall", {"received_from": "authority", "customer": None}, recall=False)
    desk.play("no_recall")
    assert desk.open_stages() == []


@pytest.mark.parametrize("role", ["sales", "quality", "production"])
@pytest.mark.parametrize(("decision", "again"), [("dismiss", False), ("grant", True)])
def test_a_department_may_object_to_the_decision_within_five_working_days(
    role: str, decision: str, again: bool
) -> None:
    """D12."""
    desk = at_stage("recall_plan")
    for fields, at_ in (({}, "2026-11-02 10:00"), ({"objection_reason": "x"}, "2026-11-09 18:01")):
        desk.clock.at = local(at_)
        with pytest.raises((FieldErrors, NotAllowedHere)):
            desk.act(cmd.BeginRoute, person(role), route="objection", fields=fields)
    desk.clock.at = local("2026-11-09 18:00")
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("dealers"), route="objection", fields={"objection_reason": "x"})
    desk.act(cmd.BeginRoute, person(role), route="objection", fields={"objection_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.play("objection_ruling", decision)
    desk.play("objection_ruling", decision, ruling_reason="x")
    assert ("recall_decision" in desk.open_stages()) is again


@pytest.mark.clauses(ID, "3.2", "3.3", "4.3")
def test_number_complaint_file_forms_retention_and_statistics() -> None:
    """3.2 「建立产品投诉档案」, 3.3 「汇总上报」; D7, D8, D15."""
    desk = at_stage("confirm")
    assert desk.case().number == "202611-001"
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["complaint_file"]
    assert not begun(received_from="authority", customer=None).happened(e.RegisterEntered)
    policy = bundle(ID).policy
    assert policy.papers.registers["complaint_file"].kept_by == "sales"
    assert set(PLAN) < set(policy.papers.forms["recall_plan_form"].fill)
    assert {"shops", "progress"} <= set(policy.papers.forms["progress_report"].fill)
    assert str(policy.papers.keep) == "3 years"
    duty = policy.duties["monthly_statistics"]
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "quality",
        ["general_manager"],
    )
    assert {"level", "outcome", "recalled_quantity"} <= set(duty.contents)
    assert (policy.repeat.same, str(policy.repeat.within)) == (("product", "batch_no"), "3 months")
