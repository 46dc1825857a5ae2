"""What people fill in: typed, checked, made plain; every problem is named at its field and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, TypeVar

from complaints.draft import Draft
from complaints.facts import Facts
from complaints.hiding import is_hidden_from
from complaints.money import share_total
from complaints.people import is_member_id
from complaints.policy_index import index_of
from complaints.policy_model import FieldDef, Fill
from complaints.refusals import FieldErrors
from complaints.unasked import unasked

LONGEST_TEXT = 3000  # characters, what Slack takes in one text input
LONGEST_LINE = 200
LONGEST_SHOWN = 40
MOST_LINES = 200
MOST_NOUGHTS = 15
"""Of a number, before and behind the point: 1e-999999 would be written out with a million of them."""
FIRST_YEAR, LAST_YEAR = 1900, 2999
"""Of a day that is filled in: beyond them no limit can be computed."""
UNKNOWN = "unknown"

Problem = tuple[str, Mapping[str, Any]]
Day = TypeVar("Day", bound=date)


class BadValue(ValueError):
    """A value that can't be taken; *reason* is an id of the message catalogue (`fields.<reason>`)."""

    def __init__(self, reason: str, **facts: Any) -> None:
        self.reason, self.facts = reason, facts
        super().__init__(reason)


def take_fields(
    draft: Draft,
    given: Mapping[str, Any],
    *,
    mandatory: Iterable[Fill] = (),
    allowed: Iterable[str] | None = None,
    with_files: Iterable[str] = (),
    decision: str | None = None,
    anew: Iterable[str] = (),
    may_go: Iterable[str] = (),
    out: Iterable[str] = (),
) -> dict[str, Any]:
    """
    Return the plain values of *given* as `read_fields` does, for an event that the caller emits: free words are kept
    apart (`$words`).
    """
    values = read_fields(
        draft,
        given,
        mandatory=mandatory,
        allowed=allowed,
        with_files=with_files,
        decision=decision,
        anew=anew,
        may_go=may_go,
        out=out,
    )
    return {name: apart(draft, name, value) for name, value in values.items()}


def read_fields(
    draft: Draft,
    given: Mapping[str, Any],
    *,
    mandatory: Iterable[Fill] = (),
    allowed: Iterable[str] | None = None,
    with_files: Iterable[str] = (),
    decision: str | None = None,
    anew: Iterable[str] = (),
    may_go: Iterable[str] = (),
    out: Iterable[str] = (),
) -> dict[str, Any]:
    """
    Return the plain values of *given*, checked against the policy's fields.

    *mandatory*: fills of the stage, each asked only when its condition holds and nobody filled it before, unless it
    is among those asked *anew*. *with_files*: fields for which a file came along. Empty values are left out. *may_go*:
    fields that lose their value where the form does not ask them any more; nothing is asked because of them. *out*:
    fields that were emptied.

    Raises:
        FieldErrors: naming each field that can't be taken, why, and what would be right.
    """
    fills, errors = list(mandatory), dict[str, Problem]()
    values: dict[str, Any] = {}
    if not given and not fills:
        return values
    for name in given:
        if allowed is not None and name not in set(allowed):
            errors[name] = ("not_asked", {"field": name})
            continue
        _take_one(draft, name, given[name], values, errors)
    values |= _from_register(draft, values)
    known = _known(draft, values, with_files, anew)
    empty = dict.fromkeys(out)
    gone = empty | dict.fromkeys(unasked(draft, fills, set(may_go), {**values, **empty, "decision": decision}))
    _check_mandatory(draft, fills, {**values, **gone, "decision": decision}, errors, known)
    _check_musts(draft, {name: value for name, value in values.items() if name not in gone}, errors)
    _check_shares(draft, values, errors)
    if errors:
        raise FieldErrors(errors)
    return values


