"""Each regulation from `/complaint` to the last card through Slack's protocol: sandbox and bot as processes, clicks alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.walks import Walk, read_walks
from tests.stories.walking import walked
from tests.support.desks import SHIPPED, kind_of

pytestmark = pytest.mark.walk
WALKS = read_walks()
ALONE = [name for name in SHIPPED if kind_of(name) in ("complaints", "standing")]
EACH = [*WALKS, *(Walk(name=name, policy=name) for name in ALONE if name not in {walk.name for walk in WALKS})]


@pytest.mark.parametrize("walk", EACH, ids=lambda walk: walk.name)
def test_a_complaint_comes_to_its_end_by_the_cards_alone(walk: Walk, tmp_path: Path) -> None:
    """
    DESIGN §6: `redress tour --policy ID`; whoever gets a card presses its main button and fills in its form. What
    seen.yml says of the walk was before somebody's eyes.
    """
    done = walked(walk.policy, tmp_path, walk.answers)

    assert done.left == []
    unseen = {one: words for one, words in walk.seen.items() if not all(map(done.sees, words))}
    assert unseen == {}
    assert set(walk.shows) - done.shown == set()
    assert not walk.route or walk.route in done.routes
