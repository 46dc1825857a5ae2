"""Reads for the conversation."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from complaints import events as e
from complaints.ports import Customer
from storage.store import Store
from tests.storage import acts

NOW = acts.NOW


def test_a_case_is_found_by_what_people_call_it(store: Store) -> None:
    store.record.now(acts.opening("ab12cd34"))
    imported = e.CaseImported(old_number="92-017", received_at=NOW, stage="quality")
    store.record.now(lambda tx: acts.record(tx, tx.load("ab12cd34"), [imported]))
    store.record.now(acts.opening("ab12ffff"))

    found = {n: store.reader.find(n) for n in ("AR001", "ar001", " AR002 ", "92-017", "ab12cd34", "ab12c", "ab12f")}

    assert found == {
        "AR001": "ab12cd34", "ar001": "ab12cd34", " AR002 ": "ab12ffff", "92-017": "ab12cd34",
        "ab12cd34": "ab12cd34", "ab12c": "ab12cd34", "ab12f": "ab12ffff",
    }  # fmt: skip
    assert [store.reader.find(n) for n in ("ab12", "ab", "", "AR999", "%", "____")] == [None] * 6


def test_open_seats_are_those_of_my_roles_and_mine_nearest_due_first(store: Store) -> None:
    store.record.now(acts.opening("c1"))
    store.record.now(acts.opening("c2", seat=e.Seat(id=1, role="quality", member="UME")))
    store.record.now(acts.opening("c3", seat=e.Seat(id=1, role="quality", member="UOTHER")))
    store.record.now(acts.opening("c4", seat=e.Seat(id=1, role="sales")))
    store.record.now(acts.opening("c5", seat=e.Seat(id=1, unit="quality")))
    due = e.DeadlineMoved(deadline=1, due_at=NOW, provisional=False, calendar_version="v2", steps=(), why="calendar")
    store.record.now(lambda tx: acts.record(tx, tx.load("c2"), [due]))

    seats = store.reader.open_seats(roles=["quality", "unknown"], member="UME")

    assert [(s.case_id, s.stage, s.member, s.due_at) for s in seats] == [
        ("c2", "quality", "UME", NOW),
        ("c1", "quality", None, acts.DUE),
        ("c5", "quality", None, acts.DUE),
    ]
    assert store.reader.open_seats(roles=[], member="UNOBODY") == []


def test_an_answered_seat_waits_for_nobody(store: Store) -> None:
    store.record.now(acts.opening("c1"))
    store.record.now(acts.approving("c1"))

    assert store.reader.open_seats(roles=["quality"], member="U") == []


def test_a_seat_that_was_handed_over_waits_for_the_other(store: Store) -> None:
    store.record.now(acts.opening("c1"))
    handed = e.HandedOver(visit=1, seat=1, member="UNEW")
    store.record.now(lambda tx: acts.record(tx, tx.load("c1"), [handed]))

    assert store.reader.open_seats(roles=["quality"], member="U") == []
    assert [s.case_id for s in store.reader.open_seats(roles=[], member="UNEW")] == ["c1"]


def test_the_open_cases_that_name_somebody_are_those_on_which_he_acted(store: Store) -> None:
    for case_id in ("c1", "c2", "c3"):
        store.record.now(acts.opening(case_id))
    decided = e.SeatAnswered(visit=1, seat=1, decision="ok")
    for case_id in ("c1", "c2"):
        store.record.now(lambda tx, of=case_id: acts.record(tx, tx.load(of), [decided], actor="U_CHEN"))
    store.record.now(lambda tx: acts.record(tx, tx.load("c2"), [e.CaseClosed(outcome="upheld")]))

    assert store.reader.naming("U_CHEN") == ["c1"]
    assert store.reader.naming("UXCHEN") == store.reader.naming("U_CHE") == []


def test_late_seats_are_everybodys_the_longest_late_first(store: Store) -> None:
    store.record.now(acts.opening("c1"))
    store.record.now(acts.opening("c2", seat=e.Seat(id=1, role="quality", member="UME")))
    due = e.DeadlineMoved(deadline=1, due_at=NOW, provisional=False, calendar_version="v2", steps=(), why="calendar")
    store.record.now(lambda tx: acts.record(tx, tx.load("c2"), [due]))

    assert store.reader.late_seats(NOW) == []
    assert [(s.case_id, s.member) for s in store.reader.late_seats(NOW + timedelta(seconds=1))] == [("c2", "UME")]
    assert [s.case_id for s in store.reader.late_seats(acts.DUE + timedelta(days=1))] == ["c2", "c1"]


def test_of_what_is_due_at_the_same_time_the_lower_number_is_first(store: Store) -> None:
    """Ids are drawn at random; a list in their order looks shuffled."""
    for case_id in ("c9", "c5", "c7"):
        store.record.now(acts.opening(case_id))

    assert [s.case_id for s in store.reader.late_seats(acts.DUE + timedelta(days=1))] == ["c9", "c5", "c7"]
    assert [s.case_id for s in store.reader.open_seats(roles=["quality"], member="U")] == ["c9", "c5", "c7"]


@pytest.fixture
def four_cases(store: Store) -> Store:
    fields = [
        {"customer": "C01", "matter": "leak 50%"},
        {"customer": "C02", "matter": "leak"},
        {"customer": "C01", "matter": "noise"},
        {"customer": "C03", "matter": "漏水", "what": {"$words": "w3"}},
    ]
    for n, each in enumerate(fields):
        words = {"w3": "a secret"} if "what" in each else {}
        policy = "pcb" if n < 3 else "hotel"
        store.record.now(acts.opening(f"c{n}", fields=each, words=words, at=NOW + timedelta(days=n), policy=policy))
    store.record.now(lambda tx: acts.record(tx, tx.load("c1"), [e.CaseClosed(outcome="upheld")], at=acts.DUE))
    store.register.keep([Customer(code="C03", names={"zh-Hant": "大同公司", "en": "Tatung"})], NOW)
    return store


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["c3", "c2", "c1", "c0"]),
        ({"limit": 2}, ["c3", "c2"]),
        ({"status": ["closed"]}, ["c1"]),
        ({"status": []}, []),
        ({"policy": "hotel"}, ["c3"]),
        ({"reporter": "USALES", "since": NOW + timedelta(days=2)}, ["c3", "c2"]),
        ({"reporter": "UNOBODY"}, []),
        ({"same": {"customer": "C01"}}, ["c2", "c0"]),
        ({"same": {"customer": "C01", "matter": "noise"}}, ["c2"]),
        ({"text": "LEAK"}, ["c1", "c0"]),
        ({"text": "50%"}, ["c0"]),
        ({"text": "漏"}, ["c3"]),
        ({"text": "ar002"}, ["c1"]),
        ({"text": "大同"}, ["c3"]),
        ({"text": "tatung"}, ["c3"]),
        ({"text": "secret"}, []),
        ({"text": "%"}, ["c0"]),
        ({"text": "nowhere"}, []),
        ({"case_ids": ["c0", "c3"]}, ["c3", "c0"]),
    ],
)
def test_cases_are_listed_by_what_is_asked(four_cases: Store, asked: dict, found: list[str]) -> None:
    assert [line.case_id for line in four_cases.reader.lines(**asked)] == found


def test_a_line_tells_what_a_list_shows(four_cases: Store) -> None:
    (line,) = four_cases.reader.lines(status=["closed"])

    assert (line.name, line.policy, line.outcome, line.closed_at) == ("AR002", "pcb", "upheld", acts.DUE)
    assert (line.reporter, line.opened_at, line.stages) == ("USALES", NOW + timedelta(days=1), ("quality",))
    assert line.fields == {"customer": "C02", "matter": "leak"}


def test_reading_does_not_wait_for_a_writer(store: Store) -> None:
    """A record under way, however slow, is neither waited for nor seen."""
    store.record.now(acts.opening("c1"))

    def slow(tx):
        acts.approving("c1")(tx)
        return store.reader.case("c1").seq, len(store.reader.log("c1"))

    assert store.record.now(slow) == (6, 6)
    assert store.reader.case("c1").seq == 9


@pytest.mark.parametrize(
    ("what", "begin", "end", "found"),
    [
        ("received", NOW, NOW + timedelta(days=2), ["c0", "c1"]),
        ("received", NOW + timedelta(seconds=1), NOW + timedelta(days=9), ["c1", "c2"]),
        ("closed", acts.DUE, acts.DUE + timedelta(seconds=1), ["c1"]),
        ("closed", NOW, acts.DUE, []),
        ("open", NOW, NOW, ["c0", "c2"]),
    ],
)
def test_the_cases_of_a_span_are_those_of_its_policy(
    four_cases: Store, what: str, begin: datetime, end: datetime, found: list[str]
) -> None:
    """A span holds its first instant and not its last."""
    assert four_cases.reader.cases_of("pcb", ("complaint",), what=what, begin=begin, end=end) == found