def _take_one(draft: Draft, name: str, raw: Any, values: dict[str, Any], errors: dict[str, Problem]) -> None:
    definition = draft.policy.fields.get(name)
    if definition is None or (definition.is_computed and definition.from_ is None):
        errors[name] = ("not_asked", {"field": name})
        return
    try:
        value = plain(raw, definition, draft)
    except BadValue as bad:
        errors[name] = (bad.reason, bad.facts)
        return
    problem = _no_member(value, definition) if name in index_of(draft.policy).seated else None
    if problem is not None:
        errors[name] = problem
    elif value is not None:
        values[name] = value


def _no_member(value: Any, definition: FieldDef) -> Problem | None:
    """Return who could hold no seat, in a field or in a line of it: what is no Slack account would be waited for in vain."""
    if isinstance(value, str) and not is_member_id(value):
        return "no_member", {"value": briefly(value)}
    people = [column for column, kind in definition.columns.items() if kind == "person"]
    named = [str(line.get(column) or "") for line in (value if people else None) or () for column in people]
    wrong = next((name for name in named if not is_member_id(name)), None)
    return None if wrong is None else ("no_member_in_line", {"value": briefly(wrong) or "–"})


def _from_register(draft: Draft, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that come from the customer register (`from: customer.market`), where it knows them."""
    found: dict[str, Any] = {}
    for name, (source, key) in index_of(draft.policy).registered.items():
        if name in values:
            continue
        code = values.get(source)
        customer = draft.world.customer(code) if isinstance(code, str) else None
        if customer is not None and customer.values.get(key):
            found[name] = customer.values[key]
    return found


def _known(draft: Draft, values: Mapping[str, Any], with_files: Iterable[str], anew: Iterable[str]) -> set[str]:
    """Return the fields that are filled: now, by a file, or before (files that are on the case stay)."""
    before = set(draft.case.fields) - set(anew)
    return {*values, *with_files, *before, *(f.field for f in draft.case.files.values() if f.field)}


def _check_mandatory(
    draft: Draft, fills: list[Fill], values: Mapping[str, Any], errors: dict[str, Problem], known: set[str]
) -> None:
    facts = Facts(draft.case, draft.world, more=values)
    for fill in fills:
        if fill.name in known or fill.name in errors:
            continue
        if fill.when is None or fill.when.evaluate(facts) is True:
            kind = draft.policy.fields[fill.name].type if fill.name in draft.policy.fields else "text"
            errors[fill.name] = ("sample_missing" if kind in ("sample", "file") else "missing", {"field": fill.name})


def _check_musts(draft: Draft, values: Mapping[str, Any], errors: dict[str, Problem]) -> None:
    """Check what a field `must` be; the error stands at the field that the person can mend, and tells him nothing that the
    policy hides from him."""
    facts = Facts(draft.case, draft.world, more=values)
    for name, definition in draft.policy.fields.items():
        if name in values and definition.must is not None and definition.must.evaluate(facts) is False:
            read = draft.policy.fields_of(definition.must)
            shown = {
                n: _shown(values.get(n, draft.case.fields.get(n))) for n in read if not _is_unknown(draft, n, values)
            }
            errors.setdefault(name, ("must", {"field": name, "values": {**shown, name: _shown(values[name])}}))


def _is_unknown(draft: Draft, name: str, values: Mapping[str, Any]) -> bool:
    """Say whether the policy hides what stands in the field from who fills in the others."""
    return (
        name in draft.policy.fields
        and name not in values
        and is_hidden_from(draft.actor, name, draft.case, draft.world)
    )


def _check_shares(draft: Draft, values: Mapping[str, Any], errors: dict[str, Problem]) -> None:
    """Refuse shares of an amount that do not make the whole: nobody could say who bears the rest (OS-08)."""
    for entry in draft.policy.money.values():
        name = entry.by_lines
        if entry.use != "shares" or name is None or not values.get(name):
            continue
        total = share_total(entry, draft.policy, values[name])
        if total != 1:
            errors.setdefault(name, ("shares", {"field": name, "value": f"{(total * 100).normalize():f} %"}))


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def apart(draft: Draft, name: str, value: Any) -> Any:
    """Keep free words and personal data apart from the chain."""
    definition = draft.policy.fields[name]
    if isinstance(value, dict) and "new" in value:
        return _new_customer(draft, name, str(value["new"]))
    if isinstance(value, str) and definition.type == "text" and (definition.long or definition.personal):
        return draft.keep_words(value)
    return value


def _new_customer(draft: Draft, field: str, name: str) -> dict[str, Any]:
    """Keep the name of a customer outside the register, and where the policy counts or compares customers, as whom he
    is counted: who is written the same way is the same one (our default)."""
    first = draft.world.namesake(field, name) if field in index_of(draft.policy).compared else None
    return {**draft.keep_words(name), "new": True, **({"as": first} if first is not None else {})}


def as_said(values: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Return *values* with words in place of their references, as somebody would fill them in again elsewhere; words that
    were erased are left out."""
    found = {}
    for name, value in values.items():
        word = value.get("$words") if isinstance(value, dict) else None
        if word is None:
            found[name] = value
        elif word in words:
            found[name] = {"new": words[word]} if value.get("new") else words[word]
    return found


# --- one value ------------------------------------------------------------------------------------------------


def plain(raw: Any, definition: FieldDef, draft: Draft) -> Any:
    """
    Return the plain value of what somebody filled in, or None for nothing.

    Raises:
        BadValue: it is not a value of that type.
    """
    if isinstance(raw, str):
        raw = raw.strip()
    if raw is None or raw == "" or raw == []:
        return None
    if definition.unknown is not None and raw in (UNKNOWN, definition.unknown):
        return {"unknown": definition.unknown}
    return _READERS[definition.type](raw, definition, draft)


def briefly(raw: Any) -> str:
    """Return what was filled in as an error repeats it."""
    text = str(raw)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def _text(raw: Any, _: FieldDef, __: Draft) -> str:
    text = str(raw)
    if len(text) > LONGEST_TEXT:
        raise BadValue("too_long", most=LONGEST_TEXT, length=len(text))
    return text


def _decimal(raw: Any) -> Decimal:
    text = str(raw).replace(",", "").replace("，", "").replace(" ", "").strip()
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise BadValue("not_a_number", value=briefly(raw)) from None
    if not value.is_finite() or (value and abs(value.adjusted()) >= MOST_NOUGHTS):
        raise BadValue("not_a_number", value=briefly(raw))
    return value


def _number(raw: Any, _: FieldDef, __: Draft) -> str:
    value = _decimal(raw)
    if value < 0:
        raise BadValue("negative", value=briefly(raw))
    return format(value.normalize(), "f")


def _money(raw: Any, _: FieldDef, __: Draft) -> str:
    """Two decimals, half up (D16)."""
    value = _decimal(raw)
    if value < 0:
        raise BadValue("negative", value=briefly(raw))
    return str(value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP))


