"""Slack's rate limits as buckets that refill with machine time; no switch turns them off."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sandbox.problems import SlackProblem

PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}
SPECIAL_PER_MINUTE = 600
POSTS_PER_SECOND = 1.0


@dataclass
class Bucket:
    """Holds up to *size* tokens and gains *per_second*."""

    size: float
    per_second: float
    level: float = -1.0
    at: float = 0.0

    def take(self, now: float) -> float:
        """Take one token and return 0, or return the seconds until there is one."""
        if self.level < 0:
            self.level, self.at = self.size, now
        self.level = min(self.size, self.level + (now - self.at) * self.per_second)
        self.at = now
        if self.level >= 1 - 1e-9:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.per_second


class RateLimits:
    """*post_burst*: what a channel takes at once; *posts_per_minute*: the ceiling of the workspace."""

    def __init__(self, *, post_burst: int = 3, posts_per_minute: int = 600):
        self.post_burst = post_burst
        self.methods: dict[str, Bucket] = {}
        self.channels: dict[str, Bucket] = {}
        self.workspace = Bucket(posts_per_minute, posts_per_minute / 60)
        self.refused = 0

    def check_method(self, method: str, tier: int | None, now: float) -> None:
        per_minute = PER_MINUTE.get(tier or 0, SPECIAL_PER_MINUTE)
        if method not in self.methods:
            self.methods[method] = Bucket(per_minute, per_minute / 60)
        self._refuse(self.methods[method].take(now))

    def check_post(self, channel_id: str, now: float) -> None:
        if channel_id not in self.channels:
            self.channels[channel_id] = Bucket(self.post_burst, POSTS_PER_SECOND)
        self._refuse(self.channels[channel_id].take(now))
        self._refuse(self.workspace.take(now))

    def _refuse(self, wait: float) -> None:
        if wait > 0:
            self.refused += 1
            raise ratelimited(wait)


def ratelimited(seconds: float) -> SlackProblem:
    return SlackProblem("ratelimited", status=429, retry_after=max(1, math.ceil(seconds - 1e-6)))
