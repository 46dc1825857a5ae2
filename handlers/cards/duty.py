"""A duty's list on its card: the cases of the month with what the meeting or the list needs."""

from __future__ import annotations

from complaints.views import VisitFacts
from complaints.views_duty import DutyList, DutyRow
from handlers.cards import phrases as say_
from handlers.cards.approval import approval_card, small_print, who_until
from handlers.cards.parts import Blocks, Drawn, bold, card, context, header, header_text, lines, section, spaced
from handlers.texts import one_line, say

MOST_ROWS, MOST_TEXT = 30, 6_000
"""Rows and characters of a list on a card; Slack refuses longer messages."""


def duty_card(visit: VisitFacts, found: DutyList | None) -> Drawn:
    """Return the card of who does the duty, live or decided, with its list under who is asked."""
    return with_list(approval_card(visit), visit, found)


def invitation_card(visit: VisitFacts, found: DutyList | None) -> Drawn:
    """Return what the other departments of a duty see: who holds it until when, and its list; no buttons."""
    if visit.decided is not None:
        return duty_card(visit, found)
    language, zone = visit.case.language, visit.case.zone
    title = header_text(visit.case, say(language, "duty.invited"))
    drawn = card(
        say_.push_text(title, visit.due, language, zone),
        [header(title)],
        who_until(visit),
        small_print(visit, ()),
    )
    return with_list(drawn, visit, found)


def with_list(drawn: Drawn, visit: VisitFacts, found: DutyList | None) -> Drawn:
    """Put the list after header and place 2."""
    if found is None:
        return drawn
    return Drawn(drawn.text, (*drawn.blocks[:2], *list_blocks(found, visit.case.language), *drawn.blocks[2:]))


def list_blocks(found: DutyList, language: str) -> Blocks:
    """Return how many cases there are and how many were in time, then a section for each."""
    if not found.rows:
        return section(say(language, f"duty.none_{found.what}", month=found.month))
    texts = [row_text(row, language) for row in found.rows]
    shown = _fitting(texts)
    rest = len(texts) - len(shown)
    head = say(language, f"duty.{found.what}", n=len(texts), month=found.month)
    in_time = say(language, "duty.in_time_of", n=found.in_time) if found.what == "closed" else ""
    return (
        *section(spaced(bold(head), in_time)),
        *(block for text in shown for block in section(text)),
        *context(say(language, "duty.more", n=rest) if rest else ""),
    )


def row_text(row: DutyRow, language: str) -> str:
    """Return a case of the list: number, customer, in time or late; below what the policy wants to be seen."""
    state = "" if row.in_time is None else say(language, "duty.in_time" if row.in_time else "duty.late")
    name = say_.customer_text(row.customer, language)
    return lines(spaced(bold(one_line(row.number, 40)), name, state), say_.pairs_in_line(row.pairs, language))


def _fitting(texts: list[str]) -> list[str]:
    shown: list[str] = []
    for text in texts[:MOST_ROWS]:
        if sum(map(len, shown)) + len(text) > MOST_TEXT:
            break
        shown.append(text)
    return shown
