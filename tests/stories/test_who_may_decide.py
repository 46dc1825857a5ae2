"""Everybody may press; only who may decides, once."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.client import CannotDo, Form, Outcome, Shown
from sandbox.tour.story import PRODUCTION, QUALITY, REGISTRAR, REP, production_answers
from tests.stories.conversation import ANSWER, FINDING, Story

pytestmark = pytest.mark.slow


def button_of(story: Story, message: Shown, action: str = "visit.main") -> str:
    found = story.button(message, action)
    assert found is not None
    return str(found["value"])


def forged(story: Story, who: str, message: Shown, action: str, value: str) -> Outcome:
    """Press a button that never was there: a value of somebody's own making."""
    blocks = [{"type": "actions", "block_id": "forged", "elements": [
        {"type": "button", "action_id": action, "text": {"type": "plain_text", "text": "x"}, "value": value}]}]  # fmt: skip
    return message.seen_by(who).stale_click(action, old_blocks=blocks)


def test_somebody_of_another_department_is_told_whose_it_is(story: Story) -> None:
    story.registered()
    card = story.card_of(QUALITY)
    elsewhere = story.see("a message of the reporter's own", REP, "品管")

    forged(story, REP, elsewhere, "visit.main", button_of(story, card))

    assert "<@UCHEN>" in story.whispered(REP, "由他人處理").words
    assert story.member(REP).view_now() is None
    assert story.waits_at() == ["quality_analysis"]


def test_values_made_up_by_somebody_change_nothing(story: Story) -> None:
    story.registered()
    card = story.card_of(QUALITY)
    before = story.recorded()["case"]["seq"]
    for value in ("1|NOSUCHID|3|0|", "1|../../etc|x|0|", "9|whatever", "", f"1|{story.case}|999|0|", "1|'; DROP|1|0|"):
        forged(story, QUALITY, card, "visit.main", value or "-")
        forged(story, QUALITY, card, "visit.confirm", value or "-")
        forged(story, QUALITY, card, "no.such.action", value or "-")

    assert story.member(QUALITY).view_now() is None
    assert story.recorded()["case"]["seq"] == before
    assert story.place is not None
    assert "listener failed" not in story.place.log_file.read_text()


def test_a_guest_is_asked_to_tell_a_colleague(story: Story) -> None:
    """No form opens, not even the first time, when Slack must be asked who it is."""
    guest = story.member("外部顧問")

    guest.command("/complaint", "板子壞了")

    assert "您是訪客" in guest.wait_ephemeral("訪客").words
    assert guest.view_now() is None


def test_the_head_does_not_sign_what_he_answered_himself(story: Story) -> None:
    """(九)5: sales answers and its head reviews it; when the head answered, somebody else signs."""
    story.logged("何建國")
    card = story.card_of(REGISTRAR)
    own = story.see("his own card", "何建國", "登記")

    forged(story, "何建國", own, "visit.main", button_of(story, card))

    assert "登記" in story.whispered("何建國", "由他人處理").words
    assert story.waits_at() == ["register"]


def test_the_button_of_an_older_rendering_is_answered_kindly(story: Story) -> None:
    story.at_production()
    old = story.card_of(PRODUCTION)
    value_then = old.blocks
    production_answers(story)

    old.stale_click("visit.main", old_blocks=value_then)

    told = story.whispered(PRODUCTION, "已經完成，您不必再處理")
    assert "<@UWU>" in told.words
    assert story.waits_at() == ["manager_opinion"]


def test_a_decision_on_older_facts_asks_to_look_again(story: Story) -> None:
    story.registered()
    card = story.card_of(QUALITY)
    amend = story.more_of_case(REP, "act.amend")
    story.done(amend, {"field.quantity": "2,500"}, reason="出貨單更正")

    card.stale_click("visit.main", old_blocks=card.blocks)

    assert "內容已更正" in story.whispered(QUALITY, "內容已更正").words
    assert story.member(QUALITY).view_now() is None


def test_of_two_who_decide_at_once_one_is_told_that_it_is_done(story: Story) -> None:
    story.registered()
    card = story.card_of(QUALITY)
    forms = [card.seen_by(who).click("visit.main").view() for who in (QUALITY, "蔡依庭")]
    for form in forms:
        for field, value in FINDING.items():
            form.fill(field, value)

    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(Form.submit, forms))

    assert sorted(o["response_action"] for o in outcomes) == ["clear", "push"]
    late = forms[[o["response_action"] for o in outcomes].index("push")].member
    assert "已經完成，您不必再處理" in story.notice(late.real_name)
    assert story.waits_at() == ["production_analysis"]
    assert len([e for e in story.events("SeatAnswered") if e["visit"] == 4]) == 1


def test_a_form_sent_three_times_at_once_counts_once(story: Story) -> None:
    story.logged()
    form = story.card_of(REGISTRAR).click("visit.main").view()
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: _sent(form), range(3)))
    story.desk.redeliver("last", "interactive")

    story.see("quality gets its card", QUALITY, "請品管分析原因", channel="CQUALITY")
    assert story.waits_at() == ["quality_analysis"]
    assert len(story.events("CaseNumbered")) == 1


def _sent(form: Form) -> None:
    with contextlib.suppress(CannotDo):  # the first one closed it
        form.submit()


def test_a_submission_delivered_twice_counts_once(story: Story) -> None:
    story.at_production()
    story.done(story.card_of(PRODUCTION).click("visit.main").view(), ANSWER)
    story.desk.redeliver("last", "interactive")

    story.see("the next card", "劉美玲", "經理室", channel="CMANAGER")
    assert story.waits_at() == ["manager_opinion"]
    assert len([e for e in story.events("VisitDone") if e["visit"] == 5]) == 1
