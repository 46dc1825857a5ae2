"""Which regulation a complaint falls under, in a desk that runs several (GA-11), and which one wins (GA-02)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from complaints.conditions import Condition, Symbol, Symbols
from complaints.conditions_types import Type
from complaints.policy import Policy

Labels = Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChooseField:
    """A question of the desk's first page: its words, and its choices with theirs."""

    labels: Labels
    choices: Mapping[str, Labels]


@dataclass(frozen=True, kw_only=True, slots=True)
class Choosing:
    """What the desk asks before the form, and which answers mean which policy; a rule here stands for the policy's own."""

    fields: Mapping[str, ChooseField] = field(default_factory=dict)
    when: Mapping[str, Condition] = field(default_factory=dict)

    def rule_of(self, policy: Policy) -> Condition | None:
        """Return the condition under which *policy* holds; None for one that holds whenever no other does."""
        return self.when.get(policy.id) or policy.policy.choose_by


def bind_rules(fields: Mapping[str, ChooseField], rules: Mapping[str, Condition]) -> list[tuple[str, str]]:
    """Resolve the names in the desk's rules; return (policy, what is wrong) for each that can't be."""

    def symbol(name: str, asked: ChooseField) -> Symbol:
        return Symbol(name, Type("choice", tuple(asked.choices)), lambda facts: facts.get(name))

    known = Symbols(symbol(name, asked) for name, asked in fields.items())
    wrong = []
    for policy, rule in rules.items():
        try:
            rule.bind(known)
        except ValueError as error:
            wrong.append((policy, str(error)))
    return wrong


def offered(policies: Iterable[Policy], choosing: Choosing) -> list[Policy]:
    """Return the policies that a complaint may fall under: not those overridden by one that holds without a condition."""
    found = list(policies)
    always = [p for p in found if choosing.rule_of(p) is None]
    return _unless_overridden(found, always)


def fitting(policies: Sequence[Policy], choosing: Choosing, facts: Mapping[str, Mapping[str, Any]]) -> list[Policy]:
    """
    Return the policies that the answers mean: those whose condition holds, else those that have none, and of both
    only what no other of them overrides (GA-02). *facts*: policy id to the answers as its fields read them.
    """
    rules = {p.id: choosing.rule_of(p) for p in policies}
    holding = [p for p in policies if (rule := rules[p.id]) is not None and rule.evaluate(facts[p.id]) is True]
    found = holding or [p for p in policies if rules[p.id] is None]
    return _unless_overridden(found, found)


def _unless_overridden(policies: Iterable[Policy], by: Iterable[Policy]) -> list[Policy]:
    gone = {other for policy in by for other in policy.policy.overrides if other != policy.id}
    return [p for p in policies if p.id not in gone]
