"""Clocks and ladders: when is reminded, urged by slip and escalated; outages, moves, imports and duties."""

from __future__ import annotations

from collections import Counter
from datetime import UTC
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.ladder import before_due, next_turn
from complaints.limits import parse_limit
from complaints.refusals import FieldErrors
from tests.complaints.test_policy import small
from tests.support.company import TAIPEI, a_calendar, local
from tests.support.desks import TestDesk
from tests.support.made_desk import MadeDesk
from tests.support.pcb import COMPLAINT, PcbDesk, a_case
from tests.support.policy_desk import person

Fired = tuple[str, str, tuple[str, ...]]


def fired(desk: TestDesk, clock: str = "stage", case_id: str = "case1", stage: str | None = None) -> list[Fired]:
    """Return when which step was told to whom, in local time."""
    found = []
    case = desk.case(case_id)
    for recorded in desk.record.logs[case_id]:
        event = recorded.event
        if not isinstance(event, e.StepFired):
            continue
        deadline = case.deadlines[event.deadline]
        if deadline.clock == clock and (stage is None or case.visits[deadline.visit or 0].stage == stage):
            found.append((f"{recorded.at.astimezone(TAIPEI):%m-%d %H:%M}", event.as_, event.told))
    return found


def ends_of_steps(desk: TestDesk, case_id: str = "case1") -> Counter[tuple[int, str]]:
    """Count for every step the events that end it: fired, superseded, cancelled."""
    ends: Counter[tuple[int, str]] = Counter()
    for recorded in desk.record.logs[case_id]:
        match recorded.event:
            case e.StepFired(deadline=number, step=step) | e.StepSuperseded(deadline=number, step=step):
                ends[number, step] += 1
            case e.DeadlineEnded(deadline=number, cancelled=cancelled):
                ends.update((number, step) for step in cancelled)
    return ends


def steps_set(desk: TestDesk, case_id: str = "case1") -> set[tuple[int, str]]:
    """Return every step that was ever announced."""
    found: set[tuple[int, str]] = set()
    for recorded in desk.record.logs[case_id]:
        match recorded.event:
            case e.DeadlineSet(deadline=n, steps=steps) | e.DeadlineMoved(deadline=n, steps=steps):
                found |= {(n, s.id) for s in steps}
            case e.StepFired(deadline=n, next_steps=steps):
                found |= {(n, s.id) for s in steps}
    return found


def every_step_ends_once(desk: TestDesk, case_id: str = "case1") -> bool:
    ends = ends_of_steps(desk, case_id)
    open_now = {(d.id, s.id) for d in desk.case(case_id).deadlines.values() for s in d.steps}
    return set(ends.values()) <= {1} and set(ends) | open_now == steps_set(desk, case_id) and not set(ends) & open_now


# --- the ladder of D5 -----------------------------------------------------------------------------------------------


def test_a_stage_is_reminded_urged_and_escalated_every_working_day_until_it_is_done() -> None:
    """D5: reminder at 80 %, slip at the due time, one working day later to the general manager, then daily.
    (十四) 「對于逾期案件應開立催辦單催促有關部門處理」."""
    desk = a_case("quality_analysis")  # Monday 09:30, due on Wednesday at 24:00
    desk.at("2026-11-10 12:00")
    quality, head, gm = ("UQUAL1", "UQUAL2"), "UQHEAD", ("UGM",)
    assert fired(desk, stage="quality_analysis") == [
        ("11-04 13:00", "reminder", quality),  # 80 % of 62:30 h is Wednesday 11:30: with the afternoon's mail
        ("11-05 08:00", "reminder_slip", (*quality, head)),  # due at midnight, told when office hours allow
        ("11-05 18:00", "escalation", gm),
        ("11-06 09:00", "escalation", gm),
        ("11-09 09:00", "escalation", gm),
        ("11-10 09:00", "escalation", gm),
    ]

    desk.pass_stage("quality_analysis")
    before = len(fired(desk, stage="quality_analysis"))
    desk.at("2026-11-13 12:00")
    assert len(fired(desk, stage="quality_analysis")) == before
    assert every_step_ends_once(desk)


def test_the_case_clock_climbs_too() -> None:
    """(十)1, D5: 13 days from Monday the 2nd end on Sunday the 15th at 24:00."""
    desk = a_case("quality_analysis")
    desk.at("2026-11-18 12:00")
    assert [(when, as_) for when, as_, _ in fired(desk, "case")] == [
        ("11-13 09:00", "reminder"),  # 80 % is Friday 02:18: with the morning's mail
        ("11-16 08:00", "reminder_slip"),
        ("11-16 18:00", "escalation"),
        ("11-17 09:00", "escalation"),
        ("11-18 09:00", "escalation"),
    ]
    assert desk.promise().ended is None


