"""The way of a case: branches go through their paths, stages open and are done, loops return, joins wait."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from complaints import case as c
from complaints import events as e
from complaints.authority import blamed_units, is_sole_judge_blamed, registry_of, source_of
from complaints.case import Branch, Case, Deadline, Visit
from complaints.clocks import end_clocks_of_case, end_clocks_of_visit, open_stage_clock, stand_again
from complaints.commands import OpenCase
from complaints.draft import Draft
from complaints.forms import as_said
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_model import Again, Do, Run, Together
from complaints.refusals import NotAllowedHere
from complaints.seats import role_at, seats_for
from complaints.stages import stage_def

NOWHERE: Mapping[str, int] = {}


def begin_main_route(draft: Draft) -> None:
    """Open the first branch of a new case on the route that the policy gives for its facts."""
    route = draft.policy.main_route(draft.facts)
    if route is None:
        raise NotAllowedHere("no_route", source=None, fields=sorted(draft.case.fields))
    open_branch(draft, route)


def open_branch(draft: Draft, route: str, *, follow_up: bool = False, **more: Any) -> None:
    """Begin a way through *route* and move it to its first step."""
    advance(draft, _begin_branch(draft, route, follow_up=follow_up, **more))


def _begin_branch(
    draft: Draft,
    route: str,
    *,
    follow_up: bool = False,
    path: str = "",
    parent: int | None = None,
    bound: dict[str, Any] | None = None,
    by_hand: bool = False,
) -> int:
    """Record that a way through *route* begins, before its first step; return its number."""
    number = draft.next_branch()
    draft.emit(
        e.BranchOpened(
            branch=number,
            route=route,
            path=path,
            follow_up=follow_up,
            parent=parent,
            bound=bound,
            by_hand=by_hand,
            source=source_of(draft.policy.routes[route]),
        )
    )
    return number


def path_of(draft: Draft, branch: Branch) -> Sequence[Any]:
    return steps_of(draft.policy, branch)


def steps_of(policy: Policy, branch: Branch) -> Sequence[Any]:
    """Return the steps of a branch: the route's own path, or one of a `together` (path "3.0": step 3, first one)."""
    if branch.route not in policy.routes:
        return ()  # a duty has no path: one visit, and it is done
    steps: Sequence[Any] = policy.routes[branch.route].path
    for part in filter(None, branch.path.split("/")):
        step, way = (int(n) for n in part.split("."))
        steps = steps[step].branches[way]
    return steps


def advance(draft: Draft, number: int) -> None:
    """Move a branch forward until a stage opens, it waits, or it ends."""
    branch = draft.case.branches[number]
    steps = path_of(draft, branch)
    at = branch.step + 1
    while at < len(steps):
        if _holds(draft, branch, steps[at]):
            jump = _again_target(draft, number, steps, at)
            draft.emit(e.BranchMoved(branch=number, step=at if jump is None else jump))
            at = at if jump is None else jump
            if _enter(draft, number, steps[at], at):
                return
        branch = draft.case.branches[number]
        at += 1
    _end_branch(draft, number)


def turned_off(draft: Draft, number: int) -> int:
    """Return the branch on which the case goes on: a new one where a stage that the main routes share was answered
    anew and another route is the right one now; what was passed stays passed."""
    branch = draft.case.branches[number]
    route = _other_route(draft, branch)
    if route is None or branch.step >= _shared(draft.policy, branch.route, route):
        return number
    draft.emit(e.BranchEnded(branch=number, how="dropped"))
    return _stand_on(draft, route, branch.step)


def change_route(draft: Draft) -> bool:
    """Leave the main route when the facts, as corrected, pick another: it goes on behind the stages that both share.
    Say whether it did (CL-20; that the shared stages stay done is our default)."""
    branch = main_branch(draft.case)
    route = _other_route(draft, branch) if branch is not None and branch.ended is None else None
    if branch is None or route is None or branch.step < _shared(draft.policy, branch.route, route):
        return False
    drop_branch(draft, branch.id, "amended")
    advance(draft, _stand_on(draft, route, _shared(draft.policy, branch.route, route) - 1))
    return True


def _other_route(draft: Draft, branch: Branch) -> str | None:
    """Return the main route that the facts of now pick, where it is not the branch's own."""
    is_main = not branch.follow_up and branch.parent is None and branch.step >= 0
    if not is_main or "route" not in draft.policy.tables or branch.route not in draft.policy.main_routes():
        return None
    picked = draft.policy.main_route(draft.facts)
    return picked if picked != branch.route else None


