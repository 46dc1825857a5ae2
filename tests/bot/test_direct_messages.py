"""Slack opens no direct messages (`im:write` is missing): channels go on, the desk officer hears of it, and what waits goes out after repair."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
import structlog
from sqlalchemy import select

from bot.chores import DirectMessagesRefused
from bot.direct_messages import AGAIN_SECONDS
from bot.office import Office
from handlers.cards.desk import no_direct_messages_card
from storage.tables import notices
from tests.bot.posting import Post
from tests.support.company import local

NOW = local("2026-11-02 09:30")
EVERYBODY = 20


def _without_permission(post: Post, seconds: float) -> None:
    over = post.machine.monotonic() + seconds
    post.slack.fault = lambda method, _: (
        "missing_scope" if method == "conversations.open" and post.machine.monotonic() < over else None
    )


async def test_channels_go_on_and_people_are_told_after_repair(post: Post) -> None:
    """It is one trouble, not one for each person: noticed once, asked again once a minute."""
    for number in range(EVERYBODY):
        post.outbox.add(f"U{number:03}")
        post.outbox.add(f"C{number:03}")
    courier = post.courier()
    _without_permission(post, 10 * AGAIN_SECONDS)
    courier.start()

    with structlog.testing.capture_logs() as logged:
        await post.machine.until(lambda: post.outbox.states()["sent"] == EVERYBODY, at_most=30)
        assert (courier.gate.is_open, courier.dms.refused) == (True, "missing_scope")
        await post.machine.pass_(9 * AGAIN_SECONDS)
        asked = len(post.slack.times("conversations.open"))
        await post.machine.until(lambda: post.outbox.states()["sent"] == 2 * EVERYBODY, at_most=4 * AGAIN_SECONDS)
    await courier.stop()

    assert asked <= EVERYBODY + 10
    assert sorted(post.slack.texts()) == sorted(f"row {n}" for n in range(1, 2 * EVERYBODY + 1))
    assert [entry["event"] for entry in logged if entry["log_level"] == "warning"] == [
        "no direct messages for now: Slack does not let us open any"
    ]
    assert (courier.dms.refused, courier.dms.problems(), post.outbox.instead) == (None, [], [])


def test_the_desk_officer_hears_of_it_in_the_fallback_channel_once_a_day(
    office_at: Callable[[datetime], Office],
) -> None:
    """Slack would not take a direct message about it."""
    office = office_at(NOW)
    refused = [None, "missing_scope", "missing_scope"]

    for _ in range(3):
        DirectMessagesRefused(office, lambda: refused[0])(NOW)
        refused.append(refused.pop(0))

    plan = office.watched.plan()
    with office.store.engines.read.connect() as core:
        told = core.execute(select(notices.c.dest, notices.c.facts).where(notices.c.kind == "no_direct_messages")).all()
    [(to, facts)] = told
    assert to == plan.fallback_channel
    assert plan.officer in facts


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Direct messages do not go out"), ("zh-Hans", "私信发不出去"), ("zh-Hant", "私訊發不出去")]
)  # fmt: skip
def test_the_card_calls_him_and_names_the_permission(language: str, title: str) -> None:
    drawn = no_direct_messages_card("UOFFICER", language)

    words = str([block.to_dict() for block in drawn.blocks])
    assert drawn.text == title
    assert "<@UOFFICER>" in words
    assert "im:write" in words
