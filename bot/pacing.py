"""How fast Slack may be called: a message a second in each channel, so many calls a minute of a method."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from bot.times import Machine, SystemMachine

CHANNEL_SECONDS = 1.01
UPDATES = "chat.update"
CALLS_PER_MINUTE = {
    "chat.update": 50, "conversations.open": 50, "conversations.history": 50, "conversations.replies": 50,
    "conversations.info": 50, "conversations.members": 100, "users.conversations": 50, "users.info": 100, "files.info": 100,
    "files.getUploadURLExternal": 100, "files.delete": 50, "files.completeUploadExternal": 100,
}  # fmt: skip
BURST = 20
KEPT_FOR_CLICKS = 5
CEILING_WINDOW_SECONDS = 10.0
NO_CEILING_PER_SECOND = 50.0
MOST_CHANNELS = 10_000


@dataclass
class Bucket:
    """Holds up to *size* calls and gains *per_second*; *level* may be asked for and taken."""

    size: float
    per_second: float
    level: float | None = None
    at: float = 0.0
    paused_until: float = 0.0

    def wait(self, now: float, reserve: float = 0.0) -> float:
        """Return in how many seconds a call may be made that leaves *reserve* calls in the bucket."""
        short = max(0.0, 1.0 + reserve - self._refilled(now) - 1e-9)
        return max(short / self.per_second, self.paused_until - now, 0.0)

    def take(self, now: float) -> None:
        self.level = self._refilled(now) - 1.0

    def pause(self, now: float, seconds: float) -> None:
        self.paused_until = max(self.paused_until, now + seconds)
        self.level = min(self._refilled(now), 1.0)

    def _refilled(self, now: float) -> float:
        if self.level is None:
            self.level = self.size
        else:
            self.level = min(self.size, self.level + (now - self.at) * self.per_second)
        self.at = now
        return self.level


class MethodPaces:
    """Makes callers of a method with a limit wait for their turn, first come first served."""

    def __init__(self, machine: Machine | None = None) -> None:
        self._machine = machine or SystemMachine()
        self._buckets: dict[str, Bucket] = {}

    @property
    def monotonic(self) -> Callable[[], float]:
        return self._machine.monotonic

    def bucket(self, method: str) -> Bucket:
        if method not in self._buckets:
            per_minute = CALLS_PER_MINUTE[method]
            self._buckets[method] = Bucket(min(BURST, per_minute), per_minute / 60)
        return self._buckets[method]

    async def turn(self, method: str) -> None:
        """Return when *method* may be called; the call is taken as made."""
        bucket = self.bucket(method)
        seconds = bucket.wait(self._machine.monotonic())
        bucket.take(self._machine.monotonic())
        if seconds > 0:
            await self._machine.sleep(seconds)

    def pause(self, method: str, seconds: float) -> None:
        """Leave *method* alone for *seconds* (a 429)."""
        if method in CALLS_PER_MINUTE:
            self.bucket(method).pause(self._machine.monotonic(), seconds)


class Pacer:
    """
    Says when the next message may go to a channel.

    One message a second and channel, a hundredth more so that jitter on the way earns no 429. Slack's ceiling
    for a whole workspace is not published. It is learned: when 429s come from channels that did not deserve them
    while others get through, the rate that got through is the ceiling, and it is tried a little higher every ten
    quiet seconds. While nothing gets through it is no ceiling but an outage, and each channel waits for itself.
    """

    def __init__(self, monotonic: Callable[[], float], seconds: float = CHANNEL_SECONDS) -> None:
        self._monotonic, self._seconds = monotonic, seconds
        self._open_at: dict[str, float] = {}
        self._through: deque[float] = deque()
        self._ceiling: Bucket | None = None
        self._limited, self._limited_at, self._moved_at = "", float("-inf"), float("-inf")

    def wait(self, channel: str) -> float:
        """Return in how many seconds the next message may go to *channel*; 0 is now."""
        now = self._monotonic()
        wait = max(0.0, self._open_at.get(channel, 0.0) - now)
        self._raise_ceiling(now)
        return max(wait, self._ceiling.wait(now)) if self._ceiling is not None else wait

    def take(self, channel: str) -> None:
        """Note that a message goes to *channel* now."""
        now = self._monotonic()
        self._open_at[channel] = max(self._open_at.get(channel, 0.0), now + self._seconds)
        if self._ceiling is not None:
            self._ceiling.take(now)
        if len(self._open_at) > MOST_CHANNELS:
            self._open_at = {c: t for c, t in self._open_at.items() if t > now}

    def got_through(self) -> None:
        """Note that Slack took a message."""
        now = self._monotonic()
        self._through.append(now)
        self._forget(now)

    def pause(self, channel: str, seconds: float) -> None:
        """Leave *channel* alone for *seconds* (a 429)."""
        now = self._monotonic()
        self._open_at[channel] = max(self._open_at.get(channel, 0.0), now + seconds)
        is_general = channel != self._limited and now - self._limited_at < CEILING_WINDOW_SECONDS
        self._limited, self._limited_at = channel, now
        if is_general and now - self._moved_at >= 1.0:
            self._set_ceiling(now)

    def _set_ceiling(self, now: float) -> None:
        self._forget(now)
        if len(self._through) >= CEILING_WINDOW_SECONDS:
            rate = 0.9 * len(self._through) / CEILING_WINDOW_SECONDS
            self._ceiling, self._moved_at = Bucket(size=1.0, per_second=rate, level=0.0, at=now), now

    def _raise_ceiling(self, now: float) -> None:
        if self._ceiling is None or now - max(self._moved_at, self._limited_at) < CEILING_WINDOW_SECONDS:
            return
        self._ceiling.per_second *= 1.25
        self._moved_at = now
        if self._ceiling.per_second > NO_CEILING_PER_SECOND:
            self._ceiling = None

    def _forget(self, now: float) -> None:
        while self._through and self._through[0] < now - CEILING_WINDOW_SECONDS:
            self._through.popleft()
