"""group-supervision: external, internal, proxy; internal ones for the committee alone; both sign; the committee rules finally."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.choosing import Choosing, offered
from complaints.facts import Facts
from complaints.refusals import NotAllowedHere, NotAuthorized, Recused, UnknownCase
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.duties import listed
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.who_may import decisions, keepers, may_decide, named, refused_fields

ID = "group-supervision"
REPORTER = "UREPORTER"
COMMITTEE, OFFICE = person("supervision_committee"), person("supervision_office")
FORM: dict[str, Any] = {
    "source": "external", "complainant_kind": "customer", "received_by": "by_member_office", "company": "gas_north",
    "channel": "telephone", "joint": False, "complainant": "Li", "contact": "0912", "accused_unit": "gas_north",
    "complaint": "Rude at the counter",
}  # fmt: skip
INTERNAL: dict[str, Any] = {"source": "internal", "complainant_kind": "employee"}
PROXY: dict[str, Any] = {
    "source": "proxy",
    "complainant_kind": "group_itself",
    "received_by": "by_supervision_office",
    "danger": True,
}
SUBGROUP: dict[str, Any] = {"received_by": "by_subgroup"}
STAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "accept": ("accept", {}),
    "assign": ("assign_it", {"delegated": True}),
    "investigate": ("found", {"findings": "It is so", "cause": ["attitude"]}),
    "sign_off": ("signatures", {"complainant_signed": True, "accused_signed": True}),
    "judge": ("rule", {"nature": "valid"}),
    "announce": ("told", {"answer": "It is valid", "disagrees": False}),
    "committee_reinvestigation": ("found", {"new_findings": "Seen again", "new_cause": ["inaction"]}),
    "final_ruling": ("rule", {"final_nature": "invalid", "ruling": "No proof"}),
    "closing": ("close_it", {}),
}  # fmt: skip


def a_desk() -> PolicyDesk:
    units = {"gas_north": "marketing", "marketing": "marketing", "member_office": "member_office"}
    return PolicyDesk(ID, departments=("marketing",), units=units)


def logged(**changes: Any) -> PolicyDesk:
    desk = a_desk()
    desk.log(REPORTER, **{**FORM, **changes})
    return desk


def who(desk: PolicyDesk, stage: str, case_id: str = "case1") -> str:
    role = desk.roles(stage, case_id)[0]
    return head(str(role)) if stage == "assign" else person(str(role), 2 if stage == "committee_reinvestigation" else 1)


def take(desk: PolicyDesk, stage: str, by: str | None = None, case_id: str = "case1", **fields: Any) -> None:
    decision, filled = STAGES[stage]
    desk.decide(by or who(desk, stage, case_id), stage, decision, case_id, **{**filled, **fields})


def at(stage: str, **changes: Any) -> PolicyDesk:
    desk = logged(**{n: v for n, v in changes.items() if n in FORM or n in ("danger", "verifiable")})
    while stage not in desk.open_stages():
        now = desk.open_stages()[0]
        asked = bundle(ID).policy.stages[now].filled
        take(desk, now, **{n: v for n, v in changes.items() if n not in FORM and n in asked})
    return desk


# --- who receives, who handles ---------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "1.3.1", "1.3.2", "1.3.3", "1.3.4", "2.1")
@pytest.mark.capabilities("IN-14", "IN-16", "IN-17", "RT-26", "IN-01", "CL-01")
@pytest.mark.parametrize(
    ("changes", "acceptor", "handler"),
    [
        ({}, "member_office", "member_office"),
        ({"received_by": "by_supervision_office"}, "supervision_office", "supervision_office"),
        ({"received_by": "by_chairman_office"}, "supervision_office", "supervision_office"),
        ({"received_by": "by_president_office"}, "supervision_office", "supervision_office"),
        ({"received_by": "by_other_department"}, "supervision_office", "supervision_office"),
        (SUBGROUP, "subgroup", "supervision_office"),
        (INTERNAL, "supervision_committee", "supervision_committee"),
        ({**INTERNAL, "received_by": "by_subgroup"}, "supervision_committee", "supervision_committee"),
        (PROXY, "supervision_office", "supervision_office"),
        ({**PROXY, "received_by": "by_subgroup"}, "supervision_office", "supervision_office"),
    ],
)
def test_who_received_it_decides_who_accepts_and_handles_it(
    changes: dict[str, Any], acceptor: str, handler: str
) -> None:
    """1.3: other offices hand over to 督查室, internal ones belong to 督委会 wherever they came in; only a sub-group assigns."""
    desk = logged(**changes)
    assert (desk.roles("accept"), desk.due("accept")) == ([acceptor], local("2026-11-03 18:00"))
    take(desk, "accept")
    assert desk.open_stages() == ["assign" if acceptor == "subgroup" else "investigate"]
    if acceptor == "subgroup":
        take(desk, "assign")
    assert (desk.roles("investigate"), desk.due("investigate")) == ([handler], local("2026-11-09 18:00"))


@pytest.mark.clauses(ID, "1.3.2")
@pytest.mark.parametrize(("delegated", "handler"), [(True, "supervision_office"), (False, "marketing")])
def test_the_sub_group_names_a_department_or_delegates(delegated: bool, handler: str) -> None:
    """1.3.2 「由其总经理指定部门办理,也可以委托督查室办理」."""
    desk = at("assign", **SUBGROUP, accused_unit="member_office")
    assert may_decide(desk, "assign") == {"head of subgroup"}
    assert desk.due("assign") == local("2026-11-03 18:00")
    assert refused_fields(lambda: take(desk, "assign", delegated=False)) == {"handler_dept"}
    assert refused_fields(lambda: take(desk, "assign", delegated=None)) == {"delegated"}
    take(desk, "assign", delegated=delegated, handler_dept=None if delegated else "marketing")
    assert desk.roles("investigate") == [handler]


@pytest.mark.clauses(ID, "1.3.1")
@pytest.mark.parametrize("received", ["by_chairman_office", "by_president_office", "by_other_department"])
def test_what_other_offices_received_is_told_to_the_supervision_office(received: str) -> None:
    desk = logged(received_by=received)
    assert {n.to for n in desk.told("rule")} == {OFFICE, person("supervision_office", 2)}


@pytest.mark.clauses(ID, "1.3.1", "1.3.4")
@pytest.mark.parametrize(
    "changes", [{}, SUBGROUP, {**INTERNAL, "received_by": "by_president_office"}, {**PROXY, "received_by": "by_chairman_office"}]
)  # fmt: skip
def test_what_no_other_office_hands_over_is_not_announced(changes: dict[str, Any]) -> None:
    """1.3.1 speaks of cases that other offices 「受理并移交」; an internal one stays with the committee (1.3.4)."""
    assert logged(**changes).told("rule") == []


@pytest.mark.clauses(ID, "2.1")
def test_who_complains_of_his_own_unit_is_asked_to_complete_the_form_and_nobody_confirms_it() -> None:
    """2.1 「某员工……受到了企业或上司不公正对待而提起的投诉」: an employee names his own company."""
    desk, employee = a_desk(), person("marketing")
    desk.log(employee, **{**FORM, **INTERNAL, "accused_unit": "marketing"})
    assert desk.open_stages() == ["accept"]

    desk.decide(COMMITTEE, "accept", "return", reason="Since when?", to_stage="receive")
    desk.decide(employee, "receive", "send", complaint="Shifts changed since May")

    assert desk.open_stages() == ["accept"]


# --- internal complaints ------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "1.3.4", "2.1")
@pytest.mark.capabilities("IN-17", "GA-05")
def test_an_internal_complaint_is_known_to_the_committee_alone() -> None:
    """1.3.4 「集团督察委员会是受理企业内部员工或部门投诉的唯一单位」."""
    desk = at("sign_off", **INTERNAL)
    committee = {person("supervision_committee", 1), person("supervision_committee", 2)}

    assert {n.to for n in desk.record.notices} == committee | {REPORTER}
    for stranger in (OFFICE, person("member_office"), person("marketing"), person("general_manager"), "UOFFICER"):
        with pytest.raises(UnknownCase):
            desk.act(cmd.AddNote, stranger, words="who?")
    desk.at("2026-11-09 12:00")
    assert {n.to for n in desk.record.notices} == committee | {REPORTER}

    take(desk, "sign_off", by=COMMITTEE)
    for stage in ("judge", "announce", "closing"):
        take(desk, stage, by=COMMITTEE)
    assert keepers(desk) == {"supervision_committee"}
    desk.act(cmd.AddNote, person("supervision_committee", 2), words="Filed")  # it is over, and still theirs


@pytest.mark.clauses(ID, "1.3.4", "1.3.1")
@pytest.mark.capabilities("IN-17", "GA-05")
@pytest.mark.parametrize(("changes", "register"), [({}, "supervision_register"), (INTERNAL, "internal_register")])
def test_internal_complaints_stand_in_a_register_of_their_own(changes: dict[str, Any], register: str) -> None:
    desk = at("closing", **changes)
    take(desk, "closing")
    assert [x.register for x in desk.happened(e.RegisterEntered)] == [register]


# --- admissibility --------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2.2", "2.2.1", "2.2.2")
@pytest.mark.capabilities("IN-12", "IN-15")
@pytest.mark.parametrize(
    ("changes", "suggested"),
    [
        ({"channel": "anonymous_way", "verifiable": True}, False),
        ({"channel": "anonymous_way", "verifiable": False}, True),
        ({**INTERNAL, "channel": "anonymous_way", "verifiable": True}, True),
        ({**INTERNAL, "joint": True}, False),
        ({"channel": "letter"}, False),
        ({"channel": "visit"}, False),
        ({"channel": "other_way"}, False),
    ],
)
def test_anonymous_complaints_are_discouraged_and_inside_not_supported(
    changes: dict[str, Any], suggested: bool
) -> None:
    """2.2.2 「督委会原则上不支持匿名投诉」; outside only with facts that can be verified, our default."""
    desk = logged(**changes)
    stage = bundle(ID).policy.stages["accept"]
    facts = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    assert (stage.suggest["refuse"].evaluate(Facts(desk.case(), facts)) is True) is suggested
    refuse = lambda **more: desk.decide(who(desk, "accept"), "accept", "refuse", **more)
    assert refused_fields(refuse) == {"reason"}
    refuse(reason="Nothing to verify")
    assert desk.case().outcome == "not_accepted"


@pytest.mark.clauses(ID, "2.2")
@pytest.mark.parametrize("missing", sorted(FORM))
def test_the_form_is_complete(missing: str) -> None:
    assert missing in refused_fields(lambda: logged(**{missing: None}))


@pytest.mark.clauses(ID, "2.1", "2.2.1")
def test_an_anonymous_one_says_whether_it_can_be_verified_and_a_proxy_one_what_it_endangers() -> None:
    assert refused_fields(lambda: logged(channel="anonymous_way", complainant=None, contact=None)) == {"verifiable"}
    assert refused_fields(lambda: logged(**{**PROXY, "danger": None})) == {"danger"}


# --- investigation, signatures, nature -------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "2.3.1.1", "2.3")
@pytest.mark.capabilities("CL-03", "CL-11", "RD-10")
@pytest.mark.parametrize(
    "cause", ["attitude", "broken_promise", "conduct_norm", "inaction", "rights_infringed", "staff_arrogant"]
)
def test_a_valid_complaint_needs_one_of_the_listed_facts_and_both_signatures(cause: str) -> None:
    """2.3.1.1 「投诉方和被诉方签字认可且事实具有以下特征」."""
    desk = at("judge", cause=[cause])
    take(desk, "judge")
    assert desk.open_stages() == ["announce"]
    without = at("judge", cause=[])
    assert refused_fields(lambda: take(without, "judge", nature="valid")) == {"nature"}
    take(without, "judge", nature="invalid")


@pytest.mark.clauses(ID, "2.3.1.1")
@pytest.mark.capabilities("RD-10", "CL-03")
@pytest.mark.parametrize(("mine", "theirs"), [(True, True), (True, False), (False, True), (False, False)])
def test_without_both_signatures_the_committee_investigates(mine: bool, theirs: bool) -> None:
    desk = at("sign_off")
    take(desk, "sign_off", complainant_signed=mine, accused_signed=theirs)
    assert desk.open_stages() == (["judge"] if mine and theirs else ["committee_reinvestigation"])


@pytest.mark.clauses(ID, "1.3.5", "2.3.1.1")
@pytest.mark.capabilities("RT-20")
def test_who_belongs_to_the_accused_unit_does_not_investigate() -> None:
    """Independence, our default; where nobody is left of who should, the general manager does (D14)."""
    desk = at("assign", **SUBGROUP, accused_unit="marketing")
    take(desk, "assign", delegated=False, handler_dept="marketing")
    with pytest.raises(NotAuthorized):
        take(desk, "investigate", by=person("marketing"))

    assert desk.roles("investigate") == ["general_manager"]
    take(desk, "investigate")
    assert desk.open_stages() == ["sign_off"]


@pytest.mark.clauses(ID, "1.3.4")
def test_an_internal_complaint_about_the_committee_itself_is_not_left_lying() -> None:
    """1.3.4 the committee alone takes internal complaints; the accused neither investigates nor rules: the general manager (D14)."""
    desk = logged(**INTERNAL, accused_unit="supervision_committee")
    take(desk, "accept")
    desk.decide(OFFICE, "accept")

    for stage in ("investigate", "sign_off", "judge", "announce", "committee_reinvestigation", "final_ruling"):
        take(desk, stage, **({"disagrees": True} if stage == "announce" else {}))

    ruled = {s: desk.case().visits[desk.visit(s)].decided_by for s in ("investigate", "judge", "final_ruling")}
    assert ruled == dict.fromkeys(ruled, person("general_manager"))


@pytest.mark.clauses(ID, "1.3.3", "2.3")
def test_the_accused_does_not_judge_and_may_close_what_others_have_judged() -> None:
    """1.3.3 the company's own office handles its cases; where it is accused itself it only tells what was found, unconfirmed."""
    desk = logged(accused_unit="member_office")
    take(desk, "accept")
    desk.decide(OFFICE, "accept")  # that the accused accepts it is confirmed by who keeps the register
    take(desk, "investigate")
    take(desk, "sign_off")
    assert desk.roles("judge") == ["general_manager"]
    with pytest.raises(NotAuthorized):
        take(desk, "judge", by=person("member_office"))
    take(desk, "judge")
    take(desk, "announce")

    take(desk, "closing", by=person("member_office"))

    assert desk.case().outcome == "valid"


