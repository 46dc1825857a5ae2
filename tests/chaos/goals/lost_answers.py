"""Goal 16: of many messages some are taken and the answer is lost, others meet 5xx, time-outs and floods of 429."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import create_engine, text

from tests.chaos.audit import Audit
from tests.chaos.goals.filled import make_tables, open_cases, start_well
from tests.chaos.goals.rows import Asked, Row, Size, stopwatch
from tests.chaos.history import History
from tests.chaos.officer import see_to_it
from tests.chaos.settle import settle
from tests.chaos.stage import Stage, open_stage

SIZE = Size(floor=1_000, ambition=10_000)
POSTS = "chat.postMessage"
CUT_OFF_SECONDS = 0.5
"""The bot waits so long for an answer, instead of ten seconds: hundreds of time-outs are real waiting."""
FAULTS = (
    {"kind": "lose_answer", "share": 0.10},
    {"kind": "error", "share": 0.02, "status": 500},
    {"kind": "error", "share": 0.02, "status": 503, "after_work": True},
    {"kind": "delay", "share": 0.01, "seconds": 600, "after_work": True},
    {"kind": "drop", "share": 0.02},
    {"kind": "ratelimit", "share": 0.01, "seconds": 2},
)
MESSAGES_OF_A_CASE = 3
MOST_SECONDS = 3 * 3600.0


def run(asked: Asked) -> Iterator[Row]:
    with open_stage(asked.place("lost-answers"), cut_off=CUT_OFF_SECONDS) as stage, stopwatch() as seconds:
        make_tables(stage)
        cases = -(-asked.tries(SIZE) // MESSAGES_OF_A_CASE)
        open_cases(stage, range(cases))
        for number, fault in enumerate(FAULTS):
            stage.desk.fault(**fault, method=POSTS, seed=asked.seed + number)
        bot = start_well(stage)
        left = settle(stage, MOST_SECONDS, tell=asked.tell)
        used = Counter[str]()
        for fault in stage.desk.get("faults")["faults"]:
            used[_name(fault)] += fault["used"]
        doubts = _doubtful(stage)
        stage.desk.clear_faults()
        if see_to_it(stage):
            left = settle(stage)
        bot.end()
        history = History(stage.folder / "history.jsonl")
        audit = Audit(
            url=stage.database, history=history, state=stage.state(), deliveries=(), now=stage.now(), drawn={}
        )
        found = audit.run()
        history.close()
        shown = _shown(stage)
    for line in found.lines():
        asked.tell(line)
    is_good = not found.notices_lost and not found.notices_twice and not left["messages to send"]
    yield Row(
        goal=16, what="answers lost, 5xx, time-outs", tried=shown, unit="posts", size=SIZE,
        measured={"duplicates": len(found.notices_twice), "missing": len(found.notices_lost) + left["messages to send"]},
        floor="0, 0 of 1,000", ambition="0, 0 of 10,000", is_good=is_good, is_best=is_good,
        seconds=seconds(), seed=asked.seed, more={"faults": dict(used), "settled by the desk officer": doubts},
    )  # fmt: skip


def _name(fault: dict[str, object]) -> str:
    return f"{fault['kind']} {fault['status'] if fault['kind'] == 'error' else ''} {'after the work' if fault['after_work'] else ''}".strip()


def _doubtful(stage: Stage) -> int:
    return _count(stage, "SELECT count(*) FROM outbox WHERE state IN ('failed', 'uncertain')")


def _shown(stage: Stage) -> int:
    return _count(stage, "SELECT count(*) FROM outbox WHERE state = 'sent'")


def _count(stage: Stage, sql: str) -> int:
    engine = create_engine(stage.database)
    with engine.connect() as core:
        found = int(core.execute(text(sql)).scalar_one())
    engine.dispose()
    return found
