"""The department's card: what is asked, by when, the matter, the facts; afterwards who decided what (CARDS 3 and 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.blocks import ButtonElement

from complaints.views import CaseFacts, Decided, SeatFacts, Stop, Turn, VisitFacts
from handlers.cards import phrases as say_
from handlers.cards.parts import (
    Blocks,
    Drawn,
    actions,
    bold,
    button,
    card,
    context,
    fields,
    first_of,
    header,
    header_text,
    lines,
    mentions,
    section,
    spaced,
)
from handlers.cards.refs import Ref
from handlers.texts import escape, join, one_line, plain, say, when

MAIN, RETURN, MORE, CONFIRM = "visit.main", "visit.return", "visit.more", "visit.confirm"
TAKE_BACK, SHOW = "act.take_back", "case.show"
MOST_SEATS, MOST_NEXT = 8, 3


def approval_card(
    visit: VisitFacts,
    *,
    route: Sequence[Stop] = (),
    evidence: str | None = None,
    whole: str | None = None,
    is_waiting: bool = False,
) -> Drawn:
    """
    Return the card of a visit, live or decided.

    *route*: the stages of the route it stands on, when that is not the main one. *evidence*: link to the files in
    the home thread; *whole*: link to the case's card. *is_waiting*: it is the turn of others than those who are shown it.
    """
    if visit.decided is not None:
        return decided_card(visit, visit.decided, evidence=evidence, whole=whole)
    case, language = visit.case, visit.case.language
    title = header_text(case, say_.ask_text(visit))
    found = visit.found if visit.concern is None else ()
    return card(
        say_.push_text(title, visit.due, language, case.zone),
        [header(title)],
        who_until(visit),
        matter(visit),
        section(
            say_.reply_rules_text(visit.reply_rules, language),
            one_line(visit.script, 300) if visit.script else "",
            say_.before_closing_text(visit),
            say_.locks_text(case),
        ),
        fields(say_.pairs_for_fields(tuple(dict.fromkeys((*case.fields, *found))), language)),
        section(say_.reckoned_text(visit)),
        context(small_facts(case, evidence), beside(visit)),
        actions(more_button(visit)) if is_waiting else buttons(visit),
        small_print(visit, route),
    )


def who_until(visit: VisitFacts) -> Blocks:
    """Return place 2: who is asked until when, the case's promise, and what else holds the clock."""
    case = visit.case
    return section(
        say_.who_and_when(visit.team, visit.due, case.language, case.zone),
        say_.promise_text(case),
        say_.waiting_text(visit),
        say_.extension_text(visit),
    )


def matter(visit: VisitFacts) -> Blocks:
    """Return place 3: the matter, the customer's words, and the last finding."""
    quotes = [say_.quote_text(q, visit.case.language) for q in visit.quotes] if visit.concern is None else []
    return section(say_.matter_text(visit.case), concern_text(visit), *quotes)


def small_facts(case: CaseFacts, evidence: str | None = None) -> str:
    """Return customer, reporter, sample and evidence in one small line."""
    regulation = one_line(case.policy, 60) if case.several else ""
    if case.kind == "duty":
        return regulation
    return join(
        (
            regulation,
            say_.customer_text(case.customer, case.language),
            say_.reporter_text(case) if case.kind == "complaint" else "",
            original_text(case),
            one_line(case.sample, 60) if case.sample else "",
            say_.linked(say_.files_text(case.files, case.language), evidence),
        ),
        case.language,
    )


def original_text(case: CaseFacts) -> str:
    """Return out of which complaint this case began."""
    return say(case.language, "card.original", number=one_line(case.parent, 40)) if case.parent else ""


def concern_text(visit: VisitFacts) -> str:
    """Return which stage was late and by how much, where this one asks why."""
    about, case = visit.concern, visit.case
    if about is None:
        return ""
    at, due = say_.event_time(about.at, case), when(about.due, case.language, case.zone)
    return say(case.language, "card.concern", stage=one_line(about.label, 60), at=at, due=due, late=about.late)


def beside(visit: VisitFacts) -> str:
    """Return the other seats of a joint stage: who has answered, whose turn it is."""
    if len(visit.seats) < 2:
        return ""
    seats = [seat_line(seat, visit.case) for seat in sorted(visit.seats, key=_in_turn)]
    return lines(*first_of(seats, MOST_SEATS, visit.case.language))


