"""What a person does with a modal: fill in, submit, close."""

from __future__ import annotations

from typing import Any

from sandbox.acts.clicks import action_for, send_view_action
from sandbox.acts.inputs import complaint_about, value_of
from sandbox.acts.payloads import base, error_word, outcome, response_url
from sandbox.delivery.answers import Answer, Delivery
from sandbox.modals import new_view, show_in
from sandbox.problems import ActProblem, SlackProblem
from sandbox.rules.views import STACK_MOST, check_view
from sandbox.standin import StandIn
from sandbox.world.inputs import elements_of, state_of, value_in
from sandbox.world.people import Person
from sandbox.world.views import View

TROUBLE = "We had some trouble connecting. Try again?"


def top_view(desk: StandIn, person: Person) -> View:
    stack = desk.workspace.modals.get(person.id)
    if not stack:
        raise ActProblem(f"{person.real_name} has no modal open.")
    return stack[-1]


def find_field(view: View, which: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the input whose block id, action id or label is *which*."""
    fields = list(elements_of(view.blocks))
    for block, element in fields:
        if which == block["block_id"]:
            return block, element
    for block, element in fields:
        if which in (element["action_id"], block.get("label", {}).get("text")):
            return block, element
    there = ", ".join(f"{block['block_id']} ({block.get('label', {}).get('text', '')})" for block, _ in fields)
    raise ActProblem(f"There is no field “{which}” in this form; there is: {there or 'none'}")


async def fill(
    desk: StandIn, person: Person, view: View, which: str, entered: Any, *, quiet: bool = False
) -> dict[str, Any]:
    """
    Enter a value; with `dispatch_action`, or outside an input block, the app is told at once.

    *quiet*: the person is still typing (Enter not pressed), so an input block tells nothing yet.
    """
    block, element = find_field(view, which)
    value = await value_of(desk, person, view, block["block_id"], element, entered)
    state = state_of(element, value)
    view.type_in(block["block_id"], element["action_id"], state)
    desk.changes.tell("typed", member=person.id, view=view.id)
    if block["type"] == "input" and (quiet or not block.get("dispatch_action")):
        return {"ok": True, "sent": False}
    return await send_view_action(desk, person, view, action_for(desk, block, element) | state) | {"sent": True}


async def submit(desk: StandIn, person: Person, view: View) -> dict[str, Any]:
    """Press the submit button; Slack's own checks come first and send nothing when they fail."""
    if errors := _own_complaints(view):
        view.errors = errors
        desk.changes.tell("view", member=person.id, view=view.id)
        return {"ok": False, "sent": False, "errors": errors, "response_action": None}
    trigger = desk.triggers.new(person.id, from_view=view.id)
    payload = base(desk, "view_submission", person)
    payload |= {
        "trigger_id": trigger.id,
        "view": view.as_slack(),
        "response_urls": _response_urls(desk, person, view),
    }
    delivery, answer = await desk.dispatcher.ask("interactive", payload)
    told = _trouble(view, error_word(answer)) if answer.problem else _follow(desk, person, view, answer, delivery)
    desk.changes.tell("view", member=person.id, view=view.id)
    return outcome(desk, person, delivery, answer, trigger) | {"sent": True} | told


def _own_complaints(view: View) -> dict[str, str]:
    errors = {}
    for block, element in elements_of(view.blocks):
        if block["type"] != "input":
            continue
        value = value_in(view.values[block["block_id"]][element["action_id"]])
        if complaint := complaint_about(element, value, optional=bool(block.get("optional"))):
            errors[block["block_id"]] = complaint
    return errors


def _response_urls(desk: StandIn, person: Person, view: View) -> list[dict[str, str]]:
    urls = []
    for block, element in elements_of(view.blocks):
        if element.get("response_url_enabled"):
            channel_id = value_in(view.values[block["block_id"]][element["action_id"]])
            if channel_id:
                url = response_url(desk, person, desk.workspace.channels[channel_id])
                ids = {
                    "block_id": block["block_id"],
                    "action_id": element["action_id"],
                    "channel_id": channel_id,
                }
                urls.append(ids | {"response_url": url})
    return urls


def _trouble(view: View, error: str | None) -> dict[str, Any]:
    """The person sees Slack's own words, and the modal stays as it is."""
    view.errors = {"": TROUBLE}
    return {"ok": False, "error": error, "errors": {}, "response_action": None, "shown": TROUBLE}


def _follow(desk: StandIn, person: Person, view: View, answer: Answer, delivery: Delivery) -> dict[str, Any]:
    """Do what the app's answer to the submission says."""
    body = answer.body if isinstance(answer.body, dict) else {}
    action = body.get("response_action")
    try:
        match action:
            case None:
                _take_off(desk, person, view)
            case "clear":
                desk.workspace.modals.pop(person.id, None)
            case "errors":
                return _show_errors(view, body.get("errors"))
            case "update" | "push":
                _show_answer(desk, person, view, action, body.get("view"))
            case _:
                raise SlackProblem("unknown response_action")
    except SlackProblem as problem:
        delivery.note = str(problem.answer())
        return _trouble(view, problem.code)
    return {"ok": True, "errors": {}, "response_action": action}


def _show_errors(view: View, errors: Any) -> dict[str, Any]:
    inputs = {block["block_id"] for block, _ in elements_of(view.blocks) if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or set(errors) - inputs:
        raise SlackProblem("errors must name input blocks of this view")
    view.errors = {block_id: str(words) for block_id, words in errors.items()}
    return {"ok": False, "errors": view.errors, "response_action": "errors"}


def _show_answer(desk: StandIn, person: Person, view: View, action: str, content: Any) -> None:
    check_view(content, "modal")
    stack = desk.workspace.modals.get(person.id, [])
    if action == "update":
        return show_in(desk, view, content)
    if len(stack) >= STACK_MOST:
        raise SlackProblem("push_limit_reached")
    stack.append(new_view(desk, person.id, content, on=view))


def _take_off(desk: StandIn, person: Person, view: View) -> None:
    stack = [each for each in desk.workspace.modals.get(person.id, []) if each is not view]
    desk.workspace.modals[person.id] = stack
    if not stack:
        del desk.workspace.modals[person.id]


async def close(desk: StandIn, person: Person, *, all_of_them: bool = False) -> dict[str, Any]:
    """Press Cancel (the top view), or the X (the whole stack, told as the root view)."""
    view, stack = top_view(desk, person), desk.workspace.modals[person.id]
    cleared = all_of_them or bool(view.content.get("clear_on_close"))
    named = stack[0] if cleared else view
    if cleared:
        del desk.workspace.modals[person.id]
    else:
        _take_off(desk, person, view)
    desk.changes.tell("view", member=person.id, view=view.id)
    if not named.content.get("notify_on_close"):
        return {"ok": True, "sent": False}
    payload = base(desk, "view_closed", person) | {"view": named.as_slack(), "is_cleared": cleared}
    delivery, answer = await desk.dispatcher.ask("interactive", payload)
    return outcome(desk, person, delivery, answer) | {"sent": True}
