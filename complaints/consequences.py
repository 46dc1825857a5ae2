"""What a decision leads to: on along the route, back, to the end of the case, to a new one."""

from __future__ import annotations

from collections.abc import Iterable

from complaints import case as c
from complaints import events as e
from complaints.case import Visit
from complaints.clocks import end_all_clocks, end_clocks_of_visit, hold_or_let_go
from complaints.commands import OpenCase
from complaints.draft import Draft
from complaints.duty_cases import open_from_lines
from complaints.holds import refuse_unready
from complaints.policy import parse_target
from complaints.policy_model import StageDef
from complaints.policy_parts import Target
from complaints.policy_terms import OUTCOME_TABLE
from complaints.refusals import NotAllowedHere
from complaints.routes import (
    advance,
    drop_branch,
    drop_visits,
    find_step,
    finish_if_over,
    main_branch,
    open_before_close,
    open_branch,
    open_visit,
    path_of,
    root_of,
    skip_to,
    turned_off,
)
from complaints.triggers import settle

NEXT = parse_target("next")
CASE_TOLD = "case told"
REFUSED = "refused"
"""The link to the complaint that goes through the whole route again, the old one attached."""


def finish_visit(draft: Draft, number: int, decision: str) -> None:
    """End the visit with *decision* and go where it leads."""
    visit = draft.case.visits[number]
    stage = draft.stage(visit)
    target = stage.all_decisions.get(decision, NEXT)
    end_with_clock(draft, number, decision, str(target))
    is_told = stage.tells and _leads_on(draft, visit, target)
    if is_told:
        draft.emit(e.OutcomeTold(channel=_channel(draft, stage)))
        draft.pending.remove(CASE_TOLD)  # what follows from it may ask for the outcome, which the closing fixes below
    settle(draft)
    _lead(draft, draft.case.visits[number], target)
    if is_told:
        draft.pending.append(CASE_TOLD)
    settle(draft)
    finish_if_over(draft)
    settle(draft)


def _leads_on(draft: Draft, visit: Visit, target: Target) -> bool:
    """Say whether *target* does not lead to a stage that stands before on the path: then nothing has been told yet."""
    if target.kind != "to":
        return target.kind != "back"
    branch = draft.case.branches[visit.branch]
    at = find_step(path_of(draft, branch), str(target.arg))
    return at is None or at > branch.step


def end_with_clock(draft: Draft, number: int, decision: str, target: str) -> None:
    draft.emit(e.VisitDone(visit=number, decision=decision, target=target))
    end_clocks_of_visit(draft, number, "done")
    hold_or_let_go(draft)


def _channel(draft: Draft, stage: StageDef) -> str:
    for name in stage.filled:
        value = draft.case.fields.get(name)
        if value in draft.policy.reply.channels:
            return str(value)
    return draft.policy.reply.channels[0] if len(draft.policy.reply.channels) == 1 else ""


def _lead(draft: Draft, visit: Visit, target: Target) -> None:
    match target.kind:
        case "next":
            number = turned_off(draft, visit.branch)
            route = draft.case.branches[number].route
            if _closes(draft, route, visit) and draft.case.status == c.OPEN:
                close_case(draft, outcome_of(draft, route, visit))
                if draft.case.duty is not None:
                    open_from_lines(draft, draft.policy.duties[draft.case.duty], _doer(draft, visit))
            if draft.case.branches[number].ended is None:
                advance(draft, number)
        case "to":
            skip_to(draft, visit.branch, str(target.arg))
        case "close_as":
            drop_main_branches(draft, "closed")
            close_case(draft, str(target.arg))
        case "open":
            open_branch(draft, str(target.arg), follow_up=True)
            advance(draft, visit.branch)
        case "new_case":
            spawn_again(draft)
            advance(draft, visit.branch)
        case "reopen_at":
            _reopen_from(draft, str(target.arg), visit)
        case _:
            raise TypeError(f"a decision can't lead to {target.kind}")


def _doer(draft: Draft, visit: Visit) -> str:
    """Return who did a duty: the first who answered; not who approved it afterwards."""
    answers = [s.answer.by for s in draft.case.visits[visit.id].seats if s.answer is not None]
    return answers[0] if answers else draft.actor


def _closes(draft: Draft, route: str, visit: Visit) -> bool:
    definition = draft.policy.routes.get(route)
    return draft.case.kind == "duty" if definition is None else definition.closes == visit.stage


