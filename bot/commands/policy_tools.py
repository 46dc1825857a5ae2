"""`redress policy new / simulate / diff / migrate`: what the owner of a regulation looks at and tries before it is put in force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.commands.case import EVERY_CASE
from bot.commands.common import as_json, opened, show, table
from bot.in_force import NO_CASES, SHIPPED, policy_folder_of
from bot.office import Office
from bot.policy_template import DEFAULT_STAGES, Answers, StageAnswer, parse_stage, policy_text
from bot.settings import load_settings
from complaints.case import Case
from complaints.commands import ChangeVersion
from complaints.limits import parse_limit
from complaints.policy import LANGUAGES, LoadedPolicy, Policy
from complaints.policy_diff import Touched, changes, sentence, touched
from complaints.policy_findings import PolicyRefused, errors_of
from complaints.policy_parts import POLICY_ID_PATTERN
from complaints.ports import Tx
from complaints.refusals import Refusal
from complaints.rehearsal import Assumptions, Rehearsal
from complaints.simulation import rehearse
from complaints.workdays import WorkCalendar
from handlers.replies import About, explain
from storage.calendars import load_calendar, read_calendar
from storage.policy_files import examine_file, load_bundle, load_policy, policy_files
from storage.yaml_files import read_yaml

START = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)
MOST_STUCK = 10


def bundle_of(name: str) -> LoadedPolicy:
    """Return a policy by its id or by the path of its file; the command ends with one sentence when it can't be read."""
    path, extra = Path(name), load_settings().policies
    known = sorted(policy_files(SHIPPED) | (policy_files(extra) if extra else {}))
    if path.suffix != ".yml" and name not in known:
        raise click.UsageError(f"There is no policy “{name}”. Name a file (…/ID.yml) or one of {', '.join(known)}.")
    folder = path.parent if path.suffix == ".yml" else policy_folder_of(name, extra)
    try:
        return load_bundle(folder, path.stem if path.suffix == ".yml" else name)
    except PolicyRefused as refused:
        raise click.ClickException(str(refused)) from None


@click.command("simulate")
@click.argument("name", metavar="ID or FILE")
@click.option("--versus", metavar="ID or FILE", help="Another version, to be set beside it.")
@click.option("--cases", default=100, show_default=True, type=click.IntRange(1, 100_000))
@click.option("--per-day", default=5.0, show_default=True, type=click.FloatRange(0.01, 10_000), help="Complaints that arrive on a working day.")  # fmt: skip
@click.option("--hours", default=3.0, show_default=True, type=click.FloatRange(0.01, 1000), help="Working hours that a person takes for a card (median).")  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same cases.")
@click.option("--country", default="CN", show_default=True, help="Whose holidays count.")
@as_json
def simulate(
    name: str, versus: str | None, cases: int, per_day: float, hours: float, seed: int, country: str, as_json: bool
) -> None:
    """Run made-up cases on a fake clock: how many are in time, who is escalated to, where they wait."""
    assumed = Assumptions(cases=cases, per_day=per_day, hours=hours, seed=seed)
    calendar = load_calendar(read_calendar({"country": country, "timezone": "Asia/Shanghai"}, "--country"))
    found = [_rehearsed(one, assumed, calendar) for one in (name, versus) if one is not None]
    data = [_data(one) for one in found]
    show(data if versus else data[0], _lines(found), as_json=as_json)


def _rehearsed(name: str, assumed: Assumptions, calendar: WorkCalendar) -> Rehearsal:
    bundle = bundle_of(name)
    if bundle.policy.is_library:
        raise click.UsageError(f"{bundle.policy.id}: {NO_CASES}.")
    return rehearse(bundle, assumed, calendar, START)


def _data(found: Rehearsal) -> dict[str, Any]:
    return {
        "policy": found.policy,
        "label": found.label,
        "opened": found.opened,
        "closed": found.closed,
        "finished": found.finished,
        "on_time": found.on_time,
        "promises": found.promises,
        "outcomes": dict(found.outcomes),
        "notices": dict(found.notices),
        "stages": {
            stage: {"done": f.done, "late": f.late, "mean_hours": round(sum(f.hours) / len(f.hours), 1)}
            for stage, f in found.stages.items()
            if f.hours
        },
        "cards": dict(found.cards),
        "working_days": round(found.days, 1),
        "bottlenecks": [{"stage": stage, "mean_hours": round(hours, 1)} for stage, hours in found.bottlenecks()],
        "stuck": [{"case": case, "stage": stage, "why": why} for case, stage, why in found.stuck],
    }


