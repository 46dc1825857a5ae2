"""Instants in the database: aware UTC in Python, fixed-width text on SQLite, `timestamptz` on PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import TIMESTAMP, Dialect, String
from sqlalchemy.types import TypeDecorator, TypeEngine


class NaiveInstant(ValueError):
    """An instant without a zone was given; nobody can say when it is."""


def aware_utc(at: datetime) -> datetime:
    """Return *at* in UTC. Raises: NaiveInstant."""
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise NaiveInstant(f"{at.isoformat()} has no time zone; give an aware instant")
    return at.astimezone(UTC)


def to_text(at: datetime) -> str:
    """Return *at* as `2025-11-21T03:04:05.000000Z`: always 27 characters, so that text order is time order."""
    return _text_of(at if at.tzinfo is UTC else aware_utc(at))


@lru_cache(1024)  # one act writes the same few instants again and again
def _text_of(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")[:26] + "Z"


def from_text(text: str) -> datetime:
    """Return the instant that `to_text` wrote."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; naive ones are refused."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        wanted: TypeEngine[Any] = TIMESTAMP(timezone=True) if dialect.name == "postgresql" else String(27)
        return dialect.type_descriptor(wanted)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        return aware_utc(value) if dialect.name == "postgresql" else to_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return aware_utc(value) if isinstance(value, datetime) else from_text(value)
