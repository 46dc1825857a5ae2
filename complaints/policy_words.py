"""Words that every policy shares: decisions, yes and no, kinds of notices, and our defaults, in three languages."""

from __future__ import annotations

from complaints.policy_parts import Words

BUILT_IN_WORDS: dict[str, Words] = {
    "approve": Words("Approve", "核准", "核准"),
    "return": Words("Return", "退回", "退回"),
    "true": Words("Yes", "是", "是"),
    "false": Words("No", "否", "否"),
}

_DEFAULTS: dict[str, Words] = {}


def default_words(name: str) -> Words:
    """Return the wording of a default such as D5, for people."""
    return _DEFAULTS.get(
        name, Words(f"our default {name}", f"本公司默认规则 {name}", f"本公司預設規則 {name}")
    )


def read_id(id_: str) -> str:
    """Return an id as readable words, when nobody wrote better ones."""
    return id_.split(".")[-1].replace("_", " ").strip().capitalize()
