"""Clicks on buttons and choices in menus, in messages and in views."""

from __future__ import annotations

from typing import Any

from sandbox.acts.inputs import value_of
from sandbox.acts.options import find_option
from sandbox.acts.payloads import (
    action_ts,
    base,
    channel_part,
    message_container,
    outcome,
    response_url,
    view_container,
)  # fmt: skip
from sandbox.problems import ActProblem
from sandbox.standin import StandIn
from sandbox.world.inputs import STATES, elements_of, state_of, values_for
from sandbox.world.messages import Message
from sandbox.world.people import Person
from sandbox.world.views import View

Found = tuple[dict[str, Any], dict[str, Any]]


def find_element(blocks: list[dict[str, Any]] | None, which: str, block_id: str | None = None) -> Found:
    """
    Return the block and element that *which* names: an action id, the visible text, or the value.

    Raises:
        ActProblem: there is none; the message lists what there is.
    """
    all_ = [each for each in elements_of(blocks) if block_id in (None, each[0]["block_id"])]
    for fits in (_has_id, _has_words, _has_value):
        for block, element in all_:
            if fits(element, which):
                return block, element
    there = ", ".join(_words(element) or element["action_id"] for _, element in all_) or "nothing"
    raise ActProblem(f"There is no “{which}” to press here; there is: {there}")


def _has_id(element: dict[str, Any], which: str) -> bool:
    return bool(element["action_id"] == which)


def _has_words(element: dict[str, Any], which: str) -> bool:
    words = _words(element)
    return bool(words) and which.rstrip("…") == words.rstrip("…")


def _has_value(element: dict[str, Any], which: str) -> bool:
    return element.get("value") == which


def _words(element: dict[str, Any]) -> str:
    part = element.get("text") or element.get("placeholder") or {}
    return part.get("text", "") if isinstance(part, dict) else ""


def _need_interactivity(desk: StandIn) -> None:
    if not desk.workspace.app.interactive:
        raise ActProblem("This app is not configured to handle interactive responses.")


async def press_in_message(
    desk: StandIn, person: Person, message: Message, which: str, entered: Any = None, *,
    block_id: str | None = None, old_blocks: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Press or choose in a message; *old_blocks*: in an earlier rendering of it, as a late click does."""
    _need_interactivity(desk)
    shown = old_blocks if old_blocks is not None else message.blocks
    block, element = find_element(shown, which, block_id)
    action, state = await _action(desk, person, message, block, element, entered)
    mine = message.choices.setdefault(person.id, {})
    if state:
        mine.setdefault(block["block_id"], {})[element["action_id"]] = state
    channel = desk.workspace.channels[message.channel_id]
    trigger = desk.triggers.new(person.id)
    url = response_url(desk, person, channel, message_ts=message.ts, thread_ts=message.thread_ts)
    payload = base(desk, "block_actions", person)
    heads = {"thread_ts": message.ts} if channel.replies(message.ts) else {}
    payload |= {
        "container": message_container(message) | heads,
        "trigger_id": trigger.id,
        "channel": channel_part(channel),
        "state": {"values": values_for(shown, mine)},
        "response_url": url,
        "actions": [action],
    }
    if message.only_for is None:
        payload["message"] = message.as_slack() | heads | ({"blocks": shown} if shown else {})
    delivery, answer = await desk.dispatcher.ask("interactive", payload)
    return outcome(desk, person, delivery, answer, trigger)


async def press_in_view(
    desk: StandIn, person: Person, view: View, which: str, entered: Any = None, block_id: str | None = None
) -> dict[str, Any]:
    """Press or choose in a modal or on a Home tab."""
    _need_interactivity(desk)
    block, element = find_element(view.blocks, which, block_id)
    action, state = await _action(desk, person, view, block, element, entered)
    if state:
        view.type_in(block["block_id"], element["action_id"], state)
    return await send_view_action(desk, person, view, action)


async def send_view_action(desk: StandIn, person: Person, view: View, action: dict[str, Any]) -> dict[str, Any]:
    trigger = desk.triggers.new(person.id, from_view=view.id)
    payload = base(desk, "block_actions", person)
    payload |= {
        "container": view_container(view),
        "trigger_id": trigger.id,
        "view": view.as_slack(),
        "actions": [action],
    }
    delivery, answer = await desk.dispatcher.ask("interactive", payload)
    desk.changes.tell("view", member=person.id, view=view.id)
    return outcome(desk, person, delivery, answer, trigger)


async def _action(
    desk: StandIn,
    person: Person,
    where: View | Message,
    block: dict[str, Any],
    element: dict[str, Any],
    entered: Any,
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the entry of `actions`, and the state that it leaves if the element keeps one."""
    action = action_for(desk, block, element)
    if element["type"] == "overflow":
        return action | {"selected_option": find_option(element["options"], str(entered))}, None
    if element["type"] not in STATES:
        return action, None
    value = await value_of(desk, person, where, block["block_id"], element, entered)
    state = state_of(element, value)
    return action | state, state


def action_for(desk: StandIn, block: dict[str, Any], element: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        name: element[name] for name in ("text", "value", "style", "placeholder", "confirm") if name in element
    }
    if element["type"] in STATES:
        kept.pop("value", None)
    return {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": action_ts(desk),
        **kept,
    }


def message_for(desk: StandIn, person: Person, channel_id: str, ts: str) -> Message:
    """Return the message that the person sees under this channel and ts, their ephemeral ones included."""
    for message in desk.workspace.ephemerals_of(person.id, channel_id):
        if message.ts == ts:
            return message
    channel = desk.workspace.channel(channel_id)
    if ts not in channel.messages or (channel.kind != "public" and person.id not in channel.members):
        raise ActProblem(f"{person.real_name} sees no message {ts} in {channel.name or channel.id}.")
    return channel.messages[ts]
