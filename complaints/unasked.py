"""What a form filled in an earlier round and does not ask any more, since its condition does not hold: its value goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from complaints import events as e
from complaints.draft import Draft
from complaints.facts import Facts
from complaints.policy_model import Fill
from complaints.stages import stage_def


def filled_by_none_but(draft: Draft, stages: Iterable[str], visit: int | None = None) -> set[str]:
    """Return the fields that *stages*, and no others, filled in their turns before *visit* (None: in all)."""
    own, before = set(stages), [v for v in draft.case.visits.values() if v.id != visit]
    filled = {name for v in before if v.stage in own for name in v.filled}
    return filled - {name for v in before if v.stage not in own for name in v.filled}


def unasked(draft: Draft, fills: Sequence[Fill], filled: set[str], given: Mapping[str, Any]) -> set[str]:
    """
    Return which of the fields *filled* before the form *fills* does not ask with what is *given* now: every entry's
    condition is false, also because a field that it reads is not asked any more. While one is unknown the value stays.
    """
    gone = set[str]()
    while True:
        facts = Facts(draft.case, draft.world, more={**given, **dict.fromkeys(gone)})
        asked = {fill.name for fill in fills if not _is_off(fill, facts)}
        more = {fill.name for fill in fills if fill.name in filled} - asked - gone
        if not more:
            return gone
        gone |= more


def _is_off(fill: Fill, facts: Facts) -> bool:
    if fill.when is None or "decision" in fill.when.names:  # what a decision asks for was asked when it was taken
        return False
    return fill.when.evaluate(facts) is False


def drop_unasked(draft: Draft, stages: Sequence[str], filled: set[str], visit: int | None = None) -> None:
    """
    Empty what the forms of *stages* do not ask any more; the log keeps what it was, also where it was sent once more.

    A form shows what was filled in before, so that a cause that is another one now would carry the old culprit along, and
    his deduction. Source: our default (a form means what it asks).
    """
    fills = [fill for name in stages for fill in stage_def(draft.policy, name).fill]
    gone = unasked(draft, fills, filled, {})
    values = {n: value for n, value in draft.case.fields.items() if n in gone and value is not None}
    if values:
        draft.emit(e.FieldsDropped(fields=values, visit=visit))
