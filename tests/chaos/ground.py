"""The ground gives way: the database locked, full, gone and back; connections cut; the process frozen; clocks that jump."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable

import psycopg

from tests.chaos.bots import Bot
from tests.chaos.stage import Stage
from tests.support.postgres import Cluster

LOCKED_SECONDS = (0.5, 2.0, 10.5)
"""The last is longer than SQLite's busy timeout."""


class Ground:
    """Does one thing after the other to what a bot stands on. *bot* must live through it."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self._stage, self._dice = stage, dice
        self.seen: Counter[str] = Counter()
        shared = [self._frozen, self._clock_forward, self._clock_back]
        own = [self._gone, self._cut] if stage.cluster else [self._locked, self._full]
        self._all: list[Callable[[Bot], None]] = [*own, *own, *shared]

    def shake(self, bot: Bot) -> None:
        chosen = self._dice.choice(self._all)
        self.seen[chosen.__name__.strip("_").replace("_", " ")] += 1
        chosen(bot)

    # --- SQLite ---------------------------------------------------------------------------------------------------

    def _locked(self, _: Bot) -> None:
        """Another program holds the write lock."""
        with contextlib.closing(sqlite3.connect(self._stage.folder / "redress.sqlite3", isolation_level=None)) as core:
            core.execute("PRAGMA busy_timeout = 5000")
            core.execute("BEGIN IMMEDIATE")
            time.sleep(self._dice.choices(LOCKED_SECONDS, (8, 4, 1))[0])
            core.execute("ROLLBACK")

    def _full(self, _: Bot) -> None:
        """No file of the bot's can take another byte."""
        self._stage.full.touch()
        time.sleep(self._dice.uniform(0.3, 1.5))
        self._stage.full.unlink()

    # --- PostgreSQL -----------------------------------------------------------------------------------------------

    def _gone(self, _: Bot) -> None:
        """The server crashes and comes back."""
        cluster = self._stage.cluster
        assert cluster is not None
        cluster.stop("immediate")
        time.sleep(self._dice.uniform(0.2, 2.0))
        cluster.start()

    def _cut(self, _: Bot) -> None:
        """Every connection is cut."""
        cluster = self._stage.cluster
        assert cluster is not None
        with contextlib.suppress(psycopg.Error), cluster.connect(Cluster.name_of(self._stage.database)) as core:
            core.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'redress'")

    # --- either ---------------------------------------------------------------------------------------------------

    def _frozen(self, bot: Bot) -> None:
        """The process stands still for longer than its lease, as a paused machine does; it is alone on its database."""
        os.kill(bot.pid, signal.SIGSTOP)
        time.sleep(self._dice.uniform(0.2, 0.8))
        self._stage.advance(40)
        os.kill(bot.pid, signal.SIGCONT)

    def _clock_forward(self, _: Bot) -> None:
        self._stage.desk.advance_clock(self._dice.choice([86_400, 3 * 86_400]))

    def _clock_back(self, _: Bot) -> None:
        """Procedure time jumps back, as a clock that was wrong is set right."""
        self._stage.desk.advance_clock(-self._dice.choice([600, 7_200, 86_400]))
