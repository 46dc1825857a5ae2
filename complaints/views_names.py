"""Names and words of people as a reader may see them: customers masked where there is no need, erased ones said so."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import replace
from typing import Any

from complaints.case import Case
from complaints.hiding import customer_field, is_hidden_from
from complaints.policy import Policy
from complaints.ports import Customer
from complaints.views import CustomerFacts, Look, Quote

MASK = "○"
CONTACT_MASK = "•••"
"""Stands for a telephone number or a mail address in free words; ○ is only for names (CARDS, principle 9)."""

_MAIL = r"[A-Za-z0-9][A-Za-z0-9._%+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
_EXTENSION = r"(?:-\d{1,4})?"
_NUMBERS = (
    r"\+\d(?:[ ().-]{0,2}\d){7,14}",  # +886 912 345 678, +86-21-1234-5678
    r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}",  # mobile, mainland
    r"09\d{2}[ -]?\d{3}[ -]?\d{3}",  # mobile, Taiwan
    rf"0\d{{1,3}}[ -]\d{{7,8}}{_EXTENSION}",  # 021-12345678, 0755 1234567, 02-23456789-12
    rf"0\d{{1,3}}[ -]\d{{3,4}}[ -]\d{{4}}{_EXTENSION}",  # 02-2345-6789
    rf"\(0\d{{1,3}}\) ?\d{{3,4}}[ -]?\d{{4}}{_EXTENSION}",  # (02)2345-6789
)
_NUMBER = f"(?:{'|'.join(_NUMBERS)})"
_BEFORE = (
    r"(?:(?<![A-Za-z0-9./+-])(?<![A-Za-z0-9]_)"  # no part of a lot, an amount or a path; _italics_ are none of these
    r"|(?<=(?i:tel|mob|fax)\.)|(?<=(?i:ph)\.)|(?<=(?i:phone)\.)|(?<=[\u3400-\u9fff]\.))"  # Tel.0912345678
)
_AFTER = r"(?![A-Za-z0-9-]|[_/][A-Za-z0-9]|\.\d)"
_CONTACT = re.compile(rf"{_MAIL}|{_BEFORE}{_NUMBER}(?:/{_NUMBER})*{_AFTER}")
_HYPHENATED = re.compile(rf"0\d{{1,3}}(?:-\d{{7,8}}|-\d{{3,4}}-\d{{4}}){_EXTENSION}")
"""What a lot may look like as well as a landline: 02-2026-1105."""
_BETWEEN = re.compile(r"[,，、;；\n]")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/+-]*")
_WIDE = "".join(map(chr, (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))) + "＋－＠（）．＿"
_NARROW = {ord(wide): ord(wide) - 0xFEE0 for wide in _WIDE}
"""Full-width letters, digits and signs to plain ones, one for one: a place in the one text is the same place in the other."""
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


def own_codes(policy: Policy, case: Case) -> frozenset[str]:
    """
    Return what looks like a contact and is none, for the case says itself what it is: its numbers, its orders, and lots
    or parts that stand alone in a short field.

    A telephone number may have been typed into such a field by mistake: there only hyphens and digits are taken for a
    lot (02-2026-1105), never a mobile number, one with its country code, or words beside it.
    """
    found = {case.number, case.old_number} - {None}
    for name, value in case.fields.items():
        definition = policy.fields.get(name)
        if definition is None or not isinstance(value, str) or definition.hidden_from or definition.personal:
            continue
        parts = [part.strip() for part in _BETWEEN.split(value.translate(_NARROW))]
        if definition.type == "order":
            found |= {part for part in parts if _CODE.fullmatch(part)}
        elif definition.type == "text" and not definition.long and all(map(_CODE.fullmatch, parts)):
            found |= {part for part in parts if _HYPHENATED.fullmatch(part)}
    return frozenset(str(code) for code in found)


def contacts_in(text: str, own: Container[str] = ()) -> list[str]:
    """
    Return what is certainly a telephone number or a mail address in free words; amounts, dates and lots are none, nor what
    is *own* (`own_codes`).
    """
    return [contact for begin, end in _places(text, own) for contact in text[begin:end].split("/")]


def _places(text: str, own: Container[str] = ()) -> list[tuple[int, int]]:
    found = _CONTACT.finditer(text.translate(_NARROW))
    return [one.span() for one in found if not all(part in own for part in one[0].split("/"))]


def without_contacts(text: str, look: Look, own: Container[str] = ()) -> str:
    """Return free words without the telephone numbers and mail addresses in them, for readers who see them masked."""
    if look.full:
        return text
    for begin, end in reversed(_places(text, own)):
        text = text[:begin] + CONTACT_MASK + text[end:]
    return text


def without_names(text: str, look: Look, policy: Policy, case: Case) -> str:
    """
    Return free words in which the customer's names are masked and contacts left out, for readers who see them masked; of a
    name that the policy hides from the reader nothing is left.
    """
    field = customer_field(policy)
    hidden = field is not None and is_hidden_from(look.reader, field, case, look.world)
    if look.full and not hidden:
        return text
    text = without_contacts(text, replace(look, full=False), own_codes(policy, case))
    for name in sorted(_names(look, case.fields.get(field or "")), key=len, reverse=True):
        text = re.sub(re.escape(name), lambda m: MASK * 2 if hidden else masked(m[0]), text, flags=re.IGNORECASE)
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
    return Quote(text=None if text is None else without_names(text, look, policy, case), label=label)


def words_quote(look: Look, policy: Policy, case: Case, reference: Mapping[str, Any] | None) -> Quote | None:
    """Return words kept apart (a reason, a question) as a quote."""
    if not reference:
        return None
    text = word_of(look, reference)
    return Quote(text=None if text is None else without_names(text, look, policy, case))
