"""What is held back in a case, as cards show it: locked acts, and the checklist of what closing needs."""

from __future__ import annotations

from complaints.case import Case, Visit
from complaints.holds import holds_in_force, required_to_close
from complaints.policy import Policy
from complaints.policy_parts import parse_happening
from complaints.policy_phrases import Speaker
from complaints.stages import stage_def
from complaints.views import Check, LockFacts
from complaints.views_words import read_source, source_facts


def locks_of(case: Case, policy: Policy, language: str) -> tuple[LockFacts, ...]:
    """Return what the rules lock in a case that is not over."""
    if case.is_over:
        return ()
    return tuple(
        LockFacts(
            acts=hold.acts,
            until=until_text(policy, hold.until, language),
            source=source_facts(policy, read_source(hold.source), "rule", language),
        )
        for hold in holds_in_force(case, policy)
        if hold.acts
    )


def until_text(policy: Policy, until: str | None, language: str) -> str:
    """Return the happening that lifts a lock, in words; "" where nothing does."""
    return Speaker(policy, language).happening(parse_happening(until)) if until else ""


def before_closing(case: Case, visit: Visit, policy: Policy, language: str) -> tuple[Check, ...]:
    """Return what the rules want before the case closes, for the open visit of a stage that can close it."""
    if not visit.is_open or not closes(case, visit, policy):
        return ()
    return tuple(
        Check(
            label=policy.label(name, language, aspect="short").rstrip("?？"),
            there=there,
            source=source_facts(policy, read_source(source), "rule", language),
        )
        for name, there, source in required_to_close(case, policy)
    )


def closes(case: Case, visit: Visit, policy: Policy) -> bool:
    """Say whether a decision of this visit can close the case."""
    branch = case.branches.get(visit.branch)
    route = policy.routes.get(branch.route) if branch is not None else None
    if route is not None and route.closes == visit.stage:
        return True
    return any(target.kind == "close_as" for target in stage_def(policy, visit.stage).decide.values())
