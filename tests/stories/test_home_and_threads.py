"""App Home shows what waits and lets one act; words in a case's thread are kept and decide nothing."""

from __future__ import annotations

import pytest

from sandbox.client import Form
from sandbox.tour.story import PRODUCTION, QUALITY, REP
from tests.stories.conversation import ANSWER, FINDING, Story, row_names

pytestmark = pytest.mark.slow


@pytest.mark.shows("form.home")
def test_home_of_who_has_nothing_says_where_cards_come(story: Story) -> None:
    home = story.member("涂家豪").home()

    assert "沒有等您處理的事" in home.words
    assert "您還沒登錄過客訴" in home.words
    assert not row_names(home)


@pytest.mark.shows("card.home", "card.reporter")
@pytest.mark.capabilities("GA-12")
def test_what_waits_is_decided_from_home(story: Story) -> None:
    story.registered()
    number = story.recorded()["case"]["number"]
    home = story.member(QUALITY).home()
    assert "等我處理 1" in home.words
    (row,) = [b for b in home.blocks if number in str(b) and b.get("accessory")]

    form = home.click(row["accessory"]["action_id"], block_id=row["block_id"]).view()
    story.done(form, FINDING)

    assert story.waits_at() == ["production_analysis"]
    story.eventually(lambda: "沒有等您處理的事" in home.now().words, "Home drawn again after one's own act")


@pytest.mark.shows("form.home.search")
def test_search_filter_and_the_lists_of_home(story: Story) -> None:
    story.registered(part_no="SEARCH-ME")
    number = story.recorded()["case"]["number"]
    rep = story.member(REP)
    home = rep.home()
    assert "我登錄的" in home.words
    story.eventually(lambda: number in home.now().words, "Home with the case that was just logged")

    search = home.click("home.search").view()
    search.fill("query", number)
    search.submit()
    assert number in search.now().words
    search.now().fill("query", "nothing like it")
    search.now().submit()
    assert "沒有找到" in search.now().words
    search.now().close()

    home.click("home.filter", "closed")
    story.eventually(lambda: "此篩選條件下沒有案件" in home.now().words, "only closed cases")
    home.now().click("home.filter", "all")
    story.eventually(lambda: number in home.now().words, "all again")


@pytest.mark.shows("form.home.list")
def test_the_lists_of_the_command_open_without_arguments(story: Story) -> None:
    story.registered()
    number = story.recorded()["case"]["number"]
    rep = story.member(REP)
    for words in ("mine", "我的"):
        listed = rep.command("/complaint", words).view()
        assert number in listed.words
        listed.close()
    assert "沒有等您處理的事" in rep.command("/complaint", "待辦").view().words
    rep.act("view/close", all=True)
    rep.command("/complaint", "help")
    assert "您代表業務部" in story.whispered(REP, "您可以做的事").words
    rep.command("/complaint", "show 999999")
    assert "沒有您可查看的這個編號" in story.whispered(REP, "999999").words


def test_late_cases_stand_in_their_own_group_of_home(story: Story) -> None:
    story.at_production()
    number = story.recorded()["case"]["number"]
    story.to("2026-11-05T09:00:00+08:00")

    home = story.member(REP).home()

    def late() -> str:
        _, _, below = home.now().words.partition("逾期")
        return below

    story.eventually(lambda: number in late(), "the case among the late ones")


def test_words_in_the_thread_of_a_card_are_kept_and_files_too(story: Story) -> None:
    story.at_production()
    card = story.card_of(PRODUCTION)
    story.member("楊文雄").say("CPRODUCTION", "二廠 B 班也有一批", thread=card)
    story.member("楊文雄").upload("CPRODUCTION", "lot.png", b"\x89PNG\r\n\x1a\nlot", thread=card, text="照片")

    def kept() -> bool:
        record = story.recorded()
        return "二廠 B 班也有一批" in record["words"].values() and "lot.png" in record["words"].values()

    story.eventually(kept, "words and file on the case")
    assert story.waits_at() == ["production_analysis"]


def test_agreeing_in_words_gets_a_hint_and_decides_nothing(story: Story) -> None:
    story.at_production()
    card = story.card_of(PRODUCTION)
    story.member(PRODUCTION).say("CPRODUCTION", "同意", thread=card)

    hint = story.whispered(PRODUCTION, "文字不算決定")
    assert "要決定請按按鈕" in hint.words
    form = hint.click("visit.main").view()
    assert isinstance(form, Form)
    story.done(form, ANSWER)
    assert story.waits_at() == ["manager_opinion"]
    assert len(story.events("NoteAdded")) == 1
