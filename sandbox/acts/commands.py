"""Slash commands and shortcuts."""

from __future__ import annotations

from typing import Any

from sandbox.acts.payloads import (
    action_ts,
    base,
    channel_part,
    error_word,
    outcome,
    response_url,
    tell_failure,
)  # fmt: skip
from sandbox.delivery.triggers import ResponseUrl
from sandbox.problems import ActProblem, SlackProblem
from sandbox.standin import StandIn
from sandbox.typing_words import as_typed
from sandbox.web_api.other_urls import respond
from sandbox.world.channels import Channel
from sandbox.world.messages import Message
from sandbox.world.people import Person


async def command(desk: StandIn, person: Person, name: str, text: str, channel: Channel) -> dict[str, Any]:
    """Type a slash command; it exists only if the manifest has it."""
    if name not in desk.workspace.app.commands:
        raise ActProblem(f"{name} is not a valid command.")
    trigger = desk.triggers.new(person.id)
    url = response_url(desk, person, channel, from_command=True)
    payload = {
        "token": "sandbox",
        "team_id": desk.workspace.team.id,
        "team_domain": desk.workspace.team.domain,
        "channel_id": channel.id,
        "channel_name": channel_part(channel)["name"],
        "user_id": person.id,
        "user_name": person.name,
        "command": name,
        "text": as_typed(desk.workspace, text, escape_mentions=_escapes(desk, name)),
        "api_app_id": desk.workspace.app.id,
        "is_enterprise_install": "false",
        "response_url": url,
        "trigger_id": trigger.id,
    }
    delivery, answer = await desk.dispatcher.ask("slash_commands", payload)
    if answer.problem:
        tell_failure(desk, person, channel, f"{name} failed with the error “{error_word(answer)}”")
    elif answer.body:
        _show_answer(desk, person, channel, name, answer.body)
    return outcome(desk, person, delivery, answer, trigger)


def _escapes(desk: StandIn, name: str) -> bool:
    return bool(desk.workspace.app.commands[name].get("should_escape"))


def _show_answer(desk: StandIn, person: Person, channel: Channel, name: str, body: Any) -> None:
    given = ResponseUrl("", person.id, channel.id, desk.machine.now(), from_command=True)
    try:
        respond(desk, given, body if isinstance(body, dict) else {"text": str(body)})
    except SlackProblem as problem:
        tell_failure(desk, person, channel, f"{name} failed with the error “{problem.code}”")


async def global_shortcut(desk: StandIn, person: Person, callback_id: str) -> dict[str, Any]:
    if callback_id not in desk.workspace.app.global_shortcuts:
        raise ActProblem(f"There is no global shortcut “{callback_id}” in the manifest.")
    trigger = desk.triggers.new(person.id)
    payload = base(desk, "shortcut", person)
    payload |= {"callback_id": callback_id, "trigger_id": trigger.id, "action_ts": action_ts(desk)}
    delivery, answer = await desk.dispatcher.ask("interactive", payload)
    return outcome(desk, person, delivery, answer, trigger)


async def message_shortcut(
    desk: StandIn, person: Person, callback_id: str, channel: Channel, message: Message
) -> dict[str, Any]:
    if callback_id not in desk.workspace.app.message_shortcuts:
        raise ActProblem(f"There is no message shortcut “{callback_id}” in the manifest.")
    trigger = desk.triggers.new(person.id)
    payload = base(desk, "message_action", person)
    payload |= {
        "callback_id": callback_id,
        "trigger_id": trigger.id,
        "action_ts": action_ts(desk),
        "channel": channel_part(channel),
        "message_ts": message.ts,
        "message": message.as_slack(),
        "response_url": response_url(desk, person, channel),
    }
    delivery, answer = await desk.dispatcher.ask("interactive", payload)
    if answer.problem:
        tell_failure(desk, person, channel, f"The shortcut failed with the error “{error_word(answer)}”")
    return outcome(desk, person, delivery, answer, trigger)
