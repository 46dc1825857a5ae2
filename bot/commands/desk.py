"""`redress desk`: what is in force in this desk, and where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from bot.commands.common import as_json, opened, show, table
from bot.in_force import load_policy_of
from bot.office import Office, desk_file_of
from bot.settings import SLACK_API_URL
from complaints.people import Deputy, RoleHolders


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
    """Yield (name, value, origin) of everything that is in force."""
    plan, file = office.watched.plan(), str(desk_file_of(office.settings))
    for name in ("name", "language", "timezone", "officer", "fallback_channel", "general_manager", "urge_gap_hours"):
        yield name, getattr(plan, name), file
    if plan.libraries:
        yield "libraries", ", ".join(plan.libraries), file
    yield "team", office.watched.loaded.team, file
    yield "quiet hours", f"{plan.quiet.from_}–{plan.quiet.until}", file
    for role in plan.roles.values():
        yield from ((f"roles.{role.id}{name}", value, file) for name, value in _role(role) if value)
    for absence in plan.absences:
        yield f"absence of {absence.member}", f"{absence.from_at:%Y-%m-%d} to {absence.until_at:%Y-%m-%d}", file
    for name, calendar in office.watched.calendars().items():
        yield f"calendars.{name}", calendar.version, file
    for version in office.store.shelf.versions():
        if version.in_force_since is not None:
            yield f"policies.{version.policy}", version.label, f"put in force {version.in_force_since:%Y-%m-%d %H:%M}Z"
    for policy in plan.policies:
        yield from _policy_values(office, policy)
    yield from _settings(office)


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


def _policy_values(office: Office, policy: str) -> Iterator[tuple[str, Any, str]]:
    """Yield the values that a regulation leaves to the desk or sets itself."""
    digest = office.store.shelf.in_force(policy)
    plan, extra = office.watched.plan(), office.settings.policies
    bundle = office.store.shelf.bundle(digest) if digest else load_policy_of(policy, plan, extra)
    mine = office.watched.plan().values.get(policy, {})
    origin = f"policy {policy} {bundle.label}"
    for name, value in bundle.policy.values.items():
        by_desk = name in mine
        yield (
            f"values.{policy}.{name}",
            mine[name] if by_desk else str(value.is_),
            (str(desk_file_of(office.settings)) if by_desk else origin),
        )


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
