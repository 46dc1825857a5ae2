"""A restricted case in Slack: for strangers it isn't there, in no list, search, form, thread or card (GA-05)."""

from __future__ import annotations

import pytest

from complaints import commands as cmd
from complaints.notices import Notice
from complaints.ports import StaleCard
from handlers.cards.refs import Ref
from handlers.documents.case_file import head_rows
from handlers.render import CardRenderer
from handlers.scenes import Scene
from tests.complaints.test_restricted import TEXT, restricted_desk
from tests.handlers.cards.drawn import draw, redraw, renderer, row_of, shown
from tests.handlers.filled import words_of
from tests.handlers.talk import Talk
from tests.support.group import STORES, stores, stores_desk

SECRET = "rude"


@pytest.fixture
def talk() -> Talk:
    return Talk(restricted_desk())


@pytest.mark.parametrize("stranger", ["UGM", "UCLERK1", "UOFFICER"])
@pytest.mark.capabilities("GA-05")
async def test_a_stranger_finds_it_nowhere(talk, stranger):
    case = talk.desk.case()
    person = talk.person(stranger)
    await person.open_home()
    assert SECRET not in words_of(person.home)
    assert case.name not in words_of(person.home)

    await person.command(f"search {case.name}")
    assert SECRET not in words_of(person.seen)
    await person.command("late")
    assert case.name not in words_of(person.seen).replace(f"search {case.name}", "")

    answer = await person.command(f"show {case.name}")
    nothing = await person.command("show 209901-001")
    assert words_of(answer).replace(case.name, "X") == words_of(nothing).replace("209901-001", "X")


@pytest.mark.parametrize("in_force_now", [TEXT, STORES], ids=["its own version", "one that restricts none"])
@pytest.mark.parametrize("stranger", ["UGM", "UCLERK1", "UOFFICER"])
async def test_no_count_tells_of_it(talk, stranger, in_force_now):
    """Ten late cases are drawn, and a number says how many there are in all: without those that are kept to others, by the
    version with which each of them began."""
    talk.in_force = lambda policy: stores(in_force_now)
    for number in range(2, 14):
        talk.desk.log("UCLERK2", f"case{number}", what="leak", store="store1", inside=False)
    talk.desk.log("UCLERK2", "case14", what=SECRET, store="store1", inside=True)
    talk.desk.at("2026-11-20 12:00")
    person = talk.person(stranger)
    await person.open_home()

    assert "Late 12\n" in words_of(person.home)
    assert "All 12…" in words_of(person.home)


@pytest.mark.parametrize("stranger", ["UGM", "UOFFICER"])
async def test_the_months_figures_name_no_case(talk, stranger):
    """Who may see the figures need not know of every case that they count."""
    case = talk.desk.case()
    await talk.person(stranger).command("report 2026-11")

    assert talk.slack.responses, "the figures came"
    shown = words_of([message for _, message in talk.slack.responses])
    assert SECRET not in shown
    assert case.name not in shown
    assert case.id not in shown


@pytest.mark.parametrize(("locale", "said"), [("en-US", "no complaint"), ("zh-CN", "没有"), ("zh-TW", "沒有")])
async def test_by_another_of_its_names_it_is_not_betrayed(talk, locale, said):
    answer = await talk.person("UGM", locale=locale).command("show case1")

    assert talk.desk.case().number not in words_of(answer)
    assert "case1" in words_of(answer)


@pytest.mark.parametrize("member", ["UNORTH", "UCLERK2"])
async def test_who_is_named_finds_it(talk, member):
    answer = await talk.person(member).command(f"show {talk.desk.case().name}")

    assert SECRET in words_of(answer)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN", "zh-TW"])
async def test_the_form_that_merges_answers_as_for_a_case_that_is_not_there(talk, locale):
    talk.desk.log("UCLERK1", "case2", what="leak", store="store1", inside=False)
    person, answers = talk.person("UCLERK1", locale=locale), []
    for number in (talk.desk.case().number, "209901-001"):
        await person.click("act.merge", Ref(case="case2"))
        answer = await person.submit(into=number, reason="the same")
        answers.append(answer["errors"]["into"].replace(number, "X"))
        person.stack.clear()

    assert answers[0] == answers[1]


async def test_the_form_does_not_betray_it_as_a_repeat():
    text = TEXT + "repeat: {same: [store], within: 3 months, source: D9}\n"
    desk = stores_desk(text=text)
    desk.log("UCLERK2", what=SECRET, store="store1", inside=True)
    desk.log("UCLERK2", "case2", what="leak", store="store1", inside=False)
    talk = Talk(desk)
    clerk = talk.person("UCLERK1")
    await clerk.command()
    await clerk.choose("field.store", "store1")

    assert desk.case("case2").name in words_of(clerk.seen)
    assert desk.case("case1").name not in words_of(clerk.seen)


async def test_many_of_them_hide_no_open_case_from_a_search_nor_from_the_form():
    """A list that is filled before it is asked who reads it would show less, and so tell that there are others."""
    desk = stores_desk(text=TEXT + "repeat: {same: [store], within: 3 months, source: D9}\n")
    desk.log("UCLERK2", "case1", what="leak", store="store1", inside=False)
    for number in range(2, 30):
        desk.log("UCLERK2", f"case{number}", what=SECRET, store="store1", inside=True)
    clerk = Talk(desk).person("UCLERK1")

    await clerk.command("search store1")
    assert desk.case("case1").name in words_of(clerk.seen)
    clerk.stack.clear()
    await clerk.command()
    await clerk.choose("field.store", "store1")
    assert desk.case("case1").name in words_of(clerk.seen)


