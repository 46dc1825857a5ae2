"""fitness-club-graded: any criterion gives the grade, the highest wins; time, repeats and departments raise it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import events as e
from complaints.facts import Facts
from complaints.refusals import NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.policy_desk import PolicyDesk, head, person
from tests.support.walks import Walk
from tests.support.who_may import decisions, may_decide, named, refused_fields, slips

ID = "fitness-club-graded"
WALK = Walk(
    policy=ID,
    reporter="UTRAINER",
    form={
        "customer": "C-0417", "anonymous": False, "contact": "138", "nature": "valid", "complaint_kind": "service",
        "matter": "coaching", "complaint": "Nobody came",
    },
    steps={
        "answer_later": (person("receiver"), "answered", {"asked_department": "department", "answer": "Nine"}),
        "answer_opinion": (person("receiver"), "answered", {"answer": "Thank you"}),
        "anonymous_gate": (head("customer_service"), "investigate_it", {}),
        "grading": (head("customer_service"), "grade_it", {"our_fault": False, "lead_unit": "department"}),
        "answer_demand": (person("receiver"), "answered", {"answer": "We will help"}),
        "handle": (person("department"), "handled_it", {"finding": "True", "solution": "A free lesson"}),
        "approval": (head("department"), "approve", {}),
        "reply": (person("customer_service", 2), "told", {"answer": "A free lesson", "handled": True}),
        "month_review": (head("customer_service"), "reviewed", {"mishandled": True}),
        "callback": (person("customer_service"), "satisfied", {"solved": True, "score": "4"}),
    },
)  # fmt: skip
take, logged = WALK.take, WALK.logged


def to_approval(**changes: Any) -> PolicyDesk:
    """Return a case that waits for its approver; the registry has confirmed where the head's own unit is blamed."""
    return at("approval", **changes)


def at(stage: str, **changes: Any) -> PolicyDesk:
    if stage in ("reply", "callback", "closed"):
        desk = at("approval", **changes)
        approve(desk)
        return WALK.on(desk, stage)
    if changes.get("other_units"):
        desk = WALK.at("handle", **changes)
        if stage != "handle":
            for unit in changes["other_units"]:
                desk.decide(person(unit), "handle")
            take(desk, "handle")
        return desk
    return WALK.at(stage, **changes)


def approve(desk: PolicyDesk) -> None:
    """Let the approver decide; the head of the unit blamed needs customer service to confirm (recusal)."""
    who = {"deputy_gm": person("deputy_gm"), "general_manager": person("general_manager")}
    role = desk.roles("approval")[0]
    desk.decide(who.get(str(role), head("department")), "approval")
    if "approval" in desk.open_stages():
        desk.decide(person("customer_service"), "approval")


def grade(desk: PolicyDesk) -> str:
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    known = Facts(desk.case(), world)
    return str(known.get("grade") or WALK.file.tables["grade"].pick(known))


# --- 3: the grade ------------------------------------------------------------------------------------------------------------

CRITERIA = [  # clause, what is found, grade
    ("一级1", {"flags": ["media"]}, "g1"),
    ("一级1", {"flags": ["litigation"]}, "g1"),
    ("一级1", {"flags": ["image"]}, "g1"),
    ("一级3", {"flags": ["injury"]}, "g1"),
    ("一级3", {"complaint_kind": "injury_by_equipment"}, "g1"),
    ("一级4", {"our_fault": True, "loss": "10000"}, "g1"),
    ("一级4", {"our_fault": True, "loss": "9999.99"}, "g4"),
    ("一级5", {"other_units": ["receiver", "deputy_gm"]}, "g1"),
    ("二级1", {"flags": ["unauthorised_promise"]}, "g2"),
    ("二级2", {"flags": ["not_delivered"], "raised_before": "2"}, "g2"),
    ("二级2", {"flags": ["not_delivered"], "raised_before": "1"}, "g4"),
    ("二级5", {"other_units": ["receiver"]}, "g2"),
    ("三级1", {"flags": ["slight_inconvenience"]}, "g3"),
    ("三级3", {"flags": ["difficult"]}, "g3"),
    ("四级1", {"flags": ["attitude"]}, "g4"),
    ("四级2", {"flags": ["misunderstanding"]}, "g4"),
    ("四级1", {}, "g4"),
    ("3", {"flags": ["attitude", "slight_inconvenience", "unauthorised_promise"]}, "g2"),
    ("3", {"flags": ["difficult", "media"], "other_units": ["receiver"]}, "g1"),
]


