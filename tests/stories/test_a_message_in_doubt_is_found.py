"""Slack loses an answer and the history can't be read: nobody knows; the desk officer looks, and says that it is there."""

from __future__ import annotations

import pytest

from bot.playground import Playground
from sandbox.client import Shown
from sandbox.tour.story import PRODUCTION, QUALITY, production_answers, quality_names
from tests.stories.conversation import Story

pytestmark = pytest.mark.slow
OFFICER = "鄭雅慧"


@pytest.fixture(scope="module")
def place(unhurried: Playground) -> Playground:
    return unhurried


@pytest.mark.shows("card.undelivered", "form.trouble.is_there")
def test_the_desk_officer_finds_it_and_the_card_goes_on_being_rewritten(story: Story) -> None:
    story.registered()
    story.card_of(QUALITY)
    story.desk.fault("lose_answer", method="chat.postMessage", channel="CPRODUCTION", count=1)
    story.desk.fault("remove_scope", scope="channels:history")
    quality_names(story)
    shown = story.see("the card whose answer was lost", PRODUCTION, "請製造部", channel="CPRODUCTION")
    story.desk.advance_machine("30 seconds")
    told = story.see("the officer is asked to look", OFFICER, "無法確認是否已顯示")
    story.desk.fault("add_scope", scope="channels:history")

    form = told.click("trouble.is_there").view()
    other = story.member(PRODUCTION).messages("CPRODUCTION")[0]
    assert "link" in story.answer(form, link=link_of(other))["errors"]
    story.done(form.now(), link=link_of(shown))
    told.click("trouble.is_there")
    assert "已處理" in story.whispered(OFFICER, "已處理").words

    production_answers(story)
    story.eventually(lambda: "visit.main" not in str(shown.now().blocks), "the card as decided")
    number = story.recorded()["case"]["number"]
    assert len([m for m in story.desk.messages("CPRODUCTION") if number in m.text]) == 1


def link_of(message: Shown) -> str:
    return f"https://jingting.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
