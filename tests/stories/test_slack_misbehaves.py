"""Lost answers, floods of 429, errors, archived channels: everything recorded is told, once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from bot.playground import Playground
from sandbox.tour.story import GM, PRODUCTION, QUALITY, quality_names
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


def test_of_the_escalations_that_waited_for_slack_the_newest_comes_and_stands_for_all(story: Story) -> None:
    """D5: one working day after the due time, then daily. Five days without Slack are one message, which says how late it is."""
    story.at_production()
    number = numbered(story)
    story.card(PRODUCTION)
    story.desk.fault("error", method="*", status=503)
    story.to("2026-11-05T08:00:00+08:00")
    story.eventually(lambda: told(story, "reminder_slip"), "the slip, which Slack does not take")
    story.eventually(lambda: "no more messages for now" in log_of(story), "the bot to send nothing any more")
    for days, at in enumerate(("05T18:00", "06T18:00", "09T18:00", "10T18:00", "11T18:00"), start=1):
        story.to(f"2026-11-{at}:00+08:00")
        story.eventually(lambda n=days: len(told(story, "escalation")) == n, f"escalation {days}")

    story.desk.clear_faults()

    shown = story.see("the newest one", GM, f"請裁示：客訴 {number}")
    assert "5 個工作日" in shown.words
    covering = covered(story, "escalation")
    story.eventually(lambda: all(at for _, at in covered(story, "escalation")), "all five to be covered")
    assert (len(covering), len({message for message, _ in covering})) == (5, 1)
    assert len([m for m in story.member(GM).dms() if f"請裁示：客訴 {number}" in m.words]) == 1


def told(story: Story, step: str) -> list[dict[str, Any]]:
    return [fired for fired in story.events("StepFired") if fired["as_"] == step]


def covered(story: Story, kind: str) -> list[tuple[int, str | None]]:
    """Return, for each notice of the case of that kind, which message covers it and since when."""
    assert story.place is not None
    asked = "SELECT message, covered_at FROM notices WHERE case_id = ? AND kind = ? ORDER BY id"
    with closing(sqlite3.connect(story.place.folder / "redress.sqlite3")) as record:
        return record.execute(asked, (story.case, kind)).fetchall()


def log_of(story: Story) -> str:
    assert story.place is not None
    return story.place.log_file.read_text()
