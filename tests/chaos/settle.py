"""Letting everything settle: the load has stopped, a bot runs, and machine time moves until nothing is left to do."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, inspect, text

from tests.chaos.stage import Stage

STEP_SECONDS = 4.0
"""Machine time moves so far at once: what waits for its turn gets it, and a request on its way is not hurried."""
LONG_STEP_SECONDS = 60.0
"""The step when no message waits: a card whose channel was away is tried again ever more rarely."""
REST_SECONDS = 0.2
MOST_SECONDS = 3_600.0
"""A run of a thousand kills leaves some thousand messages and cards, each of which waits for its turn at Slack."""
TELL_SECONDS = 30.0
SILENCE = 3
"""So many looks in a row must find nothing left."""
PATIENT, STUCK, SABOTAGED = 100, 300, 30
"""After so many looks that find the same left, time moves in long steps; after so many, hours later, nothing more will come of it: a
message waits for somebody, like one under a card that the desk officer must first send again. Where a safeguard is broken that is no surprise."""

_LEFT = {
    "messages to send": "SELECT count(*) FROM outbox WHERE state = 'sending' OR (state = 'pending' AND (not_before IS NULL OR not_before <= :now))",
    "stale cards": "SELECT count(*) FROM posted_cards WHERE live = 1 AND shown_seq < wanted_seq",
    "files": "SELECT count(*) FROM case_files WHERE state = 'given' OR (state = 'stored' AND shared = 0)",
    "deadlines due": "SELECT count(*) FROM deadlines WHERE next_at <= :now",
}  # fmt: skip


def waits_for_its_hour(stage: Stage) -> bool:
    """Say whether a message waits for quiet hours to end: the office is closed that day."""
    engine = create_engine(stage.database)
    with engine.connect() as core:
        asked = text("SELECT count(*) FROM outbox WHERE state = 'pending' AND not_before IS NOT NULL")
        found = int(core.execute(asked).scalar_one())
    engine.dispose()
    return found > 0


def bring_due(stage: Stage, most: int = 3) -> int:
    """Move procedure time on, if need be, until up to *most* deadlines are due for a step; return how many are."""
    engine = create_engine(stage.database)
    asked = text("SELECT next_at FROM deadlines WHERE next_at IS NOT NULL ORDER BY next_at LIMIT :most")
    with engine.connect() as core:
        is_made = inspect(core).has_table("deadlines")
        found = [row[0] for row in core.execute(asked, {"most": most})] if is_made else []
    engine.dispose()
    due = [at if isinstance(at, datetime) else datetime.fromisoformat(at) for at in found]
    if due and due[-1] > stage.now():
        stage.desk.set_clock(due[-1].isoformat())
    return len(due)


def to_the_morning(stage: Stage) -> None:
    """Move procedure time to the next working morning as far as the week says; closed days are not known here."""
    local = stage.now().astimezone(ZoneInfo(stage.days.zone))
    morning = (local + timedelta(days=1)).replace(hour=10, minute=0, second=0, microsecond=0)
    while morning.weekday() >= 5:
        morning += timedelta(days=1)
    stage.desk.set_clock(morning.isoformat())


def settle(
    stage: Stage, most_seconds: float = MOST_SECONDS, tell: Callable[[str], None] = lambda line: None
) -> dict[str, int]:
    """
    Move machine time until nothing is left; return what is left all the same after *most_seconds*, or because it does not
    get less (all 0: settled).
    """
    engine = create_engine(stage.database)
    until, silent, same = time.monotonic() + most_seconds, 0, 0
    left: dict[str, int] = {}
    told = time.monotonic()
    stuck = SABOTAGED if stage.sabotage else STUCK
    while silent < SILENCE and same < stuck and time.monotonic() < until:
        time.sleep(REST_SECONDS)
        is_sending = left.get("messages to send", 1) and same < PATIENT
        stage.advance(STEP_SECONDS if is_sending else LONG_STEP_SECONDS)
        at = stage.now().astimezone(UTC)
        now = at if engine.dialect.name == "postgresql" else as_text(at)
        with engine.connect() as core:
            before, left = (
                left,
                {name: int(core.execute(text(sql), {"now": now}).scalar_one()) for name, sql in _LEFT.items()},
            )
        same = same + 1 if left == before else 0
        if time.monotonic() - told > TELL_SECONDS:
            told = time.monotonic()
            tell(f"left: {left}")
        silent = 0 if any(left.values()) else silent + 1
    engine.dispose()
    return left


def as_text(at: datetime) -> str:
    """Return an instant as SQLite keeps it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
