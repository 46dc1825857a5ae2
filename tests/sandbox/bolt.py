"""Bolt apps in a thread of their own, told by each test what to do."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.client import Running

Do = Callable[..., Awaitable[Any]]
ANY = re.compile(".*", re.DOTALL)


class Bolt:
    """Remembers what arrives in `seen` (kind, body) and does `on[kind]`, by default only an ack."""

    def __init__(self, running: Running, bot_token: str, **app: Any):
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.on: dict[str, Do] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.running = running
        self.app = self.run(self._make(bot_token, app))

    async def _make(self, bot_token: str, app: dict[str, Any]) -> AsyncApp:
        client = AsyncWebClient(bot_token, base_url=self.running.api_url)
        made = AsyncApp(client=client, process_before_response=True, **app)
        made.command(ANY)(self._listener("command"))
        made.action(ANY)(self._listener("action"))
        made.view(ANY)(self._listener("view"))
        made.view_closed(ANY)(self._listener("closed"))
        made.options(ANY)(self._listener("options"))
        made.shortcut(ANY)(self._listener("shortcut"))
        made.event(ANY)(self._listener("event"))
        return made

    def _listener(self, kind: str) -> Do:
        async def listen(ack: Any, body: dict[str, Any], client: AsyncWebClient, respond: Any) -> None:
            self.seen.append((kind, body))
            if kind in self.on:
                await self.on[kind](ack=ack, body=body, client=client, respond=respond)
            else:
                await ack()

        return listen

    def bodies(self, kind: str) -> list[dict[str, Any]]:
        return [body for seen, body in self.seen if seen == kind]

    def events(self, type_: str) -> list[dict[str, Any]]:
        return [body["event"] for body in self.bodies("event") if body["event"]["type"] == type_]

    def run(self, work: Coroutine[Any, Any, Any], timeout: float = 30) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    def stop(self) -> None:
        self.run(self._cancel_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _cancel_all(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        with contextlib.suppress(Exception):
            await asyncio.wait(tasks, timeout=1)


class SocketBolt(Bolt):
    def __init__(self, running: Running, bot_token: str, app_token: str):
        super().__init__(running, bot_token)
        self.app_token = app_token

    def __enter__(self) -> SocketBolt:
        self.handler = self.run(self._connect())
        self.running.client.wait_for(lambda: self.running.client.state()["connections"] > 0)
        return self

    async def _connect(self) -> AsyncSocketModeHandler:
        handler = AsyncSocketModeHandler(self.app, self.app_token)
        await handler.connect_async()
        return handler

    def __exit__(self, *_: object) -> None:
        self.run(self.handler.close_async())
        self.stop()
        self.running.client.wait_for(lambda: self.running.client.state()["connections"] == 0)


class HttpBolt(Bolt):
    def __init__(self, running: Running, bot_token: str, secret: str):
        super().__init__(running, bot_token, signing_secret=secret)
        self.requests: list[web.Request] = []

    def __enter__(self) -> HttpBolt:
        self.url = self.run(self._serve())
        self.running.client.set_events_url(self.url)
        return self

    async def _serve(self) -> str:
        server = self.app.web_app(path="/slack/events")
        server.middlewares.append(self._note)
        self.runner = web.AppRunner(server, access_log=None)
        await self.runner.setup()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        await web.TCPSite(self.runner, "127.0.0.1", port).start()
        return f"http://127.0.0.1:{port}/slack/events"

    @web.middleware
    async def _note(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.requests.append(request)
        return await handler(request)

    def __exit__(self, *_: object) -> None:
        self.run(self.runner.cleanup())
        self.stop()
