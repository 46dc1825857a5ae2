"""What is set in Slack over the desk file: absences, deputies, members, heads, closures, values (DESIGN §2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

from complaints.events import OverrideSet, OverrideWithdrawn, Recorded
from complaints.people import Absence, Deputy, DeskPlan, RoleHolders

ABSENCE, DEPUTY, MEMBERS, HEAD, CLOSURE, VALUE = "absence", "deputy", "members", "head", "closure", "value"
KINDS = (ABSENCE, DEPUTY, MEMBERS, HEAD, CLOSURE, VALUE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Override:
    """
    What somebody set in Slack and nobody withdrew. *id*: its place in the desk's log. *about*: the member, role,
    calendar or policy. *from_on*, *until_on*: local dates of the desk, both included; None: no limit on that side.
    """

    id: int
    kind: str
    about: str
    value: Mapping[str, Any]
    from_on: date | None
    until_on: date | None
    by: str
    at: datetime

    def covers(self, on: date) -> bool:
        return (self.from_on is None or self.from_on <= on) and not self.is_over(on)

    def is_over(self, on: date) -> bool:
        return self.until_on is not None and self.until_on < on


def standing(log: Iterable[Recorded]) -> tuple[Override, ...]:
    """Return what was set and not withdrawn, in the order in which it was set."""
    found: dict[int, Override] = {}
    for recorded in log:
        match recorded.event:
            case OverrideSet():
                found[recorded.seq] = _override(recorded, recorded.event)
            case OverrideWithdrawn(override=number):
                found.pop(number, None)
            case _:
                pass
    return tuple(found.values())


def _override(recorded: Recorded, event: OverrideSet) -> Override:
    return Override(
        id=recorded.seq, kind=event.kind, about=event.about, value=event.value,
        from_on=date.fromisoformat(event.from_on) if event.from_on else None,
        until_on=date.fromisoformat(event.until_on) if event.until_on else None,
        by=recorded.actor, at=recorded.at,
    )  # fmt: skip


# --- what follows ------------------------------------------------------------------------------------------


def local_day(plan: DeskPlan, now: datetime) -> date:
    """Return the desk's own date at *now*."""
    return now.astimezone(ZoneInfo(plan.timezone)).date()


def in_effect(plan: DeskPlan, overrides: Iterable[Override], now: datetime) -> DeskPlan:
    """
    Return the desk file's *plan* with what is set over it at *now*.

    Absences and deputies keep their dates, so that they hold at any instant; members, heads and values are those of
    the day of *now*. Where two were set, the later one holds.
    """
    today = local_day(plan, now)
    mine = [o for o in overrides if o.kind in _CHANGES and (o.kind in (ABSENCE, DEPUTY) or o.covers(today))]
    return reduce(lambda so_far, override: _CHANGES[override.kind](so_far, override), mine, plan)


def _absence(plan: DeskPlan, override: Override) -> DeskPlan:
    start, end = _bounds(plan, override)
    assert start is not None
    assert end is not None
    absence = Absence(member=override.about, from_at=start, until_at=end, deputy=override.value.get("deputy"))
    return replace(plan, absences=(*plan.absences, absence))


def _deputy(plan: DeskPlan, override: Override) -> DeskPlan:
    start, end = _bounds(plan, override)
    deputy = Deputy(member=str(override.value["member"]), of=override.value.get("for"), from_at=start, until_at=end)
    return _with_role(plan, override.about, lambda role: replace(role, deputies=(*role.deputies, deputy)))


def _members(plan: DeskPlan, override: Override) -> DeskPlan:
    members = tuple(str(m) for m in override.value["members"])
    return _with_role(plan, override.about, lambda role: replace(role, members=members))


def _head(plan: DeskPlan, override: Override) -> DeskPlan:
    return _with_role(plan, override.about, lambda role: replace(role, head=str(override.value["head"])))


def _value(plan: DeskPlan, override: Override) -> DeskPlan:
    policy = {**plan.values.get(override.about, {}), str(override.value["name"]): str(override.value["value"])}
    return replace(plan, values={**plan.values, override.about: policy})


def _with_role(plan: DeskPlan, name: str, change: Callable[[RoleHolders], RoleHolders]) -> DeskPlan:
    """Return the plan with a role changed; a role that the desk file lost meanwhile stays away."""
    role = plan.roles.get(name)
    return plan if role is None else replace(plan, roles={**plan.roles, name: change(role)})


def _bounds(plan: DeskPlan, override: Override) -> tuple[datetime | None, datetime | None]:
    """Return the instants of the first day's start (inclusive) and of the last day's end (exclusive)."""
    zone = ZoneInfo(plan.timezone)
    start = datetime.combine(override.from_on, time(0), zone) if override.from_on else None
    end = datetime.combine(override.until_on + timedelta(days=1), time(0), zone) if override.until_on else None
    return start, end


_CHANGES: Mapping[str, Callable[[DeskPlan, Override], DeskPlan]] = {
    ABSENCE: _absence,
    DEPUTY: _deputy,
    MEMBERS: _members,
    HEAD: _head,
    VALUE: _value,
}
"""A closure changes no person: it belongs to its calendar."""


def closures_of(calendar: str, overrides: Iterable[Override]) -> tuple[tuple[date, date], ...]:
    """Return the closed days of a calendar, first and last included. Past ones stay: time used stays as it was counted."""
    return tuple(
        (o.from_on, o.until_on)
        for o in overrides
        if o.kind == CLOSURE and o.about == calendar and o.from_on is not None and o.until_on is not None
    )