@pytest.mark.clauses(
    ID, "3", "一级1", "一级3", "一级4", "一级5", "二级1", "二级2", "二级5", "三级1", "三级3", "四级1", "四级2"
)
@pytest.mark.capabilities("CL-01", "CL-03", "CL-04", "CL-07", "CL-18")
@pytest.mark.parametrize(("clause", "found", "expected"), CRITERIA)
def test_any_criterion_gives_its_grade_and_the_highest_wins(clause: str, found: dict[str, Any], expected: str) -> None:
    """3 「满足其中一项及定义为相应等级」; D13: the highest."""
    desk = at("handle", **found)
    assert grade(desk) == expected


@pytest.mark.clauses(ID, "二级3")
@pytest.mark.capabilities("CL-09", "IN-15", "SR-06")
def test_three_different_people_with_the_same_matter_in_a_month_give_grade_two_and_a_warning() -> None:
    """二级3 「一个月内累计三次以上不同投诉人的相同投诉」: the same person counts once; those before keep the grade they have."""
    desk = PolicyDesk(ID, now="2026-10-01 23:59")  # more than a month before
    desk.log("UTRAINER", "old", **{**WALK.form, "customer": "C-0333"})
    desk.clock.at = local("2026-11-02 09:30")
    for case, customer, matter in (
        ("second", "C-0900", "coaching"), ("again", "C-0417", "coaching"), ("other", "C-0808", "hygiene"), ("case1", "C-0417", "coaching"),
    ):  # fmt: skip
        desk.log("UTRAINER", case, **{**WALK.form, "customer": customer, "matter": matter})
    take(desk, "grading")
    assert (grade(desk), desk.told("rule")) == ("g4", [])  # two people, one of them twice

    desk.log("UTRAINER", "third", **{**WALK.form, "customer": "C-0333"})
    assert [(n.to, n.case_id) for n in desk.told("rule")] == [(head("customer_service"), "third")]
    take(desk, "grading", case_id="third")
    assert (desk.case("third").fields["grade"], grade(desk)) == ("g2", "g4")


@pytest.mark.clauses(ID, "三级2")
@pytest.mark.capabilities("CL-08", "RD-06")
def test_a_second_complaint_after_the_handling_is_at_least_grade_three() -> None:
    """三级2 「投诉处理后发生第二次投诉」: only after the first was handled, same customer and matter."""
    desk = at("callback")
    WALK.called(desk)
    for case, changes, expected in (
        ("same", {}, "g3"),
        ("other_matter", {"matter": "hygiene"}, "g4"),
        ("other_person", {"customer": "C-0900"}, "g4"),
    ):
        desk.log("UTRAINER", case, **{**WALK.form, **changes})
        take(desk, "grading", case_id=case)
        world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
        assert WALK.file.tables["grade"].pick(Facts(desk.case(case), world)) == expected
    early = at("handle")
    early.log("UTRAINER", "second", **WALK.form)
    world = early.desk.world(early.record, early.bundle(""), early.clock.now())
    assert Facts(early.case("second"), world).get("handled_before") == 0
    repeat = WALK.file.repeat
    assert repeat is not None
    assert (repeat.same, str(repeat.within)) == (("customer", "matter"), "3 months")


