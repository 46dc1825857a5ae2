"""A message as a person sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.client.problems import CannotDo
from sandbox.client.words import texts_in

if TYPE_CHECKING:
    from sandbox.client.desk import SandboxClient
    from sandbox.client.member import Member
    from sandbox.client.outcome import Outcome


class Shown:
    """A message as a person sees it; without a person it can be read, not pressed (see `seen_by`)."""

    def __init__(self, desk: SandboxClient, member: Member | None, content: dict[str, Any]):
        self.desk, self.member, self.content = desk, member, content
        self.ts, self.channel = content["ts"], content["channel"]

    def __repr__(self) -> str:
        return f"<{self.channel} {self.ts}: {self.text!r}>"

    @property
    def text(self) -> str:
        return str(self.content["text"])

    @property
    def blocks(self) -> list[dict[str, Any]]:
        return self.content.get("blocks") or []

    @property
    def words(self) -> str:
        """All words of the message: its text and every text in its blocks."""
        return "\n".join([self.text, *texts_in(self.blocks)])

    @property
    def buttons(self) -> list[str]:
        return [
            each["text"]["text"]
            for block in self.blocks
            for each in [*block.get("elements", ()), block.get("accessory", {})]
            if each.get("type") == "button"
        ]

    def seen_by(self, who: str | Member) -> Shown:
        member = self.desk.as_member(who) if isinstance(who, str) else who
        return Shown(self.desk, member, self.content)

    def now(self) -> Shown:
        """Return the message as it is now."""
        seen = self.member.messages(self.channel) if self.member else self.desk.messages(self.channel)
        return next(each for each in seen if each.ts == self.ts)

    def replies(self) -> list[Shown]:
        seen = self.member.messages(self.channel) if self.member else self.desk.messages(self.channel)
        return [each for each in seen if each.content.get("thread_ts") == self.ts and each.ts != self.ts]

    def click(self, what: str, value: Any = None, block_id: str | None = None) -> Outcome:
        """Press a button (by its text or action id), or choose *value* in a menu or picker."""
        return self._person().act("click", channel=self.channel, ts=self.ts, what=what, value=value, block_id=block_id)

    choose = click

    def stale_click(
        self, what: str, old_blocks: list[dict[str, Any]] | None = None, value: Any = None, version: int = 0
    ) -> Outcome:
        """Press a button of an earlier rendering: the given blocks, or the version with this number."""
        return self._person().act(
            "stale-click",
            channel=self.channel,
            ts=self.ts,
            what=what,
            value=value,
            blocks=old_blocks,
            version=version,
        )

    def suggest(self, what: str, query: str) -> dict[str, Any]:
        return self._person().act("suggest", channel=self.channel, ts=self.ts, what=what, query=query)

    def _person(self) -> Member:
        if self.member is None:
            raise CannotDo("say who: message.seen_by(…)")
        return self.member
