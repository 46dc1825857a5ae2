"""More… on a card: return, ask, hand over, add a signer, wait for the customer, take back."""

from __future__ import annotations

import pytest

from sandbox.tour.story import PRODUCTION, QUALITY, REGISTRAR, REP, quality_names
from tests.stories.conversation import ANSWER, FINDING, Story

pytestmark = pytest.mark.slow


@pytest.mark.shows("card.approval", "form.visit.main", "form.visit.return")
@pytest.mark.capabilities("RT-10")
def test_a_case_goes_back_to_an_earlier_stage_with_the_reason(story: Story) -> None:
    story.at_production()
    message, action = story.card(PRODUCTION, "visit.return")
    form = message.click(action).view()

    refused = story.answer(form, {"to_stage": "quality_analysis"})
    assert set(refused["errors"]) == {"reason"}
    story.done(form.now(), reason="切片照片不清楚，請補")

    again = story.see("the card of the second round", QUALITY, "第 2 次", channel="CQUALITY")
    assert "切片照片不清楚" in again.words
    assert story.waits_at() == ["quality_analysis"]
    kept = story.card_of(QUALITY, contains="第 2 次").click("visit.main").view()
    assert kept.values["field.quality_finding"]["value"]["value"] == "化金厚度不足，斷面可見黑墊"


@pytest.mark.shows("card.question", "card.answer", "form.act.ask", "form.act.answer")
def test_the_question_goes_to_the_reporter_and_the_answer_comes_back(story: Story) -> None:
    story.registered()
    story.done(story.more(QUALITY, "act.ask"), words="樣品寄到哪裡？")

    asked, action = story.card(REP, "question.answer")
    assert "樣品寄到哪裡？" in asked.words
    story.done(asked.click(action).view(), words="在品管部三樓")

    answer = story.see("the answer", QUALITY, "在品管部三樓")
    assert "您的問題有回覆了" in answer.words
    assert "樣品寄到哪裡？" in answer.words
    asked.stale_click("question.answer", old_blocks=asked.blocks)
    assert "這個問題已回答" in story.whispered(REP, "已回答").words
    assert story.waits_at() == ["quality_analysis"]


@pytest.mark.shows("form.act.hand_over", "form.notice")
@pytest.mark.capabilities("GA-12")
def test_a_stage_is_handed_over_within_the_department_only(story: Story) -> None:
    story.at_production()

    story.answer(story.more(PRODUCTION, "act.hand_over"), member="陳柏翰")
    assert "只能轉交給同部門的人" in story.notice(PRODUCTION)
    story.done(story.more(PRODUCTION, "act.hand_over"), member="张伟", reason="二廠是你的")

    story.eventually(lambda: story.dms_of("张伟", "T-") or story.member("张伟").messages("CPRODUCTION"), "a card")
    assert story.events("HandedOver")[0]["member"] == "UZHANG"
    story.card_of(PRODUCTION).click("visit.main")
    assert "由他人處理" in story.whispered(PRODUCTION, "由他人處理").words
    story.done(story.card_of("张伟").click("visit.main").view(), ANSWER)
    assert story.waits_at() == ["manager_opinion"]


@pytest.mark.shows("form.act.add_signer")
def test_signers_before_beside_and_after_sign_in_that_order(story: Story) -> None:
    story.registered()
    mine = story.card_of(QUALITY)
    for who, place in (("Anita Rao", "after"), ("劉美玲", "beside"), ("蔡依庭", "before")):
        story.done(story.more(QUALITY, "act.add_signer"), member=who, place=place, reason="請一起看")

    story.eventually(lambda: mine.now().buttons == ["更多…"], "quality's card, which waits for the signer before")
    mine.stale_click("visit.main", old_blocks=mine.blocks)
    assert "還沒輪到您" in story.whispered(QUALITY, "還沒輪到您").words
    story.act("signer before", "蔡依庭", "approve", more_sign=True)
    story.act("signer beside", "劉美玲", "approve", more_sign=True)
    message, _ = story.card(QUALITY, "visit.main")
    story.done(message.click("visit.main").view(), FINDING)
    assert story.waits_at() == ["quality_analysis"]
    story.act("signer after", "Anita Rao", "approve")

    assert story.waits_at() == ["production_analysis"]
    signed = [line["actor"] for line in story.recorded()["log"] if line["event"] == "SeatAnswered"]
    assert signed[-4:] == ["UTSAI", "ULIU", "UCHEN", "URAO"]


