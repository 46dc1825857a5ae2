"""Words that would do harm: the policy's and the desk's own are as harmless as people's, and none are lost in silence."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from complaints.people import DeskPlan
from complaints.policy_parts import Words
from complaints.refusals import NotAuthorized
from complaints.views import HomeRow, ReplyRules
from handlers.cards.parts import fields, first_of
from handlers.cards.phrases import reply_rules_text
from handlers.harmless import escape, fit_mrkdwn, is_blank, pieces
from handlers.modals.blocks import in_view, section
from handlers.modals.fields import FieldBook, new_customer_option
from handlers.modals.home import search_view
from handlers.modals.inputs import Question, answers_of, input_block
from handlers.replies import About, explain, message_of
from handlers.texts import LANGUAGES, plain
from handlers.turns import settle_later
from tests.fuzz.hostile import foreign_tokens, mrkdwn_in
from tests.handlers.filled import words_of
from tests.handlers.talk import Talk
from tests.support.company import a_plan
from tests.support.pcb import a_case

EVIL = "<!channel> <https://evil.example|Approve> *B*"
LONG = "".join(f"{n}. The pads of panel {n} are burnt & peel <off>.\n" for n in range(1, 70))[:2990]


@pytest.fixture
def evil_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a mention, a link and formatting stand in every label of policy and desk file."""
    monkeypatch.setattr(Words, "in_language", lambda self, language: EVIL)
    monkeypatch.setattr(DeskPlan, "role_label", lambda self, role, language: EVIL)


def assert_harmless(shown: Any) -> None:
    assert foreign_tokens(shown) == []
    assert not any("*B*" in text for text in mrkdwn_in(shown))
    assert "&amp;lt;" not in str(shown), "escaped twice"


# --- labels ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", ["only_general_manager", "policy_not_yours", "not_yours"])
def test_a_refusal_mentions_nobody_by_the_name_of_a_role(evil_labels, reason: str, language: str) -> None:
    about = About(plan=a_plan(), case=a_case("quality_analysis").case(), visit=2)
    reply = message_of(explain(NotAuthorized(reason, role="quality", stage="execution"), language, about))

    assert "evil.example" in str(reply) or reason == "not_yours"
    assert_harmless(reply)


async def test_help_and_hints_mention_nobody_by_a_label(evil_labels) -> None:
    talk = Talk(a_case("quality_analysis"))
    talk.reader.threads["CQUALITY", "10.1"] = ("case1", talk.desk.visit("quality_analysis"))
    judge = talk.person("UQUAL1")

    help_ = await judge.command("help")
    await judge.say("OK", "CQUALITY", "11.1", thread_ts="10.1")

    assert "evil.example" in words_of(help_)
    assert "evil.example" in judge.told
    assert_harmless([help_, talk.slack.ephemerals])


async def test_figures_are_escaped_once(evil_labels) -> None:
    desk = a_case("closed")
    desk.at("2026-12-01 09:30")
    talk = Talk(desk)

    await talk.person("UGM").command("report")
    await settle_later()

    assert "evil.example" in str(talk.slack.responses)
    assert_harmless([message for _, message in talk.slack.responses])


def test_what_must_stay_inside_mentions_nobody_on_a_card() -> None:
    """The line stands on a card in a channel: there a mention would call everybody."""
    rules = ReplyRules(written=(EVIL, "Letter"), never=(EVIL,))

    for language in LANGUAGES:
        text = reply_rules_text(rules, language)
        assert "evil.example" in text
        assert_harmless({"type": "mrkdwn", "text": text})


# --- long words -----------------------------------------------------------------------------------------------


def a_long_case(**more: Any) -> Talk:
    return Talk(a_case("quality_analysis", what_happened=LONG, **more))


async def test_the_whole_case_has_all_words_of_a_field() -> None:
    talk = a_long_case()
    judge = talk.person("UQUAL1")

    await judge.click("visit.whole", "1|case1|||")

    shown = str(judge.seen["blocks"])
    assert all(f"{n}. The pads of panel {n} are burnt &amp; peel &lt;off&gt;." in shown for n in range(1, 60))


