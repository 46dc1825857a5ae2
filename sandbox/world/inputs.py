"""Which elements of blocks hold a value, and the shapes of those values in `state.values`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Block = dict[str, Any]
Element = dict[str, Any]
Values = dict[str, dict[str, dict[str, Any]]]

# element type → (name in the state, name of the initial value in the element, value when empty)
STATES: dict[str, tuple[str, str, Any]] = {
    "plain_text_input": ("value", "initial_value", None),
    "number_input": ("value", "initial_value", None),
    "email_text_input": ("value", "initial_value", None),
    "url_text_input": ("value", "initial_value", None),
    "rich_text_input": ("rich_text_value", "initial_value", None),
    "static_select": ("selected_option", "initial_option", None),
    "external_select": ("selected_option", "initial_option", None),
    "users_select": ("selected_user", "initial_user", None),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "channels_select": ("selected_channel", "initial_channel", None),
    "multi_static_select": ("selected_options", "initial_options", []),
    "multi_external_select": ("selected_options", "initial_options", []),
    "multi_users_select": ("selected_users", "initial_users", []),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", []),
    "multi_channels_select": ("selected_channels", "initial_channels", []),
    "checkboxes": ("selected_options", "initial_options", []),
    "radio_buttons": ("selected_option", "initial_option", None),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "file_input": ("files", "", []),
}


def elements_of(blocks: list[Block] | None) -> Iterator[tuple[Block, Element]]:
    """Yield each interactive element with its block."""
    for block in blocks or ():
        match block.get("type"):
            case "input":
                yield block, block["element"]
            case "section" if block.get("accessory", {}).get("type") != "image" and "accessory" in block:
                yield block, block["accessory"]
            case "actions" | "context_actions":
                for element in block["elements"]:
                    yield block, element


def state_of(element: Element, value: Any) -> dict[str, Any]:
    """Return the entry of `state.values` for *element* holding *value*."""
    name, _, _ = STATES[element["type"]]
    return {"type": element["type"], name: value}


def initial_value(element: Element) -> Any:
    _, initial, empty = STATES[element["type"]]
    return element.get(initial, empty) if initial else empty


def value_in(state: dict[str, Any]) -> Any:
    """Return the bare value of an entry of `state.values`."""
    return state[STATES[state["type"]][0]]


def values_for(blocks: list[Block] | None, typed: Values) -> Values:
    """Return the values of all elements: from *typed* under the same ids and type, else the initial ones."""
    values: Values = {}
    for block, element in elements_of(blocks):
        if element["type"] not in STATES:
            continue
        kept = typed.get(block["block_id"], {}).get(element["action_id"])
        if kept is None or kept["type"] != element["type"]:
            kept = state_of(element, initial_value(element))
        values.setdefault(block["block_id"], {})[element["action_id"]] = kept
    return values
