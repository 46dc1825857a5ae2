"""`redress policy simulate`: what the owner of a regulation tries out before it is put in force."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from bot.commands.common import as_json, show, table
from bot.in_force import policy_folder_of
from bot.settings import load_settings
from complaints.policy import LoadedPolicy
from complaints.policy_findings import PolicyRefused
from complaints.rehearsal import Assumptions, Rehearsal
from complaints.simulation import rehearse
from complaints.workdays import WorkCalendar
from storage.calendars import load_calendar, read_calendar
from storage.policy_files import load_bundle

START = datetime(2026, 1, 5, 0, 0, tzinfo=UTC)
MOST_STUCK = 10


def bundle_of(name: str) -> LoadedPolicy:
    """Return a policy by its id or by the path of its file; the command ends with one sentence when it can't be read."""
    path = Path(name)
    folder = path.parent if path.suffix == ".yml" else policy_folder_of(name, load_settings().policies)
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
    return rehearse(bundle_of(name), assumed, calendar, START)


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
