"""Values that the desk file writes in the place of a regulation's: what is none of them would hold without a word, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from complaints.conditions_types import did_you_mean
from complaints.policy import Policy
from complaints.policy_head import desk_value


def wrong_values(policies: Iterable[Policy], written: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Yield a sentence for each of the *written* values (policy id to name to text) that does not hold."""
    known = {policy.id: policy for policy in policies}
    for id_, values in written.items():
        if id_ not in known:
            yield f"values.{id_}: no regulation of this desk is called so.{_meant(id_, known)}"
            continue
        for name, text in values.items():
            wrong = _wrong(name, text, known[id_])
            if wrong:
                yield f"values.{id_}.{name}: {wrong}"


def _wrong(name: str, text: str, policy: Policy) -> str:
    definition = policy.values.get(name)
    if definition is None:
        return f"the regulation has no such value.{_meant(name, policy.values)}"
    try:
        desk_value(definition, text)
    except ValueError as error:
        return f"{error}; until then what the regulation says holds."
    return ""


def _meant(name: str, known: Iterable[str]) -> str:
    hint = did_you_mean(name, tuple(known)).strip()
    return f" {hint}" if hint else ""
