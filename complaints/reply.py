"""How the customer is answered: whether it is allowed now, by whom, in which form, with what words, and what stays inside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from complaints import events as e
from complaints.authority import capacity_for, source_of
from complaints.case import Case
from complaints.draft import Draft
from complaints.facts import Facts
from complaints.holds import REPLY, is_so_now, lock_on, refuse_locked
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_model import StageDef
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized
from complaints.seats import holders_of, people_of

APOLOGISE, IF_LIABLE, NO_APOLOGY = "apologise", "if_liable", "no_apology"


def is_reply_open(case: Case, policy: Policy) -> bool:
    """Say whether the customer may be answered: nothing locks the reply, or what unlocks it has happened and holds
    (an approval taken back, or gone back behind, covers nothing any more)."""
    unlocks = index_of(policy).unlocks
    is_open = not unlocks or any(is_so_now(case, policy, upon) for upon in unlocks)
    return is_open and lock_on(REPLY, case, policy) is None


def refuse_reply(draft: Draft, actor: str, *, instead: bool) -> None:
    """Refuse to tell the customer the outcome before the approval (CC-01), while a rule locks it, or by somebody
    who is not the one who replies (CC-04). *instead*: the general manager does a late stage for its owner (D5), or
    *actor* only signs beside him who replies."""
    refuse_locked(REPLY, draft)
    reply = draft.policy.reply
    if not is_reply_open(draft.case, draft.policy):
        raise NotAllowedHere("reply_locked", source=source_of(reply), case=draft.case.name)
    holders = repliers(draft)
    seats = [e.Seat(id=0, role=role, member=member, head=head) for role, member, head in holders]
    if not instead and seats and not any(capacity_for(seat, actor, draft.world) for seat in seats):
        people = tuple(dict.fromkeys(m for h in holders for m in people_of(h, draft.world)))
        role = next((h[0] for h in holders if h[0]), None)
        raise NotAuthorized("not_the_replier", source=source_of(reply), people=people, role=role)


def repliers(draft: Draft) -> list[Any]:
    """Return who alone replies to the customer; empty where the policy names nobody, or nobody yet."""
    by = draft.policy.reply.by
    return holders_of(by, draft.case, draft.world, draft.facts) if by is not None else []


# --- the channel --------------------------------------------------------------------------------------------------


def channel_field(stage: StageDef, policy: Policy) -> str | None:
    """Return the field of a stage that says by which channel the customer was told."""
    return next((n for n in stage.filled if is_channel(n, policy)), None)


def is_channel(field: str, policy: Policy) -> bool:
    return field in policy.fields and bool(set(policy.fields[field].choices) & set(policy.reply.channels))


def must_be_written(policy: Policy, facts: Mapping[str, Any]) -> bool:
    """Say whether these facts want a written answer (CC-02)."""
    when = policy.reply.written_when
    return when is not None and when.evaluate(facts) is True


def refuse_spoken(draft: Draft, stage: StageDef, given: Mapping[str, Any]) -> None:
    """Refuse a channel that is not written, at its field, where the answer must be in writing."""
    name = channel_field(stage, draft.policy)
    told_by = given.get(name or "")
    if name is None or told_by is None or told_by in draft.policy.reply.written_channels:
        return
    if must_be_written(draft.policy, Facts(draft.case, draft.world, more=given)):
        allowed = list(draft.policy.reply.written_channels)
        raise FieldErrors({name: ("written_only", {"field": name, "choices": allowed})})


# --- words --------------------------------------------------------------------------------------------------------


def apology_of(policy: Policy, facts: Mapping[str, Any]) -> str | None:
    """Return whether to apologise (CC-06): always, because the company is liable, by no means, or as it turns out;
    None where the policy says nothing."""
    reply = policy.reply
    if reply.apology is None:
        return None
    if reply.apology == "always":
        return APOLOGISE
    if reply.liable_when is not None:
        liable = reply.liable_when.evaluate(facts)
    else:
        liable = True if any(facts.get(name) for name in index_of(policy).blame_fields) else None
    return IF_LIABLE if liable is None else APOLOGISE if liable else NO_APOLOGY
