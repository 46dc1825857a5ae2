"""The tick hands over what is due, guards each deadline by itself and never turns in circles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from complaints.ports import Told
from complaints.refusals import CaseMoved
from reminders.audit import Audit
from reminders.tick import Tick

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
Due = tuple[str, int]


class FakeTx:
    def __init__(self, due: dict[Due, datetime]) -> None:
        self.due = due
        self.refuses: Due | None = None

    def due_deadlines(self, now: datetime, limit: int) -> list[Due]:
        found = sorted((at, d) for d, at in self.due.items() if at <= now)
        return [d for _, d in found][:limit]

    @contextmanager
    def together(self, case_ids: Sequence[str]) -> Iterator[None]:
        yield
        if self.refuses is not None and self.refuses[0] in case_ids:
            raise RuntimeError("refused by the database")


class FakeRecord:
    """Commits what a work changed, or nothing of it; calls again when another writer was faster."""

    def __init__(self, *due: Due, at: datetime = NOW) -> None:
        self.due = {d: at - timedelta(minutes=len(due) - i) for i, d in enumerate(due)}
        self.commits = 0
        self.refuses: Due | None = None

    def submit(self, work: Callable[[Any], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        while not future.done():
            tx = FakeTx(dict(self.due))
            tx.refuses = self.refuses
            try:
                future.set_result(work(tx))
                self.due = tx.due
                self.commits += 1
            except CaseMoved:
                continue
            except Exception as error:
                future.set_exception(error)
        return future


class FakeDesk:
    """Fires a deadline by taking it out of what is due; *odd* deadlines raise or stay."""

    def __init__(self) -> None:
        self.fired: list[Due] = []
        self.odd: dict[Due, Exception | str] = {}

    def reach(self, tx: Any, case_id: str, deadline: int, now: datetime) -> Told:
        odd = self.odd.get((case_id, deadline))
        if isinstance(odd, CaseMoved):
            del self.odd[case_id, deadline]
        if isinstance(odd, Exception):
            raise odd
        self.fired.append((case_id, deadline))
        if odd is None:
            del tx.due[case_id, deadline]
        return Told(case=None)


class FakeClock:
    at = NOW

    def now(self) -> datetime:
        return self.at


class FakeHeartbeat:
    def __init__(self) -> None:
        self.beats: list[tuple[str, datetime, dict[str, int]]] = []
        self.error: Exception | None = None

    def beat(self, name: str, now: datetime, facts: Any) -> Future[Any]:
        written: Future[Any] = Future()
        if self.error is not None:
            written.set_exception(self.error)
        else:
            self.beats.append((name, now, dict(facts)))
            written.set_result(None)
        return written


def a_tick(record: FakeRecord, desk: FakeDesk, **more: Any) -> Tick:
    more = {"machine_now": lambda: NOW, "clock": FakeClock(), **more}
    return Tick(desk=desk, record=record, **more)


def test_all_that_is_due_is_handed_over_the_longest_due_first() -> None:
    record, desk = FakeRecord(*((f"case-{n:04}", 1) for n in range(1000))), FakeDesk()
    record.due["case-later", 1] = NOW + timedelta(seconds=1)

    report = a_tick(record, desk).run()

    assert report.fired == 1000
    assert desk.fired == [(f"case-{n:04}", 1) for n in range(1000)]
    assert list(record.due) == [("case-later", 1)]


def test_one_bad_deadline_is_set_aside_and_all_others_fire_once() -> None:
    record, desk = FakeRecord(*((f"case-{n:03}", 1) for n in range(200))), FakeDesk()
    desk.odd = {("case-000", 1): RuntimeError("bug"), ("case-117", 1): RuntimeError("bug")}
    tick = a_tick(record, desk)

    report = tick.run()

    assert (report.fired, report.failed, report.set_aside) == (198, 2, 2)
    assert sorted(record.due) == [("case-000", 1), ("case-117", 1)]


def test_what_was_refused_at_the_end_of_a_batch_is_handed_over_again_case_by_case() -> None:
    """What a batch writes together may be refused when nobody can tell any more which case it was of."""
    record, desk = FakeRecord(*((f"case-{n:03}", 1) for n in range(200))), FakeDesk()
    record.refuses = ("case-117", 1)

    report = a_tick(record, desk).run()

    assert (report.fired, report.failed) == (200, 0)
    assert len(desk.fired) > 200  # the batch that was refused came again
    assert not record.due


def test_what_was_set_aside_is_tried_again_after_five_minutes() -> None:
    record, desk = FakeRecord(("case-1", 1)), FakeDesk()
    desk.odd = {("case-1", 1): RuntimeError("bug")}
    machine = [NOW]
    tick = a_tick(record, desk, machine_now=lambda: machine[0])
    tick.run()
    desk.odd.clear()

    machine[0] += timedelta(minutes=4)
    assert tick.run().fired == 0
    machine[0] += timedelta(minutes=1)
    assert tick.run().fired == 1


def test_a_deadline_that_stays_due_does_not_keep_the_tick_busy() -> None:
    record, desk = FakeRecord(("case-1", 1), ("case-2", 1)), FakeDesk()
    desk.odd = {("case-1", 1): "stays"}

    report = a_tick(record, desk).run()

    assert report.failed == 1
    assert desk.fired.count(("case-2", 1)) == 1
    assert desk.fired.count(("case-1", 1)) <= 3


def test_a_faster_writer_is_no_error() -> None:
    record, desk = FakeRecord(("case-1", 1)), FakeDesk()
    desk.odd = {("case-1", 1): CaseMoved()}

    report = a_tick(record, desk).run()

    assert (report.fired, report.failed) == (1, 0)


def test_each_run_leaves_a_sign_of_life_and_a_bad_chore_hurts_nobody() -> None:
    record, desk, heartbeat = FakeRecord(("case-1", 1)), FakeDesk(), FakeHeartbeat()
    seen: list[datetime] = []

    def broken(now: datetime) -> None:
        raise RuntimeError("bug")

    tick = a_tick(record, desk, heartbeat=heartbeat, chores=[("broken", broken), ("good", seen.append)])
    tick.run()

    assert seen == [NOW]
    assert tick.failing == {"broken"}
    assert heartbeat.beats == [("tick", NOW, {"fired": 1, "failed": 0, "set_aside": 0})]

    tick.chores = [("broken", seen.append)]
    tick.run()

    assert tick.failing == set()


def test_the_end_of_the_process_is_noticed_between_batches() -> None:
    record, desk = FakeRecord(*((f"case-{n:03}", 1) for n in range(100))), FakeDesk()

    report = a_tick(record, desk, is_stopping=lambda: record.commits >= 2).run()

    assert report.batches == 2
    assert 0 < report.fired < 100


def test_an_idle_tick_writes_its_sign_of_life_every_ten_seconds_only() -> None:
    heartbeat, machine = FakeHeartbeat(), [NOW]
    tick = a_tick(FakeRecord(), FakeDesk(), heartbeat=heartbeat, machine_now=lambda: machine[0])

    for _ in range(21):
        tick.run()
        machine[0] += timedelta(seconds=1)

    assert len(heartbeat.beats) == 3


def test_a_tick_with_nothing_due_fails_while_nothing_can_be_written_and_tries_again_at_once() -> None:
    """On a full disk and on a database that can only be read it would be well otherwise."""
    heartbeat = FakeHeartbeat()
    tick = a_tick(FakeRecord(), FakeDesk(), heartbeat=heartbeat)
    heartbeat.error = OSError("database or disk is full")
    for _ in range(2):
        with pytest.raises(OSError, match="full"):
            tick.run()

    heartbeat.error = None
    tick.run()
    assert len(heartbeat.beats) == 1


class FakeDueReader:
    def __init__(self) -> None:
        self.answer: tuple[int, datetime | None] = (0, None)

    def not_fired(self, before: datetime) -> tuple[int, datetime | None]:
        return self.answer


@pytest.mark.parametrize(("minutes", "stuck"), [(0, False), (2, False), (3, True)])
def test_the_audit_alarms_when_the_same_deadline_stays_unfired(minutes: int, stuck: bool) -> None:
    reader = FakeDueReader()
    audit = Audit(reader)
    reader.answer = (4, NOW - timedelta(days=2))

    assert not audit.look(NOW, NOW).stuck
    assert audit.look(NOW, NOW + timedelta(minutes=minutes)).stuck is stuck


def test_the_audit_is_calm_while_deadlines_go_on_firing() -> None:
    reader = FakeDueReader()
    audit = Audit(reader)

    for minute in range(30):
        reader.answer = (4, NOW + timedelta(minutes=minute))
        assert not audit.look(NOW, NOW + timedelta(minutes=minute)).stuck
    reader.answer = (0, None)
    assert audit.look(NOW, NOW).count == 0