@pytest.mark.parametrize(
    ("stage", "missing"),
    [
        ("investigate", "findings"), ("sign_off", "complainant_signed"), ("sign_off", "accused_signed"), ("judge", "nature"),
        ("announce", "answer"), ("announce", "disagrees"), ("committee_reinvestigation", "new_findings"),
        ("final_ruling", "final_nature"), ("final_ruling", "ruling"),
    ],
)  # fmt: skip
def test_what_each_stage_must_say(stage: str, missing: str) -> None:
    desk = at(stage, disagrees=True)
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing}


# --- the committee ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "1.3.4")
@pytest.mark.capabilities("RT-18", "RT-20")
def test_who_disagrees_gets_a_fresh_investigation_and_a_final_ruling() -> None:
    """1.3.4 「投诉方对第一次判定结果不服……重新调查取证」, 「最终裁定权」."""
    desk = at("announce")
    take(desk, "announce", disagrees=True)
    assert (desk.roles("committee_reinvestigation"), desk.due("committee_reinvestigation")) == (
        ["supervision_committee"], local("2026-11-16 18:00"),
    )  # fmt: skip
    take(desk, "committee_reinvestigation")
    assert desk.due("final_ruling") == local("2026-11-05 18:00")
    take(desk, "final_ruling")
    assert refused_fields(lambda: take(desk, "closing")) == {"final_answer"}
    take(desk, "closing", final_answer="The ruling")
    assert desk.case().outcome == "invalid_final"
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.BeginRoute, REPORTER, route="objection", fields={})


