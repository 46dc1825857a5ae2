"""A request for more time before who may grant it: from when to when, why, and what the case has in reserve."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from complaints.views import EscalationFacts, Quote
from handlers.cards import phrases as words
from handlers.cards.approval import more_button, ref_of
from handlers.cards.escalation import reserve_text
from handlers.cards.parts import Drawn, actions, at_of, button, card, context, header, header_text, section
from handlers.texts import escape, one_line, say, when, when_plain

GRANT, REFUSE = "extension.grant", "extension.refuse"


def extension_card(
    late: EscalationFacts, facts: Mapping[str, Any], reason: Quote | None, *, ruled: str | None = None
) -> Drawn:
    """
    Return the card of a request, live or ruled.

    *facts*: the notice's (`until`). *ruled*: granted, refused, over (the stage ended without a ruling), or None while
    it waits. Neither button is green: nothing that decides is preferred.
    """
    visit, case, language = late.visit, late.visit.case, late.visit.case.language
    until = at_of(facts.get("until"))
    title = header_text(case, ask_text(late, ruled))
    ref = ref_of(visit)
    buttons = (
        button(say(language, "card.button_grant"), GRANT, ref),
        button(say(language, "card.button_refuse"), REFUSE, ref),
        more_button(visit),
    )
    return card(
        _push(title, until, late),
        [header(title)],
        section(
            words.who_and_when(visit.team, visit.due, language, case.zone) if visit.decided is None else "",
            reserve_text(late) if ruled is None else words.promise_text(case),
            _ruled_by(late) if ruled in ("granted", "refused") else "",
        ),
        section(_from_to(late, until) if ruled is None else "", words.quote_text(reason, language)),
        section(words.matter_text(case), words.customer_text(case.customer, language)) if ruled is None else (),
        actions(*buttons) if ruled is None else (),
        context(
            words.place_text(case, case.route, follow_up=visit.follow_up),
            say(language, "extension.once") if ruled is None else "",
        ),
    )


def ask_text(late: EscalationFacts, ruled: str | None) -> str:
    language = late.visit.case.language
    team = words.team_name(late.visit.team) or late.visit.label
    if ruled is None:
        return say(language, "extension.header", team=team)
    return say(language, f"extension.header_{ruled}", team=team, stage=late.visit.label)


def _push(title: str, until: datetime | None, late: EscalationFacts) -> str:
    case = late.visit.case
    if until is None:
        return escape(title)
    return f"{escape(title)} → {when_plain(until, case.language, case.zone)}"


def _from_to(late: EscalationFacts, until: datetime | None) -> str:
    visit, case = late.visit, late.visit.case
    if until is None or visit.due is None:
        return ""
    return say(
        case.language,
        "extension.from_to",
        stage=one_line(visit.label, 60),
        due=when(visit.due.at, case.language, case.zone),
        until=when(until, case.language, case.zone),
    )


def _ruled_by(late: EscalationFacts) -> str:
    if late.answered_by is None or late.answered_at is None:
        return ""
    at = words.event_time(late.answered_at, late.visit.case)
    return say(late.visit.case.language, "extension.ruled", who=f"<@{late.answered_by}>", at=at)
