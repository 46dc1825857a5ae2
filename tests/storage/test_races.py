"""
People who act at the same moment: whatever the record answers, some order of their acts explains it.

Acts are drawn, sent at once to desks on real storage (on PostgreSQL to two, as replicas are), and compared with the same acts
one after the other on a desk in memory: the same answers, the same log.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import commands as cmd
from complaints.commands import CaseCommand
from complaints.desk import Desk
from complaints.events import CaseNumbered, PolicyPutInForce, Recorded
from complaints.refusals import Refusal
from storage.store import Store
from tests.chaos.company import policy
from tests.support.company import CUSTOMERS
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import head, person
from tests.support.searching import steps

pytestmark = pytest.mark.slow
RAW = policy()
REPORTER, TAKES, ALSO = person("reception"), person("department"), person("department", 2)
OFFICE, BOSS = person("head_office"), person("general_manager")
_CASES = count(1)
Answer = tuple[str, str]


class Model(MadeDesk):
    """The desk in memory; a history of acts brings it to where the others are."""

    def __init__(self, case_id: str, history: Sequence[CaseCommand]) -> None:
        super().__init__(RAW)
        opened = cmd.OpenCase(
            actor=REPORTER, key=f"{case_id}:open", case_id=case_id, policy=RAW["policy"]["id"], fields=OPENING
        )
        for command in (opened, *history):
            self.answer_to(command)

    def answer_to(self, command: CaseCommand) -> Answer:
        return answer(self.desk, command)


OPENING: dict[str, Any] = {"customer": "C-0417", "what_happened": "It broke"}
START = MadeDesk(RAW).clock.at


def answer(desk: Desk, command: CaseCommand) -> Answer:
    """Return what the person hears."""
    return heard(desk.submit(command))


def heard(future: Any) -> Answer:
    try:
        told = future.result(30)
    except Refusal as refusal:
        return "refused", refusal.reason
    return "done", "again" if told.repeated else ""


def acts_on(case_id: str, stage_visits: Sequence[int], number: Iterator[int]) -> st.SearchStrategy[CaseCommand]:
    """Draw an act on one of the latest visits."""
    visits = st.sampled_from(stage_visits)

    def base(actor: str) -> dict[str, Any]:
        return {"actor": actor, "key": f"{case_id}:k{next(number)}", "case_id": case_id}

    people = st.sampled_from((TAKES, ALSO, OFFICE, REPORTER, head("department")))
    return st.one_of(
        st.builds(lambda a, v: cmd.Decide(**base(a), visit=v, decision="approve", fields={"finding": "So it is"}), people, visits),
        st.builds(lambda a, v: cmd.Decide(**base(a), visit=v, decision="approve"), people, visits),
        st.builds(lambda a, v: cmd.Decide(**base(a), visit=v, decision="approve", fields={"answer_given": "Sorry"}), people, visits),
        st.builds(lambda a, v: cmd.Decide(**base(a), visit=v, decision="return", reason="Not yet"), people, visits),
        st.builds(lambda a, v: cmd.TakeBack(**base(a), visit=v), people, visits),
        st.builds(lambda a, v, m: cmd.HandOver(**base(a), visit=v, member=m, reason="On leave"), people, visits, people),
        st.builds(lambda v: cmd.Urge(**base(REPORTER), visit=v), visits),
        st.builds(lambda a, v: cmd.AskReporter(**base(a), visit=v, words="Which lot?"), people, visits),
        st.builds(lambda: cmd.Withdraw(**base(REPORTER), reason="Solved")),
        st.builds(lambda a: cmd.AddNote(**base(a), words="By the way"), people),
    )  # fmt: skip


def plainly(log: Sequence[Recorded]) -> list[Any]:
    """Return a log without the number drawn, which other cases draw from too."""
    return [(r.seq, r.actor, type(r.event) if isinstance(r.event, CaseNumbered) else r.event) for r in log]


def explained(case_id: str, history: list[CaseCommand], batch: list[CaseCommand], answers: list[Answer], log: list[Any]) -> list[CaseCommand] | None:  # fmt: skip
    """Return an order of *batch* that gives *answers* and *log*, or None."""
    for order in permutations(range(len(batch))):
        model, told = Model(case_id, history), dict[int, Answer]()
        for place in order:
            told[place] = model.answer_to(batch[place])
        if [told[n] for n in range(len(batch))] == answers and plainly(model.record.logs[case_id]) == log:
            return [batch[place] for place in order]
    return None


@given(data=st.data())
@steps(20, shrunk=False)
def test_some_order_of_what_was_done_at_once_explains_every_answer(stores: list[Store], data: st.DataObject) -> None:
    case_id, number, history = f"C{next(_CASES)}", count(1), list[CaseCommand]()
    model = Model(case_id, [])
    loaded = model.bundle("")
    desks = [
        Desk(record=s.record, shelf=model, settings=model.settings, clock=model.clock, customer=CUSTOMERS.get)
        for s in stores
    ]
    if case_id == "C1" or stores[0].shelf.in_force(loaded.id) is None:
        put = PolicyPutInForce(policy=loaded.id, label="1", bundle=loaded.digest, first=True)
        stores[0].record.now(lambda tx: tx.record_desk([put], actor=BOSS, at=START))
    opened = cmd.OpenCase(actor=REPORTER, key=f"{case_id}:open", case_id=case_id, policy=loaded.id, fields=OPENING)
    assert answer(desks[0], opened) == ("done", "")

    for _ in range(3):
        visits = sorted(Model(case_id, history).case(case_id).visits)[-2:]
        batch = data.draw(st.lists(acts_on(case_id, visits, number), min_size=2, max_size=3))
        if data.draw(st.booleans()):
            batch.append(batch[0])  # pressed twice
        futures = [desks[n % len(desks)].submit(command) for n, command in enumerate(batch)]
        answers = [heard(future) for future in futures]
        log = plainly(list(stores[0].reader.log(case_id)))

        order = explained(case_id, history, batch, answers, log)
        assert order is not None, (batch, answers)
        history += order
