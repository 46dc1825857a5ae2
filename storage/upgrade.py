"""The database's version: made when it is empty, brought up to date on demand, refused when it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from storage.engine import WrongDatabase
from storage.tables import metadata

_UPGRADES = 7_263_512
"""The number that says "upgrade" among PostgreSQL's advisory locks; any would do."""
_SCRIPTS = Path(__file__).parent / "migrations"


def newest() -> str:
    """Return the version that this program works with."""
    head = ScriptDirectory(str(_SCRIPTS)).get_current_head()
    assert head is not None
    return head


def version_of(engine: Engine) -> str | None:
    """Return the version of the database, or None if it is empty."""
    with engine.connect() as core:
        return MigrationContext.configure(core).get_current_revision()


def is_half_restored(engine: Engine) -> bool:
    """Say whether all our tables are there and their version is not: a restore writes it last."""
    return {"alembic_version", *metadata.tables} <= set(inspect(engine).get_table_names()) and version_of(
        engine
    ) is None


def prepare(engine: Engine) -> None:
    """
    Make the tables of an empty database; leave one of our version alone.

    Raises:
        WrongDatabase: it is older (upgrade it), newer (start the newer program), or not ours.
    """
    found, is_empty = version_of(engine), True
    if found is None:
        is_empty = not inspect(engine).get_table_names()
        found = None if is_empty else version_of(engine)  # another process may have made them just now
    if found == newest():
        return
    if found is None:
        if is_half_restored(engine):
            raise WrongDatabase(
                "a backup was being put back into this database and did not get to its end; run `redress db restore` again with --replace"
            )
        if not is_empty:
            raise WrongDatabase(
                "this database holds tables that are not Redress's; give it an empty one (REDRESS_DATABASE_URL)"
            )
        upgrade(engine)
    elif is_known(found):
        raise WrongDatabase(
            f"the database is at version {found}, this Redress needs {newest()}; stop all bots and run `redress db upgrade`"
        )
    else:
        raise WrongDatabase(
            f"the database is at version {found}, which this Redress does not know; start the newer Redress that made it"
        )


def is_known(version: str) -> bool:
    return any(s.revision == version for s in ScriptDirectory(str(_SCRIPTS)).walk_revisions())


def upgrade(engine: Engine, to: str = "head", then: Callable[[Connection], object] = lambda core: None) -> None:
    """
    Bring the database to a version and do *then* what belongs to it, all or nothing. The caller made sure that no bot works
    on it.
    """
    with at_once(engine) as core:
        if (
            core.dialect.name == "postgresql"
        ):  # replicas that start together on an empty database make it one after the other
            core.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADES})")
        command.upgrade(_config(core), to)
        then(core)


def downgrade(engine: Engine, to: str) -> None:
    """Take the database back to a version, all or nothing; what only newer versions hold is lost."""
    with at_once(engine) as core:
        command.downgrade(_config(core), to)


def _config(core: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["connection"] = core
    return config


@contextmanager
def at_once(engine: Engine) -> Iterator[Connection]:
    """Lend a connection in a transaction of its own, which has SQLite's write lock from the beginning."""
    with engine.begin() as core:
        if core.dialect.name == "sqlite":
            core.exec_driver_sql("BEGIN IMMEDIATE")
        yield core
