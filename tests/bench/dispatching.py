"""What Bolt's dispatch costs with our listeners registered, when none of them does anything."""

from __future__ import annotations

import asyncio
import time
from typing import Any, cast

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from handlers.listeners import Listeners
from tests.bench.slack_requests import SECRET, TEAM, press

MICROSECONDS = 1e6


class _Idle(Listeners):
    """Our listeners, each of which acknowledges and does nothing."""

    async def on_click(self, body: dict[str, Any], ack: Any) -> None:
        await ack()

    async def on_event(self, body: dict[str, Any], ack: Any) -> None:
        await ack()


async def _authorize(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="xoxb-1", bot_id="B0", bot_user_id="U0BENCH")


def _app() -> AsyncApp:
    return AsyncApp(signing_secret=SECRET, authorize=_authorize, process_before_response=True)


def _with_all() -> AsyncApp:
    app = _app()
    _Idle(cast(Any, None), cast(Any, None)).register(app)
    return app


def _with_one(what: str) -> AsyncApp:
    app, idle = _app(), _Idle(cast(Any, None), cast(Any, None))
    if what == "click":
        app.action("visit.confirm")(idle.on_click)
    else:
        app.event("message")(idle.on_event)
    return app


def _body(what: str) -> dict[str, Any]:
    if what == "click":
        return press("UWANG", "visit.confirm", "1|case|1|1|", 1)
    event = {"type": "message", "user": "UWANG", "channel": "C1", "ts": "1.1", "thread_ts": "1.0", "text": "a word"}
    return {"type": "event_callback", "team_id": TEAM, "api_app_id": "A0", "event_id": "Ev1", "event": event,
            "authorizations": [{"team_id": TEAM, "user_id": "U0BENCH", "is_bot": True}]}  # fmt: skip


def dispatch_cost(what: str, count: int, runs: int) -> tuple[list[float], list[float]]:
    """Return the µs of a dispatch in each run: with one listener, and with all of ours."""
    one, every = _with_one(what), _with_all()
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs + 1):
        for app, times in zip((one, every), found, strict=True):
            times.append(asyncio.run(_dispatch(app, _body(what), count)))
    return found[0][1:], found[1][1:]


async def _dispatch(app: AsyncApp, body: dict[str, Any], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        answer = await app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        if answer.status != 200:
            raise RuntimeError(f"dispatch answered {answer.status}")
    return (time.perf_counter() - began) / count * MICROSECONDS
