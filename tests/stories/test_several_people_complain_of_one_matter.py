"""The same matter from one person after the other: the third is a warning and a higher grade, with everybody's clicks on the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.tour_desk import head
from tests.stories.conversation import Story
from tests.stories.walking import log_another, wait_for_the_courier, walked

pytestmark = pytest.mark.walk
HEAD = head("customer_service")
CLAUSE = "一个月内累计三次以上不同投诉人的相同投诉"


@pytest.mark.capabilities("CL-09", "SR-06")
def test_the_third_person_with_the_same_matter_warns_the_head_of_customer_service(tmp_path: Path) -> None:
    """fitness-club-graded 二级3: the same person again is none."""

    def then(story: Story) -> None:
        for customer in ("C-0001", "C-0001", "C-0002", "C-0003"):
            log_another(story, customer=[customer], nature=["valid"])
        number = story.recorded()["case"]["number"]
        story.see("the warning", HEAD, CLAUSE)
        wait_for_the_courier(story.place)
        [warning] = story.dms_of(HEAD, CLAUSE)
        assert number in warning.words

    walked("fitness-club-graded", tmp_path, {"nature": ["valid"]}, then=then)
