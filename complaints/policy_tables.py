"""Tables of a policy: rows that give a role, a limit, a grade, a route …, and how a row is picked."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, GetJsonSchemaHandler, PrivateAttr, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from complaints.conditions import Condition, ConditionError, Expression, Facts, Symbols, parse_condition
from complaints.limits import Limit
from complaints.policy_model import Id, When
from complaints.policy_parts import Part, Source, Who, parse_who, read_limit

Gives = Literal["role", "unit", "limit", "grade", "route", "value", "yes_no", "reason"]
Result = Who | Limit | str | bool | Decimal
_COMPARISONS = ("<=", ">=", "<", ">", "is not ", "not in ", "in ")
_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean"]}


def _object(properties: dict[str, Any], required: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


class Row(Part):
    """One row: cells for a grid, or `when`/`give`, or `else`."""

    cells: tuple[Any, ...] | None = None
    when: When | None = None
    give: Any
    is_else: bool = False
    source: Source | None = None

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        source = handler.resolve_ref_schema(handler(core))["properties"]["source"]
        forms = [{"when": _SCALAR, "give": _SCALAR, "source": source}, {"else": _SCALAR, "source": source}]
        objects = [_object(form, required=tuple(form)[:-1]) for form in forms]
        return {"anyOf": [{"type": "array", "minItems": 2, "description": "cells, then the result"}, *objects]}

    @model_validator(mode="before")
    @classmethod
    def _forms(cls, raw: Any) -> Any:
        if isinstance(raw, list | tuple):
            if len(raw) < 2:
                raise ValueError("a row of a grid has its cells and then the result")
            return {"cells": tuple(raw[:-1]), "give": raw[-1]}
        if isinstance(raw, dict) and "else" in raw:
            rest = {key: value for key, value in raw.items() if key != "else"}
            if set(rest) - {"source"}:
                raise ValueError("a row with `else` has only a source beside it")
            return {**rest, "give": raw["else"], "is_else": True}
        if isinstance(raw, dict) and not ("when" in raw and "give" in raw):
            raise ValueError("a row is {when: …, give: …}, {else: …}, or a list of cells for `reads`")
        return raw


class Table(Part):
    """Rows that give one kind of result; `hit` says how rows are picked: `one` (no overlap), `highest`, `all`."""

    gives: Gives
    hit: Literal["one", "highest", "all"] = "one"
    reads: tuple[Id, ...] = ()
    rows: Annotated[tuple[Row, ...], Field(min_length=1)]
    source: Source | None = None
    _tests: tuple[tuple[Condition, ...], ...] = PrivateAttr(default=())
    _results: tuple[Any, ...] = PrivateAttr(default=())
    _rank: tuple[str, ...] = PrivateAttr(default=())

    def bind(self, symbols: Symbols) -> list[tuple[tuple[Any, ...], str]]:
        """Resolve cells and results; return what does not fit, with its place in the table."""
        wrong: list[tuple[tuple[Any, ...], str]] = []
        tests, results = [], []
        for number, row in enumerate(self.rows):
            try:
                tests.append(self._bind_row(row, symbols))
                results.append(self._bind_result(row.give, symbols))
            except ValueError as error:
                wrong.append((("rows", number), str(error)))
        self._tests, self._results = tuple(tests), tuple(results)
        self.__dict__.pop("tests_and_else", None)
        return wrong

    def set_order(self, choices: tuple[str, ...]) -> None:
        """Say which results are higher than others, lowest first (for `hit: highest`)."""
        self._rank = choices

    def _bind_row(self, row: Row, symbols: Symbols) -> tuple[Condition, ...]:
        if row.cells is None:
            return (_bound(row.when, symbols),) if row.when is not None else ()
        if len(row.cells) != len(self.reads):
            raise ValueError(
                f"this row has {len(row.cells)} cells, the table reads {len(self.reads)}: {', '.join(self.reads)}"
            )
        conditions = [_cell(name, cell) for name, cell in zip(self.reads, row.cells, strict=True)]
        return tuple(_bound(condition, symbols) for condition in conditions if condition is not None)

    def _bind_result(self, give: Any, symbols: Symbols) -> Any:
        if self.gives == "role":
            return parse_who(give)
        if self.gives == "limit":
            return read_limit(give)
        if self.gives in ("yes_no", "value"):
            return _bound(Expression(str(give).lower() if isinstance(give, bool) else str(give)), symbols)
        return str(give)

    def pick(self, facts: Facts) -> Any:
        """
        Return what the table gives for *facts*; None while a value that decides is unknown (or when no row fits).

        `role` gives a `Who`, `limit` a `Limit`, `yes_no` a bool, `value` a number, the others an id; with `hit: all` a tuple.
        """
        picked = self.rows_for(facts)
        if picked is None or (not picked and self.hit != "all"):
            return None
        results = [self._result(number, facts) for number in picked]
        if self.hit == "all":
            return tuple(results)
        if self.hit == "highest":
            return max(results, key=lambda r: self._rank.index(r) if r in self._rank else -1)
        return results[0]

    def rows_for(self, facts: Facts) -> tuple[int, ...] | None:
        """Return the numbers of the rows that fit; the row `else` when no other does; None while it cannot be said."""
        numbered, others = self.tests_and_else
        hits, is_open = [], False
        for number, tests in numbered:
            answer = _all_hold(tests, facts)
            if answer:
                hits.append(number)
                if self.hit == "one":
                    break
            is_open = is_open or answer is None
        if hits:
            return tuple(hits)
        if is_open and self.hit == "one":
            return None
        return others or (None if is_open else ())

    def is_open(self, facts: Facts) -> bool:
        """Say whether no row fits and one still may: what decides it is unknown."""
        answers = [_all_hold(tests, facts) for _, tests in self.tests_and_else[0]]
        return True not in answers and None in answers

    @cached_property
    def tests_and_else(self) -> tuple[list[tuple[int, tuple[Condition, ...]]], tuple[int, ...]]:
        """Return the numbered conditions of each row, and the numbers of the rows `else`."""
        rows = [(n, tests) for n, tests in enumerate(self._tests) if not self.rows[n].is_else]
        return rows, tuple(n for n, row in enumerate(self.rows) if row.is_else)

    def _result(self, number: int, facts: Facts) -> Any:
        result = self._results[number]
        return result.value(facts) if isinstance(result, Expression) else result

    @property
    def results(self) -> tuple[Any, ...]:
        """Return the result of every row, in order."""
        return self._results

    @property
    def raw_names(self) -> set[str]:
        """Return the names in `when` and in results as written, before anything is bound."""
        return {name for row in self.rows if row.when is not None for name in row.when.names}

    @property
    def tests(self) -> tuple[tuple[Condition, ...], ...]:
        """Return the conditions of every row, in order."""
        return self._tests

    @property
    def names(self) -> frozenset[str]:
        """Return every name that the table reads."""
        used = {name for tests in self._tests for test in tests for name in test.names}
        used |= {name for result in self._results if isinstance(result, Expression) for name in result.names}
        return frozenset(used)

    @property
    def base_fields(self) -> frozenset[str]:
        """Return the fields that the table reads in the end, derived ones resolved."""
        parts = [test.reads for tests in self._tests for test in tests]
        parts += [result.reads for result in self._results if isinstance(result, Expression)]
        return frozenset().union(*parts)


def _bound(expression: Any, symbols: Symbols) -> Any:
    expression.bind(symbols)
    return expression


def _cell(name: str, cell: Any) -> Condition | None:
    """Return the condition that a cell means for the field *name*; None for `any`."""
    if isinstance(cell, list | tuple):
        return parse_condition(f"{name} in [{', '.join(str(item) for item in cell)}]")
    if isinstance(cell, bool):
        return parse_condition(name if cell else f"not {name}")
    text = str(cell).strip()
    if text in ("any", "-"):
        return None
    if text.startswith(_COMPARISONS):
        return parse_condition(f"{name} {text}")
    return parse_condition(f"{name} is {text}")


def _all_hold(tests: tuple[Condition, ...], facts: Facts) -> bool | None:
    answers = [test.evaluate(facts) for test in tests]
    return False if False in answers else None if None in answers else True


__all__ = ["ConditionError", "Gives", "Row", "Table"]
