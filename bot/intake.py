"""The two ways in: Socket Mode with its sign of life, and signed HTTP."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import structlog
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.hosts import is_loopback

log = structlog.get_logger(__name__)

PING_SECONDS = 10.0
FINISH_SECONDS = 5.0
TURNS_TO_BEGIN = 10
"""Turns of the loop in which the SDK brings a message from its queue to our listener (it needs three)."""


class HttpIntake:
    """Requests come when they come: an open port is all there is to know."""

    name = "http"

    def age(self) -> float | None:
        return 0.0


class SocketIntake:
    """A Socket Mode connection. Its age is the time since the last pong, not since it says that it is connected."""

    name = "socket"

    def __init__(self, app: AsyncApp, app_token: str, client: AsyncWebClient) -> None:
        self._handler = _Counting(app, app_token, web_client=client, ping_interval=PING_SECONDS)
        if is_loopback(client.base_url):
            self._handler.client.proxy = None
        self._connecting: asyncio.Task[None] | None = None
        self._connected_at: float | None = None

    def start(self) -> None:
        """Connect in the background, again and again until it works."""
        self._connecting = asyncio.get_running_loop().create_task(self._connect(), name="socket mode")

    async def _connect(self) -> None:
        await self._handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt types it not
        self._connected_at = time.time()
        log.info("connected to Slack", transport=self.name)

    def age(self) -> float | None:
        session = self._handler.client.current_session
        if self._connected_at is None or session is None or session.closed:
            return None
        return max(0.0, time.time() - (self._handler.client.last_ping_pong_time or self._connected_at))

    async def stop(self) -> None:
        """Take nothing more, finish the listeners (their answers still go out), then close."""
        if self._connecting is not None:
            self._connecting.cancel()
        client = self._handler.client
        client.auto_reconnect_enabled = False
        if client.message_receiver is not None:
            client.message_receiver.cancel()
        try:
            await asyncio.wait_for(self._finished(), FINISH_SECONDS)
        except TimeoutError:
            log.warning("listeners still ran at the end", count=self._handler.running)
        await self._handler.close_async()  # type: ignore[no-untyped-call]  # Bolt types it not

    async def _finished(self) -> None:
        """Wait until what Slack handed over before has begun, and until what has begun is done."""
        while not self._handler.client.message_queue.empty():
            await asyncio.sleep(0)
        for _ in range(TURNS_TO_BEGIN):
            await asyncio.sleep(0)
        await self._handler.idle.wait()


class _Counting(AsyncSocketModeHandler):
    """Knows how many listeners are under way."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.running = 0
        self.idle = asyncio.Event()
        self.idle.set()

    async def handle(self, client: Any, req: SocketModeRequest) -> None:
        self.running += 1
        self.idle.clear()
        try:
            await super().handle(client, req)
        finally:
            self.running -= 1
            if self.running == 0:
                self.idle.set()
