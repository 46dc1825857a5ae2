"""The small cards: an answer, an urge, a meeting, a ruling, an end. One thing each, and at most one thing to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slack_sdk.models.blocks import ButtonElement

from complaints.views import CaseFacts, Pair, Quote, VisitFacts
from handlers.cards import phrases as words
from handlers.cards.approval import SHOW, main_button
from handlers.cards.parts import (
    Drawn,
    actions,
    at_of,
    bold,
    button,
    card,
    context,
    first_of,
    header,
    header_text,
    section,
)
from handlers.cards.refs import Ref
from handlers.texts import escape, join, one_line, plain, say, when, when_plain

RESEND = "file.resend"
MOST_TURNS = 5


def show_button(case: CaseFacts) -> ButtonElement:
    return button(say(case.language, "card.button_show"), SHOW, Ref(case=case.case_id))


def note(
    case: CaseFacts, ask: str, said: Sequence[str], *buttons: ButtonElement | None, about: bool = True, small: str = ""
) -> Drawn:
    """Return a small card: header, what is said, the matter in one small line, at most one or two buttons."""
    title = header_text(case, ask)
    who = join((words.customer_text(case.customer, case.language), one_line(case.part, 60)), case.language)
    return card(
        escape(title),
        [header(title)],
        section(*said),
        context(who if about and case.kind != "duty" else ""),
        actions(*buttons),
        context(small),
    )


def answer_card(visit: VisitFacts, asked: Quote | None, answer: Quote | None, by: str) -> Drawn:
    """Return the answer to who asked, with the question and the way back to the stage."""
    case, language = visit.case, visit.case.language
    said = (
        say(language, "note.answer_by", who=f"<@{by}>"),
        words.quote_text(answer, language),
        say(language, "note.you_asked"),
        words.quote_text(asked, language, 200),
    )
    return note(case, say(language, "note.answer"), said, *_on(visit))


def urge_card(visit: VisitFacts, by: str, said: Quote | None) -> Drawn:
    """Return an urge: who asks, about what, until when it is due."""
    case, language = visit.case, visit.case.language
    head = say(language, "note.urge", stage=visit.label)
    body = (
        say(language, "note.urge_by", who=f"<@{by}>"),
        words.by_when(visit.due, language, case.zone) if visit.decided is None else "",
        words.quote_text(said, language, 300),
    )
    return note(case, head, body, *_on(visit))


def turn_card(visit: VisitFacts, by: str, *, is_theirs: bool) -> Drawn:
    """Return the news, under a card that waited, that it is their turn (again): *by* has answered."""
    case, language = visit.case, visit.case.language
    waits = is_theirs and visit.decided is None
    head = say(language, "note.turn" if waits else "note.turn_over", stage=visit.label)
    body = (
        words.team_text(visit.team, language) if visit.team is not None and is_theirs else "",
        say(language, "note.turn_by" if waits else "note.turn_by_over", who=f"<@{by}>"),
        words.by_when(visit.due, language, case.zone) if visit.decided is None else "",
    )
    return note(case, head, body, *(_on(visit) if is_theirs else (show_button(case),)), about=False)


def _on(visit: VisitFacts) -> tuple[ButtonElement, ...]:
    """Return the way on: the stage's own button while it is open, and the case."""
    if visit.decided is not None:
        return (show_button(visit.case),)
    return main_button(visit), show_button(visit.case)


def meeting_card(
    visit: VisitFacts, facts: Mapping[str, Any], said: Quote | None, general_manager: Sequence[str]
) -> Drawn:
    """Return the call to a meeting: when, about what, who calls."""
    case, language = visit.case, visit.case.language
    at = at_of(facts.get("at"))
    plainly = when_plain(at, language, case.zone, "at") if at else ""
    who = " ".join(f"<@{m}>" for m in general_manager[:1])
    token = when(at, language, case.zone, "at") if at else ""
    body = (
        say(language, "note.meeting_by", who=who, stage=one_line(visit.label, 60), at=token),
        words.quote_text(said, language, 300),
        words.matter_text(case),
    )
    return note(case, say(language, "note.meeting", at=plainly), body, show_button(case))


def extension_ruled_card(visit: VisitFacts, facts: Mapping[str, Any], reason: Quote | None) -> Drawn:
    """Return the ruling on more time for who asked."""
    case, language = visit.case, visit.case.language
    granted = bool(facts.get("granted"))
    until = at_of(facts.get("until")) if granted else (visit.due.at if visit.due else None)
    due = when(until, language, case.zone) if until else ""
    head = say(language, "note.extension_granted" if granted else "note.extension_refused", stage=visit.label)
    line = say(language, "note.new_due" if granted else "note.due_stays", due=due) if due else ""
    return note(case, head, (line, words.quote_text(reason, language)), *_on(visit))


