"""Checks the small words of a policy: that the people, limits, happenings, sources and fields they name exist."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from complaints.conditions_functions import FUNCTIONS
from complaints.limits import Limit
from complaints.policy_findings import unknown_name
from complaints.policy_model import Fill, Trigger
from complaints.policy_parts import Happening, LimitRef, SourceRef, Who
from complaints.policy_symbols import Loc, Problem, walk
from complaints.policy_terms import OUTCOME_TABLE

if TYPE_CHECKING:
    from complaints.policy import Policy

RESERVED = frozenset({"true", "false", "start", "today", "outcome", "any", "none", *FUNCTIONS})
BOUND_UNITS = ("late_unit", "each_unit")
BOUND_PERSONS = ("late_person", "each_person")
CASE_EVENTS = (
    *(
        "opened",
        "accepted",
        "numbered",
        "told",
        "closed",
        "finished",
        "reopened",
        "withdrawn",
        "voided",
        "merged",
    ),
    *("urged", "overdue"),
)
STAGE_EVENTS = ("opened", "done", "returned", "skipped", "overdue", "extended")
CLOCK_EVENTS = ("started", "due", "overdue", "stopped")
LOCKS = ("reply", "close", "number", "export", "money")


class Names:
    """Looks every name up: people, limits, happenings, sources, fields."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.fields, self.stages, self.routes = policy.fields, policy.stages, policy.routes

    def problems(self) -> Iterator[Problem]:
        yield from self._ids()
        for loc, part in walk(self.policy):
            if isinstance(part, Who):
                yield from self._who(loc, part)
            elif isinstance(part, LimitRef):
                yield from self._limit(loc, part)
            elif isinstance(part, Happening):
                yield from self._happening(loc, part)
            elif isinstance(part, SourceRef):
                yield from self._source(loc, part)
            elif isinstance(part, Fill):
                yield from self._fill(loc, part)
            elif isinstance(part, Trigger):
                yield from self._each(loc, part.each)

    def _known(self, loc: Loc, names: Iterable[str | None], what: str, known: Iterable[str]) -> Iterator[Problem]:
        valid = tuple(known)
        for name in names:
            if name is not None and name not in valid:
                yield loc, " ".join(unknown_name(name, what, valid)).strip()

    # the small words

    def _ids(self) -> Iterator[Problem]:
        policy = self.policy
        for section in ("fields", "values", "tables", "money"):
            for name in getattr(policy, section):
                if (section, name) != ("tables", OUTCOME_TABLE) and (keyword.iskeyword(name) or name in RESERVED):
                    yield (
                        (section, name),
                        f'"{name}" is a reserved word of conditions; call it something else, such as {name}_it',
                    )
        for name in set(policy.fields) & set(policy.values):
            yield ("values", name), f'"{name}" is also a field; a name means one thing'
        for name, field in policy.fields.items():
            for choice in field.choices:
                if keyword.iskeyword(choice) or choice in RESERVED - {"none", "any"}:
                    yield (
                        ("fields", name, "of"),
                        f'"{choice}" is a reserved word of conditions; call the choice something else',
                    )

    def _who(self, loc: Loc, who: Who) -> Iterator[Problem]:
        if isinstance(who.arg, Who):
            yield from self._who(loc, who.arg)
        elif who.kind == "role":
            yield from self._known(loc, [who.arg], "role", self.policy.roles)
        elif who.kind == "actor_of":
            yield from self._known(loc, [who.arg], "stage", self.stages)
        elif who.kind == "by_table":
            tables = [name for name, table in self.policy.tables.items() if table.gives in ("role", "unit")]
            yield from self._known(loc, [who.arg], "table that gives a role", tables)
        elif who.kind == "unit_in":
            yield from self._known(loc, [who.arg], "field of units", [*self._of("unit", "units"), *BOUND_UNITS])
        elif who.kind == "person_in":
            yield from self._known(loc, [who.arg], "field of a person", [*self._of("person", "lines"), *BOUND_PERSONS])

    def _of(self, *types: str) -> list[str]:
        return [name for name, field in self.fields.items() if field.type in types]

    def _limit(self, loc: Loc, ref: LimitRef) -> Iterator[Problem]:
        if ref.table is not None:
            tables = [name for name, table in self.policy.tables.items() if table.gives == "limit"]
            yield from self._known(loc, [ref.table], "table that gives a limit", tables)
        elif ref.value is not None:
            values = [name for name, value in self.policy.values.items() if isinstance(value.is_, Limit)]
            yield from self._known(loc, [ref.value], "limit or value with a limit", values)
        elif ref.by is not None:
            yield from self._limit_by(loc, ref, ref.by)
        if ref.source is not None:
            yield from self._source(loc, ref.source)

    def _limit_by(self, loc: Loc, ref: LimitRef, by: str) -> Iterator[Problem]:
        field = self.fields.get(by)
        choices = field.choices if field else ()
        if field is not None and field.type == "yes_no":
            choices = ("true", "false")
        if not choices:
            yield from self._known(loc, [by], "choice field", self._of("choice", "yes_no"))
            return
        written = [choice for choice, _ in ref.rows]
        yield from self._known(loc, written, f"choice of {by}", choices)
        if missing := [choice for choice in choices if choice not in written]:
            yield loc, f"no limit for {by} = {', '.join(missing)}. Give every choice a limit, or `none`."

    def _happening(self, loc: Loc, upon: Happening) -> Iterator[Problem]:
        subject = upon.subject
        if subject == "waiting":
            events: tuple[str, ...] = ("begun", "ended")
        elif subject == "case":
            events = CASE_EVENTS
        elif subject in self.stages:
            events = (*STAGE_EVENTS, *self.stages[subject].decisions)
        elif subject in self.policy.clocks:
            events = CLOCK_EVENTS
        elif subject in self.fields or subject in self.policy.money:
            events = ("set",)
        else:
            subjects = ("case", "waiting", *self.stages, *self.policy.clocks, *self.fields)
            yield loc, " ".join(unknown_name(subject, "case, stage, clock or field", subjects))
            return
        yield from self._known(loc, [upon.event], f"thing that happens to {subject}", events)

    def _source(self, loc: Loc, source: SourceRef) -> Iterator[Problem]:
        if source.kind == "clause":
            yield from self._known(loc, [source.text], "clause", self.policy.clauses)
        elif source.kind == "default" and not 1 <= int(source.text[1:]) <= 21:
            yield loc, f'"{source.text}" is not a default. There are D1 to D21.'

    def _fill(self, loc: Loc, fill: Fill) -> Iterator[Problem]:
        yield from self._writable(loc, fill.name)

    def _writable(self, loc: Loc, name: str) -> Iterator[Problem]:
        yield from self._known(loc, [name], "field", self.fields)
        field = self.fields.get(name)
        if field is not None and (field.is_ is not None or field.count is not None):
            yield loc, f'"{name}" is computed; nobody fills it. Leave it out here.'

    def _each(self, loc: Loc, each: str | None) -> Iterator[Problem]:
        if each is not None and each != "late visit":
            kind, _, name = each.partition(" in ")
            types = {"unit": ("units",), "person": ("lines", "person"), "line": ("lines",)}[kind]
            yield from self._known(loc, [name], f"field with {kind}s", self._of(*types))
