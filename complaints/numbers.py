"""Whether the regulations of a desk give their cases numbers of their own: no two cases may be called the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from complaints.policy import Policy


def same_numbers(policies: Iterable[Policy], prefixes: Mapping[str, str]) -> list[tuple[str, ...]]:
    """
    Return the policies, two or more together, whose numbers begin alike and would meet: the serial's digits do not tell
    them apart, as it grows longer when they are used up.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for policy in policies:
        if policy.papers.number is not None and policy.id not in (ids := found[_start(policy, prefixes)]):
            ids.append(policy.id)
    return [tuple(ids) for ids in found.values() if len(ids) > 1]


def _start(policy: Policy, prefixes: Mapping[str, str]) -> str:
    assert policy.papers.number is not None
    return prefixes.get(policy.id, "") + policy.papers.number.pattern.rstrip("N")


def say_same(ids: Iterable[str]) -> str:
    """Return the one sentence that says what is wrong and what to write."""
    *others, last = ids
    return f"cases of {', '.join(others)} and of {last} would get the same numbers; write `numbers: {{{last}: X-}}` in the desk file"
