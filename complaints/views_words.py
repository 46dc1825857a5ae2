"""Values as people read them: fields, customers, departments, limits and clauses, each in one language."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from complaints import events as e
from complaints.case import Case, Deadline
from complaints.currencies import in_currency
from complaints.hiding import is_hidden_from
from complaints.limits import limit_text, parse_limit
from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_model import FieldDef
from complaints.policy_parts import SourceRef, Words, parse_source
from complaints.seats import people_of_seat
from complaints.views import Due, Look, Pair, Source, Team
from complaints.views_names import customer_facts, is_words, without_names, word_of

ERASED = Words("[erased]", "[已删除]", "[已刪除]")
UNKNOWN = Words("not yet determined", "尚未确定", "尚未確定")
SENT = Words("sample sent", "已附样品", "已附樣品")
SAMPLE = Words("Sample:", "样品", "樣品")
SAMPLE_STEMS = {False: ("sample",), True: ("样品", "樣品", "样本", "樣本")}
SAMPLES = Words("{} {}", "样品 {} 件", "樣品 {} 件")
LONGEST_CLAUSE = 48
_CLAUSE_PARTS = re.compile(r"[,，。;；:：]|(?<=[后後])(?=\w)")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IN_BRACKETS = re.compile(r"\s*[（(]([^（）()]+)[）)]$")


def is_chinese(language: str) -> bool:
    return language.startswith("zh")


def listed(parts: Iterable[str], language: str) -> str:
    """Return *parts* as a list in a sentence."""
    return ("、" if is_chinese(language) else ", ").join(p for p in parts if p)


# --- plain values ------------------------------------------------------------------------------------------


def number_text(value: Any) -> str:
    """Return a number for people: thousands apart, no needless zeros; anything else as text."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money_text(amount: Any, policy: Policy, language: str) -> str:
    """Return an amount in the policy's currency: `TWD 12,000`, `新臺幣 12,000 元`."""
    return in_currency(number_text(amount), policy.policy.currency, language)


def is_money(name: str, policy: Policy) -> bool:
    """Say whether a field, a named value or a calculator of the policy is an amount of money; what reconciles is none."""
    if name in policy.fields:
        return policy.fields[name].type == "money"
    if name in policy.values:
        return name in index_of(policy).amounts
    return name in policy.money and policy.money[name].use != "reconcile"


def date_text(on: date, language: str) -> str:
    """Return a plain date with its year: `26 Oct 2026`, `2026/10/26`."""
    return f"{on.year}/{on.month}/{on.day}" if is_chinese(language) else f"{on.day} {MONTHS[on.month - 1]} {on.year}"


def value_text(look: Look, policy: Policy, case: Case, name: str, value: Any) -> str:
    """Return the value of a field for people; "" where there is nothing to show."""
    language, definition = look.language, policy.fields.get(name)
    if value is None or definition is None:
        return "" if value is None else str(value)
    if isinstance(value, dict) and "unknown" in value:
        return str(value["unknown"]) if is_chinese(language) else UNKNOWN.en
    if is_words(value):
        text = word_of(look, value)
        return ERASED.in_language(language) if text is None else without_names(text, look, policy, case)
    if definition.type == "text" and not definition.is_contact:
        return without_names(str(value), look, policy, case)
    return _typed_text(look, policy, name, definition, value)


def _typed_text(look: Look, policy: Policy, name: str, definition: FieldDef, value: Any) -> str:
    language = look.language
    match definition.type:
        case "number":
            return with_unit(number_text(value), policy, name, language)
        case "money":
            return money_text(value, policy, language)
        case "ratio":
            return f"{number_text(Decimal(str(value)) * 100)}%"
        case "date":
            return date_text(date.fromisoformat(str(value)), language)
        case "instant":
            at = look.world.calendar().local(datetime.fromisoformat(str(value)))
            return f"{date_text(at.date(), language)} {at:%H:%M}"
        case "yes_no":
            return policy.label("true" if value else "false", language)
        case "choice":
            return policy.label(str(value), language, of=name)
        case "choices":
            return listed((policy.label(str(v), language, of=name) for v in value), language)
        case "unit":
            return unit_name(look, policy, str(value))
        case "units":
            return listed((unit_name(look, policy, str(v)) for v in value), language)
        case "customer":
            return customer_facts(look, value).name or ""
        case "file" | "lines":
            return number_text(len(value))
        case "sample":
            return sample_text(look, value)
        case _:
            return str(value)


def with_unit(amount: str, policy: Policy, name: str, language: str) -> str:
    """Return an amount with its unit: `186 boards`, `186 片`; where the unit has no words, with what the label says."""
    unit = policy.fields[name].unit
    if not unit:
        return amount
    in_label = _IN_BRACKETS.search(policy.label(name, language))
    word = policy.label(unit, language) if unit in policy.texts or in_label is None else in_label[1]
    return f"{amount} {word if is_chinese(language) else word.lower()}"


def field_label(policy: Policy, name: str, language: str) -> str:
    """Return a field's short label; a unit in brackets stands with the number instead."""
    label = policy.label(name, language, aspect="short")
    return _IN_BRACKETS.sub("", label).strip() if policy.fields[name].unit else label


