"""Names and words of people as a reader may see them: customers masked where there is no need, erased ones said so."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from complaints.case import Case
from complaints.policy import Policy
from complaints.ports import Customer
from complaints.views import CustomerFacts, Look, Quote

MASK = "○"
_HAN = re.compile(r"[\u3400-\u9fff]")


def word_of(look: Look, reference: Any) -> str | None:
    """Return the text of a `$words` reference; None when it was erased or is unknown."""
    return look.words.get(str(reference.get("$words"))) if isinstance(reference, dict) else None


def is_words(value: Any) -> bool:
    return isinstance(value, dict) and "$words" in value


def customer_facts(look: Look, value: Any) -> CustomerFacts:
    """Return the customer as this reader may see it: a code of the register, or the name of a new one."""
    if isinstance(value, dict):
        name = word_of(look, value) if is_words(value) else value.get("new")
        return CustomerFacts(name=_shown(look, name), is_new=True, erased=name is None)
    known = look.world.customer(str(value))
    return CustomerFacts(name=_shown(look, known.name(look.language)) if known else None, code=str(value))


def _shown(look: Look, name: Any) -> str | None:
    return None if name is None else (str(name) if look.full else masked(str(name)))


def masked(name: str) -> str:
    """Return a name of which only its bearer's friends know the rest: 北○儀器, "N… Instruments", 王○."""
    name = " ".join(name.split())
    if _HAN.search(name[:2]):
        return name[:1] + MASK + name[2:]
    first, _, rest = name.partition(" ")
    return f"{first[:1]}… {rest}".strip()


def without_names(text: str, look: Look, value: Any) -> str:
    """Return free words in which the customer's names are masked, for readers who see it masked."""
    if look.full:
        return text
    for name in sorted(_names(look, value), key=len, reverse=True):
        text = re.sub(re.escape(name), lambda m: masked(m[0]), text, flags=re.IGNORECASE)
    return text


def _names(look: Look, value: Any) -> set[str]:
    if isinstance(value, dict):
        name = word_of(look, value)
        return {name} if name and len(name) > 1 else set()
    known: Customer | None = look.world.customer(str(value)) if value is not None else None
    return {n for n in (*known.names.values(), *known.aliases) if len(n) > 1} if known else set()


def quote(look: Look, policy: Policy, case: Case, name: str, label: str | None = None) -> Quote | None:
    """Return the words in a field as a quote, or None when nobody filled it."""
    value = case.fields.get(name)
    if value is None:
        return None
    text = word_of(look, value) if is_words(value) else str(value)
    customer = next((case.fields.get(n) for n, f in policy.fields.items() if f.type == "customer"), None)
    return Quote(text=None if text is None else without_names(text, look, customer), label=label)


def words_quote(look: Look, reference: Mapping[str, Any] | None, label: str | None = None) -> Quote | None:
    """Return words kept apart (a reason, a question) as a quote."""
    return None if not reference else Quote(text=word_of(look, reference), label=label)
