"""What Slack serves outside `/api`: upload urls, file downloads, response urls."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from sandbox.delivery.triggers import ResponseUrl
from sandbox.posting import post, show_only
from sandbox.problems import SlackProblem
from sandbox.rules.messages import check_message_blocks
from sandbox.standin import StandIn
from sandbox.web_api.files import may_see, store_upload
from sandbox.world.channels import Channel
from sandbox.world.messages import Message
from sandbox.world.views import with_ids


class OtherUrls:
    def __init__(self, desk: StandIn):
        self.desk = desk

    async def upload(self, request: web.Request) -> web.Response:
        content = await _uploaded_bytes(request)
        problem = store_upload(self.desk, request.match_info["key"], content)
        return web.Response(status=400, text=problem) if problem else web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Give the bytes to the bot's token; anybody else is sent to the sign-in page, as Slack does."""
        file = self.desk.workspace.files.get(request.match_info["file"].split("-", 1)[-1])
        if request.headers.get("Authorization") != f"Bearer {self.desk.settings.bot_token}" or self._may_not_read():
            raise web.HTTPFound("/signin")
        if file is None or file.content is None or not may_see(self.desk, file):
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type=file.mimetype)

    def _may_not_read(self) -> bool:
        revoked = self.desk.settings.bot_token in self.desk.revoked
        return revoked or "files:read" not in self.desk.workspace.app.scopes

    async def sign_in(self, _: web.Request) -> web.Response:
        return web.Response(text="<!DOCTYPE html><title>Sign in | Slack</title>", content_type="text/html")

    async def respond(self, request: web.Request) -> web.Response:
        """Take a message for a response url."""
        try:
            given = self.desk.response_urls.use(request.match_info["key"])
            respond(self.desk, given, await _json_body(request))
        except SlackProblem as problem:
            return web.json_response(problem.answer(), status=problem.status)
        return web.json_response({"ok": True})


async def _uploaded_bytes(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    async for part in await request.multipart():
        content: bytes = await part.read()  # type: ignore[union-attr]  # nothing is nested here
        return content
    return b""


async def _json_body(request: web.Request) -> dict[str, Any]:
    text = (await request.post()).get("payload") if "form" in request.content_type else await request.text()
    try:
        body = json.loads(str(text))
    except ValueError:
        raise SlackProblem("invalid_payload", status=400) from None
    if not isinstance(body, dict):
        raise SlackProblem("invalid_payload", status=400)
    return body


def respond(desk: StandIn, given: ResponseUrl, body: dict[str, Any]) -> None:
    """
    Show what the app answered through a response url, or in the ack of a command.

    Raises:
        SlackProblem: there is nothing to show, or its blocks are refused.
    """
    channel = desk.workspace.channels[given.channel_id]
    original = _original(desk, given, channel)
    if body.get("delete_original") and original is not None:
        return _delete(desk, channel, original)
    text, blocks = str(body.get("text") or ""), body.get("blocks")
    if not text and not blocks and not body.get("attachments"):
        raise SlackProblem("no_text", status=400)
    if blocks is not None:
        check_message_blocks(blocks)
    if body.get("replace_original") and original is not None:
        return _replace(desk, channel, original, text, blocks)
    bot, thread_ts = desk.workspace.app.bot_user_id, body.get("thread_ts") or given.thread_ts
    if body.get("response_type") == "in_channel":
        post(desk, channel, bot, text, blocks=blocks, thread_ts=body.get("thread_ts"))
    else:
        show_only(desk, given.member_id, channel, bot, text, blocks=blocks, thread_ts=thread_ts)


def _original(desk: StandIn, given: ResponseUrl, channel: Channel) -> Message | None:
    if given.message_ts is None:
        return None
    for message in desk.workspace.ephemerals_of(given.member_id, channel.id):
        if message.ts == given.message_ts:
            return message
    return channel.messages.get(given.message_ts)


def _delete(desk: StandIn, channel: Channel, message: Message) -> None:
    if message.only_for:
        desk.workspace.ephemerals[message.only_for].remove(message)
        desk.changes.tell("ephemeral", channel=channel.id, member=message.only_for, ts=message.ts)
    else:
        channel.remove(message)
        desk.changes.tell("message", channel=channel.id, ts=message.ts)
        desk.events.message_deleted(channel, message)


def _replace(desk: StandIn, channel: Channel, message: Message, text: str, blocks: Any) -> None:
    before = message.as_slack()
    message.keep_version()
    message.text, message.blocks = text, with_ids(blocks) if blocks else None
    if message.only_for:
        desk.changes.tell("ephemeral", channel=channel.id, member=message.only_for, ts=message.ts)
    else:
        desk.changes.tell("message", channel=channel.id, ts=message.ts)
        desk.events.message_changed(channel, message, before)
