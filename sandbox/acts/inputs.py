"""Turns what a person enters into an element's value."""

from __future__ import annotations

import base64
import re
from datetime import date, datetime
from typing import Any

from sandbox.acts.options import find_option, options_in, suggested
from sandbox.problems import ActProblem
from sandbox.standin import StandIn
from sandbox.web_api.files import new_file
from sandbox.world.messages import Message
from sandbox.world.people import Person
from sandbox.world.views import View

_TEXTS = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}


async def value_of(
    desk: StandIn, person: Person, where: View | Message, block_id: str, element: dict[str, Any], entered: Any
) -> Any:
    """
    Return the value for `state.values` that *entered* gives in *element*.

    Options are named by value or visible text, people and channels by name or id, dates as ISO text, files as
    `{"name", "base64"}`; None or an empty text clears.

    Raises:
        ActProblem: the element cannot hold that.
    """
    kind = element["type"]
    if kind.startswith("multi_") or kind in ("checkboxes", "file_input"):
        return await _several(desk, person, where, block_id, element, _as_list(entered))
    if entered is None or entered == "":
        return None
    if kind in _TEXTS:
        return str(entered)
    return await _single(desk, person, where, block_id, element, entered)


async def _several(
    desk: StandIn,
    person: Person,
    where: View | Message,
    block_id: str,
    element: dict[str, Any],
    entered: list[Any],
) -> list[Any]:
    most = element.get("max_selected_items") or element.get("max_files")
    if most and len(entered) > most:
        raise ActProblem(f"At most {most} can be chosen here.")
    one = {**element, "type": element["type"].removeprefix("multi_")}
    return [await _single(desk, person, where, block_id, one, each) for each in entered]


def _as_list(entered: Any) -> list[Any]:
    if entered is None or entered == "":
        return []
    return list(entered) if isinstance(entered, list | tuple) else [entered]


async def _single(
    desk: StandIn, person: Person, where: View | Message, block_id: str, element: dict[str, Any], entered: Any
) -> Any:
    match element["type"]:
        case "static_select" | "radio_buttons" | "checkboxes":
            return find_option(options_in(element), str(entered))
        case "external_select":
            if isinstance(entered, dict):
                return entered
            query = str(entered)
            return find_option(options_in(await suggested(desk, person, where, block_id, element, query)), query)
        case "users_select":
            return desk.workspace.person(str(entered)).id
        case "channels_select":
            return desk.workspace.channel(str(entered)).id
        case "conversations_select":
            return _conversation(desk, str(entered))
        case "datepicker":
            return _day(str(entered))
        case "timepicker":
            return _time(str(entered))
        case "datetimepicker":
            return int(entered) if isinstance(entered, int) else int(datetime.fromisoformat(entered).timestamp())
        case "rich_text_input":
            return entered if isinstance(entered, dict) else _rich(str(entered))
        case "file_input":
            return _file(desk, person, element, entered)
    raise ActProblem(f"Nothing can be entered in a {element['type']}.")


def _conversation(desk: StandIn, which: str) -> str:
    try:
        return desk.workspace.channel(which).id
    except ActProblem:
        return desk.workspace.direct_channel(desk.workspace.person(which).id).id


def _day(entered: str) -> str:
    try:
        return date.fromisoformat(entered).isoformat()
    except ValueError:
        raise ActProblem(f"“{entered}” is not a date such as 2026-11-09.") from None


def _time(entered: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", entered):
        raise ActProblem(f"“{entered}” is not a time such as 09:30.")
    return entered


def _rich(text: str) -> dict[str, Any]:
    line = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [line]}


def _file(desk: StandIn, person: Person, element: dict[str, Any], entered: dict[str, str]) -> dict[str, Any]:
    if "id" in entered:
        return desk.workspace.files[entered["id"]].as_slack()
    kinds = element.get("filetypes")
    file = new_file(desk, entered["name"], person.id)
    if kinds and file.filetype not in kinds and file.name.rsplit(".", 1)[-1].lower() not in kinds:
        del desk.workspace.files[file.id]
        raise ActProblem(f"Only these kinds of files are taken here: {', '.join(kinds)}")
    file.content = base64.b64decode(entered["base64"])
    file.length, file.complete = len(file.content), True
    return file.as_slack()


def complaint_about(element: dict[str, Any], value: Any, *, optional: bool) -> str | None:
    """Return what Slack's own form says about a value before it submits, or None."""
    if value in (None, [], ""):
        return None if optional else "Please complete this required field."
    match element["type"]:
        case "plain_text_input":
            return _length_complaint(element, value)
        case "number_input":
            return _number_complaint(element, value)
        case "email_text_input" if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
            return "Please enter a valid email address."
        case "url_text_input" if not re.fullmatch(r"https?://\S+", value):
            return "Please enter a valid URL."
    return None


def _length_complaint(element: dict[str, Any], value: str) -> str | None:
    least, most = element.get("min_length", 0), element.get("max_length", 3_000)
    if len(value) < least:
        return f"Please enter at least {least} characters."
    return f"Please enter at most {most} characters." if len(value) > most else None


def _number_complaint(element: dict[str, Any], value: str) -> str | None:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(pattern, value):
        return "Please enter a valid number."
    if element.get("min_value") is not None and float(value) < float(element["min_value"]):
        return f"Please enter a number of at least {element['min_value']}."
    if element.get("max_value") is not None and float(value) > float(element["max_value"]):
        return f"Please enter a number of at most {element['max_value']}."
    return None
