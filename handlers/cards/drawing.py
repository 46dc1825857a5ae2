"""Which card a notice becomes: one function for each kind that `complaints.telling` writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from complaints import events as e
from complaints.addresses import is_others_turn
from complaints.case import Case, Deadline, Visit
from complaints.duty_figures import read_figures
from complaints.policy import Policy
from complaints.policy_parts import Happening
from complaints.views import EscalationFacts, Look, Quote, Source, Stop, VisitFacts
from complaints.views_calls import callback_view
from complaints.views_case import case_view
from complaints.views_duty import DutyList
from complaints.views_late import escalation_view, rung_source
from complaints.views_names import words_quote
from complaints.views_route import route_of_visit
from complaints.views_visit import form_pairs, stage_deadline, visit_view
from complaints.views_words import role_name
from handlers.cards import notes
from handlers.cards.approval import approval_card
from handlers.cards.callback import callback_card
from handlers.cards.duty import duty_card, figure_blocks, invitation_card
from handlers.cards.escalation import escalation_card
from handlers.cards.extension import extension_card
from handlers.cards.home import home_card
from handlers.cards.parts import Blocks, Drawn, at_of
from handlers.cards.question import question_card
from handlers.cards.reporter import reporter_card
from handlers.cards.slip import slip_card
from handlers.report_texts import Reader
from handlers.texts import knows, say

WITH_LOG = frozenset({"escalation", "extension", "callback", "answer"})
"""Kinds of cards that need the case's history."""


@dataclass(frozen=True, kw_only=True)
class Matter:
    """
    What a card is drawn from. *links*: urls of `evidence`, `whole`, `original`, where they are known. *listed*: the
    cases that a duty is about. *to*: the channel or member who is shown the card.
    """

    case: Case
    look: Look
    visit: Visit | None = None
    deadline: Deadline | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    listed: DutyList | None = None
    to: str = ""

    @property
    def policy(self) -> Policy:
        return self.look.world.policy(self.case)

    @property
    def the_visit(self) -> Visit:
        assert self.visit is not None, "this card is about a visit"
        return self.visit

    def quote(self, words: Mapping[str, Any] | None) -> Quote | None:
        """Return somebody's words as the card's reader may see them."""
        return words_quote(self.look, self.policy, self.case, words)

    def view(self) -> VisitFacts:
        return visit_view(self.case, self.the_visit, self.look)

    def route(self) -> tuple[Stop, ...]:
        """Return the stages of a follow-up's own route; the main one stands in the case's facts."""
        branch = self.case.branches.get(self.the_visit.branch)
        return route_of_visit(self.case, self.look, self.the_visit) if branch is not None and branch.follow_up else ()

    def label(self, id_: str) -> str:
        return self.policy.label(id_, self.look.language)


def draw(kind: str, about: Matter) -> Drawn | None:
    """Return the card of a notice, or None for a kind that nobody draws."""
    builder = _BUILDERS.get(kind)
    return builder(about) if builder is not None else None


def needs_log(kind: str, visit: Visit | None) -> bool:
    """Say whether the history must be read: for the cards that tell it, a waiting's reason, a return's reason."""
    if kind in WITH_LOG:
        return True
    return visit is not None and (
        visit.waiting_until is not None or visit.decision == "return" or visit.round > 1 or visit.reassigned
    )


# --- cards -------------------------------------------------------------------------------------------------


def _home(about: Matter) -> Drawn:
    return home_card(case_view(about.case, about.look), evidence=about.links.get("evidence"))


def _reporter(about: Matter) -> Drawn:
    return reporter_card(case_view(about.case, about.look), evidence=about.links.get("evidence"))


def _approval(about: Matter) -> Drawn:
    links = about.links
    if about.case.duty is not None:
        return duty_card(about.view(), about.listed, _figures(about))
    return approval_card(
        about.view(),
        route=about.route(),
        evidence=links.get("evidence"),
        whole=links.get("whole"),
        is_waiting=is_others_turn(about.to, about.case, about.the_visit, about.look.world),
    )


