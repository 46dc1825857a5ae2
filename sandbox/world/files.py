"""Files and their bytes."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from typing import Any


@dataclass
class File:
    id: str
    name: str
    owner_id: str
    team_id: str
    created: int
    base_url: str
    length: int = 0
    title: str = ""
    content: bytes | None = None
    complete: bool = False
    alt_text: str = ""
    shares: dict[str, list[str]] = field(default_factory=dict)

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def filetype(self) -> str:
        ending = self.name.rsplit(".", 1)[-1].lower() if "." in self.name else ""
        return {"jpeg": "jpg", "txt": "text"}.get(ending, ending or "binary")

    def share(self, channel_id: str, ts: str) -> None:
        self.shares.setdefault(channel_id, []).append(ts)

    def as_slack(self) -> dict[str, Any]:
        folder = f"{self.base_url}/files-pri/{self.team_id}-{self.id}"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.filetype,
            "pretty_type": self.filetype.upper(),
            "user": self.owner_id,
            "user_team": self.team_id,
            "editable": False,
            "size": self.length,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": any(channel.startswith("C") for channel in self.shares),
            "public_url_shared": False,
            "url_private": f"{folder}/{self.name}",
            "url_private_download": f"{folder}/download/{self.name}",
            "permalink": f"{self.base_url}/files/{self.owner_id}/{self.id}/{self.name}",
            "channels": [channel for channel in self.shares if channel.startswith("C")],
            "groups": [channel for channel in self.shares if channel.startswith("G")],
            "ims": [channel for channel in self.shares if channel.startswith("D")],
            "shares": {"public": {channel: [{"ts": ts} for ts in all_] for channel, all_ in self.shares.items()}},
            "has_rich_preview": False,
            "file_access": "visible",
        }
