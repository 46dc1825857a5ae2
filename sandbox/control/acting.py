"""The control API's acts: what a person types, presses, fills in, uploads."""

from __future__ import annotations

import base64
from typing import Any

from aiohttp import web

from sandbox.acts import clicks, commands, forms, membership, options, talking
from sandbox.control.answers import Handler, body_of
from sandbox.control.shown import shown_message, shown_view
from sandbox.problems import ActProblem
from sandbox.standin import StandIn
from sandbox.world.channels import Channel
from sandbox.world.people import Person
from sandbox.world.views import View


class Acting:
    """Everything under `/control/as/{member}/`; the member is named by id, name or real name."""

    def __init__(self, desk: StandIn):
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        acts: dict[str, Handler] = {
            "command": self.command,
            "shortcut": self.shortcut,
            "message-shortcut": self.message_shortcut,
            "home": self.open_home,
            "say": self.say,
            "upload": self.upload,
            "click": self.click,
            "stale-click": self.stale_click,
            "suggest": self.suggest,
            "join": self.join,
            "leave": self.leave,
            "home/click": self.home_click,
            "home/fill": self.home_fill,
            "view/click": self.view_click,
            "view/fill": self.view_fill,
            "view/submit": self.view_submit,
            "view/close": self.view_close,
        }
        return [web.post(f"/control/as/{{member}}/{name}", act) for name, act in acts.items()]

    def _person(self, request: web.Request) -> Person:
        person = self.desk.workspace.person(request.match_info["member"])
        if person.deleted:
            raise ActProblem(f"{person.real_name} is deactivated.")
        return person

    def _channel(self, person: Person, which: str | None) -> Channel:
        """Return the channel named, by default the direct conversation with the app."""
        if which in (None, "", "dm"):
            return self.desk.workspace.direct_channel(person.id)
        channel = self.desk.workspace.channel(str(which))
        if person.id not in channel.members and channel.kind != "public":
            raise ActProblem(f"{person.real_name} is not in {channel.name or channel.id}.")
        return channel

    def _view(self, person: Person, body: dict[str, Any]) -> View:
        """Return the view named by `view`, by default the top modal."""
        if not body.get("view"):
            return forms.top_view(self.desk, person)
        view = self.desk.workspace.view(body["view"])
        if view is None or view.owner_id != person.id:
            raise ActProblem(f"{person.real_name} does not see the view {body['view']} any more.")
        return view

    def _home(self, person: Person) -> View:
        home = self.desk.workspace.homes.get(person.id)
        if home is None:
            raise ActProblem(f"{person.real_name} has no Home tab yet.")
        return home

    async def command(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        if body.get("thread"):
            raise ActProblem(f"{body['command']} is not supported in threads. Sorry!")
        channel = self._channel(person, body.get("channel"))
        done = await commands.command(self.desk, person, body["command"], body.get("text") or "", channel)
        return web.json_response(done)

    async def shortcut(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        return web.json_response(await commands.global_shortcut(self.desk, person, body["callback_id"]))

    async def message_shortcut(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        channel = self._channel(person, body["channel"])
        message = clicks.message_for(self.desk, person, channel.id, body["ts"])
        done = await commands.message_shortcut(self.desk, person, body["callback_id"], channel, message)
        return web.json_response(done)

    async def open_home(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        return web.json_response(talking.open_home(self.desk, person, body.get("tab", "home")))

    async def say(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        channel = self._channel(person, body.get("channel"))
        message = talking.say(self.desk, person, channel, body["text"], body.get("thread"))
        return web.json_response({"ok": True, "message": shown_message(self.desk, message, person)})

    async def upload(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        channel, content = self._channel(person, body.get("channel")), base64.b64decode(body["base64"])
        message = talking.upload(
            self.desk,
            person,
            channel,
            body["name"],
            content,
            text=body.get("text", ""),
            thread_ts=body.get("thread"),
        )
        return web.json_response({"ok": True, "message": shown_message(self.desk, message, person)})

    async def click(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        channel = self._channel(person, body["channel"])
        message = clicks.message_for(self.desk, person, channel.id, body["ts"])
        done = await clicks.press_in_message(
            self.desk, person, message, body["what"], body.get("value"), block_id=body.get("block_id")
        )
        return web.json_response(done)

    async def stale_click(self, request: web.Request) -> web.Response:
        """Press a button of an earlier rendering: `blocks`, or `version` (0 is the first)."""
        person, body = self._person(request), await body_of(request)
        channel = self._channel(person, body["channel"])
        message = clicks.message_for(self.desk, person, channel.id, body["ts"])
        blocks = body.get("blocks")
        if blocks is None:
            if not message.earlier:
                raise ActProblem("This message has no earlier version.")
            blocks = message.earlier[body.get("version", 0)]["blocks"]
        done = await clicks.press_in_message(
            self.desk, person, message, body["what"], body.get("value"), old_blocks=blocks
        )
        return web.json_response(done)

    async def suggest(self, request: web.Request) -> web.Response:
        """Type into an external select, in the top modal, a Home tab or a message, and get the options."""
        person, body = self._person(request), await body_of(request)
        where: Any = (
            clicks.message_for(self.desk, person, body["channel"], body["ts"])
            if "ts" in body
            else self._view(person, body)
        )
        block, element = clicks.find_element(where.blocks, body["what"], body.get("block_id"))
        found = await options.suggested(self.desk, person, where, block["block_id"], element, body.get("query", ""))
        return web.json_response(found)

    async def join(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        membership.join(self.desk, self._channel(person, body["channel"]), person.id)
        return web.json_response({"ok": True})

    async def leave(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        membership.leave(self.desk, self._channel(person, body["channel"]), person.id)
        return web.json_response({"ok": True})

    async def home_click(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        done = await clicks.press_in_view(
            self.desk, person, self._home(person), body["what"], body.get("value"), body.get("block_id")
        )
        return web.json_response(done)

    async def home_fill(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        done = await forms.fill(
            self.desk, person, self._home(person), body["field"], body.get("value"), quiet=bool(body.get("quiet"))
        )
        return web.json_response(done)

    async def view_click(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        view = self._view(person, body)
        done = await clicks.press_in_view(
            self.desk, person, view, body["what"], body.get("value"), body.get("block_id")
        )
        return web.json_response(done)

    async def view_fill(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        view = self._view(person, body)
        done = await forms.fill(
            self.desk, person, view, body["field"], body.get("value"), quiet=bool(body.get("quiet"))
        )
        return web.json_response(done | {"view": shown_view(view)})

    async def view_submit(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        return web.json_response(await forms.submit(self.desk, person, self._view(person, body)))

    async def view_close(self, request: web.Request) -> web.Response:
        person, body = self._person(request), await body_of(request)
        return web.json_response(await forms.close(self.desk, person, all_of_them=bool(body.get("all"))))
