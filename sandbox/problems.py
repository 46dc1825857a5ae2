"""The two ways in which the sandbox says no."""

from __future__ import annotations

from typing import Any


class SlackProblem(Exception):
    """A Web API call is refused: *code* is Slack's error word, *extra* goes into the answer beside it."""

    def __init__(self, code: str, *, status: int = 200, retry_after: int | None = None, **extra: Any):
        super().__init__(code)
        self.code = code
        self.status = status
        self.retry_after = retry_after
        self.extra = extra

    def answer(self) -> dict[str, Any]:
        return {"ok": False, "error": self.code, **self.extra}


class ActProblem(Exception):
    """A person cannot do that: there is no such button, channel, command or person."""
