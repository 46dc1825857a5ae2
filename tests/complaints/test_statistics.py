"""Figures computed by hand: shares, sums, averages, the balance of a month, and months in which nothing happened."""

from __future__ import annotations

import copy
import random
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from complaints import events as e
from complaints.lives import Life
from complaints.periods import UnknownPeriod, parse_period, previous, year_before
from complaints.policy_reading import read_policy
from complaints.policy_targets import parse_target
from complaints.reports import draw_report
from complaints.statistics import Flow, repeats_among
from tests.support.company import a_calendar, local
from tests.support.figures import (
    RAW,
    a_case,
    called,
    closed,
    done,
    kept,
    policy_with,
    promise,
    reopened,
    report,
    report_of,
    visit,
    world_of,
)


def october(number: int, *, in_time: bool = True, opened: str = "2026-10-05 09:00", **fields: Any) -> Life:
    """A case that closed on 20 October, in time or late."""
    return a_case(
        f"c{number}", promise(opened, "2026-10-18 24:00"), kept("2026-10-20 10:00", in_time=in_time),
        closed("2026-10-20 10:00"), opened=opened, **fields,
    )  # fmt: skip


# --- what duties fill ----------------------------------------------------------------------------------------


class Record:
    """A record with one complaint and what was done of two duties."""

    def lives(self, policy: str, kinds: Collection[str], spans: object) -> list[Life]:
        at = "2026-10-20 10:00"
        seen = [("d1", "round", "4"), ("d2", "round", "6"), ("d3", "other", "100")]
        if "complaint" in kinds:
            return [october(1, amount="1000")]
        return [
            a_case(n, *visit(1, duty, "quality", at), done(1, at), opened=at, stars=stars) for n, duty, stars in seen
        ]


def test_a_measure_reads_what_a_duty_fills_and_complaints_do_not_count_among_them() -> None:
    raw = copy.deepcopy(RAW)
    duty = {"every": "week", "who": "quality", "fill": ["stars"], "source": "D15"}
    raw["duties"] = {"round": duty, "other": duty}
    raw["measures"] = {
        "stars_of_rounds": {
            "of": "duties",
            "where": "stage is round",
            "average": "stars",
            "target": ">= 5",
            "source": "D15",
        },
        "cases": {"of": "cases", "sum": "amount", "source": "D15"},
    }
    policy = read_policy(raw)

    found = draw_report(Record(), policy, parse_period("2026-10"), world_of(policy, "2026-11-02 09:00"))

    stars = found.figure("stars_of_rounds")
    assert (stars.amount.value, stars.amount.of, stars.reached) == (Decimal("5.0"), 2, True)
    assert (found.figure("cases").amount.value, found.flow.closed) == (Decimal(1000), 1)


def test_a_part_of_a_sum_counts_only_rows_that_say_both() -> None:
    policy = policy_with(part={"sum": "stars", "out_of": "amount", "target": "50 %"})
    cases = [october(1, amount="10", stars="3"), october(2, amount="20", stars="12"), october(3, amount="1000")]

    figure = report(policy, cases).figure("part")

    assert (figure.kind, figure.amount.value, figure.amount.of, figure.reached) == ("part", Decimal("50.0"), 2, True)
    assert report(policy, [october(1, amount="0", stars="0")]).figure("part").amount.value is None


# --- shares, sums, averages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("places", "value"), [("whole percent", "83"), ("one decimal", "83.3"), ("two decimals", "83.33")]
)
def test_a_share_is_the_rows_that_hit_of_the_rows_there_are(places: str, value: str) -> None:
    """home-furnishing-group 6 「5/6=83%」."""
    policy = policy_with(in_time={"hit": "on_time", "round": places})
    cases = [october(n, in_time=n > 0) for n in range(6)]

    figure = report(policy, cases).figure("in_time")

    assert (figure.amount.hit, figure.amount.of, figure.amount.value) == (5, 6, Decimal(value))


def test_rows_that_where_leaves_out_are_not_counted() -> None:
    policy = policy_with(foreign={"where": "market is foreign", "hit": "on_time"})
    cases = [october(1, market="foreign"), october(2, market="domestic", in_time=False)]

    assert report(policy, cases).figure("foreign").amount.of == 1