@pytest.mark.clauses(ID, "二级4")
@pytest.mark.capabilities("CL-06", "DL-01")
@pytest.mark.parametrize(("fault", "raised"), [(True, "g2"), (False, "g4")])
def test_half_a_month_unsolved_by_our_fault_gives_grade_two(fault: bool, raised: str) -> None:
    """二级4 「投诉半月以后,由于我方原因仍未解决投诉」; our default: 15 days, the general manager hears."""
    desk = at("handle", our_fault=fault, loss="5" if fault else None)
    desk.at("2026-11-17 23:59")
    assert grade(desk) == "g4"
    desk.at("2026-11-17 24:00")
    assert grade(desk) == raised
    assert (person("general_manager") in {n.to for n in desk.told("rule")}) is fault


def test_what_was_settled_before_is_not_raised() -> None:
    desk = at("closed", our_fault=True, loss="5")
    desk.at("2026-12-10 12:00")
    assert grade(desk) == "g4"
    assert "month_review" not in {v.stage for v in desk.case().visits.values()}


@pytest.mark.clauses(ID, "一级2")
@pytest.mark.capabilities("CL-06")
@pytest.mark.parametrize(("mishandled", "raised"), [(True, "g1"), (False, "g4")])
def test_a_month_open_and_handled_badly_gives_grade_one(mishandled: bool, raised: str) -> None:
    """一级2 「投诉发生一个月后,如因前期处理不当,内部沟通障碍而造成客户投诉升级」: who judges is asked after a month."""
    desk = at("handle")
    desk.at("2026-12-02 23:59")
    assert "month_review" not in desk.open_stages()
    desk.at("2026-12-02 24:00")
    assert may_decide(desk, "month_review") == {"head of customer_service"}
    assert desk.due("month_review") == local("2026-12-04 18:00")  # one working day from Thursday, 00:00
    assert refused_fields(lambda: take(desk, "month_review", mishandled=None)) == {"mishandled"}
    before = len(desk.told("rule"))
    take(desk, "month_review", mishandled=mishandled)
    assert grade(desk) == raised
    told = {n.to for n in desk.told("rule")[before:]}
    assert (person("general_manager") in told) is mishandled


@pytest.mark.clauses(ID, "3")
@pytest.mark.capabilities("CL-20")
def test_the_grade_and_the_nature_may_be_changed_later() -> None:
    """Re-classification: by the head of customer service; the log keeps what it was."""
    desk = WALK.at("grading")
    take(desk, "grading", grade="g2")
    assert (grade(desk), desk.roles("handle")) == ("g2", ["department"])
    desk = WALK.at("grading")
    take(desk, "grading", nature="demand", our_fault=None, lead_unit=None)
    assert desk.open_stages() == ["answer_demand"]
    assert (desk.roles("answer_demand"), desk.due("answer_demand")) == (["receiver"], local("2026-11-03 09:30"))
    assert refused_fields(lambda: take(desk, "answer_demand", answer=None)) == {"answer"}
    take(desk, "answer_demand")
    assert desk.case().outcome == "answered_outcome"


# --- 2, 4: consultation, opinion, demand --------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4", "2.1.2")
@pytest.mark.capabilities("IN-19", "IN-04", "DL-01")
@pytest.mark.parametrize(("nature", "more"), [("consultation", {}), ("demand", {"demand_kind": "help"})])
def test_a_consultation_is_answered_at_once_or_within_24_hours(nature: str, more: dict[str, Any]) -> None:
    """4 「能直接解答的,当即解答,不能解答的……立即同相关部门联系了解情况,在24小时内答复客户」."""
    form = {"nature": nature, "complaint_kind": None, **more}
    now = logged(**form, answered_at_once=True, answer="Nine")
    assert (now.case().status, now.case().outcome) == ("finished", "answered_outcome")
    assert refused_fields(lambda: logged(**form, answered_at_once=True)) == {"answer"}
    assert "answered_at_once" in refused_fields(lambda: logged(**form))

    desk = logged(**form, answered_at_once=False)
    assert (desk.open_stages(), desk.roles("answer_later"), desk.due("answer_later")) == (
        ["answer_later"],
        ["receiver"],
        local("2026-11-03 09:30"),
    )
    for missing in ("asked_department", "answer"):
        assert refused_fields(lambda name=missing: take(desk, "answer_later", **{name: None})) == {missing}
    take(desk, "answer_later")
    assert desk.case().status == "finished"
    assert [x.register for x in desk.happened(e.RegisterEntered)] == ["opinion_register", "answer_register"]


