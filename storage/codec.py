"""Events, cases and plain facts to JSON and back."""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from complaints import events as e
from complaints.case import Case
from storage.types import aware_utc


class UnknownEvent(ValueError):
    """The log holds a kind of event that this program does not know."""


class BrokenEvent(ValueError):
    """The log holds an event whose body does not fit its kind."""


def dump(value: Any) -> str:
    """Return plain facts as compact JSON with sorted keys. Raises: TypeError for what is no plain value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def load(text: str) -> Any:
    """Return what `dump` wrote."""
    return json.loads(text)


# --- events ----------------------------------------------------------------------------------------------


def event_kinds() -> dict[str, type[e.Event]]:
    """Return every kind of event by its name in the log."""
    return dict(_kinds())


def kind_of(event: e.Event) -> str:
    return type(event).__name__


def event_to_json(event: e.Event) -> str:
    """Return the body of *event*, with all its fields. Raises: NaiveInstant."""
    if _instant_fields(type(event)):
        event = _in_utc(event)
    return _adapter(type(event)).dump_json(event).decode()


def event_from_json(kind: str, body: str) -> e.Event:
    """Return the event of that kind. Raises: UnknownEvent, BrokenEvent."""
    cls = _kinds().get(kind)
    if cls is None:
        raise UnknownEvent(
            f"the log holds an event {kind!r} that this version of Redress does not know; "
            "start the version that wrote it, or a newer one"
        )
    try:
        event: e.Event = _adapter(cls).validate_json(body)
    except ValidationError as error:
        raise BrokenEvent(f"an event {kind} of the log can't be read: {error}") from error
    return event


@cache
def _kinds() -> dict[str, type[e.Event]]:
    found = {c.__name__: c for c in vars(e).values() if isinstance(c, type) and issubclass(c, e.Event)}
    found.pop(e.Event.__name__)
    return found


@cache
def _adapter(cls: type[Any]) -> TypeAdapter[Any]:
    return TypeAdapter(cls)


@cache
def _instant_fields(cls: type[Any]) -> tuple[str, ...]:
    """Name the fields of *cls* that hold instants, or values (`Step`) that do."""
    hints = get_type_hints(cls)
    return tuple(f.name for f in fields(cls) if _holds_instant(hints[f.name]))


def _holds_instant(hint: Any) -> bool:
    if hint is datetime:
        return True
    if isinstance(hint, type) and is_dataclass(hint):
        return bool(_instant_fields(hint))
    return any(_holds_instant(h) for h in getattr(hint, "__args__", ()))


def _in_utc(value: Any) -> Any:
    """Return *value* with its instants in UTC; the same object if they are already."""
    if isinstance(value, datetime):
        return aware_utc(value)
    if isinstance(value, tuple):
        made = tuple(_in_utc(v) for v in value)
        return value if all(a is b for a, b in zip(made, value, strict=True)) else made
    if not is_dataclass(value) or isinstance(value, type):
        return value
    changed = {}
    for name in _instant_fields(type(value)):
        old = getattr(value, name)
        new = _in_utc(old)
        if new is not old:
            changed[name] = new
    return replace(value, **changed) if changed else value


# --- cases -----------------------------------------------------------------------------------------------

_CASE = TypeAdapter(Case)


def case_to_json(case: Case) -> str:
    """Return the state of a case. Fields at their default are left out: after a changed default, rebuild."""
    return _CASE.dump_json(case, exclude_defaults=True).decode()


def case_from_json(text: str) -> Case:
    """Return the case that `case_to_json` wrote."""
    return _CASE.validate_json(text)


def copy_case(case: Case) -> Case:
    """Return a copy that `evolve` may change: its parts are frozen, so only the containers are new."""
    return replace(
        case,
        fields=dict(case.fields),
        visits=dict(case.visits),
        branches=dict(case.branches),
        deadlines=dict(case.deadlines),
        questions=dict(case.questions),
        files=dict(case.files),
        happened=dict(case.happened),
        urges=dict(case.urges),
    )
