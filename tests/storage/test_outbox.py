"""Delivery state: each notice is covered by one message, and no message is sent twice blindly."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from bot.slack_errors import LONGEST_RETRY_AFTER_SECONDS
from complaints.notices import Notice, Priority
from storage import notice_book
from storage.leases import WAIT_OUT, Holder
from storage.outbox import _FIRST, FURTHEST, LEASE
from storage.store import Store, open_store
from storage.tables import outbox
from tests.storage import acts
from tests.storage.sending import claim, show, uncovered

NOW = acts.NOW
SOON = timedelta(seconds=1)

pytestmark = pytest.mark.usefixtures("machine_clock")


def test_a_message_that_others_may_join_is_held_for_a_moment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_book, "machine_now", lambda: NOW)
    reminder = Notice(id="n1", kind="reminder", to="UWU", merge="reminder:UWU")
    store.record.now(lambda tx: tx.put_out([reminder], NOW))

    assert claim(store) == []
    assert len(claim(store, NOW + notice_book.MERGE_HOLD)) == 1


def test_messages_are_claimed_by_priority_and_age_once(store: Store) -> None:
    notices = [
        acts.card("c1", "reminder", priority=Priority.REMINDER),
        acts.card("c1", "approval"),
        acts.card("c1", "home"),
        acts.card("c1", "escalation", priority=Priority.ESCALATION),
    ]
    store.record.now(acts.opening(notices=notices))

    rows = claim(store)

    assert [r.kind for r in rows] == ["escalation", "approval", "home", "reminder"]
    assert [(r.state, r.attempts, r.sent_from) for r in rows] == [("pending", 0, None)] * 4
    assert len({r.key for r in rows}) == 4
    assert claim(store) == []


def test_a_message_waits_until_procedure_time_allows(store: Store) -> None:
    morning = NOW + timedelta(hours=5)
    store.record.now(acts.opening(notices=[acts.card("c1", not_before=morning)]))

    assert claim(store, procedure_at=morning - SOON) == []
    assert len(claim(store, procedure_at=morning)) == 1


def test_a_message_that_is_shown_covers_its_notice_and_has_an_address(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1)]))
    (row,) = claim(store)
    assert uncovered(store) == 1
    assert store.reader.is_being_sent(["CQUALITY"])
    assert not store.reader.is_being_sent(["CPRODUCTION"])

    show(store, row)
    show(store, row, ts="2.2")  # the same answer again

    assert uncovered(store) == 0
    assert store.reader.card("c1", "approval") == ("CQUALITY", "1.1")
    assert store.reader.card("c1", "approval", 1) == ("CQUALITY", "1.1")
    assert store.reader.card("c1", "approval", 2) is None
    assert store.reader.card("c1", "approval", 1, "CQUALITY") == ("CQUALITY", "1.1")
    assert store.reader.card("c1", "approval", 1, "CPRODUCTION") is None
    assert store.reader.case_of_thread("CQUALITY", "1.1") == ("c1", 1)
    assert store.reader.case_of_thread("CQUALITY", "2.2") is None
    assert not store.reader.is_being_sent(["CQUALITY"])
    assert store.trouble.backlog() == {}


def test_reminders_of_one_merge_key_are_one_message(store: Store) -> None:
    for n in range(3):
        store.record.now(acts.opening(f"c{n}", notices=[acts.reminder(f"c{n}")]))
    store.record.now(acts.opening("c9", notices=[acts.reminder("c9", merge="reminder UX", to="UX")]))

    merged, other = claim(store)

    assert merged.notices == ("c0-reminder", "c1-reminder", "c2-reminder")
    assert [n.case_id for n in store.outbox.notices(merged.id)] == ["c0", "c1", "c2"]
    assert other.notices == ("c9-reminder",)
    show(store, merged)
    assert uncovered(store) == 1


def test_reminders_of_one_act_are_one_message_too(store: Store) -> None:
    both = [acts.reminder("c1"), Notice(id="n2", kind="reminder", to="UQ", case_id="c1", merge="reminder UQ")]
    store.record.now(acts.opening(notices=both))

    (row,) = claim(store)

    assert set(row.notices) == {"c1-reminder", "n2"}


def test_a_reminder_does_not_join_a_message_that_was_claimed(store: Store) -> None:
    store.record.now(acts.opening("c1", notices=[acts.reminder("c1")]))
    (first,) = claim(store)
    store.record.now(acts.opening("c2", notices=[acts.reminder("c2")]))
    store.outbox.retry(first, at=NOW, error="timeout")
    store.record.now(acts.opening("c3", notices=[acts.reminder("c3")]))

    rows = claim(store, NOW + SOON)

    assert [r.notices for r in rows] == [("c1-reminder",), ("c2-reminder", "c3-reminder")]


def test_a_merged_message_goes_when_its_first_notice_may_and_as_urgently_as_the_most_urgent(store: Store) -> None:
    evening, morning = NOW + timedelta(hours=1), NOW + timedelta(hours=9)
    store.record.now(acts.opening("c1", notices=[acts.reminder("c1", not_before=morning)]))
    store.record.now(acts.opening("c2", notices=[acts.reminder("c2", not_before=evening, priority=Priority.CARD)]))

    assert claim(store, procedure_at=evening - SOON) == []
    (row,) = claim(store, procedure_at=evening)
    assert (row.priority, len(row.notices)) == (Priority.CARD, 2)


def escalation(day: int, **more: Any) -> Notice:
    """Return what the general manager is told on a day of his stage's lateness, of one deadline unless said otherwise."""
    about = {"case_id": "c1", "visit": 1, "deadline": 1, "to": "UGM"} | more
    return Notice(
        id=f"escalation-{day}-{about['to']}-{about['deadline']}", kind="escalation", priority=Priority.ESCALATION, live=True,
        merge=f"escalation:{about['to']}:{about['case_id']}.{about['visit']}.{about['deadline']}", overtakes=True,
        facts={"step": f"3.{day}"}, **about,
    )  # fmt: skip


