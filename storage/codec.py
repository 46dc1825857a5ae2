"""Events, cases and plain facts to JSON and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from datetime import datetime
from functools import cache
from typing import Any, get_type_hints

from msgspec import DecodeError, Struct
from msgspec.json import Decoder, Encoder
from msgspec.structs import fields, replace

from complaints import events as e
from complaints.case import Case, Deadline, Visit
from storage.types import aware_utc


class UnknownEvent(ValueError):
    """The log holds a kind of event that this program does not know."""


class BrokenEvent(ValueError):
    """The log holds an event whose body does not fit its kind."""


_FACTS = Encoder(order="sorted")
_VALUES = Encoder()
_ANYTHING: Decoder[Any] = Decoder()


def dump(value: Any) -> str:
    """Return plain facts as compact JSON with sorted keys. Raises: TypeError for what JSON can't say."""
    return _FACTS.encode(value).decode()


def load(text: str) -> Any:
    """Return what `dump` wrote."""
    return _ANYTHING.decode(text)


# --- events ----------------------------------------------------------------------------------------------


def kind_of(event: e.Event) -> str:
    return type(event).__name__


def event_to_json(event: e.Event) -> str:
    """Return the body of *event*, with all its fields. Raises: NaiveInstant."""
    if _instant_fields(type(event)):
        event = _in_utc(event)
    return _VALUES.encode(event).decode()


def event_from_json(kind: str, body: str) -> e.Event:
    """Return the event of that kind. Raises: UnknownEvent, BrokenEvent."""
    cls = _kinds().get(kind)
    if cls is None:
        raise UnknownEvent(
            f"the log holds an event {kind!r} that this version of Redress does not know; "
            "start the version that wrote it, or a newer one"
        )
    try:
        return _decoder(cls).decode(body)
    except DecodeError as error:
        raise BrokenEvent(f"an event {kind} of the log can't be read: {error}") from error


@cache
def _kinds() -> dict[str, type[e.Event]]:
    """Return every kind of event by its name in the log."""
    found = {c.__name__: c for c in vars(e).values() if isinstance(c, type) and issubclass(c, e.Event)}
    found.pop(e.Event.__name__)
    return found


@cache
def _decoder(cls: type[e.Event]) -> Decoder[e.Event]:
    return Decoder(cls)


_INSTANT_FIELDS: dict[type, tuple[str, ...]] = {}


def _instant_fields(cls: type[Struct]) -> tuple[str, ...]:
    """Name the fields of *cls* that hold instants, or values (`Step`) that do."""
    found = _INSTANT_FIELDS.get(cls)
    if found is None:
        hints = get_type_hints(cls)
        found = tuple(f.name for f in fields(cls) if _holds_instant(hints[f.name]))
        _INSTANT_FIELDS[cls] = found
    return found


def _holds_instant(hint: Any) -> bool:
    if hint is datetime:
        return True
    if isinstance(hint, type) and issubclass(hint, Struct):
        return bool(_instant_fields(hint))
    return any(_holds_instant(h) for h in getattr(hint, "__args__", ()))


def _in_utc(value: Any) -> Any:
    """Return *value* with its instants in UTC; the same object if they are already."""
    if isinstance(value, datetime):
        return aware_utc(value)
    if isinstance(value, tuple):
        made = tuple(_in_utc(v) for v in value)
        return value if all(a is b for a, b in zip(made, value, strict=True)) else made
    if not isinstance(value, Struct):
        return value
    changed = {}
    for name in _instant_fields(type(value)):
        old = getattr(value, name)
        new = _in_utc(old)
        if new is not old:
            changed[name] = new
    return replace(value, **changed) if changed else value


# --- cases -----------------------------------------------------------------------------------------------

# Fields at their default are left out of a state: after a changed default, rebuild.
_CASE = Decoder(Case)
_VISITS, _DEADLINES = Decoder(list[Visit]), Decoder(list[Deadline])

Part = Visit | Deadline
Past = dict[tuple[str, int], Part]


def past_of(visits: Iterable[Visit], clocks: Iterable[Deadline]) -> Past:
    """Return those that are over: they are written once, not at each act."""
    found: Past = {("visit", v.id): v for v in visits if v.ended is not None}
    found.update({("deadline", d.id): d for d in clocks if d.ended is not None})
    return found


def case_to_json(case: Case) -> str:
    """Return the state of a case without what `past_of` returns."""
    living = copy(case)
    living.visits = {n: v for n, v in case.visits.items() if v.ended is None}
    living.deadlines = {n: d for n, d in case.deadlines.items() if d.ended is None}
    return _VALUES.encode(living).decode()


def part_to_json(part: Part) -> str:
    return _VALUES.encode(part).decode()


def listed(parts: Sequence[Sequence[str]], name: str) -> str:
    """Return the parts of that name as one JSON list: one call of the decoder instead of a dozen."""
    return f"[{','.join([body for part, body in parts if part == name])}]"


def case_from_json(text: str, past: Iterable[Sequence[str]] = ()) -> Case:
    """Return the case of that state and of the parts (name, JSON) that are over."""
    case, parts = _CASE.decode(text), list(past)
    case.visits.update((v.id, v) for v in _VISITS.decode(listed(parts, "visit")))
    case.deadlines.update((d.id, d) for d in _DEADLINES.decode(listed(parts, "deadline")))
    case.visits = dict(sorted(case.visits.items()))
    case.deadlines = dict(sorted(case.deadlines.items()))
    return case
