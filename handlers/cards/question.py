"""A question to the reporter: who asks, the words, one button; the limit goes on meanwhile."""

from __future__ import annotations

from datetime import datetime

from complaints.views import Quote, VisitFacts
from handlers.cards import phrases as words
from handlers.cards.home import MORE
from handlers.cards.parts import Drawn, actions, button, card, context, header, header_text, section
from handlers.cards.refs import Ref
from handlers.texts import join, one_line, say, when

ANSWER = "question.answer"


def question_card(visit: VisitFacts, question: Quote, *, number: int, by: str, at: datetime, answered: bool) -> Drawn:
    """Return the card of question *number*, live or answered."""
    case, language = visit.case, visit.case.language
    title = header_text(case, ask_text(visit, answered))
    asked = say(language, "question.asked", who=f"<@{by}>", at=words.event_time(at, case))
    ref = Ref(case=case.case_id, visit=visit.visit, facts=case.facts_version, more=str(number))
    buttons = (
        button(say(language, "card.button_answer"), ANSWER, ref, green=True),
        button(say(language, "card.button_more"), MORE, ref),
    )
    return card(
        words.push_text(title, None, language, case.zone),
        [header(title)],
        section(asked, "" if answered else waits_text(visit)),
        section(words.quote_text(question, language)),
        context(join((words.customer_text(case.customer, language), one_line(case.part, 60)), language)),
        () if answered else actions(*buttons),
        () if answered else context(words.place_text(case, case.route, follow_up=visit.follow_up)),
    )


def ask_text(visit: VisitFacts, answered: bool) -> str:
    language, team = visit.case.language, words.team_name(visit.team)
    if answered:
        return say(language, "question.header_done")
    return say(language, "question.header", team=team) if team else say(language, "question.header_person")


def waits_text(visit: VisitFacts) -> str:
    """Return until when the department must answer itself: why it is good to answer soon."""
    if visit.due is None or visit.decided is not None:
        return ""
    due = when(visit.due.at, visit.case.language, visit.case.zone)
    return say(visit.case.language, "question.waits", stage=one_line(visit.label, 60), due=due)
