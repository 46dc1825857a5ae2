"""Duties begin with the tick: those of the annexes too, with their figures counted once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.chores import Duties
from bot.office import Office
from complaints.duties import DueDuty, due_duties
from complaints.duty_figures import read_figures
from complaints.policy import Policy

FIRST_WORKING_DAY = datetime(2026, 12, 1, 9, 30, tzinfo=ZoneInfo("Asia/Taipei"))
LATE_IN_THE_MONTH = datetime(2026, 11, 29, 9, 30, tzinfo=ZoneInfo("Asia/Taipei"))


@pytest.fixture
def office(office_at: Callable[[datetime], Office]) -> Office:
    return office_at(FIRST_WORKING_DAY)


def begun(office: Office) -> set[str]:
    return {f"{c.policy}:{office.store.reader.case(c.case_id).duty}" for c in office.store.reader.lines(limit=50)}


def test_the_duties_of_the_annexes_begin_by_themselves(office: Office) -> None:
    """pcb-admin-penalty (二) 「每月10日前」 the share list, pcb-economic-penalty (三)4 the deduction of the month."""
    Duties(office)(FIRST_WORKING_DAY)

    assert begun(office) == {
        "pcb-manufacturer:case_meeting", "pcb-manufacturer:punishment_list",
        "pcb-admin-penalty:share_list", "pcb-economic-penalty:monthly_deduction",
    }  # fmt: skip


def test_a_duty_of_an_annex_runs_on_the_policy_that_calls_it(office: Office) -> None:
    Duties(office)(FIRST_WORKING_DAY)
    main, annex = (
        office.store.reader.case(f"duty.{policy}.2026-12")
        for policy in ("pcb-manufacturer.case_meeting", "pcb-admin-penalty.share_list")
    )
    assert main is not None
    assert annex is not None
    assert main.bundle == annex.bundle


def test_the_meeting_gets_last_months_figures_and_a_second_tick_changes_nothing(office: Office) -> None:
    """(九)10 「每月10日前匯總上月份結案的案件」."""
    Duties(office)(FIRST_WORKING_DAY)
    case = office.store.reader.case("duty.pcb-manufacturer.case_meeting.2026-12")
    assert case is not None
    taken = read_figures(case.figures)

    Duties(office)(FIRST_WORKING_DAY)  # as after a restart

    assert taken is not None
    assert taken.period == "2026-11"
    assert {f.measure for f in taken.figures} == {
        "closed_in_time", "stages_in_time", "callback_score", "repeats", "loss_amount",
    }  # fmt: skip
    assert office.store.reader.case(case.id).seq == case.seq


def test_a_desk_that_starts_late_in_the_month_is_not_asked_for_what_was_due_before(
    office_at: Callable[[datetime], Office],
) -> None:
    """(九)10 「每月10日前」: a desk that begins on the 29th has no meeting of that month behind it; the next month it has."""
    office = office_at(LATE_IN_THE_MONTH)

    Duties(office)(LATE_IN_THE_MONTH)
    first = begun(office)
    Duties(office)(FIRST_WORKING_DAY)

    assert first.isdisjoint({"pcb-manufacturer:case_meeting", "pcb-admin-penalty:share_list"})
    assert {"pcb-manufacturer:case_meeting", "pcb-admin-penalty:share_list"} <= begun(office)


def test_a_desk_that_was_down_when_a_duty_was_due_catches_up(office_at: Callable[[datetime], Office]) -> None:
    """The policy was in force in time, so the meeting is late, not gone."""
    office = office_at(FIRST_WORKING_DAY - timedelta(days=60))

    Duties(office)(LATE_IN_THE_MONTH)

    assert "pcb-manufacturer:case_meeting" in begun(office)


def test_where_the_duties_of_one_regulation_cannot_be_counted_those_of_the_others_begin(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted(policy: Policy, *of: Any) -> Iterator[DueDuty]:
        if policy.policy.id == "pcb-manufacturer":
            raise ArithmeticError("a day that no calendar has")
        yield from due_duties(policy, *of)

    with monkeypatch.context() as one:
        one.setattr("bot.chores.due_duties", counted)
        Duties(office)(FIRST_WORKING_DAY)

    assert begun(office) == {"pcb-admin-penalty:share_list", "pcb-economic-penalty:monthly_deduction"}
