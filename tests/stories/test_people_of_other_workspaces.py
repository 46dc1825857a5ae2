"""A channel shared with another company (Slack Connect): its people see our cards and may do nothing with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.playground import ROOT, SAMPLE, Playground
from sandbox.tour.story import QUALITY, START
from tests.chaos.bots import Nursery
from tests.stories.conversation import Story
from tests.stories.hurried import hurried

pytestmark = pytest.mark.slow

PARTNER, THEIRS = "Petra Partner", "T9PARTNER"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery) -> Iterator[Playground]:
    """Return the sample company, whose quality channel is shared with a supplier."""
    folder = Path(tmp_path_factory.mktemp("shared"))
    there = yaml.safe_load((SAMPLE / "workspace.yml").read_text("utf-8"))
    there["manifest"] = str(ROOT / "manifest.yml")
    there["people"].append(
        {"id": "UPARTNER", "name": "petra", "real_name": PARTNER, "locale": "en-US", "team_id": THEIRS}
    )
    next(c for c in there["channels"] if c["id"] == "CQUALITY")["members"].append("UPARTNER")
    workspace = folder / "workspace.yml"
    workspace.write_text(yaml.safe_dump(there, allow_unicode=True), "utf-8")
    with hurried(nursery, folder=folder / "desk", workspace=workspace, start_at=START) as started:
        yield started


def test_a_press_on_our_card_opens_nothing_and_is_answered_kindly(story: Story) -> None:
    story.registered()
    card = story.card_of(QUALITY).seen_by(PARTNER)
    before = story.recorded()["case"]["seq"]

    for button in ("visit.main", "visit.more"):
        card.click(button)

    told = story.member(PARTNER).wait_ephemeral("Complaints are logged by employees")
    assert "colleague" in told.words
    assert story.member(PARTNER).view_now() is None
    assert story.recorded()["case"]["seq"] == before
    assert story.waits_at() == ["quality_analysis"]


def test_the_company_s_customers_and_complaints_are_not_theirs_to_see(story: Story) -> None:
    story.registered()
    number = story.recorded()["case"]["number"]
    cases = len(story.redress("case", "list"))
    partner = story.member(PARTNER)

    for words in ("Your boards are late", "", f"show {number}", "late", "desk"):
        partner.command("/complaint", words)

    assert partner.view_now() is None
    whispers = [message.words for message in partner.ephemerals()]
    assert whispers
    assert not [words for words in whispers if number in words or "Alpha" in words]
    assert number not in str(partner.home().blocks)
    assert len(story.redress("case", "list")) == cases


def test_buttons_that_they_forge_with_our_ids_do_nothing(story: Story) -> None:
    story.registered()
    before = story.recorded()["case"]["seq"]
    card = story.card_of(QUALITY)
    value = next(e["value"] for b in card.blocks for e in b.get("elements", ()) if e.get("action_id") == "visit.main")
    blocks = [{"type": "actions", "block_id": "forged", "elements": [
        {"type": "button", "action_id": a, "text": {"type": "plain_text", "text": "x"}, "value": value}
        for a in ("visit.confirm", "act.take_back", "visit.contact", "case.show")]}]  # fmt: skip

    for action in ("visit.confirm", "act.take_back", "visit.contact", "case.show"):
        card.seen_by(PARTNER).stale_click(action, old_blocks=blocks)

    assert story.member(PARTNER).view_now() is None
    assert story.recorded()["case"]["seq"] == before
