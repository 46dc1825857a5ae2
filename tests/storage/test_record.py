"""Recording: all or nothing, in order, once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from complaints import events as e
from complaints.case import copy_case
from complaints.ports import CaseCount, Tx
from complaints.refusals import CaseMoved, Refusal
from storage import chain
from storage.rebuild import check, rebuild
from storage.store import Store
from storage.types import NaiveInstant
from storage.wire import read_wire
from storage.words import StrayWords
from storage.writers import Stopped
from tests.storage import acts


def test_a_recorded_case_is_read_back_as_it_was(store: Store) -> None:
    recorded = store.record.now(acts.opening(words={"w1": "it leaks"}, fields={"what": {"$words": "w1"}}))

    assert store.reader.case("c1") == recorded
    assert store.reader.words("c1") == {"w1": "it leaks"}
    assert [type(r.event).__name__ for r in store.reader.log("c1")][:2] == ["CaseOpened", "CaseNumbered"]
    assert all(r.at == acts.NOW for r in store.reader.log("c1"))


def test_a_case_is_read_the_same_from_memory_and_from_its_rows(store: Store) -> None:
    store.record.now(acts.opening())
    remembered = store.record.now(acts.approving())

    store.record.forget()

    assert store.reader.case("c1") == remembered
    assert store.record.now(lambda tx: tx.load("c1")) == remembered


def test_the_case_in_memory_is_not_changed_by_a_work_that_fails(store: Store) -> None:
    before = store.record.now(acts.opening())

    def spoiling(tx):
        case = tx.load("c1")
        case.status, case.fields["customer"] = "void", "C99"
        case.visits.clear()
        raise Refusal("not_yours")

    with pytest.raises(Refusal):
        store.record.now(spoiling)

    assert store.reader.case("c1") == before
    assert store.record.now(lambda tx: tx.load("c1")) == before


def test_an_unknown_case_is_none(store: Store) -> None:
    assert store.reader.case("nobody") is None
    assert store.record.now(lambda tx: tx.load("nobody")) is None


def test_who_records_on_an_older_state_is_told_that_the_case_moved(store: Store) -> None:
    stale = store.record.now(acts.opening())
    store.record.now(acts.approving())

    def late(tx):
        return acts.record(tx, copy_case(stale), [e.NoteAdded(words={})])

    with pytest.raises(CaseMoved):
        store.record.now(late)
    assert len(store.reader.log("c1")) == 9


def test_a_case_is_opened_once(store: Store) -> None:
    store.record.now(acts.opening())

    with pytest.raises(CaseMoved):
        store.record.now(acts.opening(key="another"))

    assert len(store.reader.lines()) == 1


def test_the_same_key_is_recorded_once(store: Store) -> None:
    store.record.now(acts.opening())
    assert store.record.now(lambda tx: tx.done_before("approve")) is None
    store.record.now(acts.approving(key="approve"))

    assert store.record.now(lambda tx: tx.done_before("approve")) == "c1"
    with pytest.raises(CaseMoved):
        store.record.now(acts.opening("c2", key="approve"))
    assert store.reader.case("c2") is None


def test_what_a_form_held_is_known_after_a_restart_until_the_words_of_its_case_are_erased(store: Store) -> None:
    """A digest of a few words could be guessed from, so it goes with them."""
    store.record.now(
        acts.opening(words={"w1": "hm"}, fields={"what": {"$words": "w1"}}, key="form", contents="5ca1ab1e")
    )
    store.record.now(acts.approving("c1", key="click"))
    store.record.forget()

    assert store.record.now(lambda tx: tx.contents_of("form")) == "5ca1ab1e"
    assert store.record.now(lambda tx: tx.contents_of("click")) is None
    assert store.record.now(lambda tx: tx.contents_of("never")) is None

    store.record.now(
        lambda tx: acts.record(tx, tx.load("c1"), [e.WordsErased(words=("w1",), why="a right")], actor="clock")
    )
    assert store.record.now(lambda tx: tx.contents_of("form")) is None
    assert store.record.now(lambda tx: tx.done_before("form")) == "c1"


def test_serials_have_no_gaps_when_works_fail_and_race(store: Store) -> None:
    """A number is given back when its transaction is rolled back."""

    def failing(tx):
        tx.next_serial("AR", "2025")
        raise Refusal("no")

    def drawing(n: int):
        work = failing if n % 3 == 0 else acts.opening(f"c{n}")
        try:
            return store.record.submit(work).result().number
        except Refusal:
            return None

    with ThreadPoolExecutor(12) as pool:
        numbers = [n for n in pool.map(drawing, range(36)) if n]

    assert sorted(numbers) == [f"AR{n:03}" for n in range(1, 25)]


def test_serials_begin_anew_in_each_period(store: Store) -> None:
    drawn = store.record.now(lambda tx: [tx.next_serial("AR", p) for p in ("2025", "2025", "2026")])

    assert drawn == [1, 2, 1]


def test_one_failing_work_harms_no_other(store: Store) -> None:
    """All wait behind one slow work, so that on SQLite they share a commit; one fails after it wrote something."""
    begin = threading.Event()
    slow = [store.record.submit(lambda tx: begin.wait(60)) for _ in range(4)]

    def breaking(tx):
        acts.opening("broken")(tx)
        raise RuntimeError("a fault")

    works = [store.record.submit(acts.opening(f"c{n}")) for n in range(5)]
    broken = store.record.submit(breaking)
    refused = store.record.submit(lambda tx: (_ for _ in ()).throw(Refusal("not_yours")))
    works += [store.record.submit(acts.opening(f"c{n}")) for n in range(5, 10)]
    begin.set()

    assert sorted(w.result().number for w in works) == [f"AR{n:03}" for n in range(1, 11)]
    assert all(s.result() for s in slow)
    with pytest.raises(RuntimeError, match="a fault"):
        broken.result()
    with pytest.raises(Refusal):
        refused.result()
    assert store.reader.case("broken") is None


def test_a_refusal_comes_to_who_asked_as_it_was_raised(store: Store) -> None:
    raised = Refusal("not_yours", stage="analysis")

    def refused(tx: Tx) -> None:
        raise raised

    assert store.record.submit(refused).exception(60) is raised


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_works_that_wait_share_a_commit(store: Store) -> None:
    begin = threading.Event()
    first = store.record.submit(lambda tx: begin.wait(60))
    works = [store.record.submit(acts.opening(f"c{n}")) for n in range(10)]
    before = store.record.commits()
    begin.set()

    assert [w.result().number for w in works] == [f"AR{n:03}" for n in range(1, 11)]
    assert first.result()
    assert store.record.commits() - before <= 2


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_complaint_logged_through_two_replicas_at_once_is_there_once_and_both_are_told(store: Store) -> None:
    """There is no case yet that the slower one could wait for: its words are there already, and it looks again."""
    both_looked = threading.Barrier(2, timeout=60)
    calls = []

    def logging(tx):
        calls.append(1)
        done = tx.done_before("log")
        if len(calls) <= 2:
            both_looked.wait()
        if done:
            return "repeated"
        acts.opening(key="log", words={"w1": "it leaks"}, fields={"what": {"$words": "w1"}})(tx)
        return "recorded"

    results = [f.result() for f in [store.record.submit(logging), store.record.submit(logging)]]

    assert sorted(results) == ["recorded", "repeated"]
    assert store.reader.words("c1") == {"w1": "it leaks"}
    assert len(store.reader.log("c1")) == 6


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_work_that_lost_a_race_is_called_again(store: Store) -> None:
    """Both replicas saw that the key is new; the slower one is called again and sees what the faster one recorded."""
    store.record.now(acts.opening())
    both_looked = threading.Barrier(2, timeout=60)
    calls = []

    def clicking(tx):
        calls.append(1)
        done = tx.done_before("click")
        if len(calls) <= 2:
            both_looked.wait()
        if done:
            return "repeated"
        acts.approving(key="click")(tx)
        return "recorded"

    results = [f.result() for f in [store.record.submit(clicking), store.record.submit(clicking)]]

    assert sorted(results) == ["recorded", "repeated"]
    assert len(store.reader.log("c1")) == 9


def test_listeners_hear_of_new_messages_after_the_commit(store: Store) -> None:
    heard = []

    def listener(messages: int) -> None:
        heard.append((messages, len(store.reader.lines())))

    store.record.on_commit(listener)
    store.record.now(acts.opening(notices=[acts.card("c1"), acts.card("c1", "home")]))
    with pytest.raises(Refusal):
        store.record.now(lambda tx: (_ for _ in ()).throw(Refusal("no")))
    store.close()

    assert heard == [(2, 1)]


def test_who_waits_for_futures_is_called_when_they_are_done_refused_ones_too(store: Store) -> None:
    futures, calls = [], []
    store.record.on_settled(lambda: calls.append([f.done() for f in futures]))

    def nothing(tx) -> None:
        raise Refusal("no")

    held = threading.Event()

    def refused(tx) -> None:
        held.wait(60)
        nothing(tx)

    futures.append(store.record.submit(refused))
    held.set()  # not before the future is in the list
    store.close()

    assert calls == [[True]]


def test_a_listener_that_fails_stops_nobody(store: Store) -> None:
    store.record.on_commit(lambda messages: 1 / 0)
    store.record.on_settled(lambda: 1 / 0)

    store.record.now(acts.opening(notices=[acts.card("c1")]))
    store.record.now(acts.approving())


def test_what_is_queued_at_closing_is_recorded(url, tmp_path) -> None:
    from storage.store import open_store

    store = open_store(url, tmp_path, dict)
    works = [store.record.submit(acts.opening(f"c{n}")) for n in range(20)]
    store.close()

    assert all(w.result().number for w in works)
    with pytest.raises(Stopped):
        store.record.submit(acts.opening("late"))


def test_naive_instants_are_refused(store: Store) -> None:
    naive = acts.NOW.replace(tzinfo=None)

    with pytest.raises(NaiveInstant):
        store.record.now(acts.opening(at=naive))
    with pytest.raises(NaiveInstant):
        store.record.now(acts.opening(remind=naive))
    assert store.reader.lines() == []


def test_instants_of_any_zone_are_kept_in_utc(store: Store) -> None:
    from zoneinfo import ZoneInfo

    taipei = acts.NOW.astimezone(ZoneInfo("Asia/Taipei"))
    store.record.now(acts.opening(at=taipei))

    (first, *_) = store.reader.log("c1")
    assert first.at == acts.NOW
    assert first.at.utcoffset() == timedelta(0)
    with read_wire(store.engines) as wire:
        assert chain.verify(wire, "c1") is None


def test_words_that_no_event_names_are_a_fault(store: Store) -> None:
    with pytest.raises(StrayWords):
        store.record.now(acts.opening(words={"w9": "who said that"}))


def test_due_deadlines_come_longest_due_first_and_only_once(store: Store) -> None:
    for n in range(4):
        store.record.now(acts.opening(f"c{n}", remind=acts.NOW + timedelta(hours=4 - n)))

    due = store.record.now(lambda tx: tx.due_deadlines(acts.NOW + timedelta(hours=3), 10))
    assert due == [("c3", 1), ("c2", 1), ("c1", 1)]

    store.record.now(acts.approving("c3"))
    assert store.record.now(lambda tx: tx.due_deadlines(acts.NOW + timedelta(hours=3), 1)) == [("c2", 1)]


def test_what_is_due_at_one_instant_comes_in_the_order_of_the_numbers(store: Store) -> None:
    """The general manager gets the escalations of a morning in an order that he knows, not in that of hidden ids."""
    for name in ("c9", "c3", "c7", "c1"):
        store.record.now(acts.opening(name))
    due = store.record.now(lambda tx: tx.due_deadlines(acts.DUE, 10))

    assert [case_id for case_id, _ in due] == ["c9", "c3", "c7", "c1"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_sweeps_at_once_share_the_due_deadlines(store: Store) -> None:
    for n in range(6):
        store.record.now(acts.opening(f"c{n}"))
    both = threading.Barrier(2, timeout=60)

    def sweep(tx):
        found = tx.due_deadlines(acts.DUE, 3)
        both.wait()
        return found

    one, other = (f.result() for f in [store.record.submit(sweep), store.record.submit(sweep)])

    assert len(one) == len(other) == 3
    assert not set(one) & set(other)


def test_earlier_cases_are_counted_by_their_values(store: Store) -> None:
    for n, fields in enumerate(
        [
            {"customer": "C01", "matter": "leak", "lots": ["L1", "L2"], "amount": "100.50"},
            {"customer": "C01", "matter": "leak", "lots": ["L2"], "amount": "9.5"},
            {"customer": "C01", "matter": "noise", "lots": ["L3"], "amount": "1"},
            {"customer": "C02", "matter": "leak", "amount": "not yet determined"},
        ]
    ):
        store.record.now(acts.opening(f"c{n}", fields=fields, at=acts.NOW + timedelta(days=n)))
    ask = lambda **q: store.record.now(lambda tx: tx.count_cases(CaseCount(**{"policy": None, "since": acts.NOW} | q)))

    assert ask(same={"customer": "C01"}) == 3
    assert ask(same={"customer": "C01", "matter": "leak"}) == 2
    assert ask(same={"lots": ["L2"]}) == 2
    assert ask(same={"customer": "C01"}, leave_out="c0") == 2
    assert ask(same={"customer": "C01"}, since=acts.NOW + timedelta(days=1)) == 2
    assert ask(same={}, different="customer") == 2
    assert ask(same={"matter": "leak"}, total="amount") == 110
    assert str(ask(same={"customer": "C01"}, leave_out="c1", total="amount")) == "101.50"
    assert ask(same={"customer": "C01"}, policy="another") == 0

    find = lambda **q: store.record.now(lambda tx: tx.find_cases(CaseCount(**{"policy": None, "since": acts.NOW} | q)))
    assert find(same={"customer": "C01", "matter": "leak"}) == ["c0", "c1"]
    assert find(same={"customer": "C01"}, since=acts.NOW + timedelta(days=1), leave_out="c1") == ["c2"]

    assert ask(same={}, different="customer", also=("C02", "C09")) == 3
    loud = lambda texts: "noise" in texts.get("matter", ())
    with_l2 = lambda texts: "L2" in texts.get("lots", ())
    assert ask(same={"customer": "C01"}, where=loud, reads=("matter",)) == 1
    assert ask(same={"customer": "C01"}, where=with_l2, reads=("lots",), total="amount") == 110
    assert ask(same={}, where=with_l2, reads=("lots",), different="customer") == 1
    assert ask(same={}, where=lambda texts: "lots" not in texts, reads=("lots",)) == 1


def test_a_customer_outside_the_register_is_known_by_the_name_in_the_same_field(store: Store) -> None:
    names = {"w1": "王小明", "w2": "Somebody", "w3": "王小明", "w4": "王小明"}
    for case_id, word, fields in (
        ("c1", "w1", {"customer": {"$words": "w1", "new": True}}),
        ("c2", "w2", {"customer": {"$words": "w2", "new": True, "as": "w1"}}),
        ("c3", "w3", {"contact": {"$words": "w3"}, "customer": {"$words": "w0", "new": True}}),
        ("c4", "w4", {"buyer": {"$words": "w4", "new": True}}),
    ):
        store.record.now(acts.opening(case_id, fields=fields, words={word: names[word]}))
    namesake = lambda field, name: store.record.now(lambda tx: tx.namesake(field, name))

    assert namesake("customer", "王小明") == "w1"
    assert namesake("customer", "Somebody") == "w1"
    assert namesake("buyer", "王小明") == "w4"
    assert namesake("customer", "somebody else") is None


def test_a_ledger_is_read_out_of_all_logs_and_a_void_case_owes_nothing(store: Store) -> None:
    for case_id in ("c1", "c2", "c3"):
        store.record.now(acts.opening(case_id))
    owed = e.LedgerOwed(entry="instalments", debts={"UA": "1000.00"})
    taken = e.LedgerTaken(
        entry="instalments", month="2025-12", taken=({"who": "UA", "case": "c1", "amount": "600.00"},)
    )
    for case_id, event in (("c1", owed), ("c2", owed), ("c3", taken)):
        store.record.now(lambda tx, c=case_id, x=event: acts.record(tx, tx.load(c), [x]))

    lines = store.record.now(lambda tx: tx.ledger("pcb", "instalments"))
    assert sorted((x.log, x.kind, x.who, x.case_id, x.amount, x.month) for x in lines) == [
        ("c1", "owed", "UA", "c1", "1000.00", ""),
        ("c2", "owed", "UA", "c2", "1000.00", ""),
        ("c3", "paid", "UA", "c1", "600.00", "2025-12"),
    ]
    store.record.now(lambda tx: acts.record(tx, tx.load("c2"), [e.CaseVoided(reason={})]))
    assert {x.log for x in store.record.now(lambda tx: tx.ledger("pcb", "instalments"))} == {"c1", "c3"}
    assert store.record.now(lambda tx: tx.ledger("another", "instalments")) == []
    assert store.reader.lines(text="instalments") == []
    assert check(store.engines) == []
    assert rebuild(store.engines) == 3
    assert len(store.record.now(lambda tx: tx.ledger("pcb", "instalments"))) == 2


@pytest.mark.parametrize("ending", [e.CaseVoided(reason={}), e.CaseMerged(into="c2", reason={})])
def test_void_and_merged_cases_do_not_count(store: Store, ending: e.Event) -> None:
    store.record.now(acts.opening("c1"))
    store.record.now(acts.opening("c2"))
    store.record.now(lambda tx: acts.record(tx, tx.load("c1"), [ending]))
    query = CaseCount(policy="pcb", same={"customer": "C01"}, since=acts.NOW)

    assert store.record.now(lambda tx: tx.count_cases(query)) == 1
    assert [line.case_id for line in store.reader.lines(same={"customer": "C01"})] == ["c2"]


def test_a_policy_put_in_force_is_known_at_once(store: Store) -> None:
    event = e.PolicyPutInForce(policy="pcb", label="2025-1", bundle=acts.BUNDLE, first=True)
    assert store.record.now(lambda tx: tx.in_force("pcb")) is None

    store.record.now(lambda tx: tx.record_desk([event], actor="UOFFICER", at=acts.NOW, key="force"))

    assert store.record.now(lambda tx: tx.in_force("pcb")) == acts.BUNDLE
    assert store.record.now(lambda tx: tx.done_before("force")) == "desk"
    assert store.reader.log("desk")[0].event == event
    with pytest.raises(CaseMoved):
        store.record.now(lambda tx: tx.record_desk([event], actor="U", at=acts.NOW, key="force"))


def test_desk_events_recorded_at_once_all_find_their_place(store: Store) -> None:
    def closure(n):
        event = e.CalendarChanged(calendar="main", version=f"v{n}", spec={"country": "TW"})
        return store.record.submit(lambda tx: tx.record_desk([event], actor="U", at=acts.NOW))

    for future in [closure(n) for n in range(12)]:
        future.result()

    assert [r.seq for r in store.reader.log("desk")] == list(range(1, 13))
    with read_wire(store.engines) as wire:
        assert chain.verify(wire, "desk") is None


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_lost_connection_is_made_anew(store: Store) -> None:
    store.record.now(acts.opening("c1"))
    with store.engines.write.connect() as core:
        core.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    assert store.record.now(acts.approving("c1")).seq == 9
    assert store.reader.case("c1").seq == 9


def test_the_words_of_a_case_are_read_in_the_transaction_that_kept_them(store: Store) -> None:
    store.record.now(acts.opening("c1", words={"w1": "It leaks"}, fields={"what": {"$words": "w1"}}))
    store.record.now(acts.opening("c2", words={"w2": "Too loud"}, fields={"what": {"$words": "w2"}}))

    def both(tx: Tx) -> tuple[dict[str, str], dict[str, str]]:
        acts.opening("c3", words={"w3": "Now"}, fields={"what": {"$words": "w3"}})(tx)
        return dict(tx.words_of("c1")), dict(tx.words_of("c3"))

    assert store.record.now(both) == ({"w1": "It leaks"}, {"w3": "Now"})
