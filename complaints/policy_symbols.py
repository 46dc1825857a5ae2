"""The names of a policy for its conditions, and the walk that binds every condition to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from complaints.conditions import Expression, Facts, Symbol, Symbols, Type
from complaints.conditions_types import LISTS, YES_NO, Getter, comparable
from complaints.limits import Limit
from complaints.policy_model import FieldDef
from complaints.policy_parts import LimitRef
from complaints.policy_tables import Table
from complaints.policy_terms import OUTCOME_TABLE

if TYPE_CHECKING:
    from complaints.policy import Policy

Loc = tuple[str | int, ...]
Problem = tuple[Loc, str]
_ROW_NAMES = {
    "on_time": YES_NO,
    "extended": YES_NO,
    "reassigned": YES_NO,
    "reopened": YES_NO,
    "repeat": YES_NO,
    "late": YES_NO,
    "reached": YES_NO,
    "score": Type("number"),
    "person": Type("person"),
    "unit": Type("unit"),
    "decision": Type("choice"),
}


def bind_policy(policy: Policy) -> tuple[Symbols, list[Problem]]:
    """Return the symbols of *policy* and what does not fit in its conditions, with the place of each."""
    symbols = _symbols(policy)
    problems = _circles(policy)
    if problems:
        return symbols, problems
    for id_, table in policy.tables.items():
        field = policy.fields.get(id_)
        table.set_order(field.choices if field else ())
        starts = symbols.plus(start=True) if table.gives == "limit" else symbols
        problems += [(("tables", id_, *loc), text) for loc, text in table.bind(starts)]
    for loc, expression in expressions(policy):
        if loc[0] != "tables":
            problems += _bind_one(policy, symbols, loc, expression)
    return symbols, problems


def _circles(policy: Policy) -> list[Problem]:
    """Return the derived fields that lead back to themselves."""
    uses: dict[str, set[str]] = {name: set(f.is_.names) for name, f in policy.fields.items() if f.is_ is not None}
    for name, table in policy.tables.items():
        uses[name] = uses.get(name, set()) | table.raw_names | set(table.reads)
    return [
        (("fields" if name in policy.fields else "tables", name), f'"{name}" is computed from itself')
        for name in uses
        if name in _reached(name, uses) and not (name in policy.tables and name in policy.fields)
    ]


def _reached(name: str, uses: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    open_names = list(uses.get(name, ()))
    while open_names:
        if (next_name := open_names.pop()) not in found:
            found.add(next_name)
            open_names += uses.get(next_name, ())
    return found


def _bind_one(policy: Policy, symbols: Symbols, loc: Loc, expression: Expression) -> list[Problem]:
    try:
        expression.bind(_scope(policy, symbols, loc))
    except ValueError as error:
        return [(loc, str(error))]
    if loc[0] == "fields" and loc[-1] == "is":
        return _derived_type(policy.fields[str(loc[1])], expression, loc)
    return []


def _derived_type(field: FieldDef, expression: Expression, loc: Loc) -> list[Problem]:
    declared, found = field_type(field), expression.type
    if found is None or comparable(declared, found) or (declared.kind in LISTS and declared.kind == found.kind):
        return []
    return [(loc, f'"{expression.text}" is {found}, the field is declared {declared}')]


def _scope(policy: Policy, symbols: Symbols, loc: Loc) -> Symbols:
    """In a stage `decision` is what is being decided; in a measure the rows have names of their own."""
    if loc[0] == "stages":
        decisions = Type("choice", tuple(policy.stages[str(loc[1])].decisions))
        return symbols.plus([_plain("decision", decisions)])
    if loc[0] != "measures":
        return symbols
    is_of_duties = policy.measures[str(loc[1])].of == "duties"
    stages = Type("choice", tuple(policy.duties if is_of_duties else policy.stages))
    decisions = Type("choice", tuple(dict.fromkeys(d for stage in policy.stages.values() for d in stage.decisions)))
    rows = {**_ROW_NAMES, "stage": stages, "decision": decisions}
    return symbols.plus([_plain(name, type_) for name, type_ in rows.items()])


def expressions(policy: BaseModel) -> Iterator[tuple[Loc, Expression]]:
    """Go through every condition and expression of *policy* with its place in the file."""
    for loc, value in walk(policy):
        if isinstance(value, Expression):
            yield loc, value


def walk(value: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    """Go through every part of a model with its place, in the words of the file (`with`, not `with_`)."""
    waiting: list[tuple[Loc, Any]] = [(loc, value)]
    while waiting:
        loc, value = waiting.pop()
        yield loc, value
        if type(value) not in _LEAVES:
            waiting.extend([((*loc, key), part) for key, part in _parts(value)][::-1])


_LEAVES = frozenset({type(None), str, bool, int, Decimal})


def _parts(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, BaseModel):
        return [(key, getattr(value, name)) for name, key in _keys(type(value))]
    if isinstance(value, tuple | list):
        return enumerate(value)
    if isinstance(value, Mapping):
        return value.items()
    return [("source", value.source)] if isinstance(value, LimitRef) and value.source is not None else ()


@cache
def _keys(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a model, each with its key in the file."""
    said = ((name, info.validation_alias) for name, info in model.model_fields.items())
    return tuple((name, alias if isinstance(alias, str) else name) for name, alias in said)


