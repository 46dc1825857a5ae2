"""A late stage: reminder, slip, escalation, and the four decisions of the general manager; extensions; urging."""

from __future__ import annotations

import pytest

from sandbox.tour.story import GM, PRODUCTION, REP
from tests.stories.conversation import ANSWER, Story

pytestmark = pytest.mark.slow

DAYS = {"mon": "2026-11-02", "wed": "2026-11-04", "thu": "2026-11-05", "fri": "2026-11-06"}


def at(day: str, time: str) -> str:
    return f"{DAYS[day]}T{time}:00+08:00"


@pytest.mark.shows("card.urge", "form.act.urge")
@pytest.mark.capabilities("DL-10")
def test_the_reporter_urges_once_in_four_hours(story: Story) -> None:
    story.at_production()
    message, _ = story.card(REP, "case.urge")
    story.done(message.click("case.urge").view(), words="客戶產線停線中")
    assert "客戶產線停線中" in story.see("urged", PRODUCTION, "催辦：").words

    message.click("case.urge")
    assert "剛剛催辦過" in story.whispered(REP, "剛剛催辦過").words
    assert len(story.events("Urged")) == 1


@pytest.mark.shows(
    "card.reminder",
    "card.reminder_slip",
    "card.escalation",
    "card.meeting",
    "form.gm.decide",
    "form.act.reassign",
    "form.act.meeting",
)
@pytest.mark.capabilities("DL-10", "DL-22")
def test_four_late_cases_are_decided_in_four_ways(story: Story) -> None:
    """(十四) and D5: reminder at 80 %, slip at the due time, escalation a working day later."""
    cases = [story.at_production() for _ in range(4)]
    numbers = [story.recorded(c)["case"]["number"] for c in cases]
    for case in cases:
        story.case = case
        story.card(PRODUCTION)

    story.to(at("wed", "13:00"))
    merged = story.see("one reminder for all", PRODUCTION, "件等您處理")
    assert all(n in merged.words for n in numbers)
    story.to(at("thu", "08:00"))
    for number in numbers:
        slip = story.see(f"slip {number}", PRODUCTION, f"催辦單：客訴 {number}", channel="CPRODUCTION")
        assert "呈報總經理" in slip.words
    assert not [m for m in story.member(GM).dms() if "請裁示" in m.words]
    story.to(at("thu", "18:00"))
    for number in numbers:
        story.see(f"escalation {number}", GM, f"請裁示：客訴 {number}")

    _decide_for_them(story, cases[0])
    _reassign(story, cases[1])
    _grant(story, cases[2])
    _call_a_meeting(story, cases[3])
    for case in cases:
        assert len(story.events("EscalationAnswered", case)) == 1


def _decide_for_them(story: Story, case: str) -> None:
    story.case = case
    message, action = story.card(GM, "gm.decide")
    form = message.click(action).view()
    refused = story.answer(form, ANSWER)
    assert set(refused["errors"]) == {"reason"}
    story.done(form.now(), reason="不能再等")
    assert story.waits_at() == ["manager_opinion"]
    story.eventually(lambda: not story.button(message.now(), "gm.decide"), "the decided escalation loses its buttons")
    assert "已代為決定" in message.now().words


def _reassign(story: Story, case: str) -> None:
    story.case = case
    message, action = story.card(GM, "gm.reassign")
    story.done(message.click(action).view(), member="楊文雄", reason="請主管處理")
    story.eventually(lambda: story.button(story.card_of("楊文雄"), "visit.main"), "the card of the head")
    assert story.events("HandedOver")[0]["by_general_manager"] is True


def _grant(story: Story, case: str) -> None:
    story.case = case
    message, action = story.card(GM, "gm.extend")
    story.done(message.click(action).view(), until="2026-11-06", reason="等切片")
    told = story.see("the new limit", PRODUCTION, "展延已核准")
    assert "11/6" in told.words


def _call_a_meeting(story: Story, case: str) -> None:
    story.case = case
    message, action = story.card(GM, "gm.meeting")
    form = message.click(action).view()
    late = story.answer(form, at="2026-11-04T10:00:00+08:00", words="為何逾期")
    assert set(late["errors"]) == {"at"}
    story.done(form.now(), at="2026-11-06T10:00:00+08:00")
    for who in (PRODUCTION, REP):
        assert "召開會議" in story.see("the meeting", who, "會議：").words


@pytest.mark.shows("card.extension", "card.extension_ruled", "form.act.extend", "form.act.grant")
@pytest.mark.capabilities("DL-13")
def test_an_extension_is_granted_once(story: Story) -> None:
    """D21: by the general manager, once per stage, at most the stage's own limit."""
    story.to(at("fri", "09:30"))
    story.at_production()
    form = story.more(PRODUCTION, "act.extend")
    too_long = story.answer(form, until="2026-11-30", reason="等料")
    assert set(too_long["errors"]) == {"until"}
    story.done(form.now(), until="2026-11-09")

    asked, action = story.card(GM, "extension.grant")
    assert "等料" in asked.words
    story.done(asked.click(action).view())
    story.see("granted", PRODUCTION, "展延已核准")

    names = story.rows(PRODUCTION)
    assert "申請展延" not in names
    asked.stale_click("extension.grant", old_blocks=asked.blocks)
    assert "已用完展延" in story.whispered(GM, "已用完展延").words
    assert len(story.events("ExtensionRuled")) == 1


@pytest.mark.shows("form.act.refuse_extension")
def test_an_extension_is_refused_with_a_reason(story: Story) -> None:
    story.at_production()
    story.done(story.more(PRODUCTION, "act.extend"), until="2026-11-09", reason="等料")
    asked, action = story.card(GM, "extension.refuse")
    story.done(asked.click(action).view(), reason="客戶停線")

    told = story.see("refused", PRODUCTION, "展延未獲核准")
    assert "客戶停線" in told.words
    assert "期限不變" in told.words
