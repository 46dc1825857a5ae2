"""What is shown at the end: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure

HEADS = ("goal", "what", "measured", "spread", "reference", "ratio", "floor", "ambition", "reached", "load")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a table in Markdown, with the notes below it."""
    rows = [HEADS, *(_row(f) for f in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADS))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    notes = [f"- {f.goal}: {f.note}" for f in figures if f.note]
    return "\n".join([*lines, "", *notes])


def _row(figure: Figure) -> tuple[str, ...]:
    if figure.value is None:
        return (figure.goal, figure.what, "not measured", *[""] * 7)
    return (
        figure.goal, figure.what, number(figure.value, figure.unit), _spread(figure), _reference(figure),
        f"{figure.ratio:.2f}" if figure.ratio is not None else "", _limit(figure, "floor"),
        _limit(figure, "ambition"), figure.reached, "" if figure.load is None else f"{figure.load:.1f}",
    )  # fmt: skip


def number(value: float, unit: str = "") -> str:
    """Return a number with three significant digits, and its unit."""
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{text} {unit}".strip()


def _spread(figure: Figure) -> str:
    if figure.spread is None:
        return ""
    return " – ".join(number(x) for x in figure.spread)


def _reference(figure: Figure) -> str:
    if figure.reference is None:
        return ""
    return f"{number(figure.reference, figure.unit)} ({figure.against})"


def _limit(figure: Figure, name: str) -> str:
    if figure.target is None:
        return ""
    sign = "≤" if figure.target.less else "≥"
    return f"{sign} {number(getattr(figure.target, name), figure.target.unit)}"


def write_json(path: Path, machine: dict[str, Any], figures: Sequence[Figure]) -> None:
    found = {"machine": machine, "figures": [f.as_json() for f in figures]}
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
