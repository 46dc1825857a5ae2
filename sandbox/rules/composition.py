"""Composition objects: texts, options, confirm dialogs, filters."""

from __future__ import annotations

from typing import Any

from sandbox.rules.shapes import Check, Report, anything, boolean, items, one_of, shape, string

TEXT_MOST = 3_000
OPTION_TEXT_MOST = 75
OPTION_VALUE_MOST = 75  # the documentation says 150 now, @slack/types 75; the smaller one is safe
OPTIONS_MOST = 100


def text(most: int = TEXT_MOST, *, plain_only: bool = False) -> Check:
    """Check a text object of 1 to *most* characters."""
    words = string(1, most)
    plain = shape({"type": one_of("plain_text"), "text": words}, {"emoji": boolean})
    marked = shape({"type": one_of("mrkdwn"), "text": words}, {"verbatim": boolean})

    def check(value: Any, pointer: str, report: Report) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if kind == "mrkdwn" and not plain_only:
            marked(value, pointer, report)
        elif isinstance(value, dict) and kind not in ("plain_text", "mrkdwn"):
            report.add("unsupported type for a text object", f"{pointer}/type")
        else:
            plain(value, pointer, report)
        if isinstance(value, dict) and isinstance(value.get("text"), str):
            report.text_length += len(value["text"])

    return check


def plain_text(most: int) -> Check:
    return text(most, plain_only=True)


def option(*, marked: bool = False, with_url: bool = False) -> Check:
    """Check an option; *marked*: checkboxes and radio buttons may use mrkdwn."""
    words = text(OPTION_TEXT_MOST, plain_only=not marked)
    optional: dict[str, Check] = {"description": words}
    if with_url:
        optional["url"] = string(1, 3_000)
    return shape({"text": words, "value": string(0, OPTION_VALUE_MOST)}, optional)


option_group = shape({"label": plain_text(75), "options": items(option(), 1, OPTIONS_MOST)})

confirm = shape(
    {
        "title": plain_text(100),
        "text": text(300),
        "confirm": plain_text(30),
        "deny": plain_text(30),
    },
    {"style": one_of("primary", "danger")},
)

conversation_filter = shape(
    {},
    {
        "include": items(one_of("im", "mpim", "private", "public"), 1),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)

dispatch_config = shape({"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), 1, 2)}, {})

slack_file = shape({}, {"id": anything, "url": anything})
