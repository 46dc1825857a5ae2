"""What came of an act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandbox.client.form import Form
from sandbox.client.line import WAIT_SECONDS

if TYPE_CHECKING:
    from sandbox.client.member import Member


class Outcome(dict[str, Any]):
    """What came of an act: the sandbox's answer, and the view that it led to."""

    def __init__(self, member: Member, answer: dict[str, Any]):
        super().__init__(answer)
        self.member = member

    @property
    def ok(self) -> bool:
        return bool(self["ok"])

    @property
    def error(self) -> str | None:
        return self.get("error")

    def view(self, timeout: float = WAIT_SECONDS) -> Form:
        """Return the view opened with this act's trigger, waiting for it."""
        trigger = quote(str(self.get("trigger_id")))
        desk = self.member.desk
        found = desk.wait_for(lambda: desk.get(f"triggers/{trigger}")["view"], timeout, "a view to open")
        return Form(self.member, found)