def test_an_overdue_callback_climbs_by_the_same_chain() -> None:
    """D5: "The same chain for an overdue callback"."""
    desk = a_case("closed", own_quality_problem=False, settlement="nothing", approved_quantity=None)
    desk.pass_stage("execution")
    desk.at("2026-11-09 12:00")
    assert [(when, as_) for when, as_, _ in fired(desk, stage="callback")] == [
        ("11-05 09:00", "reminder"),
        ("11-06 08:00", "reminder_slip"),
        ("11-06 18:00", "escalation"),
        ("11-09 09:00", "escalation"),
    ]


def test_a_slip_goes_to_the_department_in_public() -> None:
    """(十四) 「應開立催辦單催促有關部門處理」; D5: to owner and department head."""
    desk = a_case("quality_analysis")
    desk.at("2026-11-05 12:00")
    [slip] = desk.told("reminder_slip")
    assert (slip.to, slip.facts["copy"], slip.live) == ("CQUALITY", ["UQHEAD"], True)


def test_the_head_of_two_signers_has_one_copy_of_a_slip() -> None:
    """(十四), D5; who signs beside the department may be of it."""
    desk = a_case("quality_analysis")
    visit = desk.visit("quality_analysis")
    desk.act(cmd.AddSigner, desk.actor("quality_analysis"), visit=visit, member="UQUAL2", place="beside")
    desk.at("2026-11-05 12:00")
    assert [slip.facts["copy"] for slip in desk.told("reminder_slip")] == [["UQHEAD"]] * len(desk.told("reminder_slip"))
    assert desk.told("reminder_slip")


def test_a_head_who_has_the_stage_himself_gets_its_slip_once() -> None:
    """D5 tells the owner and the head of owner; here they are one person."""
    desk = a_case("quality_analysis")
    visit = desk.visit("quality_analysis")
    desk.act(cmd.AddSigner, desk.actor("quality_analysis"), visit=visit, member="UQHEAD", place="before")
    desk.at("2026-11-05 12:00")
    assert [slip.to for slip in desk.told("reminder_slip")] == ["UQHEAD"]


def test_two_working_hours_are_reminded_within_the_hours() -> None:
    """D3, D5: 80 % of two working hours."""
    desk = a_case("register")
    desk.at("2026-11-04 12:00")
    assert fired(desk, stage="register") == [
        ("11-02 11:06", "reminder", ("UGMO1", "UGMO2")),  # the mail of the afternoon would come too late
        ("11-02 11:30", "reminder_slip", ("UGMO1", "UGMO2", "UGMOHEAD")),
        ("11-03 18:00", "escalation", ("UGM",)),
        ("11-04 09:00", "escalation", ("UGM",)),
    ]


# --- quiet hours, never after due ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "now", [f"2026-11-{day:02d} {hour:02d}:30" for day in (2, 4, 6, 7, 8) for hour in (0, 7, 9, 12, 15, 17, 19, 22)]
)
@pytest.mark.parametrize("stage", ["register", "quality_analysis", "manager_opinion", "gm_office_check"])
def test_a_reminder_keeps_quiet_hours_and_never_comes_after_the_due_time(now: str, stage: str) -> None:
    """DESIGN 4: "The sending of a reminder, never the deadline, moves to the next allowed hour before the due time"."""
    desk = a_case(stage, now=now)
    clock = desk.stage_clock(stage)
    [reminder] = [s for s in clock.steps if s.as_ == "reminder"]
    sent = reminder.send_at.astimezone(TAIPEI)

    assert clock.starts_at <= reminder.send_at < clock.due_at
    could = any(desk.calendar.is_working_day(d.date()) for d in (clock.starts_at.astimezone(TAIPEI), sent))
    if could and 8 <= clock.starts_at.astimezone(TAIPEI).hour < 20:
        assert desk.calendar.is_working_day(sent.date())
        assert 8 <= sent.hour < 20


