"""
What a field takes at its border, in every regulation of the shelf: an amount above zero, a day not after today, a part that
is at most the whole. The texts speak of quantities, losses and days; that nought goods cannot be returned is ours.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.support.desks import bundle

TODAY = date(2026, 11, 2)
DAY = timedelta(days=1)

ABOVE_ZERO = {
    "after-sales-integrated": "quantity approved_quantity",
    "business-hall": "amount",
    "construction-quality-inspection": "items_checked items_handed_over contracts_due",
    "electrical-equipment": "quantity training_cost",
    "furniture-mall-tenant": "advance_amount",
    "health-food-nonconforming": "quantity",
    "meat-recall": "quantity",
    "module-graded": "quantity",
    "nonconforming-ab-control": "quantity",
    "nonconforming-disposition-modes": "quantity",
    "nonconforming-loss-sharing": "quantity",
    "pcb-manufacturer": "quantity",
    "retail-stores": "amount",
}
ZERO_OR_MORE = {
    "cosmetics-consumer": "amount",
    "electrical-equipment": "returned_quantity",
    "employee-suggestions": "benefit reward_amount",
    "fitness-club-graded": "loss",
    "pcb-admin-penalty": "a_price resale_price actual_loss",
    "pcb-economic-penalty": "loss",
    "pcb-manufacturer": "amount received_quantity",
    "property-template": "loss",
    "telecom-service-norms": "answer_seconds",
    "telecom-voice-desk": "left_open",
}
NOT_AFTER_TODAY = {
    "after-sales-dispatch": "called_on",
    "after-sales-integrated": "shipped_on",
    "cosmetics-consumer": "complained_on sanction_done_on",
    "electrical-equipment": "reported_on",
    "employee-suggestions": "reward_given_on",
    "gov-service-centre": "handed_over_on",
    "health-food-nonconforming": "received_on destroyed_on",
    "instrument-after-sales": "reported_on",
    "investment-promotion": "reported_on superior_reported_on",
    "metering-after-sales": "reported_on commissioned_on",
    "nonconforming-loss-sharing": "produced_on shipped_on",
    "pcb-manufacturer": "shipped_on",
    "quality-dept-capa": "implemented_on",
    "sales-visit-first": "visited_on",
    "testing-laboratory": "reported_on",
}
TODAY_OR_LATER = {
    "after-sales-dispatch": "promised_on contract_end",
    "after-sales-integrated": "implement_due improvement_due",
    "auto-dealer-dcrc": "rectify_by again_by order_by",
    "business-hall": "promised_on",
    "employee-suggestions": "implement_by",
    "fitness-club-graded": "promised_on",
    "furniture-mall-tenant": "contract_end",
    "home-furnishing-group": "handover_on",
    "market-dev-first-contact": "agreed_on",
    "metering-after-sales": "measure_due",
    "property-template": "agreed_on",
    "sales-visit-first": "improvement_due",
    "telecom-voice-desk": "call_again_on",
    "tobacco-three-types": "promised_on",
}
AT_MOST = {
    "construction-quality-inspection": {
        "items_passed": "items_checked", "items_excellent": "items_handed_over", "contracts_kept": "contracts_due",
    },
    "health-food-nonconforming": {"loss_quantity": "quantity", "destroyed_quantity": "loss_quantity"},
    "meat-recall": {"recalled_quantity": "quantity"},
    "nonconforming-ab-control": {"rejects": "quantity"},
    "nonconforming-disposition-modes": {"conceded_quantity": "quantity"},
    "nonconforming-loss-sharing": {"shipped_quantity": "quantity"},
    "pcb-manufacturer": {"defective_quantity": "quantity", "return_quantity": "quantity"},
}  # fmt: skip
NOT_BEFORE = [
    # policy, what comes later, what comes earlier, and which of the two is refused
    ("electrical-equipment", "reported_on", "sold_on", "sold_on"),
    ("instrument-after-sales", "reported_on", "sold_on", "sold_on"),
    ("nonconforming-loss-sharing", "complained_on", "produced_on", "complained_on"),
    ("testing-laboratory", "appealed_on", "reported_on", "appealed_on"),
]
"""A sale comes before the complaint about it, a batch before its complaint, a report before its appeal."""


def rows(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(policy, field) for policy, names in table.items() for field in names.split()]


def takes(policy: str, field: str, value: Any, **all_: Any) -> bool:
    """Say whether *field* takes a value, with what the other fields say."""
    must = bundle(policy).policy.fields[field].must
    assert must is not None
    return must.evaluate({"today": TODAY, **all_, field: value}) is True


@pytest.mark.parametrize(("policy", "field"), rows(ABOVE_ZERO))
def test_a_quantity_is_above_zero(policy: str, field: str) -> None:
    taken = [takes(policy, field, Decimal(value)) for value in ("-0.01", "0", "0.01", "1")]
    assert taken == [False, False, True, True]


@pytest.mark.parametrize(("policy", "field"), rows(ZERO_OR_MORE))
def test_an_amount_may_be_nothing_but_not_less(policy: str, field: str) -> None:
    taken = [takes(policy, field, Decimal(value)) for value in ("-0.01", "0", "0.01", "1")]
    assert taken == [False, True, True, True]


@pytest.mark.parametrize(("policy", "field"), rows(NOT_AFTER_TODAY))
def test_what_has_happened_is_not_in_the_future(policy: str, field: str) -> None:
    assert [takes(policy, field, day) for day in (TODAY - DAY, TODAY, TODAY + DAY)] == [True, True, False]


@pytest.mark.parametrize(("policy", "field"), rows(TODAY_OR_LATER))
def test_what_is_promised_is_not_in_the_past(policy: str, field: str) -> None:
    assert [takes(policy, field, day) for day in (TODAY - DAY, TODAY, TODAY + DAY)] == [False, True, True]


@pytest.mark.parametrize(
    ("policy", "part", "whole"), [(p, part, whole) for p, those in AT_MOST.items() for part, whole in those.items()]
)
def test_a_part_is_at_most_the_whole(policy: str, part: str, whole: str) -> None:
    taken = [takes(policy, part, Decimal(value), **{whole: Decimal(40)}) for value in ("39", "40", "40.01")]
    assert taken == [True, True, False]


@pytest.mark.parametrize(("policy", "later", "earlier", "refused"), NOT_BEFORE)
def test_what_comes_after_is_not_before(policy: str, later: str, earlier: str, refused: str) -> None:
    before, same, after = ({later: TODAY - 2 * DAY, earlier: TODAY - 2 * DAY + n * DAY} for n in (-1, 0, 1))
    assert [takes(policy, refused, days[refused], **days) for days in (before, same, after)] == [True, True, False]


@pytest.mark.parametrize("field", ["attitude", "skill", "arrival", "promises"])
def test_the_opinion_card_has_four_degrees(field: str) -> None:
    """after-sales-dispatch (二十五) 「每項均按客戶的滿意狀況分為四個程度」."""
    taken = [takes("after-sales-dispatch", field, Decimal(value)) for value in ("0", "1", "4", "5")]
    assert taken == [False, True, True, False]


COUNTED = [
    # over how long cases are counted: a text's own span, else the three months of D9
    ("after-sales-integrated", "times", "3 months"),
    ("fitness-club-graded", "handled_before", "3 months"),
    ("fitness-club-graded", "same_by_others", "1 month"),
    ("module-graded", "all_value", "12 months"),  # 3.1.1D
    ("module-graded", "all_correction", "12 months"),
    ("module-graded", "all_commercial", "12 months"),
    ("module-graded", "total_quantity", "12 months"),
    ("module-graded", "kind_four_months", "4 months"),
    ("module-graded", "kind_last_month", "1 month"),
    ("airport-group", "event_count", "3 months"),  # 3.2
]


@pytest.mark.parametrize(("policy", "field", "within"), COUNTED)
def test_cases_are_counted_over_the_span_of_the_text(policy: str, field: str, within: str) -> None:
    count = bundle(policy).policy.fields[field].count
    assert count is not None
    assert str(count.within) == within


def test_a_repeat_at_the_airport_is_one_within_three_months() -> None:
    """airport-group 3.2."""
    repeat = bundle("airport-group").policy.repeat
    assert repeat is not None
    assert str(repeat.within) == "3 months"


@pytest.mark.parametrize(
    ("inspection", "in_period", "shared"), [("passed", True, True), ("passed", False, False), ("failed", True, False)]
)
def test_six_departments_share_what_passed_and_came_in_the_period(
    inspection: str, in_period: bool, shared: bool
) -> None:
    """nonconforming-loss-sharing 二2 「质保期内出现质量问题的」."""
    when = bundle("nonconforming-loss-sharing").policy.money["six_share"].when
    assert when is not None
    assert when.evaluate({"inspection": inspection, "in_period": in_period}) is shared
