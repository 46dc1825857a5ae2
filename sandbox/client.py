"""
Drives a running sandbox in the words of the conversation; needs only the standard library.

    desk = SandboxClient("http://127.0.0.1:8910")
    rep = desk.as_member("林佳穎")
    rep.command("/complaint")
    form = rep.view()
    form.fill("field.qty", 168)
    form.submit()
    desk.wait_message("quality", contains="261107").seen_by("陳品管").click("Approve")
"""

from __future__ import annotations

import base64
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

T = TypeVar("T")

WAIT_SECONDS = 5.0


class CannotDo(Exception):
    """The person cannot do that, or the sandbox could not read the request."""


class StillWaiting(AssertionError):
    """What was waited for did not happen in time."""


class SandboxClient:
    """One running sandbox. Safe to share between threads: each has its own connection."""

    def __init__(self, url: str):
        parts = urlsplit(url)
        self.url, self._host, self._port = url.rstrip("/"), parts.hostname or "127.0.0.1", parts.port or 80
        self._local = threading.local()

    # -- talking HTTP

    def get(self, path: str, /, **query: Any) -> dict[str, Any]:
        given = {name: value for name, value in query.items() if value is not None}
        return self._ask("GET", path + (f"?{urlencode(given)}" if given else ""))

    def post(self, path: str, /, **body: Any) -> dict[str, Any]:
        return self._ask("POST", path, body)

    def delete(self, path: str) -> dict[str, Any]:
        return self._ask("DELETE", path)

    def _ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        text = json.dumps(body).encode() if body is not None else None
        headers = {"Content-Type": "application/json"} if text else {}
        for last_try in (False, True):
            try:
                self._connection().request(verb, f"/control/{path}", text, headers)
                response = self._connection().getresponse()
                answer: dict[str, Any] = json.loads(response.read())
                break
            except (http.client.HTTPException, ConnectionError):
                self._local.connection = None
                if last_try or verb != "GET":
                    raise
        if response.status >= 400:
            raise CannotDo(answer.get("problem", f"HTTP {response.status}"))
        return answer

    def _connection(self) -> http.client.HTTPConnection:
        if getattr(self._local, "connection", None) is None:
            self._local.connection = http.client.HTTPConnection(self._host, self._port, timeout=120)
        return self._local.connection  # type: ignore[no-any-return]

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
        return self.get("calls", method=method, after=after)["calls"]  # type: ignore[no-any-return]

    def deliveries(self, kind: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        return self.get("deliveries", kind=kind, after=after)["deliveries"]  # type: ignore[no-any-return]

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
            self.get("changes", after=seq, timeout=min(left, 0.5))

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

    def home(self, timeout: float = 3.0) -> Form:
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
        return self.desk.get(f"as/{self.id}/view")["view"]  # type: ignore[no-any-return]

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

    def wait_dm(self, contains: str = "", timeout: float = WAIT_SECONDS) -> Shown:
        return self._wait(self.dms, contains, timeout)

    def wait_ephemeral(self, contains: str = "", timeout: float = WAIT_SECONDS) -> Shown:
        return self._wait(self.ephemerals, contains, timeout)

    def _wait(self, look: Callable[[], list[Shown]], contains: str, timeout: float) -> Shown:
        def newest() -> Shown | None:
            fitting = [each for each in look() if contains in each.words]
            return fitting[-1] if fitting else None

        return self.desk.wait_for(newest, timeout, f"“{contains}” for {self.real_name}")


def _ts(thread: str | Shown | None) -> str | None:
    return thread.ts if isinstance(thread, Shown) else thread


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
        return "\n".join([self.text, *_texts(self.blocks)])

    @property
    def buttons(self) -> list[str]:
        return [
            each["text"]["text"]
            for block in self.blocks
            for each in [*block.get("elements", ()), block.get("accessory", {})]
            if each.get("type") == "button"
        ]

    def seen_by(self, who: str | Member) -> Shown:
        member = who if isinstance(who, Member) else self.desk.as_member(who)
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


def _texts(part: Any) -> list[str]:
    if isinstance(part, list):
        return [text for each in part for text in _texts(each)]
    if not isinstance(part, dict):
        return []
    found = [part["text"]] if isinstance(part.get("text"), str) else []
    return found + [text for each in part.values() for text in _texts(each)]


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
        return self.content["blocks"]  # type: ignore[no-any-return]

    @property
    def words(self) -> str:
        return "\n".join([self.title, *_texts(self.blocks)])

    @property
    def values(self) -> dict[str, Any]:
        return self.content["state"]["values"]  # type: ignore[no-any-return]

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

    def fill_all(self, **values: Any) -> Form:
        for field, value in values.items():
            self.fill(field, value)
        return self

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


class Running:
    """A sandbox that this process started; use it with `with`."""

    def __init__(self, process: subprocess.Popen[str], ready: dict[str, Any]):
        self.process, self.url, self.api_url = process, ready["url"], ready["api_url"]
        self.client = SandboxClient(self.url)

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def start_sandbox(workspace: Path | str, *options: str, folder: Path | str | None = None) -> Running:
    """Start `python -m sandbox` with *options* and return it when it is ready; it ends with this process."""
    command = [sys.executable, "-m", "sandbox", "--workspace", str(workspace), "--end-with-parent", *options]
    root = folder or Path(__file__).resolve().parent.parent
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise CannotDo(f"the sandbox did not start (exit code {process.wait()})")
    return Running(process, json.loads(line))
