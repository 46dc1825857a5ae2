"""售后服务和质量投诉处理制度（校验系统）: one hour by telephone, the customer's time on site, until nothing is open; reports and measures."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.metering import BASE, ID, PHONE, VISIT, Metering, a_case
from tests.support.our_defaults import keeping, objects_within_five_working_days, repeats
from tests.support.policy_desk import head, person
from tests.support.who_may import decisions_by_stage

DEPARTMENT = BASE | {"valid": True, "way": "department", "department_unit": "lab"}


DELIVERY = BASE | {"kind": "delivery"}


OLD = {"commissioned_on": "2025-11-01", "material_cost": "120", "labour_cost": "80"}


def both(*roles: str) -> set[str]:
    return {person(role, number) for role in roles for number in (1, 2)}


# --- the route (4.2, 4.3) ------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.2.1", "4.2.2", "4.2.3", "4.3.5", "roles")
@pytest.mark.capabilities("RT-01", "GA-11")
def test_what_the_telephone_solves_is_answered_and_verified_by_marketing_planning() -> None:
    """4.2.1–4.2.3: one department is the owner of every request."""
    desk = a_case(PHONE, "telephone")
    for stage in ("telephone", "verify_result", "close_service"):
        assert (desk.open_stages(), desk.roles(stage)) == ([stage], ["marketing_planning"])
        desk.go(stage)
    assert (desk.case().outcome, desk.case().number, desk.case().status) == (
        "solved_by_telephone",
        "202611-001",
        "finished",
    )
    assert [r.register for r in desk.happened(e.RegisterEntered)] == ["contact_record", "results"]


@pytest.mark.clauses(ID, "4.2.3")
@pytest.mark.capabilities("DL-02", "DL-08")
@pytest.mark.parametrize(
    ("heard", "due"),
    [
        ("2026-11-02 09:30", "2026-11-02 10:30"),
        ("2026-11-02 11:30", "2026-11-02 13:30"),
        ("2026-11-02 17:30", "2026-11-03 09:30"),
    ],
)
def test_the_telephone_answers_within_an_hour(heard: str, due: str) -> None:
    """4.2.3 「如需电话解决的,应在1小时内给予答复」; in office hours (ours)."""
    desk = Metering(heard)
    desk.hear(**PHONE)
    assert desk.due("telephone") == local(due)


@pytest.mark.clauses(ID, "4.2.4", "4.3.2", "4.3.3", "4.3.4")
@pytest.mark.capabilities("RT-01", "DL-06", "CC-11", "CC-18")
def test_a_visit_is_planned_at_the_customers_time_signed_stamped_and_its_papers_handed_in() -> None:
    """4.2.4 「登记入“售后服务计划”……应确保在顾客规定的时间内到现场服务」; 4.3.3 「确认后签字并加盖公章」."""
    desk = a_case(VISIT, "arrive")
    assert (desk.may_act("arrive"), desk.due("arrive")) == ({"after_sales"}, local("2026-11-04 14:00"))
    assert "service_plan" in {r.register for r in desk.happened(e.RegisterEntered)}
    assert both("after_sales") <= {n.to for n in desk.told("rule")}
    desk.go("arrive")
    with pytest.raises(FieldErrors) as refused:
        desk.decide(person("after_sales"), "complete", "completed")
    assert set(refused.value.errors) == {
        "commissioned_on",
        "work_done",
        "satisfied",
        "customer_problem",
        "service_slip",
    }
    desk.go("complete")
    assert desk.roles("return_docs") == [person("after_sales")]
    desk.to("closed")
    assert desk.case().outcome == "solved_on_site"
    assert "service_records" in {r.register for r in desk.happened(e.RegisterEntered)}


@pytest.mark.clauses(ID, "4.1.3.4")
@pytest.mark.capabilities("DL-06")
def test_the_time_of_the_visit_is_the_customers_and_says_whose_word_it_is() -> None:
    with pytest.raises(FieldErrors) as refused:
        Metering().hear(**VISIT | {"visit_at": None, "visit_set_by": None})
    assert set(refused.value.errors) == {"visit_at", "visit_set_by"}


@pytest.mark.clauses(ID, "4.3.1")
@pytest.mark.capabilities("CC-17", "RT-11")
def test_what_cannot_be_solved_is_agreed_with_the_customer_and_routed_again() -> None:
    """4.3.1 「对自己不能解决的问题,应及时反馈给顾客,共同协商措施」."""
    desk = a_case(VISIT, "complete")
    with pytest.raises(FieldErrors) as refused:
        desk.go("complete", "cannot_solve")
    assert set(refused.value.errors) == {"agreed_measures"}
    desk.go("complete", "cannot_solve", agreed_measures="The works look at it")
    assert desk.open_stages() == ["route_request"]
    desk.go("route_request", way="department", department_unit="works")
    assert desk.roles("department_stage") == ["works"]


@pytest.mark.clauses(ID, "4.2.2")
def test_a_department_is_told_at_once_and_its_answer_passed_on() -> None:
    """4.2.2 「营销策划部应及时通知相关部门,请求处理,以便给顾客及时的答复」."""
    desk = a_case(DEPARTMENT, "department_stage")
    assert (desk.may_act("department_stage"), desk.due("department_stage")) == ({"lab"}, local("2026-11-03 18:00"))
    assert both("lab") <= {n.to for n in desk.told("rule")}
    with pytest.raises(FieldErrors):
        desk.go("department_stage", department_answer=None)
    desk.go("department_stage")
    assert (desk.may_act("pass_answer"), desk.due("pass_answer")) == ({"marketing_planning"}, local("2026-11-02 11:30"))
    with pytest.raises(FieldErrors):
        desk.go("pass_answer", answer_given=None)
    desk.to("closed")
    assert desk.case().outcome == "solved_by_department"
    with pytest.raises(FieldErrors) as unnamed:
        Metering().hear(**DEPARTMENT | {"department_unit": None})
    assert set(unnamed.value.errors) == {"department_unit"}


@pytest.mark.clauses(ID, "4.3.5")
@pytest.mark.capabilities("RT-11", "CC-17")
def test_open_points_are_routed_again_until_there_are_none() -> None:
    """4.3.5 「对于有遗留问题的尽快安排办理」; after five rounds the general manager decides (ours)."""
    desk = a_case(PHONE, "verify_result")
    with pytest.raises(FieldErrors) as refused:
        desk.go("verify_result", open_points=True)
    assert set(refused.value.errors) == {"open_points_text"}
    for _ in range(4):
        desk.go("verify_result", open_points=True, open_points_text="Noise")
        assert desk.open_stages() == ["route_request"]
        desk.go("route_request")
        desk.go("telephone")
    desk.go("verify_result", open_points=True, open_points_text="Noise")
    assert (desk.may_act("rounds_ruling"), desk.due("rounds_ruling")) == (
        {"general_manager"},
        local("2026-11-04 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("rounds_ruling", ruling_reason=None)
    desk.go("rounds_ruling")
    assert desk.open_stages() == ["close_service"]


@pytest.mark.clauses(ID, "4.6.1")
@pytest.mark.parametrize("problem", [True, False])
def test_a_problem_on_the_form_gets_a_specific_answer(problem: bool) -> None:
    """4.6.1 「对顾客在调查表上提出的问题要给予针对性的答复」."""
    desk = a_case(VISIT, "return_docs", customer_problem=problem)
    assert ("answer_problem" in desk.open_stages()) is problem
    if problem:
        assert (desk.may_act("answer_problem"), desk.due("answer_problem")) == (
            {"marketing_planning"},
            local("2026-11-04 18:00"),
        )
        with pytest.raises(FieldErrors):
            desk.go("answer_problem", specific_answer=None)
        desk.go("answer_problem")


@pytest.mark.clauses(ID, "4.5.3.5")
@pytest.mark.capabilities("CC-18", "CC-11")
def test_every_delivery_brings_back_an_acceptance_form() -> None:
    """4.5.3.5 「在交付产品时随产品附上《安装验收单》」."""
    desk = a_case(DELIVERY, "hand_over_form")
    assert (desk.may_act("hand_over_form"), desk.due("hand_over_form")) == ({"after_sales"}, local("2026-12-02 24:00"))
    with pytest.raises(FieldErrors) as refused:
        desk.decide(person("after_sales"), "hand_over_form", "returned")
    assert set(refused.value.errors) == {"acceptance", "acceptance_opinion", "satisfied"}
    desk.go("hand_over_form")
    assert desk.case().outcome == "accepted_by_customer"


# --- what must be filled ----------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4.2.1", "4.5.1", "4.5.2", "4.5.3.2")
@pytest.mark.capabilities("IN-01")
@pytest.mark.parametrize("missing", sorted(PHONE))
def test_information_is_registered_with_class_and_source(missing: str) -> None:
    """4.2.1 「做好信息登记」; 4.5.1, 4.5.2: five classes, four sources."""
    with pytest.raises(FieldErrors) as refused:
        Metering().hear(**PHONE | {missing: None})
    assert missing in refused.value.errors


@pytest.mark.clauses(ID, "4.5.1", "4.5.2")
@pytest.mark.capabilities("IN-01")
def test_there_are_five_classes_and_four_sources_of_information() -> None:
    fields = bundle(ID).policy.fields
    assert (len(fields["info_class"].choices), len(fields["info_source"].choices)) == (5, 4)
    desk = Metering()
    for number, (info, source) in enumerate(
        zip(fields["info_class"].choices, (*fields["info_source"].choices, "colleagues"), strict=True)
    ):
        desk.hear(f"case{number}", **PHONE | {"info_class": info, "info_source": source})


@pytest.mark.parametrize(
    ("first", "stage", "changes", "missing"),
    [
        (PHONE, "telephone", {"answer_given": None}, {"answer_given"}),
        (VISIT, "arrive", {"arrived_at": None}, {"arrived_at"}),
        (VISIT, "complete", {"commissioned_on": None}, {"commissioned_on"}),
        (VISIT, "complete", {"work_done": None, "satisfied": None, "customer_problem": None}, {"work_done", "satisfied", "customer_problem"}),
        (VISIT, "complete", {"commissioned_on": "2026-11-03"}, {"commissioned_on"}),
        (VISIT, "return_docs", {"slip_handed_in": None, "service_record": None, "fault_note": None}, {"slip_handed_in", "service_record", "fault_note"}),
        (VISIT, "return_docs", {"slip_handed_in": False}, {"slip_handed_in"}),
        (PHONE, "verify_result", {"verification": None, "open_points": None, "improvement_needed": None}, {"verification", "open_points", "improvement_needed"}),
    ],
)  # fmt: skip
@pytest.mark.clauses(ID, "4.3.2", "4.3.4", "4.3.5")
def test_a_step_is_refused_without_what_it_must_say(
    first: dict[str, Any], stage: str, changes: dict[str, Any], missing: set[str]
) -> None:
    desk = a_case(first, stage)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, **changes)
    assert set(refused.value.errors) == missing


def test_a_report_lies_not_in_the_future() -> None:
    with pytest.raises(FieldErrors) as refused:
        Metering().hear(**PHONE | {"reported_on": "2026-11-03"})
    assert set(refused.value.errors) == {"reported_on"}


# --- warranty ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "warranty", "free upgrade", "free installation", "free parts")
@pytest.mark.capabilities("IN-18", "CL-13", "OS-06")
@pytest.mark.parametrize(
    ("commissioned", "kind", "free"),
    [
        ("2025-11-02", "fault", True),
        ("2025-11-01", "fault", False),
        ("2020-01-01", "software_upgrade", True),
        ("2020-01-01", "complaint", False),
    ],
)
def test_repair_is_free_for_a_year_then_costs_material_and_labour(commissioned: str, kind: str, free: bool) -> None:
    """「产品安装调试后,公司提供免费保修服务,一年后……酌情收取材料费用及基本人工费」; upgrades are always free."""
    desk = a_case(VISIT, "complete", kind=kind)
    if free:
        desk.go("complete", commissioned_on=commissioned)
        assert "service_charge" not in desk.case().amounts
    else:
        with pytest.raises(FieldErrors) as refused:
            desk.go("complete", commissioned_on=commissioned)
        assert set(refused.value.errors) == {"material_cost", "labour_cost"}
        desk.go("complete", **OLD | {"commissioned_on": commissioned})
        assert desk.case().amounts["service_charge"] == "200.00"
    assert bundle(ID).policy.policy.publish == ("free_services",)


# --- defaults ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.capabilities("DL-22")
@pytest.mark.clauses(ID, "4.2.4")
def test_a_late_visit_climbs_to_the_general_manager() -> None:
    """D5."""
    desk = a_case(VISIT, "arrive")
    desk.at("2026-11-09 10:00")
    steps = desk.steps(desk.stage_clock("arrive"))
    assert steps["reminder_slip"] == (local("2026-11-04 14:00"), {*both("after_sales"), head("after_sales")})
    assert steps["escalation"] == (local("2026-11-05 18:00"), both("general_manager"))


@pytest.mark.parametrize(
    ("first", "due"),
    [(PHONE, "2026-11-16 18:00"), (VISIT | {"kind": "complaint"}, "2026-11-16 18:00"), (DELIVERY, "2026-12-02 24:00")],
)
def test_a_case_has_ten_working_days_a_delivery_a_month(first: dict[str, Any], due: str) -> None:
    """D4."""
    desk = Metering()
    desk.hear(**first)
    assert desk.promise().due_at == local(due)


@pytest.mark.parametrize("kind", ["fault", "service_request", "complaint", "production_question", "software_upgrade"])
@pytest.mark.clauses(ID, "production", "roles")
def test_every_request_is_routed_and_a_complaint_is_told_to_quality(kind: str) -> None:
    desk = a_case(PHONE, "closed", kind=kind)
    assert desk.case().outcome == "solved_by_telephone"
    assert (both("quality_safety") <= {n.to for n in desk.told("rule")}) is (kind == "complaint")


STAGE_LIMITS = [
    (VISIT, "complete", "2026-11-03 18:00"), (VISIT, "return_docs", "2026-11-03 18:00"), (PHONE, "verify_result", "2026-11-03 18:00"),
    (PHONE, "close_service", "2026-11-02 18:00"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "stage", "due"), STAGE_LIMITS)
def test_in_time_is_one_working_day(first: dict[str, Any], stage: str, due: str) -> None:
    """D3."""
    assert a_case(first, stage).due(stage) == local(due)


def test_an_anonymous_request_is_for_the_head_and_not_answered() -> None:
    """D10."""
    desk = Metering()
    desk.hear(**BASE | {"anonymous": True, "customer": None})
    assert (desk.may_act("anonymous_check"), desk.due("anonymous_check")) == (
        {"head of marketing_planning"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.decide(head("marketing_planning"), "anonymous_check", "file")
    desk.go("anonymous_check")
    assert (desk.may_act("route_request"), desk.due("route_request")) == (
        {"marketing_planning", "reporter"},
        local("2026-11-02 11:30"),
    )
    desk.go("route_request", way="department", department_unit="lab")
    desk.go("department_stage")
    assert desk.open_stages() == ["verify_result"]
    desk = Metering()
    desk.hear(**BASE | {"anonymous": True, "customer": None})
    desk.go("anonymous_check")
    desk.go("route_request")
    assert desk.open_stages() == ["verify_result"]
    desk = Metering()
    desk.hear(**BASE | {"anonymous": True, "customer": None})
    desk.go("anonymous_check", "file")
    assert desk.case().outcome == "recorded_only"


def test_what_is_not_accepted_is_confirmed_and_told() -> None:
    """D17."""
    with pytest.raises(FieldErrors) as refused:
        Metering().hear(**BASE | {"valid": False})
    assert set(refused.value.errors) == {"invalid_reason"}
    desk = Metering()
    desk.hear(**BASE | {"valid": False, "invalid_reason": "Another maker"})
    assert (desk.may_act("confirm_invalid"), desk.due("confirm_invalid")) == (
        {"head of marketing_planning"},
        local("2026-11-03 18:00"),
    )
    desk.go("confirm_invalid", "confirm")
    assert (desk.case().outcome, desk.may_act("tell_invalid"), desk.due("tell_invalid")) == (
        "not_accepted",
        {"marketing_planning"},
        local("2026-11-03 18:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("tell_invalid")
    desk.go("tell_invalid", invalid_told="Sorry")
    assert desk.case().status == "finished"


def test_the_customer_is_answered_by_telephone_on_site_or_after_the_department() -> None:
    assert a_case(PHONE, "telephone").may_reply()
    assert not a_case(VISIT, "arrive").may_reply()
    assert a_case(VISIT, "complete").may_reply()
    assert not a_case(DEPARTMENT, "department_stage").may_reply()
    assert a_case(DEPARTMENT, "pass_answer").may_reply()


@pytest.mark.parametrize("who", ["marketing_planning", "after_sales", "quality_safety", "lab"])
def test_a_department_objects_within_five_working_days(who: str) -> None:
    """D12."""
    assert objects_within_five_working_days(lambda: a_case(DEPARTMENT, "close_service"), who, outsider="works") == [
        "verify_result"
    ]


def test_numbers_repeats_and_retention_are_our_defaults() -> None:
    """D7, D8, D9."""
    desk = Metering("2026-11-30 10:00")
    desk.hear("case1", **PHONE)
    desk.hear("case2", **DELIVERY)
    desk.clock.at = local("2026-12-01 10:00")
    desk.hear("case3", **PHONE)
    assert [desk.case(c).number for c in ("case1", "case2", "case3")] == ["202611-001", "202611-002", "202612-001"]
    assert keeping(ID) == (3, "years", "marketing_planning")
    assert repeats(ID) == (("customer", "kind"), 3, "months")


# --- who may ----------------------------------------------------------------------------------------------------------------------------------


WHO_MAY: dict[str, tuple[dict[str, Any], set[str], str]] = {
    "telephone": (PHONE, {"marketing_planning"}, "answered return"),
    "arrive": (VISIT, {"after_sales"}, "arrived return"),
    "complete": (VISIT, {"after_sales"}, "completed cannot_solve return"),
    "return_docs": (VISIT, set(), "handed_in return"),
    "department_stage": (DEPARTMENT, {"lab"}, "answered return"),
    "pass_answer": (DEPARTMENT, {"marketing_planning"}, "passed_on return"),
    "verify_result": (PHONE, {"marketing_planning"}, "verified return"),
    "close_service": (PHONE, {"marketing_planning"}, "close return"),
    "hand_over_form": (DELIVERY, {"after_sales"}, "returned return"),
}


ELSEWHERE = {
    "register": "register", "anonymous_check": "investigate file", "route_request": "pass_on", "confirm_invalid": "confirm", "tell_invalid": "told",
    "rounds_ruling": "rule", "answer_problem": "answered", "plan_measure": "plan", "carry_out": "carried_out", "verify_effect": "verified",
    "measures_ruling": "rule", "close_measure": "close", "objection_ruling": "dismiss grant",
}  # fmt: skip


@pytest.mark.clauses(ID, "4.2.3", "4.2.4", "4.3.2", "4.3.5", "roles")
@pytest.mark.parametrize("stage", WHO_MAY)
def test_who_may_decide(stage: str) -> None:
    """Everybody who is not named is refused; only who served hands the papers in."""
    first, who, _ = WHO_MAY[stage]
    assert a_case(first, stage).may_act(stage) == who


def test_what_may_be_decided_at_every_stage() -> None:
    """A return is open to every decider (D18)."""
    wanted = ELSEWHERE | {stage: row[2].removesuffix(" return") for stage, row in WHO_MAY.items()}
    assert decisions_by_stage(ID) == {stage: f"{said} return" for stage, said in wanted.items()}


def test_marketing_planning_registers() -> None:
    """4.2.1 「营销策划部在接到顾客有关服务的信息后,应做好信息登记」."""
    desk = a_case(PHONE, "telephone")
    desk.decide(person("marketing_planning"), "telephone", "return", reason="Which bench?", to_stage="register")
    assert (desk.may_act("register"), desk.due("register")) == (
        {"marketing_planning", "reporter"},
        local("2026-11-03 18:00"),
    )
