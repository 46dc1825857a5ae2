"""What every group of goals is given: how much to measure, where to work, and where to say how far it is."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.postgres import Cluster, NoPostgres, private_cluster


@dataclass
class Bench:
    """
    *cases*: the size of "many". *quick*: fewer runs, smaller heaps; figures to look at, not to quote. *only*: the goals
    asked for, empty for all.
    """

    folder: Path
    cases: int = 100_000
    quick: bool = False
    only: frozenset[int] = frozenset()
    stack: ExitStack = field(default_factory=ExitStack)
    began: float = field(default_factory=time.monotonic)
    _cluster: Cluster | None = None
    _no_postgres: str = ""

    @property
    def runs(self) -> int:
        return 3 if self.quick else 5

    def wants(self, *goals: int) -> bool:
        return not self.only or bool(self.only & set(goals))

    def scaled(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def say(self, words: str) -> None:
        """Tell a person at a terminal how far it is."""
        if sys.stderr.isatty() or os.environ.get("REDRESS_BENCH_PROGRESS"):
            load = os.getloadavg()[0]
            print(f"[{time.monotonic() - self.began:6.0f} s, load {load:.1f}] {words}", file=sys.stderr, flush=True)

    @contextmanager
    def place(self, name: str) -> Iterator[Path]:
        """Lend an empty folder and remove it afterwards: the heaps are large."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def postgres(self) -> Cluster | None:
        """Return a private PostgreSQL that flushes, started at the first call; None if there is none here."""
        if self._cluster is None and not self._no_postgres:
            try:
                self._cluster = self.stack.enter_context(private_cluster(fsync=True))
            except NoPostgres as error:
                self._no_postgres = str(error)
        return self._cluster

    @property
    def no_postgres(self) -> str:
        return self._no_postgres


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that *work* takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
