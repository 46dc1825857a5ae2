"""The types that many parts of a policy file share: ids, conditions, people, happenings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from complaints.conditions import Condition, Expression, parse_condition, parse_expression
from complaints.policy_parts import (
    ID_PATTERN,
    Target,
    Upon,
    WhoWords,
)

Id = Annotated[str, Field(pattern=ID_PATTERN)]
_WHEN = {"anyOf": [{"type": "string", "maxLength": 300}, {"type": "boolean"}]}
When = Annotated[Condition, PlainValidator(parse_condition), WithJsonSchema(_WHEN)]
Computed = Annotated[
    Expression,
    PlainValidator(parse_expression),
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": 300}, {"type": ["boolean", "number"]}]}),
]
ALWAYS = parse_condition(True)
OUTCOME_TABLE = "outcome"  # this table gives what the closing stage of a main route closes with
DEFAULT_DECISIONS: dict[str, Target] = {"approve": Target("next"), "return": Target("back")}  # D18


def as_tuple(raw: Any) -> Any:
    return raw if isinstance(raw, list | tuple) else [raw]


def one_or_many(item: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item}]})


_TEXT = {"type": "string"}
People = Annotated[tuple[WhoWords, ...], BeforeValidator(as_tuple), one_or_many(_TEXT)]
Names = Annotated[tuple[Id, ...], BeforeValidator(as_tuple), one_or_many(_TEXT)]
Upons = Annotated[tuple[Upon, ...], BeforeValidator(as_tuple), one_or_many(_TEXT)]

FieldType = Literal[
    "text",
    "number",
    "money",
    "ratio",
    "date",
    "instant",
    "yes_no",
    "choice",
    "choices",
    "customer",
    "order",
    "person",
    "unit",
    "units",
    "file",
    "sample",
    "lines",
]
NoticeKind = Literal["reminder", "reminder_slip", "escalation", "inquiry_slip", "notice", "first_tomorrow", "decision"]
