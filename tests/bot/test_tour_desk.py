"""The company that is made up for a regulation can act under it: nobody is missing whom the regulation wants."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.tour_desk import head, make_tour_desk, members
from storage.desk_file import load_desk
from tests.support.desks import SHIPPED, bundle

NOW = datetime(2026, 11, 2, 2, tzinfo=UTC)
ASKING = [name for name in SHIPPED if any(role.needs for policy in bundle(name) for role in policy.roles.values())]


@pytest.mark.parametrize("name", ASKING)
def test_whoever_needs_a_qualification_has_it(name: str, tmp_path: Path) -> None:
    """GA-04: without it a role would fall to its superior, and a stage that wants two of it could not be done."""
    loaded = bundle(name)
    plan = load_desk(make_tour_desk(loaded, tmp_path).desk).plan

    needs = {role: one.needs for policy in loaded for role, one in policy.roles.items() if one.needs is not None}
    asked = plan.under(needs)
    assert needs
    for role in needs:
        assert set(asked.holders(role, NOW)) == set(members(role))
        assert asked.lacks(head(role), role, NOW) is None
