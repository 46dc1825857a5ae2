"""Blocks, and where each may stand."""

from __future__ import annotations

from typing import Any

from sandbox.rules.composition import plain_text, slack_file, text
from sandbox.rules.elements import (
    IMAGE_ELEMENT,
    _image_source,
    actions_element,
    context_actions_element,
    input_element,
    section_accessory,
)  # fmt: skip
from sandbox.rules.rich_text import count_rich_text, rich_text
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

_ID: dict[str, Check] = {"block_id": string(1, 255)}


def _kind(name: str) -> dict[str, Check]:
    return {"type": one_of(name)}


def _text_or_fields(value: dict[str, Any], pointer: str, report: Report) -> None:
    if not value.get("text") and not value.get("fields"):
        report.add("must define either `text` or `fields`", pointer)


def _action_ids_differ(value: dict[str, Any], pointer: str, report: Report) -> None:
    ids = [each["action_id"] for each in well_formed(value, "elements") if each.get("action_id")]
    for doubled in sorted({str(each) for each in ids if ids.count(each) > 1}):
        report.add(f'`action_id` "{doubled}" already exists in this block', f"{pointer}/elements")


def _response_url_place(value: dict[str, Any], pointer: str, report: Report) -> None:
    element = value.get("element")
    if isinstance(element, dict) and element.get("response_url_enabled") and report.surface != "modal":
        report.add("response_url_enabled is only for modals", f"{pointer}/element")


def _equal_rows(value: dict[str, Any], pointer: str, report: Report) -> None:
    rows = [row for row in value.get("rows") or () if isinstance(row, list)]
    if len({len(row) for row in rows}) > 1:
        report.add("all rows must have the same number of cells", f"{pointer}/rows")


def _count_table(value: dict[str, Any], pointer: str, report: Report) -> None:
    for row in value.get("rows") or ():
        for cell in row if isinstance(row, list) else ():
            if isinstance(cell, dict) and isinstance(cell.get("text"), str):
                report.text_length += len(cell["text"])
            else:
                count_rich_text(cell, report)


def _count_markdown(value: dict[str, Any], pointer: str, report: Report) -> None:
    if isinstance(value.get("text"), str):
        report.text_length += len(value["text"])


def _rich_text(value: Any, pointer: str, report: Report) -> None:
    rich_text(value, pointer, report)
    count_rich_text(value, report)


_context_item = typed(
    {"image": IMAGE_ELEMENT, "plain_text": text(), "mrkdwn": text()},
)
_table_cell = typed(
    {
        "raw_text": shape(_kind("raw_text") | {"text": string(1)}),
        "raw_number": shape(_kind("raw_number") | {"value": anything}, {"text": string(1)}),
        "rich_text": rich_text,
    }
)

BLOCKS: dict[str, Check] = {
    "section": shape(
        _kind("section"),
        _ID
        | {
            "text": text(), "fields": items(text(2_000), 1, 10),
            "accessory": section_accessory, "expand": boolean,
        },
        _text_or_fields,
    ),
    "header": shape(_kind("header") | {"text": plain_text(150)}, _ID | {"level": integer(1, 4)}),
    "divider": shape(_kind("divider"), _ID),
    "context": shape(_kind("context") | {"elements": items(_context_item, 1, 10)}, _ID),
    "actions": shape(_kind("actions") | {"elements": items(actions_element, 1, 25)}, _ID, _action_ids_differ),
    "context_actions": shape(
        _kind("context_actions") | {"elements": items(context_actions_element, 1, 5)}, _ID, _action_ids_differ
    ),
    "image": shape(
        _kind("image") | {"alt_text": string(1, 2_000)},
        _ID | {"image_url": string(1, 3_000), "slack_file": slack_file, "title": plain_text(2_000)},
        _image_source,
    ),
    "input": shape(
        _kind("input") | {"label": plain_text(2_000), "element": input_element},
        _ID | {"hint": plain_text(2_000), "optional": boolean, "dispatch_action": boolean},
        _response_url_place,
    ),
    "rich_text": _rich_text,
    "markdown": shape(_kind("markdown") | {"text": string(1, 12_000)}, _ID, _count_markdown),
    "table": shape(
        _kind("table") | {"rows": items(items(_table_cell, 1, 20), 1, 100)},
        _ID | {"column_settings": items(anything, 0, 20)},
        _equal_rows, _count_table,
    ),
    "file": shape(_kind("file") | {"external_id": string(1), "source": one_of("remote")}, _ID),
    "video": shape(
        _kind("video")
        | {
            "alt_text": string(1), "title": plain_text(199),
            "thumbnail_url": string(1), "video_url": string(1),
        },
        _ID
        | {
            "author_name": string(1, 49), "description": plain_text(199), "provider_icon_url": string(1),
            "provider_name": string(1), "title_url": string(1),
        },
    ),
    "alert": shape(
        _kind("alert") | {"text": text(200)},
        _ID | {"level": one_of("default", "info", "warning", "error", "success")},
    ),
}  # fmt: skip

_EVERYWHERE = {"actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video"}
PLACES: dict[str, set[str]] = {
    "message": _EVERYWHERE | {"file", "markdown", "table", "context_actions"},
    "modal": _EVERYWHERE | {"alert"},
    "home": _EVERYWHERE | {"table"},
}

_block = typed(BLOCKS, lambda report: PLACES[report.surface])


def check_blocks(blocks: Any, pointer: str, report: Report, most: int) -> None:
    """Check a list of blocks for *report*'s surface: number, shapes, limits, unique `block_id`s."""
    items(_block, 0, most)(blocks, pointer, report)
    if not isinstance(blocks, list):
        return
    for number, block in enumerate(blocks):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if not block_id:
            continue
        if str(block_id) in report.block_ids:
            report.add(f'`block_id` "{block_id}" already exists', f"{pointer}/{number}/block_id")
        report.block_ids.add(str(block_id))
