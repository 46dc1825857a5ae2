"""A line of a register, as it was entered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterLine:
    """A line as it was entered. *name*: what people call the case; *row*: column to plain value, words as references."""

    case_id: str
    name: str
    policy: str
    register: str
    at: datetime
    row: Mapping[str, Any]
    words: Mapping[str, str | None]

    def text(self, column: str) -> str | None:
        """Return the words or the value of a column; None where words were erased, "" where there is nothing."""
        return plain_text(self.row.get(column), self.words)


def plain_text(value: Any, words: Mapping[str, str | None]) -> str | None:
    """Return a plain value as text, words by their reference."""
    match value:
        case None:
            return ""
        case {"$words": str(word)}:
            return words.get(word)
        case bool():
            return "yes" if value else "no"
        case list():
            return "; ".join(plain_text(v, words) or "" for v in value)
        case dict():
            return "; ".join(f"{k}: {plain_text(v, words) or ''}" for k, v in value.items())
        case _:
            return str(value)
