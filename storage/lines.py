"""Cases as lines of a list: asked by reporter, status, policy, values or text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, or_, select
from sqlalchemy.engine import RowMapping

from complaints.ports import CaseLine
from storage import customers
from storage.codec import load
from storage.counts import NOT_COUNTED, having
from storage.tables import case_fields, cases

_COLUMNS = (
    cases.c.id, cases.c.number, cases.c.old_number, cases.c.policy, cases.c.kind, cases.c.status, cases.c.reporter,
    cases.c.opened_at, cases.c.closed_at, cases.c.due_at, cases.c.outcome, cases.c.state,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """Which cases; None asks for all."""

    reporter: str | None = None
    status: Iterable[str] | None = None
    policy: str | None = None
    text: str | None = None
    same: Mapping[str, Any]
    since: datetime | None = None
    limit: int = 50
    case_ids: Iterable[str] | None = None


def ask(core: Connection, question: Question) -> list[CaseLine]:
    """Return the cases, the newest first."""
    asked = having(select(*_COLUMNS), question.same)
    if question.same:
        asked = asked.where(cases.c.status.not_in(NOT_COUNTED))
    asked = _narrowed(asked, question)
    if question.text and question.text.strip():
        asked = _with_text(core, asked, question.text.strip())
    asked = asked.order_by(cases.c.opened_at.desc(), cases.c.id.desc()).limit(question.limit)
    return [_line(row) for row in core.execute(asked).mappings()]


def _narrowed(asked: Select[Any], question: Question) -> Select[Any]:
    if question.reporter is not None:
        asked = asked.where(cases.c.reporter == question.reporter)
    if question.status is not None:
        asked = asked.where(cases.c.status.in_(list(question.status)))
    if question.policy is not None:
        asked = asked.where(cases.c.policy == question.policy)
    if question.since is not None:
        asked = asked.where(cases.c.opened_at >= question.since)
    if question.case_ids is not None:
        asked = asked.where(cases.c.id.in_(list(question.case_ids)))
    return asked


def _with_text(core: Connection, asked: Select[Any], text: str) -> Select[Any]:
    found = cases.c.search.contains(text.casefold(), autoescape=True)
    codes = [customer.code for customer in customers.matching(core, text, 20)]
    if not codes:
        return asked.where(found)
    names_one = exists().where(case_fields.c.case_id == cases.c.id, case_fields.c.value.in_(codes))
    return asked.where(or_(found, names_one))


def _line(row: RowMapping) -> CaseLine:
    state = load(row["state"])
    open_visits = (v for v in state.get("visits", {}).values() if v.get("ended") is None)
    return CaseLine(
        case_id=row["id"], name=row["number"] or row["old_number"] or row["id"], policy=row["policy"],
        kind=row["kind"], status=row["status"], reporter=row["reporter"], opened_at=row["opened_at"],
        closed_at=row["closed_at"], due_at=row["due_at"], outcome=row["outcome"], fields=state.get("fields", {}),
        stages=tuple(dict.fromkeys(v["stage"] for v in open_visits)),
    )  # fmt: skip
