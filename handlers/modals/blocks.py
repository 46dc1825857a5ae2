"""The few blocks that modals and App Home are made of, cut to Slack's limits where people's words come in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from handlers.harmless import fit_mrkdwn, pieces
from handlers.texts import fit, plain

Block = dict[str, Any]
View = dict[str, Any]

MOST_BLOCKS = 100
MOST_CHARACTERS = 200_000
LONGEST_TITLE = 24
LONGEST_LABEL = 75
LONGEST_SECTION = 3000
LONGEST_INPUT_LABEL = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """A button: what it says, which act it is, and its value (`refs.Ref` as text)."""

    label: str
    action_id: str
    value: str = "-"
    green: bool = False
    about: str = ""


def text(words: str, limit: int = LONGEST_LABEL) -> Block:
    """Return a plain text of at most *limit* characters; never empty, which Slack refuses."""
    return {"type": "plain_text", "text": plain(words, limit) or "–", "emoji": False}


def mrkdwn(words: str, limit: int = LONGEST_SECTION) -> Block:
    """Return mrkdwn that Slack takes as it stands; *words* are escaped already."""
    return {"type": "mrkdwn", "text": fit_mrkdwn(words, limit) or "–", "verbatim": True}


def section(words: str, *, button: Button | None = None, block_id: str | None = None) -> Block:
    found: Block = {"type": "section", "text": mrkdwn(words)}
    if block_id:
        found["block_id"] = block_id
    if button is not None:
        found["accessory"] = button_element(button)
    return found


def context(*lines: str) -> Block:
    return {"type": "context", "elements": [mrkdwn(line, 2000) for line in lines if line][:10]}


def header(words: str) -> Block:
    return {"type": "header", "text": text(words, 150)}


def divider() -> Block:
    return {"type": "divider"}


def actions(*elements: Block, block_id: str) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button_element(button: Button) -> Block:
    found: Block = {
        "type": "button",
        "text": text(button.label),
        "action_id": button.action_id,
        "value": button.value[:2000],
    }
    if button.green:
        found["style"] = "primary"
    if button.about:
        found["accessibility_label"] = fit(button.about, LONGEST_LABEL)
    return found


def option(value: str, words: str, description: str = "") -> Block:
    found: Block = {"text": text(words), "value": value[:150]}
    if description:
        found["description"] = text(description)
    return found


def modal(
    *,
    callback_id: str,
    title: str,
    blocks: Iterable[Block],
    close: str,
    submit: str | None = None,
    metadata: str = "",
    notify_on_close: bool = False,
) -> View:
    """Return a modal; what is too long for its title is cut visibly."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": text(title, LONGEST_TITLE),
        "blocks": list(blocks)[:MOST_BLOCKS],
        "close": text(close, LONGEST_TITLE),
        "private_metadata": metadata,
    }
    if submit is not None:
        view["submit"] = text(submit, LONGEST_TITLE)
    if notify_on_close:
        view["notify_on_close"] = True
    return view


def paragraphs(lines: Sequence[str], limit: int = 2900) -> list[Block]:
    """Return *lines* as few sections as fit, broken between lines; a line that is too long goes on in the next one."""
    found: list[str] = []
    for piece in (piece for line in lines for piece in pieces(line, limit)):
        if found and len(found[-1]) + len(piece) + 1 <= limit:
            found[-1] = f"{found[-1]}\n{piece}"
        else:
            found.append(piece)
    return [section(part) for part in found if part.strip()]


def in_view(blocks: Sequence[Block], rest: str, *last: Block) -> list[Block]:
    """
    Return what a view can hold of *blocks*, and *last* below it; where some are left out, *rest* says so.

    Slack takes a hundred blocks and 250 kB, counted here as they are sent: a Chinese character as six.
    """
    room, shown = MOST_CHARACTERS, list[Block]()
    for block in blocks:
        room -= len(json.dumps(block))
        if room < 0 or len(shown) + len(last) + 1 >= MOST_BLOCKS:
            return [*shown, context(rest), *last]
        shown.append(block)
    return [*shown, *last]


def input_ids(view: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the blocks of a built view at which an error can be shown."""
    return tuple(str(b["block_id"]) for b in view["blocks"] if b.get("type") == "input")