def test_an_unknown_answer_is_neither_hit_nor_row() -> None:
    """Unknown is not no: who was never asked is in neither number."""
    policy = policy_with(solved_rate={"hit": "solved"})
    cases = [october(1, solved=True), october(2, solved=False), october(3)]

    amount = report(policy, cases).figure("solved_rate").amount

    assert (amount.hit, amount.of) == (1, 2)


def test_sums_and_averages_skip_what_has_no_number() -> None:
    policy = policy_with(
        loss={"sum": "amount", "round": "two decimals"}, mean={"average": "amount", "round": "two decimals"}
    )
    cases = [october(1, amount="10.005"), october(2, amount="20"), october(3)]

    found = report(policy, cases)

    assert found.figure("loss").amount.value == Decimal("30.01")  # D16: half up
    assert found.figure("mean").amount.value == Decimal("15.00")


def test_the_days_of_a_case_run_from_its_opening_to_its_last_closing() -> None:
    policy = policy_with(days_taken={"average": "days", "round": "two decimals"})

    assert report(policy, [october(1)]).figure("days_taken").amount.value == Decimal("15.04")


def test_a_month_without_cases_has_no_figures_and_divides_by_nothing() -> None:
    policy = policy_with(
        share={"hit": "on_time", "target": "95 %"}, mean={"average": "amount"}, total={"sum": "amount"}
    )

    found = report(policy, [])

    assert [f.amount.value for f in found.figures] == [None, None, None]
    assert found.figure("share").reached is None
    assert found.flow == Flow()
    assert found.flow.reconciles
    assert found.score.value is None


# --- groups -----------------------------------------------------------------------------------------------------


def test_per_gives_a_figure_for_each_value_and_the_whole() -> None:
    policy = policy_with(in_time={"hit": "on_time", "per": "market", "round": "whole percent"})
    cases = [october(1, market="foreign"), october(2, market="foreign", in_time=False), october(3, market="domestic")]

    figure = report(policy, cases).figure("in_time")

    assert [(name, a.value) for name, a in figure.groups] == [("domestic", Decimal(100)), ("foreign", Decimal(50))]
    assert figure.amount.value == Decimal(67)


def test_stages_are_counted_per_department_person_and_stage() -> None:
    """SR-09; LP-18: what each person did in time."""
    log = [
        *visit(1, "intake", "sales", "2026-10-05 09:00", "2026-10-05 11:00"), done(1, "2026-10-05 10:00"),
        *visit(2, "judge", "quality", "2026-10-05 10:00", "2026-10-07 24:00"), done(2, "2026-10-09 10:00"),
    ]  # fmt: skip
    case = a_case("c1", *log, opened="2026-10-05 09:00", actor="UQUAL1")
    policy = policy_with(**{
        per: {"of": "visits", "hit": "on_time", "per": per, "round": "whole percent"}
        for per in ("unit", "person", "stage")
    })  # fmt: skip

    found = report(policy, [case])

    assert [(n, a.value) for n, a in found.figure("unit").groups] == [("quality", Decimal(0)), ("sales", Decimal(100))]
    assert [(n, a.value) for n, a in found.figure("person").groups] == [("UQUAL1", Decimal(50))]
    assert [(n, a.value) for n, a in found.figure("stage").groups] == [("intake", Decimal(100)), ("judge", Decimal(0))]
    assert [(u.unit, u.done, u.late, u.mean_days) for u in found.units] == [
        ("quality", 1, 1, Decimal("4.0")), ("sales", 1, 0, Decimal("0.0")),
    ]  # fmt: skip


def test_a_stage_that_is_open_and_overdue_counts_as_late_for_its_department() -> None:
    log = visit(1, "judge", "quality", "2026-10-05 10:00", "2026-10-07 24:00")
    case = a_case("c1", *log, opened="2026-10-05 09:00")

    units = report(policy_with(), [case]).units

    assert [(u.unit, u.done, u.late, u.mean_days) for u in units] == [("quality", 0, 1, None)]


def test_a_list_counts_once_for_each_of_its_entries() -> None:
    policy = policy_with(per_unit={"sum": "amount", "per": "liable_unit", "round": "whole percent"})
    cases = [october(1, amount="5", liable_unit=["quality", "sales"])]

    assert [n for n, _ in report(policy, cases).figure("per_unit").groups] == ["quality", "sales"]


