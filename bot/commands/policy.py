"""`redress policy`: regulations as files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from bot.commands.common import as_json, opened, show, table, when
from bot.commands.policy_tools import bundle_of, diff, migrate, new, simulate
from bot.coverage import Coverage, coverage
from bot.in_force import SHIPPED, load_policy_of
from bot.office import desk_file_of
from bot.settings import load_settings
from complaints.desk_values import wrong_values
from complaints.numbers import same_numbers, say_same
from complaints.policy import LANGUAGES
from complaints.policy_findings import Finding, PolicyRefused, errors_of
from complaints.policy_show import policy_show
from handlers.documents.diagrams import FORMATS, diagram
from storage.desk_file import DeskRefused, load_desk
from storage.policy_files import examine_file, policy_files
from storage.policy_shelf import Version


@click.group()
def policy() -> None:
    """List, check, show, draw, try out policies."""


for one in (new, simulate, diff, migrate):
    policy.add_command(one)


@policy.command("list")
@as_json
def list_(as_json: bool) -> None:
    """List the policies of this desk with the version in force, and the files there are."""
    with opened() as office:
        plan, extra = office.watched.plan(), office.settings.policies
        versions = {v.policy: v for v in office.store.shelf.versions() if v.in_force_since is not None}
        found = [
            {
                "policy": name,
                "in_desk": name in plan.policies,
                "file": str(path),
                "in_force": versions.get(name),
            }
            for name, path in _files(extra).items()
        ]
    rows = [(f["policy"], "yes" if f["in_desk"] else "no", *_version(versions.get(str(f["policy"])))) for f in found]
    show(found, table(("policy", "in this desk", "in force", "since"), rows), as_json=as_json)


def _version(version: Version | None) -> tuple[str | None, str | None]:
    return (version.label, when(version.in_force_since)) if version else (None, None)


def _files(extra: Path | None) -> dict[str, Path]:
    return policy_files(SHIPPED) | (policy_files(extra) if extra else {})


@policy.command()
@click.argument("names", metavar="[ID or FILE]…", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every policy there is, which naming none means too.")
@as_json
def check(names: tuple[str, ...], every: bool, as_json: bool) -> None:
    """Prove that every stage is reached and ends, has an owner, a limit and a ladder, and that the limits fit."""
    files = _files(load_settings().policies)
    found: dict[str, list[Finding]] = {}
    for name in tuple(files) if every else names or tuple(files):
        path = files.get(name, Path(name))
        if not path.is_file():
            raise click.UsageError(f"There is no policy “{name}”. Policies: {', '.join(sorted(files))}.")
        found[path.stem] = examine_file(path)[1]
    lines = [line for name, findings in found.items() for line in _said(name, findings)]
    of_desk = _of_the_desk() if every else []
    show(found, [*lines, *(f"desk: {problem}" for problem in of_desk)], as_json=as_json)
    if of_desk or any(errors_of(findings) for findings in found.values()):
        raise click.exceptions.Exit(1)


def _of_the_desk() -> list[str]:
    """Return what is wrong between the policies of the desk file, each of them right by itself."""
    settings = load_settings()
    try:
        plan = load_desk(desk_file_of(settings)).plan
        bundles = [load_policy_of(name, plan, settings.policies) for name in plan.policies]
    except (DeskRefused, PolicyRefused) as refused:
        return str(refused).splitlines()
    policies = [policy for bundle in bundles for policy in bundle]
    return [*map(say_same, same_numbers(policies, plan.prefixes)), *wrong_values(policies, plan.values)]


def _said(name: str, findings: list[Finding]) -> list[str]:
    wrong = len(errors_of(findings))
    head = f"{name}: {wrong} errors" if wrong else f"{name}: ok"
    return [head, *(f"  {finding.severity}: {finding}" for finding in findings)]


@policy.command("show")
@click.argument("name", metavar="ID or FILE")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@as_json
def show_(name: str, language: str, as_json: bool) -> None:
    """Print a policy in plain sentences, with every default filled in."""
    bundle = bundle_of(name)
    text = policy_show(bundle, language)
    data: dict[str, Any] = {"policy": bundle.id, "label": bundle.label, "bundle": bundle.digest, "text": text}
    show(data, [text], as_json=as_json)


@policy.command("diagram")
@click.argument("name", metavar="ID or FILE")
@click.option("--format", "form", type=click.Choice(FORMATS), default="svg", show_default=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True)
@click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Write to this file.")
@as_json
def diagram_(name: str, form: str, language: str, output: Path | None, as_json: bool) -> None:
    """Draw a policy: SVG to look at, Mermaid for a wiki, BPMN 2.0 for a modeller."""
    text = diagram(bundle_of(name).policy, form, language)
    if output is not None:
        output.write_text(text, "utf-8")
    data = {
        "policy": name,
        "format": form,
        "file": str(output) if output else None,
        "diagram": None if output else text,
    }
    show(data, [f"{output} is written."] if output else [text.rstrip()], as_json=as_json)


@policy.command("coverage")
@as_json
def coverage_(as_json: bool) -> None:
    """Count which clauses and capabilities have a key and a test (docs/coverage.md); on a checkout."""
    found = coverage()
    counts = found.counts()
    is_open = {r.id: [c.id for c in r.clauses if c.is_open] for r in found.regulations}
    unshown = [c.id for c in found.capabilities if not c.tests]
    data = {**counts, "open": {k: v for k, v in is_open.items() if v}, "capabilities_without_test": unshown}
    show(data, _coverage_lines(found, unshown), as_json=as_json)


def _coverage_lines(found: Coverage, unshown: list[str]) -> list[str]:
    rows = [
        (r.id, len(r.clauses), len(r.clauses) - len(r.for_program), sum(c.is_open for c in r.clauses))
        for r in found.regulations
    ]
    counts = found.counts()
    return [
        *table(("regulation", "clauses", "for people", "open"), rows),
        f"{counts['regulations_covered']} of {counts['regulations']} regulations have no open clause; "
        f"{counts['capabilities_with_test']} of {counts['capabilities']} capabilities are shown by a test.",
        *([f"Not shown: {', '.join(unshown)}"] if unshown else []),
    ]
