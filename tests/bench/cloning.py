"""Many cases from one: its rows are copied in the database, under new ids and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Table, text

from storage.tables import (
    acts,
    case_fields,
    case_past,
    cases,
    deadlines,
    events,
    metadata,
    notices,
    open_seats,
    posted_cards,
    words,
)

WHOLE = (events, words, acts, cases, case_past, case_fields, open_seats, deadlines, notices)
"""All that belongs to a case but what is to be sent: the outbox of the copies is empty."""

LIGHT = (cases, open_seats, deadlines)
"""What a sweep, a list and a start look at, without history."""

CHUNK = 20_000
_OWNED = {cases: "id", events: "log_id", words: "log_id", acts: "log_id"}
_TEXTS_WITH_ID = {("words", "id"), ("acts", "key"), ("cases", "state"), ("cases", "search"), ("notices", "id")}


def clone_id(prefix: str, number: int) -> str:
    return f"{prefix}-{number:07d}"


def clone(
    core: Connection, template: str, prefix: str, count: int, tables: Sequence[Table] = WHOLE, *, first: int = 0
) -> list[str]:
    """
    Copy the case *template* *count* times and return the new ids, which are numbered from *first* on.

    The copies' logs are as long as the template's, but their hashes are the template's too: chains of copies do not
    verify, which no benchmark asks for. *template* must occur in texts only as the id.
    """
    core.execute(text("CREATE TEMPORARY TABLE IF NOT EXISTS bench_ids (i INTEGER, id TEXT)"))
    ids = [clone_id(prefix, first + i) for i in range(count)]
    for start in range(0, count, CHUNK):
        core.execute(text("DELETE FROM bench_ids"))
        rows = [{"i": i, "id": ids[i]} for i in range(start, min(start + CHUNK, count))]
        core.execute(text("INSERT INTO bench_ids (i, id) VALUES (:i, :id)"), rows)
        for table in tables:
            core.execute(text(_copying(table)), {"template": template})
    return ids


def _copying(table: Table) -> str:
    names = [c.name for c in table.columns if c is not table.autoincrement_column]
    values = ", ".join(_value(table, n) for n in names)
    owner = _OWNED.get(table, "case_id")
    # The ids come first, so that rows are written in the order of the ids, as a desk's life writes them.
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} FROM bench_ids n "
        f"CROSS JOIN {table.name} t WHERE t.{owner} = :template"
    )


def _value(table: Table, name: str) -> str:
    if name == _OWNED.get(table, "case_id"):
        return "n.id"
    if (table.name, name) == ("cases", "number"):
        return "CASE WHEN t.number IS NULL THEN NULL ELSE n.id END"
    if (table.name, name) == ("posted_cards", "ts"):
        return "t.ts || '.' || n.id"
    if (table.name, name) in _TEXTS_WITH_ID:
        return f"replace(t.{name}, :template, n.id)" if name != "key" else "t.key || '/' || n.id"
    return f"t.{name}"


def drop(core: Connection, prefix: str, tables: Iterable[Table] = WHOLE) -> None:
    """Take the copies away again."""
    for table in (*tables, posted_cards):
        owner = _OWNED.get(table, "case_id")
        core.execute(text(f"DELETE FROM {table.name} WHERE {owner} >= :low AND {owner} < :high"),
                     {"low": f"{prefix}-", "high": f"{prefix}."})  # fmt: skip


def count_rows(core: Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {t.name: int(_one(core, f"SELECT count(*) FROM {t.name}")) for t in metadata.sorted_tables}


def _one(core: Connection, sql: str) -> Any:
    return core.execute(text(sql)).scalar_one()