def test_a_limit_that_ends_on_a_weekend_is_reminded_before_it() -> None:
    """DESIGN 4: one day from Friday 17:00 ends on Saturday at 24:00; the reminder comes on Friday evening."""
    desk = a_case("manager_opinion", now="2026-11-06 17:00")
    assert desk.due("manager_opinion") == local("2026-11-07 24:00")
    desk.at("2026-11-09 12:00")
    assert [(when, as_) for when, as_, _ in fired(desk, stage="manager_opinion")] == [
        ("11-06 19:59", "reminder"),
        ("11-09 08:00", "reminder_slip"),
    ]


# --- outages -----------------------------------------------------------------------------------------------------------------------


def resume(desk: TestDesk, text: str) -> None:
    """Move the clock without a tick in between, then tick: the desk was down."""
    desk.clock.at = local(text)
    desk.tick()


def test_after_an_outage_only_the_latest_step_is_told() -> None:
    """DESIGN 4: "superseded (after an outage only the latest is sent)"."""
    desk = a_case("quality_analysis")
    resume(desk, "2026-11-10 12:00")

    assert [(as_, told) for _, as_, told in fired(desk, stage="quality_analysis")] == [("escalation", ("UGM",))]
    mine = desk.stage_clock("quality_analysis").id
    assert [s.step for s in desk.happened(e.StepSuperseded) if s.deadline == mine] == ["0.1", "1.1", "2.1"]
    assert [f.late for f in desk.happened(e.StepFired) if f.deadline == mine] == [True]
    assert [s.at for s in desk.stage_clock("quality_analysis").steps] == [local("2026-11-11 09:00")]
    assert every_step_ends_once(desk)


def test_no_reminder_comes_after_the_due_time_when_the_slip_still_waits_for_the_morning() -> None:
    desk = a_case("manager_opinion", now="2026-11-06 17:00")
    resume(desk, "2026-11-08 03:00")
    assert fired(desk, stage="manager_opinion") == []

    desk.at("2026-11-09 12:00")
    assert [as_ for _, as_, _ in fired(desk, stage="manager_opinion")] == ["reminder_slip"]
    assert every_step_ends_once(desk)


def test_a_tick_that_comes_twice_changes_nothing() -> None:
    desk = a_case("quality_analysis")
    desk.at("2026-11-06 12:00")
    before = desk.case().seq
    desk.tick()
    for number in desk.case().deadlines:
        desk.act(cmd.DeadlineReached, cmd.CLOCK, deadline=number)
    assert desk.case().seq == before


# --- moves -----------------------------------------------------------------------------------------------------------------------------


def test_a_step_keeps_its_id_when_it_waits_and_gets_a_new_one_when_it_comes_again() -> None:
    desk = a_case("quality_analysis")
    desk.at("2026-11-04 15:00")  # the reminder 0.1 has fired
    visit = desk.visit("quality_analysis")
    desk.act(cmd.RuleExtension, "UGM", visit=visit, granted=True, until=local("2026-11-06 24:00"), reason="Lab is full")

    ids = {s.as_: s.id for s in desk.stage_clock("quality_analysis").steps}
    assert ids["reminder"] == "0.2"
    assert ids["reminder_slip"] == "1.1"
    desk.at("2026-11-12 12:00")
    assert every_step_ends_once(desk)


def test_waiting_for_the_customer_ends_its_own_step_once() -> None:
    for until in ("2026-11-04 12:00", "2026-11-20 12:00"):
        desk = a_case("customer_negotiation")
        desk.act(
            cmd.WaitForCustomer, "USALES1", visit=desk.visit("customer_negotiation"), reason="x", until=local(until)
        )
        desk.at("2026-11-05 12:00")
        if until > "2026-11-05":
            desk.act(cmd.EndWaiting, "USALES1", visit=desk.visit("customer_negotiation"))
        assert every_step_ends_once(desk)


def test_a_changed_calendar_moves_what_is_counted_in_working_days_and_leaves_dates_alone() -> None:
    """DESIGN 4: changing a calendar moves open deadlines; a date somebody set stays that date."""
    desk = a_case("closed")
    desk.decide("UPROD", "improvement_plan")
    desk.decide("UGMO1", "improvement_plan", "plan", corrective_action="x", action_due="2026-12-25")
    dated = desk.due("improvement_check")
    desk.act(cmd.BeginRoute, "UPROD", route="objection", fields={"objection_reason": "x"})
    assert desk.due("objection_ruling") == local("2026-11-04 18:00")

    desk.settings.calendar = a_calendar("TW").with_week(days="tue-sat")
    desk.act(cmd.RecomputeDeadlines, cmd.CLOCK)

    assert desk.due("objection_ruling") == local("2026-11-04 18:00")  # Tuesday, Wednesday: as before
    assert desk.due("improvement_check") == dated