@pytest.mark.clauses(ID, "4")
@pytest.mark.capabilities("DL-22")
def test_a_late_answer_climbs_to_the_general_manager() -> None:
    """D5: the slip at the due time, one working day later the general manager."""
    desk = logged(nature="consultation", complaint_kind=None, answered_at_once=False)
    desk.at("2026-11-03 09:30")
    assert head("receiver") in slips(desk)
    desk.at("2026-11-04 17:59")
    assert not desk.told("escalation")
    desk.at("2026-11-04 18:00")
    assert person("general_manager") in {n.to for n in desk.told("escalation")}


@pytest.mark.clauses(ID, "4")
@pytest.mark.capabilities("IN-19")
def test_an_opinion_is_answered_by_the_promised_day() -> None:
    """Our default: the rule for opinions breaks off; the customer is promised a date."""
    form: dict[str, Any] = {"nature": "opinion", "complaint_kind": None}
    assert refused_fields(lambda: logged(**form)) == {"promised_on"}
    assert refused_fields(lambda: logged(**form, promised_on="2026-11-01")) == {"promised_on"}
    desk = logged(**form, promised_on="2026-11-02")
    assert (desk.roles("answer_opinion"), desk.due("answer_opinion")) == (["receiver"], local("2026-11-02 24:00"))
    assert refused_fields(lambda: take(desk, "answer_opinion", answer=None)) == {"answer"}
    take(desk, "answer_opinion")
    assert desk.case().outcome == "answered_outcome"
    assert str(WALK.file.stages["answer_opinion"].limit.fixed) == "5 working days"


@pytest.mark.clauses(ID, "2.2", "2.1.1", "2.1.2")
@pytest.mark.capabilities("CL-01", "CL-03")
def test_valid_complaints_and_demands_have_their_kinds() -> None:
    """2.2 「有效投诉与需求(沟通性)投诉」: four kinds of the one, three of the other."""
    assert refused_fields(lambda: logged(complaint_kind=None)) == {"complaint_kind"}
    assert refused_fields(lambda: logged(nature="demand", complaint_kind=None, answered_at_once=False)) == {
        "demand_kind"
    }
    fields = WALK.file.fields
    assert fields["complaint_kind"].choices == ("injury_by_equipment", "service", "card_sales", "product")
    assert fields["demand_kind"].choices == ("help", "inquiry", "venting")


@pytest.mark.parametrize("missing", sorted(set(WALK.form) - {"nature"}))
def test_the_form_is_complete(missing: str) -> None:
    """4 「录入【客户意见/投诉登记表】」."""
    assert refused_fields(lambda: logged(**{missing: None})) == {missing}


# --- a complaint: our route ---------------------------------------------------------------------------------------------------

WAYS = [  # grade, what gives it, approver, due of the case, of the handling
    ("g4", {}, {"head of department"}, "2026-11-05 18:00", "2026-11-03 18:00"),
    ("g3", {"flags": ["difficult"]}, {"head of department"}, "2026-11-09 18:00", "2026-11-05 18:00"),
    ("g2", {"flags": ["unauthorised_promise"]}, {"deputy_gm"}, "2026-11-09 18:00", "2026-11-05 18:00"),
    ("g1", {"flags": ["media"]}, {"general_manager"}, "2026-11-05 18:00", "2026-11-03 18:00"),
]


