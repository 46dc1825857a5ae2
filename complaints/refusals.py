"""What the procedure says when the answer is no: one sentence for the person, and the rule behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """
    The procedure says no.

    *reason* is an id of the message catalogue (`refusals.<reason>`), *facts* are the plain values its text
    names, *source* is the clause that says so (or None where it is good manners and no rule).
    """

    reason = "refused"

    def __init__(self, reason: str | None = None, /, source: str | None = None, **facts: Any) -> None:
        self.reason = reason or type(self).reason
        self.facts: Mapping[str, Any] = facts
        self.source = source
        super().__init__(f"{self.reason} {dict(facts)}")


class UnknownCase(Refusal):
    """No case of that number or id that this person may see."""

    reason = "unknown_case"


class NotAuthorized(Refusal):
    """The stage belongs to somebody else."""

    reason = "not_yours"


class Recused(Refusal):
    """Who is blamed may not be the sole judge (DESIGN §8, our default)."""

    reason = "recused"


class StaleCard(Refusal):
    """The visit that the card refers to is over."""

    reason = "already_decided"


class FactsChanged(Refusal):
    """The facts that the card showed were amended since."""

    reason = "facts_changed"


class NotAllowedHere(Refusal):
    """The stage does not allow this act or decision."""

    reason = "not_allowed_here"


class FieldErrors(Refusal):
    """
    Some fields can't be taken as they are.

    *errors* maps a field id to (message id, facts of the message). Nothing was recorded.
    """

    reason = "field_errors"

    def __init__(self, errors: Mapping[str, tuple[str, Mapping[str, Any]]], /) -> None:
        super().__init__("field_errors", fields=sorted(errors))
        self.errors = errors


class CaseMoved(Exception):
    """Somebody else recorded first (unique case and seq); the desk loads and decides again. Never shown."""
