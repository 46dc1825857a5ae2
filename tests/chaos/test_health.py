"""Health of the real process on machine time that moves: no way in, a tick that is silent, a message that waits; and well again."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.chaos.bots import Bot, Nursery, _asked
from tests.chaos.goals.filled import make_tables, open_cases
from tests.chaos.settle import settle
from tests.chaos.stage import Stage, open_stage
from tests.support.postgres import Cluster, NoPostgres
from tests.support.programs import skipped_without

pytestmark = pytest.mark.slow

NO_WAY_IN, NO_TICK, OLD = (
    "nothing comes in from Slack",
    "the tick does not run",
    "messages wait for more than a quarter of an hour",
)
NO_RECORD, NO_TOKEN = "the database does not answer", "Slack takes no messages: token_revoked"
PAGE_SECONDS, END_SECONDS = 5.0, 25.0
"""How long a page may take when the database hangs, and the end (docs/operations.md)."""


@pytest.fixture
def stage(tmp_path: Path, nursery: Nursery) -> Iterator[Stage]:
    with open_stage(tmp_path, nursery=nursery) as opened:
        yield opened


@pytest.fixture
def bot(stage: Stage) -> Iterator[Bot]:
    started = stage.start()
    assert started.wait_ready()
    until(lambda: problems(started) == [], "well after the first tick")
    yield started
    assert started.end() == 0


def problems(bot: Bot) -> list[str]:
    found: list[str] = bot.health()["problems"]
    return found


def has(bot: Bot, problem: str) -> bool:
    return any(found.startswith(problem) for found in problems(bot))


def until(look: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < ends, what
        time.sleep(0.05)


def test_a_bot_whose_socket_is_gone_says_so_until_it_has_a_new_one(stage: Stage, bot: Bot) -> None:
    stage.desk.fault("error", method="apps.connections.open", status=503)
    stage.desk.fault("drop_sockets")

    until(lambda: has(bot, NO_WAY_IN), "nothing comes in")
    assert not bot.is_ready()
    assert bot.health()["socket_age"] is None
    assert not has(bot, NO_TICK)

    stage.desk.clear_faults()
    until(lambda: problems(bot) == [] and bot.is_ready(), "connected again")


def test_a_tick_that_can_not_write_is_silent_and_named_until_it_can(stage: Stage, bot: Bot) -> None:
    with closing(sqlite3.connect(stage.folder / "redress.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        stage.advance(45)
        until(lambda: bot.health()["tick_age"] > 40, "the last sign of life is old")
        assert not has(bot, NO_TICK)
        stage.advance(20)

        until(lambda: has(bot, NO_TICK), "the tick is silent")
        assert bot.health()["tick_age"] > 60
        until(lambda: any("SQLITE_BUSY" in p and "another program" in p for p in problems(bot)), "and it is said why")
        other.execute("ROLLBACK")

    until(lambda: problems(bot) == [], "the tick runs again")


def test_a_message_that_waits_too_long_is_named_until_it_is_out(stage: Stage) -> None:
    """Slack answers, and takes no message for one channel."""
    make_tables(stage)
    open_cases(stage, range(1))
    stage.desk.fault("error", method="chat.postMessage", channel="CDEPARTMENT", status=503)
    bot = stage.start()
    assert bot.wait_ready()
    for _ in range(8):
        stage.advance(60)
        time.sleep(0.2)
    assert not has(bot, OLD)
    for _ in range(8):
        stage.advance(60)
        time.sleep(0.2)

    until(lambda: has(bot, OLD), "the message has waited for a quarter of an hour")
    assert bot.health()["oldest_pending_age"] > 900
    assert bot.is_ready()

    stage.desk.clear_faults()
    assert settle(stage)["messages to send"] == 0
    until(lambda: problems(bot) == [], "the message is out")
    assert bot.end() == 0


def test_a_revoked_token_is_named_though_nothing_is_to_be_sent(stage: Stage, bot: Bot) -> None:
    stage.desk.fault("revoke_token")
    stage.advance(40)

    until(lambda: has(bot, NO_TOKEN), "asked of itself")

    stage.desk.fault("restore_token")
    stage.advance(70)
    until(lambda: problems(bot) == [], "taken again")


@pytest.fixture
def on_postgres(tmp_path: Path, nursery: Nursery) -> Iterator[Stage]:
    with skipped_without(NoPostgres), open_stage(tmp_path, db="postgresql", nursery=nursery) as opened:
        yield opened


def well(stage: Stage) -> tuple[Stage, Cluster, Bot]:
    """Return the stage with its server and a bot of which nothing is wrong."""
    assert stage.cluster is not None
    bot = stage.start()
    assert bot.wait_ready()
    until(lambda: problems(bot) == [], "well")
    return stage, stage.cluster, bot


def test_without_its_database_the_bot_still_says_what_is_wrong_and_ends_in_order(on_postgres: Stage) -> None:
    """The pages were empty, so that an alert on `redress_problems` saw nothing."""
    _, cluster, bot = well(on_postgres)

    cluster.stop("immediate")
    until(lambda: has(bot, NO_RECORD), "named")
    assert bot.health()["pending"] is None
    status, figures = _asked(bot.port, "/metrics")
    assert status == 200
    assert b"redress_record_answers 0.0" in figures
    assert b"redress_outbox_pending" not in figures
    assert not bot.is_ready()

    cluster.start()
    until(lambda: problems(bot) == [] and bot.is_ready(), "well again by itself")
    cluster.stop("immediate")
    assert bot.end(END_SECONDS) == 0


def test_a_database_that_hangs_holds_up_neither_the_pages_nor_the_end(on_postgres: Stage) -> None:
    """Not refused, not gone: no answer at all, as when a network parts. It waited for ever, until the supervisor killed it."""
    stage, cluster, bot = well(on_postgres)

    with frozen(cluster):
        began = time.monotonic()
        until(lambda: has(bot, NO_RECORD), "named")
        assert time.monotonic() - began < PAGE_SECONDS

        assert bot.end(END_SECONDS) == 1  # not in order: but soon, and the log says why
    assert "something hung at the end" in stage.log.read_text()
    again = stage.start()
    assert again.wait_ready()
    assert again.end() == 0


@contextmanager
def frozen(cluster: Cluster) -> Iterator[None]:
    """Stop every process of the server in its tracks."""
    assert cluster._server is not None
    children = Path(f"/proc/{cluster._server.pid}/task/{cluster._server.pid}/children")
    pids = [cluster._server.pid, *map(int, children.read_text().split())]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
