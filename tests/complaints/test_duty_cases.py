"""Duties: when they are due, what they are given, who approves, what they begin, and one at the end of every shift."""

from __future__ import annotations

import copy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from complaints import commands as cmd
from complaints import events as e
from complaints.duties import DueDuty, due_duties, open_duty
from complaints.duty_due import by_due, parse_by
from complaints.duty_figures import figures_of, read_figures, reported_period, wants_figures
from complaints.policy import LoadedPolicy, Policy
from complaints.policy_reading import examine_policy, read_policy
from complaints.refusals import FieldErrors, Refusal
from complaints.shifts import shift_end, shift_of
from tests.support.company import a_calendar, a_plan, local
from tests.support.desks import TestDesk
from tests.support.figures import RAW, a_case, closed, report

DUTIES: dict[str, Any] = {
    "meeting": {
        "every": "month", "by": "10th", "who": "quality", "approve": "general_manager", "send_to": ["sales"],
        "contents": ["counts", "in_time"], "source": "D15",
    },
    "inspection": {"every": "week", "by": "friday", "who": "quality", "fill": ["found"], "opens": "main", "source": "D15"},
    "handover": {
        "every": "shift", "who": "sales", "approve": "sales", "from": "open cases", "fill": ["left_open"], "source": "D15",
    },
    "check_up": {"upon": "judge done", "by": "2 working days", "who": "sales", "source": "D15"},
}  # fmt: skip


def raw() -> dict[str, Any]:
    made = copy.deepcopy(RAW)
    made["fields"] |= {"left_open": "number", "found": {"type": "lines", "of": {"market": "text", "amount": "money"}}}
    made["measures"] = {"in_time": {"of": "cases", "hit": "on_time", "source": "D15"}}
    made["duties"] = copy.deepcopy(DUTIES)
    return made


class SmallDesk(TestDesk):
    """A desk that runs the small regulation."""

    __test__ = False

    def __init__(self, **plan: Any) -> None:
        loaded = LoadedPolicy(read_policy(raw()), {}, "digest", "1", {})
        super().__init__(policy="small", loaded=loaded, plan=a_plan(policies=("small",), **plan))

    def begin(self, duty: str, period: str = "2026-11", figures: dict[str, Any] | None = None) -> str:
        command = open_duty(DueDuty(policy="small", duty=duty, period=period), "en", figures=figures)
        self.submit(command)
        return command.case_id


# --- due ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "every", "opened", "due"),
    [
        ("10th", "month", "2026-11-02 09:00", "2026-11-10 24:00"),
        ("31st", "month", "2026-11-02 09:00", "2026-11-30 24:00"),
        ("10th", "quarter", "2026-10-01 09:00", "2026-10-10 24:00"),
        ("5th working day", "month", "2026-11-02 09:00", "2026-11-06 24:00"),
        ("last day", "quarter", "2026-10-01 09:00", "2026-12-31 24:00"),
        ("last working day", "month", "2026-10-01 09:00", "2026-10-30 24:00"),  # the 31st is a Saturday
        ("friday", "week", "2026-11-02 09:00", "2026-11-06 24:00"),
        ("friday", "week", "2026-11-06 09:00", "2026-11-06 24:00"),
        ("friday 18:00", "week", "2026-11-02 09:00", "2026-11-06 18:00"),
        ("18:00", "day", "2026-11-02 09:00", "2026-11-02 18:00"),
        ("10th 12:00", "month", "2026-11-02 09:00", "2026-11-10 12:00"),
        ("2 working days", "year", "2026-11-05 10:00", "2026-11-09 18:00"),
    ],
)
def test_by_says_when_a_duty_is_due(words: str, every: str, opened: str, due: str) -> None:
    assert by_due(parse_by(words), every, local(opened), a_calendar()) == local(due)


@pytest.mark.parametrize("words", ["someday", "0th", "32nd", "25:00", "fryday", "", "2 working days after the reform"])
def test_what_says_no_time_is_refused_when_the_file_is_read(words: str) -> None:
    made = raw()
    made["duties"]["meeting"]["by"] = words
    found = "\n".join(str(f) for f in examine_policy(made)[1])
    assert "does not say when a duty is due; write 10th" in found