def _duty(about: Matter) -> Drawn:
    return invitation_card(about.view(), about.listed, _figures(about))


def _figures(about: Matter) -> Blocks:
    reader = Reader(policy=about.policy, plan=about.look.people, language=about.look.language)
    return figure_blocks(read_figures(about.case.figures), reader)


def _callback(about: Matter) -> Drawn:
    call = callback_view(about.case, about.the_visit, about.look)
    return callback_card(call, route=about.route(), whole=about.links.get("whole"))


def _slip(kind: str) -> Callable[[Matter], Drawn]:
    def draw_slip(about: Matter) -> Drawn:
        return slip_card(
            about.view(),
            {**about.facts, "went": _has_climbed(about)},
            kind=kind,
            top=_top(about),
            source=_slip_source(about, kind),
            route=about.route(),
            original=about.links.get("original"),
            whole=about.links.get("whole"),
        )

    return draw_slip


def _has_climbed(about: Matter) -> bool:
    """Say whether the escalation that the slip announced has come: none that early is left on its clock's ladder."""
    deadline = about.deadline or (stage_deadline(about.case, about.visit) if about.visit else None)
    then = at_of(about.facts.get("next"))
    if deadline is None or then is None:
        return False
    return not any(s.as_ == "escalation" and s.at <= then for s in deadline.steps)


def _top(about: Matter) -> str:
    people = about.look.people
    return role_name(people, about.policy, people.general_manager, about.look.language)


def _slip_source(about: Matter, kind: str) -> Source | None:
    deadline = about.deadline or (stage_deadline(about.case, about.visit) if about.visit else None)
    return rung_source(about.case, about.look, deadline, kind)


def _late(about: Matter) -> EscalationFacts:
    deadline = about.deadline.id if about.deadline is not None else None
    return escalation_view(about.case, about.the_visit, about.look, deadline)


def _escalation(about: Matter) -> Drawn:
    return escalation_card(_late(about), whole=about.links.get("whole"))


def _extension(about: Matter) -> Drawn:
    reason = about.quote(about.facts.get("reason"))
    return extension_card(_late(about), about.facts, reason, ruled=_ruled(about))


def _ruled(about: Matter) -> str | None:
    """Say how the request ended, or None while it waits."""
    visit = about.the_visit
    rulings = [r.event for r in about.look.log if isinstance(r.event, e.ExtensionRuled) and r.event.visit == visit.id]
    if visit.is_open and visit.extension_asked is not None:
        return None
    if rulings:
        return "granted" if rulings[-1].granted else "refused"
    return "over"


def _question(about: Matter) -> Drawn | None:
    question = about.case.questions.get(int(about.facts.get("question") or 0))
    if question is None:
        return None
    words = about.quote(question.words)
    assert words is not None
    return question_card(
        about.view(), words, number=question.id, by=question.by, at=question.at, answered=question.answered
    )


# --- notes -------------------------------------------------------------------------------------------------


def _answer(about: Matter) -> Drawn:
    question = about.case.questions.get(int(about.facts.get("question") or 0))
    by = next(
        (r.actor for r in reversed(about.look.log) if isinstance(r.event, e.QuestionAnswered)), about.case.reporter
    )
    asked = about.quote(question.words) if question else None
    return notes.answer_card(about.view(), asked, about.quote(about.facts.get("answer")), by)


def _urge(about: Matter) -> Drawn:
    said = about.quote(about.facts.get("words"))
    return notes.urge_card(about.view(), str(about.facts.get("by") or about.case.reporter), said)


def _turn(about: Matter) -> Drawn:
    is_theirs = not is_others_turn(about.to, about.case, about.the_visit, about.look.world)
    return notes.turn_card(about.view(), str(about.facts.get("by") or ""), is_theirs=is_theirs)


