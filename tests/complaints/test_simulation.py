"""A rehearsal plays made-up cases through the real procedure; the same seed gives the same one, and slower people are later."""

from __future__ import annotations

import pytest

from complaints.memory import MemoryRecord
from complaints.rehearsal import Assumptions, Rehearsal
from complaints.simulation import rehearse
from tests.complaints.test_sub_cases import policy as with_examination
from tests.support.company import a_calendar, local
from tests.support.desks import SHIPPED, bundle, kind_of
from tests.support.each import each
from tests.support.made_desk import made

START = local("2026-11-02 09:00")
ALONE = [name for name in SHIPPED if kind_of(name) in ("complaints", "standing")]


def a_rehearsal(policy: str = "property-operations", **assumed: float) -> Rehearsal:
    return rehearse(bundle(policy), Assumptions(**{"cases": 12, **assumed}), a_calendar("CN"), START)


def test_the_same_seed_gives_the_same_rehearsal() -> None:
    first, second = a_rehearsal(seed=7), a_rehearsal(seed=7)

    assert first.outcomes == second.outcomes
    assert first.notices == second.notices
    assert {s: f.hours for s, f in first.stages.items()} == {s: f.hours for s, f in second.stages.items()}


def test_another_seed_gives_another_one() -> None:
    assert a_rehearsal(seed=7).cards != a_rehearsal(seed=8).cards


def test_every_case_is_counted_once() -> None:
    found = a_rehearsal("property-operations", cases=20)

    assert found.opened == 20
    assert sum(found.outcomes.values()) == 20
    assert found.closed == found.finished == 20
    assert found.stages["record"].done >= found.outcomes["handled"]


def test_a_procedure_of_its_own_counts_with_its_stages_and_is_no_complaint() -> None:
    """Each complaint begins an examination that is a case of its own: twelve complaints, and again after a return."""
    raw, record = with_examination(), MemoryRecord()
    raw["clocks"] = {"case": {"starts": "case opened", "stops": "case closed", "limit": "13 days"}}

    found = rehearse(made(raw), Assumptions(cases=12), a_calendar("CN"), START, record)

    assert len(record.cases) >= 24
    assert found.opened == found.closed == found.finished == sum(found.outcomes.values()) == 12
    assert found.promises == 12
    assert found.stages["examine"].done >= 12


@pytest.mark.slow  # two rehearsals of some weeks
def test_slow_people_keep_fewer_promises_and_are_escalated_more() -> None:
    quick, slow = a_rehearsal(hours=0.2, cases=15), a_rehearsal(hours=30, cases=15)

    assert quick.on_time is not None
    assert slow.on_time is not None
    assert quick.on_time > slow.on_time
    assert quick.notices["escalation"] < slow.notices["escalation"]


def test_cards_wait_for_a_person_who_has_many() -> None:
    few, many = a_rehearsal(per_day=1, cases=15), a_rehearsal(per_day=60, cases=15)

    assert hours_of(few) < hours_of(many)


def hours_of(found: Rehearsal) -> float:
    return max(hours for _, hours in found.bottlenecks())


@pytest.mark.parametrize("policy", each(ALONE))
def test_no_case_of_any_policy_gets_stuck(policy: str) -> None:
    """DESIGN §6: every stage ends; whatever people fill in and decide, somebody can always go on."""
    found = a_rehearsal(policy, cases=10)

    assert found.opened >= 10  # an offer that the customer refuses begins a new form
    assert found.stuck == []
