"""The stage of a run: a sandbox, a database, a nursery of bots, and the two clocks, all in one folder."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.playground import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, free_port
from sandbox.client import SandboxClient, start_sandbox
from tests.chaos.bots import Bot, Nursery
from tests.chaos.company import ORDINARY, Company, Days, make_company
from tests.support.postgres import Cluster, private_cluster


@dataclass
class Stage:
    """What a run acts on."""

    folder: Path
    company: Company
    database: str
    desk: SandboxClient
    api_url: str
    nursery: Nursery
    sabotage: str | None = None
    cut_off: float | None = None
    http: bool = False
    cluster: Cluster | None = None
    days: Days = ORDINARY
    ports: list[int] = field(default_factory=lambda: [free_port()])
    is_up: threading.Event = field(default_factory=threading.Event)

    def environment(self) -> dict[str, str]:
        """Return what a bot gets to know, but for its port."""
        secret = {"SLACK_SIGNING_SECRET": SIGNING_SECRET} if self.http else {"SLACK_APP_TOKEN": APP_TOKEN}
        return secret | {
            "PATH": os.environ.get("PATH", ""),
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_API_URL": self.api_url,
            "REDRESS_DATABASE_URL": self.database,
            "REDRESS_DATA": str(self.folder),
            "REDRESS_DESK": str(self.company.desk),
            "REDRESS_POLICIES": str(self.company.policies),
            "REDRESS_CLOCK_FILE": str(self.folder / "clock"),
        }

    def start(self, die: tuple[str, int] | None = None, port: int | None = None) -> Bot:
        """Start a bot that dies by itself at *die* (point, which time); it need not be ready yet."""
        plan = {
            "ahead": str(self.folder / "ahead"), "full": str(self.full), "die": die, "sabotage": self.sabotage,
            "cut_off": self.cut_off,
        }  # fmt: skip
        return self.nursery.start(self.environment(), port or self.ports[0], plan, log=self.log)

    @property
    def full(self) -> Path:
        """While this file exists no file of a bot's can take another byte."""
        return self.folder / "full"

    @property
    def log(self) -> Path:
        return self.folder / "bot.log"

    def advance(self, seconds: float) -> None:
        """
        Move machine time, the sandbox's and the bots', which follow its file. No limit is switched off; all simply runs later.

        Both at one moment: a bot that hears a 429 with a clock of before would come back too early, as the sandbox sees it.
        """
        self.desk.advance_machine(seconds)

    def now(self) -> datetime:
        """Return procedure time."""
        return datetime.fromisoformat(str(self.desk.clock()["now"]))

    def run_command(self, *words: str) -> int | None:
        """Run a command of the program's in a fork of the nursery and return its exit code."""
        bot = self.nursery.start(self.environment(), self.ports[0], {}, words, log=self.log)
        bot.ended.wait(60)
        return bot.how

    def state(self) -> dict[str, Any]:
        """Return all that stands in the sandbox."""
        return self.desk.state()

    def team_url(self) -> str:
        """Return the address that links into the workspace begin with, as `auth.test` says it."""
        asked = urllib.request.Request(f"{self.api_url}auth.test", headers={"Authorization": f"Bearer {BOT_TOKEN}"})
        with urllib.request.urlopen(asked, data=b"", timeout=10) as answer:
            return str(json.loads(answer.read())["url"])


@contextlib.contextmanager
def open_stage(
    folder: Path, *, db: str = "sqlite", sabotage: str | None = None, http: bool = False, nursery: Nursery | None = None,
    cut_off: float | None = None, days: Days = ORDINARY,
) -> Iterator[Stage]:  # fmt: skip
    """
    Start all that is no bot; end it whatever happens. *nursery*: one that runs already. *cut_off*: seconds that bots
    wait for Slack's answer, if not their own ten.

    Raises:
        NoPostgres: PostgreSQL is wanted and not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "clock").write_text(days.start)
    (folder / "ahead").write_text("0")
    company = make_company(folder / "company", days)
    with contextlib.ExitStack() as ends:
        if db == "postgresql":
            cluster = ends.enter_context(private_cluster())
            database = cluster.new_database()
        else:
            cluster = None
            database = f"sqlite:///{folder / 'redress.sqlite3'}"
        nursery = nursery or ends.enter_context(Nursery(folder, company.desk))
        ports = [free_port()]
        options = [
            "--clock-file",
            str(folder / "clock"),
            "--machine-file",
            str(folder / "ahead"),
            "--bot-token",
            BOT_TOKEN,
            "--app-token",
            APP_TOKEN,
        ]
        options += ["--signing-secret", SIGNING_SECRET, "--mode", "http" if http else "socket"]
        options += ["--events-url", f"http://127.0.0.1:{ports[0]}/slack/events"] if http else []
        sandbox = ends.enter_context(start_sandbox(company.workspace, *options))
        yield Stage(
            folder=folder, company=company, database=database, desk=sandbox.client, api_url=sandbox.api_url,
            nursery=nursery, sabotage=sabotage, cut_off=cut_off, http=http, ports=ports, cluster=cluster, days=days,
        )  # fmt: skip