def _in_turn(seat: SeatFacts) -> int:
    """Return the place in the order of acting: who has answered, whose turn it is, who waits."""
    return 0 if seat.by is not None else 1 if seat.is_turn else 2


def seat_line(seat: SeatFacts, case: CaseFacts) -> str:
    team = one_line(seat.team.label, 60) if seat.team.label else ""
    if seat.by is not None and seat.at is not None:
        at = say_.event_time(seat.at, case)
        text = say(case.language, "card.answered_beside", team=team, by=f"<@{seat.by}>", at=at)
        return text.replace("  ", " ")
    message = "card.waits_beside" if seat.is_turn else "card.waits_later"
    people = mentions(seat.team.people, case.language)
    return say(case.language, message, team=team, people=people).replace("  ", " ").strip()


def ref_of(visit: VisitFacts, more: str = "") -> Ref:
    return Ref(case=visit.case.case_id, visit=visit.visit, facts=visit.case.facts_version, more=more)


def main_label(visit: VisitFacts) -> str:
    """Return the green button's words: the policy's verb of the stage; a form opens, so an ellipsis follows."""
    if say_.is_signing(visit):
        return say(visit.case.language, "card.button_sign")
    words = plain(visit.button, 30) or say(visit.case.language, "card.button_fill")
    return words if words.endswith("…") else f"{words}…"


def main_button(visit: VisitFacts, *, green: bool = True) -> ButtonElement:
    if visit.confirm is not None:
        return button(say(visit.case.language, "card.button_confirm"), CONFIRM, ref_of(visit), green=green)
    return button(main_label(visit), MAIN, ref_of(visit), green=green)


def return_button(visit: VisitFacts) -> ButtonElement | None:
    return button(say(visit.case.language, "card.button_return"), RETURN, ref_of(visit)) if visit.can_return else None


def more_button(visit: VisitFacts) -> ButtonElement:
    return button(say(visit.case.language, "card.button_more"), MORE, ref_of(visit))


def buttons(visit: VisitFacts) -> Blocks:
    """Return at most three buttons: the stage's main act, its usual alternative, the rest."""
    return actions(main_button(visit), return_button(visit), more_button(visit))


def small_print(visit: VisitFacts, route: Sequence[Stop]) -> Blocks:
    """Return place 6: where on the route, then the clause."""
    language = visit.case.language
    hint = say(language, "card.confirm_hint", stage=one_line(visit.confirm, 40)) if visit.confirm else ""
    return context(
        hint,
        say_.place_text(visit.case, route or visit.case.route, follow_up=visit.follow_up),
        say_.sources_text(visit.sources, language),
    )


# --- decided -----------------------------------------------------------------------------------------------


def decided_card(
    visit: VisitFacts,
    decided: Decided,
    *,
    evidence: str | None = None,
    whole: str | None = None,
    head: str | None = None,
) -> Drawn:
    """Return the card once its visit is over: past tense, who had it next; it says no more, so that it need not be
    rewritten for every step that follows. Its one button takes the decision back, while that is possible."""
    case, language = visit.case, visit.case.language
    title = header_text(case, head or done_text(visit, decided))
    result = result_text(visit, decided)
    push = say(language, "decided.push", header=escape(title), result=result) if result else escape(title)
    see = say_.linked(say(language, "card.whole"), whole) if whole else ""
    files = say_.linked(say_.files_text(case.files, language), evidence)
    who = "" if case.kind == "duty" else say_.customer_text(case.customer, language)
    return card(
        push,
        [header(title)],
        section(*who_decided(visit, decided)),
        section(bold(result), reason_text(decided, language), finding_text(decided, language)),
        section(say_.booked_text(case)),
        context(join((who, one_line(case.part, 60), files, see), language)),
        context(say_.sources_text([s for s in visit.sources if s.what == "stage"], language)),
        actions(begun_button(decided, language), take_back_button(visit) if decided.may_take_back else None),
    )


def take_back_button(visit: VisitFacts) -> ButtonElement:
    """Return the button for who decided; anybody else who presses it is told whose decision it was."""
    return button(say(visit.case.language, "act.take_back.button"), TAKE_BACK, ref_of(visit))


