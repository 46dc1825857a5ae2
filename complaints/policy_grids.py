"""Checks tables for gaps and overlaps by trying every combination of choices and the bounds of each number."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from complaints.conditions import Condition
from complaints.conditions_types import NUMERIC, WEEKDAYS, Type
from complaints.policy import Policy
from complaints.policy_findings import Finding, path_text
from complaints.policy_tables import Table

MAX_TRIES = 100_000
_STEP = Decimal("0.01")
MINUTES_OF_A_DAY = 24 * 60
_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001 – any week: a table sees only the weekday and the time of its clock
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_MOST_FLAGS = 6


def table_findings(policy: Policy) -> list[Finding]:
    """Return the gaps and overlaps of every table of *policy*, each with an example."""
    return [finding for name, table in policy.tables.items() for finding in _table(policy, name, table)]


def _table(policy: Policy, name: str, table: Table) -> Iterator[Finding]:
    has_else = any(row.is_else for row in table.rows)
    samples = {field: _samples(policy, table, field) for field in sorted(_names(table) - set(policy.values))}
    tries = 1
    for values in samples.values():
        tries *= len(values)
    if tries > MAX_TRIES:
        if not has_else and table.hit != "all":
            text = "too many combinations to prove that one row always fits."
            yield Finding("error", path_text(("tables", name)), text, "Add a last row {else: …}.")
        return
    yield from _try(name, table, samples, has_else)


def _try(name: str, table: Table, samples: dict[str, list[Any]], has_else: bool) -> Iterator[Finding]:
    seen: set[Any] = set()
    for values in itertools.product(*samples.values()):
        facts = dict(zip(samples, values, strict=True))
        hits = [n for n, tests in enumerate(table.tests) if not table.rows[n].is_else and _holds(tests, facts)]
        if not hits and not has_else and table.hit != "all" and "gap" not in seen:
            seen.add("gap")
            yield Finding(
                "error",
                path_text(("tables", name)),
                f"no row fits {_words(facts)}.",
                "Add a row, or a last row {else: …}.",
            )
        pair = tuple(hits[:2])
        if len(hits) > 1 and table.hit == "one" and pair not in seen:
            seen.add(pair)
            yield _overlap(name, table, hits, facts)


def _overlap(name: str, table: Table, hits: list[int], facts: dict[str, Any]) -> Finding:
    first, second = hits[0], hits[1]
    gives = f"{table.rows[first].give}, {table.rows[second].give}"
    text = f"rows {first + 1} and {second + 1} both match {_words(facts)} ({gives})."
    numbers = any(isinstance(value, Decimal) for value in facts.values())
    hint = f"以下 includes the number (D19): write < in row {second + 1}" if numbers else "Tell the rows apart"
    return Finding("error", path_text(("tables", name)), text, f"{hint}, or say hit: highest for an ordered choice.")


def _holds(tests: tuple[Condition, ...], facts: dict[str, Any]) -> bool:
    return all(test.evaluate(facts) is True for test in tests)


def _words(facts: dict[str, Any]) -> str:
    parts = [f"{name} = {_word(value)}" for name, value in facts.items()]
    return " and ".join(parts) or "anything"


def _word(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{WEEKDAYS[value.weekday()]} {value:%H:%M}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(value)}]"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def _names(table: Table) -> set[str]:
    tests = [test for row in table.tests for test in row]
    has_start = any(isinstance(n, ast.Name) and n.id == "start" for test in tests for n in ast.walk(test.tree))
    return {name for test in tests for name in test.names} | ({"start"} if has_start else set())


def _samples(policy: Policy, table: Table, name: str) -> list[Any]:
    """Return values of a name that tell all rows apart: all choices, both answers, and around every bound."""
    if name == "start":
        return _starts(table)
    symbol = policy.symbols.get(name)
    type_ = symbol.type if symbol else Type("text")
    if type_.kind == "yes_no":
        return [True, False]
    if type_.kind == "choice":
        return list(type_.choices or WEEKDAYS)
    if type_.kind == "choices":
        return _flags(type_.choices)
    if type_.kind in NUMERIC:
        return _around(sorted(_bounds(policy, table, name)))
    return [*_texts(table), "…"]


def _starts(table: Table) -> list[datetime]:
    """Return instants of each weekday: midnight, and the minute before, at and after every time that a row names."""
    minutes = {0, MINUTES_OF_A_DAY - 1}
    for text in _texts(table):
        if _TIME.fullmatch(text):
            named = int(text[:2]) * 60 + int(text[3:])
            minutes |= {minute % MINUTES_OF_A_DAY for minute in (named - 1, named, named + 1)}
    return [_MONDAY + timedelta(days=day, minutes=minute) for minute in sorted(minutes) for day in range(7)]


def _flags(choices: tuple[str, ...]) -> list[Any]:
    if len(choices) > _MOST_FLAGS:
        return [(), *((choice,) for choice in choices)]
    sizes = range(len(choices) + 1)
    return [chosen for size in sizes for chosen in itertools.combinations(choices, size)]


def _around(bounds: list[Decimal]) -> list[Decimal]:
    found = {Decimal(0)} if not bounds else {bounds[0] - 1, bounds[-1] + 1}
    for bound in bounds:
        found |= {bound - _STEP, bound, bound + _STEP}
    return sorted(found)


def _bounds(policy: Policy, table: Table, name: str) -> set[Decimal]:
    """Return the numbers with which a name is compared, those of named values too."""
    found: set[Decimal] = set()
    for tests in table.tests:
        for test in tests:
            if name in test.names:
                found |= {number for node in ast.walk(test.tree) for number in _number(policy, node)}
    return found


def _number(policy: Policy, node: ast.AST) -> Iterator[Decimal]:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        yield Decimal(str(node.value))
    if isinstance(node, ast.Name) and node.id in policy.values:
        value = policy.values[node.id].is_
        if isinstance(value, Decimal):
            yield value


def _texts(table: Table) -> list[str]:
    nodes = [node for tests in table.tests for test in tests for node in ast.walk(test.tree)]
    return sorted({node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)})
