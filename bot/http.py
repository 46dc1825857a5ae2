"""The HTTP side: Slack's signed requests where there is no Socket Mode, and health and metrics in any case."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import structlog
import uvicorn
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from bot.health import Pulse

log = structlog.get_logger(__name__)

EVENTS_PATH = "/slack/events"
MOST_DIGITS = 12
MOST_BYTES = 2 * 1024 * 1024
GRACE_SECONDS = 5
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Answer = tuple[int, str, bytes]


class Pages:
    """An ASGI application of four paths. *events*: Bolt's own handler, or None in Socket Mode."""

    def __init__(self, pulse: Pulse, registry: CollectorRegistry, events: Asgi | None = None) -> None:
        self._pulse, self._registry, self._events = pulse, registry, events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        method, path = scope["method"], scope["path"]
        if path == EVENTS_PATH and method == "POST" and self._events is not None:
            await self._take_event(scope, receive, send)
            return
        status, kind, body = await self._page(path) if method in ("GET", "HEAD") else (404, "text/plain", b"Not Found")
        await _answer(send, status, kind, b"" if method == "HEAD" else body)

    async def _take_event(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self._events is not None
        headers = {k.lower(): v for k, v in scope["headers"]}
        length, signed_at = headers.get(b"content-length", b""), headers.get(b"x-slack-request-timestamp", b"")
        if not length.isdigit() or len(length) > MOST_DIGITS or int(length) > MOST_BYTES:
            await _answer(send, 413 if length.isdigit() else 411, "text/plain", b"")
            return
        if not signed_at.isdigit() or len(signed_at) > MOST_DIGITS:  # Bolt takes it for a number before it verifies
            await _answer(send, 401, "text/plain", b"")
            return
        await self._events(scope, receive, send)

    async def _page(self, path: str) -> Answer:
        try:
            match path:
                case "/healthz":
                    health = await asyncio.to_thread(self._pulse.look)
                    body = json.dumps(health.as_json(), ensure_ascii=False).encode()
                    return (503 if health.problems else 200), "application/json", body
                case "/readyz":
                    ready = await asyncio.to_thread(self._pulse.is_ready)
                    return (200, "text/plain", b"ready\n") if ready else (503, "text/plain", b"not ready\n")
                case "/metrics":
                    return 200, CONTENT_TYPE_LATEST, await asyncio.to_thread(generate_latest, self._registry)
        except Exception as error:
            log.error("could not answer about health", exc_info=error, path=path)
            return 503, "text/plain", b"the record does not answer\n"
        return 404, "text/plain", b"Not Found"


async def _answer(send: Send, status: int, kind: str, body: bytes) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class HttpServer:
    """Uvicorn in our loop; signals stay ours."""

    def __init__(self, pages: Asgi, host: str, port: int) -> None:
        config = uvicorn.Config(
            pages, host=host, port=port, log_config=None, access_log=False, lifespan="off", ws="none",
            server_header=False, timeout_graceful_shutdown=GRACE_SECONDS,
        )  # fmt: skip
        self._server, self._address = _Server(config), (host, port)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """
        Listen.

        Raises:
            OSError: the port can't be had.
        """
        family = socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET
        listening = socket.create_server(self._address, family=family, backlog=2048)
        serve = self._server.serve(sockets=[listening])
        self._task = asyncio.get_running_loop().create_task(serve, name="http")

    async def stop(self) -> None:
        """Take no more requests and finish those under way."""
        self._server.should_exit = True
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)


class _Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
