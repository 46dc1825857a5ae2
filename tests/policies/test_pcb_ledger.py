"""Deductions from the bonus, month by month (pcb-economic-penalty (三)): computed, approved, taken below the cap, carried on."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import events as e
from complaints.duties import DueDuty, open_duty
from tests.support.policy_desk import PolicyDesk, person

ID = "pcb-economic-penalty"
A, B = "UMEMBERA", "UMEMBERB"


def approved(desk: PolicyDesk, case_id: str, loss: str, points: tuple[str, str] = ("25", "275")) -> None:
    """Lead a deduction through attribution, computation, notice and approval."""
    desk.log(person("gm_office"), case_id, policy=ID)
    desk.pass_as(
        "gm_office", "attribute", "attribute", case_id, attributed_to="section", liable_unit="accounting", at_fault=True
    )
    members = [{"person": who, "points": p, "bonus": "1200"} for who, p in zip((A, B), points, strict=True)]
    desk.pass_as("accounting", "compute", "compute", case_id, loss=loss, members=members)
    desk.pass_as("gm_office", "penalty_notice", "issue", case_id, notice_text="deduction")
    desk.pass_as("general_manager", "approval", "approve", case_id)


def month(desk: PolicyDesk, period: str, **bonuses: str) -> list[tuple[str, str, str]]:
    """Enter the bonuses of a month and return what was taken from whom for which case."""
    desk.at(f"{period}-03 10:00")
    due = DueDuty(policy=ID, duty="monthly_deduction", period=period)
    desk.submit(open_duty(due, "en"))
    members = [{"person": who, "bonus": bonus} for who, bonus in bonuses.items()]
    desk.pass_as("accounting", "monthly_deduction", case_id=due.case_id, members=members)
    events: list[Any] = desk.happened(e.LedgerTaken, due.case_id)
    return [(part["who"], part["case"], part["amount"]) for event in events for part in event.taken]


@pytest.mark.clauses(ID, "(三)3", "(三)4")
@pytest.mark.capabilities("LP-03", "LP-04", "LP-13")
def test_half_the_bonus_is_taken_each_month_and_the_rest_is_carried_on() -> None:
    """12 000 / 300 points × 25 = 1 000; a bonus of 1 200 leaves room for 600: 600 now, 400 next month."""
    desk = PolicyDesk("pcb-manufacturer")
    approved(desk, "case1", "12000")

    assert month(desk, "2026-12", **{A: "1200"}) == [(A, "case1", "600.00")]
    assert month(desk, "2027-01", **{A: "1200"}) == [(A, "case1", "400.00")]
    assert month(desk, "2027-02", **{A: "1200"}) == []


@pytest.mark.clauses(ID, "(三)2", "(三)4")
@pytest.mark.capabilities("LP-04")
def test_cases_are_deducted_one_by_one_and_never_netted() -> None:
    """(三)2 「按件分別罰扣」; the new case queues behind the rest of the older one (our default)."""
    desk = PolicyDesk("pcb-manufacturer")
    approved(desk, "case1", "12000")
    assert month(desk, "2026-12", **{A: "1200"}) == [(A, "case1", "600.00")]
    approved(desk, "case2", "6000")

    assert month(desk, "2027-01", **{A: "1200"}) == [(A, "case1", "400.00"), (A, "case2", "200.00")]
    assert month(desk, "2027-02", **{A: "300"}) == [(A, "case2", "150.00")]
    assert month(desk, "2027-03", **{A: "1200"}) == [(A, "case2", "150.00")]