@pytest.mark.clauses(ID, "1.3.4")
@pytest.mark.capabilities("RT-20")
def test_of_an_internal_case_somebody_else_of_the_committee_investigates_afresh() -> None:
    desk = at("announce", **INTERNAL)
    take(desk, "announce", disagrees=True)
    with pytest.raises(Recused):
        take(desk, "committee_reinvestigation", by=COMMITTEE)
    take(desk, "committee_reinvestigation", by=person("supervision_committee", 2))


@pytest.mark.clauses(ID, "2.3", "1.3.4")
@pytest.mark.capabilities("CL-03", "RT-18")
@pytest.mark.parametrize(
    ("disagrees", "nature", "final", "outcome"),
    [
        (False, "valid", "valid", "valid"), (False, "invalid", "valid", "invalid"),
        (True, "invalid", "valid", "valid_final"), (True, "valid", "invalid", "invalid_final"),
    ],
)  # fmt: skip
def test_the_case_closes_with_the_nature_that_was_ruled_last(
    disagrees: bool, nature: str, final: str, outcome: str
) -> None:
    desk = at("closing", disagrees=disagrees, nature=nature, final_nature=final)
    take(desk, "closing", final_answer="As ruled" if disagrees else None)
    assert desk.case().outcome == outcome


@pytest.mark.clauses(ID, "1.3.1", "1.3.2", "1.3.3", "1.3.4")
@pytest.mark.capabilities("RT-26")
@pytest.mark.parametrize(
    ("stage", "changes", "people", "allowed"),
    [
        ("accept", {}, "member_office", "accept refuse return"),
        ("assign", SUBGROUP, "head of subgroup", "assign_it return"),
        ("investigate", {}, "member_office", "found return"),
        ("sign_off", PROXY, "supervision_office", "signatures return"),
        ("judge", PROXY, "supervision_office", "rule return"),
        ("announce", {}, "member_office", "told return"),
        ("committee_reinvestigation", {"disagrees": True}, "supervision_committee", "found return"),
        ("final_ruling", {"disagrees": True}, "supervision_committee", "rule return"),
        ("closing", {}, "member_office", "close_it return"),
        ("judge", INTERNAL, "supervision_committee", "rule return"),
    ],
)  # fmt: skip
def test_who_may_decide_what_everybody_else_is_refused(
    stage: str, changes: dict[str, Any], people: str, allowed: str
) -> None:
    desk = at(stage, **changes)

    assert may_decide(desk, stage) == named(people)
    assert decisions(desk, stage) == allowed


