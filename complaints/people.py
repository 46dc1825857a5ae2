"""Who holds which role today: members, deputies with dates, the head, and the chain when nobody is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Labels = Mapping[str, str]


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
    """The people of a role in this desk, and the channel where its cards appear."""

    id: str
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
    """In which capacity a person acts for a role: member, deputy, head, fallback or general_manager."""

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

    *units*: unit id to the role that answers for it (a unit is what a `unit` field can name). *inactive*: members
    that Slack reports as deactivated. *general_manager* is the role at the end of every chain (D14).
    """

    name: str
    language: str
    timezone: str
    officer: str
    fallback_channel: str
    policies: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    roles: Mapping[str, RoleHolders]
    units: Mapping[str, str] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    inactive: frozenset[str] = frozenset()
    general_manager: str = "general_manager"
    default_calendar: str = "main"
    quiet: QuietHours = QuietHours()
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    urge_gap_hours: int = 4
    home_link: str | None = None

    # --- asking -------------------------------------------------------------------------------------------

    def holders(self, role: str, now: datetime) -> tuple[str, ...]:
        """Return who answers for *role* now: members present, else deputies, head, fallback, GM (D14)."""
        return self._chain(role, now)[1]

    def capacity(self, actor: str, role: str, now: datetime) -> Capacity | None:
        """Return in which capacity *actor* may act for *role* now, or None."""
        plan = self.roles.get(role)
        if plan is None or not self._is_here(actor, now):
            return None
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
        return self.units.get(unit, unit)

    def unit_of(self, member: str) -> frozenset[str]:
        """Return the units and roles a member belongs to, for recusal."""
        roles = {r for r, plan in self.roles.items() if member in plan.members or member == plan.head}
        return frozenset(roles | {u for u, r in self.units.items() if r in roles})

    # --- the chain ----------------------------------------------------------------------------------------

    def _is_here(self, member: str, now: datetime) -> bool:
        return member not in self.inactive and not any(a.member == member and a.covers(now) for a in self.absences)

    def _chain(self, role: str, now: datetime, seen: frozenset[str] = frozenset()) -> tuple[str, tuple[str, ...]]:
        plan = self.roles.get(role)
        if plan is None or role in seen:
            return self._top(now, seen)
        present = tuple(m for m in plan.members if self._is_here(m, now))
        if present:
            return "member", present
        stand_ins = self._stand_ins(plan, now)
        if stand_ins:
            return "deputy", stand_ins
        if plan.head and self._is_here(plan.head, now):
            return "head", (plan.head,)
        if plan.fallback:
            return "fallback", self._chain(plan.fallback, now, seen | {role})[1]
        return self._top(now, seen | {role})

    def _member_chain(self, member: str, role: str | None, now: datetime) -> tuple[str, tuple[str, ...]]:
        if self._is_here(member, now):
            return "member", (member,)
        deputies = [a.deputy for a in self.absences if a.member == member and a.covers(now) and a.deputy]
        deputies += [d.member for p in self.roles.values() for d in p.deputies if d.of == member and d.is_on(now)]
        here = tuple(d for d in dict.fromkeys(deputies) if self._is_here(d, now))
        if here:
            return "deputy", here
        if role is not None and role in self.roles:
            kind, chain = self._chain(role, now)
            return ("fallback" if kind == "member" else kind), chain
        return self._top(now, frozenset())

    def _stand_ins(self, plan: RoleHolders, now: datetime) -> tuple[str, ...]:
        named = [d.member for d in plan.deputies if d.is_on(now)]
        covering = [a.deputy for a in self.absences if a.member in plan.members and a.covers(now) and a.deputy]
        return tuple(m for m in dict.fromkeys(named + covering) if self._is_here(m, now))

    def _top(self, now: datetime, seen: frozenset[str]) -> tuple[str, tuple[str, ...]]:
        if self.general_manager in seen or self.general_manager not in self.roles:
            return "officer", (self.officer,)
        return "general_manager", self._chain(self.general_manager, now, seen)[1]
