"""App Home: what waits, what is late, and what can be done from there."""

from __future__ import annotations

import time

import pytest

from complaints import events as e
from handlers.cards.refs import Ref
from handlers.lists import Viewer
from handlers.modals.home import home_view
from tests.handlers.filled import labels_of, words_of
from tests.handlers.talk import Talk
from tests.handlers.test_approvals import ref
from tests.support.pcb import PcbDesk, a_case


async def test_home_says_what_waits_and_acts_from_the_row():
    talk = Talk(a_case("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.open_home()
    assert "Waiting for me 1" in words_of(judge.home)
    await judge.press("Analyse…", on="home")

    assert judge.seen["title"]["text"] == "Cause analysis"


async def test_home_is_drawn_again_after_one_s_own_act():
    talk = Talk(a_case("register"))
    office = talk.person("UGMO1")
    await office.open_home()
    assert "Waiting for me 1" in words_of(office.home)

    await office.click("visit.confirm", ref(talk, "register"), on="home")

    assert "Waiting for me 0" in words_of(office.home)


async def test_an_empty_home_says_how_a_complaint_starts():
    talk = Talk()
    rep = talk.person("USALES1", locale="zh-TW")

    await rep.open_home()

    words = words_of(rep.home)
    assert "沒有等您處理的事" in words
    assert "登錄為客訴" in words
    assert "逾期" not in words


async def test_an_item_stands_in_the_first_group_that_fits_and_never_twice():
    talk = Talk(a_case("quality_analysis"))
    talk.desk.at("2026-11-06 10:00")
    rep, judge = talk.person("USALES1"), talk.person("UQUAL1")

    await rep.open_home()
    await judge.open_home()

    assert "Late 1" in words_of(rep.home)
    assert "Logged by me" not in words_of(rep.home)
    assert words_of(rep.home).count("261101") == 1
    assert "Late" not in words_of(judge.home)
    assert ":warning:" in words_of(judge.home)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Decide…", "Cause analysis"),
        ("Reassign…", "Reassign"),
        ("Grant…", "Grant extension"),
        ("Call…", "Call a meeting"),
    ],
)
async def test_the_general_manager_reaches_the_four_decisions_from_home(name: str, form: str):
    """DESIGN 3: act from there; the escalation card may have scrolled away."""
    talk = Talk(a_case("quality_analysis"))
    talk.desk.at("2026-11-06 10:00")
    chief = talk.person("UGM")

    await chief.open_home()
    await chief.press("Decide…", on="home")
    assert labels_of(chief.seen)[:4] == ["Decide…", "Reassign…", "Grant…", "Call…"]
    await chief.press(name)

    assert chief.seen["title"]["text"] == form


async def test_home_does_not_say_that_nothing_waits_above_what_is_to_be_ruled_on():
    desk = a_case("production_analysis")
    desk.at("2026-11-05 18:30")
    talk = Talk(desk)
    boss, rep = talk.person("UGM"), talk.person("USALES1")

    for reader in (boss, rep):
        await reader.open_home()

    assert "Nothing waits" not in words_of(boss.home)
    assert "Late 1" in words_of(boss.home)
    assert "Nothing waits for you" in words_of(rep.home)


async def test_only_what_was_brought_before_the_general_manager_is_his_to_rule_on():
    """D5: one working day after the due time; until then he may urge, as the registry may."""
    talk = Talk(a_case("quality_analysis"))
    talk.desk.at("2026-11-05 09:00")
    chief, office = talk.person("UGM"), talk.person("UGMOHEAD")
    await chief.open_home()
    assert "Urge…" in labels_of(chief.home)
    assert "Decide…" not in labels_of(chief.home)

    talk.desk.at("2026-11-06 10:00")
    await office.open_home()
    assert "Decide…" not in labels_of(office.home)


async def test_the_filter_stays_after_an_act():
    talk = Talk(a_case("register"))
    rep = talk.person("USALES1")
    await rep.open_home()

    menu = {"type": "static_select", "selected_option": {"value": "closed"}, "value": None}
    await rep.click("home.filter", on="home", **menu)

    assert rep.home["private_metadata"] == '{"via":"closed"}'
    assert "Nothing here with this filter" in words_of(rep.home)


async def test_more_than_ten_are_behind_a_button():
    desk = PcbDesk()
    for number in range(13):
        desk.complain(f"case{number}")
    talk = Talk(desk)
    office = talk.person("UGMO1")

    await office.open_home()
    await office.press("All 13…", on="home")

    assert words_of(office.seen).count("Register…") == 13


async def test_a_signer_does_not_see_what_is_not_his_turn():
    talk = Talk(a_case("customer_negotiation"))
    head = talk.person("USMGR")

    await head.open_home()

    assert "Waiting for me 0" in words_of(head.home)


@pytest.mark.slow  # a second
def test_five_hundred_open_rows_are_drawn_quickly():
    """Not a verdict on the machine: a bound that only a query or a load for each row would break."""
    desk = PcbDesk()
    for number in range(500):
        desk.complain(f"case{number}")
    talk = Talk(desk)
    viewer = Viewer(talk=talk.conversation, member="UGMO1", language="en", now=desk.clock.at)
    talk.reader.reads.clear()

    began = time.process_time()
    groups = viewer.groups()
    home_view(groups, chosen="all", now=desk.clock.at, language="en", zone="Asia/Taipei")
    took = time.process_time() - began

    assert groups[0].count == 500
    assert talk.reader.reads.count("open_seats") + talk.reader.reads.count("late_seats") == 2
    assert talk.reader.reads.count("lines") == 2  # what this person logged that is open, and whether any at all
    assert talk.reader.reads.count("case") <= 30
    assert took < 2


async def test_add_facts_from_the_home_card_names_no_stage():
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")
    await rep.click("case.facts", Ref(case="case1"))
    await rep.submit(words="Lot 7 too")

    (note,) = talk.desk.happened(e.NoteAdded)
    assert note.visit is None