@pytest.mark.parametrize(
    ("shifts", "now", "name", "end"),
    [
        ((), "2026-11-02 09:00", "2026-11-02", "2026-11-02 18:00"),
        ((), "2026-11-02 08:59", None, None),
        ((), "2026-11-01 12:00", None, None),  # a Sunday
        (("08:00", "16:00"), "2026-11-01 08:00", "2026-11-01.1", "2026-11-01 16:00"),
        (("08:00", "16:00"), "2026-11-01 16:00", "2026-11-01.2", "2026-11-02 08:00"),
        (("08:00", "16:00"), "2026-11-02 07:59", "2026-11-01.2", "2026-11-02 08:00"),
    ],
)
def test_shifts_follow_one_another_around_the_clock(
    shifts: tuple[str, ...], now: str, name: str | None, end: str | None
) -> None:
    """RD-07; without shifts in the desk file the working day is the only one."""
    assert shift_of(shifts, local(now), a_calendar()) == name
    if end is not None:
        assert shift_end(shifts, local(now), a_calendar()) == local(end)


def test_a_handover_begins_with_each_shift() -> None:
    policy = read_policy(raw())

    found = due_duties(policy, local("2026-11-01 17:00"), a_calendar(), ("08:00", "16:00"))

    assert "2026-11-01.2" in {d.period for d in found if d.duty == "handover"}


# --- figures --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("every", "today", "period"),
    [
        ("month", "2026-11-02", "2026-10"), ("week", "2026-11-02", "2026-W44"), ("quarter", "2026-10-01", "2026-Q3"),
        ("year", "2027-01-04", "2026"), ("day", "2026-11-03", "2026-11-02"),
        ("day", "2026-11-02", "2026-10-30"), ("shift", "2026-11-02", "2026-10-30"),
    ],
)  # fmt: skip
def test_a_duty_reports_the_last_period_that_is_over(every: str, today: str, period: str) -> None:
    """On Monday the daily report is about Friday."""
    made = raw()
    made["duties"]["meeting"]["every"] = every
    duty = read_policy(made).duties["meeting"]
    assert reported_period(duty, date.fromisoformat(today), a_calendar()).name == period


def october_figures(policy: Policy) -> dict[str, Any]:
    cases = [a_case(f"c{n}", closed("2026-10-20 10:00"), opened="2026-10-05 09:00") for n in range(3)]
    return figures_of(report(policy, cases), policy.duties["meeting"])


def test_the_figures_of_a_duty_stay_as_they_were_counted() -> None:
    """SR-08: what is approved and sent is what was counted; the log holds it."""
    desk = SmallDesk()
    policy = desk.bundle("digest").policy
    case_id = desk.begin("meeting", figures=october_figures(policy))

    taken = read_figures(desk.case(case_id).figures)

    assert taken is not None
    assert taken.period == "2026-10"
    assert (taken.flow.received, taken.flow.closed) == (3, 3)
    assert taken.figures == report(policy, []).figures
    assert any(isinstance(r.event, e.FiguresTaken) for r in desk.record.logs[case_id])


def test_figures_survive_being_written_and_read() -> None:
    made = raw()
    made["measures"]["in_time"] |= {"per": "market", "target": "< 3 %", "compare": "last month", "from": "received"}
    made["measures"]["in_time"]["hit"] = "amount > 5"
    policy = read_policy(made)
    cases = [a_case("c1", opened="2026-10-05 09:00", market="foreign", amount="7.5")]
    found = report(policy, cases)

    taken = read_figures(figures_of(found, policy.duties["meeting"]))

    assert taken is not None
    assert taken.figures == found.figures
    assert taken.figures[0].groups[0][1].value == Decimal("100.0")


def test_only_duties_that_name_figures_are_given_some() -> None:
    policy = read_policy(raw())
    assert [n for n, d in policy.duties.items() if wants_figures(d, policy)] == ["meeting"]


# --- approval and distribution ---------------------------------------------------------------------------------


def test_a_report_is_sent_only_after_it_was_approved() -> None:
    """SR-08, RD-12: 「经部门审核后报总经理室批准再发送各相关人员」 (home-furnishing-group 5)."""
    desk = SmallDesk()
    case_id = desk.begin("meeting")

    desk.decide("UQUAL1", "meeting", case_id=case_id)
    before = [n for n in desk.told("duty") if n.case_id == case_id]
    desk.decide("UGM", "meeting", case_id=case_id)
    sent = [n.to for n in desk.told("duty") if n.case_id == case_id]

    assert before == []
    assert sent == [desk.plan.channel("sales")]
    assert desk.case(case_id).status == "finished"


def test_who_hands_over_does_not_acknowledge_it_himself() -> None:
    """RD-07: the shift that comes takes over what is open; nothing is without owner."""
    desk = SmallDesk()
    first, second = desk.plan.roles["sales"].members[:2]
    case_id = desk.begin("handover", "2026-11-02")
    desk.decide(first, "handover", case_id=case_id, left_open="3")

    with pytest.raises(Refusal):
        desk.decide(first, "handover", case_id=case_id)
    desk.decide(second, "handover", case_id=case_id)

    assert desk.case(case_id).status == "finished"


