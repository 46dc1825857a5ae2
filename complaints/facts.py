"""The typed facts of a case: what conditions, tables and limits read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from complaints.case import CaseFile, Grade, outdated
from complaints.counting import Texts, since, total
from complaints.limits import NO_LIMIT
from complaints.policy import Policy
from complaints.policy_head import desk_value
from complaints.policy_index import index_of
from complaints.policy_model import Count, FieldDef
from complaints.ports import CaseCount
from complaints.world import World, policy_of

LONGEST_VALUE = 200
"""Characters of a field's value that counts and searches compare."""
NEW = "new "
"""What the text of a customer outside the register begins with; the id of words stands behind it."""


def typed(value: Any, kind: str) -> Any:
    """Return a plain value as conditions read it; None (unknown) for notes such as "not yet determined"."""
    if value is None or (isinstance(value, dict) and ("unknown" in value or "$words" in value)):
        return None if not isinstance(value, dict) or "unknown" in value else value
    try:
        match kind:
            case "number" | "money" | "ratio":
                return Decimal(str(value))
            case "date":
                return date.fromisoformat(str(value))
            case "instant":
                return datetime.fromisoformat(str(value))
            case "lines":
                return value
            case "choices" | "units":
                return tuple(value)
            case _:
                return value
    except (InvalidOperation, ValueError):
        return None


class Described(Protocol):
    """What has facts: a case, or as much of one as figures need."""

    @property
    def id(self) -> str: ...
    @property
    def policy(self) -> str: ...
    @property
    def outcome(self) -> str | None: ...
    @property
    def fields(self) -> dict[str, Any]: ...
    @property
    def amounts(self) -> dict[str, str]: ...
    @property
    def files(self) -> dict[str, CaseFile]: ...


class Facts(Mapping[str, Any]):
    """
    The fields of a case by their types, with what is bound in a branch and what is counted from other cases.

    A field nobody filled is absent; conditions then answer "not yet". Source: POLICY-FORMAT 2.2 (our default).
    """

    def __init__(
        self,
        case: Described,
        world: World,
        bound: Mapping[str, Any] | None = None,
        more: Mapping[str, Any] | None = None,
        policy: Policy | None = None,
    ):
        self._case, self._world = case, world
        self._policy: Policy = policy or policy_of(world.bundle, case.policy)
        self._plain: Mapping[str, Any] = (
            {**_standing(case, more or {}), **(bound or {}), **(more or {})} if bound or more else case.fields
        )
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(self._plain)

    def __len__(self) -> int:
        return len(self._plain)

    def _find(self, name: str) -> Any:
        definition = self._policy.fields.get(name)
        if definition is not None and definition.count is not None:
            counted = self._plain.get(name)  # for a grade, when it was given
            return self._count(definition) if counted is None else Decimal(counted)
        if name in self._case.amounts and name not in self._plain:
            return Decimal(self._case.amounts[name])
        if name in self._plain:
            return typed(self._plain[name], definition.type if definition else "text")
        if definition is not None and definition.type == "file" and (files := self._files(name)):
            return files
        if name == "today":
            return self._world.calendar().local(self._world.now).date()
        if name == "outcome":
            return self._case.outcome
        written = self._world.people.values.get(self._policy.policy.id, {}).get(name)
        if written is not None and name in self._policy.values:
            with suppress(ValueError):  # what is none is said by `wrong_values`; then the regulation's own holds
                return desk_value(self._policy.values[name], written)
        if self._was_left_empty(name):
            return ()
        raise KeyError(name)

    def _was_left_empty(self, name: str) -> bool:
        """Say whether a list that a stage may fill is known to be empty: the stage is done."""
        happened: Mapping[str, Any] = getattr(self._case, "happened", {})
        return any(upon in happened for upon in index_of(self._policy).offered.get(name, ()))

    def _files(self, name: str) -> tuple[str, ...]:
        """Return the ids of the files given for a field; one that could not be fetched does not count."""
        return tuple(f.id for f in self._case.files.values() if f.field == name and f.missed is None)

    def _count(self, definition: FieldDef) -> Decimal | None:
        count = definition.count
        assert count is not None
        if count.of != "cases":
            return Decimal(len(self.get(count.in_ or "") or ()))
        same = {name: self._plain.get(name) for name in count.same}
        own = self._plain.get(count.different[0] if count.different else count.sum or "")
        if any(value is None for value in same.values()) or (own is None and (count.different or count.sum)):
            return None
        if count.where is not None and (counts := count.where.evaluate(self)) is not True:
            if counts is None:
                return None
            own = False  # this case is none of those that count
        return self._counted(count, same, own)

    def _counted(self, count: Count, same: dict[str, Any], own: Any) -> Decimal | None:
        """Return what earlier cases give, and this one with it (*own*: its value, False where it does not count)."""
        also = plain_texts(own) if own is not False else ()
        is_new = any(not plain_texts(value) for value in same.values())  # a name that the register does not know yet
        query = CaseCount(
            policy=self._policy.policy.id,
            same=same,
            since=since(count.within or NO_LIMIT, self._world.now, self._world.calendar()),
            leave_out=self._case.id,
            different=count.different[0] if count.different else None,
            also=also,
            total=count.sum,
            where=self._where(count),
            reads=tuple(sorted(count.where.reads)) if count.where is not None else (),
        )
        if count.different:
            return Decimal(len(set(also)) if is_new else self._world.count(query))
        mine = total(also) if count.sum else int(own is not False)
        return Decimal(mine) + (0 if is_new else self._world.count(query))

    def _where(self, count: Count) -> Callable[[Texts], bool] | None:
        """Return whether an earlier case passes `where`, by its values as they are kept for counting."""
        if count.where is None:
            return None
        where, fields = count.where, self._policy.fields

        def passes(texts: Texts) -> bool:
            return where.evaluate({name: kept(texts[name], fields[name]) for name in texts if name in fields}) is True

        return passes


