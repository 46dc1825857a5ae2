"""The control API's questions: state, messages, views, calls, deliveries, changes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from sandbox.control.shown import (
    everything,
    messages_for,
    shown_channel,
    shown_clock,
    shown_message,
    shown_view,
    shown_workspace,
)  # fmt: skip
from sandbox.problems import ActProblem
from sandbox.standin import StandIn
from sandbox.world.people import Person

WAIT_MOST_SECONDS = 30.0


class Looking:
    def __init__(self, desk: StandIn):
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/workspace", self.workspace),
            web.get("/control/state", self.state),
            web.get("/control/calls", self.calls),
            web.get("/control/deliveries", self.deliveries),
            web.get("/control/changes", self.changes),
            web.get("/control/stream", self.stream),
            web.get("/control/channels/{channel}/messages", self.messages),
            web.get("/control/triggers/{trigger}", self.trigger),
            web.get("/control/files/{file}", self.file),
            web.get("/control/as/{member}/view", self.view),
            web.get("/control/as/{member}/home", self.home),
            web.get("/control/as/{member}/ephemerals", self.ephemerals),
            web.get("/control/as/{member}/dms", self.dms),
            web.get("/control/as/{member}", self.person),
        ]

    def _person(self, request: web.Request) -> Person:
        return self.desk.workspace.person(request.match_info["member"])

    async def workspace(self, _: web.Request) -> web.Response:
        return web.json_response(shown_workspace(self.desk) | {"clock": shown_clock(self.desk)})

    async def state(self, _: web.Request) -> web.Response:
        return web.json_response(everything(self.desk))

    async def calls(self, request: web.Request) -> web.Response:
        """List the API calls after `after`, of `method` if given."""
        after, method = int(request.query.get("after", 0)), request.query.get("method")
        chosen = [each for each in self.desk.calls if each["seq"] > after and method in (None, each["method"])]
        return web.json_response({"calls": chosen, "last": self.desk.call_count})

    async def deliveries(self, request: web.Request) -> web.Response:
        """List the deliveries after `after`, of `kind` if given, with each attempt and the app's answer."""
        after, kind = int(request.query.get("after", 0)), request.query.get("kind")
        with_payload = request.query.get("payload", "1") == "1"
        chosen = [each for each in self.desk.dispatcher.deliveries if each.seq > after and kind in (None, each.kind)]
        return web.json_response({"deliveries": [each.as_json(with_payload=with_payload) for each in chosen]})

    async def changes(self, request: web.Request) -> web.Response:
        """Wait up to `timeout` seconds for a change after `after`."""
        after = int(request.query.get("after", self.desk.changes.seq))
        wait = min(float(request.query.get("timeout", 0)), WAIT_MOST_SECONDS)
        changes = await self.desk.changes.wait_after(after, wait)
        return web.json_response({"seq": self.desk.changes.seq, "changes": changes})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send each change as a Server-Sent Event, for the page."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await response.prepare(request)
        seq = self.desk.changes.seq
        try:
            while True:
                changes = await self.desk.changes.wait_after(seq, 15.0)
                seq = self.desk.changes.seq
                text = "".join(f"data: {json.dumps(each)}\n\n" for each in changes) or ": still here\n\n"
                await response.write(text.encode())
        except (ConnectionError, asyncio.CancelledError):
            return response

    async def messages(self, request: web.Request) -> web.Response:
        """List a channel's messages; with `as`, as that person sees it; with `tail`, only the last ones."""
        channel = self.desk.workspace.channel(request.match_info["channel"])
        viewer = self.desk.workspace.person(request.query["as"]) if "as" in request.query else None
        if viewer and channel.kind != "public" and viewer.id not in channel.members:
            raise ActProblem(f"{viewer.real_name} is not in this conversation.")
        shown = messages_for(self.desk, channel, viewer, int(request.query.get("tail", 0)))
        return web.json_response({"channel": shown_channel(channel), "messages": shown})

    async def trigger(self, request: web.Request) -> web.Response:
        trigger = self.desk.triggers.given.get(request.match_info["trigger"])
        view = self.desk.workspace.view(trigger.view_id) if trigger and trigger.view_id else None
        return web.json_response({"used": bool(trigger and trigger.used), "view": shown_view(view)})

    async def file(self, request: web.Request) -> web.Response:
        file = self.desk.workspace.files.get(request.match_info["file"])
        if file is None or file.content is None:
            raise web.HTTPNotFound
        headers = {"Content-Disposition": "inline", "Content-Security-Policy": "sandbox"}
        return web.Response(body=file.content, content_type=file.mimetype, headers=headers)

    async def view(self, request: web.Request) -> web.Response:
        stack = self.desk.workspace.modals.get(self._person(request).id, [])
        top = stack[-1] if stack else None
        return web.json_response({"view": shown_view(top), "depth": len(stack)})

    async def home(self, request: web.Request) -> web.Response:
        return web.json_response({"view": shown_view(self.desk.workspace.homes.get(self._person(request).id))})

    async def ephemerals(self, request: web.Request) -> web.Response:
        person = self._person(request)
        which = request.query.get("channel")
        channel_id = self.desk.workspace.channel(which).id if which else None
        mine = self.desk.workspace.ephemerals_of(person.id, channel_id)
        return web.json_response({"messages": [shown_message(self.desk, each, person) for each in mine]})

    async def dms(self, request: web.Request) -> web.Response:
        person = self._person(request)
        channel = self.desk.workspace.direct_channel(person.id)
        return web.json_response({"channel": channel.id, "messages": messages_for(self.desk, channel, person)})

    async def person(self, request: web.Request) -> web.Response:
        person = self._person(request)
        answer: dict[str, Any] = {"id": person.id, "name": person.name, "real_name": person.real_name}
        return web.json_response(answer | {"dm": self.desk.workspace.direct_channel(person.id).id})
