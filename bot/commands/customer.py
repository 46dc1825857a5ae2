"""`redress customer`: the customer register."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.common import as_json, opened, read_bytes, show


@click.group()
def customer() -> None:
    """Import customers."""


@customer.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
def import_(file: Path, as_json: bool) -> None:
    """Import a CSV file: all of it, or (if a line is wrong) nothing. Lines of known codes replace them."""
    raw = read_bytes(file)
    with opened() as office:
        try:
            found = office.store.register.import_csv(raw, office.machine.now(), office.watched.plan().language)
        except ValueError as error:
            raise click.ClickException(f"{file}: {error}.") from None
    if found.errors:
        for wrong in found.errors[:20]:
            click.echo(f"Error: {file}, {wrong}", err=True)
        more = len(found.errors) - 20
        raise click.ClickException(f"Nothing was imported{f'; {more} more lines are wrong' if more > 0 else ''}.")
    show({"imported": len(found.customers)}, [f"Imported {len(found.customers)} customers."], as_json=as_json)
