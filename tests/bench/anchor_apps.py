"""The apps to compare with: `python -m tests.bench.anchor_apps <kind> <port> <folder>`, uvicorn as the bot has it."""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import sys
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import uvicorn
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from sqlalchemy import create_engine, event, text

from tests.bench.slack_requests import PATH, SECRET, TEAM

CASES = 50_000
SHARED = 32
TABLES = (
    "CREATE TABLE cases (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, state TEXT NOT NULL)",
    "CREATE TABLE events (case_id INTEGER, seq INTEGER, key TEXT UNIQUE, body TEXT, PRIMARY KEY (case_id, seq))",
    "CREATE TABLE outbox (id INTEGER PRIMARY KEY, case_id INTEGER, body TEXT)",
)
READ = "SELECT version, state FROM cases WHERE id = :id"
MOVE = "UPDATE cases SET version = version + 1, state = :state WHERE id = :id AND version = :version"
EVENT = "INSERT INTO events (case_id, seq, key, body) VALUES (:id, :version, :key, :state)"
OUT = "INSERT INTO outbox (case_id, body) VALUES (:id, :state)"
PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000")

Commit = Callable[[int, str], Awaitable[None]]


async def _authorize(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=None, team_id=TEAM, bot_token="xoxb-1", bot_id="B0BENCH", bot_user_id="U0BENCH"
    )


def bolt(commit: Commit | None = None) -> AsyncApp:
    """Return an app with one listener, which acknowledges after *commit*, or does nothing else."""
    app = AsyncApp(signing_secret=SECRET, authorize=_authorize, process_before_response=True)

    async def on_click(body: dict[str, Any], ack: Any) -> None:
        if commit is not None:
            value = body["actions"][0]["value"]
            await commit(int(value), value)
        await ack()

    app.action("visit.confirm")(on_click)
    return app


def _prepared(folder: Path) -> str:
    path = str(folder / "anchor.sqlite3")
    with sqlite3.connect(path) as core:
        for pragma in PRAGMAS:
            core.execute(f"PRAGMA {pragma}")
        for table in TABLES:
            core.execute(table)
        core.executemany("INSERT INTO cases VALUES (?, 1, ?)", ((n, "x" * 1500) for n in range(CASES)))
    return path


def through_core(folder: Path) -> Commit:
    """Return the plain transaction through SQLAlchemy Core, one lock in front, one commit a click."""
    engine = create_engine(f"sqlite:///{_prepared(folder)}", connect_args={"check_same_thread": False})
    lock = threading.Lock()

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    read, move, insert, out = text(READ), text(MOVE), text(EVENT), text(OUT)

    def work(case: int, key: str) -> None:
        with lock, engine.begin() as core:
            version, state = core.execute(read, {"id": case}).one()
            given = {"id": case, "version": version, "state": state, "key": key}
            for statement in (move, insert, out):
                core.execute(statement, given)

    async def commit(case: int, key: str) -> None:
        await asyncio.to_thread(work, case, key)

    return commit


def bare(folder: Path) -> Commit:
    """Return the same on bare sqlite3: one writer thread that shares commits."""
    waiting: queue.SimpleQueue[tuple[int, str, Future[None]]] = queue.SimpleQueue()
    threading.Thread(target=_write, args=(_prepared(folder), waiting), daemon=True).start()

    async def commit(case: int, key: str) -> None:
        done: Future[None] = Future()
        waiting.put((case, key, done))
        await asyncio.wrap_future(done)

    return commit


def _write(path: str, waiting: queue.SimpleQueue[tuple[int, str, Future[None]]]) -> None:
    core = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        core.execute(f"PRAGMA {pragma}")
    while True:
        jobs = [waiting.get()]
        while len(jobs) < SHARED and not waiting.empty():
            jobs.append(waiting.get())
        core.execute("BEGIN IMMEDIATE")
        for case, key, _ in jobs:
            version, state = core.execute(READ, {"id": case}).fetchone()
            for statement in (MOVE, EVENT, OUT):
                core.execute(statement, {"id": case, "version": version, "state": state, "key": key})
        core.execute("COMMIT")
        for _, _, done in jobs:
            done.set_result(None)


KINDS: dict[str, Callable[[Path], Commit | None]] = {
    "bolt": lambda folder: None,
    "core": through_core,
    "bare": bare,
}


def main() -> None:
    kind, port, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    app = AsyncSlackRequestHandler(bolt(KINDS[kind](folder)), PATH)
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off", ws="none",
                server_header=False)  # fmt: skip


if __name__ == "__main__":
    main()
