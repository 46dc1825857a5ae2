"""The whole case: amend, withdraw, void, merge, find invalid, object."""

from __future__ import annotations

import pytest

from sandbox.tour.story import (
    GM,
    PRODUCTION,
    QUALITY,
    REGISTRAR,
    REGISTRY_HEAD,
    REP,
    close,
    judge,
    offer,
    up_to_the_check,
)  # fmt: skip
from tests.stories.conversation import Story

pytestmark = pytest.mark.slow


@pytest.mark.shows("card.ended", "form.act.withdraw")
def test_withdrawn_by_the_reporter_the_open_card_asks_nothing_any_more(story: Story) -> None:
    story.registered()
    card = story.card_of(QUALITY)
    story.done(story.more_of_case(REP, "act.withdraw"), reason="客戶自行解決")

    card.stale_click("visit.main", old_blocks=card.blocks)

    assert story.whispered(QUALITY, "").words
    assert story.recorded()["case"]["status"] == "withdrawn"
    assert story.member(QUALITY).view_now() is None
    story.eventually(lambda: not card.now().buttons, "the card without buttons")
    assert "撤回" in card.now().words


@pytest.mark.shows("form.act.void")
@pytest.mark.capabilities("RD-01")
def test_void_keeps_the_number_and_is_the_registrys(story: Story) -> None:
    story.registered()
    number = story.recorded()["case"]["number"]
    assert "作廢" not in story.rows_of_case(REP)
    story.done(story.more_of_case(REGISTRAR, "act.void"), reason="測試單")

    assert story.recorded(number)["case"]["status"] == "void"
    story.registered()
    assert story.recorded()["case"]["number"] == str(int(number) + 1)


@pytest.mark.shows("form.act.merge")
def test_merged_into_another_case_it_ends_and_points_there(story: Story) -> None:
    other = story.registered()
    number = story.recorded()["case"]["number"]
    story.registered()
    form = story.more_of_case(REGISTRAR, "act.merge")
    unknown = story.answer(form, into="999999", reason="同一批")
    assert set(unknown["errors"]) == {"into"}
    story.done(form.now(), into=number)

    merged = story.recorded()
    assert merged["case"]["status"] == "merged"
    assert [e["into"] for e in story.events("CaseMerged")] == [other]


@pytest.mark.shows("form.act.amend")
@pytest.mark.capabilities("CL-20")
def test_an_amended_amount_is_approved_again(story: Story) -> None:
    """DESIGN §8: a changed decision field asks those again who decided on it."""
    story.registered()
    form = story.more_of_case(REP, "act.amend")
    same = story.answer(form, reason="沒有改")
    assert same.get("response_action") != "clear"
    story.eventually(lambda: form.member.view_now(), "the form or a notice")
    form.member.act("view/close", all=True)
    story.done(story.more_of_case(REP, "act.amend"), {"field.defective_quantity": "200"}, reason="客戶更正數量")

    assert story.recorded()["case"]["fields"]["defective_quantity"] in (200, "200")
    story.eventually(lambda: "200／2,400" in story.card_of(QUALITY).words, "the card with the new quantity")


@pytest.mark.capabilities("OS-01", "CC-07")
def test_not_established_is_confirmed_by_the_head(story: Story) -> None:
    """D17 and (九)14: the GM office finds it invalid with a reason, its head confirms."""
    story.at_manager()
    up_to_the_check(story)
    message, action = story.card(REGISTRAR)
    form = message.click(action).view()
    form.fill("field.established", "no")
    missing = form.now().submit()
    assert missing["errors"] or missing["response_action"] == "update"
    story.answer(form.now(), {"field.not_established_reason": "樣品經檢驗無異常"})
    assert story.waits_at() == ["confirm_not_established"]
    story.act("confirmed", REGISTRY_HEAD, "confirm", contains="確認不成立")

    case = story.recorded()["case"]
    assert (case["status"], case["outcome"]) == ("closed", "not_established")


@pytest.mark.shows("card.closed", "card.copy", "card.reply_open", "form.act.route")
@pytest.mark.capabilities("RD-02", "CC-01", "CC-03")
def test_an_objection_is_taken_within_five_working_days_and_not_after(story: Story) -> None:
    """(九)12: within five working days of the final decision; the general manager rules."""
    story.at_manager()
    up_to_the_check(story)
    offer(story, "nothing")
    judge(story, own_problem=False)
    close(story)
    in_time = story.more_of_case(QUALITY, "act.route")
    story.done(story.more_of_case(PRODUCTION, "act.route"), {"field.objection_reason": "槽液由供應商負責"})
    ruling, _ = story.card(GM)
    assert "槽液由供應商負責" in ruling.words
    story.act("dismissed", GM, "dismiss", ruling_reason="證據不足")

    story.to("2026-11-10T09:30:00+08:00")
    story.answer(in_time, {"field.objection_reason": "當時還在期限內"})
    assert "期限已過" in story.notice(QUALITY)
    assert "提出異議" not in "".join(story.rows_of_case(QUALITY))
