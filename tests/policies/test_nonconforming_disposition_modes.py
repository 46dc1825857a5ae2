"""nonconforming-disposition-modes: five dispositions with their conditions, re-inspection after rework or repair, and the corrective action beside them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.decisions import decisions_of
from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.our_defaults import objection_ruled
from tests.support.policy_desk import person
from tests.support.walk_desk import WalkDesk

ID = "nonconforming-disposition-modes"
FOUND: dict[str, Any] = {
    "product": "Shaft", "batch_no": "S-1", "quantity": "40", "nonconformity": "Diameter 0.1 mm too large",
    "marked": True, "isolated": True, "isolated_at": "Cage 2",
}  # fmt: skip
USUAL: dict[str, dict[str, Any]] = {
    "decide_disposition": {
        "reworkable": True, "rework_uneconomic": False, "real_effect": True, "complaint_likely": True, "disposition": "rework",
        "disposition_reason": "Can be turned off", "new_grade": "B", "conceded_quantity": "40", "scrap_way": "recycled",
    },
    "concession_approval": {"written_approval": "signed.pdf"},
    "execute": {"execution": "Turned off"},
    "re_inspect": {"inspection_passed": True, "inspection_record": "r.pdf"},
    "disposition_ruling": {"ruling_reason": "Scrap it"},
    "release": {},
    "correct": {"cause": "Worn tool", "corrective_action": "Change it weekly", "action_due": "2026-11-20"},
    "effect_check": {"effective": True},
    "correction_ruling": {"ruling_reason": "New lathe"},
    "closing": {},
}  # fmt: skip
NO_EFFECT = {"real_effect": False, "complaint_likely": False}


def begun(**changes: Any) -> WalkDesk:
    desk = WalkDesk(ID)
    desk.log(person("inspector"), **{n: v for n, v in {**FOUND, **changes}.items() if v is not None})
    return desk


def at_stage(stage: str, **changes: Any) -> WalkDesk:
    return begun().walk(stage, USUAL, **changes)


def disposed(desk: WalkDesk) -> list[str]:
    """Return the stages of the disposition, without the corrective action that runs beside it."""
    beside = ("identify", "correct", "effect_check", "closing")
    return [v.stage for v in desk.case().visits.values() if v.stage not in beside]


# --- marking ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "标识")
@pytest.mark.parametrize(
    "wrong", [{"marked": False}, {"isolated": False}, *({f: None} for f in FOUND), {"quantity": "0"}]
)
def test_whatever_is_decided_the_inspector_marks_and_isolates_at_once(wrong: dict[str, Any]) -> None:
    """「不合格品无论被确定何种处置方式,检验人员都应立即做出标识并及时、分别进行隔离存放」."""
    desk = at_stage("decide_disposition")
    desk.decide(person("quality"), "decide_disposition", "return", reason="Which cage?")
    assert (desk.seated("identify"), desk.due("identify")) == (("inspector", ""), local("2026-11-02 11:30"))
    assert {n.to for n in desk.told("rule")} == {person(r, n) for r in ("quality", "production") for n in (1, 2)}
    with pytest.raises(FieldErrors) as refused:
        begun(**wrong)
    assert set(wrong) <= set(refused.value.errors)


# --- the five dispositions --------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "返工", "降级", "返修", "报废", "让步", "再检")
@pytest.mark.capabilities("CL-14", "OS-10", "RT-16", "GA-11")
@pytest.mark.parametrize(
    ("given", "route"),
    [
        ({"disposition": "rework"}, "execute re_inspect release"),
        ({"disposition": "repair"}, "execute re_inspect release"),
        ({"disposition": "downgrade"}, "execute release"),
        ({"disposition": "scrap", "reworkable": False}, "execute"),
        ({"disposition": "concession", **NO_EFFECT}, "concession_approval release"),
    ],
)
def test_each_disposition_has_its_way(given: dict[str, Any], route: str) -> None:
    """Rework and repair are inspected again; a concession is approved in writing; scrap is never released."""
    desk = at_stage("closing", **given)
    assert disposed(desk) == ["decide_disposition", *route.split()]
    desk.play("closing")
    assert (desk.case().status, desk.case().outcome, desk.case().number) == ("finished", "disposed", "202611-001")
    assert bundle(ID).policy.policy.kind == "sub_procedure"


CONDITIONS = [
    # reworkable, too dear, real effect, complaint likely -> what may be chosen besides downgrade and repair
    (True, False, True, True, {"rework"}),
    (True, True, True, True, {"scrap"}),
    (False, None, True, True, {"scrap"}),
    (False, None, False, True, {"scrap"}),
    (False, None, True, False, {"scrap"}),
    (False, None, False, False, {"concession"}),
    (True, False, False, False, {"rework", "concession"}),
    (True, True, False, False, {"scrap", "concession"}),
]


@pytest.mark.clauses(ID, "报废", "让步条件", "降级")
@pytest.mark.capabilities("CL-14")
@pytest.mark.parametrize(("reworkable", "dear", "effect", "complaint", "allowed"), CONDITIONS)
def test_the_conditions_of_each_disposition(
    reworkable: bool, dear: Any, effect: bool, complaint: bool, allowed: set[str]
) -> None:
    """「无法返工和让步接收,或虽可返工但返工费用过大、不经济的均按废品处置」; 「均无实质性的影响,也不会引起顾客提出申诉、索赔」."""
    given = {"reworkable": reworkable, "rework_uneconomic": dear, "real_effect": effect, "complaint_likely": complaint}
    taken = set()
    for choice in bundle(ID).policy.fields["disposition"].choices:
        desk = at_stage("decide_disposition")
        try:
            desk.play("decide_disposition", **{**USUAL["decide_disposition"], **given, "disposition": choice})
        except FieldErrors:
            continue
        taken.add(choice)
    assert taken == allowed | {"downgrade", "repair"}


MANDATORY = [
    *(("decide_disposition", f, {}) for f in ("reworkable", "real_effect", "complaint_likely", "disposition", "disposition_reason", "rework_uneconomic")),
    ("decide_disposition", "new_grade", {"disposition": "downgrade"}),
    ("decide_disposition", "conceded_quantity", {"disposition": "concession", **NO_EFFECT}),
    ("decide_disposition", "scrap_way", {"disposition": "scrap", "reworkable": False}),
    ("concession_approval", "written_approval", {"disposition": "concession", **NO_EFFECT}),
    ("execute", "execution", {}),
    *(("re_inspect", f, {}) for f in USUAL["re_inspect"]),
    ("disposition_ruling", "ruling_reason", {"inspection_passed": False}),
    *(("correct", f, {}) for f in USUAL["correct"]),
    ("effect_check", "effective", {}),
    ("correction_ruling", "ruling_reason", {"effective": False}),
]  # fmt: skip


@pytest.mark.clauses(ID, "书面", "销毁", "降级", "再检", "纠正措施")
@pytest.mark.parametrize(("stage", "field", "given"), MANDATORY)
def test_what_each_step_must_know(stage: str, field: str, given: dict[str, Any]) -> None:
    """A concession is a 「书面认可」 for a 「一定数量」; a downgrade names the new grade; goods are 「回收、销毁」."""
    desk = at_stage(stage, **given)
    with pytest.raises(FieldErrors) as refused:
        desk.play(stage, **{**USUAL[stage], **{n: v for n, v in given.items() if n in USUAL[stage]}, field: None})
    assert field in refused.value.errors


@pytest.mark.clauses(ID, "书面")
def test_no_more_is_conceded_than_there_is() -> None:
    desk = at_stage("decide_disposition")
    with pytest.raises(FieldErrors) as refused:
        desk.play(
            "decide_disposition",
            **{**USUAL["decide_disposition"], **NO_EFFECT, "disposition": "concession", "conceded_quantity": "41"},
        )
    assert set(refused.value.errors) == {"conceded_quantity"}


@pytest.mark.clauses(ID, "书面")
@pytest.mark.capabilities("RT-21")
def test_a_concession_is_approved_by_the_head_of_quality_and_the_general_manager() -> None:
    """「准予放行的书面认可」; by whom is ours."""
    desk = at_stage("concession_approval", disposition="concession", **NO_EFFECT)
    assert desk.seated("concession_approval") == ("head of quality", "general_manager")
    desk.decide(
        "UQUALITYHEAD", "concession_approval", files=(("written_approval", cmd.GivenFile(id="F", name="a.pdf")),)
    )
    assert "release" not in desk.open_stages()
    desk.decide(person("general_manager"), "concession_approval")
    assert "release" in desk.open_stages()


# --- inspected again --------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "再检")
@pytest.mark.capabilities("RT-11", "RT-21")
@pytest.mark.parametrize("disposition", ["rework", "repair"])
def test_what_fails_again_is_decided_anew_until_it_passes(disposition: str) -> None:
    """「经检验合格方可转序或入库,经检验确认仍不合格的按不合格品处置程序重新处置。」"""
    desk = at_stage("re_inspect", disposition=disposition)
    desk.play("re_inspect", inspection_passed=False, inspection_record="r.pdf")
    assert "release" not in desk.open_stages()
    with pytest.raises(FieldErrors) as refused:
        desk.play("decide_disposition")
    assert "disposition" in refused.value.errors
    desk.play("decide_disposition", **{**USUAL["decide_disposition"], "disposition": disposition})
    desk.play("execute", execution="Again")
    desk.play("re_inspect", **USUAL["re_inspect"])
    assert "release" in desk.open_stages()


def test_what_fails_may_be_scrapped_and_is_not_released() -> None:
    desk = at_stage("re_inspect")
    desk.play("re_inspect", inspection_passed=False, inspection_record="r.pdf")
    desk.play(
        "decide_disposition", **{**USUAL["decide_disposition"], "rework_uneconomic": True, "disposition": "scrap"}
    )
    desk.play("execute", execution="Melted")
    assert desk.open_stages() == ["correct"]


def test_after_five_failures_the_general_manager_decides_and_nothing_is_released() -> None:
    """Ours: the text sets no end."""
    desk = at_stage("disposition_ruling", inspection_passed=False)
    assert disposed(desk).count("re_inspect") == 5
    desk.play("disposition_ruling", ruling_reason="Scrap it")
    assert desk.open_stages() == ["correct"]


# --- corrective action ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "纠正措施", "一起")
@pytest.mark.capabilities("OS-09")
def test_the_corrective_action_runs_beside_and_holds_the_closing() -> None:
    """「除要处置不合格品以外,还要采取纠正措施」 「纠正可连同纠正措施一起实施」."""
    desk = at_stage("decide_disposition")
    assert desk.open_stages() == ["decide_disposition", "correct"]
    for stage in ("decide_disposition", "execute", "re_inspect", "release"):
        desk.play(stage, **USUAL[stage])
    assert desk.open_stages() == ["correct"]
    desk.play("correct", **USUAL["correct"])
    for _ in range(2):
        desk.play("effect_check", effective=False)
        assert desk.open_stages() == ["correct"]
        desk.play("correct", **USUAL["correct"])
    desk.play("effect_check", effective=False)
    assert desk.open_stages() == ["correction_ruling"]
    desk.play("correction_ruling", ruling_reason="New lathe")
    assert desk.open_stages() == ["closing"]


# --- people and times ----------------------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[str, str, str, str, dict[str, Any]]] = {
    "decide_disposition": ("quality", "", "decide return", "2026-11-04 18:00", {}),
    "concession_approval": ("head of quality", "general_manager", "approve return", "2026-11-04 18:00", {"disposition": "concession", **NO_EFFECT}),
    "execute": ("production", "", "report return", "2026-11-04 18:00", {}),
    "re_inspect": ("inspector", "", "report return", "2026-11-04 18:00", {}),
    "disposition_ruling": ("general_manager", "", "rule return", "2026-11-04 18:00", {"inspection_passed": False}),
    "release": ("inspector", "", "release return", "2026-11-03 18:00", {}),
    "correct": ("production", "quality", "plan return", "2026-11-09 18:00", {}),
    "effect_check": ("quality", "", "check return", "2026-11-20 24:00", {}),
    "correction_ruling": ("general_manager", "", "rule return", "2026-11-04 18:00", {"effective": False}),
    "closing": ("quality", "", "close return", "2026-11-03 18:00", {}),
    "objection_ruling": ("general_manager", "", "dismiss grant return", "2026-11-04 18:00", {}),
}  # fmt: skip


@cache
def at(stage: str) -> WalkDesk:
    if stage == "objection_ruling":
        desk = at_stage("execute")
        desk.act(cmd.BeginRoute, person("production"), route="objection", fields={"objection_reason": "x"})
        return desk
    return at_stage(stage, **TABLE[stage][4])


@pytest.mark.clauses(ID, "标识", "再检")
@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what_and_until_when(stage: str) -> None:
    """The inspector inspects and releases; the other people and times are ours; everybody else is refused."""
    now, later, decisions, due, _ = TABLE[stage]
    assert at(stage).seated(stage) == (now, later)
    assert " ".join(decisions_of(bundle(ID).policy.stages[stage])) == decisions
    assert at(stage).due(stage) == local(due)


def test_the_table_is_complete_and_the_case_has_no_limit_of_its_own() -> None:
    assert set(TABLE) | {"identify"} == set(bundle(ID).policy.stages)
    assert list(decisions_of(bundle(ID).policy.stages["identify"])) == ["isolate", "return"]
    assert at("execute").case().clock("case") is None


@pytest.mark.capabilities("DL-22")
def test_a_late_stage_is_urged_and_goes_to_the_general_manager() -> None:
    """D5."""
    desk = at_stage("execute")
    desk.at("2026-11-05 18:00")
    fired = [x for x in desk.happened(e.StepFired) if x.deadline == desk.stage_clock("execute").id]
    assert [x.as_ for x in fired] == ["reminder", "reminder_slip", "escalation"]


@pytest.mark.parametrize("role", ["inspector", "production"])
@pytest.mark.parametrize(("decision", "again"), [("dismiss", False), ("grant", True)])
def test_inspection_and_production_may_object_within_five_working_days(role: str, decision: str, again: bool) -> None:
    """D12."""
    desk = at_stage("execute")
    objection_ruled(desk, role, decision)
    assert ("identify" in desk.open_stages()) is again


@pytest.mark.clauses(ID, "书面")
def test_papers_and_statistics() -> None:
    """D7, D8, D9, D15."""
    policy = bundle(ID).policy
    assert {"conceded_quantity", "real_effect"} <= set(policy.papers.forms["concession_form"].fill)
    assert str(policy.papers.keep) == "3 years"
    assert (policy.repeat.same, str(policy.repeat.within)) == (("product", "batch_no"), "3 months")
    duty = policy.duties["monthly_statistics"]
    assert (duty.every, duty.by, str(duty.who), [str(w) for w in duty.send_to]) == (
        "month",
        "10th",
        "quality",
        ["general_manager"],
    )
    assert {"disposition", "corrective_action", "passed_after_rework"} <= set(duty.contents)
