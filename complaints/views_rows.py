"""An item of a list: the same three lines in the merged reminder and on App Home, cheap enough for hundreds."""

from __future__ import annotations

from complaints.case import Case, Visit
from complaints.policy import Policy
from complaints.views import HomeRow, Look, Turn
from complaints.views_case import name_of_kind, nameless, nearest_first, turn_of
from complaints.views_matter import customer_of, short_matter
from complaints.views_words import regulation_of

MAIN, URGE, RULE, OPEN = "main", "urge", "rule", "open"


def row_of_visit(case: Case, visit: Visit, look: Look, act: str = MAIN) -> HomeRow:
    """Return a visit as an item of a list; one that is decided loses its act."""
    policy = look.world.policy(case)
    turn = turn_of(look, policy, case, visit)
    button = short_button(policy, visit.stage, look.language)
    return _row(case, look, policy, turn, act if visit.is_open else None, button=button, done=not visit.is_open)


def row_of_case(case: Case, look: Look, act: str = OPEN) -> HomeRow:
    """Return a case as an item of a list, with the turn whose limit ends first."""
    policy = look.world.policy(case)
    visits = nearest_first(case)
    turn = turn_of(look, policy, case, visits[0]) if visits else None
    return _row(case, look, policy, turn, act)


def _row(
    case: Case, look: Look, policy: Policy, turn: Turn | None, act: str | None, *, button: str = "", done: bool = False
) -> HomeRow:
    ended = policy.label(case.outcome, look.language) if case.outcome else ""
    customer = customer_of(look, policy, case)
    return HomeRow(
        case_id=case.id,
        visit=turn.visit if turn else None,
        facts_version=case.facts_version,
        language=look.language,
        zone=look.zone,
        kind=case.kind,
        number=case.number or case.old_number,
        what=name_of_kind(case, look, policy) or nameless(case, look, policy),
        stage=turn.label if turn else ended,
        team=turn.team if turn else None,
        due=turn.due if turn else None,
        customer=customer.name if customer else None,
        matter=short_matter(look, policy, case),
        button=button,
        act=act,
        done=done,
        regulation=regulation_of(policy, look) if look.is_of_several else "",
    )


def short_button(policy: Policy, stage: str, language: str) -> str:
    """Return the verb for a row's button: the stage's own button, or "" where it has none."""
    return policy.label(stage, language, aspect="button")
