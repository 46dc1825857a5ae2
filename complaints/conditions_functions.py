"""The twelve functions of the condition grammar, each typed and each at peace with unknown values."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from complaints.conditions_types import (
    INSTANTS,
    LISTS,
    NUMBER,
    NUMERIC,
    YES_NO,
    ConditionError,
    Facts,
    Getter,
    Type,
    as_number,
)


@dataclass(frozen=True)
class Argument:
    """One argument of a call: how its value is found, and its type."""

    get: Getter
    type: Type


Compiled = tuple[Getter, Type]


def _numbers(name: str, arguments: Sequence[Argument]) -> Type:
    kinds = {argument.type.kind for argument in arguments}
    if not arguments or not kinds <= set(NUMERIC) or len(kinds - {"number"}) > 1:
        raise ConditionError(f"{name}() takes numbers of one kind")
    return Type((kinds - {"number"} or {"number"}).pop())


def _over(name: str, arguments: Sequence[Argument], act: Callable[[list[Decimal]], Decimal]) -> Compiled:
    type_ = _numbers(name, arguments)

    def get(facts: Facts) -> Decimal | None:
        values = [as_number(argument.get(facts)) for argument in arguments]
        known = [value for value in values if value is not None]
        return act(known) if len(known) == len(values) else None

    return get, type_


def _sum(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def _round(arguments: Sequence[Argument]) -> Compiled:
    if len(arguments) not in (1, 2):
        raise ConditionError("round() takes a number, and how many decimals")
    type_ = _numbers("round", arguments)

    def get(facts: Facts) -> Decimal | None:
        values = [as_number(argument.get(facts)) for argument in arguments]
        if None in values or values[0] is None:
            return None
        places = int(values[1]) if len(values) == 2 and values[1] is not None else 0
        return values[0].quantize(Decimal(1).scaleb(-min(max(places, 0), 6)), ROUND_HALF_UP)

    return get, type_


def _two_dates(name: str, arguments: Sequence[Argument]) -> None:
    if len(arguments) != 2 or any(argument.type.kind not in INSTANTS for argument in arguments):
        raise ConditionError(f"{name}() takes two dates, the earlier first")


def _between(name: str, count: Callable[[date, date], int]) -> Callable[[Sequence[Argument]], Compiled]:
    def build(arguments: Sequence[Argument]) -> Compiled:
        _two_dates(name, arguments)

        def get(facts: Facts) -> Decimal | None:
            first, second = arguments[0].get(facts), arguments[1].get(facts)
            if first is None or second is None:
                return None
            return Decimal(count(_day(first), _day(second)))

        return get, NUMBER

    return build


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _days(first: date, second: date) -> int:
    return (second - first).days


def _months(first: date, second: date) -> int:
    """Count full months; a month that lacks the day ends with its last day (31 January + 1 month = 28 February)."""
    months = (second.year - first.year) * 12 + second.month - first.month
    last_day = calendar.monthrange(second.year, second.month)[1]
    return months - 1 if second.day < min(first.day, last_day) else months


def _pick_date(name: str, act: Callable[[list[Any]], Any]) -> Callable[[Sequence[Argument]], Compiled]:
    def build(arguments: Sequence[Argument]) -> Compiled:
        kinds = {argument.type.kind for argument in arguments}
        if len(arguments) < 2 or len(kinds) != 1 or not kinds <= set(INSTANTS):
            raise ConditionError(f"{name}() takes two or more dates")

        def get(facts: Facts) -> Any:
            values = [argument.get(facts) for argument in arguments]
            return None if None in values else act(values)

        return get, arguments[0].type

    return build


def _known(arguments: Sequence[Argument]) -> Compiled:
    if len(arguments) != 1:
        raise ConditionError("known() takes one field")
    inner = arguments[0].get
    return (lambda facts: inner(facts) not in (None, ())), YES_NO


def _any(arguments: Sequence[Argument]) -> Compiled:
    if len(arguments) == 1 and arguments[0].type.kind in (*LISTS, "file", "sample"):
        inner = arguments[0].get
        return (lambda facts: None if (v := inner(facts)) is None else bool(v)), YES_NO
    return _yes_no("any", arguments, decisive=True)


def _all(arguments: Sequence[Argument]) -> Compiled:
    return _yes_no("all", arguments, decisive=False)


def _yes_no(name: str, arguments: Sequence[Argument], *, decisive: bool) -> Compiled:
    if not arguments or any(argument.type.kind != "yes_no" for argument in arguments):
        raise ConditionError(f"{name}() takes yes/no values" + (", or one list" if decisive else ""))

    def get(facts: Facts) -> bool | None:
        answers = [argument.get(facts) for argument in arguments]
        if decisive in answers:
            return decisive
        return None if None in answers else not decisive

    return get, YES_NO


FUNCTIONS: dict[str, Callable[[Sequence[Argument]], Compiled]] = {
    "min": lambda arguments: _over("min", arguments, min),
    "max": lambda arguments: _over("max", arguments, max),
    "sum": lambda arguments: _over("sum", arguments, _sum),
    "round": _round,
    "days_between": _between("days_between", _days),
    "months_between": _between("months_between", _months),
    "later": _pick_date("later", max),
    "earlier": _pick_date("earlier", min),
    "known": _known,
    "any": _any,
    "all": _all,
}
