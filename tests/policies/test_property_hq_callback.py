"""property-hq-branches: headquarters or the site calls back, the record in form and software, time, our defaults."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.refusals import NotAllowedHere
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.estate import FORM, IMPORTANT, MAJOR, TAKER, UNITS, at, called, logged, take
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.who_may import decisions, may_decide, refused_fields, slips

ID = "property-hq-branches"


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
    said = desk.case().visits[desk.visit("callback_hq")].decision
    assert said == ("dissatisfied" if again else "satisfied")
    assert (head("branch") in {n.to for n in desk.told("rule")}) is again


@pytest.mark.clauses(ID, "3 hq", "3 project")
@pytest.mark.parametrize(("changes", "stage"), [({}, "callback_project"), (MAJOR, "callback_hq")])
def test_three_calls_without_answer_go_on_to_the_record(changes: dict[str, Any], stage: str) -> None:
    """D6: three times, a working day apart, whoever calls."""
    desk = at(stage, **changes)
    called(desk, stage, "no_answer")
    with pytest.raises(NotAllowedHere):
        called(desk, stage, "no_answer")
    for day in ("03", "04"):
        assert desk.open_stages() == [stage]
        desk.clock.at = local(f"2026-11-{day} 10:00")
        called(desk, stage, "no_answer")
    visit = desk.case().visits[desk.visit(stage)]
    assert (desk.open_stages(), visit.decision, visit.attempts) == (["record"], "unreached", 3)


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
    assert desk.open_stages() == []
    [row] = [x for x in desk.happened(e.RegisterEntered) if x.register == "complaint_record"]
    assert {"method", "result", "callback_note", "severity", "site"} <= set(row.row)
    assert (desk.case().status, desk.case().outcome) == ("finished", "handled") or desk.case().outcome == "handled"


@pytest.mark.clauses(ID, "4.3.2")
@pytest.mark.capabilities("RD-13")
@pytest.mark.parametrize("field", ["method", "result"])
def test_what_was_done_is_written_down_as_it_was_done_in_the_end(field: str) -> None:
    """4.3.2 「对处理情况进行跟踪,并将处理方式、结果、回访情况详细记录」: the site writes it after the callback, not before."""
    desk = at("record")
    before = desk.case().fields[field]
    take(desk, "record", **{field: "A second round of bins, since August"})
    assert desk.case().fields[field] != before


@pytest.mark.clauses(ID, "4.1", "4.3.2")
@pytest.mark.capabilities("CL-05", "CL-08")
@pytest.mark.parametrize(("score", "stage"), [("4", "record"), ("2", "handle_branch")])
def test_a_matter_that_was_raised_twice_stays_major_when_it_is_solved(score: str, stage: str) -> None:
    """4.1 「多次提出而得不到妥善解决的问题」 is major: headquarters calls again, and the record says so."""
    desk = PolicyDesk(ID, **UNITS)
    desk.log(TAKER, "earlier", **FORM)
    desk.log(TAKER, **FORM)
    for here in ("classify", "handle_branch", "reply"):
        take(desk, here)
    called(desk, "callback_hq", solved=True, score=score)
    assert desk.open_stages() == [stage]
    if stage == "handle_branch":
        assert desk.due("handle_branch") == local("2026-11-06 18:00")  # four working days, as for any major one
        take(desk, "handle_branch")
        take(desk, "reply")
        called(desk, "callback_hq")
    take(desk, "record")
    [row] = desk.happened(e.RegisterEntered)
    assert row.row["severity"] == "major"


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
    desk.at("2026-11-02 12:00")
    site = {person("project", 1), person("project", 2)}
    assert desk.steps(clock)["reminder"][1] == site  # who owes it to headquarters is the site
    assert desk.steps(clock)["reminder_slip"][1] == {*site, head("project")}


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
    nobody = at("confirm_invalid", anonymous=True, contact=None, is_valid=False, invalid_reason="Not ours")
    take(nobody, "confirm_invalid")
    assert (nobody.case().outcome, nobody.open_stages()) == ("not_valid", [])
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
