"""The bots under test, seen from the harness: ordered from the nursery, waited for, killed."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.playground import ROOT

READY_SECONDS = 180.0
LOOK_SECONDS = 0.01


class NeverReady(AssertionError):
    """A bot did not get ready, or ended by itself; the message says how."""


@dataclass
class Bot:
    """One started process. *how*: its exit code once it has ended, negative for a signal."""

    pid: int
    port: int
    plan: dict[str, Any]
    ended: threading.Event = field(default_factory=threading.Event)
    how: int | None = None

    @property
    def is_alive(self) -> bool:
        return not self.ended.is_set()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self.ended.wait(60)

    def end(self, seconds: float = 60.0) -> int | None:
        """Ask it to end in order and return its exit code; None when it did not."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        return self.how if self.ended.wait(seconds) else None

    def health(self) -> dict[str, Any]:
        """Return what `/healthz` says. Raises: OSError while it does not listen."""
        found: dict[str, Any] = json.loads(_asked(self.port, "/healthz")[1])
        return found

    def is_ready(self) -> bool:
        try:
            return _asked(self.port, "/readyz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_ready(self) -> bool:
        """Wait until it answers; False when it died before that (as it may have been told to)."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if not self.is_alive:
                return False
            if self.is_ready():
                return True
            self.ended.wait(LOOK_SECONDS)
        raise NeverReady(f"bot {self.pid} was not ready after {READY_SECONDS:.0f} s")


def _asked(port: int, path: str) -> tuple[int, bytes]:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        asking.request("GET", path)
        answer = asking.getresponse()
        return answer.status, answer.read()
    finally:
        asking.close()


class Nursery:
    """The process that forks bots (`tests.chaos.nursery`); use it with `with`."""

    def __init__(self, folder: Path, desk: Path) -> None:
        self._folder, self._desk = folder, desk
        self._bots: dict[int, Bot] = {}
        self._gone: dict[int, int] = {}
        self._started: queue.Queue[int] = queue.Queue()
        self._lock = threading.Lock()

    def __enter__(self) -> Nursery:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery", str(self._desk)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=(self._folder / "nursery.log").open("ab"), text=True,
        )  # fmt: skip
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def start(
        self,
        environment: Mapping[str, str],
        port: int,
        plan: dict[str, Any],
        command: Sequence[str] = ("run",),
        *,
        log: Path,
    ) -> Bot:
        """Start a bot that listens on *port* (or another command of the program); it need not be ready yet."""
        given = {**environment, "REDRESS_HTTP_PORT": str(port)}
        order = {"environment": given, "log": str(log), "plan": plan, "command": list(command)}
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            try:
                pid = self._started.get(timeout=READY_SECONDS)
            except queue.Empty:
                raise NeverReady("the nursery does not answer; its log says why") from None
            bot = self._bots[pid] = Bot(pid=pid, port=port, plan=plan)
            if pid in self._gone:
                self._note_end(pid, self._gone.pop(pid))
        return bot

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            told = json.loads(line)
            if "started" in told:
                self._started.put(told["started"])
            elif "ended" in told:
                self._note_end(told["ended"], told["how"])

    def _note_end(self, pid: int, how: int) -> None:
        bot = self._bots.get(pid)
        if bot is None:
            self._gone[pid] = how
        else:
            bot.how = how
            bot.ended.set()
