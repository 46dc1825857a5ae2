"""The registers, read from the logs: lines as they were entered, found by register, period or words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, literal_column, or_, select

from complaints.case import MERGED, VOID
from complaints.register_lines import RegisterLine
from storage.codec import load
from storage.tables import cases, events, words
from storage.words import named_in

ENTERED: ColumnElement[str] = literal_column("'RegisterEntered'")
"""Written out, so that the partial index on these events is used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LineQuestion:
    """Which lines; None asks for all. *begin* inclusive, *end* exclusive, aware UTC."""

    policy: str | None = None
    register: str | None = None
    begin: datetime | None = None
    end: datetime | None = None
    text: str | None = None
    limit: int = 1000


def ask(core: Connection, question: LineQuestion) -> list[RegisterLine]:
    """Return lines, the newest first; those of void and merged cases are left out."""
    asked = (
        select(events.c.log_id, events.c.at, events.c.body, cases.c.number, cases.c.old_number, cases.c.policy)
        .join(cases, cases.c.id == events.c.log_id)
        .where(events.c.kind == ENTERED, cases.c.status.not_in((VOID, MERGED)))
        .order_by(events.c.at.desc(), events.c.log_id, events.c.seq.desc())
    )
    if question.policy is not None:
        asked = asked.where(cases.c.policy == question.policy)
    if question.register is not None:
        asked = asked.where(events.c.body.contains(f'"register":"{question.register}"', autoescape=True))
    if question.begin is not None:
        asked = asked.where(events.c.at >= question.begin)
    if question.end is not None:
        asked = asked.where(events.c.at < question.end)
    text = (question.text or "").strip().lower()
    if text:
        said = exists().where(
            words.c.log_id == events.c.log_id, func.lower(words.c.text).contains(text, autoescape=True)
        )
        asked = asked.where(or_(func.lower(events.c.body).contains(text, autoescape=True), said))
    found: list[RegisterLine] = []
    for rows in core.execute(asked).partitions(200):
        known = _words_of(core, [row.log_id for row in rows])
        found += [line for row in rows if (line := _line(row, known)).register and _has(line, question, text)]
        if len(found) >= question.limit:
            break
    return found[: question.limit]


def _words_of(core: Connection, log_ids: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    asked = select(words.c.log_id, words.c.id, words.c.text).where(words.c.log_id.in_(set(log_ids)))
    for log_id, word, text in core.execute(asked):
        found[log_id][word] = text
    return found


def _line(row: Any, known: Mapping[str, Mapping[str, str]]) -> RegisterLine:
    body, texts = load(row.body), known.get(row.log_id, {})
    return RegisterLine(
        case_id=row.log_id,
        name=row.number or row.old_number or row.log_id,
        policy=row.policy,
        register=body["register"],
        at=row.at,
        row=body["row"],
        words={word: texts.get(word) for word in named_in(body["row"])},
    )


def _has(line: RegisterLine, question: LineQuestion, text: str) -> bool:
    """Tell whether the line is of the register and has the words: another word of the case does not count."""
    if question.register is not None and line.register != question.register:
        return False
    return not text or any(text in (line.text(column) or "").lower() for column in line.row)