async def test_letters_that_grow_when_they_are_composed_cut_nothing_off() -> None:
    """U+0958 becomes two characters."""
    talk = Talk(a_case("quality_analysis", what_happened="\u0958" * 700 + " the end"))
    judge = talk.person("UQUAL1")

    await judge.click("visit.whole", "1|case1|||")

    assert "the end" in str(judge.seen["blocks"])


async def test_a_shown_case_says_that_words_are_cut_and_has_the_button_for_all_of_them() -> None:
    talk = a_long_case()
    answer = await talk.person("UQUAL1").command(f"show {talk.desk.case().name}")

    assert "Long texts end in “…” here" in words_of(answer)
    assert "visit.whole" in str(answer["blocks"][-1])


async def test_a_case_without_long_words_has_nothing_cut() -> None:
    talk = Talk(a_case("quality_analysis"))
    answer = await talk.person("UQUAL1").command(f"show {talk.desk.case().name}")

    assert "Long words" not in words_of(answer)


async def test_the_history_has_all_words_of_a_note() -> None:
    talk = Talk(a_case("quality_analysis"))
    rep = talk.person("USALES1")
    await rep.click("case.facts", "1|case1|||")
    await rep.submit(words=LONG)

    await rep.click("visit.history", "1|case1|||")

    assert f"{59}. The pads of panel 59" in str(rep.seen["blocks"])


def test_a_view_says_what_it_has_no_room_for() -> None:
    many = [section("國" * 2000) for _ in range(120)]
    shown = in_view(many, "the rest is left out", section("below"))

    assert len(shown) < 100
    assert len(json.dumps(shown)) < 250_000
    assert "the rest is left out" in str(shown[-2])
    assert "below" in str(shown[-1])
    assert in_view(many[:3], "the rest is left out") == many[:3]


async def test_a_message_that_is_too_long_for_a_form_says_so_in_it() -> None:
    talk = Talk()
    rep = talk.person("USALES1")

    await rep.shortcut("log_as_complaint", {"ts": "1793500000.000100", "text": "x" * 5000, "user": "UOTHER"})

    words = rep.state({})["field.what_happened"]["value"]["value"]
    assert "… (the rest did not fit)\n— " in words
    assert len(words) <= 3000


async def test_a_command_that_is_too_long_for_a_form_says_so_in_it() -> None:
    rep = Talk().person("USALES1")
    await rep.command("log " + "x" * 3500)
    assert rep.state({})["field.what_happened"]["value"]["value"].endswith("… (the rest did not fit)")


@pytest.mark.parametrize("kind", ["line", "text"])
def test_what_stands_in_a_field_already_comes_back_whole(kind: str) -> None:
    """A paper case may say more in a short field than its form lets anybody type."""
    element = input_block(Question(id="x", kind=kind, label="x", value="x" * 450))["element"]

    assert element["initial_value"] == "x" * 450
    assert element["max_length"] >= 450


def test_lines_that_do_not_fit_into_a_form_are_counted() -> None:
    """A month's meeting may have more lines than an input takes; none is cut in its middle."""
    desk = a_case("consolidated_opinion_2")
    book = FieldBook(policy=desk.bundle("").policy, plan=a_plan(), language="en", words={})
    lines = [f"production; {n}{'0' * 30}" for n in range(100)]

    (asked,) = book.questions("department_losses", value="\n".join(lines))

    kept = asked.value.split("\n")
    assert kept == lines[: len(kept)]
    assert f"{100 - len(kept)} more lines do not fit" in asked.hint


def test_a_customer_s_name_that_is_cut_says_so() -> None:
    option = new_customer_option("International " * 8, "en")

    assert option.value.endswith("…")
    assert len(option.value) <= 75


# --- words that nobody sees -----------------------------------------------------------------------------------


@pytest.mark.parametrize("unseen", ["\u200b\u200d", "\u3164", "\u2800 \u115f", "\u202e\u2066", "\u0301", "\ufe0f"])
def test_words_that_nobody_sees_are_none(unseen: str) -> None:
    state = {"reason": {"value": {"type": "plain_text_input", "value": unseen}}}
    assert answers_of(state).values == {}


