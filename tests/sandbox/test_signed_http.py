"""Signed delivery over HTTP, with Bolt's own verifier on the other side."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.client import CannotDo, Running
from tests.sandbox.bolt import HttpBolt
from tests.sandbox.shapes import modal, text_field


def test_bolt_accepts_the_signature_of_commands_clicks_and_events(http_bot: HttpBolt, http_running: Running) -> None:
    desk = http_running.client
    lin = desk.as_member("lin")

    async def command(ack: Any, body: dict[str, Any], client: Any, **_: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=modal(text_field()))
        await ack("Opened.")

    http_bot.on["command"] = command
    form = lin.command("/complaint", "品管 & co", channel="registry").view()
    form.fill("what", "黑墊")
    done = form.submit()
    lin.say("registry", "hello")
    desk.wait_for(lambda: http_bot.events("message"))

    assert done.ok
    assert http_bot.bodies("command")[0]["text"] == "品管 &amp; co"
    assert http_bot.bodies("view")[0]["view"]["state"]["values"]["what"]["value"]["value"] == "黑墊"
    assert lin.ephemerals("registry")[-1].text == "Opened."


def test_a_wrong_secret_is_refused_by_the_app(http_running: Running) -> None:
    with pytest.raises(CannotDo, match="challenge"), HttpBolt(http_running, "xoxb-sandbox", "other-secret"):
        pass


def test_an_url_that_does_not_echo_the_challenge_is_not_saved(http_bot: HttpBolt, http_running: Running) -> None:
    with pytest.raises(CannotDo, match="challenge"):
        http_running.client.set_events_url("http://127.0.0.1:9/nothing")

    assert http_running.client.as_member("lin").command("/complaint").ok


def test_errors_and_silence_of_the_app_are_told_to_the_person(http_bot: HttpBolt, http_running: Running) -> None:
    desk = http_running.client
    lin = desk.as_member("lin")

    async def broken(**_: Any) -> None:
        raise RuntimeError("boom")

    async def slow(ack: Any, **_: Any) -> None:
        desk.advance_machine(3.2)
        await ack()

    http_bot.on["command"] = broken
    failed = lin.command("/complaint")
    http_bot.on["command"] = slow
    late = lin.command("/complaint")

    assert (failed.error, late.error) == ("dispatch_failed", "operation_timeout")


def test_there_is_no_socket_in_http_mode(http_running: Running) -> None:
    from slack_sdk import WebClient
    from slack_sdk.errors import SlackApiError

    with pytest.raises(SlackApiError, match="forbidden_app"):
        WebClient("xapp-sandbox", base_url=http_running.api_url).apps_connections_open(app_token="xapp-sandbox")
