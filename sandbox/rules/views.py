"""What a modal or a Home tab may hold."""

from __future__ import annotations

import json
from typing import Any

from sandbox.problems import SlackProblem
from sandbox.rules.blocks import check_blocks
from sandbox.rules.composition import plain_text
from sandbox.rules.shapes import Check, Report, boolean, one_of, shape, string

BLOCKS_MOST = 100
STACK_MOST = 3
BYTES_MOST = 250_000


def _blocks(value: Any, pointer: str, report: Report) -> None:
    check_blocks(value, pointer, report, BLOCKS_MOST)


def _submit_with_inputs(value: dict[str, Any], pointer: str, report: Report) -> None:
    blocks = value.get("blocks")
    has_input = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if has_input and not value.get("submit"):
        report.add("`submit` is required when an `input` is in blocks", f"{pointer}/submit")


_COMMON: dict[str, Check] = {
    "private_metadata": string(0, 3_000),
    "callback_id": string(0, 255),
    "external_id": string(0, 255),
}
_modal = shape(
    {"type": one_of("modal"), "title": plain_text(24), "blocks": _blocks},
    _COMMON
    | {
        "submit": plain_text(24),
        "close": plain_text(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    _submit_with_inputs,
)
_home = shape({"type": one_of("home"), "blocks": _blocks}, _COMMON)


def check_view(view: Any, surface: str) -> None:
    """
    Refuse a view that Slack would refuse; *surface* is modal or home.

    Raises:
        SlackProblem: `invalid_arguments` with each fault, or `view_too_large`.
    """
    if not isinstance(view, dict):
        raise refused(["must provide an object [json-pointer:/view]"])
    if len(json.dumps(view, ensure_ascii=False).encode()) > BYTES_MOST:
        raise SlackProblem("view_too_large")
    report = Report(surface=surface)
    (_modal if surface == "modal" else _home)(view, "/view", report)
    if report.faults:
        raise refused(report.lines())


def refused(lines: list[str]) -> SlackProblem:
    return SlackProblem("invalid_arguments", response_metadata={"messages": [f"[ERROR] {line}" for line in lines]})
