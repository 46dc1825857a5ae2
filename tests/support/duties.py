"""A periodic duty played through: who does it, who is shown it, until when, who signs, to whom it goes; and its list of cases."""

from __future__ import annotations

import random
from typing import Any

from complaints.made_up import MakeUp
from complaints.notices import Notice
from complaints.periods import period_of
from complaints.refusals import FieldErrors
from complaints.seats import waiting_seats
from complaints.stages import stage_def
from complaints.views import Look
from complaints.views_duty import duty_list, span_of
from tests.support.company import local
from tests.support.desks import TestDesk, bundle
from tests.support.policy_desk import PolicyDesk, head, person

BEGINS = {"quarter": "2026-10-01 09:30", "year": "2026-01-05 09:30"}
MONDAY = "2026-11-02 09:30"


def played(policy: str, duty: str, **answers: Any) -> str:
    """
    Let a duty begin with its period (for short ones Monday, 2 November 2026), be done and signed, and say what became
    of it: `who; with …; 2026-11-11 00:00; signed by …; to …`, roles each; what is not so is left out.

    *answers*: what is filled in; the rest is made up.
    """
    every = str(bundle(policy).policy.duties[duty].every)
    now = BEGINS.get(every, MONDAY)
    desk = PolicyDesk(policy, now)
    period = "2026-11-02" if every == "shift" else period_of(every, local(now).date()).name
    case_id = desk.begin_duty(duty, period)
    due = [desk.calendar.local(d.due_at) for d in desk.case(case_id).deadlines.values()]
    shown, begun = _told(desk, 0), len(desk.record.notices)
    doers = []
    while duty in desk.open_stages(case_id):
        doers.append(_do(desk, duty, case_id, answers))
    parts = [
        doers[0],
        f"with {shown}" if shown else "",
        *(f"{at:%Y-%m-%d %H:%M}" for at in due[:1]),
        *(f"signed by {signer}" for signer in doers[1:]),
        f"to {sent}" if (sent := _told(desk, begun)) else "",
    ]
    return "; ".join(part for part in parts if part)


def _do(desk: PolicyDesk, duty: str, case_id: str, given: dict[str, Any]) -> str:
    """Do it or sign it, with answers that are taken (some seeds make up refused ones), and return as whom."""
    loaded, visit = desk.bundle("").policy, desk.open_visit(duty, case_id)
    seat = waiting_seats(visit, stage_def(loaded, duty).seats)[0].seat
    role, is_second = str(seat.role), any(s.answer for s in visit.seats)
    actor = head(role) if seat.head else person(role, 2 if is_second else 1)
    people = [person(name) for name in desk.plan.roles]
    fields = {} if is_second else {f.name: loaded.fields[f.name] for f in loaded.duties[duty].fill}
    for seed in range(40):
        make_up = MakeUp(
            rng=random.Random(seed), units=list(desk.plan.roles), people=people, fields=desk.bundle("").policy.fields
        )
        made = {name: make_up.value(field, desk.clock.now()) for name, field in fields.items()}
        try:
            desk.decide(actor, duty, case_id=case_id, **({} if is_second else {**made, **given}))
        except FieldErrors:
            continue
        return f"head of {role}" if seat.head else role
    raise AssertionError(f"no made-up answers are taken for {duty}")


def _told(desk: PolicyDesk, since: int) -> str:
    """Return the roles who were shown the duty, in person or in their channel."""
    found = [n for n in desk.record.notices[since:] if n.kind == "duty"]
    return ", ".join(dict.fromkeys(_role(desk, n) for n in found))


def _role(desk: PolicyDesk, notice: Notice) -> str:
    for role, holders in desk.plan.roles.items():
        if notice.to in (holders.channel, *holders.members):
            return role
        if notice.to == holders.head:
            return f"head of {role}"
    return notice.to


def listed(desk: TestDesk, duty: str, period: str) -> list[str]:
    """
    Let a duty begin on the first morning after the month of its cases (2026-12-01 for November) and return the numbers
    of the cases that its list shows to who does it, in person.
    """
    task = desk.case(desk.begin_duty(duty, period))
    look = Look(world=desk.desk.world(desk.record, desk.bundle(""), desk.clock.now()), language="en")
    span = span_of(task, look)
    assert span is not None, f"{duty} has no list"
    found = desk.cases_of(desk.policy, ("complaint",), what=span.what, begin=span.begin, end=span.end)
    return [row.number for row in duty_list(task, span, [(desk.case(c), look) for c in found], in_channel=False).rows]
