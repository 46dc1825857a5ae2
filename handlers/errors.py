"""What is wrong with an answer, said at the field that the person can mend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from complaints.refusals import FieldErrors
from complaints.views_words import field_label, with_unit
from handlers import texts
from handlers.modals.fields import PREFIX, FieldBook
from handlers.texts import day, fit, number, plain, say, when_plain

LONGEST_ERROR = 150

Problem = tuple[str, Mapping[str, Any]]


def errors_at_blocks(
    wrong: FieldErrors, block_ids: Sequence[str], language: str, zone: str, book: FieldBook | None
) -> dict[str, str]:
    """
    Return block id to sentence for the inputs that the form has.

    What belongs to no input of the form stands at its home field, the first one, with its name in front, several that miss the
    same with one sentence; so no error is lost and no key is unknown to Slack. Empty only when the form has no input at all.
    """
    found: dict[str, str] = {}
    homeless: dict[str, list[str]] = {}
    for name, problem in wrong.errors.items():
        sentence = problem_text(name, problem, language, zone, book)
        block = block_of(name, block_ids)
        if block is not None:
            found[block] = fit(sentence, LONGEST_ERROR)
        else:
            homeless.setdefault(sentence, []).append(_label(name, book))
    if homeless and block_ids:
        first, comma = block_ids[0], say(language, "refusal.comma")
        named = (say(language, "card.pair", label=comma.join(of), value=said) for said, of in homeless.items())
        found[first] = fit(" ".join(filter(None, (found.get(first), *named))), 3 * LONGEST_ERROR)
    return found


def block_of(name: str, block_ids: Sequence[str]) -> str | None:
    """Return the block that asks for *name*, a field of the policy or a question of an act; None if none does."""
    return next((b for b in (f"{PREFIX}{name}", name) if b in block_ids), None)


def _label(name: str, book: FieldBook | None) -> str:
    return book.label(name) if book and name in book.policy.fields else name.replace("_", " ")


def problem_text(name: str, problem: Problem, language: str, zone: str, book: FieldBook | None) -> str:
    """Return one sentence for a problem: the policy's own words where it has some, else ours."""
    reason, facts = problem
    own = _own_words(name, reason, book)
    if own:
        return own + _both_values(facts, language, book) if reason == "must" else own
    known = reason if texts.knows(f"error.{reason}") else "other"
    return say(language, f"error.{known}", **_facts(name, facts, language, zone, book))


def _own_words(name: str, reason: str, book: FieldBook | None) -> str:
    definition = book.policy.fields.get(name) if book else None
    if book is None or definition is None:
        return ""
    wanted = ("must",) if definition.must is not None else ("missing", "not_a_choice")
    return book.policy.label(name, book.language, aspect="error") if reason in wanted else ""


def _both_values(facts: Mapping[str, Any], language: str, book: FieldBook | None) -> str:
    """Return the values that do not go together, each with its name (CARDS §1: errors name both values)."""
    values = facts.get("values") or {}
    if book is None or len(values) < 2:
        return ""
    shown = [
        f"{field_label(book.policy, n, language)} {with_unit(number(v), book.policy, n, language)}"
        for n, v in values.items()
        if v and n in book.policy.fields
    ]
    return say(language, "error.values", values=say(language, "refusal.comma").join(shown)) if len(shown) > 1 else ""


def _facts(name: str, facts: Mapping[str, Any], language: str, zone: str, book: FieldBook | None) -> dict[str, str]:
    shown = {k: _text(v, language, zone) for k, v in facts.items()}
    if book is not None and name in book.policy.fields and facts.get("choices"):
        shown["choices"] = say(language, "refusal.comma").join(
            book.choice(facts.get("of", name), str(c)) for c in facts["choices"]
        )
    if book is not None and name in book.policy.fields and facts.get("columns"):
        shown["columns"] = "; ".join(book.policy.label(str(column), language, of=name) for column in facts["columns"])
    return dict.fromkeys(ERROR_FACTS, "") | {"field": _label(name, book)} | {
        k: v for k, v in shown.items() if k in ERROR_FACTS and k != "field"
    }  # fmt: skip


ERROR_FACTS = ("field", "value", "most", "length", "due", "columns", "choices")
"""What an error's text may name."""


def _text(value: Any, language: str, zone: str) -> str:
    if isinstance(value, datetime):
        return when_plain(value, language, zone)
    if hasattr(value, "isoformat"):
        return day(value, language)
    if isinstance(value, list | tuple):
        return ", ".join(str(v) for v in value)
    return number(value) if isinstance(value, int) else plain(str(value), 60)
