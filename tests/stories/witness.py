"""What a stretch of a conversation showed: the kinds of cards that Slack took, and the views that stood before people."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from dataclasses import dataclass

from bot.playground import Playground
from sandbox.client import SandboxClient
from tests.stories.hurried import HurriedPlayground

_VIEW = re.compile(r'"callback_id": "([^"]+)"')
HOME = "home"
STORE_SECONDS = 30.0
"""A message is seen in Slack before its answer is stored; so long may that take."""


@dataclass(frozen=True)
class Witness:
    """Looks at a playground from a moment on: from its start as it stands, or from now with `of`."""

    place: Playground
    message: int = 0
    call: int = 0
    delivery: int = 0

    @classmethod
    def of(cls, place: Playground) -> Witness:
        """Return one that looks from now on."""
        desk = SandboxClient(place.url)
        calls, deliveries = desk.calls(), desk.deliveries()
        last = [rows[-1]["seq"] if rows else 0 for rows in (calls, deliveries)]
        return cls(place, max((number for number, _ in _sent(place)), default=0), *last)

    def shown(self) -> set[str]:
        """Return `card.KIND` for each kind that was posted since, `form.ID` for each view, and `home`."""
        desk = SandboxClient(self.place.url)
        calls = desk.calls(after=self.call)
        text = json.dumps([calls, desk.deliveries(after=self.delivery)])
        homes = {HOME} if any(call["method"] == "views.publish" for call in calls) else set()
        cards = {f"card.{kind}" for number, kind in _sent(self.place) if number > self.message}
        return cards | {f"form.{view}" for view in _VIEW.findall(text)} | homes

    def missed(self, names: set[str]) -> set[str]:
        """Return which of *names* were not shown; what is in a courier's hands is waited for."""
        until = time.monotonic() + STORE_SECONDS
        while (missing := names - self.shown()) and time.monotonic() < until:
            time.sleep(0.1)
            if isinstance(self.place, HurriedPlayground) and self.place.hurries:
                self.place.hurry()
        return missing


def _sent(place: Playground) -> list[tuple[int, str]]:
    """Return outbox row and kind of every message that Slack took."""
    with sqlite3.connect(place.folder / "redress.sqlite3") as core:
        found = core.execute("SELECT id, kind FROM outbox WHERE state = 'sent' AND action = 'post'")
        return [(int(number), str(kind)) for number, kind in found]
