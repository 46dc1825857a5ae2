"""The callback card: what the customer was told, what to ask, what was tried (CARDS 10)."""

from __future__ import annotations

from collections.abc import Sequence

from complaints.views import CallAttempt, CallbackFacts, Stop
from handlers.cards import phrases as words
from handlers.cards.approval import decided_card, more_button, ref_of, small_print, who_until
from handlers.cards.parts import Drawn, actions, bold, button, card, context, header, header_text, section
from handlers.harmless import quoted
from handlers.texts import join, one_line, say, when

LOG_CALL, CONTACT = "visit.log_call", "visit.contact"
LONGEST_TOLD = 90  # characters that still read as one bold line; longer words stand as a quote


def callback_card(call: CallbackFacts, *, route: Sequence[Stop] = (), whole: str | None = None) -> Drawn:
    """Return the card of a callback, live or decided."""
    visit = call.visit
    if visit.decided is not None:
        return decided_card(visit, visit.decided, whole=whole)
    case, language = visit.case, visit.case.language
    title = header_text(case, visit.ask or say(language, "callback.header"))
    return card(
        words.push_text(title, visit.due, language, case.zone),
        [header(title)],
        who_until(visit),
        section(told_text(call), told_by(call)),
        section(questions_text(call)),
        context(attempts_text(call)),
        actions(
            button(say(language, "card.button_log_call"), LOG_CALL, ref_of(visit), green=True),
            button(say(language, "card.button_contact"), CONTACT, ref_of(visit)),
            more_button(visit),
        ),
        small_print(visit, route),
    )


def told_text(call: CallbackFacts) -> str:
    """Return what the customer was told: a line of bold, or a quote where it takes more."""
    language = call.visit.case.language
    if call.told is None or call.told.text is None:
        erased = call.told is not None
        return bold(say(language, "card.erased" if erased else "callback.told_unknown"))
    if len(call.told.text) <= LONGEST_TOLD:
        return bold(say(language, "callback.told", words=one_line(call.told.text)))
    return f"{bold(say(language, 'callback.told', words='').rstrip())}\n{quoted(call.told.text, 400)}"


def told_by(call: CallbackFacts) -> str:
    case = call.visit.case
    customer = words.customer_text(case.customer, case.language)
    if call.told_by is None or call.told_at is None:
        return customer
    facts = {"who": f"<@{call.told_by}>", "at": words.event_time(call.told_at, case)}
    if not call.told_channel:
        return join((say(case.language, "callback.told_by", **facts), customer), case.language)
    channel = one_line(call.told_channel, 40)
    channel = channel.lower() if case.language == "en" else channel
    return join((say(case.language, "callback.told_by_channel", **facts, channel=channel), customer), case.language)


def questions_text(call: CallbackFacts) -> str:
    """Return the questions, numbered; the caller needs them in one glance."""
    if not call.questions:
        return ""
    asked = "\n".join(f"{n}. {one_line(q, 160)}" for n, q in enumerate(call.questions, start=1))
    return f"{say(call.visit.case.language, 'callback.ask', n=len(call.questions))}\n{asked}"


def attempts_text(call: CallbackFacts) -> str:
    language = call.visit.case.language
    tried = [attempt_text(a, call) for a in call.attempts[-3:]]
    most = say(language, "callback.most", n=call.most_attempts) if call.most_attempts and not tried else ""
    bad = say(language, "callback.bad", answer=one_line(call.bad, 60)) if call.bad else ""
    return join((*tried, most, bad), language)


def attempt_text(attempt: CallAttempt, call: CallbackFacts) -> str:
    case = call.visit.case
    result = say(case.language, f"callback.result_{attempt.result}")
    at = words.event_time(attempt.at, case)
    text = say(case.language, "callback.attempt", n=attempt.number, at=at, result=result)
    if attempt.again_at is None:
        return text
    again = say(case.language, "callback.again", at=when(attempt.again_at, case.language, case.zone, "at"))
    return f"{text}, {again}" if case.language == "en" else f"{text}，{again}"
