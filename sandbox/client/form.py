"""A modal or Home tab in front of a person."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sandbox.client.words import texts_in

if TYPE_CHECKING:
    from sandbox.client.member import Member
    from sandbox.client.outcome import Outcome


class Form:
    """A modal or Home tab in front of a person."""

    def __init__(self, member: Member, content: dict[str, Any]):
        self.member, self.content, self.id = member, content, content["id"]

    def __repr__(self) -> str:
        return f"<{self.content['type']} {self.title!r} of {self.member.real_name}>"

    @property
    def title(self) -> str:
        return str((self.content.get("title") or {}).get("text", ""))

    @property
    def blocks(self) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = self.content["blocks"]
        return blocks

    @property
    def words(self) -> str:
        return "\n".join([self.title, *texts_in(self.blocks)])

    @property
    def values(self) -> dict[str, Any]:
        values: dict[str, Any] = self.content["state"]["values"]
        return values

    @property
    def errors(self) -> dict[str, str]:
        return self.content.get("errors") or {}

    @property
    def _home(self) -> bool:
        return bool(self.content["type"] == "home")

    def now(self) -> Form:
        """Return the view as it is now."""
        if self._home:
            return Form(self.member, self.member._home_after(0) or self.content)
        return Form(self.member, self.member.view_now() or self.content)

    def fill(self, field: str, value: Any) -> Outcome:
        """Enter a value in the field with this block id, action id or label; files as (name, bytes)."""
        path = "home/fill" if self._home else "view/fill"
        return self.member.act(path, view=self.id, field=field, value=_sendable(value))

    def click(self, what: str, value: Any = None, block_id: str | None = None) -> Outcome:
        path = "home/click" if self._home else "view/click"
        return self.member.act(path, view=self.id, what=what, value=value, block_id=block_id)

    def suggest(self, what: str, query: str) -> dict[str, Any]:
        return self.member.act("suggest", view=self.id, what=what, query=query)

    def submit(self) -> Outcome:
        return self.member.act("view/submit", view=self.id)

    def close(self, *, all_of_them: bool = False) -> Outcome:
        return self.member.act("view/close", all=all_of_them)


def _sendable(value: Any) -> Any:
    """Return *value* with each (name, bytes) as the control API takes a file."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], bytes):
        return {"name": value[0], "base64": base64.b64encode(value[1]).decode()}
    return [_sendable(each) for each in value] if isinstance(value, list) else value
