"""The workspace as the control API and the page show it."""

from __future__ import annotations

from typing import Any

from sandbox.standin import StandIn
from sandbox.world.channels import Channel
from sandbox.world.messages import Message
from sandbox.world.people import Person
from sandbox.world.views import View


def shown_message(desk: StandIn, message: Message, viewer: Person | None = None) -> dict[str, Any]:
    """Return a message as a person sees it, with what only the sandbox knows beside it."""
    channel = desk.workspace.channels[message.channel_id]
    thread = [] if message.only_for else channel.replies(message.ts)
    return message.as_slack(with_metadata=True) | {
        "channel": message.channel_id,
        "thread_ts": message.thread_ts,
        "procedure_at": message.procedure_at,
        "ephemeral": message.only_for is not None,
        "in_channel": message.in_channel_list,
        "notified": message.notified,
        "reply_count": len(thread),
        "versions": len(message.earlier),
        "choices": message.choices.get(viewer.id, {}) if viewer else {},
    }


def messages_for(desk: StandIn, channel: Channel, viewer: Person | None, tail: int = 0) -> list[dict[str, Any]]:
    """Return the messages of a channel with the viewer's ephemeral ones, oldest first; with *tail*, the last."""
    messages = list(channel.messages.values())
    if viewer is not None:
        messages += desk.workspace.ephemerals_of(viewer.id, channel.id)
    ordered = sorted(messages, key=lambda each: each.ts)
    return [shown_message(desk, each, viewer) for each in ordered[-tail:]]


def shown_view(view: View | None) -> dict[str, Any] | None:
    if view is None:
        return None
    return view.as_slack() | {
        "errors": view.errors,
        "published": view.published,
        "trigger_id": view.trigger_id,
    }


def shown_channel(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "kind": channel.kind,
        "members": channel.members,
        "archived": channel.archived,
        "topic": channel.topic,
        "latest": next(reversed(channel.messages), None),
    }


def shown_person(person: Person) -> dict[str, Any]:
    names = (
        "id",
        "name",
        "real_name",
        "title",
        "locale",
        "tz",
        "deleted",
        "is_bot",
        "is_restricted",
        "email",
    )
    return {name: getattr(person, name) for name in names}


def shown_workspace(desk: StandIn) -> dict[str, Any]:
    workspace, app = desk.workspace, desk.workspace.app
    return {
        "team": workspace.team.as_slack(),
        "app": {
            "id": app.id,
            "name": app.name,
            "bot_user_id": app.bot_user_id,
            "description": app.description,
            "scopes": sorted(app.scopes),
            "bot_events": sorted(app.bot_events),
            "commands": list(app.commands.values()),
            "global_shortcuts": list(app.global_shortcuts.values()),
            "message_shortcuts": list(app.message_shortcuts.values()),
            "home_enabled": app.home_enabled,
            "messages_read_only": app.messages_read_only,
        },
        "mode": desk.settings.mode,
        "connections": len(desk.socket_mode.connections),
        "people": [shown_person(each) for each in workspace.people.values()],
        "channels": [shown_channel(each) for each in workspace.channels.values()],
        "direct": workspace.direct,
    }


def shown_clock(desk: StandIn) -> dict[str, Any]:
    return {
        "now": desk.procedure.now().isoformat(),
        "running": desk.procedure.running,
        "machine": desk.machine.now(),
        "machine_ahead": desk.machine.ahead,
    }


def everything(desk: StandIn) -> dict[str, Any]:
    """Return the full dump of the workspace."""
    workspace = desk.workspace
    return shown_workspace(desk) | {
        "clock": shown_clock(desk),
        "messages": {each.id: messages_for(desk, each, None) for each in workspace.channels.values()},
        "ephemerals": {
            member: [shown_message(desk, each) for each in all_] for member, all_ in workspace.ephemerals.items()
        },
        "modals": {member: [shown_view(each) for each in stack] for member, stack in workspace.modals.items()},
        "homes": {member: shown_view(view) for member, view in workspace.homes.items()},
        "files": {file.id: file.as_slack() | {"stored": file.content is not None} for file in workspace.files.values()},
        "faults": [each.as_json() for each in desk.faults.standing],
        "connections": len(desk.socket_mode.connections),
        "rate_limited": desk.limits.refused,
        "calls": desk.call_count,
        "deliveries": len(desk.dispatcher.deliveries),
    }