def _ratio(raw: Any, _: FieldDef, __: Draft) -> str:
    text = str(raw).strip()
    value = _decimal(text.rstrip("%％ ")) / (100 if text.endswith(("%", "％")) else 1)
    if value < 0:
        raise BadValue("negative", value=briefly(text))
    return format(value.normalize(), "f")


def _date(raw: Any, _: FieldDef, __: Draft) -> str:
    try:
        day = date.fromisoformat(str(raw))
    except ValueError:
        raise BadValue("not_a_date", value=briefly(raw)) from None
    return _of_our_times(day, raw).isoformat()


def _of_our_times(day: Day, raw: Any) -> Day:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise BadValue("not_a_date", value=briefly(raw))
    return day


def _instant(raw: Any, _: FieldDef, __: Draft) -> str:
    try:
        at = datetime.fromisoformat(str(raw))
    except ValueError:
        raise BadValue("not_a_date", value=briefly(raw)) from None
    if at.tzinfo is None:
        raise BadValue("not_a_date", value=briefly(raw))
    return _of_our_times(at, raw).isoformat()


def _yes_no(raw: Any, _: FieldDef, __: Draft) -> bool:
    if isinstance(raw, bool):
        return raw
    known = {"yes": True, "true": True, "no": False, "false": False}
    if str(raw).lower() not in known:
        raise BadValue("not_yes_no", value=briefly(raw))
    return known[str(raw).lower()]


