"""
Couriers of several bots on one PostgreSQL at the same moment: each message has one of them, and each notice goes with one message.

What would be a matter of microseconds is held open here: both look before either claims, or one stands between its claim and
its commit. (On SQLite one writer takes all that one after the other.)
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from complaints.ports import OutboxRow
from storage import notice_book
from storage import outbox as outbox_module
from storage.outbox import LEASE
from storage.store import Store
from storage.wire import Wire
from tests.storage import acts
from tests.storage.sending import claim

NOW = acts.NOW

pytestmark = [
    pytest.mark.usefixtures("machine_clock"), pytest.mark.parametrize("database", ["postgresql"], indirect=True),
]  # fmt: skip


def both_claim(stores: list[Store], monkeypatch: pytest.MonkeyPatch, at: Any = NOW) -> list[list[OutboxRow]]:
    """Let two couriers claim; each has looked at what waits before either has claimed."""
    looked, look = threading.Barrier(2), outbox_module._Turns.ids

    def together(turns: Any, wire: Wire, now: Any) -> list[int]:
        found = look(turns, wire, now)
        with suppress(threading.BrokenBarrierError):
            looked.wait(5)
        return found

    monkeypatch.setattr(outbox_module._Turns, "ids", together)
    monkeypatch.setattr(outbox_module.StoredOutbox, "_anything_to_claim", lambda *_: True)
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda store: claim(store, at), stores))


def test_two_couriers_that_look_at_once_never_claim_the_same_message(
    stores: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(6):
        stores[0].record.now(acts.opening(f"c{n}", notices=[acts.card(f"c{n}", to=f"C{n % 2}")]))

    one, other = both_claim(stores, monkeypatch)

    assert sorted(row.case_id or "" for row in (*one, *other)) == [f"c{n}" for n in range(6)]


def test_what_a_courier_left_behind_is_taken_up_by_one_other(
    stores: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(4):
        stores[0].record.now(acts.opening(f"c{n}", notices=[acts.card(f"c{n}")]))
    assert len(claim(stores[0])) == 4  # and it dies

    one, other = both_claim(stores, monkeypatch, NOW + LEASE + timedelta(seconds=1))

    assert sorted(row.case_id or "" for row in (*one, *other)) == [f"c{n}" for n in range(4)]
    assert all(row.state == "sending" for row in (*one, *other))


def test_a_reminder_does_not_join_a_message_that_a_courier_is_claiming(
    stores: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would count as told by a message that was drawn without it."""
    stores[0].record.now(acts.opening("c1", notices=[acts.reminder("c1")]))
    claimed, told, read = threading.Event(), threading.Event(), outbox_module.as_row

    def slowly(wire: Wire, row: Any) -> OutboxRow:
        found = read(wire, row)
        claimed.set()
        told.wait(5)
        return found

    with monkeypatch.context() as slow, ThreadPoolExecutor(1) as pool:
        slow.setattr(outbox_module, "as_row", slowly)
        sending = pool.submit(claim, stores[0])
        assert claimed.wait(10)
        stores[1].record.now(acts.opening("c2", notices=[acts.reminder("c2")]))
        told.set()
        (first,) = sending.result(20)

    (second,) = claim(stores[1])
    assert (first.notices, second.notices) == (("c1-reminder",), ("c2-reminder",))


def test_a_courier_does_not_claim_a_message_that_a_reminder_is_joining(
    stores: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    stores[0].record.now(acts.opening("c1", notices=[acts.reminder("c1")]))
    joined, claimed, join = threading.Event(), threading.Event(), notice_book._join

    def slowly(wire: Wire, notice: Any) -> int | None:
        found = join(wire, notice)
        joined.set()
        claimed.wait(5)
        return found

    with monkeypatch.context() as slow:
        slow.setattr(notice_book, "_join", slowly)
        telling = stores[1].record.submit(acts.opening("c2", notices=[acts.reminder("c2")]))
        assert joined.wait(10)
        assert claim(stores[0]) == []
        claimed.set()
        telling.result(20)

    (both,) = claim(stores[0])
    assert set(both.notices) == {"c1-reminder", "c2-reminder"}
