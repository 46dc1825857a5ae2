"""Buttons and menus in messages, late clicks, and answers through a response url."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from sandbox.client import CannotDo, Member, SandboxClient
from tests.sandbox.bolt import SocketBolt
from tests.sandbox.shapes import actions, button, field, home, modal, option, plain, section

CARD = [section("Please decide"), actions(button("Approve…", "approve", value="v-1"), button("Return", "return"))]


def post(slack: Any, blocks: list[dict[str, Any]], **more: Any) -> str:
    return slack.chat_postMessage(channel="C01REG", text="card", blocks=blocks, **more)["ts"]


@pytest.mark.parametrize("what", ["approve", "Approve…", "Approve"])
def test_a_button_is_named_by_its_words_or_its_id(bot: SocketBolt, lin: Member, slack: Any, what: str) -> None:
    ts = post(slack, CARD)

    lin.messages("registry")[-1].click(what)

    body = bot.bodies("action")[0]
    assert body["actions"][0]["value"] == "v-1"
    assert body["container"] == {"type": "message", "message_ts": ts, "channel_id": "C01REG", "is_ephemeral": False}
    assert body["message"]["ts"] == ts
    assert body["user"]["id"] == "U01LIN"
    assert body["trigger_id"]


MENU = actions(
    {"type": "static_select", "action_id": "pick", "options": [option("One", "1"), option("Two", "2")]},
    {"type": "datepicker", "action_id": "day"},
    {"type": "users_select", "action_id": "who"},
    {"type": "overflow", "action_id": "more", "options": [option("Hide", "hide")]},
)


@pytest.mark.parametrize(
    ("what", "value", "told"),
    [
        ("pick", "Two", {"selected_option": option("Two", "2")}),
        ("day", "2026-11-09", {"selected_date": "2026-11-09"}),
        ("who", "陳品管", {"selected_user": "U02CHEN"}),
        ("more", "hide", {"selected_option": option("Hide", "hide")}),
    ],
)
def test_menus_and_pickers_in_a_message(
    bot: SocketBolt, lin: Member, slack: Any, what: str, value: str, told: dict[str, Any]
) -> None:
    post(slack, [MENU])

    lin.messages("registry")[-1].choose(what, value)

    action = bot.bodies("action")[0]["actions"][0]
    assert told.items() <= action.items()


def test_what_was_chosen_stays_in_the_state_of_the_person(bot: SocketBolt, lin: Member, slack: Any) -> None:
    post(slack, [MENU])
    card = lin.messages("registry")[-1]
    card.choose("day", "2026-11-09")

    card.choose("pick", "One")

    state = bot.bodies("action")[1]["state"]["values"]["acts"]
    assert state["day"]["selected_date"] == "2026-11-09"
    assert state["pick"]["selected_option"]["value"] == "1"
    assert "more" not in state


def test_a_button_that_is_gone_cannot_be_pressed_but_an_old_rendering_can(
    bot: SocketBolt, lin: Member, slack: Any
) -> None:
    ts = post(slack, CARD)
    slack.chat_update(channel="C01REG", ts=ts, text="decided", blocks=[section("Decided")])
    card = lin.messages("registry")[-1]

    with pytest.raises(CannotDo, match="no “approve”"):
        card.click("approve")
    card.stale_click("approve")
    card.stale_click("other", old_blocks=[actions(button("Old", "other", value="v-0"))])

    assert [each["actions"][0]["value"] for each in bot.bodies("action")] == ["v-1", "v-0"]


def test_a_second_click_is_delivered_again(bot: SocketBolt, lin: Member, slack: Any) -> None:
    post(slack, CARD)
    card = lin.messages("registry")[-1]

    card.click("approve")
    card.click("approve")

    first, second = bot.bodies("action")
    assert first["trigger_id"] != second["trigger_id"]


def test_a_payload_can_be_delivered_once_more(bot: SocketBolt, lin: Member, slack: Any, desk: SandboxClient) -> None:
    post(slack, CARD)
    lin.messages("registry")[-1].click("approve")

    desk.redeliver(kind="interactive")

    desk.wait_for(lambda: len(bot.bodies("action")) == 2)
    first, second = bot.bodies("action")
    assert first == second


def test_strangers_do_not_see_private_messages(bot: SocketBolt, desk: SandboxClient, slack: Any) -> None:
    slack.chat_postMessage(channel="C02QA", text="secret", blocks=CARD)

    with pytest.raises(CannotDo, match="not in"):
        desk.messages("quality")[-1].seen_by("林佳穎").click("approve")


def test_a_click_on_an_ephemeral_message_carries_no_message(bot: SocketBolt, lin: Member, slack: Any) -> None:
    slack.chat_postEphemeral(channel="C01REG", user="U01LIN", text="t", blocks=CARD)

    lin.ephemerals("registry")[-1].click("approve")

    body = bot.bodies("action")[0]
    assert body["container"]["is_ephemeral"] is True
    assert "message" not in body


def test_a_response_url_answers_ephemerally_replaces_and_deletes(bot: SocketBolt, lin: Member, slack: Any) -> None:
    slack.chat_postEphemeral(channel="C01REG", user="U01LIN", text="question", blocks=CARD)
    answer: dict[str, Any] = {"text": "just you"}

    async def action(ack: Any, respond: Any, **_: Any) -> None:
        await ack()
        await respond(**answer)

    bot.on["action"] = action
    question = lin.wait_ephemeral("question")
    question.click("approve")
    lin.wait_ephemeral("just you")
    answer |= {"text": "replaced", "replace_original": True}
    question.click("approve")
    replaced = question.now().text
    answer |= {"delete_original": True}
    question.stale_click("approve")

    assert replaced == "replaced"
    assert question.ts not in [each.ts for each in lin.ephemerals("registry")]


def respond(url: str, **body: Any) -> str:
    """Return `ok`, or the error of the answer."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request) as response:
            return "ok" if json.load(response)["ok"] else "?"
    except urllib.error.HTTPError as refused:
        with refused:
            return str(json.load(refused)["error"])