# --- the symbols -------------------------------------------------------------------------------------


def field_type(field: FieldDef) -> Type:
    """Return the type of a field as conditions see it."""
    return Type(field.type, field.choices, field.order == "rising")


def _plain(name: str, type_: Type) -> Symbol:
    return Symbol(name, type_, lambda facts: facts.get(name))


def _symbols(policy: Policy) -> Symbols:
    found = [_plain("today", Type("date")), _plain("outcome", Type("choice", policy.outcomes()))]
    found += [_value(name, value.is_) for name, value in policy.values.items() if not isinstance(value.is_, Limit)]
    found += [_plain(name, Type("money")) for name in policy.money if name not in policy.fields]
    found += [
        _table(name, table)
        for name, table in policy.tables.items()
        if name not in policy.fields and name != OUTCOME_TABLE
    ]
    found += [_field(policy, name, field) for name, field in policy.fields.items()]
    return Symbols(found)


def _value(name: str, value: Any) -> Symbol:
    def get(facts: Facts) -> Any:
        return facts.get(name, value)

    kind = (
        Type("list", value) if isinstance(value, tuple) else YES_NO if isinstance(value, bool) else _number_type(value)
    )
    return Symbol(name, kind, get, "value", frozenset)


def _number_type(value: Any) -> Type:
    """A share below one that was written with % is a ratio; it may be multiplied with money."""
    return Type("ratio") if isinstance(value, Decimal) and abs(value) < 1 and value != 0 else Type("number")


_TABLE_TYPES = {"yes_no": YES_NO, "value": Type("number"), "limit": Type("limit")}


def _table(name: str, table: Table) -> Symbol:
    def get(facts: Facts) -> Any:
        known = facts.get(name)
        return table.pick(facts) if known is None else known

    if table.gives in _TABLE_TYPES:
        type_ = _TABLE_TYPES[table.gives]
    else:
        choices = tuple(dict.fromkeys(str(row.give) for row in table.rows))
        type_ = Type("choices" if table.hit == "all" else "choice", choices)
    return Symbol(name, type_, get, "table", lambda: table.base_fields)


def _field(policy: Policy, name: str, field: FieldDef) -> Symbol:
    """A field as filled; else derived, else from its table, else from the field or value that stands in for it."""
    type_ = field_type(field)
    if field.is_ is not None:
        expression = field.is_
        return Symbol(name, type_, _or(name, expression.value), "field", lambda: expression.reads)
    if name in policy.tables:
        table = policy.tables[name]
        return Symbol(name, type_, _or(name, table.pick))
    if field.else_ is not None:
        other = field.else_
        fallback = policy.values[other].is_ if other in policy.values else None
        return Symbol(name, type_, _or(name, lambda facts: facts.get(other, fallback)))
    return _plain(name, type_)


def _or(name: str, otherwise: Getter) -> Getter:
    def get(facts: Facts) -> Any:
        known = facts.get(name)
        return otherwise(facts) if known is None else known

    return get