# --- what belongs to the period --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        ("2026-09-30 23:59", False),
        ("2026-10-01 00:00", True),
        ("2026-10-31 23:59", True),
        ("2026-11-01 00:00", False),
        ("2026-10-31 24:00", False),
    ],
)
def test_a_month_begins_and_ends_at_midnight_of_the_desks_zone(at: str, counts: bool) -> None:
    """Taipei is eight hours ahead: 2026-09-30 16:00 UTC is already October."""
    case = a_case("c1", closed(at), opened="2026-09-20 09:00")
    assert (report(policy_with(all_closed={"hit": "true"}), [case]).flow.closed == 1) is counts


@pytest.mark.parametrize(
    ("from_", "counted"), [("closed", ["old_closed"]), ("received", ["new_open"]), ("open", ["new_open", "old_open"])]
)
def test_a_measure_looks_at_what_closed_what_came_or_what_is_open(from_: str, counted: list[str]) -> None:
    cases = [
        a_case("old_closed", closed("2026-10-10 09:00"), opened="2026-09-01 09:00", market="old_closed"),
        a_case("old_open", opened="2026-09-02 09:00", market="old_open"),
        a_case("new_open", opened="2026-10-03 09:00", market="new_open"),
    ]
    policy = policy_with(which={"from": from_, "hit": "true", "per": "market"})

    assert [name for name, _ in report(policy, cases).figure("which").groups] == counted


@pytest.mark.parametrize("how", [e.CaseVoided(reason={}), e.CaseMerged(into="c2", reason={})])
def test_a_void_or_merged_case_never_counts(how: e.Event) -> None:
    """DESIGN §8: its number stays used, it leaves the statistics."""
    case = a_case("c1", *visit(1, "judge", "quality", "2026-10-05 10:00"), ("2026-10-06 09:00", how), opened="2026-10-05 09:00")  # fmt: skip

    found = report(policy_with(n={"from": "received", "hit": "true"}), [case])

    assert found.flow == Flow()
    assert found.figure("n").amount.of == 0
    assert found.units == ()


# --- the balance ---------------------------------------------------------------------------------------------------


def test_the_balance_of_a_month_comes_out() -> None:
    """Open before + received + reopened - closed - withdrawn = open after."""
    cases = [
        a_case("carried", opened="2026-09-01 09:00"),
        a_case("carried_closed", closed("2026-10-02 09:00"), opened="2026-09-01 09:00"),
        a_case("came", opened="2026-10-05 09:00"),
        a_case("came_and_went", closed("2026-10-06 09:00"), opened="2026-10-05 09:00"),
        a_case("back", closed("2026-09-10 09:00"), reopened("2026-10-07 09:00"), opened="2026-09-01 09:00"),
        a_case("taken_back", ("2026-10-08 09:00", e.CaseWithdrawn(reason={})), opened="2026-10-05 09:00"),
        a_case("later", opened="2026-11-01 09:00"),
        a_case("long_over", closed("2026-09-10 09:00"), opened="2026-09-01 09:00"),
    ]

    flow = report(policy_with(), cases).flow

    assert (flow.open_before, flow.received, flow.reopened, flow.closed, flow.withdrawn, flow.open_after) == (2, 3, 1, 2, 1, 3)  # fmt: skip
    assert flow.reconciles


def test_a_case_that_closes_again_counts_in_each_month_in_which_it_closed() -> None:
    case = a_case("c1", closed("2026-09-10 09:00"), reopened("2026-10-07 09:00"), closed("2026-10-20 09:00"),
                  opened="2026-09-01 09:00")  # fmt: skip

    september, october_ = (report(policy_with(), [case], period) for period in ("2026-09", "2026-10"))

    assert (september.flow.closed, september.flow.open_after) == (1, 0)
    assert (october_.flow.open_before, october_.flow.reopened, october_.flow.closed, october_.flow.open_after) == (0, 1, 1, 0)  # fmt: skip
    assert september.flow.reconciles
    assert october_.flow.reconciles


