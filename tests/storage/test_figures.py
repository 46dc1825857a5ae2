"""The cases that a report counts, as the record has them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints import events as e
from complaints.case import Case
from complaints.events import Recorded
from complaints.evolution import evolve
from complaints.lives import life_of
from storage import figures, rebuild
from storage.store import Store
from tests.storage import acts
from tests.storage.acts import NOW

HOUR = timedelta(hours=1)
AROUND = (NOW - HOUR, NOW + HOUR)
LATER = (NOW + 2 * HOUR, NOW + 3 * HOUR)


def told(store: Store, case_id: str, *events: e.Event) -> None:
    store.record.now(lambda tx: acts.record(tx, tx.load(case_id), events))


def ids(store: Store, *spans: tuple[object, object], kinds: tuple[str, ...] = ("complaint",)) -> list[str]:
    return [case.id for case in store.reader.lives("pcb", kinds, spans)]


def test_cases_that_lived_in_the_span_are_read_and_void_ones_are_not(store: Store) -> None:
    for name in ("c1", "c2", "c3", "c4"):
        store.record.now(acts.opening(name))
    store.record.now(acts.opening("late", at=NOW + 5 * HOUR))
    store.record.now(acts.opening("other", policy="hospital"))
    told(store, "c2", e.CaseClosed(outcome="upheld"), e.CaseFinished())
    told(store, "c3", e.CaseVoided(reason={}))
    told(store, "c4", e.CaseMerged(into="c1", reason={}))

    assert ids(store, AROUND) == ["c1", "c2"]
    assert ids(store, LATER) == ["c1"]  # c2 was over before
    assert ids(store, LATER, AROUND) == ["c1", "c2"]
    assert ids(store, AROUND, kinds=("sub",)) == []


def test_each_case_comes_as_its_log_adds_it_up(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Visits that are over and the case's own clock come with it, in chunks as in one piece."""
    monkeypatch.setattr(figures, "CHUNK", 2)
    for number in range(5):
        name = f"c{number}"
        store.record.now(acts.opening(name))
        promise = e.DeadlineSet(
            deadline=2, clock="case", visit=None, starts_at=NOW, due_at=NOW, limit="13 days", provisional=False,
            calendar_version="v", steps=(),
        )  # fmt: skip
        file = e.FileAdded(file=f"F{number}", name={}, mimetype="image/png", size=1, field="photo", visit=1)
        told(store, name, promise, file, e.CallLogged(visit=1, attempt=1, result="reached"))
        store.record.now(acts.approving(name, key=f"approve-{name}"))
        told(store, name, e.DeadlineEnded(deadline=2, why="closed", in_time=False), e.CaseClosed(outcome="upheld"))
        told(store, name, e.CaseReopened(stage="quality", why="dissatisfied"))

    found = list(store.reader.lives("pcb", ("complaint",), [AROUND]))

    assert [case.id for case in found] == [f"c{n}" for n in range(5)]
    for life in found:
        assert life == life_of(fold(store.reader.log(life.id)))


def fold(log: list[Recorded]) -> Case:
    case: Case | None = None
    for recorded in log:
        case = evolve(case, recorded)
    assert case is not None
    return case


def test_the_figures_survive_a_rebuild(store: Store) -> None:
    store.record.now(acts.opening("c1"))
    told(store, "c1", e.CaseClosed(outcome="upheld"), e.CaseReopened(stage="quality", why="dissatisfied"))
    before = list(store.reader.lives("pcb", ("complaint",), [AROUND]))

    rebuild.rebuild(store.engines)

    assert list(store.reader.lives("pcb", ("complaint",), [AROUND])) == before


def test_matters_are_cases_with_a_value_for_each_field(store: Store) -> None:
    store.record.now(acts.opening("c1", fields={"customer": "C01", "part": ["b", "a"]}))
    store.record.now(acts.opening("c2", fields={"customer": "C01"}))
    store.record.now(acts.opening("c3", fields={"customer": "C02", "part": "x"}))
    told(store, "c3", e.CaseVoided(reason={}))

    assert store.reader.matters("pcb", ["customer", "part"], NOW + HOUR) == [(NOW, "c1", ("C01", "a\nb"))]
    assert store.reader.matters("pcb", ["customer", "part"], NOW) == []
