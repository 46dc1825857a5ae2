"""What the courier posts: pace, order, lost answers, what can't be delivered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.rendering import Card, Nothing, NotReady
from complaints.notices import Priority
from tests.bot.posting import Post, fail_once
from tests.bot.virtual_time import START

# --- pace and order ------------------------------------------------------------------------------------------


async def test_sixty_cards_over_twelve_channels_take_no_longer_than_slack_makes_them(post: Post) -> None:
    """PERFORMANCE goal 13: 0.97 of the theoretical minimum, no 429."""
    for number in range(60):
        post.outbox.add(f"C{number % 12}")

    took = await post.deliver(sent=60)

    assert 4.0 / took >= 0.97
    assert post.slack.refused == 0
    assert sorted(post.slack.texts()) == sorted(f"row {n}" for n in range(1, 61))


async def test_a_full_channel_runs_at_one_message_a_second_and_holds_up_no_other(post: Post) -> None:
    for _ in range(300):
        post.outbox.add("CFULL", priority=Priority.ESCALATION)
    post.outbox.add("COTHER", priority=Priority.REMINDER)

    took = await post.deliver(sent=301)

    assert 299.0 / took >= 0.97
    assert post.slack.refused == 0
    other = next(m for m in post.slack.messages if m["channel"] == "COTHER")
    assert other["at"] - post.slack.messages[0]["at"] < 1.0


async def test_what_is_more_urgent_goes_first_even_when_it_comes_later(post: Post) -> None:
    for _ in range(5):
        post.outbox.add("C1", priority=Priority.REMINDER)
    courier = post.courier()
    courier.start()
    await post.machine.until(lambda: len(post.slack.messages) == 2)

    post.outbox.add("C1", priority=Priority.ESCALATION)
    courier.wake()
    await post.machine.until(lambda: post.outbox.states()["sent"] == 6)
    await courier.stop()

    assert post.slack.texts().index("row 6") == 2


async def test_a_clicked_card_is_rewritten_before_queued_reminders(post: Post) -> None:
    """PERFORMANCE goal 14: one slot."""
    card = post.outbox.add("C1")
    await post.deliver(sent=1)
    for _ in range(100):
        post.outbox.add("C1", kind="reminder", priority=Priority.REMINDER)
    courier = post.courier()
    courier.start()
    await post.machine.until(lambda: len(post.slack.messages) == 10)

    clicked = post.machine.monotonic()
    post.outbox.add_stale("C1", post.outbox.kept[card].address[1], clicked=True)
    courier.wake()
    took = await post.machine.until(lambda: "card 1" in post.slack.texts())
    await courier.stop()

    assert took <= 1.1
    assert post.slack.times("chat.update")[0] - clicked <= 1.1


async def test_a_reminder_waits_for_its_hour_in_procedure_time(post: Post) -> None:
    post.outbox.add("C1", not_before=START + timedelta(hours=10))
    courier = post.courier()
    courier.start()

    await post.machine.pass_(20)
    assert post.slack.texts() == []
    post.clock.now_is = START + timedelta(hours=10)
    await post.machine.until(lambda: post.slack.texts() == ["row 1"], at_most=2)
    await courier.stop()


async def test_retry_after_is_obeyed_and_counts_as_no_attempt(post: Post) -> None:
    post.outbox.add("C1")
    post.slack.fault = fail_once("chat.postMessage", "429 30")

    await post.deliver(sent=1)

    first, second = post.slack.times("chat.postMessage")
    assert 30.0 <= second - first <= 31.5
    assert post.outbox.kept[1].row.attempts == 1
    assert post.slack.times("conversations.history") == []


async def test_direct_messages_go_to_the_opened_conversation(post: Post) -> None:
    for _ in range(3):
        post.outbox.add("UREP")

    await post.deliver(sent=3)

    assert {m["channel"] for m in post.slack.messages} == {"DREP"}
    assert len(post.slack.times("conversations.open")) == 1
    assert post.slack.refused == 0


# --- lost answers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["lost", "500 done"])
async def test_a_post_whose_answer_was_lost_is_found_and_not_repeated(post: Post, fault: str) -> None:
    post.outbox.add("C1")
    post.slack.fault = fail_once("chat.postMessage", fault)

    took = await post.deliver(sent=1)

    assert post.slack.texts() == ["row 1"]
    assert took >= 10.0
    assert post.outbox.kept[1].address == ("C1", post.slack.messages[0]["ts"])


@pytest.mark.parametrize("fault", ["broken", "500"])
async def test_a_post_that_was_never_done_is_sent_again(post: Post, fault: str) -> None:
    post.outbox.add("C1")
    post.slack.fault = fail_once("chat.postMessage", fault)

    await post.deliver(sent=1)

    assert post.slack.texts() == ["row 1"]
    assert len(post.slack.times("chat.postMessage")) == 2
    assert len(post.slack.times("conversations.history")) == 1


async def test_a_lost_answer_in_a_thread_is_looked_up_in_the_replies(post: Post) -> None:
    post.reader.cards["case-1", "home"] = ("C1", "1772413200.000001")
    post.outbox.add("C1", thread="home")
    post.slack.fault = fail_once("chat.postMessage", "lost")

    await post.deliver(sent=1)

    assert len(post.slack.messages) == 1
    assert post.slack.messages[0]["thread_ts"] == "1772413200.000001"
    assert len(post.slack.times("conversations.replies")) == 1


async def test_what_can_not_be_looked_up_is_uncertain_and_never_sent_again(post: Post) -> None:
    post.outbox.add("C1")
    lost = fail_once("chat.postMessage", "lost")
    post.slack.fault = lambda m, a: "not_in_channel" if m == "conversations.history" else lost(m, a)

    await post.deliver(uncertain=1)
    await post.deliver(uncertain=1)

    assert len(post.slack.times("chat.postMessage")) == 1
    told = [(n.kind, n.to, n.facts["error"]) for n in post.outbox.doubts]
    assert told == [("undelivered", "UOFFICER", "uncertain")], "the desk officer decides (DESIGN 5)"


@pytest.mark.parametrize("dies", [False, True])
async def test_a_doubt_while_the_token_is_refused_is_cleared_up_afterwards_and_told_to_nobody(
    post: Post, dies: bool
) -> None:
    post.outbox.add("C1")
    if dies:
        row = post.outbox.claim(post.machine.now(), START, 1)[0]
        key = {"event_type": "redress_message", "event_payload": {"key": row.key}}
        post.slack.messages.append({"channel": "C1", "text": "row 1", "ts": "1772414200.0", "metadata": key})
    lost, over = fail_once("chat.postMessage", "lost"), post.machine.monotonic() + 200

    def fault(method: str, arguments: dict[str, Any]) -> str | None:
        is_refused = post.machine.monotonic() < over and method in ("conversations.history", "auth.test")
        return "token_revoked" if is_refused else lost(method, arguments)

    post.slack.fault = fault

    await post.deliver(sent=1)

    assert post.slack.texts() == ["row 1"]
    assert post.outbox.doubts == ()


async def test_a_doubt_that_a_missing_permission_leaves_is_the_desk_officers(post: Post) -> None:
    post.outbox.add("C1")
    post.outbox.claim(post.machine.now(), START, 1)
    post.slack.fault = lambda m, a: "missing_scope" if m == "conversations.history" else None

    await post.deliver(uncertain=1)

    assert [n.facts["error"] for n in post.outbox.doubts] == ["uncertain"]


async def test_a_row_that_a_dead_process_was_sending_is_looked_up_first(post: Post) -> None:
    post.outbox.add("C1")
    dead = post.outbox.claim(post.machine.now(), START, 1)[0]
    post.slack._chat_postMessage(
        {"channel": "C1", "text": "row 1", "metadata": {"event_type": "redress_message", "event_payload": {"key": dead.key}}}
    )  # fmt: skip
    for _ in range(150):
        post.slack.messages.append({"channel": "C1", "text": "chat", "ts": f"{1772414300:.0f}.000000"})

    await post.deliver(sent=1)

    assert post.slack.texts().count("row 1") == 1
    assert post.slack.times("chat.postMessage") == []
    assert len(post.slack.times("conversations.history")) == 2


async def test_many_rows_of_a_dead_process_share_one_look_at_their_channel(post: Post) -> None:
    for _ in range(40):
        post.outbox.add("C1")
    for row in post.outbox.claim(post.machine.now(), START, 40)[:15]:
        key = {"event_type": "redress_message", "event_payload": {"key": row.key}}
        post.slack.messages.append(
            {"channel": "C1", "text": f"row {row.id}", "ts": f"{1772414200 + row.id}.0", "metadata": key}
        )

    await post.deliver(sent=40)

    assert sorted(post.slack.texts()) == sorted(f"row {n}" for n in range(1, 41))
    assert len(post.slack.times("conversations.history")) == 1


async def test_a_row_in_doubt_stays_in_doubt_until_it_could_be_looked_up(post: Post) -> None:
    """It never becomes a pending row by a detour: a 429, an outage, a closed conversation."""
    post.outbox.add("UREP")
    post.outbox.claim(post.machine.now(), START, 1)
    over = post.machine.monotonic() + 300
    post.slack.fault = lambda m, a: "429 20" if m == "conversations.open" and post.machine.monotonic() < over else None
    courier = post.courier()
    courier.start()

    await post.machine.pass_(280)
    assert post.outbox.states() == {"sending": 1}
    await post.machine.until(lambda: post.outbox.states()["sent"] == 1)
    await courier.stop()

    assert len(post.slack.times("conversations.history")) == 1
    assert post.slack.texts() == ["row 1"]


async def test_ten_percent_lost_answers_make_no_double_and_lose_nothing(post: Post) -> None:
    """PERFORMANCE goal 16 in small: every tenth post is done and unanswered, or broken, or a 500."""
    for number in range(200):
        post.outbox.add(f"C{number % 8}")
    kinds, seen = ["lost", "broken", "500 done", "500"], [0]

    def every_tenth(method: str, arguments: dict[str, Any]) -> str | None:
        seen[0] += method == "chat.postMessage"
        return kinds[seen[0] // 10 % 4] if method == "chat.postMessage" and seen[0] % 10 == 0 else None

    post.slack.fault = every_tenth
    await post.deliver(sent=200)

    assert sorted(post.slack.texts()) == sorted(f"row {n}" for n in range(1, 201))


async def test_during_an_outage_few_posts_become_doubtful_and_afterwards_all_is_sent(post: Post) -> None:
    """PERFORMANCE goal 20 in small: Slack answers 503 for ten minutes."""
    for number in range(120):
        post.outbox.add(f"C{number % 4}")
    over = post.machine.monotonic() + 600
    post.slack.fault = lambda m, a: "500" if post.machine.monotonic() < over else None

    took = await post.deliver(sent=120)

    tried = [at for at in post.slack.times("chat.postMessage") if at < over]
    assert len(tried) <= 12
    assert len(post.slack.texts()) == 120
    assert took - 600 <= 29 + 70


async def test_a_workspace_ceiling_is_learned_with_few_429s(post: Post) -> None:
    """Thirty channels at once, and Slack takes ten messages a second of the workspace after a burst."""
    for number in range(1200):
        post.outbox.add(f"C{number % 30}")
    left, at = [300.0], [post.machine.monotonic()]

    def ceiling(method: str, arguments: dict[str, Any]) -> str | None:
        if method != "chat.postMessage":
            return None
        now = post.machine.monotonic()
        left[0], at[0] = min(300.0, left[0] + (now - at[0]) * 10), now
        if left[0] < 1:
            return "429 1"
        left[0] -= 1
        return None

    post.slack.fault = ceiling
    took = await post.deliver(sent=1200)

    assert (1200 - 300) / 10 / took > 0.75
    assert len(post.slack.times("chat.postMessage")) - 1200 < 120


# --- what can't be delivered ---------------------------------------------------------------------------------


async def test_an_archived_channels_card_goes_to_the_fallback_channel_and_names_the_officer(post: Post) -> None:
    post.outbox.add("CARCHIVED", facts={"step": "x"})
    post.slack.fault = lambda m, a: "is_archived" if a.get("channel") == "CARCHIVED" else None

    await post.deliver(failed=1, sent=2)

    [(instead, told)] = post.outbox.instead
    assert (told.to, told.kind, told.facts["went_to"]) == ("UOFFICER", "undelivered", "CFALLBACK")
    assert (instead.to, instead.kind) == ("CFALLBACK", "approval")
    assert instead.facts == {
        "step": "x", "undelivered_to": "CARCHIVED", "undelivered_error": "is_archived",
        "undelivered_kind": "approval", "officer": "UOFFICER",
    }  # fmt: skip


async def test_a_deactivated_persons_message_goes_to_the_officer_and_never_to_a_channel(post: Post) -> None:
    post.outbox.add("UGONE")
    post.slack.fault = lambda m, a: "user_disabled" if a.get("users") == "UGONE" else None

    await post.deliver(failed=1, sent=2)

    assert [m["channel"] for m in post.slack.messages] == ["DOFFICER", "DOFFICER"]


async def test_what_the_officer_can_not_be_told_either_waits_until_he_can(post: Post) -> None:
    """Nobody is left who could hear of it, so giving it up would lose it (DESIGN 5)."""
    post.outbox.add("CARCHIVED")
    away = ["C", "D"]
    post.slack.fault = lambda m, a: "is_archived" if m == "chat.postMessage" and a["channel"][0] in away else None

    await post.deliver(failed=2, pending=3)

    told = sorted(tuple(f"{n.kind} {n.to}" for n in notices) for notices in post.outbox.instead)
    assert told == [("approval CFALLBACK", "undelivered UOFFICER"), ("approval UOFFICER", "undelivered UOFFICER")]
    assert post.slack.messages == []

    away.clear()
    await post.deliver(sent=3)

    assert [m["channel"] for m in post.slack.messages] == ["DOFFICER"] * 3


async def test_a_message_that_slack_refuses_is_reported_and_not_sent_elsewhere(post: Post) -> None:
    post.outbox.add("C1")
    post.renderer.odd[1] = Card(text="x" * 40_001, blocks=(), digest="d")

    await post.deliver(failed=1, sent=1)

    assert [n.kind for notices in post.outbox.instead for n in notices] == ["undelivered"]
    assert [m["channel"] for m in post.slack.messages] == ["DOFFICER"]


async def test_a_refused_token_fails_no_row(post: Post) -> None:
    post.outbox.add("C1")
    over = post.machine.monotonic() + 300
    post.slack.fault = lambda m, a: "token_revoked" if post.machine.monotonic() < over else None

    await post.deliver(sent=1)

    assert post.outbox.instead == []
    assert len(post.slack.times("chat.postMessage")) <= 7


async def test_one_bad_row_stops_no_other(post: Post) -> None:
    for _ in range(4):
        post.outbox.add("C1")
    post.renderer.odd[1] = RuntimeError("bug")
    post.renderer.odd[2] = Nothing(why="decided meanwhile")
    post.renderer.odd[3] = NotReady(why="later", seconds=30)

    await post.deliver(sent=1, nothing=1, pending=1)

    assert post.slack.texts() == ["row 4"]
