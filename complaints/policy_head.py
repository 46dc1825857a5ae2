"""What a policy is: its head, named values, roles, intake form, repeats and words."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from complaints.conditions_syntax import MAX_DIGITS
from complaints.limits import Limit
from complaints.policy_parts import (
    LANGUAGES,
    POLICY_ID_PATTERN,
    LimitText,
    Part,
    ShortPart,
    Source,
    ThreeWords,
    read_limit,
)
from complaints.policy_terms import (
    ALWAYS,
    Id,
    Names,
    People,
    When,
)


class Access(Part):
    """Who alone may see a case, and when that holds."""

    to: People
    when: When = Field(default_factory=lambda: ALWAYS)
    source: Source | None = None


class Header(Part):
    """What the regulation is: its name, version, languages, money, annexes, and who puts it in force."""

    id: Annotated[str, Field(pattern=POLICY_ID_PATTERN)]
    label: str
    text: str
    kind: Literal["complaints", "sub_procedure", "annex", "standing", "library"] = "complaints"
    in_force_by: Id
    registry: Id | None = None
    top: Id = "general_manager"
    languages: tuple[str, ...] = LANGUAGES
    currency: str = "CNY"
    annexes: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    choose_by: When | None = None
    access: tuple[Access, ...] = ()
    publish: Names = ()
    source: Source | None = None


class Value(Part):
    """A number, share, limit or list with a name; `desk: true` lets the desk officer set it."""

    is_: Annotated[Any, Field(validation_alias="is")]
    source: Source
    desk: bool = False
    unit: str | None = None

    @field_validator("is_", mode="before")
    @classmethod
    def _read(cls, raw: Any) -> Any:
        return read_value(raw)


def desk_value(value: Value, text: str) -> Decimal | Limit | tuple[str, ...] | bool | str:
    """
    Return what the desk writes in the place of *value*, as the same kind of thing.

    Raises:
        ValueError: it is none.
    """
    text = text.strip()
    match value.is_:
        case bool():
            if text.lower() not in ("yes", "no"):
                raise ValueError(f'"{text}" is neither yes nor no')
            return text.lower() == "yes"
        case Decimal() as stated:
            found = _amount(text)
            if 0 < stated < 1 < found:
                raise ValueError(f'"{text}" is no share; write it as {value_text(value)}')
            return found
        case tuple():
            return tuple(part.strip() for part in text.split(",") if part.strip())
        case _:
            other = read_value(text)
            if type(other) is not type(value.is_):
                raise ValueError(f'"{text}" is not like {value.is_}')
            return other


def value_text(value: Value) -> str:
    """Return a value as it is written: 50000, 5 %, a limit, choices with commas, yes or no."""
    match value.is_:
        case bool():
            return "yes" if value.is_ else "no"
        case Decimal() as number:
            return f"{(number * 100).normalize():f} %" if 0 < number < 1 else f"{number.normalize():f}"
        case tuple():
            return ", ".join(value.is_)
        case _:
            return str(value.is_)


def _amount(text: str) -> Decimal:
    """Return a number at least zero, or a share such as 5 %. Raises ValueError."""
    try:
        found = Decimal(text.removesuffix("%").strip().replace(",", ""))
    except ArithmeticError as error:
        raise ValueError(f'"{text}" is not a number; write 20000 or 5 %') from error
    if not found.is_finite() or found < 0 or found.adjusted() >= MAX_DIGITS:
        raise ValueError(f'"{text}" is not a number; write 20000 or 5 %')
    return found / 100 if text.endswith("%") else found


def read_value(raw: Any) -> Decimal | Limit | tuple[str, ...] | bool | str:
    """Return an amount, a share (`2 %` becomes 0.02), a limit, a list of choices, or yes/no."""
    if isinstance(raw, bool | Decimal | Limit):
        return raw
    if isinstance(raw, int):
        return Decimal(raw)
    if isinstance(raw, list | tuple):
        return tuple(str(item) for item in raw)
    text = str(raw).strip()
    if text.endswith("%"):
        try:
            return Decimal(text[:-1].strip()) / 100
        except ArithmeticError as error:
            raise ValueError(f'"{text}" is not a share; write 2 % or 0.5 %') from error
    return read_limit(text)


class RoleDef(Part):
    """A role of the regulation; `per: branch` gives one holder for each branch, `outside` roles do not click."""

    per: Id | None = None
    kind: Literal["inside", "outside"] = "inside"
    needs: str | None = None
    source: Source | None = None


class Intake(Part):
    """The form that logs a complaint: the stages it does in one go, and its pages."""

    stages: Names
    pages: tuple[Names, ...]
    source: Source | None = None


class Repeat(Part):
    """
    What counts as a probable repeat: the same fields within a span, which never blocks (D9). *reopens*: the stage at
    which the first case goes on when another of the same matter comes in after it was closed.
    """

    same: Names
    within: LimitText
    reopens: Id | None = None
    source: Source


class Text(ShortPart):
    """The words for one id: its name, and where people need more, what is asked, the button, what is under way, what is done."""

    name: ThreeWords
    ask: ThreeWords | None = None
    doing: ThreeWords | None = None
    done: ThreeWords | None = None
    short: ThreeWords | None = None
    button: ThreeWords | None = None
    title: ThreeWords | None = None
    submit: ThreeWords | None = None
    question: ThreeWords | None = None
    placeholder: ThreeWords | None = None
    hint: ThreeWords | None = None
    error: ThreeWords | None = None

    @classmethod
    def short_key(cls) -> str:
        return "name"
