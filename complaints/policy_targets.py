"""Targets of measures: a number with the side on which it is reached."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema

_SIDES: dict[str, Callable[[Decimal, Decimal], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt}
_FORM = re.compile(r"(>=|<=|>|<|≥|≤)?\s*(\d+(?:\.\d+)?)\s*(%)?")
_SPELT = {"≥": ">=", "≤": "<="}


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must be: at least (`>=`, unsaid), above, at most or below *number*, in percent or plain."""

    side: str
    number: Decimal
    percent: bool

    def is_reached(self, value: Decimal) -> bool:
        """Tell whether *value* (a share in percent) is on the right side; the border counts for `>=` and `<=` (D19)."""
        return _SIDES[self.side](value, self.number)

    def __str__(self) -> str:
        sign = {">=": "≥", "<=": "≤"}.get(self.side, self.side)
        return f"{sign} {self.number:f}{' %' if self.percent else ''}"


def parse_target(raw: Any) -> Target:
    """Return the target written as `95 %`, `< 3 %` or `>= 4.5`. Raises ValueError."""
    if isinstance(raw, Target):
        return raw
    found = _FORM.fullmatch(str(raw).strip())
    if found is None or isinstance(raw, bool):
        raise ValueError(f'"{raw}" is not a target; write 95 %, "< 3 %" or ">= 4.5"')
    side, number, percent = found.groups()
    return Target(_SPELT.get(side, side or ">="), Decimal(number), percent is not None)


Goal = Annotated[
    Target,
    PlainValidator(parse_target),
    PlainSerializer(str),
    WithJsonSchema({"type": ["string", "number"]}),
]
