"""A report in words: for the terminal, as CSV for other programs, as a page to print."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.statistics import Amount, Figure, Report
from complaints.statistics_rows import NOBODY
from complaints.views_case import period_text
from complaints.views_words import is_money, money_text, number_text
from handlers.texts import say, when_plain

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings that a spreadsheet takes for a formula."""

SEPARATORS = {"en": ", ", "zh-Hans": "、", "zh-Hant": "、"}
SHOWN_OPEN = 200


@dataclass(frozen=True, kw_only=True)
class Reader:
    """For whom a report is written: the policy's words, the desk's people, the language."""

    policy: Policy
    plan: DeskPlan
    language: str

    def say(self, message: str, **facts: object) -> str:
        return say(self.language, message, **facts)

    def unit(self, unit: str) -> str:
        if unit in self.plan.unit_labels:
            return self.plan.unit_label(unit, self.language)
        role = self.plan.unit_role(unit)
        if role in self.plan.roles:
            return self.plan.role_label(role, self.language)
        return self.policy.label(unit, self.language)

    def stage(self, stage: str) -> str:
        return self.policy.label(stage, self.language)

    def group(self, field: str, value: str) -> str:
        """Return the words for a group of a measure: a choice, a department, a stage; anything else as it is."""
        if value in ("yes", "no") and field in self.policy.fields and self.policy.fields[field].type == "yes_no":
            return self.policy.label("true" if value == "yes" else "false", self.language)
        if value == NOBODY:
            return self.say("report.nobody")
        definition = self.policy.fields.get(field)
        if value in self.plan.parents.values():
            return self.say("report.with_below", unit=self.plan.unit_label(value, self.language))
        if field == "unit" or (definition is not None and definition.type in ("unit", "units")):
            return self.unit(value)
        if field in ("stage", "outcome", "decision") or (definition is not None and value in definition.choices):
            return self.policy.label(value, self.language, of=field)
        return value

    def adds_up_money(self, measure: str) -> bool:
        """Say whether a measure adds up amounts of money."""
        found = self.policy.measures.get(measure)
        return found is not None and is_money(found.sum or found.average or "", self.policy)

    def heading(self, field: str) -> str:
        known = ("unit", "person", "stage", "month", "outcome")
        return self.say(f"report.per.{field}") if field in known else self.policy.label(field, self.language)


def is_member(text: str) -> bool:
    """Tell whether a group of a measure is a person, by the form of Slack's ids."""
    return len(text) >= 4 and text[0] in "UW" and text.isalnum() and text.isupper()


# --- words of single figures -------------------------------------------------------------------------------


def amount_text(figure: Figure, amount: Amount, reader: Reader) -> str:
    """Return `83.3 % (5 of 6)`, `96.7 %`, `4.5 (12)`, `TWD 12,000`, or that there was no case."""
    if amount.value is None:
        return reader.say("report.no_cases")
    money = figure.kind in ("sum", "average") and reader.adds_up_money(figure.measure)
    value = money_text(amount.value, reader.policy, reader.language) if money else number_text(amount.value)
    if figure.kind == "share":
        return reader.say("report.share", value=value, hit=amount.hit, of=amount.of)
    if figure.kind == "part":
        return f"{value} %"
    return value if figure.kind == "sum" else reader.say("report.average", value=value, of=amount.of)


def target_text(figure: Figure, reader: Reader) -> str:
    if figure.target is None:
        return ""
    if figure.reached is None:
        return str(figure.target)
    return reader.say("report.reached" if figure.reached else "report.missed", target=figure.target)


def before_text(figure: Figure, reader: Reader) -> str:
    if figure.before is None:
        return ""
    compare = reader.policy.measures[figure.measure].compare
    name = "report.before" if compare == "last month" else "report.year_before"
    return reader.say(name, value=amount_text(figure, figure.before, reader))


def title_text(report: Report, reader: Reader) -> str:
    name = reader.policy.label(reader.policy.id, reader.language)
    return reader.say("report.title", policy=name, period=period_text(report.period.name, reader.language))


def flow_lines(report: Report, reader: Reader) -> Iterator[tuple[str, str]]:
    """Return the balance line by line: what it is, and how many."""
    flow = report.flow
    for name in ("open_before", "received", "reopened", "closed", "withdrawn", "open_after"):
        yield reader.say(f"report.{name}"), str(getattr(flow, name))
    yield "", reader.say("report.reconciles" if flow.reconciles else "report.does_not_reconcile")
    for name in ("finished", "closed_late", "open_late", "delayed"):
        yield reader.say(f"report.{name}"), str(getattr(flow, name))
    score = report.score
    none = reader.say("report.no_cases")
    yield (
        reader.say("report.score"),
        none if score.value is None else reader.say("report.average", value=number_text(score.value), of=score.of),
    )


# --- for the terminal --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A part of a report: a heading, the heads of its columns and its rows."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def sheets(report: Report, reader: Reader) -> Iterator[Sheet]:
    """Return the parts of a report as people read them."""
    say_ = reader.say
    yield Sheet(title=say_("report.cases"), head=(), rows=tuple(flow_lines(report, reader)))
    if report.figures:
        yield _measures(report, reader)
    for figure in (f for f in report.figures if f.groups):
        per = str(reader.policy.measures[figure.measure].per)
        title = say_("report.by", what=reader.policy.label(figure.measure, reader.language), by=reader.heading(per))
        rows = ((reader.group(per, name), amount_text(figure, amount, reader)) for name, amount in figure.groups)
        yield Sheet(title=title, head=(), rows=tuple(rows))
    for field, counts in report.tables.items():
        what = say_("report.closed" if field == "outcome" else "report.received")
        title = say_("report.by", what=what, by=reader.heading(field))
        yield Sheet(title=title, head=(), rows=tuple((reader.group(field, v), str(n)) for v, n in counts.items()))
    if report.units:
        yield _units(report, reader)
    if report.open_cases:
        yield _open_cases(report, reader)