def done_text(visit: VisitFacts, decided: Decided) -> str:
    """Return the header of a decided card: the tense tells it from a live one."""
    language, stage = visit.case.language, visit.label
    match decided.how:
        case "done":
            return visit.done or say(language, "card.done", stage=stage)
        case "returned" if decided.by is not None:
            return say(language, "decided.returned", stage=stage)
        case "taken_back" if decided.by is not None:
            return say(language, "decided.taken_back", stage=stage)
        case _:
            return say(language, "decided.dropped", stage=stage)


def who_decided(visit: VisitFacts, decided: Decided) -> list[str]:
    """Return place 2 in the past tense, and who has it next."""
    case = visit.case
    if decided.at is None or decided.by is None:
        return [why_text(visit, decided)]
    at = say_.event_time(decided.at, case)
    team = bold(one_line(visit.team.label, 60)) if visit.team.label else ""
    who = person_for(decided.by, decided.for_, visit)
    return [spaced(team, who, _sent(decided, at, case.language)), *next_lines(case, decided, visit.team.label)]


def person_for(by: str, for_: str | None, visit: VisitFacts) -> str:
    """Return who decided, and for whom a deputy did."""
    if for_ is None or not for_.isupper():
        return f"<@{by}>"
    return say(visit.case.language, "decided.for", deputy=f"<@{by}>", who=f"<@{for_}>")


def _sent(decided: Decided, at: str, language: str) -> str:
    if decided.how in ("returned", "taken_back"):
        return say(language, f"decided.{decided.how}_at", at=at)
    if decided.in_time is None:
        return say(language, "decided.sent", at=at)
    if decided.in_time or not decided.late:
        return say(language, "decided.sent_in_time", at=at)
    return say(language, "decided.sent_late", at=at, late=decided.late)


def why_text(visit: VisitFacts, decided: Decided) -> str:
    """Return why a visit ended without its own decision."""
    known = ("returned", "taken_back", "withdrawn", "void", "merged", "closed", "amended")
    how = decided.how if decided.how in known else "other"
    at = say_.event_time(decided.at, visit.case) if decided.at else ""
    return say(visit.case.language, f"decided.why_{how}", at=at)


def next_lines(case: CaseFacts, decided: Decided, team: str | None) -> list[str]:
    turns = [next_text(turn, case, team) for turn in decided.next]
    found = [*begun_lines(case, decided), *first_of(turns, MOST_NEXT, case.language)]
    if decided.outcome:
        found.insert(0, say(case.language, "decided.closed", outcome=one_line(decided.outcome, 60)))
    return found


def begun_lines(case: CaseFacts, decided: Decided) -> list[str]:
    """Return the complaint that the decision began, and who has that one."""
    if decided.begun is None:
        return []
    name, turn = one_line(decided.begun.name, 60), decided.begun.turn
    begun = (
        bold(say(case.language, "decided.begun", name=name)) if name else bold(say(case.language, "decided.begun_one"))
    )
    return [begun, next_text(turn, case, None)] if turn is not None else [begun]


def begun_button(decided: Decided, language: str) -> ButtonElement | None:
    if decided.begun is None:
        return None
    return button(say(language, "card.button_begun"), SHOW, Ref(case=decided.begun.case_id))


def next_text(turn: Turn, case: CaseFacts, team: str | None) -> str:
    """
    Return who came next and until when, as it was told then: a decided card is not rewritten for what follows.

    *team*: who decided. The same department again is named by what it has to do.
    """
    told = replace(turn.due, overdue=False, was=None) if turn.due is not None else None
    due = say_.by_when(told, case.language, case.zone)
    label = one_line(turn.team.label if turn.team.label and turn.team.label != team else turn.label, 60)
    who = spaced(label, mentions(turn.team.people, case.language), due)
    return say(case.language, "decided.next", who=who)


def result_text(visit: VisitFacts, decided: Decided) -> str:
    """Return the result in one line: the decision where it was not the usual one, then what was entered."""
    if decided.how != "done":
        return ""
    unusual = decided.decision_label if decided.decision not in (None, visit.main) else ""
    entered = say_.pairs_in_line(decided.results, visit.case.language)
    gap = "  ·  " if visit.case.language == "en" else "　"
    return gap.join(p for p in (one_line(unusual, 60), entered) if p)


def finding_text(decided: Decided, language: str) -> str:
    """Return the finding of a stage that was done; what was taken back is no finding."""
    return say_.quote_text(decided.quote, language) if decided.how == "done" else ""


def reason_text(decided: Decided, language: str) -> str:
    return say_.quote_text(decided.reason, language)
