"""The desk officer after the repair: says of doubtful messages what is there, and has the others sent again."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from sqlalchemy import create_engine, text

from sandbox.client import CannotDo, Shown
from tests.chaos.company import OFFICER
from tests.chaos.stage import Stage

NOBODY_CAN_TELL = "nobody can tell whether it was shown"
"""What the bot logs of such a message, as JSON with its *row*."""
SEND_AGAIN, IS_THERE = "trouble.send_again", "trouble.is_there"


def see_to_it(stage: Stage) -> int:
    """Press the officer's buttons for every message in trouble and return how many there were."""
    rows = _troubled(stage)
    keys = _keys(stage.state())
    told = stage.desk.as_member(OFFICER).dms()
    for number, key, state in rows:
        place = keys.get(key)
        if state == "uncertain" and place is not None:
            _say_where(told, number, place)
    left = {number for number, _, _ in _troubled(stage)}
    for message in told:
        if left.intersection(_numbers(message, SEND_AGAIN)):
            message.click(SEND_AGAIN)
            left -= _numbers(message, SEND_AGAIN)
    return len(rows)


def in_trouble(stage: Stage) -> int:
    """Return of how many messages the officer still has to decide: none, once everything is repaired."""
    return len(_troubled(stage))


def doubted(stage: Stage) -> set[str]:
    """Return the keys of messages that nobody could tell of for a while, also of those that somebody saw to during the load."""
    lines = [line for line in stage.log.read_text("utf-8", "replace").splitlines() if NOBODY_CAN_TELL in line]
    numbers = {json.loads(line)["row"] for line in lines}
    engine = create_engine(stage.database)
    with engine.connect() as core:
        found = {key for number, key in core.execute(text("SELECT id, key FROM outbox")) if number in numbers}
    engine.dispose()
    return found


def _say_where(told: list[Shown], number: int, place: tuple[str, str]) -> None:
    for message in told:
        for block in message.blocks:
            button = block.get("accessory") or {}
            if button.get("action_id") == IS_THERE and str(button["value"]).endswith(f"|{number}"):
                with contextlib.suppress(CannotDo, AssertionError):
                    form = message.click(IS_THERE, block_id=block["block_id"]).view(5)
                    form.fill("link", f"https://tour.slack.com/archives/{place[0]}/p{place[1].replace('.', '')}")
                    form.submit()
                return


def _numbers(message: Shown, action: str) -> set[int]:
    elements = [e for b in message.blocks for e in b.get("elements", ()) if e.get("action_id") == action]
    return {int(n) for e in elements for n in str(e["value"]).split("|")[-1].split(",") if n.isdigit()}


def _troubled(stage: Stage) -> list[Any]:
    engine = create_engine(stage.database)
    with engine.connect() as core:
        asked = "SELECT id, key, state FROM outbox WHERE state IN ('failed', 'uncertain') AND kind <> 'undelivered'"
        found = list(core.execute(text(asked)))
    engine.dispose()
    return found


def _keys(state: dict[str, Any]) -> dict[str, tuple[str, str]]:
    found = {}
    for channel, messages in state["messages"].items():
        for message in messages:
            key = (message.get("metadata") or {}).get("event_payload", {}).get("key")
            if key:
                found[key] = (channel, message["ts"])
    return found
