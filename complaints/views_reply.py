"""How the customer is answered, as the cards and forms of those who answer say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.policy_model import StageDef
from complaints.policy_phrases import Speaker
from complaints.reply import APOLOGISE, NO_APOLOGY, apology_of, must_be_written
from complaints.views import ReplyRules
from complaints.views_words import role_name, source_facts


def reply_rules(
    stage: StageDef, policy: Policy, facts: Mapping[str, Any], people: DeskPlan, language: str
) -> ReplyRules | None:
    """Return the rules of the reply for a stage that tells the customer the outcome; None for any other."""
    if not stage.tells:
        return None
    reply, apology = policy.reply, apology_of(policy, facts)
    written = reply.written_channels if must_be_written(policy, facts) else ()
    return ReplyRules(
        by=replier_name(policy, people, language),
        written=tuple(policy.label(name, language) for name in written),
        never=tuple(policy.label(name, language) for name in reply.never),
        apology=apology,
        script=_script(policy, apology, language),
        source=source_facts(policy, reply.source, "reply", language),
    )


def _script(policy: Policy, apology: str | None, language: str) -> str:
    """Return the words that the policy (its text `apology` or `no_apology`), or else the desk, proposes."""
    if apology not in (APOLOGISE, NO_APOLOGY):
        return ""
    return policy.label("apology" if apology == APOLOGISE else "no_apology", language)


def replier_name(policy: Policy, people: DeskPlan, language: str) -> str:
    """Return who alone answers the customer, "" where the policy names nobody."""
    by = policy.reply.by
    if by is None:
        return ""
    return (
        role_name(people, policy, str(by.arg), language) if by.kind == "role" else Speaker(policy, language).people(by)
    )
