"""
When every limit should run out, worked out from the log, the regulation's text and the calendar's entry, without a line of the program.

It knows the limits that the company of the harness has: `same day`, so many working days, days, hours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import yaml

from tests.chaos.findings import Event

KNOWN_UNTIL = {"CN": date(2026, 12, 25)}
"""Which days are worked after that was not announced when this was written."""
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STANDS_BY_ITSELF = "waiting"
"""The clock of a date that somebody entered."""
COUNTED = re.compile(r"(\d+) (working day|day|hour)s?")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """A calendar, read from its entry in the desk's log."""

    spec: Mapping[str, Any]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.spec["timezone"])

    def is_worked(self, day: date) -> bool:
        first, _, last = self.spec["days"].partition("-")
        closed = ((date.fromisoformat(c["from"]), date.fromisoformat(c["to"])) for c in self.spec.get("closures", ()))
        return (
            WEEK.index(first) <= day.weekday() <= WEEK.index(last)
            and day not in holidays.country_holidays(self.spec["country"], years=day.year)
            and not any(since <= day <= until for since, until in closed)
        )

    def closing(self, day: date) -> datetime:
        return self.at(day, self.spec["hours"][-1].split("-")[1])

    def at(self, day: date, clock: str) -> datetime:
        """Return when it is *clock* on that day; 24:00 is the end of the day."""
        if clock == "24:00":
            day, clock = day + ONE_DAY, "00:00"
        return datetime.combine(day, time.fromisoformat(clock), self.zone).astimezone(UTC)


@dataclass
class Running:
    """A deadline as the log tells it so far. *why*: of its last move. *gone*: steps that ended."""

    clock: str
    visit: int | None
    limit: str
    start: datetime
    due: datetime
    version: str
    why: str = ""
    held_at: datetime | None = None
    open: set[str] = field(default_factory=set)
    ended: bool = False


