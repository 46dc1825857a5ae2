"""What `redress doctor` says of the bots that work on this database, of what waits for them, and of the room they have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.checkup import Finding
from bot.health import LEAST_FREE_BYTES, PENDING_SECONDS, TICK_SECONDS, free_bytes
from bot.office import Office

UNDELIVERED = (
    "the desk officer has a direct message about each, with the button to send it again (or to say that it is there)"
)


def look_at_work(office: Office) -> Iterator[Finding]:
    """Check what a running bot leaves in the database, past its own pages; without one nothing of it is wrong."""
    now = office.machine.now()
    known = office.store.leases.known()
    alive = [lease for lease in known if lease.is_alive(now)]
    yield from _bots(office, now, [lease.said() for lease in alive], [lease.said() for lease in known])
    yield from _messages(office, now, is_running=bool(alive))
    yield _room(office)


def _bots(office: Office, now: datetime, alive: list[str], known: list[str]) -> Iterator[Finding]:
    if not alive:
        todo = f"{known[-1]} did not end in order; see why in its log, and start it again" if known else ""
        yield Finding(about="running bot" if known else "running bot (none)", todo=todo)
        return
    for one in alive:
        yield Finding(about=f"running bot: {one}")
    beat = office.store.heartbeats.last("tick")
    if beat is not None:
        is_late = now - beat[0] > timedelta(seconds=TICK_SECONDS)
        todo = f"it last ran at {beat[0]:%Y-%m-%d %H:%M} UTC; /healthz and the log of the bot say why it does not"
        yield Finding(about="tick, which keeps the deadlines", todo=todo if is_late else "")


def _messages(office: Office, now: datetime, *, is_running: bool) -> Iterator[Finding]:
    backlog = office.store.trouble.backlog()
    waiting = [backlog[state] for state in ("pending", "sending") if state in backlog]
    since = min((at for _, at in waiting if at), default=now)
    is_late = is_running and (now - since).total_seconds() > PENDING_SECONDS
    todo = f"the oldest waits since {since:%Y-%m-%d %H:%M} UTC; /healthz and the log of the bot say why they come back"
    yield Finding(about=f"messages to send ({sum(n for n, _ in waiting)})", todo=todo if is_late else "")
    lost = sum(backlog[state][0] for state in ("failed", "uncertain") if state in backlog)
    yield Finding(about=f"messages that did not arrive, or nobody knows ({lost})", todo=UNDELIVERED if lost else "")


def _room(office: Office) -> Finding:
    free = free_bytes(office.settings.data)
    if free is None:
        return Finding(about="room for REDRESS_DATA (nobody can tell how much)")
    todo = "less than 100 MiB are left; make room" if free < LEAST_FREE_BYTES else ""
    return Finding(about=f"room for REDRESS_DATA ({free // 1024**2} MiB)", todo=todo)
