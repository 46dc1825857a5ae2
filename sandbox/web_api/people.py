"""users.*"""

from __future__ import annotations

from typing import Any

from sandbox.problems import SlackProblem
from sandbox.web_api.call import Call, method
from sandbox.web_api.conversations import listed_channels
from sandbox.web_api.paging import page_of
from sandbox.world.people import Person


@method("users.info", "users:read", tier=4)
def info(call: Call) -> dict[str, Any]:
    person = call.workspace.people.get(call.text("user"))
    if person is None:
        raise SlackProblem("user_not_found")
    return {"user": _shown(call, person)}


@method("users.list", "users:read", tier=2)
def list_(call: Call) -> dict[str, Any]:
    shown, after = page_of(call, list(call.workspace.people.values()), default=1000)
    return {
        "members": [_shown(call, each) for each in shown],
        "cache_ts": int(call.desk.machine.now()),
    } | after


@method("users.lookupByEmail", "users:read.email", tier=3)
def look_up(call: Call) -> dict[str, Any]:
    email = call.text("email").lower()
    for person in call.workspace.people.values():
        if email and person.email.lower() == email and not person.deleted:
            return {"user": _shown(call, person)}
    raise SlackProblem("users_not_found")


@method("users.conversations", tier=3)
def conversations(call: Call) -> dict[str, Any]:
    member_id = call.text("user") or call.workspace.app.bot_user_id
    if member_id not in call.workspace.people:
        raise SlackProblem("user_not_found")
    channels = [each for each in listed_channels(call) if member_id in each.members]
    shown, after = page_of(call, channels, default=100)
    return {"channels": [each.as_slack(call.workspace.app.bot_user_id) for each in shown]} | after


def _shown(call: Call, person: Person) -> dict[str, Any]:
    with_email = "users:read.email" in call.workspace.app.scopes
    return person.as_slack(with_locale=call.flag("include_locale"), with_email=with_email)
