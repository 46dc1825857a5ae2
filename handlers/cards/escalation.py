"""The general manager's card: who is late, the reserve, what was tried, four decisions and none preferred (CARDS 9)."""

from __future__ import annotations

from decimal import Decimal

from complaints.views import EscalationFacts, HistoryLine
from handlers.cards import phrases as words
from handlers.cards.approval import ref_of, result_text, who_decided
from handlers.cards.parts import (
    Blocks,
    Drawn,
    actions,
    bold,
    button,
    card,
    context,
    header,
    header_text,
    lines,
    mentions,
    section,
)
from handlers.texts import escape, join, number, one_line, say, when

DECIDE, REASSIGN, EXTEND, MEETING = "gm.decide", "gm.reassign", "gm.extend", "gm.meeting"
TIGHT_DAYS = Decimal(3)
"""A reserve up to this is said in bold."""


def escalation_card(late: EscalationFacts, *, whole: str | None = None) -> Drawn:
    """Return the card of a late stage before the general manager, live or decided."""
    if late.answer is not None or late.visit.decided is not None:
        return _answered(late, whole)
    visit, case, language = late.visit, late.visit.case, late.visit.case.language
    title = header_text(case, ask_text(late))
    return card(
        push(late),
        [header(title)],
        section(_who_late(late), reserve_text(late), words.waiting_text(visit), words.extension_text(visit)),
        section(
            words.matter_text(case),
            words.customer_text(case.customer, language),
            words.quote_text(case.quote, language, 160),
        ),
        section(history_text(late)),
        buttons(late),
        context(again_text(late, whole), words.sources_text(late.sources, language)),
    )


def ask_text(late: EscalationFacts) -> str:
    language, team = late.visit.case.language, words.team_name(late.visit.team)
    if late.of_case:
        return say(language, "escalation.header_case")
    return say(language, "escalation.header", team=team or late.visit.label)


def push(late: EscalationFacts) -> str:
    case = late.visit.case
    team = escape(words.team_name(late.visit.team) or late.visit.label)
    title = escape(words.title_of(case))
    if late.of_case:
        return say(case.language, "escalation.push_case", case=title)
    return say(case.language, "escalation.push", case=title, team=team, late=late.late)


def _who_late(late: EscalationFacts) -> str:
    """Return who is late: always with its sign, because a step of the clock brought it here."""
    text = words.who_and_when(late.visit.team, late.visit.due, late.visit.case.language, late.visit.case.zone)
    return text if late.of_case or text.startswith(words.LATE) else f"{words.LATE} {text}"


def reserve_text(late: EscalationFacts) -> str:
    """Return the case's promise and what is left of it beyond the stages to come: how urgent it is."""
    case, reserve = late.visit.case, late.reserve_days
    promise = words.promise_text(case)
    if not promise or reserve is None:
        return promise
    if reserve < 0:
        return say(case.language, "escalation.short", case_by=promise, days=days_text(-reserve, case.language))
    if reserve == 0:
        return say(case.language, "escalation.reserve_none", case_by=promise)
    message = "escalation.reserve" if reserve <= TIGHT_DAYS else "escalation.reserve_ample"
    return say(case.language, message, case_by=promise, days=days_text(reserve, case.language))


def days_text(days: Decimal, language: str) -> str:
    return say(language, "escalation.days", n=number(days))


# --- history -----------------------------------------------------------------------------------------------


def history_text(late: EscalationFacts) -> str:
    """Return what was done to help (✓), what was not (–), what is still to come (→)."""
    language = late.visit.case.language
    done = [history_line(line, late) for line in late.history]
    missing = [
        say(language, "escalation.late", late=late.late) if late.late else "",
        "" if late.asked_extension else say(language, "escalation.no_extension"),
        "" if late.words_in_thread else say(language, "escalation.no_words"),
    ]
    said = ("，" if language != "en" else ", ").join(m for m in missing if m)
    rest = say(language, "escalation.rest", days=days_text(late.rest_days, language)) if late.rest_days else ""
    return lines(*done, say(language, "escalation.not_done", what=said) if said else "", rest)


def history_line(line: HistoryLine, late: EscalationFacts) -> str:
    case = late.visit.case
    people = line.people or ((line.by,) if line.by and line.by.isupper() else ())
    who = mentions(people, case.language) if line.kind != "opened" else mentions(late.visit.team.people, case.language)
    what = say(
        case.language, f"escalation.did_{line.kind}", who=who, stage=one_line(late.visit.label, 40), n=line.times
    )
    sign = "–" if line.kind == "extension_refused" else "✓"
    return say(case.language, "escalation.line", sign=sign, at=words.event_time(line.at, case), what=what.rstrip())


# --- deciding ----------------------------------------------------------------------------------------------


def buttons(late: EscalationFacts) -> Blocks:
    """Return four decisions, none green, no More…: the choice is the content."""
    language, ref = late.visit.case.language, ref_of(late.visit)
    return actions(
        button(say(language, "escalation.decide"), DECIDE, ref),
        button(say(language, "escalation.reassign"), REASSIGN, ref),
        button(say(language, "escalation.extend"), EXTEND, ref),
        button(say(language, "escalation.meeting"), MEETING, ref),
    )


def again_text(late: EscalationFacts, whole: str | None) -> str:
    case, language = late.visit.case, late.visit.case.language
    again = ""
    if late.again_at is not None:
        who = mentions(late.general_manager[:1], language)
        again = say(language, "escalation.again", who=who, at=when(late.again_at, language, case.zone, "at"))
    return join((again, words.linked(say(language, "card.whole"), whole) if whole else ""), language)


def _answered(late: EscalationFacts, whole: str | None) -> Drawn:
    """Return the card after the decision: what was decided, by whom, and who has the stage now."""
    visit, case, language = late.visit, late.visit.case, late.visit.case.language
    title = header_text(case, answer_text(late))
    now = words.who_and_when(visit.team, visit.due, language, case.zone) if visit.decided is None else ""
    decided = visit.decided
    return card(
        escape(title),
        [header(title)],
        section(_who_answered(late), _meeting(late), now, *(who_decided(visit, decided) if decided else ())),
        section(bold(result_text(visit, decided)) if decided else words.matter_text(case)),
        context(
            join(
                (
                    words.customer_text(case.customer, language),
                    one_line(case.part, 60),
                    words.linked(say(language, "card.whole"), whole) if whole else "",
                ),
                language,
            )
        ),
        context(words.sources_text(late.sources, language)),
    )


def answer_text(late: EscalationFacts) -> str:
    language = late.visit.case.language
    if late.answer is not None:
        return say(language, f"escalation.done_{late.answer}")
    if late.visit.decided is not None and late.visit.decided.how == "done":
        return say(language, "escalation.done_itself", team=words.team_name(late.visit.team) or late.visit.label)
    return say(language, "escalation.done_over")


def _meeting(late: EscalationFacts) -> str:
    """Return when the meeting is that was called; everybody else has a message about it."""
    if late.meeting_at is None:
        return ""
    case = late.visit.case
    return bold(say(case.language, "escalation.meeting_at", at=when(late.meeting_at, case.language, case.zone, "at")))


def _who_answered(late: EscalationFacts) -> str:
    if late.answered_by is None or late.answered_at is None:
        return ""
    case = late.visit.case
    return say(
        case.language, "escalation.answered", who=f"<@{late.answered_by}>", at=words.event_time(late.answered_at, case)
    )
