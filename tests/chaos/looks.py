"""How a message looks, and what differs between two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from typing import Any


def buttons(blocks: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for block in blocks:
        for element in [*block.get("elements", ()), block.get("accessory") or {}]:
            if isinstance(element, Mapping) and element.get("type") == "button":
                yield str(element.get("action_id")), str(element.get("value", ""))


def difference(message: Mapping[str, Any], words: str, blocks: Any) -> str:
    """Return the first part in which a message is not as it should be."""
    shown, wanted = [message["text"], *plain(message["blocks"])], [words, *plain(blocks)]
    found = next(((a, b) for a, b in zip_longest(shown, wanted) if a != b), None)
    return f"shows {found[0]}, should show {found[1]} ({message['text']})" if found else ""


def plain(part: Any) -> Any:
    """Return blocks without what Slack adds by itself."""
    if isinstance(part, list | tuple):
        return [plain(each) for each in part]
    if isinstance(part, Mapping):
        added = {"block_id"} | ({"emoji", "verbatim"} if part.get("type") in ("plain_text", "mrkdwn") else set())
        return {name: plain(value) for name, value in part.items() if name not in added}
    return part
