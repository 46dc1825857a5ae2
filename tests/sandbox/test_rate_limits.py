"""429 and Retry-After: per channel, per method; time is moved, never the limit."""

from __future__ import annotations

from slack_sdk import WebClient

from sandbox.client import SandboxClient
from tests.sandbox.refusals import error_of, status_of


def test_a_channel_takes_a_small_burst_then_one_message_a_second(slack: WebClient, desk: SandboxClient) -> None:
    for n in range(3):
        slack.chat_postMessage(channel="C01REG", text=str(n))

    refused = error_of(slack.chat_postMessage, channel="C01REG", text="4").response
    other = slack.chat_postMessage(channel="C02QA", text="another channel")["ok"]
    desk.advance_machine(0.5)
    too_soon = status_of(slack.chat_postMessage, channel="C01REG", text="half a second later")
    desk.advance_machine(0.6)
    later = slack.chat_postMessage(channel="C01REG", text="5")["ok"]

    assert (refused.status_code, refused["error"], refused.headers["Retry-After"]) == (429, "ratelimited", "1")
    assert other
    assert too_soon == 429
    assert later
    assert "4" not in [each.text for each in desk.messages("registry")[-4:]]


def test_a_tier_is_a_number_of_calls_a_minute(slack: WebClient, desk: SandboxClient) -> None:
    for _ in range(20):  # tier 2
        slack.users_list()

    refused = error_of(slack.users_list).response
    untouched = slack.users_info(user="U01LIN")["ok"]
    desk.advance_machine(3.1)
    later = slack.users_list()["ok"]

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3")
    assert untouched
    assert later


def test_the_rest_of_a_refused_call_is_not_done(slack: WebClient, desk: SandboxClient) -> None:
    before = len(desk.messages("registry"))

    statuses = [status_of(slack.chat_postMessage, channel="C01REG", text=str(n)) for n in range(6)]

    assert statuses == [200] * 3 + [429] * 3
    assert len(desk.messages("registry")) == before + 3
    assert [each["status"] for each in desk.calls("chat.postMessage")[-6:]] == [200] * 3 + [429] * 3
