"""The reminder slip (催辦單) and the inquiry slip (洽辦單): in public, what happens when, and the honest alternative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from complaints.views import Source, Stop, VisitFacts
from handlers.cards import phrases as words
from handlers.cards.approval import decided_card, done_text, main_button, more_button, ref_of, who_until
from handlers.cards.parts import (
    Blocks,
    Drawn,
    actions,
    at_of,
    button,
    card,
    context,
    header,
    header_text,
    mentions,
    section,
)
from handlers.texts import escape, join, one_line, say, when, when_plain

EXTEND, CASE_CLOCK = "visit.extend", "case"


def slip_card(
    visit: VisitFacts,
    facts: Mapping[str, Any],
    *,
    kind: str = "reminder_slip",
    top: str = "",
    source: Source | None = None,
    route: Sequence[Stop] = (),
    original: str | None = None,
    whole: str | None = None,
) -> Drawn:
    """
    Return the slip of a late visit; decided, it says so.

    *facts*: the notice's (`copy`, `next`, `step`), and `went`: it has gone there meanwhile. *top*: the role to whom it
    goes next. *source*: the clause of the slip. *original*, *whole*: links to the card that it is about, and to the case.
    """
    language, case = visit.case.language, visit.case
    if visit.decided is not None:
        done = say(language, "slip.header_done", done=done_text(visit, visit.decided))
        return decided_card(visit, visit.decided, whole=whole, head=done)
    title = header_text(case, ask_text(visit, kind, facts))
    return card(
        push(visit, facts, kind, top),
        [header(title)],
        who_until(visit),
        section(consequence(visit, facts, top)),
        context(small_facts(visit, facts, original)),
        buttons(visit),
        context(
            words.place_text(case, route or case.route, follow_up=visit.follow_up),
            words.sources_text([source], language),
        ),
    )


def is_late(visit: VisitFacts) -> bool:
    """Say whether it still is late: an extension granted since takes the slip's ground away."""
    return visit.due is None or visit.due.overdue or visit.due.was is None


def ask_text(visit: VisitFacts, kind: str, facts: Mapping[str, Any]) -> str:
    language = visit.case.language
    if facts.get("clock") == CASE_CLOCK and kind == "reminder_slip":
        return say(language, "slip.header_case")
    if kind == "inquiry_slip":
        return say(language, "inquiry.header", stage=words.inside(visit.label, language))
    return say(
        language, "slip.header" if is_late(visit) else "slip.header_extended", stage=words.inside(visit.label, language)
    )


def push(visit: VisitFacts, facts: Mapping[str, Any], kind: str, top: str) -> str:
    case, language = visit.case, visit.case.language
    given = {"case": escape(words.title_of(case)), "stage": escape(words.inside(visit.label, language))}
    if kind == "inquiry_slip":
        return say(language, "inquiry.push", **given)
    if facts.get("clock") == CASE_CLOCK:
        return say(language, "slip.push_case", case=given["case"])
    if not is_late(visit):  # what was pushed once stays readable where the card is drawn anew
        return escape(header_text(case, ask_text(visit, kind, facts)))
    then = at_of(facts.get("next"))
    if then is None or not top or facts.get("went"):
        return say(language, "slip.push", **given)
    at = when_plain(then, language, case.zone, "at")
    return say(language, "slip.push_next", **given, at=at, top=escape(words.inside(top, language)))


def consequence(visit: VisitFacts, facts: Mapping[str, Any], top: str) -> str:
    """Return the slip's news: when it goes to whom, or went."""
    then, case = at_of(facts.get("next")), visit.case
    if then is None or not top or not (is_late(visit) or facts.get("clock") == CASE_CLOCK):
        return ""
    return say(
        case.language,
        "slip.went" if facts.get("went") else "slip.next",
        at=when(then, case.language, case.zone, "at"),
        top=one_line(words.inside(top, case.language), 40),
    )


def small_facts(visit: VisitFacts, facts: Mapping[str, Any], original: str | None) -> str:
    case, language = visit.case, visit.case.language
    copy = [m for m in facts.get("copy") or () if m]
    return join(
        (
            say(language, "slip.number", n=turn_number(facts)),
            say(language, "slip.copy", people=mentions(copy, language)) if copy else "",
            words.customer_text(case.customer, language),
            one_line(case.part, 60),
            words.linked(say(language, "slip.original"), original) if original else "",
        ),
        language,
    )


def turn_number(facts: Mapping[str, Any]) -> int:
    """Return how often this rung has come: the second part of the step's id."""
    _, _, turn = str(facts.get("step", "")).partition(".")
    return int(turn) if turn.isdigit() else 1


def buttons(visit: VisitFacts) -> Blocks:
    """Return…'s place goes to the extension: it is the honest alternative now."""
    extend = button(say(visit.case.language, "card.button_extend"), EXTEND, ref_of(visit))
    return actions(main_button(visit), extend if visit.may_extend else None, more_button(visit))
