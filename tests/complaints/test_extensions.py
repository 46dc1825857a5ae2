"""Where the policy names who grants more time, and that no reason is wanted: who is told, who may, what must be said."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as cmd
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from complaints.views import Look
from complaints.views_acts import acts_for
from tests.complaints.test_policy import small
from tests.support.company import local
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person

SALES, QUALITY, MANAGER = person("sales"), person("quality"), person("general_manager")
UNTIL = local("2026-11-05 18:00")


def a_desk(**extension: Any) -> MadeDesk:
    raw = small()
    raw["stages"]["intake"] |= {"limit": "2 days", "extension": {"by": ["quality"], "source": "D21", **extension}}
    desk = MadeDesk(raw)
    desk.log(SALES)
    return desk


def ask(desk: MadeDesk, reason: str) -> None:
    desk.act(cmd.AskExtension, SALES, visit=desk.visit("intake"), until=UNTIL, reason=reason)


def rule(desk: MadeDesk, actor: str, **more: Any) -> None:
    desk.act(cmd.RuleExtension, actor, visit=desk.visit("intake"), **more)


def acts_of(desk: MadeDesk) -> set[str]:
    look = Look(world=desk.desk.world(desk.record, desk.bundle(""), desk.clock.now()), language="en")
    return {act.id for act in acts_for(desk.case(), desk.open_visit("intake"), SALES, look)}


def test_who_may_grant_it_is_the_one_who_is_asked() -> None:
    desk = a_desk()

    ask(desk, "The buyer is away")

    assert {notice.to for notice in desk.told("extension")} == {QUALITY, person("quality", 2)}
    with pytest.raises(NotAuthorized):
        rule(desk, MANAGER, granted=True)
    rule(desk, QUALITY, granted=True)
    assert desk.due("intake") == UNTIL


def test_more_time_is_asked_for_with_a_reason_unless_the_policy_wants_none() -> None:
    with pytest.raises(FieldErrors) as refused:
        ask(a_desk(), "  ")
    assert set(refused.value.errors) == {"reason"}

    silent = a_desk(reason=False)
    ask(silent, "  ")
    assert silent.told("extension")[-1].facts["reason"] is None


def test_who_offers_time_unasked_says_why_unless_the_policy_wants_no_reason() -> None:
    with pytest.raises(FieldErrors):
        rule(a_desk(), QUALITY, granted=True, until=UNTIL)

    silent = a_desk(reason=False)
    rule(silent, QUALITY, granted=True, until=UNTIL)
    assert silent.due("intake") == UNTIL


def test_a_refusal_always_says_why() -> None:
    desk = a_desk(reason=False)
    ask(desk, "")
    with pytest.raises(FieldErrors):
        rule(desk, QUALITY, granted=False)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_stage_gets_more_time_as_often_as_its_policy_says(times: int) -> None:
    desk = a_desk(times=times)
    dues = [local(f"2026-11-{5 + number:02} 18:00") for number in range(times + 1)]

    for until in dues[:-1]:
        assert "extend" in acts_of(desk)
        rule(desk, QUALITY, granted=True, until=until, reason="The buyer is away")
        assert desk.due("intake") == until

    assert "extend" not in acts_of(desk)
    with pytest.raises(NotAllowedHere):
        rule(desk, QUALITY, granted=True, until=dues[-1], reason="Still away")
    with pytest.raises(NotAllowedHere):
        desk.act(cmd.AskExtension, SALES, visit=desk.visit("intake"), until=dues[-1], reason="Still away")
    assert desk.due("intake") == dues[-2]


def test_a_refusal_uses_up_no_extension() -> None:
    desk = a_desk(times=1)
    ask(desk, "The buyer is away")
    rule(desk, QUALITY, granted=False, reason="Not now")

    rule(desk, QUALITY, granted=True, until=UNTIL, reason="Now it is needed")

    assert desk.due("intake") == UNTIL
