"""Every limit of messages and blocks: the longest value passes, one more is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk import WebClient

from tests.sandbox.refusals import error_of
from tests.sandbox.shapes import actions, button, field, option, plain, section

STATIC = {"type": "static_select", "action_id": "s"}


def options(count: int) -> list[dict[str, Any]]:
    return [option(str(n)) for n in range(count)]


def select(**more: Any) -> dict[str, Any]:
    return actions(STATIC | {"options": options(2)} | more)


def with_confirm(**more: Any) -> dict[str, Any]:
    dialog = {"title": plain("t"), "text": plain("t"), "confirm": plain("y"), "deny": plain("n")} | more
    return actions(button(confirm=dialog))


def table(rows: int, columns: int) -> dict[str, Any]:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns for _ in range(rows)]}


# name of the rule, blocks for a size, largest size that passes, pointer of the fault
LIMITS = [
    ("50 blocks in a message", lambda n: [section("x") for _ in range(n)], 50, "/blocks"),
    ("block_id 255", lambda n: [section("x", block_id="i" * n)], 255, "/blocks/0/block_id"),
    ("section text 3000", lambda n: [section("長" * n)], 3_000, "/blocks/0/text/text"),
    ("section fields 10", lambda n: [{"type": "section", "fields": [plain("x")] * n}], 10, "/blocks/0/fields"),
    ("a field 2000", lambda n: [{"type": "section", "fields": [plain("x" * n)]}], 2_000, "/blocks/0/fields/0/text"),
    ("header 150", lambda n: [{"type": "header", "text": plain("x" * n)}], 150, "/blocks/0/text/text"),
    ("context elements 10", lambda n: [{"type": "context", "elements": [plain("x")] * n}], 10, "/blocks/0/elements"),
    ("actions elements 25", lambda n: [actions(*[button("x", f"a{i}") for i in range(n)])], 25, "/blocks/0/elements"),
    ("action_id 255", lambda n: [actions(button("x", "a" * n))], 255, "/blocks/0/elements/0/action_id"),
    ("button text 75", lambda n: [actions(button("x" * n))], 75, "/blocks/0/elements/0/text/text"),
    ("button value 2000", lambda n: [actions(button(value="v" * n))], 2_000, "/blocks/0/elements/0/value"),
    ("button url 3000", lambda n: [actions(button(url="u" * n))], 3_000, "/blocks/0/elements/0/url"),
    ("accessibility label 75", lambda n: [actions(button(accessibility_label="a" * n))], 75, "/blocks/0/elements/0/accessibility_label"),
    ("confirm title 100", lambda n: [with_confirm(title=plain("x" * n))], 100, "/blocks/0/elements/0/confirm/title/text"),
    ("confirm text 300", lambda n: [with_confirm(text=plain("x" * n))], 300, "/blocks/0/elements/0/confirm/text/text"),
    ("confirm 30", lambda n: [with_confirm(confirm=plain("x" * n))], 30, "/blocks/0/elements/0/confirm/confirm/text"),
    ("deny 30", lambda n: [with_confirm(deny=plain("x" * n))], 30, "/blocks/0/elements/0/confirm/deny/text"),
    ("select options 100", lambda n: [select(options=options(n))], 100, "/blocks/0/elements/0/options"),
    ("option text 75", lambda n: [select(options=[option("x" * n, "v")])], 75, "/blocks/0/elements/0/options/0/text/text"),
    ("option value 75", lambda n: [select(options=[option("x", "v" * n)])], 75, "/blocks/0/elements/0/options/0/value"),
    ("option description 75", lambda n: [select(options=[option("x") | {"description": plain("d" * n)}])], 75, "/blocks/0/elements/0/options/0/description/text"),
    ("placeholder 150", lambda n: [select(placeholder=plain("x" * n))], 150, "/blocks/0/elements/0/placeholder/text"),
    ("overflow options 5", lambda n: [actions({"type": "overflow", "action_id": "o", "options": options(n)})], 5, "/blocks/0/elements/0/options"),
    ("checkboxes 10", lambda n: [actions({"type": "checkboxes", "action_id": "c", "options": options(n)})], 10, "/blocks/0/elements/0/options"),
    ("radio buttons 10", lambda n: [actions({"type": "radio_buttons", "action_id": "c", "options": options(n)})], 10, "/blocks/0/elements/0/options"),
    ("image alt text 2000", lambda n: [{"type": "image", "image_url": "https://x/y.png", "alt_text": "a" * n}], 2_000, "/blocks/0/alt_text"),
    ("image url 3000", lambda n: [{"type": "image", "image_url": "u" * n, "alt_text": "a"}], 3_000, "/blocks/0/image_url"),
    ("input label 2000", lambda n: [field("f", {"type": "plain_text_input"}, label="l" * n)], 2_000, "/blocks/0/label/text"),
    ("input hint 2000", lambda n: [field("f", {"type": "plain_text_input"}, hint=plain("h" * n))], 2_000, "/blocks/0/hint/text"),
    ("text input max_length 3000", lambda n: [field("f", {"type": "plain_text_input", "max_length": n})], 3_000, "/blocks/0/element/max_length"),
    ("table rows 100", lambda n: [table(n, 1)], 100, "/blocks/0/rows"),
    ("table columns 20", lambda n: [table(1, n)], 20, "/blocks/0/rows/0"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "blocks", "most", "pointer"), LIMITS, ids=[row[0] for row in LIMITS])
def test_the_longest_passes_and_one_more_is_refused(slack: WebClient, rule, blocks, most: int, pointer: str) -> None:
    slack.chat_postMessage(channel="C01REG", text="t", blocks=blocks(most))

    refused = error_of(slack.chat_postMessage, channel="C01REG", text="t", blocks=blocks(most + 1)).response

    assert refused["error"] == "invalid_blocks"
    assert any(f"[json-pointer:{pointer}]" in line for line in refused["errors"]), refused["errors"]
    assert refused["response_metadata"]["messages"][0].startswith("[ERROR] ")


# what is wrong, the block, words of the fault
WRONG = [
    ("an empty text", section(""), "must be more than 0 characters"),
    ("no text and no fields", {"type": "section"}, "text"),
    ("an unknown block", {"type": "sparkle"}, "unsupported type: sparkle"),
    ("an unknown property", section("x") | {"colour": "red"}, "invalid additional property: colour"),
    ("mrkdwn in a header", {"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "/blocks/0/text"),
    ("mrkdwn on a button", actions({"type": "button", "text": {"type": "mrkdwn", "text": "x"}}), "elements/0/text"),
    ("an invented style", actions(button(style="green")), "primary, danger"),
    ("two actions with one id", actions(button("a", "same"), button("b", "same")), "already exists"),
    ("no options", select(options=[]), "options"),
    ("options and groups", select(option_groups=[{"label": plain("g"), "options": options(1)}]), "either"),
    ("an initial option that is none", select(initial_option=option("other")), "initial option"),
    ("two equal values", select(options=[option("a", "v"), option("b", "v")]), "unique"),
    ("an empty actions block", actions(), "no less than 1 items"),
    ("a text input in an actions block", actions({"type": "plain_text_input", "action_id": "a"}), "unsupported type"),
    ("a button in an input block", field("f", button()), "unsupported type: button"),
    ("a file input in a message", field("f", {"type": "file_input"}), "unsupported type: file_input"),
    ("a number input in a message", field("f", {"type": "number_input", "is_decimal_allowed": False}), "unsupported"),
    ("a datetime picker beside a section", section("x", accessory={"type": "datetimepicker"}), "unsupported type"),
    ("an alert in a message", {"type": "alert", "text": plain("x")}, "unsupported type: alert"),
    ("a date that is none", actions({"type": "datepicker", "initial_date": "9 Nov"}), "initial_date"),
    ("a number limit that is no string", {"type": "context", "elements": [section("x")]}, "unsupported type"),
    ("max_selected_items 0", actions({"type": "multi_users_select", "max_selected_items": 0}), "max_selected_items"),
    ("response_url_enabled in a message", field("f", {"type": "channels_select", "response_url_enabled": True}), "modals"),
    ("rows of different length", {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}], [{"type": "raw_text", "text": "x"}] * 2]}, "same number"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "block", "words"), WRONG, ids=[row[0] for row in WRONG])
def test_blocks_that_slack_refuses(slack: WebClient, what: str, block: dict[str, Any], words: str) -> None:
    refused = error_of(slack.chat_postMessage, channel="C01REG", text="t", blocks=[block]).response

    assert refused["error"] == "invalid_blocks"
    assert words in " ".join(refused["errors"])


def test_block_ids_are_unique_in_a_message(slack: WebClient) -> None:
    twice = [section("a", block_id="same"), section("b", block_id="same")]

    refused = error_of(slack.chat_postMessage, channel="C01REG", text="t", blocks=twice).response

    assert "already exists" in refused["errors"][0]


def test_all_faults_are_listed(slack: WebClient) -> None:
    blocks = [section(""), {"type": "header", "text": plain("x" * 151)}]

    assert len(error_of(slack.chat_postMessage, channel="C01REG", text="t", blocks=blocks).response["errors"]) == 2


def test_all_text_of_the_blocks_together_is_limited(slack: WebClient) -> None:
    assert slack.chat_postMessage(channel="C01REG", text="t", blocks=[section("x" * 2_400)] * 4)["ok"]
    refused = error_of(slack.chat_postMessage, channel="C01REG", text="t", blocks=[section("x" * 2_800)] * 4).response
    assert refused["error"] == "msg_blocks_too_long"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"blocks": "{oops"}, "invalid_blocks_format"),
        ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"markdown_text": "x", "text": "y"}, "markdown_text_conflict"),
        ({"attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
    ],
)
def test_arguments_that_slack_refuses(slack: WebClient, arguments: dict[str, Any], error: str) -> None:
    refused = error_of(slack.api_call, api_method="chat.postMessage", json={"channel": "C01REG"} | arguments)

    assert refused.response["error"] == error


def test_updates_and_ephemerals_are_checked_alike(slack: WebClient) -> None:
    ts = slack.chat_postMessage(channel="C01REG", text="t")["ts"]

    for call in (
        lambda: slack.chat_update(channel="C01REG", ts=ts, text="t", blocks=[section("")]),
        lambda: slack.chat_postEphemeral(channel="C01REG", user="U01LIN", text="t", blocks=[section("")]),
    ):
        assert error_of(call).response["error"] == "invalid_blocks"
