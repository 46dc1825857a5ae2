"""The courier on the real outbox: rows for free addresses, what is in doubt whatever is busy, each message once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.fallbacks import DeskFallback
from complaints.notices import Notice, Priority
from storage.outbox import LEASE
from storage.store import Store, open_store
from tests.bot.posting import PLAN, Post
from tests.bot.virtual_time import START


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'r.sqlite3'}", tmp_path, dict)
    yield opened
    opened.close()


def put_out(store: Store, *to: str, priority: Priority = Priority.CARD) -> None:
    told = [Notice(id=f"{START}{to}{i}{priority}", kind="notice", to=c, priority=priority) for i, c in enumerate(to)]
    store.record.now(lambda tx: tx.put_out(told, START))


def test_rows_are_given_for_free_addresses_the_urgent_first(store: Store) -> None:
    put_out(store, "C1", "C1", "C2", "C3")
    put_out(store, "C1", priority=Priority.ESCALATION)

    first = store.outbox.claim(START, START, 10, busy={"C3"}, each=1)
    then = store.outbox.claim(START, START, 10, busy={"C1"}, each=1)

    assert [(r.to, r.priority) for r in first] == [("C1", Priority.ESCALATION), ("C2", Priority.CARD)]
    assert [r.to for r in then] == ["C3"]
    assert store.outbox.claim(START, START, 10, busy={"C1"}) == []


def test_a_row_in_doubt_comes_whatever_is_busy(store: Store) -> None:
    put_out(store, "C1")
    store.outbox.claim(START, START, 1)
    later = START + LEASE + timedelta(seconds=1)

    [row] = store.outbox.claim(later, later, 10, busy={"C1"}, each=1)

    assert (row.state, row.attempts, row.sent_from) == ("sending", 1, START)


async def test_the_courier_delivers_from_the_real_outbox_each_once(store: Store, post: Post) -> None:
    machine, slack = post.machine, post.slack
    lost = [0]

    def fault(method: str, arguments: dict[str, Any]) -> str | None:
        lost[0] += method == "chat.postMessage"
        return "lost" if method == "chat.postMessage" and lost[0] % 9 == 0 else None

    slack.fault = fault
    put_out(store, *(f"C{n % 6}" for n in range(48)))
    courier = post.courier(outbox=store.outbox)

    courier.start()
    await machine.until(lambda: store.trouble.backlog() == {})
    await courier.stop()

    assert max(Counter(slack.texts()).values()) == 1
    assert len(slack.texts()) == 48
    assert slack.refused == 0


async def test_what_is_sent_again_before_the_channel_is_mended_is_told_again_and_its_card_shown_once(
    store: Store, post: Post
) -> None:
    """The officer pressed too early: he hears so, the other channel has one card, and the third time it arrives."""
    machine, slack = post.machine, post.slack
    is_archived = True

    def fault(method: str, arguments: dict[str, Any]) -> str | None:
        return "is_archived" if is_archived and arguments.get("channel") == "C1" else None

    slack.fault = fault
    put_out(store, "C1")
    courier = post.courier(outbox=store.outbox)

    def told() -> int:
        with store.engines.read.connect() as core:
            asked = text("SELECT count(*) FROM outbox WHERE kind = 'undelivered' AND state = 'sent'")
            return int(core.execute(asked).scalar_one())

    courier.start()
    await machine.until(lambda: told() == 1)
    [lost] = store.trouble.all()
    assert store.trouble.send_again(lost.id)
    await machine.until(lambda: told() == 2)
    assert [t.state for t in store.trouble.all()] == ["failed"]

    is_archived = False
    assert store.trouble.send_again(lost.id)
    await machine.until(lambda: store.trouble.backlog() == {})
    await courier.stop()

    assert Counter(m["channel"] for m in slack.messages if m["channel"].startswith("C")) == {"CFALLBACK": 1, "C1": 1}
    assert courier.figures.faults == 0


async def test_a_doubt_that_nobody_can_clear_up_is_told_each_time_the_officer_asks(store: Store) -> None:
    put_out(store, "C1")
    for n in range(2):
        [row] = [r for r in store.outbox.claim(START + n * 2 * LEASE, START, 10) if r.kind != "undelivered"]
        store.outbox.uncertain(row, error="not_in_channel", told=DeskFallback(lambda: PLAN).doubt(row))
        assert [t.state for t in store.trouble.all()] == ["uncertain"]
        assert store.trouble.send_again(row.id)
