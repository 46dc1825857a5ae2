"""The words in blocks."""

from __future__ import annotations

from typing import Any


def texts_in(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for each in part for text in texts_in(each)]
    if not isinstance(part, dict):
        return []
    found = [part["text"]] if isinstance(part.get("text"), str) else []
    return found + [text for each in part.values() for text in texts_in(each)]
