"""The truth about the bot's health: ages and counts, and what of it is not well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.office import Office
from bot.outage import Gate
from reminders.audit import Audit

SOCKET_SECONDS = 60.0
TICK_SECONDS = 60.0
PENDING_SECONDS = 900.0


class Intake(Protocol):
    """The way in: Socket Mode or HTTP."""

    name: str

    def age(self) -> float | None:
        """Return seconds since the way in was last known to work; None while it does not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """
    *socket_age*, *tick_age*, *oldest_pending_age* in seconds of machine time, None where there is nothing to
    tell. *overdue*: deadlines due and not fired. *problems*: what is not well; empty is well.
    """

    transport: str
    is_started: bool
    is_ending: bool = False
    socket_age: float | None
    tick_age: float | None
    set_aside: int
    oldest_pending_age: float | None
    pending: int
    uncertain: int
    failed: int
    overdue: int
    is_stuck: bool
    slack_refuses: str | None
    problems: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Pulse:
    """Takes the pulse. Its questions block: ask in a thread."""

    office: Office
    intake: Intake
    gate: Gate
    audit: Audit
    is_started: Callable[[], bool]
    is_ending: Callable[[], bool] = field(default=lambda: False)
    more_problems: Callable[[], list[str]] = field(default=lambda: [])

    def look(self) -> Health:
        now = self.office.machine.now()
        beat = self.office.store.heartbeats.last("tick")
        backlog = self.office.store.trouble.backlog()
        overdue = self.audit.look(self.office.clock.now(), now)
        pending, since = _of(backlog, "pending", "sending")
        found = Health(
            transport=self.intake.name,
            is_started=self.is_started(),
            is_ending=self.is_ending(),
            socket_age=self.intake.age(),
            tick_age=(now - beat[0]).total_seconds() if beat else None,
            set_aside=int(beat[1].get("set_aside", 0)) if beat else 0,
            oldest_pending_age=max(0.0, (now - since).total_seconds()) if since else None,
            pending=pending,
            uncertain=_of(backlog, "uncertain")[0],
            failed=_of(backlog, "failed")[0],
            overdue=overdue.count,
            is_stuck=overdue.stuck,
            slack_refuses=self.gate.why,
        )
        facts = {k: v for k, v in asdict(found).items() if k != "problems"}
        return Health(**facts, problems=(*_problems(found), *self.more_problems()))

    def is_ready(self) -> bool:
        """Tell whether clicks are taken: started and not ending, the way in works and the record answers."""
        self.office.store.heartbeats.last("tick")
        return self.is_started() and not self.is_ending() and self.intake.age() is not None


def _of(backlog: dict[str, tuple[int, datetime | None]], *states: str) -> tuple[int, datetime | None]:
    found = [backlog[s] for s in states if s in backlog]
    return sum(n for n, _ in found), min((at for _, at in found if at), default=None)


def _problems(health: Health) -> Iterator[str]:
    if not health.is_started:
        yield "the bot is still starting"
    if health.is_ending:
        yield "the bot is ending"
    if health.socket_age is None or health.socket_age > SOCKET_SECONDS:
        yield "nothing comes in from Slack"
    if health.tick_age is None or health.tick_age > TICK_SECONDS:
        yield "the tick does not run"
    if health.is_stuck:
        yield f"{health.overdue} deadlines are due and nothing fires"
    if health.oldest_pending_age is not None and health.oldest_pending_age > PENDING_SECONDS:
        yield "messages wait for more than a quarter of an hour"
    if health.slack_refuses is not None:
        yield f"Slack takes no messages: {health.slack_refuses}"
