"""What went wrong below the record, told by its code: never by its text, which may quote somebody's words."""

from __future__ import annotations

import errno
import sqlite3

import psycopg
from sqlalchemy.exc import SQLAlchemyError

DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, psycopg.Error)
"""What a database ends in: under SQLAlchemy, and past it (`storage.wire`)."""
FULL = "the disk is full; make room where the database and REDRESS_DATA are"
_REMEDIES = {
    "SQLITE_FULL": FULL, "53100": FULL, "ENOSPC": FULL, "EDQUOT": FULL,
    "SQLITE_BUSY": "another program holds the database; end it (an open shell, a copy, another tool)",
    "SQLITE_READONLY": "the database can't be written; give the bot's account its file and folder",
    "SQLITE_CANTOPEN": "the database can't be opened; give the bot's account its file and folder",
    "SQLITE_NOTADB": "that file is no database; look at REDRESS_DATABASE_URL, or restore the last backup",
    "SQLITE_IOERR": "the disk fails or is full; look at it, and at the system's log",
    "SQLITE_CORRUPT": "the database is damaged; keep the file, and restore the last backup",
    "53300": "the server takes no more connections; raise max_connections, or run fewer bots",
    "25006": "the server takes no writes, a standby or one that is set so; name in REDRESS_DATABASE_URL the one that does",
    "42501": "the account may not do that there; make it the owner of the tables",
    "28P01": "the password is refused; look at REDRESS_DATABASE_URL",
}  # fmt: skip
OTHERWISE = "see that it runs, can be reached and has room; the bot goes on by itself as soon as it answers"


def code_of(error: BaseException | None) -> str | None:
    """Return the code by which SQLite, PostgreSQL or the system calls *error* (or what it came from); None if it has none."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        code = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
        if code is None and isinstance(error, OSError) and not isinstance(error, sqlite3.Error):
            code = errno.errorcode.get(error.errno or 0)
        if code is not None:
            return str(code)
        error = getattr(error, "orig", None) or error.__cause__ or error.__context__
    return None


def named(error: BaseException) -> str:
    """Return the kind of *error* with its code, as it may be logged."""
    code = code_of(error)
    return f"{type(error).__name__} ({code})" if code else type(error).__name__


def remedy(error: BaseException, otherwise: str = OTHERWISE) -> str:
    """Return what to do about *error* of the database or the disk; *otherwise* where its code says nothing."""
    code = code_of(error) or ""
    return next((todo for known, todo in _REMEDIES.items() if code.startswith(known)), otherwise)
