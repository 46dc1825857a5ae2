"""Reads the text of a condition into a syntax tree, and refuses what is not in the grammar."""

from __future__ import annotations

import ast
import keyword
import re

from complaints.conditions_types import (
    ConditionError,
)

MAX_LENGTH = 300  # characters
MAX_DEPTH = 12  # nested parts
MAX_DIGITS = 15

_FORBIDDEN = re.compile(r"[\\#\x00-\x1f\x7f;`]|==|!=|:=|\*\*|//|->|&&|\|\|")
_HINTS = {
    "==": "write `is`",
    "!=": "write `is not`",
    "&&": "write `and`",
    "||": "write `or`",
}


def parse_text(text: str) -> ast.expr:
    if not text:
        raise ConditionError("a condition may not be empty")
    if len(text) > MAX_LENGTH:
        raise ConditionError(
            f"a condition has at most {MAX_LENGTH} characters, this one {len(text)}; use a derived field"
        )
    if found := _FORBIDDEN.search(text):
        sign = found.group()
        raise ConditionError(f'"{text}": {sign!r} is not in the grammar; {_HINTS.get(sign, "leave it out")}')
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(f'"{text}" cannot be read{_keyword_hint(text)}') from error
    if _depth(tree) > MAX_DEPTH:
        raise ConditionError(f'"{text}" is nested deeper than {MAX_DEPTH}; use a derived field')
    return tree


def _keyword_hint(text: str) -> str:
    allowed = {"and", "or", "not", "in", "is"}
    words = [word for word in re.findall(r"[A-Za-z_]+", text) if keyword.iskeyword(word) and word not in allowed]
    if words:
        return f'; "{words[0]}" is a reserved word, call the field or choice something else (such as {words[0]}_it)'
    return "; write conditions such as `market is foreign and amount > 10000`"


def _depth(tree: ast.AST) -> int:
    deepest, level = 0, [tree]
    while level:
        deepest += 1
        level = [child for node in level for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
        if deepest > MAX_DEPTH:
            break
    return deepest
