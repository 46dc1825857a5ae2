"""Opens, changes and closes views; used by the Web API and by answers to submissions alike."""

from __future__ import annotations

from typing import Any

from sandbox.ids import new_id, short_id
from sandbox.standin import StandIn
from sandbox.world.inputs import values_for
from sandbox.world.views import View, with_ids


def new_view(desk: StandIn, member_id: str, content: dict[str, Any], on: View | None = None) -> View:
    """Return a view for a person, not yet on the stack; *on* is the view that it will cover."""
    content = {**content, "blocks": with_ids(content["blocks"])}
    view = View(
        id=new_id("V"),
        owner_id=member_id,
        type=content["type"],
        content=content,
        hash=new_hash(desk),
        app=desk.workspace.view_app,
        external_id=content.get("external_id") or "",
        values=values_for(content["blocks"], {}),
    )
    view.root_view_id = on.root_view_id if on else view.id
    view.previous_view_id = on.id if on else None
    return view


def show_in(desk: StandIn, view: View, content: dict[str, Any]) -> None:
    view.show({**content, "blocks": with_ids(content["blocks"])}, new_hash(desk))
    desk.changes.tell("view", member=view.owner_id, view=view.id)


def home_of(desk: StandIn, member_id: str, content: dict[str, Any]) -> View:
    """Publish a Home tab and return it; the view keeps its id."""
    home = desk.workspace.homes.get(member_id)
    if home is None:
        home = new_view(desk, member_id, content)
        desk.workspace.homes[member_id] = home
    else:
        home.published += 1
        home.show({**content, "blocks": with_ids(content["blocks"])}, new_hash(desk))
    desk.changes.tell("home", member=member_id)
    return home


def new_hash(desk: StandIn) -> str:
    return f"{int(desk.machine.now())}.{short_id()}{short_id()}"
