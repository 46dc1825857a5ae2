"""The named calculators of a policy: losses, shares, deductions, compensation; exact decimals, rounded once at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from complaints.policy import Policy
from complaints.policy_model import Money

CENT = Decimal("0.01")
WHOLE = "rest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Amount:
    """
    What a calculator gives. *total* in the policy's currency (a quantity for `reconcile`); *parts* one line for each
    payer or instalment; *beyond*: the tolerance is exceeded and somebody must rule.
    """

    total: Decimal
    parts: tuple[Mapping[str, str], ...] = ()
    beyond: bool = False


def rounded(amount: Decimal) -> Decimal:
    """Return *amount* with two decimals, half up (D16)."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def compute(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    """Return what a money entry gives for *facts*; None while something it needs is not known, or does not apply."""
    if entry.when is not None and entry.when.evaluate(facts) is not True:
        return None
    return _CALCULATORS[entry.use](entry, policy, facts)


# --- reading ------------------------------------------------------------------------------------------------


def known(name: str | None, policy: Policy, facts: Mapping[str, Any]) -> Decimal | None:
    """Return a number by name: a field, a value, a table or another money entry of the policy."""
    if name is None:
        return None
    symbol = policy.symbols.get(name)
    found = symbol.get(facts) if symbol is not None else facts.get(name)
    if found is None and name in policy.money:
        inner = compute(policy.money[name], policy, facts)
        return inner.total if inner else None
    return found if isinstance(found, Decimal) else Decimal(str(found)) if isinstance(found, int) else None


def _total(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Decimal | None:
    """Return the sum of what `of` names; a column is written `materials.value`. None if nothing is known."""
    names: Sequence[str] = (entry.of,) if isinstance(entry.of, str) else tuple(entry.of or ())
    found = [_one(name, policy, facts) for name in names]
    numbers = [n for n in found if n is not None]
    return sum(numbers, Decimal(0)) if numbers else None


def _one(name: str, policy: Policy, facts: Mapping[str, Any]) -> Decimal | None:
    field, _, column = name.partition(".")
    if not column:
        return known(field, policy, facts)
    lines = facts.get(field)
    return None if lines is None else sum((Decimal(str(line[column])) for line in lines if column in line), Decimal(0))


def _column(lines: Sequence[Mapping[str, Any]], policy: Policy, field: str, kinds: tuple[str, ...]) -> str | None:
    columns = policy.fields[field].columns
    return next((name for name, kind in columns.items() if kind in kinds), None)


# --- calculators ------------------------------------------------------------------------------------------------


def _sum(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    total = _total(entry, policy, facts)
    return None if total is None else Amount(total=rounded(total))


def _difference(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    start, less = known(entry.from_, policy, facts), known(entry.less, policy, facts)
    return None if start is None or less is None else Amount(total=rounded(start - less))


def _rate(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    total, rate = _total(entry, policy, facts), known(entry.rate, policy, facts)
    return None if total is None or rate is None else Amount(total=rounded(total * rate))


def _tiers(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    """A marginal scale: each band's rate counts only for the part of the amount that lies in it."""
    total = _total(entry, policy, facts)
    if total is None:
        return None
    left, done, amount = total, Decimal(0), Decimal(0)
    for until, rate in entry.bands:
        width = left if str(until) == WHOLE else min(left, Decimal(str(until)) - done)
        amount += width * _percent(rate)
        left, done = left - width, done + width
    return Amount(total=rounded(amount))


def _percent(text: str) -> Decimal:
    return Decimal(text.rstrip("% ")) / 100 if text.endswith("%") else Decimal(text)


