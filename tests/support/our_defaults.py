"""What our defaults give every regulation that is silent: the objection of a department (D12), keeping and repeats (D8, D9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from complaints import commands as cmd
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from tests.support.company import local
from tests.support.desks import bundle
from tests.support.policy_desk import person

LAST, TOO_LATE, DUE = "2026-11-09 18:00", "2026-11-09 18:01", "2026-11-11 18:00"


def object_(desk: Any, who: str, **fields: Any) -> None:
    desk.act(cmd.BeginRoute, person(who), route="objection", fields=fields)


def objects_within_five_working_days(decided: Callable[[], Any], who: str, outsider: str) -> list[str]:
    """
    Show D12 on a case that was *decided* on Monday, 2 November 2026: *who* objects with a reason until the fifth working
    day closes, an *outsider* does not; the general manager rules with words. Return the stages that are open once he grants it.
    """
    desk = decided()
    with pytest.raises(NotAuthorized):
        object_(desk, outsider, objection_reason="x")
    with pytest.raises(FieldErrors):
        object_(desk, who)
    desk.clock.at = local(LAST)
    object_(desk, who, objection_reason="x")
    assert (desk.may_act("objection_ruling"), desk.due("objection_ruling")) == ({"general_manager"}, local(DUE))
    with pytest.raises(FieldErrors):
        desk.go("objection_ruling", "dismiss")
    desk.go("objection_ruling", "grant", objection_ruling_text="Right")

    late = decided()
    late.clock.at = local(TOO_LATE)
    with pytest.raises(NotAllowedHere):
        object_(late, who, objection_reason="x")
    return list(desk.open_stages())


def objection_ruled(desk: Any, who: str, decision: str) -> None:
    """
    Show D12 on a case that *desk* decided on Monday, 2 November 2026: *who* objects with a reason, until the fifth working
    day closes; the general manager rules *decision* with words.
    """
    for fields, at in (({}, "2026-11-02 10:00"), ({"objection_reason": "x"}, TOO_LATE)):
        desk.clock.at = local(at)
        with pytest.raises((FieldErrors, NotAllowedHere)):
            object_(desk, who, **fields)
    desk.clock.at = local(LAST)
    object_(desk, who, objection_reason="x")
    with pytest.raises(FieldErrors):
        desk.play("objection_ruling", decision)
    desk.play("objection_ruling", decision, ruling_reason="x")


def keeping(policy: str) -> tuple[int, str, str]:
    """Return how long a regulation's records are kept, in what unit, and who puts them away (D8)."""
    papers = bundle(policy).policy.papers
    return papers.keep.amount, papers.keep.unit, papers.archive_by


def repeats(policy: str) -> tuple[tuple[str, ...], int, str]:
    """Return which fields make a complaint a repeat, within how many of which unit (D9)."""
    repeat = bundle(policy).policy.repeat
    return repeat.same, repeat.within.amount, repeat.within.unit