def test_closed_and_finished_are_counted_apart() -> None:
    """DESIGN §8: closed when the outcome is fixed, finished when no follow-up is open; reports count both."""
    done_ = a_case("c1", closed("2026-10-02 09:00"), ("2026-10-09 09:00", e.CaseFinished()), opened="2026-10-01 09:00")
    calling = a_case("c2", closed("2026-10-02 09:00"), opened="2026-10-01 09:00")

    flow = report(policy_with(), [done_, calling]).flow

    assert (flow.closed, flow.finished) == (2, 1)


def test_late_and_extended_cases_make_the_delay() -> None:
    """D21: an extension counts in the delay rate, although the case was in time."""
    extended = a_case(
        "c3", *visit(1, "judge", "quality", "2026-10-05 10:00"),
        ("2026-10-06 10:00", e.ExtensionRuled(visit=1, granted=True, until=local("2026-10-09 10:00"))),
        promise("2026-10-05 09:00", "2026-10-18 24:00"), kept("2026-10-10 10:00", in_time=True),
        closed("2026-10-10 10:00"), opened="2026-10-05 09:00",
    )  # fmt: skip

    flow = report(policy_with(), [october(1), october(2, in_time=False), extended]).flow

    assert (flow.closed, flow.closed_late, flow.delayed) == (3, 1, 2)


def test_an_open_case_past_its_promise_is_late_and_one_before_it_is_not_known_yet() -> None:
    late = a_case("late", promise("2026-10-05 09:00", "2026-10-18 24:00"), opened="2026-10-05 09:00")
    running = a_case("running", promise("2026-10-30 09:00", "2026-11-12 24:00"), opened="2026-10-30 09:00")
    policy = policy_with(open_in_time={"from": "open", "hit": "on_time"})

    found = report(policy, [late, running])

    assert (found.flow.open_after, found.flow.open_late) == (2, 1)
    assert found.figure("open_in_time").amount.of == 1
    assert [(line.name, line.is_late) for line in found.open_cases] == [("late", True), ("running", False)]


# --- calls, scores, repeats -----------------------------------------------------------------------------------


def test_satisfaction_is_the_mean_of_those_who_were_reached() -> None:
    def asked(number: int, result: str, stars: str | None) -> Life:
        log = [*visit(1, "call", "sales", "2026-10-05 10:00"), called(1, "2026-10-06 10:00", result)]
        return a_case(f"c{number}", *log, opened="2026-10-05 09:00", **({"stars": stars} if stars else {}))

    policy = policy_with(
        stars_mean={"of": "calls", "where": "reached", "average": "score"},
        reached_rate={"of": "calls", "hit": "reached", "round": "whole percent"},
    )
    cases = [asked(1, "reached", "5"), asked(2, "reached", "2"), asked(3, "no_answer", None)]

    found = report(policy, cases)

    assert found.figure("stars_mean").amount.value == Decimal("3.5")
    assert found.figure("reached_rate").amount.value == Decimal(67)
    assert (found.score.value, found.score.of) == (Decimal("3.5"), 2)


@pytest.mark.parametrize(("opened", "is_repeat"), [("2026-10-15 23:59", True), ("2026-10-16 00:01", False)])
def test_a_repeat_comes_within_three_months_of_the_first_complaint(opened: str, is_repeat: bool) -> None:
    """D9: counted from the first complaint; the last day counts."""
    first, second = (local("2026-07-15 09:00"), "a", ("x",)), (local("2026-08-01 09:00"), "b", ("x",))
    third = (local(opened), "c", ("x",))

    found = repeats_among([third, second, first], policy_with(), a_calendar())

    assert ("c" in found) is is_repeat
    assert "b" in found
    assert "a" not in found


def test_repeats_are_counted_as_a_share() -> None:
    policy = policy_with(repeats={"from": "received", "hit": "repeat", "round": "whole percent"})
    cases = [a_case(f"c{n}", opened="2026-10-05 09:00") for n in range(4)]

    found = report_of(cases, policy, parse_period("2026-10"), world_of(policy, "2026-11-02 09:00"), frozenset({"c1"}))

    assert found.figure("repeats").amount.value == Decimal(25)


# --- comparison and targets -------------------------------------------------------------------------------------


