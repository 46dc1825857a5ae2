"""Block elements: buttons, menus, pickers, inputs."""

from __future__ import annotations

from typing import Any

from sandbox.rules.composition import (
    OPTIONS_MOST,
    confirm,
    conversation_filter,
    dispatch_config,
    option,
    option_group,
    plain_text,
    slack_file,
)  # fmt: skip
from sandbox.rules.shapes import (
    Check,
    Report,
    anything,
    boolean,
    integer,
    items,
    one_of,
    shape,
    string,
    typed,
    well_formed,
)  # fmt: skip

_ACTION: dict[str, Check] = {"action_id": string(1, 255)}
_FOCUS: dict[str, Check] = {"focus_on_load": boolean}
_HOLD: dict[str, Check] = {"placeholder": plain_text(150)}
_ASK: dict[str, Check] = {"confirm": confirm}
_MENU = _ACTION | _FOCUS | _HOLD | _ASK
_NUMBER = string(1, None, r"-?\d+(\.\d+)?")
_DAY = string(10, 10, r"\d{4}-\d{2}-\d{2}")


def _focus(value: dict[str, Any], pointer: str, report: Report) -> None:
    if value.get("focus_on_load") is True:
        report.focused += 1
        if report.focused > 1:
            report.add("only one element may have focus_on_load", f"{pointer}/focus_on_load")


def _options_or_groups(value: dict[str, Any], pointer: str, report: Report) -> None:
    if bool(value.get("options")) == bool(value.get("option_groups")):
        report.add("must have either options or option_groups", pointer)


def _initial_among_options(value: dict[str, Any], pointer: str, report: Report) -> None:
    """An initial option must be exactly one of the options."""
    options = well_formed(value, "options")
    for group in well_formed(value, "option_groups"):
        options += well_formed(group, "options")
    first = value.get("initial_option")
    chosen = well_formed(value, "initial_options") + ([first] if isinstance(first, dict) else [])
    if any(each not in options for each in chosen):
        report.add("initial option must exactly match one of the options", pointer)


def _values_differ(value: dict[str, Any], pointer: str, report: Report) -> None:
    values = [each.get("value") for each in well_formed(value, "options")]
    if len(set(map(str, values))) < len(values):
        report.add("options must have unique values", f"{pointer}/options")


def _min_not_over_max(value: dict[str, Any], pointer: str, report: Report) -> None:
    low, high = value.get("min_length"), value.get("max_length")
    if isinstance(low, int) and isinstance(high, int) and low > high:
        report.add("min_length must not be greater than max_length", pointer)


def _kind(name: str) -> dict[str, Check]:
    return {"type": one_of(name)}


def _static(name: str, initial: dict[str, Check]) -> Check:
    lists: dict[str, Check] = {
        "options": items(option(), 1, OPTIONS_MOST),
        "option_groups": items(option_group, 1, 100),
    }
    return shape(
        _kind(name),
        _MENU | lists | initial,
        _options_or_groups,
        _initial_among_options,
        _values_differ,
        _focus,
    )


def _menu(name: str, extra: dict[str, Check]) -> Check:
    return shape(_kind(name), _MENU | extra, _focus)


_ONE_OPTION: dict[str, Check] = {"initial_option": option()}
_SOME_OPTIONS: dict[str, Check] = {
    "initial_options": items(option(), 1, 100),
    "max_selected_items": integer(1),
}
_QUERY: dict[str, Check] = {"min_query_length": integer(0)}
_IDS = items(string(1), 0)
_TALK: dict[str, Check] = {"default_to_current_conversation": boolean, "filter": conversation_filter}
_URLS: dict[str, Check] = {"response_url_enabled": boolean}
_MOST: dict[str, Check] = {"max_selected_items": integer(1)}
_TYPED = _ACTION | _FOCUS | _HOLD | {"initial_value": string(), "dispatch_action_config": dispatch_config}
_PICKED = _ACTION | _FOCUS | _ASK