def outcome_of(draft: Draft, route: str, visit: Visit) -> str:
    """Return the outcome with which the route closes: its own, what table `outcome` gives, or the decision."""
    if OUTCOME_TABLE in draft.policy.tables:
        picked = draft.policy.tables[OUTCOME_TABLE].pick(draft.facts)
        if picked is not None:
            return str(picked)
    definition = draft.policy.routes.get(route)
    return (definition.outcome if definition else "done") or visit.decision or "closed"


def close_case(draft: Draft, outcome: str) -> None:
    """Fix the outcome; refused while something that must be done before is open (RT-17)."""
    waiting = open_before_close(draft)
    if waiting:
        raise NotAllowedHere("before_close", source=None, waiting=waiting)
    refuse_unready(draft)
    draft.emit(e.CaseClosed(outcome=outcome))
    settle(draft)


def drop_main_branches(draft: Draft, why: str) -> None:
    for branch in [b for b in draft.case.branches.values() if not b.follow_up and b.parent is None]:
        drop_branch(draft, branch.id, why)


def spawn_again(draft: Draft) -> None:
    """Begin a new linked case with the old form attached, through the whole route (pcb-manufacturer (九)9)."""
    child = f"{draft.case.id}r{len(draft.case.links) + 1}"
    intake = draft.policy.intake
    asked = {n for s in intake.stages for n in draft.policy.stages[s].filled} if intake else set(draft.case.fields)
    # Free words belong to the old case and are erased with it; the new form asks for them again.
    fields = {n: v for n, v in draft.case.fields.items() if n in asked and not (isinstance(v, dict) and "$words" in v)}
    draft.emit(e.CaseLinked(other=child, link=REFUSED))
    draft.spawned.append(
        OpenCase(
            actor=draft.case.reporter,
            key=f"{child}:open",
            case_id=child,
            policy=draft.case.policy,
            fields=fields,
            via="parent",
            parent=draft.case.id,
            link=REFUSED,
            language=draft.case.language,
        )
    )


def _reopen_from(draft: Draft, stage: str, visit: Visit) -> None:
    """Reopen the case out of *visit*, whose branch is over with that."""
    given_up = _to_give_up(draft, root_of(draft, visit.branch))
    _say_reopened(draft, stage, f"{visit.stage} {visit.decision}")
    drop_visits(draft, root_of(draft, visit.branch), "superseded")
    if draft.case.branches[visit.branch].ended is None:
        draft.emit(e.BranchEnded(branch=visit.branch, how="done"))
    _go_back(draft, stage, given_up)


def reopen(draft: Draft, stage: str, why: str) -> None:
    """Go back to *stage* although the case was closed: the same matter came in again (RD-06)."""
    given_up = _to_give_up(draft, None)
    _say_reopened(draft, stage, why)
    _go_back(draft, stage, given_up)
    settle(draft)


def _say_reopened(draft: Draft, stage: str, why: str) -> None:
    if draft.case.status in (c.CLOSED, c.FINISHED):
        draft.emit(e.CaseReopened(stage=stage, why=why))


def _go_back(draft: Draft, stage: str, given_up: Iterable[int]) -> None:
    """Begin the main route again at *stage* (D6, CC-17); what followed from the closing is given up, since it follows
    anew from the next one."""
    main = main_branch(draft.case)
    assert main is not None, "only a case that went along a main route is reopened"
    for branch in given_up:
        drop_branch(draft, branch, "superseded")
    steps = path_of(draft, main)
    number = draft.next_branch()
    draft.emit(e.BranchOpened(branch=number, route=main.route))
    at = find_step(steps, stage)
    draft.emit(e.BranchMoved(branch=number, step=at if at is not None else 0))
    open_visit(draft, number, stage)


def _to_give_up(draft: Draft, own: int | None) -> list[int]:
    """Return the branches that a reopening out of branch *own* ends: the main one, and what opened by itself since the
    closing."""
    closed_at = draft.case.closed_at
    found = []
    for branch in draft.case.branches.values():
        if branch.ended is not None or branch.parent is not None or branch.id == own:
            continue
        route = draft.policy.routes.get(branch.route)
        began = min((v.opened_at for v in draft.case.visits.values() if v.branch == branch.id), default=None)
        by_hand = route is not None and route.opens is not None and route.opens.by_hand
        if not branch.follow_up or (not by_hand and closed_at and began and began >= closed_at):
            found.append(branch.id)
    return found


def give_up(draft: Draft, why: str) -> None:
    """Drop everything that is open (withdrawn, void, merged)."""
    for branch in [b.id for b in draft.case.branches.values() if b.parent is None]:
        drop_branch(draft, branch, why)
    end_all_clocks(draft, why)
