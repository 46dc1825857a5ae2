"""Cursors."""

from __future__ import annotations

import base64
from typing import Any, TypeVar

from sandbox.problems import SlackProblem
from sandbox.web_api.call import Call, invalid

T = TypeVar("T")
LIMIT_MOST = 1_000


def page_of(call: Call, everything: list[T], *, default: int, most: int = LIMIT_MOST) -> tuple[list[T], dict[str, Any]]:
    """Return one page, and the `response_metadata` with the cursor of the next."""
    limit = call.number("limit", default) or default
    if limit < 0 or limit > most:
        raise invalid(f"must be between 1 and {most} [json-pointer:/limit]")
    start = _start(call.text("cursor"))
    following = start + limit
    cursor = base64.b64encode(f"next:{following}".encode()).decode() if following < len(everything) else ""
    return everything[start:following], {"response_metadata": {"next_cursor": cursor}}


def _start(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor).decode().removeprefix("next:"))
    except ValueError:
        raise SlackProblem("invalid_cursor") from None
