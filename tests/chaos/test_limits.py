"""The audit's own count of limits: right ones pass; each way in which one can be wrong is said."""

from __future__ import annotations

from typing import Any

import pytest

from tests.chaos.findings import Event
from tests.chaos.limits import Limits

REGULATION = '{"stages": {"handle": {"limit": {"is": "2 working days"}}}}'
OFFICE = {"timezone": "Asia/Shanghai", "country": "CN", "days": "mon-fri", "hours": ["09:00-12:00", "13:00-18:00"]}
WEDNESDAY_EVENING, THURSDAY_EVENING = "2026-11-04T10:00:00+00:00", "2026-11-05T10:00:00+00:00"
SET = {
    "clock": "stage", "visit": 1, "limit": "2 working days", "starts_at": "2026-11-02T02:00:00+00:00",
    "due_at": WEDNESDAY_EVENING, "calendar_version": "old",
}  # fmt: skip


def step(name: str, as_: str, at: str) -> dict[str, str]:
    return {"id": name, "as_": as_, "at": at}


REMINDER, SLIP = step("0.1", "reminder", "2026-11-04T02:00:00+00:00"), step("1.1", "reminder_slip", WEDNESDAY_EVENING)
CLOSED = {"version": "new", "spec": {**OFFICE, "closures": [{"from": "2026-11-04", "to": "2026-11-04"}]}}


def said_of(*then: tuple[str, str, dict[str, Any]], desk: tuple[dict[str, Any], ...] = ()) -> list[str]:
    """Return what is said of a deadline of two working days from Monday, after which *then* (time, kind, body) happened."""
    told: list[tuple[str, str, str, dict[str, Any]]] = [
        ("desk", "2026-11-01T00:00:00Z", "CalendarChanged", {"version": "old", "spec": OFFICE}),
        *(("desk", "2026-11-02T03:00:00Z", "CalendarChanged", each) for each in desk),
        ("C1", "2026-11-02T02:00:00Z", "CaseOpened", {"bundle": "b"}),
        ("C1", "2026-11-02T02:00:00Z", "VisitOpened", {"visit": 1, "stage": "handle"}),
        ("C1", "2026-11-02T02:00:00Z", "DeadlineSet", {**SET, "deadline": 1, "steps": [REMINDER, SLIP]}),
        *(("C1", at, kind, {"deadline": 1, "visit": 1, **body}) for at, kind, body in then),
    ]
    events = [
        Event(log=log, seq=seq, at=at, actor="", kind=kind, body=body, words=frozenset())
        for seq, (log, at, kind, body) in enumerate(told, start=1)
    ]
    return list(Limits(events, {"b": REGULATION}).wrong())


def moved(why: str, due: str, *steps: dict[str, str], version: str = "new") -> dict[str, Any]:
    return {"why": why, "due_at": due, "calendar_version": version, "steps": steps}


FIRED = ("2026-11-04T02:00:00Z", "StepFired", {"step": "0.1", "next_steps": []})
HELD = ("2026-11-03T02:00:00Z", "DeadlineHeld", {})
BEGUN, OVER = ("2026-11-03T02:00:00Z", "WaitingBegun", {}), ("2026-11-04T02:00:00Z", "WaitingEnded", {})
LATER_SLIP = step("1.1", "reminder_slip", THURSDAY_EVENING)


@pytest.mark.parametrize(
    "then",
    [
        (),
        (FIRED,),
        (("2026-11-02T03:00:00Z", "DeadlineMoved", moved("extension", THURSDAY_EVENING, LATER_SLIP, version="old")),),
        (HELD, BEGUN, OVER, (OVER[0], "DeadlineMoved", moved("waiting", THURSDAY_EVENING, LATER_SLIP, version="old"))),
    ],
    ids=["as set", "a reminder", "an extension", "a clock that stood for a day"],
)
def test_nothing_is_said_of_what_is_right(then: tuple[Any, ...]) -> None:
    assert said_of(*then) == []


def test_a_limit_that_moved_with_a_closed_day_is_right_and_one_that_did_not_is_not() -> None:
    with_it = ("2026-11-02T03:00:00Z", "DeadlineMoved", moved("calendar", THURSDAY_EVENING, REMINDER, LATER_SLIP))

    assert said_of(with_it, desk=(CLOSED,)) == []
    [said] = said_of(desk=(CLOSED,))
    assert "by the calendar of now" in said


@pytest.mark.parametrize(
    ("then", "what"),
    [
        ((FIRED, ("2026-11-04T03:00:00Z", "DeadlineMoved", moved("extension", THURSDAY_EVENING, {**REMINDER, "id": "0.2"}, LATER_SLIP, version="old"))), "comes again"),
        (((FIRED[0], "ExtensionRuled", {"granted": True, "until": THURSDAY_EVENING}),), "moved nothing"),
        ((HELD, BEGUN, FIRED), "stood still"),
        ((HELD, BEGUN, OVER), "nobody waits"),
        ((HELD, BEGUN, OVER, (OVER[0], "DeadlineMoved", moved("waiting", WEDNESDAY_EVENING, SLIP, version="old"))), "stood still since"),
        ((("2026-11-02T03:00:00Z", "DeadlineMoved", moved("calendar", THURSDAY_EVENING, LATER_SLIP, version="old")),), "is due"),
        ((("2026-11-02T03:00:00Z", "DeadlineEnded", {}), ("2026-11-02T03:00:00Z", "DeadlineSet", {**SET, "deadline": 2, "limit": "3 working days", "due_at": THURSDAY_EVENING, "steps": []})), "the limit is 2 working days"),
        ((("2026-11-02T03:00:00Z", "DeadlineSet", {**SET, "deadline": 2, "steps": [{**SLIP, "at": THURSDAY_EVENING}]}),), "comes at"),
    ],
    ids=["reminded again", "more time in words only", "fired while it stood", "stands for ever", "its time is lost", "moved for nothing", "of another version", "a slip too late"],
)  # fmt: skip
def test_what_is_wrong_is_said(then: tuple[Any, ...], what: str) -> None:
    [said] = said_of(*then)
    assert what in said