# --- calendars ---------------------------------------------------------------------------------------------------------------------------


def test_a_make_up_saturday_counts_as_a_working_day() -> None:
    """D1: public holidays and make-up working days by country. China, October 2026: Saturday the 10th is worked."""
    desk = PcbDesk(now="2026-10-09 17:00", calendar=a_calendar("CN"))
    desk.complain(shipped_on="2026-09-01")
    assert desk.due("register") == local("2026-10-10 10:00")
    desk.clock.at = local("2026-10-10 09:30")
    desk.to("gm_office_check")
    assert desk.due("gm_office_check") == local("2026-10-10 18:00")


def test_calendar_days_count_through_a_holiday_week_and_slips_wait_for_its_end() -> None:
    """D2: 「天」 are calendar days, ended at 24:00 local "holiday or not"; China's National Day, 1 to 7 October 2026."""
    desk = PcbDesk(now="2026-09-30 16:00", calendar=a_calendar("CN"))
    desk.complain(shipped_on="2026-09-01")
    desk.to("quality_analysis")
    assert desk.due("quality_analysis") == local("2026-10-02 24:00")
    desk.at("2026-10-09 10:00")
    assert [(when, as_) for when, as_, _ in fired(desk, stage="quality_analysis")] == [
        ("09-30 19:59", "reminder"),
        ("10-08 08:00", "reminder_slip"),
        ("10-08 18:00", "escalation"),
        ("10-09 09:00", "escalation"),
    ]


# --- import ----------------------------------------------------------------------------------------------------------------------------------


def imported(stage: str = "gm_office_check", started: str = "2026-10-20 10:00", **fields: Any) -> PcbDesk:
    desk = PcbDesk()
    filled = {n: v for n, v in COMPLAINT.items() if n not in ("loss_caused", "survey_needed", "defect_sample")}
    desk.submit(
        cmd.ImportCase(
            actor="import", key="i1", case_id="case1", policy="pcb-manufacturer", old_number="OLD-77",
            received_at=local("2026-10-19 16:00"), clock_started_at=local(started), stage=stage, reporter="USALES1",
            fields={**filled, **fields},
        )
    )  # fmt: skip
    return desk


def test_an_open_paper_case_comes_in_at_its_stage_with_its_promise() -> None:
    """DESIGN 8: open paper cases come in with old number, received on, stage and clock started."""
    desk = imported(started="2026-10-28 10:00")
    assert (desk.case().name, desk.open_stages()) == ("OLD-77", ["gm_office_check"])
    assert desk.promise().due_at == local("2026-11-10 24:00")
    assert desk.due("gm_office_check") == local("2026-11-02 18:00")


def test_nothing_from_before_the_import_fires_but_the_ladder_goes_on() -> None:
    """DESIGN 8: "no ladder step from before the import fires"; what is overdue stays overdue."""
    desk = imported(started="2026-10-15 10:00")  # due on 28 October
    desk.tick()
    assert fired(desk, "case") == []

    desk.at("2026-11-04 12:00")
    assert [(when, as_) for when, as_, _ in fired(desk, "case")] == [
        ("11-03 09:00", "escalation"),
        ("11-04 09:00", "escalation"),
    ]
    assert every_step_ends_once(desk)


def test_an_imported_case_passed_on_paper_what_stands_before_its_stage() -> None:
    """(九)11, D18: an import behind the approval may answer the customer, be settled, and go back."""
    desk = imported("customer_negotiation", started="2026-10-28 10:00", amount="12000", settlement="allowance")
    assert desk.may_reply()
    assert not imported("sales_opinion").may_reply()

    desk.decide("USALES1", "customer_negotiation", "return", reason="Lost the file", to_stage="quality_analysis")
    assert desk.open_stages() == ["quality_analysis"]
    assert not desk.may_reply()


def test_an_imported_case_closes_and_settles() -> None:
    desk = imported(
        "closing", started="2026-10-28 10:00", amount="12000", settlement="goods_return", approved_quantity="100"
    )
    desk.pass_stage("closing")
    desk.pass_stage("execution")
    desk.decide("USALES1", "return_slip", "issue", return_reason="x", return_basis="x")
    desk.decide("USMGR", "return_slip")
    desk.decide("UWH", "goods_receipt", "receive", received_quantity="100")
    desk.decide("UACC", "return_booking", "book", voucher_no="V-1")
    assert "return_proof" in desk.open_stages()


