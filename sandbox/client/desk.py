"""The sandbox as a whole: what is there, waiting, clocks, faults."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

from sandbox.client.line import WAIT_SECONDS, Line
from sandbox.client.member import Member
from sandbox.client.problems import StillWaiting
from sandbox.client.shown import Shown

T = TypeVar("T")

LOOK_AGAIN_SECONDS = 0.5


class SandboxClient(Line):
    """One running sandbox. Safe to share between threads."""

    # -- people and what is there

    def as_member(self, who: str) -> Member:
        return Member(self, who)

    def workspace(self) -> dict[str, Any]:
        return self.get("workspace")

    def state(self) -> dict[str, Any]:
        return self.get("state")

    def messages(self, channel: str) -> list[Shown]:
        found = self.get(f"channels/{quote(channel)}/messages")["messages"]
        return [Shown(self, None, each) for each in found]

    def calls(self, method: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = self.get("calls", method=method, after=after)["calls"]
        return calls

    def deliveries(self, kind: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        deliveries: list[dict[str, Any]] = self.get("deliveries", kind=kind, after=after)["deliveries"]
        return deliveries

    # -- waiting

    def wait_for(self, look: Callable[[], T | None], timeout: float = WAIT_SECONDS, what: str = "") -> T:
        """Return the first true result of *look*, called again after each change in the workspace."""
        ends = time.monotonic() + timeout
        while True:
            seq = self.get("changes")["seq"]
            if found := look():
                return found
            left = ends - time.monotonic()
            if left <= 0:
                raise StillWaiting(f"after {timeout} s still waiting for {what or 'it'}")
            self.wait_change(seq, min(left, LOOK_AGAIN_SECONDS))

    def wait_change(self, seq: int, seconds: float) -> bool:
        """Say whether the workspace moved on from change *seq*, waiting at most *seconds* for it."""
        return bool(self.get("changes", after=seq, timeout=seconds)["seq"] != seq)

    def wait_message(self, channel: str, contains: str = "", timeout: float = WAIT_SECONDS, after: str = "") -> Shown:
        """Return the newest message of the channel with these words that is later than the ts *after*."""

        def look() -> Shown | None:
            fitting = [each for each in self.messages(channel) if contains in each.words and each.ts > after]
            return fitting[-1] if fitting else None

        return self.wait_for(look, timeout, f"a message with “{contains}” in {channel}")

    # -- clocks and faults

    def clock(self) -> dict[str, Any]:
        return self.get("clock")

    def set_clock(self, instant: str) -> dict[str, Any]:
        return self.post("clock", set=instant)

    def advance_clock(self, length: str | float) -> dict[str, Any]:
        return self.post("clock", advance=length)

    def run_clock(self, on: bool = True) -> dict[str, Any]:
        return self.post("clock", run=on)

    def advance_machine(self, length: str | float) -> dict[str, Any]:
        return self.post("machine-clock", advance=length)

    def fault(self, kind: str, **how: Any) -> dict[str, Any]:
        return self.post("faults", kind=kind, **how)

    def clear_faults(self) -> dict[str, Any]:
        return self.delete("faults")

    def set_events_url(self, url: str, *, verify: bool = True) -> dict[str, Any]:
        return self.post("events-url", url=url, verify=verify)

    def redeliver(self, delivery: int | str = "last", kind: str | None = None) -> dict[str, Any]:
        return self.post("redeliver", delivery=delivery, kind=kind)
