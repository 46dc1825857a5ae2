"""How the customer is answered, as the cards and forms of those who answer say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from complaints.people import DeskPlan
from complaints.policy import Policy
from complaints.policy_model import StageDef
from complaints.policy_parts import Who, Words, parse_who
from complaints.policy_phrases import Speaker
from complaints.reply import APOLOGISE, NO_APOLOGY, apology_of, must_be_written
from complaints.views import ReplyRules
from complaints.views_words import role_name, source_facts

_OR = Words(" or ", "或", "或")


def reply_rules(
    stage: StageDef, policy: Policy, facts: Mapping[str, Any], people: DeskPlan, language: str
) -> ReplyRules | None:
    """Return the rules of the reply for a stage that tells the customer the outcome; None for any other."""
    if not stage.tells:
        return None
    reply, apology = policy.reply, apology_of(policy, facts)
    written = reply.written_channels if must_be_written(policy, facts) else ()
    return ReplyRules(
        by=replier_name(policy, facts, people, language),
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


def replier_name(policy: Policy, facts: Mapping[str, Any], people: DeskPlan, language: str) -> str:
    """
    Return who alone answers the customer, "" where the policy names nobody; while what decides between several is not
    known, each who may be it.
    """
    speaker = Speaker(policy, language)
    names = (
        role_name(people, policy, str(who.arg), language) if who.kind == "role" else speaker.people(who)
        for who in _repliers(policy, facts)
    )
    return speaker.say(_OR).join(dict.fromkeys(names))


def _repliers(policy: Policy, facts: Mapping[str, Any]) -> tuple[Who, ...]:
    by = policy.reply.by
    if by is None or by.kind != "by_table":
        return (by,) if by is not None else ()
    table = policy.tables[str(by.arg)]
    picked = table.pick(facts)
    return tuple(parse_who(who) for who in (table.results if picked is None else (picked,)))
