"""Calendars of the desk as they were and are: each version is in the desk log, and open deadlines move with a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from bot.office import Office
from complaints.case import CLOSED, OPEN
from complaints.commands import CLOCK, RecomputeDeadlines
from complaints.events import CalendarChanged
from complaints.workdays import WorkCalendar
from storage.calendars import CalendarRefused, load_calendar, read_calendar
from storage.desk_in_effect import Spec

log = structlog.get_logger(__name__)

DESK_LOG = "desk"
MOST_OPEN_CASES = 1_000_000
BEAT = "calendars"
"""Under which the versions are kept that all open deadlines follow; none of them while some may not."""
LOGGED_BY_THEN = timedelta(seconds=10)
"""So long after a change (machine time) nobody can be recording what he counted with the calendar before."""
TRIED_AGAIN = timedelta(minutes=5)
"""How long a case is left alone whose deadlines could not be moved, as the tick does with a deadline that fails."""


@dataclass
class Calendars:
    """
    Looks at each tick whether a calendar counts differently, records the new version and moves open deadlines.

    What a deadline has used by then stays used (DESIGN 4): the calendars of the desk log say how it was counted. All is
    looked at once more when nothing counted before the change can still be on its way; until then a restart begins again.
    """

    office: Office
    _past: dict[str, WorkCalendar] = field(default_factory=dict)
    _current: dict[str, str] = field(default_factory=dict)
    _is_read: bool = False
    _is_followed: bool = True
    _since: datetime | None = None
    _left: frozenset[str] | None = None

    def __post_init__(self) -> None:
        self.office.desk.past_calendars = self.past

    def past(self) -> tuple[WorkCalendar, ...]:
        """Return every version that this desk ever counted with."""
        return tuple(self._past.values())

    def __call__(self, now: datetime) -> None:
        if not self._is_read:
            self._read_log()
        entries = self.office.watched.entries()
        changed = {n: found for n, found in entries.items() if self._current.get(n) != found[1].version}
        if changed:
            self._record(changed, now)
        self._follow(now)

    def _record(self, changed: Mapping[str, tuple[Spec, WorkCalendar]], now: datetime) -> None:
        is_first = not self._current
        events = [CalendarChanged(calendar=n, version=c.version, spec=dict(spec)) for n, (spec, c) in changed.items()]
        officer = self.office.watched.plan().officer
        self.office.store.record.now(lambda tx: tx.record_desk(events, actor=officer, at=now))
        for name, (_, calendar) in changed.items():
            self._current[name], self._past[calendar.version] = calendar.version, calendar
        self._since, self._left = None, None
        self._note(is_followed=is_first)  # nobody counted with anything else yet

    def _follow(self, now: datetime) -> None:
        """Move open deadlines, and once more when what was being logged meanwhile is there; those that fail then until they do not."""
        machine_now = self.office.machine.now()
        pause = LOGGED_BY_THEN if self._left is None else TRIED_AGAIN
        if self._is_followed or (self._since is not None and machine_now - self._since <= pause):
            return
        is_first = self._since is None
        failed = self._move_deadlines(now)
        self._since = machine_now
        if not is_first:
            self._left = failed
        if self._left == frozenset():
            self._note(is_followed=True)

    def _note(self, *, is_followed: bool) -> None:
        self._is_followed = is_followed
        self.office.store.heartbeats.beat(BEAT, self.office.machine.now(), self._current if is_followed else {})

    def _read_log(self) -> None:
        kept = self.office.store.heartbeats.last(BEAT)
        for recorded in self.office.store.reader.log(DESK_LOG):
            event = recorded.event
            if not isinstance(event, CalendarChanged):
                continue
            self._current[event.calendar] = event.version
            try:
                self._past[event.version] = load_calendar(read_calendar(event.spec, f"calendars.{event.calendar}"))
            except CalendarRefused:
                log.error("an old calendar can't be read any more", name=event.calendar)
        self._is_read = True
        if kept is None:  # an empty database, or one from before this was kept
            self._note(is_followed=True)
        else:
            self._is_followed = kept[1] == self._current

    def _move_deadlines(self, now: datetime) -> frozenset[str]:
        """Move the deadlines of every open case (of those that are left, if these are known) and return which could not be: a case
        that fails does not stop the others."""
        versions, failed = "+".join(sorted(self._current.values())), set()
        for line in self.office.store.reader.lines(status=[OPEN, CLOSED], limit=MOST_OPEN_CASES):
            if self._left is not None and line.case_id not in self._left:
                continue
            key = f"{line.case_id}:calendar:{versions}:{now.isoformat()}"
            try:
                self.office.desk.submit(RecomputeDeadlines(actor=CLOCK, key=key, case_id=line.case_id)).result()
            except Exception as error:
                failed.add(line.case_id)
                log.error("deadlines could not be moved", exc_info=error, case=line.case_id)
        return frozenset(failed)
