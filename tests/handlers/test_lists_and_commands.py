"""Lists, search, help and the slash command."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import events as e
from complaints.commands import HandOver
from handlers.commands import WORDS, parse
from handlers.lists import Viewer
from tests.handlers.filled import labels_of, words_of
from tests.handlers.talk import Talk
from tests.support.pcb import a_case


async def test_search_finds_by_number_customer_and_part():
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")
    await rep.command("search")

    await rep.submit(query="261101")
    assert "261101" in words_of(rep.seen)
    await rep.submit(query="P4-2208")
    assert "261101" in words_of(rep.seen)
    await rep.submit(query="<nothing>")
    assert "Nothing found" in words_of(rep.seen)


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("", "log", ""), ("help", "help", ""), ("HELP", "help", ""), ("說明", "help", ""), ("帮助", "help", ""),
        ("我的", "mine", ""), ("mine", "mine", ""), ("催辦 261101", "urge", "261101"), ("show  261101 ", "show", "261101"),
        ("查 P4", "search", "P4"), ("helping a customer", "log", "helping a customer"),
        ("late delivery, 200 boards missing", "log", "late delivery, 200 boards missing"), ("show me why", "log", "show me why"),
        ("search black pads", "search", "black pads"), ("&lt;b&gt;", "log", "<b>"),
    ],
)  # fmt: skip
def test_the_first_word_is_a_command_only_when_it_is_on_the_list(text, name, rest):
    assert parse(text) == (name, rest)


def test_no_word_calls_two_commands():
    words = [w for words in WORDS.values() for w in words]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("name", sorted(WORDS))
async def test_every_command_works_without_arguments_in_each_language(name):
    talk = Talk(a_case("quality_analysis"))
    for locale in ("en-US", "zh-CN", "zh-TW"):
        rep = talk.person("USALES1", locale=locale)
        for word in WORDS[name]:
            answer = await rep.command(word)
            assert rep.stack or words_of(answer)
            rep.stack.clear()


async def test_help_lists_what_this_person_may_do():
    talk = Talk()
    plain = words_of(await talk.person("USOMEBODY").command("help"))
    officer = words_of(await talk.person("UOFFICER").command("help"))
    chief = words_of(await talk.person("UGM").command("help"))

    assert "You act for" not in plain
    assert "redress doctor" in officer
    assert "redress doctor" not in chief
    assert "decide for them" in chief


async def test_help_sends_those_without_a_channel_to_their_messages():
    talk = Talk()
    roles = talk.desk.plan.roles
    chief_of_all = replace(roles["general_manager"], channel=None)
    talk.desk.settings.people = replace(talk.desk.plan, roles={**roles, "general_manager": chief_of_all})
    channel, messages = "from the cards in your channel", "your cards come under *Messages*"
    quality = words_of(await talk.person("UQUAL1").command("help"))
    chief = words_of(await talk.person("UGM").command("help"))

    assert [words for words in (channel, messages) if words in quality] == [channel]
    assert [words for words in (channel, messages) if words in chief] == [messages]


async def test_a_late_stage_that_one_person_has_is_late_for_who_keeps_the_register():
    """Handed over or reassigned to a named person, it must not fall out of the list of what is late."""
    talk = Talk(a_case("quality_analysis"))
    talk.desk.act(HandOver, "UQUAL1", visit=talk.desk.visit("quality_analysis"), member="UQUAL2")
    talk.desk.at("2026-11-06 09:00")

    for member in ("UGMO1", "USALES1", "UGM"):
        person = talk.person(member)
        await person.command("late")
        assert "Quality analysis" in words_of(person.seen), member


async def test_what_is_late_in_a_department_is_late_for_its_head_who_can_urge():
    """The reminder slip goes to him as well (D5): Home must not say that nothing is late."""
    desk = a_case("production_analysis")
    desk.at("2026-11-05 09:00")
    head, other = Talk(desk).person("UPHEAD"), Talk(desk).person("UQHEAD")

    await head.open_home()
    await other.open_home()

    assert "Late 1" in words_of(head.home)
    assert "Late" not in words_of(other.home)
    await head.press("Urge…", on="home")
    await head.submit(words="Please")
    assert len(desk.happened(e.Urged)) == 1


async def test_show_is_for_one_person_and_knows_no_strangers():
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")

    answer = await rep.command("show 261101")
    assert answer["response_type"] == "ephemeral"
    assert "Black pads after reflow" in words_of(answer)
    assert "No complaint of that number" in words_of(await rep.command("show 999999"))


async def test_the_masked_name_stays_masked_for_the_department():
    talk = Talk(a_case("quality_analysis"))

    department = words_of(await talk.person("UQUAL1").command("show 261101"))
    reporter = words_of(await talk.person("USALES1").command("show 261101"))

    assert "North Instruments" in reporter
    assert "North Instruments" not in department


def test_rows_read_the_list_s_own_time():
    talk = Talk(a_case("quality_analysis"))
    due = talk.desk.due("quality_analysis")
    viewer = Viewer(talk=talk.conversation, member="UQUAL1", language="en", now=due + timedelta(minutes=1))

    assert viewer.groups()[0].rows[0].due.overdue
    assert labels_of({"blocks": []}) == []
