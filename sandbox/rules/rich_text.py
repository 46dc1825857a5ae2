"""Rich text: its outer shape; what stands in a line is checked by its type only."""

from __future__ import annotations

from typing import Any

from sandbox.rules.shapes import Check, Report, anything, integer, items, one_of, shape, string, typed

_KINDS = ("text", "link", "emoji", "user", "usergroup", "channel", "broadcast", "date", "color", "team")
_INLINE: dict[str, Check] = dict.fromkeys(_KINDS, anything)
_inline = typed(_INLINE)


def _lines(name: str) -> dict[str, Any]:
    return {"type": one_of(name), "elements": items(_inline)}


_section = shape(_lines("rich_text_section"))
_extra = {"border": integer(0, 1)}

_PARTS = {
    "rich_text_section": _section,
    "rich_text_quote": shape(_lines("rich_text_quote"), _extra),
    "rich_text_preformatted": shape(_lines("rich_text_preformatted"), _extra | {"language": string(1)}),
    "rich_text_list": shape(
        {
            "type": one_of("rich_text_list"),
            "style": one_of("bullet", "ordered"),
            "elements": items(typed({"rich_text_section": _section})),
        },
        _extra | {"indent": integer(0, 8), "offset": integer(0)},
    ),
}

rich_text = shape({"type": one_of("rich_text"), "elements": items(typed(_PARTS), 1)}, {"block_id": string(1, 255)})


def count_rich_text(block: Any, report: Report) -> None:
    """Add the length of all words in *block* to the report."""
    if isinstance(block, dict):
        if block.get("type") == "text" and isinstance(block.get("text"), str):
            report.text_length += len(block["text"])
        for part in block.get("elements") or ():
            count_rich_text(part, report)