@pytest.mark.parametrize("mark", ["\u0e47", "\u0301", "\u1dc4", "\ufe20", "\u0610"])
def test_no_letter_carries_a_tower_of_marks(mark: str) -> None:
    assert len(plain("x" + mark * 50)) <= 4


def test_signs_of_several_characters_stay() -> None:
    assert plain("1\ufe0f\u20e3 \U0001f1f9\U0001f1fc") == "1\ufe0f\u20e3 \U0001f1f9\U0001f1fc"


@pytest.mark.parametrize("newer", ["\U00031350", "\U0002ebf0", "\U0001fae9", "\ue000", "\uf8ff"])
def test_a_character_that_this_python_does_not_know_stays_in_a_name(newer: str) -> None:
    """Rare characters of Chinese names came into Unicode after Python 3.11, or stand in a company's private ones: they vanished."""
    assert plain(f"王{newer}明") == f"王{newer}明"
    assert escape(newer) == newer


@pytest.mark.parametrize("sign", [":boom:", ":+1:", ":-1:", "ok :100:", ":核准:", ":a-b_c:", ":flag-tw:"])
def test_no_code_of_a_sign_becomes_one(sign: str) -> None:
    assert not re.search(r":[\w+-]+:", escape(sign))


@pytest.mark.parametrize("plain_words", ["10:30:00", "ratio 3:100:2", "12:1234:5", "https://a.example:8080/x"])
def test_times_and_ratios_are_no_signs(plain_words: str) -> None:
    assert escape(plain_words) == plain_words


@pytest.mark.parametrize("never", ["\u2065", "\ufdd0", "\ufffe", "\ufff3", "\U000e0fff", "\U0010ffff", "\U000e0041"])
def test_what_never_shows_is_left_out(never: str) -> None:
    assert plain(f"王{never}明") == "王明"
    assert is_blank(never)


# --- cutting mrkdwn -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", range(20, 60))
def test_mrkdwn_is_never_cut_inside_an_entity_or_a_token(limit: int) -> None:
    text = "a &lt;b&gt; &amp; " * 3 + "<!date^1793500000^{time}|11:00> and so on " * 2

    for part in (fit_mrkdwn(text, limit), *pieces(text, limit)):
        assert len(part) <= limit
        if limit > 40:
            assert set("&<>").isdisjoint(re.sub(r"&(lt|gt|amp);|<!date\^\d+\^\{time\}\|11:00>", "", part))
    assert "".join("".join(pieces(text, limit)).split()) == "".join(text.split())


def test_a_quote_stays_a_quote_over_several_pieces() -> None:
    assert all(piece.startswith(">") for piece in pieces(">" + "word " * 100, 50))


# --- more than there is room for ------------------------------------------------------------------------------


def test_lines_that_are_left_out_are_counted() -> None:
    assert first_of(["a", "b", "c"], 3, "en") == ["a", "b", "c"]
    assert first_of(["a", "b", "c", "d", "e"], 3, "en") == ["a", "b", "c", "… and 2 more"]


def test_facts_of_a_card_that_do_not_fit_into_one_block_go_on_in_the_next() -> None:
    """Slack takes ten in a section."""
    found = fields([(f"label {n}", "value") for n in range(14)])
    assert [len(block.fields) for block in found] == [10, 4]


def test_a_search_says_that_there_is_more() -> None:
    rows = [row_of(n) for n in range(21)]

    assert "Only the first 20 are shown" in words_of(search_view("en", query="x", rows=rows)["blocks"])
    assert "Only the first" not in words_of(search_view("en", query="x", rows=rows[:20])["blocks"])
    assert "Only the first 10 are shown" in words_of(search_view("en", rows=[], entries=["line"] * 11)["blocks"])


def row_of(number: int) -> HomeRow:
    return HomeRow(
        language="en", zone="Asia/Taipei", case_id=f"case{number}", kind="complaint", number=str(number), what="", stage="x",
        customer="", matter="", regulation="", due=None, team=None, visit=None, facts_version=1, act=None, button="", done=False,
    )  # fmt: skip
