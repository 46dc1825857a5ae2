"""Open paper cases from a CSV file, through the same door as everything else."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import zip_longest
from zoneinfo import ZoneInfo

from complaints.commands import ImportCase
from complaints.people import DeskPlan, is_member_id
from complaints.refusals import FieldErrors, Refusal
from handlers.errors import problem_text
from handlers.payloads import whole

NEEDED = ("old_number", "stage", "received_at", "reporter")
KNOWN = (*NEEDED, "policy", "clock_started_at")
ACTOR = "import"
LONGEST_NUMBER = 60
FIRST_YEAR, LAST_YEAR = 1970, 2100


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
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True)
    found: list[Row] = []
    try:
        header = [name.strip() for name in next(rows, [])]
        if wrong := _header_problem(header):
            return [Row(line=1, wrong=wrong)]
        seen: dict[str, int] = {}
        for cells in rows:
            if any(cell.strip() for cell in cells):
                found.append(_once(_line(rows.line_num, header, cells, plan), seen))
    except csv.Error as error:
        found.append(Row(line=rows.line_num, wrong=f"this is not CSV ({error}); check the quotation marks"))
    return found


def _header_problem(header: list[str]) -> str:
    missing = [name for name in NEEDED if name not in header]
    if missing:
        return f"there is no column {', '.join(missing)}; needed are {', '.join(NEEDED)}"
    twice = sorted({name for name in header if name and header.count(name) > 1})
    return f"the column {', '.join(twice)} stands there twice; remove one" if twice else ""


def _once(row: Row, seen: dict[str, int]) -> Row:
    before = seen.setdefault(row.command.key, row.line) if row.command is not None else row.line
    return row if before == row.line else Row(line=row.line, wrong=f"the old number stands in line {before} already")


def _line(line: int, header: list[str], cells: list[str], plan: DeskPlan) -> Row:
    """Return a line of the file; nothing of it is left out in silence."""
    if len(cells) > len(header):
        wrong = f"{len(cells)} values for {len(header)} columns; put values with a comma in quotation marks"
        return Row(line=line, wrong=wrong)
    row = {name: cell.strip() for name, cell in zip_longest(header, cells, fillvalue="") if name}
    unkept = [name for name, cell in row.items() if whole(cell) != cell]
    if unkept:
        return Row(line=line, wrong=f"{', '.join(unkept)} has a character that no database keeps; remove it")
    return _row(line, row, plan)


def _row(line: int, cells: Mapping[str, str], plan: DeskPlan) -> Row:
    empty = [name for name in NEEDED if not cells.get(name)]
    if empty:
        return Row(line=line, wrong=f"{', '.join(empty)} is empty")
    if len(cells["old_number"]) > LONGEST_NUMBER or not cells["old_number"].isprintable():
        return Row(line=line, wrong=f"old_number has hidden characters or more than {LONGEST_NUMBER}; write it plainly")
    if not is_member_id(cells["reporter"]):
        return Row(line=line, wrong="the reporter is no member id of Slack; write one such as U01ABCDEF")
    policy = cells.get("policy") or (plan.policies[0] if len(plan.policies) == 1 else "")
    if policy not in plan.policies:
        return Row(line=line, wrong=f"the policy is none of this desk's: {', '.join(plan.policies)}")
    try:
        received = _instant(cells["received_at"], plan.timezone)
        started = _instant(cells.get("clock_started_at") or cells["received_at"], plan.timezone)
    except (ValueError, OverflowError):
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
    """Return the instant; a day alone means its beginning. Raises ValueError, OverflowError: it is none of our times."""
    found = datetime.fromisoformat(text)
    if len(text) <= len("2026-11-03"):
        found = datetime.combine(found.date(), time(0))
    found = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
    if not FIRST_YEAR <= found.astimezone(UTC).year < LAST_YEAR:
        raise ValueError(text)
    return found


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
