"""One call of the Web API: its arguments, and the table of methods."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.problems import SlackProblem
from sandbox.standin import StandIn
from sandbox.world.workspace import Workspace


@dataclass
class Call:
    """A call that is already known to come from the app."""

    desk: StandIn
    name: str
    arguments: dict[str, Any]

    @property
    def workspace(self) -> Workspace:
        return self.desk.workspace

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def flag(self, name: str) -> bool:
        return str(self.arguments.get(name, "")).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        value = self.arguments.get(name)
        if value in (None, ""):
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            raise invalid(f"must be an integer [json-pointer:/{name}]") from None

    def structure(self, name: str, error: str) -> Any:
        """Return an argument that is an object or a list, given as such or as a JSON string."""
        value = self.arguments.get(name)
        if not isinstance(value, str):
            return value
        if not value.strip():
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise SlackProblem(error) from None

    def needed(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise invalid(f"missing required field: {name}")
        return value

    def need_scope(self, *any_of: str) -> None:
        """Refuse the call unless the app has one of the scopes."""
        provided = self.workspace.app.scopes
        if any_of and not provided & set(any_of):
            raise SlackProblem("missing_scope", needed=",".join(any_of), provided=",".join(sorted(provided)))


def invalid(line: str) -> SlackProblem:
    return SlackProblem("invalid_arguments", response_metadata={"messages": [f"[ERROR] {line}"]})


Run = Callable[[Call], dict[str, Any]]


@dataclass(frozen=True)
class Method:
    """*tier* None is Slack's “special”. *scopes*: one of them is needed."""

    run: Run
    tier: int | None
    scopes: tuple[str, ...]
    token: str = "bot"


METHODS: dict[str, Method] = {}


def method(name: str, *scopes: str, tier: int | None = None, token: str = "bot") -> Callable[[Run], Run]:
    """Enter the function below in the table of methods under Slack's *name*."""

    def register(run: Run) -> Run:
        METHODS[name] = Method(run, tier, scopes, token)
        return run

    return register


async def read_arguments(request: web.Request) -> tuple[dict[str, Any], str | None]:
    """Return the arguments of a request (query, form or JSON) and its token."""
    arguments: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except ValueError:
            raise SlackProblem("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackProblem("json_not_object")
        arguments |= body
    elif request.can_read_body:
        arguments |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    token = arguments.pop("token", None)
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    return arguments, bearer.strip() if scheme.lower() == "bearer" else token
