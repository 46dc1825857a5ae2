"""A person of the workspace."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandbox.client.form import Form
from sandbox.client.line import WAIT_SECONDS
from sandbox.client.outcome import Outcome
from sandbox.client.problems import StillWaiting
from sandbox.client.shown import Shown

if TYPE_CHECKING:
    from sandbox.client.desk import SandboxClient


class Member:
    """A person of the workspace, named by id, name or real name."""

    def __init__(self, desk: SandboxClient, who: str):
        self.desk = desk
        known = desk.get(f"as/{quote(who)}")
        self.id, self.name, self.real_name, self.dm = (
            known["id"],
            known["name"],
            known["real_name"],
            known["dm"],
        )

    def act(self, name: str, /, **body: Any) -> Outcome:
        return Outcome(self, self.desk.post(f"as/{self.id}/{name}", **body))

    def command(self, command: str, text: str = "", channel: str | None = None) -> Outcome:
        """Type a slash command, by default in the conversation with the app."""
        return self.act("command", command=command, text=text, channel=channel)

    def shortcut(self, callback_id: str) -> Outcome:
        return self.act("shortcut", callback_id=callback_id)

    def message_shortcut(self, callback_id: str, message: Shown) -> Outcome:
        return self.act("message-shortcut", callback_id=callback_id, channel=message.channel, ts=message.ts)

    def say(self, channel: str | None, text: str, thread: str | Shown | None = None) -> Shown:
        said = self.act("say", channel=channel, text=text, thread=_ts(thread))
        return Shown(self.desk, self, said["message"])

    def upload(
        self,
        channel: str | None,
        name: str,
        content: bytes,
        thread: str | Shown | None = None,
        text: str = "",
    ) -> Shown:
        sent = base64.b64encode(content).decode()
        done = self.act("upload", channel=channel, name=name, base64=sent, thread=_ts(thread), text=text)
        return Shown(self.desk, self, done["message"])

    def join(self, channel: str) -> Outcome:
        return self.act("join", channel=channel)

    def leave(self, channel: str) -> Outcome:
        return self.act("leave", channel=channel)

    def home(self, timeout: float = WAIT_SECONDS) -> Form:
        """Open the app's Home and return what the app then publishes, or else the last one."""
        before = self.act("home")["published"]
        try:
            found = self.desk.wait_for(lambda: self._home_after(before), timeout, "a Home tab")
        except StillWaiting:
            last = self._home_after(0)
            if last is None:
                raise
            found = last
        return Form(self, found)

    def _home_after(self, published: int) -> dict[str, Any] | None:
        view = self.desk.get(f"as/{self.id}/home")["view"]
        return view if view and view["published"] > published else None

    def view(self, timeout: float = WAIT_SECONDS) -> Form:
        """Return the top modal, waiting for one to be there."""
        return Form(self, self.desk.wait_for(self.view_now, timeout, f"a modal of {self.real_name}"))

    def view_now(self) -> dict[str, Any] | None:
        view: dict[str, Any] | None = self.desk.get(f"as/{self.id}/view")["view"]
        return view

    def messages(self, channel: str) -> list[Shown]:
        """Return what this person sees in a channel, their ephemeral messages included."""
        found = self.desk.get(f"channels/{quote(channel)}/messages", **{"as": self.id})["messages"]
        return [Shown(self.desk, self, each) for each in found]

    def dms(self) -> list[Shown]:
        return [Shown(self.desk, self, each) for each in self.desk.get(f"as/{self.id}/dms")["messages"]]

    def ephemerals(self, channel: str | None = None) -> list[Shown]:
        found = self.desk.get(f"as/{self.id}/ephemerals", channel=channel)["messages"]
        return [Shown(self.desk, self, each) for each in found]

    def wait_message(self, channel: str, contains: str = "", timeout: float = WAIT_SECONDS) -> Shown:
        return self._wait(lambda: self.messages(channel), contains, timeout)

    def wait_ephemeral(self, contains: str = "", timeout: float = WAIT_SECONDS) -> Shown:
        return self._wait(self.ephemerals, contains, timeout)

    def _wait(self, look: Callable[[], list[Shown]], contains: str, timeout: float) -> Shown:
        def newest() -> Shown | None:
            fitting = [each for each in look() if contains in each.words]
            return fitting[-1] if fitting else None

        return self.desk.wait_for(newest, timeout, f"“{contains}” for {self.real_name}")


def _ts(thread: str | Shown | None) -> str | None:
    return thread.ts if isinstance(thread, Shown) else thread
