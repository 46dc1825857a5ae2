"""App Home, lists, search, the slash command, and calls to the customer."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from complaints import events as e
from complaints.commands import HandOver
from handlers.cards.refs import Ref
from handlers.commands import WORDS, parse
from handlers.lists import Viewer
from handlers.modals.home import home_view
from tests.handlers.filled import block_ids, labels_of, words_of
from tests.handlers.talk import Talk
from tests.handlers.test_approvals import ref
from tests.support.company import local
from tests.support.pcb import PcbDesk, a_case

# --- Home ----------------------------------------------------------------------------------------------------


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


# --- search and commands ---------------------------------------------------------------------------------------


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


# --- the call --------------------------------------------------------------------------------------------------


def to_callback() -> Talk:
    talk = Talk(a_case("closed"))
    talk.desk.pass_stage("execution")
    return talk


async def test_a_failed_attempt_costs_two_taps():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    assert block_ids(caller.seen) == ["result"]

    await caller.submit(result="no_answer")

    assert talk.desk.open_visit("callback").attempts == 1


async def test_what_was_reached_shows_the_questions_and_keeps_the_answer():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    await caller.choose("result", "reached")
    assert {"field.solved", "field.score", "words"} <= set(block_ids(caller.seen))

    await caller.submit(field__solved="yes", field__score="5", words="All is well")

    assert "callback" not in talk.desk.open_stages()


async def test_a_score_outside_the_scale_is_said_at_its_field():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    await caller.choose("result", "reached")
    score = next(b for b in caller.seen["blocks"] if b.get("block_id") == "field.score")

    assert [o["value"] for o in score["element"]["options"]] == ["1", "2", "3", "4", "5"]


async def test_a_bad_answer_is_asked_about_before_it_opens_a_new_complaint():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    await caller.choose("result", "reached")

    await caller.submit(field__solved="no", field__score="1", words="Still black")
    assert "Press once more" in words_of(caller.seen)
    assert not talk.desk.others()
    await caller.submit()

    assert len(talk.desk.others()) == 1


async def test_a_later_call_needs_its_time():
    talk = to_callback()
    caller = talk.person("UGMO2")
    await caller.click("visit.log_call", ref(talk, "callback"))
    await caller.choose("result", "later")

    await caller.submit(again_at=local("2026-11-04 15:00"))

    assert talk.desk.happened(e.CallLogged)[0].result == "later"


async def test_a_call_is_only_for_the_callback_role():
    talk = to_callback()
    rep = talk.person("USALES1")

    await rep.click("visit.log_call", ref(talk, "callback"))

    assert "belongs to someone else" in rep.told


# --- threads -----------------------------------------------------------------------------------------------------


async def test_words_in_a_thread_are_kept_once_with_their_files():
    talk = Talk(a_case("quality_analysis"))
    visit = talk.desk.visit("quality_analysis")
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", visit)
    judge = talk.person("UQUAL1")
    files = [{"id": "F3", "name": "cut.png", "mimetype": "image/png", "size": 7}]

    for _ in range(3):
        await judge.say(
            "Cut through &lt;pad 3&gt;", "CQUALITY", "11.1", thread_ts="10.1", files=files, subtype="file_share"
        )

    assert list(talk.desk.record.words.values()).count("Cut through <pad 3>") == 1
    assert "F3" in talk.desk.case().files


async def test_words_under_a_card_whose_post_is_unanswered_are_not_acknowledged_until_they_can_be_kept():
    """Slack delivers again what is not acknowledged; acknowledged and dropped the words would be lost."""
    talk = Talk(a_case("quality_analysis"))
    talk.reader.being_sent = {"CQUALITY"}
    judge = talk.person("UQUAL1")

    with pytest.raises(AssertionError, match="503"):
        await judge.say("Cut through pad 3", "CQUALITY", "11.1", thread_ts="10.1")
    talk.reader.being_sent, talk.reader.threads["CQUALITY", "10.1"] = set(), ("case1", None)
    await judge.say("Cut through pad 3", "CQUALITY", "11.1", thread_ts="10.1")

    assert list(talk.desk.record.words.values()).count("Cut through pad 3") == 1


async def test_words_that_could_not_be_recorded_are_told_and_delivered_again(monkeypatch: pytest.MonkeyPatch):
    """A full disk, a database that is away: nobody presses again for words in a thread, so Slack has to."""
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", None)
    judge = talk.person("UQUAL1")

    monkeypatch.setattr(talk.desk.record, "submit", _away)
    with pytest.raises(AssertionError, match="503"):
        await judge.say("Cut through pad 3", "CQUALITY", "11.1", thread_ts="10.1")
    monkeypatch.undo()
    assert len(talk.slack.ephemerals) == 1
    await judge.say("Cut through pad 3", "CQUALITY", "11.1", thread_ts="10.1")

    assert list(talk.desk.record.words.values()).count("Cut through pad 3") == 1


def _away(work: object) -> None:
    raise OSError("database or disk is full")


@pytest.mark.parametrize("word", ["同意", "OK", "approve!", "退回", "+1"])
async def test_a_typed_decision_decides_nothing_and_shows_the_button(word):
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", talk.desk.visit("quality_analysis"))
    judge = talk.person("UQUAL1")

    await judge.say(word, "CQUALITY", "11.1", thread_ts="10.1")
    await judge.say(word, "CQUALITY", "11.1", thread_ts="10.1")

    assert talk.desk.open_stages() == ["quality_analysis"]
    assert len(talk.slack.ephemerals) == 1
    assert talk.slack.ephemerals[0]["thread_ts"] == "10.1"
    button = talk.slack.ephemerals[0]["blocks"][-1]["elements"][0]
    assert button["action_id"] == ("visit.return" if word == "退回" else "visit.main")


async def test_a_longer_sentence_gets_no_hint():
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", None)

    await talk.person("UQUAL1").say("OK but which lot is it?", "CQUALITY", "11.1", thread_ts="10.1")

    assert not talk.slack.ephemerals


@pytest.mark.parametrize(
    "more",
    [{"bot_id": "B1"}, {"subtype": "message_changed"}, {"subtype": "message_deleted"}, {"subtype": "bot_message"}],
)
async def test_apps_and_edits_are_no_words_for_a_case(more):
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", None)
    before = len(talk.desk.record.logs["case1"])

    await talk.person("UQUAL1").say("Words", "CQUALITY", "11.1", thread_ts="10.1", **more)

    assert len(talk.desk.record.logs["case1"]) == before


async def test_a_stranger_s_words_in_a_thread_are_not_kept_and_he_is_told():
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", None)

    await talk.person("USOMEBODY").say("I know something", "CQUALITY", "11.1", thread_ts="10.1")

    assert "I know something" not in talk.desk.record.words.values()
    assert "with other people" in talk.person("USOMEBODY").told


async def test_a_message_to_the_app_is_answered_once():
    talk = Talk()
    rep = talk.person("USALES1", locale="zh-CN")

    await rep.say("你好", "D1", "12.1", channel_type="im")
    await rep.say("你好", "D1", "12.1", channel_type="im")

    assert len(talk.slack.ephemerals) == 1
    assert "登记客诉" in rep.told


async def test_a_thread_that_is_not_ours_is_left_alone():
    talk = Talk(a_case("quality_analysis"))

    await talk.person("UQUAL1").say("同意", "CGENERAL", "11.1", thread_ts="10.1")

    assert not talk.slack.ephemerals


def test_rows_read_the_list_s_own_time():
    talk = Talk(a_case("quality_analysis"))
    due = talk.desk.due("quality_analysis")
    viewer = Viewer(talk=talk.conversation, member="UQUAL1", language="en", now=due + timedelta(minutes=1))

    assert viewer.groups()[0].rows[0].due.overdue
    assert labels_of({"blocks": []}) == []


async def test_add_facts_from_the_home_card_names_no_stage():
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")
    await rep.click("case.facts", Ref(case="case1"))
    await rep.submit(words="Lot 7 too")

    (note,) = talk.desk.happened(e.NoteAdded)
    assert note.visit is None
