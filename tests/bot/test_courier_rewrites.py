"""Replies that wait for their parent, and cards that are rewritten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.bot.posting import Post
from tests.bot.virtual_time import START


async def test_a_reply_waits_for_its_parent_and_blocks_nobody(post: Post) -> None:
    post.outbox.add("C1", kind="answer", thread="home")
    post.outbox.add("C1")
    post.outbox.add("C9", kind="home", case_id="case-1", not_before=START + timedelta(days=1))
    courier = post.courier()
    courier.start()
    await post.machine.until(lambda: post.slack.texts() == ["row 2"], at_most=2)

    post.reader.cards["case-1", "home"] = ("C1", "1772413200.000009")
    await post.machine.until(lambda: post.slack.texts() == ["row 2", "row 1"], at_most=4)
    await courier.stop()

    assert post.slack.messages[1]["thread_ts"] == "1772413200.000009"


@pytest.mark.parametrize("was_claimed", [False, True], ids=["pending", "in doubt"])
async def test_a_reply_whose_parent_never_comes_stands_by_itself(post: Post, was_claimed: bool) -> None:
    """Its card went somewhere else, or was never one for this reader: it must not wait for ever."""
    post.outbox.add("C1", kind="turn", thread="visit")
    if was_claimed:
        post.outbox.claim(post.machine.now(), START, 1)

    await post.deliver(sent=1)

    assert [(m["text"], m.get("thread_ts")) for m in post.slack.messages] == [("row 1", None)]


async def test_a_reply_in_doubt_whose_parent_is_to_come_was_not_sent_and_waits_for_it(post: Post) -> None:
    post.outbox.add("C1", kind="answer", thread="home")
    post.outbox.claim(post.machine.now(), START, 1)
    post.outbox.add("C9", kind="home", case_id="case-1", not_before=START + timedelta(days=1))
    courier = post.courier()
    courier.start()
    await post.machine.until(lambda: post.outbox.states()["sending"] == 0, at_most=300)

    post.reader.cards["case-1", "home"] = ("C1", "1772413200.000009")
    await post.machine.until(lambda: post.slack.texts() == ["row 1"], at_most=10)
    await courier.stop()


async def test_a_stale_card_is_rewritten_only_if_it_looks_different(post: Post) -> None:
    post.outbox.add("C1")
    await post.deliver(sent=1)
    ts = post.slack.messages[0]["ts"]
    await post.machine.pass_(2)
    post.outbox.add_stale("C1", ts)
    post.outbox.add_stale("C1", ts, digest="new")
    post.outbox.add_stale("C1", "1.000000")

    courier = post.courier()
    courier.start()
    await post.machine.until(lambda: not post.outbox.stale)
    await courier.stop()

    assert post.slack.texts() == ["card 1"]
    assert post.slack.messages[0]["metadata"]["event_payload"] == {"key": "key-1"}
    assert post.outbox.gone == {3}
    assert len(post.slack.times("chat.update")) == 2


async def test_a_card_whose_channel_was_archived_for_a_while_is_rewritten_when_it_is_back(post: Post) -> None:
    post.outbox.add("C1")
    await post.deliver(sent=1)
    post.outbox.add_stale("C1", post.slack.messages[0]["ts"])
    post.slack.fault = lambda m, a: "is_archived" if m == "chat.update" else None
    courier = post.courier()
    courier.start()
    await post.machine.pass_(90)
    assert len(post.slack.times("chat.update")) <= 5

    post.slack.fault = lambda m, a: None
    await post.machine.until(lambda: not post.outbox.stale, at_most=180)
    await courier.stop()

    assert post.slack.texts() == ["card 1"]
    assert not post.outbox.gone


async def test_a_card_that_can_not_be_drawn_again_is_left_alone_for_a_while(post: Post) -> None:
    post.outbox.add_stale("C1", "1.000000")
    post.renderer.odd[-1] = RuntimeError("bug")
    courier = post.courier()
    courier.start()

    await post.machine.pass_(60)
    await courier.stop()

    assert 2 <= courier.figures.faults <= 4