def _lines(found: list[Rehearsal]) -> Iterator[str]:
    heads = ("", *(f"{one.policy} {one.label}" for one in found))
    yield from table(heads, [(name, *(value(one) for one in found)) for name, value in _FIGURES])
    yield ""
    stages = list(dict.fromkeys(stage for one in found for stage in one.stages))
    columns = tuple(name for _ in found for name in ("done", "late", "mean hours"))
    yield from table(("stage", *columns), [(stage, *_of_stage(stage, found)) for stage in stages])
    yield ""
    people = sorted({p for one in found for p in one.cards}, key=lambda p: -max(one.cards[p] for one in found))
    yield from table(("cards of", *("cards" for _ in found)), [(p, *(one.cards[p] for one in found)) for p in people])
    for one in found:
        for case, stage, why in one.stuck[:MOST_STUCK]:
            yield f"stuck in {one.policy} {one.label}: {case} at {stage}: {why}"


def _of_stage(stage: str, found: list[Rehearsal]) -> Iterator[Any]:
    for one in found:
        figures = one.stages.get(stage)
        hours = figures.hours if figures is not None else []
        yield from (figures.done, figures.late) if figures is not None else (None, None)
        yield f"{sum(hours) / len(hours):.1f}" if hours else None


_FIGURES: tuple[tuple[str, Any], ...] = (
    ("cases opened", lambda r: r.opened),
    ("closed", lambda r: r.closed),
    ("finished", lambda r: r.finished),
    ("in time", lambda r: "–" if r.on_time is None else f"{r.on_time:.0%} of {r.promises}"),
    ("reminders", lambda r: r.notices["reminder"]),
    ("reminder slips", lambda r: r.notices["reminder_slip"]),
    ("escalations", lambda r: r.notices["escalation"]),
    ("working days in all", lambda r: f"{r.days:.0f}"),
    ("stuck", lambda r: len(r.stuck)),
)


# --- versions -----------------------------------------------------------------------------------------------------


@click.command("diff")
@click.argument("name", metavar="ID")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--wording", is_flag=True, help="Texts and clauses too.")
@as_json
def diff(name: str, file: Path | None, language: str, wording: bool, as_json: bool) -> None:
    """Say what a policy file changes against the version in force, and which open cases stand where it changes."""
    with opened() as office:
        digest = office.store.shelf.in_force(name)
        if digest is None:
            raise click.UsageError(f"No version of “{name}” is in force in this desk.")
        old = office.store.shelf.texts(digest)[name]
        path = file or policy_folder_of(name, office.settings.policies) / f"{name}.yml"
        new = load_policy_or_end(path)
        found = changes(read_yaml(old).data, read_yaml(path.read_bytes()).data)
        found = [c for c in found if wording or not c.is_wording]
        stands = list(touched(_open_cases(office, name), found, new))
    lines = [sentence(change, new, language) for change in found] or ["Nothing that is decided is different."]
    lines += [f"open case {t.name}: {_where(t)}" for t in stands]
    shown = [{"path": c.path, "was": c.was, "now": c.now} for c in found]
    show({"policy": name, "in_force": digest, "changes": shown, "open_cases": stands}, lines, as_json=as_json)


def load_policy_or_end(path: Path) -> Policy:
    try:
        return load_policy(path)
    except PolicyRefused as refused:
        raise click.ClickException(str(refused)) from None


def _where(one: Touched) -> str:
    parts = [f"stands at {', '.join(one.changed)}, which changes"] if one.changed else []
    parts += [f"stands at {', '.join(one.gone)}, which the new version does not have"] if one.gone else []
    return "; ".join(parts)


def _open_cases(office: Office, policy: str) -> Iterator[Case]:
    for line in office.store.reader.lines(status=("open", "closed"), policy=policy, limit=EVERY_CASE):
        case = office.store.reader.case(line.case_id)
        if case is not None:
            yield case