@pytest.mark.shows("card.turn")
def test_the_card_of_a_later_signer_waits_while_the_answer_before_is_taken_back(story: Story) -> None:
    story.registered()
    story.done(story.more(QUALITY, "act.add_signer"), member="劉美玲", place="after", reason="請一起看")
    asked = story.card_of(QUALITY)
    story.done(asked.click("visit.main").view(), FINDING)
    later = story.card_of("劉美玲")
    story.eventually(lambda: "visit.main" not in str(asked.now().blocks), "quality's card, which is answered")

    story.done(story.more_of_case(QUALITY, "act.take_back"))
    story.eventually(lambda: later.now().buttons == ["更多…"], "the signer's card, which waits for quality again")
    later.stale_click("visit.main", old_blocks=later.blocks)
    assert "還沒輪到您" in story.whispered("劉美玲", "還沒輪到您").words
    story.done(story.card_of(QUALITY).click("visit.main").view(), FINDING)

    story.eventually(lambda: "更多…" in later.now().buttons[1:], "the signer's card with its button again")
    [again] = story.eventually(later.replies, "told under the card that it is the signer's turn")
    assert "輪到您" in again.words
    assert f"<@{story.member('劉美玲').id}>" in again.words
    cards = [m for m in story.dms_of("劉美玲", "品管") if "visit.main" in str(m.blocks) and m.ts != again.ts]
    assert [m.ts for m in cards] == [later.ts]
    story.act("signer after", "劉美玲", "approve")
    assert story.waits_at() == ["production_analysis"]


@pytest.mark.shows("form.act.wait")
def test_waiting_for_the_customer_says_that_the_limit_goes_on(story: Story) -> None:
    story.registered()
    story.done(story.more(QUALITY, "act.wait"), reason="等客戶寄樣品", until="2026-11-03")

    card = story.see("the card says so", QUALITY, "等待客戶", channel="CQUALITY")
    assert "等客戶寄樣品" in card.words
    assert "期限照算" in card.words
    outcome = card.click("visit.more").view()
    outcome.click("act.end_waiting")
    assert "已結束等待" in story.notice(QUALITY)
    assert [e["why"] for e in story.events("WaitingEnded")] == ["answered"]


@pytest.mark.shows("form.act.take_back")
def test_a_decision_is_taken_back_before_the_next_acts_and_not_after(story: Story) -> None:
    story.registered()
    decided = story.card_of(QUALITY)
    quality_names(story)
    story.eventually(lambda: decided.now().buttons == ["收回…"], "the decided card that can be taken back")
    decided.seen_by(PRODUCTION).click("act.take_back")
    assert "只有" in story.whispered(PRODUCTION, "收回").words
    story.done(decided.click("act.take_back").view())
    assert story.waits_at() == ["quality_analysis"]
    card = story.card_of(QUALITY)
    story.done(card.click("visit.main").view(), FINDING)

    open_form = story.more_of_case(QUALITY, "act.take_back")
    story.done(story.card_of(PRODUCTION).click("visit.main").view(), ANSWER)
    story.eventually(lambda: not card.now().buttons, "the card without its button, since production acted")
    story.answer(open_form)

    assert "已開始處理，無法收回" in story.notice(QUALITY)
    assert story.waits_at() == ["manager_opinion"]


def test_more_offers_only_what_the_person_may_do_here(story: Story) -> None:
    story.registered()

    of_quality = story.rows(QUALITY)
    of_the_registry = story.rows(REGISTRAR, button="case.more")

    assert {"轉交", "加簽", "詢問業務", "等待客戶", "申請展延"} <= set(of_quality)
    assert not {"作廢", "併案", "撤回客訴", "更正內容"} & set(of_quality)
    assert {"作廢", "併案", "撤回客訴", "更正內容"} <= set(of_the_registry)
    assert not {"轉交", "加簽"} & set(of_the_registry)
