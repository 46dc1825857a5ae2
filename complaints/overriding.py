"""Who may set what over the desk file, and what fits: asked when the form opens and again when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from complaints import commands as cmd
from complaints.events import Event, OverrideSet, OverrideWithdrawn
from complaints.overrides import (
    ABSENCE,
    CLOSURE,
    DEPUTY,
    HEAD,
    KINDS,
    MEMBERS,
    VALUE,
    Override,
    local_day,
)
from complaints.people import DeskPlan, is_member_id
from complaints.policy import Policy
from complaints.policy_head import desk_value, value_text
from complaints.refusals import FieldErrors, NotAllowedHere, NotAuthorized

LONGEST = timedelta(days=366)
MOST_MEMBERS = 100

Problems = dict[str, tuple[str, dict[str, Any]]]


@dataclass(frozen=True, kw_only=True)
class Office:
    """
    What a decision about the desk may look at: the plan in effect, what was set already, the calendars' names, the
    policies in force, and *now*.
    """

    plan: DeskPlan
    overrides: tuple[Override, ...]
    calendars: Collection[str]
    policies: Mapping[str, Policy]
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.plan, self.now)


# --- who may -----------------------------------------------------------------------------------------------


def may_set(kind: str, about: str, actor: str, plan: DeskPlan) -> bool:
    """
    Say whether *actor* may set this: the desk officer everything; anybody the own absence; a head the absences of
    the department's people and its deputies.
    """
    if actor == plan.officer:
        return True
    if kind == ABSENCE:
        return actor == about or about in people_under(actor, plan)
    return kind == DEPUTY and about in roles_under(actor, plan)


def roles_under(actor: str, plan: DeskPlan) -> tuple[str, ...]:
    """Return the roles that *actor* heads."""
    return tuple(r.id for r in plan.roles.values() if r.head == actor)


def people_under(actor: str, plan: DeskPlan) -> frozenset[str]:
    """Return the members of the roles that *actor* heads."""
    return frozenset(m for role in roles_under(actor, plan) for m in plan.roles[role].members)


def require_may(kind: str, about: str, actor: str, plan: DeskPlan) -> None:
    """Refuse who may not set this, naming who may."""
    if may_set(kind, about, actor, plan):
        return
    heads = [r.head for r in plan.roles.values() if r.head and (r.id == about or about in r.members)]
    people = (*(heads if kind in (ABSENCE, DEPUTY) else ()), plan.officer)
    raise NotAuthorized("desk_not_yours", source=None, people=tuple(dict.fromkeys(people)))


# --- deciding ----------------------------------------------------------------------------------------------


def decide(command: cmd.DeskCommand, office: Office) -> Event:
    """Return what is recorded of *command*. Raises: Refusal."""
    match command:
        case cmd.SetOverride():
            return _set(command, office)
        case cmd.WithdrawOverride():
            return _withdraw(command, office)
        case _:
            raise AssertionError(f"the desk takes no {type(command).__name__}")


def _set(command: cmd.SetOverride, office: Office) -> OverrideSet:
    if command.kind not in KINDS:
        raise NotAllowedHere("desk_no_such_kind", source=None)
    require_may(command.kind, command.about, command.actor, office.plan)
    value, problems = _CHECKS[command.kind](command, office)
    problems |= {name: wrong for name, wrong in _wrong_dates(command, office).items() if name not in problems}
    if problems:
        raise FieldErrors(problems)
    _refuse_unchanged(command, value, office)
    return OverrideSet(
        kind=command.kind, about=command.about, value=value,
        from_on=command.from_on.isoformat() if command.from_on else None,
        until_on=command.until_on.isoformat() if command.until_on else None,
    )  # fmt: skip


def _withdraw(command: cmd.WithdrawOverride, office: Office) -> OverrideWithdrawn:
    found = next((o for o in office.overrides if o.id == command.override), None)
    if found is None:
        raise NotAllowedHere("desk_withdrawn_already", source=None)
    require_may(found.kind, found.about, command.actor, office.plan)
    if found.is_over(office.today):
        raise NotAllowedHere("desk_over_already", source=None)
    return OverrideWithdrawn(override=found.id)


def _refuse_unchanged(command: cmd.SetOverride, value: Mapping[str, Any], office: Office) -> None:
    """Refuse what is set already, word for word."""
    asked = (command.kind, command.about, dict(value), command.from_on, command.until_on)
    if any((o.kind, o.about, dict(o.value), o.from_on, o.until_on) == asked for o in office.overrides):
        raise NotAllowedHere("desk_set_already", source=None)


# --- what fits ---------------------------------------------------------------------------------------------


def _wrong_dates(command: cmd.SetOverride, office: Office) -> Problems:
    """Return what is wrong with the dates; an absence and a closure need both."""
    start, end = command.from_on, command.until_on
    if command.kind in (ABSENCE, CLOSURE):
        missing: Problems = {n: ("missing", {}) for n, on in (("from", start), ("until", end)) if on is None}
        if missing:
            return missing
    if end is not None and end < office.today:
        return {"until": ("not_in_future", {})}
    if start is not None and end is not None and end < start:
        return {"until": ("before_the_first_day", {})}
    if start is not None and end is not None and end - start > LONGEST:
        return {"until": ("longer_than_a_year", {})}
    return {}


def _check_absence(command: cmd.SetOverride, office: Office) -> tuple[dict[str, Any], Problems]:
    deputy = str(command.value.get("deputy") or "")
    problems: Problems = {}
    if not is_member_id(command.about):
        problems["member"] = ("missing", {})
    if deputy and (deputy == command.about or not is_member_id(deputy)):
        problems["deputy"] = ("somebody_else", {})
    return ({"deputy": deputy} if deputy else {}), problems


def _check_deputy(command: cmd.SetOverride, office: Office) -> tuple[dict[str, Any], Problems]:
    member, for_ = str(command.value.get("member") or ""), str(command.value.get("for") or "")
    problems = _unknown_role(command, office)
    if not is_member_id(member):
        problems["member"] = ("missing", {})
    elif member == for_:
        problems["member"] = ("somebody_else", {})
    if not problems and for_ and for_ not in office.plan.roles[command.about].members:
        problems["for"] = ("not_a_choice", {})
    return {"member": member, **({"for": for_} if for_ else {})}, problems


def _check_members(command: cmd.SetOverride, office: Office) -> tuple[dict[str, Any], Problems]:
    members = [str(m) for m in command.value.get("members") or ()]
    problems = _unknown_role(command, office)
    if not members or len(members) > MOST_MEMBERS or not all(is_member_id(m) for m in members):
        problems["members"] = ("missing", {})
    return {"members": list(dict.fromkeys(members))}, problems


def _check_head(command: cmd.SetOverride, office: Office) -> tuple[dict[str, Any], Problems]:
    head = str(command.value.get("head") or "")
    problems = _unknown_role(command, office)
    if not is_member_id(head):
        problems["head"] = ("missing", {})
    return {"head": head}, problems


def _check_closure(command: cmd.SetOverride, office: Office) -> tuple[dict[str, Any], Problems]:
    known = command.about in office.calendars
    return {}, {} if known else {"calendar": ("not_a_choice", {})}


def _check_value(command: cmd.SetOverride, office: Office) -> tuple[dict[str, Any], Problems]:
    """A value must be one that its regulation leaves to the desk, and of the same kind as the one that stands there."""
    name, text = str(command.value.get("name") or ""), str(command.value.get("value") or "").strip()
    policy = office.policies.get(command.about)
    definition = policy.values.get(name) if policy is not None else None
    if definition is None or not definition.desk:
        return {}, {"name": ("not_a_choice", {})}
    try:
        desk_value(definition, text)
    except ValueError:
        return {}, {"value": ("not_such_a_value", {"value": value_text(definition)})}
    return {"name": name, "value": text}, {}


def _unknown_role(command: cmd.SetOverride, office: Office) -> Problems:
    return {} if command.about in office.plan.roles else {"role": ("not_a_choice", {})}


_CHECKS: Mapping[str, Callable[[cmd.SetOverride, Office], tuple[dict[str, Any], Problems]]] = {
    ABSENCE: _check_absence,
    DEPUTY: _check_deputy,
    MEMBERS: _check_members,
    HEAD: _check_head,
    CLOSURE: _check_closure,
    VALUE: _check_value,
}
