"""An extension moves the stage's deadline, and the case's promise or another clock only where the policy says so (DESIGN 8, D21)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from complaints import commands as cmd
from complaints.workdays import WorkCalendar, week_of
from tests.complaints.test_policy import small
from tests.support.company import local
from tests.support.desks import TestDesk
from tests.support.made_desk import MadeDesk, made
from tests.support.policy_desk import person, plan_of


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


def test_time_for_another_stage_that_left_a_clock_where_it_was_uses_up_nothing_of_it() -> None:
    """The general manager gives the first stage a day, which is not the clock's business; quality gives the second one."""
    raw = small()
    own = {"by": ["quality"], "times": 1, "source": "D21"}
    raw["stages"]["intake"]["limit"] = "2 days"
    raw["stages"]["decide"] |= {"limit": "2 days", "extension": own}
    raw["clocks"] = {"case": {"starts": "case opened", "stops": "case closed", "limit": "13 days", "extension": own}}
    desk = MadeDesk(raw)
    desk.log(person("sales"))
    promise = desk.promise().due_at

    a_day_more(desk, person("general_manager"), "intake")
    assert desk.promise().due_at == promise

    desk.decide(person("sales"), "intake", market="domestic", amount="100", established=True)
    a_day_more(desk, person("quality"), "decide")
    assert desk.promise().due_at == promise + timedelta(days=1)


def a_day_more(desk: TestDesk, actor: str, stage: str) -> None:
    until = desk.due(stage) + timedelta(days=1)
    desk.act(cmd.RuleExtension, actor, visit=desk.visit(stage), granted=True, until=until, reason="Full")


@pytest.mark.parametrize(
    ("more", "due"),
    [
        ("2026-03-31T00:00", "2026-04-04T00:00"),  # three days by the wall, 71 hours
        ("2026-03-30T12:00", "2026-04-03T11:00"),  # 59 hours, no whole days
    ],
)
def test_the_promise_keeps_its_time_of_day_over_the_change_to_summer_time(more: str, due: str) -> None:
    """29 March 2026 has 23 hours in Berlin. The promise ends the 31st at 24:00."""
    berlin = ZoneInfo("Europe/Berlin")
    raw = small()
    raw["clocks"] = {"case": {"starts": "case opened", "stops": "case closed", "limit": "5 days"}}
    raw["stages"]["intake"] |= {
        "limit": "1 day",
        "extension": {"by": "general_manager", "at_most": "9 days", "moves_case": True},
    }
    loaded = made(raw)
    desk = TestDesk(
        policy=loaded.id, now="2026-03-26 09:30", loaded=loaded, plan=plan_of(loaded),
        calendar=WorkCalendar(timezone=berlin, week=week_of("mon-sun", "09:00-17:00")),
    )  # fmt: skip
    desk.log(person("sales"))

    def wall(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=berlin).astimezone(UTC)

    assert (desk.due("intake"), desk.promise().due_at) == (wall("2026-03-28T00:00"), wall("2026-04-01T00:00"))
    desk.act(
        cmd.RuleExtension, person("general_manager"), visit=desk.visit("intake"), granted=True, until=wall(more), reason="Full"
    )  # fmt: skip

    assert (desk.due("intake"), desk.promise().due_at) == (wall(more), wall(due))
