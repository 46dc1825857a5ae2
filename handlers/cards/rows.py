"""A row of a list, the same in the merged reminder and on App Home: case and stage, deadline, customer and matter."""

from __future__ import annotations

from slack_sdk.models.blocks import ButtonElement, SectionBlock

from complaints.views import HomeRow
from handlers.cards import phrases as words
from handlers.cards.approval import MAIN, SHOW
from handlers.cards.home import MORE as CASE_MORE
from handlers.cards.home import URGE
from handlers.cards.parts import bold, button, case_title, lines, mentions, one_row, spaced
from handlers.cards.refs import Ref
from handlers.texts import join, one_line, plain, say


def list_row(row: HomeRow, *, green: bool = False, with_team: bool = False) -> SectionBlock:
    """
    Return an item of a list with its one button; a decided one reads "✓ done" and has none.

    *with_team*: say who has it (late items and one's own; what waits for the reader needs no name).
    """
    return one_row(lines(title_line(row), deadline_line(row, with_team), matter_line(row)), row_button(row, green))


def title_line(row: HomeRow) -> str:
    text = say(row.language, "reminder.row", case=one_line(case_title(row)), stage=one_line(row.stage, 60))
    says_it = not row.stage or one_line(case_title(row)).startswith(one_line(row.stage, 60))
    text = bold(one_line(case_title(row))) if says_it else text
    return f"{words.LATE} {text}" if row.due is not None and row.due.overdue and not row.done else text


def deadline_line(row: HomeRow, with_team: bool) -> str:
    if row.done:
        return say(row.language, "reminder.done")
    due = words.by_when(row.due, row.language, row.zone)
    if not with_team or row.team is None:
        return due
    label = one_line(row.team.label, 60) if row.team.label else ""
    people = mentions(row.team.people, row.language)
    return spaced(due, f"{label} {people}".strip())


def matter_line(row: HomeRow) -> str:
    customer = one_line(row.customer, 60) if row.customer else ""
    return join((one_line(row.regulation, 40), customer, one_line(row.matter, 80)), row.language)


def row_button(row: HomeRow, green: bool) -> ButtonElement | None:
    """Return the button of a row: the stage's verb, urge, the four decisions of the general manager, or open."""
    if row.act is None or row.done:
        return None
    ref = Ref(case=row.case_id, visit=row.visit, facts=row.facts_version)
    match row.act:
        case "main":
            words_ = plain(row.button, 30) or say(row.language, "card.button_fill")
            return button(words_ if words_.endswith("…") else f"{words_}…", MAIN, ref, green=green)
        case "urge":
            return button(say(row.language, "card.button_urge"), URGE, ref)
        case "rule":
            return button(say(row.language, "card.button_rule"), CASE_MORE, ref)
        case _:
            return button(say(row.language, "card.button_open"), SHOW, ref)
