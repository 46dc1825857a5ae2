"""售后服务和质量投诉处理制度（仪器仪表）: 24 or 12 hours by distance, the ticket, parts and charges, letters and calls."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.refusals import FieldErrors, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.instrument import (
    COMPLAINT,
    COST,
    DISPUTE,
    ENGINEER,
    ENQUIRY,
    FAR,
    FAULT,
    LARGER,
    PAID,
    PARTS,
    SECOND,
    WORN,
    Service,
    a_case,
    both,
)
from tests.support.policy_desk import head, person, walked

ID = "instrument-after-sales"


# --- the ticket (4) ------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "4", "3.4 check", "3.4 archive", "6 finance")
@pytest.mark.capabilities("RT-01", "RT-22", "GA-11", "RD-08")
def test_a_fault_goes_from_the_ticket_to_the_knowledge_base() -> None:
    """4 「客户报修→……→客户在服务单上签字→交回服务单→是否解决问题……解决问题录库」."""
    desk = a_case(FAULT, "dispatch_ticket")
    assert walked(desk) == [
        "dispatch_ticket", "analyse_fault", "arrive", "diagnose", "execute", "customer_sign", "solved_check",
        "report_approval", "cost_review", "knowledge_entry",
    ]  # fmt: skip
    assert (desk.case().outcome, desk.open_stages()) == ("ticket_solved", [])
    rows = {r.register: r.row for r in desk.happened(e.RegisterEntered)}
    assert set(rows) == {"calls_and_letters", "report_archive", "knowledge_base"}
    assert rows["knowledge_base"]["model"] == "QX-3"


@pytest.mark.clauses(ID, "4")
@pytest.mark.capabilities("RT-10", "RT-22")
def test_what_is_not_solved_is_escalated_and_visited_again_until_it_is() -> None:
    """4 「如果是“否”→服务事件升级→分析工程师带回的问题确认故障→重新安排工程师上门服务」."""
    desk = a_case(FAULT, "solved_check")
    for _ in range(3):
        desk.go("solved_check", problem_solved=False)
        assert (desk.open_stages(), desk.roles("escalate_event")) == (
            ["escalate_event"],
            ["service_admin", "service_engineer"],
        )
        desk.go("escalate_event", engineers=[{"person": SECOND}])
        assert desk.roles("execute") == [SECOND]
        desk.go("execute")
        desk.go("customer_sign")
    desk.go("solved_check", problem_solved=False)
    desk.go("escalate_event")
    assert desk.may_act("unsolved_ruling") == {"general_manager"}
    with pytest.raises(FieldErrors):
        desk.go("unsolved_ruling", leader_instruction=None)
    desk.go("unsolved_ruling", leader_instruction="New instrument")
    assert desk.open_stages() == ["report_approval"]


@pytest.mark.clauses(ID, "4")
def test_guidance_from_afar_needs_no_visit() -> None:
    assert a_case(FAULT, "analyse_fault").open_stages() == ["analyse_fault"]
    desk = a_case(FAULT, "diagnose", solution_class="remote_guidance")
    assert "arrive" not in {v.stage for v in desk.case().visits.values()}


@pytest.mark.clauses(
    ID, "3.4 task", "3.4 listen", "3.4 look", "3.4 departure", "3.3.3", "3.3.2", "3.4 leaving", "3.5 order"
)
@pytest.mark.parametrize(
    ("stage", "case", "changes", "missing"),
    [
        ("dispatch_ticket", {}, {"engineers": None}, {"engineers"}),
        ("dispatch_ticket", {}, {"engineers": [{"person": ENGINEER}, {"person": SECOND}]}, {"in_charge"}),
        ("analyse_fault", {}, {"solution_class": None}, {"solution_class"}),
        ("arrive", {}, {"arrived_at": None}, {"arrived_at"}),
        ("diagnose", {}, dict.fromkeys(["running_hours", "usage", "before_and_after", "sold_on", "opened_before", "true_cause", "cause_class", "parts_needed", "larger_problem"]),
         {"running_hours", "usage", "before_and_after", "sold_on", "opened_before", "true_cause", "cause_class", "parts_needed", "larger_problem"}),
        ("diagnose", {}, {"larger_problem": True}, {"own_proposal", "user_demand"}),
        ("diagnose", {}, {"sold_on": "2024-01-05"}, {"charge"}),
        ("leader_decision", LARGER, {"leader_instruction": None}, {"leader_instruction"}),
        ("execute", {}, {"work_done": None, "user_instructed": None}, {"work_done", "user_instructed"}),
        ("execute", {}, {"user_instructed": False}, {"user_instructed"}),
        ("execute", {"parts_needed": True, "parts": PARTS["parts"]}, {}, {"old_parts_back"}),
        ("solved_check", {}, {"problem_solved": None}, {"problem_solved"}),
        ("report_approval", {}, {"supplier_claim": None, "mailed": None}, {"supplier_claim", "mailed"}),
        ("cost_review", {}, dict.fromkeys(COST), set(COST)),
        ("cost_review", {}, {"own_staff": False}, {"travel_arrangement"}),
        ("knowledge_entry", {}, {"knowledge": None}, {"knowledge"}),
        ("answer_user", FAR, {"answer_given": None, "reply_channel": None}, {"answer_given", "reply_channel"}),
    ],
)  # fmt: skip
def test_a_step_of_the_ticket_is_refused_without_what_it_must_say(
    stage: str, case: dict[str, Any], changes: dict[str, Any], missing: set[str]
) -> None:
    desk = Service()
    desk.report(**FAULT | {n: v for n, v in case.items() if n in FAULT})
    rest = {n: v for n, v in case.items() if n not in FAULT}
    if "parts" in rest:
        desk.to("requisition", parts_needed=True)
        desk.go("requisition", parts=rest["parts"])
        rest = {}
    desk.to(stage, **rest)
    with pytest.raises(FieldErrors) as refused:
        desk.go(stage, **changes)
    assert set(refused.value.errors) == missing


@pytest.mark.clauses(ID, "3.4 task", "2.3", "3.5 order")
@pytest.mark.capabilities("IN-01")
@pytest.mark.parametrize("missing", sorted(FAULT))
def test_a_reported_fault_names_instrument_place_contact_and_distance(missing: str) -> None:
    """3.4 「熟悉任务内容(详细查阅资料、仪器仪表型号、编号、用户具体地址、电话号码和联系人等)」."""
    with pytest.raises(FieldErrors) as refused:
        Service().report(**FAULT | {missing: None})
    assert missing in refused.value.errors


def test_a_report_lies_not_in_the_future() -> None:
    with pytest.raises(FieldErrors) as refused:
        Service().report(**FAULT | {"reported_on": "2026-11-03"})
    assert set(refused.value.errors) == {"reported_on"}
    with pytest.raises(FieldErrors) as sold:
        a_case(FAULT, "diagnose").go("diagnose", sold_on="2026-11-03")
    assert set(sold.value.errors) == {"sold_on"}


@pytest.mark.clauses(ID, "3.3.2")
@pytest.mark.capabilities("CC-11", "CC-18")
def test_the_user_signs_the_slip_after_the_service_and_says_whether_he_is_satisfied() -> None:
    """3.3.2 「服务结束后,应请用户签字(盖章)认可。不允许在服务前要求」."""
    desk = a_case(FAULT, "customer_sign")
    with pytest.raises(FieldErrors) as refused:
        desk.decide(ENGINEER, "customer_sign", "signed")
    assert set(refused.value.errors) == {"user_signature", "satisfied"}
    assert bundle(ID).policy.stages["customer_sign"].needs == ("execute",)
    assert "就地解聘" in bundle(ID).policy.label("user_signature", "zh-Hans", aspect="hint")


@pytest.mark.clauses(ID, "2.1", "3.4 departure")
@pytest.mark.capabilities("GA-04")
def test_engineers_are_trained_and_examined_and_two_have_one_in_charge() -> None:
    """2.1 「必须在厂内学习2个月以上……经考核后方可成为正式售后服务人员」; 3.4 「二人以上外出,应指定一人临时负责」."""
    new = Service(qualifications={"two_months_and_examined": {person("service_engineer", 2): None}})
    new.report(**FAULT | FAR)
    assert new.may_act("answer_user") == {"service_group", "service_engineer"}
    with pytest.raises(NotAuthorized) as refused:
        new.decide(person("service_engineer", 1), "answer_user", "answered", answer_given="x", reply_channel="by_phone")
    assert refused.value.reason == "not_qualified"

    desk = a_case(FAULT, "dispatch_ticket")
    desk.go("dispatch_ticket", engineers=[{"person": ENGINEER}, {"person": SECOND}], in_charge=SECOND)
    assert desk.roles("analyse_fault") == [ENGINEER, SECOND]


# --- time (3.2.2, 3.2.3) ---------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.2.2")
@pytest.mark.capabilities("CL-16", "DL-01", "DL-02", "DL-05", "RT-13")
@pytest.mark.parametrize(
    ("changes", "promise", "stages"),
    [
        ({}, "2026-11-03 09:30", ["dispatch_ticket"]),
        ({"distance_km": "3"}, "2026-11-03 09:30", ["dispatch_ticket"]),
        (FAR, "2026-11-02 21:30", ["answer_user"]),
        ({"supplier_needed": True}, "2026-11-02 21:30", ["answer_user"]),
    ],
)
def test_within_100_km_somebody_comes_in_24_hours_else_the_user_is_answered_in_12(
    changes: dict[str, Any], promise: str, stages: list[str]
) -> None:
    """3.2.2; exactly 100 km counts as within (D19); the hours run around the clock."""
    desk = Service()
    desk.report(**FAULT | changes)
    assert (desk.promise().due_at, desk.open_stages()) == (local(promise), stages)


@pytest.mark.clauses(ID, "3.2.2", "3.4 contact")
@pytest.mark.capabilities("RT-13")
def test_the_suppliers_answer_is_fetched_by_the_service_group() -> None:
    """3.4 「必要时与相应服务站及配套厂家联系」."""
    desk = a_case(FAULT, "contact_supplier", supplier_needed=True)
    assert desk.may_act("contact_supplier") == {"service_group"}
    assert (desk.promise().ended, desk.due("contact_supplier")) == ("stopped", local("2026-11-03 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("contact_supplier", supplier_answer=None)
    assert bundle(ID).policy.roles["supplier"].kind == "outside"
    assert "contact_supplier" not in {v.stage for v in a_case(FAULT, "dispatch_ticket", **FAR).case().visits.values()}


@pytest.mark.clauses(ID, "3.2.2")
def test_the_promise_is_kept_by_the_arrival_or_the_answer() -> None:
    desk = a_case(FAULT, "arrive")
    assert desk.promise().ended is None
    desk.go("arrive")
    assert (desk.promise().ended, desk.promise().in_time) == ("stopped", True)
    desk = a_case(FAULT, "execute", solution_class="remote_guidance")
    desk.go("execute")
    assert desk.promise().ended == "stopped"
    desk = a_case(FAULT, "answer_user", **FAR)
    assert desk.due("answer_user") == local("2026-11-02 21:30")
    desk.clock.at = local("2026-11-02 21:31")
    desk.go("answer_user")
    assert desk.promise().in_time is False


def test_far_away_somebody_comes_within_72_hours_after_the_answer() -> None:
    """Our default."""
    assert a_case(FAULT, "arrive", **FAR).due("arrive") == local("2026-11-05 09:30")
    assert a_case(FAULT, "arrive").due("arrive") == local("2026-11-03 09:30")


@pytest.mark.clauses(ID, "3.2.3")
@pytest.mark.capabilities("DL-08", "DL-02")
def test_what_was_told_to_sales_is_taken_up_in_writing_within_12_hours_and_archived() -> None:
    """3.2.3 「服务组应在12小时内以文字形式联系处理,联系结果应存档并及时向用户反馈」."""
    desk = Service("2026-11-07 20:00")
    desk.report(**FAULT | {"reported_to": "to_sales", "reported_on": "2026-11-07"})
    assert (desk.may_act("written_contact"), desk.due("written_contact")) == (
        {"service_group"},
        local("2026-11-08 08:00"),
    )
    with pytest.raises(FieldErrors) as refused:
        desk.go("written_contact", contact_text=None, contact_result=None)
    assert set(refused.value.errors) == {"contact_text", "contact_result"}
    desk.go("written_contact")
    assert "contact_archive" in {r.register for r in desk.happened(e.RegisterEntered)}
    assert "written_contact" not in a_case(FAULT, "dispatch_ticket").open_stages()


@pytest.mark.capabilities("DL-22", "DL-08")
@pytest.mark.clauses(ID, "3.2.2")
def test_a_late_visit_goes_to_the_head_of_service_and_12_hours_later_to_the_general_manager() -> None:
    """Our default of section 9."""
    desk = a_case(FAULT, "dispatch_ticket")
    desk.at("2026-11-05 10:00")
    owners = both("service_admin")
    assert desk.steps(desk.promise()) == {
        "reminder": (local("2026-11-03 04:42"), owners),
        "reminder_slip": (local("2026-11-03 09:30"), {*owners, head("service_admin"), *both("service_head")}),
        "escalation": (local("2026-11-03 21:30"), both("general_manager")),
    }


STAGE_LIMITS = [
    (FAULT, "dispatch_ticket", {}, "2026-11-02 11:30"),
    (FAULT, "analyse_fault", {}, "2026-11-02 11:30"),
    (FAULT, "diagnose", {}, "2026-11-02 18:00"),
    (FAULT, "leader_decision", LARGER, "2026-11-03 18:00"),
    (FAULT, "consent_charge", PAID, "2026-11-03 18:00"),
    (FAULT, "requisition", {"parts_needed": True}, "2026-11-03 18:00"),
    (FAULT, "execute", {}, "2026-11-03 18:00"),
    (FAULT, "customer_sign", {}, "2026-11-02 18:00"),
    (FAULT, "solved_check", {}, "2026-11-03 18:00"),
    (FAULT, "escalate_event", {"problem_solved": False}, "2026-11-03 18:00"),
    (FAULT, "report_approval", {}, "2026-11-04 18:00"),
    (FAULT, "cost_review", {}, "2026-11-04 18:00"),
    (FAULT, "knowledge_entry", {}, "2026-11-04 18:00"),
    (ENQUIRY, "answer_enquiry", {}, "2026-11-03 18:00"),
    (ENQUIRY | {"unclear": True}, "clarify", {}, "2026-11-03 18:00"),
    (COMPLAINT, "accept", {}, "2026-11-02 11:30"),
    (COMPLAINT, "register_complaint", {}, "2026-11-03 18:00"),
    (COMPLAINT, "analyse_complaint", {}, "2026-11-04 18:00"),
    (COMPLAINT, "special_analysis", {"special": True}, "2026-11-03 18:00"),
    (COMPLAINT, "coordinate", DISPUTE, "2026-11-04 18:00"),
    (COMPLAINT, "help_customer", WORN, "2026-11-03 18:00"),
    (COMPLAINT, "agree_handling", {}, "2026-11-03 18:00"),
    (COMPLAINT, "liability", {}, "2026-11-03 18:00"),
    (COMPLAINT, "complaint_cost", {}, "2026-11-03 18:00"),
    (COMPLAINT, "reply_customer", {}, "2026-11-03 18:00"),
    (COMPLAINT, "feedback", {}, "2026-11-03 18:00"),
]


@pytest.mark.clauses(ID, "7.2")
@pytest.mark.parametrize(("first", "stage", "changes", "due"), STAGE_LIMITS, ids=[row[1] for row in STAGE_LIMITS])
def test_every_stage_has_its_limit(first: dict[str, Any], stage: str, changes: dict[str, Any], due: str) -> None:
    """Written ones of the text; elsewhere ours, D3 and D4. A complaint has ten working days (D4)."""
    desk = a_case(first, stage, **changes)
    assert desk.due(stage) == local(due)
    if first is COMPLAINT:
        assert desk.promise().due_at == local("2026-11-16 18:00")


# --- guarantee, charge, larger problems, parts -------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.3.1", "3.4 look", "3.3.4")
@pytest.mark.capabilities("CL-13", "OS-06")
@pytest.mark.parametrize(
    ("diagnosis", "free"),
    [
        ({"sold_on": "2025-11-02"}, True),  # 365 days
        ({"sold_on": "2025-11-01"}, False),
        ({"opened_before": True}, False),
        ({"cause_class": "not_quality"}, False),
        ({"cause_class": "dispute"}, False),
    ],
)
def test_service_is_free_within_the_guarantee_for_our_quality_unopened(diagnosis: dict[str, Any], free: bool) -> None:
    """3.4 「核对该仪器仪表是否属于“三包”范围,检查存在问题部位是否被拆过」; the year is our default."""
    desk = a_case(FAULT, "diagnose")
    if free:
        desk.go("diagnose", **diagnosis)
        assert desk.open_stages() == ["execute"]
        return
    with pytest.raises(FieldErrors) as refused:
        desk.go("diagnose", **diagnosis)
    assert set(refused.value.errors) == {"charge"}
    desk.go("diagnose", **diagnosis, charge="260")
    assert desk.open_stages() == ["consent_charge"]


@pytest.mark.clauses(ID, "3.3.4")
@pytest.mark.capabilities("OS-06")
def test_a_charge_needs_the_heads_consent_and_is_handed_in_whole() -> None:
    """3.3.4 「有偿服务需经领导同意,回公司后如数上缴」."""
    assert a_case(FAULT, "diagnose").may_act("diagnose") == set()  # only the engineers sent
    desk = a_case(FAULT, "consent_charge", **PAID)
    assert desk.may_act("consent_charge") == {"service_head"}
    desk.go("consent_charge")
    desk.go("execute")
    assert (desk.may_act("hand_in"), desk.due("hand_in")) == ({"finance"}, local("2026-11-03 18:00"))
    for amount, wrong in ((None, {"handed_in"}), ("259.99", {"handed_in"})):
        with pytest.raises(FieldErrors) as refused:
            desk.go("hand_in", handed_in=amount)
        assert set(refused.value.errors) == wrong
    desk.go("hand_in", handed_in="260")
    desk = a_case(FAULT, "execute", sold_on="2024-01-05", charge="0")  # good will: nothing to consent to
    desk.go("execute")
    assert "hand_in" not in desk.open_stages()


@pytest.mark.clauses(ID, "3.4 larger", "8.1")
@pytest.mark.parametrize(("office", "leader"), [(False, "service_head"), (True, "office_manager")])
def test_a_larger_problem_goes_to_the_leader_in_charge_with_a_proposal(office: bool, leader: str) -> None:
    """3.4 「较大问题必须及时向单位领导汇报,应首先提出自己的处理意见和用户要求」; 8.1 「驻外办事处的售后服务工作,由驻外办事处经理负责」."""
    desk = a_case(FAULT, "leader_decision", by_office=office, **LARGER)
    assert desk.may_act("leader_decision") == {leader}
    desk.to("report_approval")
    assert desk.may_act("report_approval") == {leader}


@pytest.mark.clauses(ID, "3.6.1", "3.7.4", "3.6.2", "3.4 leaving", "3.4 report")
@pytest.mark.capabilities("OS-15")
def test_parts_are_requested_approved_issued_and_written_off_with_the_old_part() -> None:
    """3.6.1 「领导批准后领取备用件」; 3.6.2 「经用户签字及领导同意后,连同旧件作为备用件销帐」."""
    two = [{"person": ENGINEER}, {"person": SECOND}]  # either of them asks for the parts
    desk = a_case(FAULT, "requisition", parts_needed=True, engineers=two, in_charge=SECOND)
    with pytest.raises(FieldErrors):
        desk.decide(ENGINEER, "requisition", "request")
    desk.decide(ENGINEER, "requisition", "request", parts=PARTS["parts"])
    assert (desk.open_stages(), desk.may_act("requisition")) == (["requisition"], {"service_head"})
    desk.decide(person("service_head"), "requisition")
    assert (desk.may_act("issue_parts"), desk.due("issue_parts")) == ({"warehouse"}, local("2026-11-03 18:00"))
    with pytest.raises(FieldErrors):
        desk.go("issue_parts", parts_issued=False)
    desk.go("issue_parts")
    desk.to("closed", old_parts_back=False)
    assert "parts_account" in {r.register for r in desk.happened(e.RegisterEntered)}
    assert (desk.may_act("write_off"), desk.due("write_off")) == ({"warehouse"}, local("2026-12-02 24:00"))
    with pytest.raises(FieldErrors):
        desk.go("write_off")
    desk.go("write_off", old_parts_back=True)
    assert bundle(ID).policy.stages["write_off"].needs == ("customer_sign", "report_approval")


@pytest.mark.clauses(ID, "3.8", "3.6.3")
@pytest.mark.capabilities("OS-08", "OS-15")
def test_suppliers_are_claimed_from_and_postage_is_signed_by_handler_and_head() -> None:
    """3.8 「认真做好二次索赔工作」; 3.6.3 「邮费、运费由经手人和领导签字后销帐」."""
    desk = a_case(FAULT, "closed", supplier_claim=True, mailed=True)
    assert (desk.may_act("second_claim"), desk.roles("postage_slip")) == ({"service_admin"}, [ENGINEER, "service_head"])
    assert (desk.due("second_claim"), desk.due("postage_slip")) == (
        local("2026-12-02 24:00"),
        local("2026-12-02 24:00"),
    )
    with pytest.raises(FieldErrors):
        desk.go("second_claim", claim_result=None)
    desk.go("second_claim")
    with pytest.raises(FieldErrors):
        desk.go("postage_slip")
    desk.go("postage_slip", postage="18")
    assert desk.case().status == "finished"


@pytest.mark.clauses(ID, "9.1", "9.2", "6 finance")
@pytest.mark.capabilities("OS-08")
def test_repair_parts_and_transport_are_manufacturing_cost_and_own_travel_the_companys() -> None:
    """9.1, 9.2 「计入制造成本」."""
    desk = a_case(FAULT, "knowledge_entry")
    assert (desk.case().amounts["manufacturing_cost"], desk.case().amounts["company_travel"]) == ("230.50", "400.00")
    desk = a_case(FAULT, "cost_review")
    desk.go("cost_review", own_staff=False, travel_arrangement="The agent pays")
    assert "company_travel" not in desk.case().amounts


# --- letters and calls (3.5) ---------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3.5 order", "3.5 unclear", "3.5 archive")
@pytest.mark.capabilities("IN-01")
def test_letters_and_calls_are_entered_clarified_answered_and_filed() -> None:
    """3.5."""
    desk = Service()
    desk.report(**ENQUIRY | {"unclear": True, "channel": "letter"})
    assert (desk.open_stages(), desk.may_act("clarify")) == (["clarify"], {"service_group"})
    with pytest.raises(FieldErrors):
        desk.go("clarify", clarification=None)
    desk.go("clarify")
    with pytest.raises(FieldErrors) as refused:
        desk.go("answer_enquiry", answer_given=None, reply_channel=None)
    assert set(refused.value.errors) == {"answer_given", "reply_channel"}
    desk.go("answer_enquiry")
    assert (desk.case().outcome, desk.open_stages()) == ("answered_enquiry", [])
    assert a_case(ENQUIRY, "answer_enquiry").open_stages() == ["answer_enquiry"]
    with pytest.raises(FieldErrors) as unclear:
        Service().report(**ENQUIRY | {"unclear": None})
    assert set(unclear.value.errors) == {"unclear"}