def _shares(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    """Split an amount: the shares make 100 %, what rounding leaves goes to the largest share."""
    total = _total(entry, policy, facts)
    shares = _split(entry, policy, facts)
    if total is None or not shares or sum(s for _, s in shares) != 1:
        return None
    amounts = [rounded(total * share) for _, share in shares]
    largest = max(range(len(shares)), key=lambda n: shares[n][1])
    amounts[largest] += rounded(total) - sum(amounts)
    parts = tuple({"who": who, "amount": str(amount)} for (who, _), amount in zip(shares, amounts, strict=True))
    return Amount(total=rounded(total), parts=parts)


def share_total(entry: Money, policy: Policy, lines: Sequence[Mapping[str, Any]]) -> Decimal:
    """Return what the shares of *lines* add up to, 1 for the whole."""
    share = _column(lines, policy, str(entry.by_lines), ("ratio", "number"))
    return sum((Decimal(str(line.get(share or "", 0))) for line in lines), Decimal(0))


def _split(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
    if entry.equally:
        return [(role, Decimal(1) / len(entry.equally)) for role in entry.equally]
    if entry.by_lines is None:
        return []
    lines = facts.get(entry.by_lines) or ()
    who = _column(lines, policy, entry.by_lines, ("person", "unit", "text"))
    share = _column(lines, policy, entry.by_lines, ("ratio", "number"))
    return [(str(line.get(who or "", "")), Decimal(str(line.get(share or "", 0)))) for line in lines]


def _points(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    """Loss divided by all base points, times each one's own points (pcb-economic-penalty (三)3)."""
    loss, lines = known(entry.loss, policy, facts), facts.get(entry.points or "")
    if loss is None or not lines or entry.points is None:
        return None
    who = _column(lines, policy, entry.points, ("person", "unit"))
    points = (
        "points"
        if "points" in policy.fields[entry.points].columns
        else _column(lines, policy, entry.points, ("number",))
    )
    total = sum(Decimal(str(line.get(points or "", 0))) for line in lines)
    if total == 0:
        return None
    own = [(str(line.get(who or "", "")), Decimal(str(line.get(points or "", 0)))) for line in lines]
    parts = tuple({"who": name, "amount": str(rounded(loss / total * p))} for name, p in own)
    return Amount(total=rounded(loss), parts=parts)


def _ledger(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    """At most a share of each one's monthly base is taken; the rest is carried to the next month."""
    names: Sequence[str] = (entry.of,) if isinstance(entry.of, str) else tuple(entry.of or ())
    cap, lines = known(entry.cap, policy, facts), facts.get(entry.base or "")
    owed = compute(policy.money[names[0]], policy, facts) if names and names[0] in policy.money else None
    if cap is None or not lines or owed is None:
        return None
    who = _column(lines, policy, str(entry.base), ("person", "unit", "text")) or ""
    pay = _column(lines, policy, str(entry.base), ("money",)) or ""
    base = {str(line.get(who, "")): Decimal(str(line.get(pay, 0))) for line in lines}
    parts = tuple(
        _instalment(p["who"], Decimal(p["amount"]), rounded(base.get(p["who"], Decimal(0)) * cap)) for p in owed.parts
    )
    return Amount(total=sum((Decimal(p["amount"]) for p in parts), Decimal(0)), parts=parts)


def _instalment(who: str, owed: Decimal, most: Decimal) -> Mapping[str, str]:
    now = min(owed, most)
    return {"who": who, "amount": str(now), "rest": str(owed - now)}


def _convert(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    symbol = policy.symbols.get(entry.code or "")
    code = symbol.get(facts) if symbol is not None else facts.get(entry.code or "")
    wanted = entry.amounts.get(str(code)) if code is not None else None
    if wanted is None:
        return None
    amount = known(wanted, policy, facts) if isinstance(wanted, str) and wanted in policy.symbols else None
    if amount is None and not isinstance(wanted, str):
        amount = Decimal(str(wanted))
    return None if amount is None else Amount(total=rounded(amount))


def _reconcile(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    """
    The real quantity counts as long as it does not exceed the approved one by more than the tolerance.

    Source: pcb-manufacturer (十三)2 「實退量小于核定量或實退量大于核定量于一定比率以內時,應依實退數量開立傳票」.
    """
    approved, real = known(entry.approved, policy, facts), known(entry.real, policy, facts)
    tolerance = known(entry.tolerance, policy, facts) or Decimal(0)
    if approved is None or real is None:
        return None
    return Amount(total=real, beyond=real > approved * (1 + tolerance))


_CALCULATORS: Mapping[str, Callable[[Money, Policy, Mapping[str, Any]], Amount | None]] = {
    "sum": _sum,
    "difference": _difference,
    "rate": _rate,
    "tiers": _tiers,
    "shares": _shares,
    "points": _points,
    "ledger": _ledger,
    "convert": _convert,
    "reconcile": _reconcile,
}
