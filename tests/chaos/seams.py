"""
Where a bot of the harness differs from an ordinary one. It is put in from outside: the program itself knows nothing of it.

`install(plan)` wraps a few functions of the loaded program: to die at a chosen point, to let machine time be moved, and
to break one safeguard on purpose, so that the audit can be seen to find it.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import resource
import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

SLICE_SECONDS = 0.1
"""A sleeper looks so often whether machine time was moved."""

TICK = "during tick"
POINTS = (
    "before commit", "after commit", "after claim", "before post", "after post", "before update", "after update", TICK,
    "before ack",
)  # fmt: skip
MIGRATION = "during migration"
SABOTAGES = ("outbox", "claim", "healing")


def install(plan: dict[str, Any]) -> None:
    """Change the loaded program. *plan*: `ahead` (file), `full` (file), `die` ([point, which time]), `sabotage`, `cut_off` (seconds)."""
    if plan.get("ahead"):
        _move_machine_time(Path(plan["ahead"]))
    if plan.get("full"):
        _fill_the_disk_while(Path(plan["full"]))
    if plan.get("cut_off"):
        _wait_for_slack(plan["cut_off"])
    if plan.get("die"):
        point, times = plan["die"]
        _DEATHS[point](_Fuse(times))
    if plan.get("sabotage"):  # around the chosen points: what is broken on purpose happens before a death
        _SABOTAGES[plan["sabotage"]]()


class _Fuse:
    """Kills the process the *times*-th time that it is lit, as the kernel would: nothing runs after it."""

    def __init__(self, times: int) -> None:
        self._left = times

    def light(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)


# --- chosen points --------------------------------------------------------------------------------------------


def _around(owner: Any, name: str, *, before: Callable[[], None] | None = None, after: Callable[[Any], None] | None = None) -> None:  # fmt: skip
    """Wrap a method (plain or async): *before* it, and *after* it with what it returned."""
    original = getattr(owner, name)

    def plain(*args: Any, **more: Any) -> Any:
        if before:
            before()
        result = original(*args, **more)
        if after:
            after(result)
        return result

    async def later(*args: Any, **more: Any) -> Any:
        if before:
            before()
        result = await original(*args, **more)
        if after:
            after(result)
        return result

    setattr(owner, name, later if asyncio.iscoroutinefunction(original) else plain)


def _commit(fuse: _Fuse, *, before: bool) -> None:
    from storage.wire import Wire

    if before:
        _around(Wire, "commit", before=fuse.light)
    else:
        _around(Wire, "commit", after=lambda _: fuse.light())


def _claim(fuse: _Fuse) -> None:
    from storage.outbox import StoredOutbox

    _around(StoredOutbox, "claim", after=lambda rows: fuse.light() if rows else None)


def _slack(fuse: _Fuse, method: str, *, before: bool) -> None:
    from bot.slack_out import SlackOut

    if before:
        _around(SlackOut, method, before=fuse.light)
    else:
        _around(SlackOut, method, after=lambda _: fuse.light())


def _tick(fuse: _Fuse) -> None:
    from complaints.desk import Desk

    _around(Desk, "reach", after=lambda _: fuse.light())


def _ack(fuse: _Fuse) -> None:
    """What the person did is recorded, and nobody says so any more."""
    from handlers.turns import Turn

    _around(Turn, "submit", after=lambda _: fuse.light())


def _migration(fuse: _Fuse) -> None:
    from sqlalchemy import Engine, event

    from storage import upgrade

    original = upgrade.upgrade

    def upgrade_and_die(engine: Engine, to: str = "head") -> None:
        event.listen(engine, "after_cursor_execute", lambda *_: fuse.light())
        original(engine, to)

    upgrade.upgrade = upgrade_and_die


_DEATHS: dict[str, Callable[[_Fuse], None]] = {
    "before commit": lambda fuse: _commit(fuse, before=True),
    "after commit": lambda fuse: _commit(fuse, before=False),
    "after claim": _claim,
    "before post": lambda fuse: _slack(fuse, "post", before=True),
    "after post": lambda fuse: _slack(fuse, "post", before=False),
    "before update": lambda fuse: _slack(fuse, "update", before=True),
    "after update": lambda fuse: _slack(fuse, "update", before=False),
    TICK: _tick,
    "before ack": _ack,
    MIGRATION: _migration,
}

# --- machine time ---------------------------------------------------------------------------------------------


def _move_machine_time(file: Path) -> None:
    """Let machine time be as far ahead as *file* says, in seconds: pacing, leases and pauses pass as on the sandbox's."""
    from bot.times import SystemMachine
    from storage import notice_book

    ahead = _Ahead(file)

    def now(*_: Any) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead())

    async def sleep(_: SystemMachine, seconds: float) -> None:
        until = time.monotonic() + ahead() + seconds
        while (left := until - time.monotonic() - ahead()) > 0:
            await asyncio.sleep(min(left, SLICE_SECONDS))
        await asyncio.sleep(0)

    SystemMachine.now = now
    SystemMachine.monotonic = lambda _: time.monotonic() + ahead()
    SystemMachine.sleep = sleep
    notice_book.machine_now = now


