"""What all events share: their base, their place in a log, and how they hold values.

Field values are plain JSON (text, number as text, list, yes/no); the policy says how to read them. Free words
stand as a reference `{"$words": id}`: their text is kept apart from the chain, so that it can be erased.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct

FieldValues = dict[str, Any]


class Event(Struct, frozen=True, kw_only=True, gc=False):
    """Base of all events; the envelope (seq, at, actor) is `Recorded`."""


class Recorded(Struct, frozen=True, kw_only=True, gc=False):
    """An event in its place: *seq* counts from 1 within the log, *at* is aware UTC, *actor* a member id, or
    `clock`, `desk`, `import`."""

    seq: int
    at: datetime
    actor: str
    event: Event
