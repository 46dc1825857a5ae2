"""Slack at its worst: spells of standing faults, broken sockets, and things that are taken away and later repaired."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from sandbox.client import CannotDo, SandboxClient
from tests.chaos.calls import POSTS
from tests.chaos.company import OFFICER

UPDATES = "chat.update"
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
RUSH: dict[str, Any] = {"kind": "ratelimit", "method": "chat.*", "seconds": 8}
"""For every message and rewriting: where much waits for one channel, only who keeps `Retry-After` leaves it alone for so long."""
SOCKETS: tuple[dict[str, Any], ...] = (
    {"kind": "drop_sockets"},
    {"kind": "disconnect", "reason": "refresh_requested"},
    {"kind": "disconnect", "reason": "warning"},
)
TOKEN_BACK = [{"kind": "restore_token"}]
SCOPES = ("chat:write", "channels:history", "im:history", "im:write", "users:read")


T = TypeVar("T")


class Deck(Generic[T]):
    """Gives all of *cards* in some order, and then all again in another one: none is left out by chance."""

    def __init__(self, dice: random.Random, cards: Sequence[T]) -> None:
        self._dice, self._cards, self._left = dice, cards, list[T]()

    def draw(self) -> T:
        self._left = self._left or self._dice.sample(self._cards, len(self._cards))
        return self._left.pop()


class Weather:
    """
    Makes the weather of one spell after the other; the dice say which. *seen*: how often each standing fault struck a call or
    a delivery, and how often each other thing was done.
    """

    def __init__(self, desk: SandboxClient, dice: random.Random) -> None:
        self._desk, self._dice = desk, dice
        there = desk.workspace()
        self._channels = [c["id"] for c in there["channels"]]
        self._people = [p["id"] for p in there["people"] if p["id"] != OFFICER and not p.get("is_bot")]
        self._mending: list[list[dict[str, Any]]] = []
        self._standing, self._sockets, self._scopes = (Deck(dice, each) for each in (STANDING, SOCKETS, SCOPES))
        self._breaks = Deck(dice, ("archive", "remove_bot", "revoke", "deactivate", "scope"))
        self.seen: Counter[str] = Counter()

    def turn_bad(self) -> None:
        """Begin a spell: up to three standing faults, now and then something taken away or a socket broken."""
        for _ in range(self._dice.choice((1, 1, 2, 3))):
            self._do({**self._standing.draw(), "seed": self._dice.randrange(1000)})
        if self._dice.random() < 0.4:
            self._do(self._sockets.draw())
        if self._dice.random() < 0.5:
            self._break()

    def turn_busy(self) -> None:
        """Begin a spell in which Slack takes no message for some seconds and says for how many; much should be waiting meanwhile."""
        self._do(RUSH)

    def turn_good(self) -> None:
        """
        End a spell. What was taken away is given back after one or a few, for in a single one hardly a message meets it; the token
        at once, for without it nothing meets anything.
        """
        self._blow_over()
        kept = [] if self._dice.random() < 0.4 else [cure for cure in self._mending if cure != TOKEN_BACK]
        self._mending = [cure for cure in self._mending if cure not in kept]
        self.mend()
        self._mending = kept

    def mend(self) -> None:
        """Give back all that was taken away."""
        while self._mending:
            for cure in self._mending.pop():
                with contextlib.suppress(CannotDo):
                    self._desk.fault(**cure)

    def clear(self) -> None:
        self._blow_over()
        self.mend()

    def _blow_over(self) -> None:
        for fault in self._desk.get("faults")["faults"]:
            self.seen[_name(fault)] += fault["used"]
        self._desk.clear_faults()

    def _break(self) -> None:
        channel, person = self._dice.choice(self._channels), self._dice.choice(self._people)
        scope, again = self._scopes.draw(), {"kind": "add_bot", "channel": channel}
        breaks: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
            "archive": ({"kind": "archive_channel", "channel": channel}, [{"kind": "unarchive_channel", "channel": channel}, again]),
            "remove_bot": ({"kind": "remove_bot", "channel": channel}, [again]),
            "revoke": ({"kind": "revoke_token"}, TOKEN_BACK),
            "deactivate": ({"kind": "deactivate_person", "member": person}, [{"kind": "reactivate_person", "member": person}]),
            "scope": ({"kind": "remove_scope", "scope": scope}, [{"kind": "add_scope", "scope": scope}]),
        }  # fmt: skip
        harm, cure = breaks[self._breaks.draw()]
        self._mending.append(cure)
        self._do(harm)

    def _do(self, fault: dict[str, Any]) -> None:
        with contextlib.suppress(CannotDo):
            self._desk.fault(**fault)
            if fault["kind"] not in {standing["kind"] for standing in STANDING}:
                self.seen[_name(fault)] += 1


def _name(fault: Mapping[str, Any]) -> str:
    what = fault.get("method") or fault.get("reason") or fault.get("scope") or ""
    more = [str(fault["status"])] if fault["kind"] == "error" else []
    return " ".join(
        [fault["kind"], *filter(None, [what]), *more, *(["after the work"] if fault.get("after_work") else [])]
    )