def _measures(report: Report, reader: Reader) -> Sheet:
    return Sheet(
        title=reader.say("report.measures"),
        head=tuple(reader.say(f"report.head.{n}") for n in ("measure", "figure", "target", "compared")),
        rows=tuple(
            (
                reader.policy.label(f.measure, reader.language),
                amount_text(f, f.amount, reader),
                target_text(f, reader),
                before_text(f, reader),
            )
            for f in report.figures
        ),
    )


def _units(report: Report, reader: Reader) -> Sheet:
    return Sheet(
        title=reader.say("report.units"),
        head=tuple(reader.say(f"report.head.{n}") for n in ("unit", "done", "late", "days")),
        rows=tuple((reader.unit(u.unit), str(u.done), str(u.late), _days(u.mean_days)) for u in report.units),
    )


def _days(days: Decimal | None) -> str:
    return "" if days is None else number_text(days)


def _open_cases(report: Report, reader: Reader) -> Sheet:
    zone, language = reader.plan.timezone, reader.language
    rows = []
    for line in report.open_cases[:SHOWN_OPEN]:
        due = when_plain(line.due_at, language, zone) if line.due_at is not None else ""
        stages = SEPARATORS[language].join(reader.stage(stage) for stage in line.stages)
        rows.append(
            (
                line.name,
                f"{line.opened_at.astimezone(ZoneInfo(zone)):%Y-%m-%d}",
                due,
                stages,
                _late_mark(line.is_late, reader),
            )
        )
    rest = len(report.open_cases) - len(rows)
    more = [(reader.say("duty.more", n=rest), "", "", "", "")] if rest else []
    return Sheet(
        title=reader.say("report.open_cases", n=len(report.open_cases)),
        head=tuple(reader.say(f"report.head.{n}") for n in ("case", "opened", "due", "stages", "late")),
        rows=(*rows, *more),
    )


def _late_mark(is_late: bool, reader: Reader) -> str:
    return reader.say("report.is_late") if is_late else ""


def footer(report: Report, reader: Reader) -> str:
    taken = when_plain(report.now, reader.language, reader.plan.timezone, "at")
    return reader.say("report.so_far" if report.is_running else "report.taken", at=taken)


# --- CSV ------------------------------------------------------------------------------------------------------

CSV_HEAD = ("section", "item", "group", "value", "hit", "of", "target", "reached", "before")


def report_csv(report: Report) -> str:
    """Return the report as one table for other programs: ids, not words; numbers with a point."""
    return csv_text(CSV_HEAD, _csv_rows(report))


def csv_text(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return rows as CSV in which no cell can be taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (head, *rows):
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()


def safe_cell(value: object) -> str:
    """Return a cell that a spreadsheet shows and never runs; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, Decimal | int):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _csv_rows(report: Report) -> Iterator[tuple[object, ...]]:
    def row(section: str, item: object, **more: object) -> tuple[object, ...]:
        cells = {"section": section, "item": item, **more}
        return tuple(cells.get(name, "") for name in CSV_HEAD)

    yield row("report", "policy", value=report.policy)
    yield row("report", "period", value=report.period.name)
    yield row("report", "taken_at", value=report.now.isoformat())
    for name in report.flow.__dataclass_fields__:
        yield row("cases", name, value=getattr(report.flow, name), before=getattr(report.flow_before, name))
    yield row("cases", "reconciles", value="yes" if report.flow.reconciles else "no")
    yield row("cases", "score", value=report.score.value, of=report.score.of)
    for figure in report.figures:
        reached = {None: "", True: "yes", False: "no"}[figure.reached]
        yield row(
            "measure", figure.measure, value=figure.amount.value, hit=figure.amount.hit, of=figure.amount.of,
            target=figure.target or "", reached=reached, before=figure.before.value if figure.before else "",
        )  # fmt: skip
        for group, amount in figure.groups:
            yield row("measure", figure.measure, group=group, value=amount.value, hit=amount.hit, of=amount.of)
    for field, counts in report.tables.items():
        for group, count in counts.items():
            yield row("closed by" if field == "outcome" else "received by", field, group=group, value=count)
    for unit in report.units:
        yield row("department", unit.unit, value=unit.mean_days, hit=unit.late, of=unit.done)
    for line in report.open_cases:
        due = line.due_at.isoformat() if line.due_at else ""
        yield row("open case", line.name, group=" ".join(line.stages), value=due, reached="no" if line.is_late else "")


# --- a page -----------------------------------------------------------------------------------------------------

_PAGES = Environment(
    loader=PackageLoader("handlers", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
    lstrip_blocks=True,
)  # fmt: skip


def report_page(report: Report, reader: Reader) -> str:
    """Return the report as a page of its own, to print or to send."""
    return page(title_text(report, reader), sheets(report, reader), footer(report, reader), reader.language)


def page(title: str, parts: Iterable[Sheet], last: str, language: str) -> str:
    """Return a page of headed tables; nothing in it is read as markup."""
    return filled_page("report.html", title=title, sheets=list(parts), footer=last, language=language)


def filled_page(template: str, **facts: object) -> str:
    """Return a page made of a template; nothing in *facts* is read as markup."""
    return _PAGES.get_template(template).render(**facts)
