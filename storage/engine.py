"""Connections: SQLite as PERFORMANCE §1.5 wants it, PostgreSQL through psycopg 3."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

BUSY_TIMEOUT_MS = 10_000
"""A backstop against other processes (the command line); our own writers queue up instead of waiting for locks."""

# FULL: the log is flushed at each commit, so an acknowledged click survives a power loss if the disk honours
# flushes. NORMAL would flush only at checkpoints and may roll recent commits back. Checkpoints are made by a thread of their own
# (`checkpoints.py`); the pages here (64 MiB) are what the writer does itself when that thread lags behind.
_WRITER_PRAGMAS = {
    "busy_timeout": BUSY_TIMEOUT_MS,
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "wal_autocheckpoint": 16_384,
    "cache_size": -8_192,
    "secure_delete": "ON",  # erased words leave no bytes in free pages
    "temp_store": "MEMORY",
}
# No mmap_size: pages of the file that each of sixteen connections maps count as memory of the process (300 MiB more with a
# million cases), and reads are no faster for it.
_READER_PRAGMAS = {
    "busy_timeout": BUSY_TIMEOUT_MS,
    "cache_size": -4_096,
    "query_only": "ON",
    "temp_store": "MEMORY",
}

# A server that vanishes without a word (its machine, the network) is noticed after a minute; by itself after hours.
_NOTICED_WHEN_GONE = {
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}


class WrongDatabase(ValueError):
    """The database URL can't be used; the message says what to write instead."""


@dataclass(frozen=True, kw_only=True)
class Engines:
    """One database, twice: for the writers, and for reads that never wait in their queue."""

    write: Engine
    read: Engine

    @property
    def is_sqlite(self) -> bool:
        return self.write.dialect.name == "sqlite"

    def dispose(self) -> None:
        self.read.dispose()
        self.write.dispose()


def open_engines(url: str, *, writers: int = 4, readers: int = 8) -> Engines:
    """Return engines for a SQLAlchemy URL. Raises: WrongDatabase."""
    parsed = checked(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, readers)
    return _postgresql(parsed, writers, readers)


def checked(url: str) -> URL:
    """Return the parts of a URL that names a SQLite file or a PostgreSQL database. Raises: WrongDatabase."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError as error:
        raise WrongDatabase(
            f"REDRESS_DATABASE_URL can't be read ({error}); write sqlite:////folder/redress.sqlite3 "
            "or postgresql://user:password@host/database"
        ) from None
    if backend not in ("sqlite", "postgresql"):
        raise WrongDatabase(f"REDRESS_DATABASE_URL names {backend}; Redress keeps its record in SQLite or PostgreSQL")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise WrongDatabase("REDRESS_DATABASE_URL names no file; write sqlite:////folder/redress.sqlite3")
    return parsed


def _sqlite(url: URL, readers: int) -> Engines:
    path = Path(url.database or "")
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = url.set(drivername="sqlite")
    args: dict[str, Any] = {"isolation_level": None, "check_same_thread": False, "cached_statements": 256}
    write = create_engine(plain, connect_args=args, pool_size=2, max_overflow=4)
    read = create_engine(plain, connect_args=args, pool_size=readers, max_overflow=readers)
    _set_pragmas(write, _WRITER_PRAGMAS)
    _set_pragmas(read, _READER_PRAGMAS)
    return Engines(write=write, read=read)


def _set_pragmas(engine: Engine, pragmas: dict[str, Any]) -> None:
    def on_connect(connection: Any, _: Any) -> None:
        for name, value in pragmas.items():
            _set_pragma(connection, f"PRAGMA {name}={value}")

    event.listen(engine, "connect", on_connect)


def _set_pragma(connection: Any, statement: str) -> None:
    """Run a PRAGMA. SQLite itself waits for nobody when a new file becomes a WAL one while other processes open it."""
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute(statement).close()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _postgresql(url: URL, writers: int, readers: int) -> Engines:
    plain = url.set(drivername="postgresql+psycopg")
    args = {"options": "-c timezone=UTC", "application_name": "redress", "connect_timeout": 10, **_NOTICED_WHEN_GONE}
    shared: dict[str, Any] = {"connect_args": args, "pool_pre_ping": True}
    write = create_engine(plain, pool_size=writers + 1, max_overflow=2, **shared)
    read = create_engine(plain, pool_size=readers, max_overflow=readers, isolation_level="AUTOCOMMIT", **shared)
    return Engines(write=write, read=read)
