"""
Filled databases of every schema that there was: `<version>.json.gz`, table to rows, as SQLite keeps them.

A new migration comes with the database before it: play the tour, then `python -m tests.storage.released FILE` with the
SQLite file that the bot wrote. (Nothing was released at 0001: its rows are those of 0002, taken back a version.)
"""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, select, text

FOLDER = Path(__file__).parent
BOOKKEEPING = "alembic_version"


def write(engine: Engine, version: str) -> Path:
    """Keep all rows of a SQLite database of that version, and return where."""
    tables = _tables(engine)
    with engine.connect() as core:
        rows = {t.name: [list(row) for row in core.execute(select(t))] for t in tables}
    content = {t.name: {"columns": list(t.columns.keys()), "rows": rows[t.name]} for t in tables}
    path = FOLDER / f"{version}.json.gz"
    path.write_bytes(gzip.compress(json.dumps(content, ensure_ascii=False).encode(), 9, mtime=0))
    return path


def fill(engine: Engine, version: str) -> None:
    """Put the kept rows into the empty tables of that version."""
    content = json.loads(gzip.decompress((FOLDER / f"{version}.json.gz").read_bytes()))
    with engine.begin() as core:
        for table in _tables(engine):
            kept = content[table.name]
            instants = {n for n in kept["columns"] if isinstance(table.columns[n].type, DateTime)}
            rows = [dict(zip(kept["columns"], row, strict=True)) for row in kept["rows"]]
            if rows:
                core.execute(table.insert(), [{n: _value(v, n in instants) for n, v in r.items()} for r in rows])
            if core.dialect.name == "postgresql" and "id" in table.columns and rows and isinstance(rows[0]["id"], int):
                last = max(row["id"] for row in rows)
                core.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), {last})"))


def _tables(engine: Engine) -> list[Any]:
    known = MetaData()
    known.reflect(engine)
    return [t for t in known.sorted_tables if t.name != BOOKKEEPING]


def _value(value: Any, is_instant: bool) -> Any:
    return datetime.fromisoformat(value) if is_instant and value is not None else value
