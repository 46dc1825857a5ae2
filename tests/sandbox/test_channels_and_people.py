"""Which channels and people the bot sees, and where it may post."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient

from sandbox.client import SandboxClient
from tests.sandbox.refusals import error_of


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C03OTHER", "not_in_channel"),  # public, the bot is not a member
        ("C04BOARD", "channel_not_found"),  # private: not even its existence is told
        ("C05OLD", "is_archived"),
        ("C0NOWHERE", "channel_not_found"),
        ("U0SANDBOXBOT", "cannot_dm_bot"),
    ],
)
def test_posting_is_refused_where_the_bot_may_not(slack: WebClient, channel: str, error: str) -> None:
    assert error_of(slack.chat_postMessage, channel=channel, text="hi").response["error"] == error


def test_chat_write_public_opens_public_channels_only(desk: SandboxClient, slack: WebClient) -> None:
    desk.fault("add_scope", scope="chat:write.public")
    posted = slack.chat_postMessage(channel="C03OTHER", text="hi")
    refused = error_of(slack.chat_postMessage, channel="C04BOARD", text="hi").response["error"]
    desk.fault("remove_scope", scope="chat:write.public")

    assert posted["ok"]
    assert refused == "channel_not_found"


def test_a_member_id_or_a_name_leads_to_the_conversation(slack: WebClient, lin) -> None:
    assert slack.chat_postMessage(channel="U01LIN", text="for you")["channel"] == lin.dm
    assert slack.chat_postMessage(channel="#registry", text="for all")["channel"] == "C01REG"


def test_a_removed_bot_cannot_post_until_it_is_back(desk: SandboxClient, slack: WebClient) -> None:
    desk.fault("remove_bot", channel="registry")
    refused = error_of(slack.chat_postMessage, channel="C01REG", text="hi").response["error"]
    desk.fault("add_bot", channel="registry")

    assert refused == "not_in_channel"
    assert slack.chat_postMessage(channel="C01REG", text="hi")["ok"]


def test_lists_show_only_what_the_bot_can_see(slack: WebClient) -> None:
    listed = slack.conversations_list(types="public_channel,private_channel", exclude_archived=True)["channels"]

    assert {each["name"] for each in listed} == {"registry", "quality", "other"}
    assert {each["name"]: each["is_member"] for each in listed}["other"] is False


def test_each_type_of_channel_needs_its_scope(slack: WebClient) -> None:
    refused = error_of(slack.conversations_list, types="public_channel,mpim").response

    assert (refused["error"], refused["needed"]) == ("missing_scope", "mpim:read")


def test_lists_are_paged_with_a_cursor(slack: WebClient) -> None:
    names: list[str] = []
    cursor = ""
    while True:
        page = slack.users_list(limit=2, cursor=cursor)
        names += [each["name"] for each in page["members"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break

    assert names == ["redress", "lin", "chen", "smith", "gone"]


def test_people_are_found_by_id_and_email(slack: WebClient) -> None:
    lin = slack.users_info(user="U01LIN", include_locale=True)["user"]

    assert (lin["real_name"], lin["locale"], lin["tz_offset"]) == ("林佳穎", "zh-TW", 8 * 3600)
    assert "locale" not in slack.users_info(user="U01LIN")["user"]
    assert slack.users_lookupByEmail(email="LIN@example.com")["user"]["id"] == "U01LIN"
    assert error_of(slack.users_lookupByEmail, email="no@example.com").response["error"] == "users_not_found"
    assert error_of(slack.users_info, user="U0NOBODY").response["error"] == "user_not_found"


def test_conversations_of_a_person_and_members_of_a_conversation(slack: WebClient) -> None:
    of_chen = slack.users_conversations(user="U02CHEN", types="public_channel,private_channel")["channels"]

    assert {each["id"] for each in of_chen} == {"C01REG", "C02QA", "C03OTHER"}
    assert slack.conversations_members(channel="C02QA")["members"] == ["U02CHEN", "U0SANDBOXBOT"]
    assert slack.conversations_info(channel="C01REG", include_num_members=True)["channel"]["num_members"] == 3


def test_opening_conversations(slack: WebClient, lin) -> None:
    assert slack.conversations_open(users="U01LIN")["channel"]["id"] == lin.dm
    assert error_of(slack.conversations_open, users="U0NOBODY").response["error"] == "user_not_found"
    assert error_of(slack.conversations_open, users="U04GONE").response["error"] == "user_disabled"
    too_many = ",".join(["U01LIN"] * 9)
    assert error_of(slack.conversations_open, users=too_many).response["error"] == "too_many_users"


def test_joining_and_inviting(desk: SandboxClient, slack: WebClient) -> None:
    slack.conversations_join(channel="C03OTHER")
    desk.fault("remove_bot", channel="other")
    joined_private = error_of(slack.conversations_join, channel="C02QA").response["error"]
    invited = slack.conversations_invite(channel="C02QA", users="U01LIN")["ok"]
    again = error_of(slack.conversations_invite, channel="C02QA", users="U01LIN").response["error"]
    desk.as_member("lin").leave("C02QA")

    assert joined_private == "method_not_supported_for_channel_type"
    assert invited
    assert again == "already_in_channel"


def test_a_deactivated_person_still_takes_messages_as_in_slack(desk: SandboxClient, slack: WebClient) -> None:
    """slackapi/python-slack-sdk#1156: posting succeeds, nobody reads it; only users.info tells."""
    desk.fault("deactivate_person", member="smith")
    posted = slack.chat_postMessage(channel="U03SMITH", text="hi")
    told = slack.users_info(user="U03SMITH")["user"]["deleted"]
    desk.fault("reactivate_person", member="smith")

    assert posted["ok"]
    assert told is True


def test_team_and_bot(slack: WebClient) -> None:
    assert slack.team_info()["team"]["domain"] == "haiyue"
    assert slack.bots_info(bot="B0SANDBOX")["bot"]["user_id"] == "U0SANDBOXBOT"
