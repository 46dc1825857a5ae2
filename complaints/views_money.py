"""What the calculators of a policy give, for whoever decides on it or books it: the sum, and what falls on each one."""

from __future__ import annotations

from complaints.case import Case, Visit
from complaints.facts import Facts
from complaints.money import Amount, compute
from complaints.policy import Policy
from complaints.policy_model import Money, StageDef
from complaints.views import Look, Part, Reckoned
from complaints.views_words import money_text, unit_name


def reckoned(look: Look, policy: Policy, case: Case, visit: Visit, stage: StageDef) -> tuple[Reckoned, ...]:
    """Return the amounts that wait for this stage, or that its people book; reckoned anew, so that they are never old."""
    facts = Facts(case, look.world, policy=policy)
    return tuple(
        _reckoned(look, policy, name, entry, amount)
        for name, entry in policy.money.items()
        if _concerns(entry, visit.stage, stage) and (amount := compute(entry, policy, facts)) is not None
    )


def _concerns(entry: Money, name: str, stage: StageDef) -> bool:
    if entry.use in ("ledger", "reconcile"):  # a ledger shows what it took; a quantity stands among the fields
        return False
    return name in entry.needs or (entry.by is not None and entry.by == stage.who)


def _reckoned(look: Look, policy: Policy, name: str, entry: Money, amount: Amount) -> Reckoned:
    language = look.language
    parts = tuple(
        Part(
            who=_who(look, policy, part["who"]),
            amount=money_text(part["amount"], policy, language),
            why=policy.label(part["code"], language, of=entry.code or "") if part.get("code") else "",
        )
        for part in amount.parts
    )
    return Reckoned(label=policy.label(name, language), total=money_text(amount.total, policy, language), parts=parts)


def _who(look: Look, policy: Policy, who: str) -> str:
    return unit_name(look, policy, who) if who in look.people.unit_labels or who in policy.roles else who
