"""`redress desk`: what is in force in this desk, and where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from bot.commands.common import as_json, opened, show, table
from bot.in_force import load_policy_of
from bot.office import Office, desk_file_of
from bot.settings import SLACK_API_URL
from complaints.overrides import ABSENCE, CLOSURE, DEPUTY, HEAD, MEMBERS, VALUE, Override, local_day
from complaints.people import Absence, Deputy, RoleHolders
from complaints.policy_head import value_text


@click.group()
def desk() -> None:
    """Show the desk."""


@desk.command("show")
@click.option("--effective", is_flag=True, help="Each value in force and its origin.")
@as_json
def show_(effective: bool, as_json: bool) -> None:
    """Show the desk: its roles and people, or (--effective) each value in force and its origin."""
    with opened() as office:
        values = list(_values(office)) if effective else []
        plan = office.watched.plan()
    if effective:
        data = [{"name": n, "value": v, "origin": o} for n, v, o in values]
        show(data, table(("name", "value", "origin"), values), as_json=as_json)
        return
    rows = [(r.id, r.channel, ", ".join(r.members), r.head, r.fallback) for r in plan.roles.values()]
    show(plan, table(("role", "channel", "members", "head", "fallback"), rows), as_json=as_json)


def _values(office: Office) -> Iterator[tuple[str, Any, str]]:
    """Yield (name, value, origin) of everything that is in force, and of what is set to hold later."""
    plan, plain, origin = office.watched.plan(), office.watched.file.plan(), Origins(office)
    for name in ("name", "language", "timezone", "officer", "fallback_channel", "general_manager", "urge_gap_hours"):
        yield name, getattr(plan, name), origin.file
    if plan.libraries:
        yield "libraries", ", ".join(plan.libraries), origin.file
    yield "team", office.watched.loaded.team, origin.file
    yield "quiet hours", f"{plan.quiet.from_}–{plan.quiet.until}", origin.file
    for role in plan.roles.values():
        yield from ((f"roles.{role.id}{n}", v, origin.of_role(role.id, n)) for n, v in _role(role) if v)
    for absence in plain.absences:
        yield f"absence of {absence.member}", _absence(absence), origin.file
    for override in office.watched.overrides:
        if override.kind == ABSENCE:
            yield f"absence of {override.about}", override_text(override), origin.slack(override)
    for name, calendar in office.watched.calendars().items():
        yield f"calendars.{name}", calendar.version, origin.file
    for override in office.watched.overrides:
        if override.kind == CLOSURE:
            yield f"calendars.{override.about}.closures", override_text(override), origin.slack(override)
    for version in office.store.shelf.versions():
        if version.in_force_since is not None:
            yield f"policies.{version.policy}", version.label, f"put in force {version.in_force_since:%Y-%m-%d %H:%M}Z"
    for policy in plan.policies:
        yield from _policy_values(office, policy, origin)
    today = local_day(plan, office.clock.now())
    for override in office.watched.overrides:
        if override.kind not in (ABSENCE, CLOSURE) and override.from_on is not None and override.from_on > today:
            yield f"later: {override.kind} {override.about}", override_text(override), origin.slack(override)
    yield from _settings(office)


@dataclass
class Origins:
    """Where a value comes from: the desk file, or what was set over it in Slack today."""

    office: Office

    @property
    def file(self) -> str:
        return str(desk_file_of(self.office.settings))

    def of_role(self, role: str, part: str) -> str:
        kind = {"": MEMBERS, ".head": HEAD, ".deputies": DEPUTY}.get(part)
        found = [o for o in self._today() if o.kind == kind and o.about == role]
        if not found:
            return self.file
        said = "; ".join(self.slack(o) for o in (found if kind == DEPUTY else found[-1:]))
        in_file = kind == DEPUTY and self.office.watched.file.plan().roles[role].deputies
        return f"{self.file}; {said}" if in_file else said

    def of_value(self, policy: str, name: str) -> str | None:
        found = [o for o in self._today() if o.kind == VALUE and o.about == policy and o.value.get("name") == name]
        return self.slack(found[-1]) if found else None

    def slack(self, override: Override) -> str:
        return f"set in Slack by {override.by} {override.at:%Y-%m-%d %H:%M}Z (desk log {override.id})"

    def _today(self) -> list[Override]:
        today = local_day(self.office.watched.plan(), self.office.clock.now())
        return [
            o for o in self.office.watched.overrides if not o.is_over(today) and (o.kind == DEPUTY or o.covers(today))
        ]


def override_text(override: Override) -> str:
    """Return what was set in a line of plain words."""
    days = [f"{word} {on}" for word, on in (("from", override.from_on), ("until", override.until_on)) if on]
    value = [f"{n} {' '.join(v) if isinstance(v, list) else v}" for n, v in override.value.items()]
    return ", ".join([*days, *value])


def _absence(absence: Absence) -> str:
    deputy = f", deputy {absence.deputy}" if absence.deputy else ""
    return f"{absence.from_at:%Y-%m-%d} to {absence.until_at:%Y-%m-%d}{deputy}"


def _role(role: RoleHolders) -> Iterator[tuple[str, Any]]:
    yield "", ", ".join(role.members)
    yield ".channel", role.channel
    yield ".head", role.head
    yield ".superior", role.superior
    yield ".deputies", "; ".join(map(_deputy, role.deputies))
    yield ".fallback", role.fallback


def _deputy(deputy: Deputy) -> str:
    """Return who stands in for whom and when; the end is exclusive."""
    days = [f"{word} {at:%Y-%m-%d}" for word, at in (("from", deputy.from_at), ("to", deputy.until_at)) if at]
    return " ".join((deputy.member, *(("for", deputy.of) if deputy.of else ()), *days))


def _policy_values(office: Office, policy: str, origins: Origins) -> Iterator[tuple[str, Any, str]]:
    """Yield the values that a regulation leaves to the desk or sets itself."""
    digest = office.store.shelf.in_force(policy)
    plan, extra = office.watched.plan(), office.settings.policies
    bundle = office.store.shelf.bundle(digest) if digest else load_policy_of(policy, plan, extra)
    for one in bundle:
        id_ = one.policy.id
        mine, origin = office.watched.plan().values.get(id_, {}), f"policy {id_} {one.policy.label}"
        for name, value in one.values.items():
            set_by = origins.of_value(id_, name) or (origins.file if name in mine else origin)
            yield f"values.{id_}.{name}", mine.get(name) or value_text(value), set_by


def _settings(office: Office) -> Iterator[tuple[str, Any, str]]:
    settings = office.settings
    for name, value, default in (
        ("SLACK_API_URL", settings.slack_api_url, settings.slack_api_url == SLACK_API_URL),
        ("REDRESS_DATA", str(settings.data), "data" not in settings.model_fields_set),
        (
            "REDRESS_DATABASE_URL",
            "set" if settings.database else "SQLite in the data folder",
            settings.database is None,
        ),
        ("REDRESS_DESK", file_or(settings.desk, "sample desk"), settings.desk is None),
        ("REDRESS_POLICIES", file_or(settings.policies, "shipped policies"), settings.policies is None),
        ("REDRESS_CLOCK_FILE", file_or(settings.clock_file, "real time"), settings.clock_file is None),
    ):
        yield name, value, "default" if default else "environment"


def file_or(path: Any, otherwise: str) -> str:
    return otherwise if path is None else str(path)
