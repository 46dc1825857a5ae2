"""`redress case`: list, show, export, verify and import cases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from bot import case_export
from bot.case_import import Row, read_cases, said
from bot.chores import PolicyFiles
from bot.commands.common import as_json, on_screen, opened, progress, read_bytes, show, table, when
from bot.commands.report import BOM
from bot.erasing import erase_case
from bot.office import Office
from complaints.case import Case
from complaints.events import Recorded
from complaints.policy import LANGUAGES
from complaints.refusals import Refusal, UnknownCase
from handlers.replies import About, explain
from storage.chain import Break, verify
from storage.customer_files import decode
from storage.tables import DESK
from storage.wire import read_wire

EVERY_CASE = 10_000_000
INDENTED = "\n    "
"""So that a line of somebody's words looks like none of ours."""
NO_CASE = "There is no case “{}”."


@click.group()
def case() -> None:
    """List, show, export, verify or import cases."""


@case.command("list")
@click.option("--status", multiple=True, help="open, closed, finished, withdrawn, void, merged (may be repeated).")
@click.option("--policy", help="Only cases under this policy.")
@click.option("--text", help="Number, customer or field.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1))
@as_json
def list_(status: tuple[str, ...], policy: str | None, text: str | None, limit: int, as_json: bool) -> None:
    """List cases, the newest first."""
    with opened() as office:
        found = office.store.reader.lines(status=status or None, policy=policy, text=text, limit=limit)
    rows = [
        (c.name, c.policy, c.status, ", ".join(c.stages), when(c.opened_at), when(c.due_at), c.outcome) for c in found
    ]
    nothing = "No case matches." if status or policy or text else "No case yet."
    lines = table(("case", "policy", "status", "stages", "opened", "due", "outcome"), rows) if rows else [nothing]
    show(found, lines, as_json=as_json)


@case.command("erase")
@click.argument("name", metavar="NUMBER")
@click.option("--why", required=True, help="The reason, which stays in the log.")
@click.confirmation_option(prompt="The words of this case are gone for good then. Go on?")
@as_json
def erase(name: str, why: str, as_json: bool) -> None:
    """Erase people's words and files from a case that is over; the log still verifies."""
    with opened() as office:
        case_id = _found(office, name)
        try:
            words, files = erase_case(office, case_id, office.watched.plan().officer, why)
        except Refusal as refusal:
            raise click.ClickException(said(refusal)) from refusal
    done = {"case": name, "words": words, "files": files}
    show(done, f"Erased {words} pieces of words and {files} files.", as_json=as_json)


@case.command("show")
@click.argument("name", metavar="NUMBER")
@click.option("--words", is_flag=True, help="With the words of people.")
@as_json
def show_(name: str, words: bool, as_json: bool) -> None:
    """Show a case and its log: by number, old number or short id."""
    with opened() as office:
        case_id = _found(office, name)
        found = office.store.reader.case(case_id)
        log = office.store.reader.log(case_id)
        texts = dict(office.store.reader.words(case_id)) if words else {}
    assert found is not None
    data = {"case": found, "log": [_event(r) for r in log], **({"words": texts} if words else {})}
    show(data, _said(found, log, texts), as_json=as_json)


def _found(office: Office, name: str) -> str:
    case_id = office.store.reader.find(name)
    if case_id is None:
        raise click.ClickException(NO_CASE.format(name))
    return case_id


def _event(recorded: Recorded) -> dict[str, Any]:
    return {
        "seq": recorded.seq, "at": recorded.at, "actor": recorded.actor,
        "event": type(recorded.event).__name__, "facts": recorded.event,
    }  # fmt: skip


def _said(found: Case, log: list[Recorded], texts: dict[str, str | None]) -> Iterator[str]:
    yield f"{found.name}: {found.status}{f', {found.outcome}' if found.outcome else ''} ({found.policy})"
    for visit in found.open_visits:
        deadline = found.deadline_of(visit.id)
        yield f"  open: {visit.key}{f', due {when(deadline.due_at)}' if deadline else ''}"
    yield ""
    yield from table(
        ("seq", "at", "actor", "event"), ((r.seq, when(r.at), r.actor, type(r.event).__name__) for r in log)
    )
    for word, text in texts.items():
        yield f"{word}: {text.replace(chr(10), INDENTED) if text is not None else '(erased)'}"


# --- export -------------------------------------------------------------------------------------------------


@case.command("export")
@click.argument("names", metavar="NUMBER...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every case of the desk, as csv or xes.")
@click.option("--format", "form", type=click.Choice(case_export.FORMATS), default="json", show_default=True)
@click.option("--as", "member", metavar="MEMBER", help="Who takes it out: a member id. Without it the desk officer.")
@click.option("--personal", is_flag=True, help="With names and contacts; needs --why, and is on record.")
@click.option("--why", default="", help="The reason for --personal, which stays in the log.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Without it the desk's.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file.")
@as_json
def export_(
    names: tuple[str, ...], every: bool, form: str, member: str | None, personal: bool, why: str, language: str | None,
    output: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """
    Write a case with its whole log and what proves it; the log says who took it out. csv and xes (for process mining)
    hold the log alone, of as many cases as are named; 8d is the case as an 8D report, to print.
    """
    form = "json" if as_json else form
    if every == bool(names):
        raise click.UsageError("Name the case, or several as csv or xes; or say --all, and no case.")
    if (every or len(names) > 1) and form not in case_export.LOGS:
        raise click.UsageError("A file of this format holds one case; several go into csv or xes.")
    if form == "xlsx" and output is None:
        raise click.UsageError("A workbook is no text: name a file with --output.")
    if personal and not why.strip():
        raise click.UsageError("Say why names and contacts are needed: --why REASON. It stays in the log.")
    with opened() as office:
        plan = office.watched.plan()
        language = language or plan.language
        wanted = [
            case_export.Wanted(
                case_id=case_id, member=member or plan.officer, form=form, language=language, personal=personal, why=why
            )
            for case_id in (_all_cases(office) if every else [_found(office, name) for name in names])
        ]
        if not wanted:
            raise click.ClickException("There is no case yet.")
        try:
            if form in case_export.LOGS:
                raw, left_out = case_export.export_logs(office, wanted, leave_out=every)
            else:
                raw, left_out = case_export.export(office, *wanted), 0
        except UnknownCase:
            raise click.ClickException(NO_CASE.format(" ".join(names))) from None
        except Refusal as refusal:
            reply = explain(refusal, language, About(plan=plan))
            raise click.ClickException(" ".join((reply.title, reply.body))) from refusal
    if left_out:
        click.echo(f"{left_out} cases are left out: {member or plan.officer} may not take them out.", err=True)
    if output is None:
        click.echo(on_screen(raw.decode()), nl=form != "csv")
    else:
        output.write_bytes((BOM.encode() if form == "csv" else b"") + raw)
        click.echo(f"Written to {output}.", err=True)


# --- verify --------------------------------------------------------------------------------------------------


@case.command("verify")
@click.argument("name", metavar="[NUMBER]", required=False)
@click.option(
    "--file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An exported case (JSON) instead; needs no database.",
)
@as_json
def verify_(name: str | None, file: Path | None, as_json: bool) -> None:
    """Check the hash chain of a case, or of all cases, the desk's log and the daily anchors; or of an exported case."""
    if file is not None:
        _verify_file(file, as_json)
        return
    with opened() as office:
        logs = [_found(office, name)] if name else [DESK, *_all_cases(office)]
        breaks = list(_breaks(office, logs))
        anchor = None if name else office.store.anchors.first_break()
    breaks += [anchor] if anchor else []
    lines = [f"{b.log_id}, event {b.seq}: {b.why}" for b in breaks] or [f"{len(logs)} logs are as they were recorded."]
    show({"logs": len(logs), "breaks": breaks}, lines, as_json=as_json)
    if breaks:
        raise click.exceptions.Exit(1)


def _verify_file(file: Path, as_json: bool) -> None:
    try:
        found = case_export.check_file(read_bytes(file))
    except case_export.NotAnExport as error:
        raise click.UsageError(f"{file}: {error}.") from None
    said = (
        f"{found.case}: {found.broken} is not as it was recorded."
        if found.broken
        else (
            f"{found.case}: {found.events} events, each follows from the one before; the last has the hash {found.head}."
        )
    )
    said += f" Of {found.withheld} only the hash is here." if found.withheld else ""
    show(found, [said], as_json=as_json)
    if found.broken:
        raise click.exceptions.Exit(1)


def _all_cases(office: Office) -> list[str]:
    return [line.case_id for line in office.store.reader.lines(limit=EVERY_CASE)]


def _breaks(office: Office, logs: list[str]) -> Iterator[Break]:
    tell = progress()
    with read_wire(office.store.engines) as wire:
        for done, log_id in enumerate(logs, start=1):
            broken = verify(wire, log_id)
            if broken is not None:
                yield broken
            tell(done, len(logs))


# --- import --------------------------------------------------------------------------------------------------


@case.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
def import_(file: Path, as_json: bool) -> None:
    """Take over open paper cases from a CSV file. A file with a wrong line imports nothing; a second run adds nothing."""
    raw = read_bytes(file)
    with opened() as office:
        try:
            plan = office.watched.plan()
            rows = read_cases(decode(raw, plan.language), plan)
        except ValueError as error:
            raise click.ClickException(f"{file}: {error}.") from None
        wrong = [r for r in rows if r.wrong]
        if wrong:
            more = [f"{len(wrong) - 20} more lines are wrong."] if len(wrong) > 20 else []
            raise click.ClickException("\n".join([*(f"{file}, line {r.line}: {r.wrong}" for r in wrong[:20]), *more]))
        PolicyFiles(office)(office.clock.now())
        done = [_import(office, row) for row in rows]
    lines = [f"line {d['line']}, {d['old_number']}: {d['result']}" for d in done]
    show(done, [*lines, f"{sum(d['result'] == 'imported' for d in done)} imported."], as_json=as_json)
    if any(d["result"] not in ("imported", "known already") for d in done):
        raise click.exceptions.Exit(1)


def _import(office: Office, row: Row) -> dict[str, Any]:
    assert row.command is not None
    try:
        told = office.desk.submit(row.command).result()
        result = "known already" if told.repeated else "imported"
    except Refusal as refusal:
        result = said(refusal)
    return {"line": row.line, "old_number": row.command.old_number, "case": row.command.case_id, "result": result}
