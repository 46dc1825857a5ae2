"""The reporter's own card, a direct message: where the complaint stands and what may be said to the customer."""

from __future__ import annotations

from complaints.views import CaseFacts
from handlers.cards import phrases as words
from handlers.cards.approval import original_text
from handlers.cards.home import FACTS, MORE, OVER, URGE, doing_text, evidence_text, who_has_it
from handlers.cards.parts import Blocks, Drawn, actions, button, card, context, header, header_text, section
from handlers.cards.refs import Ref
from handlers.texts import escape, join, one_line, say


def reporter_card(case: CaseFacts, *, evidence: str | None = None) -> Drawn:
    """Return the card that heads the reporter's thread."""
    title = header_text(case, doing_text(case))
    return card(
        words.push_text(title, case.turns[0].due if case.turns else None, case.language, case.zone),
        [header(title)],
        who_has_it(case),
        section(
            words.matter_text(case),
            join((words.customer_text(case.customer, case.language), original_text(case)), case.language),
            words.reply_text(case),
            may_say(case),
            words.locks_text(case),
        ),
        context(evidence_text(case, evidence)),
        buttons(case),
        small_print(case),
    )


def may_say(case: CaseFacts) -> str:
    """Return what may be said to the customer before the approval: what a rep needs in front of one."""
    if case.reply != "locked" or not case.may_say:
        return ""
    return say(case.language, "card.may_say", words=escape(case.may_say))


def buttons(case: CaseFacts) -> Blocks:
    ref = Ref(case=case.case_id, visit=case.turns[0].visit if case.turns else None, facts=case.facts_version)
    is_open = case.status not in OVER
    language = case.language
    return actions(
        button(say(language, "card.button_facts"), FACTS, ref) if case.status == "open" else None,
        button(say(language, "card.button_urge"), URGE, ref) if is_open and case.turns else None,
        button(say(language, "card.button_more"), MORE, ref),
    )


def small_print(case: CaseFacts) -> Blocks:
    language = case.language
    logged = say(language, "home.logged", at=words.event_time(case.opened_at, case))
    locked = [case.reply_source] if case.reply == "locked" else []
    return context(
        words.place_text(case, case.route),
        join((logged, say(language, "card.thread_kept")), language),
        join((words.promise_source(case), words.sources_text(locked, language), one_line(case.policy, 60)), language),
    )
