"""The truth about the bot's health: ages and counts, what of it is not well, and what to do about it."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import structlog

from bot.office import Office
from bot.outage import Gate
from reminders.audit import Audit
from storage.faults import named, remedy

log = structlog.get_logger(__name__)

T = TypeVar("T")

SOCKET_SECONDS = 60.0
TICK_SECONDS, FAILING_SECONDS = 60.0, 15.0
"""A tick that is silent may be a long one; one that failed last and has not been well since is known to be ill earlier."""
COURIER_SECONDS = 60.0
PENDING_SECONDS = STALE_SECONDS = 900.0
ANSWER_SECONDS = 3.0
"""How long the pages wait for the database: it may hang, they may not."""
LEAST_FREE_BYTES = 100 * 1024 * 1024


class Intake(Protocol):
    """The way in: Socket Mode or HTTP."""

    name: str

    def age(self) -> float | None:
        """Return seconds since the way in was last known to work; None while it does not."""


class Ticking(Protocol):
    """The tick of this process (`reminders.clock.TickClock`)."""

    @property
    def last_at(self) -> float | None: ...

    @property
    def failure(self) -> Exception | None: ...


class Looking(Protocol):
    """The outbox, which the courier asks every second (`storage.outbox.StoredOutbox`)."""

    @property
    def looked_at(self) -> float | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Health:
    """
    *socket_age*, *tick_age*, *courier_age* (since it last looked for messages), *oldest_pending_age* in seconds of machine time,
    None where there is nothing to tell. *overdue*: deadlines due and not fired. What the record tells is None while it
    does not answer, and *record_fault* says why. *record_moved*: SQLite's file is not where it was. *stale_cards* show an older state than the record has; *stale_cards_age*: how
    long one has, as far as it was looked at and Slack answered. *free_bytes*: on the disk. *problems*: what is not well; empty is well.
    """

    transport: str
    is_started: bool
    is_ending: bool = False
    socket_age: float | None
    tick_age: float | None
    tick_fault: str | None = None
    courier_age: float | None = None
    record_fault: str | None = None
    record_moved: bool = False
    free_bytes: int | None = None
    set_aside: int | None
    oldest_pending_age: float | None
    stale_cards: int | None = None
    stale_cards_age: float | None = None
    pending: int | None
    uncertain: int | None
    failed: int | None
    overdue: int | None
    is_stuck: bool | None
    slack_refuses: str | None
    problems: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class Pulse:
    """Takes the pulse. Its questions block, no longer than `ANSWER_SECONDS`: ask in a thread."""

    office: Office
    intake: Intake
    gate: Gate
    audit: Audit
    ticks: Ticking
    outbox: Looking
    is_started: Callable[[], bool]
    is_ending: Callable[[], bool] = field(default=lambda: False)
    more_problems: Callable[[], list[str]] = field(default=lambda: [])
    _record: Patient[dict[str, Any]] = field(init=False)
    _behind: Behind = field(default_factory=lambda: Behind())
    _began_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._record = Patient(self._recorded)
        self._file = self._file_now()

    def look(self) -> Health:
        facts, fault = self._ask()
        found = Health(
            transport=self.intake.name,
            is_started=self.is_started(),
            is_ending=self.is_ending(),
            socket_age=self.intake.age(),
            tick_age=self._tick_age(),
            tick_fault=_said(self.ticks.failure),
            courier_age=self._courier_age(),
            record_fault=fault,
            record_moved=self._file_now() != self._file,
            free_bytes=free_bytes(self.office.settings.data),
            slack_refuses=self.gate.why,
            **facts,
        )
        return replace(found, problems=(*_problems(found), *self.more_problems()))

    def is_ready(self) -> bool:
        """Tell whether clicks are taken: started and not ending, the way in works and the record answers."""
        answers = self._ask()[1] is None
        return answers and self.is_started() and not self.is_ending() and self.intake.age() is not None

    def _ask(self) -> tuple[dict[str, Any], str | None]:
        """Return what the record tells, or why it does not."""
        try:
            return self._record.ask(ANSWER_SECONDS), None
        except TimeoutError:
            return dict(NOTHING_TOLD), f"no answer for {self._record.waiting():.0f} s: {HANGS}"
        except Exception as error:
            log.warning("the record could not be asked about health", exc_info=error)
            return dict(NOTHING_TOLD), _said(error)

    def _recorded(self) -> dict[str, Any]:
        now, store = self.office.machine.now(), self.office.store
        beat, backlog = store.heartbeats.last("tick"), store.trouble.backlog()
        overdue = self.audit.look(self.office.clock.now(), now)
        stale, first = store.trouble.cards_behind()
        waiting = [backlog[s] for s in ("pending", "sending") if s in backlog]
        since = min((at for _, at in waiting if at), default=None)
        return {
            "set_aside": int(beat[1].get("set_aside", 0)) if beat else 0,
            "oldest_pending_age": max(0.0, (now - since).total_seconds()) if since else None,
            "stale_cards": stale,
            "stale_cards_age": self._stale_cards_age(first),
            "pending": sum(count for count, _ in waiting),
            "uncertain": backlog["uncertain"][0] if "uncertain" in backlog else 0,
            "failed": backlog["failed"][0] if "failed" in backlog else 0,
            "overdue": overdue.count,
            "is_stuck": overdue.stuck,
        }

    def _file_now(self) -> tuple[int, int] | None:
        """Return which file stands where SQLite's is opened; None for none. One that was moved away or deleted takes writes all the same."""
        engines = self.office.store.engines
        try:
            found = os.stat(engines.write.url.database or "") if engines.is_sqlite else None
        except OSError:
            return None
        return (found.st_dev, found.st_ino) if found is not None else None

    def _stale_cards_age(self, cards: Iterable[tuple[int, int, str]]) -> float | None:
        """Return how long a card has been behind. One in a channel that the desk uses no more may stay so: it was archived for good."""
        plan = self.office.watched.plan()
        ours = {plan.fallback_channel, *(role.channel for role in plan.roles.values())}
        used = [(card, state) for card, state, channel in cards if channel.startswith("D") or channel in ours]
        return self._behind.look(used, time.monotonic(), self.gate.opened_at if self.gate.is_open else None)

    def _tick_age(self) -> float | None:
        last = self.ticks.last_at
        return None if last is None else self.office.machine.monotonic() - last

    def _courier_age(self) -> float | None:
        """Return how long the courier has not looked for messages; None while it must not, for Slack takes none."""
        if not self.gate.is_open:
            return None
        return time.monotonic() - max(self.outbox.looked_at or self._began_at, self.gate.opened_at)


