"""Socket Mode: connections, envelopes, acks."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.clocks import MachineClock
from sandbox.delivery.answers import ACK_SECONDS, Answer
from sandbox.ids import secret
from sandbox.world.changes import Changes

CONNECTIONS_MOST = 10
TICKET_SECONDS = 30.0
WARNING_SECONDS = 10.0
HEARTBEAT_SECONDS = 10.0


@dataclass
class Connection:
    """One WebSocket of the app; *leaving*: it was told to go and gets no new payloads."""

    number: int
    socket: web.WebSocketResponse
    request: web.Request
    leaving: bool = False
    pending: set[str] = field(default_factory=set)


class SocketMode:
    """Hands each payload to one of the open connections and waits for the ack of its envelope."""

    def __init__(self, clock: MachineClock, app_id: str, changes: Changes):
        self.clock, self.app_id, self.changes = clock, app_id, changes
        self.tickets: dict[str, float] = {}
        self.connections: list[Connection] = []
        self.waiting: dict[str, asyncio.Future[Any]] = {}
        self.late: dict[str, int] = {}
        self._turn = 0

    def new_ticket(self) -> str:
        ticket = secret()
        self.tickets[ticket] = self.clock.now()
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Run one connection until it closes."""
        given = self.tickets.pop(request.query.get("ticket", ""), None)
        if given is None or self.clock.now() - given > TICKET_SECONDS:
            return web.Response(status=408, text="link expired")
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT_SECONDS, autoping=True, compress=False)
        await socket.prepare(request)
        if len(self.connections) >= CONNECTIONS_MOST:
            await socket.send_json(_disconnect("too_many_websockets"))
            await socket.close()
            return socket
        self._turn += 1
        connection = Connection(self._turn, socket, request)
        self.connections.append(connection)
        self.changes.tell("connection", open=len(self.connections))
        await socket.send_json(self._hello())
        try:
            await self._read(connection)
        finally:
            self._gone(connection)
        return socket

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": "applink-sandbox",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self.app_id},
        }

    async def _read(self, connection: Connection) -> None:
        async for message in connection.socket:
            if message.type is WSMsgType.TEXT:
                self._acked(connection, message.data)

    def _acked(self, connection: Connection, text: str) -> None:
        try:
            ack = json.loads(text)
        except ValueError:
            return
        envelope_id = ack.get("envelope_id") if isinstance(ack, dict) else None
        connection.pending.discard(envelope_id or "")
        answer = self.waiting.get(envelope_id or "")
        if answer is not None and not answer.done():
            answer.set_result(ack.get("payload"))
        elif envelope_id:
            self.late[envelope_id] = self.late.get(envelope_id, 0) + 1

    def _gone(self, connection: Connection) -> None:
        self.connections = [each for each in self.connections if each is not connection]
        self.changes.tell("connection", open=len(self.connections))
        for envelope_id in connection.pending:
            answer = self.waiting.get(envelope_id)
            if answer is not None and not answer.done():
                answer.set_exception(ConnectionError("socket closed"))

    def _next(self) -> Connection | None:
        open_ = [each for each in self.connections if not each.leaving and not each.socket.closed]
        if not open_:
            return None
        self._turn += 1
        return open_[self._turn % len(open_)]

    async def send(self, kind: str, payload: dict[str, Any], retry: int, reason: str) -> tuple[Answer, str]:
        """Send one envelope; return the answer and the name of the connection that it went through."""
        connection = self._next()
        if connection is None:
            return Answer(problem="connection_failed"), ""
        envelope_id = str(uuid.uuid4())
        envelope: dict[str, Any] = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": reason}
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.waiting[envelope_id] = answer
        connection.pending.add(envelope_id)
        try:
            await connection.socket.send_str(json.dumps(envelope, ensure_ascii=False))
            return Answer(body=await self.clock.within(ACK_SECONDS, answer)), f"socket {connection.number}"
        except TimeoutError:
            return Answer(problem="timeout"), f"socket {connection.number}"
        except ConnectionError:
            return Answer(problem="connection_failed"), f"socket {connection.number}"
        finally:
            self.waiting.pop(envelope_id, None)

    async def ask_to_leave(self, reason: str) -> None:
        """Tell every connection to reconnect, and close it: at once, or 10 s after a `warning`."""
        for connection in list(self.connections):
            connection.leaving = reason != "warning"
            with suppress(ConnectionError):  # its client was killed, and the socket is not gone from the list yet
                await connection.socket.send_json(_disconnect(reason))
            if reason == "warning":
                self.clock.call_later(WARNING_SECONDS, partial(_close_soon, connection))
            else:
                _close_soon(connection)

    async def drop(self) -> int:
        """Break every connection without a word, as a lost network does."""
        dropped = list(self.connections)
        for connection in dropped:
            self._gone(connection)
            if connection.request.transport is not None:
                connection.request.transport.abort()
        return len(dropped)

    async def close(self) -> None:
        for connection in list(self.connections):
            await connection.socket.close()


def _close_soon(connection: Connection) -> None:
    connection.leaving = True
    task = asyncio.get_running_loop().create_task(connection.socket.close())
    task.add_done_callback(lambda _: None)


def _disconnect(reason: str) -> dict[str, Any]:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}}
