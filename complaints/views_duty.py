"""The data of a periodic duty: the cases that it is about, as a list for its card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from complaints.case import OPEN, Case
from complaints.clocks import CASE_CLOCK
from complaints.duty_figures import belongs_to, reported_period
from complaints.facts import Facts
from complaints.hiding import is_hidden_from
from complaints.periods import period_of, previous
from complaints.policy import Policy
from complaints.policy_model import Duty
from complaints.restricted import restricted_to
from complaints.views import CustomerFacts, Look, Pair
from complaints.views_case import period_text
from complaints.views_matter import customer_of, first_sentence, thing_of
from complaints.views_names import quote, without_names
from complaints.views_words import date_text, field_label, pair

LONGEST_WORDS = 60
NUMBER_COLUMNS = frozenset({"number", "case", "complaint"})
SAID_APART = frozenset({"customer"})
"""Types that a row says by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """The cases that a duty looks at. *what*: closed, received or open; *begin* inclusive, *end* exclusive."""

    what: str
    begin: datetime
    end: datetime
    month: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyRow:
    """
    A case in a duty's list. *number*: what people call it, also where it *is_numbered* not: by its thing or its day.
    *in_time*: against its promise; None where it had none.
    """

    number: str
    customer: CustomerFacts | None
    in_time: bool | None
    pairs: tuple[Pair, ...]
    is_numbered: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class DutyList:
    """What a duty is about. *month*: in words. *rows*: in the order of their numbers, those without one last."""

    what: str
    month: str
    rows: tuple[DutyRow, ...]

    @property
    def in_time(self) -> int:
        return sum(1 for row in self.rows if row.in_time)


def span_of(case: Case, look: Look) -> Span | None:
    """
    Return which cases the list of a duty holds, None where the policy names none.

    "Last month" is the calendar month, in the desk's zone, before the one in which the duty began; "last period" the
    day, week or whatever the duty reports.
    """
    duty = _duty(case, look)
    if duty is None or duty.from_ is None:
        return None
    calendar = look.world.calendar()
    today = calendar.local(case.opened_at).date()
    if duty.from_ == "open cases":
        return Span(what="open", begin=case.opened_at, end=case.opened_at, month="")
    _, what, _, of = duty.from_.split()
    period = reported_period(duty, today, calendar) if of == "period" else previous(period_of("month", today))
    begin, end = period.instants(calendar)
    return Span(what=what, begin=begin, end=end, month=period_text(period.name, look.language))


def duty_list(case: Case, span: Span, found: Iterable[tuple[Case, Look]], *, in_channel: bool) -> DutyList:
    """
    Return the list of a duty out of the cases of its span, each with the eyes of the duty's reader.

    Cases that do not meet the duty's `where` are left out; restricted ones are never shown in a channel.
    """
    rows = [row for each, look in found if (row := _row(case, each, look, in_channel=in_channel)) is not None]
    return DutyList(what=span.what, month=span.month, rows=tuple(sorted(rows, key=_place)))


def _place(row: DutyRow) -> tuple[bool, str]:
    """Return the place of a row in its list: by its number, and behind them what has none."""
    return not row.is_numbered, row.number


def prefilled_lines(case: Case, name: str, found: Iterable[tuple[Case, Look]]) -> list[dict[str, Any]]:
    """
    Return a line of the field *name* for each case of a duty's list, as far as the cases say what stands in it.

    A column called like a field holds the case's value; `number`, `case` or `complaint` its number. People's words are
    never copied. Restricted cases are left out for everybody: what is sent stands in the duty, which others read.
    """
    rows = []
    for each, look in found:
        row = _row(case, each, look, in_channel=True)
        columns = look.world.policy(case).fields[name].columns
        if row is not None:
            rows.append((_place(row), {column: _cell(each, column, row.number, look) for column in columns}))
    return [cells for _, cells in sorted(rows, key=lambda pair: pair[0])]


def _cell(case: Case, column: str, number: str, look: Look) -> str:
    """Return what a case says of a column; "" for people's words and what is hidden from the reader or masked for him."""
    value, policy = case.fields.get(column), look.world.policy(case)
    if column in policy.fields and is_hidden_from(look.reader, column, case, look.world):
        return ""
    if isinstance(value, str) and without_names(value, look, policy, case) != value:
        return ""
    if value is None and column in NUMBER_COLUMNS:
        return number
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _duty(case: Case, look: Look) -> Duty | None:
    return look.world.policy(case).duties.get(case.duty or "")


def _row(about: Case, case: Case, look: Look, *, in_channel: bool) -> DutyRow | None:
    policy = look.world.policy(case)
    duty = policy.duties.get(about.duty or "")
    if duty is None or (in_channel and restricted_to(case, look.world) is not None):
        return None
    if not belongs_to(duty, policy, about.fields, look.world.people)(case.fields):
        return None  # it is another branch's
    if duty.where is not None and duty.where.evaluate(Facts(case, look.world)) is not True:
        return None
    number = case.number or case.old_number
    if policy.papers.number is not None and number is None and case.status != OPEN:
        return None  # it ended before it became a complaint: no loss, (三)
    promise = case.clock(CASE_CLOCK)
    return DutyRow(
        number=number or thing_of(look, policy, case) or _day(case, look),
        is_numbered=number is not None,
        customer=customer_of(look, policy, case),
        in_time=promise.in_time if promise is not None else None,
        pairs=tuple(_pairs(look, policy, case, duty)),
    )


def _day(case: Case, look: Look) -> str:
    """Return the day on which a case that has no name was logged."""
    return date_text(look.world.calendar().local(case.opened_at).date(), look.language)


def _pairs(look: Look, policy: Policy, case: Case, duty: Duty) -> Iterator[Pair]:
    for name in duty.contents:
        definition = policy.fields.get(name)
        if definition is None or definition.type in SAID_APART or definition.hidden_from:
            continue
        if definition.long:
            words = quote(look, policy, case, name)
            if words is not None and words.text:
                text = first_sentence(words.text, LONGEST_WORDS)
                yield Pair(name=name, label=field_label(policy, name, look.language), value=text)
        elif (found := pair(look, policy, case, name)) is not None:
            yield found