NOTHING_TOLD: dict[str, Any] = dict.fromkeys(
    (
        "set_aside",
        "oldest_pending_age",
        "stale_cards",
        "stale_cards_age",
        "pending",
        "uncertain",
        "failed",
        "overdue",
        "is_stuck",
    )
)
HANGS = "it hangs, or the network to it does; look at the server, at its locks and at the disk"


class Behind:
    """Since when each card has been seen to show an older state; one that was drawn meanwhile begins anew."""

    def __init__(self) -> None:
        self._since: dict[tuple[int, int], float] = {}

    def look(self, cards: Iterable[tuple[int, int]], now: float, opened_at: float | None) -> float | None:
        """Return how long the longest has, while Slack took messages; None when there is none, or it takes none."""
        self._since = {card: self._since.get(card, now) for card in cards}
        if not self._since or opened_at is None:
            return None
        return max(0.0, now - max(min(self._since.values()), opened_at))


class Patient(Generic[T]):
    """
    A blocking question that may hang. It is asked in a thread of its own, one at a time; who asks meanwhile waits for the same answer.

    The thread is left behind where it hangs, so that it holds up neither other questions nor the end.
    """

    def __init__(self, question: Callable[[], T]) -> None:
        self._question = question
        self._lock = threading.Lock()
        self._answer: Future[T] | None = None
        self._asked_at = 0.0

    def ask(self, seconds: float) -> T:
        """Return the answer, or raise what it ended with. Raises: TimeoutError."""
        with self._lock:
            if self._answer is None or self._answer.done():
                self._answer, self._asked_at = Future(), time.monotonic()
                threading.Thread(target=self._run, args=(self._answer,), name="health", daemon=True).start()
            answer = self._answer
        return answer.result(seconds)

    def waiting(self) -> float:
        """Return for how many seconds the question under way has been."""
        return time.monotonic() - self._asked_at

    def _run(self, answer: Future[T]) -> None:
        try:
            answer.set_result(self._question())
        except BaseException as error:
            answer.set_exception(error)


def _said(error: Exception | None) -> str | None:
    return f"{named(error)}: {remedy(error)}" if error is not None else None


def free_bytes(folder: Path) -> int | None:
    """Return how much room is left on the disk of *folder*; None where nobody can tell."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _problems(health: Health) -> Iterator[str]:
    if not health.is_started:
        yield "the bot is still starting; if it stays so, the log says what it waits for"
    if health.is_ending:
        yield "the bot is ending"
    if health.record_fault is not None:
        yield f"the database does not answer ({health.record_fault})"
    if health.record_moved:
        yield MOVED
    if health.free_bytes is not None and health.free_bytes < LEAST_FREE_BYTES:
        yield f"only {health.free_bytes // 1024**2} MiB are left on the disk of REDRESS_DATA; make room"
    if health.socket_age is None or health.socket_age > SOCKET_SECONDS:
        yield "nothing comes in from Slack; it connects again by itself, unless `redress doctor` says that a token is refused"
    if health.is_started:  # neither works before
        yield from _standing(health)
    if health.is_stuck:
        yield f"{health.overdue} deadlines are due and nothing fires; the log says of each that was set aside why"
    if health.oldest_pending_age is not None and health.oldest_pending_age > PENDING_SECONDS:
        yield "messages wait for more than a quarter of an hour; the log says why they come back"
    if health.stale_cards_age is not None and health.stale_cards_age > STALE_SECONDS:
        yield f"of {health.stale_cards} cards that show an older state one has for more than a quarter of an hour; {UNDRAWN}"
    if health.slack_refuses is not None:
        yield f"Slack takes no messages: {health.slack_refuses}; `redress doctor` says what to mend, then they go out by themselves"


def _standing(health: Health) -> Iterator[str]:
    if health.tick_age is None or health.tick_age > (FAILING_SECONDS if health.tick_fault else TICK_SECONDS):
        yield f"the tick does not run ({health.tick_fault or STANDS})"
    if health.courier_age is not None and health.courier_age > COURIER_SECONDS and health.record_fault is None:
        yield f"nobody has looked for messages to send for {health.courier_age:.0f} s ({health.tick_fault or STANDS})"


MOVED = "the file of the database was moved, deleted or replaced; what is recorded still goes to the old one: put that back before the bot ends"
UNDRAWN = (
    "`redress doctor` names a channel that is archived or without the bot, else the log says why (“could not refresh”)"
)
STANDS = "look for what holds the database, a lock or a forgotten transaction; else start the bot again"
