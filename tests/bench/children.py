"""Work in processes of its own: `python -m tests.bench.children <work> <folder> <url>`; a line of JSON comes back."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.machine import pin, resident_mib
from tests.bench.made_up import MadeUp, open_made_up
from tests.bench.sweeping import DUE_AT, LATER, a_tick, claim_bare

ROOT = Path(__file__).resolve().parents[2]


def start(work: str, folder: Path, url: str, *, core: int | None = None) -> subprocess.Popen[str]:
    """Start a child; it says `ready` on its first line and begins when a line is written to it."""
    command = [sys.executable, "-m", "tests.bench.children", work, str(folder), url, "" if core is None else str(core)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def go_together(children: Sequence[subprocess.Popen[str]]) -> list[dict[str, Any]]:
    """Wait until all are ready, let them begin at once, and return what each found."""
    try:
        for child in children:
            assert child.stdout is not None
            if child.stdout.readline().strip() != "ready":
                raise RuntimeError("a child of the benchmark did not come up")
        for child in children:
            assert child.stdin is not None
            child.stdin.write("go\n")
            child.stdin.flush()
        return [json.loads(child.communicate()[0]) for child in children]
    finally:
        for child in children:
            if child.poll() is None:
                child.kill()
                child.wait()


# --- in the child ----------------------------------------------------------------------------------------------


def main() -> None:
    work, folder, url, core = sys.argv[1:5]
    if core:
        pin(int(core))
    with _open(Path(folder), url) as made:
        print("ready", flush=True)
        sys.stdin.readline()
        print(json.dumps(WORKS[work](made)), flush=True)


@contextmanager
def _open(folder: Path, url: str) -> Iterator[MadeUp]:
    made = open_made_up(folder, url or None, writers=1)
    yield made
    made.store.close()


def sweep(made: MadeUp) -> dict[str, Any]:
    """Run ticks until nothing is due: the whole path."""
    made.at(DUE_AT)
    tick, before, began = a_tick(made, made.clock.now), resident_mib(), time.time()
    report = tick.run()
    return {"fired": report.fired, "failed": report.failed, "began": began, "ended": time.time(),
            "before": before, "after": resident_mib()}  # fmt: skip


def claim(made: MadeUp) -> dict[str, Any]:
    """Claim until nothing is due, without the procedure."""
    claimed, began = 0, time.time()
    while found := made.store.record.submit(lambda tx: claim_bare(tx, DUE_AT, LATER)).result():
        claimed += found
    return {"claimed": claimed, "began": began, "ended": time.time()}


WORKS: dict[str, Callable[[MadeUp], dict[str, Any]]] = {"sweep": sweep, "claim": claim}

if __name__ == "__main__":
    main()
