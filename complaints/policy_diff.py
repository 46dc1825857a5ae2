"""What is different between two versions of a policy, in the words of the file and in the words of people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from complaints.case import Case
from complaints.policy import Policy
from complaints.policy_findings import path_text

Loc = tuple[str | int, ...]
WORDS_ONLY = ("texts", "clauses", "for_people")
_MISSING = object()


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference: its place in the file, what stood there and what stands there now (None: nothing)."""

    loc: Loc
    was: Any
    now: Any

    @property
    def path(self) -> str:
        return path_text(self.loc)

    @property
    def stage(self) -> str | None:
        """Return the stage that the change is about, if it is about one."""
        return str(self.loc[1]) if len(self.loc) > 1 and self.loc[0] == "stages" else None

    @property
    def is_wording(self) -> bool:
        return bool(self.loc) and self.loc[0] in WORDS_ONLY


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return every difference between the plain data of two policy files, in the order of the new file."""
    return list(_differences(old, new, ()))


def _differences(old: Any, new: Any, loc: Loc) -> Iterator[Change]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*new, *old]):
            yield from _differences(old.get(key, _MISSING), new.get(key, _MISSING), (*loc, key))
    elif isinstance(old, list) and isinstance(new, list) and all(map(_is_part, [*old, *new])):
        for number in range(max(len(old), len(new))):
            was = old[number] if number < len(old) else _MISSING
            now = new[number] if number < len(new) else _MISSING
            yield from _differences(was, now, (*loc, number))
    elif old != new:
        yield Change(loc=loc, was=None if old is _MISSING else old, now=None if new is _MISSING else new)


def _is_part(item: Any) -> bool:
    return isinstance(item, Mapping)


def sentence(change: Change, policy: Policy, language: str = "en") -> str:
    """Return a change as a line: the names that people know, then what stood there and what stands there now."""
    names = [policy.label(str(part), language).rstrip("?？") for part in change.loc[1:] if isinstance(part, str)]
    where = " › ".join([str(change.loc[0]), *names])
    if change.was is None:
        return f"{where}: + {_short(change.now)}"
    if change.now is None:
        return f"{where}: − {_short(change.was)}"
    return f"{where}: {_short(change.was)} → {_short(change.now)}"


def _short(value: Any, most: int = 120) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= most else f"{text[: most - 1]}…"


@dataclass(frozen=True, kw_only=True)
class Touched:
    """An open case that the new version would treat otherwise: the stages it stands at that change, and those that go."""

    case_id: str
    name: str
    changed: tuple[str, ...]
    gone: tuple[str, ...]


def touched(cases: Iterable[Case], found: Iterable[Change], new: Policy) -> Iterator[Touched]:
    """Yield the open cases that stand at a stage which *found* changes or which *new* does not have any more."""
    stages = {change.stage for change in found if change.stage is not None}
    for case in cases:
        standing = [visit.stage for visit in case.open_visits]
        gone = tuple(s for s in standing if s not in new.stages and s not in new.duties)
        changed = tuple(s for s in standing if s in stages and s not in gone)
        if changed or gone:
            yield Touched(case_id=case.id, name=case.name, changed=changed, gone=gone)