@pytest.mark.parametrize(("reader", "sees"), [("UCLERK1", False), ("UGM", False), ("UNORTH", True)])
async def test_an_open_case_of_the_same_matter_names_it_to_nobody_else(reader, sees):
    """The second complaint about the store is linked to the first one, which is about its staff."""
    text = TEXT + "repeat: {same: [store], within: 3 months, reopens: handle, source: D9}\n"
    desk = stores_desk(text=text)
    desk.log("UCLERK2", what=SECRET, store="store1", inside=True)
    desk.log("UCLERK2", "case2", what="leak", store="store1", inside=False)
    first, second = desk.case("case1"), desk.case("case2")
    assert [link.other for link in second.links] == ["case1"]
    person = Talk(desk).person(reader)

    shown = words_of(await person.command(f"show {second.name}"))
    await person.click("visit.history", Ref(case="case2"))
    shown += words_of(person.seen)
    world = desk.desk.world(desk.record, desk.bundle(""), desk.clock.now())
    scene = Scene(
        case=second, policy=world.policy(second), world=world, member=reader, language="en", ref=Ref(case="case2")
    )
    file = dict(head_rows(scene))

    linked = f"linked with {first.name}" in shown
    assert (first.name in shown, linked, first.name in file.values()) == (sees, sees, sees)
    assert ("case1" in shown, "case1" in file.values()) == (False, False)  # people know its number, not its id


def test_no_card_of_an_open_case_of_the_same_matter_names_it():
    text = TEXT + "repeat: {same: [store], within: 3 months, reopens: handle, source: D9}\n"
    desk = stores_desk(text=text)
    desk.log("UCLERK2", what=SECRET, store="store1", inside=True)
    desk.log("UCLERK2", "case2", what="leak", store="store1", inside=False)
    told = [n for n in desk.record.notices if n.case_id == "case2" and n.to.startswith("C")]

    assert {n.to for n in told} == {"CCLERK", "CSTORE1"}
    for notice in told:
        card = draw(desk, notice, "en")
        assert desk.case("case1").name not in card.text + words_of(list(card.blocks))


@pytest.mark.parametrize(("language", "said"), [("en", "named people"), ("zh-Hans", "仅限"), ("zh-Hant", "僅限")])
def test_a_reminder_of_a_case_that_was_restricted_since_says_only_that_named_people_have_it(language, said):
    """The message that listed it cannot be drawn again without any row: Slack takes no empty message."""
    desk = stores_desk(text=TEXT)
    desk.log("UCLERK2", what=SECRET, store="store1", inside=False)
    told = Notice(id="r", kind="reminder", to="UGM", case_id="case1", visit=desk.visit("handle"), live=True)
    desk.record.notices.append(told)
    row = row_of(told)
    desk.act(cmd.Amend, "UCLERK2", fields={"inside": True}, reason="it was about the staff")

    card = renderer(desk, language).refresh(
        StaleCard(
            id=1, case_id="case1", visit=told.visit, kind="reminder", channel="D1", ts="1.1", shown_digest="d", wanted_seq=9,
            facts={}, clicked=False, message=row.id, deadline=None, to="UGM", shown_seq=0,
        )
    )  # fmt: skip

    assert said in card.text + words_of(list(card.blocks))
    assert SECRET not in card.text + words_of(list(card.blocks))
    assert card.is_last


async def test_a_strangers_click_on_an_old_card_says_nothing(talk):
    person = talk.person("UTWO")
    await person.click("visit.main", Ref(case="case1", visit=talk.desk.visit("handle")))

    assert SECRET not in person.told
    assert "<@UONE>" not in person.told


@pytest.mark.parametrize(
    ("to", "sees"),
    [("UNORTH", True), ("UONE", True), ("UCLERK2", True), ("CSTORE1", False), ("UGM", False), ("UOFFICER", False)],
)
def test_a_card_outside_says_only_that_named_people_have_it(talk, to, sees):
    desk = talk.desk
    renderer = CardRenderer(
        reader=talk.reader, shelf=desk, settings=desk.settings, clock=desk.clock, notices=lambda message: [],
        language_of=lambda member: "zh-Hant",
    )  # fmt: skip
    visit = desk.open_visit("handle")
    for kind in ("home", "approval"):
        card = renderer._draw(kind, desk.case(), visit, None, {}, to)
        shown = card.text + words_of(list(card.blocks))
        assert (SECRET in shown or "一店" in shown) is sees
        if not sees:
            assert shown.count("僅限指定人員") or "limited" in shown or "named people" in shown


@pytest.mark.parametrize("words", ["who?", "approved"])
async def test_words_in_a_thread_that_stood_before_it_was_restricted_tell_nobody_that_there_is_a_case(talk, words):
    talk.reader.case_of_thread = lambda channel, ts: ("case1", None)
    stranger = talk.person("UTWO")
    before = len(talk.desk.record.logs["case1"])

    await stranger.say(words, "CCARD", "9.5", thread_ts="1.1")

    assert talk.slack.ephemerals == []
    assert len(talk.desk.record.logs["case1"]) == before


def test_what_did_not_arrive_is_listed_again_without_the_case_that_is_restricted_now():
    desk = restricted_desk()
    facts = {"message": 7, "undelivered_to": "CSTORE1", "went_to": None, "error": "is_archived"}
    told = Notice(id="lost", kind="undelivered", to="UOFFICER", case_id="case1", facts=facts)
    desk.record.notices.append(told)

    again = redraw(desk, told, "en")

    assert "<#CSTORE1>" in shown(again)
    assert desk.case().name not in shown(again)
    assert "rude" not in shown(again)
    assert again.is_last
