"""Goal 20: Slack down, or at 429, for ten minutes: clicks count all the same, and the outbox catches up as fast as it may."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from sqlalchemy import create_engine, text

from bot.courier import Courier
from bot.fallbacks import DeskFallback
from bot.pacing import MethodPaces
from bot.slack_out import SlackOut, make_session
from complaints.commands import Decide
from complaints.notices import Notice
from sandbox.client import SandboxClient, Shown
from storage.store import Store, open_store
from tests.bot.fake_outbox import FakeReader, FakeRenderer, inline
from tests.bot.stub_slack import StubSlack
from tests.bot.virtual_time import START, VirtualMachine
from tests.chaos.bots import Bot
from tests.chaos.goals.filled import case_id, make_tables, office_of, open_cases, start_well
from tests.chaos.goals.rows import Asked, Row, Size, stopwatch
from tests.chaos.settle import settle
from tests.chaos.stage import Stage, open_stage
from tests.support.company import a_plan

SIZE = Size(floor=600, ambition=600)
FLOOR, AMBITION = 0.85, 0.95
OUTAGES: dict[str, dict[str, Any]] = {
    "down": {"kind": "error", "method": "*", "status": 503},
    "at 429": {"kind": "ratelimit", "method": "*", "seconds": 30},
}
CHANNELS, PER_SECOND = 12, 1
CASES, STEP_SECONDS = 60, 4.0
"""Each case waits for two people, who decide it by one click each."""
SECONDS_OF_SLACK = 3.0


def run(asked: Asked) -> Iterator[Row]:
    seconds = asked.tries(SIZE)
    for name, fault in OUTAGES.items():
        with open_stage(asked.place(f"outage-{fault['kind']}")) as stage:
            yield clicks(stage, name, fault, seconds, asked)
    for name in OUTAGES:
        yield asyncio.run(_catching_up(name, seconds, asked))


# --- clicks ---------------------------------------------------------------------------------------------------------


def clicks(stage: Stage, name: str, fault: dict[str, Any], seconds: int, asked: Asked) -> Row:
    """Let people confirm stages while Slack answers no call; each click must be committed and acknowledged in time."""
    make_tables(stage)
    open_cases(stage, range(CASES))
    _bring_to_confirmation(stage)
    bot = start_well(stage)
    settle(stage)
    waiting = list(_to_confirm(stage.desk))
    asked.dice.shuffle(waiting)
    with stopwatch() as took:
        stage.desk.fault(**fault)
        told = list(_press_during(stage, waiting, seconds, asked.dice))
        committed = (
            _count(stage, "SELECT count(*) FROM events WHERE kind = 'SeatAnswered' AND actor <> 'URECEPTION1'") - CASES
        )
        stage.desk.clear_faults()
        left = settle(stage)
    _end(bot)
    acknowledged, slowest = sum(ok for ok, _ in told), max(s for _, s in told)
    is_good = acknowledged == committed == len(told) and slowest < SECONDS_OF_SLACK and not any(left.values())
    return Row(
        goal=20, what=f"Slack {name}: clicks", tried=seconds, unit="s of outage", size=SIZE,
        measured={"clicks": len(told), "acknowledged": acknowledged, "committed": committed, "slowest ms": round(1000 * slowest)},
        floor="all commit and ack", ambition="all commit and ack", is_good=is_good, is_best=is_good,
        seconds=took(), seed=asked.seed, more={"left afterwards": sum(left.values())},
    )  # fmt: skip


def _bring_to_confirmation(stage: Stage) -> None:
    with office_of(stage) as office:
        done = [
            office.desk.submit(
                Decide(
                    actor="UDEPARTMENT1", key=f"filled:{n}:handled", case_id=case_id(n), visit=2, decision="approve",
                    fields={"finding": "Made up"},
                )
            )
            for n in range(CASES)
        ]  # fmt: skip
        for future in done:
            future.result(60)


def _to_confirm(desk: SandboxClient) -> Iterator[Shown]:
    """Return the cards that a click decides, each seen by somebody who may."""
    for channel, member in (("CHEADOFFICE", "UHEADOFFICE1"), ("CDEPARTMENT", "UDEPARTMENT2")):
        for message in desk.messages(channel):
            if any(e.get("action_id") == "visit.confirm" for b in message.blocks for e in b.get("elements", ())):
                yield message.seen_by(member)


def _press_during(
    stage: Stage, waiting: list[Shown], seconds: int, dice: random.Random
) -> Iterator[tuple[bool, float]]:
    """Let *seconds* of machine time pass and all of *waiting* be pressed meanwhile; yield whether and when it was taken."""
    steps = max(1, round(seconds / STEP_SECONDS))
    for step in range(steps):
        stage.advance(STEP_SECONDS)
        for message in waiting[step * len(waiting) // steps : (step + 1) * len(waiting) // steps]:
            began = time.monotonic()
            outcome = message.click("visit.confirm")
            yield outcome.ok, time.monotonic() - began
        time.sleep(dice.uniform(0.02, 0.1))


def _end(bot: Bot) -> None:
    if bot.end() != 0:
        raise AssertionError("the bot did not end in order")


def _count(stage: Stage, sql: str) -> int:
    engine = create_engine(stage.database)
    with engine.connect() as core:
        found = int(core.execute(text(sql)).scalar_one())
    engine.dispose()
    return found


# --- catching up ----------------------------------------------------------------------------------------------------


async def _catching_up(name: str, seconds: int, asked: Asked) -> Row:
    """
    Let a message a second be recorded while Slack takes none, and see how long the courier needs for them afterwards.

    The courier, the outbox and the calls are real, on machine time that jumps; Slack is a strict stub (1/s a channel).
    """
    folder = asked.place(f"catching-up-{name.replace(' ', '-')}")
    store = open_store(f"sqlite:///{folder / 'r.sqlite3'}", folder, dict)
    machine = VirtualMachine()
    slack = StubSlack(machine.monotonic)
    await slack.start()
    session = make_session()
    client = slack.client(session)
    machine.is_busy = lambda: client.flying > 0
    fault = "500" if name == "down" else "429 30"
    courier = Courier(
        outbox=store.outbox, renderer=FakeRenderer(), reader=FakeReader(), slack=SlackOut(client, MethodPaces(machine)),
        fallback=DeskFallback(a_plan), clock=machine, machine=machine, call=inline,
    )  # fmt: skip
    with stopwatch() as took, closing(store):
        slack.fault = lambda method, given: fault
        courier.start()
        told: Counter[str] = Counter()
        for second in range(seconds):
            channel = f"C{asked.dice.randrange(CHANNELS)}" if second % 2 else "C0"
            _put_out(store, f"n{second}", channel)
            told[channel] += 1
            courier.wake()
            await machine.pass_(1 / PER_SECOND)
        over, refused = machine.monotonic(), dict(slack.refused_until)
        slack.fault = lambda method, given: None
        taken = await machine.until(lambda: store.trouble.backlog() == {})
        await courier.stop()
    await session.close()
    await slack.stop()
    least = max(max(0.0, refused.get(c, 0.0) - over) + n - 1 for c, n in told.items())
    shown = Counter(message["text"] for message in slack.messages)
    ratio = least / taken
    is_whole = len(shown) == seconds and set(shown.values()) == {1}
    return Row(
        goal=20, what=f"Slack {name}: outbox catches up", tried=seconds, unit="s of outage", size=SIZE,
        measured={"minimum / taken": round(ratio, 3), "missing": seconds - len(shown), "doubled": sum(n - 1 for n in shown.values())},
        floor=f"{FLOOR}", ambition=f"{AMBITION}", is_good=is_whole and ratio >= FLOOR, is_best=is_whole and ratio >= AMBITION,
        seconds=took(), seed=asked.seed,
        more={"taken s": round(taken, 1), "minimum s": round(least, 1), "messages of the fullest channel": max(told.values())},
    )  # fmt: skip


def _put_out(store: Store, number: str, channel: str) -> None:
    told = [Notice(id=number, kind="notice", to=channel)]
    store.record.now(lambda tx: tx.put_out(told, START))
