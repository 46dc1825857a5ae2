"""health-food-nonconforming: the sale stops at once, only the quality administrator disposes, before witnesses; records for two years."""

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
from tests.support.our_defaults import objection_ruled
from tests.support.policy_desk import person
from tests.support.walk_desk import WalkDesk

ID = "health-food-nonconforming"
FOUND: dict[str, Any] = {
    "entry": "defect", "product": "Fish oil", "batch_no": "F-3", "quantity": "60", "received_on": "2026-10-20",
    "purchase_amount": "1800", "maker": "Sea Co.", "maker_address": "Quay 1", "received_by": "URECEIVER1", "found_by": "shelf",
    "defect": "Cloudy",
}  # fmt: skip
CHECKS = ("not_withdrawn", "not_expired", "certificate_and_names", "specification", "dates", "warnings")
STOPPED = ("issue_stopped", "sale_stopped", "in_red_zone", "red_label")
USUAL: dict[str, dict[str, Any]] = {
    "inspect_receipt": {**dict.fromkeys(CHECKS, True), "defect_type": "packaging_label"},
    "confirm": {"nonconforming": True, "defect_type": "appearance", "conforming_reason": "Clear when warm"},
    "confirm_conforming": {},
    "stop_sale": {**dict.fromkeys(STOPPED, True), "shops": [{"shop": "North", "stopped_by": "UNORTH", "quantity": "20"}]},
    "await_authority": {"authority_record": "Sampled", "authority_decision": "Destroy it"},
    "find_cause": {"cause": "Heat", "responsibility": "Carrier", "corrective_action": "Cooled lorry", "preventive_action": "Logger"},
    "loss_report": {"loss_quantity": "60", "loss_amount": "1800", "to_destroy": True},
    "destruction": {"destroyed_quantity": "60", "destroyed_on": "2026-11-02", "destruction_record": "record.pdf"},
    "record": {"records_complete": True},
}  # fmt: skip
RECEIPT = {"entry": "goods_receipt", "found_by": None, "defect": None}
AUTHORITY = {"found_by": "authority_check"}


def begun(**changes: Any) -> WalkDesk:
    desk = WalkDesk(ID)
    desk.log(person("shop_assistant"), **{n: v for n, v in {**FOUND, **changes}.items() if v is not None})
    return desk


def at_stage(stage: str, slip: dict[str, Any] | None = None, **changes: Any) -> WalkDesk:
    return begun(**(slip or {})).walk(stage, USUAL, **changes)


# --- the way -------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "一", "一1", "一2", "一3", "二", "三", "四", "六", "七", "八", "九", "台1", "台2")
@pytest.mark.capabilities("CL-01", "RT-16", "OS-10", "OS-11", "GA-11")
@pytest.mark.parametrize(
    ("slip", "later", "route", "outcome"),
    [
        ({}, {}, "confirm stop_sale find_cause loss_report destruction record", "disposed"),
        ({}, {"to_destroy": False}, "confirm stop_sale find_cause loss_report record", "disposed"),
        (
            AUTHORITY,
            {"to_destroy": False},
            "confirm stop_sale await_authority find_cause loss_report record",
            "disposed",
        ),
        ({}, {"nonconforming": False}, "confirm confirm_conforming", "conforming"),
        (RECEIPT, {}, "inspect_receipt record", "taken_in"),
        (RECEIPT, {"dates": False}, "inspect_receipt stop_sale find_cause loss_report destruction record", "disposed"),
        (
            RECEIPT,
            {"dates": False, "to_destroy": False},
            "inspect_receipt stop_sale find_cause loss_report record",
            "disposed",
        ),
    ],
)
def test_what_is_nonconforming_is_stopped_and_disposed_of(slip: Any, later: Any, route: str, outcome: str) -> None:
    """二 to 九, step by step; goods on receipt are checked first."""
    desk = begun(**slip).walk("finished", USUAL, **later)
    assert [v.stage for v in desk.case().visits.values()] == ["found", *route.split()]
    assert (desk.case().outcome, desk.case().number) == (outcome, "202611-001")
    assert bundle(ID).policy.policy.kind == "sub_procedure"


