"""The desk file as it stands now: read again when it changes; a broken one leaves the last good one in force."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from complaints.people import DeskPlan
from complaints.workdays import WorkCalendar
from storage.desk_file import DeskRefused, LoadedDesk, load_desk

LOOK_EVERY_SECONDS = 1.0


@dataclass
class WatchedDesk:
    """
    Desk settings from a file.

    Looks at the file at most once a second of machine time. *on_change* is called after a good reload, *on_refused*
    with the problems of a broken one (once for each version of the file).
    """

    path: Path
    on_change: Callable[[LoadedDesk], None] = lambda desk: None
    on_refused: Callable[[list[str]], None] = lambda problems: None
    monotonic: Callable[[], float] = time.monotonic
    problems: list[str] = field(default_factory=list)
    _looking: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Read the file for the first time; raises `DeskRefused` when it can't be used at all."""
        self._seen = self._stamp()
        self._loaded = load_desk(self.path)
        self._looked = self.monotonic()

    def plan(self) -> DeskPlan:
        return self.loaded.plan

    def calendars(self) -> Mapping[str, WorkCalendar]:
        return self.loaded.calendars

    @property
    def loaded(self) -> LoadedDesk:
        """The last good version."""
        if self.monotonic() - self._looked >= LOOK_EVERY_SECONDS and self._looking.acquire(blocking=False):
            try:  # one at a time: a slow reader must not put an older version in the place of a newer one
                self._looked = self.monotonic()
                self._look()
            finally:
                self._looking.release()
        return self._loaded

    def _look(self) -> None:
        stamp = self._stamp()
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._loaded, self.problems = load_desk(self.path), []
        except DeskRefused as refused:
            self.problems = refused.problems
            self.on_refused(refused.problems)
        else:
            self.on_change(self._loaded)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size
