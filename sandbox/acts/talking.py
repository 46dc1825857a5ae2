"""What people write and upload, and opening the app's Home."""

from __future__ import annotations

from typing import Any

from sandbox.posting import post
from sandbox.problems import ActProblem
from sandbox.standin import StandIn
from sandbox.typing_words import as_typed
from sandbox.web_api.files import new_file
from sandbox.world.channels import Channel
from sandbox.world.messages import Message
from sandbox.world.people import Person


def say(desk: StandIn, person: Person, channel: Channel, text: str, thread_ts: str | None = None) -> Message:
    """Write a message as a person does."""
    _check_may_write(desk, person, channel)
    return post(desk, channel, person.id, as_typed(desk.workspace, text), thread_ts=_root(channel, thread_ts))


def upload(
    desk: StandIn, person: Person, channel: Channel, name: str, content: bytes, *,
    text: str = "", thread_ts: str | None = None,
) -> Message:  # fmt: skip
    """Put a file into a channel or a thread."""
    _check_may_write(desk, person, channel)
    file = new_file(desk, name, person.id)
    file.content, file.length, file.complete = content, len(content), True
    words, root = as_typed(desk.workspace, text), _root(channel, thread_ts)
    return post(desk, channel, person.id, words, thread_ts=root, files=[file.as_slack()])


def _check_may_write(desk: StandIn, person: Person, channel: Channel) -> None:
    if person.deleted:
        raise ActProblem(f"{person.real_name} is deactivated.")
    if person.id not in channel.members:
        raise ActProblem(f"{person.real_name} is not in {channel.name or channel.id}.")
    if channel.archived:
        raise ActProblem(f"#{channel.name} is archived.")
    if channel.is_direct and desk.workspace.app.messages_read_only:
        raise ActProblem("Sending messages to this app has been turned off.")


def _root(channel: Channel, thread_ts: str | None) -> str | None:
    if not thread_ts:
        return None
    if thread_ts not in channel.messages:
        raise ActProblem(f"There is no message {thread_ts} to reply to.")
    return channel.messages[thread_ts].thread_ts or thread_ts


def open_home(desk: StandIn, person: Person, tab: str = "home") -> dict[str, Any]:
    """Open the app's Home or its messages: the app hears `app_home_opened`."""
    channel = desk.workspace.direct_channel(person.id)
    event: dict[str, Any] = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": channel.id,
        "tab": tab,
        "event_ts": f"{desk.machine.now():.6f}",
    }
    known = desk.workspace.homes.get(person.id)
    if known is not None and tab == "home":
        event["view"] = known.as_slack()
    desk.events.publish("app_home_opened", event)
    return {
        "ok": True,
        "published": known.published if known else 0,
        "view": known.as_slack() if known else None,
    }
