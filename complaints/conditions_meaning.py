"""Gives a syntax tree its meaning: a closure over the facts of a case, and a type."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from complaints.conditions_functions import FUNCTIONS, Argument
from complaints.conditions_syntax import MAX_DIGITS
from complaints.conditions_types import (
    LISTS,
    MONEY,
    NUMBER,
    NUMERIC,
    RATIO,
    WEEKDAYS,
    YES_NO,
    ConditionError,
    Facts,
    Getter,
    Symbols,
    Type,
    as_number,
    comparable,
    did_you_mean,
    shortened,
)

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_ARITHMETIC: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Compiler:
    """Turns a syntax tree into a closure and its type; everything that is not listed here is refused."""

    def __init__(self, text: str, symbols: Symbols) -> None:
        self.text, self.symbols, self.used = text, symbols, list[str]()

    def reads(self, name: str) -> frozenset[str]:
        symbol = self.symbols.get(name)
        if symbol is None or symbol.reads is None:
            return frozenset({name})
        return symbol.reads()

    def compile(self, node: ast.expr, wanted: Type | None = None) -> tuple[Getter, Type]:
        match node:
            case ast.BoolOp():
                return self._and_or(node)
            case ast.UnaryOp():
                return self._unary(node)
            case ast.BinOp():
                return self._arithmetic(node)
            case ast.Compare():
                return self._compare(node)
            case ast.Call():
                return self._call(node)
            case ast.Name():
                return self._name(node.id, wanted)
            case ast.Constant():
                return self._constant(node)
            case ast.List() | ast.Tuple():
                return self._list(node, wanted)
            case ast.Attribute():
                return self._attribute(node)
        raise self._refuse(f"{_what(node)} is not in the grammar")

    def _refuse(self, why: str) -> ConditionError:
        return ConditionError(f'"{self.text}": {why}')

    def _yes_no(self, node: ast.expr) -> Getter:
        if self._is_new(node):
            raise self.symbols.unknown(ast.unparse(node), "yes_no")
        get, type_ = self.compile(node)
        if type_.kind != "yes_no":
            raise self._refuse(f"`{ast.unparse(node)}` is {type_}, not yes/no")
        return get

    def _and_or(self, node: ast.BoolOp) -> tuple[Getter, Type]:
        parts = [self._yes_no(value) for value in node.values]
        decisive = isinstance(node.op, ast.Or)

        def get(facts: Facts) -> bool | None:
            answers = [part(facts) for part in parts]
            if decisive in answers:
                return decisive
            return None if None in answers else not decisive

        return get, YES_NO

    def _unary(self, node: ast.UnaryOp) -> tuple[Getter, Type]:
        if isinstance(node.op, ast.Not):
            inner = self._yes_no(node.operand)
            return (lambda facts: None if (a := inner(facts)) is None else not a), YES_NO
        if isinstance(node.op, ast.USub):
            get, type_ = self.compile(node.operand)
            if type_.kind in NUMERIC:
                return (lambda facts: None if (a := as_number(get(facts))) is None else -a), type_
        raise self._refuse(f"{_what(node)} is not in the grammar")

    def _arithmetic(self, node: ast.BinOp) -> tuple[Getter, Type]:
        act = _ARITHMETIC.get(type(node.op))
        if act is None:
            raise self._refuse("only + - * / can be computed")
        (left, left_type), (right, right_type) = self.compile(node.left), self.compile(node.right)
        type_ = self._computed(node, left_type, right_type)

        def get(facts: Facts) -> Decimal | None:
            a, b = as_number(left(facts)), as_number(right(facts))
            if a is None or b is None or (b == 0 and act is operator.truediv):
                return None
            return act(a, b)

        return get, type_

    def _computed(self, node: ast.BinOp, left: Type, right: Type) -> Type:
        kinds = (left.kind, right.kind)
        if not all(kind in NUMERIC for kind in kinds):
            hint = "; for dates use days_between(a, b)" if "date" in kinds or "instant" in kinds else ""
            raise self._refuse(f"{left} and {right} cannot be computed with + - * /{hint}")
        if isinstance(node.op, ast.Add | ast.Sub):
            if not comparable(left, right):
                raise self._refuse(f"{left} and {right} cannot be added")
            return MONEY if "money" in kinds else RATIO if kinds == ("ratio", "ratio") else NUMBER
        if isinstance(node.op, ast.Mult):
            if kinds == ("money", "money"):
                raise self._refuse("money times money means nothing")
            return MONEY if "money" in kinds else RATIO if kinds == ("ratio", "ratio") else NUMBER
        if right.kind == "money":
            if left.kind != "money":
                raise self._refuse(f"{left} divided by money means nothing")
            return RATIO
        return MONEY if left.kind == "money" else NUMBER

    def _compare(self, node: ast.Compare) -> tuple[Getter, Type]:
        operands = [node.left, *node.comparators]
        pairs = [self._pair(op, operands[i], operands[i + 1]) for i, op in enumerate(node.ops)]
        if len(pairs) == 1:
            return pairs[0], YES_NO
        if not all(type(op) in _COMPARE for op in node.ops):
            raise self._refuse("only < <= > >= may be chained")

        def get(facts: Facts) -> bool | None:
            answers = [pair(facts) for pair in pairs]
            return False if False in answers else None if None in answers else True

        return get, YES_NO

    def _pair(self, op: ast.cmpop, left: ast.expr, right: ast.expr) -> Getter:
        if isinstance(op, ast.In | ast.NotIn):
            return self._membership(left, right, isinstance(op, ast.NotIn))
        if isinstance(op, ast.Eq | ast.NotEq):
            raise self._refuse("write `is` or `is not`")
        (a, a_type), (b, b_type) = self._both(left, right)
        if not comparable(a_type, b_type):
            raise self._refuse(
                f"`{ast.unparse(left)}` ({a_type}) cannot be compared with `{ast.unparse(right)}` ({b_type})"
            )
        if isinstance(op, ast.Is | ast.IsNot):
            same = isinstance(op, ast.Is)
            return _equality(a, b, same)
        return _ordering(a, b, _COMPARE[type(op)], self._order(a_type, b_type, left))

    def _is_new(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id not in self.symbols and node.id not in ("true", "false")

    def _both(self, left: ast.expr, right: ast.expr) -> tuple[tuple[Getter, Type], tuple[Getter, Type]]:
        """Compile both sides; a bare choice takes its meaning from the field on the other side."""
        if self._is_new(left):
            if self._is_new(right):
                raise self.symbols.unknown(ast.unparse(left))
            b = self.compile(right)
            return self.compile(left, b[1]), b
        a = self.compile(left)
        return a, self.compile(right, a[1])

    def _order(self, left: Type, right: Type, node: ast.expr) -> Callable[[Any], Any]:
        kind = left.kind
        if kind in NUMERIC:
            return as_number
        if kind == "choice":
            choices = left.choices or right.choices
            if not (left.rising or right.rising):
                raise self._refuse(
                    f"the choices of `{ast.unparse(node)}` have no order; say order: rising, or use `in [...]`"
                )
            return lambda value: choices.index(value) if value in choices else None
        if kind in ("date", "instant", "time"):
            return lambda value: value
        raise self._refuse(f"{left} has no order; use `is`")

    def _membership(self, left: ast.expr, right: ast.expr, negate: bool) -> Getter:
        if isinstance(right, ast.List | ast.Tuple):
            a, a_type = self.compile(left)
            items = [self._both_listed(item, a_type) for item in right.elts]
            return _in_items(a, items, negate)
        whole, whole_type = self.compile(right)
        if whole_type.kind not in LISTS:
            raise self._refuse(f"`{ast.unparse(right)}` is {whole_type}, nothing can be in it")
        if whole_type.kind == "list":
            return self._in_named_list(left, whole, whole_type, negate)
        item_type = Type("choice", whole_type.choices) if whole_type.choices else Type("unit")
        a, a_type = self.compile(left, item_type)
        if whole_type.choices and not comparable(a_type, item_type):
            raise self._refuse(f"`{ast.unparse(left)}` ({a_type}) is not among {', '.join(whole_type.choices)}")
        return _in_whole(a, whole, negate)

    def _in_named_list(self, left: ast.expr, whole: Getter, listed: Type, negate: bool) -> Getter:
        """A value that is a list of choices: each of them must be a choice of the field."""
        get, type_ = self.compile(left)
        strange = [item for item in listed.choices if type_.choices and item not in type_.choices]
        if strange:
            raise self._refuse(f"{', '.join(strange)} of the list is not a choice of `{ast.unparse(left)}` ({type_})")
        return _in_whole(get, whole, negate)

    def _both_listed(self, item: ast.expr, wanted: Type) -> Getter:
        get, type_ = self.compile(item, wanted)
        if not comparable(wanted, type_):
            raise self._refuse(f"`{ast.unparse(item)}` ({type_}) cannot be compared with {wanted}")
        return get

    def _call(self, node: ast.Call) -> tuple[Getter, Type]:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        function = FUNCTIONS.get(name)
        if function is None:
            raise self._refuse(
                f"{name}() is not a function.{did_you_mean(name, FUNCTIONS)} Functions: {', '.join(FUNCTIONS)}"
            )
        if node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
            raise self._refuse(f"{name}() takes plain values only")
        arguments = [Argument(*self.compile(arg)) for arg in node.args]
        try:
            return function(arguments)
        except ConditionError as error:
            raise self._refuse(str(error)) from error

    def _name(self, name: str, wanted: Type | None) -> tuple[Getter, Type]:
        if wanted is not None and wanted.choices and name in wanted.choices:
            return (lambda facts: name), Type("choice", wanted.choices, wanted.rising, literal=True)
        if name in ("true", "false"):
            answer = name == "true"
            return (lambda facts: answer), Type("yes_no", literal=True)
        symbol = self.symbols.get(name)
        if symbol is None:
            raise self._unknown(name, wanted)
        self.used.append(name)
        return symbol.get, symbol.type

    def _unknown(self, name: str, wanted: Type | None) -> ConditionError:
        if wanted is not None and wanted.choices:
            hint = did_you_mean(name, wanted.choices)
            return self._refuse(f'"{name}" is not one of its choices.{hint} Choices: {shortened(wanted.choices, 30)}')
        kind = wanted.kind if wanted is not None and wanted.kind != "list" else None
        return self.symbols.unknown(name, kind)

    def _constant(self, node: ast.Constant) -> tuple[Getter, Type]:
        value = node.value
        if isinstance(value, bool) or value is None or not isinstance(value, int | float | str):
            raise self._refuse(f"{value!r} is not in the grammar; write true or false, numbers, or quoted text")
        if isinstance(value, str):
            return (lambda facts: value), Type("text", literal=True)
        digits = ast.get_source_segment(self.text, node) or str(value)
        if len(digits) > MAX_DIGITS or not re.fullmatch(r"\d+(\.\d+)?", digits):
            raise self._refuse(f"{digits[:20]} is not a plain number of at most {MAX_DIGITS} digits")
        number = Decimal(digits)
        return (lambda facts: number), Type("number", literal=True)

    def _list(self, node: ast.List | ast.Tuple, wanted: Type | None) -> tuple[Getter, Type]:
        raise self._refuse("a list stands only behind `in`")

    def _attribute(self, node: ast.Attribute) -> tuple[Getter, Type]:
        of_start = isinstance(node.value, ast.Name) and node.value.id == "start"
        if not of_start or not self.symbols.start or node.attr not in ("time", "weekday"):
            raise self._refuse("a dot is not in the grammar (only start.time and start.weekday in limit tables)")
        if node.attr == "time":
            return _start_time, Type("time")
        return _start_weekday, Type("choice", WEEKDAYS)


def _what(node: ast.AST) -> str:
    names = {
        "IfExp": "if … else (use a table)",
        "Lambda": "lambda",
        "Subscript": "a bracket behind a name",
        "JoinedStr": "a text with {}",
        "Dict": "{}",
        "Set": "{}",
        "NamedExpr": ":=",
    }
    return names.get(type(node).__name__, type(node).__name__)


def _start_time(facts: Facts) -> Any:
    start = facts.get("start")
    return None if start is None else start.strftime("%H:%M")


def _start_weekday(facts: Facts) -> str | None:
    start = facts.get("start")
    return None if start is None else WEEKDAYS[start.weekday()]


def _plain(value: Any) -> Any:
    number = as_number(value)
    return value if number is None else number


def _equality(a: Getter, b: Getter, same: bool) -> Getter:
    def get(facts: Facts) -> bool | None:
        left, right = a(facts), b(facts)
        if left is None or right is None:
            return None
        return (_plain(left) == _plain(right)) is same

    return get


def _ordering(a: Getter, b: Getter, act: Callable[[Any, Any], bool], rank: Callable[[Any], Any]) -> Getter:
    def get(facts: Facts) -> bool | None:
        left, right = a(facts), b(facts)
        if left is None or right is None:
            return None
        left, right = rank(left), rank(right)
        return None if left is None or right is None else act(left, right)

    return get


def _in_items(a: Getter, items: list[Getter], negate: bool) -> Getter:
    def get(facts: Facts) -> bool | None:
        left = a(facts)
        if left is None:
            return None
        values = [item(facts) for item in items]
        if any(value is not None and _plain(value) == _plain(left) for value in values):
            return not negate
        return None if None in values else negate

    return get


def _in_whole(a: Getter, whole: Getter, negate: bool) -> Getter:
    def get(facts: Facts) -> bool | None:
        left, values = a(facts), whole(facts)
        if left is None or values is None:
            return None
        return (left in values) is not negate

    return get
