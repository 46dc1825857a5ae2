"""Lines of registers in words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from complaints.register_lines import RegisterLine
from complaints.views_words import is_money, money_text
from handlers.report_texts import Reader
from handlers.texts import when_plain


def register_head(columns: Iterable[str], reader: Reader) -> tuple[str, ...]:
    """Return the heads of the columns: when and for which case it was entered, then the register's own."""
    own = (reader.policy.label(column, reader.language) for column in columns)
    return (reader.say("report.head.entered"), reader.say("report.head.case"), *own)


def register_cells(line: RegisterLine, columns: Iterable[str], reader: Reader) -> tuple[str, ...]:
    """Return a line as words; what was erased says so."""
    at = when_plain(line.at, reader.language, reader.plan.timezone, "at")
    return (at, line.name, *(cell_text(line, column, reader) for column in columns))


def cell_text(line: RegisterLine, column: str, reader: Reader) -> str:
    text = line.text(column)
    if text is None:
        return reader.say("report.erased")
    value = line.row.get(column)
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return "; ".join(reader.group(column, v) for v in value)
    if column in ("late_unit",):
        return reader.unit(text) if text else ""
    if column in ("stage", "late_stage", "outcome"):
        return reader.policy.label(text, reader.language) if text else ""
    if text and is_money(column, reader.policy):
        return money_text(text, reader.policy, reader.language)
    return reader.group(column, text) if text else ""


def register_plain(line: RegisterLine, columns: Iterable[str]) -> dict[str, Any]:
    """Return a line for other programs: ids and values, words as text, None where they were erased."""
    return {
        "case": line.name, "entered_at": line.at, "register": line.register,
        "row": {column: line.text(column) for column in columns},
    }  # fmt: skip
