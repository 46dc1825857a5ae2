"""Words that would do harm: the policy's and the desk's own are as harmless as people's, and none are lost in silence."""

from __future__ import annotations

from typing import Any

import pytest

from complaints.people import DeskPlan
from complaints.policy_parts import Words
from complaints.refusals import NotAuthorized
from complaints.views import ReplyRules
from handlers.cards.phrases import reply_rules_text
from handlers.replies import About, explain, message_of
from handlers.texts import LANGUAGES
from handlers.turns import settle_later
from tests.fuzz.hostile import foreign_tokens, mrkdwn_in
from tests.handlers.filled import words_of
from tests.handlers.talk import Talk
from tests.support.company import a_plan
from tests.support.pcb import a_case

EVIL = "<!channel> <https://evil.example|Approve> *B*"


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
