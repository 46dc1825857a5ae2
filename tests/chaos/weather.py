"""Slack at its worst: spells of standing faults, broken sockets, and things that are taken away and later repaired."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from typing import Any

from sandbox.client import CannotDo, SandboxClient
from tests.chaos.company import OFFICER

POSTS, UPDATES = "chat.postMessage", "chat.update"
"""What the courier does; whispers to a person who clicked are no notices and left alone."""

STANDING: tuple[dict[str, Any], ...] = (
    {"kind": "lose_answer", "method": POSTS, "share": 0.4},
    {"kind": "lose_answer", "method": UPDATES, "share": 0.4},
    {"kind": "delay", "method": POSTS, "share": 0.3, "seconds": 10},
    {"kind": "delay", "method": POSTS, "share": 0.3, "seconds": 10, "after_work": True},
    {"kind": "delay", "method": "views.*", "share": 0.3, "seconds": 10},
    {"kind": "error", "method": POSTS, "share": 0.5, "status": 500},
    {"kind": "error", "method": POSTS, "share": 0.5, "status": 503, "after_work": True},
    {"kind": "error", "method": "*", "share": 0.7, "status": 503},
    {"kind": "ratelimit", "method": POSTS, "share": 0.6, "seconds": 3},
    {"kind": "ratelimit", "method": "*", "share": 0.9, "seconds": 30},
    {"kind": "drop", "method": POSTS, "share": 0.3},
    {"kind": "drop", "method": POSTS, "share": 0.3, "after_work": True},
    {"kind": "drop", "method": "conversations.*", "share": 0.5},
    {"kind": "redeliver", "method": "*", "share": 0.6},
    {"kind": "reorder", "method": "events_api", "share": 0.5},
    {"kind": "delay_delivery", "method": "*", "share": 0.3, "seconds": 2},
    {"kind": "lose_delivery", "method": "*", "share": 0.3},
    {"kind": "lose_ack", "method": "*", "share": 0.4},
)
SOCKETS: tuple[dict[str, Any], ...] = (
    {"kind": "drop_sockets"},
    {"kind": "disconnect", "reason": "refresh_requested"},
    {"kind": "disconnect", "reason": "warning"},
)
SCOPES = ("chat:write", "channels:history", "im:history", "im:write", "users:read")


class Weather:
    """Makes the weather of one spell after the other; the dice say which."""

    def __init__(self, desk: SandboxClient, dice: random.Random) -> None:
        self._desk, self._dice = desk, dice
        there = desk.workspace()
        self._channels = [c["id"] for c in there["channels"]]
        self._people = [p["id"] for p in there["people"] if p["id"] != OFFICER and not p.get("is_bot")]
        self._mending: list[list[dict[str, Any]]] = []
        self.seen: Counter[str] = Counter()

    def turn_bad(self) -> None:
        """Begin a spell: up to three standing faults, now and then something taken away or a socket broken."""
        for fault in self._dice.sample(STANDING, self._dice.choice((1, 1, 2, 3))):
            self._do({**fault, "seed": self._dice.randrange(1000)})
        if self._dice.random() < 0.4:
            self._do(self._dice.choice(SOCKETS))
        if self._dice.random() < 0.5:
            self._break()

    def turn_good(self) -> None:
        """End a spell. What was taken away is mostly given back."""
        self._desk.clear_faults()
        if self._dice.random() < 0.7:
            self.mend()

    def mend(self) -> None:
        """Give back all that was taken away."""
        while self._mending:
            for cure in self._mending.pop():
                with contextlib.suppress(CannotDo):
                    self._desk.fault(**cure)

    def clear(self) -> None:
        self._desk.clear_faults()
        self.mend()

    def _break(self) -> None:
        channel, person, scope = (self._dice.choice(found) for found in (self._channels, self._people, SCOPES))
        again = {"kind": "add_bot", "channel": channel}
        breaks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
            ({"kind": "archive_channel", "channel": channel}, [{"kind": "unarchive_channel", "channel": channel}, again]),
            ({"kind": "remove_bot", "channel": channel}, [again]),
            ({"kind": "revoke_token"}, [{"kind": "restore_token"}]),
            ({"kind": "deactivate_person", "member": person}, [{"kind": "reactivate_person", "member": person}]),
            ({"kind": "remove_scope", "scope": scope}, [{"kind": "add_scope", "scope": scope}]),
        ]  # fmt: skip
        harm, cure = self._dice.choice(breaks)
        self._mending.append(cure)
        self._do(harm)

    def _do(self, fault: dict[str, Any]) -> None:
        with contextlib.suppress(CannotDo):
            self._desk.fault(**fault)
            self.seen[
                f"{fault['kind']} {fault.get('method') or fault.get('reason') or fault.get('scope') or ''}".strip()
            ] += 1
