"""`redress report`: the figures of a period."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from bot.commands.common import as_json, on_screen, opened, plain, show, table
from bot.reporting import NotReported, bundle_in_force, report_for, world_for_figures
from complaints.periods import KINDS, Period, UnknownPeriod, parse_period
from complaints.policy import LANGUAGES
from complaints.reports import last_period
from complaints.statistics import Report
from handlers.register_texts import register_cells, register_head, register_plain
from handlers.report_texts import Reader, csv_text, footer, report_csv, report_page, sheets, title_text

FORMATS = ("text", "csv", "json", "html")
BOM = "\ufeff"
"""Lets spreadsheets read a CSV file as UTF-8."""


@click.group()
def report() -> None:
    """Figures of a day, week, month, quarter or year, and the registers."""


def _add(kind: str) -> None:
    @report.command(kind, help=f"The figures of a {kind}: the last one that is over, unless --period names another.")
    @click.option("--policy", help="The policy; needed where several run in this desk.")
    @click.option("--period", "name", help="For example 2026, 2026-Q4, 2026-10, 2026-W47, 2026-11-20.")
    @click.option("--format", "format_", type=click.Choice(FORMATS), default="text", show_default=True)
    @click.option("--language", type=click.Choice(LANGUAGES), help="Without it the desk's.")
    @click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
    @as_json
    def command(
        policy: str | None, name: str | None, format_: str, language: str | None, output: Path | None, as_json: bool
    ) -> None:
        with opened() as office:
            now, plan = office.clock.now(), office.watched.plan()
            try:
                bundle, rules = bundle_in_force(office, policy)
            except NotReported as error:
                raise click.UsageError(str(error)) from None
            period = _period(kind, name) or last_period(kind, world_for_figures(office, bundle, now))
            found = report_for(office, bundle, rules, period, now)
        reader = Reader(policy=rules, plan=plan, language=language or plan.language)
        _print(found, reader, "json" if as_json else format_, output)


for _kind in KINDS:
    _add(_kind)


@report.command("register")
@click.argument("register", metavar="NAME")
@click.option("--policy", help="The policy; needed where several run in this desk.")
@click.option("--period", "name", help="Only what was entered in it: 2026, 2026-Q4, 2026-10, 2026-W47, 2026-11-20.")
@click.option("--text", help="Only lines with these words.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1))
@click.option("--format", "format_", type=click.Choice(("text", "csv", "json")), default="text", show_default=True)
@click.option("--language", type=click.Choice(LANGUAGES), help="Without it the desk's.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@as_json
def register_(
    register: str, policy: str | None, name: str | None, text: str | None, limit: int, format_: str,
    language: str | None, output: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """The lines of a register, the newest first, with people's words."""
    with opened() as office:
        plan = office.watched.plan()
        try:
            bundle, rules = bundle_in_force(office, policy)
        except NotReported as error:
            raise click.UsageError(str(error)) from None
        if register not in rules.papers.registers:
            known = ", ".join(sorted(rules.papers.registers)) or "none"
            raise click.UsageError(f"{rules.id} has no register “{register}”. Registers: {known}.")
        begin, end = None, None
        if name is not None:
            calendar = world_for_figures(office, bundle, office.clock.now()).calendar()
            begin, end = _any_period(name).instants(calendar)
        found = office.store.reader.register_lines(
            policy=rules.id, register=register, begin=begin, end=end, text=text, limit=limit
        )
    columns = rules.papers.registers[register].columns
    reader = Reader(policy=rules, plan=plan, language=language or plan.language)
    if as_json or format_ == "json":
        return show([register_plain(line, columns) for line in found], [], as_json=True)
    head, rows = register_head(columns, reader), [register_cells(line, columns, reader) for line in found]
    written = csv_text(head, rows) if format_ == "csv" else "\n".join(table(head, rows))
    _put(written, format_, output)
    return None


def _any_period(name: str) -> Period:
    try:
        return parse_period(name)
    except UnknownPeriod as error:
        raise click.UsageError(f"{error}.") from None


def _period(kind: str, name: str | None) -> Period | None:
    if name is None:
        return None
    period = _any_period(name)
    if period.kind != kind:
        raise click.UsageError(
            f"{period.name} is a {period.kind}, not a {kind}: redress report {period.kind} --period {period.name}."
        )
    return period


def _print(found: Report, reader: Reader, format_: str, output: Path | None) -> None:
    if format_ == "json":
        return show(plain(found), [], as_json=True)
    _put(_written(found, reader, format_), format_, output)
    return None


def _put(text: str, format_: str, output: Path | None) -> None:
    if output is None:
        click.echo(on_screen(text), nl=format_ != "csv")
    else:
        output.write_text((BOM if format_ == "csv" else "") + text, encoding="utf-8", newline="")
        click.echo(f"Written to {output}.")


def _written(found: Report, reader: Reader, format_: str) -> str:
    if format_ == "csv":
        return report_csv(found)
    return report_page(found, reader) if format_ == "html" else "\n".join(text_lines(found, reader))


def text_lines(found: Report, reader: Reader) -> Iterator[str]:
    """Return a report as lines of a terminal."""
    yield title_text(found, reader)
    for sheet in sheets(found, reader):
        yield ""
        yield sheet.title
        width = max((len(row) for row in (sheet.head, *sheet.rows)), default=0)
        rows = [row + ("",) * (width - len(row)) for row in sheet.rows]
        yield from (f"  {line}" for line in table(sheet.head, rows)) if sheet.head else _pairs(rows)
    yield ""
    yield footer(found, reader)


def _pairs(rows: list[tuple[str, ...]]) -> Iterator[str]:
    if rows:
        yield from (f"  {line}".replace("–  ", "   ", 1) for line in list(table(rows[0], rows[1:])))
