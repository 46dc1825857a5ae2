"""A modal or a Home tab as it is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.ids import short_id
from sandbox.world.inputs import Values, values_for


@dataclass
class View:
    id: str
    owner_id: str
    type: str
    content: dict[str, Any]
    hash: str
    app: dict[str, str]
    root_view_id: str = ""
    previous_view_id: str | None = None
    external_id: str = ""
    values: Values = field(default_factory=dict)
    typed: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    published: int = 1
    trigger_id: str = ""

    @property
    def blocks(self) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = self.content["blocks"]
        return blocks

    def show(self, content: dict[str, Any], hash_: str) -> None:
        """Replace the content and keep what was typed where block and action keep their ids."""
        self.content, self.hash, self.errors = content, hash_, {}
        self.external_id = content.get("external_id", self.external_id) or ""
        self.values = values_for(content["blocks"], self.typed)

    def type_in(self, block_id: str, action_id: str, state: dict[str, Any]) -> None:
        self.typed.setdefault(block_id, {})[action_id] = state
        self.values.setdefault(block_id, {})[action_id] = state
        self.errors.pop(block_id, None)

    def as_slack(self) -> dict[str, Any]:
        content = self.content
        return {
            "id": self.id,
            "team_id": self.app["team_id"],
            "type": self.type,
            "blocks": content["blocks"],
            "private_metadata": content.get("private_metadata") or "",
            "callback_id": content.get("callback_id") or "",
            "state": {"values": self.values},
            "hash": self.hash,
            "title": content.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": bool(content.get("clear_on_close")),
            "notify_on_close": bool(content.get("notify_on_close")),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id or self.id,
            "app_id": self.app["app_id"],
            "external_id": self.external_id,
            "app_installed_team_id": self.app["team_id"],
            "bot_id": self.app["bot_id"],
        }


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the blocks as Slack stores them: each with a `block_id`, each element with an `action_id`."""
    return [_with_ids(block) for block in blocks]


def _with_ids(block: dict[str, Any]) -> dict[str, Any]:
    stored = {**block}
    if not stored.get("block_id"):
        stored["block_id"] = short_id()
    for place in ("element", "accessory"):
        if place in stored and stored[place].get("type") != "image":
            stored[place] = _named(stored[place])
    if stored["type"] in ("actions", "context_actions"):
        stored["elements"] = [_named(element) for element in stored["elements"]]
    return stored


def _named(element: dict[str, Any]) -> dict[str, Any]:
    return element if element.get("action_id") else {**element, "action_id": short_id()}
