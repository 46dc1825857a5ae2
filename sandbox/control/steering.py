"""The control API's levers: clocks, faults, the events URL, re-delivery."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from sandbox.acts import membership
from sandbox.clocks import next_working_morning, read_duration
from sandbox.control.answers import body_of
from sandbox.control.shown import shown_clock
from sandbox.faults import KINDS
from sandbox.problems import ActProblem
from sandbox.standin import StandIn


class Steering:
    def __init__(self, desk: StandIn):
        self.desk = desk

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/control/clock", self.clock),
            web.post("/control/clock", self.move_clock),
            web.get("/control/machine-clock", self.clock),
            web.post("/control/machine-clock", self.move_machine_clock),
            web.get("/control/faults", self.faults),
            web.post("/control/faults", self.add_fault),
            web.delete("/control/faults", self.clear_faults),
            web.delete("/control/faults/{id}", self.clear_faults),
            web.post("/control/events-url", self.set_events_url),
            web.post("/control/redeliver", self.redeliver),
        ]

    async def clock(self, _: web.Request) -> web.Response:
        return web.json_response(shown_clock(self.desk))

    async def move_clock(self, request: web.Request) -> web.Response:
        """Set, advance, run or stop the procedure clock, or move it to the next working morning in a zone."""
        body, clock = await body_of(request), self.desk.procedure
        if "set" in body:
            clock.set(datetime.fromisoformat(body["set"]))
        if "advance" in body:
            clock.advance(read_duration(body["advance"]))
        if "next_working_morning" in body:
            zone = ZoneInfo(body["next_working_morning"] or "UTC")
            clock.set(next_working_morning(clock.now().astimezone(zone)))
        if "run" in body:
            clock.run(bool(body["run"]))
            self.desk.changes.tell("clock")
        return web.json_response(shown_clock(self.desk))

    async def move_machine_clock(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        self.desk.machine.advance(read_duration(body["advance"]).total_seconds())
        return web.json_response(shown_clock(self.desk))

    async def faults(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "faults": [each.as_json() for each in self.desk.faults.standing],
                "kinds": sorted(KINDS | set(ONCE)),
            }
        )

    async def add_fault(self, request: web.Request) -> web.Response:
        """Set a standing fault, or do one thing at once."""
        body = await body_of(request)
        kind = body.get("kind")
        if kind in ONCE:
            return web.json_response({"ok": True, "done": await ONCE[kind](self.desk, body)})
        return web.json_response({"ok": True, **self.desk.faults.add(**body).as_json()})

    async def clear_faults(self, request: web.Request) -> web.Response:
        number = request.match_info.get("id")
        self.desk.faults.clear(int(number) if number else None)
        self.desk.dispatcher.release()
        return web.json_response({"ok": True})

    async def set_events_url(self, request: web.Request) -> web.Response:
        """Save the request URL after it has echoed the challenge, unless `verify` is false."""
        body = await body_of(request)
        if body.get("verify", True) and not await self.desk.http.verify(body["url"]):
            raise ActProblem("Your URL didn't respond with the value of the challenge parameter.")
        self.desk.http.url = body["url"]
        return web.json_response({"ok": True, "url": body["url"]})

    async def redeliver(self, request: web.Request) -> web.Response:
        """Deliver a payload once more: `delivery` is its number, or “last” (of `kind`, if given)."""
        body = await body_of(request)
        kind, which = body.get("kind"), body.get("delivery", "last")
        fitting = [each for each in self.desk.dispatcher.deliveries if kind in (None, each.kind)]
        if which != "last":
            fitting = [each for each in fitting if each.seq == which]
        if not fitting:
            raise ActProblem("There is no such delivery.")
        self.desk.dispatcher.again(fitting[-1])
        return web.json_response({"ok": True, "delivery": fitting[-1].seq})


async def _drop_sockets(desk: StandIn, _: dict[str, Any]) -> Any:
    return await desk.socket_mode.drop()


async def _disconnect(desk: StandIn, body: dict[str, Any]) -> Any:
    await desk.socket_mode.ask_to_leave(body.get("reason", "refresh_requested"))
    return True


async def _revoke_token(desk: StandIn, body: dict[str, Any]) -> Any:
    desk.revoked.add(_token(desk, body))
    return True


async def _restore_token(desk: StandIn, body: dict[str, Any]) -> Any:
    desk.revoked.discard(_token(desk, body))
    return True


def _token(desk: StandIn, body: dict[str, Any]) -> str:
    return desk.settings.app_token if body.get("token") == "app" else desk.settings.bot_token


async def _archive(desk: StandIn, body: dict[str, Any]) -> Any:
    membership.archive(desk, desk.workspace.channel(body["channel"]), on=True)
    return True


async def _unarchive(desk: StandIn, body: dict[str, Any]) -> Any:
    membership.archive(desk, desk.workspace.channel(body["channel"]), on=False)
    return True


async def _remove_bot(desk: StandIn, body: dict[str, Any]) -> Any:
    membership.leave(desk, desk.workspace.channel(body["channel"]), desk.workspace.app.bot_user_id)
    return True


async def _add_bot(desk: StandIn, body: dict[str, Any]) -> Any:
    membership.join(desk, desk.workspace.channel(body["channel"]), desk.workspace.app.bot_user_id)
    return True


async def _deactivate(desk: StandIn, body: dict[str, Any]) -> Any:
    membership.deactivate(desk, desk.workspace.person(body["member"]).id, on=True)
    return True


async def _reactivate(desk: StandIn, body: dict[str, Any]) -> Any:
    membership.deactivate(desk, desk.workspace.person(body["member"]).id, on=False)
    return True


async def _remove_scope(desk: StandIn, body: dict[str, Any]) -> Any:
    desk.workspace.app.scopes.discard(body["scope"])
    return sorted(desk.workspace.app.scopes)


async def _add_scope(desk: StandIn, body: dict[str, Any]) -> Any:
    desk.workspace.app.scopes.add(body["scope"])
    return sorted(desk.workspace.app.scopes)


async def _delete_file(desk: StandIn, body: dict[str, Any]) -> Any:
    """Delete the newest file of that name, as its owner may at any time."""
    for file in reversed(list(desk.workspace.files.values())):
        if file.name == body["name"]:
            del desk.workspace.files[file.id]
            return file.id
    raise ActProblem(f"There is no file “{body['name']}”.")


ONCE = {
    "delete_file": _delete_file,
    "drop_sockets": _drop_sockets,
    "disconnect": _disconnect,
    "revoke_token": _revoke_token,
    "restore_token": _restore_token,
    "archive_channel": _archive,
    "unarchive_channel": _unarchive,
    "remove_bot": _remove_bot,
    "add_bot": _add_bot,
    "deactivate_person": _deactivate,
    "reactivate_person": _reactivate,
    "remove_scope": _remove_scope,
    "add_scope": _add_scope,
}
