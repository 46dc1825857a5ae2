"""An item of a list: the same three lines in the merged reminder and on App Home, cheap enough for hundreds."""

from __future__ import annotations

from datetime import datetime

from complaints.case import Case, Visit
from complaints.policy import Policy
from complaints.ports import CaseLine, OpenSeat
from complaints.views import Due, HomeRow, Look, Team
from complaints.views_case import name_of_kind, nameless, nearest_first, turn_of
from complaints.views_matter import customer_of, short_matter
from complaints.views_words import role_name

MAIN, URGE, OPEN = "main", "urge", "open"


def row_of_visit(case: Case, visit: Visit, look: Look, act: str = MAIN) -> HomeRow:
    """Return a visit as an item of a list; one that is decided loses its act."""
    policy = look.world.policy(case)
    turn = turn_of(look, policy, case, visit)
    customer = customer_of(look, policy, case)
    return HomeRow(
        case_id=case.id,
        visit=visit.id,
        facts_version=case.facts_version,
        language=look.language,
        zone=look.zone,
        kind=case.kind,
        number=case.number or case.old_number,
        what=name_of_kind(case, look, policy) or nameless(case, look, policy),
        stage=turn.label,
        team=turn.team,
        due=turn.due,
        customer=customer.name if customer else None,
        matter=short_matter(look, policy, case),
        button=short_button(policy, visit.stage, look.language),
        act=act if visit.is_open else None,
        done=not visit.is_open,
    )


def row_of_case(case: Case, look: Look, act: str = OPEN) -> HomeRow:
    """Return a case as an item of a list, with the turn whose limit ends first."""
    policy = look.world.policy(case)
    customer = customer_of(look, policy, case)
    visits = nearest_first(case)
    turn = turn_of(look, policy, case, visits[0]) if visits else None
    return HomeRow(
        case_id=case.id,
        visit=turn.visit if turn else None,
        facts_version=case.facts_version,
        language=look.language,
        zone=look.zone,
        kind=case.kind,
        number=case.number or case.old_number,
        what=name_of_kind(case, look, policy) or nameless(case, look, policy),
        stage=turn.label if turn else (policy.label(case.outcome, look.language) if case.outcome else ""),
        team=turn.team if turn else None,
        due=turn.due if turn else None,
        customer=customer.name if customer else None,
        matter=short_matter(look, policy, case),
        act=act,
    )


def row_of_line(line: CaseLine, seat: OpenSeat | None, policy: Policy, look: Look, act: str) -> HomeRow:
    """
    Return an item from what a list query gives, without loading the case: for long lists.

    *look.words*: of this case, or nothing (then the matter is the part alone). A limit that ran out before
    `look.world.now` shows as overdue: lists say when they were drawn.
    """
    case = _as_case(line)
    customer = customer_of(look, policy, case)
    stage = seat.stage if seat else next(iter(line.stages), "")
    due_at = seat.due_at if seat else line.due_at
    return HomeRow(
        case_id=line.case_id,
        visit=seat.visit if seat else None,
        facts_version=None,
        language=look.language,
        zone=look.zone,
        kind=line.kind,
        number=None if line.name == line.case_id else line.name,
        what=nameless(case, look, policy) or policy.label(policy.id, look.language),
        stage=policy.label(stage, look.language, aspect="short") if stage else "",
        team=_team(look, policy, seat) if seat else None,
        due=_due(due_at, look.world.now),
        customer=customer.name if customer else None,
        matter=short_matter(look, policy, case),
        button=short_button(policy, stage, look.language) if stage and act == MAIN else "",
        act=act,
    )


def _as_case(line: CaseLine) -> Case:
    return Case(
        id=line.case_id,
        policy=line.policy,
        bundle="",
        kind=line.kind,
        reporter=line.reporter,
        opened_at=line.opened_at,
        fields=dict(line.fields),
    )


def _team(look: Look, policy: Policy, seat: OpenSeat) -> Team:
    if seat.member is not None:
        return Team(label=None, people=(seat.member,))
    role = seat.role or ""
    return Team(
        label=role_name(look.people, policy, role, look.language),
        people=look.people.holders(role, look.world.now),
        role=role,
    )


def _due(at: datetime | None, now: datetime) -> Due | None:
    return None if at is None else Due(at=at, overdue=now > at)


def short_button(policy: Policy, stage: str, language: str) -> str:
    """Return the verb for a row's button: the stage's own button, or "" where it has none."""
    return policy.label(stage, language, aspect="button")
