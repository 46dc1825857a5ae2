"""property-hq-branches: three severities to three levels; each site and branch has holders of its own; headquarters calls back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.people import RoleHolders
from complaints.refusals import NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "property-hq-branches"
TAKER = person("project")
FORM: dict[str, Any] = {
    "site": "garden", "customer": "C-0417", "anonymous": False, "contact": "3-201", "channel": "owner_app",
    "received_at": "2026-11-02T09:30:00+08:00", "content": "environment", "system": "environment_system",
    "matter": "bins", "complaint": "Bins overflow",
}  # fmt: skip
FILL: dict[str, tuple[str, str, dict[str, Any]]] = {
    "anonymous_gate": (head("project"), "investigate_it", {}),
    "classify": (person("project"), "classify_it", {"criteria": ["hardware"], "is_valid": True}),
    "confirm_invalid": (head("project"), "confirm", {}),
    "handle_project": (person("project"), "handled", {"method": "More bins", "result": "Clean"}),
    "reply": (person("project"), "told", {"answer": "We set up more bins"}),
    "record": (person("project"), "enter", {"in_software": True}),
}  # fmt: skip
CALL = {"callback_note": "Content", "solved": True, "score": "4"}
UNITS: dict[str, Any] = {
    "units": {"garden": "project", "lake": "project", "north": "branch"},
    "parents": {"garden": "north"},
}


def logged(**changes: Any) -> PolicyDesk:
    desk = PolicyDesk(ID, **UNITS)
    desk.log(TAKER, **{**FORM, **changes})
    return desk


def take(desk: PolicyDesk, stage: str, **fields: Any) -> None:
    if stage == "handle_branch":
        desk.decide(person("branch"), stage, "handled", **{"method": "Fence", "result": "Safe", **fields})
        desk.decide(person("hq_quality"), stage, "approve")
        return
    if stage.startswith("callback"):
        called(desk, stage, **fields)
        return
    who, decision, filled = FILL[stage]
    desk.decide(who, stage, decision, **{**filled, **fields})


def called(desk: PolicyDesk, stage: str, result: str = "reached", **fields: Any) -> None:
    who = person("project") if stage == "callback_project" else person("hq_quality")
    filled = {**CALL, **fields} if result == "reached" else {}
    desk.act(cmd.LogCall, who, visit=desk.visit(stage), result=result, fields=filled, again_at=None)


def at(stage: str, **changes: Any) -> PolicyDesk:
    """Return a desk whose case waits at *stage*; *changes* go where their field is asked."""
    desk = logged(**{n: v for n, v in changes.items() if n in FORM})
    while stage not in desk.open_stages():
        now = desk.open_stages()[0]
        asked = bundle(ID).policy.stages[now].filled
        take(desk, now, **{n: v for n, v in changes.items() if n not in FORM and n in asked})
    return desk


MAJOR: dict[str, Any] = {"criteria": ["our_harm"]}
IMPORTANT: dict[str, Any] = {"criteria": ["conduct"]}


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


# --- callback ------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3 hq", "3 project")
@pytest.mark.capabilities("CC-13")
@pytest.mark.parametrize(
    ("changes", "stage"), [({}, "callback_project"), (IMPORTANT, "callback_hq"), (MAJOR, "callback_hq")]
)
def test_headquarters_calls_back_major_and_important_ones_the_site_the_others(
    changes: dict[str, Any], stage: str
) -> None:
    """3 「对重大、重要投诉进行回访」; D6: within three days."""
    desk = at("reply", **changes)
    take(desk, "reply")

    assert desk.open_stages() == [stage]
    assert desk.due(stage) == local("2026-11-05 24:00")
    assert desk.case().clock("case").ended is not None


@pytest.mark.parametrize(("solved", "score", "again"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_dissatisfied_customer_of_the_site_is_classified_anew(solved: bool, score: str, again: bool) -> None:
    """Route 5a: dissatisfied goes back to 2, where raised several times makes it major."""
    desk = at("callback_project")
    called(desk, "callback_project", solved=solved, score=score)
    assert desk.open_stages() == (["classify"] if again else ["record"])
    if again:
        assert {n.to for n in desk.told("rule")} == {head("project")}
        take(desk, "classify", criteria=["hardware", "raised_often"])
        assert desk.open_stages() == ["handle_branch"]


@pytest.mark.parametrize(("solved", "score", "again"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_dissatisfied_customer_of_headquarters_goes_back_to_the_branch(solved: bool, score: str, again: bool) -> None:
    """Route 5b: dissatisfied goes back to 3b."""
    desk = at("callback_hq", **MAJOR)
    called(desk, "callback_hq", solved=solved, score=score)
    assert desk.open_stages() == (["handle_branch"] if again else ["record"])
    assert (head("branch") in {n.to for n in desk.told("rule")}) is again


def test_three_calls_without_answer_go_on_to_the_record() -> None:
    desk = at("callback_project")
    called(desk, "callback_project", "no_answer")
    with pytest.raises(NotAllowedHere):
        called(desk, "callback_project", "no_answer")
    for day in ("03", "04"):
        desk.clock.at = local(f"2026-11-{day} 10:00")
        called(desk, "callback_project", "no_answer")
    assert desk.open_stages() == ["record"]


@pytest.mark.parametrize("score", ["0", "6"])
def test_the_score_is_from_one_to_five(score: str) -> None:
    desk = at("callback_project")
    assert refused_fields(lambda: called(desk, "callback_project", score=score)) == {"score"}


# --- 4.3.2 record ----------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.3.2")
@pytest.mark.capabilities("RD-13")
def test_the_record_is_kept_in_the_form_and_in_the_software_the_same_day() -> None:
    """4.3.2 「详细记录在《客户投诉处理记录表》上,同时录入物业基础管理软件」."""
    desk = at("record")
    assert desk.due("record") == local("2026-11-02 18:00")
    assert refused_fields(lambda: take(desk, "record", in_software=False)) == {"in_software"}
    take(desk, "record")
    [row] = [x for x in desk.happened(e.RegisterEntered) if x.register == "complaint_record"]
    assert {"method", "result", "callback_note", "severity", "site"} <= set(row.row)
    assert (desk.case().status, desk.case().outcome) == ("finished", "handled") or desk.case().outcome == "handled"


@pytest.mark.capabilities("GA-11")
def test_numbers_count_within_the_month() -> None:
    """D7."""
    assert logged().case().number == "202611-001"


# --- time --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.capabilities("DL-22")
def test_headquarters_hears_within_two_hours_or_it_is_late() -> None:
    desk = logged()
    clock = desk.case().clock("hq_informed")
    assert clock is not None
    assert clock.due_at == local("2026-11-02 11:30")
    assert desk.due("classify") == local("2026-11-02 11:30")


@pytest.mark.capabilities("DL-22")
def test_a_late_site_is_reminded_and_then_the_general_manager_is_asked() -> None:
    """D5: 80 %, due, one working day later the top, then every working day."""
    desk = at("handle_project")
    desk.at("2026-11-03 18:00")
    assert {n.to for n in desk.told("reminder")} == {person("project", 1), person("project", 2)}
    assert "CPROJECT" in slips(desk)
    desk.at("2026-11-04 18:00")
    assert {n.to for n in desk.told("escalation")} == {person("general_manager", 1), person("general_manager", 2)}
    before = len(desk.told("escalation"))
    desk.at("2026-11-05 18:00")
    assert len(desk.told("escalation")) > before


@pytest.mark.parametrize(
    ("stage", "changes", "due"),
    [
        ("anonymous_gate", {"anonymous": True, "contact": None}, "2026-11-02 18:00"),
        ("confirm_invalid", {"is_valid": False, "invalid_reason": "x"}, "2026-11-02 18:00"),
        ("reply", {}, "2026-11-02 18:00"),
    ],
)
def test_the_short_stages_end_the_same_day(stage: str, changes: dict[str, Any], due: str) -> None:
    assert at(stage, **changes).due(stage) == local(due)


# --- defaults ------------------------------------------------------------------------------------------------------------------------


def test_an_invalid_complaint_is_confirmed_and_the_customer_told() -> None:
    """D17."""
    desk = at("classify")
    assert refused_fields(lambda: take(desk, "classify", is_valid=False)) == {"invalid_reason"}
    take(desk, "classify", is_valid=False, invalid_reason="Not our estate")
    take(desk, "confirm_invalid")
    assert (desk.case().outcome, desk.open_stages()) == ("not_valid", ["explain_invalid"])
    assert may_decide(desk, "explain_invalid") == {"project", "reporter"}
    assert desk.due("explain_invalid") == local("2026-11-03 18:00")
    assert refused_fields(lambda: desk.decide(TAKER, "explain_invalid", "told")) == {"explanation"}
    desk.decide(TAKER, "explain_invalid", "told", explanation="It belongs to the city")
    assert desk.case().status == "finished"


def test_the_head_of_the_site_may_see_it_otherwise_with_a_reason() -> None:
    desk = at("confirm_invalid", is_valid=False, invalid_reason="x")
    otherwise = lambda **more: desk.decide(head("project"), "confirm_invalid", "see_it_otherwise", **more)
    assert refused_fields(otherwise) == {"reason"}
    otherwise(reason="It is ours")
    assert desk.open_stages() == ["handle_project"]


def test_an_anonymous_complaint_gets_no_answer_and_no_callback() -> None:
    """D10."""
    desk = logged(anonymous=True, contact=None)
    record = lambda **more: desk.decide(head("project"), "anonymous_gate", "record_only", **more)
    assert refused_fields(record) == {"reason"}
    desk.decide(head("project"), "anonymous_gate", "investigate_it")
    take(desk, "classify")
    take(desk, "handle_project")
    assert desk.open_stages() == ["record"]
    other = logged(anonymous=True, contact=None)
    other.decide(head("project"), "anonymous_gate", "record_only", reason="Nothing to go by")
    assert other.case().outcome == "recorded_only"


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
@pytest.mark.parametrize("who", ["project", "branch", "hq_quality"])
def test_the_units_may_object_for_five_working_days(when: str, allowed: bool, who: str) -> None:
    """D12: decided by the general manager, finally."""
    desk = at("record")
    take(desk, "record")
    desk.clock.at = local(when)
    begin = lambda **fields: desk.act(cmd.BeginRoute, person(who), route="objection", fields=fields)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            begin(objection_reason="Not ours")
        return
    assert refused_fields(begin) == {"objection_reason"}
    begin(objection_reason="Not ours")
    assert may_decide(desk, "objection_ruling") == {"general_manager"}
    assert decisions(desk, "objection_ruling") == "dismiss grant return"
    dismiss = lambda: desk.decide(person("general_manager"), "objection_ruling", "dismiss")
    assert refused_fields(dismiss) == {"ruling_reason"}
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    desk.decide(person("general_manager"), "objection_ruling", "grant", ruling_reason="Right")
    assert desk.open_stages() == ["classify"]


@pytest.mark.clauses(ID, "3 branch", "3 hq")
@pytest.mark.parametrize(
    ("duty", "by", "who", "to", "must"),
    [("branch_summary", "5th", "branch", "hq_quality", "summary"), ("hq_analysis", "10th", "hq_quality", "general_manager", "analysis")],
)  # fmt: skip
def test_branches_sum_up_and_headquarters_analyses_every_month(
    duty: str, by: str, who: str, to: str, must: str
) -> None:
    """3 「将下属项目的投诉整理汇总、分 析」, 「进行数据分析」; every month by D15."""
    written = bundle(ID).policy.duties[duty]
    assert (written.every, written.by, str(written.who)) == ("month", by, who)
    assert [str(w) for w in written.send_to] == [to]
    assert [f.name for f in written.fill] == [must]


def test_the_customer_is_answered_only_when_it_is_handled_and_by_the_site() -> None:
    desk = at("handle_project")
    assert not desk.may_reply()
    take(desk, "handle_project")
    assert desk.may_reply()
