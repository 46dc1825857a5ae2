"""SQLite's checkpoints, in a thread of their own: the writer never waits while the log is copied into the database."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

log = logging.getLogger(__name__)

EVERY_COMMITS = 100
LOOK_SECONDS = 0.25


class Checkpoints:
    """Copies what was committed into the database file every so many commits; PASSIVE waits for nobody."""

    def __init__(self, engine: Engine, commits: Callable[[], int]) -> None:
        self._engine = engine
        self._commits = commits
        self._stop = Event()
        self._thread = Thread(target=self._run, name="checkpoints", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        self._checkpoint()  # what a killed process left: one that keeps dying young would leave an ever longer log
        done, quiet = 0, 0
        while not self._stop.wait(LOOK_SECONDS):
            new = self._commits() - done
            quiet = quiet + 1 if new else 0
            if new >= EVERY_COMMITS or (new and quiet > 20):
                done, quiet = self._commits(), 0
                self._checkpoint()

    def _checkpoint(self) -> None:
        try:
            with self._engine.connect() as core:
                core.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
        except DBAPIError:
            log.warning("a checkpoint failed; the next one tries again", exc_info=True)
