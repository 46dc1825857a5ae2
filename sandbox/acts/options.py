"""Options of menus: those in the element, and those that the app suggests."""

from __future__ import annotations

from typing import Any

from sandbox.acts.payloads import base, channel_part, message_container, view_container
from sandbox.problems import ActProblem
from sandbox.rules.composition import OPTIONS_MOST, option, option_group
from sandbox.rules.shapes import Report, items
from sandbox.standin import StandIn
from sandbox.world.messages import Message
from sandbox.world.people import Person
from sandbox.world.views import View

Option = dict[str, Any]


def options_in(element: dict[str, Any]) -> list[Option]:
    """Return all options of an element or of an answer to a suggestion, grouped ones too."""
    grouped = [each for group in element.get("option_groups") or () for each in group["options"]]
    return [*(element.get("options") or ()), *grouped]


def find_option(options: list[Option], wanted: str) -> Option:
    """Return the option with this value or this visible text, or the only one that contains the words."""
    for each in options:
        if wanted in (each.get("value"), each["text"]["text"]):
            return each
    like = [each for each in options if wanted in each["text"]["text"]]
    if len(like) != 1:
        shown = ", ".join(each["text"]["text"] for each in options) or "none"
        raise ActProblem(f"There is no option “{wanted}”; there are: {shown}")
    return like[0]


async def suggested(
    desk: StandIn, person: Person, where: View | Message, block_id: str, element: dict[str, Any], words: str
) -> dict[str, Any]:
    """Ask the app for options for *words*; fewer characters than `min_query_length` ask nothing."""
    if len(words) < element.get("min_query_length", 3):
        return {"options": [], "asked": False}
    payload = base(desk, "block_suggestion", person)
    payload |= {"action_id": element["action_id"], "block_id": block_id, "value": words}
    if isinstance(where, View):
        payload |= {"container": view_container(where), "view": where.as_slack()}
    else:
        channel = desk.workspace.channels[where.channel_id]
        payload |= {"container": message_container(where), "channel": channel_part(channel)}
        payload |= {"message": where.as_slack()}
    delivery, answer = await desk.dispatcher.ask("interactive", payload)
    body = answer.body if isinstance(answer.body, dict) else {}
    report = Report()
    items(option(), 0, OPTIONS_MOST)(body.get("options") or [], "/options", report)
    items(option_group, 0, OPTIONS_MOST)(body.get("option_groups") or [], "/option_groups", report)
    problem = answer.problem or ("; ".join(report.lines()) if report.faults else None)
    if problem:
        delivery.note = problem
        return {"options": [], "asked": True, "error": problem}
    return {"asked": True} | {name: body[name] for name in ("options", "option_groups") if body.get(name)}
