"""What a message may hold."""

from __future__ import annotations

import re
from typing import Any

from sandbox.problems import SlackProblem
from sandbox.rules.blocks import check_blocks
from sandbox.rules.shapes import Report

BLOCKS_MOST = 50
TEXT_MOST = 40_000
UPDATE_TEXT_MOST = 4_000
MARKDOWN_MOST = 12_000
ATTACHMENTS_MOST = 100
ALL_BLOCK_TEXT_MOST = 10_000  # guessed: 9,597 passed, 11,341 was refused (LIMITS.md)
METADATA_MOST = 8_000  # guessed: the number is not published

_NAME = re.compile(r"[a-z][a-z0-9_]*")


def check_message_blocks(blocks: Any) -> None:
    """
    Refuse the blocks of a message that Slack would refuse.

    Raises:
        SlackProblem: `invalid_blocks` with each fault, or `msg_blocks_too_long`.
    """
    report = Report(surface="message")
    check_blocks(blocks, "/blocks", report, BLOCKS_MOST)
    if report.faults:
        raise SlackProblem("invalid_blocks", **_faults(report.lines()))
    if report.text_length > ALL_BLOCK_TEXT_MOST:
        raise SlackProblem("msg_blocks_too_long")


def _faults(lines: list[str]) -> dict[str, Any]:
    return {"errors": lines, "response_metadata": {"messages": [f"[ERROR] {line}" for line in lines]}}


def check_metadata(metadata: Any) -> None:
    """
    Refuse metadata that is not `{event_type, event_payload}` with plain names and one level of nesting.

    Raises:
        SlackProblem: `invalid_metadata_format`, `invalid_metadata_schema` or `metadata_too_large`.
    """
    if not isinstance(metadata, dict):
        raise SlackProblem("invalid_metadata_format")
    event_type, payload = metadata.get("event_type"), metadata.get("event_payload")
    if not isinstance(event_type, str) or not isinstance(payload, dict) or not _NAME.fullmatch(event_type):
        raise SlackProblem("invalid_metadata_schema")
    if not all(_NAME.fullmatch(name) and _may_hold(value, nested=False) for name, value in payload.items()):
        raise SlackProblem("invalid_metadata_schema")
    if len(str(payload)) > METADATA_MOST:
        raise SlackProblem("metadata_too_large")


def _may_hold(value: Any, *, nested: bool) -> bool:
    match value:
        case str() | bool() | int() | float():
            return True
        case dict() if not nested:
            return all(_NAME.fullmatch(name) and _may_hold(each, nested=True) for name, each in value.items())
        case list() if not nested:
            return all(
                _may_hold(each, nested=True) or (isinstance(each, dict) and _may_hold(each, nested=False))
                for each in value
            )
    return False
