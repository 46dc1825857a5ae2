"""Channels and direct messages."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Any

from sandbox.ids import ts_after
from sandbox.world.messages import Message


@dataclass
class Channel:
    """A conversation and its messages, oldest first. *kind*: public, private, im or mpim."""

    id: str
    name: str
    kind: str = "public"
    members: list[str] = field(default_factory=list)
    archived: bool = False
    created: int = 1700000000
    topic: str = ""
    purpose: str = ""
    messages: dict[str, Message] = field(default_factory=dict)
    threads: dict[str, list[str]] = field(default_factory=dict)
    _last: int = 0

    @property
    def is_direct(self) -> bool:
        return self.kind == "im"

    @property
    def event_type(self) -> str:
        """The `channel_type` of message events."""
        return {"public": "channel", "private": "group"}.get(self.kind, self.kind)

    def next_ts(self, now: float) -> str:
        self._last, ts = ts_after(self._last, now)
        return ts

    def add(self, message: Message) -> None:
        self.messages[message.ts] = message
        if message.thread_ts:
            self.threads.setdefault(message.thread_ts, []).append(message.ts)

    def remove(self, message: Message) -> None:
        del self.messages[message.ts]
        if message.thread_ts:
            self.threads[message.thread_ts].remove(message.ts)

    def replies(self, thread_ts: str) -> list[Message]:
        return [self.messages[ts] for ts in self.threads.get(thread_ts, ())]

    def between(self, oldest: str, latest: str, *, inclusive: bool) -> list[Message]:
        """Return the messages from *oldest* to *latest* (ts as strings), oldest first."""
        stamps = list(self.messages)
        low, high = bisect_left(stamps, oldest), bisect_left(stamps, latest)
        if not inclusive and low < len(stamps) and stamps[low] == oldest:
            low += 1
        if inclusive and high < len(stamps) and stamps[high] == latest:
            high += 1
        return [self.messages[ts] for ts in stamps[low:high]]

    def other_than(self, member_id: str) -> str:
        """Return the other person of a direct message."""
        return next((each for each in self.members if each != member_id), member_id)

    def as_slack(self, viewer_id: str, *, with_members: bool = False) -> dict[str, Any]:
        if self.kind == "im":
            return {
                "id": self.id,
                "created": self.created,
                "is_im": True,
                "is_archived": self.archived,
                "is_org_shared": False,
                "user": self.other_than(viewer_id),
                "is_open": True,
            }
        answer = {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": self.kind == "public",
            "is_group": self.kind == "private",
            "is_im": False,
            "is_mpim": self.kind == "mpim",
            "is_private": self.kind != "public",
            "is_archived": self.archived,
            "is_general": self.name == "general",
            "is_shared": False,
            "is_ext_shared": False,
            "is_org_shared": False,
            "is_member": viewer_id in self.members,
            "created": self.created,
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": "", "last_set": 0},
        }
        if with_members:
            answer["num_members"] = len(self.members)
        return answer
