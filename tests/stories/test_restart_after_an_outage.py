"""The bot is killed and comes back: nothing is lost, nothing comes twice, only the latest step is told."""

from __future__ import annotations

from typing import Any

import pytest

from bot.playground import Playground
from sandbox.tour.story import GM, PRODUCTION, QUALITY
from tests.stories.conversation import Story

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(unhurried: Playground) -> Playground:
    return unhurried


def test_after_an_outage_only_the_latest_step_is_shown(story: Story) -> None:
    """Reminder and slip fell into the outage: one escalation, and the slip only where it is the latest."""
    assert story.place is not None
    story.at_production()
    story.card(PRODUCTION)
    story.place.stop_bot(kill=True)
    story.to("2026-11-06T10:00:00+08:00")
    story.place.start_bot()

    story.see("escalation", GM, "請裁示：")
    assert len(story.dms_of(GM, "請裁示：")) == 1
    assert not story.dms_of(PRODUCTION, "期限經過 80%")
    story.act("the department still decides", PRODUCTION, "approve", production_finding="槽液", production_origin="二廠",
              countermeasure="換槽")  # fmt: skip
    assert story.waits_at() == ["manager_opinion"]


def test_what_was_decided_before_the_kill_is_told_after_it(story: Story) -> None:
    assert story.place is not None
    story.registered()
    card = story.card_of(QUALITY)
    story.desk.fault("delay", method="chat.postMessage", seconds=5)
    story.act("quality analysis", QUALITY, "approve", **FINDING)
    story.place.stop_bot(kill=True)
    story.desk.clear_faults()
    story.place.start_bot()

    story.see("production's card", PRODUCTION, story.recorded()["case"]["number"], channel="CPRODUCTION")
    story.eventually(lambda: card.now().buttons == ["收回…"], "the decided card with nothing to decide")
    number = story.recorded()["case"]["number"]
    cards = [m for m in story.member(PRODUCTION).messages("CPRODUCTION") if f"{number}｜請製造部" in m.words]
    assert len(cards) == 1


def test_a_form_that_was_recorded_and_changed_is_told_so_by_the_bot_that_comes_after(story: Story) -> None:
    """Slack heard no answer and keeps the form open; the bot that took it is dead when it is sent once more."""
    assert story.place is not None
    story.registered()
    form = story.card_of(QUALITY).click("visit.main").view()
    story.desk.fault("lose_ack", method="interactive", count=1)
    assert not story.answer(form, {f"field.{name}": value for name, value in FINDING.items()}).ok
    seq = story.recorded()["case"]["seq"]
    story.place.stop_bot(kill=True)
    story.place.start_bot()

    story.answer(form.now(), {"field.quality_finding": "白墊"})

    assert "已按您第一次送出的內容記錄" in story.notice(QUALITY)
    assert story.recorded()["case"]["seq"] == seq


FINDING: dict[str, Any] = {
    "sample_confirmed": "yes", "cause_class": "quality_abnormality", "quality_finding": "黑墊",
    "liable_unit": "production", "rnd_opinion_needed": "no", "third_party_involved": "no",
}  # fmt: skip