def _meeting(about: Matter) -> Drawn:
    people = about.look.people
    top = people.holders(people.general_manager, about.look.world.now)
    return notes.meeting_card(about.view(), about.facts, about.quote(about.facts.get("words")), top)


def _extension_ruled(about: Matter) -> Drawn:
    return notes.extension_ruled_card(about.view(), about.facts, about.quote(about.facts.get("reason")))


def _reply_open(about: Matter) -> Drawn:
    papers = [about.label(name) for name in about.policy.reply.never]
    return notes.reply_open_card(case_view(about.case, about.look), papers)


def _closed(about: Matter) -> Drawn:
    return notes.closed_card(case_view(about.case, about.look), about.label(str(about.facts["outcome"])))


def _finished(about: Matter) -> Drawn:
    return notes.finished_card(case_view(about.case, about.look))


def _archive(about: Matter) -> Drawn:
    return notes.archive_card(case_view(about.case, about.look))


def _ended(about: Matter) -> Drawn:
    reason = about.quote(about.facts.get("reason"))
    return notes.ended_card(case_view(about.case, about.look), about.facts, reason)


def _file_missed(about: Matter) -> Drawn:
    name = about.quote(about.facts.get("name"))
    said = (name.text or "") if name is not None else ""
    return notes.file_missed_card(case_view(about.case, about.look), str(about.facts.get("file") or ""), said)


def _copy(about: Matter) -> Drawn:
    role = role_name(about.look.people, about.policy, str(about.facts.get("role")), about.look.language)
    of = str(about.facts.get("of"))
    decided = form_pairs(about.look, about.policy, about.case, of)
    return notes.copy_card(case_view(about.case, about.look), about.facts, about.label(of), role, decided)


def _rule(about: Matter) -> Drawn | None:
    number = int(about.facts.get("rule") or 0)
    if number >= len(about.policy.rules):
        return None
    rule = about.policy.rules[number]
    quote = about.policy.source_text(rule.source, about.look.language) if rule.source.kind == "clause" else ""
    clause = rule.source.text if rule.source.kind != "ours" else ""
    return notes.rule_card(case_view(about.case, about.look), happening_text(about, rule.upon), clause, quote)


def happening_text(about: Matter, upon: Happening) -> str:
    """Return what happened in words: the stage's own "done", else subject and event."""
    policy, language = about.policy, about.look.language
    if upon.event == "done" and (done := policy.label(upon.subject, language, aspect="done")):
        return done
    subject = (
        say(language, f"note.subject_{upon.subject}")
        if knows(f"note.subject_{upon.subject}")
        else policy.label(upon.subject, language, aspect="short")
    )
    event = (
        say(language, f"note.event_{upon.event}")
        if knows(f"note.event_{upon.event}")
        else policy.label(upon.event, language, of=upon.subject)
    )
    return say(language, "note.event", subject=subject, event=event)


_BUILDERS: dict[str, Callable[[Matter], Drawn | None]] = {
    "home": _home,
    "reporter": _reporter,
    "approval": _approval,
    "duty": _duty,
    "callback": _callback,
    "reminder_slip": _slip("reminder_slip"),
    "inquiry_slip": _slip("inquiry_slip"),
    "escalation": _escalation,
    "extension": _extension,
    "question": _question,
    "answer": _answer,
    "urge": _urge,
    "turn": _turn,
    "meeting": _meeting,
    "extension_ruled": _extension_ruled,
    "reply_open": _reply_open,
    "closed": _closed,
    "finished": _finished,
    "archive": _archive,
    "ended": _ended,
    "file_missed": _file_missed,
    "copy": _copy,
    "rule": _rule,
}
KINDS = frozenset(_BUILDERS) | {
    "reminder",
    "undelivered",
    "policy",
    "checkup",
    "qualification",
    "outage",
    "no_direct_messages",
}
