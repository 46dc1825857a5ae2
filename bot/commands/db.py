"""`redress db`: the database's version, and what the logs add up to."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from bot.commands.common import as_json, bare_database, progress, show
from bot.settings import load_settings
from storage import rebuild as again
from storage import upgrade as versions
from storage.leases import Leases


@click.group()
def db() -> None:
    """Upgrade, rebuild or check the database."""


@db.command()
@as_json
def upgrade(as_json: bool) -> None:
    """Bring the database to this program's version, and compute again what the logs add up to."""
    with bare_database(load_settings()) as engines:
        before = versions.version_of(engines.write)
        if before is not None and before != versions.newest():
            Leases(engines).refuse_while_alive(datetime.now(UTC), "db upgrade")
            versions.upgrade(engines.write)
            again.rebuild(engines, progress())
        else:
            versions.prepare(engines.write)
        after = versions.version_of(engines.write)
    said = (
        f"The database is at version {after}." if before == after else f"Upgraded from {before or 'empty'} to {after}."
    )
    show({"before": before, "after": after}, [said], as_json=as_json)


@db.command()
@as_json
def rebuild(as_json: bool) -> None:
    """Compute the case list, deadlines, registers and statistics again from the logs."""
    with bare_database(load_settings()) as engines:
        versions.prepare(engines.write)
        Leases(engines).refuse_while_alive(datetime.now(UTC), "db rebuild")
        count = again.rebuild(engines, progress())
    show({"cases": count}, [f"Rebuilt {count} cases."], as_json=as_json)


@db.command()
@as_json
def check(as_json: bool) -> None:
    """Compare what the tables say with what the logs add up to; nothing is changed."""
    with bare_database(load_settings()) as engines:
        versions.prepare(engines.write)
        differences = again.check(engines, progress())
    show({"differences": differences}, differences or ["The tables say what the logs add up to."], as_json=as_json)
    if differences:
        raise click.exceptions.Exit(1)