@pytest.mark.clauses(ID, "3")
@pytest.mark.capabilities("DL-01", "CL-04")
@pytest.mark.parametrize(("level", "found", "approver", "case_due", "handle_due"), WAYS)
def test_the_grade_sets_limits_and_approver(
    level: str, found: dict[str, Any], approver: set[str], case_due: str, handle_due: str
) -> None:
    """Our default by grade: 3, 5, 5, 3 working days; head, head, deputy, general manager; grade 1 is told at once."""
    desk = at("handle", **found)
    assert (grade(desk), desk.promise().due_at, desk.due("handle")) == (level, local(case_due), local(handle_due))
    assert (person("general_manager") in {n.to for n in desk.told("rule")}) is (level == "g1")
    take(desk, "handle")
    assert (may_decide(desk, "approval"), desk.due("approval")) == (approver, local("2026-11-03 18:00"))
    assert not desk.may_reply()
    approve(desk)
    assert desk.may_reply()
    assert (may_decide(desk, "reply"), desk.due("reply")) == ({"customer_service"}, local("2026-11-02 18:00"))
    assert refused_fields(lambda: take(desk, "reply", handled=False)) == {"handled"}
    take(desk, "reply")
    assert (desk.case().outcome, desk.case().number, desk.promise().in_time) == ("settled", "202611-001", True)


def test_the_head_of_the_department_blamed_does_not_approve_alone() -> None:
    """Recusal, our default: customer service confirms."""
    desk = at("approval")
    desk.decide(head("department"), "approval")
    assert (desk.open_stages(), may_decide(desk, "approval")) == (["approval"], {"customer_service"})


def test_further_departments_answer_before_the_leading_one() -> None:
    """Our default for grades 1 and 2: a lead, the others take part."""
    desk = at("handle", other_units=["receiver"])
    assert desk.roles("handle") == ["department", "receiver"]
    with pytest.raises(NotAuthorized):
        take(desk, "handle")
    desk.decide(person("receiver"), "handle")
    take(desk, "handle")
    assert desk.roles("approval") == ["deputy_gm"]


MUST = [
    ("grading", {}, "our_fault", set()), ("grading", {}, "lead_unit", set()),
    ("handle", {}, "finding", set()), ("handle", {}, "solution", set()), ("reply", {}, "answer", set()),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "way", "missing", "more"), MUST)
def test_each_stage_fills_what_it_must(stage: str, way: dict[str, Any], missing: str, more: set[str]) -> None:
    desk = at(stage, **way)
    assert refused_fields(lambda: take(desk, stage, **{missing: None})) == {missing} | more


@pytest.mark.clauses(ID, "一级4", "二级2")
def test_the_loss_is_asked_when_we_are_liable_and_the_number_when_it_was_not_delivered() -> None:
    desk = at("grading")
    assert refused_fields(lambda: take(desk, "grading", our_fault=True)) == {"loss"}
    assert refused_fields(lambda: take(desk, "grading", flags=["not_delivered"])) == {"raised_before"}
    take(desk, "grading")


# --- defaults -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "reopens"),
    [({}, False), ({"score": "3"}, False), ({"score": "2"}, True), ({"solved": False, "score": "5"}, True)],
)
def test_a_dissatisfied_member_reopens_the_case_at_grade_three_at_least(answers: dict[str, Any], reopens: bool) -> None:
    """D6; 三级2 for the grade."""
    desk = at("callback")
    assert (desk.roles("callback"), desk.due("callback")) == (["customer_service"], local("2026-11-05 24:00"))
    for missing in ("solved", "score"):
        assert refused_fields(lambda name=missing: WALK.called(desk, **{name: None})) == {missing}
    WALK.called(desk, **answers)
    assert desk.open_stages() == (["handle"] if reopens else [])
    assert grade(desk) == ("g3" if reopens else "g4")
    assert (head("department") in {n.to for n in desk.told("rule")}) is reopens


def test_the_head_of_customer_service_decides_on_anonymous_complaints() -> None:
    """D10."""
    desk = logged(anonymous=True, contact=None)
    assert (may_decide(desk, "anonymous_gate"), desk.due("anonymous_gate")) == (
        {"head of customer_service"},
        local("2026-11-03 18:00"),
    )
    assert refused_fields(lambda: take(desk, "anonymous_gate", "record_only")) == {"reason"}
    take(desk, "anonymous_gate", "record_only", reason="Nothing to go by")
    assert desk.case().outcome == "recorded_only"
    assert at("closed", anonymous=True, contact=None).open_stages() == []


