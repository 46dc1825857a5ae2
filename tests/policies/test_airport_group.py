"""airport-group: day and night, on the spot and investigated at once; the highest grade counts; the second complaint weighs more."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import NotAllowedHere
from complaints.views import Look
from complaints.views_case import parent_number
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "airport-group"
QS = person("quality_safety")
GM = {person("general_manager", 1), person("general_manager", 2)}
FORM: dict[str, Any] = {
    "customer": "C-0417", "anonymous": False, "contact": "0912", "channel": "hotline_call", "origin": "service",
    "event": "CA101 desk 7, 1 Nov", "complaint": "Nobody at the desk", "demand": "An apology",
}  # fmt: skip
GRADED: dict[str, Any] = {
    "nature": "slight", "object_named": True, "injury": False, "media_exposure": False, "misconduct": False, "claim": "0",
    "is_valid": True, "liable_unit": "unit", "unit_kind": "own_unit",
}  # fmt: skip
FILL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "anonymous_gate": (head("quality_safety"), "investigate_it", {}),
    "grading": (QS, "grade_it", GRADED),
    "confirm_invalid": (head("quality_safety"), "confirm", {}),
    "on_site": (head("unit"), "disposed", {"on_site_done": "Opened the desk"}),
    "investigate": (QS, "found", {"facts_found": "Shift change"}),
    "handling_order": (QS, "issue", {"order_text": "Report by tomorrow"}),
    "unit_report": (person("unit"), "report_it", {"cause": "Gap in the roster", "measures": "Overlap of shifts"}),
    "reply": (person("unit"), "told", {"answer": "We are sorry"}),
    "closing": (QS, "close_it", {}),
}  # fmt: skip
CALL = {"solved": True, "score": "4"}
CLASS1: dict[str, Any] = {"injury": True}
CLASS2: dict[str, Any] = {"misconduct": True}


def logged(**changes: Any) -> PolicyDesk:
    desk = PolicyDesk(ID, departments=("security",))
    desk.log(QS, **{**FORM, **changes})
    return desk


def take(desk: PolicyDesk, stage: str, **fields: Any) -> None:
    who, decision, filled = FILL[stage]
    desk.decide(who, stage, decision, **{**filled, **fields})


def at(stage: str, **changes: Any) -> PolicyDesk:
    desk = logged(**{n: v for n, v in changes.items() if n in FORM})
    while stage not in desk.open_stages():
        now = desk.open_stages()[0]
        asked = bundle(ID).policy.stages[now].filled
        take(desk, now, **{n: v for n, v in changes.items() if n not in FORM and n in asked})
    return desk


def closed(**changes: Any) -> PolicyDesk:
    desk = at("closing", **changes)
    take(desk, "closing")
    return desk


def grade_of(desk: PolicyDesk) -> str:
    return {"2026-11-09 18:00": "class2", "2026-11-05 18:00": "class1 or grumble"}[
        desk.promise().due_at.astimezone(local("2026-11-02 00:00").tzinfo).strftime("%Y-%m-%d %H:%M")
    ]


# --- 3, 4 grades -------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.3", "3.4", "3.5", "4.1", "4.2", "3.1")
@pytest.mark.capabilities("CL-04", "CL-05", "CL-18", "IN-02", "CL-01")
@pytest.mark.parametrize(
    ("graded", "origin", "grade"),
    [
        ({}, "service", "grumble"),
        ({"object_named": False}, "service", "grumble"),
        ({"nature": "fairly_serious"}, "service", "class2"),
        ({"nature": "serious"}, "service", "class1"),
        ({"injury": True}, "service", "class1"),
        ({"media_exposure": True}, "service", "class1"),
        ({"misconduct": True}, "service", "class2"),
        ({"claim": "0.01"}, "service", "class2"),
        ({"claim": "10000"}, "service", "class2"),
        ({"claim": "10000.01"}, "service", "class1"),
        ({}, "media", "class2"),
        ({}, "handling", "grumble"),
        ({"misconduct": True, "injury": True}, "service", "class1"),
        ({"nature": "fairly_serious", "claim": "20000"}, "service", "class1"),
    ],
)
def test_the_highest_grade_that_fits_counts(graded: dict[str, Any], origin: str, grade: str) -> None:
    """4.2 「如果同时符合几个分类标准,则从高认定等级」."""
    desk = at("grading", origin=origin)
    take(desk, "grading", **graded)
    take(desk, "on_site")
    take(desk, "investigate")

    assert desk.open_stages() == (["reply"] if grade == "grumble" else ["handling_order"])
    if grade != "grumble":
        assert grade_of(desk) == ("class2" if grade == "class2" else "class1 or grumble")
        take(desk, "handling_order")
        assert desk.due("unit_report") == local("2026-11-04 18:00" if grade == "class2" else "2026-11-03 18:00")


@pytest.mark.clauses(ID, "3.2")
@pytest.mark.capabilities("CL-08", "RD-06")
@pytest.mark.parametrize(("first", "grade"), [("grumble", "class2"), ("class2", "class1"), ("class1", "class1")])
def test_a_second_complaint_weighs_one_grade_more(first: str, grade: str) -> None:
    """3.2 「客户就同一事件在三个月内,再次向集团公司或向上级部门投诉的」."""
    desk = PolicyDesk(ID)
    desk.log(QS, "old", **FORM)
    desk.clock.at = local("2026-11-20 10:00")
    desk.log(QS, **{**FORM, "channel": "superior_body"})
    assert refused_fields(lambda: take(desk, "grading")) == {"first_grade"}
    take(desk, "grading", first_grade=first)
    take(desk, "on_site")
    take(desk, "investigate")
    take(desk, "handling_order")

    assert desk.due("unit_report") == local("2026-11-24 18:00" if grade == "class2" else "2026-11-23 18:00")


@pytest.mark.clauses(ID, "3.2")
@pytest.mark.capabilities("RD-06")
def test_a_second_complaint_opens_the_first_again_and_both_know_of_each_other() -> None:
    """3.2 the same event again within three months; that the first goes on at the investigation is our default."""
    desk = closed()
    desk.clock.at = local("2026-11-20 10:00")
    desk.log(QS, "again", **FORM)

    first, second = desk.case(), desk.case("again")
    assert (first.status, desk.open_stages()) == ("open", ["investigate"])
    assert [(x.link, x.other) for x in first.links] == [("repeat", "again")]
    assert [(x.link, x.other) for x in second.links] == [("repeat", "case1")]
    world = desk.desk.world(desk.record, bundle(ID), desk.clock.now())
    looks = {case.id: parent_number(case, Look(world=world, language="en")) for case in (first, second)}
    assert looks == {"case1": None, "again": first.number}
    assert {n.to for n in desk.told("rule") if n.case_id == "case1"} >= set(desk.plan.roles["quality_safety"].members)


@pytest.mark.clauses(ID, "3.2")
def test_a_second_complaint_about_a_case_that_goes_on_is_only_linked() -> None:
    desk = at("investigate")
    desk.log(QS, "again", **FORM)

    assert [x.other for x in desk.case().links] == ["again"]
    assert "investigate" in desk.open_stages()
    assert desk.happened(e.CaseReopened) == []


@pytest.mark.clauses(ID, "3.2")
@pytest.mark.parametrize(
    ("then", "event", "second"),
    [("2027-02-01 10:00", "", True), ("2027-02-03 10:00", "", False), ("2026-11-20 10:00", "another one", False)],
)
def test_the_three_months_run_from_the_first_complaint(then: str, event: str, second: bool) -> None:
    desk = PolicyDesk(ID)
    desk.log(QS, "old", **FORM)
    desk.clock.at = local(then)
    desk.log(QS, **{**FORM, **({"event": event} if event else {})})

    assert [x.other for x in desk.case().links] == (["old"] if second else [])
    if second:
        assert refused_fields(lambda: take(desk, "grading")) == {"first_grade"}
    else:
        take(desk, "grading")


@pytest.mark.clauses(ID, "3.1")
@pytest.mark.capabilities("CL-18")
@pytest.mark.parametrize(("origin", "exposure"), [("media", False), ("service", True), ("service", False)])
def test_what_is_in_the_media_is_told_to_the_general_manager_at_once(origin: str, exposure: bool) -> None:
    """3.1 「社会公众媒体对集团公司服务工作所做的批评性报道,均属于投诉」."""
    desk = at("grading", origin=origin)
    take(desk, "grading", media_exposure=exposure)

    assert ({n.to for n in desk.told("rule")} >= GM) is (origin == "media" or exposure)


# --- the route -----------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "route 3", "5.1.2")
@pytest.mark.capabilities("RT-04", "RT-02", "DL-09")
def test_the_head_disposes_on_the_spot_while_it_is_investigated() -> None:
    """「应当立即通知责任部门负责人进行现场处置,同时开展调查」: both at once, and both must be done."""
    desk = at("grading")
    take(desk, "grading", liable_unit="security")

    assert set(desk.open_stages()) == {"on_site", "investigate"}
    assert {n.to for n in desk.told("rule")} == {head("security")}
    assert may_decide(desk, "on_site") == {"head of security"}
    assert (desk.due("on_site"), desk.due("investigate")) == (local("2026-11-02 11:30"), local("2026-11-03 18:00"))
    take(desk, "investigate")
    assert desk.open_stages() == ["on_site"]
    desk.decide(head("security"), "on_site", "disposed", on_site_done="Moved the belt")
    assert desk.open_stages() == ["reply"]


@pytest.mark.clauses(ID, "route 1", "5.1.1")
@pytest.mark.capabilities("IN-20", "IN-01", "IN-05", "GA-11")
def test_complaints_are_taken_day_and_night() -> None:
    """「24小时受理各类投诉」: two hours by the clock, on a Sunday night too."""
    desk = PolicyDesk(ID, now="2026-11-01 23:30")
    desk.log(QS, **FORM)
    assert desk.due("grading") == local("2026-11-02 01:30")
    assert desk.case().number == "202611-001"


@pytest.mark.clauses(ID, "route 1")
@pytest.mark.capabilities("IN-05")
@pytest.mark.parametrize("missing", sorted(set(FORM) - {"anonymous"}))
def test_name_contact_content_and_demand_are_recorded(missing: str) -> None:
    """「记录投诉客户的姓名、联系方式、投诉内容、投诉要求等内容」."""
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


@pytest.mark.parametrize("missing", sorted(GRADED))
def test_the_grading_is_complete(missing: str) -> None:
    desk = at("grading")
    assert refused_fields(lambda: take(desk, "grading", **{missing: None})) == {missing}


@pytest.mark.parametrize(
    ("stage", "changes", "missing"),
    [
        ("on_site", {}, "on_site_done"), ("investigate", {}, "facts_found"), ("handling_order", CLASS2, "order_text"),
        ("unit_report", CLASS2, "cause"), ("unit_report", CLASS2, "measures"), ("reply", {}, "answer"),
    ],
)  # fmt: skip
def test_what_each_stage_must_say(stage: str, changes: dict[str, Any], missing: str) -> None:
    desk = at(stage, **changes)
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


@pytest.mark.clauses(ID, "5.1.2", "5.3", "route 3")
@pytest.mark.capabilities("RT-26", "GA-08")
@pytest.mark.parametrize(
    ("stage", "changes", "who", "allowed"),
    [
        ("anonymous_gate", {"anonymous": True, "contact": None}, "head of quality_safety", "investigate_it record_only return"),
        ("grading", {}, "quality_safety, reporter", "grade_it return"),
        ("confirm_invalid", {"is_valid": False, "invalid_reason": "x"}, "head of quality_safety", "confirm see_it_otherwise return"),
        ("on_site", {}, "head of unit", "disposed return"),
        ("investigate", {}, "quality_safety, reporter", "found return"),
        ("handling_order", CLASS1, "quality_safety, reporter", "issue return"),
        ("unit_report", CLASS1, "unit", "report_it return"),
        ("reply", {}, "unit", "told return"),
        ("closing", {}, "quality_safety, reporter", "close_it return"),
    ],
)  # fmt: skip
def test_who_may_decide_what_everybody_else_is_refused(
    stage: str, changes: dict[str, Any], who: str, allowed: str
) -> None:
    desk = at(stage, **changes)

    assert may_decide(desk, stage) == named(who)
    assert decisions(desk, stage) == allowed


@pytest.mark.clauses(ID, "2", "5.3")
@pytest.mark.capabilities("GA-08", "RT-26")
@pytest.mark.parametrize("kind", ["own_unit", "on_site_company", "outsourced"])
def test_companies_on_site_and_outsourced_providers_answer_like_units(kind: str) -> None:
    """2 「以及驻场专业化公司及外包服务方……适用本标准」."""
    desk = at("grading")
    take(desk, "grading", unit_kind=kind, liable_unit="security", **CLASS2)
    desk.decide(head("security"), "on_site", "disposed", on_site_done="Done")
    take(desk, "investigate")
    take(desk, "handling_order")
    assert may_decide(desk, "unit_report") == {"security"}


@pytest.mark.clauses(ID, "route 3", "5.3")
@pytest.mark.capabilities("RD-03", "RD-06")
@pytest.mark.parametrize("changes", [CLASS1, CLASS2, {}])
def test_classes_1_and_2_get_the_handling_form_and_every_case_stands_in_the_ledger(changes: dict[str, Any]) -> None:
    """「对一类、二类投诉应当填写下达《客户投诉处」; 5.3 「建立投诉处理台帐」."""
    desk = closed(**changes)

    copies = [n.to for n in desk.told("copy")]
    assert copies == (["CQUALITYSAFETY", "CUNIT"] if changes else [])
    [row] = [x for x in desk.happened(e.RegisterEntered) if x.register == "ledger"]
    assert {"second_complaint", "liable_unit", "measures", "reward_penalty"} <= set(row.row)


@pytest.mark.clauses(ID, "5.1.2")
@pytest.mark.capabilities("OS-17")
def test_quality_and_safety_proposes_and_the_unit_answers() -> None:
    """5.1.2 「提出改进或奖惩建议」."""
    desk = closed()
    begin = lambda who, **fields: desk.act(cmd.BeginRoute, who, route="propose", fields=fields)
    assert refused_fields(lambda: begin(QS)) == {"proposal"}
    with pytest.raises(Exception, match="route_not_yours"):
        begin(person("unit"), proposal="More desks")
    begin(QS, proposal="More desks")
    assert may_decide(desk, "answer_proposal") == {"head of unit"}
    assert desk.due("answer_proposal") == local("2026-11-04 18:00")
    assert refused_fields(lambda: desk.decide(head("unit"), "answer_proposal", "take_up")) == {"proposal_answer"}
    assert refused_fields(lambda: desk.decide(head("unit"), "answer_proposal", "decline", proposal_answer="No")) == {
        "reason"
    }
    desk.decide(head("unit"), "answer_proposal", "take_up", proposal_answer="Yes")


@pytest.mark.clauses(ID, "5.2", "5.3")
@pytest.mark.capabilities("GA-09")
def test_hotlines_and_comment_boxes_are_published() -> None:
    """5.2 「对外公布机场及相关各方的投诉电话,制作并在显著位置安置旅客意见箱、旅客意见簿」: /complaint terms."""
    policy = bundle(ID).policy
    shown = " ".join(
        policy.label(name, "zh-Hans") + policy.label(name, "zh-Hans", aspect="hint") for name in policy.policy.publish
    )
    assert "投诉电话" in shown
    assert "意见箱" in shown
    assert "意见簿" in shown


# --- time ------------------------------------------------------------------------------------------------------------------


@pytest.mark.capabilities("DL-22")
def test_a_late_unit_is_reminded_and_then_the_general_manager_is_asked() -> None:
    """D5."""
    desk = at("unit_report", **CLASS1)
    desk.at("2026-11-03 18:00")
    assert {n.to for n in desk.told("reminder")} == {person("unit", 1), person("unit", 2)}
    assert {"CUNIT", head("unit")} <= slips(desk)
    desk.at("2026-11-04 18:00")
    assert {n.to for n in desk.told("escalation")} == GM


@pytest.mark.parametrize(
    ("stage", "changes"),
    [
        ("anonymous_gate", {"anonymous": True, "contact": None}), ("confirm_invalid", {"is_valid": False, "invalid_reason": "x"}),
        ("handling_order", CLASS1), ("reply", {}), ("closing", {}),
    ],
)  # fmt: skip
def test_the_short_stages_end_the_same_day(stage: str, changes: dict[str, Any]) -> None:
    assert at(stage, **changes).due(stage) == local("2026-11-02 18:00")


# --- defaults ---------------------------------------------------------------------------------------------------------------


def test_an_invalid_complaint_is_confirmed_and_the_customer_told() -> None:
    """D17."""
    desk = at("grading")
    assert refused_fields(lambda: take(desk, "grading", is_valid=False)) == {"invalid_reason"}
    take(desk, "grading", is_valid=False, invalid_reason="Another airport")
    otherwise = lambda: desk.decide(head("quality_safety"), "confirm_invalid", "see_it_otherwise")
    assert refused_fields(otherwise) == {"reason"}
    take(desk, "confirm_invalid")
    assert (desk.case().outcome, desk.open_stages()) == ("not_valid", ["explain_invalid"])
    assert may_decide(desk, "explain_invalid") == {"quality_safety", "reporter"}
    assert desk.due("explain_invalid") == local("2026-11-03 18:00")
    assert refused_fields(lambda: desk.decide(QS, "explain_invalid", "told")) == {"explanation"}


def test_the_head_decides_on_anonymous_complaints() -> None:
    """D10: no answer, no callback."""
    desk = logged(anonymous=True, contact=None)
    record = lambda **more: desk.decide(head("quality_safety"), "anonymous_gate", "record_only", **more)
    assert refused_fields(record) == {"reason"}
    record(reason="Nothing to go by")
    assert desk.case().outcome == "recorded_only"
    assert closed(anonymous=True, contact=None).open_stages() == []


@pytest.mark.parametrize(("solved", "score", "reopens"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_dissatisfied_customer_reopens_the_investigation(solved: bool, score: str, reopens: bool) -> None:
    """D6."""
    desk = closed()
    assert (desk.open_stages(), may_decide(desk, "callback")) == (["callback"], {"quality_safety", "reporter"})
    assert desk.due("callback") == local("2026-11-05 24:00")
    desk.call("reached", actor=QS, solved=solved, score=score)
    assert ("investigate" in desk.open_stages()) is reopens
    assert (head("quality_safety") in {n.to for n in desk.told("rule")}) is reopens


@pytest.mark.parametrize("missing", sorted(CALL))
def test_the_callback_asks_everything(missing: str) -> None:
    desk = closed()
    assert refused_fields(lambda: desk.call("reached", actor=QS, **{**CALL, missing: None})) == {missing}


@pytest.mark.parametrize("score", ["0", "6"])
def test_the_score_is_from_one_to_five(score: str) -> None:
    desk = closed()
    assert refused_fields(lambda: desk.call("reached", actor=QS, **{**CALL, "score": score})) == {"score"}


def test_three_calls_without_answer_end_the_callback() -> None:
    desk = closed()
    desk.call("no_answer", actor=QS)
    with pytest.raises(NotAllowedHere):
        desk.call("no_answer", actor=QS)
    for day in ("03", "04"):
        desk.clock.at = local(f"2026-11-{day} 10:00")
        desk.call("no_answer", actor=QS)
    assert desk.case().status == "finished"


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
@pytest.mark.parametrize("who", [person("unit"), head("unit")])
def test_the_unit_may_object_for_five_working_days(when: str, allowed: bool, who: str) -> None:
    """D12."""
    desk = closed()
    desk.clock.at = local(when)
    begin = lambda **fields: desk.act(cmd.BeginRoute, who, route="objection", fields=fields)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            begin(objection_reason="Not ours")
        return
    assert refused_fields(begin) == {"objection_reason"}
    begin(objection_reason="Not ours")
    assert may_decide(desk, "objection_ruling") == {"general_manager"}
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    dismiss = lambda: desk.decide(person("general_manager"), "objection_ruling", "dismiss")
    assert refused_fields(dismiss) == {"ruling_reason"}
    desk.decide(person("general_manager"), "objection_ruling", "grant", ruling_reason="Right")
    assert "grading" in desk.open_stages()


def test_the_customer_is_answered_once_it_is_investigated() -> None:
    desk = at("grading")
    take(desk, "grading")
    assert not desk.may_reply()
    take(desk, "on_site")
    take(desk, "investigate")
    assert desk.may_reply()
