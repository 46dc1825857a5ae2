"""Logging: ids and figures, never the words of a complaint, a name, a phone number or a token."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from types import TracebackType
from typing import Any

import structlog

from bot.threads import place
from storage.faults import named

SAFE_TEXTS = frozenset(
    (
        "event", "level", "logger", "timestamp", "path", "where", "fault", "row", "card", "case", "visit", "deadline",
        "stage", "kind", "to", "channel", "thread_ts", "ts", "member", "key", "error", "errors", "instead", "why",
        "state", "policy", "bundle", "label", "role", "host", "url", "port", "database", "version", "team", "app",
        "bot", "scope", "method", "action", "command", "view_id", "modal", "reason", "reference", "file", "transport",
        "name", "job", "since", "status", "signal", "slack",
    )
)  # fmt: skip
"""Fields whose text may be logged. A text under any other name is withheld, whoever wrote the call."""

WITHHELD = "(withheld)"
LONGEST = 300
QUIET = {
    "slack_sdk": logging.INFO, "slack_bolt": logging.INFO, "aiohttp": logging.WARNING, "asyncio": logging.WARNING,
    "apscheduler": logging.CRITICAL, "uvicorn": logging.WARNING, "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
}  # fmt: skip
"""The least level of others' loggers, whatever ours is: on DEBUG they print payloads."""

_SECRETS = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=//)[^/@\s:]+:[^/@\s]+(?=@)|ticket=[^&\s]+|hooks/\S+"
    r"|\b(?:password|passwd|secret)=(?:'[^']*'|[^&\s]+)",
    re.I,
)
_Event = MutableMapping[str, Any]


def mask(text: str) -> str:
    """Return *text* on one line, without tokens and passwords, cut to a length that a log bears."""
    masked = _SECRETS.sub("(secret)", " ".join(text.split()))
    return masked if len(masked) <= LONGEST else f"{masked[:LONGEST]}…"


def redact(_: Any, __: str, event: _Event) -> _Event:
    """Keep ids and figures; withhold every text that does not stand under a name known to be harmless."""
    for name, value in event.items():
        event[name] = _harmless(name, value)
    return event


def _harmless(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if name not in SAFE_TEXTS:
        return WITHHELD
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless(name, v) for v in value]
    if isinstance(value, Mapping):
        return WITHHELD
    return mask(str(value))


def tell_fault(_: Any, __: str, event: _Event) -> _Event:
    """Say of an exception what it is and where, not its text: that may quote somebody's words."""
    error = _exception(event.pop("exc_info", None))
    if error is not None:
        event["fault"] = named(error)
        event["where"] = _where(error.__traceback__)
        cause = error.__cause__ or error.__context__
        if cause is not None:
            event["fault"] += f" from {type(cause).__name__}"
    return event


def _exception(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        error: BaseException | None = given[1]
        return error
    return sys.exc_info()[1] if given else None


def _where(trace: TracebackType | None) -> list[str]:
    return [place(f.filename, f.lineno or 0) for f in traceback.extract_tb(trace)[-4:]]


def cut_foreign(_: Any, __: str, event: _Event) -> _Event:
    """Keep of others' log lines what stands before the first brace: payloads come after it."""
    if "_record" in event:
        event["event"] = str(event.get("event", "")).split("{")[0].split("\n")[0]
    return event


def set_up_logs(level: str, *, as_json: bool | None = None) -> None:
    """Send structlog and the standard library's logging to stderr, redacted; JSON unless somebody is watching."""
    as_json = not sys.stderr.isatty() if as_json is None else as_json
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(allow=("case", "deadline", "why")),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        cut_foreign,
        tell_fault,
    ]
    last = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(least, logging.getLevelName(level)))
