"""Words that every policy shares: decisions, yes and no, kinds of notices, and our defaults, in three languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from complaints.policy_parts import Words

if TYPE_CHECKING:
    from complaints.policy import Policy

BUILT_IN_WORDS: dict[str, Words] = {
    "approve": Words("Approve", "核准", "核准"),
    "return": Words("Return", "退回", "退回"),
    "true": Words("Yes", "是", "是"),
    "false": Words("No", "否", "否"),
}

_DEFAULTS: dict[str, Words] = {}


def default_words(name: str) -> Words:
    """Return the wording of a default such as D5, for people."""
    return _DEFAULTS.get(name, Words(f"our default {name}", f"本公司默认规则 {name}", f"本公司預設規則 {name}"))


def read_id(id_: str) -> str:
    """Return an id as readable words, when nobody wrote better ones."""
    return id_.split(".")[-1].replace("_", " ").strip().capitalize()


def missing_words(policy: Policy) -> list[str]:
    """Return the ids that people see and that have no words in this policy."""
    return [id_ for id_ in dict.fromkeys(_seen(policy)) if not _has_words(policy, id_)]


def _has_words(policy: Policy, id_: str) -> bool:
    return id_ in policy.texts or id_.split(".")[-1] in policy.texts or id_.split(".")[-1] in BUILT_IN_WORDS


def _seen(policy: Policy) -> Iterator[str]:
    yield policy.id
    for section in (policy.roles, policy.fields, policy.stages, policy.duties, policy.measures, policy.money):
        yield from section
    yield from (*policy.papers.forms, *policy.papers.registers, *policy.reply.channels, *policy.outcomes())
    yield from (name for name in policy.follow_ups() if policy.routes[name].opens is not None)
    for name, field in policy.fields.items():
        yield from (f"{name}.{choice}" for choice in (*field.choices, *field.columns))
    for name, stage in policy.stages.items():
        yield from (f"{name}.{decision}" for decision in stage.decisions)
