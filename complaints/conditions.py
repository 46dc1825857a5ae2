"""
Conditions: a small language of yes and no over the fields of a case, read with care and never run as code.

`market is foreign and not human_negligence`, `10000 < amount <= 50000`, `kind in [goods_return, rework]`. A value that nobody
has filled yet is unknown, and unknown is not no (Kleene's three values). Numbers are decimals. What is not in the grammar
is refused when the file is read: attributes, calls of anything else, text building, powers, loops.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from complaints.conditions_meaning import Compiler
from complaints.conditions_syntax import MAX_DEPTH, MAX_LENGTH, parse_text
from complaints.conditions_types import (
    ConditionError,
    Facts,
    Getter,
    Symbol,
    Symbols,
    Type,
)


class Expression:
    """A text of the grammar: its syntax is read at once, its names when the whole policy is known (`bind`)."""

    __slots__ = ("_get", "_reads", "names", "text", "tree", "type")

    def __init__(self, text: str) -> None:
        """Read *text*; ConditionError says what is not in the grammar."""
        self.text = " ".join(text.split())
        self.tree = parse_text(self.text)
        self.names = frozenset(n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name))
        self._reads: Callable[[], frozenset[str]] = frozenset
        self.type: Type | None = None
        self._get: Getter | None = None

    def bind(self, symbols: Symbols) -> None:
        """Resolve the names among *symbols* and check the types; ConditionError says what does not fit."""
        compiler = Compiler(self.text, symbols)
        self._get, self.type = compiler.compile(self.tree)
        self.names = frozenset(compiler.used)
        self._reads = lambda: frozenset().union(*(compiler.reads(name) for name in compiler.used))

    @property
    def reads(self) -> frozenset[str]:
        """Return the fields that it reads in the end, derived ones and tables resolved."""
        return self._reads()

    def value(self, facts: Facts) -> Any:
        """Return the value for *facts*, or None when a value that it needs is unknown."""
        if self._get is None:
            raise ConditionError(f'"{self.text}" was never bound to the fields of a policy')
        return self._get(facts)

    def __eq__(self, other: object) -> bool:
        """Two expressions are the same when their words are."""
        return isinstance(other, Expression) and type(self) is type(other) and self.text == other.text

    def __hash__(self) -> int:
        """Hash by the words."""
        return hash(self.text)

    def __str__(self) -> str:
        """Return the words as they stand in the file."""
        return self.text

    def __repr__(self) -> str:
        """Return the words, with the class."""
        return f"{type(self).__name__}({self.text!r})"


class Condition(Expression):
    """An expression whose answer is yes, no or unknown."""

    __slots__ = ()

    def bind(self, symbols: Symbols) -> None:
        """Resolve the names, and refuse what is not a yes or no."""
        alone = self.tree.id if isinstance(self.tree, ast.Name) else "true"
        if alone not in ("true", "false") and alone not in symbols:
            raise symbols.unknown(alone, "yes_no")
        super().bind(symbols)
        if self.type is None or self.type.kind != "yes_no":
            raise ConditionError(f'"{self.text}" is {self.type}, not a yes or no; compare it with something')

    def evaluate(self, facts: Facts) -> bool | None:
        """Return True, False, or None for unknown."""
        answer = self.value(facts)
        return None if answer is None else bool(answer)


def parse_condition(raw: object) -> Condition:
    """Return the condition written as text, or as plain true/false."""
    if isinstance(raw, Condition):
        return raw
    return Condition(_as_text(raw))


def parse_expression(raw: object) -> Expression:
    """Return the expression written as text, number or true/false."""
    if isinstance(raw, Expression):
        return raw
    return Expression(_as_text(raw))


def _as_text(raw: object) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str | int | Decimal):
        return str(raw)
    raise ConditionError(f"{raw!r} is not a condition; quote it when it has brackets, commas or a colon")


__all__ = [
    "MAX_DEPTH",
    "MAX_LENGTH",
    "Condition",
    "ConditionError",
    "Expression",
    "Facts",
    "Symbol",
    "Symbols",
    "Type",
    "parse_condition",
    "parse_expression",
]
