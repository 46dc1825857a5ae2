"""The marks of the tests, read as text: nothing of them is run."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any


def marked(folder: Path, marks: Collection[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield each test below *folder* that has one of *marks*, with the mark and what it names: `test_x.py::test_it`."""
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text("utf-8")
        if any(f"mark.{mark}(" in text for mark in marks):
            tree = ast.parse(text)
            names = _taken_over(tree, folder) | _constants(tree)
            for test, mark, words in _marks_in(tree, names, marks):
                yield f"{path.relative_to(folder).as_posix()}::{test}", mark, words


def _constants(tree: ast.Module) -> dict[str, Any]:
    """Return the texts, numbers and rows of them that a module names."""
    return {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and _is_plain(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _taken_over(tree: ast.Module, folder: Path) -> dict[str, Any]:
    """Return the constants that a module takes from others below *folder*, by the names that it gives them."""
    found: dict[str, Any] = {}
    for node in tree.body:
        if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith(f"{folder.name}."):
            continue
        source = folder.parent.joinpath(*(node.module or "").split(".")).with_suffix(".py")
        known = _constants(ast.parse(source.read_text("utf-8"))) if source.exists() else {}
        found |= {alias.asname or alias.name: known[alias.name] for alias in node.names if alias.name in known}
    return found


def _marks_in(
    tree: ast.Module, names: Mapping[str, Any], marks: Collection[str]
) -> Iterator[tuple[str, str, list[str]]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or not node.name.startswith("test_"):
            continue
        for call in node.decorator_list:
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in marks:
                yield node.name, call.func.attr, [w for argument in call.args for w in _words(argument, names)]


def _is_plain(node: ast.expr) -> bool:
    """Say whether a value of the module is a text or number, or a row of them."""
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Tuple | ast.List) and all(map(_is_plain, node.elts)))


def _words(node: ast.expr, names: Mapping[str, Any]) -> list[str]:
    """Return a mark's argument: a text, a constant of its module or one that it takes over, or with a star each of a row; what only a run of the
    test would know counts for nothing."""
    if isinstance(node, ast.Starred):
        row = names.get(node.value.id, ()) if isinstance(node.value, ast.Name) else node.value
        if isinstance(row, ast.expr):
            return [str(w) for w in ast.literal_eval(row)] if _is_plain(row) else []
        return [str(word) for word in row]
    return [str(names.get(node.id, node.id) if isinstance(node, ast.Name) else ast.literal_eval(node))]
