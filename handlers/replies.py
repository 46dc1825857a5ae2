"""Answers to one person: what is the case, who or which rule says so, what can be done instead (CARDS §13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from complaints.case import CLOSED, ENDED, Case
from complaints.people import DeskPlan, is_member_id
from complaints.policy import Policy
from complaints.refusals import Refusal
from complaints.views_holds import until_text
from handlers import texts
from handlers.cards.refs import Ref
from handlers.modals.blocks import Block, Button, View, actions, button_element, modal, section
from handlers.texts import escape, say, when

NOTICE_MODAL = "notice"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """A kind sentence: the bold line, what stands behind it, and one thing to do."""

    title: str
    body: str = ""
    button: Button | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What is known of the case that a refusal speaks of. *may_remark*: a remark of this person would be kept."""

    plan: DeskPlan
    case: Case | None = None
    policy: Policy | None = None
    visit: int | None = None
    may_remark: bool = False


# --- what can be done instead: reason to (label, action id) ------------------------------------------------

REMARK, RESULT, PROGRESS, FACTS, SEND, LOOK = "remark", "result", "progress", "facts", "send", "look"
CALL = "call"
_ACTIONS = {
    CALL: "visit.log_call",
    REMARK: "case.facts",
    FACTS: "case.facts",
    RESULT: "case.show",
    PROGRESS: "case.show",
    LOOK: "case.show",
    SEND: "visit.main",
}
INSTEAD: Mapping[str, str] = {
    "not_yours": REMARK,
    "not_the_replier": REMARK,
    "not_your_turn": PROGRESS,
    "you_answered": PROGRESS,
    "colleague_answered": PROGRESS,
    "already_decided": RESULT,
    "stage_ended_with_case": RESULT,
    "stage_taken_back": PROGRESS,
    "stage_undone": PROGRESS,
    "question_answered": RESULT,
    "question_not_yours": REMARK,
    "extension_ruled": RESULT,
    "extension_used": SEND,
    "recused": PROGRESS,
    "excluded_person": PROGRESS,
    "self_approval": PROGRESS,
    "second_person": PROGRESS,
    "beyond_authority": PROGRESS,
    "reply_locked": PROGRESS,
    "needs_first": PROGRESS,
    "numbers_used_up": PROGRESS,
    "required_first": PROGRESS,
    "locked": PROGRESS,
    "before_close": PROGRESS,
    "facts_changed": LOOK,
    "time_is_over": FACTS,
    "not_now": PROGRESS,
    "route_open_already": PROGRESS,
    "route_not_yours": FACTS,
    "too_late_to_take_back": REMARK,
    "not_your_decision": PROGRESS,
    "nothing_to_take_back": PROGRESS,
    "no_longer_yours": PROGRESS,
    "urged_already": PROGRESS,
    "case_is_over": RESULT,
    "field_errors": SEND,
    "call_first": CALL,
    "call_again_later": PROGRESS,
    "only_reporter": REMARK,
    "only_registry": REMARK,
    "only_general_manager": PROGRESS,
    "not_allowed_here": PROGRESS,
    "not_waiting": PROGRESS,
    "no_limit": PROGRESS,
    "not_in_department": PROGRESS,
    "not_qualified": PROGRESS,
    "qualification_ended": PROGRESS,
}


def explain(refusal: Refusal, language: str, about: About) -> Reply:
    """Return the refusal as a person reads it; an unknown reason gets the general sentence, never a code."""
    reason = _reason(refusal)
    facts = _facts(refusal, language, about)
    body = _tidy(say(language, f"refusal.{reason}.body", **facts))
    return Reply(title=say(language, f"refusal.{reason}", **facts), body=body, button=_button(reason, language, about))


def _reason(refusal: Refusal) -> str:
    """Return under which id the words stand; a stage that nobody decided is not said to be settled by somebody."""
    how = refusal.facts.get("how") if refusal.reason == "already_decided" else None
    if how in (CLOSED, *ENDED):
        return "stage_ended_with_case"
    if how not in (None, "done"):
        return "stage_taken_back" if how == "taken_back" and refusal.facts.get("by") else "stage_undone"
    return refusal.reason if texts.knows(f"refusal.{refusal.reason}") else "refused"


def _tidy(text: str) -> str:
    """Return *text* with single spaces, and none before a mark that closes a sentence or is wide: a clause may be missing."""
    words = " ".join(text.split())
    for mark in (".", ",", "（", "。", "，", "；"):
        words = words.replace(f" {mark}", mark)
    return words


def _button(reason: str, language: str, about: About) -> Button | None:
    if reason == "unknown_case":
        return Button(label=say(language, "apphome.search"), action_id="home.search")
    what = INSTEAD.get(reason)
    if what is None or about.case is None:
        return None
    if what in (REMARK, FACTS) and not about.may_remark:
        what = PROGRESS
    ref = Ref(case=about.case.id, visit=about.visit, facts=about.case.facts_version)
    return Button(label=say(language, f"refusal.button.{what}"), action_id=_ACTIONS[what], value=ref.text())


