"""What the doctor says of running bots, and what the desk officer hears after an outage."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.at_work import look_at_work
from bot.chores import Outages
from bot.office import Office, open_office
from bot.settings import load_settings
from complaints.memory import FrozenClock
from complaints.notices import Notice
from handlers.cards.desk import outage_card
from storage.leases import Holder
from storage.tables import notices
from tests.support.company import local

NOW = local("2026-11-02 09:30")


class Machine:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> Any:
        return self.at


@pytest.fixture
def office(own_data: None) -> Iterator[Office]:
    opened = open_office(load_settings())
    opened.clock, opened.machine = FrozenClock(NOW), Machine()  # type: ignore[assignment]  # a machine of which only the clock is asked
    yield opened
    opened.close()


def todo(office: Office) -> list[str]:
    return [str(f) for f in look_at_work(office) if not f.is_ok]


def test_without_a_bot_there_is_nothing_to_mend(office: Office) -> None:
    assert todo(office) == []
    assert "running bot (none): ok" in [str(f) for f in look_at_work(office)]


def test_a_running_bot_is_named_and_its_tick_that_stands(office: Office) -> None:
    office.store.leases.take(Holder(host="elsewhere", pid=12), NOW)
    office.store.heartbeats.beat("tick", NOW).result()
    assert todo(office) == []
    assert any("process 12 on elsewhere" in str(f) for f in look_at_work(office))

    office.machine.at = NOW + timedelta(seconds=20)  # type: ignore[attr-defined]  # the Machine above, whose clock is set
    office.store.heartbeats.beat("tick", NOW - timedelta(minutes=2)).result()
    [tick] = todo(office)
    assert tick.startswith("tick, which keeps the deadlines: it last ran at 2026-11-02 01:28 UTC")


def test_a_bot_that_died_is_named(office: Office) -> None:
    office.store.leases.take(Holder(host="elsewhere", pid=12), NOW - timedelta(days=1))

    [died] = todo(office)

    assert "a bot (process 12 on elsewhere, last seen 2026-11-01 01:30:00 UTC) did not end in order" in died


def test_what_waits_and_what_did_not_arrive_is_named(office: Office) -> None:
    store = office.store
    store.leases.take(Holder(host="elsewhere", pid=12), NOW)
    told = [Notice(id=f"n{n}", kind="notice", to=f"C{n}") for n in range(2)]
    store.record.now(lambda tx: tx.put_out(told, NOW))
    row, _ = store.outbox.claim(NOW, NOW, 10)
    store.outbox.failed(row, error="is_archived")
    [lost] = [line for line in todo(office) if "did not arrive" in line]
    assert lost.startswith("messages that did not arrive, or nobody knows (1): the desk officer")


# --- after an outage ---------------------------------------------------------------------------------------


def told(office: Office) -> list[Any]:
    with office.store.engines.read.connect() as core:
        found = core.execute(select(notices.c.dest, notices.c.facts).where(notices.c.kind == "outage"))
        return [(to, json.loads(facts)) for to, facts in found]


def with_late(office: Office, monkeypatch: pytest.MonkeyPatch, late: int) -> None:
    monkeypatch.setattr(type(office.store.heartbeats), "overdue_and_not_fired", lambda *_: (late, NOW))


def test_an_outage_in_which_deadlines_came_due_is_told_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with_late(office, monkeypatch, 7)
    Outages(office)(NOW)  # the first start of all
    office.store.heartbeats.beat("tick", NOW - timedelta(hours=3)).result()
    Outages(office)(NOW)
    Outages(office)(NOW)  # as in another process, before either leaves a sign of life

    [(to, facts)] = told(office)

    assert to == office.watched.plan().officer
    assert [datetime.fromisoformat(facts[name]) for name in ("since", "until")] == [NOW - timedelta(hours=3), NOW]
    assert facts["late"] == 7


@pytest.mark.parametrize(("hours", "late"), [(0.9, 7), (30.0, 0)])
def test_a_short_one_or_one_in_which_nothing_was_due_is_not_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, hours: float, late: int
) -> None:
    with_late(office, monkeypatch, late)
    office.store.heartbeats.beat("tick", NOW - timedelta(hours=hours)).result()

    Outages(office)(NOW)

    assert told(office) == []


@pytest.mark.parametrize(
    ("language", "title", "late"),
    [
        ("en", "The bot stood still for 15 hours", "7 deadlines came due meanwhile"),
        ("zh-Hans", "机器人停摆了 15 小时", "期间有 7 个期限"),
        ("zh-Hant", "機器人停擺了 15 小時", "期間有 7 個期限"),
    ],
)
def test_the_card_says_how_long_from_when_to_when_and_how_many(language: str, title: str, late: str) -> None:
    drawn = outage_card(NOW - timedelta(hours=15), NOW, 7, language, "Asia/Taipei")

    words = str([b.to_dict() for b in drawn.blocks])
    assert drawn.text == title
    assert late in words
    assert f"<!date^{int(NOW.timestamp())}^" in words
    assert f"<!date^{int(NOW.timestamp()) - 15 * 3600}^" in words
