"""Posting, updating, deleting and reading messages."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from sandbox.client import Member, SandboxClient
from tests.sandbox.refusals import error_of
from tests.sandbox.shapes import actions, button, section

KEY = {"event_type": "notice", "event_payload": {"key": "k-1"}}


@pytest.fixture(autouse=True)
def tempo(desk: SandboxClient) -> None:
    """Nothing: `desk` itself has filled the buckets again."""


def test_ts_are_unique_and_rise(slack: WebClient) -> None:
    stamps = [slack.chat_postMessage(channel="C01REG", text=str(n))["ts"] for n in range(3)]

    assert stamps == sorted(set(stamps))
    assert all(len(each) == 17 and each[10] == "." for each in stamps)


def test_ids_are_filled_in_for_blocks_and_elements(slack: WebClient) -> None:
    unnamed = {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Go"}}]}

    block = slack.chat_postMessage(channel="C01REG", text="t", blocks=[unnamed])["message"]["blocks"][0]

    assert block["block_id"]
    assert block["elements"][0]["action_id"]


def test_words_are_stored_as_sent(slack: WebClient) -> None:
    words = "<b>a</b> &lt; *bold* <@U01LIN>"

    ts = slack.chat_postMessage(channel="C01REG", text=words)["ts"]

    assert slack.conversations_history(channel="C01REG", limit=1)["messages"][0]["text"] == words
    assert slack.conversations_history(channel="C01REG", limit=1)["messages"][0]["ts"] == ts


def test_a_message_needs_words(slack: WebClient) -> None:
    empty = {"channel": "C01REG", "text": " "}

    assert error_of(slack.api_call, api_method="chat.postMessage", json=empty).response["error"] == "no_text"


def test_text_over_40000_is_cut_with_a_warning(slack: WebClient) -> None:
    answer = slack.chat_postMessage(channel="C01REG", text="長" * 40_001)

    assert len(answer["message"]["text"]) == 40_000
    assert answer["response_metadata"]["warnings"] == ["message_truncated"]


def test_a_thread_is_apart_from_the_channel(slack: WebClient) -> None:
    root = slack.chat_postMessage(channel="C01REG", text="root")["ts"]
    reply = slack.chat_postMessage(channel="C01REG", text="reply", thread_ts=root)["ts"]

    listed = slack.conversations_history(channel="C01REG", oldest=root, inclusive=True)["messages"]
    thread = slack.conversations_replies(channel="C01REG", ts=root)["messages"]

    assert [each["ts"] for each in listed] == [root]
    assert listed[0]["reply_count"] == 1
    assert [each["ts"] for each in thread] == [root, reply]
    assert (
        error_of(slack.conversations_replies, channel="C01REG", ts="1.000001").response["error"] == "thread_not_found"
    )


def test_a_broadcast_reply_stands_in_both(slack: WebClient) -> None:
    root = slack.chat_postMessage(channel="C01REG", text="root")["ts"]
    reply = slack.chat_postMessage(channel="C01REG", text="reply", thread_ts=root, reply_broadcast=True)["ts"]

    listed = slack.conversations_history(channel="C01REG", oldest=root)["messages"]

    assert [each["ts"] for each in listed] == [reply]


def test_a_reply_needs_its_root(slack: WebClient) -> None:
    refused = error_of(slack.chat_postMessage, channel="C01REG", text="t", thread_ts="1.000001").response

    assert refused["error"] == "cannot_reply_to_message"


def test_history_is_paged_and_bounded(slack: WebClient, desk: SandboxClient) -> None:
    stamps = []
    for n in range(5):
        desk.advance_machine(2)
        stamps.append(slack.chat_postMessage(channel="C02QA", text=str(n))["ts"])

    first = slack.conversations_history(channel="C02QA", oldest=stamps[0], inclusive=True, limit=2)
    rest = slack.conversations_history(
        channel="C02QA", oldest=stamps[0], inclusive=True, limit=3, cursor=first["response_metadata"]["next_cursor"]
    )
    inner = slack.conversations_history(channel="C02QA", oldest=stamps[1], latest=stamps[3])

    assert [each["ts"] for each in first["messages"] + rest["messages"]] == stamps[::-1]
    assert first["has_more"]
    assert not rest["has_more"]
    assert [each["ts"] for each in inner["messages"]] == [stamps[2]]


def test_metadata_comes_back_only_when_asked_for(slack: WebClient) -> None:
    slack.chat_postMessage(channel="C01REG", text="t", metadata=KEY)

    assert "metadata" not in slack.conversations_history(channel="C01REG", limit=1)["messages"][0]
    asked = slack.conversations_history(channel="C01REG", limit=1, include_all_metadata=True)["messages"][0]
    assert asked["metadata"] == KEY


@pytest.mark.parametrize(
    ("metadata", "error"),
    [
        ({"event_type": "Notice", "event_payload": {}}, "invalid_metadata_schema"),
        ({"event_type": "notice"}, "invalid_metadata_schema"),
        ({"event_type": "notice", "event_payload": {"Key": 1}}, "invalid_metadata_schema"),
        ({"event_type": "notice", "event_payload": {"a": {"b": {"c": 1}}}}, "invalid_metadata_schema"),
        ({"event_type": "notice", "event_payload": {"a": "x" * 9_000}}, "metadata_too_large"),
        ("{oops", "invalid_metadata_format"),
    ],
)
def test_metadata_that_slack_refuses(slack: WebClient, metadata: object, error: str) -> None:
    refused = error_of(
        slack.api_call, api_method="chat.postMessage", json={"channel": "C01REG", "text": "t", "metadata": metadata}
    )

    assert refused.response["error"] == error


def test_an_update_changes_what_it_names_and_keeps_the_rest(slack: WebClient) -> None:
    ts = slack.chat_postMessage(channel="C01REG", text="a", blocks=[section("a")], metadata=KEY)["ts"]

    slack.chat_update(channel="C01REG", ts=ts, text="b")
    kept = slack.conversations_history(channel="C01REG", limit=1, include_all_metadata=True)["messages"][0]
    slack.chat_update(channel="C01REG", ts=ts, text="b", blocks=[], metadata={})
    emptied = slack.conversations_history(channel="C01REG", limit=1, include_all_metadata=True)["messages"][0]

    assert (kept["text"], kept["blocks"][0]["text"]["text"], kept["metadata"]) == ("b", "a", KEY)
    assert kept["edited"]["user"] == "U0SANDBOXBOT"
    assert "blocks" not in emptied
    assert "metadata" not in emptied


def test_an_update_is_refused_for_long_text_and_foreign_or_missing_messages(slack: WebClient, lin: Member) -> None:
    mine = slack.chat_postMessage(channel="C01REG", text="a")["ts"]
    theirs = lin.say("registry", "hello").ts

    def refusal(ts: str, text: str) -> str:
        return error_of(slack.chat_update, channel="C01REG", ts=ts, text=text).response["error"]

    assert refusal(mine, "x" * 4_001) == "msg_too_long"
    assert refusal(theirs, "x") == "cant_update_message"
    assert refusal("1.000001", "x") == "message_not_found"


def test_a_deleted_message_is_gone(slack: WebClient) -> None:
    ts = slack.chat_postMessage(channel="C01REG", text="a")["ts"]

    slack.chat_delete(channel="C01REG", ts=ts)

    assert error_of(slack.chat_delete, channel="C01REG", ts=ts).response["error"] == "message_not_found"
    assert slack.conversations_history(channel="C01REG", oldest=ts, inclusive=True)["messages"] == []


def test_a_permalink_has_slacks_form(slack: WebClient) -> None:
    ts = slack.chat_postMessage(channel="C01REG", text="a")["ts"]

    link = slack.chat_getPermalink(channel="C01REG", message_ts=ts)["permalink"]

    assert link == f"https://haiyue.slack.com/archives/C01REG/p{ts.replace('.', '')}"


def test_an_ephemeral_message_is_seen_by_one_and_cannot_be_updated(slack: WebClient, lin: Member, chen: Member) -> None:
    ts = slack.chat_postEphemeral(channel="C01REG", user="U01LIN", text="only you")["message_ts"]

    assert [each.text for each in lin.ephemerals("registry")] == ["only you"]
    assert "only you" not in [each.text for each in chen.messages("registry")]
    assert error_of(slack.chat_update, channel="C01REG", ts=ts, text="x").response["error"] == "message_not_found"
    outsider = error_of(slack.chat_postEphemeral, channel="C01REG", user="U03SMITH", text="x").response["error"]
    assert outsider == "user_not_in_channel"


def test_only_members_are_notified_by_a_mention(slack: WebClient, desk: SandboxClient) -> None:
    card = [section("<@U01LIN> and <@U03SMITH>", accessory=button()), actions(button("Other", "other"))]

    slack.chat_postMessage(channel="C01REG", text="please", blocks=card)

    assert desk.messages("registry")[-1].content["notified"] == ["U01LIN"]


def test_everyone_in_the_channel_is_notified_by_a_channel_mention(slack: WebClient, desk: SandboxClient) -> None:
    slack.chat_postMessage(channel="C01REG", text="<!channel> now")

    assert desk.messages("registry")[-1].content["notified"] == ["U01LIN", "U02CHEN"]


def test_typed_words_are_escaped_and_mentions_become_tokens(lin: Member) -> None:
    said = lin.say("registry", "<!subteam> a & b @陳品管 <@U02CHEN>")

    assert said.text == "&lt;!subteam&gt; a &amp; b <@U02CHEN> <@U02CHEN>"


def test_reactions(slack: WebClient, desk: SandboxClient) -> None:
    ts = slack.chat_postMessage(channel="C01REG", text="a")["ts"]

    slack.reactions_add(channel="C01REG", timestamp=ts, name="eyes")

    assert desk.messages("registry")[-1].content["reactions"][0]["name"] == "eyes"
    again = error_of(slack.reactions_add, channel="C01REG", timestamp=ts, name="eyes").response["error"]
    assert again == "already_reacted"


def test_reading_needs_membership_and_the_history_scope(slack: WebClient, desk: SandboxClient) -> None:
    outside = error_of(slack.conversations_history, channel="C03OTHER").response["error"]
    desk.fault("remove_scope", scope="groups:history")
    unscoped = error_of(slack.conversations_history, channel="C02QA").response
    desk.fault("add_scope", scope="groups:history")

    assert outside == "not_in_channel"
    assert (unscoped["error"], unscoped["needed"]) == ("missing_scope", "groups:history")
