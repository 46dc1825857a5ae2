"""Who may call what."""

from __future__ import annotations

import json
import urllib.request

import pytest
from slack_sdk import WebClient

from sandbox.client import Running, SandboxClient
from tests.sandbox.refusals import error_of


def test_auth_test_names_team_and_bot(slack: WebClient) -> None:
    answer = slack.auth_test()

    assert (answer["team_id"], answer["user_id"], answer["bot_id"]) == ("T0TEST", "U0SANDBOXBOT", "B0SANDBOX")


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (None, "not_authed"),
        ("xoxb-wrong", "invalid_auth"),
        ("xapp-sandbox", "not_allowed_token_type"),
    ],
)
def test_other_tokens_are_refused(running: Running, desk: SandboxClient, token: str | None, error: str) -> None:
    other = WebClient(token, base_url=running.api_url)

    assert error_of(other.auth_test).response["error"] == error


def test_a_revoked_token_is_refused_until_restored(desk: SandboxClient, slack: WebClient) -> None:
    desk.fault("revoke_token")
    refused = error_of(slack.auth_test).response["error"]
    desk.fault("restore_token")

    assert refused == "token_revoked"
    assert slack.auth_test()["ok"]


def test_a_missing_scope_is_named_with_what_is_provided(desk: SandboxClient, slack: WebClient) -> None:
    desk.fault("remove_scope", scope="users:read")
    refused = error_of(slack.users_info, user="U01LIN").response
    desk.fault("add_scope", scope="users:read")

    assert refused["error"] == "missing_scope"
    assert refused["needed"] == "users:read"
    assert "chat:write" in refused["provided"]


def test_the_bot_token_cannot_open_a_socket(slack: WebClient) -> None:
    assert error_of(slack.api_call, api_method="apps.connections.open").response["error"] == "not_allowed_token_type"


def test_an_unknown_method_is_told(slack: WebClient) -> None:
    assert error_of(slack.api_call, api_method="chat.shout").response["error"] == "unknown_method"


@pytest.mark.parametrize("as_json", [True, False])
def test_bodies_may_be_json_or_a_form_with_the_token_in_it(
    running: Running, desk: SandboxClient, as_json: bool
) -> None:
    if as_json:
        body, kind = json.dumps({"channel": "C01REG", "text": "您好"}).encode(), "application/json; charset=utf-8"
    else:
        body, kind = b"token=xoxb-sandbox&channel=C01REG&text=hi", "application/x-www-form-urlencoded"
    headers = {"Content-Type": kind} | ({"Authorization": "Bearer xoxb-sandbox"} if as_json else {})
    request = urllib.request.Request(running.api_url + "chat.postMessage", body, headers)

    with urllib.request.urlopen(request) as response:
        assert json.load(response)["ok"] is True
        assert "chat:write" in response.headers["X-OAuth-Scopes"]


def test_a_body_that_is_not_json_is_refused(running: Running, desk: SandboxClient) -> None:
    request = urllib.request.Request(running.api_url + "auth.test", b"{oops", {"Content-Type": "application/json"})

    with urllib.request.urlopen(request) as response:
        assert json.load(response)["error"] == "invalid_json"
