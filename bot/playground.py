"""Sandbox and bot side by side as processes: what `redress demo` and `redress tour` start."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "sandbox" / "sample"
BOT_TOKEN, APP_TOKEN, SIGNING_SECRET = "xoxb-sandbox", "xapp-sandbox", "sandbox-signing-secret"
READY_SECONDS = 180.0
STOP_SECONDS = 30.0


class DidNotStart(RuntimeError):
    """A process ended or stayed silent instead of getting ready; the message says which."""


@dataclass
class Playground:
    """
    One sandbox and one bot on it, each a process of its own.

    *folder* holds the database, the files, the clock file and the bot's log. *http*: signed HTTP instead of Socket
    Mode. *runs*: the procedure clock moves with real time.
    """

    folder: Path
    http: bool = False
    runs: bool = False
    port: int = 0
    desk_file: Path = SAMPLE / "desk.yml"
    workspace: Path = SAMPLE / "workspace.yml"
    customers: Path | None = SAMPLE / "customers.csv"
    policies: Path | None = None
    start_at: str | None = None
    database_url: str | None = None
    url: str = ""
    bot_port: int = 0
    _sandbox: subprocess.Popen[str] | None = None
    _bots: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _log: IO[bytes] | None = None

    @property
    def clock_file(self) -> Path:
        return self.folder / "clock"

    @property
    def log_file(self) -> Path:
        return self.folder / "bot.log"

    def environment(self) -> dict[str, str]:
        """Return what the bot's process gets to know: the same as against Slack, and the clock file."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLACK_", "REDRESS_"))}
        kept |= {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": f"{self.url}/api/",
            "REDRESS_DATA": str(self.folder),
            "REDRESS_DESK": str(self.desk_file),
            "REDRESS_CLOCK_FILE": str(self.clock_file),
            "REDRESS_HTTP_PORT": str(self.bot_port),
        }
        kept |= {"SLACK_SIGNING_SECRET": SIGNING_SECRET} if self.http else {"SLACK_APP_TOKEN": APP_TOKEN}
        if self.policies is not None:
            kept["REDRESS_POLICIES"] = str(self.policies)
        if self.database_url:
            kept["REDRESS_DATABASE_URL"] = self.database_url
        return kept

    # --- starting and ending --------------------------------------------------------------------------------

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.start_at is not None:
            self.clock_file.write_text(self.start_at)
        self.bot_port = self.bot_port or free_port()
        self._start_sandbox()
        if self.customers is not None:
            self.run_command("customer", "import", str(self.customers))
        self.start_bot()

    def _start_sandbox(self) -> None:
        command = [sys.executable, "-m", "sandbox", "--workspace", str(self.workspace), "--port", str(self.port)]
        command += [
            "--clock-file",
            str(self.clock_file),
            "--end-with-parent",
            "--mode",
            "http" if self.http else "socket",
        ]
        command += ["--bot-token", BOT_TOKEN, "--app-token", APP_TOKEN, "--signing-secret", SIGNING_SECRET]
        command += ["--events-url", f"http://127.0.0.1:{self.bot_port}/slack/events"] if self.http else []
        command += ["--run-clock"] if self.runs else []
        self._sandbox = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._sandbox.stdout is not None
        line = self._sandbox.stdout.readline()
        if not line:
            raise DidNotStart("The sandbox ended before it was ready; run `python -m sandbox --help` to see why.")
        self.url = json.loads(line)["url"]

    def start_bot(self) -> subprocess.Popen[bytes]:
        """Start a bot and wait until it says that it is ready."""
        self._log = self._log or self.log_file.open("ab")
        command = [sys.executable, "-m", "bot", "run"]
        bot = subprocess.Popen(command, cwd=ROOT, env=self.environment(), stdout=self._log, stderr=self._log)
        self._bots.append(bot)
        self._wait_ready(bot)
        return bot

    def _wait_ready(self, bot: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            if bot.poll() is not None:
                raise DidNotStart(f"The bot ended with {bot.returncode}:\n{_tail(self.log_file)}")
            not_yet = contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError)
            with not_yet, urllib.request.urlopen(f"http://127.0.0.1:{self.bot_port}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
            time.sleep(0.1)
        raise DidNotStart(f"The bot was not ready after {READY_SECONDS:.0f} s:\n{_tail(self.log_file)}")

    def run_command(self, *words: str) -> str:
        """Run one `redress` command with the bot's environment and return what it printed."""
        command = [sys.executable, "-m", "bot", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise DidNotStart(f"redress {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def stop_bot(self, *, kill: bool = False) -> None:
        for bot in self._bots:
            _end(bot, kill=kill)
        self._bots.clear()

    def stop(self) -> None:
        self.stop_bot()
        if self._sandbox is not None:
            _end(self._sandbox)
            self._sandbox = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def wait(self) -> int:
        """Wait until the bot or the sandbox ends by itself."""
        while True:
            for process in (*self._bots, self._sandbox):
                if process is not None and process.poll() is not None:
                    return process.returncode
            time.sleep(0.5)


@contextlib.contextmanager
def playground(**how: object) -> Iterator[Playground]:
    """Start a playground and end both processes whatever happens."""
    place = Playground(**how)  # type: ignore[arg-type]  # the names are those of its fields
    try:
        place.start()
        yield place
    finally:
        place.stop()


def _end(process: subprocess.Popen[str] | subprocess.Popen[bytes], *, kill: bool = False) -> None:
    if process.poll() is not None:
        return
    process.kill() if kill else process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def is_taken(port: int) -> bool:
    """Say whether another program listens on this port of this machine already."""
    with socket.socket() as asking:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            asking.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _tail(file: Path, lines: int = 20) -> str:
    try:
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"