def _facts(refusal: Refusal, language: str, about: About) -> dict[str, Any]:
    given = refusal.facts
    case = about.case
    found = dict.fromkeys(FACT_NAMES, "")
    found |= {
        "no": escape(str(given.get("case") or given.get("name") or (case.name if case else ""))),
        "stage": stage_name(given.get("stage") or _stage_of(about), language, about),
        "next": stage_name(given.get("next"), language, about) or say(language, "refusal.next_stage"),
        "route": _label(given.get("route"), language, about),
        "role": escape(about.plan.role_label(str(given["role"]), language)) if given.get("role") else "",
        "people": people_text(given.get("people"), language),
        "by": person(given.get("by")) or say(language, "refusal.somebody"),
        "member": person(given.get("member")),
        "reporter": person(case.reporter) if case else "",
        "gm": escape(about.plan.role_label(about.plan.general_manager, language)),
        "now_with": now_with(language, about),
        "decision": _label(given.get("decision"), language, about),
        "qualification": _label(given.get("qualification"), language, about),
        "needs": _listed(given.get("needs"), language, about),
        "waiting": _listed(given.get("waiting"), language, about),
        "clause": clause_text(refusal.source, language),
        "status": _status(given.get("status") or (case.status if case else None), language),
        "policy": escape(str(given.get("policy") or "")),
        "act": say(language, f"lock.{given['act']}") if given.get("act") else "",
        "upon": _upon(given.get("upon"), language, about),
        "may_say": _may_say(language, about),
        "remark": say(language, "refusal.remark_kept") if about.may_remark else "",
    }
    found["now"] = say(language, "refusal.now", now_with=found["now_with"]) if found["now_with"] else ""
    found |= {n: _moment(given.get(n), language, about) for n in ("at", "until", "again", "end", "began")}
    found["people_or_role"] = found["people"] or found["role"] or say(language, "refusal.somebody")
    return found


def _status(status: Any, language: str) -> str:
    return say(language, f"status.{status}") if status else ""


FACT_NAMES = (
    "no", "stage", "next", "route", "role", "people", "people_or_role", "by", "member", "reporter", "gm", "now_with",
    "decision", "needs", "waiting", "clause", "status", "now", "policy", "qualification", "act", "upon", "may_say", "remark", "at",
    "until", "again", "end", "began",
)  # fmt: skip
"""What a refusal's text may name."""


def person(member: Any) -> str:
    """Return a mention for a member id, "" for none; `clock` and the like are not people."""
    text = str(member or "")
    return f"<@{text}>" if is_member_id(text) else ""


def people_text(members: Any, language: str) -> str:
    """Return at most four mentions as a list."""
    found = [p for m in (members or ()) if (p := person(m))][:4]
    if len(found) < 2:
        return "".join(found)
    return say(language, "refusal.or", first=say(language, "refusal.comma").join(found[:-1]), last=found[-1])


def stage_name(stage: Any, language: str, about: About) -> str:
    return _label(stage, language, about)


def _label(name: Any, language: str, about: About) -> str:
    if not name:
        return ""
    return escape(about.policy.label(str(name), language) if about.policy else str(name).replace("_", " "))


def _listed(names: Any, language: str, about: About) -> str:
    return say(language, "refusal.comma").join(_label(n, language, about) for n in names or ())


def _stage_of(about: About) -> str | None:
    visit = about.case.visits.get(about.visit or 0) if about.case else None
    return visit.stage if visit else None


def now_with(language: str, about: About) -> str:
    """Return which stages wait now, for "now … has it"."""
    if about.case is None:
        return ""
    stages = [_label(v.stage, language, about) for v in about.case.open_visits]
    return say(language, "refusal.comma").join(dict.fromkeys(stages))


def clause_text(source: str | None, language: str) -> str:
    """Return the clause as a card prints it; our own settings say that they are ours (CARDS, principle 10)."""
    if not source:
        return ""
    if source.startswith("our"):
        return say(language, "refusal.our_setting")
    if source[:1] == "D":
        return say(language, "refusal.our_default", name=source)
    return escape(source) if source[:1] in "(（" else say(language, "refusal.clause", clause=escape(source))


def _moment(at: Any, language: str, about: About) -> str:
    return when(at, language, about.plan.timezone, style="at") if isinstance(at, datetime) else ""


def _upon(upon: Any, language: str, about: About) -> str:
    """Return until when something is locked: the happening in words."""
    if not upon or about.policy is None:
        return ""
    return say(language, "refusal.locked_until", upon=escape(until_text(about.policy, str(upon), language)))


def _may_say(language: str, about: About) -> str:
    words = about.policy.reply.may_say if about.policy else None
    if words is None or about.case is None:
        return ""
    sentence = escape(words.in_language(language).replace("{number}", about.case.name))
    return say(language, "refusal.may_say", words=sentence)


# --- as Slack shows it -------------------------------------------------------------------------------------


def reply_blocks(reply: Reply) -> list[Block]:
    words = f"*{reply.title}*\n{reply.body}" if reply.body else f"*{reply.title}*"
    found = [section(words)]
    if reply.button is not None:
        found.append(actions(button_element(reply.button), block_id="acts"))
    return found


def message_of(reply: Reply) -> dict[str, Any]:
    """Return the reply as a message; its text is what a notification reads."""
    return {"text": texts.fit(reply.title, 3000), "blocks": reply_blocks(reply)}


def notice_view(reply: Reply, language: str) -> View:
    """Return the reply as a modal, for people who stand in a form or in App Home."""
    return modal(
        callback_id=NOTICE_MODAL,
        title=say(language, "form.notice"),
        close=say(language, "form.close"),
        blocks=reply_blocks(reply),
    )
