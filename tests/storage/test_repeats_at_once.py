"""Complaints of one matter that are logged at the same moment: the second one knows of the first, through whatever bot it came."""

from __future__ import annotations

from complaints import commands as cmd
from complaints.events import CaseLinked, PolicyPutInForce
from complaints.memory import FrozenClock
from complaints.policy import LoadedPolicy
from storage.store import Store
from tests.chaos.company import policy
from tests.support.company import CUSTOMERS
from tests.support.desks import Settings
from tests.support.made_desk import made
from tests.support.meeting import Meeting, MeetingDesk
from tests.support.policy_desk import plan_of
from tests.support.two_complaints import BOSS, CALENDARS, OPENING, REPORTER, START


def test_of_two_that_are_logged_at_once_one_is_the_repeat_of_the_other(stores: list[Store]) -> None:
    """RD-06. The number, which makes them wait for each other, is drawn later here."""
    raw = policy()
    raw["repeat"]["reopens"] = raw["papers"]["number"]["at"] = "handle"
    loaded, first = made(raw), stores[0]

    class Shelf:
        def bundle(self, digest: str) -> LoadedPolicy:
            return loaded

    put = PolicyPutInForce(policy=loaded.id, label="1", bundle=loaded.digest, first=True)
    first.record.now(lambda tx: tx.record_desk([put], actor=BOSS, at=START))
    settings = Settings(plan_of(loaded), CALENDARS[False])
    desks = [
        MeetingDesk(record=s.record, shelf=Shelf(), settings=settings, clock=FrozenClock(START), customer=CUSTOMERS.get)
        for s in stores
    ]
    meeting = Meeting(2) if len(stores) > 1 else None
    for desk in desks:
        desk.meeting = meeting

    both = [
        desks[n % len(desks)].submit(
            cmd.OpenCase(actor=REPORTER, key=f"open{n}", case_id=f"c{n}", policy=loaded.id, fields=OPENING)
        )
        for n in range(2)
    ]
    for future in both:
        future.result(30)

    links = {n: [r.event for r in first.reader.log(f"c{n}") if isinstance(r.event, CaseLinked)] for n in range(2)}
    assert links == {n: [CaseLinked(other=f"c{1 - n}", link="repeat")] for n in range(2)}
