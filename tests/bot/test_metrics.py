"""The figures are those that docs/operations.md names, and nothing of them is told that is not known."""

from __future__ import annotations

import re
from pathlib import Path

from prometheus_client import generate_latest

from bot.delivery import Figures
from bot.metrics import Metrics, Registry
from tests.bot.test_health import WELL

WAITING = {"oldest_pending_age": 4.0, "stale_cards": 1, "stale_cards_age": 4.0}
DOCS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def published(**more: object) -> dict[str, float]:
    from dataclasses import replace

    registry = Registry()
    registry.register(Metrics(lambda: replace(WELL, **more), Figures(posted=3)))
    registry.answered("click", "done", 0.02)
    lines = [line.rsplit(" ", 1) for line in generate_latest(registry).decode().splitlines() if line[0] != "#"]
    return {name: float(value) for name, value in lines}


def test_every_figure_is_documented_and_every_documented_figure_is_there() -> None:
    named = set(re.findall(r"`(redress_\w+)", DOCS.read_text("utf-8")))
    ours = {re.sub(r"(_bucket|_sum|_count|_created)?(\{.*)?$", "", name) for name in published(**WAITING)}

    assert {n for n in ours if n.startswith("redress_")} == named


def test_what_is_not_known_is_left_out_rather_than_said_to_be_nought() -> None:
    found = published(socket_age=None, tick_age=None)

    assert "redress_socket_age_seconds" not in found
    assert "redress_tick_age_seconds" not in found
    assert found["redress_intake_open"] == 0
    assert found["redress_courier_posted_total"] == 3
    assert found['redress_answer_seconds_bucket{kind="click",le="0.025",outcome="done"}'] == 1
