"""Who the audit thinks must be told: each act that tells somebody something says so when it does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.company import answer_for
from tests.chaos.findings import Event
from tests.chaos.readers import Notice, Readers

SEAT = {"id": 1, "role": "department", "member": None, "place": "beside"}
OPENED = ("VisitOpened", {"visit": 2, "branch": 1, "stage": "handle", "seats": [SEAT]})
FIRST: list[Notice] = [
    ("C1-2-0", "C1", "home", "CRECEPTION", None),
    ("C1-2-1", "C1", "reporter", "UREPORTER", None),
    ("C1-2-2", "C1", "approval", "CDEPARTMENT", 2),
]
ADDED = {"visit": 2, "seat": {"id": 2, "role": None, "member": "UCALLERS1", "place": "before"}}
LATER = {"visit": 2, "seat": {"id": 3, "role": None, "member": "UCALLERS2", "place": "beside"}}


def untold(*then: tuple[str, dict[str, Any]], told: tuple[Notice, ...] = ()) -> list[str]:
    """Return who was not told of what happened *then*, an act each, to a case that waits for its department."""
    lines = [("CaseOpened", {"reporter": "UREPORTER"}), OPENED, *then]
    events = [
        Event(log="C1", seq=seq, at="", actor="UDEPARTMENT1", kind=kind, body=body, words=frozenset())
        for seq, (kind, body) in enumerate(lines, start=1)
    ]
    acts = {"C1": range(2, len(lines) + 1)}
    return list(Readers(events, acts, [*FIRST, *told], answer_for(), come_and_go=False).lost())


@pytest.mark.parametrize(
    ("what", "body", "to"),
    [
        ("QuestionAsked", {"visit": 2, "question": 1, "to": "UREPORTER"}, "question to UREPORTER"),
        ("HandedOver", {"visit": 2, "seat": 1, "role": None, "member": "UDEPARTMENT2"}, "approval/callback to UDEPARTMENT2"),
        ("SeatAdded", ADDED, "approval/callback/turn to UCALLERS1"),
        ("Urged", {"visit": 2}, "urge to"),
        ("ExtensionRuled", {"visit": 2}, "extension_ruled to"),
        ("CaseClosed", {}, "closed to UREPORTER"),
        ("CaseVoided", {}, "ended to"),
    ],
)  # fmt: skip
def test_what_happened_and_was_told_to_nobody_is_said(what: str, body: dict[str, Any], to: str) -> None:
    [said] = untold((what, body))
    assert said.startswith(to)


def test_of_two_general_managers_each_must_hear_of_an_escalation() -> None:
    due = ("DeadlineSet", {"deadline": 1, "visit": 2})
    fired = ("StepFired", {"deadline": 1, "step": "2.1", "as_": "escalation", "told": ["UGENERALMANAGER1"]})

    [said] = untold(due, fired, told=(("C1-4-0", "C1", "escalation", "UGENERALMANAGER1", 2),))
    assert said.startswith("escalation to UGENERALMANAGER2")


def test_who_waits_for_a_signer_put_before_him_needs_no_card_yet() -> None:
    card: Notice = ("C1-3-0", "C1", "approval", "UCALLERS1", 2)

    assert untold(("SeatAdded", ADDED), ("SeatAdded", LATER), told=(card,)) == []
