"""Goal 17: the same click, form, command and event delivered four times to two bots, two of the times at once."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import create_engine, text

from bot.playground import free_port
from sandbox.client import Form, Member, Outcome, SandboxClient, Shown
from tests.chaos.goals.filled import case_id, make_tables, open_cases
from tests.chaos.goals.rows import Asked, Row, Size, stopwatch
from tests.chaos.settle import settle
from tests.chaos.stage import Stage, open_stage

SIZE = Size(floor=25, ambition=100)
TIMES = 4
LOOK_SECONDS = 30.0
APART_SECONDS = 3.0
"""Machine time between two acts: each asks Slack for a form up to four times, and Slack opens a hundred a minute."""
FORMER, CONFIRMER, TALKER, LOGGER = "UDEPARTMENT1", "UHEADOFFICE1", "URECEPTION1", "URECEPTION2"


@dataclass
class Kind:
    """What came of one kind of payload. *told*: how often the person was told that it is done."""

    acts: int = 0
    applied: int = 0
    twice: int = 0
    told: int = 0
    failed: int = 0


@dataclass
class Heard:
    """What the bots answered. *through*: how many went to each of them."""

    through: Counter[str] = field(default_factory=Counter)


def run(asked: Asked) -> Iterator[Row]:
    with open_stage(asked.place("repeated"), db="postgresql") as stage, stopwatch() as seconds:
        make_tables(stage)
        count = asked.tries(SIZE)
        open_cases(stage, range(count))
        bots = [stage.start(port=free_port()) for _ in range(2)]
        if not all(bot.wait_ready() for bot in bots):
            raise AssertionError(f"a bot ended; see {stage.log}")
        settle(stage)
        stage.desk.fault("redeliver", method="*")
        heard = Heard()
        found = {"form": forms(stage, heard)}
        settle(stage)
        found["click"] = clicks(stage, heard)
        found["event"] = events(stage, heard)
        found["command"] = commands(stage, heard, asked, count)
        stage.desk.clear_faults()
        for bot in bots:
            bot.end()
    told = {name: f"{kind.told} of {kind.acts} told" for name, kind in found.items() if name != "event"}
    twice, lost = sum(k.twice for k in found.values()), sum(k.acts - k.applied for k in found.values())
    failed = sum(k.failed for k in found.values())
    is_good = not twice and not lost and not failed and all(k.acts >= count for k in found.values())
    silent = sum(k.acts - k.told for name, k in found.items() if name != "event")
    yield Row(
        goal=17, what="click, form, command, event 4 times, 2 bots", tried=count, unit="of each", size=SIZE,
        measured={"applied twice": twice, "not applied": lost, "answered with a fault": failed, "not told": silent},
        floor="applied once", ambition="applied once, and the user told so", is_good=is_good,
        is_best=is_good and not silent and len(heard.through) == 2, seconds=seconds(), seed=asked.seed,
        more={"deliveries through": dict(heard.through), **told},
    )  # fmt: skip


def forms(stage: Stage, heard: Heard) -> Kind:
    """Decide a stage with its form; the form closes, or a notice on it says that the stage is done, and by whom."""
    kind = Kind()
    for message in _cards(stage.desk, "CDEPARTMENT", FORMER, "visit.main"):
        form = message.click("visit.main").view()
        form.fill("field.finding", "Made up")
        sent = form.now().submit()
        kind.acts += 1
        kind.told += _is_told(sent, form.member)
        kind.failed += _four_times(stage, sent, heard)
    _count(kind, stage, "SELECT log_id FROM events WHERE kind = 'SeatAnswered' AND actor = :actor", FORMER)
    return kind


def _is_told(sent: Outcome, member: Member) -> bool:
    top = member.view_now()
    if sent.get("response_action") == "clear":
        return top is None
    said = "" if top is None else Form(member, top).words
    return "is done" in said and f"<@{member.id}>" in said


def clicks(stage: Stage, heard: Heard) -> Kind:
    """Confirm a stage by a click; a whisper says of the repetitions that the answer is recorded."""
    kind = Kind()
    for message in _cards(stage.desk, "CHEADOFFICE", CONFIRMER, "visit.confirm"):
        assert message.member is not None
        before = len(message.member.ephemerals())
        clicked = message.click("visit.confirm")
        kind.acts += 1
        kind.failed += _four_times(stage, clicked, heard)
        whispers = message.member.ephemerals()[before:]
        kind.told += any("already" in w.words or "is done" in w.words for w in whispers)
    _count(kind, stage, "SELECT log_id FROM events WHERE kind = 'SeatAnswered' AND actor = :actor", CONFIRMER)
    return kind


def _heard_since(stage: Stage, before: int) -> list[dict[str, Any]]:
    return stage.desk.deliveries("events_api")[before:]


def events(stage: Stage, heard: Heard) -> Kind:
    """Say something in a thread. Slack waits for no answer but that it arrived, and so does nobody."""
    kind, member = Kind(), stage.desk.as_member(TALKER)
    for message in _cards(stage.desk, "CRECEPTION", TALKER, "case.urge"):
        before = len(stage.desk.deliveries("events_api"))
        member.say(message.channel, "The customer called", message)
        told = stage.desk.wait_for(partial(_heard_since, stage, before), LOOK_SECONDS, "the event")
        kind.acts += 1
        kind.failed += _four_times(stage, Outcome(member, {"delivery": told[0]["seq"]}), heard)
    _count(kind, stage, "SELECT log_id FROM events WHERE kind = 'NoteAdded' AND actor = :actor", TALKER)
    return kind


def commands(stage: Stage, heard: Heard, asked: Asked, count: int) -> Kind:
    """Log a complaint: the command opens one form, which is sent four times as well and closes."""
    kind, member = Kind(), stage.desk.as_member(LOGGER)
    for number in range(count):
        typed = member.command("/complaint", f"Typed, number {number}")
        form = typed.view()
        kind.failed += _four_times(stage, typed, heard)
        form.fill("field.customer", "C-0001")
        sent = form.now().submit()
        kind.acts += 1
        if sent.get("response_action") == "clear":
            kind.told += 1
        else:
            asked.tell(f"not told: {sent}, {member.view_now()}")
        kind.failed += _four_times(stage, sent, heard)
        if member.view_now() is not None:
            member.act("view/close", all=True)
    said = [
        json.loads(fields)["fields"]
        for (fields,) in _rows(stage, "SELECT body FROM events WHERE kind = 'FieldsSet' AND actor = :actor", LOGGER)
    ]
    opened = len(said)
    kind.applied, kind.twice = min(opened, kind.acts), max(0, opened - kind.acts)
    return kind


# --- the four times -------------------------------------------------------------------------------------------------


def _four_times(stage: Stage, outcome: Outcome, heard: Heard) -> int:
    """Let a payload that was delivered (twice at once, as the standing fault has it) come to four; return the faults."""
    seq = int(outcome["delivery"])
    for times in range(2, TIMES):
        _delivered(stage.desk, seq, times)
        stage.desk.redeliver(seq)
    attempts = _delivered(stage.desk, seq, TIMES)["attempts"]
    stage.advance(APART_SECONDS)
    heard.through.update(a["via"] for a in attempts)
    return sum(bool(a["problem"]) for a in attempts)


def _delivered(desk: SandboxClient, seq: int, times: int) -> dict[str, Any]:
    """Return the delivery when *times* attempts were answered."""

    def look() -> dict[str, Any] | None:
        [found, *_] = desk.deliveries(after=seq - 1)
        return found if sum(a["took_ms"] is not None for a in found["attempts"]) >= times else None

    ends = time.monotonic() + LOOK_SECONDS
    while (found := look()) is None:
        if time.monotonic() > ends:
            raise AssertionError(f"delivery {seq} was not answered {times} times")
        time.sleep(0.01)
    return found


def _cards(desk: SandboxClient, channel: str, member: str, action: str) -> Iterator[Shown]:
    for message in desk.messages(channel):
        if any(e.get("action_id") == action for b in message.blocks for e in b.get("elements", ())):
            yield message.seen_by(member)


def _count(kind: Kind, stage: Stage, sql: str, actor: str) -> None:
    found = Counter(log for (log,) in _rows(stage, sql, actor))
    assert all(log.startswith(case_id(0)[:1]) for log in found)
    kind.applied, kind.twice = len(found), sum(n - 1 for n in found.values())


def _rows(stage: Stage, sql: str, actor: str) -> list[Any]:
    engine = create_engine(stage.database)
    with engine.connect() as core:
        found = list(core.execute(text(sql), {"actor": actor}))
    engine.dispose()
    return found
