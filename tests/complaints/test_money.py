"""The calculators on worked examples; half up, the rest of rounding to the largest share (D16)."""

from decimal import Decimal
from typing import Any

import pytest

from complaints.money import Amount, compute
from complaints.policy import Policy
from tests.support.desks import bundle

D = Decimal


def economic() -> Policy:
    return bundle("pcb-manufacturer").annexes["pcb-economic-penalty"]


def calculate(policy: Policy, entry: str, **facts: Any) -> Amount | None:
    return compute(policy.money[entry], policy, facts)


@pytest.mark.parametrize(
    ("approved", "real", "tolerance", "total", "beyond"),
    [
        ("100", "100", "0.05", "100", False),
        ("100", "80", "0.05", "80", False),
        ("100", "105", "0.05", "105", False),
        ("100", "105.01", "0.05", "105.01", True),
        ("100", "106", "0.05", "106", True),
    ],
)
def test_the_real_return_is_booked_within_the_tolerance(
    approved: str, real: str, tolerance: str, total: str, beyond: bool
) -> None:
    """pcb-manufacturer (十三)2: less, or more within the tolerated ratio, is booked as it came."""
    policy = bundle("pcb-manufacturer").policy

    amount = calculate(
        policy, "goods_booking", approved_quantity=D(approved), received_quantity=D(real), tolerance=D(tolerance)
    )

    assert amount is not None
    assert (amount.total, amount.beyond) == (D(total), beyond)


def test_without_a_ratio_of_the_customer_the_company_ratio_holds() -> None:
    """(十三)2 「若客戶未注明時依本公司規定」: 5 % is our default."""
    policy = bundle("pcb-manufacturer").policy

    within = calculate(policy, "goods_booking", approved_quantity=D(100), received_quantity=D(105))
    above = calculate(policy, "goods_booking", approved_quantity=D(100), received_quantity=D(106))

    assert within is not None
    assert above is not None
    assert (within.beyond, above.beyond) == (False, True)


def test_a_deduction_is_loss_by_all_points_times_own_points() -> None:
    """pcb-economic-penalty (三)3: 12 000 / 300 points × 25 = 1 000."""
    members = [{"person": "UA", "points": "25", "bonus": "1200"}, {"person": "UB", "points": "275", "bonus": "90000"}]

    amount = calculate(economic(), "deduction", loss=D(12000), members=members)

    assert amount is not None
    assert [p["amount"] for p in amount.parts] == ["1000.00", "11000.00"]


def test_half_the_bonus_is_taken_and_the_rest_is_carried() -> None:
    """pcb-economic-penalty (三)4: at most 50 % of the month's bonus, the rest month by month."""
    members = [{"person": "UA", "points": "25", "bonus": "1200"}, {"person": "UB", "points": "275", "bonus": "90000"}]

    amount = calculate(economic(), "instalments", loss=D(12000), members=members)

    assert amount is not None
    assert amount.parts[0] == {"who": "UA", "amount": "600.00", "rest": "400.00"}
    assert amount.parts[1] == {"who": "UB", "amount": "11000.00", "rest": "0.00"}


@pytest.mark.parametrize(("shares", "gives"), [((".6", ".4"), ["1800.00", "1200.00"]), ((".5", ".4"), None)])
def test_shares_make_a_whole_or_nothing(shares: tuple[str, str], gives: list[str] | None) -> None:
    policy = bundle("pcb-manufacturer").annexes["pcb-admin-penalty"]
    lines = [{"person": "UA", "share": shares[0]}, {"person": "UB", "share": shares[1]}]

    amount = calculate(policy, "personal_loss", resold=False, actual_loss=D(3000), liable_persons=lines)

    assert (None if amount is None else [p["amount"] for p in amount.parts]) == gives


def test_what_rounding_leaves_goes_to_the_largest_share() -> None:
    policy = bundle("pcb-manufacturer").annexes["pcb-admin-penalty"]
    lines = [{"person": "UA", "share": "0.333"}, {"person": "UB", "share": "0.334"}, {"person": "UC", "share": "0.333"}]

    amount = calculate(policy, "personal_loss", resold=False, actual_loss=D("100.01"), liable_persons=lines)

    assert amount is not None
    assert sum(D(p["amount"]) for p in amount.parts) == D("100.01")
    assert amount.parts[1]["amount"] == "33.41"
