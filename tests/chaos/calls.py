"""What the sandbox noted of calls: messages that it would not take, and calls that came although it had said to wait."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

POSTS = "chat.postMessage"
AWAY = frozenset({"is_archived", "not_in_channel", "channel_not_found"})
"""What Slack says of a channel that is no place for a message now."""
ON_ITS_WAY_SECONDS = 1.0
"""So long after a 429 a call may still come that was made before its answer was read."""
Call = Mapping[str, Any]


def turned_down(posts: Iterable[Call]) -> set[str]:
    """Return the keys of messages that Slack would not take where they belong."""
    refused = [post["arguments"]["metadata"] for post in posts if post.get("error") in AWAY]
    carried = [json.loads(given) if isinstance(given, str) else given for given in refused]
    return {each["event_payload"]["key"] for each in carried}


def hurried(posts: Iterable[Call]) -> Iterator[str]:
    """Say of each post to a channel that Slack had told to wait, and whose time was not over."""
    closed: dict[str, tuple[float, float]] = {}
    for post in posts:
        channel, at = str(post.get("arguments", {}).get("channel")), float(post["at"])
        since, until = closed.get(channel, (0.0, 0.0))
        if since + ON_ITS_WAY_SECONDS < at < until:
            yield f"posted to {channel} {until - at:.1f} s before Retry-After was over"
        if "retry_after" in post:
            closed[channel] = (at, max(until, at + post["retry_after"]))
