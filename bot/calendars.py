"""Calendars of the desk as they were and are: each version is in the desk log, and open deadlines move with a new one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot.office import Office
from complaints.case import CLOSED, OPEN
from complaints.commands import CLOCK, RecomputeDeadlines
from complaints.events import CalendarChanged
from complaints.workdays import WorkCalendar
from storage.calendars import CalendarRefused, load_calendar, read_calendar

log = structlog.get_logger(__name__)

DESK_LOG = "desk"
MOST_OPEN_CASES = 1_000_000


@dataclass
class Calendars:
    """
    Looks at each tick whether a calendar counts differently, records the new version and moves open deadlines.

    What a deadline has used by then stays used (DESIGN 4): the calendars of the desk log say how it was counted.
    """

    office: Office
    _past: dict[str, WorkCalendar] = field(default_factory=dict)
    _current: dict[str, str] = field(default_factory=dict)
    _is_read: bool = False

    def __post_init__(self) -> None:
        self.office.desk.past_calendars = self.past

    def past(self) -> tuple[WorkCalendar, ...]:
        """Return every version that this desk ever counted with."""
        return tuple(self._past.values())

    def __call__(self, now: datetime) -> None:
        if not self._is_read:
            self._read_log()
        calendars, specs = self.office.watched.calendars(), self.office.watched.specs
        changed = [n for n, c in calendars.items() if self._current.get(n) != c.version]
        if not changed:
            return
        is_first = not self._current
        events = []
        for name in changed:
            calendar = calendars[name]
            self._current[name], self._past[calendar.version] = calendar.version, calendar
            events.append(CalendarChanged(calendar=name, version=calendar.version, spec=dict(specs[name])))
        officer = self.office.watched.plan().officer
        self.office.store.record.now(lambda tx: tx.record_desk(events, actor=officer, at=now))
        if not is_first:
            self._move_deadlines(now)

    def _read_log(self) -> None:
        for recorded in self.office.store.reader.log(DESK_LOG):
            event = recorded.event
            if not isinstance(event, CalendarChanged):
                continue
            self._current[event.calendar] = event.version
            try:
                self._past[event.version] = load_calendar(read_calendar(event.spec, f"calendars.{event.calendar}"))
            except CalendarRefused:
                log.error("an old calendar can't be read any more", calendar=event.calendar)
        self._is_read = True

    def _move_deadlines(self, now: datetime) -> None:
        """Move the deadlines of every open case; a case that fails does not stop the others."""
        versions = "+".join(sorted(self._current.values()))
        for line in self.office.store.reader.lines(status=[OPEN, CLOSED], limit=MOST_OPEN_CASES):
            key = f"{line.case_id}:calendar:{versions}:{now.isoformat()}"
            try:
                self.office.desk.submit(RecomputeDeadlines(actor=CLOCK, key=key, case_id=line.case_id)).result()
            except Exception as error:
                log.error("deadlines could not be moved", exc_info=error, case=line.case_id)
