"""`redress demo` and `redress tour`: the sandbox and the bot side by side, to try and to watch."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import click

from bot.commands.common import told_to_end
from bot.commands.policy_tools import bundle_of
from bot.playground import ROOT, DidNotStart, Playground, is_taken, playground
from bot.settings import load_settings
from bot.tour_desk import make_tour_desk

BRANCHES = ("main", "refused", "not-established", "third-party", "returned-goods")
PORT = 8910
SAMPLE_POLICY = "pcb-manufacturer"
TOUR_START = "2026-11-02T09:30:00+08:00"


@click.command()
@click.option("--port", type=int, help=f"Where the page of the sandbox is: {PORT}, or any free one when that is taken.")
@click.option("--http", is_flag=True, help="Signed HTTP instead of Socket Mode.")
def demo(port: int | None, http: bool) -> None:
    """Start the sandbox with the sample company and the bot on it; Ctrl-C ends both."""
    if port is not None and is_taken(port):
        raise click.ClickException(f"Port {port} is in use; name another one with --port, or leave it out.")
    if port is None:
        port = 0 if is_taken(PORT) else PORT
    with told_to_end(), tempfile.TemporaryDirectory(prefix="redress-demo-") as folder:
        try:
            with (
                contextlib.suppress(KeyboardInterrupt),
                playground(folder=Path(folder), http=http, runs=True, port=port) as place,
            ):
                click.echo(f"Redress is open at {place.url}/")
                click.echo("Act as 林佳穎 (sales), type /complaint, and follow the cards. Ctrl-C ends everything.")
                place.wait()
                raise click.ClickException(f"One of the two ended by itself.\n{place.log_file.read_text()[-2000:]}")
        except DidNotStart as failed:
            raise click.ClickException(str(failed)) from failed


@click.command()
@click.option("--branch", type=click.Choice(BRANCHES), default="main", show_default=True, help="Which way it goes.")
@click.option("--policy", metavar="ID", default=SAMPLE_POLICY, show_default=True, help="Any policy; another than the sample's is played by its cards.")  # fmt: skip
@click.option("--http", is_flag=True, help="Signed HTTP instead of Socket Mode.")
@click.option("--json", "as_json", is_flag=True, help="Print the transcript as JSON.")
def tour(branch: str, policy: str, http: bool, as_json: bool) -> None:
    """Play a whole complaint through the real protocol; exit 0 only if every step happened."""
    with told_to_end(), tempfile.TemporaryDirectory(prefix="redress-tour-") as folder:
        try:
            code = (
                _tour_of_the_sample(Path(folder), branch, http, as_json)
                if policy == SAMPLE_POLICY
                else tour_of(policy, Path(folder), http=http, as_json=as_json)
            )
        except DidNotStart as failed:
            raise click.ClickException(str(failed)) from failed
    sys.exit(code)


def _tour_of_the_sample(folder: Path, branch: str, http: bool, as_json: bool) -> int:
    with playground(folder=folder, http=http, start_at=TOUR_START) as place:
        return _play(place, ["--branch", branch], as_json)


def tour_of(policy: str, folder: Path, *, http: bool = False, as_json: bool = False) -> int:
    """Play a complaint under any policy in a company made up for it; 0 only if every case of it came to its end."""
    made = make_tour_desk(bundle_of(policy), folder / "company")
    with playground(
        folder=folder / "desk",
        http=http,
        start_at=TOUR_START,
        desk_file=made.desk,
        workspace=made.workspace,
        customers=made.customers,
        policies=load_settings().policies,
    ) as place:
        code = _play(
            place, ["--walk", str(made.walk), "--health", f"http://127.0.0.1:{place.bot_port}/healthz"], as_json
        )
        found = json.loads(place.run_command("case", "list", "--json"))
    left = [case for case in found if case["kind"] != "duty" and case["status"] in ("open", "closed")]
    for case in left:
        click.echo(f"{case['name']} stands at {', '.join(case['stages'])}.", err=True)
    return code or (1 if left or not found else 0)


def _play(place: Playground, words: list[str], as_json: bool) -> int:
    command = [sys.executable, "-m", "sandbox.tour", "--url", place.url, *words]
    return subprocess.run([*command, *(["--json"] if as_json else [])], cwd=ROOT, check=False).returncode
