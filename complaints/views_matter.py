"""What a case is about in one line, and the few facts that a card shows of it: read from the policy's own form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from complaints.case import Case
from complaints.hiding import customer_field, is_hidden_from
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_model import FieldDef
from complaints.views import CustomerFacts, FileFacts, Look, Pair, Quote
from complaints.views_names import customer_facts, quote
from complaints.views_words import field_label, is_chinese, number_text, pair, value_text, with_unit

MOST_FIELDS = 4
LONGEST_MATTER, SHORT_MATTER = 80, 28
WIDER_IN_LATIN = 2
"""A Chinese character says about as much as two letters and takes their room."""
SHOWN_TYPES = frozenset({"text", "number", "money", "date", "choice", "choices", "order", "unit", "units", "person"})
_SENTENCE = re.compile(r"(?<=[。！？!?])|(?<=\.)\s|\n|；|;")


def intake_fields(policy: Policy) -> tuple[str, ...]:
    """Return the fields of the first form in the order of its pages; without a form those of the first stage."""
    if policy.intake is not None:
        return tuple(dict.fromkeys(name for page in policy.intake.pages for name in page))
    first = next(iter(policy.stages.values()), None)
    return first.filled if first is not None else ()


def customer_of(look: Look, policy: Policy, case: Case) -> CustomerFacts | None:
    """Return the customer of the case, None where the policy asks for none, hides it from the reader, or nobody said yet."""
    name = customer_field(policy)
    value = case.fields.get(name or "")
    if name is None or value is None or is_hidden_from(look.reader, name, case, look.world):
        return None
    return customer_facts(look, value)


def told_field(policy: Policy) -> str | None:
    """Return the field with the complaint in its own words: the first long text of the form."""
    return next((n for n in intake_fields(policy) if _is_long(policy.fields.get(n))), None)


def _is_long(definition: FieldDef | None) -> bool:
    return definition is not None and definition.type == "text" and definition.long and not definition.hidden_from


# --- the matter in one line --------------------------------------------------------------------------------


def matter_of(look: Look, policy: Policy, case: Case) -> tuple[str, Quote | None]:
    """Return the matter in one line with its quantity, and the words it comes from when they say more than the line."""
    name = told_field(policy)
    words = quote(look, policy, case, name) if name else None
    text = words.text if words else None
    line = first_sentence(text, LONGEST_MATTER) if text else ""
    says_more = words is not None and (text is None or _bare(text) != line)
    amount = quantity_of(look, policy, case)
    separator = "，" if is_chinese(look.language) else ", "
    return separator.join(p for p in (line, amount) if p), words if says_more else None


def short_matter(look: Look, policy: Policy, case: Case) -> str:
    """Return part and fault in a few words, for lists."""
    name = told_field(policy)
    words = quote(look, policy, case, name) if name else None
    fault = first_sentence(words.text, _room(words.text)) if words and words.text else ""
    return " ".join(p for p in (thing_of(look, policy, case), fault) if p)


def _room(text: str) -> int:
    return SHORT_MATTER * WIDER_IN_LATIN if text[:SHORT_MATTER].isascii() else SHORT_MATTER


def first_sentence(text: str, limit: int) -> str:
    """Return the first sentence of *text* without its full stop, cut visibly to *limit* characters."""
    flat = _bare(next((part.strip() for part in _SENTENCE.split(text.strip()) if part and part.strip()), ""))
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip("，,、 ") + "…"


def _bare(text: str) -> str:
    """Return *text* in one line without the full stop at its end."""
    return " ".join(text.split()).rstrip("。.")


def thing_of(look: Look, policy: Policy, case: Case) -> str:
    """Return what the complaint is about by its name: the first short text of the form, such as the part number."""
    name = next((n for n in intake_fields(policy) if _is_name(policy.fields.get(n))), None)
    return value_text(look, policy, case, name, case.fields.get(name)) if name else ""


def _is_name(definition: FieldDef | None) -> bool:
    """Say whether a field may name the case: neither somebody's telephone number nor what only some may see."""
    if definition is None or definition.type != "text":
        return False
    return not (definition.long or definition.personal or definition.hidden_from)


def quantity_pair(policy: Policy) -> tuple[str, str] | None:
    """Return the form's part and whole: a number that must not exceed another, such as defective and shipped."""
    for name in intake_fields(policy):
        definition = policy.fields.get(name)
        if definition is None or definition.type != "number" or definition.must is None:
            continue
        others = [n for n in definition.must.reads if n != name]
        if len(others) == 1 and (whole := policy.fields.get(others[0])) is not None and whole.type == "number":
            return name, others[0]
    return None


