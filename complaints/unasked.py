"""What a form filled and does not ask any more, since its condition does not hold, or what was taken out of it: the value goes."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from complaints import events as e
from complaints.case import Visit
from complaints.draft import Draft
from complaints.facts import Facts
from complaints.policy_model import Fill
from complaints.stages import stage_def


def filled_by_none_but(draft: Draft, stages: Container[str], visit: int | None = None) -> set[str]:
    """Return the fields that *stages*, and no others, filled in their turns before *visit* (None: in all)."""
    own, others = set[str](), set[str]()
    for turn in draft.case.visits.values():
        if turn.id != visit:
            (own if turn.stage in stages else others).update(turn.filled)
    return own - others


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


def taken_out(draft: Draft, visit: Visit, given: Mapping[str, Any]) -> set[str]:
    """
    Return which fields are *given* as empty (None) though the case has them: somebody took out what stood in the form of
    *visit*. What other stages filled and some stage insists on stays (our default: an answer is corrected, not removed).
    """
    emptied = {n for n, value in given.items() if value is None and draft.case.fields.get(n) is not None}
    if not emptied:
        return emptied
    insisted = {fill.name for other in draft.policy.stages.values() for fill in other.fill}
    may_go = filled_by_none_but(draft, [visit.stage], visit.id) | (set(draft.stage(visit).filled) - insisted)
    return emptied & may_go


def _is_off(fill: Fill, facts: Facts) -> bool:
    if fill.when is None or "decision" in fill.when.names:  # what a decision asks for was asked when it was taken
        return False
    return fill.when.evaluate(facts) is False


def drop_unasked(
    draft: Draft, stages: Sequence[str], filled: set[str], visit: int | None = None, out: AbstractSet[str] = frozenset()
) -> None:
    """
    Empty what the forms of *stages* do not ask any more, and what was taken *out* of them; the log keeps what it was, also
    where it was sent once more.

    A form shows what was filled in before, so that a cause that is another one now would carry the old culprit along, and
    his deduction. Source: our default (a form means what it asks).
    """
    if not filled and not out:
        return
    fills = [fill for name in stages for fill in stage_def(draft.policy, name).fill]
    gone = unasked(draft, fills, filled, dict.fromkeys(out)) | out
    values = {n: value for n, value in draft.case.fields.items() if n in gone and value is not None}
    if values:
        draft.emit(e.FieldsDropped(fields=values, visit=visit))