class Limits:
    """Holds all deadlines of a log against the calendar. *texts*: of each version of the regulation, its file."""

    def __init__(self, events: Iterable[Event], texts: Mapping[str, str]) -> None:
        self._events = list(events)
        self._texts = {bundle: yaml.safe_load(text) for bundle, text in texts.items()}
        changes = [e for e in self._events if e.kind == "CalendarChanged"]
        self._days = [(instant(e.at), e.body["version"], Days(e.body["spec"])) for e in changes]
        self._bundles: dict[str, str] = {}
        self._stages: dict[tuple[str, int], str] = {}
        self._running: dict[tuple[str, int], Running] = {}
        self._waits: dict[str, set[int]] = {}
        self._granted: dict[tuple[str, int], tuple[datetime, Event]] = {}

    def wrong(self) -> Iterator[str]:
        """Say of each deadline what is not as it should be."""
        for event in self._events:
            of = (event.log, event.body.get("deadline", 0))
            match event.kind:
                case "CaseOpened":
                    self._bundles[event.log] = event.body["bundle"]
                case "VisitOpened":
                    self._stages[event.log, event.body["visit"]] = event.body["stage"]
                case "WaitingBegun":
                    self._waits.setdefault(event.log, set()).add(event.body["visit"])
                case "WaitingEnded" | "VisitDone" | "VisitDropped":
                    self._waits.setdefault(event.log, set()).discard(event.body["visit"])
                case "ExtensionRuled" if event.body["granted"]:
                    until = datetime.fromisoformat(event.body["until"])
                    self._granted[event.log, event.body["visit"]] = (until, event)
                case "DeadlineSet":
                    yield from self._set(event, of)
                case "DeadlineMoved":
                    yield from self._moved(event, self._running[of])
                case "DeadlineHeld":
                    self._running[of].held_at = instant(event.at)
                case "StepFired" | "StepSuperseded":
                    if self._running[of].held_at is not None:
                        yield f"came while its clock stood still: {event}"
                    self._running[of].open.discard(event.body["step"])
                    self._running[of].open |= {s["id"] for s in event.body.get("next_steps", ())}
                case "DeadlineEnded":
                    self._running[of].ended = True
        yield from self._at_the_end()

    def _set(self, event: Event, of: tuple[str, int]) -> Iterator[str]:
        body = event.body
        found = self._running[of] = Running(
            clock=body["clock"], visit=body["visit"], limit=body["limit"], start=datetime.fromisoformat(body["starts_at"]),
            due=datetime.fromisoformat(body["due_at"]), version=body["calendar_version"], open={s["id"] for s in body["steps"]},
        )  # fmt: skip
        if found.clock == STANDS_BY_ITSELF:
            return
        if found.limit != (wanted := self._limit(event.log, found)):
            yield f"the limit is {wanted}: {event}"
        yield from self._due(found, event)
        yield from _order(body["steps"], found, event)

    def _moved(self, event: Event, found: Running) -> Iterator[str]:
        body, at = event.body, instant(event.at)
        due = datetime.fromisoformat(body["due_at"])
        if body["why"] == "waiting":
            if found.held_at is None or due - found.due != at - found.held_at:
                yield f"stood still since {found.held_at}, was due {found.due}: {event}"
            found.held_at = None
        granted = self._granted.get((event.log, found.visit or 0))
        if granted is not None and granted[0] == due:
            del self._granted[event.log, found.visit or 0]
        found.due, found.version = due, body["calendar_version"]
        found.why = found.why or ("" if body["why"] == "calendar" else body["why"])
        for step in body["steps"]:
            if step["id"] not in found.open and datetime.fromisoformat(step["at"]) <= at:
                yield f"step {step['id']} comes again though its time was over: {event}"
        found.open = {step["id"] for step in body["steps"]}
        yield from self._due(found, event)

    def _limit(self, log: str, found: Running) -> str:
        policy = self._texts[self._bundles[log]]
        if found.visit is None:
            return str(policy["clocks"][found.clock]["limit"])
        return str(policy["stages"][self._stages[log, found.visit]]["limit"]["is"])

    def _due(self, found: Running, event: Event) -> Iterator[str]:
        """A limit that nobody moved runs out when its calendar says; one that was granted when it was said."""
        until = next(n for n, (_, version, _) in enumerate(self._days) if version == found.version)
        wanted = self._runs_out(found, until)
        if not found.why and wanted is not None and wanted != found.due:
            yield f"is due {wanted}: {event}"

    def _at_the_end(self) -> Iterator[str]:
        yield from (f"was granted and moved nothing: {event}" for _, event in self._granted.values())
        for of, found in self._running.items():
            if found.ended or found.clock == STANDS_BY_ITSELF:
                continue
            newest = len(self._days) - 1
            is_counted = bool(found.why) or found.held_at is not None or found.version == self._days[newest][1]
            if not is_counted and (wanted := self._runs_out(found, newest)) not in (None, found.due):
                yield f"deadline {of} is due {wanted} by the calendar of now, and stands at {found.due}"
            if found.held_at is not None and not self._waits.get(of[0]):
                yield f"deadline {of} stands still, and nobody waits for the customer"

    # --- counting -------------------------------------------------------------------------------------------------

    def _runs_out(self, found: Running, version: int) -> datetime | None:
        """
        Return when a limit runs out by that version and the ones before it, each for the days of its time; None where the day of
        a change counts by both, or a day is not announced.
        """
        days = self._days[version][2]
        local = found.start.astimezone(days.zone)
        if found.limit == "same day":
            return self._working(local.date() - ONE_DAY, 1, version, lambda day: days.closing(day) > found.start)
        counted = COUNTED.fullmatch(found.limit)
        assert counted is not None, found.limit
        many, unit = int(counted[1]), counted[2]
        if unit == "hour":
            return found.start + timedelta(hours=many)
        if unit == "day":
            return days.at(local.date() + many * ONE_DAY, "24:00")
        return self._working(local.date(), many, version)

    def _working(
        self, day: date, many: int, version: int, counts: Callable[[date], bool] = lambda day: True
    ) -> datetime | None:
        """Return the closing of the *many*-th working day after *day* that *counts*."""
        days = self._days[version][2]
        while many:
            day += ONE_DAY
            is_worked = self._is_worked(day, version)
            if is_worked is None or day > KNOWN_UNTIL.get(days.spec["country"], date.max):
                return None
            many -= is_worked and counts(day)
        return days.closing(day)

    def _is_worked(self, day: date, version: int) -> bool | None:
        known = self._days[: version + 1]
        told = [at.astimezone(days.zone).date() for at, _, days in known]
        after = [days for changed, (_, _, days) in zip(told, known, strict=True) if changed < day] or [known[0][2]]
        at_once = [days for changed, (_, _, days) in zip(told, known, strict=True) if changed == day]
        found = {days.is_worked(day) for days in (after[-1], *at_once)}
        return found.pop() if len(found) == 1 else None


def _order(steps: Iterable[Mapping[str, Any]], found: Running, event: Event) -> Iterator[str]:
    """Reminded is before a limit runs out, urged when it does, and escalated after it."""
    for step in steps:
        at = datetime.fromisoformat(step["at"])
        right = {"reminder": at <= found.due, "reminder_slip": at == found.due, "escalation": at > found.due}
        if not right.get(step["as_"], True):
            yield f"step {step['id']} comes at {at}: {event}"


def instant(at: str) -> datetime:
    found = datetime.fromisoformat(at)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
