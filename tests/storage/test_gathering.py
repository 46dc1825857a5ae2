"""Cases recorded together are as if each had been recorded by itself, on both databases."""

from __future__ import annotations

import asyncio
import sqlite3
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from complaints import events as e
from complaints.refusals import CaseMoved
from storage import chain
from storage.rebuild import check
from storage.store import Store, open_store
from storage.wire import Wire, read_wire
from tests.storage import acts

CASES = ("c0", "c1", "c2")
TABLES = ("cases", "events", "acts", "open_seats", "deadlines", "case_past", "case_fields", "notices", "outbox")
AGAIN = "0.2"
BY_CHANCE = {"outbox": ("id", "key", "created_at", "next_attempt_at"), "notices": ("message",)}
LATER = acts.REMIND + timedelta(hours=1)


@pytest.fixture
def other_store(bare_url: str, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(bare_url, tmp_path / "other", dict)
    yield opened
    opened.close()


def firing(tx, case_id: str, step: str = "remind", **more) -> None:
    """A reminder falls due, and comes again in a day."""
    again = e.Step(id=AGAIN, at=acts.DUE, send_at=acts.DUE, as_="reminder", tell=("quality",))
    fired = e.StepFired(deadline=1, step=step, as_="reminder", told=("UQ",), late=False, next_steps=(again,))
    more = {"key": f"{case_id}:{step}", "notices": [replace(acts.reminder(case_id), id=f"{case_id}-{step}")]} | more
    acts.record(tx, tx.load(case_id), [fired], actor="clock", at=LATER, **more)


def opened(store: Store) -> None:
    for case_id in CASES:
        store.record.now(acts.opening(case_id))


def together(case_ids: Sequence[str], *works: Callable) -> Callable:
    def work(tx) -> None:
        with tx.together(case_ids):
            for each in works:
                each(tx)

    return work


def rows(store: Store) -> dict[str, list[tuple]]:
    """Return what stands in the tables, but for what is drawn by chance or by the machine's clock."""
    found = {}
    with store.engines.read.connect() as core:
        for table in TABLES:
            lines = core.execute(text(f"SELECT * FROM {table}")).mappings()
            by_chance = BY_CHANCE.get(table, ())
            found[table] = sorted(tuple(str(v) for n, v in line.items() if n not in by_chance) for line in lines)
    return found


def test_what_is_recorded_together_stands_as_if_each_case_came_by_itself(store: Store, other_store: Store) -> None:
    opened(store), opened(other_store)

    for case_id in CASES:
        other_store.record.now(lambda tx, case_id=case_id: firing(tx, case_id))
    store.record.now(together(CASES, *(lambda tx, c=c: firing(tx, c) for c in CASES)))

    assert rows(store) == rows(other_store)
    assert len(rows(store)["events"]) == 3 * 7
    assert len(rows(store)["outbox"]) == 1  # one merged reminder for the three


def test_a_case_that_is_recorded_on_twice_goes_on_from_the_first(store: Store) -> None:
    opened(store)

    store.record.now(
        together(CASES, *(lambda tx, c=c, s=s: firing(tx, c, s) for s in ("remind", AGAIN) for c in CASES))
    )

    for case_id in CASES:
        case = store.reader.case(case_id)
        assert case is not None
        assert case.seq == 8
        with read_wire(store.engines) as wire:
            assert chain.verify(wire, case_id) is None
    assert check(store.engines) == []


def test_who_reads_in_between_sees_what_was_recorded(store: Store) -> None:
    opened(store)
    seen: list[object] = []

    store.record.now(
        together(
            CASES,
            lambda tx: firing(tx, "c0"),
            lambda tx: seen.append(tx.done_before("c0:remind")),
            lambda tx: seen.append(tx.due_deadlines(LATER, 10)),
            lambda tx: seen.append(tx.load("c0").seq),
        )
    )

    assert seen == ["c0", [("c1", 1), ("c2", 1)], 7]


def test_an_act_that_was_recorded_before_takes_all_back(store: Store) -> None:
    opened(store)
    before = rows(store)

    with pytest.raises(CaseMoved):
        store.record.now(together(CASES, lambda tx: firing(tx, "c0"), lambda tx: firing(tx, "c1", key="open-c2")))

    assert rows(store) == before


def test_nothing_is_written_when_one_of_them_fails(store: Store) -> None:
    opened(store)
    before = rows(store)

    def failing(tx) -> None:
        raise RuntimeError("bug")

    with pytest.raises(RuntimeError):
        store.record.now(together(CASES, lambda tx: firing(tx, "c0"), failing))

    assert rows(store) == before
    store.record.now(together(CASES, lambda tx: firing(tx, "c0")))
    assert len(store.reader.log("c0")) == 7


def test_a_case_in_memory_that_moved_meanwhile_is_read_anew(store: Store) -> None:
    opened(store)
    store.record.now(together(CASES, lambda tx: firing(tx, "c0")))  # opened by a person, so it is in memory
    store.record.forget()
    store.record.now(lambda tx: firing(tx, "c1"))
    seen: list[int] = []

    store.record.now(together((*CASES, "nobody"), lambda tx: seen.extend(tx.load(c).seq for c in CASES)))

    assert seen == [7, 7, 6]
    assert store.record.now(lambda tx: tx.load("nobody")) is None


# --- works that share a commit: SQLite's one writer -----------------------------------------------------------------

on_sqlite = pytest.mark.parametrize("database", ["sqlite"])


@pytest.fixture(params=[False, True], ids=["each reads for itself", "read ahead"])
def asked(request: pytest.FixtureRequest) -> list[dict[str, str]]:
    """What works say that they will ask for, in turn; it need not be what they do ask for."""
    return [{"case": c, "key": f"{c}:remind"} for c in CASES] if request.param else [{}]


def sharing(store: Store, asked: list[dict[str, str]], *works: Callable) -> list[object]:
    """Let *works* come to the writer in one commit, and return what each gave or raised."""
    gate = Event()
    held = store.record.submit(lambda tx: gate.wait(60))
    futures = [store.record.submit(work, **asked[n % len(asked)]) for n, work in enumerate(works)]
    gate.set()
    held.result(60)
    return [future.exception(60) or future.result() for future in futures]


@on_sqlite
def test_works_that_share_a_commit_see_what_the_ones_before_them_recorded(
    store: Store, asked: list[dict[str, str]]
) -> None:
    opened(store)

    found = sharing(
        store,
        asked,
        lambda tx: firing(tx, "c0"),
        lambda tx: tx.done_before("c0:remind"),
        lambda tx: (tx.load("c0").seq, tx.load("c1").seq),
        lambda tx: firing(tx, "c0", AGAIN),
        lambda tx: tx.load("c0").seq,
    )

    assert found == [None, "c0", (7, 6), None, 8]
    assert check(store.engines) == []


@on_sqlite
def test_the_same_key_twice_in_a_commit_is_found_the_second_time(store: Store, asked: list[dict[str, str]]) -> None:
    opened(store)

    found = sharing(
        store,
        asked,
        lambda tx: (tx.done_before("c0:remind"), firing(tx, "c0")),
        lambda tx: tx.done_before("c0:remind"),
        lambda tx: tx.done_before("c1:remind"),
    )

    assert found == [(None, None), "c0", None]


@on_sqlite
def test_a_case_that_cannot_be_read_stops_nobody_else(store: Store, asked: list[dict[str, str]]) -> None:
    opened(store)
    store.record.forget()
    with store.engines.write.begin() as core:
        core.execute(text("UPDATE cases SET state = '{' WHERE id = 'c1'"))

    found = sharing(store, asked, *(lambda tx, c=c: tx.load(c).seq for c in CASES))

    assert (found[0], type(found[1]).__name__, found[2]) == (6, "DecodeError", 6)


@on_sqlite
def test_a_work_that_fails_after_it_recorded_takes_back_its_own_and_no_other(
    store: Store, asked: list[dict[str, str]]
) -> None:
    opened(store)

    def failing(tx) -> None:
        firing(tx, "c1")
        raise RuntimeError("bug")

    found = sharing(store, asked, lambda tx: firing(tx, "c0"), failing, lambda tx: firing(tx, "c2"))

    assert isinstance(found[1], RuntimeError)
    assert [found[0], found[2]] == [None, None]
    assert [store.reader.case(c).seq for c in CASES] == [7, 6, 7]
    assert len(rows(store)["outbox"]) == 1


@on_sqlite
def test_whose_writing_is_refused_at_the_end_hears_of_it_alone(store: Store, asked: list[dict[str, str]]) -> None:
    opened(store)

    found = sharing(
        store,
        asked,
        lambda tx: firing(tx, "c0"),
        lambda tx: firing(tx, "c1", key="open-c2"),
        lambda tx: firing(tx, "c2"),
    )

    assert isinstance(found[1], CaseMoved)
    assert [found[0], found[2]] == [None, None]
    assert [store.reader.case(c).seq for c in CASES] == [7, 6, 7]


@on_sqlite
def test_what_shares_a_commit_stands_as_if_each_came_by_itself(
    store: Store, asked: list[dict[str, str]], other_store: Store
) -> None:
    opened(store), opened(other_store)

    for case_id in CASES:
        other_store.record.now(lambda tx, case_id=case_id: firing(tx, case_id))
    sharing(store, asked, *(lambda tx, c=c: firing(tx, c) for c in CASES))

    assert rows(store) == rows(other_store)


@on_sqlite
async def test_whoever_clears_the_frames_of_a_failed_commit_ends_no_other_that_waited_for_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one exception between the works of a commit, the tick's scheduler ended the courier while it slept."""
    begun, gate, caught, goes_on = Event(), Event(), asyncio.Event(), list[str]()
    held = store.record.submit(lambda tx: (begun.set(), gate.wait(60)))
    assert begun.wait(60)
    mine, anothers = [store.record.submit(lambda tx: None) for _ in range(2)]

    def full(_: Wire) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    async def courier() -> None:
        try:
            await asyncio.to_thread(mine.result, 60)
        except sqlite3.OperationalError:
            caught.set()
        await asyncio.sleep(0.01)
        goes_on.append("yes")

    works = Wire.commit
    held.add_done_callback(lambda _: monkeypatch.setattr(Wire, "commit", full))
    waiting = asyncio.create_task(courier())
    await asyncio.sleep(0)
    gate.set()
    await asyncio.wait_for(caught.wait(), 60)
    monkeypatch.setattr(Wire, "commit", works)
    with pytest.raises(sqlite3.OperationalError, match="disk I/O error") as failed:
        anothers.result(60)
    traceback.clear_frames(failed.tb)

    await asyncio.wait_for(waiting, 60)
    assert goes_on == ["yes"]
    assert mine.exception() is not anothers.exception()


class Odd(Exception):
    def __init__(self, where: str, when: str) -> None:
        super().__init__(f"{where} {when}")


@on_sqlite
def test_a_failure_that_cannot_be_copied_is_told_to_each_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(_: Wire) -> None:
        raise Odd("here", "now")

    monkeypatch.setattr(Wire, "commit", odd)
    failed = store.record.submit(lambda tx: 1)
    assert "here now" in str(failed.exception(60))
    monkeypatch.undo()
    assert store.record.now(lambda tx: 3) == 3