def test_a_response_url_works_five_times(bot: SocketBolt, lin: Member) -> None:
    lin.command("/complaint", channel="registry")
    url = bot.bodies("command")[0]["response_url"]

    assert [respond(url, text=str(n)) for n in range(6)] == ["ok"] * 5 + ["used_url"]
    assert lin.ephemerals("registry")[-1].text == "4"


def test_a_response_url_ends_after_thirty_minutes(bot: SocketBolt, lin: Member, desk: SandboxClient) -> None:
    lin.command("/complaint")
    url = bot.bodies("command")[0]["response_url"]
    desk.advance_machine("31 minutes")

    assert respond(url, text="late") == "expired_url"


def test_an_answer_in_the_channel_is_seen_by_all(bot: SocketBolt, lin: Member, chen: Member) -> None:
    lin.command("/complaint", channel="registry")
    respond(bot.bodies("command")[0]["response_url"], text="for all", response_type="in_channel")

    assert chen.messages("registry")[-1].text == "for all"


def test_an_ack_with_words_is_shown_to_the_person(bot: SocketBolt, lin: Member, chen: Member) -> None:
    async def command(ack: Any, **_: Any) -> None:
        await ack("Noted.")

    bot.on["command"] = command
    lin.command("/complaint", channel="registry")

    assert lin.ephemerals("registry")[-1].text == "Noted."
    assert "Noted." not in [each.text for each in chen.messages("registry")]


def test_only_what_the_manifest_has_can_be_used(bot: SocketBolt, lin: Member) -> None:
    said = lin.say("registry", "hello")

    with pytest.raises(CannotDo, match="not a valid command"):
        lin.command("/other")
    with pytest.raises(CannotDo, match="no global shortcut"):
        lin.shortcut("log_message")
    with pytest.raises(CannotDo, match="no message shortcut"):
        lin.message_shortcut("log", said)


def test_a_command_cannot_be_used_in_a_thread(bot: SocketBolt, lin: Member) -> None:
    with pytest.raises(CannotDo, match="not supported in threads"):
        lin.act("command", command="/complaint", channel="registry", thread="1.2")


def test_shortcuts(bot: SocketBolt, lin: Member) -> None:
    said = lin.say("registry", "The pads are black")

    lin.shortcut("log")
    lin.message_shortcut("log_message", said)

    alone, on_message = bot.bodies("shortcut")
    assert (alone["type"], alone["callback_id"]) == ("shortcut", "log")
    assert (on_message["type"], on_message["message"]["text"]) == ("message_action", "The pads are black")
    assert on_message["channel"] == {"id": "C01REG", "name": "registry"}


def test_home_is_published_when_opened_and_its_buttons_work(bot: SocketBolt, lin: Member) -> None:
    async def event(ack: Any, body: dict[str, Any], client: Any, **_: Any) -> None:
        await ack()
        if body["event"]["type"] == "app_home_opened":
            blocks = [section("Waiting for me"), actions(button("Log", "log"))]
            await client.views_publish(user_id=body["event"]["user"], view=home(*blocks))

    async def action(ack: Any, body: dict[str, Any], client: Any, **_: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(title=plain("New")))

    bot.on |= {"event": event, "action": action}

    opened = lin.home().click("Log")

    assert opened.view().title == "New"
    assert bot.bodies("action")[0]["container"]["type"] == "view"


def test_an_input_in_a_message_dispatches(bot: SocketBolt, lin: Member, slack: Any) -> None:
    post(slack, [field("note", {"type": "plain_text_input"}, dispatch_action=True)])

    lin.messages("registry")[-1].click("value", "typed")

    assert bot.bodies("action")[0]["actions"][0]["value"] == "typed"


def test_a_slow_answer_is_an_operation_timeout_and_a_missing_app_a_dispatch_failure(
    bot: SocketBolt, lin: Member, desk: SandboxClient
) -> None:
    async def late(ack: Any, **_: Any) -> None:
        desk.advance_machine(3.2)
        await ack()

    bot.on["command"] = late
    slow = lin.command("/complaint", channel="registry")
    shown = lin.ephemerals("registry")[-1].text
    desk.fault("drop_sockets")
    bot.run(bot.handler.close_async())
    desk.wait_for(lambda: desk.state()["connections"] == 0)
    gone = lin.command("/complaint")

    assert (slow.error, gone.error) == ("operation_timeout", "dispatch_failed")
    assert "operation_timeout" in shown
