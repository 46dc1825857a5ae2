"""Health of the real process on machine time that moves: no way in, a tick that is silent, a message that waits; and well again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.chaos.bots import Bot, Nursery
from tests.chaos.goals.filled import make_tables, open_cases
from tests.chaos.settle import settle
from tests.chaos.stage import Stage, open_stage

pytestmark = pytest.mark.slow

NO_WAY_IN, NO_TICK, OLD = (
    "nothing comes in from Slack",
    "the tick does not run",
    "messages wait for more than a quarter of an hour",
)


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


def until(look: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    ends = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < ends, what
        time.sleep(0.05)


def test_a_bot_whose_socket_is_gone_says_so_until_it_has_a_new_one(stage: Stage, bot: Bot) -> None:
    stage.desk.fault("error", method="apps.connections.open", status=503)
    stage.desk.fault("drop_sockets")

    until(lambda: NO_WAY_IN in problems(bot), "nothing comes in")
    assert not bot.is_ready()
    assert bot.health()["socket_age"] is None
    assert NO_TICK not in problems(bot)

    stage.desk.clear_faults()
    until(lambda: problems(bot) == [] and bot.is_ready(), "connected again")


def test_a_tick_that_can_not_write_is_silent_and_named_until_it_can(stage: Stage, bot: Bot) -> None:
    with closing(sqlite3.connect(stage.folder / "redress.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        stage.advance(45)
        until(lambda: bot.health()["tick_age"] > 40, "the last sign of life is old")
        assert NO_TICK not in problems(bot)
        stage.advance(20)

        until(lambda: NO_TICK in problems(bot), "the tick is silent")
        assert bot.health()["tick_age"] > 60
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
    assert OLD not in problems(bot)
    for _ in range(8):
        stage.advance(60)
        time.sleep(0.2)

    until(lambda: OLD in problems(bot), "the message has waited for a quarter of an hour")
    assert bot.health()["oldest_pending_age"] > 900
    assert bot.is_ready()

    stage.desk.clear_faults()
    assert settle(stage)["messages to send"] == 0
    until(lambda: problems(bot) == [], "the message is out")
    assert bot.end() == 0
