"""`redress db`: the database's version, what the logs add up to, backup and restore."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from bot.commands.common import as_json, bare_database, progress, show, told_to_end
from bot.settings import load_settings
from storage import backup as backups
from storage import rebuild as again
from storage import upgrade as versions
from storage.leases import Leases


@click.group()
def db() -> None:
    """Upgrade, rebuild, check, back up or restore the database."""


@db.command()
@as_json
def upgrade(as_json: bool) -> None:
    """Bring the database to this program's version, and compute again what the logs add up to."""
    with bare_database(load_settings()) as engines:
        before = versions.version_of(engines.write)
        if before is not None and before != versions.newest():
            Leases(engines).refuse_while_alive(datetime.now(UTC), "db upgrade")
            versions.upgrade(engines.write, then=lambda core: again.rebuild_on(core, progress()))
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


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
def backup(file: Path, as_json: bool) -> None:
    """Write the database and the stored files to FILE, a tar archive, while the bot works on."""
    settings = load_settings()
    with told_to_end():  # beside the archive stands a copy of all that people wrote
        made = backups.back_up(settings.database_url, settings.data, file, datetime.now(UTC))
    said = (
        f"Backed up {made.cases} cases (tables of version {made.version}) and {made.files} files to {file}. "
        "It holds everything that people wrote: keep it as safe as the database."
    )
    show(made, [said], as_json=as_json)


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Also where a record is; SQLite's old file is kept beside the new one.")
@as_json
def restore(file: Path, replace: bool, as_json: bool) -> None:
    """Put a backup back: into an empty database, or with --replace in the place of the one there."""
    settings, now = load_settings(), datetime.now(UTC)
    with told_to_end():
        made, breaks = backups.restore(settings.database_url, settings.data, file, now, replace=replace)
    lines = [f"Restored {made.cases} cases and {made.files} files as of {made.made_at:%Y-%m-%d %H:%M:%S} UTC."]
    if made.version != versions.newest():
        lines.append(f"The tables are of version {made.version}: run `redress db upgrade` before the bot.")
    lines += [f"{b.log_id}, event {b.seq}: {b.why}" for b in breaks] or ["Every hash chain verifies."]
    lines.append(
        "What was erased after that must be erased again; messages then unsent are looked for before they go out."
    )
    show({"backup": made, "breaks": breaks}, lines, as_json=as_json)
    if breaks:
        raise click.exceptions.Exit(1)
