"""What the regulations publish (GA-09, GA-10): everybody reads it with `/complaint terms`."""

from __future__ import annotations

import pytest

from tests.handlers.filled import words_of
from tests.handlers.talk import Talk
from tests.support.group import STORES, stores_desk

TEXT = STORES.replace("registry: clerk", "registry: clerk, publish: [hotline, warranty]").replace(
    "texts:\n",
    """texts:
  hotline: ["Hotline 1234 <24 h>", 投诉电话 1234, 申訴電話 1234]
  warranty: {name: [Warranty, 保修, 保固], hint: [Two years, 两年, 兩年]}
""",
)


@pytest.mark.capabilities("GA-09", "GA-10")
@pytest.mark.parametrize(
    ("locale", "word", "said"),
    [
        ("en-US", "terms", ["Hotline 1234 &lt;24 h&gt;", "*Warranty*\nTwo years"]),
        ("zh-CN", "条款", ["投诉电话 1234", "*保修*\n两年"]),
        ("zh-TW", "條款", ["申訴電話 1234", "*保固*\n兩年"]),
    ],
)
async def test_anybody_reads_what_is_published_in_their_language(locale, word, said):
    answer = await Talk(stores_desk(text=TEXT)).person("UNOBODY", locale=locale).command(word)

    assert answer["response_type"] == "ephemeral"
    assert all(words in words_of(answer) for words in said)


async def test_a_desk_that_publishes_nothing_says_so_and_help_does_not_promise_it():
    talk = Talk()
    assert "Nothing is published here yet" in words_of(await talk.person("USALES1").command("terms"))
    assert "terms" not in words_of(await talk.person("USALES1").command("help"))

    published = Talk(stores_desk(text=TEXT))
    assert "/complaint terms" in words_of(await published.person("UONE").command("help"))


async def test_words_after_it_are_a_complaint():
    rep = Talk().person("USALES1")
    await rep.command("terms were not explained to the customer")

    assert rep.seen["callback_id"] == "intake.page"