def _choice(raw: Any, definition: FieldDef, _: Draft) -> str:
    if str(raw) not in definition.choices:
        raise BadValue("not_a_choice", value=briefly(raw), choices=list(definition.choices))
    return str(raw)


def _choices(raw: Any, definition: FieldDef, draft: Draft) -> list[str]:
    items = raw if isinstance(raw, list | tuple) else [raw]
    return [_choice(item, definition, draft) for item in dict.fromkeys(map(str, items))]


def _customer(raw: Any, _: FieldDef, draft: Draft) -> Any:
    """A code of the register, or {"new": name}: a new customer is allowed and merged later (DESIGN §8)."""
    if isinstance(raw, dict):
        name = str(raw.get("new") or "").strip()
        return {"new": _short(name)} if name else None
    if draft.world.customer(str(raw)) is None:
        return {"new": _short(str(raw))}
    return str(raw)


def _short(text: str, most: int = LONGEST_LINE) -> str:
    if len(text) > most:
        raise BadValue("too_long", most=most, length=len(text))
    return text


def _unit(raw: Any, _: FieldDef, draft: Draft) -> str:
    people = draft.world.people
    if str(raw) not in people.units and str(raw) not in people.roles:
        raise BadValue("no_such_unit", value=briefly(raw))
    return str(raw)


def _units(raw: Any, definition: FieldDef, draft: Draft) -> list[str]:
    items = raw if isinstance(raw, list | tuple) else [raw]
    return [_unit(item, definition, draft) for item in dict.fromkeys(map(str, items))]


def _sample(raw: Any, _: FieldDef, __: Draft) -> Any:
    """A tick "sample sent", a number of pieces, or what was sent in words."""
    if raw is False or str(raw).lower() in ("false", "no"):
        return None
    return True if raw is True or str(raw).lower() in ("true", "yes", "sent") else _short(str(raw))


def _lines(raw: Any, definition: FieldDef, draft: Draft) -> list[dict[str, Any]]:
    if not isinstance(raw, list | tuple):
        raise BadValue("not_lines", value=briefly(raw), columns=list(definition.columns))
    if len(raw) > MOST_LINES:
        raise BadValue("too_many_lines", most=MOST_LINES, length=len(raw))
    found = []
    for line in raw:
        if not isinstance(line, dict) or set(line) - set(definition.columns):
            raise BadValue("not_lines", value="", columns=list(definition.columns))
        found.append({k: _in_line(draft, k, kind, line[k]) for k, kind in definition.columns.items() if k in line})
    return found


def _in_line(draft: Draft, column: str, kind: str, raw: Any) -> Any:
    """Return one part of a line; a choice is one of the field of the column's name."""
    fields = draft.policy.fields
    if kind != "choice" or raw == "":
        return _READERS[kind](raw, fields.get(column, FieldDef(type="text")), draft)
    choices = fields[column].choices
    if str(raw) not in choices:
        raise BadValue("not_one_of", value=briefly(raw), choices=list(choices), of=column)
    return str(raw)


_READERS: dict[str, Callable[[Any, FieldDef, Draft], Any]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "ratio": _ratio,
    "date": _date,
    "instant": _instant,
    "yes_no": _yes_no,
    "choice": _choice,
    "choices": _choices,
    "customer": _customer,
    "order": _text,
    "person": _text,
    "unit": _unit,
    "units": _units,
    "file": lambda raw, _, __: raw if isinstance(raw, list) else [str(raw)],
    "sample": _sample,
    "lines": _lines,
}
