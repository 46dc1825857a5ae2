"""chat.*: posting, updating, deleting, permalinks."""

from __future__ import annotations

from typing import Any

from sandbox.posting import post, show_only
from sandbox.problems import SlackProblem
from sandbox.rules.messages import (
    ATTACHMENTS_MOST,
    MARKDOWN_MOST,
    TEXT_MOST,
    UPDATE_TEXT_MOST,
    check_message_blocks,
    check_metadata,
)  # fmt: skip
from sandbox.web_api.call import Call, method
from sandbox.web_api.places import postable_channel, visible_channel
from sandbox.world.channels import Channel
from sandbox.world.messages import Message
from sandbox.world.views import with_ids


@method("chat.postMessage", "chat:write", "chat:write.public")
def post_message(call: Call) -> dict[str, Any]:
    channel = postable_channel(call)
    call.desk.limits.check_post(channel.id, call.desk.machine.now())
    content = _content(call)
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata:
        check_metadata(metadata)
    text = content.pop("text")
    message = post(
        call.desk,
        channel,
        call.workspace.app.bot_user_id,
        text[:TEXT_MOST],
        thread_ts=_thread(call, channel),
        broadcast=call.flag("reply_broadcast"),
        metadata=metadata or None,
        **content,
    )
    answer = {"channel": channel.id, "ts": message.ts, "message": message.as_slack(with_metadata=True)}
    if len(text) > TEXT_MOST:
        answer |= {"warning": "message_truncated", "response_metadata": {"warnings": ["message_truncated"]}}
    return answer


@method("chat.postEphemeral", "chat:write", tier=4)
def post_ephemeral(call: Call) -> dict[str, Any]:
    channel = postable_channel(call)
    person = call.workspace.people.get(call.text("user"))
    if person is None or person.deleted or person.id not in channel.members:
        raise SlackProblem("user_not_in_channel")
    content = _content(call)
    author = call.workspace.app.bot_user_id
    text = content.pop("text")[:TEXT_MOST]
    message = show_only(
        call.desk, person.id, channel, author, text, thread_ts=call.text("thread_ts") or None, **content
    )
    return {"message_ts": message.ts}


@method("chat.update", "chat:write", tier=3)
def update(call: Call) -> dict[str, Any]:
    channel, message = _own_message(call, "cant_update_message")
    if channel.archived:
        raise SlackProblem("is_archived")
    if len(call.text("text")) > UPDATE_TEXT_MOST:
        raise SlackProblem("msg_too_long")
    content = _content(call, may_be_empty=call.arguments.get("blocks") is not None)
    before = message.as_slack(with_metadata=True)
    message.keep_version()
    _change(call, message, content)
    call.desk.changes.tell("message", channel=channel.id, ts=message.ts)
    call.desk.events.message_changed(channel, message, before)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": message.as_slack(with_metadata=True),
    }


def _change(call: Call, message: Message, content: dict[str, Any]) -> None:
    """Change what was given; blocks, attachments and metadata that were not given stay, empty ones go."""
    if call.arguments.get("text") is not None:
        message.text = content["text"]
    if content.get("blocks") is not None:
        message.blocks = with_ids(content["blocks"]) or None
    if content.get("attachments") is not None:
        message.attachments = content["attachments"] or None
    metadata = call.structure("metadata", "invalid_metadata_format")
    if metadata is not None:
        if metadata:
            check_metadata(metadata)
        message.metadata = metadata or None
    message.edited = {"user": message.author_id, "ts": f"{call.desk.machine.now():.6f}"}


@method("chat.delete", "chat:write", tier=3)
def delete(call: Call) -> dict[str, Any]:
    channel, message = _own_message(call, "cant_delete_message")
    channel.remove(message)
    call.desk.changes.tell("message", channel=channel.id, ts=message.ts)
    call.desk.events.message_deleted(channel, message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink")
def permalink(call: Call) -> dict[str, Any]:
    channel = visible_channel(call)
    message = channel.messages.get(call.text("message_ts"))
    if message is None:
        raise SlackProblem("message_not_found")
    link = f"https://{call.workspace.team.domain}.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.thread_ts:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _content(call: Call, *, may_be_empty: bool = False) -> dict[str, Any]:
    """Return text, blocks and attachments of the call, checked."""
    text, markdown = call.text("text"), call.text("markdown_text")
    blocks = call.structure("blocks", "invalid_blocks_format")
    attachments = call.structure("attachments", "invalid_attachments")
    if markdown and (text or blocks):
        raise SlackProblem("markdown_text_conflict")
    if len(markdown) > MARKDOWN_MOST:
        raise SlackProblem("msg_too_long")
    if blocks is not None:
        if not isinstance(blocks, list):
            raise SlackProblem("invalid_blocks_format")
        check_message_blocks(blocks)
    if len(attachments or ()) > ATTACHMENTS_MOST:
        raise SlackProblem("too_many_attachments")
    if not (text.strip() or markdown or blocks or attachments or may_be_empty):
        raise SlackProblem("no_text")
    return {"text": text or markdown, "blocks": blocks, "attachments": attachments}


def _thread(call: Call, channel: Channel) -> str | None:
    """Return the root of the thread to reply in; a reply's own ts leads to its root."""
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return None
    root = channel.messages.get(thread_ts)
    if root is None:
        raise SlackProblem("cannot_reply_to_message")
    return root.thread_ts or root.ts


def _own_message(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = visible_channel(call)
    message = channel.messages.get(call.text("ts"))
    if message is None:
        raise SlackProblem("message_not_found")
    if message.author_id != call.workspace.app.bot_user_id:
        raise SlackProblem(refusal)
    return channel, message
