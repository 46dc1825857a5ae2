"""Money, papers, figures and duties of a policy."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from complaints.policy_parts import (
    LimitText,
    Part,
    Source,
    Upon,
    WhoWords,
)
from complaints.policy_stages import Fills
from complaints.policy_targets import Goal
from complaints.policy_terms import (
    Id,
    Names,
    People,
    When,
    as_tuple,
    one_or_many,
)


class Money(Part):
    """A named, tested calculator with its parameters; the amount is a field with the name of the entry."""

    use: Literal["sum", "difference", "rate", "tiers", "shares", "points", "ledger", "convert", "reconcile"]
    of: Names | str | None = None
    from_: Annotated[Id | None, Field(validation_alias="from")] = None
    less: Id | None = None
    rate: Id | None = None
    bands: tuple[tuple[str | int | Decimal, str], ...] = ()
    equally: Names = ()
    by_lines: Id | None = None
    loss: Id | None = None
    points: Id | None = None
    own: Id | None = None
    cap: str | None = None
    base: Id | None = None
    who: Id | None = None
    code: Id | None = None
    each: Id | None = None
    as_: Annotated[Id | None, Field(validation_alias="as")] = None
    amounts: dict[Id, Id | int | Decimal | str] = {}
    approved: Id | None = None
    real: Id | None = None
    tolerance: Id | None = None
    beyond: Id | None = None
    when: When | None = None
    by: WhoWords | None = None
    to: WhoWords | None = None
    needs: Names = ()
    examples: tuple[dict[str, Any], ...] = ()
    source: Source


_NUMBER = re.compile(r"[A-Z/.-]*(?<!N)N{2,6}")


def _number_pattern(text: str) -> str:
    """Return *text*; raises ValueError with an example when it is not a number's pattern."""
    if not _NUMBER.fullmatch(text):
        raise ValueError(
            f'"{text}" is not the pattern of a number. Write YYYY, YY, MM or DD for the date, end with 2 to 6 N for the '
            "serial, and put capital letters, -, / or . around them as they shall stand: FF-YYYY/NNNN."
        )
    return text


class Numbering(Part):
    """How a case is numbered, when the serial begins anew, and at which stage it is drawn."""

    pattern: Annotated[str, AfterValidator(_number_pattern)]
    restart: Literal["month", "year", "never"] = "month"
    at: Id
    overflow: Literal["widen", "refuse"] = "widen"
    source: Source


class Copies(Part):
    """Who gets a copy of a form, and upon what."""

    upon: Upon
    of: Id
    to: People
    when: When | None = None
    source: Source


class Form(Part):
    """A paper form: what stands on it, how many copies it has."""

    fill: Names = ()
    copies: Annotated[int, Field(ge=1, le=20)] = 1
    source: Source | None = None


class Register(Part):
    """A list kept by a role: upon what a line is entered, and its columns."""

    upon: Upon | None = None
    when: When | None = None
    columns: Names
    kept_by: Id
    source: Source


class Papers(Part):
    """Number, copies, forms, registers, how long all is kept and who archives it."""

    number: Numbering | None = None
    copies: Annotated[tuple[Copies, ...], BeforeValidator(as_tuple), one_or_many({"type": "object"})] = ()
    forms: dict[Id, Form] = {}
    registers: dict[Id, Register] = {}
    keep: LimitText | None = None
    keep_source: Source | None = None
    archive_by: Id | None = None


DisciplineId = Literal["D0", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8"]
DISCIPLINES: tuple[DisciplineId, ...] = get_args(DisciplineId)


class Discipline(Part):
    """
    What stands under a discipline of the 8D report: fields, and stages with all that they filled. Of D4 also which
    fields say why it occurred and why it was not detected; of D1 the stages whose people are the team; of D3 the fields and
    stages that say when the containment was lifted.
    """

    fields: Names = ()
    stages: Names = ()
    occurrence: Names = ()
    escape: Names = ()
    lifted: Names = ()
    source: Source


class Measure(Part):
    """
    A figure of the reports: the share of rows with `hit`, a sum or an average, with target and comparison. `from`: rows
    that ended in the period (closed, done, called), that began in it, or that are open at its end. `sum` with `out_of` is
    the one sum as a share of the other.
    """

    of: Literal["cases", "visits", "calls", "duties"]
    from_: Annotated[Literal["closed", "received", "open"], Field(validation_alias="from")] = "closed"
    where: When | None = None
    hit: When | None = None
    per: Id | None = None
    sum: Id | None = None
    out_of: Id | None = None
    average: Id | None = None
    round: Literal["whole percent", "one decimal", "two decimals"] = "one decimal"
    target: Goal | None = None
    compare: Literal["last month", "same period"] | None = None
    examples: tuple[dict[str, Any], ...] = ()
    source: Source


class Duty(Part):
    """A task that comes back: a report, a meeting, an inspection, a handover."""

    every: Literal["day", "shift", "week", "month", "quarter", "year"] | None = None
    upon: Upon | None = None
    by: str | None = None
    who: WhoWords
    with_: Annotated[People, Field(validation_alias="with")] = ()
    from_: Annotated[
        Literal[
            "cases closed last month",
            "cases received last month",
            "cases closed last period",
            "cases received last period",
            "open cases",
        ]
        | None,
        Field(validation_alias="from"),
    ] = None
    where: When | None = None
    contents: Names = ()
    fill: Fills = ()
    approve: People = ()
    send_to: People = ()
    opens: Id | None = None
    ladder: Id | None = None
    source: Source