@pytest.mark.clauses(ID, "台2", "台2a", "台2b", "台2d")
@pytest.mark.parametrize("check", CHECKS)
def test_goods_that_fail_one_check_are_never_sold(check: str) -> None:
    """The checks on receipt: withdrawn, expired, labels, warnings; one "no" is enough."""
    desk = at_stage("inspect_receipt", RECEIPT)
    given = {**dict.fromkeys(CHECKS, True), check: False}
    with pytest.raises(FieldErrors) as refused:
        desk.play("inspect_receipt", **given)
    assert set(refused.value.errors) == {"defect_type"}
    with pytest.raises(FieldErrors) as refused:
        desk.play("inspect_receipt", **{**given, check: None})
    assert check in refused.value.errors
    desk.play("inspect_receipt", **given, defect_type="packaging_label")
    assert desk.open_stages() == ["stop_sale"]
    assert {person(r) for r in ("quality_admin", "storekeeper", "shop_assistant", "purchasing")} <= {
        n.to for n in desk.told("rule")
    }


# --- people, times -----------------------------------------------------------------------------------------------------------

THREE = "quality_admin, shop_assistant, storekeeper"
TABLE: dict[str, tuple[str, str, str, dict[str, Any], dict[str, Any]]] = {
    "inspect_receipt": ("receiver", "sign return", "2026-11-02 18:00", RECEIPT, {}),
    "confirm": ("quality_admin", "confirm return", "2026-11-03 18:00", {}, {}),
    "confirm_conforming": ("head of quality_admin", "confirm return", "2026-11-03 18:00", {}, {"nonconforming": False}),
    "stop_sale": (THREE, "stop return", "2026-11-02 11:30", {}, {}),
    "await_authority": ("quality_admin", "report return", "2026-12-02 24:00", AUTHORITY, {}),
    "find_cause": ("quality_admin", "report return", "2026-11-05 18:00", {}, {}),
    "loss_report": ("quality_admin", "report return", "2026-11-04 18:00", {}, {}),
    "destruction": (THREE, "destroy return", "2026-11-09 18:00", {}, {}),
    "record": ("quality_admin", "close return", "2026-11-03 18:00", {}, {}),
    "answer_customer": ("shop_assistant", "told return", "2026-11-03 18:00", {"customer": "C-0417"}, {"nonconforming": False}),
    "callback": ("shop_assistant", "satisfied unreached dissatisfied return", "2026-11-05 24:00", {}, {}),
    "penalty_ruling": ("general_manager", "rule return", "2026-11-04 18:00", {}, {}),
    "objection_ruling": ("general_manager", "dismiss grant return", "2026-11-04 18:00", {}, {}),
}  # fmt: skip


def told() -> WalkDesk:
    desk = at("answer_customer", fresh=True)
    desk.play("answer_customer", answer_given="Thank you")
    return desk


@cache
def kept(stage: str) -> WalkDesk:
    return at(stage, fresh=True)


def at(stage: str, fresh: bool = False) -> WalkDesk:
    if not fresh:
        return kept(stage)
    if stage == "callback":
        return told()
    if stage in ("penalty_ruling", "objection_ruling"):
        desk = at_stage("loss_report")
        route, field = (
            ("still_sold", "still_sold_by") if stage == "penalty_ruling" else ("objection", "objection_reason")
        )
        desk.act(cmd.BeginRoute, person("storekeeper"), route=route, fields={field: "x"})
        return desk
    if stage == "answer_customer":
        desk = at_stage("confirm_conforming", TABLE[stage][3], **TABLE[stage][4])
        desk.play("confirm_conforming")
        return desk
    return at_stage(stage, *TABLE[stage][3:4], **TABLE[stage][4])


@pytest.mark.clauses(ID, "二", "三", "四", "六", "七", "八", "九", "台1")
@pytest.mark.capabilities("RD-10")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what_and_until_when(stage: str) -> None:
    """六 「各岗位不得擅自处理、销毁」: only the quality administrator; 七: destruction is signed by witnesses; the sale stops at once."""
    now, decisions, due, *_ = TABLE[stage]
    assert at(stage).seated(stage) == (now, "")
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions
    assert at(stage).due(stage) == local(due)


def test_the_table_is_complete_with_the_report_of_whoever_found_it() -> None:
    assert set(TABLE) | {"found"} == set(bundle(ID).policy.stages)
    desk = at_stage("confirm")
    desk.decide(person("quality_admin"), "confirm", "return", reason="Which shelf?")
    assert desk.roles("found") == [person("shop_assistant")]
    assert desk.due("found") == local("2026-11-02 11:30")
    assert list(decisions_of(bundle(ID).policy.stages["found"])) == ["send", "return"]
    assert desk.case().clock("case") is None


