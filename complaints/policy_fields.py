"""Fields of a case: their types, choices, and where their values come from."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from complaints.policy_parts import (
    LimitText,
    Part,
    ShortPart,
    Source,
)
from complaints.policy_terms import (
    Computed,
    FieldType,
    Id,
    Names,
    People,
    When,
)


class Count(Part):
    """A number counted up to now: from other cases, or the entries of a field."""

    of: Literal["cases", "units", "lines", "persons"]
    in_: Annotated[Id | None, Field(validation_alias="in")] = None
    same: Names = ()
    different: Names = ()
    within: LimitText | None = None
    where: When | None = None
    sum: Id | None = None
    source: Source | None = None


class FieldDef(ShortPart):
    """A field of the case; `order: order` is short for `order: {type: order}`."""

    type: FieldType
    of: tuple[Id, ...] | dict[Id, FieldType] = ()
    order: Literal["rising"] | None = None
    is_: Annotated[Computed | None, Field(validation_alias="is")] = None
    count: Count | None = None
    from_: Annotated[str | None, Field(validation_alias="from", pattern=r"^[a-z_]+\.[a-z_]+$")] = None
    else_: Annotated[Id | None, Field(validation_alias="else")] = None
    unknown: str | None = None
    must: When | None = None
    unit: str | None = None
    hidden_from: People = ()
    personal: bool = False
    long: bool = False
    blames: bool | None = None
    source: Source | None = None

    @classmethod
    def short_key(cls) -> str:
        return "type"

    @property
    def is_blame(self) -> bool:
        """Say whether the field names who is to blame (recusal): a `unit` does unless it says `blames: false`."""
        return self.type == "unit" if self.blames is None else self.blames

    @field_validator("of", mode="before")
    @classmethod
    def _choices(cls, raw: Any) -> Any:
        """Choices that look like numbers or yes/no in YAML are their own text."""
        if not isinstance(raw, list | tuple):
            return raw
        return [str(item).lower() if isinstance(item, bool) else str(item) for item in raw]

    @property
    def choices(self) -> tuple[str, ...]:
        """Return the choices of a choice field, in order."""
        return tuple(self.of) if self.type in ("choice", "choices") else ()

    @property
    def columns(self) -> dict[str, str]:
        """Return the columns of a lines field with their types."""
        return dict(self.of) if isinstance(self.of, dict) else {}

    @property
    def is_list_of_people(self) -> bool:
        """Say whether its lines hold nothing but a person each: they are chosen, not typed."""
        return list(self.columns.values()) == ["person"]

    @property
    def is_contact(self) -> bool:
        """Say whether it tells how to reach somebody; a long personal field tells what happened."""
        return self.personal and not self.long

    @property
    def is_computed(self) -> bool:
        """Say whether nobody fills it by hand."""
        return self.is_ is not None or self.count is not None or self.from_ is not None