@pytest.mark.parametrize(("when", "allowed"), [("2026-11-09 18:00", True), ("2026-11-09 18:01", False)])
def test_the_department_may_object_for_five_working_days(when: str, allowed: bool) -> None:
    """D12."""
    desk = at("closed")
    desk.clock.at = local(when)
    if not allowed:
        with pytest.raises(NotAllowedHere):
            WALK.object(desk, person("department"))
        return
    with pytest.raises(NotAuthorized):
        WALK.object(desk, "UTRAINER")
    assert refused_fields(lambda: WALK.object(desk, person("department"), objection_reason="")) == {"objection_reason"}
    WALK.object(desk, person("department"))
    assert desk.due("objection_ruling") == local("2026-11-11 18:00")
    assert refused_fields(lambda: WALK.rule(desk, "dismiss", ruling_reason=None)) == {"ruling_reason"}
    WALK.rule(desk, "grant")
    assert desk.open_stages() == ["handle"]


def test_what_was_only_answered_has_nothing_to_object_to() -> None:
    desk = logged(nature="consultation", complaint_kind=None, answered_at_once=True, answer="Nine")
    with pytest.raises(NotAllowedHere):
        WALK.object(desk, person("customer_service"))


@pytest.mark.capabilities("SR-06", "GA-11")
def test_monthly_statistics_for_early_warning_and_keeping() -> None:
    """Statistics for early warning; D15, D8."""
    duty, papers = WALK.file.duties["statistics"], WALK.file.papers
    assert (duty.every, duty.by, str(duty.who)) == ("month", "10th", "customer_service")
    assert [str(w) for w in duty.send_to] == ["deputy_gm", "general_manager"]
    assert {"grade", "matter", "late_by", "repeats"} <= set(duty.contents)
    assert str(papers.keep) == "3 years"


# --- who may, stage by stage ----------------------------------------------------------------------------------------------------

TABLE: dict[str, tuple[str, str]] = {  # stage: who may decide it (everybody else is refused); what may be decided
    "report": ("reporter", "send return"),
    "answer_later": ("receiver", "answered return"),
    "answer_opinion": ("receiver", "answered return"),
    "anonymous_gate": ("head of customer_service", "investigate_it record_only return"),
    "grading": ("head of customer_service", "grade_it return"),
    "answer_demand": ("receiver", "answered return"),
    "handle": ("department", "handled_it return"),
    "approval": ("head of department", "approve return"),
    "reply": ("customer_service", "told return"),
    "month_review": ("head of customer_service", "reviewed return"),
    "callback": ("customer_service", "satisfied unreached dissatisfied return"),
    "objection_ruling": ("general_manager", "dismiss grant return"),
}


@cache
def waiting_at(stage: str) -> PolicyDesk:
    match stage:
        case "report":
            desk = at("grading")
            desk.decide(head("customer_service"), "grading", "return", reason="When?")
            return desk
        case "answer_later":
            return logged(nature="consultation", complaint_kind=None, answered_at_once=False)
        case "answer_opinion":
            return logged(nature="opinion", complaint_kind=None, promised_on="2026-11-05")
        case "anonymous_gate":
            return logged(anonymous=True, contact=None)
        case "answer_demand":
            desk = at("grading")
            take(desk, "grading", nature="demand", our_fault=None, lead_unit=None)
            return desk
        case "month_review":
            desk = at("handle")
            desk.at("2026-12-03 09:00")
            return desk
        case "objection_ruling":
            desk = at("closed")
            WALK.object(desk, person("department"))
            return desk
        case _:
            return at(stage)


@pytest.mark.parametrize("stage", TABLE)
def test_who_may_decide_what(stage: str) -> None:
    desk = waiting_at(stage)
    assert may_decide(desk, stage) == named(TABLE[stage][0])
    assert decisions(desk, stage) == TABLE[stage][1]
    if stage == "report":
        assert desk.due("report") == local("2026-11-02 11:30")


def test_the_table_of_stages_is_complete() -> None:
    assert set(TABLE) == set(WALK.file.stages)
