"""An extension moves the stage's deadline, and the case's promise only where the policy says so (DESIGN 8, D21)."""

from __future__ import annotations

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
