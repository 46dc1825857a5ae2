"""
A playground in which nobody waits for the sake of waiting: while a test looks for something and nothing moves, machine
time is moved on, the sandbox's and the bot's together.

No limit is switched off and no pace is another one; all simply runs later, as in the fault harness (`tests.chaos`), whose
nursery forks the bots: a process that runs the ordinary `redress run`, without the seconds that Python takes to load it.
"""

from __future__ import annotations

import contextlib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from click.testing import CliRunner

from bot.cli import cli
from bot.playground import DidNotStart, Playground
from sandbox.client import SandboxClient
from tests.chaos.bots import Bot, Nursery

STILL_SECONDS = 0.1
"""When nothing has changed in the sandbox for so long, what is looked for waits for a clock."""
STEP_SECONDS = 1.0
ANSWER_SECONDS = 10.0
UNKNOWN = dict.fromkeys(("REDRESS_DATABASE_URL", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"))


@dataclass
class HurriedPlayground(Playground):
    """
    One sandbox and one bot whose machine time is *ahead* seconds ahead of the machine's. Not *hurries*: nobody moves it
    but the test itself.
    """

    nursery: Nursery | None = None
    hurries: bool = True
    ahead: float = 0.0
    _forks: list[Bot] = field(default_factory=list)

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_ahead()
        super().start()

    def start_bot(self) -> Any:
        """Fork a bot and wait until it says that it is ready."""
        assert self.nursery is not None
        plan = {"ahead": str(self.folder / "ahead")}
        bot = self.nursery.start(self.environment(), self.bot_port, plan, log=self.log_file)
        self._forks.append(bot)
        if not bot.wait_ready():
            raise DidNotStart(f"The bot ended with {bot.how}:\n{self.log_file.read_text()[-3000:]}")
        return bot

    def stop_bot(self, *, kill: bool = False) -> None:
        for bot in self._forks:
            bot.kill() if kill else bot.end()
            if bot.is_alive:
                bot.kill()
        self._forks.clear()

    def run_command(self, *words: str) -> str:
        """Run one `redress` command with the bot's environment and return what it printed."""
        done = CliRunner().invoke(cli, words, env={**UNKNOWN, **self.environment()})
        if done.exit_code != 0:
            raise DidNotStart(f"redress {' '.join(words)}: {done.output}")
        return done.stdout

    def hurry(self, seconds: float = STEP_SECONDS) -> None:
        """Move machine time on, once the bot has come to answering: what it had in hand has gone out before."""
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{self.bot_port}/readyz", timeout=ANSWER_SECONDS).close()
        self.ahead += seconds
        self._write_ahead()
        SandboxClient(self.url).advance_machine(seconds)

    def _write_ahead(self) -> None:
        fresh = self.folder / "ahead.new"
        fresh.write_text(f"{self.ahead:.3f}")
        fresh.replace(self.folder / "ahead")


@contextlib.contextmanager
def hurried(nursery: Nursery, **how: Any) -> Iterator[HurriedPlayground]:
    """Start a playground (*how*: its fields) and end both processes whatever happens."""
    place = HurriedPlayground(nursery=nursery, **how)
    try:
        place.start()
        yield place
    finally:
        place.stop()


def client_of(place: Playground) -> SandboxClient:
    """Return a client of a playground, one that hurries where that may be hurried."""
    if isinstance(place, HurriedPlayground) and place.hurries:
        return Hurried(place.url, place)
    return SandboxClient(place.url)


class Hurried(SandboxClient):
    """A client that moves machine time on while it waits and nothing moves."""

    def __init__(self, url: str, place: HurriedPlayground) -> None:
        super().__init__(url)
        self._place = place

    def wait_change(self, seq: int, seconds: float) -> bool:
        moved = super().wait_change(seq, STILL_SECONDS)
        if not moved:
            self._place.hurry()
        return moved
