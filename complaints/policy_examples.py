"""Runs the worked examples that stand in a policy: amounts of its calculators, due times of its clocks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from complaints.conditions_types import WEEKDAYS
from complaints.limits import due_at
from complaints.money import Amount, compute
from complaints.policy import Policy
from complaints.policy_findings import Finding, path_text
from complaints.policy_model import ClockDef, Measure, Money, read_value
from complaints.workdays import WorkCalendar

_MONDAY = datetime(2026, 6, 1, tzinfo=UTC)  # any Monday; the plain calendar below has no holidays
_MOMENT = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d\d):(\d\d)")
_NAMED = {"gives", "rest", "earlier"}


def example_findings(policy: Policy) -> list[Finding]:
    """Return the examples that come out otherwise than the file says."""
    return [*_money(policy), *_clocks(policy), *_measures(policy)]


def _wrong(loc: tuple[str | int, ...], text: str) -> Finding:
    return Finding("error", path_text(loc), text, "Mend the example, or what it is computed from.")


# --- amounts ---------------------------------------------------------------------------------------


def _money(policy: Policy) -> Iterator[Finding]:
    for name, entry in policy.money.items():
        for number, example in enumerate(entry.examples):
            loc = ("money", name, "examples", number)
            unknown = [key for key in example if key not in policy.symbols and key not in _NAMED]
            if unknown:
                yield _wrong(loc, f"{', '.join(unknown)} is not a field of this policy.")
            else:
                yield from _amount(loc, entry, policy, example)


def _amount(loc: tuple[str | int, ...], entry: Money, policy: Policy, example: Mapping[str, Any]) -> Iterator[Finding]:
    try:
        found, wanted = _given(entry, policy, example), _wanted(example)
    except (ArithmeticError, ValueError, TypeError, AttributeError, KeyError):
        yield _wrong(loc, "this example cannot be computed; write amounts as numbers and lines as [{column: value}].")
        return
    if found != wanted:
        yield _wrong(loc, f"this gives {_words(found)}, the file says {_words(wanted)}.")


def _given(entry: Money, policy: Policy, example: Mapping[str, Any]) -> Any:
    facts = {key: _typed(policy, key, value) for key, value in example.items() if key not in _NAMED}
    facts["earlier"] = {who: _plain(owed) for who, owed in (example.get("earlier") or {}).items()}
    amount = compute(entry, policy, facts)
    if amount is None:
        return None
    wanted = example.get("gives")
    if wanted == "beyond" or amount.beyond:
        return "beyond" if amount.beyond else amount.total
    return _parts(amount) if isinstance(wanted, list) else amount.total


def _parts(amount: Amount) -> list[Decimal]:
    return [Decimal(part["amount"]) for part in amount.parts]


def _wanted(example: Mapping[str, Any]) -> Any:
    wanted = example.get("gives")
    if isinstance(wanted, list):
        return [Decimal(str(item)) for item in wanted]
    return wanted if wanted == "beyond" or wanted is None else Decimal(str(wanted))


def _typed(policy: Policy, name: str, value: Any) -> Any:
    if isinstance(value, list):
        return tuple({key: str(_plain(item)) for key, item in line.items()} for line in value)
    return _plain(value)


def _plain(value: Any) -> Any:
    """Return a number as Decimal, `5 %` as 0.05, everything else as it is."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) or (isinstance(value, str) and value.rstrip().endswith("%")):
        return read_value(value)
    return value


def _words(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_words(item) for item in value)}]"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else "nothing" if value is None else str(value)


# --- due times -------------------------------------------------------------------------------------


def _clocks(policy: Policy) -> Iterator[Finding]:
    for name, clock in policy.clocks.items():
        for number, example in enumerate(clock.examples):
            loc = ("clocks", name, "examples", number)
            moments = [_MOMENT.fullmatch(str(example.get(key))) for key in ("start", "due")]
            if not all(moments) or clock.limit.fixed is None:
                yield _wrong(loc, 'an example is {start: "Fri 10:00", due: "Mon 10:00"}, and the limit is one text.')
                continue
            start, due = str(example["start"]), str(example["due"])
            found = _due(clock, start)
            if found != due:
                yield _wrong(loc, f"{start} gives {found}, the file says {due}.")


def _due(clock: ClockDef, start: str) -> str:
    """Return when the limit runs out, as a weekday and a time; the end of a day is its 24:00."""
    calendar = WorkCalendar(timezone=ZoneInfo("UTC"))
    rule = clock.calendar
    if rule is not None and (rule.days or rule.hours):
        calendar = calendar.with_week(days=rule.days, hours=rule.hours)
    assert clock.limit.fixed is not None
    at = due_at(clock.limit.fixed, _moment(start), calendar, rule.roll if rule else None).at
    if (at.hour, at.minute) == (0, 0):
        return f"{WEEKDAYS[(at - timedelta(days=1)).weekday()].capitalize()} 24:00"
    return f"{WEEKDAYS[at.weekday()].capitalize()} {at:%H:%M}"


def _moment(text: str) -> datetime:
    weekday, clock = text.split()
    hours, minutes = clock.split(":")
    return _MONDAY + timedelta(days=WEEKDAYS.index(weekday.lower()), hours=int(hours), minutes=int(minutes))


# --- shares ----------------------------------------------------------------------------------------

PLACES = {"whole percent": 0, "one decimal": 1, "two decimals": 2}


def _measures(policy: Policy) -> Iterator[Finding]:
    for name, measure in policy.measures.items():
        for number, example in enumerate(measure.examples):
            loc = ("measures", name, "examples", number)
            if set(example) != {"hit", "of", "gives"} or not all(isinstance(example[k], int) for k in ("hit", "of")):
                yield _wrong(loc, "an example is {hit: 5, of: 6, gives: 83 %}.")
            elif (found := share(measure, int(example["hit"]), int(example["of"]))) != str(example["gives"]):
                yield _wrong(
                    loc, f"{example['hit']} of {example['of']} gives {found}, the file says {example['gives']}."
                )


def share(measure: Measure, hit: int, of: int) -> str:
    """Return a share in percent, rounded half up as the measure says; `—` when there is nothing to share."""
    if of == 0:
        return "—"
    return f"{rounded_share(measure, hit, of):f} %"


def rounded_share(measure: Measure, hit: int, of: int) -> Decimal:
    """Return *hit* of *of* in percent, half up, with the decimals of the measure."""
    exact = Decimal(hit) * 100 / of
    return exact.quantize(Decimal(1).scaleb(-PLACES[measure.round]), ROUND_HALF_UP)