def quantity_of(look: Look, policy: Policy, case: Case) -> str:
    """Return "186 of 2,400 boards (7.75%)" where the form asks for a part and a whole."""
    names = quantity_pair(policy)
    if names is None:
        return ""
    part, whole = (_decimal(case.fields.get(n)) for n in names)
    if part is None:
        return ""
    label = field_label(policy, names[0], look.language)
    if whole is None or whole <= 0:
        return f"{label} {with_unit(number_text(part), policy, names[0], look.language)}"
    share = f"{number_text(round(part * 100 / whole, 2))}%"
    if is_chinese(look.language):
        both = with_unit(f"{number_text(part)}／{number_text(whole)}", policy, names[0], look.language)
        return f"{label} {both}（{share}）"
    return f"{number_text(part)} of {with_unit(number_text(whole), policy, names[0], look.language)} ({share})"


def _decimal(value: object) -> Decimal | None:
    try:
        return None if value is None or isinstance(value, dict) else Decimal(str(value))
    except InvalidOperation:
        return None


# --- the few facts -----------------------------------------------------------------------------------------


def main_fields(look: Look, policy: Policy, case: Case) -> tuple[Pair, ...]:
    """Return the grade, where the case has one, and the first facts of the form that the matter does not say already."""
    graded = [shown for name in index_of(policy).grades if (shown := pair(look, policy, case, name)) is not None]
    return (
        *graded,
        *_first_facts(look, policy, case, taken={*(quantity_pair(policy) or ()), *(p.name for p in graded)}),
    )


def _first_facts(look: Look, policy: Policy, case: Case, taken: set[str]) -> list[Pair]:
    found: list[Pair] = []
    for name in intake_fields(policy) if policy.intake is not None else tuple(case.fields):
        if name in taken or not is_short(policy.fields.get(name)):
            continue
        shown = pair(look, policy, case, name)
        taken |= set(riders := _riders(policy, name))
        if shown is not None and (shown.value or shown.people):
            found.append(_with_riders(look, policy, case, shown, riders))
        if len(found) == MOST_FIELDS:
            break
    return found


def is_short(definition: FieldDef | None) -> bool:
    """Say whether a field is a fact of one line that everybody of the case may see."""
    if definition is None or definition.type not in SHOWN_TYPES:
        return False
    return not (definition.long or definition.personal or definition.hidden_from or definition.is_computed)


def _riders(policy: Policy, name: str) -> tuple[str, ...]:
    """Return the numbers that are asked only because of this choice: "exchange" and how many."""
    if policy.fields[name].type != "choice":
        return ()
    asked = [f for s in _form_stages(policy) for f in policy.stages[s].fill if f.when is not None]
    return tuple(f.name for f in asked if f.when is not None and f.when.reads == {name} and _is_number(policy, f.name))


def _is_number(policy: Policy, name: str) -> bool:
    return policy.fields[name].type in ("number", "money")


def _form_stages(policy: Policy) -> Iterable[str]:
    return policy.intake.stages if policy.intake is not None else ()


def _with_riders(look: Look, policy: Policy, case: Case, shown: Pair, riders: Iterable[str]) -> Pair:
    extra = [value_text(look, policy, case, n, case.fields[n]) for n in riders if case.fields.get(n) is not None]
    between = " " if is_chinese(look.language) else ", "
    return Pair(name=shown.name, label=shown.label, value=between.join((shown.value, *extra)), people=shown.people)


def sample_of(look: Look, policy: Policy, case: Case) -> str | None:
    """Return what sample was sent, or None."""
    name = next((n for n in intake_fields(policy) if n in policy.fields and policy.fields[n].type == "sample"), None)
    value = case.fields.get(name or "")
    return value_text(look, policy, case, str(name), value) if value is not None else None


def files_of(case: Case) -> FileFacts:
    """Return how many photos and other files there are, and how many of them are not stored yet."""
    files = [f for f in case.files.values() if f.missed is None]
    photos = [f for f in files if f.mimetype.startswith("image/")]
    return FileFacts(
        photos=len(photos),
        others=len(files) - len(photos),
        arriving=sum(1 for f in files if f.sha256 is None),
        missed=len(case.files) - len(files),
    )