@pytest.mark.capabilities("SR-07")
def test_a_figure_is_compared_with_the_month_before_or_the_same_month_of_last_year() -> None:
    policy = policy_with(
        month={"hit": "on_time", "compare": "last month", "round": "whole percent"},
        year={"hit": "on_time", "compare": "same period", "round": "whole percent"},
    )

    def closed_on(case_id: str, day: str, *, in_time: bool) -> Life:
        opened = f"{day[:8]}01 09:00"
        return a_case(case_id, promise(opened, f"{day} 24:00"), kept(f"{day} 10:00", in_time=in_time),
                      closed(f"{day} 10:00"), opened=opened)  # fmt: skip

    cases = [
        closed_on("now", "2026-10-20", in_time=True),
        closed_on("before1", "2026-09-20", in_time=True), closed_on("before2", "2026-09-21", in_time=False),
        closed_on("year", "2025-10-20", in_time=False),
    ]  # fmt: skip

    found = report(policy, cases)

    assert [(found.figure(n).amount.value, found.figure(n).before.value) for n in ("month", "year")] == [
        (Decimal(100), Decimal(50)), (Decimal(100), Decimal(0)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "value", "reached"),
    [
        ("95 %", "94.99", False), ("95 %", "95", True), ("≥ 95 %", "95", True), ("> 97 %", "97", False),
        ("< 3 %", "3", False), ("< 3 %", "2.99", True), ("<= 10 %", "10", True), ("4.5", "4.4", False),
    ],
)  # fmt: skip
def test_a_target_is_reached_on_its_side(target: str, value: str, reached: bool) -> None:
    """D19: 以上 and 以下 include the number; instrument-after-sales 「＜3％」 does not."""
    assert parse_target(target).is_reached(Decimal(value)) is reached


@pytest.mark.parametrize("written", ["high", "", "95 % of them", "-1", True])
def test_what_is_no_target_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="is not a target"):
        parse_target(written)


def test_the_target_is_compared_with_the_exact_share_not_with_the_rounded_one() -> None:
    """948 of 998 is 94.99 %: shown with one decimal as 95.0 %, and still below 95 %."""
    policy = policy_with(in_time={"hit": "on_time", "target": "95 %"})
    cases = [october(n, in_time=n < 948) for n in range(998)]

    figure = report(policy, cases).figure("in_time")

    assert (figure.amount.value, figure.reached) == (Decimal("95.0"), False)


# --- always the same ------------------------------------------------------------------------------------------------


def test_the_order_of_the_cases_changes_nothing() -> None:
    policy = policy_with(loss={"sum": "amount", "per": "market"}, in_time={"hit": "on_time", "compare": "last month"})
    cases = [october(n, in_time=n % 3 > 0, amount=f"{n}.10", market=("domestic", "foreign")[n % 2]) for n in range(40)]
    shuffled = list(cases)
    random.Random(7).shuffle(shuffled)

    assert report(policy, cases) == report(policy, shuffled)


# --- periods --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026-10", "2026-10-01", "2026-11-01"), ("2026-12", "2026-12-01", "2027-01-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"), ("2026-q1", "2026-01-01", "2026-04-01"),
        ("2026", "2026-01-01", "2027-01-01"), ("2026-W53", "2026-12-28", "2027-01-04"),
        ("2024-02-29", "2024-02-29", "2024-03-01"),
    ],
)  # fmt: skip
def test_a_period_is_known_by_its_name(text: str, first: str, after: str) -> None:
    period = parse_period(text)
    assert (period.first, period.after) == (date.fromisoformat(first), date.fromisoformat(after))


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "october", "", "2026-02-30", "2025-W53", "2026-W60", "20261"])
def test_what_is_no_period_is_refused_with_the_ways_to_write_one(text: str) -> None:
    with pytest.raises(UnknownPeriod, match="2026-Q4"):
        parse_period(text)


@pytest.mark.parametrize(
    ("text", "before", "last_year"),
    [
        ("2026-01", "2025-12", "2025-01"), ("2026-Q1", "2025-Q4", "2025-Q1"), ("2026", "2025", "2025"),
        ("2026-W01", "2025-W52", "2025-W01"), ("2024-02-29", "2024-02-28", "2023-02-28"), ("2024-02", "2024-01", "2023-02"),
    ],
)  # fmt: skip
def test_the_period_before_and_the_same_of_last_year(text: str, before: str, last_year: str) -> None:
    period = parse_period(text)
    assert (previous(period).name, year_before(period).name) == (before, last_year)
