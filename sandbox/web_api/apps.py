"""auth.test, apps.connections.open, team.info, bots.info."""

from __future__ import annotations

from typing import Any

from sandbox.problems import SlackProblem
from sandbox.web_api.call import Call, method


@method("api.test", token="bot")
def api_test(call: Call) -> dict[str, Any]:
    return {"args": call.arguments}


@method("auth.test")
def auth_test(call: Call) -> dict[str, Any]:
    workspace = call.workspace
    return {
        "url": f"https://{workspace.team.domain}.slack.com/",
        "team": workspace.team.name,
        "user": workspace.bot.name,
        "team_id": workspace.team.id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.app.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", tier=3, token="app")
def open_connection(call: Call) -> dict[str, Any]:
    desk = call.desk
    if desk.settings.mode != "socket":
        raise SlackProblem("forbidden_app")
    host = desk.base_url.removeprefix("http://")
    return {"url": f"ws://{host}/link/?ticket={desk.socket_mode.new_ticket()}&app_id={desk.workspace.app.id}"}


@method("team.info", "team:read", tier=3)
def team_info(call: Call) -> dict[str, Any]:
    return {"team": call.workspace.team.as_slack()}


@method("bots.info", "users:read", tier=3)
def bots_info(call: Call) -> dict[str, Any]:
    app = call.workspace.app
    if call.text("bot", app.bot_id) != app.bot_id:
        raise SlackProblem("bot_not_found")
    bot = {"id": app.bot_id, "deleted": False, "name": app.name, "updated": 1700000000, "app_id": app.id}
    return {"bot": bot | {"user_id": app.bot_user_id, "icons": {}}}
