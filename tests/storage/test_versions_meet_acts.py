"""
A new version of a regulation is put in force while people act: every case runs by one version from its first event on.

Complaints are logged and stages decided at the same moment as the new version comes into force (on PostgreSQL through two
records, as replicas have them). Whatever the order was, a case that was logged before runs by the old version to its end, one
that was logged afterwards by the new one, and one in between by either, whole.
"""

from __future__ import annotations

from concurrent.futures import Future
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints import commands as cmd
from complaints.desk import Desk
from complaints.events import CaseOpened, DeadlineSet, FieldsSet, PolicyPutInForce
from complaints.limits import parse_limit
from complaints.policy import LoadedPolicy
from complaints.refusals import FieldErrors
from storage.store import Store
from tests.chaos.company import policy
from tests.support.company import CUSTOMERS
from tests.support.made_desk import MadeDesk, made
from tests.support.policy_desk import person
from tests.support.searching import steps

pytestmark = pytest.mark.slow
REPORTER, TAKES, BOSS = person("reception"), person("department"), person("general_manager")
FIELDS = {"customer": "C-0417", "what_happened": "It broke"}
LIMITS = ("2 working days", "5 working days")
_CASES = count(1)


def version(number: int) -> LoadedPolicy:
    """Return a version: the second gives the department more time and wants a cause beside its finding."""
    raw = policy()
    raw["policy"]["label"] = str(number)
    raw["stages"]["handle"]["limit"]["is"] = LIMITS[number - 1]
    if number == 2:
        raw["fields"]["cause"] = raw["fields"]["finding"]
        raw["stages"]["handle"]["fill"] = ["finding", "cause"]
    return made(raw)


class Shelf:
    """Both versions, known by their hash."""

    def __init__(self) -> None:
        self.versions = (version(1), version(2))

    def bundle(self, digest: str) -> LoadedPolicy:
        return next(v for v in self.versions if v.digest == digest)


SHELF = Shelf()
OLD, NEW = (v.digest for v in SHELF.versions)
MODEL = MadeDesk(policy())


def put(store: Store, digest: str) -> Future[None]:
    event = PolicyPutInForce(policy="chaos", label=SHELF.bundle(digest).label, bundle=digest, first=False)
    return store.record.submit(lambda tx: tx.record_desk([event], actor=BOSS, at=MODEL.clock.at))


def log(desk: Desk, case_id: str) -> Future[Any]:
    return desk.submit(
        cmd.OpenCase(actor=REPORTER, key=f"{case_id}:open", case_id=case_id, policy="chaos", fields=FIELDS)
    )


def handled(desk: Desk, case_id: str, **fields: str) -> Future[Any]:
    return desk.submit(
        cmd.Decide(
            actor=TAKES, key=f"{case_id}:{'+'.join(fields)}", case_id=case_id, visit=2, decision="approve", fields=fields
        )
    )  # fmt: skip


@given(data=st.data())
@steps(15, shrunk=False)
def test_each_case_runs_by_one_version_whatever_comes_into_force_meanwhile(
    stores: list[Store], data: st.DataObject
) -> None:
    desks = [
        Desk(record=s.record, shelf=SHELF, settings=MODEL.settings, clock=MODEL.clock, customer=CUSTOMERS.get)
        for s in stores
    ]
    put(stores[0], OLD).result(30)
    before, meanwhile, after = (f"V{next(_CASES)}" for _ in range(3))
    log(desks[0], before).result(30)

    acts: list[str] = data.draw(st.permutations(["put", "log", "decide", "look"]))
    begun: dict[str, Future[Any]] = {}
    for number, act in enumerate(acts):
        desk, store = desks[number % len(desks)], stores[number % len(stores)]
        match act:
            case "put":
                begun[act] = put(store, NEW)
            case "log":
                begun[act] = log(desk, meanwhile)
            case "decide":
                begun[act] = handled(desk, before, finding="So it is")
            case "look":
                store.reader.case(before)
    for future in begun.values():
        future.result(30)
    log(desks[-1], after).result(30)

    assert stores[0].shelf.in_force("chaos") == NEW
    assert (ruled_by(stores[0], before), ruled_by(stores[0], after)) == (OLD, NEW)
    assert ruled_by(stores[0], meanwhile) in (OLD, NEW)
    for case_id in (meanwhile, after):
        if ruled_by(stores[0], case_id) == NEW:
            with pytest.raises(FieldErrors):
                handled(desks[0], case_id, finding="So it is").result(30)
            handled(desks[0], case_id, finding="So it is", cause="Wear").result(30)
        else:
            handled(desks[-1], case_id, finding="So it is").result(30)
    assert {ruled_by(stores[-1], c) for c in (before, after)} == {OLD, NEW}


def ruled_by(store: Store, case_id: str) -> str:
    """Return the version by which a case was opened, after all that shows one said the same."""
    events = [recorded.event for recorded in store.reader.log(case_id)]
    [opened] = [e for e in events if isinstance(e, CaseOpened)]
    limits = [parse_limit(e.limit) for e in events if isinstance(e, DeadlineSet) and e.visit == 2]
    assert limits == [parse_limit(LIMITS[0 if opened.bundle == OLD else 1])]
    filled = {name for e in events if isinstance(e, FieldsSet) for name in e.fields}
    assert "cause" not in filled or opened.bundle == NEW
    return opened.bundle
