"""A changed regulation takes effect by the recorded approval of the role that it names, for new cases only."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.in_force import SHIPPED
from bot.playground import Playground
from sandbox.tour.scene import Scene
from sandbox.tour.story import GM, QUALITY, START, log_and_register
from tests.chaos.bots import Nursery
from tests.stories.hurried import client_of, hurried

pytestmark = pytest.mark.slow
POLICY = "pcb-manufacturer.yml"


@pytest.fixture
def place(tmp_path: Path, nursery: Nursery) -> Iterator[Playground]:
    """Return the sample company with a policy folder of its own."""
    shutil.copytree(SHIPPED, tmp_path / "policies")
    with hurried(nursery, folder=tmp_path / "desk", start_at=START, policies=tmp_path / "policies") as started:
        yield started


def change(place: Playground, *pairs: tuple[str, str]) -> None:
    assert place.policies is not None
    file = place.policies / POLICY
    text = file.read_text("utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def pinned(place: Playground, case: str) -> str:
    """Return the digest of the version that a case keeps."""
    return str(json.loads(place.run_command("case", "show", case, "--json"))["case"]["bundle"])


def problems(place: Playground) -> list[str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{place.bot_port}/healthz", timeout=10) as answer:
            return list(json.loads(answer.read())["problems"])
    except urllib.error.HTTPError as unwell:
        return list(json.loads(unwell.read())["problems"])


@pytest.mark.clauses("pcb-manufacturer", "(十五)")
@pytest.mark.shows("card.policy")
@pytest.mark.capabilities("GA-01")
def test_a_new_version_waits_for_its_approval_and_runs_for_new_cases(place: Playground) -> None:
    scene = Scene(desk=client_of(place))
    log_and_register(scene)
    old, old_version = scene.case, pinned(place, scene.case)

    change(
        place,
        ('label: "2026-1"', 'label: "2026-2"'),
        ("domestic: 2 days, foreign: 3 days", "domestic: 1 day, foreign: 3 days"),
    )
    card = scene.see("asked for the approval", GM, "2026-2")
    assert "2026-1" in card.words
    assert "品管分析：期限：國內 2 天 → 國內 1 天" in card.words
    manager = scene.desk.as_member(GM)
    manager.say(card.channel, "請先問業務部", card)
    said = manager.wait_ephemeral("不會存入案件")  # it is of no complaint
    assert said.content["thread_ts"] == card.ts
    log_and_register(scene)
    assert pinned(place, scene.case) == old_version

    card.click("policy.put_in_force")
    scene.until(lambda: "policy.put_in_force" not in str(card.now().blocks), "the card to say who put it in force")
    assert f"<@{scene.desk.as_member(GM).id}>" in card.now().words
    log_and_register(scene)
    assert pinned(place, scene.case) != old_version
    assert pinned(place, old) == old_version
    assert "11/3" in scene.card(QUALITY)[0].words

    place.stop_bot()
    place.start_bot()
    asked = [m for m in scene.desk.as_member(GM).dms() if "2026-2" in m.words]
    assert len(asked) == 1

    change(place, ("domestic: 1 day, foreign: 3 days", "domestic: 4 days, foreign: 4 days"))
    scene.until(lambda: any("already names another text" in p for p in problems(place)), "the refusal in /healthz")


def test_the_card_of_a_version_that_was_overtaken_cannot_bring_it_in_force(place: Playground) -> None:
    """Two versions wait; the later one is approved. A late press on the other card would take the regulation back."""
    scene = Scene(desk=client_of(place))
    change(place, ('label: "2026-1"', 'label: "2026-2"'), ("domestic: 2 days", "domestic: 1 day"))
    older = scene.see("asked for the first approval", GM, "2026-2")
    change(
        place,
        ('label: "2026-2"', 'label: "2026-3"'),
        ("domestic: 1 day, foreign: 3 days", "domestic: 4 days, foreign: 4 days"),
    )
    newer = scene.see("asked for the second one", GM, "2026-3")
    newer.click("policy.put_in_force")

    scene.until(lambda: "policy.put_in_force" not in str(older.now().blocks), "the older card to lose its button")
    assert "2026-2 版已被更新的版本取代" in older.now().words
    log_and_register(scene)
    version = pinned(place, scene.case)
    older.stale_click("policy.put_in_force", old_blocks=older.blocks)

    gm = scene.desk.as_member(GM)
    scene.until(lambda: any("已有更新的版本生效" in m.words for m in gm.ephemerals()), "the late press to be refused")
    log_and_register(scene)
    assert pinned(place, scene.case) == version
