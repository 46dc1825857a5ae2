"""What the rules of a policy hold back in a case: acts that are locked, and what must be there before it closes."""

from __future__ import annotations

from collections.abc import Iterator

from complaints.case import Case, Hold
from complaints.draft import Draft
from complaints.policy import Policy
from complaints.policy_flow import all_stages
from complaints.policy_model import StageDef
from complaints.refusals import NotAllowedHere
from complaints.routes import is_passed

REPLY, CLOSE, NUMBER, EXPORT, MONEY = "reply", "close", "number", "export", "money"


def holds_in_force(case: Case, policy: Policy) -> Iterator[Hold]:
    """Yield what is held back now: set by a rule, not lifted since by its `until`, which can still come."""
    for hold in case.holds:
        if hold.until is None or not (_has_come(case, policy, hold) or _is_moot(case, policy, hold)):
            yield hold


def _is_moot(case: Case, policy: Policy, hold: Hold) -> bool:
    """Say whether the case closed another way than by the stage that the hold waits for: nobody will pass it any more."""
    stage = str(hold.until).split()[0]
    main = {name for route in policy.main_routes() for name in all_stages(policy.routes[route].path)}
    return case.closed_at is not None and stage in main and all(v.stage != stage for v in case.open_visits)


def _has_come(case: Case, policy: Policy, hold: Hold) -> bool:
    at = case.happened.get(str(hold.until))
    return at is not None and at >= hold.set_at and is_so_now(case, policy, str(hold.until))


def is_so_now(case: Case, policy: Policy, happening: str) -> bool:
    """Say whether *happening* holds: a stage that was taken back, or gone back behind, covers nothing any more."""
    stage = happening.removesuffix(" done")
    if stage in policy.stages:
        return is_passed(case, policy, stage)
    return case.closed_at is not None if happening == "case closed" else happening in case.happened


def lock_on(act: str, case: Case, policy: Policy) -> Hold | None:
    """Return what locks *act* (reply, close, number, export, money), or None."""
    return next((h for h in holds_in_force(case, policy) if act in h.acts), None)


def refuse_locked(act: str, draft: Draft) -> None:
    """Refuse an act that a rule locks, with the clause and what lifts it."""
    hold = lock_on(act, draft.case, draft.policy)
    if hold is not None:
        raise NotAllowedHere("locked", source=hold.source, act=act, upon=hold.until, case=draft.case.name)


def is_there(case: Case, policy: Policy, name: str) -> bool:
    """Say whether what closing needs is there: the stage is done, or the field is filled (a file is on the case)."""
    if name in policy.stages:
        visit = case.last_visit(name)
        return is_passed(case, policy, name) or (visit is not None and visit.ended == "done")
    return case.fields.get(name) is not None or any(file.field == name for file in case.files.values())


def required_to_close(case: Case, policy: Policy) -> list[tuple[str, bool, str | None]]:
    """Return each field and stage that the rules want before closing: whether it is there, and the clause."""
    found: dict[str, tuple[str, bool, str | None]] = {}
    for hold in holds_in_force(case, policy):
        for name in hold.required:
            found.setdefault(name, (name, is_there(case, policy, name), hold.source))
    return list(found.values())


def refuse_unready(draft: Draft) -> None:
    """Refuse to close while a rule locks it, or something that a rule wants before is missing; all of it is named."""
    refuse_locked(CLOSE, draft)
    missing = [(name, source) for name, there, source in required_to_close(draft.case, draft.policy) if not there]
    if missing:
        names = [name for name, _ in missing]
        raise NotAllowedHere("required_first", source=missing[0][1], needs=names, case=draft.case.name)


def carries_out_money(stage: StageDef, policy: Policy) -> bool:
    """Say whether a stage carries out what was decided on money: it waits for the approval that an amount needs."""
    return any(set(stage.needs) & set(entry.needs) for entry in policy.money.values())
