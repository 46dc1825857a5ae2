"""Which channels a call may see, read and post to."""

from __future__ import annotations

from sandbox.problems import SlackProblem
from sandbox.web_api.call import Call
from sandbox.world.channels import Channel

_FAMILY = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}


def scope_family(channel: Channel) -> str:
    return _FAMILY[channel.kind]


def visible_channel(call: Call, name: str = "channel") -> Channel:
    """
    Return the channel that the argument *name* means: any public one, others only if the bot is a member.

    Raises:
        SlackProblem: `channel_not_found`.
    """
    channel = call.workspace.channels.get(call.text(name))
    if channel is None or (channel.kind != "public" and call.workspace.app.bot_user_id not in channel.members):
        raise SlackProblem("channel_not_found")
    return channel


def readable_channel(call: Call) -> Channel:
    """Return a channel whose messages the bot may read: it must be a member and have the `:history` scope."""
    channel = visible_channel(call)
    call.need_scope(f"{scope_family(channel)}:history")
    if call.workspace.app.bot_user_id not in channel.members:
        raise SlackProblem("not_in_channel")
    return channel


def postable_channel(call: Call) -> Channel:
    """
    Return the channel to post to; a member id means the direct conversation, a #name that channel.

    Raises:
        SlackProblem: `channel_not_found`, `is_archived`, `not_in_channel`.
    """
    channel = _named_channel(call)
    bot = call.workspace.app.bot_user_id
    if channel is None or (channel.kind != "public" and bot not in channel.members):
        raise SlackProblem("channel_not_found")
    if channel.archived:
        raise SlackProblem("is_archived")
    if bot not in channel.members and "chat:write.public" not in call.workspace.app.scopes:
        raise SlackProblem("not_in_channel")
    return channel


def _named_channel(call: Call) -> Channel | None:
    name, workspace = call.text("channel"), call.workspace
    person = workspace.people.get(name)
    if person is not None:
        if person.is_bot:
            raise SlackProblem("cannot_dm_bot")
        return workspace.direct_channel(person.id)
    if name in workspace.channels:
        return workspace.channels[name]
    return next((each for each in workspace.channels.values() if each.name and each.name == name.lstrip("#")), None)