# --- time, defaults ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "due"),
    [("sign_off", "2026-11-03 18:00"), ("judge", "2026-11-05 18:00"), ("announce", "2026-11-03 18:00"), ("closing", "2026-11-03 18:00")],
)  # fmt: skip
def test_the_limits_of_our_own(stage: str, due: str) -> None:
    desk = at(stage)
    assert desk.due(stage) == local(due)
    assert desk.promise().due_at == local("2026-12-10 18:00")


@pytest.mark.capabilities("DL-22")
def test_a_late_office_is_reminded_and_then_the_general_manager_is_asked() -> None:
    """D5."""
    desk = logged()
    desk.at("2026-11-04 18:00")
    assert {n.to for n in desk.told("escalation")} == {person("general_manager", 1), person("general_manager", 2)}


@pytest.mark.parametrize(("solved", "score", "reopens"), [(True, "3", False), (True, "2", True), (False, "5", True)])
def test_a_dissatisfied_customer_reopens_the_investigation(solved: bool, score: str, reopens: bool) -> None:
    """D6; a final ruling and an internal case are not asked about."""
    desk = at("closing")
    take(desk, "closing")
    assert desk.due("callback") == local("2026-11-05 24:00")
    assert refused_fields(lambda: desk.call("reached", actor=person("member_office"), solved=solved)) == {"score"}
    desk.call("reached", actor=person("member_office"), solved=solved, score=score)
    assert (desk.open_stages() == ["investigate"]) is reopens
    for changes in (INTERNAL, {"disagrees": True}, PROXY):
        other = at("closing", **changes)
        take(other, "closing", final_answer="x")
        assert other.open_stages() == []


