"""What the doctor says of the people of a desk: every value has a holder, and somebody has what the regulation asks for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.checkup import SlackCheckup, role_findings
from storage.desk_file import read_desk
from tests.support.company import local
from tests.support.group import DESK, STORES, stores


def said(desk: str = DESK, text: str = STORES, at: str = "2026-10-01 09:30") -> list[str]:
    return [str(f) for f in role_findings(read_desk(desk).plan, stores(text), local(at)) if not f.is_ok]


def test_a_desk_with_all_its_holders_lacks_only_what_one_tester_lacks():
    assert said() == [
        "qualification “authorised tester” for tester: UTEST3 can't be assigned (not written under qualifications)"
    ]


@pytest.mark.parametrize(
    ("at", "word"),
    [
        ("2026-10-05 09:30", "it ends for UTEST1 within 30 days"),
        ("2026-11-04 00:00", "UTEST1 can't be assigned (it ended)"),
    ],
)
def test_a_qualification_that_ends_is_said_before_and_after(at, word):
    assert word in said(at=at)[0]


def test_without_anybody_qualified_it_says_where_to_write_it():
    desk = DESK.replace("{UTEST1: 2026-11-03, UTEST2: always}", "{UGM: always}")

    assert "nobody who holds the role has it" in said(desk)[0]


def test_a_value_without_a_holder_is_named_with_who_acts_instead():
    text = STORES.replace("store: unit", "store: {type: choice, of: [store1, store2, store9]}")

    found = [line for line in said(text=text) if "for each store" in line]

    assert found == [
        "holders of store_manager for each store: add roles.store_manager.per for store9; until then who stands in for "
        "store_manager (D14) acts",
        "holders of branch_head for each store: add roles.branch_head.per for store9; until then who stands in for "
        "branch_head (D14) acts",
    ]


def test_a_role_without_any_holder_for_a_value_says_where_to_write_them():
    text = STORES.replace("clerk: {}", "clerk: {per: store}")

    assert said(text=text)[0] == (
        "holders of clerk for each store: write them in the desk file under roles.clerk.per; until then clerk acts"
    )


@pytest.mark.parametrize(
    ("user", "members", "wrong"),
    [
        ({}, ["UTEST1"], ""),
        ({}, [], "absent"),
        ({"deleted": True}, ["UTEST1"], "deactivated"),
        ({"is_restricted": True}, ["UTEST1"], "outside"),
        ({"is_bot": True}, ["UTEST1"], "bot"),
    ],
)
async def test_who_would_never_see_a_card_is_found(user: dict[str, Any], members: list[str], wrong: str) -> None:
    """PITFALLS 29: Slack takes a mention of who is deactivated or not in the channel, and tells nobody."""
    plan = read_desk(DESK).plan
    role = next(r for r in plan.roles.values() if "UTEST1" in r.members and r.channel)

    class Slack:
        async def users_info(self, **asked: Any) -> dict[str, Any]:
            return {"ok": True, "user": user if asked["user"] == "UTEST1" else {}}

        async def conversations_members(self, **asked: Any) -> dict[str, Any]:
            return {"ok": True, "members": members}

    office = SimpleNamespace(watched=SimpleNamespace(plan=lambda: plan))
    found = [f async for f in SlackCheckup(cast(Any, office), cast(Any, Slack()))._members()]

    [finding] = [f for f in found if f.facts["member"] == "UTEST1"]
    assert finding.wrong == wrong
    assert wrong != "absent" or finding.facts["missing"] == [role.id]
