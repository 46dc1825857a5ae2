"""Small checks that combine into the schema of Block Kit; each reports every fault with its json-pointer."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

Check = Callable[[Any, str, "Report"], None]


@dataclass
class Report:
    """The faults found so far, and what has to be unique across the whole message or view."""

    surface: str = "message"
    faults: list[tuple[str, str]] = field(default_factory=list)
    block_ids: set[str] = field(default_factory=set)
    focused: int = 0
    text_length: int = 0

    def add(self, words: str, pointer: str) -> None:
        self.faults.append((words, pointer))

    def lines(self, root: str = "") -> list[str]:
        return [f"{words} [json-pointer:{root}{pointer}]" for words, pointer in self.faults]


def string(least: int = 0, most: int | None = None, pattern: str | None = None) -> Check:
    expression = re.compile(pattern) if pattern else None

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add("must be a string", pointer)
        elif len(value) < least:
            report.add(f"must be more than {least - 1} characters", pointer)
        elif most is not None and len(value) > most:
            report.add(f"must be less than {most + 1} characters", pointer)
        elif expression and not expression.fullmatch(value):
            report.add("must match the expected format", pointer)

    return check


def boolean(value: Any, pointer: str, report: Report) -> None:
    if not isinstance(value, bool):
        report.add("must be a boolean", pointer)


def integer(least: int, most: int | None = None) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report.add("must be an integer", pointer)
        elif value < least:
            report.add(f"must be more than {least - 1}", pointer)
        elif most is not None and value > most:
            report.add(f"must be less than {most + 1}", pointer)

    return check


def one_of(*choices: str) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if value not in choices:
            report.add(f"value must be one of: {', '.join(choices)}", pointer)

    return check


def anything(value: Any, pointer: str, report: Report) -> None:
    """Accept the value: Slack's own rule for it is not known here."""


def items(each: Check, least: int = 0, most: int | None = None) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, list):
            report.add("must provide an array", pointer)
            return
        if len(value) < least:
            report.add(f"no less than {least} items allowed", pointer)
        if most is not None and len(value) > most:
            report.add(f"no more than {most} items allowed", pointer)
        for number, item in enumerate(value):
            each(item, f"{pointer}/{number}", report)

    return check


def shape(
    required: dict[str, Check],
    optional: dict[str, Check] | None = None,
    *also: Callable[[dict[str, Any], str, Report], None],
) -> Check:
    """Check an object: required and optional fields, no others, then each rule of *also* over the whole."""
    known = required | (optional or {})

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
            return
        for name in required:
            if value.get(name) is None:
                report.add(f"missing required field: {name}", pointer)
        for name, part in value.items():
            if name not in known:
                report.add(f"invalid additional property: {name}", pointer)
            elif part is not None:
                known[name](part, f"{pointer}/{name}", report)
        for rule in also:
            rule(value, pointer, report)

    return check


def typed(kinds: dict[str, Check], allowed: Callable[[Report], Collection[str]] | None = None) -> Check:
    """Check an object by its `type`; *allowed* says which types may stand here."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add("must provide an object", pointer)
            return
        kind = value.get("type")
        if kind is None:
            report.add("missing required field: type", pointer)
        elif kind not in kinds or (allowed is not None and kind not in allowed(report)):
            report.add(f"unsupported type: {kind}", f"{pointer}/type")
        else:
            kinds[kind](value, pointer, report)

    return check


def well_formed(value: Any, *names: str) -> list[dict[str, Any]]:
    """Return the objects in the lists *names* of *value*, leaving out what another check already refuses."""
    found: list[dict[str, Any]] = []
    for name in names:
        part = value.get(name)
        found += [each for each in part if isinstance(each, dict)] if isinstance(part, list) else []
    return found
