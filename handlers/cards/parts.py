"""The six places of a card: the same builders for all, so that who has read one card can read every other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from handlers.cards.refs import Ref
from handlers.harmless import fit_mrkdwn
from handlers.texts import fit, plain, say

HEADER, SECTION, FIELD, CONTEXT, BUTTON = 150, 2900, 1900, 1900, 75  # characters; Slack's limits with some room
MOST_PEOPLE, MOST_FIELDS = 3, 10
PRIMARY = "primary"

Blocks = tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A card: *text* for notifications and screen readers (mrkdwn), *blocks* for the eye."""

    text: str
    blocks: tuple[Block, ...]


class Titled(Protocol):
    """What a header needs of a case."""

    @property
    def language(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> str | None: ...
    @property
    def what(self) -> str: ...


# --- texts -------------------------------------------------------------------------------------------------


def case_title(case: Titled) -> str:
    """Return the name of the case with its word: "Complaint 261107"; a duty's own name; what it is about, before."""
    if case.kind == "complaint":
        if case.number:
            return say(case.language, "card.case", number=plain(case.number, 40))
        about = plain(case.what, 50)
        return say(case.language, "card.case_new_of" if about else "card.case_new", thing=about)
    name = plain(case.what, 80)
    return say(case.language, "card.case_of_kind", what=name, number=plain(case.number, 40)) if case.number else name


def header_text(case: Titled, ask: str) -> str:
    """Return the header's words: the case, then what is asked now."""
    return fit(say(case.language, "card.header", case=case_title(case), ask=plain(ask)), HEADER)


def mentions(people: Sequence[str], language: str) -> str:
    """Return people as mentions, the first three and how many there are."""
    shown = " ".join(f"<@{member}>" for member in people[:MOST_PEOPLE])
    if len(people) <= MOST_PEOPLE:
        return shown
    rest = len(people) - MOST_PEOPLE
    return f"{shown} {say(language, 'card.more_people', n=rest, total=len(people))}"


def bold(text: str) -> str:
    return f"*{text}*" if text else ""


def spaced(*parts: str) -> str:
    """Return the parts that are not empty with two spaces between, so that bold stands free."""
    return "  ".join(p for p in parts if p)


def lines(*parts: str) -> str:
    return "\n".join(p for p in parts if p)


def first_of(texts: Sequence[str], most: int, language: str) -> list[str]:
    """Return the first of many lines, and how many there are more."""
    rest = len(texts) - most
    return [*texts[:most], say(language, "card.more", n=rest)] if rest > 0 else list(texts)


def at_of(value: object) -> datetime | None:
    """Read an instant that a notice's facts carry as text."""
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


# --- blocks ------------------------------------------------------------------------------------------------


def header(text: str) -> HeaderBlock:
    return HeaderBlock(text=PlainTextObject(text=fit(text, HEADER), emoji=False))


def mrkdwn(text: str, limit: int) -> MarkdownTextObject:
    """Return text that Slack takes as it stands: nothing in it is turned into a link or a mention by guessing."""
    return MarkdownTextObject(text=fit_mrkdwn(text, limit), verbatim=True)


def section(*parts: str) -> tuple[SectionBlock, ...]:
    """Return a section of the lines that are not empty; nothing when all are."""
    text = lines(*parts)
    return (SectionBlock(text=mrkdwn(text, SECTION)),) if text else ()


def fields(pairs: Iterable[tuple[str, str]]) -> tuple[SectionBlock, ...]:
    """Return labelled facts; each reads well alone, in case they stand under one another."""
    found = [mrkdwn(f"*{label}*\n{value}", FIELD) for label, value in pairs]
    return tuple(SectionBlock(fields=found[at : at + MOST_FIELDS]) for at in range(0, len(found), MOST_FIELDS))


def context(*parts: str) -> tuple[ContextBlock, ...]:
    """Return small lines."""
    text = lines(*parts)
    return (ContextBlock(elements=[mrkdwn(text, CONTEXT)]),) if text else ()


def button(label: str, action_id: str, ref: Ref, *, green: bool = False) -> ButtonElement:
    return ButtonElement(
        text=PlainTextObject(text=plain(label, BUTTON), emoji=False),
        action_id=action_id,
        value=ref.text(),
        style=PRIMARY if green else None,
    )


def actions(*buttons: ButtonElement | None) -> tuple[ActionsBlock, ...]:
    found = [b for b in buttons if b is not None]
    return (ActionsBlock(elements=found),) if found else ()


def one_row(text: str, accessory: ButtonElement | None = None) -> SectionBlock:
    """Return a row of a list: three lines and at most one button (reminder and App Home)."""
    return SectionBlock(text=mrkdwn(text, SECTION), accessory=accessory)


def card(text: str, *groups: Iterable[Block]) -> Drawn:
    """Put a card together; *text* is cut to what an update takes."""
    return Drawn(text=fit_mrkdwn(text, 3000), blocks=tuple(block for group in groups for block in group))
