"""Lost answers, floods of 429, errors, archived channels: everything recorded is told, once."""

from __future__ import annotations

import pytest

from bot.playground import Playground
from sandbox.tour.story import PRODUCTION, QUALITY, quality_names
from tests.stories.conversation import Story

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(unhurried: Playground) -> Playground:
    return unhurried


def numbered(story: Story) -> str:
    return str(story.recorded()["case"]["number"])


def test_a_lost_answer_makes_no_second_card(story: Story) -> None:
    story.desk.fault("lose_answer", method="chat.postMessage", channel="CQUALITY", count=1)
    story.registered()
    story.see("the card", QUALITY, "請品管分析原因", channel="CQUALITY")
    story.desk.advance_machine("30 seconds")

    story.at_production()  # the next case's card passes through the same channel
    number = numbered(story)
    story.eventually(lambda: number in "".join(m.words for m in story.desk.messages("CPRODUCTION")), "the next card")
    asked = [m for m in story.desk.messages("CQUALITY") if "品管" in m.text and m.content.get("thread_ts") is None]
    assert len(asked) == len({m.text.split("｜")[0] for m in asked})


def test_a_storm_of_429_and_500_delays_and_loses_nothing(story: Story) -> None:
    story.desk.fault("ratelimit", method="chat.*", share=0.4, seconds=1)
    story.desk.fault("error", method="chat.*", status=500, share=0.2)
    story.at_production()
    number = numbered(story)
    story.see("production's card", PRODUCTION, number, channel="CPRODUCTION")
    story.desk.clear_faults()

    story.act("production decides", PRODUCTION, "approve", production_finding="槽液", production_origin="二廠",
              countermeasure="換槽")  # fmt: skip
    for channel in ("CQUALITY", "CPRODUCTION"):
        asked = [m for m in story.desk.messages(channel) if number in m.text and not m.content.get("thread_ts")]
        assert len(asked) == 1


def test_a_card_for_a_channel_that_lost_the_bot_goes_to_the_fallback(story: Story) -> None:
    story.registered()
    number = numbered(story)
    story.desk.fault("remove_bot", channel="CPRODUCTION")
    quality_names(story)

    told = story.see("the desk officer hears of it", "鄭雅慧", number)
    assert told.words
    story.desk.fault("add_bot", channel="CPRODUCTION")


def test_an_archived_channel_is_no_end(story: Story) -> None:
    story.registered()
    number = numbered(story)
    story.desk.fault("archive_channel", channel="CPRODUCTION")
    quality_names(story)

    story.see("the fallback channel has it", "鄭雅慧", number, channel="CDESK")
    story.desk.fault("unarchive_channel", channel="CPRODUCTION")
    assert story.waits_at() == ["production_analysis"]
