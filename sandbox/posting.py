"""Puts a message into a channel, whoever wrote it, and tells everyone who has to know."""

from __future__ import annotations

import re
from typing import Any

from sandbox.standin import StandIn
from sandbox.world.channels import Channel
from sandbox.world.messages import Message
from sandbox.world.views import with_ids

_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")
_EVERYONE = re.compile(r"<!(channel|here|everyone)(?:\|[^>]*)?>")


def new_message(desk: StandIn, channel: Channel, author_id: str, text: str, **rest: Any) -> Message:
    """Return a message that is not yet in the channel, with its own `ts` and the procedure's instant."""
    workspace = desk.workspace
    blocks = rest.pop("blocks", None)
    return Message(
        channel_id=channel.id,
        ts=channel.next_ts(desk.machine.now()),
        author_id=author_id,
        text=text,
        procedure_at=desk.procedure.now().isoformat(),
        team_id=workspace.team.id,
        bot=bot_profile(desk) if author_id == workspace.app.bot_user_id else None,
        blocks=with_ids(blocks) if blocks else None,
        **rest,
    )


def post(desk: StandIn, channel: Channel, author_id: str, text: str, **rest: Any) -> Message:
    message = new_message(desk, channel, author_id, text, **rest)
    channel.add(message)
    message.notified = notified_by(desk, channel, message)
    files = [desk.workspace.files[file["id"]] for file in message.files]
    for file in files:
        file.share(channel.id, message.ts)
    message.files = [file.as_slack() for file in files]
    desk.changes.tell("message", channel=channel.id, ts=message.ts, new=True, notified=message.notified)
    desk.events.message_posted(channel, message)
    return message


def show_only(desk: StandIn, member_id: str, channel: Channel, author_id: str, text: str, **rest: Any) -> Message:
    """Show an ephemeral message to one person."""
    message = new_message(desk, channel, author_id, text, only_for=member_id, **rest)
    desk.workspace.ephemerals.setdefault(member_id, []).append(message)
    desk.changes.tell("ephemeral", channel=channel.id, member=member_id, ts=message.ts)
    return message


def bot_profile(desk: StandIn) -> dict[str, Any]:
    app = desk.workspace.app
    return {
        "id": app.bot_id,
        "app_id": app.id,
        "name": app.name,
        "deleted": False,
        "team_id": desk.workspace.team.id,
    }


def notified_by(desk: StandIn, channel: Channel, message: Message) -> list[str]:
    """Return who is notified: mentioned members, everyone in a direct message, the thread's people."""
    words = words_of(message)
    told = set(_MENTION.findall(words))
    if _EVERYONE.search(words) or channel.kind in ("im", "mpim"):
        told |= set(channel.members)
    if message.thread_ts:
        told |= {each.author_id for each in channel.replies(message.thread_ts)}
        root = channel.messages.get(message.thread_ts)
        told |= {root.author_id} if root else set()
    told &= set(channel.members) - {message.author_id, desk.workspace.app.bot_user_id}
    return sorted(each for each in told if not desk.workspace.people[each].deleted)


def words_of(message: Message) -> str:
    """Return the text of a message and of its blocks in one string."""
    return " ".join([message.text, *_texts(message.blocks or [])])


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for each in part for text in _texts(each)]
    if not isinstance(part, dict):
        return []
    if part.get("type") == "user" and "user_id" in part:
        return [f"<@{part['user_id']}>"]
    found = [part["text"]] if isinstance(part.get("text"), str) else []
    return found + [text for name, each in part.items() if name != "value" for text in _texts(each)]