def sample_text(look: Look, value: Any) -> str:
    """Return what was sent as a sample, or that one was."""
    if value is True:
        return SENT.in_language(look.language)
    text = str(value)
    if text.casefold().startswith(SAMPLE_STEMS[is_chinese(look.language)]):
        return text  # whoever wrote "5 samples …" with the word in front said already what it is
    if not text.isdigit():
        return f"{SAMPLE.in_language(look.language)} {text}"
    counted = SAMPLES.in_language(look.language)
    return counted.format(text, "sample" if text == "1" else "samples")


def unit_name(look: Look, policy: Policy, unit: str) -> str:
    """Return the name of a unit: of the role that answers for it in this desk, else the policy's word."""
    if unit in look.people.unit_labels:
        return look.people.unit_label(unit, look.language)
    role = look.people.unit_role(unit)
    return role_name(look.people, policy, role, look.language)


def regulation_of(policy: Policy, look: Look) -> str:
    """Return the name of the regulation that a case follows."""
    return regulation_name(policy, look.language)


def regulation_name(policy: Policy, language: str) -> str:
    """Return the name of a regulation: the words for its id, else its own title."""
    return policy.label(policy.id, language) if policy.id in policy.texts else policy.policy.text


def role_name(people: DeskPlan, policy: Policy, role: str, language: str) -> str:
    """Return a department's name: the desk's, else the policy's."""
    return people.role_label(role, language) if role in people.roles else policy.label(role, language)


def pair(look: Look, policy: Policy, case: Case, name: str) -> Pair | None:
    """Return a filled field with its label, or None when it is empty or hidden from some people."""
    definition, value = policy.fields.get(name), case.fields.get(name)
    if (
        definition is None
        or value is None
        or definition.hidden_from
        or is_hidden_from(look.reader, name, case, look.world)
    ):
        return None
    label = field_label(policy, name, look.language)
    if definition.type == "person":
        return Pair(name=name, label=label, value="", people=(str(value),))
    return Pair(name=name, label=label, value=value_text(look, policy, case, name, value))


# --- people ------------------------------------------------------------------------------------------------


def team_of(look: Look, policy: Policy, seats: Iterable[e.Seat]) -> Team:
    """Return the departments of *seats*, and who answers for them now, each person once."""
    seats = list(seats)
    labels = [role_name(look.people, policy, s.role, look.language) for s in seats if s.role]
    members = [m for s in seats for m in people_of_seat(s, look.world)]
    roles = [s.role for s in seats if s.role]
    return Team(
        label=listed(dict.fromkeys(labels), look.language) or None,
        people=tuple(dict.fromkeys(members)),
        role=roles[0] if roles else None,
    )


# --- limits and sources ------------------------------------------------------------------------------------


def due_of(look: Look, deadline: Deadline | None, policy: Policy) -> Due | None:
    """Return a clock for a card: when it runs out, what it was before an extension, whether it was told as late."""
    if deadline is None:
        return None
    return Due(
        at=deadline.due_at,
        provisional=deadline.provisional,
        was=deadline.first_due_at if deadline.first_due_at != deadline.due_at else None,
        overdue=deadline.ended is None and was_told_late(deadline, policy),
    )


def was_told_late(deadline: Deadline, policy: Policy) -> bool:
    """Say whether the clock has written that this is late: the rung at the due time is fired."""
    has_rung = any(r.percent == 100 for r in policy.ladder(deadline.ladder))
    return has_rung and all(s.at > deadline.due_at for s in deadline.steps)


def limit_words_of(deadline: Deadline, language: str) -> str:
    return limit_text(parse_limit(deadline.limit), language) if deadline.limit != "none" else ""


def source_facts(
    policy: Policy, source: SourceRef | None, what: str, language: str, limit: str = "", about: str = ""
) -> Source | None:
    """Return where a rule comes from, for the smallest line of a card. *about*: what the quote should speak of."""
    if source is None:
        return None
    if source.kind == "clause":
        words = fitting(policy.source_text(source, language), about)
        return Source(what=what, kind="clause", clause=source.text, quote=words, limit=limit)
    return Source(what=what, kind=source.kind, clause=source.text if source.kind == "default" else "", limit=limit)


def fitting(clause: str, about: str) -> str:
    """Return a short clause whole, of a long one the part that shares most with *about*, else nothing."""
    if len(clause) <= LONGEST_CLAUSE:
        return clause
    wanted = _pairs(about)
    parts = [part.strip() for part in _CLAUSE_PARTS.split(clause)]
    best = max(parts, key=lambda part: len(wanted & _pairs(part)), default="")
    return best.rstrip("后後") if len(wanted & _pairs(best)) > 1 else ""


def _pairs(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(len(text) - 1) if not text[n : n + 2].isspace()}


def about_stage(policy: Policy, stage: str, role: str | None) -> str:
    """Return what a clause about a stage speaks of, in the languages of regulations."""
    aspects = ("name", "ask", "done", "button")
    said = [policy.label(stage, code, aspect=a) for code in ("zh-Hant", "zh-Hans", "en") for a in aspects]
    return " ".join((*said, *(policy.label(role, code) for code in ("zh-Hant", "zh-Hans", "en") if role)))


def read_source(text: str | None) -> SourceRef | None:
    """Return a source as it stands in an event: a clause, a default, or `ours: why`."""
    if not text:
        return None
    return SourceRef("ours", text.removeprefix("ours: ")) if text.startswith("ours: ") else parse_source(text)
