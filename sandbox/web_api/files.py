"""files.*: the three steps of an upload, files.info and files.delete."""

from __future__ import annotations

from typing import Any

from sandbox.ids import new_id, secret
from sandbox.posting import post
from sandbox.problems import SlackProblem
from sandbox.standin import StandIn
from sandbox.web_api.call import Call, invalid, method
from sandbox.web_api.places import postable_channel
from sandbox.world.files import File

UPLOAD_CHANNELS_MOST = 100


@method("files.getUploadURLExternal", "files:write", tier=4)
def upload_url(call: Call) -> dict[str, Any]:
    if not call.text("filename") or not call.number("length", 0):
        raise SlackProblem("missing_argument")
    if len(call.text("alt_txt")) > 1_000:
        raise SlackProblem("alt_txt_too_large")
    file = new_file(call.desk, call.text("filename"), call.workspace.app.bot_user_id)
    file.length, file.alt_text = call.number("length", 0), call.text("alt_txt")
    key = secret()
    call.desk.upload_keys[key] = file.id
    return {"upload_url": f"{call.desk.base_url}/upload/v1/{key}", "file_id": file.id}


def new_file(desk: StandIn, name: str, owner_id: str) -> File:
    workspace = desk.workspace
    file = File(new_id("F"), name, owner_id, workspace.team.id, int(desk.machine.now()), desk.base_url)
    workspace.files[file.id] = file
    return file


def store_upload(desk: StandIn, key: str, content: bytes) -> str | None:
    """Store the bytes for an upload url; return why not, or None."""
    file = desk.workspace.files.get(desk.upload_keys.get(key, ""))
    if file is None:
        return "unknown upload url"
    if len(content) != file.length:
        return f"expected {file.length} bytes, got {len(content)}"
    file.content = content
    return None


@method("files.completeUploadExternal", "files:write", tier=4)
def complete(call: Call) -> dict[str, Any]:
    given = call.structure("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise invalid("missing required field: files")
    files = [_uploaded(call, each) for each in given]
    for channel_id in _targets(call):
        _share(call, channel_id, files)
    return {"files": [{"id": file.id, "title": file.title or file.name} | file.as_slack() for file in files]}


def _uploaded(call: Call, given: Any) -> File:
    file = call.workspace.files.get(str(given.get("id"))) if isinstance(given, dict) else None
    if file is None or file.content is None:
        raise SlackProblem("file_not_found")
    file.title, file.complete = given.get("title") or file.name, True
    return file


def _targets(call: Call) -> list[str]:
    listed = [each for each in call.text("channels").split(",") if each]
    one = call.text("channel_id")
    targets = ([one] if one else []) + listed
    if len(targets) > UPLOAD_CHANNELS_MOST:
        raise SlackProblem("invalid_channel")
    return targets


def _share(call: Call, channel_id: str, files: list[File]) -> None:
    channel = postable_channel(Call(call.desk, call.name, {"channel": channel_id}))
    call.desk.limits.check_post(channel.id, call.desk.machine.now())
    thread_ts = call.text("thread_ts") or None
    if thread_ts and thread_ts not in channel.messages:
        raise SlackProblem("invalid_thread_ts")
    shown = [file.as_slack() for file in files]
    blocks = call.structure("blocks", "invalid_blocks_format")
    bot = call.workspace.app.bot_user_id
    post(call.desk, channel, bot, call.text("initial_comment"), thread_ts=thread_ts, files=shown, blocks=blocks)


@method("files.info", "files:read", tier=4)
def info(call: Call) -> dict[str, Any]:
    file = call.workspace.files.get(call.needed("file"))
    if file is None or not may_see(call.desk, file):
        raise SlackProblem("file_not_found")
    return {"file": file.as_slack(), "comments": [], "response_metadata": {"next_cursor": ""}}


def may_see(desk: StandIn, file: File) -> bool:
    """Say whether the bot may see the file: its own, in one of its channels, or given to it in a modal."""
    bot = desk.workspace.app.bot_user_id
    shared_with_it = any(bot in desk.workspace.channels[each].members for each in file.shares)
    return file.owner_id == bot or shared_with_it or (not file.shares and file.complete)


@method("files.delete", "files:write", tier=3)
def delete(call: Call) -> dict[str, Any]:
    """Delete a file of the bot's own, as Slack lets an app do; messages keep a tombstone in its place."""
    file = call.workspace.files.get(call.needed("file"))
    if file is None or not may_see(call.desk, file):
        raise SlackProblem("file_not_found")
    if file.owner_id != call.workspace.app.bot_user_id:
        raise SlackProblem("cant_delete_file")
    del call.workspace.files[file.id]
    for channel_id, all_ts in file.shares.items():
        for ts in all_ts:
            _bury(call.workspace.channels[channel_id].messages.get(ts), file.id)
    return {}


def _bury(message: Any, file_id: str) -> None:
    if message is not None:
        message.files = [{"id": f["id"], "mode": "tombstone"} if f["id"] == file_id else f for f in message.files]
