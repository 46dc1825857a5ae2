"""
A ledger: what each one owes out of which case, and what was taken in which month; oldest first, the rest is carried on.

Source: pcb-economic-penalty (三)4 「客戶投訴罰扣最高金額以全月效率獎金50%為準,該月份超過50%以上者逐月分期罰扣。」; that new cases
queue behind older remainders is our default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from complaints.case import LedgerLine
from complaints.policy import Policy
from complaints.policy_model import Money

OWED, PAID = "owed", "paid"
NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Debt:
    """What one owes out of one case, how much of it was taken, and since when it is owed (ISO 8601)."""

    who: str
    case_id: str
    since: str
    owed: Decimal
    paid: Decimal = NOTHING

    @property
    def rest(self) -> Decimal:
        return max(self.owed - self.paid, NOTHING)


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """What is taken from one for one case."""

    who: str
    case_id: str
    amount: Decimal


def debts_of(lines: Iterable[LedgerLine]) -> list[Debt]:
    """Return the debts that *lines* add up to, the oldest first."""
    lines = list(lines)
    paid: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        if line.kind == PAID:
            paid[line.who, line.case_id] = paid.get((line.who, line.case_id), NOTHING) + Decimal(line.amount)
    found = [
        Debt(
            who=x.who, case_id=x.case_id, since=x.at, owed=Decimal(x.amount), paid=paid.get((x.who, x.case_id), NOTHING)
        )
        for x in lines
        if x.kind == OWED
    ]
    return sorted(found, key=lambda debt: (debt.since, debt.case_id, debt.who))


def taken_in(lines: Iterable[LedgerLine], month: str) -> dict[str, Decimal]:
    """Return what was taken from each one in a month (`2026-11`) already."""
    found: dict[str, Decimal] = {}
    for line in lines:
        if line.kind == PAID and line.month == month:
            found[line.who] = found.get(line.who, NOTHING) + Decimal(line.amount)
    return found


def take(debts: Iterable[Debt], room: Mapping[str, Decimal], *, most: Decimal | None = None) -> list[Payment]:
    """
    Return what is taken now: from each one at most the *room*, for the oldest debt first.

    Who has no room by name has *most* (an agreed amount); None takes nothing from them.
    """
    left = dict(room)
    found = []
    for debt in debts:
        space = left.get(debt.who, most)
        amount = min(debt.rest, space) if space is not None else NOTHING
        if space is not None and amount > 0:
            left[debt.who] = space - amount
            found.append(Payment(who=debt.who, case_id=debt.case_id, amount=amount))
    return found


def room_of(entry: Money, policy: Policy, lines: Any, cap: Decimal | None) -> dict[str, Decimal]:
    """Return how much may be taken from each one of *lines*: the cap's share of the base, in whole cents."""
    if entry.base is None or not lines:
        return {}
    columns = policy.fields[entry.base].columns
    who, base = column(columns, "person", "unit", "customer", "text"), column(columns, "money", "number")
    share = Decimal(1) if cap is None else cap
    return {str(x.get(who, "")): cents(Decimal(str(x.get(base, 0))) * share) for x in lines if x.get(who)}


def column(columns: Mapping[str, str], *kinds: str) -> str:
    """Return the first column of the first kind that there is; "" if none is."""
    return next((name for kind in kinds for name, found in columns.items() if found == kind), "")


def cents(amount: Decimal) -> Decimal:
    """Return *amount* with two decimals, half up (D16)."""
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def in_parts(total: Decimal, weights: list[Decimal]) -> list[Decimal]:
    """Split *total* by *weights* into whole cents that add up to it; what rounding leaves goes to the largest."""
    whole = sum(weights, NOTHING)
    found = [cents(total * weight / whole) for weight in weights]
    largest = max(range(len(weights)), key=lambda n: weights[n])
    found[largest] += cents(total) - sum(found, NOTHING)
    return found
