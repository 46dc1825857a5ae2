"""property-owner-classes: own management in five categories or the developer; follow-up; monthly statistics."""

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

ID = "property-owner-classes"
TEAMS = {
    "house": "house_team", "equipment": "equipment_team", "safety": "safety_team",
    "environment": "environment_team", "general_service": "general_service_team",
}  # fmt: skip
WALK = Walk(
    policy=ID,
    reporter="UGUARD",
    form={
        "customer": "C-0417", "complainant": "owner", "anonymous": False, "contact": "138", "channel": "oral",
        "complaint": "The lift", "demand": "Mend it",
    },
    steps={
        "anonymous_gate": (head("service_centre"), "investigate_it", {}),
        "confirm_invalid": (head("service_centre"), "confirm", {"not_owner_reason": "A passer-by"}),
        "classify": (person("service_centre"), "classify_it", {"category": "equipment", "fault": "mistake"}),
        "handle": (person("equipment_team"), "handled", {"solution": "New rope"}),
        "forward": (person("service_centre"), "forwarded", {"forwarded_to": "The builder"}),
        "chase_developer": (person("service_centre"), "answered_by_developer", {"developer_answer": "They come"}),
        "reply": (person("service_centre", 2), "told", {"answer": "It runs"}),
        "close_entry": (person("service_centre"), "enter", {}),
        "explain_invalid": (person("service_centre"), "told", {"explanation": "Ask the street office"}),
        "callback": (person("service_centre"), "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
take, logged, at, closed = WALK.take, WALK.logged, WALK.at, WALK.closed
DEVELOPER: dict[str, Any] = {"category": "developer_product", "fault": None}
NOBODY: dict[str, Any] = {"anonymous": True, "contact": None}


# --- 3: who does what ---------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.2", "4.1.1")
@pytest.mark.capabilities("IN-01")
@pytest.mark.parametrize("channel", ["oral", "written", "network"])
def test_the_service_centre_of_the_project_accepts_and_follows_up(channel: str) -> None:
    """3.2 「客户服务中心负责投诉的受理、跟进处理业主投诉」; 4.1.1 「口头、书面和网络等形式」."""
    desk = logged(channel=channel)
    assert (desk.open_stages(), desk.roles("classify"), desk.due("classify")) == (
        ["classify"],
        ["service_centre"],
        local("2026-11-02 18:00"),
    )
    take(desk, "classify")
    [entry] = desk.happened(e.RegisterEntered)
    assert (entry.register, entry.row["channel"], entry.row["category"]) == ("owner_complaints", channel, "equipment")


@pytest.mark.clauses(ID, "4.1.1")
@pytest.mark.capabilities("CL-01")
def test_the_fault_of_our_own_is_one_of_four() -> None:
    """4.1.1 「失职、失误、失度、失控」."""
    assert WALK.file.fields["fault"].choices == ("dereliction", "mistake", "excess", "loss_of_control")
    desk = at("classify")
    assert refused_fields(lambda: take(desk, "classify", fault=None)) == {"fault"}
    assert refused_fields(lambda: take(desk, "classify", category=None)) >= {"category"}


@pytest.mark.clauses(ID, "4.1.1")
@pytest.mark.capabilities("IN-14")
def test_only_owners_complain_here_and_the_head_confirms_the_others() -> None:
    """4.1.1 「指的是外部业主」; D17."""
    desk = logged(complainant="somebody_else")
    assert (may_decide(desk, "confirm_invalid"), desk.due("confirm_invalid")) == (
        {"head of service_centre"},
        local("2026-11-03 18:00"),
    )
    assert refused_fields(lambda: take(desk, "confirm_invalid", not_owner_reason=None)) == {"not_owner_reason"}
    take(desk, "confirm_invalid")
    assert (desk.case().outcome, desk.open_stages()) == ("not_accepted", ["explain_invalid"])
    assert desk.due("explain_invalid") == local("2026-11-03 18:00")
    assert refused_fields(lambda: take(desk, "explain_invalid", explanation=None)) == {"explanation"}
    take(desk, "explain_invalid")
    assert desk.happened(e.OutcomeTold)

    other = logged(complainant="somebody_else")
    assert refused_fields(lambda: take(other, "confirm_invalid", "see_it_otherwise", not_owner_reason=None)) == {
        "reason"
    }
    take(other, "confirm_invalid", "see_it_otherwise", reason="He rents it")
    assert other.open_stages() == ["classify"]


@pytest.mark.parametrize("missing", sorted(WALK.form))
def test_the_form_is_complete(missing: str) -> None:
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


# --- 4.2: the classes -----------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "一类", "一类1", "一类2", "一类3", "一类4", "一类5")
@pytest.mark.capabilities("CL-01")
@pytest.mark.parametrize(("category", "team"), TEAMS.items())
def test_class_one_goes_to_the_team_of_its_category(category: str, team: str) -> None:
    """一类投诉 「由于物业管理不到位而产生的投诉,分类如下」: five categories; our default: two working days."""
    desk = at("handle", category=category)
    assert (desk.roles("handle"), desk.due("handle")) == ([team], local("2026-11-04 18:00"))
    assert WALK.file.tables["owner_class"].pick({"category": category}) == "class_1"
    assert refused_fields(lambda: desk.decide(person(team), "handle", "handled")) == {"solution"}
    desk.decide(person(team), "handle", "handled", solution="Done")
    assert desk.open_stages() == ["reply"]


@pytest.mark.clauses(ID, "二类")
@pytest.mark.capabilities("CL-01")
def test_class_two_is_passed_to_the_developer_and_followed_up() -> None:
    """二类投诉 「由于开发建设单位相关产品、服务提供不到位」; our default: forwarded in one working day."""
    desk = at("forward", **DEVELOPER)
    assert WALK.file.tables["owner_class"].pick(DEVELOPER) == "class_2"
    assert (desk.roles("forward"), desk.due("forward")) == (["service_centre"], local("2026-11-03 18:00"))
    assert refused_fields(lambda: take(desk, "forward", forwarded_to=None)) == {"forwarded_to"}
    take(desk, "forward")
    assert (desk.roles("chase_developer"), desk.due("chase_developer")) == (
        ["service_centre"],
        local("2026-11-05 18:00"),
    )
    assert refused_fields(lambda: take(desk, "chase_developer", developer_answer=None)) == {"developer_answer"}
    take(desk, "chase_developer")
    assert desk.open_stages() == ["reply"]


@pytest.mark.clauses(ID, "3.2")
@pytest.mark.capabilities("DL-22")
def test_a_silent_developer_is_chased_every_three_working_days_and_the_general_manager_hears() -> None:
    """3.2 「跟进处理」; our default: every three working days; D5 one working day after the due time."""
    desk = at("chase_developer", **DEVELOPER)
    desk.at("2026-11-06 09:00")
    assert head("service_centre") in slips(desk)
    assert not desk.told("escalation")
    desk.at("2026-11-06 18:00")
    assert person("general_manager") in slips(desk, "escalation")
    before = len(desk.told("reminder"))
    desk.at("2026-11-10 09:00")
    assert len(desk.told("reminder")) > before


def test_the_team_says_that_it_is_not_theirs_and_the_centre_hears() -> None:
    """Our default: back to the classification, with a reason."""
    desk = at("handle")
    assert refused_fields(lambda: take(desk, "handle", "wrong_class", solution=None)) == {"reason"}
    take(desk, "handle", "wrong_class", reason="It is the roof", solution=None)
    assert desk.open_stages() == ["classify"]
    assert {n.to for n in desk.told("rule")} == {person("service_centre"), person("service_centre", 2)}


# --- reply, statistics --------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.2")
def test_the_owner_is_told_the_result_and_it_is_entered() -> None:
    desk = at("reply")
    assert (desk.roles("reply"), desk.due("reply")) == (["service_centre"], local("2026-11-03 18:00"))
    assert refused_fields(lambda: take(desk, "reply", answer=None)) == {"answer"}
    assert desk.promise().due_at == local("2026-11-16 18:00")  # ten working days (D4)
    take(desk, "reply")
    assert (desk.due("close_entry"), desk.promise().ended) == (local("2026-11-02 18:00"), "stopped")
    take(desk, "close_entry")
    assert (desk.case().outcome, desk.case().number) == ("handled_outcome", "202611-001")


@pytest.mark.clauses(ID, "3.2", "3.1")
@pytest.mark.capabilities("SR-02", "SR-05", "GA-11")
def test_the_project_counts_every_month_and_the_quality_administrator_analyses() -> None:
    """3.2 「每月做出投诉统计」; 3.1 「品质管理员负责投诉管理和分析」; D15 by the 10th; D8, D9."""
    duties, repeat = WALK.file.duties, WALK.file.repeat
    count, analysis = duties["statistics"], duties["monthly_analysis"]
    assert (count.every, count.by, str(count.who)) == ("month", "10th", "service_centre")
    assert [str(w) for w in count.send_to] == ["quality_admin", "general_manager"]
    assert {"counts", "owner_class", "category", "late_by", "class_2_share"} <= set(count.contents)
    assert (analysis.every, analysis.by, str(analysis.who)) == ("month", "15th", "quality_admin")
    assert [f.name for f in analysis.fill] == ["analysis"]
    assert [str(w) for w in analysis.send_to] == ["general_manager"]
    assert WALK.file.measures["closed_in_time"].per == "category"
    assert repeat is not None
    assert (repeat.same, str(repeat.within), str(WALK.file.papers.keep)) == (
        ("customer", "category"),
        "3 months",
        "3 years",
    )


# --- defaults ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_a_dissatisfied_owner_is_classified_again(answers: dict[str, Any], reopens: bool) -> None:
    """D6."""
    desk = closed()
    assert (desk.roles("callback"), desk.due("callback")) == (["service_centre"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    WALK.called(desk, **answers)
    assert desk.open_stages() == (["classify"] if reopens else [])
    assert ({n.to for n in desk.told("rule")} == {head("service_centre")}) is reopens


def test_anonymous_complaints_are_recorded_and_get_no_reply() -> None:
    """D10."""
    desk = logged(**NOBODY)
    assert (may_decide(desk, "anonymous_gate"), desk.due("anonymous_gate")) == (
        {"head of service_centre"},
        local("2026-11-03 18:00"),
    )
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    take(desk, "anonymous_gate", "record_only", reason="Nothing to go by")
    assert (desk.case().status, desk.case().outcome) == ("finished", "recorded_only")
    quiet = closed(**NOBODY)
    assert (quiet.case().status, quiet.happened(e.OutcomeTold)) == ("finished", [])
    assert closed(**NOBODY, complainant="somebody_else").case().status == "finished"


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
@pytest.mark.parametrize("who", ["equipment_team", "quality_admin"])
def test_who_is_blamed_may_object_for_five_working_days(when: str, allowed: bool, who: str) -> None:
    """D12."""
    desk = closed()
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, person(who))
        return
    with pytest.raises(NotAuthorized):
        WALK.object(desk, person("house_team"))
    assert refused_fields(lambda: WALK.object(desk, person(who), objection_reason="")) == {"objection_reason"}
    WALK.object(desk, person(who))
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert desk.open_stages() == ["classify"]


def test_what_was_not_accepted_has_nothing_to_object_to() -> None:
    desk = at("explain_invalid", complainant="somebody_else")
    with pytest.raises(NotAllowedHere):
        WALK.object(desk, person("quality_admin"))


# --- who may, stage by stage ----------------------------------------------------------------------------------------------------------

TABLE: dict[
    str, tuple[str, str, dict[str, Any]]
] = {  # stage: who may (everybody else is refused); what; how it gets there
    "report": ("reporter", "send return", {}),
    "anonymous_gate": ("head of service_centre", "investigate_it record_only return", NOBODY),
    "confirm_invalid": ("head of service_centre", "confirm see_it_otherwise return", {"complainant": "somebody_else"}),
    "classify": ("service_centre", "classify_it return", {}),
    "handle": ("equipment_team", "handled wrong_class return", {}),
    "forward": ("service_centre", "forwarded return", DEVELOPER),
    "chase_developer": ("service_centre", "answered_by_developer return", DEVELOPER),
    "reply": ("service_centre", "told return", {}),
    "close_entry": ("service_centre", "enter return", {}),
    "explain_invalid": ("service_centre", "told return", {"complainant": "somebody_else"}),
    "callback": ("service_centre", "satisfied unreached dissatisfied return", {}),
    "objection_ruling": ("general_manager", "dismiss grant return", {}),
}


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "report":
            desk = at("classify")
            desk.decide(person("service_centre"), "classify", "return", reason="Which lift?")
            return desk
        case "callback":
            return closed()
        case "objection_ruling":
            desk = closed()
            WALK.object(desk, person("quality_admin"))
            return desk
        case _:
            return at(stage, **TABLE[stage][2])


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    desk = waiting_at(stage)
    assert may_decide(desk, stage) == named(TABLE[stage][0])
    assert decisions(desk, stage) == TABLE[stage][1]
    if stage == "report":
        assert desk.due("report") == local("2026-11-02 11:30")


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)
