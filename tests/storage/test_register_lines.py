"""The registers as the logs have them: by register, period and words; erased words are not found again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints import events as e
from storage.store import Store
from tests.storage import acts
from tests.storage.acts import NOW

HOUR = timedelta(hours=1)


def entered(store: Store, case_id: str, register: str, *, at: object = NOW, word: str = "", text: str = "", **row: object) -> None:  # fmt: skip
    cells = {**row, **({"solution": {"$words": word}} if word else {})}
    event = e.RegisterEntered(register=register, row=cells)
    words = {word: text} if word else {}
    store.record.now(lambda tx: acts.record(tx, tx.load(case_id), [event], at=at, words=words))


@pytest.fixture
def three_lines(store: Store) -> Store:
    for name in ("c1", "c2"):
        store.record.now(acts.opening(name))
    entered(store, "c1", "knowledge", word="w1", text="Change the NICKEL bath every 5 days", unit="production")
    entered(store, "c1", "tracking", at=NOW + HOUR, part="A-100")
    entered(store, "c2", "knowledge", at=NOW + 2 * HOUR, word="w2", text="加裝感測器", unit="quality")
    return store


def test_lines_come_newest_first_with_the_words_that_stand_in_them(three_lines: Store) -> None:
    found = three_lines.reader.register_lines(policy="pcb", register="knowledge")

    assert [(line.name, line.text("solution"), line.text("unit")) for line in found] == [
        ("AR002", "加裝感測器", "quality"), ("AR001", "Change the NICKEL bath every 5 days", "production"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "cases"),
    [
        ("nickel", ["AR001"]), ("感測", ["AR002"]), ("a-100", ["AR001"]), ("production", ["AR001"]),
        ("nothing like it", []), ("%", []), ("$words", []), ("w1", []),
    ],
)  # fmt: skip
def test_words_and_values_are_found_whatever_their_case(three_lines: Store, text: str, cases: list[str]) -> None:
    """RD-08: a solution is found again."""
    assert [line.name for line in three_lines.reader.register_lines(text=text)] == cases


def test_a_period_begins_with_its_first_instant_and_ends_before_its_last(three_lines: Store) -> None:
    found = three_lines.reader.register_lines(begin=NOW, end=NOW + 2 * HOUR)
    assert [line.register for line in found] == ["tracking", "knowledge"]


def test_erased_words_are_gone_from_the_register_too(three_lines: Store) -> None:
    erased = e.WordsErased(words=("w1",), why="asked for")
    three_lines.record.now(lambda tx: acts.record(tx, tx.load("c1"), [erased]))

    [line] = [x for x in three_lines.reader.register_lines(register="knowledge") if x.name == "AR001"]

    assert line.text("solution") is None
    assert three_lines.reader.register_lines(text="nickel") == []


def test_a_void_case_leaves_the_registers(three_lines: Store) -> None:
    three_lines.record.now(lambda tx: acts.record(tx, tx.load("c2"), [e.CaseVoided(reason={})]))
    assert [line.name for line in three_lines.reader.register_lines(register="knowledge")] == ["AR001"]


def test_words_of_the_case_that_stand_in_no_line_are_not_found(three_lines: Store) -> None:
    three_lines.record.now(acts.noting("c1", "w9", "somebody typed unrelated words"))
    assert three_lines.reader.register_lines(text="unrelated") == []