@pytest.mark.clauses(ID, "三")
@pytest.mark.capabilities("DL-09", "DL-22")
def test_a_sale_that_is_not_stopped_at_once_goes_up() -> None:
    """三 「立即停止出库和销售」, with D5 behind it; the people are told at the confirmation."""
    desk = at_stage("stop_sale")
    told = {n.to for n in desk.told("rule")}
    assert told == {person(r, n) for r in ("storekeeper", "shop_assistant", "purchasing") for n in (1, 2)}
    desk.at("2026-11-03 12:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("stop_sale").id]
    assert fired[-1].as_ == "reminder_slip"
    desk.at("2026-11-03 18:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("stop_sale").id]
    assert (fired[-1].as_, set(fired[-1].told)) == (
        "escalation",
        {person("general_manager", 1), person("general_manager", 2)},
    )


@pytest.mark.clauses(ID, "四")
def test_a_finding_of_the_authority_is_told_to_the_head_and_conforming_goods_to_nobody() -> None:
    desk = at_stage("stop_sale", AUTHORITY)
    assert {person("authority"), person("general_manager")} <= {n.to for n in desk.told("rule")}
    assert bundle(ID).policy.roles["authority"].kind == "outside"
    assert not at("confirm_conforming").told("rule")


@pytest.mark.clauses(ID, "三", "七")
@pytest.mark.capabilities("OS-11", "RD-10")
@pytest.mark.parametrize(
    ("stage", "decision", "after"), [("stop_sale", "stop", "find_cause"), ("destruction", "destroy", "record")]
)
def test_storekeeper_and_shop_confirm_beside_the_administrator(stage: str, decision: str, after: str) -> None:
    """七 「应在质量管理员和其他相关部门的监督下进行」: two witnesses at least."""
    desk = at_stage(stage)
    fields = dict(USUAL[stage])
    files = (
        (("destruction_record", cmd.GivenFile(id="F", name=fields.pop("destruction_record"))),)
        if stage == "destruction"
        else ()
    )
    desk.decide(person("quality_admin"), stage, decision, files=files, **fields)
    desk.decide(person("storekeeper"), stage)
    assert desk.open_stages() == [stage]
    desk.decide(person("shop_assistant"), stage)
    assert desk.open_stages() == [after]


# --- what must be filled -----------------------------------------------------------------------------------------------------------

MANDATORY = [
    *(("found", f, {}, {}) for f in FOUND),
    *(("confirm", f, {}, {}) for f in ("nonconforming", "defect_type")),
    ("confirm", "conforming_reason", {}, {"nonconforming": False}),
    *(("stop_sale", f, {}, {}) for f in USUAL["stop_sale"]),
    *(("await_authority", f, AUTHORITY, {}) for f in USUAL["await_authority"]),
    *(("find_cause", f, {}, {}) for f in USUAL["find_cause"]),
    *(("loss_report", f, {}, {}) for f in USUAL["loss_report"]),
    *(("destruction", f, {}, {}) for f in USUAL["destruction"]),
    ("record", "records_complete", {}, {}),
]


@pytest.mark.clauses(ID, "二", "三", "四", "七", "八", "九", "台1")
@pytest.mark.capabilities("RD-11", "OS-09")
@pytest.mark.parametrize(("stage", "field", "slip", "later"), MANDATORY)
def test_what_the_text_asks_is_mandatory(stage: str, field: str, slip: Any, later: Any) -> None:
    """八 「查明原因,分清责任,及时制定与采取纠正、预防措施」; 台1: the trace data of the ledger."""
    if stage == "found":
        with pytest.raises(FieldErrors) as refused:
            begun(**{field: None})
        assert field in refused.value.errors
        return
    desk = at_stage(stage, slip, **later)
    usual = {n: later.get(n, v) for n, v in USUAL[stage].items()}
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**usual, field: None})
    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize(
    ("stage", "wrong"),
    [
        *(("stop_sale", {f: False}) for f in STOPPED),
        ("loss_report", {"loss_quantity": "61"}),
        ("destruction", {"destroyed_quantity": "61"}),
        ("destruction", {"destroyed_on": "2026-11-03"}),
        ("record", {"records_complete": False}),
    ],
)
def test_what_is_not_so_is_refused(stage: str, wrong: dict[str, Any]) -> None:
    desk = at_stage(stage)
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**USUAL[stage], **wrong})
    assert set(refused.value.errors) == set(wrong)


@pytest.mark.parametrize("wrong", [{"quantity": "0"}, {"received_on": "2026-11-03"}])
def test_a_report_with_impossible_figures_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(FieldErrors) as refused:
        begun(**wrong)
    assert set(refused.value.errors) == set(wrong)


@pytest.mark.clauses(ID, "六")
def test_nothing_is_destroyed_before_the_loss_is_reported() -> None:
    assert bundle(ID).policy.stages["destruction"].needs == ("loss_report",)
    desk = at_stage("find_cause")
    for role in ("storekeeper", "shop_assistant", "receiver", "purchasing"):
        with pytest.raises(NotAuthorized):
            desk.decide(person(role), "find_cause", "report", **USUAL["find_cause"])