ELEMENTS: dict[str, Check] = {
    "button": shape(
        _kind("button") | {"text": plain_text(75)},
        _ACTION | _ASK
        | {
            "value": string(0, 2_000),
            "url": string(1, 3_000),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(1, 75),
        },
    ),
    "overflow": shape(
        _kind("overflow") | {"options": items(option(with_url=True), 1, 5)}, _ACTION | _ASK, _values_differ
    ),
    "static_select": _static("static_select", _ONE_OPTION),
    "multi_static_select": _static("multi_static_select", _SOME_OPTIONS),
    "external_select": _menu("external_select", _ONE_OPTION | _QUERY),
    "multi_external_select": _menu("multi_external_select", _SOME_OPTIONS | _QUERY),
    "users_select": _menu("users_select", {"initial_user": string(1)}),
    "multi_users_select": _menu("multi_users_select", _MOST | {"initial_users": _IDS}),
    "conversations_select": _menu(
        "conversations_select", {"initial_conversation": string(1)} | _TALK | _URLS
    ),
    "multi_conversations_select": _menu(
        "multi_conversations_select", _MOST | _TALK | {"initial_conversations": _IDS}
    ),
    "channels_select": _menu("channels_select", {"initial_channel": string(1)} | _URLS),
    "multi_channels_select": _menu("multi_channels_select", _MOST | {"initial_channels": _IDS}),
    "checkboxes": shape(
        _kind("checkboxes") | {"options": items(option(marked=True), 1, 10)},
        _PICKED | {"initial_options": items(option(marked=True), 1, 10)},
        _initial_among_options, _values_differ, _focus,
    ),
    "radio_buttons": shape(
        _kind("radio_buttons") | {"options": items(option(marked=True), 1, 10)},
        _PICKED | {"initial_option": option(marked=True)},
        _initial_among_options, _values_differ, _focus,
    ),
    "datepicker": shape(_kind("datepicker"), _PICKED | _HOLD | {"initial_date": _DAY}, _focus),
    "timepicker": shape(
        _kind("timepicker"),
        _PICKED | _HOLD | {"initial_time": string(5, 5, r"\d{2}:\d{2}"), "timezone": string(1)},
        _focus,
    ),
    "datetimepicker": shape(
        _kind("datetimepicker"), _PICKED | {"initial_date_time": integer(10**9, 10**10 - 1)}, _focus
    ),
    "plain_text_input": shape(
        _kind("plain_text_input"),
        _TYPED | {"multiline": boolean, "min_length": integer(0, 3_000), "max_length": integer(1, 3_000)},
        _min_not_over_max, _focus,
    ),
    "email_text_input": shape(_kind("email_text_input"), _TYPED, _focus),
    "url_text_input": shape(_kind("url_text_input"), _TYPED, _focus),
    "number_input": shape(
        _kind("number_input") | {"is_decimal_allowed": boolean},
        _TYPED | {"initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER},
        _focus,
    ),
    "rich_text_input": shape(
        _kind("rich_text_input"),
        _ACTION | _FOCUS | _HOLD | {"initial_value": anything, "dispatch_action_config": dispatch_config},
        _focus,
    ),
    "file_input": shape(
        _kind("file_input"), _ACTION | {"filetypes": items(string(1), 1), "max_files": integer(1, 10)}
    ),
    "workflow_button": shape(
        _kind("workflow_button") | {"text": plain_text(75), "workflow": anything},
        _ACTION | {"style": one_of("primary", "danger"), "accessibility_label": string(1, 75)},
    ),
    "feedback_buttons": shape(
        _kind("feedback_buttons") | {"positive_button": anything, "negative_button": anything}, _ACTION
    ),
    "icon_button": shape(
        _kind("icon_button") | {"text": plain_text(75), "icon": anything},
        _ACTION | _ASK
        | {"value": string(0, 2_000), "visible_to_user_ids": _IDS, "accessibility_label": string(1, 75)},
    ),
}  # fmt: skip


def _image_source(value: dict[str, Any], pointer: str, report: Report) -> None:
    if bool(value.get("image_url")) == bool(value.get("slack_file")):
        report.add("must have either image_url or slack_file", pointer)


IMAGE_ELEMENT = shape(
    _kind("image") | {"alt_text": string(1, 2_000)},
    {"image_url": string(1, 3_000), "slack_file": slack_file},
    _image_source,
)

_SELECTS = {name for name in ELEMENTS if name.endswith("_select")}
_PICKS = {"checkboxes", "radio_buttons", "datepicker", "timepicker"}
_ONLY_IN_MODALS = {"email_text_input", "url_text_input", "number_input", "file_input"}


def in_section(report: Report) -> set[str]:
    """Which elements may stand beside a section's text: no datetimepicker, no text inputs."""
    allowed = _SELECTS | _PICKS | {"button", "overflow"}
    return allowed | {"workflow_button"} if report.surface == "message" else allowed


def in_actions(report: Report) -> set[str]:
    """Which elements may stand in an actions block; a datetimepicker not on Home."""
    allowed = in_section(report)
    return allowed if report.surface == "home" else allowed | {"datetimepicker"}


def in_input(report: Report) -> set[str]:
    """Which elements may stand in an input block, by surface."""
    allowed = _SELECTS | _PICKS | {"plain_text_input"}
    match report.surface:
        case "modal":
            return allowed | _ONLY_IN_MODALS | {"rich_text_input", "datetimepicker"}
        case "home":
            return allowed | {"rich_text_input"}
    return allowed | {"datetimepicker"}


section_accessory = typed(ELEMENTS | {"image": IMAGE_ELEMENT}, lambda report: in_section(report) | {"image"})
actions_element = typed(ELEMENTS, in_actions)
input_element = typed(ELEMENTS, in_input)
context_actions_element = typed(ELEMENTS, lambda report: {"feedback_buttons", "icon_button"})
