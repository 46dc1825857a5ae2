"""Where a case stands on its route: which stages are done, under way and still to come."""

from __future__ import annotations

from collections.abc import Iterator

from complaints import case as c
from complaints.case import Branch, Case, Visit
from complaints.conditions import Facts
from complaints.decisions import decisions_of
from complaints.draft import Draft
from complaints.policy import Policy
from complaints.policy_flow import all_stages
from complaints.policy_model import Do, Step, Together
from complaints.routes import main_branch, path_of
from complaints.stages import stage_def
from complaints.views import Look, Stop

DONE, NOW, LATER = "done", "now", "later"


def progress(case: Case, look: Look) -> tuple[tuple[Stop, ...], int | None, int | None]:
    """
    Return the stages of the main route that apply, and the place "stage n of m" (None where none is open there).

    Counted from the stage that gives the number; stages whose condition is not known yet are left out.
    """
    branch = main_branch(case)
    if branch is None:
        return (), None, None
    draft = Draft(world=look.world, actor="", case=case)
    stops = tuple(_stops(draft, look, branch))
    counted = _from_number(draft.policy, stops)
    open_at = next((n for n, stop in enumerate(counted, start=1) if stop.state == NOW), None)
    return counted if case.number or case.old_number else stops, open_at, len(counted) if open_at else None


def route_of_visit(case: Case, look: Look, visit: Visit) -> tuple[Stop, ...]:
    """Return the stages of the route on which *visit* stands: a follow-up's own ones."""
    branch = case.branches.get(visit.branch)
    while branch is not None and branch.parent is not None:
        branch = case.branches[branch.parent]
    draft = Draft(world=look.world, actor="", case=case)
    return tuple(_stops(draft, look, branch)) if branch is not None else ()


def follow_ups(case: Case, policy: Policy, language: str) -> Iterator[Stop]:
    """Return the stages of follow-ups that began: done or under way."""
    for visit in case.visits.values():
        branch = case.branches.get(visit.branch)
        if branch is None or not branch.follow_up or not (visit.is_open or is_passed(policy, visit)):
            continue
        state = NOW if visit.is_open else DONE
        label = policy.label(visit.stage, language, aspect="short")
        yield Stop(stage=visit.stage, label=label, state=state, by=visit.decided_by, at=visit.ended_at)


def _from_number(policy: Policy, stops: tuple[Stop, ...]) -> tuple[Stop, ...]:
    """Return the stages from the one that draws the number; all where none does."""
    number = policy.papers.number
    first = next((n for n, stop in enumerate(stops) if number is not None and stop.stage == number.at), 0)
    return stops[first:]


def _stops(draft: Draft, look: Look, branch: Branch) -> Iterator[Stop]:
    latest = {v.stage: v for v in draft.case.visits.values()}
    facts = draft.facts_of(branch)
    for place, step in enumerate(path_of(draft, branch)):
        for stage in all_stages([step]):
            state = _state(draft, branch, place, step, latest.get(stage), facts)
            if state is not None:
                yield _stop(draft, look, stage, state, latest.get(stage))


def is_passed(policy: Policy, visit: Visit) -> bool:
    """Say whether the stage was done and led on, not back."""
    target = decisions_of(stage_def(policy, visit.stage)).get(visit.decision or "")
    return visit.ended == "done" and (target is None or target.kind != "back")


def _state(draft: Draft, branch: Branch, place: int, step: Step, visit: Visit | None, facts: Facts) -> str | None:
    """Return done, now or later for a stage of a path; None when it does not apply, or nobody knows yet."""
    if visit is not None and visit.is_open:
        return NOW
    done = visit is not None and is_passed(draft.policy, visit)
    is_over = branch.ended is not None or (draft.case.status != c.OPEN and not branch.follow_up)
    if is_over or place < branch.step or (place == branch.step and isinstance(step, Together) and done):
        return DONE if done else None
    when = step.when if isinstance(step, Do | Together) else None
    return LATER if when is None or when.evaluate(facts) is True else None


def _stop(draft: Draft, look: Look, stage: str, state: str, visit: Visit | None) -> Stop:
    done = visit if state == DONE else None
    return Stop(
        stage=stage,
        label=draft.policy.label(stage, look.language, aspect="short"),
        state=state,
        by=done.decided_by if done else None,
        at=done.ended_at if done else None,
    )