# --- still sold, customer, objection ---------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "十一")
@pytest.mark.parametrize("role", ["quality_admin", "storekeeper", "shop_assistant", "general_manager"])
def test_who_still_sells_it_is_reported_and_punished(role: str) -> None:
    """十一 「明确为不合格保健食品仍继续发货、销售的,应按有关规定依法予以处罚。」"""
    desk = at_stage("find_cause")
    with pytest.raises(FieldErrors):
        desk.act(cmd.BeginRoute, person(role), route="still_sold", fields={})
    with pytest.raises(NotAuthorized):
        desk.act(cmd.BeginRoute, person("purchasing"), route="still_sold", fields={"still_sold_by": "North"})
    desk.act(cmd.BeginRoute, person(role), route="still_sold", fields={"still_sold_by": "North"})
    with pytest.raises(FieldErrors):
        desk.play("penalty_ruling")
    desk.play("penalty_ruling", penalty="Warning")
    assert [(x.register, x.row["still_sold_by"]) for x in desk.happened(e.RegisterEntered)] == [
        ("still_sold_register", "North")
    ]
    with pytest.raises(NotAllowedHere):
        at("confirm").act(cmd.BeginRoute, person(role), route="still_sold", fields={"still_sold_by": "North"})


@pytest.mark.parametrize(("solved", "score", "again"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_customer_who_found_it_is_told_and_called(solved: bool, score: str, again: bool) -> None:
    """D6; goods that nobody complained of have nobody to call."""
    assert not at("confirm").may_reply()
    desk = told()
    desk.call("reached", person("shop_assistant"), solved=solved, score=score)
    assert ("find_cause" in desk.open_stages()) is again
    with pytest.raises(FieldErrors):
        at("answer_customer", fresh=True).play("answer_customer")


def test_three_calls_without_an_answer_end_the_callback() -> None:
    desk = told()
    for day in ("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00"):
        desk.clock.at = local(day)
        assert desk.open_stages() == ["callback"]
        desk.call("no_answer", person("shop_assistant"))
    assert desk.case().status == "finished"


@pytest.mark.parametrize("role", ["receiver", "storekeeper", "shop_assistant", "purchasing"])
@pytest.mark.parametrize(("decision", "again"), [("dismiss", False), ("grant", True)])
def test_who_is_held_responsible_may_object_within_five_working_days(role: str, decision: str, again: bool) -> None:
    """D12."""
    desk = at_stage("loss_report")
    objection_ruled(desk, role, decision)
    assert ("find_cause" in desk.open_stages()) is again


# --- records ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "九", "台1", "七")
@pytest.mark.capabilities("RD-04", "RD-11")
def test_records_are_kept_two_years_and_the_ledger_holds_the_trace_data() -> None:
    """九 「记录应妥善保存至少2年」; 台1 name, date, quantity, batch, amount, maker, address, person in charge."""
    papers = bundle(ID).policy.papers
    assert (str(papers.keep), str(papers.keep_source), papers.archive_by) == ("2 years", "九", "quality_admin")
    assert {n: r.kept_by for n, r in papers.registers.items()} == {
        "goods_ledger": "receiver", "disposal_register": "quality_admin", "still_sold_register": "quality_admin",
    }  # fmt: skip
    desk = begun(**RECEIPT).walk("finished", USUAL)
    [line] = desk.happened(e.RegisterEntered)
    assert (line.register, line.row) == (
        "goods_ledger",
        {n: desk.case().fields[n] for n in FOUND if n not in ("entry", "found_by", "defect")},
    )
    desk = begun().walk("finished", USUAL)
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["disposal_register"]
    assert {"loss_quantity", "destroyed_quantity", "destroyed_on"} <= set(papers.forms["destruction_form"].fill)


@pytest.mark.clauses(ID, "十")
@pytest.mark.capabilities("SR-02")
def test_the_administrator_analyses_every_quarter() -> None:
    """十 「质量管理员每季应对不合格药品的处理情况进行汇总、分析,提出改进意见」; by the 10th is ours."""
    duty = bundle(ID).policy.duties["quarterly_analysis"]
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "quarter",
        "10th",
        "quality_admin",
        ["general_manager"],
    )
    assert [f.name for f in duty.fill] == ["quarter_analysis", "proposals"]
    assert {"cause", "corrective_action", "by_type"} <= set(duty.contents)
    repeat = bundle(ID).policy.repeat
    assert (repeat.same, str(repeat.within)) == (("product", "batch_no"), "3 months")