# --- figures -----------------------------------------------------------------------------------------------------------------------------


def many(*each: dict[str, Any]) -> PolicyDesk:
    """Return a desk on which cases were closed one after another, each with its changes."""
    desk = a_desk()
    for number, changes in enumerate(each, start=1):
        name = f"case{number}"
        desk.log(REPORTER, name, **{**FORM, **{n: v for n, v in changes.items() if n in FORM or n == "danger"}})
        while stage := next((s for s in desk.open_stages(name) if s in STAGES), None):
            asked = bundle(ID).policy.stages[stage].filled
            take(desk, stage, case_id=name, **{n: v for n, v in changes.items() if n in asked})
    return desk


@pytest.mark.clauses(ID, "1.3.1", "1.3.4", "2.3")
@pytest.mark.capabilities("SR-03", "IN-17")
def test_the_figures_count_external_ones_by_their_last_nature_and_internal_ones_apart() -> None:
    """1.3.4 the committee's ruling is final, so it counts; internal complaints are the committee's alone, in figures too."""
    ruled: dict[str, Any] = {"disagrees": True, "final_answer": "As ruled"}
    desk = many(
        {}, {}, {"nature": "invalid"}, {**ruled, "nature": "valid", "final_nature": "invalid"},
        {**ruled, "nature": "invalid", "final_nature": "valid"}, PROXY, INTERNAL,
    )  # fmt: skip
    assert desk.figure("valid_share") == "3 of 5"
    assert desk.figure("closed_in_time") == "6 of 6"
    assert desk.figure("internal_in_time") == "1 of 1"


@pytest.mark.clauses(ID, "1.3.1", "1.3.4")
@pytest.mark.capabilities("SR-05", "IN-17")
def test_the_monthly_list_of_the_supervision_office_leaves_out_internal_complaints() -> None:
    """1.3.4, D15."""
    desk = many({}, INTERNAL, PROXY)
    desk.clock.at = local("2026-12-01 09:30")
    assert listed(desk, "statistics", "2026-12") == ["202611-001", "202611-003"]


@pytest.mark.clauses(ID, "1.2")
@pytest.mark.capabilities("GA-11")
def test_this_regulation_replaces_the_trial_version() -> None:
    """If both are loaded the later wins: the trial version is not offered any more."""
    later, trial = bundle(ID).policy, bundle("group-supervision-trial").policy

    assert [p.id for p in offered([trial, later], Choosing())] == [ID]


def test_numbers_count_within_the_month() -> None:
    """D7."""
    assert logged().case().number == "202611-001"
