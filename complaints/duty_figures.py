"""The figures that a duty carries: taken once when it begins, kept in its log, shown as they were to whom the report goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from complaints.duties import held_for
from complaints.people import DeskPlan
from complaints.periods import Period, parse_period, period_of, previous
from complaints.policy import Policy
from complaints.policy_model import Duty
from complaints.policy_targets import parse_target
from complaints.statistics import Amount, Figure, Flow, Report
from complaints.workdays import WorkCalendar

COUNTS = "counts"
"""What came in and went out, as one word of a duty's `contents`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenFigures:
    """What a duty was given: the period, when it was counted, the balance and the measures of its `contents`."""

    period: str
    taken_at: datetime
    flow: Flow | None
    figures: tuple[Figure, ...]


def wants_figures(duty: Duty, policy: Policy) -> bool:
    """Tell whether the contents of a duty name a measure or the counts."""
    return any(name == COUNTS or name in policy.measures for name in duty.contents)


def belongs_to(
    duty: Duty, policy: Policy, of: Mapping[str, Any], people: DeskPlan
) -> Callable[[Mapping[str, Any]], bool]:
    """
    Return whether a case's fields put it under the branch for which a duty with the fields *of* is done: the holder of
    the role for the case's value, or for a unit above it, is the duty's own (RT-26). Everything where it is held once.
    """
    held = held_for(duty, policy)
    own = of.get(held[0]) if held is not None else None
    if held is None or own is None:
        return lambda fields: True
    field, role = held
    return lambda fields: people.at(role, fields.get(field)) == people.at(role, own)


def reported_period(duty: Duty, today: date, calendar: WorkCalendar) -> Period:
    """
    Return the period that a duty which begins *today* reports: the last one that is over.

    A daily duty and one of a shift report the last working day (our default): on Monday that is Friday.
    """
    if duty.every in ("day", "shift"):
        return period_of("day", _working_day_before(today, calendar))
    return previous(period_of(duty.every or "month", today))


def _working_day_before(today: date, calendar: WorkCalendar) -> date:
    day = today.fromordinal(today.toordinal() - 1)
    for _ in range(30):  # no calendar closes for longer
        if calendar.is_working_day(day):
            return day
        day = day.fromordinal(day.toordinal() - 1)
    return today.fromordinal(today.toordinal() - 1)


def figures_of(report: Report, duty: Duty) -> dict[str, Any]:
    """Return the figures of a report that the duty's contents name, as plain values for its log."""
    return {
        "period": report.period.name,
        "taken_at": report.now.isoformat(),
        **({COUNTS: asdict(report.flow)} if COUNTS in duty.contents else {}),
        "figures": [_plain(f) for f in report.figures if f.measure in duty.contents],
    }


def read_figures(plain: Mapping[str, Any]) -> TakenFigures | None:
    """Return what `figures_of` wrote; None where a duty was given none."""
    if not plain:
        return None
    return TakenFigures(
        period=parse_period(str(plain["period"])).name,
        taken_at=datetime.fromisoformat(str(plain["taken_at"])),
        flow=Flow(**plain[COUNTS]) if COUNTS in plain else None,
        figures=tuple(_figure(f) for f in plain["figures"]),
    )


def _plain(figure: Figure) -> dict[str, Any]:
    return {
        "measure": figure.measure,
        "kind": figure.kind,
        "amount": _plain_amount(figure.amount),
        "target": None if figure.target is None else str(figure.target),
        "reached": figure.reached,
        "before": None if figure.before is None else _plain_amount(figure.before),
        "groups": [[name, _plain_amount(amount)] for name, amount in figure.groups],
    }


def _plain_amount(amount: Amount) -> dict[str, Any]:
    return {"value": None if amount.value is None else f"{amount.value:f}", "of": amount.of, "hit": amount.hit}


def _figure(plain: Mapping[str, Any]) -> Figure:
    return Figure(
        measure=plain["measure"],
        kind=plain["kind"],
        amount=_amount(plain["amount"]),
        target=None if plain["target"] is None else parse_target(plain["target"]),
        reached=plain["reached"],
        before=None if plain["before"] is None else _amount(plain["before"]),
        groups=tuple((str(name), _amount(amount)) for name, amount in plain["groups"]),
    )


def _amount(plain: Mapping[str, Any]) -> Amount:
    value = plain["value"]
    return Amount(value=None if value is None else Decimal(value), of=plain["of"], hit=plain["hit"])
