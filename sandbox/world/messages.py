"""A message as it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Message:
    """One message; *only_for* makes it ephemeral. The page shows *procedure_at*; `ts` is machine time."""

    channel_id: str
    ts: str
    author_id: str
    text: str
    procedure_at: str
    team_id: str = ""
    bot: dict[str, Any] | None = None
    blocks: list[dict[str, Any]] | None = None
    attachments: list[dict[str, Any]] | None = None
    metadata: dict[str, Any] | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    files: list[dict[str, Any]] = field(default_factory=list)
    edited: dict[str, Any] | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    only_for: str | None = None
    notified: list[str] = field(default_factory=list)
    earlier: list[dict[str, Any]] = field(default_factory=list)
    choices: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def in_channel_list(self) -> bool:
        """Whether it stands in the channel itself, not only in a thread."""
        return self.thread_ts is None or self.thread_ts == self.ts or self.broadcast

    def as_slack(self, *, with_metadata: bool = False) -> dict[str, Any]:
        answer: dict[str, Any] = {"type": "message", "user": self.author_id, "text": self.text, "ts": self.ts}
        answer["team"] = self.team_id
        if self.bot:
            answer |= {"bot_id": self.bot["id"], "app_id": self.bot["app_id"], "bot_profile": self.bot}
        for name in ("blocks", "attachments", "thread_ts", "files", "edited"):
            if value := getattr(self, name):
                answer[name] = value
        if self.files:
            answer |= {"upload": True}
        if self.broadcast:
            answer["subtype"] = "thread_broadcast"
        if self.reactions:
            answer["reactions"] = [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ]
        if with_metadata and self.metadata:
            answer["metadata"] = self.metadata
        return answer

    def keep_version(self) -> None:
        """Remember how the message looks before it changes, for clicks on an old rendering."""
        self.earlier.append({"text": self.text, "blocks": self.blocks})
