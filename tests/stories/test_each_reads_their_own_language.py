"""Direct messages and forms follow the reader's Slack language, cards in channels the desk's."""

from __future__ import annotations

import pytest

from sandbox.client import Form, Member
from sandbox.tour.story import QUALITY
from tests.stories.conversation import Story

pytestmark = pytest.mark.slow


def _opened(member: Member) -> Form | None:
    """Open the form; right after the start the bot may not know yet who reads what."""
    form = member.command("/complaint").view()
    return form if form.title == "Log a complaint" else None


def test_an_english_reader_logs_and_follows_in_english(story: Story) -> None:
    emily = story.member("Emily Carter")
    form = story.eventually(lambda: _opened(emily), "the form in English")
    assert "What happened?" in form.words
    form.close()

    story.registered("Emily Carter")
    receipt = story.eventually(lambda: [m for m in emily.dms() if story._case_of(m) == story.case], "her card")[-1]

    assert "GM office is registering" in receipt.text
    assert "Urge…" in receipt.buttons
    assert story.see("the channel's card", QUALITY, "請品管分析原因", channel="CQUALITY").words


def test_a_simplified_chinese_reader_gets_forms_and_messages_in_it(story: Story) -> None:
    story.at_production()
    card = story.card_of("张伟")
    assert "製造部" in card.words  # the channel's card is in the desk's language

    form = card.click("visit.main").view()
    assert "查到什么" in form.words or "制造" in form.words
    form.close()
    story.to("2026-11-04T13:00:00+08:00")
    assert "期限经过 80%" in story.see("the reminder", "张伟", "期限经过 80%").words


def test_a_refusal_speaks_the_language_of_who_pressed(story: Story) -> None:
    story.registered()
    card = story.card_of(QUALITY)
    value = (story.button(card, "visit.main") or {})["value"]
    button = {"type": "button", "action_id": "visit.main", "text": {"type": "plain_text", "text": "x"}, "value": value}
    emily = story.member("Emily Carter")
    story.logged("Emily Carter")
    own = emily.dms()[-1]

    own.stale_click("visit.main", old_blocks=[{"type": "actions", "block_id": "b", "elements": [button]}])

    told = story.whispered("Emily Carter", "Quality analysis")
    assert "<@UCHEN>" in told.words
