"""Findings: what is wrong in a policy file, where, and what would be right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from complaints.conditions_types import did_you_mean, shortened

Loc = tuple[str | int, ...]
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One finding; *path* is in the words of the file (`routes.main.path[10].when`), *line* counts from 1."""

    severity: Severity
    path: str
    text: str
    suggestion: str = ""
    line: int | None = None
    file: str = ""

    def at(self, file: str, line: int | None) -> Finding:
        """Return this finding with its file and line."""
        return replace(self, file=file, line=line)

    def __str__(self) -> str:
        """Return the finding as one line: file:line  path: text suggestion."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        start = f"{place}  " if place else ""
        path = f"{self.path}: " if self.path else ""
        return f"{start}{path}{self.text}{' ' + self.suggestion if self.suggestion else ''}"


class PolicyRefused(ValueError):
    """A policy that has errors; `findings` lists all of them, warnings too."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        """Hold the findings; the message is one line for each error."""
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in errors_of(self.findings)))


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that refuse a file."""
    return [finding for finding in findings if finding.severity == "error"]


def path_text(loc: Iterable[str | int]) -> str:
    """Return a place as the file's reader writes it: `routes.main.path[10].when`."""
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def unknown_name(name: str, what: str, known: Iterable[str]) -> tuple[str, str]:
    """Return text and suggestion for a name that is not among *known*."""
    names = sorted(known)
    valid = f"{what[0].upper()}{what[1:]}s: {shortened(names)}." if names else f"There is no {what} yet."
    return f'"{name}" is not a {what}.', f"{did_you_mean(name, names).strip()} {valid}".strip()
