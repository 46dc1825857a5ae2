"""欧派家居集团客户投诉处理管理制度: three rates with the examples of the text, the report after its approval, the yearly table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from complaints.refusals import FieldErrors, Refusal
from tests.support.company import local
from tests.support.home import Home
from tests.support.policy_desk import head, person

ID = "home-furnishing-group"


# --- figures ------------------------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "6 reply", "2 deadline")
@pytest.mark.capabilities("SR-03")
def test_five_of_six_replies_in_time_are_83_percent() -> None:
    """6 「及时在两个工作日内回复的投诉单数为5单,总责任投诉单数为6单,则及时回复率为:5/6=83%」."""
    desk = Home()
    for n in range(6):
        desk.complain(f"c{n}", matter=f"Door {n}")
        desk.go("assign", case_id=f"c{n}")
    for n in range(5):
        desk.go("reply_ticket", case_id=f"c{n}")
    desk.at("2026-11-04 09:31")  # the sixth is a minute late

    found = desk.drawn().figure("timely_reply")

    assert (found.amount.hit, found.amount.of, found.amount.value) == (5, 6, Decimal(83))
    assert (str(found.target), found.reached) == ("≥ 90 %", False)
    assert dict(found.groups)[person("responsible_person")].hit == 5


@pytest.mark.clauses(ID, "6 contact")
@pytest.mark.capabilities("SR-03", "SR-05")
def test_four_of_five_customers_contacted_are_80_percent_by_line() -> None:
    """6 「投诉个数为5个,与客户沟通的个数为4个,则总部与客户沟通率为4/5=80%」; a ticket without a reply was not contacted."""
    desk = Home()
    for n in range(5):
        desk.complain(f"c{n}", matter=f"Door {n}", product_line="cabinets")
        desk.go("assign", case_id=f"c{n}")
    for n in range(4):
        desk.go("reply_ticket", case_id=f"c{n}")

    found = desk.drawn().figure("contact_rate")

    assert [(name, a.value) for name, a in found.groups] == [("cabinets", Decimal(80))]
    assert (str(found.target), found.reached) == ("≥ 80 %", True)


@pytest.mark.clauses(ID, "6 final")
@pytest.mark.capabilities("SR-03", "SR-05")
def test_the_final_result_rate_counts_the_results_returned_by_line() -> None:
    desk = Home()
    desk.complain("c1", matter="Door 1")
    desk.to("closed", case_id="c1")
    desk.complain("c2", matter="Door 2", product_line="doors")

    found = desk.drawn().figure("final_results")

    assert [(name, a.value) for name, a in found.groups] == [("cabinets", Decimal(100)), ("doors", Decimal(0))]
    assert str(found.target) == "≥ 95 %"


@pytest.mark.clauses(ID, "2 multiple")
@pytest.mark.capabilities("SR-05", "CL-08")
def test_who_rejects_the_solution_again_is_not_counted_as_a_multiple_complaint() -> None:
    """2 「客户再次对解决方案表示不满,将不计入多次投诉」."""
    desk = Home()
    for n, times in enumerate(("first", "second_or_more", "re_feedback", "re_feedback")):
        desk.complain(f"c{n}", matter=f"Door {n}", times=times)
    assert desk.drawn().figure("more_than_once").amount.hit == 1


@pytest.mark.clauses(ID, "3 report")
@pytest.mark.capabilities("SR-05")
def test_complaints_are_counted_by_line_kind_and_customer() -> None:
    desk = Home()
    desk.complain("c1")
    desk.complain("c2", matter="Tap", product_line="bathroom", customer_kind="end_user")

    tables = desk.drawn().tables

    assert tables["product_line"] == {"bathroom": 1, "cabinets": 1}
    assert tables["customer_kind"] == {"dealer": 1, "end_user": 1}
    assert tables["ticket_kind"] == {"complaint_ticket": 2}


# --- report and yearly table -----------------------------------------------------------------------------------------------


@pytest.mark.clauses(ID, "3 report")
@pytest.mark.capabilities("SR-08", "RD-12")
def test_the_report_is_checked_by_the_department_approved_by_the_gm_office_and_then_sent() -> None:
    """3 「经部门审核后报总经理室批准再发送各相关人员」."""
    desk = Home("2026-12-01 09:30")
    case_id = desk.begin_duty("monthly_report", "2026-12")
    assert desk.due("monthly_report", case_id) == local("2026-12-10 24:00")

    desk.decide(person("cs_sub_dept"), "monthly_report", case_id=case_id)
    desk.decide(head("cs_sub_dept"), "monthly_report", case_id=case_id)
    assert [n for n in desk.told("duty") if n.case_id == case_id] == []
    desk.decide(person("gm_office"), "monthly_report", case_id=case_id)

    sent = {n.to for n in desk.told("duty") if n.case_id == case_id}
    assert sent == {"CDEPTHEAD", "CRESPONSIBLEPERSON"}


@pytest.mark.clauses(ID, "3 report")
@pytest.mark.capabilities("SR-08")
@pytest.mark.parametrize("who", ["dept_head", "cs_line", "responsible_person", "cs_leader"])
def test_nobody_else_approves_the_report(who: str) -> None:
    desk = Home("2026-12-01 09:30")
    case_id = desk.begin_duty("monthly_report", "2026-12")
    with pytest.raises(Refusal):
        desk.decide(person(who), "monthly_report", case_id=case_id)


@pytest.mark.clauses(ID, "4 table")
@pytest.mark.capabilities("GA-03", "DL-20")
def test_every_year_each_department_names_its_persons_within_two_working_days() -> None:
    """4 「每年……于组织架构确定后的两个工作日内交客户服务分部客服组长更新」."""
    desk = Home("2027-01-04 09:30")
    case_id = desk.begin_duty("yearly_table", "2027")
    assert desk.due("yearly_table", case_id) == local("2027-01-06 18:00")
    with pytest.raises(FieldErrors):
        desk.decide(person("dept_head"), "yearly_table", case_id=case_id)
    row = {"product_line": "cabinets", "post": "After-sales", "person": "UNEW"}
    desk.decide(person("dept_head"), "yearly_table", case_id=case_id, responsible_table=[row])
    sent = {n.to for n in desk.told("duty") if n.case_id == case_id}
    assert sent == {"CCSLEADER", "CCSSUBDEPT"}
