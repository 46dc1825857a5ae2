"""The desk as it is in effect: the desk file with what was set in Slack over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from complaints.overrides import Override, closures_of, in_effect, local_day
from complaints.people import DeskPlan
from complaints.ports import Clock
from complaints.workdays import WorkCalendar
from storage.calendars import load_calendar, read_calendar
from storage.desk_file import LoadedDesk
from storage.desk_watch import WatchedDesk

Spec = Mapping[str, Any]


class ReadsOverrides(Protocol):
    """Reads the desk's log (`storage.reader.StoredReader`)."""

    def desk_seq(self) -> int: ...
    def overrides(self) -> tuple[Override, ...]: ...


def _nobody() -> frozenset[str]:
    return frozenset()


@dataclass
class DeskInEffect:
    """
    The settings that everything else asks (`complaints.desk.DeskSettings`).

    What was set is kept in memory; `refresh` reads it from the database: at the start, after each act on the desk
    and with every tick (another process may have set it). *file*: the desk file alone. *read_gone*: whom Slack calls
    deactivated; they stay in the file and answer for nothing.
    """

    file: WatchedDesk
    reader: ReadsOverrides
    clock: Clock
    read_gone: Callable[[], frozenset[str]] = _nobody
    overrides: tuple[Override, ...] = ()
    gone: frozenset[str] = frozenset()
    _seq: int = -1
    _plan: tuple[Any, DeskPlan] | None = None
    _shown: tuple[LoadedDesk, tuple[Override, ...], Mapping[str, WorkCalendar]] | None = None
    _calendars: dict[str, tuple[Any, Spec, WorkCalendar]] = field(default_factory=dict)

    def refresh(self) -> None:
        """Read what was set, if the desk's log went on since. Blocks."""
        seq = self.reader.desk_seq()
        if seq != self._seq:
            self.overrides, self._seq = self.reader.overrides(), seq
        self.gone = self.read_gone()

    def plan(self) -> DeskPlan:
        """Return the people and values of today."""
        plain, overrides, gone = self.file.plan(), self.overrides, self.gone
        if not overrides and not gone:
            return plain
        now = self.clock.now()
        key = (plain, overrides, gone, local_day(plain, now))
        kept = self._plan
        if kept is None or kept[0] != key:
            kept = self._plan = (key, in_effect(replace(plain, inactive=gone), overrides, now))
        return kept[1]

    def calendars(self) -> Mapping[str, WorkCalendar]:
        loaded, overrides, shown = self.file.loaded, self.overrides, self._shown
        if shown is None or shown[0] is not loaded or shown[1] is not overrides:
            found = {name: self._calendar(name, loaded, overrides)[1] for name in loaded.calendars}
            shown = self._shown = (loaded, overrides, found)
        return shown[2]

    def entries(self) -> Mapping[str, tuple[Spec, WorkCalendar]]:
        """Return each calendar with its entry, with the closures that were set: all as they are at one moment."""
        loaded, overrides = self.file.loaded, self.overrides
        return {name: self._calendar(name, loaded, overrides) for name in loaded.calendars}

    @property
    def loaded(self) -> LoadedDesk:
        """The last good version of the file."""
        return self.file.loaded

    @property
    def problems(self) -> list[str]:
        return self.file.problems

    def _calendar(self, name: str, loaded: LoadedDesk, overrides: tuple[Override, ...]) -> tuple[Spec, WorkCalendar]:
        closed = closures_of(name, overrides)
        if not closed:
            return loaded.specs[name], loaded.calendars[name]
        key = (loaded, closed)
        kept = self._calendars.get(name)
        if kept is None or kept[0] != key:
            spec = {**loaded.specs[name]}
            spec["closures"] = [*spec.get("closures", ()), *({"from": f"{a}", "to": f"{b}"} for a, b in closed)]
            kept = self._calendars[name] = (key, spec, load_calendar(read_calendar(spec, f"calendars.{name}")))
        return kept[1], kept[2]
