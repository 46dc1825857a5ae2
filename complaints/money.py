"""The named calculators of a policy: losses, shares, deductions, compensation; exact decimals, rounded once at the end."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from complaints.ledger import Debt, Payment, cents, column, in_parts, room_of, take
from complaints.policy import Policy
from complaints.policy_model import Money

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


class Seen(Mapping[str, Any]):
    """Facts that remember what was looked at: the inputs of a reckoning, as plain values."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts, self._asked = facts, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        found = self._facts[name]
        self._asked[name] = found
        return found

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value and remember it, where there is one."""
        found = self._facts.get(name, default)
        if found is not None:
            self._asked[name] = found
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    @property
    def inputs(self) -> dict[str, Any]:
        """Return what was looked at and known, by name."""
        return {name: _plain(value) for name, value in sorted(self._asked.items())}


def _plain(value: Any) -> Any:
    if isinstance(value, bool | dict) or value is None:
        return value
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else str(value)


def rounded(amount: Decimal) -> Decimal:
    """Return *amount* with two decimals, half up (D16)."""
    return cents(amount)


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
    """Split an amount: written shares make 100 %, what rounding leaves goes to the largest share."""
    total = _total(entry, policy, facts)
    shares = _split(entry, policy, facts)
    if total is None or not shares or (not entry.equally and sum(s for _, s in shares) != 1):
        return None
    return _parted(total, shares)


def share_total(entry: Money, policy: Policy, lines: Sequence[Mapping[str, Any]]) -> Decimal:
    """Return what the shares of *lines* add up to, 1 for the whole."""
    share = column(policy.fields[str(entry.by_lines)].columns, "ratio", "number")
    return sum((Decimal(str(line.get(share, 0))) for line in lines), Decimal(0))


def _split(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> list[tuple[str, Decimal]]:
    if entry.equally:
        return [(role, Decimal(1)) for role in entry.equally]
    if entry.by_lines is None:
        return []
    return _lines(entry.by_lines, policy, facts, ("ratio", "number"))


def _lines(
    field: str, policy: Policy, facts: Mapping[str, Any], kinds: tuple[str, ...], named: str = ""
) -> list[tuple[str, Decimal]]:
    """Return who stands in each line, with the number of the column called *named*, or of the first of *kinds*."""
    columns = policy.fields[field].columns
    who = column(columns, "person", "unit", "customer", "text")
    number = named if named in columns else column(columns, *kinds)
    return [(str(x.get(who, "")), Decimal(str(x.get(number, 0)))) for x in facts.get(field) or ()]


def _parted(total: Decimal, weights: list[tuple[str, Decimal]]) -> Amount:
    amounts = in_parts(total, [weight for _, weight in weights])
    parts = tuple({"who": who, "amount": str(amount)} for (who, _), amount in zip(weights, amounts, strict=True))
    return Amount(total=rounded(total), parts=parts)


def _points(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    """Loss divided by all base points, times each one's own points (pcb-economic-penalty (三)3)."""
    loss = known(entry.loss, policy, facts)
    own = _lines(entry.points, policy, facts, ("number",), "points") if entry.points is not None else []
    return None if loss is None or sum(points for _, points in own) <= 0 else _parted(loss, own)


def _ledger(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    """
    What a month takes for one case alone, after what is still owed from before (`earlier`, by person): at most the
    cap of each one's base, the oldest first. The real ledger is kept in `complaints.bookings`.
    """
    names: Sequence[str] = (entry.of,) if isinstance(entry.of, str) else tuple(entry.of or ())
    amounts = [compute(policy.money[name], policy, facts) for name in names if name in policy.money]
    own = [part for amount in amounts if amount is not None for part in amount.parts]
    room = room_of(entry, policy, facts.get(entry.base or ""), known(entry.cap, policy, facts))
    if not room or not own:
        return None
    earlier = dict(facts.get("earlier") or {})
    debts = [Debt(who=who, case_id="", since="", owed=Decimal(str(amount))) for who, amount in earlier.items()]
    debts += [Debt(who=part["who"], case_id="", since="now", owed=Decimal(part["amount"])) for part in own]
    taken = take(debts, room)
    parts = tuple(_instalment(who, debts, taken) for who in dict.fromkeys(debt.who for debt in debts))
    return Amount(total=sum((payment.amount for payment in taken), Decimal(0)), parts=parts)


def _instalment(who: str, debts: Sequence[Debt], taken: Sequence[Payment]) -> Mapping[str, str]:
    now = sum((payment.amount for payment in taken if payment.who == who), Decimal("0.00"))
    return {"who": who, "amount": str(now), "rest": str(sum((d.owed for d in debts if d.who == who), -now))}


def _convert(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> Amount | None:
    """Turn a code into money; with `each`, for everybody who bears a part of that amount, the part known as `as`."""
    if entry.each is None:
        amount = _converted(entry, policy, facts, "")
        return None if amount is None else Amount(total=rounded(amount))
    borne = compute(policy.money[entry.each], policy, facts)
    parts: list[Mapping[str, str]] = []
    for part in borne.parts if borne is not None else ():
        own = _with(facts, str(entry.as_), Decimal(part["amount"]))
        amount = _converted(entry, policy, own, part["who"])
        if amount is None:
            return None
        parts.append({"who": part["who"], "amount": str(rounded(amount)), "code": _code(entry, policy, own)})
    return Amount(total=sum((Decimal(p["amount"]) for p in parts), Decimal(0)), parts=tuple(parts)) if parts else None


def _with(facts: Mapping[str, Any], name: str, value: Decimal) -> Mapping[str, Any]:
    """Return *facts* in which *name* is known; nothing is copied, a case counts its facts only when they are asked."""
    return ChainMap({name: value}, cast(MutableMapping[str, Any], facts))


def _code(entry: Money, policy: Policy, facts: Mapping[str, Any]) -> str:
    symbol = policy.symbols.get(entry.code or "")
    code = symbol.get(facts) if symbol is not None else None
    return "" if code is None else str(code)


def _converted(entry: Money, policy: Policy, facts: Mapping[str, Any], who: str) -> Decimal | None:
    """Return what the code costs now: a number, a name of the policy, or `lines.column` in the line of *who*."""
    wanted = entry.amounts.get(_code(entry, policy, facts))
    if not isinstance(wanted, str):
        return None if wanted is None else Decimal(str(wanted))
    field, _, named = wanted.partition(".")
    return dict(_lines(field, policy, facts, ("money",), named)).get(who) if named else known(wanted, policy, facts)


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
