"""The courier on the real outbox: rows for free addresses, what is in doubt whatever is busy, each message once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.courier import Courier
from bot.fallbacks import DeskFallback
from bot.pacing import MethodPaces
from bot.slack_out import SlackOut, make_session
from complaints.notices import Notice, Priority
from storage.outbox import LEASE
from storage.store import Store, open_store
from tests.bot.fake_outbox import FakeReader, FakeRenderer, inline
from tests.bot.stub_slack import StubSlack
from tests.bot.test_courier import PLAN
from tests.bot.virtual_time import START, VirtualMachine


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


async def test_the_courier_delivers_from_the_real_outbox_each_once(store: Store) -> None:
    machine = VirtualMachine()
    machine.is_busy = lambda: client.flying > 0
    slack = StubSlack(machine.monotonic)
    await slack.start()
    session = make_session()
    client = slack.client(session)
    lost = [0]

    def fault(method: str, arguments: dict[str, Any]) -> str | None:
        lost[0] += method == "chat.postMessage"
        return "lost" if method == "chat.postMessage" and lost[0] % 9 == 0 else None

    slack.fault = fault
    put_out(store, *(f"C{n % 6}" for n in range(48)))
    courier = Courier(
        outbox=store.outbox, renderer=FakeRenderer(), reader=FakeReader(),
        slack=SlackOut(client, MethodPaces(machine)), fallback=DeskFallback(lambda: PLAN), clock=StandingClock(),
        machine=machine, call=inline,
    )  # fmt: skip

    courier.start()
    await machine.until(lambda: store.trouble.backlog() == {})
    await courier.stop()
    await session.close()
    await slack.stop()

    assert max(Counter(slack.texts()).values()) == 1
    assert len(slack.texts()) == 48
    assert slack.refused == 0


class StandingClock:
    def now(self) -> datetime:
        return datetime(2026, 3, 2, tzinfo=UTC)
