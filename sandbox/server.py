"""The HTTP server: one port for Slack's API, Socket Mode, the control API and the page."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from sandbox.control.acting import Acting
from sandbox.control.answers import tell_problems
from sandbox.control.looking import Looking
from sandbox.control.steering import Steering
from sandbox.standin import StandIn
from sandbox.web_api.other_urls import OtherUrls
from sandbox.web_api.server import WebApi

PAGE = Path(__file__).parent / "page"
BODY_MOST = 64 * 1024 * 1024
POLICY = "default-src 'self'; img-src * data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def make_server(desk: StandIn) -> web.Application:
    server = web.Application(client_max_size=BODY_MOST, middlewares=[tell_problems])
    api, other = WebApi(desk), OtherUrls(desk)
    server.add_routes(
        [
            web.route("*", "/api/{method}", api.answer),
            web.get("/link/", desk.socket_mode.serve),
            web.post("/upload/v1/{key}", other.upload),
            web.get("/files-pri/{file}/{name}", other.download),
            web.get("/files-pri/{file}/download/{name}", other.download),
            web.get("/signin", other.sign_in),
            web.post("/respond/{team}/{key}", other.respond),
            *Looking(desk).routes(),
            *Acting(desk).routes(),
            *Steering(desk).routes(),
            web.get("/", _page),
            web.static("/page", PAGE),
        ]
    )
    return server


async def _page(_: web.Request) -> web.FileResponse:
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY}
    return web.FileResponse(PAGE / "index.html", headers=headers)