def test_a_handover_nobody_acknowledges_is_late_when_the_shift_ends() -> None:
    desk = SmallDesk(shifts=("08:00", "16:00"))
    case_id = desk.begin("handover", "2026-11-02.1")
    deadline = next(iter(desk.case(case_id).deadlines.values()))
    assert deadline.due_at == local("2026-11-02 16:00")


# --- cases from lines, duties from cases -------------------------------------------------------------------------


def test_each_failed_line_of_an_inspection_begins_a_case() -> None:
    """IN-21: a case for each line, with the fields that it names, linked to the inspection."""
    desk = SmallDesk()
    case_id = desk.begin("inspection", "2026-W45")
    lines = [{"market": "foreign", "amount": "100"}, {"market": "domestic", "amount": "7"}]

    desk.decide("UQUAL1", "inspection", case_id=case_id, found=lines)

    begun = [desk.record.cases[f"{case_id}.{n}"] for n in (1, 2)]
    assert [(c.fields["market"], c.fields["amount"], c.parent, c.reporter) for c in begun] == [
        ("foreign", "100.00", case_id, "UQUAL1"), ("domestic", "7.00", case_id, "UQUAL1"),
    ]  # fmt: skip
    assert [v.stage for c in begun for v in c.open_visits] == ["intake", "intake"]
    assert all(c.kind == "complaint" for c in begun)


def test_a_line_that_is_no_case_is_refused_and_nothing_begins() -> None:
    desk = SmallDesk()
    case_id = desk.begin("inspection", "2026-W45")

    with pytest.raises(FieldErrors):
        desk.decide("UQUAL1", "inspection", case_id=case_id, found=[{"market": "the moon", "amount": "7"}])

    assert desk.case(case_id).open_visits
    assert f"{case_id}.1" not in desk.record.cases


def with_choices() -> LoadedPolicy:
    made = raw()
    made["fields"]["found"]["of"]["market"] = "choice"
    return LoadedPolicy(read_policy(made), {}, "digest", "1", {})


def test_a_column_that_is_a_choice_takes_the_choices_of_the_field_of_its_name() -> None:
    """The refusal stands at the lines, where the person can mend it, and says what would be right."""
    desk = SmallDesk()
    desk.loaded = with_choices()
    case_id = desk.begin("inspection", "2026-W45")

    with pytest.raises(FieldErrors) as refused:
        desk.decide("UQUAL1", "inspection", case_id=case_id, found=[{"market": "the moon", "amount": "7"}])
    desk.decide("UQUAL1", "inspection", case_id=case_id, found=[{"market": "foreign", "amount": "7"}])

    reason, facts = refused.value.errors["found"]
    assert (reason, facts["of"], facts["choices"]) == ("not_one_of", "market", ["domestic", "foreign"])
    assert desk.record.cases[f"{case_id}.1"].fields["market"] == "foreign"


@pytest.mark.parametrize("column", ["amount", "colour"])
def test_a_column_is_no_choice_where_no_choice_field_has_its_name(column: str) -> None:
    made = raw()
    made["fields"]["found"]["of"] = {column: "choice"}
    found = "\n".join(str(f) for f in examine_policy(made)[1])
    assert f"no choice field is called {column}" in found


def test_a_duty_begins_upon_what_happened_in_a_case() -> None:
    """DL-20: the table is brought up to date within two working days of the change."""
    desk = SmallDesk()
    desk.log(market="foreign", amount="5")
    desk.decide("UQUAL1", "judge", liable_unit="sales")

    begun = [c for c in desk.record.cases.values() if c.duty == "check_up"]

    assert [(c.parent, c.open_visits[0].stage) for c in begun] == [("case1", "check_up")]
    assert next(iter(begun[0].deadlines.values())).due_at == local("2026-11-04 18:00")


def test_a_repeated_period_begins_no_second_duty() -> None:
    desk = SmallDesk()
    case_id = desk.begin("meeting")
    told = desk.submit(open_duty(DueDuty(policy="small", duty="meeting", period="2026-11"), "en"))
    assert told.repeated
    assert isinstance(told.case, object)
    assert len(desk.record.logs[case_id]) == len({r.seq for r in desk.record.logs[case_id]})


def test_duties_have_no_number_of_a_complaint() -> None:
    desk = SmallDesk()
    assert desk.case(desk.begin("meeting")).number is None


def test_the_command_names_the_bundle_of_the_policy_that_it_belongs_to() -> None:
    """A duty of an annex runs on the bundle of the policy that calls the annex."""
    command = open_duty(DueDuty(policy="annex", duty="d", period="2026-11"), "en", "digest")
    assert isinstance(command, cmd.OpenCase)
    assert (command.policy, command.bundle) == ("annex", "digest")
