"""`redress manifest`: the app manifest for either transport."""

from __future__ import annotations

import click
import yaml

from bot.commands.common import as_json, show
from bot.manifest import MANIFEST, for_http, read_manifest


@click.command()
@click.option("--http", "url", metavar="URL", help="For signed HTTP at this address instead of Socket Mode.")
@as_json
def manifest(url: str | None, as_json: bool) -> None:
    """Print the app manifest, to be pasted at api.slack.com."""
    if url is None and not as_json:
        click.echo(MANIFEST.read_text("utf-8"), nl=False)
        return
    try:
        made = for_http(read_manifest(), url) if url else read_manifest()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    show(made, [yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=110).rstrip()], as_json=as_json)
