"""group-supervision-trial: who received a complaint decides its way; three departments may not accept one; the committee rules finally."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import NotAuthorized
from tests.support.company import local
from tests.support.policy_desk import PolicyDesk, person
from tests.support.who_may import decisions, may_decide, named, refused_fields

ID = "group-supervision-trial"
REPORTER = "UREPORTER"
FORM: dict[str, Any] = {
    "source": "external", "received_by": "by_member_office", "company": "gas_north", "channel": "telephone",
    "complainant": "Li", "contact": "0912", "accused_unit": "gas_north", "complaint": "Rude at the counter",
}  # fmt: skip
STAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "hand_over": ("hand_it_over", {}),
    "assign": ("assign_it", {"delegated": False, "handler_dept": "marketing"}),
    "take_on": ("take_it", {"to_member": False}),
    "investigate": ("found", {"findings": "It is so", "cause": ["attitude"]}),
    "judge": ("rule", {"nature": "valid"}),
    "announce": ("told", {"answer": "It is valid", "disputed": False}),
    "final_ruling": ("rule", {"final_nature": "invalid", "ruling": "No proof"}),
    "closing": ("close_it", {}),
}  # fmt: skip


def logged(**changes: Any) -> PolicyDesk:
    desk = PolicyDesk(ID, departments=("marketing",), units={"gas_north": "personnel", "marketing": "marketing"})
    desk.log(REPORTER, **{**FORM, **changes})
    return desk


def take(desk: PolicyDesk, stage: str, **fields: Any) -> None:
    decision, filled = STAGES[stage]
    desk.decide(person(str(desk.roles(stage)[0])), stage, decision, **{**filled, **fields})


def at(stage: str, **changes: Any) -> PolicyDesk:
    desk = logged(**{n: v for n, v in changes.items() if n in FORM or n == "danger"})
    while stage not in desk.open_stages():
        now = desk.open_stages()[0]
        asked = desk.bundle("").policy.stages[now].filled
        take(desk, now, **{n: v for n, v in changes.items() if n not in FORM and n in asked})
    return desk


@pytest.mark.clauses(ID, "1.3.1", "1.3.2", "1.3.3")
@pytest.mark.capabilities("RT-24", "RT-02", "RT-26", "IN-01", "IN-13")
@pytest.mark.parametrize(
    ("received", "first", "people", "handler"),
    [
        ("by_customer_resource", "hand_over", "customer_resource", "supervision_office"),
        ("by_personnel", "hand_over", "personnel", "supervision_office"),
        ("by_union", "hand_over", "union", "supervision_office"),
        ("by_chairman_office", "hand_over", "chairman_office", "supervision_office"),
        ("by_group_office", "assign", "general_manager", "marketing"),
        ("by_supervision_office", "take_on", "supervision_office", "supervision_office"),
        ("by_member_office", "investigate", "member_office", "member_office"),
    ],
)
def test_who_received_it_decides_its_way(received: str, first: str, people: str, handler: str) -> None:
    """1.3.1 「接到具有投诉性质的案件时应移交集团督查室办理」, 1.3.3 「由集团公司总经理指定部门办理,也可以委托集团督查室办理」."""
    desk = logged(received_by=received)
    assert (desk.open_stages(), may_decide(desk, first)) == ([first], {people})
    days = {"investigate": "2026-11-09 18:00"}
    assert desk.due(first) == local(days.get(first, "2026-11-03 18:00"))
    told = {person("supervision_office", 1), person("supervision_office", 2)} if first == "hand_over" else set()
    assert {n.to for n in desk.told("rule")} == told
    if first != "investigate":
        take(desk, first)
    assert desk.roles("investigate") == [handler]


@pytest.mark.clauses(ID, "1.3.1", "1.3.3")
@pytest.mark.capabilities("RT-24", "RT-26")
@pytest.mark.parametrize(
    ("received", "stage", "fields", "handler"),
    [
        ("by_group_office", "assign", {"delegated": True, "handler_dept": None}, "supervision_office"),
        ("by_supervision_office", "take_on", {"to_member": True}, "member_office"),
    ],
)
def test_it_may_be_delegated_or_transferred(received: str, stage: str, fields: dict[str, Any], handler: str) -> None:
    """「也可以委托集团督查室办理」, 「或移交成员企业办理」."""
    desk = logged(received_by=received)
    take(desk, stage, **fields)
    assert desk.roles("investigate") == [handler]


def test_who_names_a_department_says_which() -> None:
    desk = logged(received_by="by_group_office")
    assert refused_fields(lambda: take(desk, "assign", handler_dept=None)) == {"handler_dept"}
    assert refused_fields(lambda: take(desk, "assign", delegated=None)) >= {"delegated"}
    other = logged(received_by="by_supervision_office")
    assert refused_fields(lambda: take(other, "take_on", to_member=None)) == {"to_member"}


@pytest.mark.clauses(ID, "2.1.1", "2.1.2", "2.1.3")
@pytest.mark.capabilities("IN-16", "IN-17")
@pytest.mark.parametrize(("source", "more"), [("external", {}), ("internal", {}), ("proxy", {"danger": True})])
def test_the_three_sources_take_the_same_way(source: str, more: dict[str, Any]) -> None:
    """2.1: here internal complaints are open to the member company too; they are counted apart."""
    desk = logged(source=source, **more)
    assert desk.roles("investigate") == ["member_office"]
    assert refused_fields(lambda: logged(source="proxy")) == {"danger"}
    policy = desk.bundle("").policy
    assert str(policy.measures["internal_in_time"].where) == "source is internal"


@pytest.mark.clauses(ID, "2.2", "2.2.1")
@pytest.mark.capabilities("IN-12")
@pytest.mark.parametrize("channel", ["telephone", "letter", "visit", "anonymous_way", "other_way"])
def test_anonymous_complaints_are_discouraged_but_taken_without_a_name(channel: str) -> None:
    """2.2.1 「不鼓励使用匿名方式进行投诉」: no ban here."""
    nameless = lambda: logged(channel=channel, complainant=None, contact=None)
    if channel == "anonymous_way":
        assert nameless().open_stages() == ["investigate"]
    else:
        assert refused_fields(nameless) == {"complainant", "contact"}
    hint = logged().bundle("").policy.label("channel", "zh-Hans", aspect="hint")
    assert "不鼓励" in hint


@pytest.mark.parametrize("missing", sorted(FORM))
def test_the_form_is_complete(missing: str) -> None:
    assert missing in refused_fields(lambda: logged(**{missing: None}))


@pytest.mark.clauses(ID, "2.3", "1.3.5")
@pytest.mark.capabilities("CL-03")
def test_valid_needs_one_of_the_facts_of_the_later_version() -> None:
    desk = at("judge", cause=[])
    assert refused_fields(lambda: take(desk, "judge")) == {"nature"}
    take(desk, "judge", nature="invalid")
    assert desk.open_stages() == ["announce"]


@pytest.mark.clauses(ID, "1.3.4", "2.3")
@pytest.mark.capabilities("RT-18", "CL-03")
@pytest.mark.parametrize(
    ("disputed", "nature", "final", "outcome"),
    [
        (False, "valid", "invalid", "valid"), (False, "invalid", "valid", "invalid"),
        (True, "valid", "invalid", "invalid_final"), (True, "invalid", "valid", "valid_final"),
    ],
)  # fmt: skip
def test_the_committee_rules_finally_on_the_nature(disputed: bool, nature: str, final: str, outcome: str) -> None:
    """1.3.4 「对判定投诉案件的性质具有最终裁定权」."""
    desk = at("closing", disputed=disputed, nature=nature, final_nature=final)
    if disputed:
        assert refused_fields(lambda: take(desk, "closing")) == {"final_answer"}
    take(desk, "closing", final_answer="As ruled" if disputed else None)
    assert (desk.case().outcome, desk.case().told_at is None) == (outcome, False)
    assert len([x for x in desk.happened(e.RegisterEntered) if x.register == "supervision_register"]) == 1
    assert desk.open_stages() == ([] if disputed else ["callback"])


@pytest.mark.clauses(ID, "1.3.5")
def test_who_belongs_to_the_accused_unit_does_not_investigate() -> None:
    desk = logged(received_by="by_group_office", accused_unit="marketing")
    take(desk, "assign")
    with pytest.raises(NotAuthorized):
        desk.decide(person("marketing"), "investigate", "found", findings="All is well")
    assert may_decide(desk, "investigate") == {"general_manager"}


@pytest.mark.clauses(ID, "1.3.1", "1.3.2", "1.3.4")
@pytest.mark.parametrize(
    ("stage", "changes", "people", "allowed", "due"),
    [
        ("investigate", {}, "member_office", "found return", "2026-11-09 18:00"),
        ("judge", {}, "member_office", "rule return", "2026-11-05 18:00"),
        ("announce", {}, "member_office", "told return", "2026-11-03 18:00"),
        ("final_ruling", {"disputed": True}, "supervision_committee", "rule return", "2026-11-16 18:00"),
        ("closing", {}, "member_office", "close_it return", "2026-11-03 18:00"),
    ],
)  # fmt: skip
def test_who_may_decide_what_until_when(
    stage: str, changes: dict[str, Any], people: str, allowed: str, due: str
) -> None:
    desk = at(stage, **changes)

    assert may_decide(desk, stage) == named(people)
    assert decisions(desk, stage) == allowed
    assert desk.due(stage) == local(due)
    assert desk.promise().due_at == local("2026-12-04 18:00")


@pytest.mark.parametrize(
    ("stage", "missing"),
    [("investigate", "findings"), ("judge", "nature"), ("announce", "answer"), ("announce", "disputed"), ("final_ruling", "final_nature"), ("final_ruling", "ruling")],
)  # fmt: skip
def test_what_each_stage_must_say(stage: str, missing: str) -> None:
    desk = at(stage, disputed=True)
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


@pytest.mark.parametrize(("solved", "score", "reopens"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_dissatisfied_customer_reopens_the_investigation(solved: bool, score: str, reopens: bool) -> None:
    """D6."""
    desk = at("closing")
    take(desk, "closing")
    assert desk.due("callback") == local("2026-11-05 24:00")
    desk.call("reached", actor=person("member_office"), solved=solved, score=score)
    assert (desk.open_stages() == ["investigate"]) is reopens


@pytest.mark.capabilities("DL-22")
def test_a_late_office_climbs_to_the_general_manager() -> None:
    """D5."""
    desk = logged()
    desk.at("2026-11-10 18:00")
    assert {n.to for n in desk.told("escalation")} == {person("general_manager", 1), person("general_manager", 2)}


@pytest.mark.clauses(ID, "1.2")
@pytest.mark.capabilities("GA-11")
def test_each_company_has_its_own_office() -> None:
    """1.2 「本制度适用于集团公司及各成员企业」: one holder for each company."""
    assert logged().bundle("").policy.roles["member_office"].per == "company"