def test_an_import_at_a_stage_that_is_not_on_the_route_is_refused() -> None:
    with pytest.raises(FieldErrors) as refused:
        imported("callback")
    assert set(refused.value.errors) == {"stage"}


# --- duties (九)10, (十二)1 ---------------------------------------------------------------------------------------------------------------------------


def open_duty(desk: PcbDesk, duty: str) -> None:
    desk.submit(
        cmd.OpenCase(
            actor=cmd.CLOCK, key=duty, case_id=duty, policy="pcb-manufacturer", fields={}, via="clock", kind="duty",
            duty=duty, period="2026-11",
        )
    )  # fmt: skip


@pytest.mark.parametrize(("duty", "fields"), [("case_meeting", {"shares": [{"complaint": "261101", "unit": "production", "share": "100 %"}], "measures_reviewed": "All"}), ("punishment_list", {})])  # fmt: skip
def test_a_monthly_duty_is_due_on_the_tenth(duty: str, fields: dict[str, Any]) -> None:
    """(九)10 「每月10日前匯總上月份結案的案件」, (十二)1 「每月10日前應審視上月份結案的客戶投訴案件」."""
    desk = PcbDesk(now="2026-12-01 09:00")
    open_duty(desk, duty)
    assert desk.open_stages(duty) == [duty]
    assert desk.due(duty, duty) == local("2026-12-10 24:00")

    desk.at("2026-12-11 12:00")
    assert [as_ for _, as_, _ in fired(desk, case_id=duty)] == ["reminder", "reminder_slip"]
    if fields:
        with pytest.raises(FieldErrors) as refused:
            desk.decide("UGMO1", duty, case_id=duty)
        assert set(refused.value.errors) == set(fields)
    desk.decide("UGMO1", duty, case_id=duty, **fields)
    assert (desk.case(duty).status, desk.case(duty).number) == ("finished", None)
    assert every_step_ends_once(desk, duty)


def test_a_changed_calendar_leaves_the_tenth_the_tenth() -> None:
    desk = PcbDesk(now="2026-12-01 09:00")
    open_duty(desk, "case_meeting")
    desk.settings.calendar = a_calendar("CN")
    desk.act(cmd.RecomputeDeadlines, cmd.CLOCK, "case_meeting")
    assert desk.due("case_meeting", "case_meeting") == local("2026-12-10 24:00")


def test_instants_are_stored_in_utc() -> None:
    desk = a_case("quality_analysis")
    clock = desk.stage_clock("quality_analysis")
    assert {x.utcoffset() for x in (clock.due_at, *(s.at for s in clock.steps), *(s.send_at for s in clock.steps))} == {
        UTC.utcoffset(None)
    }


def test_a_clock_that_nothing_stopped_ends_when_the_case_is_finished() -> None:
    """Otherwise it would be escalated for ever, and nobody could do anything about it (our default)."""
    raw = small()
    raw["clocks"] = {"answer": {"starts": "case opened", "stops": "case reopened", "limit": "3 days", "source": "D4"}}
    desk = MadeDesk(raw)
    desk.log(person("sales"))
    desk.decide(person("sales"), "intake", market="domestic", amount="100", established=True)
    for stage in desk.open_stages():
        desk.decide(person("quality"), stage)

    case = desk.case()

    assert case.status == "finished"
    assert [(d.clock, d.ended) for d in case.deadlines.values() if d.clock == "answer"] == [("answer", "finished")]


@pytest.mark.parametrize(
    ("before", "at"),
    [
        ("1 month", "2027-02-28 24:00"),
        ("1 year", "2026-03-31 24:00"),
        ("15 days", "2027-03-16 24:00"),
        ("2 hours", "2027-03-31 22:00"),
    ],
)
def test_a_rung_before_a_date_counts_back_in_its_own_unit(before: str, at: str) -> None:
    """DL-17: "1 month before a contract ends"; a shorter month ends with its last day."""
    assert before_due(parse_limit(before), local("2027-03-31 24:00"), a_calendar("CN")) == local(at)


def test_a_rung_comes_again_every_day_where_the_day_opens_at_midnight() -> None:
    """furniture-mall-tenant: the tenant's clock runs around the clock; the turn after midnight is the next midnight."""
    around = a_calendar("CN").around_the_clock()
    due = local("2026-11-03 24:00")

    first = next_turn(parse_limit("1 working day"), due, around)
    second = next_turn(parse_limit("1 working day"), first, around)

    assert (first, second) == (local("2026-11-04 24:00"), local("2026-11-05 24:00"))
