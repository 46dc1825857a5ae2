"""
A process that has loaded the whole program and forks bots on order, so that a start after a kill costs little.

It reads orders from stdin (its argument: the desk file) and tells what happens on stdout, both as lines of JSON: `{"environment": {…}, "log": PATH,
"plan": {…}}` starts a bot, which then runs the ordinary command line (`redress run`); `{"started": PID}` and
`{"ended": PID, "how": STATUS}` come back. When stdin ends, it kills what it started and goes.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

_RUNNING: set[int] = set()


def main() -> None:
    _load(Path(sys.argv[1]))
    signal.signal(signal.SIGCHLD, _reap)
    _tell({"ready": True})
    for line in sys.stdin:
        _start(json.loads(line))
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for pid in _RUNNING:
        os.kill(pid, signal.SIGKILL)


def _load(desk: Path) -> None:
    """Import all that a bot imports and read its desk file once, before anything is forked."""
    import aiohttp
    import holidays.countries
    import psycopg
    import sqlalchemy.dialects.postgresql.psycopg
    import sqlalchemy.dialects.sqlite.pysqlite
    import uvicorn.lifespan.off
    import uvicorn.protocols.http.h11_impl
    from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

    import bot.app
    import bot.cli
    import bot.drawing
    import handlers
    import tests.chaos.seams
    from storage.desk_file import load_desk

    assert all((aiohttp, psycopg, holidays, uvicorn, AsyncSocketModeHandler, sqlalchemy, bot, handlers, tests))
    load_desk(desk)
    gc.collect()
    gc.freeze()


def _start(order: dict[str, Any]) -> None:
    sys.stdout.flush()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    pid = os.fork()
    if pid == 0:
        _become(order)
    _RUNNING.add(pid)
    _tell({"started": pid})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _become(order: dict[str, Any]) -> NoReturn:
    """Turn this fork into a bot. Its death is its own: nothing of the nursery's is left in it."""
    code = 70
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in ((0, nothing), (1, log), (2, log)):
            os.dup2(file, number)
        _environment(order["environment"])
        from bot.cli import run_cli
        from tests.chaos import seams

        seams.install(order["plan"])
        code = run_cli(order["command"])
    except BaseException as error:
        print(f"the bot ended with {error!r}", file=sys.stderr)
        if not isinstance(error, SystemExit | KeyboardInterrupt):
            import traceback

            traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _environment(given: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(given)


def _reap(_: int, __: FrameType | None) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _RUNNING.discard(pid)
        _tell({"ended": pid, "how": os.waitstatus_to_exitcode(status)})


def _tell(what: dict[str, Any]) -> None:
    os.write(1, (json.dumps(what) + "\n").encode())


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main()