def test_an_escalation_overtakes_those_of_the_same_deadline_that_were_never_sent(store: Store) -> None:
    """DESIGN 4: after an outage only the latest is sent; its message covers them all."""
    store.record.now(acts.opening())
    for day in range(1, 6):
        store.record.now(acts.noting("c1", f"w{day}", "-", notices=[escalation(day)]))
    others = [escalation(5, to="UHEAD"), escalation(5, deadline=2)]
    store.record.now(acts.noting("c1", "w9", "-", notices=others))

    newest, *apart = claim(store)

    assert (newest.to, newest.facts) == ("UGM", {"step": "3.5"})
    assert newest.notices == tuple(f"escalation-{day}-UGM-1" for day in range(1, 6))
    assert [row.notices for row in apart] == [("escalation-5-UHEAD-1",), ("escalation-5-UGM-2",)]
    show(store, newest)
    assert uncovered(store) == 2


def test_an_escalation_that_overtakes_is_held_for_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_book, "machine_now", lambda: NOW)
    store.record.now(acts.opening(notices=[escalation(1)]))

    assert len(claim(store)) == 1


def test_an_escalation_that_may_be_shown_is_not_overtaken(store: Store) -> None:
    """Its request may have been carried out: what stands there is what it said."""
    store.record.now(acts.opening(notices=[escalation(1)]))
    (first,) = claim(store)
    store.record.now(acts.noting("c1", "w2", "-", notices=[escalation(2)]))
    store.outbox.retry(first, at=NOW, error="timeout")
    store.record.now(acts.noting("c1", "w3", "-", notices=[escalation(3)]))

    rows = claim(store, NOW + SOON)

    assert [(r.notices, r.facts["step"]) for r in rows] == [
        (("escalation-1-UGM-1",), "3.1"),
        (("escalation-2-UGM-1", "escalation-3-UGM-1"), "3.3"),
    ]


def test_two_escalations_of_one_deadline_in_one_act_are_one_message(store: Store) -> None:
    store.record.now(acts.opening(notices=[escalation(1), escalation(2)]))

    (row,) = claim(store)

    assert (len(row.notices), row.facts) == (2, {"step": "3.2"})


