"""Counting this case with earlier ones: repeats, totals, different values, within a span that mirrors a limit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from complaints.counting import since
from complaints.facts import Facts, plain_texts
from complaints.limits import parse_limit
from tests.complaints.test_policy import small
from tests.support.company import a_calendar, local
from tests.support.made_desk import MadeDesk, findings
from tests.support.policy_desk import person

SALES = person("sales")


def counting(**count: Any) -> dict[str, Any]:
    raw = small()
    raw["fields"] |= {
        "matter": "text",
        "complainant": "text",
        "parts": {"type": "choices", "of": ["frame", "seat"]},
        "buyer": "customer",
        "how_many": {"type": "number", "count": {"of": "cases", "same": ["matter"], **count}},
    }
    raw["stages"]["intake"] = {
        "who": "sales",
        "fill": ["market", "amount", "established"],
        "may_fill": ["matter", "complainant", "parts", "buyer"],
    }
    return raw


def counted(raw: dict[str, Any], *cases: dict[str, Any], days: int = 0) -> Decimal | None:
    """Return what the last of *cases* counts, each logged *days* after the one before."""
    desk = MadeDesk(raw, now="2026-11-02 09:30")
    for number, fields in enumerate(cases, start=1):
        desk.log(SALES, case_id=f"case{number}")
        filled = {"market": "domestic", "amount": "10", "established": True, "matter": "noise"} | fields
        desk.decide(SALES, "intake", case_id=f"case{number}", **{n: v for n, v in filled.items() if v is not None})
        last = desk.case(f"case{number}")
        desk.at(f"2026-11-{2 + days * number:02d} 09:30")
    world = desk.desk.world(desk.record, desk.loaded, desk.clock.at)
    found: Decimal | None = Facts(last, world).get("how_many")
    return found


def test_this_case_is_one_of_those_counted() -> None:
    assert counted(counting(), {}) == 1
    assert counted(counting(), {}, {"matter": "smell"}, {}) == 2


def test_a_sum_adds_what_this_case_has_and_not_one() -> None:
    """CL-10: 10.50 before and 5.25 now."""
    assert counted(counting(sum="amount"), {"amount": "10.50"}, {"amount": "5.25"}) == Decimal("15.75")


def test_a_value_that_an_earlier_case_has_already_is_no_other_value() -> None:
    """CL-09: the same matter from different people."""
    different = counting(different=["complainant"])

    assert counted(different, {"complainant": "Li"}, {"complainant": "Wang"}) == 2
    assert counted(different, {"complainant": "Li"}, {"complainant": "Wang"}, {"complainant": "Li"}) == 2
    assert counted(counting(different=["parts"]), {"parts": ["frame"]}, {"parts": ["frame", "seat"]}) == 2


def test_customers_whom_the_register_does_not_know_are_told_apart_by_their_names() -> None:
    """CL-09: three who are not in the register are three; the same name twice is one."""
    different = counting(different=["buyer"])

    assert counted(different, {"buyer": "Somebody new"}) == 1
    assert counted(different, {"buyer": "Somebody new"}, {"buyer": "C-0417"}, {"buyer": "Another one"}) == 3
    again = (
        {"buyer": "Somebody new"},
        {"buyer": "Another one"},
        {"buyer": " Somebody new "},
        {"buyer": "Somebody new"},
    )
    assert counted(different, *again) == 2


def test_a_name_that_was_erased_is_nobodys_any_more() -> None:
    """Who comes again after his words were erased is counted anew; those who named him later still go by the first."""
    desk = MadeDesk(counting(different=["buyer"]))
    form = {"market": "domestic", "amount": "10", "established": True, "matter": "noise", "buyer": "Somebody new"}
    for number in range(1, 5):
        desk.log(SALES, case_id=f"case{number}")
        desk.decide(SALES, "intake", case_id=f"case{number}", **form)
        if number != 2:
            desk.record.words.pop(desk.case(f"case{number}").fields["buyer"]["$words"])

    known = [plain_texts(desk.case(f"case{number}").fields["buyer"]) for number in range(1, 5)]

    assert known[0] != known[1] == known[2] == known[3]


def test_nothing_is_known_while_this_cases_own_value_is_not() -> None:
    assert counted(counting(different=["complainant"]), {"complainant": "Li"}, {}) is None
    assert counted(counting(), {}, {"matter": None}) is None


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("established", 2),
        ("market is domestic and established", 1),
        ("amount >= 10", 2),
        ("amount > 10", 1),
    ],
)
def test_only_the_cases_of_the_condition_count(where: str, expected: int) -> None:
    cases = (
        {"established": True, "market": "foreign", "amount": "10"},
        {"established": False, "market": "domestic", "amount": "9.99"},
        {"established": True, "market": "domestic", "amount": "11"},
    )

    assert counted(counting(where=where), *cases) == expected


def test_this_case_counts_only_if_the_condition_holds_for_it() -> None:
    cases = ({"established": True}, {"established": True}, {"established": False})

    assert counted(counting(where="established"), *cases) == 2
    assert counted(counting(where="established", sum="amount"), *cases) == 20


def test_a_list_is_asked_by_its_entries() -> None:
    cases = ({"parts": ["frame", "seat"]}, {"parts": ["seat"]}, {"parts": ["frame"]})

    assert counted(counting(where="frame in parts"), *cases) == 2


def test_a_customer_whom_the_register_does_not_know_has_the_earlier_cases_of_his_name() -> None:
    raw = counting()
    raw["fields"]["how_many"]["count"]["same"] = ["buyer"]

    assert counted(raw, {"buyer": "Somebody new"}, {"buyer": "Another one"}, {"buyer": "Somebody new"}) == 2
    assert counted(raw, {"buyer": "C-0417"}, {"buyer": "C-0900"}, {"buyer": "C-0417"}) == 2


def test_only_what_lies_within_the_span_counts() -> None:
    assert counted(counting(within="3 days"), {}, {}, {}, days=2) == 1
    assert counted(counting(within="4 days"), {}, {}, {}, days=2) == 2
    assert counted(counting(within="6 days"), {}, {}, {}, days=2) == 3


@pytest.mark.parametrize(
    ("limit", "now", "expected"),
    [
        ("3 months", "2026-05-31 10:00", "2026-02-28 00:00"),
        ("1 month", "2026-03-31 10:00", "2026-02-28 00:00"),
        ("1 month", "2026-01-15 23:59", "2025-12-15 00:00"),
        ("1 year", "2028-02-29 10:00", "2027-02-28 00:00"),
        ("30 days", "2026-11-28 10:00", "2026-10-29 00:00"),
        ("1 days", "2026-11-28 10:00", "2026-11-27 00:00"),
        ("same day", "2026-11-28 10:00", "2026-11-28 00:00"),
        ("24 hours", "2026-11-28 10:00", "2026-11-27 10:00"),
        ("2 working days", "2026-11-23 10:00", "2026-11-19 00:00"),
    ],
)
def test_a_span_reaches_back_as_far_as_the_limit_reaches_ahead(limit: str, now: str, expected: str) -> None:
    """Three months are three months of the calendar, whatever their lengths; the day itself belongs to them."""
    assert since(parse_limit(limit), local(now), a_calendar("CN")) == local(expected)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        ({"where": "how_many > 1"}, '"how_many" is not kept'),
        ({"where": "outcome is closed"}, "outcome"),
        ({"different": ["market", "matter"]}, "different values are counted of one field"),
        ({"sum": "how_many"}, '"how_many" is computed and not kept'),
    ],
)
def test_what_is_not_kept_of_earlier_cases_is_refused(count: dict[str, Any], said: str) -> None:
    assert said in findings(counting(**count))
