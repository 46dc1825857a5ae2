"""More… of a case opens what it is, how its limits were counted, what was done so far, and, on record, whom to call."""

from __future__ import annotations

import pytest

from sandbox.tour.story import PRODUCTION, REP
from tests.stories.conversation import Story

pytestmark = pytest.mark.slow


@pytest.mark.shows("form.visit.more", "form.visit.whole", "form.visit.history", "form.visit.limit")
@pytest.mark.capabilities("GA-06", "DL-01", "DL-05")
def test_a_department_sees_the_whole_case_its_limits_and_every_step(story: Story) -> None:
    story.at_production()
    number = story.recorded()["case"]["number"]

    whole = story.more(PRODUCTION, "visit.whole")
    assert number in whole.words
    assert "化金厚度不足，斷面可見黑墊" in whole.words
    story.member(PRODUCTION).act("view/close", all=True)

    limit = story.more(PRODUCTION, "visit.limit")
    assert "計 13 天" in limit.words
    assert "(十)1" in limit.words
    story.member(PRODUCTION).act("view/close", all=True)

    history = story.more(PRODUCTION, "visit.history")
    steps = [word for word in ("登錄", "編號", "品管") if word in history.words]
    assert len(steps) == 3, history.words
    story.member(PRODUCTION).act("view/close", all=True)


@pytest.mark.shows("form.visit.contact")
def test_who_looks_at_a_contact_is_on_record(story: Story) -> None:
    story.registered()

    contact = story.more_of_case(REP, "visit.contact")

    assert "北方儀器" in contact.words
    assert [fact["what"] for fact in story.events("WordsShown")] == ["contact"]
    story.member(REP).act("view/close", all=True)
