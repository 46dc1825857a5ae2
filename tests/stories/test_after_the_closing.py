"""After the closing: the customer is called back, the month's meeting is held, and what was late has to be explained."""

from __future__ import annotations

import pytest

from sandbox.tour.story import GM, QUALITY, REGISTRAR, close, judge, offer, tell_customer, up_to_the_check
from tests.stories.conversation import Story

pytestmark = pytest.mark.slow
WISH = "希望改用較厚的鍍層"


@pytest.mark.shows("card.callback", "form.visit.log_call", "card.finished", "card.archive")
@pytest.mark.capabilities("CC-13", "CC-14", "CC-15", "RD-09")
def test_the_customer_is_called_back_and_what_he_says_besides_is_kept(story: Story) -> None:
    """D6; the answers decide, and the words stay with the case until they are erased."""
    story.at_manager()
    up_to_the_check(story)
    offer(story, "nothing")
    judge(story, own_problem=False)
    close(story)
    tell_customer(story)

    message, action = story.card(REGISTRAR, "visit.log_call")
    form = message.click(action).view()
    form.fill("result", "reached")
    story.done(form.now(), {"field.solved": "yes", "field.score": "4", "field.wish": WISH})

    assert WISH in story.recorded()["words"].values()
    assert story.recorded()["case"]["status"] == "finished"
    story.see("all is done", "林佳穎", "全部辦結")
    story.see("put away", REGISTRAR, "歸檔", channel="CREGISTRY")


@pytest.mark.shows("card.duty", "form.visit.main")
@pytest.mark.capabilities("DL-16", "SR-01", "SR-09", "SR-10")
def test_the_meeting_of_the_month_is_held_from_its_card(story: Story) -> None:
    """(九)10: by the 10th, with production, quality and research, on the cases that were closed last month."""
    invited = story.see("quality is invited", QUALITY, "客訴月會", channel="CQUALITY")
    assert "11/10" in invited.words
    assert not invited.buttons
    story.case = "duty.pcb-manufacturer.case_meeting.2026-11"
    asked, action = story.card(REGISTRAR)

    story.done(
        asked.click(action).view(), {"field.shares": "261101; 製造部; 100%", "field.measures_reviewed": "逐案檢討完畢"}
    )

    assert story.recorded()["case"]["status"] == "finished"
    assert "逐案檢討完畢" in story.see("the minutes go to the general manager", GM, "客訴月會").words
