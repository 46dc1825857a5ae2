"""nonconforming-ab-control: grade A is returned or scrapped, grade B never scrapped; the review group stands in for the general manager."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.people import Absence
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import head, person
from tests.support.walk_desk import WalkDesk

ID = "nonconforming-ab-control"
FOUND: dict[str, Any] = {
    "found_in": "raw_material",
    "product": "Resin",
    "batch_no": "R-9",
    "quantity": "100",
    "occurred_unit": "moulding",
    "findings": "Water content 3 %",
    "nonconforming": True,
}
USUAL: dict[str, dict[str, Any]] = {
    "confirm_conforming": {},
    "isolate": {"in_zone": True, "marked": True},
    "grade_review": {"batch_wide": False, "loss": "9999.99", "performance_off": False, "remediable": True},
    "disposition_proposal": {
        "disposition": "condition", "method": "Dry it 4 h at 80 °C", "control_requirements": "Water below 0.1 %", "control_sample": "1 bag",
    },
    "approval": {},
    "hand_over": {
        "disposal_result": "Dried and used", "sorted_how": "full_inspection", "sorting_record": "r.pdf", "rejects": "100",
        "rejects_to": "rejects_scrapped",
    },
    "track": {"tracked_result": "Good parts"},
}  # fmt: skip
SLIM = {"sorted_how": None, "sorting_record": None, "rejects": None, "rejects_to": None, "control_sample": None}
FINISHED = {"found_in": "finished"}


def begun(plan: dict[str, Any] | None = None, **changes: Any) -> WalkDesk:
    desk = WalkDesk(ID, departments=("moulding",), **(plan or {}))
    desk.log(person("quality_control"), **{n: v for n, v in {**FOUND, **changes}.items() if v is not None})
    return desk


def at_stage(stage: str, slip: dict[str, Any] | None = None, plan: Any = None, **changes: Any) -> WalkDesk:
    return begun(plan, **(slip or {})).walk(stage, USUAL, **{**SLIM, **changes})


# --- route, people, times ----------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2", "4.1.1", "4.1.3")
@pytest.mark.capabilities("RT-02", "RT-16", "OS-10", "GA-11")
@pytest.mark.parametrize(
    "found_in", ["raw_material", "material_in_production", "intermediate", "finished", "delivered"]
)
def test_goods_of_every_kind_go_through_the_same_six_steps(found_in: str) -> None:
    """2 「适用于对原材料、中间产品、成品,以及成品交付后发现的不合格品的控制。」"""
    desk = at_stage("track", {"found_in": found_in})
    desk.play("track", **USUAL["track"])
    stages = "judge isolate grade_review disposition_proposal approval hand_over track"
    assert " ".join(v.stage for v in desk.case().visits.values()) == stages
    assert (desk.case().outcome, desk.case().number) == ("disposed", "202611-001")
    assert bundle(ID).policy.policy.kind == "sub_procedure"


TABLE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "confirm_conforming": ("head of quality_control", "confirm return", {"nonconforming": False, "conforming_reason": "Within limits"}),
    "isolate": ("warehouse", "isolate return", {}),
    "grade_review": ("production, quality_control", "grade return", {}),
    "disposition_proposal": ("quality_control", "propose return", {}),
    "approval": ("general_manager", "approve return", {}),
    "hand_over": ("production", "dispose return", {}),
    "track": ("quality_control", "close not_done return", {}),
    "objection_ruling": ("general_manager", "dismiss grant return", {}),
}  # fmt: skip


@cache
def at(stage: str) -> WalkDesk:
    if stage == "objection_ruling":
        desk = at_stage("hand_over")
        desk.act(cmd.BeginRoute, person("moulding"), route="objection", fields={"objection_reason": "x"})
        return desk
    return at_stage(stage, TABLE[stage][2])


@pytest.mark.clauses(ID, "3.1", "3.2", "3.3", "4.1.1", "4.1.3", "4.2.1")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what_and_until_when(stage: str) -> None:
    """3.1 to 3.3; two working days a stage (ours); everybody else is refused."""
    now, decisions, _ = TABLE[stage]
    assert at(stage).seated(stage) == (now, "")
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions
    due = "2026-11-02 18:00" if stage == "confirm_conforming" else "2026-11-04 18:00"
    assert at(stage).due(stage) == local(due)


def test_the_table_is_complete_with_the_judgement() -> None:
    assert set(TABLE) | {"judge"} == set(bundle(ID).policy.stages)
    desk = at_stage("isolate")
    desk.decide(person("warehouse"), "isolate", "return", reason="Which pallet?")
    assert desk.seated("judge") == ("quality_control", "")
    assert desk.due("judge") == local("2026-11-04 18:00")
    assert list(decisions_of(bundle(ID).policy.stages["judge"])) == ["judge", "return"]
    assert desk.promise().due_at == local("2026-11-18 18:00")


@pytest.mark.capabilities("DL-22")
def test_a_late_stage_is_urged_and_goes_to_the_general_manager() -> None:
    """D5."""
    desk = at_stage("disposition_proposal")
    desk.at("2026-11-05 18:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("disposition_proposal").id]
    assert [x.as_ for x in fired] == ["reminder", "reminder_slip", "escalation"]
    assert set(fired[-1].told) == {person("general_manager", 1), person("general_manager", 2)}


@pytest.mark.clauses(ID, "3.3", "4.2.1", "4.2.4")
@pytest.mark.parametrize(
    ("found_in", "role"),
    [("raw_material", "warehouse"), ("material_in_production", "warehouse"), ("intermediate", "production"), ("finished", "production"), ("delivered", "production")],
)  # fmt: skip
def test_purchased_goods_go_to_the_zone_by_the_warehouse_others_by_production(found_in: str, role: str) -> None:
    """4.2.1 「由仓库将其放置于不合格品区,并设置不合格标识」, 3.3 「生产部……负责对不合格品进行隔离、标识和处置」."""
    assert at_stage("isolate", {"found_in": found_in}).roles("isolate") == [role]


# --- the grade and what it allows -----------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.1.2a", "4.1.2b")
@pytest.mark.capabilities("CL-04")
@pytest.mark.parametrize(
    ("batch_wide", "loss", "performance_off", "remediable", "grade"),
    [
        (True, "0", False, True, "grade_a"),
        (False, "10000", False, True, "grade_a"),
        (False, "9999.99", False, True, "grade_b"),
        (False, "0", True, False, "grade_a"),
        (False, "0", True, True, "grade_b"),
        (False, "0", False, False, "grade_b"),
    ],
)
def test_any_criterion_makes_it_grade_a(
    batch_wide: bool, loss: str, performance_off: bool, remediable: bool, grade: str
) -> None:
    """4.1.2a 「批量不合格,或造成较大经济损失,或直接影响产品质量……且无法加工、使用或补救」; a large loss begins at 10 000 (ours)."""
    given = {"batch_wide": batch_wide, "loss": loss, "performance_off": performance_off, "remediable": remediable}
    desk = at_stage("disposition_proposal", **given)
    if grade == "grade_a":
        desk.play("disposition_proposal", disposition="scrap", method="x")
        return
    with pytest.raises(FieldErrors) as refused:
        desk.play("disposition_proposal", disposition="scrap", method="x", control_requirements="x")
    assert set(refused.value.errors) == {"disposition"}


ALLOWED = {
    ("grade_a", "raw_material"): {"goods_return", "scrap"},
    ("grade_a", "finished"): {"goods_return", "scrap"},
    ("grade_b", "raw_material"): {"concession", "condition", "sort", "goods_return"},
    ("grade_b", "material_in_production"): {"concession", "condition", "sort", "goods_return"},
    ("grade_b", "intermediate"): {"sort", "condition", "rework", "other_use"},
    ("grade_b", "finished"): {"sort", "condition", "rework", "other_use"},
    ("grade_b", "delivered"): {"sort", "condition", "rework", "other_use"},
}


@pytest.mark.clauses(ID, "4.1.2a", "4.1.2b", "4.2", "4.2.4")
@pytest.mark.capabilities("CL-14")
@pytest.mark.parametrize(("grade", "found_in"), ALLOWED)
def test_the_grade_decides_what_may_be_done(grade: str, found_in: str) -> None:
    """4.1.2a 「A级不合格品处理时只能退货或报废。」 4.2 「处理方式为让步接受、调质、拣用或退货。」"""
    desk = at_stage("disposition_proposal", {"found_in": found_in}, batch_wide=grade == "grade_a")
    taken = set()
    for choice in bundle(ID).policy.fields["disposition"].choices:
        try:
            desk.play("disposition_proposal", **{**USUAL["disposition_proposal"], "disposition": choice})
        except FieldErrors:
            continue
        taken.add(choice)
        desk.decide(
            person("general_manager"), "approval", "return", reason="Think again", to_stage="disposition_proposal"
        )
    assert taken == ALLOWED[grade, found_in]


MANDATORY = [
    *(("judge", f, {}) for f in FOUND),
    ("judge", "conforming_reason", {"nonconforming": False}),
    *(("isolate", f, {}) for f in USUAL["isolate"]),
    *(("grade_review", f, {}) for f in USUAL["grade_review"]),
    *(("disposition_proposal", f, {}) for f in ("disposition", "method", "control_requirements")),
    ("disposition_proposal", "control_sample", {"disposition": "sort"}),
    ("hand_over", "disposal_result", {}),
    *(("hand_over", f, {"disposition": "sort"}) for f in ("sorted_how", "sorting_record", "rejects", "rejects_to")),
    ("track", "tracked_result", {}),
]


@pytest.mark.clauses(ID, "4.1.1", "4.1.3", "4.2.1", "4.2.2", "4.2.3")
@pytest.mark.parametrize(("stage", "field", "later"), MANDATORY)
def test_what_the_text_asks_is_mandatory(stage: str, field: str, later: dict[str, Any]) -> None:
    """4.2.2 「依照质控部提供的样品全检或在生产过程中剔出,并做好记录,拣出的不合格品作退货或报废处理」; 4.2.3 the method prescribed."""
    if stage == "judge":
        with pytest.raises(FieldErrors) as refused:
            begun(**{**later, field: None})
    else:
        sample = {"control_sample": "1 bag"} if later else {}
        desk = at_stage(stage, **{**sample, **later})
        usual = {n: v for n, v in USUAL[stage].items() if later or SLIM.get(n, v) is not None}
        with pytest.raises(FieldErrors) as refused:
            desk.play(stage, **{**usual, **{n: v for n, v in later.items() if n in usual}, field: None})
    assert set(refused.value.errors) == {field}


@pytest.mark.parametrize(
    ("stage", "wrong"),
    [("isolate", {"in_zone": False}), ("isolate", {"marked": False}), ("hand_over", {"rejects": "101"})],
)
def test_what_is_not_so_is_refused(stage: str, wrong: dict[str, Any]) -> None:
    desk = at_stage(stage, disposition="sort", control_sample="1 bag")
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**USUAL[stage], **wrong})
    assert set(refused.value.errors) == set(wrong)
    with pytest.raises(FieldErrors):
        begun(quantity="0")
    assert begun(quantity="1").open_stages() == ["isolate"]


@pytest.mark.clauses(ID, "4.2.2")
def test_without_rejects_nothing_is_asked_about_them_and_a_return_needs_no_control() -> None:
    """4.2.2 「拣出的不合格品作退货或报废处理」: already of a single one."""
    desk = at_stage("hand_over", disposition="sort", control_sample="1 bag")
    with pytest.raises(FieldErrors) as refused:
        desk.play("hand_over", **{**USUAL["hand_over"], "rejects": "1", "rejects_to": None})
    assert set(refused.value.errors) == {"rejects_to"}
    desk.play("hand_over", **{**USUAL["hand_over"], "rejects": "0", "rejects_to": None})
    assert desk.open_stages() == ["track"]
    desk = at_stage("disposition_proposal")
    desk.play("disposition_proposal", disposition="goods_return", method="Back to the supplier")
    assert desk.open_stages() == ["approval"]


# --- who grades, approves, disposes ----------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.3")
@pytest.mark.capabilities("RT-05")
def test_quality_control_and_production_grade_together() -> None:
    """3.3 「生产部协同质控部对不合格品进行分级评审」; who disagrees leaves it to the general manager (ours)."""
    desk = at_stage("grade_review")
    desk.decide(person("quality_control"), "grade_review", "grade", **USUAL["grade_review"])
    assert desk.open_stages() == ["grade_review"]
    desk.decide(person("production"), "grade_review")
    assert desk.open_stages() == ["disposition_proposal"]

    desk = at_stage("grade_review")
    desk.decide(person("production"), "grade_review", "disagree", reason="It is the whole batch")
    assert desk.seated("grade_review")[0] == "general_manager"


AWAY = tuple(
    Absence(member=person("general_manager", n), from_at=local("2026-11-01 00:00"), until_at=local("2026-11-04 00:00"))
    for n in (1, 2)
)


@pytest.mark.clauses(ID, "3.1")
@pytest.mark.capabilities("RT-08")
def test_the_review_group_approves_while_the_general_manager_is_away() -> None:
    """3.1 「总经理不在时由不合格评审小组对不合格进行判定。不合格评审小组由生产部、质控部组成。」"""
    desk = at_stage("approval", plan={"absences": AWAY})
    with pytest.raises(NotAuthorized):
        desk.decide(person("production"), "approval")
    desk.decide(person("review_group"), "approval")
    assert desk.open_stages() == ["hand_over"]

    desk = at_stage("approval")
    with pytest.raises(NotAuthorized):
        desk.decide(person("review_group"), "approval")


@pytest.mark.clauses(ID, "4.1.3", "4.2.1", "4.2.2")
@pytest.mark.parametrize(
    ("found_in", "disposition", "who"),
    [
        ("raw_material", "goods_return", "supply"),
        ("raw_material", "condition", "production"),
        ("raw_material", "concession", "production"),
        ("raw_material", "sort", "moulding"),
        ("finished", "rework", "moulding"),
        ("delivered", "sort", "moulding"),
    ],
)
def test_the_approved_slip_goes_to_who_disposes(found_in: str, disposition: str, who: str) -> None:
    """4.1.3 「交不合格品发生部门」; 4.2.1 「交供应部或生产部处置」; 4.2.2 who found it sorts it."""
    desk = at_stage("hand_over", {"found_in": found_in}, disposition=disposition, control_sample="1 bag")
    assert desk.roles("hand_over") == [who]
    assert [(x.of, x.to) for x in desk.happened(e.CopiesSent)] == [("handling_slip", (who,))]


@pytest.mark.clauses(ID, "4.1.3")
def test_nothing_is_disposed_of_without_an_approved_slip() -> None:
    """《不合格品处理单》 first, then the goods."""
    assert bundle(ID).policy.stages["hand_over"].needs == ("approval",)
    assert "hand_over" not in at("approval").open_stages()


@pytest.mark.clauses(ID, "3.2")
def test_what_was_not_done_properly_goes_back_to_who_disposes() -> None:
    """3.2 「跟踪不合格品的处置」."""
    desk = at_stage("track")
    with pytest.raises(FieldErrors):
        desk.play("track", "not_done")
    desk.play("track", "not_done", reason="Still wet")
    assert desk.open_stages() == ["hand_over"]


def test_goods_that_conform_are_closed_by_the_head_and_nobody_is_warned() -> None:
    """D17; otherwise 3.2: the unit and production hear of it."""
    desk = at_stage("confirm_conforming", TABLE["confirm_conforming"][2])
    assert not desk.told("rule")
    desk.play("confirm_conforming")
    assert (desk.case().status, desk.case().outcome) == ("finished", "conforming")
    assert {n.to for n in at("isolate").told("rule")} == {
        person(r, n) for r in ("moulding", "production") for n in (1, 2)
    }


@pytest.mark.parametrize("who", [person("moulding"), person("supply"), person("warehouse"), person("production")])
@pytest.mark.parametrize(("decision", "again"), [("dismiss", False), ("grant", True)])
def test_the_departments_may_object_within_five_working_days(who: str, decision: str, again: bool) -> None:
    """D12."""
    desk = at_stage("hand_over")
    for fields, at_ in (({}, "2026-11-02 10:00"), ({"objection_reason": "x"}, "2026-11-09 18:01")):
        desk.clock.at = local(at_)
        with pytest.raises((FieldErrors, NotAllowedHere)):
            desk.act(cmd.BeginRoute, who, route="objection", fields=fields)
    desk.clock.at = local("2026-11-09 18:00")
    desk.act(cmd.BeginRoute, who, route="objection", fields={"objection_reason": "x"})
    with pytest.raises(FieldErrors):
        desk.play("objection_ruling", decision)
    desk.play("objection_ruling", decision, ruling_reason="x")
    assert ("grade_review" in desk.open_stages()) is again
    assert head("quality_control") != who


def test_the_share_of_grade_a_counts_grade_a() -> None:
    """D15: by grade."""
    desk = at_stage("finished", batch_wide=True, disposition="scrap")
    assert desk.figure("grade_a_share") == "1 of 1"
    assert at_stage("finished").figure("grade_a_share") == "0 of 1"


@pytest.mark.clauses(ID, "4.1.3")
def test_slip_retention_and_statistics() -> None:
    """D7, D8, D9, D15."""
    policy = bundle(ID).policy
    assert {"grade", "disposition", "method"} <= set(policy.papers.forms["handling_slip"].fill)
    assert str(policy.papers.keep) == "3 years"
    assert (policy.repeat.same, str(policy.repeat.within)) == (("product", "batch_no"), "3 months")
    duty = policy.duties["monthly_statistics"]
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "quality_control",
        ["general_manager"],
    )
    assert {"grade", "disposition", "grade_a_share"} <= set(duty.contents)