def test_whether_the_card_of_a_thread_is_to_come(store: Store) -> None:
    """Of the same case, visit and reader; the home card of a case is one for all."""
    cards = [acts.card("c1", visit=1, to="CQUALITY"), replace(acts.card("c1", "home"), id="home")]
    store.record.now(acts.opening(notices=cards))
    approval, home = claim(store)
    of_visit, at_home = ("approval", "callback", "card"), ("home",)
    for row, kinds in ((approval, of_visit), (home, at_home)):
        reply = dataclasses.replace(row, id=99, kind="turn", thread="visit" if row is approval else "home")
        others = dataclasses.replace(reply, to="UELSE", visit=2)
        assert store.outbox.is_to_come(reply, kinds)
        assert store.outbox.is_to_come(others, kinds) == (row is home)
        assert not store.outbox.is_to_come(dataclasses.replace(reply, case_id="c2"), kinds)

        show(store, row, ts=f"1.{row.id}")

        assert not store.outbox.is_to_come(reply, kinds)


def test_a_dead_couriers_message_comes_again_as_sending(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    claim(store)

    assert claim(store, NOW + LEASE - SOON) == []
    (again,) = claim(store, NOW + LEASE + SOON)

    assert (again.state, again.attempts, again.sent_from) == ("sending", 1, NOW)


def test_a_renewed_lease_holds(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    rows = claim(store)

    store.outbox.renew(rows, NOW + LEASE - SOON)

    assert claim(store, NOW + LEASE + SOON) == []


def test_what_a_clock_that_was_a_day_ahead_has_put_off_waits_no_day_when_it_is_right_again(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1"), acts.card("c1", "home")]))
    ahead = NOW + timedelta(days=1)
    abandoned, again = claim(store, ahead)
    store.outbox.retry(again, at=ahead + timedelta(seconds=30), error="ratelimited")

    found = {row.id: row.state for row in claim(store, NOW)}

    assert found == {abandoned.id: "sending", again.id: "pending"}
    assert claim(store, NOW) == []


def test_a_retry_after_the_longest_pause_that_slack_may_ask_for_is_waited_for(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    (row,) = claim(store)
    store.outbox.retry(row, at=NOW + timedelta(seconds=LONGEST_RETRY_AFTER_SECONDS), error="ratelimited")

    assert claim(store) == []


def test_a_retry_waits_for_its_time_and_counts_unless_told_otherwise(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    (row,) = claim(store)

    store.outbox.retry(row, at=NOW + timedelta(seconds=30), error="ratelimited", counts=False)
    assert claim(store, NOW + timedelta(seconds=29)) == []
    (row,) = claim(store, NOW + timedelta(seconds=30))
    assert (row.attempts, row.sent_from) == (0, None)

    store.outbox.retry(row, at=NOW + timedelta(seconds=40), error="timeout")
    (row,) = claim(store, NOW + timedelta(seconds=40))
    assert (row.attempts, row.sent_from, row.state) == (1, NOW + timedelta(seconds=30), "pending")


def test_a_courier_whose_lease_ran_out_changes_nothing_for_the_next_one(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    (old,) = claim(store)
    (new,) = claim(store, NOW + LEASE + SOON)

    store.outbox.retry(old, at=NOW, error="late")
    store.outbox.uncertain(old, error="late")
    store.outbox.failed(old, error="late", instead=[acts.card("c1", "fallback")])

    assert claim(store, NOW + LEASE + SOON) == []
    show(store, new)
    assert store.trouble.all() == []


def test_a_failed_message_goes_to_the_fallback_and_can_be_sent_again(store: Store) -> None:
    heard: list[int] = []
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    store.record.on_commit(heard.append)
    (row,) = claim(store)

    store.outbox.failed(row, error="is_archived", instead=[acts.card("c1", "fallback", to="CFALLBACK")])

    (fallback,) = claim(store)
    assert (fallback.kind, fallback.to) == ("fallback", "CFALLBACK")
    assert store.trouble.backlog()["failed"][0] == 1
    assert store.trouble.send_again(row.id)
    assert [r.id for r in claim(store)] == [row.id]
    store.close()
    assert heard == [1, 1]


def test_what_there_is_nothing_to_tell_of_any_more_is_done(store: Store) -> None:
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    (row,) = claim(store)

    store.outbox.nothing(row, why="the stage is decided")

    assert claim(store, NOW + LEASE * 2) == []
    assert (store.trouble.backlog(), uncovered(store)) == ({}, 0)


def test_a_full_address_takes_no_turn_from_another(store: Store) -> None:
    full = [replace(acts.card("c1", to="CFULL"), id=f"n{n}", priority=Priority.ESCALATION) for n in range(200)]
    store.record.now(acts.opening(notices=[*full, acts.card("c1", "home", to="COTHER")]))

    rows = store.outbox.claim(NOW, NOW, 10, each=1)
    later = store.outbox.claim(NOW, NOW, 10, busy={"CFULL"}, each=1)

    assert [r.to for r in rows] == ["CFULL", "COTHER"]
    assert later == []


def looked_at(plan: dict[str, Any]) -> float:
    """Return how many rows of the outbox a measured plan of PostgreSQL's has read, those that did not fit too."""
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) if plan.get("Relation Name") == "outbox" else 0
    return own * plan["Actual Loops"] + sum(looked_at(part) for part in plan.get("Plans", ()))


def test_a_claim_looks_at_the_first_rows_of_each_address_and_at_nothing_that_was_sent(store: Store) -> None:
    """However many messages there ever were: 3,000 of them made each claim of PostgreSQL's take seconds."""
    waiting = [replace(acts.card("c1", to=f"C{n % 20}"), id=f"n{n}") for n in range(100)]
    store.record.now(acts.opening(notices=waiting))
    columns = ", ".join(c.name for c in outbox.columns if c.name not in ("id", "key", "state"))
    copies = f"SELECT 'k' || o.id || '-' || n, 'sent', {columns} FROM outbox o, numbers"
    with store.engines.write.begin() as core:
        numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 30)"
        core.execute(text(f"INSERT INTO outbox (key, state, {columns}) {numbers} {copies}"))
    dialect = store.engines.write.dialect.name
    asked = _FIRST.on(dialect)
    with store.engines.write.connect().execution_options(isolation_level="AUTOCOMMIT") as core:
        assert core.execute(text("SELECT count(*) FROM outbox")).scalar_one() == 3_100
        core.exec_driver_sql("ANALYZE")
        if dialect == "postgresql":
            given = asked.given({"now": NOW, "furthest": NOW + FURTHEST, "each": 2})
            [[[found]]] = core.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked.text}", given).fetchall()
            assert looked_at(found["Plan"]) <= 4 * 20
        else:
            given = asked.given({"now": "", "furthest": "", "each": 2})
            steps = [row[3] for row in core.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked.text}", tuple(given))]
            assert not [step for step in steps if step.startswith("SCAN") and "addresses" not in step], steps


def test_a_message_waits_since_it_may_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notice_book, "machine_now", lambda: datetime.now(UTC))
    morning = NOW + timedelta(hours=5)
    store.record.now(acts.opening(notices=[acts.card("c1", not_before=morning)]))
    began = datetime.now(UTC)
    assert store.trouble.backlog()["deferred"][1] >= began - timedelta(minutes=1)

    (row,) = store.outbox.claim(began, morning, 10)
    store.outbox.retry(row, at=began, error="later", counts=False)

    assert store.trouble.backlog()["pending"] == (1, began)


def test_the_next_only_bot_looks_after_what_the_last_one_was_sending(tmp_path: Path) -> None:
    """Its request may still be on its way for ten seconds; two minutes would be too long to wait."""
    store = open_store(f"sqlite:///{tmp_path / 'r.sqlite3'}", tmp_path, dict)
    store.record.now(acts.opening(notices=[acts.card("c1")]))
    claim(store)

    store.leases.take(Holder(), NOW)

    assert claim(store, NOW + WAIT_OUT) == []
    assert [r.state for r in claim(store, NOW + WAIT_OUT + SOON)] == ["sending"]
    store.close()


def test_the_ts_of_a_message_is_kept_to_its_last_nought(store: Store) -> None:
    """PITFALLS 35: a ts is a name, no number; as a number one in ten would lead nowhere."""
    store.record.now(acts.opening(notices=[acts.card("c1", visit=1)]))
    show(store, claim(store)[0], ts="1762100000.000100")
    store.record.now(acts.approving())

    (card,) = store.outbox.stale_cards(10, NOW)
    assert card.ts == "1762100000.000100"
    assert store.reader.card("c1", "approval") == (card.channel, "1762100000.000100")


def test_a_notice_of_the_desk_itself_is_sent_too(store: Store) -> None:
    notice = Notice(id="n", kind="notice", to="UOFFICER", facts={"what": "a broken file"})
    store.record.now(lambda tx: tx.put_out([notice], NOW))
    (row,) = claim(store)

    show(store, row)

    assert (row.case_id, row.facts, row.notices) == (None, {"what": "a broken file"}, ("n",))
    assert uncovered(store) == 0
