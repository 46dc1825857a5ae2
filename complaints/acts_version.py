"""Moving an open case to another version of its policy: where it stands stays, what the new version says holds from now on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from complaints import commands as cmd
from complaints import events as e
from complaints.acts import required
from complaints.case import Branch, Visit
from complaints.clocks import is_timer, restart_changed_limits
from complaints.draft import Draft
from complaints.policy import Policy
from complaints.policy_model import Again, Do, Together
from complaints.refusals import NotAllowedHere, NotAuthorized

Place = tuple[str, int]  # the path of a branch, the step at which it stands


def change_version(draft: Draft, command: cmd.ChangeVersion) -> None:
    """
    Let the case go on under another version, by who puts versions in force or the desk officer; audited (DESIGN §1).

    Open visits keep their seats and what was answered; clocks whose limit is another one are counted anew from their
    start; what a rule of the old version waits for goes on only if the new version has that rule.

    Raises:
        NotAllowedHere: the case is over, runs on that version already, or stands where the new one has no stage.
    """
    _refuse(draft, command)
    old, new = draft.world.previous_policy(draft.case), draft.policy
    stages = {v.stage: command.stages.get(v.stage, v.stage) for v in draft.case.open_visits}
    gone = sorted(name for name, now in stages.items() if now not in new.stages and now not in new.duties)
    if gone:
        raise NotAllowedHere("version_without_stage", source=None, needs=gone, case=draft.case.name)
    places = _places(draft, stages)
    rules = {n: now for n, rule in enumerate(old.rules) if (now := _same_rule(rule, new)) is not None}
    draft.emit(
        e.VersionChanged(
            bundle=draft.world.bundle.digest,
            label=new.policy.label,
            reason=draft.keep_words(required(command.reason)),
            stages={name: now for name, now in stages.items() if now != name},
            places={str(number): list(place) for number, place in places.items()},
            rules={str(n): now for n, now in rules.items()},
        )
    )
    for deadline in [d for d in draft.case.deadlines.values() if d.ended is None and is_timer(d)]:
        if not _is_known(deadline.clock, new):
            draft.emit(e.DeadlineEnded(deadline=deadline.id, why="version", in_time=True, cancelled=_steps(deadline)))
    restart_changed_limits(draft)


def _refuse(draft: Draft, command: cmd.ChangeVersion) -> None:
    people, role = draft.world.people, draft.policy.policy.in_force_by
    if command.actor != people.officer and not people.has_role(command.actor, role, draft.world.now):
        raise NotAuthorized("policy_not_yours", people=people.holders(role, draft.world.now), role=role, policy=draft.case.policy)  # fmt: skip
    if draft.case.is_over:
        raise NotAllowedHere("case_is_over", source=None, case=draft.case.name, status=draft.case.status)
    if draft.case.bundle == draft.world.bundle.digest:
        raise NotAllowedHere("policy_in_force_already", source=None, policy=draft.case.policy, label=draft.policy.policy.label)  # fmt: skip


def _steps(deadline: Any) -> tuple[str, ...]:
    return tuple(step.id for step in deadline.steps)


def _is_known(clock: str, policy: Policy) -> bool:
    """Say whether a timer still has its rule or route; what waits for the customer has neither and goes on."""
    kind, _, name = clock.partition(":")
    if kind == "route":
        return name in policy.routes
    return kind != "rule" or (name.isdigit() and int(name) < len(policy.rules))


def _same_rule(rule: Any, policy: Policy) -> int | None:
    """Return the number of the rule that does the same upon the same, for the same source."""
    return next((n for n, other in enumerate(policy.rules) if (other.upon, other.source) == (rule.upon, rule.source)), None)  # fmt: skip


# --- where the branches stand -----------------------------------------------------------------------------------


def _places(draft: Draft, stages: dict[str, str]) -> dict[int, Place]:
    """Return the place of every open branch in the new paths, found by the stage at which it or a part of it stands."""
    found: dict[int, Place] = {}
    for branch in [b for b in draft.case.branches.values() if b.ended is None]:
        visit = _visit_of(draft, branch)
        if visit is None or branch.route not in draft.policy.routes:
            continue
        place = next(_find(draft.policy.routes[branch.route].path, stages[visit.stage], ""), None)
        if place is None:
            raise NotAllowedHere("version_without_stage", source=None, needs=[visit.stage], case=draft.case.name)
        found[branch.id] = place
        _place_parents(draft, branch, place, found)
    return found


def _visit_of(draft: Draft, branch: Branch) -> Visit | None:
    return next((v for v in draft.case.open_visits if v.branch == branch.id), None)


def _find(steps: Sequence[Any], stage: str, path: str) -> Iterator[Place]:
    for at, step in enumerate(steps):
        if (isinstance(step, Do) and step.stage == stage) or (isinstance(step, Again) and step.else_ == stage):
            yield path, at
        elif isinstance(step, Together):
            for way, branch in enumerate(step.branches):
                yield from _find(branch, stage, f"{path}/{at}.{way}".lstrip("/"))


def _place_parents(draft: Draft, branch: Branch, place: Place, found: dict[int, Place]) -> None:
    """The branch that forked stands at the fork, whose step is written in the path of its part."""
    parent, path = branch.parent, place[0]
    while parent is not None and path:
        path, _, last = path.rpartition("/")
        found[parent] = (path, int(last.partition(".")[0]))
        parent = draft.case.branches[parent].parent
