"""Who comes and goes: channels, people, the app itself."""

from __future__ import annotations

from typing import Any

from sandbox.standin import StandIn
from sandbox.world.channels import Channel


def join(desk: StandIn, channel: Channel, member_id: str) -> None:
    if member_id not in channel.members:
        channel.members.append(member_id)
        desk.changes.tell("channel", channel=channel.id)
        desk.events.membership("member_joined_channel", channel, member_id)


def leave(desk: StandIn, channel: Channel, member_id: str) -> None:
    if member_id in channel.members:
        channel.members.remove(member_id)
        desk.changes.tell("channel", channel=channel.id)
        desk.events.membership("member_left_channel", channel, member_id)


def archive(desk: StandIn, channel: Channel, on: bool) -> None:
    channel.archived = on
    family = "channel" if channel.kind == "public" else "group"
    name = f"{family}_{'archive' if on else 'unarchive'}"
    desk.changes.tell("channel", channel=channel.id)
    desk.events.publish(name, {"type": name, "channel": channel.id, "event_ts": f"{desk.machine.now():.6f}"})


def deactivate(desk: StandIn, member_id: str, on: bool) -> None:
    person = desk.workspace.people[member_id]
    person.deleted = on
    event: dict[str, Any] = {
        "type": "user_change",
        "user": person.as_slack(),
        "cache_ts": int(desk.machine.now()),
    }
    desk.changes.tell("person", member=member_id)
    desk.events.publish("user_change", event | {"event_ts": f"{desk.machine.now():.6f}"})
