"""`redress demo` and `redress tour`: the sandbox and the bot side by side, to try and to watch."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from bot.playground import ROOT, DidNotStart, playground

BRANCHES = ("main", "refused", "not-established", "third-party", "returned-goods")
TOUR_START = "2026-11-02T09:30:00+08:00"


@click.command()
@click.option("--port", default=8910, show_default=True, help="Where the page of the sandbox is.")
@click.option("--http", is_flag=True, help="Signed HTTP instead of Socket Mode.")
def demo(port: int, http: bool) -> None:
    """Start the sandbox with the sample company and the bot on it; Ctrl-C ends both."""
    with tempfile.TemporaryDirectory(prefix="redress-demo-") as folder:
        try:
            with playground(folder=Path(folder), http=http, runs=True, port=port) as place:
                click.echo(f"Redress is open at {place.url}/")
                click.echo("Act as 林佳穎 (sales), type /complaint, and follow the cards. Ctrl-C ends everything.")
                with contextlib.suppress(KeyboardInterrupt):
                    place.wait()
                    raise click.ClickException(f"One of the two ended by itself.\n{place.log_file.read_text()[-2000:]}")
        except DidNotStart as failed:
            raise click.ClickException(str(failed)) from failed


@click.command()
@click.option("--branch", type=click.Choice(BRANCHES), default="main", show_default=True, help="Which way it goes.")
@click.option("--policy", type=click.Choice(["pcb-manufacturer"]), default="pcb-manufacturer", show_default=True)
@click.option("--http", is_flag=True, help="Signed HTTP instead of Socket Mode.")
@click.option("--json", "as_json", is_flag=True, help="Print the transcript as JSON.")
def tour(branch: str, policy: str, http: bool, as_json: bool) -> None:
    """Play a whole complaint through the real protocol; exit 0 only if every step happened."""
    with tempfile.TemporaryDirectory(prefix="redress-tour-") as folder:
        try:
            with playground(folder=Path(folder), http=http, start_at=TOUR_START) as place:
                command = [sys.executable, "-m", "sandbox.tour", "--url", place.url, "--branch", branch]
                done = subprocess.run([*command, *(["--json"] if as_json else [])], cwd=ROOT, check=False)
        except DidNotStart as failed:
            raise click.ClickException(str(failed)) from failed
    sys.exit(done.returncode)
