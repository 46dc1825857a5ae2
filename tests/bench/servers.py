"""Servers in processes of their own, on a core of their own, and the stub Slack that they call."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.bench.children import ROOT
from tests.bench.slack_requests import SECRET, TEAM

START_SECONDS = 120.0
CALL_SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, *, core: int, environment: Mapping[str, str] = {}, ready: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run *command* on *core* until the block ends. It is up when *ready* answers 200, or the port takes connections."""
    with log.open("ab") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=out, env={**os.environ, **environment},
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )  # fmt: skip
    try:
        _await(server, port, ready, log)
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _await(server: subprocess.Popen[bytes], port: int, ready: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        if _is_up(port, ready):
            return
        time.sleep(0.01)
    raise RuntimeError(f"the server did not come up: {log.read_text(errors='replace')[-1500:]}")


def _is_up(port: int, ready: str) -> bool:
    try:
        if not ready:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return True
        asking = HTTPConnection("127.0.0.1", port, timeout=2)
        asking.request("GET", ready)
        return asking.getresponse().status == 200
    except OSError:
        return False


def anchor(kind: str, port: int, folder: Path) -> list[str]:
    return [sys.executable, "-m", "tests.bench.anchor_apps", kind, str(port), str(folder)]


def bot_command() -> list[str]:
    return [sys.executable, "-m", "bot", "run"]


def bot_environment(folder: Path, port: int, slack: str, clock: Path | None = None) -> dict[str, str]:
    """Return the environment of a bot over signed HTTP on the data in *folder*."""
    found = {
        "SLACK_BOT_TOKEN": "xoxb-bench", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": slack,
        "SLACK_APP_TOKEN": "", "REDRESS_DATA": str(folder), "REDRESS_HTTP_PORT": str(port),
        "REDRESS_DATABASE_URL": "", "REDRESS_DESK": "", "REDRESS_LOG_LEVEL": "WARNING",
    }  # fmt: skip
    return found | {"REDRESS_CLOCK_FILE": str(clock) if clock else ""}


class InstantSlack:
    """Answers every call of the Web API at once, in a thread of its own."""

    def __init__(self) -> None:
        self.calls = 0
        self.last: dict[str, float] = {}
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def __enter__(self) -> InstantSlack:
        self._thread.start()
        self._started.wait()
        return self

    def __exit__(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]
                body = await reader.readexactly(int(length or 0))
                self.calls += 1
                answer = json.dumps(self._answer(head.split(b" ", 2)[1].decode(), body)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
                writer.write(b"Content-Length: %d\r\n\r\n%s" % (len(answer), answer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def await_call(self, method: str, since: float) -> float:
        """Return when *method* was called after *since* (both `perf_counter`), as soon as it was."""
        until = since + CALL_SECONDS
        while time.perf_counter() < until:
            if (at := self.last.get(method, 0.0)) > since:
                return at
            time.sleep(0.0005)
        raise RuntimeError(f"{method} was not called within {CALL_SECONDS:.0f} s")

    def _answer(self, path: str, body: bytes) -> dict[str, Any]:
        method = path.partition("?")[0].rpartition("/")[2]
        self.last[method] = time.perf_counter()
        match method:
            case "auth.test":
                return {"ok": True, "team_id": TEAM, "user_id": "UREDRESS", "bot_id": "B0BENCH", "url": "https://b/"}
            case "users.info":
                return {"ok": True, "user": {"id": "U", "name": "someone", "locale": "zh-TW"}}
            case "chat.postMessage":
                sent = json.loads(body) if body.startswith(b"{") else {}
                return {"ok": True, "channel": sent.get("channel", "C"), "ts": f"1763400000.{self.calls:06d}"}
            case "conversations.open":
                return {"ok": True, "channel": {"id": "D0BENCH"}}
            case "conversations.history" | "conversations.replies":
                return {"ok": True, "messages": [], "has_more": False}
        return {"ok": True}
