"""Connections, envelopes and acks, seen by a plain WebSocket client."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, cast

import aiohttp
import pytest

from sandbox.client import Member, Running, SandboxClient
from sandbox.clocks import MachineClock
from sandbox.delivery.socket_mode import Connection, SocketMode
from sandbox.world.changes import Changes
from tests.sandbox.bolt import SocketBolt
from tests.sandbox.conftest import APP_TOKEN


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def ticket(web: aiohttp.ClientSession, running: Running) -> str:
    headers = {"Authorization": f"Bearer {APP_TOKEN}"}
    async with web.post(running.api_url + "apps.connections.open", headers=headers) as response:
        return (await response.json())["url"]


async def connect(web: aiohttp.ClientSession, running: Running) -> aiohttp.ClientWebSocketResponse:
    return await web.ws_connect(await ticket(web, running))


async def until_closed(socket: aiohttp.ClientWebSocketResponse) -> list[dict[str, Any]]:
    return [message.json() async for message in socket if message.type is aiohttp.WSMsgType.TEXT]


async def gone(desk: SandboxClient, *sockets: aiohttp.ClientWebSocketResponse) -> None:
    for socket in sockets:
        await socket.close()
    await asyncio.to_thread(desk.wait_for, lambda: desk.state()["connections"] == 0)


async def test_hello_comes_first(web: aiohttp.ClientSession, running: Running, desk: SandboxClient) -> None:
    socket = await connect(web, running)

    hello = await socket.receive_json()

    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert hello["connection_info"]["app_id"] == "A0SANDBOX"
    await gone(desk, socket)


async def test_a_link_works_once(web: aiohttp.ClientSession, running: Running, desk: SandboxClient) -> None:
    link = await ticket(web, running)
    socket = await web.ws_connect(link)

    with pytest.raises(aiohttp.WSServerHandshakeError):
        await web.ws_connect(link)
    await gone(desk, socket)


async def test_a_payload_goes_to_one_connection_and_is_acked_by_its_envelope(
    web: aiohttp.ClientSession, running: Running, desk: SandboxClient, lin: Member
) -> None:
    sockets = [await connect(web, running) for _ in range(2)]
    for socket in sockets:
        await socket.receive_json()
    command = asyncio.create_task(asyncio.to_thread(lin.command, "/complaint", "x"))

    waiting = [asyncio.create_task(socket.receive_json()) for socket in sockets]
    done, pending = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    envelope = done.pop().result()
    which = next(n for n, task in enumerate(waiting) if task.done())
    assert len(pending) == 1
    await sockets[which].send_json({"envelope_id": "another", "payload": {"text": "no"}})
    await sockets[which].send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "yes"}})

    assert (await command).ok
    assert envelope["type"] == "slash_commands"
    assert envelope["accepts_response_payload"] is True
    assert (await asyncio.to_thread(lin.ephemerals))[-1].text == "yes"
    for task in pending:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await gone(desk, *sockets)


async def test_payloads_are_spread_over_the_connections(
    web: aiohttp.ClientSession, running: Running, desk: SandboxClient, lin: Member
) -> None:
    sockets = [await connect(web, running) for _ in range(3)]
    reading = [asyncio.create_task(until_closed(socket)) for socket in sockets]

    for n in range(6):
        await asyncio.to_thread(lin.say, "registry", f"spread {n}")
    sent = lambda: [each for each in desk.deliveries("events_api") if "spread" in str(each["payload"])]
    await asyncio.to_thread(desk.wait_for, lambda: len(sent()) == 6 and all(each["attempts"] for each in sent()))
    await gone(desk, *sockets)

    counts = [sum("spread" in str(message) for message in await task) for task in reading]
    assert sum(counts) >= 6
    assert all(counts)


async def test_the_eleventh_connection_is_turned_away(
    web: aiohttp.ClientSession, running: Running, desk: SandboxClient
) -> None:
    sockets = [await connect(web, running) for _ in range(10)]

    extra = await connect(web, running)

    assert await asyncio.wait_for(until_closed(extra), 5) == [
        {"type": "disconnect", "reason": "too_many_websockets", "debug_info": {"host": "applink-sandbox"}}
    ]
    await gone(desk, *sockets)


@pytest.mark.parametrize(("reason", "seconds"), [("refresh_requested", 0), ("warning", 11)])
async def test_a_connection_is_asked_to_leave_before_it_is_closed(
    web: aiohttp.ClientSession, running: Running, desk: SandboxClient, reason: str, seconds: int
) -> None:
    socket = await connect(web, running)
    await socket.receive_json()

    await asyncio.to_thread(desk.fault, "disconnect", reason=reason)
    told = await socket.receive_json()
    if seconds:
        assert not socket.closed
        await asyncio.to_thread(desk.advance_machine, seconds)

    assert (told["type"], told["reason"]) == ("disconnect", reason)
    assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    await gone(desk)


class Dead:
    """A socket whose client was killed a moment ago: it can't be written to, and nobody has noticed yet."""

    async def send_json(self, _: Any) -> None:
        raise aiohttp.ClientConnectionResetError("closing")

    async def close(self) -> None:
        pass


async def test_who_was_killed_a_moment_ago_keeps_nobody_else_from_being_asked_to_leave() -> None:
    told: list[Any] = []

    class Alive(Dead):
        async def send_json(self, message: Any) -> None:
            told.append(message["reason"])

    mode = SocketMode(MachineClock(), "A0SANDBOX", Changes())
    mode.connections = [Connection(n, cast(Any, socket), cast(Any, None)) for n, socket in enumerate((Dead(), Alive()))]

    await mode.ask_to_leave("refresh_requested")

    assert told == ["refresh_requested"]


async def test_a_ping_is_answered(web: aiohttp.ClientSession, running: Running, desk: SandboxClient) -> None:
    socket = await web.ws_connect(await ticket(web, running), autoping=False)
    await socket.receive_json()

    await socket.ping(b"there?")

    assert (await socket.receive()).data == b"there?"
    await gone(desk, socket)


async def test_an_ack_that_comes_too_late_counts_for_nothing(
    web: aiohttp.ClientSession, running: Running, desk: SandboxClient, lin: Member
) -> None:
    socket = await connect(web, running)
    await socket.receive_json()
    command = asyncio.create_task(asyncio.to_thread(lin.command, "/complaint"))
    envelope = await socket.receive_json()

    await asyncio.to_thread(desk.advance_machine, 3.5)
    outcome = await command
    await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "too late"}})

    assert outcome.error == "operation_timeout"
    assert "too late" not in [each.text for each in await asyncio.to_thread(lin.ephemerals)]
    await gone(desk, socket)


def test_bolt_comes_back_after_a_refresh_and_after_a_broken_line(
    bot: SocketBolt, desk: SandboxClient, lin: Member
) -> None:
    """The number of a connection tells whether it is a new one."""

    def answered_by() -> str:
        outcome = lin.command("/complaint")
        return desk.deliveries("slash_commands")[-1]["attempts"][0]["via"] if outcome.ok else ""

    first = desk.wait_for(answered_by)
    desk.fault("disconnect")
    second = desk.wait_for(answered_by)
    assert second != first

    # Bolt may still be between two of them: a reconnect begins for the notice to leave, and one for the closed socket.
    assert desk.wait_for(lambda: desk.fault("drop_sockets")["done"])
    bot.run(bot.handler.client.connect_to_new_endpoint(force=True))
    assert desk.wait_for(answered_by) != second
