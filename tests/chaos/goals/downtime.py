"""Goal 18: deadlines that fall due while no bot runs, for an hour or for a year."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import create_engine, text

from tests.chaos.goals.filled import make_tables, open_cases, start_well
from tests.chaos.goals.rows import Asked, Row, Size, stopwatch
from tests.chaos.stage import Stage, open_stage

SIZE = Size(floor=100, ambition=1_000)
LENGTHS = (timedelta(hours=2), timedelta(days=1), timedelta(days=3), timedelta(days=14), timedelta(days=365))
LATE = timedelta(hours=1)
BEFORE = timedelta(minutes=1)
"""The last bot ends so long before the first step falls due."""
MOST_SECONDS = 300.0
Due = tuple[str, int, str]


def run(asked: Asked) -> Iterator[Row]:
    for length in LENGTHS:
        with open_stage(asked.place(f"downtime-{length.total_seconds():.0f}")) as stage:
            yield after(stage, length, asked)


def after(stage: Stage, length: timedelta, asked: Asked) -> Row:
    """Let some cases run, keep the desk without a bot for *length*, and see what the next bot makes of what fell due."""
    make_tables(stage)
    open_cases(stage, range(asked.tries(SIZE)))
    with stopwatch() as seconds:
        stage.desk.set_clock((_first_due(stage) - BEFORE).isoformat())
        stage.desk.advance_clock(length.total_seconds())
        due = {of: at for of, at in _open_steps(stage).items() if at <= stage.now()}
        began = time.monotonic()
        bot = start_well(stage)
        caught_up = _wait_for(stage, due, began)
        bot.end()
        ended = _ended(stage)
        deadlines = {of[:2] for of in due}
        fired = {of[:2] for of, (kind, _) in ended.items() if of in due and kind == "StepFired"}
        left = [of for of in due if of not in ended]
        unmarked = [
            of for of, (kind, is_late) in ended.items()
            if of in due and kind == "StepFired" and stage.now() - due[of] > LATE and not is_late
        ]  # fmt: skip
        share = len(fired) / len(deadlines) if deadlines else 0.0
    is_good = share == 1.0 and not left
    return Row(
        goal=18, what=f"down for {length}", tried=len(deadlines), unit="deadlines due", size=SIZE,
        measured={"fired / due": share, "steps left": len(left), "not marked late": len(unmarked), "caught up after s": round(caught_up, 1)},
        floor="1.0, late by at most one sweep after start", ambition="1.0, marked late",
        is_good=is_good, is_best=is_good and not unmarked, seconds=seconds(), seed=asked.seed,
        more={"steps due": len(due), "superseded": sum(kind == "StepSuperseded" for of, (kind, _) in ended.items() if of in due)},
    )  # fmt: skip


def _first_due(stage: Stage) -> datetime:
    return min(_open_steps(stage).values())


def _open_steps(stage: Stage) -> dict[Due, datetime]:
    """Return the steps that wait, with their instants, from the log itself."""
    found: dict[Due, datetime] = {}
    for log, kind, body in _events(stage):
        if kind == "DeadlineEnded":
            found = {of: at for of, at in found.items() if of[:2] != (log, body["deadline"])}
        elif kind in ("DeadlineSet", "DeadlineMoved"):
            found |= {(log, body["deadline"], s["id"]): datetime.fromisoformat(s["send_at"]) for s in body["steps"]}
    return found


def _ended(stage: Stage) -> dict[Due, tuple[str, bool]]:
    found: dict[Due, tuple[str, bool]] = {}
    for log, kind, body in _events(stage):
        if kind in ("StepFired", "StepSuperseded"):
            of = (log, body["deadline"], body["step"])
            if of in found:
                raise AssertionError(f"{of} ended twice")
            found[of] = (kind, bool(body.get("late")))
    return found


def _wait_for(stage: Stage, due: dict[Due, datetime], began: float) -> float:
    """Return the seconds from *began* until the last of *due* has ended."""
    while time.monotonic() < began + MOST_SECONDS:
        if not due.keys() - _ended(stage).keys():
            break
        time.sleep(0.1)
    return time.monotonic() - began


def _events(stage: Stage) -> Iterator[tuple[str, str, dict[str, Any]]]:
    engine = create_engine(stage.database)
    asked = "SELECT log_id, kind, body FROM events WHERE kind IN ('DeadlineSet', 'DeadlineMoved', 'DeadlineEnded', 'StepFired', 'StepSuperseded') ORDER BY log_id, seq"
    with engine.connect() as core:
        rows = core.execute(text(asked)).all()
    engine.dispose()
    yield from ((log, kind, json.loads(body)) for log, kind, body in rows)
