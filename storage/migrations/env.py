"""Alembic's way in: it is called by `storage.upgrade` with an open connection, never by a configuration file."""

from __future__ import annotations

from alembic import context

from storage.tables import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("Run `redress db upgrade`; migrations take their connection from the program, not from a file.")

context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
context.run_migrations()