def _shared(policy: Policy, one: str, other: str) -> int:
    """Return how many steps two routes begin with in common."""
    pairs = zip(policy.routes[one].path, policy.routes[other].path, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _stand_on(draft: Draft, route: str, step: int) -> int:
    number = _begin_branch(draft, route)
    draft.emit(e.BranchMoved(branch=number, step=step))
    return number


def _holds(draft: Draft, branch: Branch, step: Any) -> bool:
    """Say whether the step applies now; unknown means "not yet", so it is passed (the check refuses such files)."""
    when = step.until if isinstance(step, Again) else step.when
    if isinstance(step, Again):
        return when.evaluate(draft.facts_of(branch)) is not True
    return when is None or when.evaluate(draft.facts_of(branch)) is True


def _again_target(draft: Draft, number: int, steps: Sequence[Any], at: int) -> int | None:
    step = steps[at]
    if not isinstance(step, Again) or _loops(draft, number, steps[:at]) >= step.at_most:
        return None
    return find_step(steps, step.stage)


def _loops(draft: Draft, number: int, before: Sequence[Any]) -> int:
    """Return how often the branch has gone round already; a return within a round is no round of its own."""
    last = next((s.stage for s in reversed(before) if isinstance(s, Do)), None)
    done = [v for v in draft.case.visits.values() if v.branch == number and v.stage == last and v.ended == "done"]
    own = stage_def(draft.policy, last).decide if last else {}
    through = [v for v in done if v.decision != "return" and (v.decision not in own or own[v.decision].kind != "back")]
    return max(len(through) - 1, 0)


def find_step(steps: Sequence[Any], stage: str) -> int | None:
    """Return where *stage* stands in a path, or None when it isn't there."""
    return next((n for n, s in enumerate(steps) if isinstance(s, Do) and s.stage == stage), None)


def is_passed(case: Case, policy: Policy, stage: str) -> bool:
    """
    Say whether *stage* was decided and the case did not go back to it, or behind it, since.

    Where several routes lead by it, one that passed it is enough; of a route that ran more than once the latest run
    that came by it counts. An imported case passed on paper what stands before the stage at which it came in.
    """
    places, told = index_of(policy).places, set()
    for branch in reversed(case.branches.values()):
        place = (branch.route, branch.path)
        at = places.get(place, NOWHERE).get(stage)
        if at is None or place in told:
            continue
        if branch.follow_up and not any(v.branch == branch.id and v.stage == stage for v in case.visits.values()):
            continue  # this run of the follow-up went another way, or has not come so far: it says nothing
        told.add(place)
        if _is_behind(case, branch, place, at, stage):
            return True
    return False


def _is_behind(case: Case, branch: Branch, place: tuple[str, str], at: int, stage: str) -> bool:
    """Say whether the route stands behind a stage that was decided on it, and so does the fork that it belongs to."""
    fork = branch.path.rpartition("/")[2].partition(".")[0]
    if branch.step < at or (branch.parent is not None and case.branches[branch.parent].step < int(fork)):
        return False
    same = {b.id for b in case.branches.values() if (b.route, b.path) == place}
    visits = [v for v in case.visits.values() if v.stage == stage and v.branch in same and v.ended in (None, "done")]
    return not visits[-1].is_open if visits else case.via == "import" and at < branch.step


def main_branch(case: Case) -> Branch | None:
    """Return the way through the main route on which the case is, or was last: a reopened case has several."""
    return next((b for b in reversed(case.branches.values()) if not b.follow_up and b.parent is None), None)


def _enter(draft: Draft, number: int, step: Any, at: int) -> bool:
    """Do what the step says; True when the branch waits there."""
    match step:
        case Do():
            return open_visit(draft, number, step.stage) is not None
        case Together():
            _open_together(draft, number, step, at)
            return True
        case Run():
            return _run(draft, number, step)
        case Again():
            if step.else_ is None:
                return False
            return open_visit(draft, number, step.else_) is not None
        case _:
            raise TypeError(f"a path has no step of kind {type(step).__name__}")


def _open_together(draft: Draft, number: int, step: Together, at: int) -> None:
    """Begin all ways before the first moves: one that has nothing to do ends at once and must not join alone."""
    branch = draft.case.branches[number]
    prefix = f"{branch.path}/" if branch.path else ""
    ways = []
    for way in range(len(step.branches)):
        ways.append(
            _begin_branch(
                draft,
                branch.route,
                follow_up=branch.follow_up,
                path=f"{prefix}{at}.{way}",
                parent=number,
                bound=branch.bound,
            )
        )
    for way in ways:
        if draft.case.branches[way].ended is None:
            advance(draft, way)


def _run(draft: Draft, number: int, step: Run) -> bool:
    """Begin a sub-procedure as a case of its own; True when this branch waits for it."""
    own_route = step.run in draft.policy.routes
    policy = draft.case.policy if own_route else step.run
    child = f"{draft.case.id}s{len(draft.case.links) + 1}"
    given = {name: draft.case.fields[name] for name in step.give if name in draft.case.fields}
    if any(isinstance(value, dict) for value in given.values()):
        given = as_said(given, {**draft.world.words(draft.case.id), **draft.words})
    draft.emit(e.CaseLinked(other=child, link="sub", blocks=step.blocks, branch=number))
    draft.spawned.append(
        OpenCase(
            actor=draft.actor,
            key=f"{child}:open",
            case_id=child,
            policy=policy,
            fields=given,
            via="parent",
            parent=draft.case.id,
            link="sub",
            kind="sub",
            language=draft.case.language,
            bundle=draft.case.bundle,
            stage=step.run if own_route else None,
        )
    )
    return step.blocks == "stage"


def open_visit(
    draft: Draft, number: int, stage: str, *, due: Any = None, stands: Deadline | None = None
) -> Visit | None:
    """Give a stage its turn: a visit with its seats and clock, that of *stands* if it goes on. None when sampling passes it by."""
    definition = stage_def(draft.policy, stage)
    if not is_sampled(draft.case.id, stage, definition.sample_percent):
        return None
    facts = draft.facts_of(draft.case.branches[number])
    seats = seats_for(definition, draft.case, draft.world, facts)
    round_ = 1 + sum(1 for v in draft.case.visits.values() if v.stage == stage)
    visit = draft.next_visit()
    draft.emit(
        e.VisitOpened(visit=visit, branch=number, stage=stage, round=round_, seats=seats, source=source_of(definition))
    )
    _add_unblamed_judge(draft, visit)
    if stands is not None:
        stand_again(draft, draft.case.visits[visit], stands)
    else:
        open_stage_clock(draft, draft.case.visits[visit], due=due)
    return draft.case.visits[visit]


def is_sampled(case_id: str, stage: str, percent: int) -> bool:
    """Say whether the case is in the sample of a stage: drawn from its id, the same after a rebuild."""
    if percent >= 100:
        return True
    drawn = int.from_bytes(hashlib.sha256(f"{case_id}:{stage}".encode()).digest()[:4], "big") % 100
    return drawn < percent


def _add_unblamed_judge(draft: Draft, number: int) -> None:
    """Add the registry (or the general manager) where only the unit blamed would judge (recusal, DESIGN §8)."""
    visit = draft.case.visits[number]
    blamed = blamed_units(draft.case, draft.policy, draft.facts, draft.world)
    if is_sole_judge_blamed(visit, draft.stage(visit), blamed, draft.policy, draft.world):
        add_recusal_seat(draft, visit, blamed)


def add_recusal_seat(draft: Draft, visit: Visit, blamed: frozenset[str]) -> None:
    """Add a seat after the others: somebody who is not blamed confirms."""
    if any(s.seat.kind == "recusal" for s in visit.seats):
        return
    registry = registry_of(draft.case, draft.world)
    role = registry if registry and registry not in blamed else draft.world.people.general_manager
    seat = e.Seat(id=len(visit.seats) + 1, role=role, kind="recusal", place="after")
    draft.emit(e.SeatAdded(visit=visit.id, seat=seat))


def pass_on_seats(draft: Draft, field: str) -> None:
    """Let the open seats of a role that is held for each value of *field* go to the holder of the value it has now."""
    roles = index_of(draft.policy).per.get(field, ())
    for visit in draft.case.open_visits if roles else ():
        for seat in [s.seat for s in visit.seats if s.answer is None and s.seat.member is None and s.seat.role]:
            base = draft.world.people.base(str(seat.role))
            now = role_at(base, draft.case, draft.world, draft.facts) if base in roles else seat.role
            if now != seat.role:
                draft.emit(e.HandedOver(visit=visit.id, seat=seat.id, member=None, role=now))


# --- ending ---------------------------------------------------------------------------------------------------


def _end_branch(draft: Draft, number: int) -> None:
    branch = draft.case.branches[number]
    if branch.ended is None:
        draft.emit(e.BranchEnded(branch=number, how="done"))
    if branch.parent is not None:
        _join(draft, branch)


def _join(draft: Draft, branch: Branch) -> None:
    """Let the parent go on when all branches (or any) of its `together` are through."""
    assert branch.parent is not None
    siblings = [b for b in draft.case.branches.values() if b.parent == branch.parent and _same_fork(b, branch)]
    parent = draft.case.branches[branch.parent]
    step = path_of(draft, parent)[parent.step]
    if step.join == "any":
        for other in siblings:
            drop_branch(draft, other.id, "superseded")
    elif any(b.ended is None for b in siblings):
        return
    advance(draft, branch.parent)


def _same_fork(one: Branch, other: Branch) -> bool:
    return one.path.rsplit(".", 1)[0] == other.path.rsplit(".", 1)[0] and one.rounds >= 0


def drop_branch(draft: Draft, number: int, why: str) -> None:
    """Give up a branch with its open visits and everything below it."""
    if draft.case.branches[number].ended is not None:
        return
    for child in [b.id for b in draft.case.branches.values() if b.parent == number]:
        drop_branch(draft, child, why)
    drop_visits(draft, number, why)
    draft.emit(e.BranchEnded(branch=number, how="dropped"))


def drop_visits(draft: Draft, branch: int, why: str) -> None:
    for visit in [v for v in draft.case.open_visits if v.branch == branch]:
        draft.emit(e.VisitDropped(visit=visit.id, why=why))
        end_clocks_of_visit(draft, visit.id, why)


def root_of(draft: Draft, number: int) -> int:
    """Return the outermost branch above *number*."""
    parent = draft.case.branches[number].parent
    return number if parent is None else root_of(draft, parent)


# --- going back -------------------------------------------------------------------------------------------------


def earlier_stages(draft: Draft, visit: Visit) -> list[str]:
    """Return the stages that *visit* may return to (D18): done before it on its own path or above, in path order;
    in an imported case also what every case passes, which was done on paper."""
    found: list[str] = []
    number: int | None = visit.branch
    on_paper = draft.case.via == "import"
    while number is not None:
        branch = draft.case.branches[number]
        same = {b.id for b in draft.case.branches.values() if _is_same_way(b, branch)}
        done = {v.stage for v in draft.case.visits.values() if v.branch in same and v.ended == "done"}
        steps = [s for s in path_of(draft, branch)[: max(branch.step, 0)] if isinstance(s, Do)]
        before = [s.stage for s in steps if s.stage in done or (on_paper and s.when is None)]
        found = before + found
        number = branch.parent
    return found


def _is_same_way(one: Branch, other: Branch) -> bool:
    """Say whether two branches are runs of one way: of the same path, or both of the main route, which may have changed."""
    both_main = not (one.follow_up or other.follow_up) and one.parent is None and other.parent is None
    return both_main or (one.route, one.path) == (other.route, other.path)


def return_to(draft: Draft, visit: Visit, stage: str, why: str = "returned") -> None:
    """Close every open visit of the branch and open the next round of *stage* (DESIGN §8)."""
    number: int | None = visit.branch
    while number is not None:
        branch = draft.case.branches[number]
        at = find_step(path_of(draft, branch), stage)
        if at is not None:
            for child in [b.id for b in draft.case.branches.values() if b.parent == number and b.ended is None]:
                drop_branch(draft, child, why)
            drop_visits(draft, number, why)
            draft.emit(e.BranchMoved(branch=number, step=at))
            open_visit(draft, number, stage)
            return
        number = branch.parent
    raise NotAllowedHere("no_such_stage_before", source="D18", stage=stage)


def skip_to(draft: Draft, number: int, stage: str) -> None:
    """Go forward (or back) to *stage* of the same path without a return."""
    at = find_step(path_of(draft, draft.case.branches[number]), stage)
    if at is None:
        open_visit(draft, number, stage)
        return
    draft.emit(e.BranchMoved(branch=number, step=at))
    open_visit(draft, number, stage)


# --- closing and finishing ----------------------------------------------------------------------------------------


def open_before_close(draft: Draft) -> list[str]:
    """Return what still holds the case open: follow-ups declared `before_close`, sub-procedures that block closing."""
    waiting = [
        b.route
        for b in draft.case.branches.values()
        if b.follow_up
        and b.ended is None
        and b.route in draft.policy.routes
        and draft.policy.routes[b.route].before_close
    ]
    return waiting + [x.other for x in draft.case.links if x.blocks == "close" and not x.ended]


def finish_if_over(draft: Draft) -> None:
    """Record that the case is finished when it is closed and no follow-up is open (DESIGN §8)."""
    if draft.case.status != c.CLOSED:
        return
    if any(b.ended is None and not _is_idle(draft, b) for b in draft.case.branches.values()):
        return
    if any(v.is_open for v in draft.case.visits.values()):
        return
    draft.emit(e.CaseFinished())
    end_clocks_of_case(draft, "finished")


def _is_idle(draft: Draft, branch: Branch) -> bool:
    """Say whether an open branch only waits for a sub-case that does not hold anything."""
    return branch.waits_for is not None and all(x.ended or x.blocks != "stage" for x in draft.case.links)
