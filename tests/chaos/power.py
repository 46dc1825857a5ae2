"""
Power loss: the database cut back to its last flush, again and again, under sixteen writers (`python -m tests.chaos.power`).

A writer process runs the real record with SQLite. A preloaded library keeps beside it what flushes promise to be on the
disk. The writer is killed at a random moment; what was promised becomes the database, in part with pages that were
written and not flushed, as a disk may have done. Every acknowledged commit must be there, whole. Writers are forked from
a process that has loaded the program, and the disk is emptied now and then: what is looked through stays small.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.playground import ROOT

SOURCE = Path(__file__).with_name("powerloss.c")
DATABASE = "redress.sqlite3"
PAGE = 4096
WRITERS = 16
LOSSES_OF_A_DISK = 50
ENDED = "ended"


class NoCompiler(RuntimeError):
    """There is no C compiler to build the library with."""


@dataclass
class Losses:
    """What came of some power losses. *lost*: acknowledged acts that were gone; *broken*: databases that were not whole."""

    losses: int = 0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def build(folder: Path) -> Path:
    """Compile the library. Raises: NoCompiler."""
    library = folder / "powerloss.so"
    compiler = shutil.which("cc")
    if compiler is None:
        raise NoCompiler("no C compiler (cc) to build the power loss library with")
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
    return library


def lose_power(
    folder: Path, times: int, seed: int, synchronous: str = "FULL", tell: Callable[[str], None] = lambda line: None
) -> Losses:
    """
    Let a writer work and the power fail *times* times, each time going on with what was left.

    *synchronous*: SQLite's setting, to see what a weaker one loses. Raises: NoCompiler.
    """
    dice, found, library = random.Random(seed), Losses(), build(folder)
    disk, promised = folder / "disk", folder / "promised"
    acknowledged: set[str] = set()
    with _Writers(disk, promised, library) as writers:
        for turn in range(times):
            if turn % LOSSES_OF_A_DISK == 0:
                shutil.rmtree(disk, ignore_errors=True)
                disk.mkdir()
                acknowledged.clear()
            shutil.rmtree(promised, ignore_errors=True)
            shutil.copytree(disk, promised)
            fresh = writers.work_and_fail(f"{turn}:{synchronous}", dice.uniform(0.02, 0.4))
            acknowledged |= fresh
            found.losses, found.acknowledged = turn + 1, found.acknowledged + len(fresh)
            _cut_back(disk, promised, dice)
            _check(disk / DATABASE, acknowledged, found, turn)
            if found.losses % 100 == 0:
                tell(f"{found.losses} losses, {found.acknowledged} acknowledged")
    return found


class _Writers:
    """The process that forks writers; use it with `with`."""

    def __init__(self, disk: Path, promised: Path, library: Path) -> None:
        self._given = {"LD_PRELOAD": str(library), "POWERLOSS_OF": str(disk), "POWERLOSS_TO": str(promised)}
        self._command = [sys.executable, "-m", "tests.chaos.power", "--writers", str(disk)]

    def __enter__(self) -> _Writers:
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, env=os.environ | self._given, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )  # fmt: skip
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def work_and_fail(self, how: str, seconds: float) -> set[str]:
        """Start a writer, kill it so long after its first acknowledgement, and return what it had acknowledged."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(how + "\n")
        self._process.stdin.flush()
        lines = (line.rstrip("\n") for line in self._process.stdout)
        pid = int(next(lines))
        ready = next(lines)
        assert ready == "ready", ready
        first = next(lines)  # on a busy machine it takes a while
        assert first != ENDED, "the writer ended before it had written anything"
        threading.Timer(seconds, lambda: os.kill(pid, signal.SIGKILL)).start()
        return {first, *itertools.takewhile(lambda line: line != ENDED, lines)}


def _cut_back(disk: Path, promised: Path, dice: random.Random) -> None:
    """Make what was promised the disk's content; of what was only written, some pages may have made it."""
    for file in list(disk.iterdir()):
        if file.name.endswith("-shm"):
            file.unlink()
            continue
        kept = promised / file.name
        before = kept.read_bytes() if kept.exists() else b""
        after = file.read_bytes()
        if file.name.endswith("-wal") and dice.random() < 0.5:
            before = _with_some_pages(before, after, dice)
        file.write_bytes(before)


def _with_some_pages(before: bytes, after: bytes, dice: random.Random) -> bytes:
    """Return what was flushed with some of the blocks that were written after it."""
    found = bytearray(before.ljust(len(after), b"\0")) if len(after) > len(before) else bytearray(before)
    for start in range(0, len(after), PAGE):
        block = after[start : start + PAGE]
        if block != before[start : start + PAGE] and dice.random() < 0.5:
            found[start : start + len(block)] = block
    return bytes(found)


def _check(database: Path, acknowledged: set[str], found: Losses, turn: int) -> None:
    with sqlite3.connect(database) as core:
        whole = core.execute("PRAGMA integrity_check").fetchone()[0]
        if whole != "ok":
            found.broken.append(f"loss {turn}: {whole}")
        there = {row[0] for row in core.execute("SELECT DISTINCT log_id FROM events")}
        heads = "SELECT count(*) FROM cases c WHERE c.seq <> (SELECT max(e.seq) FROM events e WHERE e.log_id = c.id)"
        if core.execute(heads).fetchone()[0]:
            found.broken.append(f"loss {turn}: a case and its log differ")
    core.close()
    found.lost += [f"loss {turn}: {case}" for case in sorted(acknowledged - there)]


# --- the writers ------------------------------------------------------------------------------------------------


def serve(disk: Path) -> None:
    """Fork a writer for each line of stdin (turn:synchronous), say its number, and say when it is dead."""
    from storage import engine, store
    from tests.storage import acts

    assert all((engine, store, acts))
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                write(disk, *line.strip().split(":"))
            finally:
                os._exit(1)
        os.write(1, f"{pid}\n".encode())
        os.waitpid(pid, 0)
        os.write(1, f"{ENDED}\n".encode())


def write(disk: Path, turn: str, synchronous: str) -> None:
    """Record cases from sixteen threads and say of each when its commit is durable; ends when it is killed."""
    from storage import engine
    from storage.store import open_store
    from tests.storage import acts

    engine._WRITER_PRAGMAS["synchronous"] = synchronous
    store = open_store(f"sqlite:///{disk / DATABASE}", disk, dict)
    os.write(1, b"ready\n")

    def work(number: int) -> None:
        for count in range(1_000_000):
            case = f"t{turn}w{number}n{count}"
            store.record.now(acts.opening(case, notices=[acts.card(case)]))
            os.write(1, f"{case}\n".encode())

    for number in range(WRITERS):
        threading.Thread(target=work, args=(number,), daemon=True).start()
    time.sleep(60)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.power", description=__doc__)
    parser.add_argument("--losses", type=int, default=100)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--writers", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--synchronous", default="FULL", help="NORMAL or OFF, to see what they lose")
    given = parser.parse_args()
    if given.writers is not None:
        serve(given.writers)
        return 0
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="redress-power-") as folder:
        found = lose_power(Path(folder), given.losses, seed, given.synchronous)
    for line in (*found.lost, *found.broken):
        print(line)
    figures = {"losses": found.losses, "acknowledged": found.acknowledged, "lost": len(found.lost)}
    print(
        json.dumps(
            {"seed": seed, **figures, "broken": len(found.broken), "seconds": round(time.monotonic() - began, 1)}
        )
    )
    return 1 if found.lost or found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
