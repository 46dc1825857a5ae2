"""Open paper cases from a CSV file, through the same door as everything else."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from complaints.commands import ImportCase
from complaints.people import DeskPlan
from complaints.refusals import FieldErrors, Refusal
from handlers.errors import problem_text

NEEDED = ("old_number", "stage", "received_at", "reporter")
KNOWN = (*NEEDED, "policy", "clock_started_at")
ACTOR = "import"


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A line of the file (1 is the header): the command, or what is wrong."""

    line: int
    command: ImportCase | None = None
    wrong: str = ""


def read_cases(text: str, plan: DeskPlan) -> list[Row]:
    """
    Return a command or a complaint for each line.

    Columns: old_number, stage, received_at, reporter; policy (where the desk has several), clock_started_at (else
    received_at); every other column is a field of the policy. Days and times without a zone are the desk's.
    """
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    missing = [name for name in NEEDED if name not in (rows.fieldnames or ())]
    if missing:
        return [Row(line=1, wrong=f"there is no column {', '.join(missing)}; needed are {', '.join(NEEDED)}")]
    seen: dict[str, int] = {}
    found = []
    for cells in rows:
        row = _row(rows.line_num, {k: (v or "").strip() for k, v in cells.items() if k}, plan)
        if row.command is not None:
            before = seen.setdefault(row.command.key, row.line)
            if before != row.line:
                row = Row(line=row.line, wrong=f"the old number stands in line {before} already")
        found.append(row)
    return found


def _row(line: int, cells: Mapping[str, str], plan: DeskPlan) -> Row:
    empty = [name for name in NEEDED if not cells.get(name)]
    if empty:
        return Row(line=line, wrong=f"{', '.join(empty)} is empty")
    policy = cells.get("policy") or (plan.policies[0] if len(plan.policies) == 1 else "")
    if policy not in plan.policies:
        return Row(line=line, wrong=f"the policy is none of this desk's: {', '.join(plan.policies)}")
    try:
        received = _instant(cells["received_at"], plan.timezone)
        started = _instant(cells.get("clock_started_at") or cells["received_at"], plan.timezone)
    except ValueError:
        return Row(line=line, wrong="a date can't be read; write it as 2026-11-03 or 2026-11-03T14:30")
    return Row(line=line, command=_command(cells, policy, received, started))


def _command(cells: Mapping[str, str], policy: str, received: datetime, started: datetime) -> ImportCase:
    old = cells["old_number"]
    digest = hashlib.sha256(f"{policy}\n{old}".encode()).hexdigest()[:16]
    return ImportCase(
        actor=ACTOR,
        key=f"import:{policy}:{digest}",
        case_id=f"i{digest}",
        policy=policy,
        old_number=old,
        received_at=received,
        clock_started_at=started,
        stage=cells["stage"],
        reporter=cells["reporter"],
        fields={name: value for name, value in cells.items() if name not in KNOWN and value},
    )


def _instant(text: str, zone: str) -> datetime:
    """Return the instant; a day alone means its beginning."""
    found = datetime.fromisoformat(text)
    if len(text) <= len("2026-11-03"):
        found = datetime.combine(found.date(), time(0))
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def said(refusal: Refusal) -> str:
    """Return in a sentence why a case was not taken."""
    if isinstance(refusal, FieldErrors):
        return "; ".join(_problem(name, reason, facts) for name, (reason, facts) in refusal.errors.items())
    return f"{refusal.reason.replace('_', ' ')}{_facts(refusal.facts)}"


def _problem(name: str, reason: str, facts: Mapping[str, object]) -> str:
    """Return the sentence that a form says, and what it may have instead: no list stands beside a file."""
    sentence = problem_text(name, (reason, facts), "en", "UTC", None)
    return f"{name}: {sentence}{_facts({k: v for k, v in facts.items() if k in ('value', 'choices')})}"


def _facts(facts: Mapping[str, object]) -> str:
    shown = list(_shown(facts))
    return f" ({', '.join(shown)})" if shown else ""


def _shown(facts: Mapping[str, object]) -> Iterator[str]:
    for name, value in facts.items():
        if isinstance(value, list | tuple):
            yield f"{name}: {', '.join(map(str, value))}"
        elif isinstance(value, str | int):
            yield f"{name}: {value}"
