"""What the sandbox noted of calls: messages that it would not take, and calls that came although it had said to wait."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

POSTS = "chat.postMessage"
PACED = frozenset({"chat.update", "conversations.open", "conversations.history", "conversations.replies"})
"""Methods that Slack limits for the whole workspace and that nobody waits for."""
AWAY = frozenset({"is_archived", "not_in_channel", "channel_not_found"})
"""What Slack says of a channel that is no place for a message now."""
ON_ITS_WAY_SECONDS = 2.0
"""So long after a 429 a call may still come that was made before its answer was read."""
Call = Mapping[str, Any]


def turned_down(calls: Iterable[Call]) -> set[str]:
    """Return the keys of messages that Slack would not take where they belong."""
    refused = [each["arguments"]["metadata"] for each in calls if each["method"] == POSTS and each.get("error") in AWAY]
    carried = [json.loads(given) if isinstance(given, str) else given for given in refused]
    return {each["event_payload"]["key"] for each in carried}


def hurried(calls: Iterable[Call]) -> Iterator[str]:
    """Say of each post to a channel, and of each call of another method, that came while Slack had told to wait."""
    closed: dict[str, tuple[float, float]] = {}
    for call in calls:
        method, at = call["method"], float(call["at"])
        what = f"{method} to {call.get('arguments', {}).get('channel')}" if method == POSTS else method
        if method != POSTS and method not in PACED:
            continue
        since, until = closed.get(what, (0.0, 0.0))
        if since + ON_ITS_WAY_SECONDS < at < until:
            yield f"{what} {until - at:.1f} s before Retry-After was over"
        if "retry_after" in call:
            closed[what] = (at, max(until, at + call["retry_after"]))
