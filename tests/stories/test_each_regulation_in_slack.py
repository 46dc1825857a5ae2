"""Each regulation from `/complaint` to the last card through Slack's protocol: sandbox and bot as processes, clicks alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands.demo import tour_of
from tests.support.desks import SHIPPED, bundle

pytestmark = pytest.mark.walk
ALONE = [name for name in SHIPPED if bundle(name).policy.policy.kind in ("complaints", "standing")]


@pytest.mark.parametrize("policy", ALONE)
def test_a_complaint_comes_to_its_end_by_the_cards_alone(
    policy: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """DESIGN §6: `redress tour --policy ID`; whoever gets a card presses its main button and fills in its form."""
    code = tour_of(policy, tmp_path)

    said = capfd.readouterr()
    assert code == 0, f"{said.out[-3000:]}\n{said.err[-1000:]}"
