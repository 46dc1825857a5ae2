"""
A case as an 8D report: what stands under each discipline D0 to D8, and what is missing there.

The policy says in `eight_d` where its stages and fields belong; what it does not say is our default: D0 the grade, D1 who
decided, D2 the first form and its files, D8 the closing, the calls that did not reach the customer, and the callback. Nothing is made up: a discipline without a
record is empty and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from complaints.case import Call, Case, CaseFile, Visit
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.policy_papers import DISCIPLINES, Discipline, DisciplineId
from complaints.policy_parts import SourceRef
from complaints.stages import stage_def
from complaints.views_matter import intake_fields

OWNER_TYPES = frozenset({"person", "unit", "units"})
DATE_TYPES = frozenset({"date", "instant"})
ACTION_TYPES = frozenset({"text", "lines", "choices"})
FEWEST_FUNCTIONS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldEntry:
    """A field that holds something. *visit*: who filled it, None under its stage. *says*: occurrence, escape, lifted or ""."""

    field: str
    visit: Visit | None = None
    says: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StageEntry:
    """A turn of a stage that was decided. *says*: lifted, of the turn that ended the containment, or ""."""

    visit: Visit
    says: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonEntry:
    """One of the team: the roles in which he answered, and at which stages."""

    member: str
    roles: tuple[str, ...]
    stages: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class FileEntry:
    """A file that came with the complaint and belongs to no field."""

    file: CaseFile


@dataclass(frozen=True, kw_only=True, slots=True)
class FactEntry:
    """What the case itself knows. *fact*: outcome (at the closing), told, finished."""

    fact: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CallEntry:
    """A call afterwards in which the customer was not asked. *number*: of all calls of that turn."""

    visit: Visit
    number: int
    call: Call


Entry = FieldEntry | StageEntry | PersonEntry | FileEntry | FactEntry | CallEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """
    A discipline of the report. *missing*: fields and stages of the mapping in which nothing is recorded. *gaps*:
    `unmapped` or `nothing` (it is empty), one_function, no_quantity, not_lifted, no_occurrence, no_escape, no_owner,
    no_date, fewer_actions, no_evidence, not_closed, not_told, not_called, not_reached, declined. *causes*, *actions*: how
    many are recorded, for D5. *source*: None for our default.
    """

    id: str
    entries: tuple[Entry, ...]
    missing: tuple[str, ...]
    gaps: tuple[str, ...]
    source: SourceRef | None
    causes: int = 0
    actions: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.entries


def eight_d(case: Case, policy: Policy) -> tuple[Section, ...]:
    """Return the disciplines D0 to D8 in order, the empty ones too."""
    return tuple(_Writer(case, policy).section(name) for name in DISCIPLINES)


class _Writer:
    """Fills the disciplines of one case."""

    def __init__(self, case: Case, policy: Policy) -> None:
        self.case, self.policy = case, policy
        self._first = policy.intake.stages if policy.intake is not None else ()

    def section(self, name: DisciplineId) -> Section:
        said = self.policy.eight_d.get(name)
        shown = said or self._default(name)
        entries = tuple(self._entries(name, shown))
        causes, actions = (self._causes(), self._actions(entries)) if name == "D5" else (0, 0)
        gaps = list(self._gaps(name, shown, entries))
        if entries and actions < causes:
            gaps.append("fewer_actions")
        return Section(
            id=name,
            entries=entries,
            missing=tuple(self._missing(shown)) if said is not None else (),
            gaps=tuple(gaps),
            source=said.source if said is not None else None,
            causes=causes,
            actions=actions,
        )

    def _default(self, name: str) -> Discipline | None:
        """Return what the model itself can say where the policy says nothing: our default."""
        fields: tuple[str, ...] = ()
        stages: tuple[str, ...] = ()
        if name == "D0":
            fields = tuple(index_of(self.policy).grades)
        elif name == "D2":
            fields = intake_fields(self.policy)
        elif name == "D8":
            stages = tuple(s for s, stage in self.policy.stages.items() if stage.attempts is not None)
        if not (fields or stages or name in ("D1", "D8")):
            return None
        return Discipline.model_construct(fields=fields, stages=stages, occurrence=(), escape=(), lifted=())

    # what stands there

    def _entries(self, name: str, shown: Discipline | None) -> Iterator[Entry]:
        if shown is None:
            return
        if name == "D1":
            yield from self._team(shown.stages)
        if name == "D8":
            yield from self._closing()
        for says in ("occurrence", "escape"):
            yield from self._saying(says, getattr(shown, says))
        told = {*shown.occurrence, *shown.escape, *shown.fields}
        form = () if name == "D2" else self._first  # who filled the form need not stand at each line of it
        yield from (FieldEntry(field=f, visit=self._filler(f, form)) for f in shown.fields if self._holds(f))
        if name != "D1":
            yield from self._stages(shown.stages, told)
        if name == "D2":
            yield from (FileEntry(file=f) for f in self._first_files())
        yield from self._saying("lifted", (f for f in shown.lifted if f in self.policy.fields))
        yield from (StageEntry(visit=v, says="lifted") for s in shown.lifted for v in self._last(s))

    def _saying(self, says: str, fields: Iterable[str]) -> Iterator[FieldEntry]:
        return (FieldEntry(field=f, visit=self._filler(f, self._first), says=says) for f in fields if self._holds(f))

    def _last(self, stage: str) -> list[Visit]:
        """Return the last turn of a stage; none while it is that stage's turn once more."""
        turns = [v for v in self.case.visits.values() if v.stage == stage and v.ended in (None, "done")]
        return [turns[-1]] if turns and turns[-1].ended == "done" else []

    def _stages(self, stages: Iterable[str], told: set[str]) -> Iterator[Entry]:
        """Return each decided turn of *stages*, and behind the last of a stage what it filled, but what is *told* already."""
        for stage in stages:
            turns = self._decided(stage)
            yield from (StageEntry(visit=v) for v in turns)
            for field in self._filled(stage, turns):
                if field not in told and self._holds(field):
                    told.add(field)
                    yield FieldEntry(field=field)

    def _team(self, stages: Iterable[str]) -> Iterator[PersonEntry]:
        """Return who answered at *stages*, or anywhere, each person once."""
        wanted, roles, turns = set(stages), dict[str, list[str]](), dict[str, list[str]]()
        for visit in self.case.visits.values():
            for state in visit.seats if not wanted or visit.stage in wanted else ():
                if state.answer is not None:
                    roles.setdefault(state.answer.by, []).extend([state.seat.role] if state.seat.role else [])
                    turns.setdefault(state.answer.by, []).append(visit.stage)
        for member, seen in turns.items():
            yield PersonEntry(member=member, roles=_once(roles[member]), stages=_once(seen))

    def _closing(self) -> Iterator[FactEntry | CallEntry]:
        """Return how the case ended: closed, told, the calls in which nobody was asked, finished."""
        case = self.case
        for fact, at in (("outcome", case.closed_at), ("told", case.told_at), ("finished", case.finished_at)):
            if fact == "finished":
                yield from self._calls()
            if at is not None:
                yield FactEntry(fact=fact, at=at)

    def _calls(self) -> Iterator[CallEntry]:
        """Return the calls in which nobody was asked; one that reached the customer stands there with its stage."""
        for visit in self._callbacks():
            for number, call in enumerate(visit.calls, start=1):
                if call.result != "reached":
                    yield CallEntry(visit=visit, number=number, call=call)

    def _callbacks(self) -> list[Visit]:
        stages = {name for name, stage in self.policy.stages.items() if stage.attempts is not None}
        return [v for v in self.case.visits.values() if v.stage in stages]

    def _first_files(self) -> list[CaseFile]:
        turns = self.case.visits
        return [
            f
            for f in self.case.files.values()
            if f.field is None and not f.missed and (f.visit not in turns or turns[f.visit].stage in self._first)
        ]

    def _decided(self, stage: str) -> list[Visit]:
        return [v for v in self.case.visits.values() if v.stage == stage and v.ended == "done"]

    def _filled(self, stage: str, turns: list[Visit]) -> list[str]:
        """Return what the turns of a stage filled; what the first form holds was filled in its stages."""
        filled = {f for v in turns for f in v.filled} | {f for v in turns for f in self._filed(v)}
        return [f for f in stage_def(self.policy, stage).filled if f in filled or (turns and stage in self._first)]

    def _filler(self, field: str, form: Iterable[str] = ()) -> Visit | None:
        """Return the last turn that filled the field; *form*: stages of the first form that count too."""
        turns = [v for v in self.case.visits.values() if field in v.filled or field in self._filed(v)]
        turns += [v for s in form if field in self.policy.stages[s].filled for v in self._decided(s) if not turns]
        return turns[-1] if turns else None

    def _holds(self, field: str) -> bool:
        value: Any = self.case.fields.get(field)
        if self.policy.fields[field].type == "file":
            return bool(value) or any(f.field == field and not f.missed for f in self.case.files.values())
        return value is not None and value != "" and value != []

    def _filed(self, visit: Visit) -> set[str]:
        """Return the fields for which a file was given in this turn."""
        return {f.field for f in self.case.files.values() if f.visit == visit.id and f.field}

    # what is missing

    def _missing(self, shown: Discipline | None) -> Iterator[str]:
        if shown is not None:
            stages = [*shown.stages, *(s for s in shown.lifted if s not in self.policy.fields)]
            fields = [*shown.occurrence, *shown.escape, *shown.fields, *(f for f in shown.lifted if f not in stages)]
            yield from (f for f in fields if not self._holds(f))
            yield from (s for s in stages if not self._decided(s))

    def _gaps(self, name: str, shown: Discipline | None, entries: tuple[Entry, ...]) -> Iterator[str]:
        if not entries:
            yield "unmapped" if shown is None else "nothing"
        if name == "D8":
            yield from self._unclosed()
        elif entries:
            yield from self._doubts(name, entries)

    def _doubts(self, name: str, entries: tuple[Entry, ...]) -> Iterator[str]:
        """Return what somebody who reads such reports would ask of a discipline in which something stands."""
        fields = [entry for entry in entries if isinstance(entry, FieldEntry)]
        types = {t for entry in fields for t in self._types(entry.field)}
        match name:
            case "D1":
                people = [entry for entry in entries if isinstance(entry, PersonEntry)]
                if len({role for person in people for role in person.roles}) < FEWEST_FUNCTIONS:
                    yield "one_function"
            case "D2" if "number" not in types:
                yield "no_quantity"
            case "D3" if all(getattr(entry, "says", "") != "lifted" for entry in entries):
                yield "not_lifted"
            case "D4":
                found = {entry.says for entry in fields}
                yield from (f"no_{cause}" for cause in ("occurrence", "escape") if cause not in found)
            case "D5":
                if types.isdisjoint(OWNER_TYPES):
                    yield "no_owner"
                if types.isdisjoint(DATE_TYPES):
                    yield "no_date"
            case "D6" if "file" not in types:
                yield "no_evidence"

    def _types(self, field: str) -> Iterator[str]:
        definition = self.policy.fields[field]
        yield definition.type
        yield from definition.columns.values()

    def _unclosed(self) -> Iterator[str]:
        """Return what keeps the closing on paper; only a complaint has a customer who is told and called."""
        if self.case.closed_at is None:
            yield "not_closed"
        elif self.case.kind == "complaint":
            if self.case.told_at is None:
                yield "not_told"
            if not self._was_called():
                yield self._why_not_asked()

    def _was_called(self) -> bool:
        for name, stage in self.policy.stages.items():
            if stage.attempts is not None and any(v.decision != stage.attempts.else_ for v in self._decided(name)):
                return True
        return False

    def _why_not_asked(self) -> str:
        last = next((v.calls[-1].result for v in reversed(self._callbacks()) if v.calls), "")
        return {"": "not_called", "declined": "declined"}.get(last, "not_reached")

    # how many

    def _causes(self) -> int:
        """
        Return how many causes are recorded: one for why it occurred, one for why it was not detected; each line, and each
        choice of several, is one. Fields of the same question tell of the same cause.
        """
        said = self.policy.eight_d.get("D4")
        asked = (said.occurrence, said.escape) if said is not None else ()
        return sum(max((self._several(f) for f in fields if self._holds(f)), default=0) for fields in asked)

    def _actions(self, entries: tuple[Entry, ...]) -> int:
        """Return how many actions stand there: each text, line, and choice of several; a decided stage is one at least."""
        named = [entry.field for entry in entries if isinstance(entry, FieldEntry)]
        found = sum(self._several(f) for f in named if self.policy.fields[f].type in ACTION_TYPES)
        return max(found, int(any(isinstance(entry, StageEntry) for entry in entries)))

    def _several(self, field: str) -> int:
        value: Any = self.case.fields.get(field)
        return len(value) if isinstance(value, list | tuple) else 1


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
