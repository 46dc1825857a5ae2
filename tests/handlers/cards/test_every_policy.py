"""Every stage of every shipped policy has a card, live and decided, in three languages, within Slack's limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from complaints import events as e
from complaints.case import Answer, Branch, Case, Deadline, SeatState, Visit
from complaints.policy import LoadedPolicy, Policy
from complaints.policy_model import FieldDef
from complaints.views import Look
from complaints.views_rows import row_of_visit
from complaints.world import World
from handlers.cards.drawing import Matter, draw
from handlers.cards.parts import header_text
from handlers.cards.rows import list_row
from handlers.render import as_card
from handlers.texts import LANGUAGES
from tests.handlers.cards.test_cards import check
from tests.support.company import CUSTOMERS, a_calendar, a_plan
from tests.support.desks import SHIPPED, bundle
from tests.support.each import ONE, each

BEGAN = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)
KINDS = ("home", "reporter", "approval", "callback", "reminder_slip", "inquiry_slip", "escalation", "extension", "urge")


def sample(definition: FieldDef) -> Any:
    """Return a plain value as the record holds one of that type."""
    match definition.type:
        case "text" if definition.long or definition.personal:
            return {"$words": "w1"}
        case "number" | "money" | "ratio":
            return "1234.5"
        case "date":
            return "2026-10-26"
        case "instant":
            return "2026-10-26T08:00:00+08:00"
        case "yes_no" | "sample":
            return True
        case "choice":
            return definition.choices[0]
        case "choices":
            return list(definition.choices[:2])
        case "customer":
            return "C-0417"
        case "person":
            return "UQUAL1"
        case "unit":
            return "production"
        case "units":
            return ["production", "quality"]
        case "file":
            return ["F1"]
        case "lines":
            return [{}]
        case _:
            return "P4-2208-B"


def a_case_at(policy: Policy, loaded: LoadedPolicy, stage: str, *, done: bool) -> Case:
    """Return a case of *policy* that stands at *stage*, or has passed it late."""
    route = next(iter(policy.routes), "")
    definition = policy.stages[stage]
    answer = Answer(decision=next(iter(definition.decisions)), by="UQUAL1", at=BEGAN + timedelta(days=9))
    case = Case(
        id="case1", policy=policy.id, bundle=loaded.digest, kind="complaint", reporter="USALES1", opened_at=BEGAN,
        number="261107", seq=9, fields={n: sample(f) for n, f in policy.fields.items() if not f.is_computed},
    )  # fmt: skip
    case.branches[1] = Branch(id=1, route=route, step=0)
    seat = SeatState(seat=e.Seat(id=1, role="quality"), answer=answer if done else None)
    case.visits[1] = Visit(
        id=1, branch=1, stage=stage, round=1, opened_at=BEGAN, seats=(seat,), ended="done" if done else None,
        ended_at=answer.at if done else None, decision=answer.decision if done else None,
        decided_by="UQUAL1" if done else None, in_time=False if done else None, filled=definition.filled,
    )  # fmt: skip
    case.deadlines[1] = Deadline(
        id=1, clock="stage", visit=1, starts_at=BEGAN, due_at=BEGAN + timedelta(days=2), limit="2 days",
        provisional=True, calendar_version="1", steps=(), ours=True, source="ours: nothing is written",
    )  # fmt: skip
    return case


def look_at(case: Case, loaded: LoadedPolicy, language: str) -> Look:
    world = World(
        now=BEGAN, bundle=loaded, people=a_plan(), calendars={"main": a_calendar()}, serial=lambda series, period: 0,
        count=lambda query: 0, load=lambda case_id: None, customer=CUSTOMERS.get,
    )  # fmt: skip
    return Look(world=world, language=language, words={"w1": "Black pads. The line stands and waits."})


@pytest.mark.parametrize("name", each(SHIPPED, chosen=ONE))
def test_every_stage_has_its_cards(name: str) -> None:
    loaded = bundle(name)
    policy = loaded.policy
    for stage in policy.stages:
        for done in (False, True):
            case = a_case_at(policy, loaded, stage, done=done)
            for language in LANGUAGES:
                _draw_all(case, look_at(case, loaded, language))


def _draw_all(case: Case, look: Look) -> None:
    visit = case.visits[1]
    for kind in KINDS:
        drawn = draw(kind, Matter(case=case, look=look, visit=visit, facts={"until": BEGAN.isoformat()}))
        assert drawn is not None
        check(as_card(drawn, case.seq), kind)
    row = row_of_visit(case, visit, look)
    assert list_row(row).to_dict()
    assert len(header_text(row, row.stage)) <= 150