def reply_open_card(case: CaseFacts, papers: Sequence[str] = ()) -> Drawn:
    """Return the news that the customer may be answered: how, and what must not leave the house."""
    language = case.language
    channels = words.channels_text(case)
    body = (
        say(language, "note.reply_how", channels=channels) if channels else say(language, "note.reply_plain"),
        say(language, "note.reply_never", papers=join([one_line(p, 60) for p in papers], language)) if papers else "",
    )
    source = (
        words.source_text(case.reply_source, language)
        if case.reply_source and case.reply_source.kind != "clause"
        else ""
    )
    clause = (
        one_line(case.reply_source.clause, 20) if case.reply_source and case.reply_source.kind == "clause" else source
    )
    return note(case, say(language, "note.reply_open"), body, show_button(case), small=clause)


def closed_card(case: CaseFacts, outcome: str) -> Drawn:
    """Return the outcome for the reporter, and what is still to do after closing: nothing once all of it is done, nor
    once the complaint was taken up again."""
    language, was_reopened = case.language, case.status == "open"
    turns = (
        []
        if was_reopened
        else [
            f"→  {one_line(t.label, 60)}  {words.who_and_when(t.team, t.due, language, case.zone)}" for t in case.turns
        ]
    )
    body = (
        words.matter_text(case),
        say(language, "note.closed_at", at=words.event_time(case.closed_at, case)) if case.closed_at else "",
        say(language, "note.still_open") if turns else "",
        *first_of(turns, MOST_TURNS, language),
        say(language, "note.finished_at") if case.status == "finished" else "",
        say(language, "note.reopened") if was_reopened else "",
        words.reply_text(case),
    )
    return note(case, say(language, "note.closed", outcome=plain(outcome, 60)), body, show_button(case))


def finished_card(case: CaseFacts) -> Drawn:
    language = case.language
    outcome = bold(one_line(case.outcome, 60)) if case.outcome else ""
    body = (outcome, say(language, "note.finished_at"))
    return note(case, say(language, "note.finished"), body, show_button(case))


def archive_card(case: CaseFacts) -> Drawn:
    """Return a finished case to whoever keeps its record, with the day until which it is kept."""
    body = (words.archive_text(case), words.matter_text(case))
    return note(case, say(case.language, "note.archive"), body, show_button(case))


def ended_card(case: CaseFacts, facts: Mapping[str, Any], reason: Quote | None) -> Drawn:
    """Return a withdrawn, void or merged complaint: by whom, why, and that the number stays."""
    language, how = case.language, str(facts.get("how") or "void")
    by = str(facts.get("by") or "")
    who = f"<@{by}>" if by.isupper() else ""
    at = words.event_time(case.finished_at, case) if case.finished_at else ""
    line = say(language, "note.ended_by", who=who, at=at) if who and at else who or at
    body = (line, words.quote_text(reason, language))
    return note(
        case, say(language, f"note.ended_{how}"), body, show_button(case), small=say(language, "note.number_stays")
    )


def file_missed_card(case: CaseFacts, file: str, name: str) -> Drawn:
    """Return the news that a file could not be fetched, to who gave it."""
    language = case.language
    body = (say(language, "note.file_missed_how", name=one_line(name, 120) or say(language, "card.erased")),)
    resend = button(say(language, "card.button_resend"), RESEND, Ref(case=case.case_id, more=file), green=True)
    return note(case, say(language, "note.file_missed"), body, resend, show_button(case))


def rule_card(case: CaseFacts, what: str, clause: str, quote: str) -> Drawn:
    """Return what a rule of the policy wants somebody to know, with the clause that says so."""
    language = case.language
    head = say(language, "note.rule", what=plain(what, 80)) if what else say(language, "note.rule_plain")
    turns = [words.who_and_when(t.team, t.due, language, case.zone) for t in case.turns]
    small = (
        one_line(clause, 20) + words.in_marks(one_line(quote, words.LONGEST_CLAUSE)) if quote else one_line(clause, 60)
    )
    return note(case, head, (words.matter_text(case), *first_of(turns, 2, language)), show_button(case), small=small)


def copy_card(case: CaseFacts, facts: Mapping[str, Any], form: str, role: str, decided: Sequence[Pair] = ()) -> Drawn:
    """Return a copy of a form for a department to keep, with what was *decided*: what it acts on."""
    language, of = case.language, int(facts.get("copies") or 1)
    message = "note.copy" if of > 1 else "note.copy_one"
    head = say(language, message, form=plain(form, 60), n=facts.get("copy") or 1, of=of)
    outcome = bold(say(language, "decided.closed", outcome=one_line(case.outcome, 60))) if case.outcome else ""
    body = (
        say(language, "note.copy_for", role=one_line(role, 60)),
        words.matter_text(case),
        outcome,
        words.pairs_in_line(decided, language),
        words.pairs_in_line(case.fields, language),
    )
    return note(case, head, body, show_button(case), small=one_line(case.policy, 60))


def restricted_card(language: str) -> Drawn:
    """Return what is left of a card where a case is restricted to named people: that it is with them."""
    text = say(language, "note.restricted")
    return Drawn(text, context(text))
