"""views.*: modals and Home tabs."""

from __future__ import annotations

from typing import Any

from sandbox.modals import home_of, new_view, show_in
from sandbox.problems import SlackProblem
from sandbox.rules.views import STACK_MOST, check_view
from sandbox.web_api.call import Call, invalid, method
from sandbox.world.views import View


@method("views.open", tier=4)
def open_(call: Call) -> dict[str, Any]:
    content = _checked(call, "modal")
    trigger = call.desk.triggers.exchange(call.needed("trigger_id"))
    view = new_view(call.desk, trigger.member_id, content)
    view.trigger_id, trigger.view_id = trigger.id, view.id
    call.workspace.modals[trigger.member_id] = [view]
    call.desk.changes.tell("view", member=trigger.member_id, view=view.id)
    return {"view": view.as_slack()}


@method("views.push", tier=4)
def push(call: Call) -> dict[str, Any]:
    content = _checked(call, "modal")
    trigger = call.desk.triggers.exchange(call.needed("trigger_id"))
    stack = call.workspace.modals.get(trigger.member_id, [])
    if trigger.from_view is None or not any(view.id == trigger.from_view for view in stack):
        raise SlackProblem("not_found")
    if len(stack) >= STACK_MOST:
        raise SlackProblem("push_limit_reached")
    view = new_view(call.desk, trigger.member_id, content, on=stack[-1])
    view.trigger_id, trigger.view_id = trigger.id, view.id
    stack.append(view)
    call.desk.changes.tell("view", member=trigger.member_id, view=view.id)
    return {"view": view.as_slack()}


@method("views.update", tier=4)
def update(call: Call) -> dict[str, Any]:
    view = _named_view(call)
    content = _checked(call, view.type, but=view)
    _check_hash(call, view)
    show_in(call.desk, view, content)
    return {"view": view.as_slack()}


@method("views.publish", tier=4)
def publish(call: Call) -> dict[str, Any]:
    if not call.workspace.app.home_enabled:
        raise SlackProblem("not_enabled")
    person = call.workspace.people.get(call.needed("user_id"))
    if person is None or person.is_bot:
        raise SlackProblem("user_not_found")
    known = call.workspace.homes.get(person.id)
    content = _checked(call, "home", but=known)
    if known is not None:
        _check_hash(call, known)
    return {"view": home_of(call.desk, person.id, content).as_slack()}


def _checked(call: Call, surface: str, but: View | None = None) -> dict[str, Any]:
    """Return the view of the call, checked; its external id must not belong to a view other than *but*."""
    view = call.structure("view", "invalid_arguments")
    if view is None:
        raise invalid("missing required field: view")
    check_view(view, surface)
    external_id = view.get("external_id")
    if external_id and any(each.external_id == external_id and each is not but for each in call.workspace.views()):
        raise SlackProblem("duplicate_external_id")
    checked: dict[str, Any] = view
    return checked


def _check_hash(call: Call, view: View) -> None:
    if call.text("hash") and call.text("hash") != view.hash:
        raise SlackProblem("hash_conflict")


def _named_view(call: Call) -> View:
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if bool(view_id) == bool(external_id):
        raise invalid("exactly one of view_id and external_id is required")
    for view in call.workspace.views():
        if view_id == view.id or (external_id and external_id == view.external_id):
            return view
    raise SlackProblem("not_found")