def _standing(case: Described, more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields of a case without the grades that *more* would have given anew."""
    grades: Mapping[str, Grade] = getattr(case, "grades", {})
    changed = {name for name, value in more.items() if case.fields.get(name) != value} if grades else set()
    old = {name for grade in grades.values() if not grade.by_hand for name in outdated(grade, changed)}
    return {name: value for name, value in case.fields.items() if name not in old} if old else case.fields


def kept(texts: tuple[str, ...], definition: FieldDef) -> Any:
    """Return the value of a field from the texts under which it is counted; None (unknown) for notes."""
    if definition.type in ("choices", "units"):
        return texts
    if not texts or texts[0].startswith("{"):
        return None
    return texts[0] == "yes" if definition.type == "yes_no" else typed(texts[0], definition.type)


def plain_texts(value: Any) -> tuple[str, ...]:
    """Return the texts under which a field's value is counted and found; none for words and for nothing. A customer
    whom the register does not know is counted under the id of the words that named him first: his name is words, and
    stays out of here."""
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        return (value[:LONGEST_VALUE],)
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    if isinstance(value, list | tuple):
        return tuple(text for item in value for text in plain_texts(item))
    if isinstance(value, dict):
        if value.get("new") is True and "$words" in value:
            return (f"{NEW}{value.get('as') or value['$words']}",)
        text = json.dumps(value, ensure_ascii=False, sort_keys=True)
        return () if '"$words"' in text else (text[:LONGEST_VALUE],)
    return (str(value)[:LONGEST_VALUE],)


def counted_as(value: Any, words: Mapping[str, str], name: str) -> str | None:
    """Return the id of the words under which *value* is counted, if it is a customer outside the register who is called
    *name* in *words*."""
    if not isinstance(value, dict) or value.get("new") is not True or words.get(str(value.get("$words"))) != name:
        return None
    return str(value.get("as") or value["$words"])