@click.command("migrate")
@click.argument("name", metavar="ID")
@click.option("--reason", required=True, help="Why; it stays in the log of each case.")
@click.option("--map", "pairs", multiple=True, metavar="OLD=NEW", help="What a stage is called in the new version.")
@click.option("--case", "numbers", multiple=True, metavar="NO", help="Only this case (may be repeated).")
@click.option("--dry-run", is_flag=True, help="Say which cases would move, and change nothing.")
@as_json
def migrate(
    name: str, reason: str, pairs: tuple[str, ...], numbers: tuple[str, ...], dry_run: bool, as_json: bool
) -> None:
    """Move open cases to the version in force; each move is recorded, cases that can't move stay as they are."""
    stages = dict(_pair(pair) for pair in pairs)
    moved: list[dict[str, Any]] = []
    with opened() as office:
        digest = office.store.shelf.in_force(name)
        if digest is None:
            raise click.UsageError(f"No version of “{name}” is in force in this desk.")
        officer = office.watched.plan().officer
        for case in [c for c in _open_cases(office, name) if c.bundle != digest and (not numbers or c.name in numbers)]:
            key = f"{case.id}:version:{case.seq}:{digest}"
            command = ChangeVersion(
                actor=officer, key=key, case_id=case.id, bundle=digest, reason=reason, stages=stages
            )
            moved.append({"case": case.name, "from": case.bundle, "problem": _moved(office, command, dry_run)})
    lines = [f"{m['case']}: {m['problem'] or ('would move' if dry_run else 'moved')}" for m in moved]
    show(moved, lines or ["No open case runs on another version."], as_json=as_json)
    if any(m["problem"] for m in moved):
        raise click.exceptions.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    old, equals, new = text.partition("=")
    if not (old and equals and new):
        raise click.UsageError(f"“{text}” is no pair; write --map OLD=NEW with the ids of two stages.")
    return old.strip(), new.strip()


def _moved(office: Office, command: ChangeVersion, dry_run: bool) -> str | None:
    """Move a case and return None, or say why it can't; a dry run decides the same and records nothing."""
    try:
        if dry_run:
            office.desk.record.submit(lambda tx: _tried(office, tx, command)).result()
        else:
            office.desk.submit(command).result()
    except _OnlyTried:
        return None
    except Refusal as refusal:
        reply = explain(refusal, "en", About(plan=office.watched.plan()))
        return f"{reply.title}. {reply.body}"
    return None


class _OnlyTried(Exception):
    """Ends a transaction that was only tried."""


def _tried(office: Office, tx: Tx, command: ChangeVersion) -> None:
    office.desk.take(tx, command, office.desk.clock.now())
    raise _OnlyTried


# --- a new one ----------------------------------------------------------------------------------------------------


@click.command("new")
@click.argument("name", metavar="ID")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="The file; unsaid: ID.yml here.")
@as_json
def new(name: str, output: Path | None, as_json: bool) -> None:
    """Ask a few questions and write a first, commented policy file that passes the check."""
    path = output or Path(f"{name}.yml")
    if path.exists():
        raise click.UsageError(f"{path} is there already; name another file with --output.")
    if path.stem != name or not re.fullmatch(POLICY_ID_PATTERN, name):
        raise click.UsageError(f"“{name}” must be the name of the file, in small letters, digits, - and _.")
    path.write_text(policy_text(_asked(name)), "utf-8")
    findings = examine_file(path)[1]
    data = {"file": str(path), "errors": len(errors_of(findings))}
    hint = f"Now read it beside the printed text, then: redress policy check {path}"
    show(data, [f"{path} is written.", hint], as_json=as_json)


def _asked(name: str) -> Answers:
    text = click.prompt("Name of the regulation", default=name, err=True)
    click.echo("Stages in order, one line each: id: role: limit. An empty line ends the list.", err=True)
    stages: list[StageAnswer] = []
    while True:
        default = DEFAULT_STAGES[len(stages)] if len(stages) < len(DEFAULT_STAGES) and _is_default(stages) else None
        shown = f"{default.id}: {default.role}: {default.limit}" if default else ""
        line = click.prompt(f"Stage {len(stages) + 1}", default=shown, show_default=bool(shown), err=True)
        if not line.strip():
            break
        try:
            stages.append(parse_stage(line))
        except ValueError as wrong:
            click.echo(str(wrong), err=True)
    limit = click.prompt("Limit of the whole case", default="10 working days", value_proc=_limit, err=True)
    callback = click.prompt("Which role calls the customer back (- for nobody)", default="-", err=True).strip()
    top = click.prompt("Role at the top", default="general_manager", err=True).strip()
    return Answers(
        id=name,
        text=text,
        stages=tuple(stages) or DEFAULT_STAGES,
        case_limit=limit,
        top=top,
        callback_by=None if callback == "-" else callback,
    )


def _is_default(stages: list[StageAnswer]) -> bool:
    return all(stage == usual for stage, usual in zip(stages, DEFAULT_STAGES, strict=False))


def _limit(text: str) -> str:
    try:
        parse_limit(text)
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from None
    return text