class _Ahead:
    """The seconds in a file, looked at whenever they are asked for: what was moved a moment ago counts already."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __call__(self) -> float:
        return float(self._file.read_text())


def _wait_for_slack(seconds: float) -> None:
    """Let calls to Slack be cut off after *seconds* instead of ten."""
    from bot import slack_out

    slack_out.TIMEOUT_SECONDS = seconds


# --- a full disk ----------------------------------------------------------------------------------------------


def _fill_the_disk_while(flag: Path) -> None:
    """While the file *flag* exists nothing can be written to any file."""

    def look() -> None:
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        while True:
            limit = 0 if flag.exists() else hard
            if resource.getrlimit(resource.RLIMIT_FSIZE)[0] != limit:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
            time.sleep(SLICE_SECONDS / 4)

    threading.Thread(target=look, name="disk", daemon=True).start()


# --- sabotage -------------------------------------------------------------------------------------------------


def _break_outbox() -> None:
    """Mark a message as sent before it is posted, as a program does that wants to be quick: a kill then loses it."""
    from sqlalchemy import text

    from bot.messages import MessageJob
    from bot.slack_out import SlackOut

    sending: contextvars.ContextVar[Any] = contextvars.ContextVar("sending")
    send, post = MessageJob.send, SlackOut.post

    async def marked(state: str) -> None:
        job = sending.get()
        change = text("UPDATE outbox SET state = :state WHERE id = :id")
        given = {"state": state, "id": job.row.id}
        await job._d.call(job._d.outbox._record.now, lambda tx: tx.wire.core.execute(change, given))

    async def send_marked(self: MessageJob) -> None:
        sending.set(self)
        await send(self)

    async def post_marked(self: SlackOut, *args: Any, **more: Any) -> Any:
        await marked("sent")
        try:
            return await post(self, *args, **more)
        finally:
            await marked("sending")

    MessageJob.send = send_marked
    SlackOut.post = post_marked


def _break_claim() -> None:
    """Send what a dead courier may have sent already without looking for it."""
    from bot.doubts import Doubts

    async def settle(self: Any, row: Any, claimed: float) -> None:
        await self._d.call(self._d.outbox.retry, row, at=self._d.machine.now(), error="sabotage", counts=True)

    Doubts._settle = settle


def _break_healing() -> None:
    """Note a card as rewritten without rewriting it."""
    from bot.slack_out import SlackOut

    async def update(*_: Any, **__: Any) -> None:
        return None

    SlackOut.update = update


_SABOTAGES: dict[str, Callable[[], None]] = {
    "outbox": _break_outbox,
    "claim": _break_claim,
    "healing": _break_healing,
}
