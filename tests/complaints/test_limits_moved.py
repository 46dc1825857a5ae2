"""An extension moves the stage's deadline, and the case's promise or another clock only where the policy says so (DESIGN 8, D21)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from complaints import commands as cmd
from tests.complaints.test_policy import small
from tests.support.company import local
from tests.support.made_desk import MadeDesk
from tests.support.policy_desk import person


@pytest.mark.parametrize(("moves", "due"), [(True, "2026-11-08 24:00"), (False, "2026-11-06 24:00")])
def test_an_extension_moves_the_promise_where_the_policy_says_so(moves: bool, due: str) -> None:
    raw = small()
    raw["clocks"] = {"case": {"starts": "intake done", "stops": "case closed", "limit": "4 days"}}
    extension = {"by": "general_manager", "at_most": "3 days", "moves_case": moves}
    raw["stages"]["decide"]["extension"] = extension
    desk = MadeDesk(raw)
    desk.log(person("sales"))
    desk.decide(person("sales"), "intake", market="domestic", amount="100", established=True)
    assert desk.due("decide") == local("2026-11-04 24:00")

    desk.act(
        cmd.RuleExtension, person("general_manager"), visit=desk.visit("decide"), granted=True,
        until=local("2026-11-06 24:00"), reason="The laboratory is full",
    )  # fmt: skip

    assert desk.due("decide") == local("2026-11-06 24:00")
    assert desk.promise().due_at == local(due)


@pytest.mark.parametrize(
    ("by", "at_most", "times", "dues"),
    [
        ("general_manager", "3 days", 1, ["2026-11-08 24:00", "2026-11-08 24:00"]),
        ("general_manager", "1 day", 1, ["2026-11-07 24:00", "2026-11-07 24:00"]),
        ("general_manager", "3 days", 2, ["2026-11-08 24:00", "2026-11-10 24:00"]),
        ("sales", "3 days", 2, ["2026-11-06 24:00", "2026-11-06 24:00"]),
    ],
)
def test_a_clock_with_an_extension_of_its_own_moves_when_its_people_grant_time(
    by: str, at_most: str, times: int, dues: list[str]
) -> None:
    """Each of two stages gets two days more: the clock goes along so often, and by so much, as it says itself."""
    raw = small()
    raw["clocks"] = {"case": {"starts": "intake done", "stops": "case closed", "limit": "4 days"}}
    raw["clocks"]["case"]["extension"] = {"by": by, "at_most": at_most, "times": times}
    raw["stages"]["decide"]["decide"] = {"approve": "next", "return": "back"}
    desk = MadeDesk(raw)
    desk.log(person("sales"))
    desk.decide(person("sales"), "intake", market="domestic", amount="100", established=True)

    for number, due in enumerate(dues):
        if number:
            decider = desk.roles("decide")[0]
            desk.decide(person(str(decider)), "decide", "return", reason="Once more", to_stage="intake")
            desk.decide(person("sales"), "intake", market="domestic", amount="100", established=True)
        until = desk.due("decide") + timedelta(days=2)
        desk.act(
            cmd.RuleExtension, person("general_manager"), visit=desk.visit("decide"), granted=True, until=until, reason="Full"
        )  # fmt: skip
        assert (desk.due("decide"), desk.promise().due_at) == (until, local(due))
