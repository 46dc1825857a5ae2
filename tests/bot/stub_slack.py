"""A tiny Slack for the courier's tests: a real socket, strict pace (1/s a channel, burst 1), faults on demand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack_out import make_client

Fault = Callable[[str, dict[str, Any]], str | None]


class CountingClient(AsyncWebClient):
    """Knows how many calls are under way."""

    flying = 0

    async def api_call(self, *args: Any, **more: Any) -> Any:
        self.flying += 1
        try:
            return await super().api_call(*args, **more)
        finally:
            self.flying -= 1


class StubSlack:
    """
    Keeps messages and refuses what comes too fast.

    *fault* is asked for each call (method, arguments) and names what goes wrong: `lost` (done, then the
    connection breaks), `broken` (it breaks, nothing done), `500`, `500 done`, `429 <seconds>`, or an error code. *refused_until*:
    until when each channel is to be left alone, as a 429 on demand said last.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.messages: list[dict[str, Any]] = []
        self.calls: list[tuple[float, str, dict[str, Any]]] = []
        self.refused = 0
        self.refused_until: dict[str, float] = {}
        self.fault: Fault = lambda method, arguments: None
        self._last: dict[str, float] = {}
        self._runner: web.AppRunner | None = None
        self.url = ""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._serve)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = site._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/api/"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def client(self, session: Any) -> CountingClient:
        made = make_client("xoxb-1", self.url, session)
        made.__class__ = CountingClient
        return made

    def times(self, method: str) -> list[float]:
        return [at for at, called, _ in self.calls if called == method]

    def texts(self, channel: str | None = None) -> list[str]:
        return [m["text"] for m in self.messages if channel in (None, m["channel"])]

    # --- serving ------------------------------------------------------------------------------------------

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        arguments: dict[str, Any] = dict(request.query)
        if request.can_read_body and request.content_type == "application/json":
            arguments |= json.loads(await request.text())
        self.calls.append((self._monotonic(), method, arguments))
        fault = self.fault(method, arguments)
        if fault in ("lost", "500 done"):
            self._answer(method, arguments)
        return (
            self._misbehave(request, fault, arguments)
            if fault
            else web.json_response(**self._answer(method, arguments))
        )

    def _misbehave(self, request: web.Request, fault: str, arguments: dict[str, Any]) -> web.StreamResponse:
        if fault in ("lost", "broken"):
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if fault.startswith("500"):
            return web.Response(status=500, text="<html>sorry</html>", content_type="text/html")
        if fault.startswith("429"):
            seconds = fault.split()[1]
            self.refused_until[arguments.get("channel", "")] = self._monotonic() + float(seconds)
            return self._too_fast(seconds)
        return web.json_response({"ok": False, "error": fault})

    @staticmethod
    def _too_fast(seconds: str) -> web.Response:
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": seconds})

    def _answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        handler = getattr(self, "_" + method.replace(".", "_"), None)
        if handler is None:
            return {"data": {"ok": True}}
        answer: dict[str, Any] = handler(arguments)
        return answer

    def _is_too_fast(self, channel: str) -> bool:
        now = self._monotonic()
        if now - self._last.get(channel, -9.0) < 1.0 - 1e-9:
            self.refused += 1
            return True
        self._last[channel] = now
        return False

    _SLOW_DOWN: ClassVar[dict[str, Any]] = {
        "data": {"ok": False, "error": "ratelimited"}, "status": 429, "headers": {"Retry-After": "1"},
    }  # fmt: skip

    def _chat_postMessage(self, given: dict[str, Any]) -> dict[str, Any]:
        if self._is_too_fast(given["channel"]):
            return self._SLOW_DOWN
        ts = f"{1772413200 + self._monotonic():.0f}.{len(self.messages) + 1:06d}"
        self.messages.append({**given, "ts": ts, "at": self._monotonic()})
        return {"data": {"ok": True, "channel": given["channel"], "ts": ts}}

    def _chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        if self._is_too_fast(given["channel"]):
            return self._SLOW_DOWN
        for message in self.messages:
            if (message["channel"], message["ts"]) == (given["channel"], given["ts"]):
                message.update({k: v for k, v in given.items() if v is not None})
                return {"data": {"ok": True, "channel": given["channel"], "ts": given["ts"]}}
        return {"data": {"ok": False, "error": "message_not_found"}}

    def _conversations_open(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"data": {"ok": True, "channel": {"id": "D" + given["users"][1:]}}}

    def _conversations_history(self, given: dict[str, Any]) -> dict[str, Any]:
        found = [m for m in self.messages if m["channel"] == given["channel"] and not m.get("thread_ts")]
        return self._page(found[::-1], given)

    def _conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        found = [m for m in self.messages if given["ts"] in (m.get("thread_ts"), m["ts"])]
        return self._page(found, given)

    def _page(self, found: list[dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
        start, size = int(given.get("cursor") or 0), int(given["limit"])
        hide = () if given.get("include_all_metadata") else ("metadata",)
        page = [{k: v for k, v in m.items() if k not in hide} for m in found[start : start + size]]
        more = str(start + size) if len(found) > start + size else ""
        return {"data": {"ok": True, "messages": page, "response_metadata": {"next_cursor": more}}}
