"""reactions.add"""

from __future__ import annotations

from typing import Any

from sandbox.problems import SlackProblem
from sandbox.web_api.call import Call, method
from sandbox.web_api.places import postable_channel


@method("reactions.add", "reactions:write", tier=3)
def add(call: Call) -> dict[str, Any]:
    channel = postable_channel(call)
    message = channel.messages.get(call.text("timestamp"))
    if message is None:
        raise SlackProblem("message_not_found")
    name, bot = call.needed("name").strip(":"), call.workspace.app.bot_user_id
    if bot in message.reactions.get(name, ()):
        raise SlackProblem("already_reacted")
    message.reactions.setdefault(name, []).append(bot)
    call.desk.changes.tell("message", channel=channel.id, ts=message.ts)
    return {}
