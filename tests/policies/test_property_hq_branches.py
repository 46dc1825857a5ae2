"""property-hq-branches: three severities to three levels; each site and branch has holders of its own; who may decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from complaints.people import RoleHolders
from complaints.refusals import NotAuthorized
from tests.support.company import local
from tests.support.estate import FORM, IMPORTANT, MAJOR, TAKER, UNITS, at, logged, take
from tests.support.policy_desk import PolicyDesk, person
from tests.support.who_may import decisions, may_decide, named, refused_fields

ID = "property-hq-branches"


# --- 4.1 severities ---------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.1", "3 project", "3 branch")
@pytest.mark.capabilities("CL-01", "CL-04", "RT-26")
@pytest.mark.parametrize(
    ("criteria", "stage"),
    [
        (["not_done"], "major"), (["raised_often"], "major"), (["our_harm"], "major"),
        (["work_mistake"], "important"), (["conduct"], "important"), (["hardware"], "ordinary"),
        (["misunderstanding"], "ordinary"), (["hardware", "conduct"], "important"), (["conduct", "not_done"], "major"),
    ],
)  # fmt: skip
def test_any_criterion_gives_the_severity_the_highest_counts_and_it_picks_the_level(
    criteria: list[str], stage: str
) -> None:
    """4.1: 重大 and 重要 go to the branch with headquarters, 一般 stays with the site."""
    desk = at("classify")
    take(desk, "classify", criteria=criteria)

    ordinary = stage == "ordinary"
    assert desk.open_stages() == ["handle_project" if ordinary else "handle_branch"]
    days = {"ordinary": "2026-11-04 18:00", "important": "2026-11-05 18:00", "major": "2026-11-09 18:00"}
    assert desk.promise().due_at == local(days[stage])
    handling = {"ordinary": "2026-11-03 18:00", "important": "2026-11-04 18:00", "major": "2026-11-06 18:00"}
    assert desk.due(desk.open_stages()[0]) == local(handling[stage])
    told = {person("hq_quality", 1), person("hq_quality", 2), person("branch", 1), person("branch", 2)}
    assert {n.to for n in desk.told("rule")} == (set() if ordinary else told)


@pytest.mark.clauses(ID, "4.1")
@pytest.mark.capabilities("CL-08", "CL-04")
@pytest.mark.parametrize(
    ("earlier", "gap_days", "other_matter", "major"),
    [(1, 1, False, True), (0, 1, False, False), (1, 1, True, False), (1, 100, False, False)],
)
def test_a_matter_raised_twice_and_unsolved_is_major(
    earlier: int, gap_days: int, other_matter: bool, major: bool
) -> None:
    """4.1 「多次提出而得不到妥善解决」: our reading, two unsolved reports of the same matter within three months."""
    desk = PolicyDesk(ID, **UNITS)
    desk.clock.at = local("2026-08-03 10:00") if gap_days > 92 else local("2026-10-30 10:00")
    for number in range(earlier):
        desk.log(TAKER, f"old{number}", **{**FORM, "matter": "lifts" if other_matter else "bins"})
    desk.clock.at = local("2026-11-09 10:00")
    desk.log(TAKER, **FORM)
    take(desk, "classify")

    assert desk.open_stages() == ["handle_branch" if major else "handle_project"]


@pytest.mark.clauses(ID, "4.1")
def test_a_matter_that_was_solved_before_is_not_raised_twice() -> None:
    desk = at("record")
    take(desk, "record")
    desk.log(TAKER, "case2", **FORM)
    desk.decide(person("project"), "classify", "classify_it", "case2", criteria=["hardware"], is_valid=True)

    assert desk.open_stages("case2") == ["handle_project"]


# --- 3 three levels, holders for each site and branch ---------------------------------------------------------------------


def with_holders(desk: PolicyDesk) -> PolicyDesk:
    """Give the sites and the branch people of their own."""

    def held(role: str, value: str) -> RoleHolders:
        name = value.upper()
        return RoleHolders(
            id=f"{role}:{value}", base=role, value=value, labels={"en": value}, channel=f"C{name}",
            members=(f"U{name}1", f"U{name}2"), head=f"U{name}HEAD", fallback=role,
        )  # fmt: skip

    own = [held("project", "garden"), held("project", "lake"), held("branch", "north")]
    desk.settings.people = replace(desk.plan, roles={**desk.plan.roles, **{r.id: r for r in own}})
    return desk


@pytest.mark.clauses(ID, "3 project", "3 branch")
@pytest.mark.capabilities("RT-26")
def test_each_site_and_its_branch_act_for_their_own_cases_only() -> None:
    """3 「各项目负责投诉的接收、处理及回访」, 「各分/子公司负责重大及重要投诉的处理」."""
    desk = with_holders(PolicyDesk(ID, **UNITS))
    desk.log("UGARDEN1", **FORM)
    assert desk.roles("classify") == ["project:garden"]
    for other in ("ULAKE1", person("project"), "UNORTH1"):
        with pytest.raises(NotAuthorized):
            desk.decide(other, "classify", "classify_it", criteria=["conduct"], is_valid=True)
    desk.decide("UGARDEN2", "classify", "classify_it", criteria=["conduct"], is_valid=True)
    assert desk.roles("handle_branch") == ["branch:north", "hq_quality"]
    assert {n.to for n in desk.told("rule")} == {"UNORTH1", "UNORTH2", person("hq_quality", 1), person("hq_quality", 2)}
    desk.decide("UNORTH1", "handle_branch", "handled", method="Talked", result="Fine")
    desk.decide(person("hq_quality"), "handle_branch", "approve")
    assert desk.roles("reply") == ["project:garden"]


@pytest.mark.clauses(ID, "3 branch")
def test_a_site_without_a_branch_of_its_own_goes_to_who_answers_for_all_branches() -> None:
    desk = with_holders(PolicyDesk(ID, **UNITS))
    desk.log("ULAKE1", **{**FORM, "site": "lake"})
    desk.decide("ULAKE1", "classify", "classify_it", criteria=["conduct"], is_valid=True)

    assert desk.roles("handle_branch") == ["branch", "hq_quality"]


@pytest.mark.clauses(ID, "3 hq", "3 branch")
def test_headquarters_takes_full_part_so_both_must_agree() -> None:
    """3 「总部品质管理部负责对各分/子公司的投诉全面参与处理」."""
    desk = at("handle_branch", **MAJOR)
    desk.decide(person("branch"), "handle_branch", "handled", method="Fence", result="Safe")
    assert desk.open_stages() == ["handle_branch"]
    desk.decide(person("hq_quality"), "handle_branch", "approve")
    assert desk.open_stages() == ["reply"]


# --- stages, people, decisions ----------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3 project", "3 branch", "3 hq", "4.3.2")
@pytest.mark.capabilities("RT-26", "IN-01")
@pytest.mark.parametrize(
    ("stage", "changes", "who", "allowed"),
    [
        ("anonymous_gate", {"anonymous": True, "contact": None}, "head of project", "investigate_it record_only return"),
        ("classify", {}, "project, reporter", "classify_it return"),
        ("confirm_invalid", {"is_valid": False, "invalid_reason": "Not ours"}, "head of project", "confirm see_it_otherwise return"),
        ("handle_project", {}, "project, reporter", "handled return"),
        ("handle_branch", MAJOR, "branch, hq_quality", "handled return"),
        ("reply", {}, "project, reporter", "told return"),
        ("callback_project", {}, "project, reporter", "satisfied unreached dissatisfied return"),
        ("callback_hq", IMPORTANT, "hq_quality", "satisfied unreached dissatisfied return"),
        ("record", {}, "project, reporter", "enter return"),
    ],
)  # fmt: skip
def test_who_may_decide_what_everybody_else_is_refused(
    stage: str, changes: dict[str, Any], who: str, allowed: str
) -> None:
    desk = at(stage, **changes)

    assert may_decide(desk, stage) == named(who)
    assert decisions(desk, stage) == allowed


@pytest.mark.clauses(ID, "4.2.1")
@pytest.mark.capabilities("IN-01")
@pytest.mark.parametrize("channel", ["phone", "in_person", "fax", "email", "owner_app"])
def test_complaints_come_in_by_word_in_writing_or_by_the_app(channel: str) -> None:
    """4.2.1 「口头(电话或面述)陈述;」「业主APP。」"""
    assert logged(channel=channel).open_stages() == ["classify"]


@pytest.mark.parametrize("missing", sorted(set(FORM) - {"anonymous", "contact"}))
def test_the_form_is_complete(missing: str) -> None:
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


def test_who_gives_a_name_says_how_to_be_reached() -> None:
    assert refused_fields(lambda: logged(contact=None)) == {"contact"}
    assert logged(anonymous=True, contact=None).open_stages() == ["anonymous_gate"]


@pytest.mark.clauses(ID, "4.3.2")
@pytest.mark.parametrize(
    ("stage", "changes", "missing"),
    [
        ("classify", {}, "criteria"), ("classify", {}, "is_valid"), ("handle_project", {}, "method"),
        ("handle_project", {}, "result"), ("reply", {}, "answer"), ("callback_project", {}, "callback_note"),
        ("callback_project", {}, "solved"), ("callback_project", {}, "score"), ("callback_hq", MAJOR, "callback_note"),
    ],
)  # fmt: skip
def test_what_each_stage_must_say(stage: str, changes: dict[str, Any], missing: str) -> None:
    """4.3.2 「将处理方式、结果、回访情况详细记录」."""
    desk = at(stage, **changes)
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


def test_the_branch_says_how_it_handled_it() -> None:
    desk = at("handle_branch", **MAJOR)
    for missing in ("method", "result"):
        fields = {"method": "Fence", "result": "Safe", missing: None}
        assert refused_fields(lambda f=fields: desk.decide(person("branch"), "handle_branch", "handled", **f)) == {
            missing
        }
