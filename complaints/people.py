"""Who holds which role today: members, deputies with dates, the head, and the chain when nobody is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from complaints.choosing import Choosing

Labels = Mapping[str, str]
MEMBER_ID = re.compile(r"[UW][A-Z0-9]{1,30}")


def is_member_id(text: str) -> bool:
    """Say whether *text* is a person's id as Slack writes it: what is none (a name, a channel) can hold no seat."""
    return MEMBER_ID.fullmatch(text) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """A member is away from *from_at* (inclusive) to *until_at* (exclusive), both aware; *deputy* may act."""

    member: str
    from_at: datetime
    until_at: datetime
    deputy: str | None = None

    def covers(self, now: datetime) -> bool:
        return self.from_at <= now < self.until_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Deputy:
    """*member* stands in for the whole role (or for one of its members) between two instants, end exclusive;
    None means no limit on that side."""

    member: str
    of: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None

    def is_on(self, now: datetime) -> bool:
        return (self.from_at is None or self.from_at <= now) and (self.until_at is None or now < self.until_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleHolders:
    """
    The people of a role in this desk, and the channel where its cards appear.

    *base* and *value*: the role of the regulation and the branch, store … for which these people hold it, where each
    has holders of its own; *id* is then `base:value`.
    """

    id: str
    base: str | None = None
    value: str | None = None
    labels: Labels
    channel: str | None = None
    members: tuple[str, ...] = ()
    head: str | None = None
    superior: str | None = None
    deputies: tuple[Deputy, ...] = ()
    fallback: str | None = None
    calendar: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Capacity:
    """In which capacity a person acts for a role: member, deputy, stand_in, head, fallback, general_manager; or reporter, for
    the own form."""

    kind: str
    on_behalf_of: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class QuietHours:
    """Reminders are not sent outside [*from_*, *until*) local time, nor on days off. Texts "HH:MM"."""

    from_: str = "08:00"
    until: str = "20:00"


@dataclass(frozen=True, kw_only=True)
class DeskPlan:
    """
    The deployment's side: which policies run, who holds the roles, where cards appear.

    *units*: unit id to the role that answers for it (a unit is what a `unit` field can name). *parents*: unit to the
    unit above it. *inactive*: members that Slack reports as deactivated. *shifts*: local times at which
    one begins. *general_manager* is the role at the end of
    every chain (D14). *choosing*: how the first page finds the regulation; *prefixes*: policy to what its numbers begin
    with. *qualifications*: what a role may ask for, who has it, and the instant at which it ends (aware,
    exclusive; None is without end). *needs*: role to the qualification that the regulation asks of it.
    """

    name: str
    language: str
    timezone: str
    officer: str
    fallback_channel: str
    policies: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    choosing: Choosing = field(default_factory=Choosing)
    prefixes: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, RoleHolders]
    units: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, str] = field(default_factory=dict)
    unit_labels: Mapping[str, Labels] = field(default_factory=dict)
    qualifications: Mapping[str, Mapping[str, datetime | None]] = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    inactive: frozenset[str] = frozenset()
    general_manager: str = "general_manager"
    default_calendar: str = "main"
    quiet: QuietHours = QuietHours()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    urge_gap_hours: int = 4
    shifts: tuple[str, ...] = ()
    _kept: tuple[datetime | None, dict[str, tuple[str, ...]]] = field(
        default_factory=lambda: (None, {}), init=False, repr=False, compare=False
    )
    _units: dict[str, frozenset[str]] = field(default_factory=dict, init=False, repr=False, compare=False)

    # --- asking -------------------------------------------------------------------------------------------

    def holders(self, role: str, now: datetime) -> tuple[str, ...]:
        """Return who answers for *role* now: members present, else deputies, head, fallback, GM (D14)."""
        at, found = self._kept
        if at != now:  # a tick asks for the same few roles at one instant, thousands of times
            found = {}
            object.__setattr__(self, "_kept", (now, found))
        if role not in found:
            found[role] = self._chain(role, now)[1]
        return found[role]

    def capacity(self, actor: str, role: str, now: datetime) -> Capacity | None:
        """Return in which capacity *actor* may act for *role* now, or None."""
        plan = self.roles.get(role)
        if plan is None or not self.is_here(actor, now):
            return None
        if not self._is_qualified(actor, role, now):
            kind, chain = self._chain(role, now)
            return Capacity(kind=kind, on_behalf_of=role) if actor in chain else None
        if actor in plan.members:
            return Capacity(kind="member")
        for deputy in plan.deputies:
            if deputy.member == actor and deputy.is_on(now):
                return Capacity(kind="deputy", on_behalf_of=deputy.of or role)
        for absence in self.absences:
            if absence.deputy == actor and absence.member in plan.members and absence.covers(now):
                return Capacity(kind="deputy", on_behalf_of=absence.member)
        kind, chain = self._chain(role, now)
        if kind != "member" and actor in chain:
            return Capacity(kind=kind, on_behalf_of=role)
        return None

    def member_holders(self, member: str, role: str | None, now: datetime) -> tuple[str, ...]:
        """Return who answers for a named *member* now: he himself, else his deputies, else who holds the role in
        which he was named, else the general manager (D14)."""
        return self._member_chain(member, role, now)[1]

    def capacity_for_member(self, actor: str, member: str, role: str | None, now: datetime) -> Capacity | None:
        """Return in which capacity *actor* may act for a named *member* now, or None."""
        kind, chain = self._member_chain(member, role, now)
        if actor not in chain:
            return None
        return Capacity(kind=kind, on_behalf_of=None if actor == member else member)

    def stands_in_for(self, actor: str, now: datetime) -> tuple[str, ...]:
        """Return the members away now for whom *actor* is the named deputy."""
        away = {a.member for a in self.absences if a.covers(now)}
        return tuple(sorted(m for m in away if m != actor and actor in self._own_deputies(m, now)))

    def head(self, role: str) -> str | None:
        """Return the head of the department, if the desk names one."""
        plan = self.roles.get(role)
        return plan.head if plan else None

    def channel(self, role: str) -> str | None:
        plan = self.roles.get(role)
        return plan.channel if plan else None

    def roles_of(self, member: str, now: datetime) -> tuple[str, ...]:
        """Return the roles for which *member* may act now."""
        return tuple(r for r in self.roles if self.capacity(member, r, now) is not None)

    def has_any_role(self, member: str, now: datetime) -> bool:
        """Say whether *member* may act for a role now."""
        return any(self.capacity(member, r, now) is not None for r in self.roles)

    def has_role(self, member: str, role: str, now: datetime) -> bool:
        return self.capacity(member, role, now) is not None

    def is_general_manager(self, member: str, now: datetime) -> bool:
        return self.has_role(member, self.general_manager, now)

    def role_label(self, role: str, language: str) -> str:
        plan = self.roles.get(role)
        if plan is None:
            return role
        return plan.labels.get(language) or plan.labels.get("en") or role

    def unit_role(self, unit: str) -> str:
        """Return the role that answers for a unit; a unit named like a role is that role."""
        return self.at(self.units.get(unit, unit), unit)

    def unit_label(self, unit: str, language: str) -> str:
        """Return the name of a unit: its own, else that of the role that answers for it."""
        words = self.unit_labels.get(unit)
        if words is not None:
            return words.get(language) or words.get("en") or unit
        return self.role_label(unit if unit in self.roles else self.unit_role(unit), language)

    def unit_of(self, member: str) -> frozenset[str]:
        """Return the units and roles a member belongs to, for recusal."""
        if member not in self._units:
            self._units[member] = self._units_of(member)
        return self._units[member]

    def _units_of(self, member: str) -> frozenset[str]:
        mine = [plan for plan in self.roles.values() if member in plan.members or member == plan.head]
        roles = {plan.id for plan in mine} | {plan.base for plan in mine if plan.base}
        return frozenset(roles | {u for u in self.units if self.unit_role(u) in roles})

    # --- one holder for each value, and who stands above --------------------------------------------------------

    def at(self, role: str, value: str | None) -> str:
        """
        Return the role as it is held for *value*: by the holders of the value itself, else of the nearest unit above
        it, else by who holds the role for all (RT-26).
        """
        seen: set[str] = set()
        while value is not None and value not in seen:
            if f"{role}:{value}" in self.roles:
                return f"{role}:{value}"
            seen.add(value)
            value = self.parents.get(value)
        return role

    def with_above(self, unit: str) -> tuple[str, ...]:
        """Return a unit and every unit above it, nearest first: what is counted of it counts for those too (RT-26)."""
        found = [unit]
        while (above := self.parents.get(found[-1])) is not None and above not in found:
            found.append(above)
        return tuple(found)

    def base(self, role: str) -> str:
        """Return the regulation's role of a role that is held for each value."""
        plan = self.roles.get(role)
        return plan.base if plan is not None and plan.base else role

    def values_of(self, role: str) -> tuple[str, ...]:
        """Return the values for which a role has holders of its own."""
        return tuple(str(plan.value) for plan in self.roles.values() if plan.base == role)

    def superior(self, role: str) -> str:
        """Return the role above *role*: what the desk says, else by the tree of units, else the general manager."""
        plan = self.roles.get(role)
        base = self.base(role)
        general = self.roles.get(base)
        named = (plan.superior if plan else None) or (general.superior if general else None)
        unit = plan.value if plan and plan.value else next((u for u in self.units if self.unit_role(u) == role), None)
        above = self.parents.get(unit or "")
        if named is not None:
            return self.at(named, above if named == base else unit)
        found = self.at(base, above) if plan is not None and plan.value else self.unit_role(above) if above else role
        return found if found not in (role, base) and found in self.roles else self.general_manager

    # --- qualifications ---------------------------------------------------------------------------------------

    def under(self, needs: Mapping[str, str]) -> DeskPlan:
        """Return the plan for cases whose regulation asks for qualifications: role to qualification (GA-04)."""
        return replace(self, needs=needs) if needs != self.needs else self

    def lacks(self, member: str, role: str, now: datetime) -> tuple[str, datetime | None] | None:
        """Return the qualification that *member* lacks for *role*, and when it ended if it did; None if nothing lacks."""
        wanted = self.needs.get(self.base(role))
        if wanted is None:
            return None
        holders = self.qualifications.get(wanted, {})
        if member not in holders:
            return wanted, None
        until = holders[member]
        return (wanted, until) if until is not None and until <= now else None

    def _is_qualified(self, member: str, role: str, now: datetime) -> bool:
        return self.lacks(member, role, now) is None

    def is_held(self, role: str, now: datetime) -> bool:
        """Say whether somebody who holds *role* himself is here and has what it needs."""
        plan = self.roles.get(role)
        return plan is not None and bool(self._able(plan.members, role, now))

    def is_here(self, member: str, now: datetime) -> bool:
        """Say whether *member* is neither away nor gone."""
        return member not in self.inactive and not any(a.member == member and a.covers(now) for a in self.absences)

    # --- the chain ----------------------------------------------------------------------------------------

    def _chain(self, role: str, now: datetime, seen: frozenset[str] = frozenset()) -> tuple[str, tuple[str, ...]]:
        plan = self.roles.get(role)
        if plan is None or role in seen:
            return self._top(now, seen)
        present = self._able(plan.members, role, now)
        if present:
            return "member", present
        stand_ins = self._able(self._stand_ins(plan, now), role, now)
        if stand_ins:
            return "deputy", stand_ins
        if plan.head and (chief := self._able((plan.head,), role, now)):
            return "head", chief
        if plan.fallback and (found := self._able(self._chain(plan.fallback, now, seen | {role})[1], role, now)):
            return "fallback", found
        return self._top(now, seen | {role})

    def _able(self, members: tuple[str, ...], role: str, now: datetime) -> tuple[str, ...]:
        """Return who of *members* is here and has what the role needs."""
        return tuple(m for m in members if self.is_here(m, now) and self._is_qualified(m, role, now))

    def _member_chain(self, member: str, role: str | None, now: datetime) -> tuple[str, tuple[str, ...]]:
        if self._able((member,), role or "", now):
            return "member", (member,)
        here = self._able(self._own_deputies(member, now), role or "", now)
        if here:
            return "deputy", here
        if role is not None and role in self.roles:
            kind, chain = self._chain(role, now)
            return ("fallback" if kind == "member" else kind), chain
        return self._top(now, frozenset())

    def _own_deputies(self, member: str, now: datetime) -> tuple[str, ...]:
        """Return who is there and was named for *member* himself."""
        deputies = [a.deputy for a in self.absences if a.member == member and a.covers(now) and a.deputy]
        deputies += [d.member for p in self.roles.values() for d in p.deputies if d.of == member and d.is_on(now)]
        return tuple(d for d in dict.fromkeys(deputies) if self.is_here(d, now))

    def deputies(self, role: str, now: datetime) -> tuple[str, ...]:
        """Return who may act for *role* now beside those who hold it: its deputies of today who are here."""
        plan = self.roles.get(role)
        return tuple(m for m in self._stand_ins(plan, now) if self.is_here(m, now)) if plan is not None else ()

    def _stand_ins(self, plan: RoleHolders, now: datetime) -> tuple[str, ...]:
        named = [d.member for d in plan.deputies if d.is_on(now)]
        covering = [a.deputy for a in self.absences if a.member in plan.members and a.covers(now) and a.deputy]
        return tuple(dict.fromkeys(named + covering))

    def _top(self, now: datetime, seen: frozenset[str]) -> tuple[str, tuple[str, ...]]:
        if self.general_manager in seen or self.general_manager not in self.roles:
            return "officer", (self.officer,)
        return "general_manager", self._chain(self.general_manager, now, seen)[1]
